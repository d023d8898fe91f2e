-- invariant.sql: what must hold of runs, calls and money at every instant, whatever died when. Each
-- statement gives the rows that break it: what is wrong, with which account and run, and amounts.

-- I1: a completed step that a call has made has a successful call behind it, and the other way
-- round; a step is stored once.
-- name: invariant_steps
SELECT b.what, a.slug AS account, r.pipeline_id AS run, b.amounts
FROM (
  SELECT s.account_id, s.pipeline_run_id, 'a completed step has no successful call' AS what,
         'step ' || coalesce(s.step_key, s.step_name) AS amounts
  FROM pipeline_steps s
  WHERE s.status = 'completed' AND s.request_hash IS NOT NULL AND NOT EXISTS (
    SELECT FROM attempts t WHERE t.account_id = s.account_id AND t.pipeline_step_id = s.id
      AND t.succeeded AND t.state = 'settled')
  UNION ALL
  SELECT t.account_id, t.pipeline_run_id, 'a successful call has no completed step',
         'call ' || t.id || ' of step ' || coalesce(s.step_key, s.step_name)
  FROM attempts t
  JOIN pipeline_steps s ON s.account_id = t.account_id AND s.id = t.pipeline_step_id
  WHERE t.succeeded AND (t.state <> 'settled' OR s.status <> 'completed')
  UNION ALL
  SELECT s.account_id, s.pipeline_run_id, 'a step is stored more than once',
         'step ' || s.step_key || ', ' || count(*) || ' times'
  FROM pipeline_steps s
  WHERE s.step_key IS NOT NULL
  GROUP BY s.account_id, s.pipeline_run_id, s.step_key HAVING count(*) > 1
) AS b
JOIN accounts a ON a.id = b.account_id
JOIN pipeline_runs r ON r.account_id = b.account_id AND r.id = b.pipeline_run_id
ORDER BY account, run, b.amounts;

-- I2: what a run and an account have cost is what their lines add up to; nothing negative is
-- reserved. (Reserved is what open calls carry: there is no second count of it to compare.)
-- name: invariant_sums
WITH lines AS MATERIALIZED (
  SELECT account_id, pipeline_run_id, sum(input_tokens) AS input_tokens,
         sum(output_tokens) AS output_tokens, sum(cache_read_tokens) AS cache_read_tokens,
         sum(cache_write_tokens) AS cache_write_tokens, sum(cost_usd) AS cost_usd
  FROM cost_entries GROUP BY account_id, pipeline_run_id
), account AS (
  SELECT a.id,
         coalesce((SELECT sum(l.cost_usd) FROM lines l WHERE l.account_id = a.id), 0) AS lines_usd,
         coalesce((SELECT sum(d.cost_nano) * 0.000000001 FROM account_days d
                   WHERE d.zone = 'UTC' AND d.account_id = a.id), 0) AS kept_usd
  FROM accounts a
)
SELECT b.what, a.slug AS account, r.pipeline_id AS run, b.amounts
FROM (
  SELECT r.account_id, r.id AS run_id, 'the totals of a run are not those of its lines' AS what,
         format('%s USD and %s, %s, %s, %s tokens instead of %s and %s, %s, %s, %s',
           r.total_cost_usd, r.total_input_tokens, r.total_output_tokens, r.total_cache_read_tokens,
           r.total_cache_write_tokens, coalesce(l.cost_usd, 0), coalesce(l.input_tokens, 0),
           coalesce(l.output_tokens, 0), coalesce(l.cache_read_tokens, 0),
           coalesce(l.cache_write_tokens, 0)) AS amounts
  FROM pipeline_runs r
  LEFT JOIN lines l ON l.account_id = r.account_id AND l.pipeline_run_id = r.id
  WHERE (r.total_input_tokens, r.total_output_tokens, r.total_cache_read_tokens,
         r.total_cache_write_tokens, r.total_cost_usd) IS DISTINCT FROM
        (coalesce(l.input_tokens, 0), coalesce(l.output_tokens, 0),
         coalesce(l.cache_read_tokens, 0), coalesce(l.cache_write_tokens, 0),
         coalesce(l.cost_usd, 0))
  UNION ALL
  SELECT c.id, NULL, 'the days of an account are not its lines',
         c.kept_usd || ' USD instead of ' || c.lines_usd
  FROM account c WHERE c.kept_usd <> c.lines_usd
  UNION ALL
  SELECT t.account_id, t.pipeline_run_id, 'a call has reserved a negative amount',
         'call ' || t.id || ', ' || t.reserved_usd || ' USD'
  FROM attempts t WHERE t.reserved_usd < 0
) AS b
JOIN accounts a ON a.id = b.account_id
LEFT JOIN pipeline_runs r ON r.account_id = b.account_id AND r.id = b.run_id
ORDER BY account, run, b.amounts;

