-- prompt.sql: what an assistant's chatbot gets: who asks, and what an environment has.

-- As session_bearer does, it gives the rest of its transaction the scope of whom it finds.
-- name: prompt_asker
SELECT t.token_id, t.account_id, t.account_slug, t.account_name, t.role, t.name, t.left_ms,
       set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO', true),
       set_config('app.account_id', coalesce(t.account_id::text, ''), true),
       set_config('app.operator', CASE t.role WHEN 'operator' THEN 'on' ELSE 'off' END, true),
       set_config('plan_cache_mode', 'force_generic_plan', true),
       set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)
FROM prompt_asker($1::text, $2::text) AS t;

-- What an assistant has in an environment. $1 the assistant's id or NULL, $2 its external id within
-- the account that $3 (its id) or $4 (its slug) names, or with both NULL in the asker's own; $5 the
-- environment, NULL for the account's first one. is_known: the account has that environment. Without
-- an event nothing was ever deployed there, without a version it was withdrawn.
-- name: prompt_get
WITH own AS (
  SELECT a.id FROM accounts a
  WHERE a.id = $3::uuid OR a.slug = $4::text
     OR $3::uuid IS NULL AND $4::text IS NULL
        AND a.id = nullif(current_setting('app.account_id', true), '')::uuid
  LIMIT 1
)
SELECT a.id AS account_id, a.slug AS account_slug, a.name AS account_name, s.id AS assistant_id,
       s.external_id, s.name, chosen.environment,
       chosen.environment = ANY (a.environments) AS is_known,
       array_to_string(a.environments, ', ') AS environments, d.event_id, d.deployed_at,
       to_char(d.deployed_at AT TIME ZONE 'UTC', 'Dy, DD Mon YYYY HH24:MI:SS "GMT"') AS modified,
       v.id AS version_id, v.version, v.version_number, v.prompt_hash, v.prompt_content,
       v.injection_content, v.pruned_at
FROM assistants s
JOIN accounts a ON a.id = s.account_id AND a.deleted_at IS NULL
CROSS JOIN LATERAL (SELECT coalesce($5::text, a.environments[1]) AS environment) AS chosen
LEFT JOIN deployments d ON d.account_id = s.account_id AND d.assistant_id = s.id
  AND d.environment = chosen.environment AND chosen.environment = ANY (a.environments)
LEFT JOIN prompt_versions v ON v.account_id = d.account_id AND v.id = d.prompt_version_id
WHERE (s.id = $1::uuid OR s.account_id = (SELECT own.id FROM own) AND s.external_id = $2::text)
  AND ($3::uuid IS NULL AND $4::text IS NULL OR s.account_id = (SELECT own.id FROM own))
ORDER BY s.id = $1::uuid DESC NULLS LAST
LIMIT 1;
