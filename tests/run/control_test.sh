#!/usr/bin/env bash
# control_test.sh: control over real runners: pause, resume, drain, SIGTERM; cancel, retry and
# poison; a wrong wall clock; the window in which a lease is trusted. Prints a TAP line per claim.
#
#	tests/run/control_test.sh [CASE...]
. "$(dirname "${BASH_SOURCE[0]}")/kit.sh"

# ---- Tools. ----

tool() { "$build/promptbuilder" "$@" 2>>"$work/tool.err"; }

now() { sql "select clock_timestamp()"; }

# The text has the pattern.
has() # CLAIM TEXT PATTERN
{
	printf '%s\n' "$2" | grep -qE -e "$3"
	local missing=$?
	say $missing "$1"
	[ $missing = 0 ] || printf '#   no %s in %s\n' "$3" "$2"
}

# The id of the runner with that pid, once it is there.
runner_id() # PID
{
	wait_for 5 1 "select count(*) from runners where pid = $1 and lease_until > now()"
	sql "select id from runners where pid = $1 and lease_until > now()"
}

# Ends within so many milliseconds; sets $status and $took_ms.
exits() # PID
{
	local begin
	begin=$(date +%s%3N)
	wait "$1"
	status=$?
	took_ms=$(($(date +%s%3N) - begin))
}

# A runner has lived through its next heartbeats and polls.
beats() # ID
{
	local lease
	lease=$(sql "select lease_until from runners where id = '$1'")
	wait_for 10 t "select lease_until > '$lease'::timestamptz + interval '2100 ms'
		from runners where id = '$1'"
}

# Calls of each step, in order.
calls="select string_agg(k || ':' || n, ' ' order by o) from (
	select s.step_key as k, s.step_order as o, count(*) as n from attempts a
	join pipeline_steps s on s.id = a.pipeline_step_id"

# ---- Cases. ----

case_pause()
{
	simulator --latency-ms 300
	runner
	id=$(runner_id "$runner_pid")
	flying=$(launch claude-sonnet-5 60 0)
	wait_for 10 1 "select count(*) from attempts where pipeline_run_id = '$flying'"
	has "pause says since when and by whom" "$(tool runner pause)" '^claims are paused since 2.* by .+ at the command line$'
	run=$(launch claude-sonnet-5 60 0)
	ended "$flying" 10
	is "what runs goes on to its end" completed \
		"select status from pipeline_runs where id = '$flying'"
	first=$runner_pid
	runner
	beats "$id"
	is "nobody claims, not even a runner that starts now" "queued 0" \
		"select state || ' ' || epoch from jobs where pipeline_run_id = '$run'"
	kill -TERM "$first"
	exits "$first"
	has "status says so, and what to do" "$(tool runner status)" \
		'^claims are paused since .* by .*"promptbuilder runner resume"'
	has "as JSON, too" "$(tool runner status --json)" '"is_claiming":false,"paused_at":"2[^"]*Z","paused_by":".*"due":1,'
	has "the doctor warns" "$(tool doctor)" '^warning  Claims: paused by'
	before=$(now)
	tool runner resume >/dev/null
	ended "$run" 10
	is "after resume it is claimed at once, before any poll" t \
		"select started_at - '$before' < interval '900 ms' from pipeline_runs where id = '$run'"
	has "a second resume says that there was none" "$(tool runner resume)" '^claims were not paused$'
	stop_runner
	stop_simulator
}

case_drain()
{
	simulator --latency-ms 1500
	PROMPTBUILDER_LEASE_MS=2min runner
	drained=$runner_pid
	id=$(runner_id "$drained")
	run=$(launch claude-sonnet-5 95 1)
	wait_for 10 1 "select count(*) from attempts where pipeline_run_id = '$run'"
	PROMPTBUILDER_LEASE_MS=2min runner
	other=$(runner_id "$runner_pid")
	has "status shows both, and what is in flight" "$(tool runner status)" \
		"^$id  .*  +$drained  .*  alive  .* +1 +1  2"
	before=$(now)
	has "drain takes the beginning of an id" "$(tool runner drain "${id:0:8}")" "^$id on .* was asked to drain"
	wait_for 8 t "select not exists (select from runners where id = '$id' and not draining)"
	is "the runner obeys at once, not at its next heartbeat" t \
		"select clock_timestamp() - '$before' < interval '5 s'" # the heartbeat comes every 20 s
	kill -TERM "$drained" 2>/dev/null # A supervisor's stop is no second order to stop.
	exits "$drained"
	[ "$status" = 0 ]
	say $? "it exits by itself with status 0"
	ended "$run" 20
	is "its call was finished, the rest went on elsewhere" \
		"completed generation:1 analysis[1]:1 improvement[1]:1 analysis[2]:1 0" \
		"select r.status || ' ' || ($calls where a.pipeline_run_id = r.id and a.state <> 'free' group by 1, 2) as calls)
		|| ' ' || (select count(*) from attempts where pipeline_run_id = r.id and estimated)
		from pipeline_runs r where r.id = '$run'"
	is "by the other one" t "select every(runner_id = '$other') from attempts
		where pipeline_run_id = '$run' and number = 1 and epoch = 2"
	is "its row is gone" 0 "select count(*) from runners where id = '$id'"
	tool runner drain "$id" >/dev/null
	[ $? != 0 ]
	say $? "a runner that is gone cannot be drained"
	has "and the sentence says where the ids are" "$(tail -n 1 "$work/tool.err")" 'promptbuilder runner status'
	tool runner drain >/dev/null
	[ $? = 64 ]
	say $? "which one must be said"
	tool runner drain --all >/dev/null
	exits "$runner_pid"
	[ "$status" = 0 ] && [ "$took_ms" -lt 2000 ]
	say $? "an idle one goes at once ($took_ms ms)"
	has "then nobody is there" "$(tool runner status)" '^no runner claims: start promptbuilder-runner$'
	stop_simulator
}

