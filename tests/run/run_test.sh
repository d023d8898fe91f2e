#!/usr/bin/env bash
# run_test.sh: the real runner against the simulator and a real database: success, each failure,
# cancel, kill -9 and resume, drain. Prints a TAP line per claim.
#
#	tests/run/run_test.sh [CASE...]
#
# The programs are taken from BUILD (default: the current directory).
. "$(dirname "${BASH_SOURCE[0]}")/kit.sh"

# ---- Cases. ----

case_recorded_usage()
{
	# The plan's run, whose analysis phase is two calls of this pipeline.
	cat >"$work/usage.json" <<-END
	{"generation": {"input_tokens": 10451, "output_tokens": 2839},
	 "analysis": [{"input_tokens": 2000, "output_tokens": 1400},
	              {"input_tokens": 1532, "output_tokens": 1015}],
	 "improvement": {"input_tokens": 15726, "output_tokens": 6120}, "scores": [70, 92]}
	END
	simulator --usage "$work/usage.json"
	runner
	run=$(launch claude-opus-4-5-20251101 90 3)
	ended "$run" 20
	is "a run completes" completed "select status from pipeline_runs where id = '$run'"
	is "recorded usage costs what the plan says" \
		"prompt_analysis:0.234105000 prompt_generation:0.369690000 prompt_improvement:0.694890000" \
		"select string_agg(operation || ':' || cost, ' ' order by operation) from (
		select operation, sum(cost_usd) as cost from cost_entries
		where pipeline_run_id = '$run' group by operation) as phases"
	is "and so does the run's total" "29709 11374 1.298685000" \
		"select concat_ws(' ', total_input_tokens, total_output_tokens, total_cost_usd)
		from pipeline_runs where id = '$run'"
	is "steps are stored in order" \
		"generation analysis[1] improvement[1] analysis[2] version" \
		"select string_agg(step_key, ' ' order by step_order) from pipeline_steps
		where pipeline_run_id = '$run' and status = 'completed' and progress = 100"
	is "the version carries score and iterations" "v1 92.00 2" \
		"select version || ' ' || final_score || ' ' || total_iterations from prompt_versions
		where pipeline_run_id = '$run'"
	is "hashes are those of the texts" t \
		"select prompt_hash = encode(sha256(convert_to(prompt_content, 'UTF8')), 'hex')
		and length(briefing_hash) = 64 from prompt_versions where pipeline_run_id = '$run'"
	check_injection "$run"

	# The same text again is the same version.
	first=$run
	run=$(launch claude-opus-4-5-20251101 90 3)
	ended "$run" 20
	is "a run ends with the version that has its text" "completed v1 1" \
		"select r.status || ' ' || v.version || ' ' || (select count(*) from prompt_versions)
		from pipeline_runs r join prompt_versions v on v.id = r.prompt_version_id
		where r.id = '$run' and v.pipeline_run_id = '$first'"
	sql "update prompt_versions set prompt_content = '', injection_content = '', pruned_at = now()"
	run=$(launch claude-opus-4-5-20251101 90 3)
	ended "$run" 20
	is "but for one that retention has emptied" "v2 2" \
		"select v.version || ' ' || (select count(*) from prompt_versions)
		from pipeline_runs r join prompt_versions v on v.id = r.prompt_version_id
		where r.id = '$run' and v.pipeline_run_id = r.id"
	stop_runner
	stop_simulator
}

