-- home.sql: the state of things, as the first page tells it.

-- Money of today and this month in zone $1, or in UTC where no sums serve that zone, for account $2
-- or (NULL) everybody.
-- name: home_costs
WITH asked AS (
  SELECT ARRAY(SELECT a.id FROM accounts a WHERE $2::uuid IS NULL OR a.id = $2) AS account_ids,
         (now() AT TIME ZONE $1::text)::date AS today
), zoned AS MATERIALIZED (
  SELECT account_ids,
         coalesce(reporting_zone($1, account_ids, today - 31, today + 1), 'UTC') AS zone
  FROM asked
), clock AS MATERIALIZED (
  SELECT account_ids, zone, CASE WHEN zone = 'UTC' THEN zone ELSE $1 END AS tz,
         (now() AT TIME ZONE zone)::date AS today,
         date_trunc('month', now() AT TIME ZONE zone)::date AS month_from
  FROM zoned
)
SELECT c.tz, c.today::text AS today, c.month_from::text AS month_from, d.today_cost_usd,
       d.yesterday_cost_usd, d.month_cost_usd, d.month_runs
FROM clock c CROSS JOIN LATERAL (
  SELECT (coalesce(sum(cost_nano) FILTER (WHERE day = c.today), 0) * 0.000000001)::text
           AS today_cost_usd,
         (coalesce(sum(cost_nano) FILTER (WHERE day = c.today - 1), 0) * 0.000000001)::text
           AS yesterday_cost_usd,
         (coalesce(sum(cost_nano) FILTER (WHERE day >= c.month_from), 0) * 0.000000001)::text
           AS month_cost_usd,
         coalesce(sum(runs) FILTER (WHERE day >= c.month_from), 0)::bigint AS month_runs
  FROM account_days
  WHERE zone = c.zone AND account_id = ANY (c.account_ids)
    AND day BETWEEN least(c.month_from, c.today - 1) AND c.today
) AS d;

-- Runs by state: all that wait or run, and the ended ones that were launched within 24 hours;
-- account $1 or everybody.
-- name: home_runs
SELECT count(*) FILTER (WHERE r.status = 'queued') AS queued,
       count(*) FILTER (WHERE r.status = 'running') AS running,
       count(*) FILTER (WHERE r.status = 'completed') AS completed,
       count(*) FILTER (WHERE r.status = 'failed') AS failed,
       count(*) FILTER (WHERE r.status = 'cancelled') AS cancelled
FROM (
  SELECT p.status FROM pipeline_runs p
  WHERE p.status IN ('queued', 'running') AND ($1::uuid IS NULL OR p.account_id = $1)
  UNION ALL
  SELECT p.status FROM pipeline_runs p
  WHERE p.status IN ('completed', 'failed', 'cancelled')
    AND p.created_at > now() - interval '24 hours' AND ($1 IS NULL OR p.account_id = $1)
) AS r;

-- What needs attention, and how far the installation has been set up; account $1 or everybody.
-- A runner counts as silent when its lease ended more than two minutes ago.
-- name: home_health
SELECT (SELECT coalesce(sum(d.unpriced_calls), 0)::bigint FROM account_days d
        WHERE d.zone = 'UTC' AND d.day > current_date - 30
          AND d.account_id = ANY (ARRAY(SELECT a.id FROM accounts a
                                        WHERE $1::uuid IS NULL OR a.id = $1))) AS unpriced_calls,
       (SELECT max(n.lease_until) FROM runners n) AS runner_lease_until,
       NOT EXISTS (SELECT 1 FROM runners n WHERE n.lease_until > now() - interval '2 minutes')
         AS is_runner_silent,
       EXISTS (SELECT 1 FROM accounts a) AS has_account,
       EXISTS (SELECT 1 FROM pipeline_runs r WHERE $1 IS NULL OR r.account_id = $1) AS has_run,
       EXISTS (SELECT 1 FROM pipeline_runs r
               WHERE r.first_cost_entry_id IS NOT NULL AND ($1 IS NULL OR r.account_id = $1))
         AS has_cost;
