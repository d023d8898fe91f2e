#!/usr/bin/env bash
# sheet_test.sh: ended runs in a spreadsheet, by the real runner and a stand-in for Google: each run
# once and as the ledger has it, whatever goes wrong when. Prints a TAP line per claim.
#
#	tests/run/sheet_test.sh [CASE...]
. "$(dirname "${BASH_SOURCE[0]}")/kit.sh"

sql "create table fake (doc jsonb)"
address=writer@project.iam.gserviceaccount.com

# ---- Tools. ----

tool() { "$build/promptbuilder" "$@" 2>>"$work/tool.err"; }

has() # CLAIM TEXT PATTERN
{
	printf '%s\n' "$2" | grep -qE -e "$3"
	local missing=$?
	say $missing "$1"
	[ $missing = 0 ] || printf '#   no %s in %s\n' "$3" "$2"
}

key() # FILE [ADDRESS]
{
	python3 - "$work/private.pem" "$google" "${2:-$address}" >"$1" <<-'END'
		import json, sys
		print(json.dumps({"type": "service_account", "client_email": sys.argv[3],
		    "private_key_id": "k1", "private_key": open(sys.argv[1]).read(),
		    "token_uri": sys.argv[2] + "/token"}))
	END
	chmod 600 "$1"
}

google() # a new spreadsheet; sets $google
{
	openssl genrsa -out "$work/private.pem" 2048 2>/dev/null
	openssl rsa -in "$work/private.pem" -pubout -out "$work/public.pem" 2>/dev/null
	: >"$work/google.out"
	python3 "$source_dir/tests/run/google.py" "$work/public.pem" "$address" sheet-1 "Runs 'n' costs" \
		>"$work/google.out" 2>"$work/google.err" &
	google_pid=$!
	children+=("$google_pid")
	until google=$(grep -o 'http://[0-9.:]*' "$work/google.out"); do
		kill -0 "$google_pid" 2>/dev/null || exit 1
		sleep 0.02
	done
	key "$work/key.json"
	export GOOGLE_SHEETS_ID=sheet-1 GOOGLE_SHEETS_BASE_URL=$google GOOGLE_SHEETS_PERIOD_MS=1s
	export GOOGLE_SHEETS_TAB="Runs 'n' costs" GOOGLE_SHEETS_TIMEOUT_MS=${timeout:-1s}
	export GOOGLE_APPLICATION_CREDENTIALS=$work/key.json
}

stop_google()
{
	kill "$google_pid" 2>/dev/null
	wait "$google_pid" 2>/dev/null
}

wrongs() # {"append": ["500", ...], ...}: in force from now on
{
	curl -sf -X POST -d "$1" "$google/fake/faults" >/dev/null
}

# A run that has ended with costs of odd amounts, for tests that need no provider.
run_ended() # [STATUS]
{
	sql "with run as (insert into pipeline_runs (account_id, assistant_id, pipeline_id, briefing_id,
			status, briefing_data, model)
		select account_id, id, 'pipeline_' || nextval('launched'), 'briefing_1', 'running', '{}', 'm'
		from assistants limit 1 returning account_id, assistant_id, id),
	line as (insert into cost_entries (account_id, assistant_id, pipeline_run_id, operation, model,
			input_tokens, output_tokens, cache_read_tokens, cost_usd)
		select account_id, assistant_id, id, 'prompt_' || o, 'm', 1000 + n, 77 * n, n,
			n * 0.100000001 + (random() * 1000)::integer * 0.000000007
		from run, unnest(array['generation', 'analysis', 'improvement', 'chat']) with ordinality as x (o, n))
	select id from run" >"$work/run_ids"
	sql "update pipeline_runs set status = '${1:-completed}', completed_at = now()
		where id = '$(cat "$work/run_ids")'"
	cat "$work/run_ids"
}

# A runner has turned the spreadsheet on: what ends before that is not queued.
sheet_on() { wait_for 10 1 "select count(*) from sheets where is_on"; }

