-- account.sql: the accounts of an installation, each with its assistants and runs.

-- name: account_list
SELECT a.id, a.slug, a.name, a.created_at, a.updated_at, a.deleted_at,
       (SELECT count(*) FROM assistants s WHERE s.account_id = a.id) AS assistant_count,
       (SELECT r.created_at FROM pipeline_runs r WHERE r.account_id = a.id
        ORDER BY r.created_at DESC LIMIT 1) AS last_run_at
FROM accounts a
WHERE (a.created_at, a.id) < (
    coalesce((SELECT c.created_at FROM accounts c WHERE c.id = $1::uuid), 'infinity'),
    coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
ORDER BY a.created_at DESC, a.id DESC
LIMIT $2::bigint;

-- name: account_get
SELECT a.id, a.slug, a.name, a.settings, a.created_at, a.updated_at, a.deleted_at,
       to_jsonb(a.environments) AS environments, a.needs_approval
FROM accounts a
WHERE a.id = $1::uuid OR a.slug = $2::text
LIMIT 1;

-- name: account_add
INSERT INTO accounts (slug, name) VALUES ($1::text, $2::text)
ON CONFLICT (slug) DO NOTHING
RETURNING id, slug, name, settings, created_at, updated_at;

-- name: account_set_zone
UPDATE accounts a SET time_zone = $2::text, updated_at = now() WHERE a.id = $1::uuid;

-- What an account gets of the runners: $2 its weight, $3 its limit of running runs, each NULL for
-- "as it is"; $4: the limit goes, and the runners' setting is in force again.
-- name: account_set_share
UPDATE accounts a SET weight = coalesce($2::integer, a.weight),
  max_running = CASE WHEN $4::boolean THEN NULL ELSE coalesce($3::integer, a.max_running) END,
  updated_at = now()
WHERE a.id = $1::uuid
RETURNING a.weight, a.max_running;
