-- delivery.sql: events for the webhook as people see them: what was sent, each try, once more.

-- A page of events, newest first: of account $1 or of all, in state $2, after $3; $4 rows.
-- name: delivery_list
SELECT o.id, o.account_id, a.slug AS account_slug, o.kind,
       coalesce(o.payload #>> '{assistant,name}' || ', ' || (o.payload ->> 'environment'),
                o.payload #>> '{budget,period_name}', o.payload ->> 'pipeline_run_id') AS object,
       o.state, o.attempts, o.last_error, CASE WHEN o.state = 'pending' THEN o.next_at END
         AS next_at, o.created_at, o.ended_at, o.resent_at
FROM (
  (SELECT e.account_id, e.id, e.kind, e.payload, e.state, e.attempts, e.last_error, e.next_at,
          e.created_at, e.ended_at, e.resent_at
   FROM outbox e
   WHERE e.account_id = $1::uuid AND CASE WHEN $2::text IS NULL THEN true ELSE e.state = $2::text END
     AND e.id < (SELECT coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
   ORDER BY e.id DESC LIMIT $4::bigint)
  UNION ALL
  (SELECT e.account_id, e.id, e.kind, e.payload, e.state, e.attempts, e.last_error, e.next_at,
          e.created_at, e.ended_at, e.resent_at
   FROM outbox e
   WHERE $1 IS NULL AND CASE WHEN $2 IS NULL THEN true ELSE e.state = $2 END
     AND e.id < (SELECT coalesce($3, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
   ORDER BY e.id DESC LIMIT $4)
) AS o
CROSS JOIN LATERAL (SELECT a.slug FROM accounts a WHERE a.id = o.account_id LIMIT 1) AS a
ORDER BY o.id DESC
LIMIT $4;

-- One event with what it says and each try.
-- name: delivery_get
SELECT o.id, o.account_id, a.slug AS account_slug, a.name AS account_name, o.kind, o.state,
       o.attempts, o.last_error, CASE WHEN o.state = 'pending' THEN o.next_at END AS next_at,
       o.created_at, o.ended_at, o.resent_at, jsonb_pretty(o.payload) AS payload,
       (SELECT coalesce(json_agg(json_build_object('number', t.number,
           'at', to_char(t.at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'duration_ms', t.duration_ms,
           'http_status', t.http_status, 'error', t.error) ORDER BY t.number DESC), '[]')
        FROM (SELECT n.number, n.at, n.duration_ms, n.http_status, n.error FROM outbox_attempts n
              WHERE n.account_id = o.account_id AND n.event_id = o.id
              ORDER BY n.number DESC LIMIT 100) AS t) AS tries
FROM outbox o JOIN accounts a ON a.id = o.account_id
WHERE o.id = $1::uuid;

-- Due now, and for a day again.
-- name: delivery_resend
WITH event AS (
  UPDATE outbox o SET state = 'pending', ended_at = NULL, next_at = clock_timestamp(),
    resent_at = clock_timestamp()
  WHERE o.id = $1::uuid
  RETURNING o.id
)
SELECT event.id, pg_notify('promptbuilder_jobs', '') AS told FROM event;