case_term()
{
	simulator --latency-ms 20000
	PROMPTBUILDER_DRAIN_MS=1s runner
	run=$(launch claude-sonnet-5 60 0)
	wait_for 10 t "select progress > 0 from pipeline_steps where pipeline_run_id = '$run'"
	kill -TERM "$runner_pid"
	exits "$runner_pid"
	[ "$status" = 0 ] && [ "$took_ms" -ge 900 ] && [ "$took_ms" -lt 2500 ]
	say $? "after SIGTERM calls have PROMPTBUILDER_DRAIN_MS, then they are given up ($took_ms ms)"
	is "what was seen is booked, the run is queued and not counted as a crash" "queued 0 settled t" \
		"select j.state || ' ' || j.crash_claims || ' ' || a.state || ' ' || (a.estimated
		and e.output_tokens > 0 and e.cost_usd > 0)::text::char(1) from jobs j
		join attempts a using (account_id, pipeline_run_id) join cost_entries e on e.attempt_id = a.id
		where j.pipeline_run_id = '$run'"
	runner
	id=$(runner_id "$runner_pid")
	wait_for 10 2 "select count(*) from attempts where pipeline_run_id = '$run'"
	kill -TERM "$runner_pid"
	wait_for 5 t "select draining from runners where id = '$id'"
	kill -TERM "$runner_pid"
	exits "$runner_pid"
	[ "$status" = 0 ] && [ "$took_ms" -lt 1000 ]
	say $? "a second SIGTERM ends it at once ($took_ms ms)"
	is "with an estimate, and nothing left behind" "queued settled:t 0" \
		"select (select state from jobs where pipeline_run_id = '$run') || ' ' ||
		(select state || ':' || estimated::text::char(1) from attempts
		where pipeline_run_id = '$run' order by opened_at desc limit 1) || ' ' ||
		(select count(*) from runners where id = '$id')"
	tool run cancel "$run" >/dev/null
	stop_simulator
}

case_cancel()
{
	simulator --latency-ms 8000
	runner
	run=$(launch claude-sonnet-5 60 0)
	wait_for 10 t "select progress > 0 from pipeline_steps where pipeline_run_id = '$run'"
	before=$(now)
	tool run cancel "$run" >/dev/null
	ended "$run" 10
	is "a run is cancelled in the middle of an answer" cancelled \
		"select status from pipeline_runs where id = '$run'"
	is "within a second of the database's clock" t \
		"select completed_at - '$before' <= interval '1 s' from pipeline_runs where id = '$run'"
	echo "# $(sql "select completed_at - '$before' from pipeline_runs where id = '$run'")"
	is "and the part that came is booked" "1 t" \
		"select count(*) || ' ' || every(e.estimated and e.input_tokens > 0 and e.output_tokens > 0
		and e.cost_usd > 0 and e.cost_usd < a.reserved_usd)::text::char(1)
		from cost_entries e join attempts a on a.id = e.attempt_id where e.pipeline_run_id = '$run'"
	stop_runner
	stop_simulator
}