# A prompt of exactly 100,000 tokens, cached ones included, is below the tier of this model.
case_tier()
{
	cat >"$work/usage.json" <<-END
	{"generation": {"input_tokens": 100001, "output_tokens": 10},
	 "analysis": {"input_tokens": 90000, "cache_read_input_tokens": 10000, "output_tokens": 10},
	 "scores": [95]}
	END
	sql "insert into model_prices (account_id, model, above_tokens, input_pico, output_pico,
		cache_read_pico, cache_write_5m_pico, cache_write_1h_pico, source)
		select id, 'claude-haiku-4-5', above, 100000 * factor, 500000 * factor, 10000 * factor,
			125000 * factor, 200000 * factor, 'test'
		from accounts, (values (0, 1), (100000, 5)) as tier (above, factor)" >/dev/null
	simulator --usage "$work/usage.json"
	runner
	run=$(launch claude-haiku-4-5-20251001 90 1)
	ended "$run" 20
	is "the length of the real prompt chooses the tier" \
		"100000:prompt_generation:0.050025500 0:prompt_analysis:0.009105000" \
		"select string_agg(p.above_tokens || ':' || e.operation || ':' || e.cost_usd, ' '
		order by e.timestamp) from cost_entries e join model_prices p on p.id = e.price_id
		where e.pipeline_run_id = '$run'"
	is "the dearest tier had been reserved" t \
		"select bool_and(reserved_usd > 2.5 * ${PROMPTBUILDER_MAX_OUTPUT_TOKENS:-16000} / 1000000)
		from attempts where pipeline_run_id = '$run'"
	stop_runner
	stop_simulator
}

# The module, evaluated, is the prompt to the byte.
check_injection()
{
	command -v node >/dev/null || { echo "# no node: injection.ts is not evaluated"; return; }
	sql "select injection_content from prompt_versions where pipeline_run_id = '$1'" |
		sed 's/^export const prompt: string =/export const prompt =/' >"$work/injection.mjs"
	sql "select prompt_content from prompt_versions where pipeline_run_id = '$1'" >"$work/prompt"
	node --input-type=module -e "import p from '$work/injection.mjs'; console.log(p)" \
		>"$work/evaluated"
	cmp -s "$work/prompt" "$work/evaluated"
	say $? "injection.ts evaluates to the prompt"
}

# One run under faults, with everything that must hold of any run.
faulty() # CLAIM STATUS ATTEMPTS SPEC...
{
	local claim=$1 wanted=$2 attempts=$3
	shift 3
	faults "$@"
	run=$(launch claude-sonnet-5 80 1)
	ended "$run" 30
	is "$claim: the run is $wanted" "$wanted" "select status from pipeline_runs where id = '$run'"
	is "$claim: every request is an attempt" "$(requests)" \
		"select count(*) from attempts where pipeline_run_id = '$run'"
	[ "$attempts" = - ] || is "$claim: failed attempts" "$attempts" \
		"select coalesce(string_agg(state || ':' || error_type || case when estimated then ':estimated'
		else '' end, ' ' order by opened_at), '') from attempts
		where pipeline_run_id = '$run' and not succeeded"
}

