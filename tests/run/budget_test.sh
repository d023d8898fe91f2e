#!/usr/bin/env bash
# budget_test.sh: budgets under the real runners: a storm on a small cap, what waits, what stops and
# what it says, a provider that lies, alerts and their delivery.
#
#	tests/run/budget_test.sh [CASE...]
#
# The programs are taken from BUILD (default: the current directory).
. "$(dirname "${BASH_SOURCE[0]}")/kit.sh"

# Every transaction that opens a call or books a line looks, as its last act, at what is spent and
# reserved then: no other instant can be worse.
sql "create table overshoot (at timestamptz, usd numeric);
create function look() returns trigger language plpgsql as \$\$
begin
	insert into overshoot
	select clock_timestamp(), s.spent_usd + s.reserved_usd
	from budget_state(new.account_id, new.pipeline_run_id, clock_timestamp()) as s
	where s.spent_usd + s.reserved_usd > s.cap_usd;
	return null;
end \$\$;
alter function look() security definer;
create constraint trigger look after insert on attempts deferrable initially deferred
	for each row execute function look();
create constraint trigger look after insert on cost_entries deferrable initially deferred
	for each row execute function look()" >/dev/null

budget() # PERIOD CAP [OPTION...]
{
	"$build/promptbuilder" budget set --account acme --period "$1" --cap "$2" "${@:3}" >/dev/null
}

# What this month has cost so far, and so much more.
more() { sql "select coalesce(sum(cost_usd), 0) + $1 from cost_entries"; }

no_budgets() { sql "update budgets set ended_at = now(), ended_by = 'test' where ended_at is null"; }

state() # COLUMN: of the month's budget
{
	sql "select s.$1 from accounts a, budget_state(a.id, null, now()) as s where s.period = 'month'"
}

# A line of the ledger as any writer books it.
book() # USD
{
	sql "insert into cost_entries (account_id, assistant_id, operation, model, input_tokens,
		output_tokens, cost_usd) select account_id, id, 'elsewhere', 'm', 1, 1, $1 from assistants"
}

# The victim stands still with a call so young that no answer can have begun, which takes a quarter
# of the latency: an answer would be booked by whoever reads the spool.
is_stopped_before_an_answer()
{
	kill -STOP "$victim"
	wait_until 5 grep -q '^State:.T' "/proc/$victim/status"
	local stopped_at=$EPOCHREALTIME
	[ "$(sql "select count(*) > 0 from attempts a join runners r on r.id = a.runner_id
		where a.state = 'open' and r.pid = $victim
			and a.opened_at > to_timestamp($stopped_at) - interval '15 milliseconds'")" = t ] ||
		{ kill -CONT "$victim" && return 1; }
}

