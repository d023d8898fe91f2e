-- deletion.sql: an account is deleted: its texts go, batch by batch, what it cost stays.

-- What would go with account $1 (or slug $2), and what keeps it from going.
-- name: deletion_outlook
SELECT a.id, a.slug, a.name, a.deleted_at,
       (SELECT count(*) FROM pipeline_runs r WHERE r.account_id = a.id) AS runs,
       (SELECT count(*) FROM pipeline_runs r
        WHERE r.account_id = a.id AND r.status IN ('queued', 'running')) AS runs_in_flight,
       (SELECT count(*) FROM prompt_versions v WHERE v.account_id = a.id) AS prompts,
       (SELECT count(*) FROM assistants s WHERE s.account_id = a.id) AS assistants,
       (SELECT count(*) FROM access_tokens t WHERE t.account_id = a.id) AS tokens
FROM accounts a
WHERE a.id = $1::uuid OR a.slug = $2::text
LIMIT 1;

-- By $2; $3: the account and its assistants keep their names.
-- name: deletion_begin
SELECT account_delete($1::uuid, $2::text, $3::boolean) AS begun;

-- The next batch of account $1, or (NULL) of any; no row: there is none.
-- name: deletion_step
SELECT s.account_id, s.is_done, s.runs_done, s.runs_total FROM account_delete_step($1::uuid) AS s;

-- name: deletion_get
SELECT a.id AS account_id, a.slug, a.name,
       CASE WHEN d.completed_at IS NULL THEN 'running' ELSE 'completed' END AS state,
       d.requested_at, d.requested_by, d.keeps_name, d.completed_at,
       coalesce((d.counts ->> 'briefings')::bigint, 0) AS runs_done, d.runs_total, d.counts,
       d.sums_before, d.sums_after, d.sums_before = d.sums_after AS sums_are_equal
FROM account_deletions d JOIN accounts a ON a.id = d.account_id
WHERE a.id = $1::uuid OR a.slug = $2::text
LIMIT 1;
