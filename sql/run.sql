-- run.sql: pipeline runs: launch, cancel, retry, the whole of one, lists.

-- The models that can be launched now: those with a price.
-- name: run_models
SELECT DISTINCT p.model
FROM model_prices p
WHERE p.valid_from <= now() AND now() < p.valid_to
  AND (p.account_id IS NULL OR p.account_id = $1::uuid)
ORDER BY p.model;

-- A key that has been used already makes nothing new, not even an assistant; nor does an account
-- with nothing left to spend (budget_reached).
-- name: run_launch_assistant
INSERT INTO assistants (account_id, external_id, name)
SELECT $1::uuid, $2::text, $3::text
WHERE NOT EXISTS (SELECT 1 FROM pipeline_runs r
                  WHERE r.account_id = $1::uuid AND r.idempotency_key = $4::text)
  AND NOT EXISTS (SELECT 1 FROM budget_state($1::uuid, NULL, now()) AS b
                  WHERE coalesce(b.spent_usd, 0) >= b.cap_usd)
ON CONFLICT (account_id, external_id) DO NOTHING;

-- A key or an id that exists already, from a request that was sent twice, changes nothing.
-- name: run_launch
INSERT INTO pipeline_runs (account_id, assistant_id, pipeline_id, briefing_id, status,
                           briefing_data, model, target_score, iteration_limit,
                           idempotency_key, request_hash)
SELECT s.account_id, s.id, $3::text, $4::text, 'queued', b.briefing, b.briefing ->> 'model',
       (b.briefing ->> 'targetScore')::integer, (b.briefing ->> 'iterationLimit')::integer,
       $6::text, $7::text
FROM assistants s CROSS JOIN (SELECT $5::jsonb AS briefing) AS b
WHERE s.account_id = $1::uuid AND s.external_id = $2::text
  AND NOT EXISTS (SELECT 1 FROM budget_state($1::uuid, NULL, now()) AS a
                  WHERE coalesce(a.spent_usd, 0) >= a.cap_usd)
ON CONFLICT DO NOTHING;

-- name: run_launch_job
WITH job AS (
  INSERT INTO jobs (account_id, pipeline_run_id)
  SELECT r.account_id, r.id FROM pipeline_runs r
  WHERE r.account_id = $1::uuid AND r.pipeline_id = $2::text AND r.status = 'queued'
  ON CONFLICT DO NOTHING
  RETURNING account_id
)
SELECT pg_notify('promptbuilder_jobs', '') FROM job;

-- name: run_launched
SELECT r.id, r.pipeline_id, r.status, r.request_hash
FROM pipeline_runs r
WHERE r.account_id = $1::uuid AND (r.pipeline_id = $2::text OR r.idempotency_key = $3::text);

-- is_ended_score: but for its texts, only a score that its version has, or is about to get from
-- another run, keeps run_retry from it.
-- name: run_find
SELECT r.account_id, r.id, r.pipeline_id, r.status, r.pruned_at,
       r.kind = 'score' AND r.status NOT IN ('queued', 'running') AS is_ended_score
FROM pipeline_runs r
WHERE r.id = $1::uuid OR r.pipeline_id = $2::text;

-- A run that no runner holds is cancelled at once; its unfinished step says so.
-- name: run_cancel_waiting
WITH job AS (
  UPDATE jobs SET state = 'done', waiting_for = NULL, waits_for_budget = false
  WHERE account_id = $1::uuid AND pipeline_run_id = $2::uuid AND state = 'queued'
  RETURNING pipeline_run_id
), run AS (
  UPDATE pipeline_runs r
  SET status = 'cancelled', completed_at = now(),
      duration_ms = CASE WHEN r.status = 'running'
        THEN floor(extract(epoch FROM now() - r.started_at) * 1000)::bigint END
  WHERE r.account_id = $1::uuid AND r.id = $2::uuid AND r.status IN ('queued', 'running')
    AND (EXISTS (SELECT 1 FROM job)
         OR NOT EXISTS (SELECT 1 FROM jobs j WHERE j.account_id = $1::uuid
                        AND j.pipeline_run_id = $2::uuid AND j.state <> 'done'))
  RETURNING r.account_id, r.id
), step AS (
  UPDATE pipeline_steps p
  SET status = 'failed', completed_at = now(), error_message = 'Cancelled.'
  FROM run
  WHERE p.account_id = run.account_id AND p.pipeline_run_id = run.id AND p.status = 'running'
)
SELECT run.id FROM run;

