-- budget.sql: what accounts may spend: set, ended, and shown with what is spent of it.

-- Bookings and new calls of account $1, or of that of budget $2, wait until the end of the
-- transaction: who changes a budget comes before or after them, never in between.
-- name: budget_lock
SELECT pg_advisory_xact_lock(ledger_account_lock(coalesce(
  $1::uuid, (SELECT b.account_id FROM budgets b WHERE b.id = $2::uuid))));

-- name: budget_end
UPDATE budgets SET ended_at = clock_timestamp(), ended_by = $3::text
WHERE account_id = $1::uuid AND period = $2::text AND ended_at IS NULL;

-- The account's own zone goes before the installation's ($3).
-- name: budget_add
INSERT INTO budgets (account_id, period, zone, cap_usd, soft_usd, thresholds, created_by)
SELECT a.id, $2::text, coalesce(a.time_zone, $3::text), $4::numeric, $5::numeric, $6::integer[],
       $7::text
FROM accounts a WHERE a.id = $1::uuid;

-- name: budget_remove
UPDATE budgets b SET ended_at = clock_timestamp(), ended_by = $2::text
FROM accounts a
WHERE b.id = $1::uuid AND b.ended_at IS NULL AND a.id = b.account_id
RETURNING b.id, a.slug AS account_slug, b.period, b.cap_usd::text AS cap_usd,
  b.soft_usd::text AS soft_usd;

-- The budgets of account $1, or of all that the caller may see, the newest first; after $2. Of
-- period $3 only, if it is given. left_usd: of the cap, without what calls in flight may cost.
-- name: budget_list
WITH page AS (
  SELECT b.account_id, b.id FROM budgets b
  WHERE b.ended_at IS NULL AND ($1::uuid IS NULL OR b.account_id = $1::uuid)
    AND ($2::uuid IS NULL OR b.id < $2::uuid) AND ($3::text IS NULL OR b.period = $3::text)
  ORDER BY b.id DESC
  LIMIT $4::bigint
), state AS MATERIALIZED (
  SELECT p.account_id, s.id, s.period, s.period_name, s.zone, s.cap_usd, s.soft_usd, s.amount_usd,
         s.thresholds, s.spent_usd, s.reserved_usd, s.subject, s.next_day, s.starts_at, s.ends_at,
         s.created_at, s.created_by
  FROM page p CROSS JOIN LATERAL budget_state(p.account_id, NULL, now()) AS s
  WHERE s.id = p.id
)
SELECT s.id, a.slug AS account_slug, a.name AS account_name, s.period, s.period_name,
       s.zone AS tz, s.cap_usd::text AS cap_usd, s.soft_usd::text AS soft_usd,
       s.amount_usd::text AS amount_usd, to_jsonb(s.thresholds) AS thresholds,
       s.spent_usd::text AS spent_usd, s.reserved_usd::text AS reserved_usd,
       CASE WHEN s.cap_usd IS NOT NULL AND s.spent_usd IS NOT NULL
         THEN greatest(s.cap_usd - s.spent_usd - s.reserved_usd, 0.000000000)::text END
         AS left_usd,
       round(100 * s.spent_usd / nullif(s.amount_usd, 0), 1)::text AS spent_percent,
       round(100 * s.reserved_usd / nullif(s.amount_usd, 0), 1)::text AS reserved_percent,
       round(100 * s.cap_usd / nullif(s.amount_usd, 0), 1)::text AS cap_percent,
       -- What a bar must hold: the whole amount, and all that goes beyond it.
       greatest(100.0, round(100 * greatest(s.cap_usd, s.spent_usd + s.reserved_usd)
                             / nullif(s.amount_usd, 0), 1))::text AS bar_percent,
       round(100 * extract(epoch FROM now() - s.starts_at)
             / extract(epoch FROM s.ends_at - s.starts_at), 1)::text AS elapsed_percent,
       CASE WHEN coalesce(s.spent_usd, 0) >= s.cap_usd THEN 'exhausted'
         WHEN s.spent_usd * 100 >= s.amount_usd
           * (SELECT min(n.threshold) FROM unnest(s.thresholds) AS n (threshold)) THEN 'over'
         ELSE 'within' END AS state,
       s.starts_at, s.ends_at, CASE WHEN s.period <> 'run' THEN s.subject END AS first_day,
       s.next_day, s.created_at AS changed_at, s.created_by AS changed_by
FROM state s JOIN accounts a ON a.id = s.account_id
ORDER BY s.id DESC;

-- One and a half times what account $1 spent in the last month of UTC, rounded up to two digits; no
-- row: it spent nothing.
-- name: budget_proposal
SELECT trim_scale(ceil(m.usd / d.digit) * d.digit)::text AS usd
FROM (
  SELECT sum(c.cost_nano) * 0.0000000015 AS usd
  FROM account_days c
  WHERE c.zone = 'UTC' AND c.account_id = $1::uuid
    AND c.day >= date_trunc('month', now() AT TIME ZONE 'UTC') - interval '1 month'
    AND c.day < date_trunc('month', now() AT TIME ZONE 'UTC')
) AS m
CROSS JOIN LATERAL (
  SELECT power(10::numeric, floor(log(nullif(greatest(m.usd, 0), 0))) - 1) AS digit) AS d
