-- job.sql: the queue, the runners' leases, and the end of a run. Instants are the database's.
-- The fence of a claimed job is (account, run, epoch, runner): a statement that changes a run names
-- all of it, so a runner that lost its job changes nothing. Only a running job has a runner; that it
-- runs is not said, as the indexes of what runs look empty to a planner whose statistics were made
-- at rest, and each of these statements would go over all of them.

-- Nothing is claimed before it is confirmed, so it may be sent again.
-- name: runner_start
INSERT INTO runners (id, host, pid, version, lease_until)
VALUES ($1::uuid, $2::text, $3::integer, $4::text,
        clock_timestamp() + $5::bigint * interval '1 millisecond')
ON CONFLICT (id) DO UPDATE SET lease_until = excluded.lease_until;

-- A lease that has run out is not renewed: its jobs may have been given away already.
-- name: runner_beat
UPDATE runners SET lease_until = clock_timestamp() + $2::bigint * interval '1 millisecond',
  draining = $3::boolean, is_listening = $4::boolean
WHERE id = $1::uuid AND lease_until > clock_timestamp()
RETURNING id, drain_requested_at IS NOT NULL AS is_drain_requested;

-- name: runner_end
DELETE FROM runners WHERE id = $1::uuid;

-- The runner is known to be dead.
-- name: runner_expire
UPDATE runners SET lease_until = clock_timestamp()
WHERE id = $1::uuid AND lease_until > clock_timestamp();

-- name: runner_fold_sums
SELECT fold_cost_sums();

-- name: runner_sweep
DELETE FROM runners r
WHERE r.lease_until < clock_timestamp() - interval '1 minute'
  AND NOT EXISTS (SELECT FROM jobs j WHERE j.runner_id = r.id AND j.state = 'running')
  AND NOT EXISTS (SELECT FROM attempts a WHERE a.runner_id = r.id AND a.state = 'open');

-- How long until the first queued job is due; no row: none is queued. Where a claim would most
-- likely find nothing, this is asked first.
-- name: job_next
SELECT greatest(0, ceil(extract(epoch FROM run_after - clock_timestamp()) * 1000))::bigint AS wait_ms
FROM jobs WHERE state = 'queued'
ORDER BY run_after
LIMIT 1;

-- One claimer at a time, so that the count of running jobs below is exact. The claim and its
-- commit travel in one batch: the lock lasts milliseconds, whatever happens to the runner.
-- The plan of a claim outlives the moment in which it was made: made for an empty queue, it must be
-- right for a long one, so it goes by indexes whatever the tables' sizes seem to be, and by those
-- that have its order: where nothing seems to be queued, any other would do and a sort.
-- name: job_claim_lock
SELECT pg_advisory_xact_lock(7267442612), set_config('enable_seqscan', 'off', true),
       set_config('enable_bitmapscan', 'off', true), set_config('enable_sort', 'off', true),
       set_config('enable_incremental_sort', 'off', true);