-- A run that a runner holds is asked to stop.
-- name: run_cancel_running
WITH job AS (
  UPDATE jobs SET cancel_requested = true
  WHERE account_id = $1::uuid AND pipeline_run_id = $2::uuid AND state = 'running'
  RETURNING pipeline_run_id
)
SELECT job.pipeline_run_id, pg_notify('promptbuilder_jobs', '') AS told FROM job;

-- An ended run is queued again. What its steps completed is kept and used. A version that has a
-- score, or a run that is about to give it one, is not scored again.
-- name: run_retry
UPDATE pipeline_runs r
SET status = 'queued', error_message = NULL, completed_at = NULL, duration_ms = NULL,
    retry_count = r.retry_count + 1, model = coalesce(r.model, $3::text)
WHERE r.account_id = $1::uuid AND r.id = $2::uuid AND r.status IN ('failed', 'cancelled')
  AND r.pruned_at IS NULL
  AND NOT (r.kind = 'score' AND EXISTS (
    SELECT 1 FROM prompt_versions v
    WHERE v.account_id = r.account_id AND v.id = r.prompt_version_id
      AND (v.final_score IS NOT NULL OR EXISTS (
        SELECT 1 FROM pipeline_runs q
        WHERE q.account_id = r.account_id AND q.prompt_version_id = v.id
          AND q.kind = 'score' AND q.id <> r.id AND q.status IN ('queued', 'running')))))
RETURNING r.id;

-- name: run_retry_steps
UPDATE pipeline_steps p
SET status = 'pending', error_message = NULL, started_at = NULL, completed_at = NULL,
    duration_ms = NULL, progress = NULL
FROM pipeline_runs r
WHERE p.account_id = $1::uuid AND p.pipeline_run_id = $2::uuid
  AND p.status IN ('failed', 'running')
  AND r.account_id = p.account_id AND r.id = p.pipeline_run_id AND r.status = 'queued';

-- The epoch is kept: it only ever grows.
-- name: run_retry_job
WITH job AS (
  INSERT INTO jobs AS j (account_id, pipeline_run_id)
  SELECT r.account_id, r.id FROM pipeline_runs r
  WHERE r.account_id = $1::uuid AND r.id = $2::uuid AND r.status = 'queued'
  ON CONFLICT (account_id, pipeline_run_id) DO UPDATE
  SET state = 'queued', run_after = now(), crash_claims = 0, cancel_requested = false,
      waiting_for = NULL, waits_for_budget = false
  WHERE j.state = 'done'
  RETURNING j.account_id
)
SELECT pg_notify('promptbuilder_jobs', '') FROM job;

-- The statements that follow in the transaction are written so that one plan is right for any
-- parameter; planning them anew each time takes longer than running them. What they read is most
-- often in memory: the first rows of an index are cheaper than all rows, sorted.
-- name: run_plan_once
SELECT set_config('plan_cache_mode', 'force_generic_plan', true) AS mode,
       set_config('random_page_cost', '1.1', true) AS page_cost;

