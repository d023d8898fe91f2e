-- cost.sql: the lines of the ledger, and what they add up to.

-- Many lines in one statement, all or nothing: $1 is a JSON array of entries. A line whose
-- idempotency key is already booked is left out and not returned.
-- name: cost_create_many
INSERT INTO cost_entries (account_id, pipeline_run_id, pipeline_step_id, assistant_id, operation,
                          model, input_tokens, output_tokens, cache_read_tokens,
                          cache_write_tokens, cache_write_1h_tokens, cost_usd, price_status,
                          price_id, estimated, usage, idempotency_key, timestamp)
SELECT n.account_id, n.pipeline_run_id, n.pipeline_step_id, n.assistant_id, n.operation, n.model,
       n.input_tokens, n.output_tokens, coalesce(n.cache_read_tokens, 0),
       coalesce(n.cache_write_tokens, 0), coalesce(n.cache_write_1h_tokens, 0), n.cost_usd,
       coalesce(n.price_status, 'priced'), n.price_id, coalesce(n.estimated, false), n.usage,
       n.idempotency_key, coalesce(n.timestamp, now())
FROM jsonb_to_recordset($1::jsonb) AS n (
  account_id uuid, pipeline_run_id uuid, pipeline_step_id uuid, assistant_id uuid,
  operation text, model text, input_tokens bigint, output_tokens bigint,
  cache_read_tokens bigint, cache_write_tokens bigint, cache_write_1h_tokens bigint,
  cost_usd numeric, price_status text, price_id uuid, estimated boolean, usage jsonb,
  idempotency_key text, timestamp timestamptz)
