#!/usr/bin/env bash
# crowd_test.sh: many accounts and runners on one queue: whose turn it is, what a claim costs, how
# many commits calls take, and what a runner asks of the database while there is nothing to do.
. "$(dirname "$0")/kit.sh"

# The statement of the runner by hand.
claim_sql() # PLACES [PREFIX]
{
	echo "set role promptbuilder_runner; set plan_cache_mode = force_generic_plan;"
	echo "set enable_seqscan = off; set enable_bitmapscan = off;"
	echo "prepare claim as"
	awk '/^-- name: job_claim$/ { on = 1; next } /^-- name/ { on = 0 } on' "$source_dir/sql/job.sql"
	echo "${2:-} execute claim('00000000-0000-0000-0000-000000000001', $1, 200, 'm', '1');"
}

claim() # PLACES: the accounts that were served, with how many
{
	local ids
	ids=$(claim_sql "$1" | psql -qtAX -v ON_ERROR_STOP=1 "$DATABASE_URL" | cut -d'|' -f1 | paste -sd,)
	sql "select string_agg(slug || ':' || n, ' ' order by slug) from (
		select a.slug, count(*) as n from unnest('{$ids}'::uuid[]) as g (id)
		join accounts a on a.id = g.id group by a.slug) as s"
}

got() # CLAIM WANTED GOT
{
	[ "$3" = "$2" ]
	say $? "$1"
	[ "$3" = "$2" ] || printf '#   wanted %s\n#   got    %s\n' "$2" "$3"
}

runs() # SLUG NUMBER [PRIORITY]: queued, in a moment of the past
{
	sql "with made as (
		insert into pipeline_runs (account_id, assistant_id, pipeline_id, briefing_id, status,
			briefing_data, model, target_score, iteration_limit)
		select s.account_id, s.id, 'crowd_' || nextval('launched'), 'b', 'queued',
			'{\"assistantId\": \"support\", \"company\": \"Acme\", \"purpose\": \"Orders\"}',
			'claude-opus-4-5-20251101', 100, 1
		from assistants s join accounts a on a.id = s.account_id, generate_series(1, $2)
		where a.slug = '$1' returning account_id, id)
	insert into jobs (account_id, pipeline_run_id, priority) select account_id, id, ${3:-0} from made;
	notify promptbuilder_jobs"
}

account() # SLUG WEIGHT
{
	sql "with made as (insert into accounts (slug, name, weight) values ('$1', '$1', $2) returning id)
	insert into assistants (account_id, external_id, name) select id, 'support', '$1' from made"
}

end_running()
{
	sql "update jobs j set state = 'done', runner_id = null from accounts a
		where a.id = j.account_id and j.state = 'running' and a.slug ~ '^(${1:-.*})\$'"
}

afresh() { sql "delete from jobs; delete from account_turns; delete from pipeline_runs"; }

echo "# turns"
sql "insert into runners (id, host, pid, version, lease_until)
	values ('00000000-0000-0000-0000-000000000001', 'here', 1, '1', now() + interval '1 hour')"
account big 1
account small 1
account heavy 3
runs big 500
got "without others a long queue gets all places" "big:8" "$(claim 8)"
runs small 5
got "a late account gets the next places until it has as many" "small:5" "$(claim 5)"
end_running
runs small 100
got "equal weights, equal shares" "big:5 small:5" "$(claim 10)"
end_running
runs heavy 100
got "a weight of three gets three times as much" "big:2 heavy:6 small:2" "$(claim 10)"
end_running
"$build/promptbuilder" account set small --max-running 1 >/dev/null
got "an account's own limit holds" "big:2 heavy:5 small:1" "$(claim 8)"
end_running
"$build/promptbuilder" account set small --max-running default --weight 1 >/dev/null
turns=
for _ in 1 2 3 4 5 6 7 8 9 10; do
	turns="$turns $(claim 1)"
	end_running
done
got "with one place all have their turns, by weight" "big:1 2 heavy:1 6 small:1 2" \
	"$(tr ' ' '\n' <<<"$turns" | grep . | sort | uniq -c | awk '{ printf "%s%s %s", s, $2, $1; s = " " }')"
runs small 1 5
got "within an account the priority counts" 5 \
	"$(sql "update accounts set max_running = 0 where slug <> 'small'" >/dev/null; claim 1 >/dev/null
	sql "select priority from jobs where state = 'running'")"
"$build/promptbuilder" account set small --weight 0 >"$work/out" 2>&1
got "a weight of nothing is refused" 64 "$?"

