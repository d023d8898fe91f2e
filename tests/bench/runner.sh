#!/usr/bin/env bash
# runner.sh: 1,000 pipelines at once against a simulator whose every answer takes two seconds: wall
# time beside the ideal (calls of a run times two seconds) and beside the time in which two cores
# do the work of simulator, database and runner; commits a call; memory. Then how long a run waits
# from commit to claim, jobs without calls, and what a runner asks while there is nothing to do.
# "./dev bench" calls it with PROGRAMS and srcdir; it brings its own database and simulator.
set -euo pipefail
export TEST_PG_SETTINGS='fsync = on
full_page_writes = on
synchronous_commit = on
track_commit_timestamp = on
max_wal_size = 4GB'
[ -n "${TEST_DATABASE_URL:-}" ] || exec "$srcdir/tests/pg.sh" "$0"
pipelines=${BENCH_PIPELINES:-1000} latency_ms=2000

dir=$(mktemp -d /tmp/promptbuilder-bench.XXXXXX)
cleanup()
{
	kill "${runner_pid:-0}" "${simulator_pid:-0}" 2>/dev/null || true
	wait || true
	rm -rf "$dir"
}
trap cleanup EXIT

psql -qX "$TEST_DATABASE_URL" -c 'CREATE DATABASE bench'
export DATABASE_URL=${TEST_DATABASE_URL/@\/postgres\?/@/bench?}
export PROMPTBUILDER_DATA_DIR=$srcdir PROMPTBUILDER_LOG_LEVEL=warn
export PROMPTBUILDER_SPOOL_DIR=$dir/spool
export PROMPTBUILDER_RAMP_CALLS=10000 # the runner is measured, not its patience with a provider
export PROMPTBUILDER_CONCURRENCY=$pipelines PROMPTBUILDER_ACCOUNT_CONCURRENCY=$pipelines
"$PROGRAMS/promptbuilder" migrate >/dev/null
"$PROGRAMS/promptbuilder-simulator" --port 0 --latency-ms "$latency_ms" >"$dir/simulator" &
simulator_pid=$!
until grep -qs http "$dir/simulator"; do kill -0 "$simulator_pid"; done
ANTHROPIC_BASE_URL=$(grep -o 'http://[0-9.:]*' "$dir/simulator" | head -n 1)
export ANTHROPIC_BASE_URL ANTHROPIC_API_KEY=bench

sql() { psql -qXAt -F ' ' -v ON_ERROR_STOP=1 "$DATABASE_URL" "$@"; }
# until_holds CONDITION: asked by one connection, whose beginnings would count as the database's work
until_holds()
{
	sql -c "DO \$\$ BEGIN
		WHILE NOT ($1) LOOP COMMIT; PERFORM pg_sleep(0.02); END LOOP;
	END \$\$"
}
until_done() { until_holds "NOT EXISTS (SELECT FROM jobs WHERE state <> 'done')"; }
pause() { read -rt "$1" _ <> <(:) || true; }
# Seconds of processor time that a process has taken, or the server with all it started.
cpu_of() { awk '{ print ($14 + $15) / 100 }' "/proc/$1/stat"; }
postmaster=$(head -n 1 "$(sql -c 'SHOW data_directory')/postmaster.pid")
cpu_of_server()
{
	for pid in "$postmaster" $(pgrep -P "$postmaster"); do cat "/proc/$pid/stat" 2>/dev/null || true; done |
		awk '{ s += $14 + $15 + (NR == 1 ? $16 + $17 : 0) } END { print s / 100 }'
}

sql <<'END'
INSERT INTO accounts (slug, name) VALUES ('bench', 'Bench'), ('other', 'Other');
INSERT INTO assistants (account_id, external_id, name) SELECT id, 'bot', 'Bot' FROM accounts;
CREATE SEQUENCE made;
CREATE FUNCTION queue(p_slug text, p_runs integer, p_cancelled boolean) RETURNS void
LANGUAGE sql AS $$
  WITH made AS (
    INSERT INTO pipeline_runs (account_id, assistant_id, pipeline_id, briefing_id, status,
                               briefing_data, model, target_score, iteration_limit)
    SELECT s.account_id, s.id, 'bench' || nextval('made'), 'briefing', 'queued',
           '{"assistantId": "bot", "company": "Example Ltd", "purpose": "Answer billing questions"}',
           'claude-sonnet-5', 100, 2
    FROM assistants s JOIN accounts a ON a.id = s.account_id, generate_series(1, p_runs)
    WHERE a.slug = p_slug
    RETURNING account_id, id
  ), jobs AS (
    INSERT INTO jobs (account_id, pipeline_run_id, cancel_requested)
    SELECT account_id, id, p_cancelled FROM made
  )
  SELECT pg_notify('promptbuilder_jobs', '');
$$;
END
start_runner()
{
	"$PROGRAMS/promptbuilder-runner" >"$dir/runner" 2>&1 &
	runner_pid=$!
	until_holds "(SELECT count(*) = 1 FROM runners)"
}
end_runner() { kill "$runner_pid" && wait "$runner_pid" || true; }

# ---- Many at once. ----

