-- version.sql: prompt versions: what runs made, and whether it is deployed.

-- A page of versions, newest first, without their texts. $1 account or NULL for all, $2 assistant
-- by id or external id, $3 run, $4 status, $5 the last version seen, $6 rows.
-- name: version_list
SELECT v.id, v.version, v.version_number, v.status, v.account_id, a.slug AS account_slug,
       a.name AS account_name, v.assistant_id, s.external_id AS assistant_external_id,
       s.name AS assistant_name, v.pipeline_run_id, r.pipeline_id, v.final_score,
       v.total_iterations, v.prompt_hash, v.briefing_hash, v.deployed_at, v.created_at
FROM prompt_versions v
JOIN accounts a ON a.id = v.account_id
JOIN assistants s ON s.account_id = v.account_id AND s.id = v.assistant_id
LEFT JOIN pipeline_runs r ON r.account_id = v.account_id AND r.id = v.pipeline_run_id
WHERE ($1::uuid IS NULL OR v.account_id = $1::uuid)
  AND ($2::text IS NULL OR s.external_id = $2::text OR s.id::text = $2::text)
  AND ($3::text IS NULL OR r.pipeline_id = $3::text OR r.id::text = $3::text)
  AND ($4::text IS NULL OR v.status = $4::text)
  AND (v.created_at, v.id) < (
    coalesce((SELECT c.created_at FROM prompt_versions c WHERE c.id = $5::uuid), 'infinity'),
    coalesce($5::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
ORDER BY v.created_at DESC, v.id DESC
LIMIT $6::bigint;

-- One version with its texts.
-- name: version_get
SELECT v.id, v.version, v.version_number, v.status,
       json_build_object('id', a.id, 'slug', a.slug, 'name', a.name) AS account,
       json_build_object('id', s.id, 'external_id', s.external_id, 'name', s.name) AS assistant,
       v.pipeline_run_id, r.pipeline_id, v.prompt_content, v.prompt_hash, v.injection_content,
       v.injection_file_path, v.briefing_hash, v.total_iterations, v.final_score, v.deployed_at,
       v.created_at, v.pruned_at, v.origin, v.message, v.created_by,
       (SELECT json_build_object('id', p.id, 'version', p.version) FROM prompt_versions p
        WHERE p.account_id = v.account_id AND p.id = v.parent_id) AS parent,
       (SELECT json_build_object('pipeline_id', q.pipeline_id, 'status', q.status)
        FROM pipeline_runs q
        WHERE q.account_id = v.account_id AND q.prompt_version_id = v.id AND q.kind = 'score'
        ORDER BY q.created_at DESC LIMIT 1) AS score_run,
       EXISTS (SELECT 1 FROM prompt_versions b
               WHERE b.account_id = v.account_id AND b.assistant_id = v.assistant_id
                 AND b.version_number < v.version_number) AS has_earlier
FROM prompt_versions v
JOIN accounts a ON a.id = v.account_id
JOIN assistants s ON s.account_id = v.account_id AND s.id = v.assistant_id
LEFT JOIN pipeline_runs r ON r.account_id = v.account_id AND r.id = v.pipeline_run_id
WHERE v.id = $1::uuid;

-- Two versions of one assistant with their texts, and what they cost: first version $1, then $2, an
-- id or a name ("v3"); NULL: the one it was made from, else the one before it. What a version
-- cost are its run and the runs that scored it. The differences stand in the first row.
-- name: version_pair
WITH later AS (
  SELECT v.account_id, v.assistant_id, v.id, v.version_number, v.parent_id
  FROM prompt_versions v WHERE v.id = $1::uuid
), earlier AS (
  SELECT o.id
  FROM later n
  JOIN prompt_versions o ON o.account_id = n.account_id AND o.assistant_id = n.assistant_id
  WHERE CASE WHEN $2::text IS NOT NULL THEN $2::text IN (o.id::text, o.version)
             WHEN n.parent_id IS NOT NULL THEN o.id = n.parent_id
             ELSE o.version_number < n.version_number END
  ORDER BY o.version_number DESC LIMIT 1
), chosen AS (
  SELECT 1 AS place, n.id FROM later n
  UNION ALL
  SELECT 2, e.id FROM earlier e
)
SELECT v.id, v.version, v.version_number, v.status, v.origin, v.account_id, a.slug AS account_slug,
       a.name AS account_name, v.assistant_id, s.external_id AS assistant_external_id,
       s.name AS assistant_name, v.prompt_content, v.prompt_hash, v.final_score,
       v.total_iterations, r.pipeline_id, r.total_cost_usd::text AS run_cost_usd,
       scoring.cost_usd::text AS score_cost_usd,
       spent.cost_usd::text AS cost_usd, length(v.prompt_content) AS characters,
       v.created_at, v.pruned_at,
       v.final_score - lead(v.final_score) OVER side AS score_difference,
       spent.cost_usd - lead(spent.cost_usd) OVER side AS cost_difference_usd,
       length(v.prompt_content) - lead(length(v.prompt_content)) OVER side AS character_difference
FROM chosen c
JOIN later n ON true
JOIN prompt_versions v ON v.account_id = n.account_id AND v.id = c.id
JOIN accounts a ON a.id = v.account_id
JOIN assistants s ON s.account_id = v.account_id AND s.id = v.assistant_id
LEFT JOIN pipeline_runs r ON r.account_id = v.account_id AND r.id = v.pipeline_run_id
CROSS JOIN LATERAL (
  SELECT sum(q.total_cost_usd) AS cost_usd FROM pipeline_runs q
  WHERE q.account_id = v.account_id AND q.prompt_version_id = v.id AND q.kind = 'score'
) AS scoring
CROSS JOIN LATERAL (
  SELECT CASE WHEN coalesce(r.total_cost_usd, scoring.cost_usd) IS NOT NULL
    THEN coalesce(r.total_cost_usd, 0) + coalesce(scoring.cost_usd, 0) END AS cost_usd
) AS spent
WINDOW side AS (ORDER BY c.place)
ORDER BY c.place;

-- The latest version of an assistant, by the assistant's id or external id.
-- name: version_latest
SELECT v.id, v.version, v.version_number, v.status, v.account_id, v.assistant_id,
       v.pipeline_run_id, v.prompt_content, v.prompt_hash, v.injection_content,
       v.injection_file_path, v.briefing_hash, v.total_iterations, v.final_score, v.deployed_at,
       v.created_at
FROM prompt_versions v
JOIN assistants s ON s.account_id = v.account_id AND s.id = v.assistant_id
WHERE s.account_id = $1::uuid AND (s.external_id = $2::text OR s.id::text = $2::text)
ORDER BY v.version_number DESC
LIMIT 1;

-- A version that has the status already is left alone.
-- name: version_set_status
UPDATE prompt_versions v
SET status = $2::text,
    deployed_at = CASE WHEN $2::text = 'deployed' THEN now() END
WHERE v.id = $1::uuid AND v.status IS DISTINCT FROM $2::text
  AND (v.pruned_at IS NULL OR $2::text IN ('draft', 'archived'))
RETURNING v.id;

-- The version a run ends with, under the fence of its job; numbers of one assistant are given out
-- one after another.
-- name: version_create
INSERT INTO prompt_versions (account_id, pipeline_run_id, assistant_id, version, version_number,
                             prompt_content, prompt_hash, injection_content, injection_file_path,
                             briefing_hash, total_iterations, final_score)
SELECT r.account_id, r.id, r.assistant_id, 'v' || next.number, next.number, $5::text, $6::text,
       $7::text, 'injection.ts', $8::text, $9::integer, $10::numeric
FROM jobs j
JOIN pipeline_runs r ON r.account_id = j.account_id AND r.id = j.pipeline_run_id
CROSS JOIN LATERAL (SELECT get_next_version_number(r.assistant_id) AS number) AS next
WHERE j.account_id = $1::uuid AND j.pipeline_run_id = $2::uuid AND j.epoch = $3::bigint
  AND j.runner_id = $4::uuid AND j.state = 'running'
RETURNING id, version;