ON CONFLICT (account_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
RETURNING id, account_id, pipeline_run_id, operation, model, input_tokens, output_tokens,
  cache_read_tokens, cache_write_tokens, cost_usd::text AS cost_usd, price_status, timestamp;

-- Everything the cost pages say of a period, read from one snapshot, so that all totals agree.
-- Account $1 (slug) or $2 (id), assistant $3 (external id) or $4 (id), all NULL for everybody's;
-- $5 days, first day $6, last day $7 (NULL: counted from the other end, which is today),
-- zone $8, $9 day, week or month. No row: the period is upside down or too long.
-- name: cost_report
WITH wanted AS (
  SELECT (now() AT TIME ZONE $8::text)::date AS today, $9::text AS unit
), period AS (
  SELECT today, unit, coalesce($7::date, today) AS last_day,
         coalesce($6::date, coalesce($7::date, today) - $5::integer + 1) AS first_day
  FROM wanted
), scope AS (
  SELECT today, unit, first_day, last_day,
         (first_day - (last_day - first_day) - 1)::timestamp AT TIME ZONE $8 AS previous_at,
         first_day::timestamp AT TIME ZONE $8 AS from_at,
         (last_day + 1)::timestamp AT TIME ZONE $8 AS to_at
  FROM period WHERE last_day - first_day BETWEEN 0 AND 3659
), entries AS (
  SELECT e.account_id, e.assistant_id, e.pipeline_run_id, e.model, e.cost_usd,
         e.input_tokens, e.output_tokens, e.cache_read_tokens, e.cache_write_tokens,
         e.price_status <> 'priced' AS is_unpriced, e.timestamp >= s.from_at AS is_current,
         date_trunc(s.unit, e.timestamp AT TIME ZONE $8)::date AS bucket,
         CASE WHEN e.operation IN ('prompt_generation', 'prompt_analysis', 'prompt_improvement')
           THEN substr(e.operation, 8) ELSE 'other' END AS phase
  FROM scope s JOIN cost_entries e ON e.timestamp >= s.previous_at AND e.timestamp < s.to_at
  WHERE (coalesce($1::text, $2::uuid::text) IS NULL OR e.account_id =
           (SELECT a.id FROM accounts a WHERE a.slug = $1 OR a.id = $2))
    AND (coalesce($3::text, $4::uuid::text) IS NULL OR e.assistant_id IN
           (SELECT t.id FROM assistants t WHERE t.external_id = $3 OR t.id = $4))
), grid AS (
  -- Every bucket with every phase, so that empty ones are counted as zero.
  SELECT b.bucket::date AS bucket, p.phase, p.place
  FROM scope s
  CROSS JOIN generate_series(date_trunc(s.unit, s.first_day::timestamp), s.last_day::timestamp,
                             ('1 ' || s.unit)::interval) AS b (bucket)
  CROSS JOIN (VALUES ('generation', 1), ('analysis', 2), ('improvement', 3), ('other', 4))
    AS p (phase, place)
), sums AS (
  SELECT CASE grouping(e.account_id, e.assistant_id, g.phase, e.model, g.bucket)
           WHEN 31 THEN 'total' WHEN 15 THEN 'account' WHEN 7 THEN 'assistant'
           WHEN 27 THEN 'phase' WHEN 29 THEN 'model' WHEN 30 THEN 'bucket' END AS kind,
         e.account_id, e.assistant_id, g.phase, min(g.place) AS place, e.model, g.bucket,
         coalesce(sum(e.cost_usd), 0::numeric(20, 9)) AS cost,
         jsonb_build_object(
           'cost_usd', coalesce(sum(e.cost_usd), 0::numeric(20, 9))::text,
           'generation_cost_usd', coalesce(sum(e.cost_usd)
             FILTER (WHERE g.phase = 'generation'), 0::numeric(20, 9))::text,
           'analysis_cost_usd', coalesce(sum(e.cost_usd)
             FILTER (WHERE g.phase = 'analysis'), 0::numeric(20, 9))::text,
           'improvement_cost_usd', coalesce(sum(e.cost_usd)
             FILTER (WHERE g.phase = 'improvement'), 0::numeric(20, 9))::text,
           'other_cost_usd', coalesce(sum(e.cost_usd)
             FILTER (WHERE g.phase = 'other'), 0::numeric(20, 9))::text,
           'input_tokens', coalesce(sum(e.input_tokens), 0),
           'output_tokens', coalesce(sum(e.output_tokens), 0),
           'cache_read_tokens', coalesce(sum(e.cache_read_tokens), 0),
           'cache_write_tokens', coalesce(sum(e.cache_write_tokens), 0),
           'runs', count(DISTINCT e.pipeline_run_id),
           'calls', count(e.cost_usd),
           'unpriced_calls', count(*) FILTER (WHERE e.is_unpriced)) AS figures
  FROM grid g LEFT JOIN entries e ON e.is_current AND e.bucket = g.bucket AND e.phase = g.phase
  GROUP BY GROUPING SETS
    ((), (e.account_id), (e.account_id, e.assistant_id), (g.phase), (e.model), (g.bucket))
), groups AS (
  SELECT kind, account_id, assistant_id, phase, place, model, bucket, cost,
         figures || jsonb_build_object('share_percent', coalesce(round(100 * cost / nullif(
           max(cost) FILTER (WHERE kind = 'total') OVER (), 0), 1), 0.0)::text) AS figures
  FROM sums
), runs AS (
  SELECT sum(cost_usd) AS cost FROM entries WHERE is_current GROUP BY pipeline_run_id
), run_figures AS (
  SELECT round(avg(cost), 9) AS average,
         -- The middle one, or the mean of the middle two, exactly.
         round((percentile_disc(0.5) WITHIN GROUP (ORDER BY cost)
                + percentile_disc(0.5) WITHIN GROUP (ORDER BY cost DESC)) / 2, 9) AS median
  FROM runs
), previous AS (
  SELECT coalesce(sum(cost_usd), 0::numeric(20, 9)) AS cost FROM entries WHERE NOT is_current
)
SELECT s.first_day AS "from", s.last_day AS "to", $8 AS tz, s.unit AS "group",
  (SELECT g.figures || jsonb_build_object(
     'average_run_cost_usd', r.average::text, 'median_run_cost_usd', r.median::text,
     'previous_cost_usd', p.cost::text,
     'change_percent', round(100 * (g.cost - p.cost) / nullif(p.cost, 0), 1)::text)
   FROM groups g, run_figures r, previous p WHERE g.kind = 'total') AS totals,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('account_id', a.id, 'account_slug', a.slug,
                               'account_name', a.name) || g.figures
                             ORDER BY g.cost DESC, a.slug), '[]')
   FROM groups g JOIN accounts a ON a.id = g.account_id
   WHERE g.kind = 'account') AS by_account,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('assistant_id', t.id,
                               'external_id', t.external_id, 'assistant_name', t.name,
                               'account_slug', a.slug) || g.figures
                             ORDER BY g.cost DESC, a.slug, t.external_id), '[]')
   FROM groups g JOIN accounts a ON a.id = g.account_id
   JOIN assistants t ON t.account_id = g.account_id AND t.id = g.assistant_id
   WHERE g.kind = 'assistant') AS by_assistant,
  (SELECT jsonb_agg(jsonb_build_object('phase', g.phase) || g.figures ORDER BY g.place)
   FROM groups g WHERE g.kind = 'phase') AS by_phase,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('model', g.model) || g.figures
                             ORDER BY g.cost DESC, g.model), '[]')
   FROM groups g WHERE g.kind = 'model' AND g.model IS NOT NULL) AS by_model,
  (SELECT jsonb_agg(jsonb_build_object('date', g.bucket,
                      'from', greatest(g.bucket, s.first_day), 'to', least(b.last_day, s.last_day),
                      'is_complete', least(b.last_day, s.last_day) < s.today) || g.figures
                    ORDER BY g.bucket)
   FROM groups g,
     LATERAL (SELECT (g.bucket + ('1 ' || s.unit)::interval)::date - 1 AS last_day) AS b
   WHERE g.kind = 'bucket') AS trend
