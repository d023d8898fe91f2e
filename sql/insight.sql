-- insight.sql: what the sums and the latest runs tell beside their totals. All statements name
-- account $1 (slug) or $2 (id) and assistant $3 (external id) or $4 (id), all NULL for everybody's.
-- Runs that only score a version are no measure for runs that make one.

-- What the month of today will come to in zone $5 (NULL: the account's own, else $6): what was
-- spent, and for what is left of it what the same weekdays cost in the last four weeks: in the
-- cheapest of these, in all on average, in the dearest. No row: there is no history of two weeks,
-- or no sums of that zone.
-- name: insight_forecast
WITH asked AS (
  SELECT coalesce($5::text, (SELECT a.time_zone FROM accounts a
                             WHERE a.slug = $1::text OR a.id = $2::uuid), $6::text) AS tz,
         ARRAY(SELECT a.id FROM accounts a
               WHERE coalesce($1, $2::text) IS NULL OR a.slug = $1 OR a.id = $2) AS account_ids
), dated AS (
  SELECT account_ids, tz, (now() AT TIME ZONE tz)::date AS today FROM asked
), scope AS MATERIALIZED (
  SELECT account_ids, today, date_trunc('month', today)::date AS first_day,
         (date_trunc('month', today) + interval '1 month')::date - 1 AS last_day,
         reporting_zone(tz, account_ids, today - 56, today + 1) AS zone
  FROM dated
), days AS MATERIALIZED (
  SELECT d.day, sum(d.cost_nano) AS cost_nano
  FROM scope s CROSS JOIN LATERAL (
    SELECT c.day, c.cost_nano FROM cost_sums c
    WHERE coalesce($3::text, $4::uuid::text) IS NULL AND c.zone = s.zone
      AND c.grain = 'account_day' AND c.account_id = ANY (s.account_ids)
      AND c.day BETWEEN s.today - 56 AND s.today
    UNION ALL
    SELECT c.day, c.cost_nano
    FROM assistants t JOIN cost_sums c ON c.zone = s.zone AND c.grain = 'assistant_day'
      AND c.account_id = t.account_id AND c.day BETWEEN s.today - 56 AND s.today
      AND c.assistant_id = t.id
    WHERE (t.external_id = $3 OR t.id = $4) AND t.account_id = ANY (s.account_ids)) AS d
  GROUP BY d.day
), history AS (
  SELECT s.today, s.first_day, s.last_day, least((s.today - min(d.day)) / 7, 4) AS weeks,
         coalesce(sum(d.cost_nano) FILTER (WHERE d.day >= s.first_day), 0) AS spent_nano,
         coalesce(sum(d.cost_nano) FILTER (WHERE d.day = s.today), 0) AS today_nano
  FROM scope s CROSS JOIN days d
  GROUP BY s.today, s.first_day, s.last_day
), outcomes AS (
  -- The month's end by each week: day by day its same weekday; of today what is still to come.
  SELECT h.first_day, h.last_day, h.last_day - h.today AS days_left, h.weeks, h.spent_nano,
         h.spent_nano + sum(greatest(coalesce(d.cost_nano, 0)
           - CASE l.day WHEN h.today THEN h.today_nano ELSE 0 END, 0)) AS end_nano
  FROM history h
  CROSS JOIN generate_series(1, h.weeks) AS w (week)
  CROSS JOIN LATERAL (SELECT h.today + n AS day, n FROM generate_series(0, h.last_day - h.today) AS n)
    AS l
  LEFT JOIN days d ON d.day = h.today - 7 * w.week + l.n % 7
  WHERE h.weeks >= 2
  GROUP BY h.first_day, h.last_day, h.today, h.weeks, h.spent_nano, w.week
)
SELECT first_day::text AS "from", last_day::text AS "to", days_left, weeks,
       (spent_nano * 0.000000001)::text AS spent_usd,
       (min(end_nano) * 0.000000001)::text AS low_usd,
       round(avg(end_nano) * 0.000000001, 9)::text AS mid_usd,
       (max(end_nano) * 0.000000001)::text AS high_usd
FROM outcomes
GROUP BY first_day, last_day, days_left, weeks, spent_nano;

-- Runs of the period ($5 days, first day $6, last day $7, zone $8, else $9, as in cost_report) that
-- cost at least twice what is usual for their assistant, the median, and more than its upper
-- quartile and three times the distance between quartiles; both of the completed ones among its
-- latest 200 runs until then, ten at least. Looked at are the ten of the latest 200 runs that cost
-- most when measured by the mean of their assistant in the last two months. A run counts from its
-- first line on, as elsewhere: what is told changes with the ledger and with completed runs only.
-- name: insight_unusual
WITH asked AS (
  SELECT coalesce($8::text, (SELECT a.time_zone FROM accounts a
                             WHERE a.slug = $1::text OR a.id = $2::uuid), $9::text) AS tz,
         ARRAY(SELECT a.id FROM accounts a
               WHERE coalesce($1, $2::text) IS NULL OR a.slug = $1 OR a.id = $2) AS account_ids
), period AS (
  SELECT tz, account_ids, coalesce($7::date, (now() AT TIME ZONE tz)::date) AS last_day
  FROM asked
), scope AS MATERIALIZED (
  SELECT account_ids,
         day_start(tz, coalesce($6::date, last_day - $5::integer + 1)) AS from_at,
         day_start(tz, last_day + 1) AS to_at,
         date_trunc('month', last_day::timestamp)::date AS month
  FROM period
), latest AS MATERIALIZED (
  SELECT r.id, r.account_id, r.assistant_id, r.pipeline_id, r.created_at, r.total_cost_usd
  FROM scope s CROSS JOIN LATERAL (
    (SELECT r.id, r.account_id, r.assistant_id, r.pipeline_id, r.created_at, r.total_cost_usd
     FROM pipeline_runs r
     WHERE coalesce($1, $2::text, $3::text, $4::uuid::text) IS NULL AND r.created_at < s.to_at
       AND r.first_cost_entry_id IS NOT NULL AND r.kind = 'pipeline'
     ORDER BY r.created_at DESC LIMIT 200)
    UNION ALL
    (SELECT r.id, r.account_id, r.assistant_id, r.pipeline_id, r.created_at, r.total_cost_usd
     FROM pipeline_runs r
     WHERE coalesce($1, $2::text) IS NOT NULL AND coalesce($3, $4::text) IS NULL
       AND r.account_id = s.account_ids[1] AND r.created_at < s.to_at
       AND r.first_cost_entry_id IS NOT NULL AND r.kind = 'pipeline'
     ORDER BY r.created_at DESC LIMIT 200)
    UNION ALL
    (SELECT r.id, r.account_id, r.assistant_id, r.pipeline_id, r.created_at, r.total_cost_usd
     FROM assistants t CROSS JOIN LATERAL (
       SELECT r.id, r.account_id, r.assistant_id, r.pipeline_id, r.created_at, r.total_cost_usd
       FROM pipeline_runs r
       WHERE r.account_id = t.account_id AND r.assistant_id = t.id AND r.created_at < s.to_at
         AND r.first_cost_entry_id IS NOT NULL AND r.kind = 'pipeline'
       ORDER BY r.created_at DESC LIMIT 200) AS r
     WHERE (t.external_id = $3 OR t.id = $4) AND t.account_id = ANY (s.account_ids)
     ORDER BY r.created_at DESC LIMIT 200)) AS r
  WHERE r.created_at >= s.from_at
), means AS MATERIALIZED (
  SELECT m.account_id, m.assistant_id, sum(m.cost_nano) / nullif(sum(m.runs), 0) AS cost_nano
  FROM scope s
  JOIN cost_sums m ON m.zone = 'UTC' AND m.grain = 'assistant_month'
    AND m.account_id = ANY (s.account_ids)
    AND m.day BETWEEN (s.month - interval '1 month')::date AND s.month
  GROUP BY m.account_id, m.assistant_id
), dearest AS MATERIALIZED (
  SELECT r.id, r.account_id, r.assistant_id, r.pipeline_id, r.created_at, r.total_cost_usd
  FROM latest r
  JOIN means m ON m.account_id = r.account_id AND m.assistant_id = r.assistant_id
  WHERE m.cost_nano > 0
  ORDER BY r.total_cost_usd / m.cost_nano DESC, r.id LIMIT 10
), usual AS MATERIALIZED (
  SELECT d.account_id, d.assistant_id, p.quartiles, p.runs
  FROM (SELECT DISTINCT account_id, assistant_id FROM dearest) AS d
  CROSS JOIN scope s
  CROSS JOIN LATERAL (
    SELECT percentile_disc(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY b.total_cost_usd)
             AS quartiles, count(*) AS runs
    FROM (SELECT r.total_cost_usd, r.status FROM pipeline_runs r
          WHERE r.account_id = d.account_id AND r.assistant_id = d.assistant_id
            AND r.created_at < s.to_at AND r.first_cost_entry_id IS NOT NULL
            AND r.kind = 'pipeline'
          ORDER BY r.created_at DESC LIMIT 200) AS b
    WHERE b.status = 'completed') AS p
)
SELECT r.id, r.pipeline_id, a.slug AS account_slug, r.assistant_id,
       t.external_id AS assistant_external_id, t.name AS assistant_name, r.created_at,
       r.total_cost_usd::text AS total_cost_usd, u.quartiles[2]::text AS median_cost_usd,
       u.runs AS median_of_runs,
       round(r.total_cost_usd / nullif(u.quartiles[2], 0), 1)::text AS times_median
FROM dearest r
JOIN usual u ON u.account_id = r.account_id AND u.assistant_id = r.assistant_id
JOIN accounts a ON a.id = r.account_id
JOIN assistants t ON t.account_id = r.account_id AND t.id = r.assistant_id
WHERE u.runs >= 10 AND r.total_cost_usd >= 2 * u.quartiles[2]
  AND r.total_cost_usd > u.quartiles[3] + 3 * (u.quartiles[3] - u.quartiles[1])
ORDER BY r.total_cost_usd / nullif(u.quartiles[2], 0) DESC, r.id;

-- What a point of score has cost, improvement by improvement, in the latest 200 completed runs of
-- the period (as above): improvement n and the analysis that follows it, against the difference of
-- the two analyses around it.
-- name: insight_scores
WITH asked AS (
  SELECT coalesce($8::text, (SELECT a.time_zone FROM accounts a
                             WHERE a.slug = $1::text OR a.id = $2::uuid), $9::text) AS tz,
         ARRAY(SELECT a.id FROM accounts a
               WHERE coalesce($1, $2::text) IS NULL OR a.slug = $1 OR a.id = $2) AS account_ids
), period AS (
  SELECT tz, account_ids, coalesce($7::date, (now() AT TIME ZONE tz)::date) AS last_day
  FROM asked
), scope AS MATERIALIZED (
  SELECT account_ids,
         day_start(tz, coalesce($6::date, last_day - $5::integer + 1)) AS from_at,
         day_start(tz, last_day + 1) AS to_at
  FROM period
), latest AS MATERIALIZED (
  SELECT r.id, r.account_id
  FROM scope s CROSS JOIN LATERAL (
    (SELECT r.id, r.account_id, r.created_at FROM pipeline_runs r
     WHERE coalesce($1, $2::text, $3::text, $4::uuid::text) IS NULL AND r.status = 'completed'
       AND r.created_at < s.to_at AND r.kind = 'pipeline'
     ORDER BY r.created_at DESC LIMIT 200)
    UNION ALL
    (SELECT r.id, r.account_id, r.created_at FROM pipeline_runs r
     WHERE coalesce($1, $2::text) IS NOT NULL AND coalesce($3, $4::text) IS NULL
       AND r.account_id = s.account_ids[1] AND r.status = 'completed' AND r.created_at < s.to_at
       AND r.kind = 'pipeline'
     ORDER BY r.created_at DESC LIMIT 200)
    UNION ALL
    (SELECT r.id, r.account_id, r.created_at
     FROM assistants t CROSS JOIN LATERAL (
       SELECT r.id, r.account_id, r.status, r.created_at FROM pipeline_runs r
       WHERE r.account_id = t.account_id AND r.assistant_id = t.id AND r.created_at < s.to_at
         AND r.first_cost_entry_id IS NOT NULL AND r.kind = 'pipeline'
       ORDER BY r.created_at DESC LIMIT 200) AS r
     WHERE (t.external_id = $3 OR t.id = $4) AND t.account_id = ANY (s.account_ids)
       AND r.status = 'completed'
     ORDER BY r.created_at DESC LIMIT 200)) AS r
  WHERE r.created_at >= s.from_at
), steps AS MATERIALIZED (
  -- An analysis ends the iteration of the improvement before it; the first one ends none.
  SELECT r.id AS run_id, p.id, (p.metadata ->> 'score')::integer AS score,
         rtrim(split_part(p.step_key, '[', 2), ']')::integer
           - (p.step_name = 'prompt_analysis')::integer AS iteration
  FROM latest r
  JOIN pipeline_steps p ON p.account_id = r.account_id AND p.pipeline_run_id = r.id
  WHERE p.step_name IN ('prompt_analysis', 'prompt_improvement')
), lines AS MATERIALIZED (
  SELECT e.pipeline_step_id, e.cost_usd
  FROM latest r JOIN cost_entries e ON e.account_id = r.account_id AND e.pipeline_run_id = r.id
), iterations AS (
  SELECT s.run_id, s.iteration, max(s.score) AS after, sum(e.cost_usd) AS cost_usd
  FROM steps s LEFT JOIN lines e ON e.pipeline_step_id = s.id
  GROUP BY s.run_id, s.iteration
), gains AS (
  SELECT i.iteration, i.cost_usd, i.after,
         lag(i.after) OVER (PARTITION BY i.run_id ORDER BY i.iteration) AS before
  FROM iterations i
)
SELECT iteration, count(*) AS runs, round(avg(before), 1)::text AS score_before,
       round(avg(after), 1)::text AS score_after, sum(after - before) AS points,
       coalesce(sum(cost_usd), 0.000000000)::text AS cost_usd,
       CASE WHEN sum(after) > sum(before)
         THEN round(coalesce(sum(cost_usd), 0) / sum(after - before), 9)::text END
         AS point_cost_usd
FROM gains
WHERE before IS NOT NULL AND after IS NOT NULL
GROUP BY iteration ORDER BY iteration;