WHERE d.digit IS NOT NULL;

-- Why nothing can be launched for account $1: a cap with nothing left, the one that lasts longest.
-- name: budget_reached
SELECT s.id AS budget_id, a.slug AS account_slug, s.period, s.period_name,
       s.cap_usd::text AS limit_usd, s.spent_usd::text AS spent_usd,
       s.reserved_usd::text AS reserved_usd, s.ends_at AS resets_at
FROM accounts a CROSS JOIN LATERAL budget_state(a.id, NULL, now()) AS s
WHERE a.id = $1::uuid AND coalesce(s.spent_usd, 0) >= s.cap_usd
ORDER BY s.ends_at DESC
LIMIT 1;

-- What a page tells about budgets of account $1, or of any that the caller may see: those that a
-- threshold or a stopped run has been told of in their present period. The alerts lead to them, so
-- that nothing else is added up.
-- name: budget_notices
WITH told AS (
  (SELECT t.account_id, t.budget_id, t.subject FROM budget_alerts t
   WHERE t.account_id = $1::uuid AND t.period <> 'run'
   ORDER BY t.created_at DESC LIMIT 20)
  UNION
  (SELECT t.account_id, t.budget_id, t.subject FROM budget_alerts t
   WHERE $1::uuid IS NULL AND t.period <> 'run'
   ORDER BY t.created_at DESC LIMIT 20)
)
SELECT a.slug AS account_slug, a.name AS account_name, s.period_name,
       s.amount_usd::text AS amount_usd, s.cap_usd::text AS cap_usd,
       s.spent_usd::text AS spent_usd,
       round(100 * s.spent_usd / nullif(s.amount_usd, 0), 1)::text AS spent_percent,
       coalesce(s.spent_usd >= s.cap_usd, false) AS is_exhausted,
       EXISTS (SELECT FROM budget_alerts t
               WHERE t.account_id = a.id AND t.budget_id = s.id AND t.subject = s.subject
                 AND t.threshold = 0) AS has_stopped, s.next_day, s.zone AS tz
FROM told t
JOIN accounts a ON a.id = t.account_id
CROSS JOIN LATERAL budget_state(t.account_id, NULL, now()) AS s
WHERE s.id = t.budget_id AND s.subject = t.subject
ORDER BY s.spent_usd / nullif(s.amount_usd, 0) DESC NULLS FIRST, a.slug
LIMIT 3;

-- What runs of an account ($1) that make versions cost, those of one assistant ($2) or of any: of the
-- completed ones among the latest 200 the middle one and the one that 95 of 100 do not exceed, in
-- all and in each phase.
-- name: budget_quote
WITH latest AS (
  (SELECT r.id, r.status, r.total_cost_usd FROM pipeline_runs r
   WHERE r.account_id = $1::uuid AND r.assistant_id =
     (SELECT s.id FROM assistants s WHERE s.account_id = $1::uuid AND s.external_id = $2::text)
     AND r.kind = 'pipeline'
   ORDER BY r.created_at DESC LIMIT 200)
  UNION ALL
  (SELECT r.id, r.status, r.total_cost_usd FROM pipeline_runs r
   WHERE r.account_id = $1::uuid AND $2::text IS NULL AND r.kind = 'pipeline'
   ORDER BY r.created_at DESC, r.id DESC LIMIT 200)
), recent AS (
  SELECT id, total_cost_usd FROM latest WHERE status = 'completed'
), parts AS (
  SELECT n.place, n.phase, coalesce(sum(e.cost_usd), 0.000000000) AS cost_usd
  FROM recent r
  CROSS JOIN (VALUES (1, 'generation'), (2, 'analysis'), (3, 'improvement')) AS n (place, phase)
  LEFT JOIN cost_entries e ON e.account_id = $1::uuid AND e.pipeline_run_id = r.id
    AND e.operation = 'prompt_' || n.phase
  GROUP BY r.id, n.place, n.phase
)
SELECT count(*) AS runs,
       (percentile_disc(0.5) WITHIN GROUP (ORDER BY r.total_cost_usd))::text AS p50_usd,
       (percentile_disc(0.95) WITHIN GROUP (ORDER BY r.total_cost_usd))::text AS p95_usd,
       (SELECT json_agg(json_build_object('phase', q.phase, 'p50_usd', q.p50_usd::text,
                          'p95_usd', q.p95_usd::text) ORDER BY q.place)
        FROM (SELECT place, phase, percentile_disc(0.5) WITHIN GROUP (ORDER BY cost_usd) AS p50_usd,
                     percentile_disc(0.95) WITHIN GROUP (ORDER BY cost_usd) AS p95_usd
              FROM parts GROUP BY place, phase) AS q) AS phases
FROM recent r
HAVING count(*) > 0;

-- The cap $3 has stopped the run.
-- name: budget_tell_stop
SELECT tell_budgets($1::uuid, $2::uuid, $3::uuid);