runner_on()
{
	runner
	sheet_on
}

# Every row is written.
drained() # SECONDS
{
	wait_for "$1" 0 "select count(*) from sheet_rows where state <> 'written'"
}

# The spreadsheet against the ledger: a line for each difference.
differences()
{
	curl -sf "$google/fake/rows" >"$work/rows.json"
	sql "truncate fake"
	psql -qX "$DATABASE_URL" \
		-c "copy fake from stdin (format csv, quote e'\\x01', delimiter e'\\x02')" <"$work/rows.json"
	sql "with cells as (
		select r.n, r.c ->> 0 as id, r.c ->> 4 as run, r.c ->> 5 as status,
			array(select nullif(r.c ->> k, '')::numeric from generate_series(9, 17) as k) as amounts,
			(r.c ->> 18)::numeric as exact, jsonb_typeof(r.c -> 17) as type
		from fake, jsonb_array_elements(doc) with ordinality as r (c, n)
		where r.c ->> 4 like 'pipeline%'
	), ledger as (
		select p.pipeline_id, array[sum(e.input_tokens), sum(e.output_tokens),
			sum(e.cache_read_tokens), sum(e.cache_write_tokens),
			coalesce(sum(e.cost_usd) filter (where operation = 'prompt_generation'), 0),
			coalesce(sum(e.cost_usd) filter (where operation = 'prompt_analysis'), 0),
			coalesce(sum(e.cost_usd) filter (where operation = 'prompt_improvement'), 0),
			coalesce(sum(e.cost_usd) filter (where operation not in ('prompt_generation',
				'prompt_analysis', 'prompt_improvement')), 0),
			sum(e.cost_usd)] as amounts, sum(e.cost_usd) as total
		from pipeline_runs p left join cost_entries e on e.account_id = p.account_id
			and e.pipeline_run_id = p.id
		where p.status in ('completed', 'failed', 'cancelled') group by p.pipeline_id
	), told as (
		select run, array(select sum(s.amounts[k]) from cells s cross join generate_series(1, 9) as k
			where s.run = c.run group by k order by k) as amounts,
			sum(exact) as exact, min(type) as type
		from cells c group by run
	)
	select id || ' stands there ' || count(*) || ' times' from cells group by id having count(*) > 1
	union all
	select pipeline_id || ' is not there' from ledger where pipeline_id not in (select run from cells)
	union all
	select run || ' has not ended' from told where run not in (select pipeline_id from ledger)
	union all
	select run || ' says ' || t.amounts::text || ' in place of ' || l.amounts::text
		from told t join ledger l on l.pipeline_id = t.run
		where exists (select from generate_series(1, 9) as k
			where t.amounts[k] <> coalesce(l.amounts[k], 0)) or t.exact <> coalesce(l.total, 0)
			or t.type <> 'number'"
}

# What must hold after everything.
sound() # CLAIM [SECONDS]
{
	local differing forbidden
	drained "${2:-15}"
	say $? "$1: nothing waits any more"
	differing=$(differences)
	forbidden=$(curl -sf "$google/fake/stats" | grep -o '"wrong": \[[^]]*\]')
	[ -z "$differing" ] && [ "$forbidden" = '"wrong": []' ]
	say $? "$1: each run stands there once, and as the ledger has it"
	[ -z "$differing" ] || printf '%s\n' "$differing" | head -n 5 | sed 's/^/#   /'
	[ "$forbidden" = '"wrong": []' ] || echo "#   $forbidden"
}

problem() # CLAIM PATTERN: what went wrong is stored and told
{
	wait_for 10 t "select problem ~ '$2' from sheets where is_on"
	local status=$?
	say $status "$1"
	[ $status = 0 ] || echo "#   $(sql "select problem from sheets where is_on")"
}

# Without waiting for the wait after a failure.
now() { sql "update sheets set next_at = now(), failures = 0"; }