case_faults()
{
	simulator
	PROMPTBUILDER_SILENCE_MS=700ms runner
	faulty "no fault" completed ""
	faulty "429" completed "free:rate_limit_error free:rate_limit_error" 429x2,retry-after=0
	faulty "529" completed "free:overloaded_error free:overloaded_error" 529x2
	faulty "500" completed "settled:api_error:estimated" 500@1
	faulty "504" completed "settled:timeout_error:estimated" 504@2
	faulty "a proxy's page" completed "settled:api_error:estimated" html@1
	faulty "cut" completed "settled:connection_lost:estimated" cut@1
	faulty "stall" completed "settled:silence:estimated" stall@2
	faulty "pings only" completed "settled:silence:estimated" ping-only@1
	faulty "error event" completed "settled:overloaded_error:estimated" error-event@1
	faulty "no message_stop" completed "settled:stream_cut:estimated" no-stop@1
	faulty "drip" completed "" drip@1
	faulty "bad JSON" completed "settled:unusable_answer" bad-json@1,phase=analysis
	faulty "bad schema" completed "settled:unusable_answer" bad-schema@1,phase=analysis
	faulty "truncated" completed "settled:truncated" truncated@1
	faulty "not an event stream" completed "settled:unreadable:estimated" wrong-content-type@1
	faulty "growing usage" completed "" usage-grows
	faulty "lying usage" completed "" usage-lies
	is "lying usage: no line is negative, all are estimated" t \
		"select bool_and(cost_usd > 0 and estimated) from cost_entries where pipeline_run_id = '$run'"
	faulty "bad JSON for ever" failed "settled:unusable_answer settled:unusable_answer" \
		bad-json,phase=analysis
	faulty "refusal" failed "free:refusal" refusal
	faulty "spend cap" failed "free:rate_limit_error" 429-spend-cap
	is "spend cap: the sentence says what to do" t \
		"select error_message like 'The spend limit at the provider is reached%then retry the run.'
		from pipeline_runs where id = '$run'"
	run=$(launch claude-haiku-4-5-20251001 80 1)
	wait_for 10 t "select state = 'queued' and waiting_for is not null from jobs
		where pipeline_run_id = '$run'"
	is "spend cap: other runs of the key wait, whatever their model, and say for what" "true 0" \
		"select (waiting_for like 'The spend limit at the provider is reached%until it resets.'
		and run_after > now() + interval '59 min') || ' ' ||
		(select count(*) from attempts where pipeline_run_id = '$run') from jobs where pipeline_run_id = '$run'"
	is "spend cap: the provider is not asked again" 1 "select $(requests)"
	sql "update jobs set state = 'done' where pipeline_run_id = '$run';
		update pipeline_runs set status = 'cancelled' where id = '$run'" >/dev/null
	stop_runner
	PROMPTBUILDER_SILENCE_MS=700ms runner
	faulty "529 for ever" failed - 529
	is "529 for ever: five tries, nothing to pay" "5 0.000000000" \
		"select count(*) || ' ' || (select total_cost_usd from pipeline_runs where id = '$run')
		from attempts where pipeline_run_id = '$run' and state = 'free'"
	is "529 for ever: the failed step says why" t \
		"select error_message like 'Tried 5 times. The provider is overloaded%' from pipeline_steps
		where pipeline_run_id = '$run' and status = 'failed'"
	faults 429@1,retry-after=600
	run=$(launch claude-sonnet-5 80 1)
	wait_for 10 queued "select status from pipeline_runs where id = '$run' and exists
		(select from attempts where pipeline_run_id = '$run')"
	is "a long wait gives the place back and says what for" t \
		"select state = 'queued' and run_after > now() + interval '590 s' and crash_claims = 0
		and waiting_for like 'The provider''s rate limit%'
		from jobs where pipeline_run_id = '$run'"
	stop_runner
	runner
	sql "update jobs set run_after = now() where pipeline_run_id = '$run'" >/dev/null
	ended "$run" 10
	is "and the run goes on when its time comes" completed \
		"select status from pipeline_runs where id = '$run'"
	stop_runner
	stop_simulator
}

case_key_and_network()
{
	simulator
	ANTHROPIC_API_KEY=wrong runner
	run=$(launch claude-sonnet-5 80 1)
	ended "$run" 10
	is "a wrong key fails the run with the provider's sentence and what to do" t \
		"select status = 'failed' and error_message like
		'%(authentication_error: invalid x-api-key). Set ANTHROPIC_API_KEY%'
		from pipeline_runs where id = '$run'"
	is "it is tried once and costs nothing" "1 0.000000000" \
		"select count(*) || ' ' || (select total_cost_usd from pipeline_runs where id = '$run')
		from attempts where pipeline_run_id = '$run'"
	stop_runner
	ANTHROPIC_API_KEY='' runner
	run=$(launch claude-sonnet-5 80 1)
	ended "$run" 10
	is "without a key the run names the setting" t \
		"select status = 'failed' and error_message like '%ANTHROPIC_API_KEY%'
		from pipeline_runs where id = '$run'"
	stop_runner
	stop_simulator
	ANTHROPIC_BASE_URL=http://127.0.0.1:9 runner
	run=$(launch claude-sonnet-5 80 1)
	ended "$run" 20
	is "an unreachable provider fails the run with a sentence" t \
		"select status = 'failed' and error_message like
		'Tried 5 times. The provider cannot be reached%Check ANTHROPIC_BASE_URL%'
		from pipeline_runs where id = '$run'"
	is "unsent calls are free" "free:5" \
		"select state || ':' || count(*) from attempts where pipeline_run_id = '$run' group by state"
	stop_runner
	ANTHROPIC_BASE_URL=http://example.com "$build/promptbuilder-runner" 2>/dev/null
	[ $? = 78 ]
	say $? "http to another machine is refused at the start"
	! grep -q 'test-key\|=wrong' "$work/runner.log"
	say $? "the key is not in the log"
}