start_runner
# The tables of a database in use are known to its planner.
sql -c "SELECT queue('other', 100, false)" >/dev/null
until_done
sql -c "VACUUM ANALYZE"
from="$(cpu_of_server) $(cpu_of "$runner_pid") $(cpu_of "$simulator_pid")"
sql -c "SELECT pg_stat_reset_shared('wal')" -c "SELECT pg_stat_reset()" >/dev/null
sql -c "SELECT queue('bench', $pipelines, false)" >/dev/null
until_done
sql -c "
	WITH run AS (
		SELECT r.* FROM pipeline_runs r JOIN accounts a ON a.id = r.account_id
		WHERE a.slug = 'bench'
	), calls AS (
		SELECT count(*) AS calls FROM attempts t JOIN run r ON r.id = t.pipeline_run_id
		GROUP BY r.id
	)
	SELECT count(*), count(*) FILTER (WHERE status = 'completed'),
	       (SELECT sum(calls) FROM calls),
	       extract(epoch FROM max(completed_at) - min(created_at)),
	       (SELECT max(calls) FROM calls) * $latency_ms / 1000.0,
	       (SELECT wal_sync FROM pg_stat_wal)
	FROM run" |
	awk -v all="$(cpu_of_server) $(cpu_of "$runner_pid") $(cpu_of "$simulator_pid")" \
		-v from="$from" -v cores="$(nproc)" \
		-v peak="$(awk '/^VmHWM/ { print $2 }' "/proc/$runner_pid/status")" '{
		split(from, a, " ")
		split(all, b, " ")
		all = 0
		for (i = 1; i <= 3; i++)
			all += cpu[i] = b[i] - a[i]
		printf "runner, %d pipelines at once: %d completed, %d calls\n", $1, $2, $3
		printf "wall time %.2f s, ideal %.2f s, ratio %.3f\n", $4, $5, $4 / $5
		printf "processor time a call: runner %.2f ms, database %.2f ms, simulator %.2f ms;",
			1000 * cpu[2] / $3, 1000 * cpu[1] / $3, 1000 * cpu[3] / $3
		printf " on %d cores that is %.2f of the ideal wall time\n", cores, all / cores / $5
		printf "flushes of the log a call %.3f (2 without groups)\n", $6 / $3
		printf "peak memory of the runner %.1f MB RSS\n", peak / 1024 }'

# ---- From the commit of a launch to that of its claim. ----

sql <<'SQL'
CREATE TABLE moments (pipeline_run_id uuid, state text, transaction xid);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  INSERT INTO moments VALUES (NEW.pipeline_run_id, NEW.state, pg_current_xact_id()::xid);
  RETURN NULL;
END
$$;
CREATE TRIGGER note AFTER INSERT OR UPDATE OF state ON jobs FOR EACH ROW EXECUTE FUNCTION note();
SQL

pickups() # WHAT
{
	sql -c "TRUNCATE moments" \
		-c "DELETE FROM jobs WHERE account_id = (SELECT id FROM accounts WHERE slug = 'bench')"
	for _ in $(seq 100); do echo "SELECT queue('bench', 1, true); SELECT pg_sleep(0.03);"; done |
		sql >/dev/null
	until_holds "NOT EXISTS (SELECT FROM jobs j JOIN accounts a ON a.id = j.account_id
		WHERE a.slug = 'bench' AND j.state <> 'done')"
	sql -c "SELECT '$1: p50 ' || round(percentile_disc(0.5) WITHIN GROUP (ORDER BY ms), 1)
			|| ' ms, p99 ' || round(percentile_disc(0.99) WITHIN GROUP (ORDER BY ms), 1) || ' ms'
		FROM (SELECT 1000 * extract(epoch FROM pg_xact_commit_timestamp(c.transaction)
		                                       - pg_xact_commit_timestamp(q.transaction)) AS ms
		      FROM moments q JOIN moments c ON c.pipeline_run_id = q.pipeline_run_id
		      WHERE q.state = 'queued' AND c.state = 'running') AS t"
}
pickups "from commit to claim"
sql -c "UPDATE accounts SET max_running = 0 WHERE slug = 'other'"
sql -c "SET session_replication_role = replica" -c "SELECT queue('other', 100000, false)" >/dev/null
pickups "the same behind 100000 queued of a full account"
end_runner
DATABASE_POOLED=yes start_runner
pickups "the same without notifications"
end_runner
sql -c "DROP TRIGGER note ON jobs" -c "DELETE FROM jobs" \
	-c "UPDATE accounts SET max_running = NULL" -c "VACUUM ANALYZE jobs"

# ---- Jobs without a call: cancelled before the first one, so claimed and ended. ----

sql -c "SELECT queue('bench', 10000, true)" >/dev/null
start_runner
until_done
sql -c "SELECT 'jobs without a call: ' || round(count(*) / extract(epoch FROM
	max(r.completed_at) - min(r.started_at))) || ' a second'
	FROM jobs j JOIN pipeline_runs r ON r.id = j.pipeline_run_id"

# ---- Nothing to do. ----

sql -c "ALTER DATABASE bench SET log_statement = 'all'"
end_runner
start_runner
pause 2
log=$(sql -c 'SHOW data_directory')/../server.log
asked() { grep 'LOG:  execute [a-z_]*:' "$log" | grep -vc 'execute scope_[^n]'; }
before=$(asked)
pause 30
echo "idle: $(awk -v n="$(($(asked) - before))" 'BEGIN { printf "%.2f", n / 30 }') statements a second"