-- Takes up to $2 due jobs, 64 at most, which keeps the plan to single rows. First it is decided
-- whose turn it is: a place goes to the account that has the fewest running jobs for its weight,
-- then to the one that was given the fewest turns. Who comes back after a while is given no turns
-- for that while. At most $3 run of an account that has no limit of its own. Places are counted from
-- running rows, nothing else. Each account's queue costs one probe of the index for each priority in
-- it, and each job taken one more.
-- name: job_claim
WITH RECURSIVE alive AS (
  SELECT id FROM runners
  WHERE id = $1::uuid AND lease_until > clock_timestamp() AND NOT draining
    AND drain_requested_at IS NULL AND NOT EXISTS (SELECT FROM claim_pause)
), queue (account_id, urgency, run_after) AS (
  (SELECT j.account_id, j.urgency, j.run_after FROM jobs j
   WHERE j.state = 'queued' AND EXISTS (SELECT FROM alive)
   ORDER BY j.account_id, j.urgency, j.run_after LIMIT 1)
  UNION ALL
  SELECT n.account_id, n.urgency, n.run_after
  FROM queue q CROSS JOIN LATERAL (
    SELECT j.account_id, j.urgency, j.run_after FROM jobs j
    WHERE j.state = 'queued' AND (j.account_id, j.urgency) > (q.account_id, q.urgency)
    ORDER BY j.account_id, j.urgency, j.run_after LIMIT 1) AS n
), due AS (
  SELECT account_id, urgency FROM queue WHERE run_after <= clock_timestamp()
), busy AS (
  SELECT account_id, count(*) AS running FROM jobs WHERE state = 'running' GROUP BY account_id
), account AS (
  SELECT a.id, a.weight::double precision AS weight, coalesce(b.running, 0) AS running,
         coalesce(a.max_running, $3::integer) - coalesce(b.running, 0) AS free,
         greatest(t.turns, (SELECT max(l.turns) - 1 FROM account_turns l), 0) AS turns
  FROM (SELECT DISTINCT account_id FROM due) AS d
  JOIN accounts a ON a.id = d.account_id
  LEFT JOIN busy b ON b.account_id = a.id
  LEFT JOIN account_turns t ON t.account_id = a.id
  WHERE coalesce(a.max_running, $3::integer) > coalesce(b.running, 0)
  ORDER BY coalesce(b.running, 0) / a.weight::double precision, turns, a.id
  LIMIT $2::integer
), place AS (
  SELECT id, max(weight) AS weight, max(turns) AS turns, count(*) AS places
  FROM (SELECT a.id, a.weight, a.turns
        FROM account a CROSS JOIN generate_series(1, $2::integer) AS k (place)
        WHERE k.place <= a.free
        ORDER BY (a.running + k.place - 1) / a.weight, a.turns + k.place / a.weight, a.id
        LIMIT $2::integer) AS p
  GROUP BY id
), chosen AS (
  SELECT n.account_id, n.pipeline_run_id
  FROM place p CROSS JOIN LATERAL (
    SELECT f.account_id, f.pipeline_run_id
    FROM due d CROSS JOIN LATERAL (
      SELECT j.account_id, j.pipeline_run_id, j.run_after FROM jobs j
      WHERE j.state = 'queued' AND j.account_id = d.account_id AND j.urgency = d.urgency
        AND j.run_after <= (SELECT clock_timestamp())
      ORDER BY j.run_after, j.pipeline_run_id
      LIMIT p.places
      FOR UPDATE SKIP LOCKED) AS f
    WHERE d.account_id = p.id
    ORDER BY d.urgency, f.run_after, f.pipeline_run_id
    LIMIT p.places) AS n
  LIMIT 64
), taken AS (
  UPDATE jobs j SET state = 'running', runner_id = $1::uuid, epoch = j.epoch + 1,
    crash_claims = j.crash_claims + 1, waiting_for = NULL, waits_for_budget = false
  FROM chosen c
  WHERE j.account_id = c.account_id AND j.pipeline_run_id = c.pipeline_run_id
  RETURNING j.account_id, j.pipeline_run_id, j.epoch, j.cancel_requested
), served AS (
  INSERT INTO account_turns AS t (account_id, turns)
  SELECT p.id, p.turns + n.taken / p.weight
  FROM place p JOIN (SELECT account_id, count(*) AS taken FROM taken GROUP BY account_id) AS n
    ON n.account_id = p.id
  ON CONFLICT (account_id) DO UPDATE SET turns = excluded.turns
)
UPDATE pipeline_runs r SET status = 'running', error_message = NULL, completed_at = NULL,
  duration_ms = NULL,
  started_at = CASE WHEN t.epoch = 1 THEN clock_timestamp() ELSE r.started_at END,
  model = coalesce(r.model, $4::text),
  pipeline_version = coalesce(r.pipeline_version, $5::text)
FROM taken t
WHERE r.account_id = t.account_id AND r.id = t.pipeline_run_id
RETURNING r.account_id, r.id, r.pipeline_id, r.assistant_id, r.briefing_data::text AS briefing,
          r.model, r.target_score, r.iteration_limit, t.epoch, t.cancel_requested,
          CASE r.kind WHEN 'score' THEN (
            SELECT v.prompt_content FROM prompt_versions v
            WHERE v.account_id = r.account_id AND v.id = r.prompt_version_id)
          END AS scored_prompt;