case_cancel()
{
	simulator --latency-ms 5000
	runner
	run=$(launch claude-sonnet-5 80 1)
	wait_for 10 t "select progress > 0 from pipeline_steps
		where pipeline_run_id = '$run' and step_key = 'generation'"
	say $? "progress is written while the answer streams in"
	sql "update jobs set cancel_requested = true where pipeline_run_id = '$run';
		select pg_notify('promptbuilder_jobs', '')" >/dev/null
	begin=$(date +%s%3N)
	ended "$run" 10
	took_ms=$(($(date +%s%3N) - begin))
	is "a run in flight is cancelled" "cancelled done" \
		"select r.status || ' ' || j.state from pipeline_runs r
		join jobs j on j.pipeline_run_id = r.id where r.id = '$run'"
	[ "$took_ms" -lt 1000 ]
	say $? "within a second ($took_ms ms)"
	is "what was seen is booked" t \
		"select bool_and(estimated and input_tokens > 0 and cost_usd > 0) and count(*) = 1
		from cost_entries where pipeline_run_id = '$run'"
	is "no version is made" 0 "select count(*) from prompt_versions where pipeline_run_id = '$run'"
	stop_runner
	stop_simulator
}

case_kill_and_resume()
{
	simulator --latency-ms 400
	runner
	run=$(launch claude-sonnet-5 95 1)
	wait_for 10 1 "select count(*) from attempts a join pipeline_steps s on s.id = a.pipeline_step_id
		where a.pipeline_run_id = '$run' and s.step_key = 'improvement[1]'"
	kill -9 "$runner_pid"
	wait "$runner_pid" 2>/dev/null
	begin=$(date +%s%3N)
	runner
	wait_for 20 2 "select epoch from jobs where pipeline_run_id = '$run'"
	took_ms=$(($(date +%s%3N) - begin))
	[ "$took_ms" -lt 1500 ]
	say $? "a restart on the same host takes over at once ($took_ms ms)"
	ended "$run" 20
	is "a killed runner's run completes" completed \
		"select status from pipeline_runs where id = '$run'"
	is "stored steps are not called again" "generation:1 analysis[1]:1 improvement[1]:2 analysis[2]:1" \
		"select string_agg(k || ':' || n, ' ' order by o) from (
		select s.step_key as k, s.step_order as o, count(*) as n from attempts a
		join pipeline_steps s on s.id = a.pipeline_step_id
		where a.pipeline_run_id = '$run' group by 1, 2) as calls"
	is "the provider saw as many requests as there are attempts" "$(requests)" \
		"select count(*) from attempts where pipeline_run_id = '$run'"
	is "the lost call is booked at what had come, or else at what was reserved" t \
		"select e.estimated and e.cost_usd > 0 and a.error_type = 'runner_lost'
		and case a.state when 'settled' then e.cost_usd < a.reserved_usd
		when 'unknown' then e.cost_usd = a.reserved_usd end
		from attempts a join cost_entries e on e.attempt_id = a.id
		where a.pipeline_run_id = '$run' and not a.succeeded"
	stop_runner

	# A run that kills its runner again and again.
	run=$(launch claude-sonnet-5 95 1)
	for i in 1 2 3 4; do
		runner
		wait_for 10 "$i" "select count(*) from attempts where pipeline_run_id = '$run'"
		kill -9 "$runner_pid"
		wait "$runner_pid" 2>/dev/null
	done
	runner
	ended "$run" 10
	is "a run that stops four runners in a row fails" t \
		"select status = 'failed' and error_message like 'The run stopped its runner 4 times%'
		from pipeline_runs where id = '$run'"
	stop_runner

	# Another pipeline: a stored step whose question is not the same any more.
	runner
	run=$(launch claude-sonnet-5 95 1)
	wait_for 10 analysis[1] "select max(step_key) from pipeline_steps
		where pipeline_run_id = '$run' and status = 'running'"
	kill -9 "$runner_pid"
	wait "$runner_pid" 2>/dev/null
	sql "update pipeline_runs set briefing_data = briefing_data || '{\"tone\": \"stern\"}'
		where id = '$run'" >/dev/null
	runner
	ended "$run" 10
	is "a stored step that answers another question fails the run" t \
		"select error_message like 'The pipeline changed%' from pipeline_runs where id = '$run'"
	stop_runner
	stop_simulator
}