case_storm()
{
	simulator --latency-ms 60
	budget month 3
	sql "select launch('claude-sonnet-5', 95, 1) from generate_series(1, 256)" >/dev/null
	begin=$(date +%s%3N)
	runner
	victim=$runner_pid
	runner
	wait_for 30 t "select count(*) >= 3 from pipeline_runs where status = 'completed'"
	wait_until 30 is_stopped_before_an_answer
	say $? "one of the runners is met with a call that has no answer"
	kill -9 "$victim"
	wait "$victim" 2>/dev/null
	wait_for 60 0 "select count(*) from jobs where state <> 'done'"
	say $? "256 runs of two runners, one killed on the way, all end"
	took_ms=$(($(date +%s%3N) - begin))
	echo "# $(sql "select string_agg(n || ' ' || status, ', ') from (select status, count(*) as n
		from pipeline_runs group by status order by status) as s"), $(sql "select count(*) || ' calls, '
		|| sum(cost_usd) || ' USD' from cost_entries") in $took_ms ms"
	is "spent and reserved were within the cap at every instant" 0 "select count(*) from overshoot"
	is "and it is used until no call fits any more" t "select sum(e.cost_usd) between
		3 - (select max(reserved_usd) from attempts) and 3 from cost_entries e"
	is "nothing stays reserved" "0 0.000000000" "select (select count(*) from attempts
		where state = 'open') || ' ' || (select s.reserved_usd from accounts a,
		budget_state(a.id, null, now()) as s)"
	is "spent is the sum of the lines" t "select s.spent_usd = (select sum(cost_usd) from cost_entries)
		from accounts a, budget_state(a.id, null, now()) as s"
	is "the killed runner's calls are booked as reserved, at least one" t "select count(*) > 0
		and bool_and(e.cost_usd = a.reserved_usd) from attempts a
		join cost_entries e on e.attempt_id = a.id where a.state = 'unknown'"
	is "every request is an attempt" t "select $(requests) between count(*)
		filter (where state = 'settled') and count(*) from attempts"
	is "runs that did not complete met the cap, and say so" 0 "select count(*) from pipeline_runs
		where status <> 'completed' and (status <> 'failed' or error_message not like 'The budget of '
		'account acme for % is 3.00 USD; % is spent, % reserved, and this call may cost up to %. An '
		'operator or a member of acme can raise it under /budgets; then retry the run.')"
	is "each threshold passed and the stop are told once" "0 1, 50 1, 80 1" \
		"select string_agg(threshold || ' ' || n, ', ' order by threshold) from (select threshold,
		count(*) as n from budget_alerts group by threshold) as t where threshold < 100"
	run=$(sql "select id from pipeline_runs where status = 'failed' order by created_at limit 1")
	budget month 5
	sql "update pipeline_runs set status = 'queued' where id = '$run';
		update jobs set state = 'queued', run_after = now() where pipeline_run_id = '$run';
		select pg_notify('promptbuilder_jobs', '')" >/dev/null
	ended "$run" 10
	is "a raised cap lets a run go on" completed "select status from pipeline_runs where id = '$run'"
	stop_runner
	stop_simulator
}

case_waiting()
{
	simulator --latency-ms 1200
	runner
	first=$(launch claude-sonnet-5 95 0)
	wait_for 10 1 "select count(*) from attempts where state = 'open'"
	# Only now: a runner that claims has booked what a killed one left in its spool.
	budget month "$(more 0.4)"
	second=$(launch claude-sonnet-5 95 0)
	wait_for 10 t "select waits_for_budget from jobs where pipeline_run_id = '$second'"
	is "while calls in flight hold the budget a run waits, gives its place back and says so" \
		"queued queued t" "select r.status || ' ' || j.state || ' ' || (j.waiting_for like 'The budget '
		'of account acme for % is % USD; % reserved, and this call may cost up to %. It is made '
		'when calls in flight are settled.')::text::char(1) from jobs j
		join pipeline_runs r on r.id = j.pipeline_run_id where r.id = '$second'"
	ended "$first" 10
	begin=$(date +%s%3N)
	ended "$second" 20
	took_ms=$(($(date +%s%3N) - begin))
	is "both complete" 2 "select count(*) from pipeline_runs
		where id in ('$first', '$second') and status = 'completed'"
	[ "$took_ms" -lt 8000 ]
	say $? "the second as soon as the first has ended ($took_ms ms)"
	is "within the cap" 0 "select count(*) from overshoot"
	no_budgets
	stop_runner
	stop_simulator
}

case_each_run()
{
	simulator
	runner
	run=$(launch claude-sonnet-5 95 0)
	ended "$run" 10
	budget run "$(sql "select min(reserved_usd) + 0.0001 from attempts where pipeline_run_id = '$run'")"
	run=$(launch claude-sonnet-5 95 1)
	ended "$run" 10
	is "a run that meets its own cap stops, with its work so far" "failed generation" \
		"select r.status || ' ' || string_agg(s.step_key, ' ') from pipeline_runs r
		join pipeline_steps s on s.pipeline_run_id = r.id and s.status = 'completed'
		where r.id = '$run' group by r.status"
	is "and says why" t "select error_message like 'The budget of account acme for one run is % USD; '
		'% is spent, 0.00 reserved, and this call may cost up to %.' || ' An operator%retry the run.'
		from pipeline_runs where id = '$run'"
	no_budgets
	sql "update pipeline_runs set status = 'queued' where id = '$run';
		update jobs set state = 'queued', run_after = now() where pipeline_run_id = '$run';
		select pg_notify('promptbuilder_jobs', '')" >/dev/null
	ended "$run" 10
	is "without the cap it goes on where it stopped" "completed 1" \
		"select r.status || ' ' || count(a.id) from pipeline_runs r
		join pipeline_steps s on s.pipeline_run_id = r.id and s.step_key = 'generation'
		join attempts a on a.pipeline_step_id = s.id where r.id = '$run' group by r.status"

	budget month 0
	run=$(launch claude-sonnet-5 95 1)
	ended "$run" 10
	is "a cap of 0 allows no call" "failed 0" "select status || ' ' || (select count(*) from attempts
		where pipeline_run_id = '$run') from pipeline_runs where id = '$run'"
	budget month "$(more 100)"
	run=$(launch claude-nowhere-1 95 1)
	ended "$run" 10
	is "under a cap nothing is called without a price" "t 0" "select (error_message like '%the model '
		'claude-nowhere-1 has no full price: under a cap nothing is called without one.%')::text::char(1)
		|| ' ' || (select count(*) from attempts where pipeline_run_id = '$run')
		from pipeline_runs where id = '$run'"
	no_budgets
	stop_runner
	stop_simulator
}

