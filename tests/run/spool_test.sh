#!/usr/bin/env bash
# spool_test.sh: the runner's spool: the process is killed when an answer has been read and not
# settled, and the next one settles it, once, at its true cost. Prints a TAP line per claim.
#
#	tests/run/spool_test.sh [CASE...]
#
# The programs are taken from BUILD (default: the current directory).
. "$(dirname "${BASH_SOURCE[0]}")/kit.sh"
spool=$PROMPTBUILDER_SPOOL_DIR
runners="application_name = 'promptbuilder-runner' and datname = '$database'"

# ---- Tools. ----

# Calls can be opened, but no cost be booked: none can be settled.
freeze()
{
	[ -p "$work/lock" ] || mkfifo "$work/lock"
	: >"$work/lock.out"
	psql -qtAX "$DATABASE_URL" <"$work/lock" >"$work/lock.out" &
	children+=("$!")
	exec 9>"$work/lock"
	echo "begin; lock table cost_entries in exclusive mode; select 'locked';" >&9
	until grep -q locked "$work/lock.out"; do sleep 0.02; done
}

thaw()
{
	echo "rollback;" >&9
	exec 9>&-
}

# The runner dies, and with it what it had sent and not committed.
kill_runner()
{
	kill -9 "$runner_pid"
	wait "$runner_pid" 2>/dev/null
	psql -qtAX "$TEST_DATABASE_URL" -c "select pg_terminate_backend(pid) from pg_stat_activity
		where $runners" >/dev/null
	until [ "$(psql -qtAX "$TEST_DATABASE_URL" -c \
		"select count(*) from pg_stat_activity where $runners")" = 0 ]; do sleep 0.02; done
}

files() { find "$1" -type f -size +0 | wc -l; }

whole() # COUNT: waits for so many whole answers in the spool
{
	local end=$((SECONDS + 15))
	until [ "$(grep -rl message_stop "$spool" 2>/dev/null | wc -l)" = "$1" ]; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.03
	done
}

# Runs with their first calls in flight.
runs_in_flight() # COUNT
{
	faults
	wait_for 5 1 "select count(*) from runners where lease_until > now()"
	sql "select launch('claude-sonnet-5', 60, 0) from generate_series(1, $1)" >/dev/null
	wait_for 10 "$1" "select count(*) from attempts where state = 'open'"
}

latest="(select id from pipeline_runs order by created_at desc limit"

# The tokens of the latest runs in the ledger, and those that the simulator counted.
same_tokens() # CLAIM RUNS
{
	local wanted
	wanted=$(curl -sf "$provider/simulator/stats" | grep -o '"completed_usage":{[^}]*}' |
		grep -o '[0-9][0-9]*' | sed -n '2,5p' | tr '\n' ' ')
	is "$1" "$wanted" "select format('%s %s %s %s ', sum(total_input_tokens),
		sum(total_output_tokens), sum(total_cache_read_tokens), sum(total_cache_write_tokens))
		from pipeline_runs where id in $latest $2)"
}

# ---- Cases. ----

# More answers than are settled at a time, and two runners that start in the same moment.
case_answered_not_settled()
{
	simulator --latency-ms 1000
	runner
	freeze
	runs_in_flight 20
	whole 20
	say $? "answers stand in the spool while they cannot be settled"
	[ "$(stat -c %a "$spool" "$spool"/* "$spool"/*/* | sort | uniq -c | tr -s ' ' | tr '\n' ,)" = \
		" 20 600, 2 700," ]
	say $? "for nobody else to read"
	kill_runner
	thaw
	for i in 1 2 3; do # others that died with nothing under way
		mkdir -m 700 "$spool/0e0e0e0e-0000-4000-8000-00000000000$i"
	done
	[ "$(requests)" = 20 ] && is "all calls are open" 20 \
		"select count(*) from attempts where state = 'open'"
	begin=$(date +%s%3N)
	runner
	first=$runner_pid
	runner
	wait_for 10 20 "select count(*) from attempts where state = 'settled' and succeeded
		and not estimated and pipeline_run_id in $latest 20)"
	say $? "the next runner settles them ($(($(date +%s%3N) - begin)) ms)"
	wait_for 10 20 "select count(*) from jobs where epoch = 2 and pipeline_run_id in $latest 20)"
	took_ms=$(($(date +%s%3N) - begin))
	[ "$took_ms" -lt 2000 ]
	say $? "and the runs go on at once ($took_ms ms)"
	wait_for 20 0 "select count(*) from jobs where state <> 'done'"
	is "every run completes with two calls, the first claim's and the second's" "20 40 20 20" \
		"select (select count(*) from pipeline_runs where status = 'completed' and id in $latest 20))
		|| ' ' || count(*) || ' ' || count(*) filter (where epoch = 1) || ' ' ||
		count(*) filter (where epoch = 2) from attempts where pipeline_run_id in $latest 20)"
	[ "$(requests)" = 40 ]
	say $? "the provider saw no call twice"
	same_tokens "tokens are the provider's own count" 20
	[ "$(grep -c 'msg="spooled answer".*was=open' "$work/runner.log")" = 20 ]
	say $? "no file was settled by both runners"
	[ "$(files "$spool")" = 0 ]
	say $? "nothing is left in the spool"
	stop_runner
	kill -TERM "$first"
	wait "$first"
	[ -z "$(ls -A "$spool")" ]
	say $? "no directory either, once the runners have stopped"
	stop_simulator
}