-- The commit of a claim was not confirmed: what runner $1 holds besides the runs $2, which it works
-- on, goes back into the queue.
-- name: job_disown
WITH job AS (
  UPDATE jobs SET state = 'queued', runner_id = NULL, run_after = clock_timestamp(),
    crash_claims = greatest(crash_claims - 1, 0)
  WHERE runner_id = $1::uuid AND state = 'running' AND pipeline_run_id <> ALL ($2::uuid[])
  RETURNING account_id, pipeline_run_id
)
UPDATE pipeline_runs r SET status = 'queued'
FROM job WHERE r.account_id = job.account_id AND r.id = job.pipeline_run_id;

-- name: job_cancels
SELECT account_id, pipeline_run_id, epoch FROM jobs
WHERE runner_id = $1::uuid AND state = 'running' AND cancel_requested;

-- Progress was made: what crashed before does not count any more.
-- name: job_progress
UPDATE jobs j SET crash_claims = 0
FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[])
  AS n (account_id, pipeline_run_id, epoch, runner_id)
WHERE j.account_id = n.account_id AND j.pipeline_run_id = n.pipeline_run_id AND j.epoch = n.epoch
  AND j.runner_id = n.runner_id AND j.crash_claims > 0;

-- Why a call could not be opened.
-- name: job_state
SELECT (j.state = 'running' AND j.epoch = $3::bigint AND j.runner_id = $4::uuid) AS is_mine,
       j.cancel_requested,
       EXISTS (SELECT FROM runners r
               WHERE r.id = $4::uuid AND r.lease_until > clock_timestamp()) AS is_leased
FROM jobs j WHERE j.account_id = $1::uuid AND j.pipeline_run_id = $2::uuid;

-- Back into the queue after $5 milliseconds; a release is no crash. $7: unless job_wake is earlier,
-- or the last call that was in flight has been settled meanwhile.
-- name: job_release
WITH job AS (
  UPDATE jobs SET state = 'queued', runner_id = NULL, crash_claims = greatest(crash_claims - 1, 0),
    run_after = clock_timestamp() + CASE
      WHEN $7::boolean AND NOT EXISTS (
        SELECT FROM attempts a WHERE a.account_id = $1::uuid AND a.state = 'open')
      THEN interval '0' ELSE $5::bigint * interval '1 millisecond' END,
    waiting_for = $6::text, waits_for_budget = $7
  WHERE account_id = $1::uuid AND pipeline_run_id = $2::uuid AND epoch = $3::bigint
    AND runner_id = $4::uuid
  RETURNING account_id, pipeline_run_id
), steps AS (
  UPDATE pipeline_steps s SET status = 'pending'
  FROM job WHERE s.account_id = job.account_id AND s.pipeline_run_id = job.pipeline_run_id
    AND s.status = 'running'
)
UPDATE pipeline_runs r SET status = 'queued'
FROM job WHERE r.account_id = job.account_id AND r.id = job.pipeline_run_id;

-- What runs wait for that stay with their runner ($1). $2: JSON, see job_waits.
-- name: job_waits
UPDATE jobs j
SET run_after = clock_timestamp() + w.ms * interval '1 millisecond', waiting_for = w.reason
FROM jsonb_to_recordset($2::jsonb)
  AS w (account uuid, run uuid, epoch bigint, reason text, ms bigint)
WHERE j.account_id = w.account AND j.pipeline_run_id = w.run AND j.epoch = w.epoch
  AND j.runner_id = $1::uuid;

-- Runs of accounts $1, one of an account for each time it is named, make no more calls for now: two
-- that wait for a budget try again for each of them. (A run that goes on with its next call needs
-- itself what the last one had reserved.)
-- name: job_wake
WITH ended AS (
  SELECT account_id, count(*) AS runs FROM unnest($1::uuid[]) AS n (account_id) GROUP BY account_id
), waiting AS MATERIALIZED (
  SELECT w.account_id, w.pipeline_run_id
  FROM ended e CROSS JOIN LATERAL (
    SELECT j.account_id, j.pipeline_run_id FROM jobs j
    WHERE j.account_id = e.account_id AND j.waits_for_budget
    ORDER BY j.priority DESC, j.run_after
    LIMIT 2 * e.runs
    FOR NO KEY UPDATE SKIP LOCKED) AS w
), woken AS (
  UPDATE jobs j SET run_after = clock_timestamp(), waits_for_budget = false
  FROM waiting w
  WHERE j.account_id = w.account_id AND j.pipeline_run_id = w.pipeline_run_id
  RETURNING j.pipeline_run_id
)
SELECT pg_notify('promptbuilder_jobs', '') WHERE EXISTS (SELECT FROM woken);