case_retry()
{
	simulator
	runner
	faults 500,phase=improvement
	run=$(launch claude-sonnet-5 95 1)
	ended "$run" 20
	is "a run fails in its third phase" "failed improvement[1]" \
		"select r.status || ' ' || s.step_key from pipeline_runs r join pipeline_steps s
		on s.pipeline_run_id = r.id and s.status = 'failed' where r.id = '$run'"
	faults
	has "it is retried" "$(tool run retry "$run")" '^pipeline_[0-9]+ queued$'
	ended "$run" 20
	is "and completes" "completed 1" \
		"select status || ' ' || retry_count from pipeline_runs where id = '$run'"
	requested=$(requests)
	[ "$requested" = 2 ]
	say $? "the provider is asked for what was not stored, and for nothing else ($requested requests)"
	is "stored steps were called once" "generation:1 analysis[1]:1 improvement[1]:6 analysis[2]:1" \
		"$calls where a.pipeline_run_id = '$run' group by 1, 2) as calls"
	tool run retry "$run" >/dev/null
	[ $? != 0 ]
	say $? "a completed run cannot be retried"
	faults 429@1,retry-after=600
	run=$(launch claude-sonnet-5 60 0)
	wait_for 10 t "select waiting_for is not null from jobs where pipeline_run_id = '$run'"
	has "a waiting run says what for" "$(tool run show "$run")" '^waiting_for +The provider'"'"'s rate limit'
	has "and until when" "$(tool run show "$run")" '^waiting_until +2[0-9-]+T[0-9:]+Z$'
	has "and so does the status" "$(tool runner status)" '^  1 until 2.* or later: The provider'"'"'s rate limit'
	tool run cancel "$run" >/dev/null
	stop_runner
	stop_simulator
}

case_poison()
{
	simulator
	faults no-answer,phase=improvement
	runner
	run=$(launch claude-sonnet-5 95 1)
	# The first one dies after steps were stored, which does not count.
	for i in 1 2 3 4 5; do
		wait_for 10 "$i" "select count(*) from attempts a join pipeline_steps s
			on s.id = a.pipeline_step_id where a.pipeline_run_id = '$run'
			and s.step_key = 'improvement[1]'"
		kill -9 "$runner_pid"
		wait "$runner_pid" 2>/dev/null
		runner
	done
	ended "$run" 10
	is "a run that stopped four runners is parked and says so" t \
		"select status = 'failed' and error_message like 'The run stopped its runner 4 times%retry.'
		from pipeline_runs where id = '$run'"
	is "its lost calls are unknown, booked at what was reserved" "5 t" \
		"select count(*) || ' ' || every(e.cost_usd = a.reserved_usd)::text::char(1) from attempts a
		join cost_entries e on e.attempt_id = a.id
		where a.pipeline_run_id = '$run' and a.state = 'unknown'"
	has "the status counts them" "$(tool runner status)" \
		"unknown calls $(sql "select count(*) from attempts where state = 'unknown'"), [0-9.]+ USD"
	faults
	tool run retry "$run" >/dev/null
	ended "$run" 20
	is "it can be retried, and keeps what it had" \
		"completed generation:1 analysis[1]:1 improvement[1]:6 analysis[2]:1" \
		"select r.status || ' ' || ($calls where a.pipeline_run_id = r.id group by 1, 2) as calls)
		from pipeline_runs r where r.id = '$run'"
	stop_runner
	stop_simulator
}

# A library that shifts the wall clock of one program by SHIFT_S seconds.
clock_shim()
{
	cat >"$work/shim.c" <<-'END'
	#define _GNU_SOURCE
	#include <dlfcn.h>
	#include <stdlib.h>
	#include <sys/time.h>
	#include <time.h>
	static long shift(void) { const char *s = getenv("SHIFT_S"); return s ? atol(s) : 0; }
	int clock_gettime(clockid_t id, struct timespec *at)
	{
		int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
		int result = real(id, at);
		if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE || id == CLOCK_TAI)
			at->tv_sec += shift();
		return result;
	}
	time_t time(time_t *out)
	{
		struct timespec at;
		clock_gettime(CLOCK_REALTIME, &at);
		if (out)
			*out = at.tv_sec;
		return at.tv_sec;
	}
	int gettimeofday(struct timeval *restrict out, void *restrict zone)
	{
		struct timespec at;
		clock_gettime(CLOCK_REALTIME, &at);
		out->tv_sec = at.tv_sec;
		out->tv_usec = at.tv_nsec / 1000;
		return 0;
	}
	END
	"${CC:-cc}" -shared -fPIC -w -o "$work/shim.so" "$work/shim.c" -ldl
}

shifted_runner() # SECONDS
{
	SHIFT_S=$1 LD_PRELOAD=$work/shim.so ASAN_OPTIONS=verify_asan_link_order=0 \
		"$build/promptbuilder-runner" 2>>"$work/clock.log" &
	runner_pid=$!
	children+=("$runner_pid")
}