# ---- Cases. ----

case_life()
{
	simulator
	sql "insert into pipeline_runs (account_id, assistant_id, pipeline_id, briefing_id, status,
		briefing_data, completed_at) select account_id, id, 'pipeline_old', 'b', 'completed', '{}',
		now() - interval '2 days' from assistants limit 1"
	GOOGLE_SHEETS_ID='' runner
	run=$(launch claude-sonnet-5 60 0)
	ended "$run" 20
	stop_runner
	is "without a spreadsheet nothing is queued" 0 "select count(*) from sheet_rows"
	has "and the tool says so" "$(tool sheets status)" '^no spreadsheet is set'
	google
	sql "update assistants set external_id = '=1+1'"
	runner_on
	for target in 60 95 95; do launch claude-sonnet-5 $target 2 >/dev/null; done
	faults 500,phase=improvement
	failing=$(launch claude-sonnet-5 95 1)
	ended "$failing" 20
	faults
	wait_for 20 0 "select count(*) from jobs where state <> 'done'"
	sql "update pipeline_runs set status = 'failed', completed_at = now() where pipeline_id = 'x'"
	tool sheets backfill --from "$(date -u -d '-1 day' +%F)" >/dev/null
	is "backfill queues what ended since a day, once" 5 "select count(*) from sheet_rows"
	has "and says how many" "$(tool sheets backfill --from 2020-01-01)" '^1 run '
	sound "runs of all ends"
	is "the first row has the headings, text stays text" "id|total USD, exact|=1+1|text" \
		"select concat_ws('|', doc -> 0 ->> 0, doc -> 0 ->> 18, doc -> 1 ->> 3,
		case jsonb_typeof(doc -> 1 -> 18) when 'string' then 'text' end) from fake"
	is "score, version and iterations are those of the version" 0 "select count(*) from fake,
		jsonb_array_elements(doc) as c join pipeline_runs p on p.pipeline_id = c ->> 4
		join prompt_versions v on v.pipeline_run_id = p.id
		where (c ->> 6, (c ->> 7)::numeric, (c ->> 8)::integer) is distinct from
			(v.version, v.final_score, v.total_iterations)"
	is "a failed run is there with what it cost" failed "select c ->> 5 from fake,
		jsonb_array_elements(doc) as c join pipeline_runs p on p.pipeline_id = c ->> 4
		where p.id = '$failing'"
	tool run retry "$failing" >/dev/null
	ended "$failing" 20
	sound "a failed run that is retried"
	is "has a second row with the difference" "failed completed" "select string_agg(c ->> 5, ' '
		order by c ->> 0) from fake, jsonb_array_elements(doc) as c
		join pipeline_runs p on p.pipeline_id = c ->> 4 where p.id = '$failing'"
	entry=$(sql "select id from cost_entries where pipeline_run_id = '$failing' limit 1")
	tool cost adjust "$entry" --amount -0.000000003 --reason test >/dev/null
	is "a correction is queued with the line" 1 "select count(*) from sheet_rows where state <> 'written'"
	sound "a corrected line"
	has "status tells" "$(tool sheets status)" '^written +8'
	[ "$(curl -sf "$google/fake/stats" | grep -o '"close": [0-9]*')" = '"close": 0' ]
	say $? "requests are a second apart"
	stop_runner
	stop_simulator
	stop_google
	sql "update assistants set external_id = 'support'"
}

fresh() # a new spreadsheet, nothing queued
{
	[ -z "${google_pid:-}" ] || stop_google
	sql "delete from cost_entries; delete from pipeline_runs; delete from sheets"
	google
}

