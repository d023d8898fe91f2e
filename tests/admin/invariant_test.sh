#!/usr/bin/env bash
# invariant_test.sh: each statement of sql/invariant.sql sees the breach that is planted for it, and
# nothing in what a real runner leaves; doctor names them.
. "$(dirname "${BASH_SOURCE[0]}")/../run/kit.sh"

# What the statements say of the database after some SQL, which is taken back.
after() # SQL
{
	{
		echo "begin; $1;"
		sed "s/\$1/8/" "$source_dir/sql/invariant.sql"
		echo "rollback"
	} | psql -qtAX -v ON_ERROR_STOP=1 "$DATABASE_URL" -f - 2>&1
}

# A planted breach is seen, named with its run, and alone.
sees() # WHAT SQL
{
	local got
	got=$(after "$2")
	[[ $got = "$1|acme|"* && $got != *$'\n'* ]]
	say $? "$1"
	[[ $got = "$1|acme|"* && $got != *$'\n'* ]] || printf '#   got %s\n' "$got"
}

simulator
runner
run=$(launch claude-sonnet-5 95 1)
ended "$run" 20
stop_runner
stop_simulator
of="pipeline_run_id = '$run'"
call="(select id from attempts where $of order by opened_at limit 1)"
copy="insert into attempts (account_id, pipeline_run_id, pipeline_step_id, number, epoch, runner_id,
	model, request_hash, reserved_usd, state, ended_at, opened_at)
	select account_id, pipeline_run_id, pipeline_step_id"
[ -z "$(after 'select 1 where false')" ]
say $? "a run that went well breaks nothing"

sees "a completed step has no successful call" \
	"update attempts set succeeded = false where id = $call"
sees "a successful call has no completed step" \
	"update pipeline_steps set status = 'failed' where $of and step_key = 'generation'"
sees "a step is stored more than once" \
	"drop index pipeline_steps_key;
	insert into pipeline_steps (account_id, pipeline_run_id, step_name, step_order, step_key, status)
	select account_id, pipeline_run_id, step_name, step_order, step_key, 'pending'
	from pipeline_steps where $of and step_key = 'generation'"
sees "the totals of a run are not those of its lines" \
	"update pipeline_runs set total_output_tokens = total_output_tokens + 1 where id = '$run'"
sees "the days of an account are not its lines" \
	"update cost_sums set cost_nano = cost_nano + 1 where grain = 'account_day' and zone = 'UTC'"
sees "a call has reserved a negative amount" \
	"update attempts set reserved_usd = -1 where id = $call"
sees "a call is not booked" "$copy, 9, epoch, runner_id, model, request_hash, 1, 'settled', opened_at,
	opened_at from attempts where id = $call"
sees "a call is booked that costs nothing" \
	"update attempts set state = 'free', succeeded = false where id = $call;
	update pipeline_steps set status = 'failed' where $of and step_key = 'generation'"
line="insert into cost_entries (account_id, assistant_id, pipeline_run_id, operation, model,
	input_tokens, output_tokens, cost_usd, attempt_id, kind, corrects_id, reason, actor)
	select account_id, assistant_id, pipeline_run_id, operation, model, 0, 0, 0, attempt_id"
sees "a call is booked more than once" \
	"drop index cost_entries_attempt; $line, 'call', null, null, null
	from cost_entries where attempt_id = $call"
sees "the late end of a call is not booked as its correction" \
	"$line, 'adjustment', id, 'late', 'runner' from cost_entries where attempt_id = $call"
sees "a stored answer was asked for again" "update pipeline_steps set completed_at = (
	select opened_at - interval '1 us' from attempts where id = $call) where $of
	and step_key = 'generation'"
sees "a lost call is not booked at what was reserved" \
	"update attempts set state = 'unknown', succeeded = false where id = $call;
	update pipeline_steps set status = 'failed' where $of and step_key = 'generation'"