case_clock()
{
	local from day=86400
	clock_shim || { say 1 "the shim is built"; return; }
	simulator --latency-ms 150
	faults 429x2,retry-after=0 500@4
	from=$(now)
	shifted_runner $((400 * day))
	early=$runner_pid
	shifted_runner $((-400 * day))
	late=$(runner_id "$runner_pid")
	early_id=$(runner_id "$early")
	grep -q "^ts=$(date -u -d '+400 days' +%Y)-" "$work/clock.log"
	say $? "the clock of one is 400 days ahead, as its log shows"
	sql "select launch('claude-sonnet-5', 95, 1) from generate_series(1, 12)" >/dev/null
	wait_for 30 0 "select count(*) from jobs where state <> 'done'"
	local mine="pipeline_run_id in (select id from pipeline_runs where created_at > '$from')"
	is "two runners 800 days apart complete all runs" "12 completed" \
		"select count(*) || ' ' || min(status) from pipeline_runs where created_at > '$from'"
	is "every request is an attempt, none is unknown" "$(requests) 0" \
		"select count(*) || ' ' || count(*) filter (where state = 'unknown') from attempts where $mine"
	is "retries do not wait for the clock to come round" t \
		"select max(completed_at) - '$from' < interval '20 s' from pipeline_runs where created_at > '$from'"
	is "durations are those of the calls" t \
		"select min(duration_ms) >= 0 and max(duration_ms) < 10000 and max(first_byte_ms) < 10000
		from attempts where $mine"
	is "no run was claimed twice" 12 "select sum(epoch) from jobs where $mine"
	is "leases are of the database's clock" 2 "select count(*) from runners
		where id in ('$early_id', '$late') and lease_until > clock_timestamp()
		and lease_until < clock_timestamp() + interval '3 s'"
	! grep -q 'lease ran out' "$work/clock.log"
	say $? "no lease ran out"
	kill -TERM "$early" "$runner_pid"
	wait "$early" "$runner_pid" 2>/dev/null
	stop_simulator
}

# The heartbeats hang while everything else goes on, and the database says that the lease is long:
# only the runner itself can know that nobody has confirmed it.
case_trust()
{
	simulator --latency-ms 3000
	runner
	id=$(runner_id "$runner_pid")
	sql "create table hanging (at timestamptz default clock_timestamp());
		create function hang() returns trigger language plpgsql security definer as \$\$
		begin
			NEW.lease_until := clock_timestamp() + interval '1 hour';
			if exists (select from hanging) then perform pg_sleep(4); end if;
			return NEW;
		end \$\$;
		create trigger hang before update on runners for each row execute function hang()" >/dev/null
	wait_for 5 t "select lease_until > now() + interval '30 min' from runners where id = '$id'"
	flying=$(launch claude-sonnet-5 60 0)
	wait_for 10 1 "select count(*) from attempts where pipeline_run_id = '$flying'"
	from=$(sql "insert into hanging default values returning at")
	run=$(sql "select pg_sleep(2.2); delete from hanging; select launch('claude-sonnet-5', 60, 0)" | tail -n 1)
	wait_for 10 2 "select count(*) from jobs where pipeline_run_id in ('$flying', '$run') and epoch > 0"
	ended "$run" 15
	ended "$flying" 25
	local window="between '$from'::timestamptz + interval '2100 ms' and '$from'::timestamptz + interval '4 s'"
	is "a call in flight is finished when the lease is not trusted any more" 1 \
		"select count(*) from attempts where pipeline_run_id = '$flying' and number = 1
		and ended_at between '$from'::timestamptz + interval '1700 ms' and '$from'::timestamptz
		+ interval '4 s' and epoch = 1 and pipeline_step_id = (select id from pipeline_steps
		where pipeline_run_id = '$flying' and step_key = 'generation') and state = 'settled' and not estimated"
	is "and no other one is opened" 0 "select count(*) from attempts where opened_at $window"
	is "nothing is claimed" t "select started_at > '$from'::timestamptz + interval '4 s'
		from pipeline_runs where id = '$run'"
	is "until a heartbeat is heard again: then all goes on" "completed:1 completed:1" \
		"select string_agg(r.status || ':' || j.epoch, ' ') from pipeline_runs r
		join jobs j on j.pipeline_run_id = r.id where r.id in ('$flying', '$run')"
	is "each call was made once" 0 "select count(*) from attempts where number > 1
		and pipeline_run_id in ('$flying', '$run')"
	sql "drop trigger hang on runners; drop table hanging" >/dev/null
	stop_runner
	stop_simulator
}

cases="pause drain term cancel retry poison clock trust"
for name in ${*:-$cases}; do
	echo "# $name"
	"case_$name"
done
is "no attempt stays open, no job held" "0 0" \
	"select (select count(*) from attempts where state = 'open') || ' ' ||
	(select count(*) from jobs where state = 'running')"
finish