case_lying_usage()
{
	cat >"$work/usage.json" <<-END
	{"generation": {"input_tokens": 900000000, "output_tokens": 12},
	 "analysis": {"input_tokens": 12, "output_tokens": 5000000,
	              "cache_creation_input_tokens": 7, "cache_creation": {"ephemeral_1h_input_tokens": 7}},
	 "scores": [95]}
	END
	simulator --usage "$work/usage.json"
	budget month "$(more 1)"
	runner
	run=$(launch claude-sonnet-5 90 1)
	ended "$run" 10
	is "a provider that tells more than can be true is not believed" "2 2" \
		"select count(*) || ' ' || count(*) filter (where a.error_type = 'usage_invalid' and a.estimated
		and e.estimated and a.usage is not null and e.cost_usd <= a.reserved_usd)
		from attempts a join cost_entries e on e.attempt_id = a.id where a.pipeline_run_id = '$run'"
	is "and moves nothing over the cap" 0 "select count(*) from overshoot"
	no_budgets
	stop_runner
	stop_simulator
}

# What the database does not take is dropped; the call is settled all the same.
case_unstorable()
{
	simulator
	budget month "$(more 1)"
	sql "create function refuse() returns trigger language plpgsql as \$\$ begin
			raise exception using errcode = '22003'; end \$\$;
		create trigger refuse before update on attempts for each row when (new.usage is not null)
			execute function refuse()"
	runner
	run=$(launch claude-sonnet-5 90 1)
	ended "$run" 10
	is "an answer that cannot be stored fails its run" t "select status = 'failed' and error_message
		like 'The provider''s answer could not be stored: %' from pipeline_runs where id = '$run'"
	is "its call is settled by estimate, nothing stays reserved" "settled:not_stored:t 0" \
		"select a.state || ':' || a.error_type || ':' || (e.estimated and e.cost_usd > 0
		and e.cost_usd <= a.reserved_usd)::text::char(1) || ' ' || (select count(*) from attempts
		where state = 'open') from attempts a join cost_entries e on e.attempt_id = a.id
		where a.pipeline_run_id = '$run'"
	sql "drop trigger refuse on attempts"
	no_budgets
	stop_runner
	stop_simulator
}

# Sixteen writers at once: who passes a threshold tells it, whoever else writes at that moment.
case_alerts()
{
	sql "truncate budget_alerts, outbox cascade"
	"$build/promptbuilder" budget set --account acme --period month --soft 100000 \
		--thresholds 10,20,30,40,50,60,70,80,90,100 >/dev/null
	base=$(state spent_usd)
	sql "update budgets set soft_usd = ($base + 8) * 100 / 99 where ended_at is null"
	writers=()
	for i in $(seq 16); do
		{
			for j in $(seq 10); do book 0.05; done
		} &
		writers+=($!)
	done
	wait "${writers[@]}"
	is "sixteen writers lose no line" t "select s.spent_usd = $base + 8
		from accounts a, budget_state(a.id, null, now()) as s"
	is "each threshold is told once, none is missed" "9 9 t" \
		"select count(*) || ' ' || count(distinct threshold) || ' ' || (count(*) =
		(select count(*) from outbox where kind = 'budget.threshold'))::text::char(1)
		from budget_alerts where threshold < 100"
	is "by the line that passed it" 0 "select count(*) from budget_alerts a
		join budgets b on b.id = a.budget_id where a.spent_usd - 0.05 > b.soft_usd * a.threshold / 100
		and $base < b.soft_usd * a.threshold / 100"
	sql "update budget_alerts set subject = '2020-01-01'"
	book 0.01
	is "in another period it is told again" 9 "select count(*) from budget_alerts
		where subject <> '2020-01-01'"
	no_budgets
}