case_killed_in_an_outage()
{
	simulator --latency-ms 800
	runner
	runs_in_flight 5
	psql -qtAX "$TEST_DATABASE_URL" -c "alter database $database allow_connections false" \
		-c "select pg_terminate_backend(pid) from pg_stat_activity
			where datname = '$database' and pid <> pg_backend_pid()" >/dev/null
	whole 5
	say $? "calls finish while the database is away"
	kill_runner
	runner # there is nothing to register with yet
	psql -qtAX "$TEST_DATABASE_URL" -c "select pg_sleep(1)" \
		-c "alter database $database allow_connections true" >/dev/null
	wait_for 20 0 "select count(*) from jobs where state <> 'done'"
	is "a runner killed in an outage loses none of them" "5 10 10" \
		"select (select count(*) from pipeline_runs where status = 'completed' and id in $latest 5))
		|| ' ' || count(*) || ' ' || count(*) filter (where state = 'settled' and not estimated)
		from attempts where pipeline_run_id in $latest 5)"
	[ "$(requests)" = 10 ]
	say $? "nor does it make one again"
	same_tokens "and every token is booked once" 5
	stop_runner
	stop_simulator
}

# Another host takes the run over; then the spool is found, and found again.
case_reaped_first()
{
	simulator --latency-ms 200
	runner
	freeze
	runs_in_flight 1
	run=$(sql "select pipeline_run_id from attempts where state = 'open'")
	whole 1
	kill_runner
	thaw
	mv "$spool" "$work/elsewhere"
	cp -a "$work/elsewhere" "$work/copy"
	runner
	ended "$run" 20
	is "without the spool the call is booked at what was reserved, and made again" \
		"completed unknown t 3" \
		"select r.status || ' ' || a.state || ' ' || (e.cost_usd = a.reserved_usd)::text::char(1)
		|| ' ' || (select count(*) from attempts where pipeline_run_id = r.id)
		from pipeline_runs r join attempts a on a.pipeline_run_id = r.id and a.epoch = 1
		join cost_entries e on e.attempt_id = a.id where r.id = '$run'"
	for dir in elsewhere copy; do
		stop_runner
		PROMPTBUILDER_SPOOL_DIR=$work/$dir runner
		wait_for 10 settled "select state from attempts where pipeline_run_id = '$run' and epoch = 1"
		say $? "$dir: the late answer replaces the unknown"
		until grep -q 'its spool is settled' "$work/runner.log" && [ "$(files "$work/$dir")" = 0 ]; do
			sleep 0.02
		done
		is "$dir: once, by one correction" "2 f f 3" \
			"select count(*) || ' ' || bool_or(a.estimated)::text::char(1) || ' ' ||
			(sum(e.cost_usd) >= a.reserved_usd)::text::char(1) || ' ' ||
			(select count(distinct attempt_id) from cost_entries where pipeline_run_id = '$run')
			from attempts a join cost_entries e on e.attempt_id = a.id
			where a.pipeline_run_id = '$run' and a.epoch = 1 group by a.id, a.reserved_usd"
		is "$dir: it costs what its tokens cost" t \
			"select sum(e.cost_usd) = round((sum(e.input_tokens * p.input_pico
			+ e.output_tokens * p.output_pico + e.cache_read_tokens * p.cache_read_pico
			+ (e.cache_write_tokens - e.cache_write_1h_tokens) * p.cache_write_5m_pico
			+ e.cache_write_1h_tokens * p.cache_write_1h_pico))::numeric / 1000000000000, 9)
			from attempts a join cost_entries e on e.attempt_id = a.id
			join model_prices p on p.id = e.price_id
			where a.pipeline_run_id = '$run' and a.epoch = 1"
	done
	is "the run's end stays the second claim's" "completed 2 1" \
		"select r.status || ' ' || j.epoch || ' ' || (select count(*) from prompt_versions v
		where v.id = r.prompt_version_id) from pipeline_runs r
		join jobs j on j.pipeline_run_id = r.id where r.id = '$run'"
	same_tokens "tokens are the provider's own count" 1
	stop_runner
	stop_simulator
}