case_drain()
{
	simulator --latency-ms 700
	runner
	run=$(launch claude-sonnet-5 95 1)
	wait_for 10 1 "select count(*) from attempts where pipeline_run_id = '$run'"
	kill -TERM "$runner_pid"
	wait "$runner_pid"
	[ $? = 0 ]
	say $? "SIGTERM ends the runner with status 0"
	is "the call in flight is finished, the run is back in the queue, uncounted" \
		"queued queued 0 settled" \
		"select r.status || ' ' || j.state || ' ' || j.crash_claims || ' ' || a.state
		from pipeline_runs r join jobs j on j.pipeline_run_id = r.id
		join attempts a on a.pipeline_run_id = r.id where r.id = '$run'"
	is "the runner's row is gone" 0 "select count(*) from runners where lease_until > now()"
	runner
	wait_for 10 2 "select count(*) from attempts where pipeline_run_id = '$run'"
	kill -TERM "$runner_pid"
	kill -INT "$runner_pid"
	wait "$runner_pid"
	is "a second signal gives the call up and books what was seen" "queued settled:t" \
		"select r.status || ' ' || a.state || ':' || a.estimated::text::char(1)
		from pipeline_runs r join attempts a on a.pipeline_run_id = r.id
		where r.id = '$run' order by a.opened_at desc limit 1"
	runner
	ended "$run" 15
	is "the next runner completes it" completed "select status from pipeline_runs where id = '$run'"
	stop_runner
	stop_simulator
}

case_database_away()
{
	local served="datname = '$database' and pid <> pg_backend_pid()"
	simulator --latency-ms 300
	runner
	for i in 1 2 3 4 5; do
		launch claude-sonnet-5 95 1 >/dev/null
	done
	for i in 1 2 3; do
		wait_for 10 t "select count(*) > 0 from attempts where state = 'open'"
		sql "select pg_terminate_backend(pid) from pg_stat_activity
			where application_name = 'promptbuilder-runner' and $served" >/dev/null
	done
	wait_for 30 0 "select count(*) from jobs where state <> 'done'"
	is "runs survive lost connections" 5 \
		"select count(*) from pipeline_runs r join (select id from pipeline_runs
		order by created_at desc limit 5) as l using (id) where r.status = 'completed'"
	is "no call is made twice" 20 "select count(*) from attempts where state = 'settled' and
		pipeline_run_id in (select id from pipeline_runs order by created_at desc limit 5)"

	# Away for longer than the lease, with calls in flight.
	for i in 1 2 3 4 5; do
		launch claude-sonnet-5 95 1 >/dev/null
	done
	wait_for 10 5 "select count(*) from attempts where state = 'open'"
	psql -qtAX "$TEST_DATABASE_URL" -c "alter database $database allow_connections false" \
		-c "select pg_terminate_backend(pid) from pg_stat_activity where $served" >/dev/null
	psql -qtAX "$TEST_DATABASE_URL" -c "select pg_sleep(3)" >/dev/null
	psql -qtAX "$TEST_DATABASE_URL" -c "alter database $database allow_connections true"
	wait_for 30 0 "select count(*) from jobs where state <> 'done'"
	is "finished answers outlive an outage and are stored after it" "20 settled settled" \
		"select count(*) || ' ' || min(state) || ' ' || max(state) from attempts where
		pipeline_run_id in (select id from pipeline_runs order by created_at desc limit 5)"
	is "the provider saw no request more than the ledger" "$(requests)" \
		"select count(*) from attempts where
		pipeline_run_id in (select id from pipeline_runs order by created_at desc limit 10)"
	stop_runner
	stop_simulator
}