case_commands()
{
	budget month 1000
	"$build/promptbuilder" budget list --account acme >"$work/list"
	grep -q 'acme  *month .* UTC  *1000.000000000' "$work/list"
	say $? "budgets are listed"
	id=$(sed -n '2s/ .*//p' "$work/list")
	sql "insert into reporting_zones (zone, is_ready) values ('Asia/Tokyo', true);
		update accounts set time_zone = 'Asia/Tokyo'" >/dev/null
	budget week 1000
	! "$build/promptbuilder" zone remove Asia/Tokyo 2>/dev/null
	say $? "a zone that a budget needs is not removed"
	no_budgets
	"$build/promptbuilder" zone remove Asia/Tokyo
	say $? "it is when no budget needs it"
	sql "update accounts set time_zone = null" >/dev/null
	"$build/promptbuilder" budget remove "$id" 2>/dev/null
	[ $? = 66 ]
	say $? "an ended budget cannot be removed"
	budget month 1000
	"$build/promptbuilder" budget remove "$(sql "select id from budgets where ended_at is null")"
	say $? "one that is there can"
	for wrong in "--period year --cap 1" "--period month" "--period month --cap -1" \
		"--period month --cap 1 --thresholds 0" "--period month --cap 1 --thresholds 50,x"; do
		! "$build/promptbuilder" budget set --account acme $wrong 2>/dev/null
		say $? "budget set $wrong is refused"
	done
}

receiver() # sets $receiver_pid and $hook
{
	: >"$work/plan"
	: >"$work/events"
	python3 "$source_dir/tests/run/receiver.py" s3cret "$work/plan" "$work/events" >"$work/port" &
	receiver_pid=$!
	children+=("$receiver_pid")
	until [ -s "$work/port" ]; do sleep 0.02; done
	hook=http://127.0.0.1:$(cat "$work/port")/events
}

events() { wc -l <"$work/events"; }

# What is due is due now.
again()
{
	sql "update outbox set next_at = now() where state = 'pending';
		select pg_notify('promptbuilder_jobs', '')" >/dev/null
}