# Late answers come while their steps are called again: a run goes on with the one that is stored,
# unless by now it asks another question.
case_late_in_flight()
{
	local run other stored
	simulator --latency-ms 2000
	runner
	freeze
	runs_in_flight 2
	whole 2
	kill_runner
	thaw
	mv "$spool" "$work/late"
	run=$(sql "select min(pipeline_run_id::text) from attempts where state = 'open'")
	other=$(sql "select max(pipeline_run_id::text) from attempts where state = 'open'")
	sql "update pipeline_runs set briefing_data = briefing_data || '{\"tone\": \"stern\"}'
		where id = '$other'" >/dev/null
	PROMPTBUILDER_LOG_LEVEL=debug runner
	second=$runner_pid
	wait_for 10 "2 2" "select count(*) filter (where state = 'unknown') || ' ' ||
		count(*) filter (where state = 'open') from attempts where pipeline_run_id in $latest 2)"
	PROMPTBUILDER_SPOOL_DIR=$work/late PROMPTBUILDER_CONCURRENCY=1 runner
	ended "$run" 20
	ended "$other" 20
	is "answers may come late into runs that are under way" "completed:3:3 completed:3:3" \
		"select string_agg(status || ':' || calls || ':' || good, ' ') from (
		select r.status, count(*) as calls, count(*) filter (where a.state = 'settled'
		and a.succeeded) as good from pipeline_runs r join attempts a on a.pipeline_run_id = r.id
		where r.id in ('$run', '$other') group by r.id, r.status) as runs"
	stored="select s.completed_at < a.ended_at from pipeline_steps s join attempts a
		on a.pipeline_step_id = s.id and a.epoch = 2 where s.step_key = 'generation'"
	is "the late one is the step's result" t "$stored and s.pipeline_run_id = '$run'"
	[ "$(grep -c 'another answer to the step came first' "$work/runner.log")" = 1 ]
	say $? "and the run goes on with it"
	is "an answer to another question is not" f "$stored and s.pipeline_run_id = '$other'"
	stop_runner
	kill -TERM "$second"
	wait "$second"
	stop_simulator
}

case_cut_short()
{
	simulator --latency-ms 4000
	runner
	run=$(launch claude-sonnet-5 60 0)
	wait_for 10 t "select progress > 10 from pipeline_steps
		where pipeline_run_id = '$run' and step_key = 'generation'"
	kill_runner
	runner
	wait_for 10 runner_lost "select error_type from attempts
		where pipeline_run_id = '$run' and epoch = 1"
	is "what had come of an answer is booked as an estimate" "settled t t" \
		"select a.state || ' ' || a.estimated::text::char(1) || ' ' || (e.output_tokens > 10
		and e.input_tokens > 100 and e.cost_usd > 0 and e.cost_usd < a.reserved_usd)::text::char(1)
		from attempts a join cost_entries e on e.attempt_id = a.id
		where a.pipeline_run_id = '$run' and a.epoch = 1"
	is "the step is not done by it" 1 "select count(*) from pipeline_steps
		where pipeline_run_id = '$run' and status <> 'completed'"
	wait_for 10 2 "select count(*) from attempts where pipeline_run_id = '$run'"
	say $? "and is called again"
	kill -TERM "$runner_pid"
	stop_runner
	sql "update jobs set state = 'done', runner_id = null where pipeline_run_id = '$run';
		update pipeline_runs set status = 'cancelled' where id = '$run';
		update pipeline_steps set status = 'failed'
		where pipeline_run_id = '$run' and status <> 'completed'" >/dev/null
	stop_simulator
}

# No file of the spool may be longer than 1 KB; its log goes through a pipe.
case_full_disk()
{
	simulator
	: >"$work/full.log"
	(ulimit -f 1; exec "$build/promptbuilder-runner" 2> >(cat >>"$work/full.log")) &
	runner_pid=$!
	children+=("$runner_pid")
	for i in 1 2 3; do
		run=$(launch claude-sonnet-5 90 2)
	done
	wait_for 20 0 "select count(*) from jobs where state <> 'done'"
	is "runs complete when the spool is full" 3 "select count(*) from pipeline_runs
		where status = 'completed' and id in $latest 3)"
	[ "$(grep -c 'the spool cannot be written.*free space in PROMPTBUILDER_SPOOL_DIR' \
		"$work/full.log")" = 1 ]
	say $? "the log says so once, and what to do"
	[ "$(files "$spool")" = 0 ]
	say $? "no half a file is left"
	stop_runner
	stop_simulator
}