-- The ends of runs, in key order: accounts $1, runs $2, their fences $3 and $4, each completed, failed
-- or cancelled ($5), with a sentence unless completed ($6).
-- name: job_finish
WITH held AS MATERIALIZED (
  SELECT j.account_id, j.pipeline_run_id, n.status, n.sentence
  FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[], $5::text[], $6::text[])
    AS n (account_id, pipeline_run_id, epoch, runner_id, status, sentence)
  JOIN jobs j ON j.account_id = n.account_id AND j.pipeline_run_id = n.pipeline_run_id
    AND j.epoch = n.epoch AND j.runner_id = n.runner_id
  ORDER BY j.account_id, j.pipeline_run_id
  FOR NO KEY UPDATE OF j
), job AS MATERIALIZED (
  UPDATE jobs j SET state = 'done', runner_id = NULL, waiting_for = NULL, crash_claims = 0
  FROM held h WHERE j.account_id = h.account_id AND j.pipeline_run_id = h.pipeline_run_id
  RETURNING j.account_id, j.pipeline_run_id, h.status, h.sentence
), steps AS (
  UPDATE pipeline_steps s SET status = 'failed', error_message = job.sentence,
    completed_at = clock_timestamp(),
    duration_ms = extract(epoch FROM clock_timestamp() - s.started_at)::numeric * 1000
  FROM job WHERE s.account_id = job.account_id AND s.pipeline_run_id = job.pipeline_run_id
    AND s.status IN ('pending', 'running')
)
UPDATE pipeline_runs r SET status = job.status, error_message = job.sentence,
  completed_at = clock_timestamp(),
  duration_ms = extract(epoch FROM clock_timestamp() - r.started_at)::numeric * 1000
FROM job WHERE r.account_id = job.account_id AND r.id = job.pipeline_run_id;

-- Jobs of runners whose lease has run out go back into the queue, or fail when they have taken
-- down $1 runners in a row. A batch at a time, in key order, by a runner ($2) with a lease.
-- name: job_reap
WITH orphan AS (
  SELECT j.account_id, j.pipeline_run_id, j.crash_claims >= $1::integer AS is_poison
  FROM jobs j
  WHERE j.state = 'running' AND NOT EXISTS (
    SELECT FROM runners r WHERE r.id = j.runner_id AND r.lease_until > clock_timestamp())
    AND EXISTS (SELECT FROM runners r
                WHERE r.id = $2::uuid AND r.lease_until > clock_timestamp())
  ORDER BY j.account_id, j.pipeline_run_id
  LIMIT 64
  FOR UPDATE OF j SKIP LOCKED
), freed AS (
  UPDATE jobs j SET runner_id = NULL, run_after = clock_timestamp(),
    state = CASE WHEN o.is_poison THEN 'done' ELSE 'queued' END
  FROM orphan o WHERE j.account_id = o.account_id AND j.pipeline_run_id = o.pipeline_run_id
), steps AS (
  UPDATE pipeline_steps s SET status = CASE WHEN o.is_poison THEN 'failed' ELSE 'pending' END,
    error_message = CASE WHEN o.is_poison THEN 'The runner stopped in this step.' END
  FROM orphan o WHERE s.account_id = o.account_id AND s.pipeline_run_id = o.pipeline_run_id
    AND s.status = 'running'
)
UPDATE pipeline_runs r SET status = CASE WHEN o.is_poison THEN 'failed' ELSE 'queued' END,
  completed_at = CASE WHEN o.is_poison THEN clock_timestamp() END,
  error_message = CASE WHEN o.is_poison THEN 'The run stopped its runner ' || $1::integer
    || ' times in a row. Its finished steps are kept; look at the runner''s log before a retry.'
    END
FROM orphan o WHERE r.account_id = o.account_id AND r.id = o.pipeline_run_id
RETURNING r.id, r.status;

-- name: job_notify
SELECT pg_notify('promptbuilder_jobs', '');
