#!/usr/bin/env bash
# runner_test.sh: a runner whose n-th allocation fails ends at once; the next one ends its run, whole
# and with sums that agree. With CHECK_LONG set many n are tried, else a few.
. "$(dirname "${BASH_SOURCE[0]}")/../run/kit.sh"
ulimit -c 0

"${CC:-cc}" -O1 -Wall -shared -fPIC -o "$work/failmalloc.so" "$source_dir/tests/memory/failmalloc.c" ||
	exit 1
orders=$work/orders

order() # N: from now on
{
	python3 -c 'import struct, sys; sys.stdout.buffer.write(struct.pack("qqqq", int(sys.argv[1]), 0, 0, 0))' \
		"$1" >"$orders"
}

counted() { od -A n -t d8 -j 8 -N 8 "$orders" | tr -d ' '; }
has_failed() { [ "$(od -A n -t d8 -j 16 -N 8 "$orders" | tr -d ' ')" = 1 ]; }

failing_runner() # N: sets $runner_pid
{
	order "$1"
	LD_PRELOAD=$work/failmalloc.so FAILMALLOC_ALWAYS=1 FAILMALLOC_FILE=$orders \
		"$build/promptbuilder-runner" 2>>"$work/runner.log" &
	runner_pid=$!
	children+=("$runner_pid")
}

# Until the runner is gone or the run has ended.
settle() # RUN
{
	local end=$((SECONDS + 20))
	while kill -0 "$runner_pid" 2>/dev/null && [ "$SECONDS" -lt "$end" ]; do
		ended "$1" 0 && return
		sleep 0.02
	done
}

simulator --latency-ms 0
run=$(launch claude-sonnet-5 60 1)
failing_runner 999999999
settle "$run"
total=$(counted)
stop_runner
is "a run ends with memory enough" completed "select status from pipeline_runs where id = '$run'"
[ "$total" -gt 1000 ]
say $? "it takes $total allocations"

steps=8
[ -z "${CHECK_LONG:-}" ] || steps=200
lost=0 by_abort=0
for ((i = 0; i <= steps; i++)); do
	n=$((i == 0 ? 1 : total * i / steps - i % 7))
	run=$(launch claude-sonnet-5 60 1)
	failing_runner $n
	settle "$run"
	if ! has_failed; then
		stop_runner
		ended "$run" 10 || echo "# n = $n: it did not end"
		continue
	fi
	{ wait "$runner_pid"; } 2>/dev/null
	[ $? = 134 ] && by_abort=$((by_abort + 1))
	lost=$((lost + 1))
	# What the host's service manager and the end of its lease would do, at once.
	sql "update runners set lease_until = clock_timestamp()" >/dev/null
	runner
	ended "$run" 20 || echo "# n = $n: it did not end"
	stop_runner
done
[ "$lost" -gt $((steps / 2)) ] && [ "$lost" = "$by_abort" ]
say $? "$lost runners ended for want of memory, $by_abort of them by abort"
is "every run was completed" t "select bool_and(status = 'completed') from pipeline_runs"
is "no attempt is open, no job left" "0 0" "select (select count(*) from attempts where state = 'open')
	|| ' ' || (select count(*) from jobs where state <> 'done')"
is "each run's total is the sum of its lines" 0 "select count(*) from pipeline_runs r
	where total_cost_usd <> (select sum(cost_usd) from cost_entries where pipeline_run_id = r.id)"
is "the sums of the pages are those of the ledger" t "select (select sum(cost_usd) from cost_entries)
	= (select sum(cost_nano) * 0.000000001 from cost_sums where zone = 'UTC' and grain = 'assistant_month')"
is "no step was stored twice" 0 "select count(*) from (select 1 from pipeline_steps
	group by pipeline_run_id, step_key having count(*) > 1) x"
is "each has its version" 0 "select count(*) from pipeline_runs r where 1 <>
	(select count(*) from prompt_versions v where v.id = r.prompt_version_id)"
finish