case_rubbish()
{
	local dead=$spool/0e0e0e0e-0000-4000-8000-000000000001
	local foreign=0e0e0e0e-0000-4000-8000-000000000002
	mkdir -p "$dead" "$spool/notes"
	: >"$dead/empty"
	head -c 5000 /dev/urandom >"$dead/random"
	echo keep >"$spool/notes/mine"
	ln -s /etc/passwd "$dead/link"
	local head="{\"format\":1,\"phase\":\"generation\",\"is_capped\":false,\"account_id\":\"$foreign\",
		\"run_id\":\"$foreign\",\"runner_id\":\"$foreign\",\"epoch\":\"1\",\"pipeline_id\":\"p\",
		\"model\":\"m\",\"attempt_id\":\"$foreign\",\"step_id\":\"$foreign\",\"tries\":1,
		\"number\":1,\"request_bytes\":1,\"output_tokens\":1,\"input_pico\":1,\"output_pico\":1,
		\"worst_nano\":1}"
	{
		tr -d '\n\t' <<<"$head"
		printf '\n{"http_status":200,"request_id":null,"first_byte_ms":1,"begun_ms":1}\n'
		printf 'data: {"type":"message_stop"}\n\n'
	} | tee "$dead/$foreign" >"$dead/misnamed"
	simulator
	runner
	run=$(launch claude-sonnet-5 60 0)
	ended "$run" 10
	is "a runner is not kept by rubbish in its spool" completed \
		"select status from pipeline_runs where id = '$run'"
	[ "$(cd "$spool" && find . -name '*.bad' | wc -l)" = 4 ] && [ ! -e "$dead" ]
	say $? "it is set aside, but for what is empty"
	[ "$(grep -c 'set aside: look at it, then delete it" file=0e0e0e0e' "$work/runner.log")" = 4 ] &&
		grep -q "file=0e0e.*$foreign.bad reason=\"This database has no such call" "$work/runner.log"
	say $? "each file with a reason"
	[ "$(cat "$spool/notes/mine")" = keep ]
	say $? "what is no runner's directory is left alone"
	rm -rf "${spool:?}"/*.bad "$spool/notes"
	stop_runner
	stop_simulator
}

case_settings()
{
	PROMPTBUILDER_SPOOL_DIR=/proc/none "$build/promptbuilder-runner" 2>"$work/refused.log"
	[ $? = 78 ] && grep -q 'PROMPTBUILDER_SPOOL_DIR: /proc/none cannot be used' "$work/refused.log"
	say $? "a directory that cannot be had is refused at the start"
	mkdir -m 777 "$work/open"
	PROMPTBUILDER_SPOOL_DIR=$work/open "$build/promptbuilder-runner" 2>"$work/refused.log"
	[ $? = 78 ] && grep -q "$work/open must belong to this user" "$work/refused.log"
	say $? "and so is one that others may write to"
	(ulimit -Sn 64; exec "$build/promptbuilder-runner" 2>>"$work/runner.log") &
	runner_pid=$!
	children+=("$runner_pid")
	wait_for 5 1 "select count(*) from runners where lease_until > now()"
	[ "$(awk '/^Max open files/ { print $4 == $5 }' "/proc/$runner_pid/limits")" = 1 ]
	say $? "the limit of open files is raised to what is allowed"
	stop_runner
	(ulimit -n 100; exec "$build/promptbuilder-runner" 2>>"$work/few.log") &
	runner_pid=$!
	children+=("$runner_pid")
	wait_for 5 1 "select count(*) from runners where lease_until > now()"
	grep -q 'too few open files.*allowed=100 wanted=464' "$work/few.log"
	say $? "and where that is too low the log says so"
	stop_runner
	PROMPTBUILDER_SPOOL_DIR='' "$build/promptbuilder-runner" 2>"$work/none.log" &
	runner_pid=$!
	children+=("$runner_pid")
	wait_for 5 1 "select count(*) from runners where lease_until > now()"
	grep -q 'PROMPTBUILDER_SPOOL_DIR is not set' "$work/none.log"
	say $? "a runner without a spool says what that means"
	stop_runner
}

# What must hold after everything above.
check_books()
{
	is "totals of runs are the sums of their lines" 0 \
		"select count(*) from pipeline_runs r where r.total_cost_usd <> coalesce(
		(select sum(cost_usd) from cost_entries e where e.pipeline_run_id = r.id), 0)"
	is "a completed step has one successful attempt behind it" 0 \
		"select count(*) from pipeline_steps s where s.status = 'completed' and s.step_key <> 'version'
		and not exists (select from attempts a where a.pipeline_step_id = s.id and a.succeeded)"
	is "no attempt stays open" 0 "select count(*) from attempts where state = 'open'"
	"$build/promptbuilder" doctor >"$work/doctor.out"
	[ $? -le 1 ]
	say $? "the doctor finds nothing wrong"
	sed -n 's/^FAILED/# &/p' "$work/doctor.out"
}

cases="answered_not_settled killed_in_an_outage reaped_first late_in_flight cut_short full_disk rubbish settings"
for name in ${*:-$cases}; do
	echo "# $name"
	"case_$name"
done
check_books
finish