FROM scope s;

-- The account that a page or a filter names: $1 slug or $2 id; no row: unknown, or not the caller's.
-- name: cost_account
SELECT a.id, a.slug, a.name FROM accounts a WHERE a.slug = $1::text OR a.id = $2::uuid;

-- Whether an assistant is known: $1 external id or $2 id, in account $3 (slug) or $4 (id), if any.
-- name: cost_assistant
SELECT t.id FROM assistants t JOIN accounts a ON a.id = t.account_id
WHERE (t.external_id = $1::text OR t.id = $2::uuid)
  AND (coalesce($3::text, $4::uuid::text) IS NULL OR a.slug = $3 OR a.id = $4)
LIMIT 1;

-- The last 30 days on which the account ($1 slug or $2 id) spent something, in UTC.
-- name: cost_daily
SELECT v.date::text AS date, v.pipeline_runs, v.total_input_tokens, v.total_output_tokens,
       v.total_cost::text AS total_cost_usd
FROM v_daily_costs_by_account v
WHERE v.account_id = (SELECT a.id FROM accounts a WHERE a.slug = $1::text OR a.id = $2::uuid)
ORDER BY v.date DESC LIMIT 30;

-- All that each assistant of the account ($1 slug or $2 id) has ever cost.
-- name: cost_by_assistant
SELECT v.assistant_id, v.external_id, v.assistant_name, v.total_runs, v.total_input_tokens,
       v.total_output_tokens, v.total_cost::text AS total_cost_usd,
       round(v.avg_cost_per_operation, 9)::text AS average_call_cost_usd, v.last_activity
FROM v_costs_by_assistant v
WHERE v.account_id = (SELECT a.id FROM accounts a WHERE a.slug = $1::text OR a.id = $2::uuid)
ORDER BY v.total_cost DESC, v.external_id;

-- The latest runs of an account ($1 slug or $2 id), or of everybody.
-- name: cost_recent_runs
SELECT r.id, r.pipeline_id, r.status, a.slug AS account_slug, a.name AS account_name,
       t.external_id AS assistant_external_id, t.name AS assistant_name,
       r.created_at, r.started_at, r.duration_ms, r.error_message,
       r.total_input_tokens, r.total_output_tokens, r.total_cost_usd::text AS total_cost_usd
FROM pipeline_runs r
JOIN accounts a ON a.id = r.account_id
JOIN assistants t ON t.account_id = r.account_id AND t.id = r.assistant_id
WHERE coalesce($1::text, $2::uuid::text) IS NULL OR r.account_id =
  (SELECT b.id FROM accounts b WHERE b.slug = $1 OR b.id = $2)
ORDER BY r.created_at DESC, r.id DESC LIMIT 10;

-- The run whose lines are asked for: $1 is its pipeline id, or $2 its id.
-- name: cost_run
SELECT r.id, r.pipeline_id, a.slug AS account_slug, r.total_cost_usd::text AS total_cost_usd
FROM pipeline_runs r JOIN accounts a ON a.id = r.account_id
WHERE r.pipeline_id = $1::text OR r.id = $2::uuid;

-- The lines of a run ($1 pipeline id or $2 id) in the order of their calls, after line $3.
-- name: cost_by_run
SELECT e.id, e.pipeline_run_id, r.pipeline_id, e.pipeline_step_id, e.attempt_id,
       a.slug AS account_slug, t.external_id AS assistant_external_id, e.operation, e.model,
       e.input_tokens, e.output_tokens, e.cache_read_tokens, e.cache_write_tokens,
       e.cache_write_1h_tokens, e.cost_usd::text AS cost_usd, e.price_status, e.price_id,
       e.rate_permille, e.estimated, e.kind, e.corrects_id, e.reason, e.actor,
       coalesce(e.usage, c.usage) AS usage, e.idempotency_key, e.timestamp
