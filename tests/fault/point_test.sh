#!/usr/bin/env bash
# point_test.sh: a runner is killed, or stopped for longer than its lease, at each labelled point;
# another one finishes its runs, and nothing is lost or booked twice.
#
#	tests/fault/point_test.sh [POINT[+]:N:kill|stop ...]
#
# A plus sign: what the point submits is on its way to the database, its answer not yet read.
. "$(dirname "${BASH_SOURCE[0]}")/kit.sh"

points="claim claim+ claimed open open+ opened answering answered settle settle+ settled
	finish finish+ finished release release+ released reap reap+ reaped"
# Without FAULT_LONG only these.
kills="claim+ open+ opened answering answered settle+ settled finish+ release+ reap+"
stops="opened answering settle+ finish+"
[ -z "$long" ] || kills=$points stops=$points

# What has to happen for the point to be passed, before the runner starts and after.
before()
{
	case $1 in release*)
		launch claude-sonnet-5 95 3 >/dev/null # long enough for a signal to come in between
		;;
	esac
	case $1 in reap*)
		runner
		wait_for 10 t "select count(*) > 0 from attempts where state = 'open'"
		kill -9 "$runner_pid"
		wait "$runner_pid" 2>/dev/null
		injected=$((injected + 1))
		;;
	esac
}

after()
{
	case $1 in release*)
		wait_for 10 t "select count(*) > 0 from attempts where state = 'open'"
		kill -TERM "$victim"
		;;
	esac
}

# A stopped runner wakes up: it must not harm what others did meanwhile, and be of use again.
wake()
{
	before=$(requests)
	kill -CONT "$victim"
	if [[ $1 = opened:* ]]; then
		wait_for 10 t "select count(*) > 0 from runners where pid = $victim
			and lease_until > clock_timestamp()"
		[ "$(requests)" = "$before" ]
		say $? "$1: a call that was opened under the lost lease is not sent"
	fi
	if [[ $1 != release* ]]; then # that one has been told to end
		launch claude-sonnet-5 60 0 >/dev/null
		all_ended 15
		say $? "$1: it takes up a new run"
		kill -TERM "$victim"
	fi
	is_gone "$victim" 10
	say $? "$1: and it ends when it is told to"
}

pass() # POINT:N:ACTION
{
	local name=${1%%:*} action=${1##*:} begin
	sql "select launch('claude-sonnet-5', 60, 0) from generate_series(1, 2)" >/dev/null
	before "$name"
	fault_runner "$1"
	victim=$runner_pid
	after "$name"
	if [ "$action" = kill ]; then is_gone "$victim" 10; else is_stopped "$victim" 10; fi
	say $? "$1: the point is passed"
	injected=$((injected + 1))
	begin=$(now_ms)
	runner
	recovered "$begin"
	all_ended 15
	is "$1: all runs complete" 0 \
		"select count(*) from pipeline_runs where status <> 'completed'"
	stop_runner
	[ "$action" = kill ] || wake "$1"
	sound "$1"
}

specs=("$@")
if [ $# = 0 ]; then
	for point in $kills; do specs+=("$point:1:kill"); done
	for point in $stops; do specs+=("$point:1:stop"); done
fi
if [ $# = 0 ] && [ -n "$long" ]; then
	for point in $points; do
		case $point in
			claim* | release* | reap*) ;;
			finish*) specs+=("$point:2:kill" "$point:2:stop") ;;
			*) specs+=("$point:2:kill" "$point:2:stop" "$point:3:kill") ;;
		esac
	done
fi
simulator --latency-ms 60
for spec in "${specs[@]}"; do
	pass "$spec"
done
tell "SIGKILL and SIGSTOP at ${#specs[@]} points of the runner"
finish
