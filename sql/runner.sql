-- runner.sql: what an operator sees of the runners and the queue, and what they are told. The
-- runner's own statements are in job.sql.

-- One row: who works, what waits, and whether anything is claimed.
-- name: runner_summary
WITH clock AS MATERIALIZED (
  SELECT clock_timestamp() AS at
), live AS (
  SELECT r.id, r.draining OR r.drain_requested_at IS NOT NULL AS is_draining, r.is_listening
  FROM runners r CROSS JOIN clock c WHERE r.lease_until > c.at
), crew AS (
  SELECT count(*) FILTER (WHERE NOT is_draining) AS alive,
         count(*) FILTER (WHERE is_draining) AS draining,
         count(*) FILTER (WHERE NOT is_draining AND NOT is_listening) AS deaf
  FROM live
), queue AS (
  SELECT count(*) FILTER (WHERE j.run_after <= c.at) AS due,
         count(*) FILTER (WHERE j.run_after > c.at) AS waiting,
         min(j.run_after) FILTER (WHERE j.run_after <= c.at) AS oldest_due_at
  FROM jobs j CROSS JOIN clock c WHERE j.state = 'queued'
)
SELECT w.alive > 0 AND p.paused_at IS NULL AS is_claiming, p.paused_at, p.paused_by,
       w.alive, w.draining,
       (SELECT count(*) FROM runners r WHERE r.lease_until <= c.at) AS lost, w.deaf,
       (SELECT count(*) FROM jobs j WHERE j.state = 'running') AS runs,
       (SELECT count(*) FROM attempts a WHERE a.state = 'open') AS open_calls,
       q.due, q.waiting, q.oldest_due_at,
       floor(extract(epoch FROM c.at - q.oldest_due_at) * 1000)::bigint AS oldest_due_ms
FROM clock c CROSS JOIN crew w CROSS JOIN queue q LEFT JOIN claim_pause p ON true;

-- A lost runner is listed while it is missed: until others have taken over what it held.
-- name: runner_list
SELECT r.id, split_part(r.host, ' ', 1) AS host, r.pid, r.version,
       CASE WHEN r.lease_until <= c.at THEN 'lost'
            WHEN r.draining OR r.drain_requested_at IS NOT NULL THEN 'draining'
            ELSE 'alive' END AS state,
       greatest(floor(extract(epoch FROM r.lease_until - c.at) * 1000), 0)::bigint
         AS lease_left_ms,
       (SELECT count(*) FROM jobs j WHERE j.runner_id = r.id AND j.state = 'running') AS runs,
       (SELECT count(*) FROM attempts a WHERE a.runner_id = r.id AND a.state = 'open')
         AS open_calls,
       r.is_listening, r.started_at, r.drain_requested_at, r.drain_requested_by
FROM runners r CROSS JOIN (SELECT clock_timestamp() AS at) AS c
ORDER BY r.lease_until <= c.at, r.started_at, r.id
LIMIT 200;

-- What queued runs wait for, the most frequent first.
-- name: runner_waiting
SELECT coalesce(j.waiting_for, 'Its time has not come yet.') AS reason, count(*) AS runs,
       min(j.run_after) AS next_at, max(j.run_after) AS last_at
FROM jobs j
WHERE j.state = 'queued' AND j.run_after > clock_timestamp()
GROUP BY 1
ORDER BY 2 DESC, 1
LIMIT $1::integer;

-- The ends of runs launched within 24 hours, and the calls of these hours that may have been
-- charged without an answer.
-- name: runner_day
SELECT ended.completed, ended.failed, ended.cancelled, lost.unknown_calls, lost.unknown_usd
FROM (
  SELECT count(*) FILTER (WHERE p.status = 'completed') AS completed,
         count(*) FILTER (WHERE p.status = 'failed') AS failed,
         count(*) FILTER (WHERE p.status = 'cancelled') AS cancelled
  FROM pipeline_runs p
  WHERE p.status IN ('completed', 'failed', 'cancelled')
    AND p.created_at > now() - interval '24 hours'
) AS ended CROSS JOIN (
  SELECT count(*) AS unknown_calls, coalesce(sum(a.reserved_usd), 0)::text AS unknown_usd
  FROM attempts a
  WHERE a.state = 'unknown' AND a.ended_at > now() - interval '24 hours'
) AS lost;

-- Since when nothing is claimed, and by whom; no row: claims go on.
-- name: runner_paused
SELECT paused_at, paused_by FROM claim_pause;

-- name: runner_pause
INSERT INTO claim_pause (paused_by) VALUES ($1::text) ON CONFLICT DO NOTHING;

-- name: runner_resume
DELETE FROM claim_pause RETURNING paused_at, paused_by;

-- Asks the live runners whose id begins with $1, if that is one, or (NULL) all of them. The word
-- in the notification makes them look at once; those that cannot hear see it at their heartbeat.
-- name: runner_drain
WITH meant AS (
  SELECT r.id, count(*) OVER () AS runners FROM runners r
  WHERE r.lease_until > clock_timestamp() AND starts_with(r.id::text, coalesce($1::text, ''))
), asked AS (
  UPDATE runners r
  SET drain_requested_at = coalesce(r.drain_requested_at, clock_timestamp()),
      drain_requested_by = coalesce(r.drain_requested_by, $2::text)
  FROM meant m WHERE r.id = m.id AND (m.runners = 1 OR $1 IS NULL)
  RETURNING r.id, split_part(r.host, ' ', 1) AS host, r.pid, r.drain_requested_at,
            r.drain_requested_by
)
SELECT a.id, a.host, a.pid, a.drain_requested_at, a.drain_requested_by,
       pg_notify('promptbuilder_jobs', 'orders') AS told
FROM asked a
ORDER BY a.id;
