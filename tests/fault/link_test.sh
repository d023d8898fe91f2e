#!/usr/bin/env bash
# link_test.sh: connections of a runner with database and provider are cut, or open at one end
# only, at the worst moments: every run ends all the same, and nothing is lost or booked twice.
#
#	tests/fault/link_test.sh [CASE...]
PROMPTBUILDER_LEASE_MS=15s # nothing here is to be healed by the end of a lease
. "$(dirname "${BASH_SOURCE[0]}")/kit.sh"
proxy db "$sockets/.s.PGSQL.5432"

# A runner stops before it sends something for the N-th time; the server does it, and nobody is told.
# (What is sent first may wait for its connection. So the second time in some cases.)
unheard() # POINT N DONE-WHEN
{
	before=$(sql "select count(*) from attempts where state = 'settled'")
	DATABASE_URL=$(db_through) fault_runner "$1:$2:stop"
	wait_for 10 1 "select count(*) from runners where lease_until > clock_timestamp()"
	[ "$1" != enlist ] || sql "update runners set lease_until = clock_timestamp()"
	run=$(launch claude-sonnet-5 60 0)
	is_stopped "$runner_pid" 10
	say $? "$1: the runner is stopped"
	order db freeze down
	kill -CONT "$runner_pid"
	wait_for 10 t "$3"
	say $? "$1: what it sent is committed"
	begin=$(now_ms)
	order db cut
	order db pass
	injected=$((injected + 1))
	ended "$run" 10
	say $? "$1: the run ends"
	recovered "$begin"
	is "$1: it completes" completed "select status from pipeline_runs where id = '$run'"
	is "$1: by the same claim" 1 "select count(distinct runner_id) from attempts
		where pipeline_run_id = '$run'"
	kill -TERM "$runner_pid"
	is_gone "$runner_pid" 10
	say $? "$1: the runner ends when it is told to"
	sound "$1"
}

case_unheard()
{
	local runs="from jobs j join pipeline_runs r on r.id = j.pipeline_run_id where j.state"
	unheard enlist 2 "select count(*) = 1 from runners where lease_until > clock_timestamp()"
	unheard claim 2 "select count(*) = 1 $runs = 'running'"
	unheard open 1 "select count(*) = 1 from attempts where state = 'open'"
	unheard settle 1 "select count(*) > $before from attempts where state = 'settled'"
	unheard finish 1 "select count(*) = 0 $runs <> 'done'"
}

# Half-open: what is connected is lost, neither end knows; new connections are fine.
case_lost()
{
	DATABASE_URL=$(db_through) runner
	sql "select launch('claude-sonnet-5', 60, 0) from generate_series(1, 5)" >/dev/null
	wait_for 10 5 "select count(*) from attempts where state = 'open'"
	order db lose
	injected=$((injected + 1))
	begin=$(now_ms)
	all_ended 30
	say $? "runs end over connections that are new"
	is "without a second claim" 5 "select count(*) from jobs where epoch = 1 and pipeline_run_id in
		(select id from pipeline_runs order by created_at desc limit 5)"
	took_ms=$(($(now_ms) - begin))
	[ "$took_ms" -le "$longest_ms" ] || longest_ms=$took_ms
	echo "# it took $took_ms ms"
	stop_runner
	sound "half-open connections"
}

# A path that is silent for a while, and then not.
case_frozen()
{
	for way in down ${long:+up both}; do
		DATABASE_URL=$(db_through) runner
		sql "select launch('claude-sonnet-5', 60, 0) from generate_series(1, 5)" >/dev/null
		wait_for 10 t "select count(*) > 0 from attempts where state = 'open'"
		order db freeze $way
		injected=$((injected + 1))
		sleep 1
		begin=$(now_ms)
		order db pass
		all_ended 15
		say $? "frozen $way: all runs end"
		recovered "$begin"
		is "frozen $way: without a second claim" 5 "select count(*) from jobs where epoch = 1
			and pipeline_run_id in (select id from pipeline_runs order by created_at desc limit 5)"
		stop_runner
		sound "frozen $way"
	done
}

# Between runner and provider.
case_provider()
{
	proxy llm "${provider#http://}"
	local ways=(cut lose "freeze down")
	[ -z "$long" ] || ways+=("freeze up" refuse)
	for what in "${ways[@]}"; do
		ANTHROPIC_BASE_URL=http://127.0.0.1:$llm_port PROMPTBUILDER_SILENCE_MS=1s \
			PROMPTBUILDER_FIRST_BYTE_MS=1s runner
		sql "select launch('claude-sonnet-5', 60, 0) from generate_series(1, 3)" >/dev/null
		wait_for 10 t "select count(*) > 0 from attempts where state = 'open' and
			pipeline_run_id in (select pipeline_run_id from jobs where state = 'running')"
		begin=$(now_ms)
		# shellcheck disable=SC2086
		order llm $what
		injected=$((injected + 1))
		case $what in
			freeze*) wait_for 10 t "select count(*) >= 3 from attempts where error_type = 'silence'" ;;
			refuse)
				order llm cut
				wait_for 10 t "select count(*) > 0 from attempts where error_type = 'unreachable'"
				;;
		esac
		order llm accept
		order llm pass
		all_ended 20
		say $? "$what: all runs end"
		stop_runner
		sound "$what"
	done
}

simulator --latency-ms 300
for name in ${*:-unheard lost frozen provider}; do
	echo "# $name"
	"case_$name"
done
tell "connections cut, silent and half open"
finish
