-- cost.sql: the lines of the ledger, and what they add up to.

-- Everything the cost pages say of a period, read from one snapshot, so that all totals agree.
-- Account $1 (slug) or $2 (id), assistant $3 (external id) or $4 (id), all NULL for everybody's;
-- $5 days, first day $6, last day $7 (NULL: counted from the other end, which is today),
-- zone $8 (NULL: the account's own, else $11), $9 day, week or month. It reads the stored sums of
-- that zone, or of one with the same midnights; where there is neither, they are made from the
-- lines, $10 of them at most. A row for each group, by kind; model_before is a model in the period
-- before. No row: the period is upside down or too long; is_readable false: there are more lines.
-- name: cost_report
WITH zone AS MATERIALIZED (
  SELECT coalesce($8::text, (SELECT a.time_zone FROM accounts a
                             WHERE a.slug = $1::text OR a.id = $2::uuid), $11::text) AS tz
), asked AS (
  SELECT tz, (now() AT TIME ZONE tz)::date AS today, $9::text AS unit,
         ARRAY(SELECT a.id FROM accounts a
               WHERE coalesce($1, $2::text) IS NULL OR a.slug = $1 OR a.id = $2)
           AS account_ids,
         ARRAY(SELECT t.id FROM assistants t
               WHERE t.external_id = $3::text OR t.id = $4::uuid) AS assistant_ids
  FROM zone
), period AS (
  SELECT tz, today, unit, account_ids, assistant_ids, coalesce($7::date, today) AS last_day,
         coalesce($6::date, coalesce($7::date, today) - $5::integer + 1) AS first_day
  FROM asked
), whole AS (
  SELECT tz, today, unit, account_ids, assistant_ids, first_day, last_day,
         first_day - (last_day - first_day) - 1 AS previous_day
  FROM period WHERE last_day - first_day BETWEEN 0 AND 3659
), zoned AS (
  SELECT tz, today, unit, account_ids, assistant_ids, first_day, last_day, previous_day,
         reporting_zone(tz, account_ids, previous_day, last_day + 1) AS zone
  FROM whole
), scope AS MATERIALIZED (
  -- Sums that are made here have no zone and no months.
  SELECT z.tz, z.today, z.unit, z.account_ids, z.assistant_ids, z.first_day, z.last_day,
         z.previous_day, coalesce(z.zone, '') AS zone,
         CASE WHEN $3 IS NULL AND $4 IS NULL THEN 'account_day' ELSE 'assistant_day' END
           AS day_grain,
         CASE WHEN z.zone IS NULL THEN 'assistant_day' ELSE 'assistant_month' END AS month_grain,
         day_start(z.tz, z.first_day) AS from_at, day_start(z.tz, z.last_day + 1) AS to_at,
         z.zone IS NOT NULL OR (
           SELECT coalesce(sum(d.lines), 0) <= $10::bigint FROM account_days d
           WHERE d.zone = 'UTC' AND d.account_id = ANY (z.account_ids)
             AND d.day BETWEEN z.previous_day - 1 AND z.last_day + 1) AS is_readable FROM zoned z
), made AS MATERIALIZED (
  SELECT '' AS zone, c.grain, c.account_id, c.day, c.assistant_id, c.model,
         c.cost_nano, c.generation_cost_nano, c.analysis_cost_nano, c.improvement_cost_nano,
         c.cache_saved_nano, c.input_tokens, c.output_tokens, c.cache_read_tokens,
         c.cache_write_tokens, c.runs, c.calls, c.unpriced_calls, c.generation_calls,
         c.generation_input_tokens, c.generation_output_tokens, c.generation_cache_read_tokens,
         c.generation_cache_write_tokens, c.analysis_calls, c.analysis_input_tokens,
         c.analysis_output_tokens, c.analysis_cache_read_tokens, c.analysis_cache_write_tokens,
         c.improvement_calls, c.improvement_input_tokens, c.improvement_output_tokens,
         c.improvement_cache_read_tokens, c.improvement_cache_write_tokens
  FROM scope s CROSS JOIN unnest(s.account_ids) AS a (id)
  CROSS JOIN LATERAL cost_sums_of(s.tz, a.id, day_start(s.tz, s.previous_day),
                                  s.to_at) AS c
  WHERE s.zone = '' AND s.is_readable
), source AS NOT MATERIALIZED (
  SELECT zone, grain, account_id, day, assistant_id, model,
         cost_nano, generation_cost_nano, analysis_cost_nano, improvement_cost_nano,
         cache_saved_nano, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens,
         runs, calls, unpriced_calls, generation_calls, generation_input_tokens,
         generation_output_tokens, generation_cache_read_tokens, generation_cache_write_tokens,
         analysis_calls, analysis_input_tokens, analysis_output_tokens, analysis_cache_read_tokens,
         analysis_cache_write_tokens, improvement_calls, improvement_input_tokens,
         improvement_output_tokens, improvement_cache_read_tokens, improvement_cache_write_tokens
  FROM cost_sums
  UNION ALL
  SELECT zone, grain, account_id, day, assistant_id, model,
         cost_nano, generation_cost_nano, analysis_cost_nano, improvement_cost_nano,
         cache_saved_nano, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens,
         runs, calls, unpriced_calls, generation_calls, generation_input_tokens,
         generation_output_tokens, generation_cache_read_tokens, generation_cache_write_tokens,
         analysis_calls, analysis_input_tokens, analysis_output_tokens, analysis_cache_read_tokens,
         analysis_cache_write_tokens, improvement_calls, improvement_input_tokens,
         improvement_output_tokens, improvement_cache_read_tokens, improvement_cache_write_tokens
  FROM made
), days AS MATERIALIZED (
  -- The whole period, each account, each model and each bucket of it.
  SELECT d.kind, d.account_id, d.model, d.bucket, d.cost_nano, d.generation_cost_nano,
         d.analysis_cost_nano,
         d.improvement_cost_nano, d.cache_saved_nano, d.input_tokens, d.output_tokens,
         d.cache_read_tokens, d.cache_write_tokens, d.runs, d.calls, d.unpriced_calls
  FROM scope s CROSS JOIN LATERAL (
    SELECT account_id, model, date_trunc(s.unit, day)::date AS bucket,
           CASE WHEN grouping(account_id) = 0 THEN 'account' WHEN grouping(model) = 0 THEN 'model'
             WHEN date_trunc(s.unit, day)::date IS NULL THEN 'total' ELSE 'bucket' END AS kind,
           sum(cost_nano) AS cost_nano, sum(generation_cost_nano) AS generation_cost_nano,
           sum(analysis_cost_nano) AS analysis_cost_nano,
           sum(improvement_cost_nano) AS improvement_cost_nano,
           sum(cache_saved_nano) AS cache_saved_nano, sum(input_tokens) AS input_tokens,
           sum(output_tokens) AS output_tokens, sum(cache_read_tokens) AS cache_read_tokens,
           sum(cache_write_tokens) AS cache_write_tokens, sum(runs) AS runs, sum(calls) AS calls,
           sum(unpriced_calls) AS unpriced_calls
    FROM source
    WHERE zone = s.zone AND grain = s.day_grain AND account_id = ANY (s.account_ids)
      AND day BETWEEN s.first_day AND s.last_day
      AND ($3 IS NULL AND $4 IS NULL OR assistant_id = ANY (s.assistant_ids))
    GROUP BY GROUPING SETS ((1), (2), (3), ())) AS d
), before AS MATERIALIZED (
  -- Each model in the period before.
  SELECT m.model, m.cost_nano, m.cache_saved_nano, m.input_tokens, m.output_tokens,
         m.cache_read_tokens, m.cache_write_tokens, m.runs, m.calls
  FROM scope s CROSS JOIN LATERAL (
    SELECT model, sum(cost_nano) AS cost_nano, sum(cache_saved_nano) AS cache_saved_nano,
           sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens,
           sum(cache_read_tokens) AS cache_read_tokens,
           sum(cache_write_tokens) AS cache_write_tokens, sum(runs) AS runs, sum(calls) AS calls
    FROM source
    WHERE zone = s.zone AND grain = s.day_grain AND account_id = ANY (s.account_ids)
      AND day >= s.previous_day AND day < s.first_day
      AND ($3 IS NULL AND $4 IS NULL OR assistant_id = ANY (s.assistant_ids))
    GROUP BY 1) AS m
), parts AS (
  -- Assistants are added up from months where these are whole, [month, next_month), else from days.
  SELECT part.grain, part.day, part.next_day
  FROM scope s
  CROSS JOIN LATERAL (
    SELECT date_trunc('month', s.first_day + interval '1 month - 1 day')::date AS month,
           date_trunc('month', s.last_day + interval '1 day')::date AS next_month) AS w
  CROSS JOIN LATERAL (VALUES
    ('assistant_day', s.first_day, least(w.month, s.last_day + 1)),
    (s.month_grain, w.month, greatest(w.month, w.next_month)),
    ('assistant_day', greatest(w.month, w.next_month), s.last_day + 1))
      AS part (grain, day, next_day)
), phases AS (
  SELECT p.phase, p.place, p.cost_nano, p.calls, p.input_tokens, p.output_tokens,
         p.cache_read_tokens, p.cache_write_tokens
  FROM scope s CROSS JOIN LATERAL (
    SELECT
           sum(cost_nano) AS cost_nano, sum(calls) AS calls, sum(input_tokens) AS input_tokens,
           sum(output_tokens) AS output_tokens, sum(cache_read_tokens) AS cache_read_tokens,
           sum(cache_write_tokens) AS cache_write_tokens,
           sum(generation_cost_nano) AS generation_cost_nano,
           sum(generation_calls) AS generation_calls,
           sum(generation_input_tokens) AS generation_input_tokens,
           sum(generation_output_tokens) AS generation_output_tokens,
           sum(generation_cache_read_tokens) AS generation_cache_read_tokens,
           sum(generation_cache_write_tokens) AS generation_cache_write_tokens,
           sum(analysis_cost_nano) AS analysis_cost_nano, sum(analysis_calls) AS analysis_calls,
           sum(analysis_input_tokens) AS analysis_input_tokens,
           sum(analysis_output_tokens) AS analysis_output_tokens,
           sum(analysis_cache_read_tokens) AS analysis_cache_read_tokens,
           sum(analysis_cache_write_tokens) AS analysis_cache_write_tokens,
           sum(improvement_cost_nano) AS improvement_cost_nano,
           sum(improvement_calls) AS improvement_calls,
           sum(improvement_input_tokens) AS improvement_input_tokens,
           sum(improvement_output_tokens) AS improvement_output_tokens,
           sum(improvement_cache_read_tokens) AS improvement_cache_read_tokens,
           sum(improvement_cache_write_tokens) AS improvement_cache_write_tokens
    FROM source
    WHERE zone = s.zone AND grain = s.day_grain AND account_id = ANY (s.account_ids)
      AND day BETWEEN s.first_day AND s.last_day
      AND ($3 IS NULL AND $4 IS NULL OR assistant_id = ANY (s.assistant_ids))) AS t
  CROSS JOIN LATERAL (VALUES
      (1, 'generation', t.generation_cost_nano, t.generation_calls, t.generation_input_tokens,
      t.generation_output_tokens, t.generation_cache_read_tokens, t.generation_cache_write_tokens),
      (2, 'analysis', t.analysis_cost_nano, t.analysis_calls, t.analysis_input_tokens,
      t.analysis_output_tokens, t.analysis_cache_read_tokens, t.analysis_cache_write_tokens),
      (3, 'improvement', t.improvement_cost_nano, t.improvement_calls, t.improvement_input_tokens,
      t.improvement_output_tokens, t.improvement_cache_read_tokens,
      t.improvement_cache_write_tokens),
      (4, 'other',
      t.cost_nano - t.generation_cost_nano - t.analysis_cost_nano - t.improvement_cost_nano,
      t.calls - t.generation_calls - t.analysis_calls - t.improvement_calls,
      t.input_tokens - t.generation_input_tokens - t.analysis_input_tokens
        - t.improvement_input_tokens,
      t.output_tokens - t.generation_output_tokens - t.analysis_output_tokens
        - t.improvement_output_tokens,
      t.cache_read_tokens - t.generation_cache_read_tokens - t.analysis_cache_read_tokens
        - t.improvement_cache_read_tokens,
      t.cache_write_tokens - t.generation_cache_write_tokens - t.analysis_cache_write_tokens
        - t.improvement_cache_write_tokens)
    ) AS p (place, phase, cost_nano, calls, input_tokens, output_tokens, cache_read_tokens,
            cache_write_tokens)
), groups AS (
  SELECT kind, account_id, NULL::uuid AS assistant_id, model, bucket, NULL::text AS phase,
         0 AS place, coalesce(cost_nano, 0) AS cost_nano,
         coalesce(generation_cost_nano, 0) AS generation_cost_nano,
         coalesce(analysis_cost_nano, 0) AS analysis_cost_nano,
         coalesce(improvement_cost_nano, 0) AS improvement_cost_nano,
         coalesce(cache_saved_nano, 0) AS cache_saved_nano,
         coalesce(input_tokens, 0) AS input_tokens, coalesce(output_tokens, 0) AS output_tokens,
         coalesce(cache_read_tokens, 0) AS cache_read_tokens,
         coalesce(cache_write_tokens, 0) AS cache_write_tokens, coalesce(runs, 0) AS runs,
         coalesce(calls, 0) AS calls, coalesce(unpriced_calls, 0) AS unpriced_calls
  FROM days WHERE kind <> 'bucket'
  UNION ALL
  SELECT 'model_before', NULL, NULL, model, NULL, NULL, 0, cost_nano, NULL, NULL, NULL,
         cache_saved_nano, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens,
         runs, calls, NULL
  FROM before
  UNION ALL
  SELECT 'assistant', m.account_id, m.assistant_id, NULL, NULL, NULL, 0,
         sum(m.cost_nano), sum(m.generation_cost_nano), sum(m.analysis_cost_nano),
         sum(m.improvement_cost_nano), sum(m.cache_saved_nano), sum(m.input_tokens),
         sum(m.output_tokens), sum(m.cache_read_tokens), sum(m.cache_write_tokens), sum(m.runs),
         sum(m.calls), sum(m.unpriced_calls)
  FROM scope s CROSS JOIN parts p CROSS JOIN LATERAL (
    SELECT account_id, assistant_id,
           sum(cost_nano) AS cost_nano, sum(generation_cost_nano) AS generation_cost_nano,
           sum(analysis_cost_nano) AS analysis_cost_nano,
           sum(improvement_cost_nano) AS improvement_cost_nano,
           sum(cache_saved_nano) AS cache_saved_nano, sum(input_tokens) AS input_tokens,
           sum(output_tokens) AS output_tokens, sum(cache_read_tokens) AS cache_read_tokens,
           sum(cache_write_tokens) AS cache_write_tokens, sum(runs) AS runs, sum(calls) AS calls,
           sum(unpriced_calls) AS unpriced_calls
    FROM source
    WHERE zone = s.zone AND grain = p.grain AND account_id = ANY (s.account_ids)
      AND day >= p.day AND day < p.next_day
      AND ($3 IS NULL AND $4 IS NULL OR assistant_id = ANY (s.assistant_ids))
    GROUP BY 1, 2) AS m
  GROUP BY m.account_id, m.assistant_id
  UNION ALL
  -- Every bucket, so that empty ones are counted as zero.
  SELECT 'bucket', NULL, NULL, NULL, b.bucket::date, NULL, 0,
         coalesce(d.cost_nano, 0), coalesce(d.generation_cost_nano, 0),
         coalesce(d.analysis_cost_nano, 0), coalesce(d.improvement_cost_nano, 0),
         coalesce(d.cache_saved_nano, 0), coalesce(d.input_tokens, 0),
         coalesce(d.output_tokens, 0), coalesce(d.cache_read_tokens, 0),
         coalesce(d.cache_write_tokens, 0), coalesce(d.runs, 0), coalesce(d.calls, 0),
         coalesce(d.unpriced_calls, 0)
  FROM scope s
  CROSS JOIN generate_series(date_trunc(s.unit, s.first_day::timestamp), s.last_day::timestamp,
                             ('1 ' || s.unit)::interval) AS b (bucket)
  LEFT JOIN days d ON d.kind = 'bucket' AND d.bucket = b.bucket
  UNION ALL
  SELECT 'phase', NULL, NULL, NULL, NULL, phase, place,
         coalesce(cost_nano, 0), NULL, NULL, NULL, NULL, coalesce(input_tokens, 0),
         coalesce(output_tokens, 0), coalesce(cache_read_tokens, 0),
         coalesce(cache_write_tokens, 0), NULL, coalesce(calls, 0), NULL
  FROM phases
), latest AS (
  -- The cost of a run in the middle, or the mean of the middle two, of the latest 200 runs.
  SELECT round((percentile_disc(0.5) WITHIN GROUP (ORDER BY r.total_cost_usd)
                + percentile_disc(0.5) WITHIN GROUP (ORDER BY r.total_cost_usd DESC)) / 2, 9)
           AS median, count(*) AS runs
  FROM scope s CROSS JOIN LATERAL (
    (SELECT r.total_cost_usd, r.created_at FROM pipeline_runs r
     WHERE coalesce($1, $2::text, $3, $4::text) IS NULL AND r.created_at < s.to_at
       AND r.first_cost_entry_id IS NOT NULL
     ORDER BY r.created_at DESC LIMIT 200)
    UNION ALL
    (SELECT r.total_cost_usd, r.created_at FROM pipeline_runs r
     WHERE coalesce($1, $2::text) IS NOT NULL AND coalesce($3, $4::text) IS NULL
       AND r.account_id = s.account_ids[1] AND r.created_at < s.to_at
       AND r.first_cost_entry_id IS NOT NULL
     ORDER BY r.created_at DESC LIMIT 200)
    UNION ALL
    (SELECT r.total_cost_usd, r.created_at
     FROM assistants t CROSS JOIN LATERAL (
       SELECT r.total_cost_usd, r.created_at FROM pipeline_runs r
       WHERE r.account_id = t.account_id AND r.assistant_id = t.id AND r.created_at < s.to_at
         AND r.first_cost_entry_id IS NOT NULL
       ORDER BY r.created_at DESC LIMIT 200) AS r
     WHERE t.id = ANY (s.assistant_ids) AND t.account_id = ANY (s.account_ids)
     ORDER BY r.created_at DESC LIMIT 200)) AS r
  -- Those of the period are the latest of those before its end: an index leads to them.
  WHERE r.created_at >= s.from_at
)
SELECT g.kind, CASE g.kind WHEN 'total' THEN s.is_readable END AS is_readable,
       CASE g.kind WHEN 'total' THEN s.tz END AS tz,
       g.account_id, a.slug AS account_slug, a.name AS account_name, g.assistant_id, t.external_id,
       t.name AS assistant_name, g.phase, CASE g.phase WHEN 'other' THEN g.phase
         ELSE 'prompt_' || g.phase END AS operation, g.model, g.bucket AS date,
       CASE g.kind WHEN 'total' THEN s.first_day
         WHEN 'bucket' THEN greatest(g.bucket, s.first_day) END AS "from",
       CASE g.kind WHEN 'total' THEN s.last_day
         WHEN 'bucket' THEN least(b.last_day, s.last_day) END AS "to",
       least(b.last_day, s.last_day) < s.today AS is_complete,
       (g.cost_nano * 0.000000001)::text AS cost_usd,
       (g.generation_cost_nano * 0.000000001)::text AS generation_cost_usd,
       (g.analysis_cost_nano * 0.000000001)::text AS analysis_cost_usd,
       (g.improvement_cost_nano * 0.000000001)::text AS improvement_cost_usd,
       ((g.cost_nano - g.generation_cost_nano - g.analysis_cost_nano - g.improvement_cost_nano)
        * 0.000000001)::text AS other_cost_usd,
       (g.cache_saved_nano * 0.000000001)::text AS cache_saved_usd,
       g.input_tokens::bigint, g.output_tokens::bigint, g.cache_read_tokens::bigint,
       g.cache_write_tokens::bigint, g.runs::bigint, g.calls::bigint, g.unpriced_calls::bigint,
       coalesce(round(100 * g.cost_nano / nullif(
         max(g.cost_nano) FILTER (WHERE g.kind = 'total') OVER (), 0), 1), 0.0)::text
         AS share_percent,
       CASE g.kind WHEN 'total' THEN round(100 * g.cache_read_tokens / nullif(
         g.input_tokens + g.cache_read_tokens + g.cache_write_tokens, 0), 1)::text
         END AS cache_share_percent,
       CASE WHEN g.model IS NOT NULL THEN (
         SELECT least(1000 * p.output_pico::numeric, 1000000 * p.input_pico)::bigint
                / nullif(p.input_pico, 0)
         FROM price_at(NULL, g.model, s.to_at) AS p) END AS output_permille,
       (p.cost_nano * 0.000000001)::text AS previous_cost_usd,
       round(100 * (g.cost_nano - p.cost_nano) / nullif(p.cost_nano, 0), 1)::text
         AS change_percent,
       CASE g.kind WHEN 'total' THEN round(g.cost_nano / nullif(g.runs, 0) * 0.000000001, 9)::text
         END AS average_run_cost_usd,
       l.median::text AS median_run_cost_usd, l.runs AS median_of_runs
FROM groups g
CROSS JOIN scope s
LEFT JOIN accounts a ON a.id = g.account_id
LEFT JOIN assistants t ON t.account_id = g.account_id AND t.id = g.assistant_id
LEFT JOIN (SELECT coalesce(sum(cost_nano), 0) AS cost_nano FROM before) AS p
  ON g.kind = 'total'
LEFT JOIN latest l ON g.kind = 'total'
CROSS JOIN LATERAL (
  SELECT (g.bucket + ('1 ' || s.unit)::interval)::date - 1 AS last_day) AS b
ORDER BY g.kind, g.place, g.bucket, g.cost_nano DESC, a.slug, t.external_id, g.model;

-- The stamp of the cost pages: of account $1 (slug) or $2 (id), whose page shows runs, too, or of
-- all that the asker may see. Days begin on a quarter of an hour in every zone.
-- name: cost_stamp
SELECT concat_ws(' ', floor(extract(epoch FROM now()) / 900),
         (SELECT sum(hashtextextended(m.account_id::text || m.stripe, m.changes))
          FROM account_marks m
          WHERE coalesce($1::text, $2::uuid::text) IS NULL OR m.account_id =
            (SELECT a.id FROM accounts a WHERE a.slug = $1 OR a.id = $2)),
         (SELECT string_agg(concat(r.id, ' ', r.xmin), ' ')
          FROM (SELECT p.id, p.xmin FROM pipeline_runs p
                WHERE coalesce($1, $2::text) IS NOT NULL AND p.account_id =
                  (SELECT a.id FROM accounts a WHERE a.slug = $1 OR a.id = $2)
                ORDER BY p.created_at DESC, p.id DESC LIMIT 10) AS r)) AS stamp;

-- The account that a page or a filter names: $1 slug or $2 id; no row: unknown, or not the
-- caller's.
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
SELECT d.day::text AS date, sum(d.runs)::bigint AS pipeline_runs,
       sum(d.input_tokens)::bigint AS total_input_tokens,
       sum(d.output_tokens)::bigint AS total_output_tokens,
       (sum(d.cost_nano) * 0.000000001)::text AS total_cost_usd
FROM account_days d
WHERE d.zone = 'UTC'
  AND d.account_id = (SELECT a.id FROM accounts a WHERE a.slug = $1::text OR a.id = $2::uuid)
GROUP BY d.day ORDER BY d.day DESC LIMIT 30;

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

-- The lines of a run ($1 pipeline id or $2 id) in the order of their calls, after the line of time
-- $3 and id $4.
-- name: cost_by_run
SELECT e.id, e.pipeline_run_id, r.pipeline_id, e.pipeline_step_id, e.attempt_id,
       a.slug AS account_slug, t.external_id AS assistant_external_id, e.operation, e.model,
       e.input_tokens, e.output_tokens, e.cache_read_tokens, e.cache_write_tokens,
       e.cache_write_1h_tokens, e.cost_usd::text AS cost_usd, e.price_status, e.price_id,
       e.rate_permille, e.estimated, e.kind, e.corrects_id, e.reason, e.actor,
       coalesce(e.usage, c.usage) AS usage,
       coalesce(e.idempotency_key, e.attempt_id::text) AS idempotency_key, e.timestamp
FROM pipeline_runs r
JOIN cost_entries e ON e.account_id = r.account_id AND e.pipeline_run_id = r.id
LEFT JOIN attempts c ON c.account_id = e.account_id AND c.id = e.attempt_id
JOIN accounts a ON a.id = e.account_id
JOIN assistants t ON t.account_id = e.account_id AND t.id = e.assistant_id
WHERE (r.pipeline_id = $1::text OR r.id = $2::uuid)
  AND ($3::timestamptz IS NULL OR (e.timestamp, e.id) > ($3, $4::uuid))
ORDER BY e.timestamp, e.id LIMIT $5::integer;

-- The lines of an account ($1 slug or $2 id) or of everybody, the newest first, before the line of
-- time $3 and id $4; from $6 and before $7; of assistant $8 (external id) or $9 (id), of model $10
-- and operation $11 ("other": of no phase), each unless NULL. Bounds of an index are never NULL
-- here: beside row security a coalesce() is no bound. What is looked up for a line is no join: all
-- of them come in the index's order.
-- name: cost_list
WITH page AS (
  -- One account's lines stand together by time; ordered so, only their index will do.
  (SELECT e.id, e.account_id, e.assistant_id, e.pipeline_run_id, e.pipeline_step_id, e.attempt_id,
          e.operation, e.model, e.input_tokens, e.output_tokens, e.cache_read_tokens,
          e.cache_write_tokens, e.cache_write_1h_tokens, e.cost_usd, e.price_status, e.price_id,
          e.rate_permille, e.estimated, e.kind, e.corrects_id, e.reason, e.actor, e.usage,
          e.idempotency_key, e.timestamp
   FROM accounts a CROSS JOIN LATERAL (
     SELECT e.id, e.account_id, e.assistant_id, e.pipeline_run_id, e.pipeline_step_id, e.attempt_id,
            e.operation, e.model, e.input_tokens, e.output_tokens, e.cache_read_tokens,
            e.cache_write_tokens, e.cache_write_1h_tokens, e.cost_usd, e.price_status, e.price_id,
            e.rate_permille, e.estimated, e.kind, e.corrects_id, e.reason, e.actor, e.usage,
            e.idempotency_key, e.timestamp
     FROM cost_entries e
     WHERE (e.account_id, e.timestamp) >= (a.id, $6::timestamptz)
       AND (e.account_id, e.timestamp) <= (a.id, least($7::timestamptz, $3::timestamptz))
       AND e.timestamp < $7 AND (e.timestamp, e.id) < ($3, $4::uuid)
       AND CASE WHEN coalesce($8::text, $9::uuid::text) IS NULL THEN true
             ELSE e.assistant_id = ANY (ARRAY(
               SELECT t.id FROM assistants t WHERE t.external_id = $8 OR t.id = $9)) END
       AND CASE WHEN $10::text IS NULL THEN true ELSE e.model = $10 END
       AND CASE WHEN $11::text IS NULL THEN true
             WHEN $11 = 'other' THEN e.operation NOT IN
               ('prompt_generation', 'prompt_analysis', 'prompt_improvement')
             ELSE e.operation = $11 END
     ORDER BY e.account_id DESC, e.timestamp DESC, e.id DESC LIMIT $5::integer) AS e
   WHERE a.slug = $1::text OR a.id = $2::uuid)
  UNION ALL
  (SELECT e.id, e.account_id, e.assistant_id, e.pipeline_run_id, e.pipeline_step_id, e.attempt_id,
          e.operation, e.model, e.input_tokens, e.output_tokens, e.cache_read_tokens,
          e.cache_write_tokens, e.cache_write_1h_tokens, e.cost_usd, e.price_status, e.price_id,
          e.rate_permille, e.estimated, e.kind, e.corrects_id, e.reason, e.actor, e.usage,
          e.idempotency_key, e.timestamp
   FROM cost_entries e
   WHERE coalesce($1, $2::text) IS NULL
     AND (e.timestamp, e.id) < ($3::timestamptz, $4::uuid)
     AND e.timestamp >= $6::timestamptz AND e.timestamp < $7::timestamptz
     AND CASE WHEN coalesce($8::text, $9::uuid::text) IS NULL THEN true
           ELSE e.assistant_id = ANY (ARRAY(
             SELECT t.id FROM assistants t WHERE t.external_id = $8 OR t.id = $9)) END
     AND CASE WHEN $10::text IS NULL THEN true ELSE e.model = $10 END
     AND CASE WHEN $11::text IS NULL THEN true
           WHEN $11 = 'other' THEN e.operation NOT IN
             ('prompt_generation', 'prompt_analysis', 'prompt_improvement')
           ELSE e.operation = $11 END
   ORDER BY e.timestamp DESC, e.id DESC LIMIT $5::integer)
)
SELECT e.id, e.pipeline_run_id,
       (SELECT r.pipeline_id FROM pipeline_runs r
        WHERE r.account_id = e.account_id AND r.id = e.pipeline_run_id) AS pipeline_id,
       e.pipeline_step_id, e.attempt_id,
       (SELECT a.slug FROM accounts a WHERE a.id = e.account_id) AS account_slug,
       (SELECT t.external_id FROM assistants t
        WHERE t.account_id = e.account_id AND t.id = e.assistant_id) AS assistant_external_id,
       e.operation, e.model, e.input_tokens, e.output_tokens, e.cache_read_tokens,
       e.cache_write_tokens, e.cache_write_1h_tokens, e.cost_usd::text AS cost_usd,
       e.price_status, e.price_id, e.rate_permille, e.estimated, e.kind, e.corrects_id, e.reason,
       e.actor, coalesce(e.usage, (
         SELECT c.usage FROM attempts c
         WHERE c.account_id = e.account_id AND c.id = e.attempt_id)) AS usage,
       coalesce(e.idempotency_key, e.attempt_id::text) AS idempotency_key, e.timestamp
FROM page e
ORDER BY e.timestamp DESC, e.id DESC LIMIT $5;

-- What the account filter of the operator's cost page offers.
-- name: cost_accounts
SELECT a.slug, a.name FROM accounts a ORDER BY a.name, a.slug LIMIT 500;

-- The lines of settled calls, priced as of their opening: accounts $1, attempts $2, tokens $3 to $7.
-- A line that a dead runner's call had been given before (the reserved amount) is corrected by a
-- second one: tokens as they were, the cost as a difference.
-- name: cost_create
INSERT INTO cost_entries (account_id, pipeline_run_id, pipeline_step_id, assistant_id, attempt_id,
                          idempotency_key, operation, model, input_tokens, output_tokens,
                          cache_read_tokens, cache_write_tokens, cache_write_1h_tokens, cost_usd,
                          price_status, price_id, rate_permille, estimated, kind, corrects_id,
                          reason, actor, settles_price, timestamp)
SELECT t.account_id, t.pipeline_run_id, t.pipeline_step_id, r.assistant_id, t.id,
       CASE WHEN l.id IS NOT NULL THEN t.id || ':corrected' END, s.step_name, t.model, n.input,
       n.output, n.cache_read, n.cache_write, n.cache_write_1h,
       p.cost_nano * 0.000000001 - coalesce(l.cost_usd, 0), p.price_status, p.price_id,
       p.rate_permille, t.estimated, CASE WHEN l.id IS NULL THEN 'call' ELSE 'adjustment' END, l.id,
       CASE WHEN l.id IS NOT NULL
         THEN 'The answer arrived after its reserved amount had been booked.' END,
       CASE WHEN l.id IS NOT NULL THEN 'runner' END,
       coalesce(l.price_status <> 'priced' AND p.price_status = 'priced', false),
       coalesce(l.timestamp, now())
FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
            $7::bigint[])
  AS n (account_id, id, input, output, cache_read, cache_write, cache_write_1h)
JOIN attempts t ON t.account_id = n.account_id AND t.id = n.id AND t.state = 'settled'
JOIN pipeline_runs r ON r.account_id = t.account_id AND r.id = t.pipeline_run_id
JOIN pipeline_steps s ON s.account_id = t.account_id AND s.id = t.pipeline_step_id
LEFT JOIN cost_entries l ON l.account_id = t.account_id AND l.attempt_id = t.id
  AND l.kind = 'call' AND l.usage ->> 'booked' = 'reserved'
CROSS JOIN LATERAL price_line(t.account_id, t.model, t.opened_at, n.input, n.output, n.cache_read,
                              n.cache_write, n.cache_write_1h, t.usage) AS p
ON CONFLICT DO NOTHING;