FROM pipeline_runs r
JOIN cost_entries e ON e.account_id = r.account_id AND e.pipeline_run_id = r.id
LEFT JOIN attempts c ON c.account_id = e.account_id AND c.id = e.attempt_id
JOIN accounts a ON a.id = e.account_id
JOIN assistants t ON t.account_id = e.account_id AND t.id = e.assistant_id
WHERE (r.pipeline_id = $1::text OR r.id = $2::uuid)
  AND ($3::uuid IS NULL OR (e.timestamp, e.id) >
       (SELECT l.timestamp, l.id FROM cost_entries l WHERE l.id = $3))
ORDER BY e.timestamp, e.id LIMIT $4::integer;

-- The lines of an account ($1 slug or $2 id) or of everybody, the newest first, before line $3.
-- name: cost_list
SELECT e.id, e.pipeline_run_id, r.pipeline_id, e.pipeline_step_id, e.attempt_id,
       a.slug AS account_slug, t.external_id AS assistant_external_id, e.operation, e.model,
       e.input_tokens, e.output_tokens, e.cache_read_tokens, e.cache_write_tokens,
       e.cache_write_1h_tokens, e.cost_usd::text AS cost_usd, e.price_status, e.price_id,
       e.rate_permille, e.estimated, e.kind, e.corrects_id, e.reason, e.actor,
       coalesce(e.usage, c.usage) AS usage, e.idempotency_key, e.timestamp
FROM cost_entries e
LEFT JOIN pipeline_runs r ON r.account_id = e.account_id AND r.id = e.pipeline_run_id
LEFT JOIN attempts c ON c.account_id = e.account_id AND c.id = e.attempt_id
JOIN accounts a ON a.id = e.account_id
JOIN assistants t ON t.account_id = e.account_id AND t.id = e.assistant_id
WHERE (coalesce($1::text, $2::uuid::text) IS NULL OR e.account_id =
         (SELECT b.id FROM accounts b WHERE b.slug = $1 OR b.id = $2))
  AND ($3::uuid IS NULL OR (e.timestamp, e.id) <
       (SELECT l.timestamp, l.id FROM cost_entries l WHERE l.id = $3))
ORDER BY e.timestamp DESC, e.id DESC LIMIT $4::integer;

-- What the account filter of the operator's cost page offers.
-- name: cost_accounts
SELECT a.slug, a.name FROM accounts a ORDER BY a.name, a.slug LIMIT 500;

-- The line of one settled call. A line that a dead runner's call had been given before (the
-- reserved amount) is corrected by a second one: tokens as they were, the cost as a difference.
-- name: cost_create
WITH reserved AS (
  SELECT e.id, e.cost_usd FROM cost_entries e
  WHERE e.account_id = $1::uuid AND e.idempotency_key = $2::text
    AND e.usage ->> 'booked' = 'reserved'
)
INSERT INTO cost_entries (account_id, pipeline_run_id, pipeline_step_id, assistant_id, attempt_id,
                          idempotency_key, operation, model, input_tokens, output_tokens,
                          cache_read_tokens, cache_write_tokens, cache_write_1h_tokens, cost_usd,
                          price_status, price_id, estimated, kind, corrects_id, reason, actor)
SELECT t.account_id, t.pipeline_run_id, t.pipeline_step_id, r.assistant_id, t.id,
       $2::text || CASE WHEN l.id IS NULL THEN '' ELSE ':corrected' END,
       s.step_name, t.model, $3::bigint, $4::bigint, $5::bigint, $6::bigint, $7::bigint,
       $8::numeric - coalesce(l.cost_usd, 0),
       CASE WHEN t.price_id IS NULL THEN 'unpriced' ELSE 'priced' END, t.price_id, t.estimated,
       CASE WHEN l.id IS NULL THEN 'call' ELSE 'adjustment' END, l.id,
       CASE WHEN l.id IS NOT NULL
         THEN 'The answer arrived after its reserved amount had been booked.' END,
       CASE WHEN l.id IS NOT NULL THEN 'runner' END
FROM attempts t
JOIN pipeline_runs r ON r.account_id = t.account_id AND r.id = t.pipeline_run_id
JOIN pipeline_steps s ON s.account_id = t.account_id AND s.id = t.pipeline_step_id
LEFT JOIN reserved l ON true
WHERE t.account_id = $1::uuid AND t.id = $2::text::uuid AND t.state = 'settled'
ON CONFLICT (account_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
RETURNING id;
