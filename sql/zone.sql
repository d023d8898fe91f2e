-- zone.sql: the zones whose days are kept added up, and the sums beside the lines they are made of.

-- name: zone_list
SELECT z.zone, coalesce(a.slug, '(all)') AS account,
       CASE WHEN z.is_ready THEN 'yes' ELSE 'no' END AS ready,
       (SELECT count(*) FROM cost_sums s
        WHERE s.zone = z.zone AND (z.account_id IS NULL OR s.account_id = z.account_id)) AS sums
FROM reporting_zones z LEFT JOIN accounts a ON a.id = z.account_id
ORDER BY z.zone, a.slug NULLS FIRST;

-- name: zone_known
SELECT EXISTS (SELECT 1 FROM pg_timezone_names z WHERE z.name = $1::text) AS is_known;

-- Puts a zone in use, for account $2 or (NULL) for all: from now on new lines are added to its
-- days. What all have no account needs for itself.
-- name: zone_add
WITH own AS (
  DELETE FROM reporting_zones z
  WHERE z.zone = $1::text AND z.account_id IS NOT NULL AND $2::uuid IS NULL
)
INSERT INTO reporting_zones (zone, account_id)
SELECT $1, $2
WHERE NOT EXISTS (SELECT 1 FROM reporting_zones z WHERE z.zone = $1 AND z.account_id IS NULL)
ON CONFLICT DO NOTHING;

-- Whether the days of a zone hold all lines of account $2, or (NULL) of all accounts.
-- name: zone_is_ready
SELECT EXISTS (SELECT 1 FROM reporting_zones z
               WHERE z.zone = $1::text AND z.is_ready
                 AND (z.account_id IS NULL OR z.account_id = $2::uuid)) AS is_ready;

-- name: zone_set_ready
UPDATE reporting_zones z SET is_ready = true
WHERE z.zone = $1::text AND z.account_id IS NOT DISTINCT FROM $2::uuid;

-- A zone whose days a budget adds up stays.
-- name: zone_remove
DELETE FROM reporting_zones z
WHERE z.zone = $1::text AND z.account_id IS NOT DISTINCT FROM $2::uuid AND z.zone <> 'UTC'
  AND NOT EXISTS (SELECT 1 FROM budgets b WHERE b.zone = z.zone AND b.ended_at IS NULL
                    AND (z.account_id IS NULL OR b.account_id = z.account_id))
RETURNING z.zone;

-- Sums of a zone that nobody uses any more.
-- name: zone_forget
DELETE FROM cost_sums s
WHERE s.zone = $1::text AND NOT EXISTS (
  SELECT 1 FROM reporting_zones z
  WHERE z.zone = s.zone AND (z.account_id IS NULL OR z.account_id = s.account_id));

-- The months to make anew: of account $2 or (NULL) of all, in zone $1 or (NULL) in every zone in
-- use; a row for each, with the account's lock in mind: one is made in one transaction.
-- name: zone_months
SELECT z.zone, a.id AS account_id, a.slug, month::date AS month
FROM accounts a
JOIN reporting_zones z ON (z.account_id IS NULL OR z.account_id = a.id)
  AND ($1::text IS NULL OR z.zone = $1)
CROSS JOIN LATERAL (
  SELECT least((SELECT e.timestamp FROM cost_entries e WHERE e.account_id = a.id
                ORDER BY e.timestamp LIMIT 1),
               (SELECT min(s.day)::timestamp AT TIME ZONE z.zone FROM cost_sums s
                WHERE s.zone = z.zone AND s.grain = 'assistant_month' AND s.account_id = a.id))
           AS first_at,
         greatest((SELECT e.timestamp FROM cost_entries e WHERE e.account_id = a.id
                   ORDER BY e.timestamp DESC LIMIT 1),
                  (SELECT max(s.day)::timestamp AT TIME ZONE z.zone FROM cost_sums s
                   WHERE s.zone = z.zone AND s.grain = 'assistant_month' AND s.account_id = a.id))
           AS last_at) AS lines
CROSS JOIN generate_series(date_trunc('month', first_at AT TIME ZONE z.zone),
                           date_trunc('month', last_at AT TIME ZONE z.zone), interval '1 month')
  AS month
WHERE $2::uuid IS NULL OR a.id = $2
ORDER BY z.zone, a.slug, month;

-- name: zone_rebuild
SELECT rebuild_cost_sums($1::text, $2::uuid, $3::date, $3::date);

-- The first sum of a month ($3) of account $2 in zone $1 that is not what its lines add up to: what
-- is stored and what should be. Both are read from one snapshot, so others may write.
-- name: zone_difference
SELECT coalesce(s.grain, m.grain) AS grain, coalesce(s.day, m.day)::text AS day,
       coalesce(s.assistant_id, m.assistant_id) AS assistant_id,
       coalesce(s.model, m.model) AS model,
       (coalesce(s.cost_nano, 0) * 0.000000001)::text AS stored_usd,
       (coalesce(m.cost_nano, 0) * 0.000000001)::text AS lines_usd,
       coalesce(s.lines, 0) AS stored_lines, coalesce(m.lines, 0) AS lines
FROM (SELECT c AS row, c.grain, c.day, c.assistant_id, c.model, c.cost_nano, c.lines
      FROM folded_cost_sums c
      WHERE c.zone = $1::text AND c.account_id = $2::uuid AND c.day >= $3::date
        AND c.day < $3::date + interval '1 month') AS s
FULL JOIN (SELECT c AS row, c.grain, c.day, c.assistant_id, c.model, c.cost_nano, c.lines
           FROM cost_sums_of($1, $2, day_start($1, $3),
                             day_start($1, ($3 + interval '1 month')::date)) AS c) AS m
  ON m.grain = s.grain AND m.day = s.day AND m.assistant_id = s.assistant_id AND m.model = s.model
WHERE s.row IS DISTINCT FROM m.row
ORDER BY 1, 2, 3, 4 LIMIT 1;
