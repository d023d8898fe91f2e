-- version.sql: prompt versions: lists, one with its life, moves of its status, what runs end with.

-- A page of versions, newest first, without their texts. $1 account or NULL for all, $2 assistant by
-- external id or $3 id, $4 run by id or $5 pipeline id, $6 status, $7 the last version seen, $8
-- rows. Each combination of filters that has an index is an arm of its own; an assistant and a run
-- have few versions.
-- name: version_list
WITH asked AS (
  SELECT coalesce((SELECT c.created_at FROM prompt_versions c WHERE c.id = $7::uuid), 'infinity')
           AS before_at,
         coalesce($7::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff') AS before_id,
         coalesce($2::text, $3::uuid::text, $4::uuid::text, $5::text) AS narrow
), page AS (
  (SELECT v.account_id, v.id, v.created_at FROM prompt_versions v
   WHERE v.account_id = $1::uuid AND $6::text IS NULL AND (SELECT q.narrow IS NULL FROM asked q)
     AND (v.created_at, v.id) < ((SELECT q.before_at FROM asked q),
                                 (SELECT q.before_id FROM asked q))
   ORDER BY v.created_at DESC, v.id DESC LIMIT $8::bigint)
  UNION ALL
  (SELECT v.account_id, v.id, v.created_at FROM prompt_versions v
   WHERE v.account_id = $1 AND v.status = $6 AND (SELECT q.narrow IS NULL FROM asked q)
     AND (v.created_at, v.id) < ((SELECT q.before_at FROM asked q),
                                 (SELECT q.before_id FROM asked q))
   ORDER BY v.created_at DESC, v.id DESC LIMIT $8)
  UNION ALL
  (SELECT v.account_id, v.id, v.created_at FROM prompt_versions v
   WHERE $1 IS NULL AND $6 IS NULL AND (SELECT q.narrow IS NULL FROM asked q)
     AND (v.created_at, v.id) < ((SELECT q.before_at FROM asked q),
                                 (SELECT q.before_id FROM asked q))
   ORDER BY v.created_at DESC, v.id DESC LIMIT $8)
  UNION ALL
  (SELECT v.account_id, v.id, v.created_at FROM prompt_versions v
   WHERE $1 IS NULL AND v.status = $6 AND (SELECT q.narrow IS NULL FROM asked q)
     AND (v.created_at, v.id) < ((SELECT q.before_at FROM asked q),
                                 (SELECT q.before_id FROM asked q))
   ORDER BY v.created_at DESC, v.id DESC LIMIT $8)
  UNION ALL
  (SELECT v.account_id, v.id, v.created_at
   FROM assistants s CROSS JOIN LATERAL (
     SELECT o.account_id, o.id, o.created_at FROM prompt_versions o
     WHERE o.account_id = s.account_id AND o.assistant_id = s.id
       AND CASE WHEN $6 IS NULL THEN true ELSE o.status = $6 END
       AND (o.created_at, o.id) < ((SELECT q.before_at FROM asked q),
                                   (SELECT q.before_id FROM asked q))
     ORDER BY o.created_at DESC, o.id DESC LIMIT $8) AS v
   WHERE (s.external_id = $2 OR s.id = $3) AND coalesce($4::text, $5) IS NULL
     AND CASE WHEN $1 IS NULL THEN true ELSE s.account_id = $1 END
   ORDER BY v.created_at DESC, v.id DESC LIMIT $8)
  UNION ALL
  (SELECT v.account_id, v.id, v.created_at
   FROM pipeline_runs r CROSS JOIN LATERAL (
     SELECT o.account_id, o.id, o.created_at
     FROM (SELECT r.prompt_version_id AS id
           UNION SELECT m.id FROM prompt_versions m WHERE m.pipeline_run_id = r.id) AS n
     JOIN prompt_versions o ON o.account_id = r.account_id AND o.id = n.id
     WHERE CASE WHEN $6 IS NULL THEN true ELSE o.status = $6 END
       AND (o.created_at, o.id) < ((SELECT q.before_at FROM asked q),
                                   (SELECT q.before_id FROM asked q))) AS v
   WHERE (r.id = $4 OR r.pipeline_id = $5)
     AND CASE WHEN coalesce($2, $3::text) IS NULL THEN true
           ELSE EXISTS (SELECT 1 FROM assistants s
                        WHERE s.account_id = r.account_id AND s.id = r.assistant_id
                          AND (s.external_id = $2 OR s.id = $3)) END
     AND CASE WHEN $1 IS NULL THEN true ELSE r.account_id = $1 END
   ORDER BY v.created_at DESC, v.id DESC LIMIT $8)
)
SELECT v.id, v.version, v.version_number, v.status, v.revision, v.origin, v.account_id,
       a.slug AS account_slug, a.name AS account_name, v.assistant_id,
       s.external_id AS assistant_external_id, s.name AS assistant_name, v.pipeline_run_id,
       (SELECT r.pipeline_id FROM pipeline_runs r
        WHERE r.account_id = v.account_id AND r.id = v.pipeline_run_id) AS pipeline_id,
       v.created_by, v.final_score, v.total_iterations, v.prompt_hash, v.briefing_hash,
       v.deployed_at, v.created_at
FROM page p
CROSS JOIN LATERAL (
  SELECT v.id, v.version, v.version_number, v.status, v.revision, v.origin, v.account_id,
         v.assistant_id, v.pipeline_run_id, v.created_by, v.final_score, v.total_iterations,
         v.prompt_hash, v.briefing_hash, v.deployed_at, v.created_at
  FROM prompt_versions v WHERE v.account_id = p.account_id AND v.id = p.id LIMIT 1) AS v
CROSS JOIN LATERAL (SELECT a.slug, a.name FROM accounts a WHERE a.id = v.account_id LIMIT 1) AS a
CROSS JOIN LATERAL (
  SELECT s.external_id, s.name FROM assistants s
  WHERE s.account_id = v.account_id AND s.id = v.assistant_id LIMIT 1) AS s
ORDER BY p.created_at DESC, p.id DESC
LIMIT $8;

-- One version with its texts and its life: the moves that are allowed now, what each environment of
-- its account serves of this assistant, who approved it, its latest events and notes.
-- name: version_get
SELECT v.id, v.version, v.version_number, v.status, v.revision, v.origin,
       json_build_object('id', a.id, 'slug', a.slug, 'name', a.name) AS account,
       json_build_object('id', s.id, 'external_id', s.external_id, 'name', s.name) AS assistant,
       v.pipeline_run_id, r.pipeline_id, v.created_by, v.message,
       (SELECT json_build_object('id', p.id, 'version', p.version) FROM prompt_versions p
        WHERE p.account_id = v.account_id AND p.id = v.parent_id) AS parent,
       v.prompt_content, v.prompt_hash, v.injection_content,
       v.injection_file_path, v.briefing_hash, v.total_iterations, v.final_score, v.deployed_at,
       v.created_at, v.pruned_at, a.needs_approval,
       (SELECT coalesce(json_agg(json_build_object('status', m.to_status, 'verb', m.verb)
                                 ORDER BY m.is_deployment DESC, m.to_status), '[]')
        FROM version_moves m
        WHERE m.from_status = v.status
          AND (v.pruned_at IS NULL OR m.to_status IN ('draft', 'archived'))) AS moves,
       (SELECT coalesce(json_agg(place ORDER BY place.number), '[]') FROM (
          SELECT u.number, u.environment, d.prompt_version_id AS version_id, o.version,
                 coalesce(d.prompt_version_id = v.id, false) AS is_this,
                 CASE WHEN d.prompt_version_id IS NOT NULL
                   THEN to_char(d.deployed_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') END
                   AS deployed_at,
                 CASE WHEN d.prompt_version_id IS NOT NULL THEN d.deployed_by END AS deployed_by
          FROM unnest(a.environments) WITH ORDINALITY AS u (environment, number)
          LEFT JOIN deployments d ON d.account_id = v.account_id
            AND d.assistant_id = v.assistant_id AND d.environment = u.environment
          LEFT JOIN prompt_versions o ON o.account_id = d.account_id
            AND o.id = d.prompt_version_id
        ) AS place) AS environments,
       (SELECT coalesce(json_agg(json_build_object('actor', p.actor,
           'created_at', to_char(p.created_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
           ORDER BY p.created_at), '[]')
        FROM version_approvals p
        WHERE p.account_id = v.account_id AND p.prompt_version_id = v.id) AS approvals,
       (SELECT coalesce(json_agg(event ORDER BY event.id DESC), '[]') FROM (
          SELECT e.id, to_char(e.created_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created_at,
                 e.environment, CASE WHEN e.prompt_version_id = v.id THEN e.kind
                   WHEN e.prompt_version_id IS NULL THEN 'withdraw' ELSE 'replace' END AS kind,
                 e.actor, e.reason, o.version AS other_version
          FROM ((SELECT x.id FROM deployment_events x
                 WHERE x.account_id = v.account_id AND x.prompt_version_id = v.id
                 ORDER BY x.id DESC LIMIT 20)
                UNION ALL
                (SELECT x.id FROM deployment_events x
                 WHERE x.account_id = v.account_id AND x.previous_version_id = v.id
                 ORDER BY x.id DESC LIMIT 20)) AS x
          JOIN deployment_events e ON e.account_id = v.account_id AND e.id = x.id
          LEFT JOIN prompt_versions o ON o.account_id = v.account_id
            AND o.id = CASE WHEN e.prompt_version_id = v.id THEN e.previous_version_id
                         ELSE e.prompt_version_id END
          ORDER BY e.id DESC LIMIT 20
        ) AS event) AS events,
       (SELECT coalesce(json_agg(entry ORDER BY entry.id DESC), '[]') FROM (
          SELECT n.id, to_char(n.created_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created_at,
                 n.actor, n.note
          FROM version_notes n
          WHERE n.account_id = v.account_id AND n.prompt_version_id = v.id
          ORDER BY n.id DESC LIMIT 20
        ) AS entry) AS notes
FROM prompt_versions v
JOIN accounts a ON a.id = v.account_id
JOIN assistants s ON s.account_id = v.account_id AND s.id = v.assistant_id
LEFT JOIN pipeline_runs r ON r.account_id = v.account_id AND r.id = v.pipeline_run_id
WHERE v.id = $1::uuid;

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

-- What a change of version $1 that has been refused was compared with.
-- name: version_present
SELECT v.status, v.revision,
       (SELECT coalesce(json_object_agg(d.environment, d.prompt_version_id), '{}')
        FROM deployments d
        WHERE d.account_id = v.account_id AND d.assistant_id = v.assistant_id) AS deployed
FROM prompt_versions v WHERE v.id = $1::uuid;

-- To status $2, if its revision is $3 (NULL: whatever it is).
-- name: version_move
SELECT version_move($1::uuid, $2::text, $3::integer) AS moved;

-- name: version_approve
SELECT version_approve($1::uuid) AS approved;

-- name: version_note_add
INSERT INTO version_notes (account_id, prompt_version_id, actor, note)
SELECT v.account_id, v.id, actor_name(), $2::text FROM prompt_versions v WHERE v.id = $1::uuid
RETURNING id, prompt_version_id, actor, note, created_at;

-- The version that notes belong to.
-- name: version_note_head
SELECT v.id, v.version, v.status, v.pruned_at,
       json_build_object('id', s.id, 'external_id', s.external_id, 'name', s.name) AS assistant
FROM prompt_versions v
JOIN assistants s ON s.account_id = v.account_id AND s.id = v.assistant_id
WHERE v.id = $1::uuid;

-- A page of the notes on version $1, newest first, after $2; $3 rows.
-- name: version_note_list
SELECT n.id, n.created_at, n.actor, n.note
FROM prompt_versions v CROSS JOIN LATERAL (
  SELECT o.id, o.created_at, o.actor, o.note FROM version_notes o
  WHERE o.account_id = v.account_id AND o.prompt_version_id = v.id
    AND o.id < (SELECT coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
  ORDER BY o.id DESC LIMIT $3::bigint) AS n
WHERE v.id = $1::uuid
ORDER BY n.id DESC
LIMIT $3;

-- The version a run ends with, under the fence of its job: a new one, or the assistant's version
-- that has the same text, which gets the score if it had none. Numbers of one assistant are given
-- out one after another.
-- name: version_create
WITH run AS MATERIALIZED (
  SELECT r.account_id, r.id, r.assistant_id,
         version_same(r.account_id, r.assistant_id, $6::text) AS same_id
  FROM jobs j
  JOIN pipeline_runs r ON r.account_id = j.account_id AND r.id = j.pipeline_run_id
  WHERE j.account_id = $1::uuid AND j.pipeline_run_id = $2::uuid AND j.epoch = $3::bigint
    AND j.runner_id = $4::uuid
), made AS (
  INSERT INTO prompt_versions (account_id, pipeline_run_id, assistant_id, version,
                               version_number, prompt_content, prompt_hash, injection_content,
                               injection_file_path, briefing_hash, total_iterations, final_score)
  SELECT run.account_id, run.id, run.assistant_id, 'v' || next.number, next.number, $5::text, $6,
         $7::text, 'injection.ts', $8::text, $9::integer, $10::numeric
  FROM run
  CROSS JOIN LATERAL (SELECT get_next_version_number(run.assistant_id) AS number) AS next
  WHERE run.same_id IS NULL
  RETURNING account_id, id
), scored AS (
  UPDATE prompt_versions v SET final_score = $10::numeric FROM run
  WHERE v.account_id = run.account_id AND v.id = run.same_id AND v.final_score IS NULL
)
UPDATE pipeline_runs r SET prompt_version_id = coalesce(run.same_id, made.id)
FROM run LEFT JOIN made ON true
WHERE r.account_id = run.account_id AND r.id = run.id;
