#!/usr/bin/env bash
# score_test.sh: runs that only score a version: one call, its score once, and every way to fail.
# Prints a TAP line per claim.
#
#	tests/run/score_test.sh
#
# The programs are taken from BUILD (default: the current directory).
. "$(dirname "${BASH_SOURCE[0]}")/kit.sh"

# A version that a hand made of the first one, with a text of its own: its id.
edited()
{
	sql "insert into prompt_versions (account_id, assistant_id, version, version_number,
			prompt_content, prompt_hash, injection_content, origin, parent_id, created_by,
			total_iterations)
		select account_id, assistant_id, 'v' || n, n, '# Prompt ' || n, 'hash ' || n, '-', 'edit',
			id, 'Ann', 0
		from prompt_versions
		cross join (select max(version_number) + 1 as n from prompt_versions) as next
		where version_number = 1 returning id"
}

score() # VERSION: the id of the run
{
	sql "with run as (
			insert into pipeline_runs (account_id, assistant_id, pipeline_id, briefing_id, status,
				briefing_data, model, iteration_limit, kind, prompt_version_id)
			select account_id, assistant_id, 'pipeline_' || nextval('launched'), 'briefing_1',
				'queued', '{\"assistantId\": \"support\"}', 'claude-sonnet-5', 0, 'score', id
			from prompt_versions where id = '$1' returning account_id, id
		), job as (
			insert into jobs (account_id, pipeline_run_id) select account_id, id from run
			returning pipeline_run_id
		)
		select pipeline_run_id from job, pg_notify('promptbuilder_jobs', '')"
}

retry() # RUN: as the pages do
{
	sql "update pipeline_runs set status = 'queued', error_message = null, completed_at = null
			where id = '$1';
		update pipeline_steps set status = 'pending', error_message = null
			where pipeline_run_id = '$1' and status = 'failed';
		update jobs set state = 'queued', cancel_requested = false, run_after = now()
			where pipeline_run_id = '$1';
		select pg_notify('promptbuilder_jobs', '')" >/dev/null
}

score_of() { echo "select final_score is not null from prompt_versions where id = '$1'"; }

simulator
runner
first=$(launch claude-sonnet-5 80 1)
ended "$first" 20
before=$(requests)

version=$(edited)
run=$(score "$version")
ended "$run" 20
is "it completes with one step" "completed 1 analysis[1]" \
	"select r.status || ' ' || count(*) || ' ' || min(s.step_key) from pipeline_runs r
	join pipeline_steps s on s.pipeline_run_id = r.id where r.id = '$run' group by r.status"
is "the provider saw one call" $((before + 1)) "select $(requests)"
is "the version has the score that the analysis found" t \
	"select v.final_score = (s.metadata ->> 'score')::numeric and (s.output::jsonb ->> 'score')
	= s.metadata ->> 'score' from prompt_versions v, pipeline_steps s
	where v.id = '$version' and s.pipeline_run_id = '$run'"
is "its cost is booked as an analysis" "prompt_analysis t" \
	"select string_agg(operation, ' ') || ' ' || (sum(cost_usd) = (
		select total_cost_usd from pipeline_runs where id = '$run') and sum(cost_usd) > 0)::text::char
	from cost_entries where pipeline_run_id = '$run'"
is "no version is made" 2 "select count(*) from prompt_versions"
# A second score changes nothing: the first stays.
sql "update pipeline_runs set status = 'failed' where id = '$run'" >/dev/null
score_before=$(sql "select final_score from prompt_versions where id = '$version'")
second=$(score "$version")
ended "$second" 20
is "a version keeps its first score" "$score_before completed" \
	"select v.final_score || ' ' || r.status from prompt_versions v
	join pipeline_runs r on r.id = '$second' where v.id = '$version'"
sql "update pipeline_runs set status = 'completed' where id = '$run'" >/dev/null

# The provider refuses: the run fails, the version stays without a score, a retry brings it.
version=$(edited)
faults refusal
run=$(score "$version")
ended "$run" 20
is "a refused call fails the run" failed "select status from pipeline_runs where id = '$run'"
is "the version has no score then" f "$(score_of "$version")"
faults
retry "$run"
ended "$run" 20
is "each text is a question of its own" 2 "select count(distinct s.request_hash)
	from pipeline_steps s join pipeline_runs r on r.id = s.pipeline_run_id where r.kind = 'score'"
is "a retry completes it" completed "select status from pipeline_runs where id = '$run'"
is "and the version has its score" t "$(score_of "$version")"

# The text is gone by then.
version=$(edited)
sql "update prompt_versions set prompt_content = '', injection_content = '', pruned_at = now()
	where id = '$version'" >/dev/null
run=$(score "$version")
ended "$run" 20
is "a version without its text cannot be scored" t \
	"select status = 'failed' and error_message like 'The text of the version is no longer kept%'
	from pipeline_runs where id = '$run'"
is "nothing is called for it" 0 "select count(*) from attempts where pipeline_run_id = '$run'"
stop_runner
stop_simulator

# Cancelled and killed in the middle of the call.
simulator --latency-ms 3000
runner
version=$(edited)
run=$(score "$version")
wait_for 10 1 "select count(*) from attempts where pipeline_run_id = '$run'"
sql "update jobs set cancel_requested = true where pipeline_run_id = '$run';
	select pg_notify('promptbuilder_jobs', '')" >/dev/null
ended "$run" 10
is "a cancel ends it without a score" "cancelled f" \
	"select r.status || ' ' || (v.final_score is not null)::text::char from pipeline_runs r
	join prompt_versions v on v.id = r.prompt_version_id where r.id = '$run'"
run=$(score "$version")
wait_for 10 1 "select count(*) from attempts where pipeline_run_id = '$run'"
kill -9 "$runner_pid"
wait "$runner_pid" 2>/dev/null
runner
ended "$run" 30
is "a killed runner's run completes" "completed t" \
	"select r.status || ' ' || (v.final_score is not null)::text::char from pipeline_runs r
	join prompt_versions v on v.id = r.prompt_version_id where r.id = '$run'"
is "with a lost call and a second one" 2 \
	"select count(*) from attempts where pipeline_run_id = '$run'"
stop_runner
got=$(breaches)
[ -z "$got" ]
say $? "nothing of it breaks an invariant"
[ -z "$got" ] || printf '#   %s\n' "$got"
finish
