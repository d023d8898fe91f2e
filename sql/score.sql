-- score.sql: the scores of versions that no run has made: queued by the web, stored by the runner.

-- The version that is to be scored or edited; new_id is for what is made next.
-- name: score_target
SELECT v.account_id, v.assistant_id, v.version, v.pruned_at, uuid_v7() AS new_id
FROM prompt_versions v
WHERE v.id = $1::uuid;

-- Queues the run that scores version $1, unless it has a score or a run that is about to give it
-- one, or nothing is left to spend. It has the briefing of the run that the version comes from, be it
-- by hands that edited its prompt; without one a briefing of the names that are known. $2 and $3
-- are ids for the run and for such a briefing, $4 is the model.
-- name: score_launch
INSERT INTO pipeline_runs (account_id, assistant_id, pipeline_id, briefing_id, status,
                           briefing_data, model, target_score, iteration_limit, idempotency_key,
                           request_hash, kind, prompt_version_id)
SELECT v.account_id, v.assistant_id, $2::text, coalesce(known.briefing_id, $3::text), 'queued',
       coalesce(known.briefing_data, jsonb_build_object('assistantId', s.external_id,
         'assistant', s.name, 'company', a.name, 'purpose',
         'No briefing is known: judge the prompt by what it says itself.'))
         || jsonb_build_object('model', $4::text),
       $4::text, coalesce(known.target_score, 90), 0, $5::text, $6::text, 'score', v.id
FROM prompt_versions v
JOIN accounts a ON a.id = v.account_id
JOIN assistants s ON s.account_id = v.account_id AND s.id = v.assistant_id
LEFT JOIN LATERAL (
  WITH RECURSIVE origin (id, parent_id, run_id, distance) AS (
    SELECT v.id, v.parent_id, v.pipeline_run_id, 0
    UNION ALL
    SELECT p.id, p.parent_id, p.pipeline_run_id, o.distance + 1
    FROM origin o
    JOIN prompt_versions p ON p.account_id = v.account_id AND p.id = o.parent_id
    WHERE o.run_id IS NULL
  )
  SELECT r.briefing_id, r.briefing_data, r.target_score
  FROM origin o
  JOIN pipeline_runs r ON r.account_id = v.account_id AND r.id = o.run_id AND r.pruned_at IS NULL
  ORDER BY o.distance LIMIT 1
) AS known ON true
WHERE v.id = $1::uuid AND v.final_score IS NULL AND v.pruned_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM budget_state(v.account_id, NULL, now()) AS b
                  WHERE coalesce(b.spent_usd, 0) >= b.cap_usd)
ON CONFLICT DO NOTHING;

-- What came of it: the run of this id ($2) or key ($3), and what may stand in its way.
-- name: score_launched
SELECT v.id AS version_id, v.version, v.final_score::text AS final_score, v.pruned_at,
       r.id, r.pipeline_id, r.status, r.request_hash,
       (SELECT q.pipeline_id FROM pipeline_runs q
        WHERE q.account_id = v.account_id AND q.prompt_version_id = v.id AND q.kind = 'score'
          AND q.status IN ('queued', 'running') LIMIT 1) AS scoring_run
FROM prompt_versions v
LEFT JOIN pipeline_runs r ON r.account_id = v.account_id
  AND (r.pipeline_id = $2::text OR r.idempotency_key = $3::text)
WHERE v.id = $1::uuid;

-- The score that a run has found, under the fence of its job; a version has one once.
-- name: score_store
UPDATE prompt_versions v SET final_score = $5::numeric
FROM jobs j
JOIN pipeline_runs r ON r.account_id = j.account_id AND r.id = j.pipeline_run_id
WHERE j.account_id = $1::uuid AND j.pipeline_run_id = $2::uuid AND j.epoch = $3::bigint
  AND j.runner_id = $4::uuid AND r.kind = 'score'
  AND v.account_id = r.account_id AND v.id = r.prompt_version_id AND v.final_score IS NULL;

-- Numbers of one assistant are given out, and texts compared, one after another: what follows in
-- the transaction sees what was there before.
-- name: score_edit_lock
SELECT get_next_version_number($1::uuid) AS number;

-- A draft with the text $4 made of version $2 by hand, under the id $1, unless the assistant has the
-- text already, the key $9 was used already, or ($8) it is to be scored and nothing is left to
-- spend.
-- name: score_edit
INSERT INTO prompt_versions (account_id, assistant_id, id, version, version_number, prompt_content,
                             prompt_hash, injection_content, injection_file_path, origin,
                             parent_id, created_by, message, total_iterations)
SELECT p.account_id, p.assistant_id, $1::uuid, 'v' || next.number, next.number, $4::text, $5::text,
       $6::text, 'injection.ts', 'edit', p.id, actor_name(), $7::text, 0
FROM prompt_versions p
CROSS JOIN LATERAL (SELECT get_next_version_number(p.assistant_id) AS number) AS next
WHERE p.account_id = $3::uuid AND p.id = $2::uuid
  AND NOT EXISTS (SELECT 1 FROM prompt_versions v
                  WHERE v.account_id = p.account_id AND v.assistant_id = p.assistant_id
                    AND v.prompt_hash = $5 AND v.pruned_at IS NULL)
  AND NOT EXISTS (SELECT 1 FROM pipeline_runs r
                  WHERE r.account_id = p.account_id AND r.idempotency_key = $9::text)
  AND NOT ($8::boolean AND EXISTS (
    SELECT 1 FROM budget_state(p.account_id, NULL, now()) AS b
    WHERE coalesce(b.spent_usd, 0) >= b.cap_usd));

-- What came of it: the version made ($1), or the one of assistant $3 that has the text ($4) already
-- and whether a request with this key ($5) has made that one.
-- name: score_edited
SELECT v.id, v.version, v.status, v.id = $1::uuid AS is_made,
       EXISTS (SELECT 1 FROM pipeline_runs r
               WHERE r.account_id = v.account_id AND r.prompt_version_id = v.id
                 AND r.idempotency_key = $5::text) AS is_repeated,
       (SELECT json_build_object('id', r.id, 'pipeline_id', r.pipeline_id, 'status', r.status)
        FROM pipeline_runs r
        WHERE r.account_id = v.account_id AND r.prompt_version_id = v.id AND r.kind = 'score'
        ORDER BY r.created_at DESC LIMIT 1) AS score_run
FROM prompt_versions v
WHERE v.account_id = $2::uuid AND v.assistant_id = $3::uuid AND v.prompt_hash = $4::text
  AND v.pruned_at IS NULL
ORDER BY v.id = $1 DESC, v.version_number
LIMIT 1;