case_faults()
{
	fresh
	runner_on
	for fault in 429-html 429 500 302 hang html commit-503 commit-cut commit-hang commit-html \
		commit-drip commit-huge late; do
		wrongs "{\"append\": [\"$fault\"]}"
		for _ in 1 2; do run_ended >/dev/null; done
		wait_for 10 t "select failures > 0 from sheets where is_on"
		say $? "$fault: it is noticed"
		run_ended failed >/dev/null
		now
		sound "$fault"
	done
	wrongs '{"append": ["401", "commit-cut", "cut", "commit-503"], "get": ["500", "html", "hang"]}'
	for _ in 1 2 3 4; do run_ended >/dev/null; done
	sound "one after another, also while it looks" 60
	is "the problem is forgotten" t "select problem is null from sheets"
	stop_runner
}

case_tokens()
{
	fresh
	wrongs '{"token": ["500", "html", "cut"]}'
	runner_on
	run_ended >/dev/null
	sound "a token server that is away" 30
	curl -sf -X POST "$google/fake/expire" >/dev/null
	run_ended >/dev/null
	sound "an expired token"
	is "tokens are kept" t "select $(curl -sf "$google/fake/stats" | grep -o '"token": [0-9]*' | cut -d' ' -f2) <= 5"
	for case in "skew:this machine''s clock is [0-9]+ s fast" \
		"deleted:make a new one for the service account"; do
		curl -sf -X POST "$google/fake/expire" >/dev/null
		wrongs "{\"token\": [\"${case%%:*}\"]}"
		run_ended >/dev/null
		problem "${case%%:*}: it says what to do" "${case#*:}"
		now
		sound "${case%%:*}"
	done
	stop_runner
	# Key files.
	run_ended >/dev/null
	runner_with() # CLAIM PATTERN
	{
		runner
		problem "$1" "$2"
		stop_runner
	}
	GOOGLE_APPLICATION_CREDENTIALS='' runner_with "no key file" 'GOOGLE_APPLICATION_CREDENTIALS is not set'
	GOOGLE_APPLICATION_CREDENTIALS=/nowhere runner_with "a missing key file" 'cannot be opened: No such file'
	echo '{"type": "authorized_user"}' >"$work/other.json"
	GOOGLE_APPLICATION_CREDENTIALS=$work/other.json runner_with "another file" 'not the key file of a service account'
	key "$work/other.json" stranger@example.com
	GOOGLE_APPLICATION_CREDENTIALS=$work/other.json runner_with "another account" 'does not know the key'
	sed -i 's/BEGIN PRIVATE/BEGIN BROKEN/' "$work/other.json"
	GOOGLE_APPLICATION_CREDENTIALS=$work/other.json runner_with "a broken key" 'no RSA key'
	sed 's#http://127.0.0.1#http://example.com#' "$work/key.json" >"$work/other.json"
	GOOGLE_APPLICATION_CREDENTIALS=$work/other.json runner_with "a token server without https" 'token_uri of the key file must be https'
	chmod 644 "$work/key.json"
	runner
	sound "after all of these"
	grep -q 'everybody on this machine may read the key' "$work/runner.log"
	say $? "a key that everybody may read is told of in the log"
	has "and doctor tells" "$(tool doctor)" 'Google credentials: mode 0644'
	grep -q 'PRIVATE KEY\|ya29' "$work/runner.log" "$work/tool.err"
	[ $? = 1 ]
	say $? "no key and no token is in the log"
	GOOGLE_SHEETS_BASE_URL=http://example.com "$build/promptbuilder-runner" 2>/dev/null
	[ $? = 78 ]
	say $? "an address without https is refused at the start"
	stop_runner
}