sees "an account has more runs under way than it may" \
	"create temporary table nine as select launch('claude-sonnet-5', 95, 1) from generate_series(1, 9);
	insert into runners values ('$run', 'host', 1, '1', now(), now());
	update jobs set state = 'running', runner_id = '$run' where state = 'queued';
	update pipeline_runs set status = 'running' where status = 'queued'"
sees "a run is held by a runner that nobody knows" \
	"update jobs set state = 'running', runner_id = '$run';
	update pipeline_runs set status = 'running'"
cap="insert into budgets (account_id, period, zone, cap_usd, thresholds, created_by, created_at)
	select id"
spent=$(sql "select sum(cost_usd) from cost_entries")
last="(select id from attempts where $of order by opened_at desc limit 1)"
sees "a call was opened beyond the cap of one run" \
	"$cap, 'run', 'UTC', $spent, '{}', 'test', '2026-01-01' from accounts;
	update attempts set reserved_usd = case when id = $last then 5 else 0 end"
[ -z "$(after "$cap, 'month', 'UTC', $spent, '{}', 'test', '2026-01-01' from accounts;
	update attempts set reserved_usd = case when id = $last then (
		select cost_usd from cost_entries where attempt_id = $last) else 0 end")" ]
say $? "a call that fits to the last nano-dollar is none"
[ -z "$(after "$cap, 'month', 'UTC', 0, '{}', 'test', now() from accounts")" ]
say $? "nor is one from before the cap"
sees "a claim had more than one runner" \
	"update attempts set runner_id = '$run' where id = $call"
sees "an earlier claim opened a call after a later one" \
	"update attempts set epoch = 2 where id = $call; update jobs set epoch = 2"
sees "a call belongs to a claim that was never made" \
	"update attempts set epoch = 2 where id = $last"
sees "a call was opened without a lease" "insert into runners select runner_id, 'host', 1, '1',
	now(), opened_at - interval '1.01 seconds' from attempts where id = $call;
	update attempts set runner_id = '$run', epoch = 2 where id <> $call; update jobs set epoch = 2"
sees "a run and its job disagree" "update pipeline_runs set status = 'queued'"
scored="alter table prompt_versions disable trigger tr_guard;
	update prompt_versions set final_score"
sees "a completed run has left its version without a score" "$scored = null;
	update pipeline_runs set kind = 'score', prompt_version_id = (select id from prompt_versions)"
sees "a version has a score that no run has found" "$scored = 1, origin = 'edit',
	pipeline_run_id = null, parent_id = id"

# All that can stand at once, seen by doctor.
PGAPPNAME=promptbuilder-runner psql -qX "$DATABASE_URL" -c "begin" -c "select pg_sleep(60)" \
	>/dev/null 2>&1 &
children+=($!)
sql "update attempts set succeeded = false, state = 'unknown', epoch = 5 where id = $call;
	update pipeline_runs set total_output_tokens = 0;
	update attempts set reserved_usd = 5 where id = $last;
	$cap, 'day', 'UTC', $spent, '{}', 'test', '2026-01-01' from accounts;
	$copy, 9, epoch, runner_id, model, request_hash, 1, 'settled', now(), opened_at
	from attempts where id = $last;
	update jobs set state = 'running', runner_id = '$run'"
wait_for 10 t "select exists (select from pg_stat_activity where application_name =
	'promptbuilder-runner' and xact_start < clock_timestamp() - interval '1.1 seconds')"
"$build/promptbuilder" doctor >"$work/doctor"
[ $? = 2 ]
say $? "doctor fails"
for which in "I1 .*step generation" "I2 .*totals of a run" "I3 .*not booked" "I4 .*not booked at" \
	"I5 .*nobody knows" "I6 .*beyond the cap" "I7 .*never made" "I8 .*lasts too long"; do
	grep -qE "^FAILED +$which" "$work/doctor"
	say $? "and names $which"
done
grep -qE "I3 .*not so in 1 cases, for one: .*\(account acme, run pipeline_1, call " "$work/doctor"
say $? "with how many, the account, the run and the amounts"
finish