echo "# plans"
afresh
sql "update accounts set max_running = null"
plan() # the buffers that a claim of one touches, with that many queued
{
	claim_sql 1 'explain (analyze, buffers)' | psql -qtAX -1 "$DATABASE_URL" >"$work/plan"
	grep -m 1 -o 'shared hit=[0-9]*' "$work/plan" | cut -d= -f2
}
sql "alter table pipeline_runs disable trigger user"
runs big 100
few=$(plan)
runs big 100000
many=$(plan)
[ "$many" -lt $((few + 100)) ]
say $? "a queue of 100000 is read like one of 100: $few and $many pages"
sql "create table kept as select * from jobs; truncate jobs"
{
	claim_sql 1
	echo "reset role; insert into jobs (account_id, pipeline_run_id)
		select account_id, pipeline_run_id from kept; set role promptbuilder_runner;
		explain (analyze, buffers) execute
			claim('00000000-0000-0000-0000-000000000001', 1, 200, 'm', '1');"
} | psql -qtAX "$DATABASE_URL" >"$work/plan"
many=$(grep -m 1 -o 'shared hit=[0-9]*' "$work/plan" | cut -d= -f2)
[ "$many" -lt $((few + 100)) ]
say $? "the same with a plan made while the table was new: $many pages"
sql "analyze jobs, pipeline_runs, accounts"
many=$(plan)
[ "$many" -lt $((few + 100)) ]
say $? "the same when the planner knows: $many pages"
grep -q 'Seq Scan on \(jobs\|pipeline_runs\)' "$work/plan"
say $((! $?)) "no table is read from end to end"
sql "update jobs set state = 'done'; update accounts set max_running = 0 where slug = 'big'"
sql "vacuum analyze jobs"
sql "update jobs set state = 'queued'"
runs small 1
many=$(plan)
[ "$many" -lt $((few + 300)) ]
say $? "the same behind a full account, when the planner has seen nothing queued: $many pages"
sql "update accounts set max_running = null; delete from jobs where account_id =
	(select id from accounts where slug = 'small')"
sql "insert into accounts (slug, name) select 'a' || n, 'A' from generate_series(1, 1000) as n;
	update jobs j set account_id = a.id
	from (select id, row_number() over () as n from accounts where slug like 'a%') as a,
		(select ctid, row_number() over () as n from jobs where state = 'queued') as q
	where j.ctid = q.ctid and a.n = 1 + q.n % 1000" >"$work/out" 2>&1
sql "vacuum analyze jobs"
wide=$(plan)
[ "$wide" -lt 9000 ]
say $? "with 1000 accounts in the queue a few pages for each: $wide"
afresh
sql "alter table pipeline_runs enable trigger user; delete from runners"

echo "# one commit for many calls"
simulator --latency-ms 300
export PROMPTBUILDER_LOG_LEVEL=warn PROMPTBUILDER_CONCURRENCY=100
commits() { sql "select pg_stat_force_next_flush()" >/dev/null
	sql "select xact_commit from pg_stat_database where datname = '$database'"; }
runner
wait_for 20 1 "select count(*) from runners"
runs big 100
before=$(commits)
wait_for 60 0 "select count(*) from pipeline_runs where status in ('queued', 'running')"
is "all are completed" 100 "select count(*) from pipeline_runs where status = 'completed'"
calls=$(sql "select count(*) from attempts")
spent=$(($(commits) - before))
[ "$spent" -lt $((calls * 2)) ]
say $? "fewer commits than transitions, pollers included: $spent for $calls calls"

echo "# pickup"
pickup() # SECONDS: the longest of some runs, from commit to claim
{
	sql "delete from jobs; delete from pipeline_runs"
	for _ in 1 2 3 4 5 6 7 8 9; do
		runs small 1
		wait_for 10 0 "select count(*) from jobs where state = 'queued'"
	done
}
pickup
is "the middle one waits for no poll" t "select percentile_disc(0.5) within group (
	order by r.started_at - j.created_at) < interval '250 ms'
	from jobs j join pipeline_runs r on r.id = j.pipeline_run_id"
stop_runner
DATABASE_POOLED=yes runner
wait_for 20 1 "select count(*) from runners"
pickup
is "without notifications the poll finds it within two seconds" t "select
	max(r.started_at - j.created_at) < interval '2.5 s'
		and max(r.started_at - j.created_at) > interval '100 ms'
	from jobs j join pipeline_runs r on r.id = j.pipeline_run_id"

echo "# nothing to do"
wait_for 60 0 "select count(*) from jobs where state <> 'done'"
stop_runner
PROMPTBUILDER_LEASE_MS=30s runner
wait_for 20 1 "select count(*) from runners"
sql "alter database $database set log_statement = 'all'"
# What a runner asked is in the server's log, under the names of its statements.
sql "select pg_terminate_backend(pid) from pg_stat_activity where application_name like '%runner'" \
	>/dev/null
log=$(sql "show data_directory")/../server.log
asked() { grep -c 'LOG:  execute [a-z_]*:' <(grep -v 'execute scope_[^n]' "$log"); }
wait_for 20 t "select count(*) > 0 from pg_stat_activity
	where application_name like '%runner' and query like 'COMMIT%'"
before=$(asked) end=$((SECONDS + 10))
until [ "$SECONDS" -ge "$end" ]; do sleep 0.2; done
after=$(asked)
[ "$after" -gt "$before" ] && [ $((after - before)) -le 20 ]
say $? "at most two statements a second: $((after - before)) in 10"
stop_runner
finish
