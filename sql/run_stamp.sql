-- run_stamp.sql: whether what the pages of runs show has changed.
--
-- Two equal stamps of a page mean that nothing on it has changed between them: each row
-- version has the number of the transaction that wrote it. They are asked in the transaction that
-- finds out who asks, so the scope comes from there. A line of the ledger is only ever inserted,
-- and writes its run's totals. Steps and job change while their run is under way, or with it; a
-- call may be settled later. Nothing of run_get moves by itself once a run has ended.
-- name: run_stamp
SELECT concat_ws(' ', r.id, r.xmin,
         (SELECT s.xmin FROM assistants s
          WHERE s.account_id = r.account_id AND s.id = r.assistant_id), '/',
         (SELECT string_agg(t.xmin::text, ' ') FROM attempts t
          WHERE t.account_id = r.account_id AND t.pipeline_run_id = r.id), '/',
         (SELECT string_agg(v.xmin::text, ' ')
          FROM (SELECT r.prompt_version_id AS id
                UNION SELECT m.id FROM prompt_versions m WHERE m.pipeline_run_id = r.id) AS n
          JOIN prompt_versions v ON v.account_id = r.account_id AND v.id = n.id), '/',
         (SELECT concat(a.slug, ' ', a.name) FROM accounts a WHERE a.id = r.account_id)) AS stamp
FROM pipeline_runs r
WHERE (r.id = $1::uuid OR r.pipeline_id = $2::text)
  AND r.status IN ('completed', 'failed', 'cancelled');

-- The stamp of run_list, without $9, and of run_counts, for the asker's own scope: $1 status, $2
-- and $3 the time in UTC, $4 the last run seen; $5 rows, $6 rows to skip, $7 days back.
-- name: run_list_stamp
WITH asked AS (
  SELECT coalesce($2::timestamp AT TIME ZONE 'UTC', now() - make_interval(days => $7::integer),
                  '-infinity') AS from_at,
         coalesce((SELECT c.created_at FROM pipeline_runs c WHERE c.id = $4::uuid),
                  $3::timestamp AT TIME ZONE 'UTC', 'infinity') AS before_at,
         coalesce($3::timestamp AT TIME ZONE 'UTC', 'infinity') AS to_at,
         coalesce($4::uuid, '00000000-0000-0000-0000-000000000000') AS before_id
), page AS (
  (SELECT r.id, r.xmin, r.account_id, r.assistant_id
   FROM pipeline_runs r
   WHERE r.account_id = (SELECT nullif(current_setting('app.account_id', true), '')::uuid)
     AND CASE WHEN $1::text IS NULL THEN true ELSE r.status = $1::text END
     AND r.created_at >= (SELECT q.from_at FROM asked q)
     AND (r.created_at, r.id) < ((SELECT q.before_at FROM asked q),
                                 (SELECT q.before_id FROM asked q))
   ORDER BY r.created_at DESC, r.id DESC
   LIMIT $5::bigint OFFSET $6::bigint)
  UNION ALL
  (SELECT r.id, r.xmin, r.account_id, r.assistant_id
   FROM pipeline_runs r
   WHERE (SELECT current_setting('app.operator', true) = 'on')
     AND CASE WHEN $1::text IS NULL THEN true ELSE r.status = $1::text END
     AND r.created_at >= (SELECT q.from_at FROM asked q)
     AND (r.created_at, r.id) < ((SELECT q.before_at FROM asked q),
                                 (SELECT q.before_id FROM asked q))
   ORDER BY r.created_at DESC, r.id DESC
   LIMIT $5::bigint OFFSET $6::bigint)
), named AS (
  SELECT DISTINCT account_id, assistant_id FROM page
)
SELECT concat_ws('/', (SELECT string_agg(concat(p.id, ' ', p.xmin), ' ') FROM page p),
         (SELECT string_agg((
            SELECT concat(j.xmin, j.run_after > now()) FROM jobs j
            WHERE j.account_id = p.account_id AND j.pipeline_run_id = p.id
              AND j.state = 'queued'), ' ')
          FROM page p),
         (SELECT p.paused_at FROM claim_pause p),
         (SELECT string_agg(concat_ws(' ', s.id, s.xmin, a.slug, a.name), ' ' ORDER BY s.id)
          FROM named n
          JOIN assistants s ON s.account_id = n.account_id AND s.id = n.assistant_id
          JOIN accounts a ON a.id = n.account_id),
         (SELECT string_agg((
            SELECT count(*) FROM (
              (SELECT 1 FROM pipeline_runs r
               WHERE r.account_id = (
                   SELECT nullif(current_setting('app.account_id', true), '')::uuid)
                 AND r.status = known.status
                 AND r.created_at >= (SELECT q.from_at FROM asked q)
                 AND r.created_at < (SELECT q.to_at FROM asked q)
               LIMIT 101)
              UNION ALL
              (SELECT 1 FROM pipeline_runs r
               WHERE (SELECT current_setting('app.operator', true) = 'on')
                 AND r.status = known.status
                 AND r.created_at >= (SELECT q.from_at FROM asked q)
                 AND r.created_at < (SELECT q.to_at FROM asked q)
               LIMIT 101)
            ) AS found)::text, ' ' ORDER BY known.status)
          FROM (VALUES ('queued'), ('running'), ('completed'), ('failed'), ('cancelled'))
                 AS known (status))) AS stamp;
