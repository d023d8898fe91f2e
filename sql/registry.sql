-- registry.sql: accounts, assistants and versions out of the file-based registry.

-- Nothing that was deleted comes back, although its row may have lost its slug.
-- name: registry_account_add
INSERT INTO accounts (slug, name, settings)
SELECT $1::text, $2::text, coalesce($3::jsonb, '{}')
WHERE NOT EXISTS (SELECT 1 FROM audit_entries e
                  WHERE e.action = 'account.delete' AND e.object = $1::text)
ON CONFLICT (slug) DO NOTHING
RETURNING id;

-- name: registry_assistant_add
INSERT INTO assistants (account_id, external_id, name, settings)
VALUES ($1::uuid, $2::text, $3::text, coalesce($4::jsonb, '{}'))
ON CONFLICT (account_id, external_id) DO NOTHING
RETURNING id;

-- The slug to look for in the registry, of an account that does not have that assistant.
-- name: registry_assistant_missing
SELECT a.slug
FROM accounts a
WHERE a.id = $1::uuid AND a.deleted_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM assistants s
                  WHERE s.account_id = $1::uuid AND s.external_id = $2::text);

-- Imports of one account go one after the other.
-- name: registry_import_lock
SELECT pg_advisory_xact_lock(hashtextextended('import ' || $1::text, 0));

-- name: registry_import_deleted
SELECT EXISTS (SELECT 1 FROM audit_entries e
               WHERE e.action = 'account.delete' AND e.object = $1::text) AS was_deleted;

-- name: registry_import_account
SELECT a.id, a.time_zone, a.needs_approval, a.environments[1] AS environment,
       a.deleted_at IS NOT NULL AS is_deleted
FROM accounts a
WHERE a.slug = $1::text;

-- Runs that end meanwhile wait for their number, as they wait for each other.
-- name: registry_import_numbers
SELECT pg_advisory_xact_lock(hashtextextended('version ' || s.id, 0))
FROM assistants s
WHERE s.account_id = $1::uuid AND s.external_id = $2::text;

-- An assistant, and what environment $3 has of it or once had.
-- name: registry_import_assistant
SELECT s.id, d.event_id IS NOT NULL AS has_deployment, v.version_number AS deployed_number
FROM assistants s
LEFT JOIN deployments d ON d.account_id = s.account_id AND d.assistant_id = s.id
  AND d.environment = $3::text
LEFT JOIN prompt_versions v ON v.account_id = d.account_id AND v.id = d.prompt_version_id
WHERE s.account_id = $1::uuid AND s.external_id = $2::text;

-- name: registry_import_known
SELECT v.version_number, v.prompt_hash, v.status
FROM prompt_versions v
WHERE v.account_id = $1::uuid AND v.assistant_id = $2::uuid
  AND v.version_number = ANY ($3::integer[]);

-- A version of files: it has the time that they tell, unless that is to come.
-- name: registry_import_version
INSERT INTO prompt_versions (account_id, assistant_id, version, version_number, prompt_content,
                             prompt_hash, injection_content, injection_file_path, status,
                             final_score, total_iterations, message, created_at, created_by,
                             origin)
VALUES ($1::uuid, $2::uuid, 'v' || $3::integer, $3::integer, $4::text, $5::text, $6::text,
        $7::text, $8::text, $9::numeric, coalesce($10::integer, 1), $11::text,
        least(coalesce($12::timestamptz, now()), now()), $13::text, 'import');

-- name: registry_import_deploy
SELECT deployment_change(v.account_id, v.assistant_id, $3::text, v.id, $5::text, NULL, false)
FROM prompt_versions v
WHERE v.account_id = $1::uuid AND v.assistant_id = $2::uuid AND v.version_number = $4::integer;