case_refusals()
{
	fresh
	runner_on
	for case in "403:share it with $address as Editor" '403-off:enable it in the Google Cloud console'; do
		wrongs "{\"append\": [\"${case%%:*}\"], \"get\": [\"${case%%:*}\"]}"
		run_ended >/dev/null
		problem "${case%%:*}: it says what to do" "${case#*:}"
		wrongs '{}'
		now
		sound "${case%%:*}"
	done
	has "doctor is content" "$(tool doctor | grep 'Google Sheets')" '^ok '
	stop_runner
	run_ended >/dev/null
	GOOGLE_SHEETS_TAB=other runner
	problem "a tab that is missing" 'has no tab "other"'
	has "doctor warns, with the remedy" "$(tool doctor | grep 'Google Sheets')" '^warning.*has no tab'
	stop_runner
	GOOGLE_SHEETS_ID=nowhere runner
	problem "a spreadsheet that is not there" 'no spreadsheet with the ID nowhere'
	stop_runner
	is "the last one that was set is the one that is on" "nowhere 1" \
		"select max(spreadsheet_id) || ' ' || count(*) from sheets where is_on"
	GOOGLE_SHEETS_ID=https://docs.google.com/spreadsheets/d/sheet-1/edit#gid=0 runner
	wait_for 10 1 "select count(*) from sheets where is_on and spreadsheet_id = 'sheet-1'"
	sound "an address in place of the ID, and what waited for a wrong one"
	curl -sf -X PUT -d '[[], [], [null, null, null, "mine", "too"]]' "$google/fake/rows" >/dev/null
	run_ended >/dev/null
	problem "rows beside another table" 'not in the first column'
	stop_runner
	has "off ends it" "$(tool sheets off)" '^sheet-1, tab'
	run_ended >/dev/null
	is "and nothing is queued any more" 0 "select count(*) from sheet_rows where state <> 'written'
		and created_at > now() - interval '1 s'"
}

case_orders()
{
	fresh
	runner_on
	has "a test row is written" "$(tool sheets test)" "^written: 'Runs 'n' costs'!A[0-9]+:S[0-9]+$"
	for _ in 1 2 3 4 5 6; do run_ended >/dev/null; done
	sound "rows after a test row"
	has "a comparison finds all as it is" "$(tool sheets compare)" '^rows 7, missing 0, doubled 0, differing 0, unknown 0$'
	# Row 3 goes, row 4 doubles, row 5 costs something else, a stranger comes in.
	curl -sf "$google/fake/rows" | python3 -c '
import json, sys
rows = json.load(sys.stdin)
del rows[2]
rows.append(rows[3])
rows[4] = rows[4][:17] + [1.5, "1.500000000"]
rows.append(["somebody", "=1+1"])
print(json.dumps(rows))' >"$work/changed.json"
	curl -sf -X PUT -d @"$work/changed.json" "$google/fake/rows" >/dev/null
	found=$(tool sheets compare)
	has "another one finds what is wrong" "$found" '^rows 8, missing 1, doubled 1, differing 1, unknown 1$'
	has "the missing row by its id" "$found" '^missing +pipeline_[0-9]+ '
	has "where the doubled one stands" "$found" '^doubled .* in rows 4, 8$'
	has "what the other one says" "$found" '^differing .* row 5: 1\.500000000 USD in place of 1\.0'
	has "and who is unknown" "$found" '^unknown +somebody +row 9'
	has "status counts what is missing" "$(tool sheets status)" '^missing +1'
	has "what is missing is written" "$(tool sheets compare --write)" '^1 row is written again$'
	drained 15
	has "and then it is there" "$(tool sheets compare)" 'missing 0, doubled 1'
	curl -sf "$google/fake/rows" | python3 -c '
import json, sys
rows = json.load(sys.stdin)
del rows[6:8]
rows[4] = rows[5]
del rows[5]
print(json.dumps(rows))' >"$work/changed.json"
	wrongs '{"get": ["403"]}'
	has "a comparison that cannot read says why" "$(tool sheets compare 2>&1; tail -n 1 "$work/tool.err")" 'share it with'
	wrongs '{"append": ["commit-hang"]}'
	has "a test without an answer says so" "$(tool sheets test; tail -n 1 "$work/tool.err")" 'not known whether'
	stop_runner
	stop_google
	tool sheets off >/dev/null
	tool sheets test >/dev/null
	has "without a spreadsheet there is nothing to test" "$(tail -n 1 "$work/tool.err")" 'No spreadsheet is on'
}