-- I3: a call is booked once: settled or unknown calls have one line, open and free ones none. (That
-- each byte sent belongs to a call is what the provider's own count shows.)
-- name: invariant_booked
WITH booked AS MATERIALIZED (
  SELECT account_id, attempt_id, count(*) FILTER (WHERE kind = 'call') AS lines,
         count(*) FILTER (WHERE kind = 'adjustment') AS corrections,
         bool_or(usage ->> 'booked' = 'reserved') AS is_reserved, sum(cost_usd) AS cost_usd
  FROM cost_entries WHERE attempt_id IS NOT NULL
  GROUP BY account_id, attempt_id
)
SELECT CASE WHEN coalesce(k.lines, 0) = 0 AND coalesce(k.corrections, 0) = 0
         THEN 'a call is not booked'
         WHEN t.state IN ('open', 'free') THEN 'a call is booked that costs nothing'
         WHEN k.lines > 1 THEN 'a call is booked more than once'
         ELSE 'the late end of a call is not booked as its correction' END AS what,
       a.slug AS account, r.pipeline_id AS run,
       format('call %s (%s), %s lines, %s corrections, %s USD', t.id, t.state,
         coalesce(k.lines, 0), coalesce(k.corrections, 0), coalesce(k.cost_usd, 0)) AS amounts
FROM attempts t
LEFT JOIN booked k ON k.account_id = t.account_id AND k.attempt_id = t.id
JOIN accounts a ON a.id = t.account_id
JOIN pipeline_runs r ON r.account_id = t.account_id AND r.id = t.pipeline_run_id
WHERE coalesce(k.lines, 0) <> (t.state IN ('settled', 'unknown'))::integer
  OR coalesce(k.corrections, 0) <> coalesce(t.state = 'settled' AND k.is_reserved, false)::integer
ORDER BY account, run, amounts;

-- I4: what a call has brought and is committed is not asked for again; a call that was lost is
-- booked at what was reserved for it, and says so.
-- name: invariant_once
SELECT b.what, a.slug AS account, r.pipeline_id AS run, b.amounts
FROM (
  SELECT s.account_id, s.pipeline_run_id, 'a stored answer was asked for again' AS what,
         format('call %s of step %s', t.id, s.step_key) AS amounts
  FROM pipeline_steps s
  JOIN attempts t ON t.account_id = s.account_id AND t.pipeline_step_id = s.id
    AND t.opened_at > s.completed_at
  WHERE s.status = 'completed'
  UNION ALL
  SELECT t.account_id, t.pipeline_run_id, 'a lost call is not booked at what was reserved',
         format('call %s, %s USD instead of %s', t.id, e.cost_usd, t.reserved_usd)
  FROM attempts t
  JOIN cost_entries e ON e.account_id = t.account_id AND e.pipeline_run_id = t.pipeline_run_id
    AND e.attempt_id = t.id AND e.kind = 'call'
  WHERE t.state = 'unknown' AND NOT (e.estimated AND t.estimated AND e.cost_usd = t.reserved_usd)
) AS b
JOIN accounts a ON a.id = b.account_id
JOIN pipeline_runs r ON r.account_id = b.account_id AND r.id = b.pipeline_run_id
ORDER BY account, run, b.amounts;

-- I5: no account has more than $1 runs under way, and each of them belongs to a known runner.
-- name: invariant_places
SELECT b.what, a.slug AS account, r.pipeline_id AS run, b.amounts
FROM (
  SELECT j.account_id, NULL::uuid AS run_id,
         'an account has more runs under way than it may' AS what,
         count(*) || ' instead of ' || $1::integer AS amounts
  FROM jobs j WHERE j.state = 'running'
  GROUP BY j.account_id HAVING count(*) > $1::integer
  UNION ALL
  SELECT j.account_id, j.pipeline_run_id, 'a run is held by a runner that nobody knows',
         'runner ' || j.runner_id
  FROM jobs j
  WHERE j.state = 'running' AND NOT EXISTS (SELECT FROM runners n WHERE n.id = j.runner_id)
) AS b
JOIN accounts a ON a.id = b.account_id
LEFT JOIN pipeline_runs r ON r.account_id = b.account_id AND r.id = b.run_id
ORDER BY account, run;

-- I6: whenever a call was opened under a cap, it fitted: what had been spent and reserved in the
-- period, with what was reserved for the call itself, was no more than the cap. Told from what
-- calls reserved and cost, in their order; of other lines only those that take away count, so the
-- sum is never more than what the call had to fit in with.
-- name: invariant_caps
WITH cap AS MATERIALIZED (
  SELECT b.account_id, b.id, s.period, s.period_name, s.cap_usd, b.created_at,
         coalesce(s.starts_at, '-infinity') AS starts_at, coalesce(s.ends_at, 'infinity') AS ends_at
  FROM budgets b CROSS JOIN LATERAL budget_state(b.account_id, NULL, now()) AS s
  WHERE b.ended_at IS NULL AND b.cap_usd IS NOT NULL AND s.id = b.id
), change AS (
  SELECT c.id, t.pipeline_run_id AS run_id, t.id AS call_id, t.opened_at AS at, 1 AS place,
         t.reserved_usd AS usd
  FROM cap c JOIN attempts t ON t.account_id = c.account_id AND t.state <> 'free'
    AND t.opened_at < c.ends_at AND (t.ended_at IS NULL OR t.ended_at >= c.starts_at)
  UNION ALL
  SELECT c.id, t.pipeline_run_id, NULL, t.ended_at, 0,
         coalesce((SELECT e.cost_usd FROM cost_entries e
                   WHERE e.account_id = t.account_id AND e.pipeline_run_id = t.pipeline_run_id
                     AND e.attempt_id = t.id AND e.kind = 'call'
                     AND e.timestamp >= c.starts_at AND e.timestamp < c.ends_at), 0)
           - t.reserved_usd
  FROM cap c JOIN attempts t ON t.account_id = c.account_id AND t.state <> 'free'
    AND t.opened_at < c.ends_at AND t.ended_at >= c.starts_at
  UNION ALL
  SELECT c.id, e.pipeline_run_id, NULL, e.created_at, 0, e.cost_usd
  FROM cap c JOIN cost_entries e ON e.account_id = c.account_id
    AND e.timestamp >= c.starts_at AND e.timestamp < c.ends_at
  WHERE e.cost_usd < 0 OR (e.kind = 'adjustment' AND e.attempt_id IS NOT NULL)
), told AS (
  SELECT n.id, n.run_id, n.call_id, n.at, sum(n.usd) OVER (
           PARTITION BY n.id, CASE c.period WHEN 'run' THEN n.run_id END
           ORDER BY n.at, n.place) AS usd
  FROM change n JOIN cap c ON c.id = n.id
)
SELECT 'a call was opened beyond the cap of ' || c.period_name AS what, a.slug AS account,
       r.pipeline_id AS run,
       format('call %s: %s USD spent and reserved of %s', t.call_id, t.usd, c.cap_usd) AS amounts
FROM told t
JOIN cap c ON c.id = t.id AND t.usd > c.cap_usd AND t.at > c.created_at
JOIN accounts a ON a.id = c.account_id
JOIN pipeline_runs r ON r.account_id = c.account_id AND r.id = t.run_id
WHERE t.call_id IS NOT NULL
ORDER BY account, run, amounts;

-- I7: a claim belongs to one runner, claims only follow each other, and only the holder of one
-- moves the run: job and run agree, and a runner opens no call when its lease has run out. (No more
-- than a second passes between the reading of the lease and that of the clock.)
-- name: invariant_claims
SELECT b.what, a.slug AS account, r.pipeline_id AS run, b.amounts
FROM (
  SELECT t.account_id, t.pipeline_run_id, 'a claim had more than one runner' AS what,
         format('claim %s, %s runners', t.epoch, count(DISTINCT t.runner_id)) AS amounts
  FROM attempts t GROUP BY t.account_id, t.pipeline_run_id, t.epoch
  HAVING count(DISTINCT t.runner_id) > 1
  UNION ALL
  SELECT t.account_id, t.pipeline_run_id, 'an earlier claim opened a call after a later one',
         format('call %s of claim %s after claim %s', t.id, t.epoch, t.before)
  FROM (SELECT account_id, pipeline_run_id, id, epoch, lag(epoch) OVER (
          PARTITION BY account_id, pipeline_run_id ORDER BY opened_at, id) AS before
        FROM attempts) AS t
  WHERE t.epoch < t.before
  UNION ALL
  SELECT t.account_id, t.pipeline_run_id, 'a call belongs to a claim that was never made',
         format('call %s of claim %s, the last is %s', t.id, t.epoch, j.epoch)
  FROM attempts t
  JOIN jobs j ON j.account_id = t.account_id AND j.pipeline_run_id = t.pipeline_run_id
  WHERE t.epoch > j.epoch
  UNION ALL
  SELECT t.account_id, t.pipeline_run_id, 'a call was opened without a lease',
         format('call %s, %s after its end', t.id, t.opened_at - n.lease_until)
  FROM attempts t JOIN runners n ON n.id = t.runner_id
  WHERE t.opened_at > n.lease_until + interval '1 second'
  UNION ALL
  SELECT j.account_id, j.pipeline_run_id, 'a run and its job disagree',
         format('the run is %s, its job is %s', r.status, j.state)
  FROM jobs j
  JOIN pipeline_runs r ON r.account_id = j.account_id AND r.id = j.pipeline_run_id
  WHERE CASE WHEN r.status IN ('queued', 'running') THEN r.status ELSE 'done' END <> j.state
) AS b
JOIN accounts a ON a.id = b.account_id
JOIN pipeline_runs r ON r.account_id = b.account_id AND r.id = b.pipeline_run_id
ORDER BY account, run, b.amounts;

-- I8: a runner's transactions last less than a second, and none of them waits for its runner. Who
-- is neither the runner nor a superuser does not see them.
-- name: invariant_transactions
SELECT 'a transaction of a runner lasts too long' AS what, NULL AS account, NULL AS run,
       format('process %s, %s, %s', s.pid, s.state,
         date_trunc('milliseconds', clock_timestamp() - s.xact_start)) AS amounts
FROM pg_stat_activity s
WHERE s.datname = current_database() AND s.application_name = 'promptbuilder-runner'
  AND s.pid <> pg_backend_pid() AND s.state <> 'idle'
  AND s.xact_start < clock_timestamp() - interval '1 second'
ORDER BY s.pid;

-- I9: a completed run that scores a version has given it a score, and that is what it found, unless
-- another one was first.
-- name: invariant_scores
SELECT b.what, a.slug AS account, b.pipeline_id AS run, b.amounts
FROM (
  SELECT r.account_id, r.pipeline_id, 'a completed run has left its version without a score' AS what,
         'version ' || v.version AS amounts
  FROM pipeline_runs r
  JOIN prompt_versions v ON v.account_id = r.account_id AND v.id = r.prompt_version_id
  WHERE r.kind = 'score' AND r.status = 'completed' AND v.final_score IS NULL
  UNION ALL
  SELECT v.account_id, NULL, 'a version has a score that no run has found',
         format('version %s, %s', v.version, v.final_score)
  FROM prompt_versions v
  WHERE v.origin = 'edit' AND v.final_score IS NOT NULL AND NOT EXISTS (
    SELECT FROM pipeline_runs r
    JOIN pipeline_steps s ON s.account_id = r.account_id AND s.pipeline_run_id = r.id
    WHERE r.account_id = v.account_id AND r.prompt_version_id = v.id AND r.kind = 'score'
      AND r.status = 'completed' AND s.step_name = 'prompt_analysis'
      AND (s.metadata ->> 'score')::numeric = v.final_score)
) AS b
JOIN accounts a ON a.id = b.account_id
ORDER BY account, run, b.amounts;
