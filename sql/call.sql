-- call.sql: the call ledger. A row is committed before the first byte of its request is sent.

-- From here to the end of the transaction nobody else opens or books a call of these accounts, if
-- they have a cap.
-- name: call_lock_budgets
SELECT lock_budgets($1::uuid[]);

-- Opens an attempt under the fence of its job, with its step and the price row of this moment.
-- No row: the job is not ours any more, is to be cancelled, or the step is stored already.
-- The worst case is reserved: all input and the whole output at their dearest price.
-- A row without an id: budget_id stands in the way. Under a cap nothing goes without a price, and
-- what is spent, reserved and reserved now must fit; waits: without the calls in flight it would.
-- Tries are counted from the start of the step, which a retry by the user begins anew; calls that
-- never left and those of runners that died are none.
-- name: call_open
WITH clock AS MATERIALIZED (
  SELECT clock_timestamp() AS at
), job AS (
  SELECT j.account_id, j.pipeline_run_id, j.epoch, j.runner_id
  FROM jobs j JOIN runners r ON r.id = j.runner_id AND r.lease_until > clock_timestamp()
  WHERE j.account_id = $1::uuid AND j.pipeline_run_id = $2::uuid AND j.epoch = $3::bigint
    AND j.runner_id = $4::uuid AND NOT j.cancel_requested
), step AS (
  INSERT INTO pipeline_steps (account_id, pipeline_run_id, step_name, step_order, step_key, status,
                              progress, started_at, request_hash, metadata)
  SELECT account_id, pipeline_run_id, $5::text, $6::integer, $7::text, 'running', 0, clock.at,
         $8::text, $9::jsonb
  FROM job CROSS JOIN clock
  ON CONFLICT (account_id, pipeline_run_id, step_key) DO UPDATE
    SET status = 'running', progress = 0, error_message = NULL, completed_at = NULL,
      duration_ms = NULL, request_hash = excluded.request_hash,
      started_at = coalesce(pipeline_steps.started_at, excluded.started_at)
    WHERE pipeline_steps.status <> 'completed'
  RETURNING id, account_id, pipeline_run_id, started_at
), price AS MATERIALIZED (
  SELECT p.price_id AS id, p.input_pico, p.output_pico, p.is_full
  FROM clock c CROSS JOIN LATERAL price_ceiling($1::uuid, $10::text, c.at) AS p
), worst AS (
  SELECT coalesce(max(ceil(($11::numeric * p.input_pico + $12::numeric * p.output_pico) / 1000)
                      * 0.000000001), 0) AS cost_usd,
         NOT coalesce(bool_and(p.is_full), false) AS is_unpriced
  FROM price p
), cap AS MATERIALIZED (
  SELECT s.id, s.period, s.period_name, s.cap_usd, s.spent_usd, s.reserved_usd
  FROM step CROSS JOIN clock c
  CROSS JOIN LATERAL budget_state($1::uuid, $2::uuid, c.at) AS s
  WHERE s.cap_usd IS NOT NULL
), refusal AS (
  SELECT c.id, c.period, c.period_name, c.cap_usd, c.spent_usd, c.reserved_usd,
         c.spent_usd + w.cost_usd <= c.cap_usd AND NOT w.is_unpriced AS waits
  FROM cap c CROSS JOIN worst w
  WHERE w.is_unpriced OR c.spent_usd + c.reserved_usd + w.cost_usd > c.cap_usd
  ORDER BY waits, c.period
  LIMIT 1
), attempt AS (
  INSERT INTO attempts (account_id, pipeline_run_id, pipeline_step_id, number, epoch, runner_id,
                        model, price_id, request_hash, reserved_usd, opened_at)
  SELECT step.account_id, step.pipeline_run_id, step.id,
         (SELECT coalesce(max(a.number), 0) + 1 FROM attempts a
          WHERE a.account_id = step.account_id AND a.pipeline_step_id = step.id),
         job.epoch, job.runner_id, $10::text, price.id, $8::text, worst.cost_usd, clock.at
  FROM job CROSS JOIN step CROSS JOIN worst CROSS JOIN clock LEFT JOIN price ON true
  WHERE NOT EXISTS (SELECT FROM refusal)
  RETURNING id, pipeline_step_id
)
SELECT attempt.id, attempt.pipeline_step_id AS step_id,
       (SELECT count(*) + 1 FROM attempts a JOIN step ON a.account_id = step.account_id
          AND a.pipeline_step_id = step.id AND a.opened_at >= step.started_at
          AND a.state <> 'unknown' AND a.error_type IS DISTINCT FROM 'not_sent') AS tries,
       price.input_pico, price.output_pico, worst.cost_usd AS worst_usd, worst.is_unpriced,
       EXISTS (SELECT FROM cap) AS is_capped,
       refusal.id AS budget_id, refusal.period, refusal.period_name, refusal.cap_usd,
       refusal.spent_usd, refusal.reserved_usd, refusal.waits, $10::text AS model,
       (SELECT a.slug FROM accounts a WHERE a.id = $1::uuid) AS account_slug
