# kit.sh: sourced by tests: a database of their own, the real runner, the simulator, TAP lines.
#
# The programs are taken from BUILD (default: the current directory).
set -u
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$(cd "${BUILD:-.}" && pwd)
[ -n "${TEST_DATABASE_URL:-}" ] || exec sh "$source_dir/tests/pg.sh" bash "$0" "$@"

work=$(mktemp -d)
database=run_test_$$
failed=0
number=0
children=()

# Not in a part of the shell that ends early: the rest of the test goes on.
cleanup()
{
	[ "$BASHPID" = "$$" ] || return
	for pid in "${children[@]}"; do
		kill -CONT "$pid" 2>/dev/null
		kill -9 "$pid" 2>/dev/null
	done
	wait 2>/dev/null
	psql -qX "$TEST_DATABASE_URL" -c "drop database if exists $database with (force)" 2>/dev/null
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

psql -qX "$TEST_DATABASE_URL" -c "create database $database" || exit 1
DATABASE_URL=$(printf '%s' "$TEST_DATABASE_URL" | sed "s#/postgres?#/$database?#")
export DATABASE_URL PROMPTBUILDER_DATA_DIR="$source_dir" ANTHROPIC_API_KEY=test-key
export PROMPTBUILDER_RETRY_BASE_MS=5ms PROMPTBUILDER_RETRY_MAX_MS=20ms
export PROMPTBUILDER_LEASE_MS=${PROMPTBUILDER_LEASE_MS:-2s} PROMPTBUILDER_SPOOL_DIR=$work/spool
"$build/promptbuilder" migrate >/dev/null || exit 1

# ---- Tools. ----

say() # STATUS CLAIM
{
	number=$((number + 1))
	if [ "$1" = 0 ]; then
		echo "ok $number - $2"
	else
		echo "not ok $number - $2"
		failed=$((failed + 1))
	fi
}

sql()
{
	psql -qtAX -v ON_ERROR_STOP=1 "$DATABASE_URL" -c "$1"
}

same() # CLAIM WANTED GOT
{
	[ "$2" = "$3" ]
	say $? "$1"
	[ "$2" = "$3" ] || printf '#   wanted %s\n#   got    %s\n' "$2" "$3"
}

# The value of a query.
is() # CLAIM WANTED QUERY
{
	same "$1" "$2" "$(sql "$3")"
}

# Waits until a query gives the value, at most so many seconds.
wait_for() # SECONDS WANTED QUERY
{
	local end=$((SECONDS + $1))
	until [ "$(sql "$3")" = "$2" ]; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.03
	done
}

# Waits until a command succeeds, at most so many seconds.
wait_until() # SECONDS COMMAND...
{
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.03
	done
}

# The operator's tool; sets $status, leaves $work/out and $work/err.
tool() # ARGUMENT...
{
	"$build/promptbuilder" "$@" >"$work/out" 2>"$work/err"
	status=$?
}

# What it said, on either.
told() # CLAIM PATTERN
{
	cat "$work/out" "$work/err" | grep -qE -e "$2"
	say $? "$1"
	cat "$work/out" "$work/err" | grep -qE -e "$2" || sed 's/^/#   /' "$work/err" "$work/out"
}

# Every row of sql/invariant.sql that breaks what must hold.
breaches()
{
	sed "s/\$1/${PROMPTBUILDER_ACCOUNT_CONCURRENCY:-200}/" "$source_dir/sql/invariant.sql" |
		psql -qtAX -v ON_ERROR_STOP=1 "$DATABASE_URL" -f - 2>&1
}

launch() # MODEL TARGET LIMIT: the run's id
{
	sql "select launch('$1', $2, $3)"
}

ended() # RUN SECONDS
{
	wait_for "$2" t "select status in ('completed', 'failed', 'cancelled')
		from pipeline_runs where id = '$1'"
}

simulator() # OPTION...: sets $provider
{
	: >"$work/simulator.out"
	"$build/promptbuilder-simulator" --port 0 "$@" >"$work/simulator.out" 2>"$work/simulator.err" &
	simulator_pid=$!
	children+=("$simulator_pid")
	until provider=$(grep -o 'http://[0-9.:]*' "$work/simulator.out"); do
		kill -0 "$simulator_pid" 2>/dev/null || exit 1
		sleep 0.02
	done
	export ANTHROPIC_BASE_URL=$provider
}

stop_simulator()
{
	kill "$simulator_pid" 2>/dev/null
	wait "$simulator_pid" 2>/dev/null
}

faults() # SPEC...: in force from now on, with all counts at zero
{
	local specs=
	for spec in "$@"; do
		specs="$specs,\"$spec\""
	done
	curl -sf -X POST "$provider/simulator/reset" >/dev/null
	curl -sf -H 'content-type: application/json' -d "{\"faults\":[${specs#,}]}" \
		"$provider/simulator/faults" >/dev/null
}

requests() { curl -sf "$provider/simulator/stats" | grep -o '"requests":[0-9]*' | head -n 1 | cut -d: -f2; }

runner() # sets $runner_pid
{
	"$build/promptbuilder-runner" 2>>"$work/runner.log" &
	runner_pid=$!
	children+=("$runner_pid")
}

stop_runner()
{
	kill -TERM "$runner_pid" 2>/dev/null
	wait "$runner_pid" 2>/dev/null
}

sql "insert into accounts (slug, name) values ('acme', 'Acme')" >/dev/null
sql "insert into assistants (account_id, external_id, name)
	select id, 'support', 'Support' from accounts" >/dev/null
sql "insert into model_prices (account_id, model, input_pico, output_pico, cache_read_pico,
	cache_write_5m_pico, cache_write_1h_pico, source)
	select id, 'claude-opus-4-5-20251101', 15000000, 75000000, 1500000, 18750000, 30000000, 'test'
	from accounts" >/dev/null
sql "create sequence launched;
create function launch(p_model text, p_target integer, p_limit integer, p_slug text default null)
returns uuid
language sql as \$\$
	with run as (
		insert into pipeline_runs (account_id, assistant_id, pipeline_id, briefing_id, status,
			briefing_data, model, target_score, iteration_limit)
		select account_id, id, 'pipeline_' || nextval('launched'), 'briefing_1', 'queued',
			jsonb_build_object('assistantId', 'support', 'company', 'Acme </briefing> & Co',
				'purpose', 'Answer questions about orders.', 'tone', 'friendly',
				'facts', jsonb_build_array('Open 9 to 17', 'Returns within 30 days'),
				'rules', jsonb_build_array('Be polite', E'Never say \"no\" \\\\ \u2028')),
			p_model, p_target, p_limit
		from assistants where p_slug is null or account_id = (
			select id from accounts where slug = p_slug)
		limit 1 returning account_id, id
	), job as (
		insert into jobs (account_id, pipeline_run_id) select account_id, id from run
		returning pipeline_run_id
	)
	select pipeline_run_id from job, pg_notify('promptbuilder_jobs', '')
\$\$" >/dev/null

finish()
{
	echo "1..$number"
	[ "$failed" = 0 ] || cp "$work/runner.log" "${TMPDIR:-/tmp}/runner_test.log"
	[ "$failed" = 0 ]
}
