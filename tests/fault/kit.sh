# kit.sh: sourced by the fault tests: faults, what must hold after each, and the table's numbers.
#
# With FAULT_LONG=yes the tests take minutes instead of seconds. FAULT_TABLE is a file that gets
# each test's line of the table that "./dev check fault" prints.

# A server of our own, which can be stopped and keeps what it has committed.
if [ -z "${FAULT_SERVER:-}" ]; then
	unset TEST_DATABASE_URL
	export FAULT_SERVER=own TEST_PG_SETTINGS='synchronous_commit = on'
fi
export PROMPTBUILDER_LEASE_MS=${PROMPTBUILDER_LEASE_MS:-1s}
. "$(dirname "${BASH_SOURCE[0]}")/../run/kit.sh"
. "$source_dir/tests/fault/proxy.sh"
long=${FAULT_LONG:-}
injected=0 longest_ms=0

sql "create table sim_raw (doc jsonb);
create view sim as select r.* from sim_raw, jsonb_to_recordset(doc -> 'requests') as r (
	request_id text, message_id text, outcome text, input_tokens bigint, output_tokens bigint,
	cache_read_input_tokens bigint, cache_creation_input_tokens bigint)" >/dev/null

now_ms() { date +%s%3N; }

# The runner that knows the points; sets $runner_pid.
fault_runner() # POINT[+]:N:kill|stop
{
	FAULT=$1 "$build/tests/fault/runner" 2>>"$work/runner.log" &
	runner_pid=$!
	children+=("$runner_pid")
	disown "$runner_pid" # the shell would tell of each that is killed
}

# Waits until a runner is gone.
is_gone() # PID SECONDS
{
	local end=$((SECONDS + $2))
	while [ -e "/proc/$1" ]; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.01
	done
}

# Waits until a runner is stopped.
is_stopped() # PID SECONDS
{
	local end=$((SECONDS + $2))
	until [[ $(cat "/proc/$1/stat" 2>/dev/null) = *") T "* ]]; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.01
	done
}

# Jobs and open calls that no runner with a lease holds.
held="select (select count(*) from jobs j where j.state = 'running' and not exists (
	select from runners r where r.id = j.runner_id and r.lease_until > clock_timestamp()))
	+ (select count(*) from attempts a where a.state = 'open' and not exists (
	select from runners r where r.id = a.runner_id and r.lease_until > clock_timestamp()))"

# All that a dead runner held is in other hands; remembers how long that took.
recovered() # SINCE-MS [SECONDS]
{
	wait_for "${2:-15}" 0 "$held"
	local status=$? took_ms=$(($(now_ms) - $1))
	[ "$took_ms" -le "$longest_ms" ] || longest_ms=$took_ms
	return $status
}

# How the provider's own record differs from the ledger: a line for each difference.
differences()
{
	local end=$((SECONDS + 5))
	until curl -sf "$provider/simulator/stats" | grep -q '"in_flight":0'; do
		[ "$SECONDS" -lt "$end" ] || break
		sleep 0.05
	done
	sql "truncate sim_raw"
	curl -sf "$provider/simulator/requests" | psql -qX "$DATABASE_URL" \
		-c "copy sim_raw from stdin (format csv, quote e'\\x01', delimiter e'\\x02')"
	sql "select 'request ' || s.request_id || ' belongs to ' || count(a.id) || ' calls'
		from sim s join attempts a on s.request_id = a.provider_request_id
			or s.message_id = a.provider_message_id
		group by s.request_id having count(a.id) > 1
	union all
	select 'call ' || a.id || ' has a request that was never made'
		from attempts a where a.provider_request_id is not null and not exists (
		select from sim s where s.request_id = a.provider_request_id)
	union all
	select n || ' requests belong to no call, ' || m || ' calls have no request' from
		(select count(*) as n from sim s where not exists (select from attempts a
			where a.provider_request_id = s.request_id or a.provider_message_id = s.message_id))
			as requests,
		(select count(*) as m from attempts a where a.provider_request_id is null
			and a.provider_message_id is null and a.state in ('settled', 'unknown')) as calls
		where n > m
	union all
	select 'call ' || a.id || ' is a success, its request ' || s.outcome
		from attempts a join sim s on s.request_id = a.provider_request_id
		where a.succeeded and s.outcome <> 'completed'
	union all
	select 'call ' || a.id || ' is booked with other tokens than were answered'
		from attempts a join sim s on s.request_id = a.provider_request_id
		join (select attempt_id, sum(input_tokens) as i, sum(output_tokens) as o,
			sum(cache_read_tokens) as r, sum(cache_write_tokens) as w
			from cost_entries where attempt_id is not null group by attempt_id) as e
		on e.attempt_id = a.id
		where a.state = 'settled' and not a.estimated and (e.i, e.o, e.r, e.w) is distinct from
			(s.input_tokens, s.output_tokens, s.cache_read_input_tokens,
			s.cache_creation_input_tokens)"
}

# What must hold after every fault.
sound() # CLAIM
{
	local wrong
	wrong=$(
		breaches
		differences
	)
	[ -z "$wrong" ]
	say $? "$1: no invariant is broken, and the provider counts what the ledger does"
	[ -z "$wrong" ] || printf '%s\n' "$wrong" | head -n 10 | sed 's/^/#   /'
}

all_ended() # SECONDS
{
	wait_for "$1" 0 "select count(*) from jobs where state <> 'done'"
}

# The line of the table.
tell() # NAME
{
	local line
	line="$1|$injected|$(sql "select count(*) filter (where status in ('completed', 'failed', 'cancelled'))
		|| '|' || count(*) filter (where status in ('queued', 'running')) || '|' ||
		(select count(*) from (select from cost_entries where kind = 'call' and attempt_id is not null
			group by attempt_id having count(*) > 1) as twice) || '|' ||
		(select count(*) from attempts where state = 'unknown') || '|' ||
		(select count(*) from attempts) from pipeline_runs")|$longest_ms"
	echo "# $line"
	[ -z "${FAULT_TABLE:-}" ] || echo "$line" >>"$FAULT_TABLE"
}

# The database as one reaches it through the proxy "db".
sockets=$(psql -qtAX "$TEST_DATABASE_URL" -c "show unix_socket_directories")
db_through() { echo "postgresql://postgres@127.0.0.1:$db_port/$database"; }

# The server of this test, as its owner does it.
as_postgres()
{
	local bin
	bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
	if [ "$(id -u)" = 0 ]; then
		(cd "$sockets" && runuser -u postgres -- "$bin/$1" "${@:2}" >/dev/null 2>&1)
	else
		"$bin/$1" "${@:2}" >/dev/null 2>&1
	fi
}
stop_server() { as_postgres pg_ctl -D "$sockets/data" -m immediate stop; }
start_server() { as_postgres pg_ctl -D "$sockets/data" -l "$sockets/server.log" -w -t 60 start; }