FROM step CROSS JOIN worst
LEFT JOIN attempt ON true
LEFT JOIN refusal ON true
LEFT JOIN price ON true
WHERE attempt.id IS NOT NULL OR refusal.id IS NOT NULL;

-- The ends of attempts; only the first end counts, but a late result still replaces "unknown".
-- name: call_settle
UPDATE attempts a SET state = n.state, succeeded = n.succeeded, estimated = n.estimated,
  http_status = n.http_status, stop_reason = n.stop_reason, error_type = n.error_type,
  error_message = n.error_message, provider_message_id = n.message_id,
  provider_request_id = n.request_id, first_byte_ms = n.first_byte_ms,
  duration_ms = n.duration_ms, usage = n.usage, ended_at = clock_timestamp()
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::boolean[], $5::boolean[], $6::integer[],
            $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::bigint[],
            $13::bigint[], $14::jsonb[])
  AS n (account_id, id, state, succeeded, estimated, http_status, stop_reason, error_type,
        error_message, message_id, request_id, first_byte_ms, duration_ms, usage)
WHERE a.account_id = n.account_id AND a.id = n.id
  AND (a.state = 'open' OR (a.state = 'unknown' AND n.state = 'settled'));

-- What is known of an attempt before a late result is booked. No row: there is no such attempt.
-- name: call_state
SELECT state FROM attempts WHERE account_id = $1::uuid AND id = $2::uuid;

-- Open attempts of runners whose lease has run out: the provider may bill them, so the reserved
-- amount is booked as an estimate until the truth is known. Only a runner ($1) with a lease of
-- its own reaps: after an outage it may be its own results that are still to be stored.
-- name: call_reap
WITH orphan AS (
  SELECT a.account_id, a.id
  FROM attempts a
  WHERE a.state = 'open' AND NOT EXISTS (
    SELECT FROM runners r WHERE r.id = a.runner_id AND r.lease_until > clock_timestamp())
    AND EXISTS (SELECT FROM runners r
                WHERE r.id = $1::uuid AND r.lease_until > clock_timestamp())
  ORDER BY a.account_id, a.id
  LIMIT 64
  FOR UPDATE OF a SKIP LOCKED
), lost AS (
  UPDATE attempts a SET state = 'unknown', succeeded = false, estimated = true,
    ended_at = clock_timestamp(), error_type = 'runner_lost',
    error_message = 'The runner stopped during this call; the provider may have charged it.'
  FROM orphan o WHERE a.account_id = o.account_id AND a.id = o.id
  RETURNING a.account_id, a.id, a.pipeline_run_id, a.pipeline_step_id, a.model, a.price_id,
            a.reserved_usd
)
INSERT INTO cost_entries (account_id, pipeline_run_id, pipeline_step_id, assistant_id, attempt_id,
                          operation, model, input_tokens, output_tokens, cost_usd,
                          price_status, price_id, estimated, usage)
SELECT l.account_id, l.pipeline_run_id, l.pipeline_step_id, r.assistant_id, l.id,
       s.step_name, l.model, 0, 0, l.reserved_usd,
       CASE WHEN l.price_id IS NULL THEN 'unpriced' ELSE 'priced' END, l.price_id, true,
       '{"booked": "reserved"}'
FROM lost l
JOIN pipeline_runs r ON r.account_id = l.account_id AND r.id = l.pipeline_run_id
JOIN pipeline_steps s ON s.account_id = l.account_id AND s.id = l.pipeline_step_id
ON CONFLICT (attempt_id) WHERE attempt_id IS NOT NULL AND kind = 'call' DO NOTHING
RETURNING id;

-- The commit that opened an attempt was not confirmed: an attempt that this claim left open was
-- never sent.
-- name: call_withdraw
UPDATE attempts SET state = 'free', succeeded = false, ended_at = clock_timestamp(),
  error_type = 'not_sent', error_message = 'Nothing was sent: the database went away first.'
WHERE account_id = $1::uuid AND pipeline_run_id = $2::uuid AND epoch = $3::bigint
  AND runner_id = $4::uuid AND state = 'open';
