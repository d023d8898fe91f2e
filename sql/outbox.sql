-- outbox.sql: events on their way to the webhook.

-- Takes up to $2 due events for $1 milliseconds, within which their delivery ends. Who takes one
-- counts a try; what is not confirmed until then is anybody's again.
-- name: outbox_claim
WITH due AS (
  SELECT account_id, id FROM outbox
  WHERE state = 'pending' AND next_at <= clock_timestamp()
  ORDER BY next_at
  LIMIT $2::integer
  FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE outbox o SET attempts = o.attempts + 1,
  next_at = clock_timestamp() + $1::bigint * interval '1 millisecond'
FROM due d WHERE o.account_id = d.account_id AND o.id = d.id
RETURNING o.account_id, o.id, o.attempts, o.kind, o.payload,
  to_char(o.created_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created_at;

-- The end of try $3: $4 is what went wrong, or NULL, $5 the status of the answer, if one came, $6
-- how many milliseconds it took. The next one waits twice as long as the one before, at random a half
-- more or less, and an hour at most.
-- name: outbox_settle
WITH event AS (
  UPDATE outbox SET last_error = $4::text,
    state = CASE WHEN $4::text IS NULL THEN 'delivered' ELSE 'pending' END,
    ended_at = CASE WHEN $4::text IS NULL THEN clock_timestamp() END,
    next_at = clock_timestamp() + (0.5 + random())
      * least(interval '1 hour', interval '5 seconds' * power(2, least(attempts - 1, 20)))
  WHERE account_id = $1::uuid AND id = $2::uuid AND state = 'pending' AND attempts = $3::integer
  RETURNING account_id, id
)
INSERT INTO outbox_attempts (account_id, event_id, number, http_status, duration_ms, error)
SELECT e.account_id, e.id, $3, $5::integer, $6::bigint, $4 FROM event e
ON CONFLICT DO NOTHING;

-- What nobody has taken within a day is given up: no webhook is set, or it does not answer.
-- name: outbox_expire
UPDATE outbox SET state = 'failed', ended_at = clock_timestamp(),
  last_error = coalesce(last_error, 'It was not delivered within a day.')
WHERE state = 'pending' AND next_at <= clock_timestamp()
  AND coalesce(resent_at, created_at) < clock_timestamp() - interval '1 day';

-- Events that ended more than $1 milliseconds ago go.
-- name: outbox_sweep
SELECT outbox_sweep($1::bigint) AS swept;
