-- step.sql: the steps of a run, each under a stable key, stored once.

-- name: step_list
SELECT id, step_key, status, request_hash, output, metadata::text AS metadata
FROM pipeline_steps
WHERE account_id = $1::uuid AND pipeline_run_id = $2::uuid AND step_key IS NOT NULL
ORDER BY step_order;

-- The first writer wins; an answer to another question ($5 is its attempt) than the one now asked
-- is no result of the step.
-- name: step_complete
UPDATE pipeline_steps SET status = 'completed', progress = 100, error_message = NULL,
  output = $3::text, metadata = $4::jsonb, completed_at = clock_timestamp(),
  duration_ms = extract(epoch FROM clock_timestamp() - started_at)::numeric * 1000
WHERE account_id = $1::uuid AND id = $2::uuid AND status <> 'completed'
  AND request_hash = (SELECT a.request_hash FROM attempts a
                      WHERE a.account_id = $1::uuid AND a.id = $5::uuid);

-- A step without a call, done in the transaction that stores its result.
-- name: step_store
INSERT INTO pipeline_steps (account_id, pipeline_run_id, step_name, step_order, step_key, status,
                            progress, started_at, completed_at, duration_ms, metadata)
SELECT j.account_id, j.pipeline_run_id, $5::text, $6::integer, $7::text, 'completed', 100,
       clock_timestamp(), clock_timestamp(), 0, $8::jsonb
FROM jobs j
WHERE j.account_id = $1::uuid AND j.pipeline_run_id = $2::uuid AND j.epoch = $3::bigint
  AND j.runner_id = $4::uuid
ON CONFLICT (account_id, pipeline_run_id, step_key) DO NOTHING;

-- Progress of many steps at once: arrays of accounts, steps and percentages. It waits for nobody: a
-- step whose end is being stored needs it no more.
-- name: step_progress
WITH running AS (
  SELECT s.account_id, s.id, p.progress
  FROM unnest($1::uuid[], $2::uuid[], $3::integer[]) AS p (account_id, id, progress)
  JOIN pipeline_steps s ON s.account_id = p.account_id AND s.id = p.id
  WHERE s.status = 'running'
  FOR NO KEY UPDATE OF s SKIP LOCKED
)
UPDATE pipeline_steps s SET progress = r.progress
FROM running r WHERE s.account_id = r.account_id AND s.id = r.id;
