#!/usr/bin/env bash
# storm_test.sh: several runners under load, of which some are killed and stopped all the time,
# while the database goes away, connections break, the provider fails in three of ten calls, users
# cancel and a budget runs out.
#
#	[FAULT_LONG=yes] [FAULT_SEED=N] tests/fault/storm_test.sh
. "$(dirname "${BASH_SOURCE[0]}")/kit.sh"
RANDOM=${FAULT_SEED:-$(($$ % 32768))}
echo "# FAULT_SEED=${FAULT_SEED:-$(($$ % 32768))}"
seconds=12 most=90 batch=30
[ -z "$long" ] || seconds=240 most=1100 batch=40
export PROMPTBUILDER_SILENCE_MS=1s PROMPTBUILDER_FIRST_BYTE_MS=1s

sql "insert into accounts (slug, name) values ('poor', 'Poor'), ('other', 'Other');
	insert into assistants (account_id, external_id, name)
	select id, 'support', 'Support' from accounts where slug <> 'acme';
	create table storm (at timestamptz, what text, runner_id uuid)" >/dev/null
"$build/promptbuilder" budget set --account poor --period month --cap 1 >/dev/null
proxy db "$sockets/.s.PGSQL.5432"
simulator --latency-ms 400
proxy llm "${provider#http://}"

mix=()
for kind in 429 529 500 504 html cut stall ping-only drip error-event no-stop bad-json bad-schema \
	truncated usage-lies usage-grows wrong-content-type; do
	mix+=("$kind:0.017")
done
faults "${mix[@]}" refusal:0.004 "429:0.004,retry-after=2"

# Half of the runners reach database and provider through the proxies.
runners=()
start_one() # PLACE
{
	if [ $(($1 % 2)) = 0 ]; then
		runner
	else
		DATABASE_URL=$(db_through) ANTHROPIC_BASE_URL=http://127.0.0.1:$llm_port runner
	fi
	disown "$runner_pid"
	runners[$1]=$runner_pid
}

load()
{
	local waiting
	waiting=$(sql "select count(*) from jobs where state = 'queued'" 2>/dev/null) || return
	[ "$waiting" -lt "$batch" ] && [ "$launched" -lt "$most" ] || return
	sql "select launch('claude-sonnet-5', 50 + n % 50, n % 3,
		(array['acme', 'poor', 'other'])[1 + n % 3]) from generate_series(1, $batch) as n" \
		>/dev/null 2>&1 && launched=$((launched + batch))
}

note() # WHAT [PID]
{
	sql "insert into storm select to_timestamp($(now_ms) / 1000.0), '$1',
		(select id from runners where pid = ${2:-0} order by started_at desc limit 1)" 2>/dev/null
}

strike()
{
	local place=$((RANDOM % ${#runners[@]}))
	local pid=${runners[$place]}
	injected=$((injected + 1))
	case $((RANDOM % 13)) in
		0 | 1 | 2)
			note kill "$pid"
			kill -9 "$pid"
			start_one "$place"
			;;
		3 | 4)
			(
				kill -STOP "$pid"
				sleep 2.5
				kill -CONT "$pid"
			) 2>/dev/null &
			wakers+=($!)
			;;
		5)
			kill -TERM "$pid"
			start_one "$place"
			;;
		6)
			stop_server
			start_server
			note server
			;;
		7 | 8)
			sql "select pg_terminate_backend(pid) from pg_stat_activity
				where application_name = 'promptbuilder-runner' order by random() limit 4" >/dev/null
			;;
		9) order db cut ;;
		10)
			order db freeze "$([ $((RANDOM % 2)) = 0 ] && echo up || echo down)"
			(
				sleep 0.7
				order db pass
			) &
			wakers+=($!)
			;;
		11) order llm "$([ $((RANDOM % 2)) = 0 ] && echo cut || echo lose)" ;;
		12)
			sql "select r.pipeline_id from pipeline_runs r where status in ('queued', 'running')
				order by random() limit 2" 2>/dev/null >"$work/cancel"
			while read -r run; do
				"$build/promptbuilder" run cancel "$run" >/dev/null 2>&1
			done <"$work/cancel"
			;;
	esac
}

launched=0 wakers=()
load
for place in 0 1 2 3; do start_one $place; done
end=$((SECONDS + seconds))
while [ "$SECONDS" -lt "$end" ]; do
	strike
	load
	sleep "0.$((RANDOM % 4))"
done
order db pass
order llm pass
faults_left=$(curl -sf "$provider/simulator/faults" | grep -o '"fired":[0-9]*' |
	awk -F: '{ n += $2 } END { print n + 0 }')
curl -sf -H 'content-type: application/json' -d '{"faults":[]}' "$provider/simulator/faults" >/dev/null
[ ${#wakers[@]} = 0 ] || wait "${wakers[@]}" # those that are stopped are awake again
begin=$(now_ms)
all_ended 120
say $? "every run ends"
echo "# $launched runs, $injected faults, and $faults_left of the provider; the rest took $((
	$(now_ms) - begin)) ms"
for pid in "${runners[@]}"; do
	kill -TERM "$pid" 2>/dev/null
done
for pid in "${runners[@]}"; do
	is_gone "$pid" 20
	say $? "a runner ends when it is told to"
done
wait_for 5 0 "select count(*) from attempts where state = 'open'" || {
	runner # what the last ones left
	wait_for 20 0 "$held"
	stop_runner
}
is "no run, call or step is left over" "0 0 0" "select (select count(*) from pipeline_runs
	where status in ('queued', 'running')) || ' ' || (select count(*) from attempts
	where state = 'open') || ' ' || (select count(*) from pipeline_steps where status = 'running')"
is "what failed says why" "" "select string_agg(distinct error_message, ' / ') from pipeline_runs
	where status = 'failed' and error_message !~
	'^(Tried [0-9]+ times|The model declined|The budget of account poor|The run stopped its runner|The provider)'"
is "nobody but the poor is stopped by a budget" 0 "select count(*) from pipeline_runs r
	join accounts a on a.id = r.account_id where r.error_message ~ '^The budget' and a.slug <> 'poor'"
sound "the storm"
echo "# $(sql "select string_agg(n || ' ' || status, ', ') from (select status, count(*) as n
	from pipeline_runs group by 1 order by 1) as s"); calls: $(sql "select string_agg(n || ' ' || state,
	', ') from (select state, count(*) as n from attempts group by 1 order by 1) as s")"
longest_ms=$(sql "select coalesce(ceil(max(extract(epoch from least(a.ended_at, now()) - s.at)) * 1000), 0)
	from storm s join attempts a on a.runner_id = s.runner_id and a.state = 'unknown'
	where s.what = 'kill' and a.ended_at > s.at")
injected=$((injected + faults_left))
tell "storm: four runners, $seconds s"
finish
