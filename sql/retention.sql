-- retention.sql: dropping texts of ended runs, month by month: briefings, outputs of steps, prompts
-- of versions that are neither final nor deployed, unless a later run ended with one or is at one.
-- Hashes, scores, calls and the ledger stay.

-- What stands before the month $1 (its first day, in UTC), of account $2 or (NULL) of all: a row for
-- each month, with the size of the texts.
-- name: retention_months
SELECT a.slug AS account, to_char(t.month, 'YYYY-MM') AS month,
       sum(t.runs)::bigint AS runs, sum(t.versions)::bigint AS versions, sum(t.bytes)::bigint AS bytes
FROM (
  SELECT r.account_id, date_trunc('month', r.created_at AT TIME ZONE 'UTC') AS month, 1 AS runs,
         0 AS versions,
         octet_length(r.briefing_data::text) + coalesce((
           SELECT sum(octet_length(s.output)) FROM pipeline_steps s
           WHERE s.account_id = r.account_id AND s.pipeline_run_id = r.id), 0) AS bytes
  FROM pipeline_runs r
  WHERE r.pruned_at IS NULL AND r.status IN ('completed', 'failed', 'cancelled')
    AND r.created_at < $1::date::timestamp AT TIME ZONE 'UTC'
    AND ($2::uuid IS NULL OR r.account_id = $2)
  UNION ALL
  SELECT v.account_id, date_trunc('month', v.created_at AT TIME ZONE 'UTC'), 0, 1,
         octet_length(v.prompt_content) + octet_length(v.injection_content)
  FROM prompt_versions v
  WHERE v.pruned_at IS NULL AND v.status IN ('draft', 'archived')
    AND NOT EXISTS (
      SELECT 1 FROM pipeline_runs r
      WHERE r.account_id = v.account_id AND r.prompt_version_id = v.id
        AND (r.created_at >= $1::date::timestamp AT TIME ZONE 'UTC'
             OR r.status IN ('queued', 'running')))
    AND v.created_at < $1::date::timestamp AT TIME ZONE 'UTC'
    AND ($2::uuid IS NULL OR v.account_id = $2)
) AS t
JOIN accounts a ON a.id = t.account_id
GROUP BY a.slug, t.month
ORDER BY a.slug, t.month;

-- name: retention_is_month
SELECT to_char(to_date($1::text, 'YYYY-MM'), 'YYYY-MM') = $1::text
       AND to_date($1::text, 'YYYY-MM') <= date_trunc('month', now() AT TIME ZONE 'UTC') AS is_month,
       to_date($1::text, 'YYYY-MM')::text AS first_day;

-- Some of the oldest runs before $1 lose their texts; a run that is about to be tried again is left
-- alone. How many there were.
-- name: retention_prune_runs
WITH run AS (
  SELECT r.account_id, r.id FROM pipeline_runs r
  WHERE r.pruned_at IS NULL AND r.status IN ('completed', 'failed', 'cancelled')
    AND r.created_at < $1::date::timestamp AT TIME ZONE 'UTC'
    AND r.account_id = ANY (ARRAY(SELECT a.id FROM accounts a WHERE $2::uuid IS NULL OR a.id = $2))
  ORDER BY r.account_id, r.created_at LIMIT 200
  FOR UPDATE SKIP LOCKED
), step AS (
  UPDATE pipeline_steps s SET output = NULL FROM run
  WHERE s.account_id = run.account_id AND s.pipeline_run_id = run.id AND s.output IS NOT NULL
), pruned AS (
  UPDATE pipeline_runs r SET briefing_data = '{}', pruned_at = now() FROM run
  WHERE r.account_id = run.account_id AND r.id = run.id
  RETURNING r.account_id, r.id
), noted AS (
  SELECT audit_add(p.account_id, 'retention.prune', 'runs before ' || $1::text,
                   jsonb_build_object('runs', p.runs))
  FROM (SELECT account_id, count(*) AS runs FROM pruned GROUP BY account_id ORDER BY 1) AS p
)
SELECT pruned.id FROM pruned WHERE (SELECT count(*) FROM noted) > 0;

-- name: retention_prune_versions
WITH version AS (
  SELECT v.account_id, v.id FROM prompt_versions v
  WHERE v.pruned_at IS NULL AND v.status IN ('draft', 'archived')
    AND NOT EXISTS (
      SELECT 1 FROM pipeline_runs r
      WHERE r.account_id = v.account_id AND r.prompt_version_id = v.id
        AND (r.created_at >= $1::date::timestamp AT TIME ZONE 'UTC'
             OR r.status IN ('queued', 'running')))
    AND v.created_at < $1::date::timestamp AT TIME ZONE 'UTC'
    AND v.account_id = ANY (ARRAY(SELECT a.id FROM accounts a WHERE $2::uuid IS NULL OR a.id = $2))
  ORDER BY v.account_id, v.created_at LIMIT 200
  FOR UPDATE SKIP LOCKED
), pruned AS (
  UPDATE prompt_versions v SET prompt_content = '', injection_content = '', pruned_at = now()
  FROM version
  WHERE v.account_id = version.account_id AND v.id = version.id
  RETURNING v.account_id, v.id
), noted AS (
  SELECT audit_add(p.account_id, 'retention.prune', 'versions before ' || $1::text,
                   jsonb_build_object('versions', p.versions))
  FROM (SELECT account_id, count(*) AS versions FROM pruned GROUP BY account_id ORDER BY 1) AS p
)
SELECT pruned.id FROM pruned WHERE (SELECT count(*) FROM noted) > 0;