case_zombie()
{
	simulator --latency-ms 1500
	runner
	zombie=$runner_pid
	run=$(launch claude-sonnet-5 60 0)
	wait_for 10 1 "select count(*) from attempts where pipeline_run_id = '$run' and state = 'open'"
	kill -STOP "$zombie"
	runner
	ended "$run" 20
	kill -CONT "$zombie"
	is "another runner completes the run of a stopped one" "completed 2" \
		"select r.status || ' ' || j.epoch from pipeline_runs r
		join jobs j on j.pipeline_run_id = r.id where r.id = '$run'"
	wait_for 10 0 "select count(*) from attempts where pipeline_run_id = '$run' and state = 'unknown'"
	say $? "the late end of its call replaces the unknown"
	is "its cost is corrected to what the tokens cost" t \
		"select sum(e.cost_usd) filter (where e.attempt_id = a.id) < a.reserved_usd
		and count(*) filter (where e.attempt_id = a.id) = 2
		from attempts a join cost_entries e on e.pipeline_run_id = a.pipeline_run_id
		where a.pipeline_run_id = '$run' and a.epoch = 1 group by a.id, a.reserved_usd"
	is "one version, from the second claim" 1 \
		"select count(prompt_version_id) from pipeline_runs where id = '$run'"
	kill -TERM "$zombie"
	stop_runner
	stop_simulator
}

case_many()
{
	simulator --latency-ms 200
	runner
	faults
	wait_for 5 1 "select count(*) from runners where lease_until > now()"
	before=$(sql "select count(*) from pipeline_runs")
	begin=$(date +%s%3N)
	sql "select launch('claude-sonnet-5', 95, 1) from generate_series(1, 50)" >/dev/null
	wait_for 60 0 "select count(*) from jobs where state <> 'done'"
	took_ms=$(($(date +%s%3N) - begin))
	echo "# 50 runs of 4 calls of 200 ms took $took_ms ms"
	is "fifty runs at once complete" 50 \
		"select count(*) from (select status from pipeline_runs order by created_at desc limit 50) as r
		where status = 'completed'"
	is "tokens are the provider's own count" "$(requests)" \
		"select count(*) from attempts a where a.pipeline_run_id in
		(select id from pipeline_runs order by created_at desc limit 50)"
	local wanted
	wanted=$(curl -sf "$provider/simulator/stats" | grep -o '"completed_usage":{[^}]*}' |
		grep -o '[0-9][0-9]*' | sed -n '2,5p' | tr '\n' ' ')
	is "and equal it in every bucket" "$wanted" \
		"select format('%s %s %s %s ', sum(total_input_tokens), sum(total_output_tokens),
		sum(total_cache_read_tokens), sum(total_cache_write_tokens)) from
		(select * from pipeline_runs order by created_at desc limit 50) as r"
	is "version numbers have no gap and no double" t \
		"select count(*) = max(version_number) and count(distinct version_number) = count(*)
		from prompt_versions"
	grep -q '^VmHWM' "/proc/$runner_pid/status" &&
		echo "# peak memory $(sed -n 's/^VmHWM:[ \t]*//p' "/proc/$runner_pid/status")"
	stop_runner
	stop_simulator
}

# What must hold after everything above.
check_invariants()
{
	local broken
	broken=$(breaches)
	[ -z "$broken" ]
	say $? "no invariant is broken"
	printf '%s' "$broken" | sed 's/^/#   /'
	is "no attempt stays open, no step running, no job held" "0 0 0" \
		"select (select count(*) from attempts where state = 'open') || ' ' ||
		(select count(*) from pipeline_steps where status = 'running') || ' ' ||
		(select count(*) from jobs where state = 'running')"
	is "exact lines are tokens times rates, rounded once" 0 \
		"select count(*) from cost_entries e join model_prices p on p.id = e.price_id
		where not e.estimated and e.idempotency_key not like '%:corrected' and e.cost_usd <>
		round((e.input_tokens * p.input_pico + e.output_tokens * p.output_pico
		+ e.cache_read_tokens * p.cache_read_pico
		+ (e.cache_write_tokens - e.cache_write_1h_tokens) * p.cache_write_5m_pico
		+ e.cache_write_1h_tokens * p.cache_write_1h_pico)::numeric * e.rate_permille
		/ 1000000000000000, 9)"
}

cases="recorded_usage tier faults key_and_network cancel kill_and_resume drain database_away zombie many"
for name in ${*:-$cases}; do
	echo "# $name"
	"case_$name"
done
check_invariants
finish