case_crashes()
{
	fresh
	for fault in slow commit-hang hang late; do
		wrongs "{\"append\": [\"$fault\"]}"
		runner_on
		run_ended >/dev/null
		run_ended >/dev/null
		wait_for 10 t "select count(*) > 0 from sheet_rows where state = 'sent'"
		kill -9 "$runner_pid"
		wait "$runner_pid" 2>/dev/null
		runner
		sound "a runner killed while its rows were under way ($fault)" 20
		stop_runner
	done
	crew=()
	for _ in 1 2 3; do
		runner
		crew+=("$runner_pid")
	done
	for _ in $(seq 20); do run_ended >/dev/null; done
	wrongs '{"append": ["commit-cut", "500"]}'
	sound "three runners at once" 30
	is "one of them writes" 1 "select count(distinct writer_id) from sheets where is_on"
	wrongs '{"append": ["slow"]}'
	run_ended >/dev/null
	wait_for 10 t "select count(*) > 0 from sheet_rows where state = 'sent'"
	sql "select pg_terminate_backend(pid) from pg_stat_activity
		where application_name = 'promptbuilder-runner'" >/dev/null
	sound "the database cuts all connections while rows are under way" 30
	kill -TERM "${crew[@]}"
	wait "${crew[@]}"
}

stopped() # PID
{
	until [[ $(cat "/proc/$1/stat" 2>/dev/null) = *") T "* ]]; do sleep 0.02; done
}

# Killed before the request, after its answer, after that is stored; and stopped for longer than
# anybody waits for it.
case_points()
{
	fresh
	for point in taken:1:kill taken:2:kill appended:1:kill appended:2:kill written:1:kill \
		written:2:kill taken:2:stop appended:2:stop; do
		FAULT=$point "$build/tests/fault/runner" 2>>"$work/runner.log" &
		victim=$!
		children+=("$victim")
		sheet_on
		run_ended >/dev/null
		run_ended failed >/dev/null
		if [[ $point = *kill ]]; then { wait "$victim"; } 2>/dev/null; else stopped "$victim"; fi
		runner
		sound "$point" 20
		stop_runner
		kill -CONT "$victim" 2>/dev/null
		run_ended >/dev/null
		[[ $point != *stop ]] || sound "$point: it wakes up" 20
		kill -TERM "$victim" 2>/dev/null
		wait "$victim" 2>/dev/null
	done
}

case_backlog()
{
	fresh
	runner_on
	kill -STOP "$google_pid"
	sql "with run as (insert into pipeline_runs (account_id, assistant_id, pipeline_id, briefing_id,
			status, briefing_data, model)
		select account_id, id, 'pipeline_' || nextval('launched'), 'b', 'running', '{}', 'm'
		from assistants, generate_series(1, 1700) returning account_id, assistant_id, id)
	insert into cost_entries (account_id, assistant_id, pipeline_run_id, operation, model,
		input_tokens, output_tokens, cost_usd)
	select account_id, assistant_id, id, 'prompt_generation', 'm', 5, 6, 0.000000001 from run"
	sql "update pipeline_runs set status = 'completed', completed_at = now() where status = 'running'"
	problem "a Google that does not answer" 'Google (does not answer|gives no token)'
	has "the backlog is told" "$(tool sheets status)" '^waiting +1700, the oldest since '
	kill -CONT "$google_pid"
	now
	begin=$(date +%s%3N)
	sound "a backlog of 1700" 40
	echo "# $(($(date +%s%3N) - begin)) ms"
	[ "$(curl -sf "$google/fake/stats" | grep -o '"append": [0-9]*' | cut -d' ' -f2)" -le 6 ]
	say $? "goes in batches"
	stop_runner
}

cases="life faults tokens refusals orders crashes points backlog"
for name in ${*:-$cases}; do
	echo "# $name"
	"case_$name"
done
finish