-- One run with all that belongs to it. The money of a phase includes its cache tokens; its
-- token counts do not. Rounded numbers only in `costs`; everything else is exact text.
-- name: run_get
SELECT r.pipeline_id, r.status, r.duration_ms, costs.phases AS costs,
       r.id, r.kind, r.briefing_id, r.briefing_data,
       (SELECT json_build_object('id', v.id, 'version', v.version) FROM prompt_versions v
        WHERE v.account_id = r.account_id AND v.id = r.prompt_version_id AND r.kind = 'score')
         AS scored_version,
       json_build_object('id', a.id, 'slug', a.slug, 'name', a.name) AS account,
       json_build_object('id', s.id, 'external_id', s.external_id, 'name', s.name) AS assistant,
       r.model, r.target_score, r.iteration_limit, r.pipeline_version, r.retry_count,
       CASE WHEN r.status <> 'queued' THEN r.started_at END AS started_at,
       r.completed_at, r.created_at, r.pruned_at, r.error_message, j.waiting_for,
       CASE WHEN j.waiting_for IS NOT NULL AND j.run_after > now() THEN j.run_after END
         AS waiting_until,
       CASE WHEN r.status = 'queued' THEN (SELECT p.paused_at FROM claim_pause p) END AS paused_at,
       CASE WHEN r.status = 'queued' THEN (SELECT p.paused_by FROM claim_pause p) END AS paused_by,
       coalesce(j.cancel_requested, false) AND r.status IN ('queued', 'running')
         AS cancel_requested,
       CASE WHEN r.status = 'running'
         THEN floor(extract(epoch FROM now() - r.started_at) * 1000)::bigint END AS elapsed_ms,
       r.total_input_tokens, r.total_output_tokens, r.total_cache_read_tokens,
       r.total_cache_write_tokens, r.total_cost_usd::text AS total_cost_usd,
       (SELECT coalesce(json_agg(step ORDER BY step.step_order, step.id), '[]') FROM (
          SELECT p.id, p.step_key, p.step_name, p.step_order, p.status, p.progress,
                 to_char(p.started_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS started_at,
                 to_char(p.completed_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS completed_at,
                 p.duration_ms,
                 floor(extract(epoch FROM p.started_at - r.started_at) * 1000)::bigint
                   AS offset_ms,
                 p.error_message, p.metadata, coalesce(spent.input_tokens, 0) AS input_tokens,
                 coalesce(spent.output_tokens, 0) AS output_tokens,
                 coalesce(spent.cache_read_tokens, 0) AS cache_read_tokens,
                 coalesce(spent.cache_write_tokens, 0) AS cache_write_tokens,
                 coalesce(spent.cost_usd, 0.000000000)::text AS cost_usd, p.output,
                 coalesce(calls.attempts, '[]') AS attempts
          FROM pipeline_steps p
          LEFT JOIN (
            SELECT e.pipeline_step_id, sum(e.input_tokens)::bigint AS input_tokens,
                   sum(e.output_tokens)::bigint AS output_tokens,
                   sum(e.cache_read_tokens)::bigint AS cache_read_tokens,
                   sum(e.cache_write_tokens)::bigint AS cache_write_tokens,
                   sum(e.cost_usd) AS cost_usd
            FROM cost_entries e
            WHERE e.account_id = r.account_id AND e.pipeline_run_id = r.id
            GROUP BY e.pipeline_step_id
          ) AS spent ON spent.pipeline_step_id = p.id
          LEFT JOIN (
            SELECT call.step_id, json_agg(call ORDER BY call.number) AS attempts FROM (
              SELECT t.pipeline_step_id AS step_id, t.id, t.number, t.state, t.succeeded,
                     t.model, t.http_status, t.stop_reason, t.error_type, t.error_message,
                     t.provider_message_id, t.provider_request_id, t.estimated,
                     to_char(t.opened_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS opened_at,
                     t.first_byte_ms, t.duration_ms, e.input_tokens, e.output_tokens,
                     e.cache_read_tokens, e.cache_write_tokens, e.cost_usd::text AS cost_usd,
                     t.reserved_usd::text AS reserved_usd, e.corrected_usd::text AS corrected_usd
              FROM attempts t
              LEFT JOIN (
                SELECT e.attempt_id, sum(e.input_tokens)::bigint AS input_tokens,
                       sum(e.output_tokens)::bigint AS output_tokens,
                       sum(e.cache_read_tokens)::bigint AS cache_read_tokens,
                       sum(e.cache_write_tokens)::bigint AS cache_write_tokens,
                       sum(e.cost_usd) AS cost_usd,
                       sum(e.cost_usd) FILTER (WHERE e.kind = 'adjustment') AS corrected_usd
                FROM cost_entries e
                WHERE e.account_id = r.account_id AND e.pipeline_run_id = r.id
                GROUP BY e.attempt_id
              ) AS e ON e.attempt_id = t.id
              WHERE t.account_id = r.account_id AND t.pipeline_run_id = r.id
            ) AS call
            GROUP BY call.step_id
          ) AS calls ON calls.step_id = p.id
          WHERE p.account_id = r.account_id AND p.pipeline_run_id = r.id
        ) AS step) AS steps,
       (SELECT coalesce(json_agg(entry ORDER BY entry.timestamp, entry.id), '[]') FROM (
          SELECT e.id, e.pipeline_step_id, e.attempt_id, e.operation, e.model, e.input_tokens,
                 e.output_tokens, e.cache_read_tokens, e.cache_write_tokens,
                 e.cache_write_1h_tokens, e.cost_usd::text AS cost_usd, e.price_status,
                 e.price_id, e.estimated,
                 to_char(e.timestamp, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS timestamp
          FROM cost_entries e
          WHERE e.account_id = r.account_id AND e.pipeline_run_id = r.id
        ) AS entry) AS cost_entries,
       (SELECT coalesce(json_agg(made ORDER BY made.version_number), '[]') FROM (
          SELECT v.id, v.version, v.version_number, v.status, v.final_score,
                 v.total_iterations, v.prompt_hash,
                 to_char(v.created_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created_at,
                 v.pipeline_run_id IS NOT DISTINCT FROM r.id AS is_made_here
          FROM (SELECT r.prompt_version_id AS id
                UNION SELECT m.id FROM prompt_versions m WHERE m.pipeline_run_id = r.id) AS n
          JOIN prompt_versions v ON v.account_id = r.account_id AND v.id = n.id
        ) AS made) AS prompt_versions
FROM pipeline_runs r
JOIN accounts a ON a.id = r.account_id
JOIN assistants s ON s.account_id = r.account_id AND s.id = r.assistant_id
LEFT JOIN jobs j ON j.account_id = r.account_id AND j.pipeline_run_id = r.id
CROSS JOIN LATERAL (
  SELECT json_object_agg(phase.name, json_build_object(
           'input_tokens', phase.input_tokens, 'output_tokens', phase.output_tokens,
           'cost_usd', round(phase.cost_usd, 4)) ORDER BY phase.place) AS phases
  FROM (
    SELECT known.place, known.name, coalesce(sum(e.input_tokens), 0)::bigint AS input_tokens,
           coalesce(sum(e.output_tokens), 0)::bigint AS output_tokens,
           coalesce(sum(e.cost_usd), 0) AS cost_usd
    FROM (VALUES (1, 'generation', 'prompt_generation'), (2, 'analysis', 'prompt_analysis'),
                 (3, 'improvement', 'prompt_improvement'), (4, 'total', NULL))
           AS known (place, name, operation)
    LEFT JOIN cost_entries e ON e.account_id = r.account_id AND e.pipeline_run_id = r.id
      AND (known.operation IS NULL OR e.operation = known.operation)
    GROUP BY known.place, known.name
  ) AS phase
) AS costs
WHERE r.id = $1::uuid OR r.pipeline_id = $2::text;

-- What changes while a run advances, for the live part of its page: as in run_get, without the
-- texts, the calls and the lines.
-- name: run_progress
SELECT r.pipeline_id, r.status, r.duration_ms, costs.phases AS costs, r.id, r.model,
       r.target_score,
       CASE WHEN r.status <> 'queued' THEN r.started_at END AS started_at,
       r.completed_at, r.created_at, r.error_message, j.waiting_for,
       CASE WHEN j.waiting_for IS NOT NULL AND j.run_after > now() THEN j.run_after END
         AS waiting_until,
       CASE WHEN r.status = 'queued' THEN (SELECT p.paused_at FROM claim_pause p) END AS paused_at,
       CASE WHEN r.status = 'queued' THEN (SELECT p.paused_by FROM claim_pause p) END AS paused_by,
       coalesce(j.cancel_requested, false) AND r.status IN ('queued', 'running')
         AS cancel_requested,
       CASE WHEN r.status = 'running'
         THEN floor(extract(epoch FROM now() - r.started_at) * 1000)::bigint END AS elapsed_ms,
       r.total_input_tokens, r.total_output_tokens, r.total_cache_read_tokens,
       r.total_cache_write_tokens, r.total_cost_usd::text AS total_cost_usd,
       (SELECT coalesce(json_agg(step ORDER BY step.step_order, step.id), '[]') FROM (
          SELECT p.id, p.step_key, p.step_name, p.step_order, p.status, p.progress,
                 to_char(p.started_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS started_at,
                 p.duration_ms,
                 floor(extract(epoch FROM p.started_at - r.started_at) * 1000)::bigint
                   AS offset_ms,
                 p.error_message, p.metadata, coalesce(spent.input_tokens, 0) AS input_tokens,
                 coalesce(spent.output_tokens, 0) AS output_tokens,
                 coalesce(spent.cost_usd, 0.000000000)::text AS cost_usd
          FROM pipeline_steps p
          LEFT JOIN (
            SELECT e.pipeline_step_id, sum(e.input_tokens)::bigint AS input_tokens,
                   sum(e.output_tokens)::bigint AS output_tokens, sum(e.cost_usd) AS cost_usd
            FROM cost_entries e
            WHERE e.account_id = r.account_id AND e.pipeline_run_id = r.id
            GROUP BY e.pipeline_step_id
          ) AS spent ON spent.pipeline_step_id = p.id
          WHERE p.account_id = r.account_id AND p.pipeline_run_id = r.id
        ) AS step) AS steps
FROM pipeline_runs r
LEFT JOIN jobs j ON j.account_id = r.account_id AND j.pipeline_run_id = r.id
CROSS JOIN LATERAL (
  SELECT json_object_agg(phase.name, json_build_object(
           'input_tokens', phase.input_tokens, 'output_tokens', phase.output_tokens,
           'cost_usd', round(phase.cost_usd, 4)) ORDER BY phase.place) AS phases
  FROM (
    SELECT known.place, known.name, coalesce(sum(e.input_tokens), 0)::bigint AS input_tokens,
           coalesce(sum(e.output_tokens), 0)::bigint AS output_tokens,
           coalesce(sum(e.cost_usd), 0) AS cost_usd
    FROM (VALUES (1, 'generation', 'prompt_generation'), (2, 'analysis', 'prompt_analysis'),
                 (3, 'improvement', 'prompt_improvement'), (4, 'total', NULL))
           AS known (place, name, operation)
    LEFT JOIN cost_entries e ON e.account_id = r.account_id AND e.pipeline_run_id = r.id
      AND (known.operation IS NULL OR e.operation = known.operation)
    GROUP BY known.place, known.name
  ) AS phase
) AS costs
WHERE r.id = $1::uuid OR r.pipeline_id = $2::text;

-- A page of runs, newest first. $1 an account or NULL for all, $2 assistant: three arms, so that
-- each has its index; $3 status, $4 and $5 the time in zone $11, $6 the last run seen; $7 rows, $8
-- rows to skip; $9 with the briefing, the lines and the steps of each run; $10 days back without
-- $4. A filter that may be absent is a CASE: for an OR the planner expects almost no rows, and
-- reads and sorts them all where it should follow the index to the first page. The bounds of an
-- index come out of a SELECT: beside row security a coalesce() is no bound.
-- name: run_list
WITH asked AS (
  SELECT coalesce($4::timestamp AT TIME ZONE $11::text, now() - make_interval(days => $10::integer),
                  '-infinity') AS from_at,
         coalesce((SELECT c.created_at FROM pipeline_runs c WHERE c.id = $6::uuid),
                  $5::timestamp AT TIME ZONE $11, 'infinity') AS before_at,
         coalesce($6::uuid, '00000000-0000-0000-0000-000000000000') AS before_id
  WHERE now() AT TIME ZONE $11 IS NOT NULL -- refuses an unknown zone
), page AS (
  (SELECT r.account_id, r.id, r.created_at FROM pipeline_runs r
   WHERE r.account_id = $1::uuid AND $2::text IS NULL
     AND CASE WHEN $3::text IS NULL THEN true ELSE r.status = $3::text END
     AND r.created_at >= (SELECT q.from_at FROM asked q)
     AND (r.created_at, r.id) < ((SELECT q.before_at FROM asked q),
                                 (SELECT q.before_id FROM asked q))
   ORDER BY r.created_at DESC, r.id DESC
   LIMIT $7::bigint OFFSET $8::bigint)
  UNION ALL
  (SELECT r.account_id, r.id, r.created_at FROM pipeline_runs r
   WHERE coalesce($1::text, $2) IS NULL
     AND CASE WHEN $3::text IS NULL THEN true ELSE r.status = $3::text END
     AND r.created_at >= (SELECT q.from_at FROM asked q)
     AND (r.created_at, r.id) < ((SELECT q.before_at FROM asked q),
                                 (SELECT q.before_id FROM asked q))
   ORDER BY r.created_at DESC, r.id DESC
   LIMIT $7::bigint OFFSET $8::bigint)
  UNION ALL
  (SELECT r.account_id, r.id, r.created_at
   FROM assistants s CROSS JOIN LATERAL (
     SELECT r.account_id, r.id, r.created_at FROM pipeline_runs r
     WHERE r.account_id = s.account_id AND r.assistant_id = s.id
       AND CASE WHEN $3::text IS NULL THEN true ELSE r.status = $3::text END
       AND r.created_at >= (SELECT q.from_at FROM asked q)
       AND (r.created_at, r.id) < ((SELECT q.before_at FROM asked q),
                                               (SELECT q.before_id FROM asked q))
     ORDER BY r.created_at DESC, r.id DESC LIMIT $7 + $8) AS r
   WHERE (s.external_id = $2 OR s.id::text = $2)
     AND ($1 IS NULL OR s.account_id = $1)
   ORDER BY r.created_at DESC, r.id DESC
   LIMIT $7::bigint OFFSET $8::bigint)
)
SELECT r.pipeline_id, r.status, r.duration_ms, r.id, r.kind,
       (SELECT v.version FROM prompt_versions v
        WHERE v.account_id = r.account_id AND v.id = r.prompt_version_id AND r.kind = 'score')
         AS scored_version,
       r.account_id, a.slug AS account_slug, a.name AS account_name, r.assistant_id,
       s.external_id AS assistant_external_id, s.name AS assistant_name, r.briefing_id,
       r.error_message, w.waiting_for, w.waiting_until, r.model,
       CASE WHEN r.status <> 'queued' THEN r.started_at END AS started_at,
       r.completed_at, r.created_at, r.total_input_tokens,
       r.total_output_tokens, r.total_cache_read_tokens, r.total_cache_write_tokens,
       r.total_cost_usd::text AS total_cost_usd, phase.generation_cost, phase.analysis_cost,
       phase.improvement_cost,
       CASE WHEN $9::boolean THEN (
         SELECT b.briefing_data FROM pipeline_runs b
         WHERE b.account_id = r.account_id AND b.id = r.id) END AS briefing_data,
       CASE WHEN $9::boolean THEN (
         SELECT coalesce(json_agg(entry ORDER BY entry.timestamp, entry.id), '[]') FROM (
           SELECT e.id, e.pipeline_run_id, e.pipeline_step_id, e.account_id, e.assistant_id,
                  e.operation, e.model, e.input_tokens, e.output_tokens, e.cache_read_tokens,
                  e.cache_write_tokens, e.cache_write_1h_tokens, e.cost_usd::text AS cost_usd,
                  e.price_status,
                  to_char(e.timestamp, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS timestamp,
                  to_char(e.created_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created_at
           FROM cost_entries e
           WHERE e.account_id = r.account_id AND e.pipeline_run_id = r.id
         ) AS entry) END AS cost_entries,
       CASE WHEN $9::boolean THEN (
         SELECT coalesce(json_agg(step ORDER BY step.step_order, step.id), '[]') FROM (
           SELECT p.id, p.pipeline_run_id, p.step_key, p.step_name, p.step_order, p.status,
                  p.error_message,
                  to_char(p.started_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS started_at,
                  to_char(p.completed_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS completed_at,
                  p.duration_ms, p.metadata,
                  to_char(p.created_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created_at
           FROM pipeline_steps p
           WHERE p.account_id = r.account_id AND p.pipeline_run_id = r.id
         ) AS step) END AS pipeline_steps
FROM page p
CROSS JOIN LATERAL (
  SELECT r.account_id, r.id, r.assistant_id, r.pipeline_id, r.briefing_id, r.status,
         r.error_message, r.model, r.started_at, r.completed_at, r.duration_ms,
         r.total_input_tokens, r.total_output_tokens, r.total_cache_read_tokens,
         r.total_cache_write_tokens, r.total_cost_usd, r.created_at, r.kind, r.prompt_version_id
  FROM pipeline_runs r WHERE r.account_id = p.account_id AND r.id = p.id LIMIT 1) AS r
CROSS JOIN LATERAL (SELECT a.slug, a.name FROM accounts a WHERE a.id = r.account_id LIMIT 1) AS a
CROSS JOIN LATERAL (
  SELECT s.external_id, s.name FROM assistants s
  WHERE s.account_id = r.account_id AND s.id = r.assistant_id LIMIT 1) AS s
CROSS JOIN LATERAL (
  SELECT coalesce(sum(e.cost_usd) FILTER (WHERE e.operation = 'prompt_generation'), 0)::text
           AS generation_cost,
         coalesce(sum(e.cost_usd) FILTER (WHERE e.operation = 'prompt_analysis'), 0)::text
           AS analysis_cost,
         coalesce(sum(e.cost_usd) FILTER (WHERE e.operation = 'prompt_improvement'), 0)::text
           AS improvement_cost
  FROM cost_entries e
  WHERE e.account_id = r.account_id AND e.pipeline_run_id = r.id
) AS phase
LEFT JOIN LATERAL (
  SELECT j.waiting_for, CASE WHEN j.run_after > now() THEN j.run_after END AS waiting_until
  FROM jobs j
  WHERE j.account_id = r.account_id AND j.pipeline_run_id = r.id AND r.status = 'queued' LIMIT 1
) AS w ON true
ORDER BY p.created_at DESC, p.id DESC
LIMIT $7;

-- Runs in each state under the filters of run_list, counted up to 101 each: of account $1, of
-- assistant $2, between $3 and $4, of $5 days back, in zone $6.
-- name: run_counts
WITH asked AS (
  SELECT coalesce($3::timestamp AT TIME ZONE $6::text, now() - make_interval(days => $5::integer),
                  '-infinity') AS from_at,
         coalesce($4::timestamp AT TIME ZONE $6, 'infinity') AS before_at
)
SELECT known.status, counted.runs
FROM (VALUES (1, 'queued'), (2, 'running'), (3, 'completed'), (4, 'failed'), (5, 'cancelled'))
       AS known (place, status)
CROSS JOIN LATERAL (
  SELECT count(*) AS runs FROM (
    (SELECT 1 FROM pipeline_runs r
     WHERE r.status = known.status AND r.account_id = $1::uuid AND $2::text IS NULL
       AND r.created_at >= (SELECT q.from_at FROM asked q)
       AND r.created_at < (SELECT q.before_at FROM asked q)
     LIMIT 101)
    UNION ALL
    (SELECT 1 FROM pipeline_runs r
     WHERE r.status = known.status AND coalesce($1::text, $2) IS NULL
       AND r.created_at >= (SELECT q.from_at FROM asked q)
       AND r.created_at < (SELECT q.before_at FROM asked q)
     LIMIT 101)
    UNION ALL
    (SELECT 1 FROM assistants s
     JOIN pipeline_runs r ON r.account_id = s.account_id AND r.assistant_id = s.id
     WHERE (s.external_id = $2 OR s.id::text = $2) AND ($1 IS NULL OR s.account_id = $1)
       AND r.status = known.status
       AND r.created_at >= (SELECT q.from_at FROM asked q)
       AND r.created_at < (SELECT q.before_at FROM asked q)
     LIMIT 101)
  ) AS found
) AS counted
ORDER BY known.place;