case_webhook()
{
	receiver
	simulator
	export PROMPTBUILDER_WEBHOOK_URL=$hook PROMPTBUILDER_WEBHOOK_SECRET=s3cret
	export PROMPTBUILDER_WEBHOOK_TIMEOUT_MS=1500ms
	sql "truncate budget_alerts, outbox cascade"
	budget month "$(more 1)" --thresholds 99
	echo 500 302 hang >"$work/plan"
	runner
	other=$runner_pid
	runner
	book 1
	for wanted in "It answered with status 500." "It answered with status 302." "%timed out%"; do
		wait_for 10 t "select last_error like '$wanted' from outbox"
		say $? "an answer that is none: $wanted"
		is "it stays for a later try" "pending t" "select state || ' ' || (next_at between
			now() and now() + interval '31 s')::text::char(1) from outbox"
		again
	done
	wait_for 10 delivered "select state from outbox"
	say $? "the event is delivered when it is accepted, by any of two runners"
	python3 - "$work/events" <<-'END'
	import json, sys
	lines = [json.loads(line) for line in open(sys.argv[1])]
	body = lines[0][5]
	assert len(lines) == 4 and len({line[0] for line in lines}) == 1, lines
	assert all(line[1] and line[3] == "/events" for line in lines), lines
	assert body["id"] == lines[0][0] and body["type"] == "budget.threshold", body
	assert body["data"]["threshold_percent"] == 99 and body["data"]["account"]["slug"] == "acme", body
	assert body["data"]["budget"]["period"] == "month", body
	assert not any("test-key" in str(line[4]) for line in lines), lines
	END
	say $? "each try was signed and carried the same id, no key, and followed no redirection"

	is "each try is kept" "500 302 none 200" "select string_agg(coalesce(http_status::text, 'none'),
		' ' order by number) from outbox_attempts where duration_ms >= 0 and (error is null) = (http_status is not distinct from 200)"

	# Many events, two runners, a slow receiver: nobody sends what another one is sending.
	: >"$work/events"
	yes slow | head -n 40 | tr '\n' ' ' >"$work/plan"
	sql "insert into outbox (account_id, kind, payload) select id, 'test', '{}' from accounts,
		generate_series(1, 24)"
	again
	wait_for 20 0 "select count(*) from outbox where state = 'pending'"
	is "all are delivered" 24 "select count(*) from outbox where kind = 'test' and attempts = 1"
	python3 - "$work/events" <<-'END'
	import json, sys
	lines = [json.loads(line) for line in open(sys.argv[1])]
	assert len(lines) == len({line[0] for line in lines}) == 24, len(lines)
	assert all(line[2] == 1 for line in lines)
	END
	say $? "each once"

	# The sender dies: the event is its own until its time is over, then anybody's.
	kill -9 "$other"
	wait "$other" 2>/dev/null
	: >"$work/events"
	echo hang >"$work/plan"
	sql "insert into outbox (account_id, kind, payload) select id, 'lost', '{}' from accounts"
	again
	until [ "$(events)" = 1 ]; do sleep 0.02; done
	kill -9 "$runner_pid"
	wait "$runner_pid" 2>/dev/null
	is "an event in flight is held for its deadline and more" t "select attempts = 1 and next_at
		between now() + interval '10 s' and now() + interval '22 s' from outbox where kind = 'lost'"
	runner
	again
	wait_for 10 delivered "select state from outbox where kind = 'lost'"
	say $? "what a dead runner was sending is sent again"
	stop_runner

	# A day is enough.
	sql "insert into outbox (account_id, kind, payload, created_at) select id, 'old', '{}',
		now() - interval '25 h' from accounts"
	runner
	again
	wait_for 10 failed "select state from outbox where kind = 'old'"
	say $? "what nobody took for a day is given up"
	sql "insert into outbox (account_id, kind, payload, created_at, state, ended_at) select id, 'new',
		'{}', now() - interval '25 h', 'failed', now() from accounts"
	sql "update outbox set state = 'pending', ended_at = null, next_at = now(), resent_at = now()
		where kind = 'new'"
	again
	wait_for 10 delivered "select state from outbox where kind = 'new'"
	say $? "sent again by hand it has another day"
	sql "update outbox set ended_at = now() - interval '721 h' where kind = 'new'"
	again
	wait_for 10 0 "select count(*) from outbox where kind = 'new'"
	say $? "what ended long ago goes"
	stop_runner
	"$build/promptbuilder" doctor | grep -q 'warning  Events for the webhook: given up in 7 days: 1, late: 0'
	say $? "and doctor tells"

	case_webhook_addresses
	unset PROMPTBUILDER_WEBHOOK_URL PROMPTBUILDER_WEBHOOK_SECRET PROMPTBUILDER_WEBHOOK_TIMEOUT_MS
	no_budgets
	stop_simulator
}

case_webhook_addresses()
{
	for url in http://example.com/x ftp://example.com/ https://example.com:8443/ \
		http://127.example.com/ http://10.0.0.1/; do
		PROMPTBUILDER_WEBHOOK_URL=$url "$build/promptbuilder-runner" 2>/dev/null
		[ $? = 78 ]
		say $? "$url is refused at the start"
	done
	PROMPTBUILDER_WEBHOOK_SECRET='' "$build/promptbuilder-runner" 2>/dev/null
	[ $? = 78 ]
	say $? "so is a webhook without a secret"
	for name in ip6-localhost "$(hostname)"; do
		getent ahosts "$name" >/dev/null && break
	done
	sql "insert into outbox (account_id, kind, payload) select id, 'inward', '{}' from accounts"
	PROMPTBUILDER_WEBHOOK_URL=https://$name/ runner
	wait_for 10 t "select last_error like 'The name leads to an address that is not public%'
		from outbox where kind = 'inward'"
	say $? "a name that leads inward ($name) is not followed"
	stop_runner
}

cases="storm waiting each_run lying_usage unstorable alerts commands webhook"
for name in ${*:-$cases}; do
	echo "# $name"
	"case_$name"
done
finish
