-- home.sql: the state of things, as the first page tells it.

-- Money of today and this month in zone $1, for account $2 or (NULL) everybody.
-- name: home_costs
WITH clock AS (
  SELECT (date_trunc('day', now() AT TIME ZONE $1::text) AT TIME ZONE $1) AS today_at,
         ((date_trunc('day', now() AT TIME ZONE $1) - interval '1 day') AT TIME ZONE $1)
           AS yesterday_at,
         (date_trunc('month', now() AT TIME ZONE $1) AT TIME ZONE $1) AS month_at
)
SELECT $1 AS tz, date(now() AT TIME ZONE $1)::text AS today,
       date(date_trunc('month', now() AT TIME ZONE $1))::text AS month_from,
       coalesce(sum(e.cost_usd) FILTER (WHERE e.timestamp >= c.today_at),
                0::numeric(20, 9))::text AS today_cost_usd,
       coalesce(sum(e.cost_usd) FILTER (WHERE e.timestamp >= c.yesterday_at
                AND e.timestamp < c.today_at), 0::numeric(20, 9))::text AS yesterday_cost_usd,
       coalesce(sum(e.cost_usd) FILTER (WHERE e.timestamp >= c.month_at),
                0::numeric(20, 9))::text AS month_cost_usd,
       count(DISTINCT e.pipeline_run_id) FILTER (WHERE e.timestamp >= c.month_at) AS month_runs
FROM clock c
LEFT JOIN cost_entries e ON e.timestamp >= least(c.month_at, c.yesterday_at)
  AND ($2::uuid IS NULL OR e.account_id = $2)
GROUP BY c.today_at, c.yesterday_at, c.month_at;

-- Runs by state: all that wait or run, and the ended ones that were launched within 24 hours;
-- account $1 or everybody.
-- name: home_runs
SELECT count(*) FILTER (WHERE r.status = 'queued') AS queued,
       count(*) FILTER (WHERE r.status = 'running') AS running,
       count(*) FILTER (WHERE r.status = 'completed') AS completed,
       count(*) FILTER (WHERE r.status = 'failed') AS failed,
       count(*) FILTER (WHERE r.status = 'cancelled') AS cancelled
FROM pipeline_runs r
WHERE ($1::uuid IS NULL OR r.account_id = $1)
  AND (r.status IN ('queued', 'running') OR r.created_at > now() - interval '24 hours');

-- What needs attention, and how far the installation has been set up; account $1 or everybody.
-- A runner counts as silent when its lease ended more than two minutes ago.
-- name: home_health
SELECT (SELECT count(*) FROM cost_entries e
        WHERE e.timestamp > now() - interval '30 days' AND e.price_status <> 'priced'
          AND ($1::uuid IS NULL OR e.account_id = $1)) AS unpriced_calls,
       (SELECT max(n.lease_until) FROM runners n) AS runner_lease_until,
       NOT EXISTS (SELECT 1 FROM runners n WHERE n.lease_until > now() - interval '2 minutes')
         AS is_runner_silent,
       EXISTS (SELECT 1 FROM accounts a) AS has_account,
       EXISTS (SELECT 1 FROM pipeline_runs r WHERE $1 IS NULL OR r.account_id = $1) AS has_run,
       EXISTS (SELECT 1 FROM cost_entries e WHERE $1 IS NULL OR e.account_id = $1) AS has_cost;
