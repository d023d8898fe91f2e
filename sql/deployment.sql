-- deployment.sql: what an assistant serves in each environment: changed, shown, with its history.

-- Version $1 in environment $2 for reason $3; with $5, only in the place of $4 (NULL: of none).
-- name: deployment_deploy
SELECT deployment_change(v.account_id, v.assistant_id, $2::text, v.id, $3::text, $4::uuid,
                         $5::boolean) AS event_id
FROM prompt_versions v WHERE v.id = $1::uuid;

-- The same of assistant $1 with no version.
-- name: deployment_withdraw
SELECT deployment_change(s.account_id, s.id, $2::text, NULL, $3::text, $4::uuid, $5::boolean)
         AS event_id
FROM assistants s WHERE s.id = $1::uuid;

-- name: deployment_present
SELECT coalesce(json_object_agg(d.environment, d.prompt_version_id), '{}') AS deployed
FROM assistants s JOIN deployments d ON d.account_id = s.account_id AND d.assistant_id = s.id
WHERE s.id = $1::uuid;

-- An assistant by id $2, or by external id $3 in account $1, with what each environment serves.
-- name: deployment_assistant
SELECT s.id, s.external_id, s.name,
       json_build_object('id', a.id, 'slug', a.slug, 'name', a.name) AS account,
       a.needs_approval, a.deleted_at AS account_deleted_at, s.created_at, s.updated_at,
       (SELECT coalesce(json_agg(place ORDER BY place.number), '[]') FROM (
          SELECT u.number, u.environment, d.prompt_version_id AS version_id, v.version,
                 v.prompt_hash, v.final_score,
                 to_char(d.deployed_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS deployed_at,
                 d.deployed_by, e.kind, e.reason
          FROM unnest(a.environments) WITH ORDINALITY AS u (environment, number)
          LEFT JOIN deployments d ON d.account_id = s.account_id AND d.assistant_id = s.id
            AND d.environment = u.environment
          LEFT JOIN deployment_events e ON e.account_id = d.account_id AND e.id = d.event_id
          LEFT JOIN prompt_versions v ON v.account_id = d.account_id
            AND v.id = d.prompt_version_id
        ) AS place) AS environments
FROM assistants s JOIN accounts a ON a.id = s.account_id
WHERE s.id = $2::uuid OR s.account_id = $1::uuid AND s.external_id = $3::text
ORDER BY s.id = $2::uuid DESC NULLS LAST
LIMIT 1;

-- The latest versions of assistant $2 in account $1: the runs that ended with each and the median of
-- their cost, and how its score differs from that of the last one before it that has one.
-- name: deployment_versions
SELECT v.id, v.version, v.version_number, v.status, v.origin, v.created_by, v.created_at,
       v.final_score,
       v.final_score - before.final_score AS score_change,
       v.final_score > before.final_score AS is_better, cost.runs, cost.median_cost_usd
FROM (
  SELECT o.account_id, o.assistant_id, o.id, o.version, o.version_number, o.status, o.origin,
         o.created_by, o.created_at, o.final_score
  FROM prompt_versions o
  WHERE o.account_id = $1::uuid AND o.assistant_id = $2::uuid
  ORDER BY o.version_number DESC LIMIT 20
) AS v
LEFT JOIN LATERAL (
  SELECT p.final_score FROM prompt_versions p
  WHERE p.account_id = v.account_id AND p.assistant_id = v.assistant_id
    AND p.version_number < v.version_number AND p.final_score IS NOT NULL
  ORDER BY p.version_number DESC LIMIT 1) AS before ON true
CROSS JOIN LATERAL (
  SELECT count(*) AS runs,
         (round((percentile_disc(0.5) WITHIN GROUP (ORDER BY r.total_cost_usd)
                 + percentile_disc(0.5) WITHIN GROUP (ORDER BY r.total_cost_usd DESC)) / 2, 9))::text
           AS median_cost_usd
  FROM pipeline_runs r
  WHERE r.account_id = v.account_id AND r.prompt_version_id = v.id AND r.kind = 'pipeline'
) AS cost
ORDER BY v.version_number DESC;

-- A page of the events of assistant $2 in account $1, newest first, after $3; $4 rows. What its
-- environment serves now, and whether the event's version may take that place again.
-- name: deployment_event_list
SELECT e.id, e.created_at, e.environment, e.kind, e.prompt_version_id AS version_id,
       v.version, e.previous_version_id, p.version AS previous_version, e.actor, e.reason,
       d.prompt_version_id AS present_version_id,
       v.status IN ('final', 'deployed') AND a.is_known
         AND d.prompt_version_id IS DISTINCT FROM e.prompt_version_id AS is_offered
FROM deployment_events e
CROSS JOIN LATERAL (
  SELECT e.environment = ANY (o.environments) AS is_known FROM accounts o
  WHERE o.id = e.account_id LIMIT 1) AS a
LEFT JOIN LATERAL (
  SELECT o.version, o.status FROM prompt_versions o
  WHERE o.account_id = e.account_id AND o.id = e.prompt_version_id LIMIT 1) AS v ON true
LEFT JOIN LATERAL (
  SELECT o.version FROM prompt_versions o
  WHERE o.account_id = e.account_id AND o.id = e.previous_version_id LIMIT 1) AS p ON true
LEFT JOIN LATERAL (
  SELECT o.prompt_version_id FROM deployments o
  WHERE o.account_id = e.account_id AND o.assistant_id = e.assistant_id
    AND o.environment = e.environment LIMIT 1) AS d ON true
WHERE e.account_id = $1::uuid AND e.assistant_id = $2::uuid
  AND e.id < (SELECT coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
ORDER BY e.id DESC
LIMIT $4::bigint;

-- The rules of account $1, each NULL for "as it is": $2 its environments, $3 whether a second person
-- has to approve.
-- name: deployment_set_rules
UPDATE accounts a SET environments = coalesce($2::text[], a.environments),
  needs_approval = coalesce($3::boolean, a.needs_approval)
WHERE a.id = $1::uuid
RETURNING a.id, a.slug, to_jsonb(a.environments) AS environments, a.needs_approval;
