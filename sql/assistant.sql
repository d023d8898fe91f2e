-- assistant.sql: the assistants of an account, known outside by their external id.

-- A run is counted by its first line, in the sums of months; those that have none are few.
-- name: assistant_list
SELECT s.id, s.account_id, a.slug AS account_slug, s.external_id, s.name, s.created_at,
       s.updated_at,
       (SELECT count(*) FROM pipeline_runs r
        WHERE r.account_id = s.account_id AND r.assistant_id = s.id
          AND r.may_lack_lines AND r.first_cost_entry_id IS NULL)
       + (SELECT coalesce(sum(c.runs), 0)::bigint FROM cost_sums c
          WHERE c.zone = 'UTC' AND c.grain = 'assistant_month' AND c.account_id = s.account_id
            AND c.assistant_id = s.id) AS run_count,
       (SELECT max(v.version_number) FROM prompt_versions v
        WHERE v.account_id = s.account_id AND v.assistant_id = s.id) AS latest_version
FROM assistants s JOIN accounts a ON a.id = s.account_id
WHERE ($1::uuid IS NULL OR s.account_id = $1::uuid)
  AND (s.created_at, s.id) < (
    coalesce((SELECT c.created_at FROM assistants c WHERE c.id = $2::uuid), 'infinity'),
    coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
ORDER BY s.created_at DESC, s.id DESC
LIMIT $3::bigint;

-- name: assistant_get
SELECT s.id, s.account_id, a.slug AS account_slug, s.external_id, s.name, s.settings,
       s.created_at, s.updated_at
FROM assistants s JOIN accounts a ON a.id = s.account_id
WHERE s.account_id = $1::uuid AND (s.id = $2::uuid OR s.external_id = $3::text)
ORDER BY s.id = $2::uuid DESC NULLS LAST
LIMIT 1;

-- name: assistant_add
INSERT INTO assistants (account_id, external_id, name)
VALUES ($1::uuid, $2::text, $3::text)
ON CONFLICT (account_id, external_id) DO NOTHING
RETURNING id, account_id, external_id, name, settings, created_at, updated_at;
