#!/usr/bin/env bash
# runner.sh: 200 pipelines at once against a simulator whose every answer takes two seconds: wall
# time beside the ideal (calls of a run times two seconds), memory of the runner. "./dev bench"
# calls it with PROGRAMS and srcdir; it brings its own database and simulator.
set -euo pipefail
[ -n "${TEST_DATABASE_URL:-}" ] || exec "$srcdir/tests/pg.sh" "$0"
pipelines=${BENCH_PIPELINES:-200} latency_ms=2000

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
"$PROGRAMS/promptbuilder" migrate >/dev/null
"$PROGRAMS/promptbuilder-simulator" --port 0 --latency-ms "$latency_ms" >"$dir/simulator" &
simulator_pid=$!
until grep -q http "$dir/simulator"; do kill -0 "$simulator_pid"; done
ANTHROPIC_BASE_URL=$(grep -o 'http://[0-9.:]*' "$dir/simulator" | head -n 1)
export ANTHROPIC_BASE_URL ANTHROPIC_API_KEY=bench
"$PROGRAMS/promptbuilder-runner" >"$dir/runner" 2>&1 &
runner_pid=$!

psql -qX "$DATABASE_URL" -v runs="$pipelines" -v ON_ERROR_STOP=1 <<'END'
BEGIN;
INSERT INTO accounts (slug, name) VALUES ('bench', 'Bench');
INSERT INTO assistants (account_id, external_id, name) SELECT id, 'bot', 'Bot' FROM accounts;
WITH made AS (
  INSERT INTO pipeline_runs (account_id, assistant_id, pipeline_id, briefing_id, status,
                             briefing_data, model, target_score, iteration_limit)
  SELECT account_id, id, 'pipeline_bench' || n, 'briefing_bench' || n, 'queued',
         '{"assistantId": "bot", "company": "Example Ltd", "purpose": "Answer billing questions"}',
         'claude-sonnet-5', 100, 2
  FROM assistants, generate_series(1, :runs) AS n
  RETURNING account_id, id
)
INSERT INTO jobs (account_id, pipeline_run_id) SELECT account_id, id FROM made;
SELECT pg_notify('promptbuilder_jobs', '');
COMMIT;
END
peak_kb=0
until [ "$(psql -X -At "$DATABASE_URL" -c "SELECT count(*) FROM pipeline_runs
		WHERE status IN ('queued', 'running')")" = 0 ]; do
	kill -0 "$runner_pid" || { cat "$dir/runner"; exit 1; }
	now_kb=$(awk '/^VmHWM/ { print $2 }' "/proc/$runner_pid/status")
	[ "$now_kb" -le "$peak_kb" ] || peak_kb=$now_kb
	read -rt 0.2 _ <> <(:) || true
done
psql -X -At -F ' ' "$DATABASE_URL" -c "
	SELECT count(*), count(*) FILTER (WHERE status = 'completed'),
	       (SELECT count(*) FROM attempts),
	       extract(epoch FROM max(completed_at) - min(created_at)),
	       (SELECT max(calls) FROM (SELECT count(*) AS calls FROM attempts
	                                GROUP BY pipeline_run_id) AS c) * $latency_ms / 1000.0
	FROM pipeline_runs" |
	awk -v peak="$peak_kb" '{
		printf "runner, %d pipelines at once: %d completed, %d calls\n", $1, $2, $3
		printf "wall time %.2f s, ideal %.2f s, ratio %.3f\n", $4, $5, $4 / $5
		printf "peak memory of the runner %.1f MB RSS\n", peak / 1024 }'
