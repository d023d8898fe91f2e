-- sheet.sql: the spreadsheet that ended runs are written to: its writer, its rows, its orders.

-- ---- The writer. ----

-- name: sheet_register_off
UPDATE sheets SET is_on = false
WHERE is_on AND (spreadsheet_id, tab) <> ($1::text, $2::text);

-- The spreadsheet that is set from now on; what is known of its first row is looked up again.
-- name: sheet_register
INSERT INTO sheets AS s (spreadsheet_id, tab, address) VALUES ($1::text, $2::text, $3::text)
ON CONFLICT (spreadsheet_id, tab) DO UPDATE
SET is_on = true, address = coalesce(excluded.address, s.address), head = 'unknown', failures = 0,
    next_at = least(s.next_at, clock_timestamp() + interval '1 second')
RETURNING s.id;

-- What waits for another one, which has been wrong or is off, goes to this one.
-- name: sheet_register_move
WITH moved AS (
  DELETE FROM sheet_rows r USING sheets o
  WHERE o.id = r.sheet_id AND NOT o.is_on AND r.state = 'waiting'
  RETURNING r.account_id, r.pipeline_run_id
)
INSERT INTO sheet_rows (account_id, sheet_id, pipeline_run_id, created_at)
SELECT DISTINCT m.account_id, s.id, m.pipeline_run_id, now()
FROM moved m CROSS JOIN sheets s WHERE s.is_on
ON CONFLICT DO NOTHING;

-- name: sheet_register_runner
UPDATE runners r SET sheet_id = s.id
FROM sheets s
WHERE r.id = $1::uuid AND s.spreadsheet_id = $2::text AND s.tab = $3::text;

-- Takes up the next thing to do with spreadsheet $1, if there is one and nobody else is at it, for
-- runner $2. Within $3 milliseconds a request has ended and whatever it did has happened: so long
-- others keep away while it lives, and so long rows that were sent are not looked for. Requests to
-- one spreadsheet are a second apart, whoever sends them.
-- name: sheet_take
WITH seen AS (
  SELECT s.id, s.head,
         EXISTS (SELECT 1 FROM sheet_rows r WHERE r.sheet_id = s.id AND r.state = 'sent') AS is_sent,
         EXISTS (SELECT 1 FROM sheet_rows r WHERE r.sheet_id = s.id AND r.state = 'sent'
                   AND r.sent_at > clock_timestamp() - $3::bigint * interval '1 millisecond')
           AS is_open,
         (SELECT o.kind FROM sheet_orders o WHERE o.sheet_id = s.id AND o.state = 'waiting'
          ORDER BY o.id LIMIT 1) AS kind,
         EXISTS (SELECT 1 FROM sheet_rows r
                 JOIN pipeline_runs p ON p.account_id = r.account_id AND p.id = r.pipeline_run_id
                 WHERE r.sheet_id = s.id AND r.state = 'waiting'
                   AND (r.total_usd IS NOT NULL
                        OR p.status IN ('completed', 'failed', 'cancelled'))) AS is_waiting
  FROM sheets s WHERE s.id = $1::uuid AND s.is_on
), chosen AS (
  SELECT n.id,
         CASE WHEN n.is_open THEN NULL WHEN n.is_sent THEN 'look'
              WHEN n.kind = 'compare' THEN 'compare'
              WHEN n.head = 'unknown' AND (n.kind = 'test' OR n.is_waiting) THEN 'look'
              WHEN n.kind = 'test' THEN 'test' WHEN n.is_waiting THEN 'append' END AS action
  FROM seen n
)
UPDATE sheets s SET action = c.action, epoch = s.epoch + 1, taken_at = now(), writer_id = $2::uuid,
  writer_until = clock_timestamp() + $3 * interval '1 millisecond',
  next_at = clock_timestamp() + interval '1 second'
FROM chosen c
WHERE s.id = c.id AND c.action IS NOT NULL AND s.next_at <= clock_timestamp()
  AND (s.writer_id = $2 OR s.writer_until IS NULL OR s.writer_until < clock_timestamp()
       OR NOT EXISTS (SELECT 1 FROM runners w WHERE w.id = s.writer_id
                      AND w.lease_until > clock_timestamp()))
  AND EXISTS (SELECT 1 FROM runners w WHERE w.id = $2 AND w.lease_until > clock_timestamp())
RETURNING s.action, s.epoch, s.head, s.failures;

-- Up to $3 rows that are sent now, if that was taken up in this transaction.
-- name: sheet_send
WITH due AS (
  SELECT r.account_id, r.sheet_id, r.pipeline_run_id, r.number, s.epoch
  FROM sheets s JOIN sheet_rows r ON r.sheet_id = s.id
  JOIN pipeline_runs p ON p.account_id = r.account_id AND p.id = r.pipeline_run_id
  WHERE s.id = $1::uuid AND s.writer_id = $2::uuid AND s.taken_at = now() AND s.action = 'append'
    AND r.state = 'waiting'
    AND (r.total_usd IS NOT NULL OR p.status IN ('completed', 'failed', 'cancelled'))
  ORDER BY r.created_at, r.pipeline_run_id, r.number
  LIMIT $3::integer
  FOR NO KEY UPDATE OF r SKIP LOCKED
)
UPDATE sheet_rows r SET state = 'sent', epoch = d.epoch, sent_at = clock_timestamp(),
  attempts = r.attempts + 1
FROM due d
WHERE r.account_id = d.account_id AND r.sheet_id = d.sheet_id
  AND r.pipeline_run_id = d.pipeline_run_id AND r.number = d.number;

-- Fixes the amounts of those that are sent for the first time: what the ledger says now, without
-- what the run's other rows say. A statement of its own: whoever changed a run before its row was
-- locked has committed.
-- name: sheet_fix
WITH sent AS (
  SELECT r.account_id, r.sheet_id, r.pipeline_run_id, r.number
  FROM sheets s JOIN sheet_rows r ON r.sheet_id = s.id AND r.epoch = s.epoch
  WHERE s.id = $1::uuid AND s.writer_id = $2::uuid AND s.taken_at = now() AND r.state = 'sent'
    AND r.total_usd IS NULL
)
UPDATE sheet_rows r SET status = p.status, ended_at = coalesce(p.completed_at, p.created_at),
  input_tokens = e.input_tokens - f.input_tokens,
  output_tokens = e.output_tokens - f.output_tokens,
  cache_read_tokens = e.cache_read_tokens - f.cache_read_tokens,
  cache_write_tokens = e.cache_write_tokens - f.cache_write_tokens,
  generation_usd = e.generation_usd - f.generation_usd,
  analysis_usd = e.analysis_usd - f.analysis_usd,
  improvement_usd = e.improvement_usd - f.improvement_usd,
  other_usd = e.other_usd - f.other_usd,
  total_usd = e.total_usd - f.total_usd
FROM sent d
JOIN pipeline_runs p ON p.account_id = d.account_id AND p.id = d.pipeline_run_id
CROSS JOIN LATERAL (
  SELECT coalesce(sum(c.input_tokens), 0)::bigint AS input_tokens,
         coalesce(sum(c.output_tokens), 0)::bigint AS output_tokens,
         coalesce(sum(c.cache_read_tokens), 0)::bigint AS cache_read_tokens,
         coalesce(sum(c.cache_write_tokens), 0)::bigint AS cache_write_tokens,
         coalesce(sum(c.cost_usd) FILTER (WHERE c.operation = 'prompt_generation'), 0)
           AS generation_usd,
         coalesce(sum(c.cost_usd) FILTER (WHERE c.operation = 'prompt_analysis'), 0)
           AS analysis_usd,
         coalesce(sum(c.cost_usd) FILTER (WHERE c.operation = 'prompt_improvement'), 0)
           AS improvement_usd,
         coalesce(sum(c.cost_usd) FILTER (WHERE c.operation NOT IN
           ('prompt_generation', 'prompt_analysis', 'prompt_improvement')), 0) AS other_usd,
         coalesce(sum(c.cost_usd), 0) AS total_usd
  FROM cost_entries c
  WHERE c.account_id = d.account_id AND c.pipeline_run_id = d.pipeline_run_id
) AS e
CROSS JOIN LATERAL (
  SELECT coalesce(sum(o.input_tokens), 0)::bigint AS input_tokens,
         coalesce(sum(o.output_tokens), 0)::bigint AS output_tokens,
         coalesce(sum(o.cache_read_tokens), 0)::bigint AS cache_read_tokens,
         coalesce(sum(o.cache_write_tokens), 0)::bigint AS cache_write_tokens,
         coalesce(sum(o.generation_usd), 0) AS generation_usd,
         coalesce(sum(o.analysis_usd), 0) AS analysis_usd,
         coalesce(sum(o.improvement_usd), 0) AS improvement_usd,
         coalesce(sum(o.other_usd), 0) AS other_usd,
         coalesce(sum(o.total_usd), 0) AS total_usd
  FROM sheet_rows o
  WHERE o.account_id = d.account_id AND o.sheet_id = d.sheet_id
    AND o.pipeline_run_id = d.pipeline_run_id AND o.total_usd IS NOT NULL
) AS f
WHERE r.account_id = d.account_id AND r.sheet_id = d.sheet_id
  AND r.pipeline_run_id = d.pipeline_run_id AND r.number = d.number;

-- The rows that were sent, as they stand in the spreadsheet; $3 at most.
-- name: sheet_rows
SELECT sheet_row_id(p.pipeline_id, r.number) AS id,
       to_char(r.ended_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS date,
       a.slug AS account, t.external_id AS assistant, p.pipeline_id AS run, r.status,
       v.version, coalesce(v.final_score, g.score)::text AS score,
       coalesce(v.total_iterations, g.iterations)::text AS iterations,
       r.input_tokens::text AS input_tokens, r.output_tokens::text AS output_tokens,
       r.cache_read_tokens::text AS cache_read_tokens,
       r.cache_write_tokens::text AS cache_write_tokens,
       r.generation_usd::text AS generation_usd, r.analysis_usd::text AS analysis_usd,
       r.improvement_usd::text AS improvement_usd, r.other_usd::text AS other_usd,
       r.total_usd::text AS total_usd
FROM sheets s JOIN sheet_rows r ON r.sheet_id = s.id AND r.state = 'sent'
JOIN pipeline_runs p ON p.account_id = r.account_id AND p.id = r.pipeline_run_id
JOIN accounts a ON a.id = r.account_id
JOIN assistants t ON t.account_id = r.account_id AND t.id = p.assistant_id
LEFT JOIN LATERAL (
  SELECT n.version, n.final_score, n.total_iterations FROM prompt_versions n
  WHERE n.account_id = p.account_id AND (n.id = p.prompt_version_id OR n.pipeline_run_id = p.id)
  ORDER BY n.id = p.prompt_version_id DESC NULLS LAST, n.version_number DESC
  LIMIT 1
) AS v ON true
CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE k.step_key LIKE 'improvement%' AND k.status = 'completed')
           AS iterations,
         (array_agg(k.metadata ->> 'score' ORDER BY k.step_order DESC)
            FILTER (WHERE k.metadata ->> 'score' IS NOT NULL))[1]::numeric AS score
  FROM pipeline_steps k WHERE k.account_id = p.account_id AND k.pipeline_run_id = p.id
) AS g
WHERE s.id = $1::uuid AND s.writer_id = $2::uuid AND s.taken_at = now()
  AND (s.action = 'look' OR s.action = 'append' AND r.epoch = s.epoch)
ORDER BY r.created_at, r.pipeline_run_id, r.number
LIMIT $3::integer;

-- name: sheet_order
SELECT o.id, o.kind, o.next_row, o.requested_by,
       to_char(o.requested_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS date
FROM sheets s JOIN sheet_orders o ON o.sheet_id = s.id AND o.kind = s.action
WHERE s.id = $1::uuid AND s.writer_id = $2::uuid AND s.taken_at = now() AND o.state = 'waiting'
ORDER BY o.id
LIMIT 1;

-- ---- How it went. What was taken up as $2 is settled by whoever took it up. ----

-- name: sheet_written
UPDATE sheet_rows SET state = 'written', written_at = clock_timestamp(), updated_range = $3::text,
  is_missing = false
WHERE sheet_id = $1::uuid AND epoch = $2::bigint AND state = 'sent';

-- Nothing of it has happened.
-- name: sheet_not_sent
UPDATE sheet_rows SET state = 'waiting'
WHERE sheet_id = $1::uuid AND epoch = $2::bigint AND state = 'sent';

-- Of the rows $3 (ids and their row in the spreadsheet, 0: none) those that are there are written,
-- the others wait again.
-- name: sheet_looked
WITH found AS (
  SELECT f.id, f.row FROM jsonb_to_recordset($3::jsonb) AS f (id text, row integer)
)
UPDATE sheet_rows r SET state = CASE WHEN f.row > 0 THEN 'written' ELSE 'waiting' END,
  written_at = CASE WHEN f.row > 0 THEN clock_timestamp() END,
  updated_range = CASE WHEN f.row > 0 THEN 'row ' || f.row ELSE r.updated_range END,
  is_missing = false
FROM sheets s, pipeline_runs p, found f
WHERE s.id = $1::uuid AND s.epoch = $2::bigint AND r.sheet_id = s.id AND r.state = 'sent'
  AND p.account_id = r.account_id AND p.id = r.pipeline_run_id
  AND sheet_row_id(p.pipeline_id, r.number) = f.id;

-- name: sheet_worked
UPDATE sheets SET head = $3::text, failures = 0, problem = NULL, problem_at = NULL,
  last_range = coalesce($4::text, last_range),
  last_written_at = CASE WHEN $4 IS NULL THEN last_written_at ELSE clock_timestamp() END
WHERE id = $1::uuid AND epoch = $2::bigint;

-- name: sheet_failed
UPDATE sheets SET failures = failures + 1, problem = $3::text, problem_at = clock_timestamp(),
  address = coalesce($5::text, address),
  next_at = clock_timestamp() + $4::bigint * interval '1 millisecond'
WHERE id = $1::uuid AND epoch = $2::bigint;

-- name: sheet_order_end
UPDATE sheet_orders SET state = CASE WHEN $3::text IS NULL THEN 'done' ELSE 'failed' END,
  ended_at = clock_timestamp(), result = $2::jsonb, problem = $3
WHERE id = $1::uuid AND state = 'waiting';

-- ---- Comparisons. ----

-- name: sheet_compare_seen
INSERT INTO sheet_seen (order_id, row_number, row_id, amounts)
SELECT $1::uuid, x.row, x.id, x.amounts
FROM jsonb_to_recordset($2::jsonb) AS x (row integer, id text, amounts numeric(20, 9)[])
ON CONFLICT (order_id, row_number) DO UPDATE
SET row_id = excluded.row_id, amounts = excluded.amounts;

-- name: sheet_compare_next
UPDATE sheet_orders SET next_row = $2::integer WHERE id = $1::uuid AND state = 'waiting';

-- All rows have been read. Marks what is missing and tells what was found, with up to 100 examples
-- of each kind: rows that are missing, that are there twice or more, whose numbers are others, and
-- that nobody knows.
-- name: sheet_compare_end
WITH known AS MATERIALIZED (
  SELECT r.account_id, r.sheet_id, r.pipeline_run_id, r.number, r.state,
         sheet_row_id(p.pipeline_id, r.number) AS id, r.is_missing, r.total_usd,
         ARRAY[r.input_tokens, r.output_tokens, r.cache_read_tokens, r.cache_write_tokens,
               r.generation_usd, r.analysis_usd, r.improvement_usd, r.other_usd, r.total_usd,
               r.total_usd]::numeric(20, 9)[] AS amounts
  FROM sheet_orders o JOIN sheet_rows r ON r.sheet_id = o.sheet_id
  JOIN pipeline_runs p ON p.account_id = r.account_id AND p.id = r.pipeline_run_id
  WHERE o.id = $1::uuid
), seen AS MATERIALIZED (
  SELECT e.row_number, e.row_id, e.amounts FROM sheet_seen e WHERE e.order_id = $1
), counted AS MATERIALIZED (
  SELECT e.row_id, count(*) AS times, array_agg(e.row_number ORDER BY e.row_number) AS rows,
         bool_or(k.id IS NOT NULL) AS is_known,
         bool_or(o.id IS NOT NULL) AS is_test
  FROM seen e LEFT JOIN known k ON k.id = e.row_id
  LEFT JOIN sheet_orders o ON 'test ' || o.id = e.row_id
  GROUP BY e.row_id
), missing AS MATERIALIZED (
  SELECT k.account_id, k.sheet_id, k.pipeline_run_id, k.number, k.id, k.total_usd FROM known k
  WHERE k.state = 'written' AND NOT EXISTS (SELECT 1 FROM counted c WHERE c.row_id = k.id)
), marked AS (
  UPDATE sheet_rows r SET is_missing = m.id IS NOT NULL
  FROM known k LEFT JOIN missing m ON m.id = k.id
  WHERE r.account_id = k.account_id AND r.sheet_id = k.sheet_id
    AND r.pipeline_run_id = k.pipeline_run_id AND r.number = k.number
    AND r.is_missing <> (m.id IS NOT NULL)
), differing AS MATERIALIZED (
  SELECT e.row_number, e.row_id, e.amounts[10] AS found_usd, k.total_usd
  FROM seen e JOIN known k ON k.id = e.row_id
  WHERE k.state <> 'waiting' AND e.amounts IS DISTINCT FROM k.amounts
), doubled AS MATERIALIZED (
  SELECT c.row_id, c.times, c.rows FROM counted c WHERE c.times > 1 AND NOT c.is_test
), unknown AS MATERIALIZED (
  SELECT e.row_number, e.row_id FROM seen e JOIN counted c ON c.row_id = e.row_id
  WHERE NOT c.is_known AND NOT c.is_test
), cleared AS (
  DELETE FROM sheet_seen WHERE order_id = $1
)
UPDATE sheet_orders o SET state = 'done', ended_at = clock_timestamp(), result = jsonb_build_object(
  'rows', (SELECT count(*) FROM seen),
  'tests', (SELECT count(*) FROM counted WHERE is_test),
  'missing', (SELECT count(*) FROM missing),
  'doubled', (SELECT count(*) FROM doubled),
  'differing', (SELECT count(*) FROM differing),
  'unknown', (SELECT count(*) FROM unknown),
  'findings', coalesce((
    SELECT jsonb_agg(jsonb_build_object('kind', f.kind, 'id', f.id, 'row', f.row, 'note', f.note)
                     ORDER BY f.place, f.row, f.id)
    FROM (
      (SELECT 1 AS place, 'missing' AS kind, m.id, NULL::integer AS row,
              m.total_usd || ' USD' AS note
       FROM missing m ORDER BY m.id LIMIT 100)
      UNION ALL
      (SELECT 2, 'doubled', d.row_id, d.rows[2],
              'in rows ' || array_to_string(d.rows[1:20], ', ')
       FROM doubled d ORDER BY d.rows[2] LIMIT 100)
      UNION ALL
      (SELECT 3, 'differing', d.row_id, d.row_number,
              CASE WHEN d.found_usd IS DISTINCT FROM d.total_usd
                THEN coalesce(d.found_usd || ' USD', 'no amount') || ' in place of '
                  || d.total_usd || ' USD' ELSE 'another number than the total is not ours' END
       FROM differing d ORDER BY d.row_number LIMIT 100)
      UNION ALL
      (SELECT 4, 'unknown', u.row_id, u.row_number, NULL
       FROM unknown u ORDER BY u.row_number LIMIT 100)
    ) AS f), '[]'))
WHERE o.id = $1 AND o.state = 'waiting'
RETURNING o.result;

-- ---- What operators see and want. ----

-- name: sheet_get
SELECT s.id, s.spreadsheet_id, s.tab, s.is_on, s.address, s.problem, s.problem_at, s.next_at,
       s.failures, s.last_range, s.last_written_at, s.created_at, q.waiting, q.oldest_at, q.unclear,
       (SELECT count(*) FROM sheet_rows r WHERE r.sheet_id = s.id AND r.state = 'written')
         AS written,
       (SELECT count(*) FROM sheet_rows r WHERE r.sheet_id = s.id AND r.is_missing) AS missing,
       (SELECT count(*) FROM runners w WHERE w.sheet_id = s.id AND w.lease_until > now())
         AS runners,
       (SELECT split_part(w.host, ' ', 1) || ', pid ' || w.pid FROM runners w
        WHERE w.id = s.writer_id AND s.writer_until > now()) AS writer
FROM sheets s CROSS JOIN LATERAL (
  SELECT count(*) AS waiting, min(r.created_at) AS oldest_at,
         count(*) FILTER (WHERE r.state = 'sent') AS unclear
  FROM sheet_rows r WHERE r.sheet_id = s.id AND r.state <> 'written'
) AS q
ORDER BY s.is_on DESC, s.created_at DESC
LIMIT 1;

-- The last order of each kind.
-- name: sheet_orders
SELECT o.id, o.kind, o.state, o.requested_at, o.requested_by, o.next_row, o.ended_at, o.result,
       o.problem
FROM (VALUES ('test'), ('compare')) AS k (kind)
CROSS JOIN LATERAL (
  SELECT n.id, n.kind, n.state, n.requested_at, n.requested_by, n.next_row, n.ended_at, n.result,
         n.problem
  FROM sheet_orders n WHERE n.sheet_id = $1::uuid AND n.kind = k.kind
  ORDER BY n.id DESC LIMIT 1
) AS o;

-- An order for the spreadsheet that is on; the one that waits is kept. It is not held up by what
-- went wrong before.
-- name: sheet_order_add
WITH sheet AS (
  UPDATE sheets s SET next_at = least(s.next_at, clock_timestamp() + interval '1 second')
  WHERE s.is_on RETURNING s.id
), added AS (
  INSERT INTO sheet_orders (sheet_id, kind, requested_by)
  SELECT t.id, $1::text, $2::text FROM sheet t
  ON CONFLICT (sheet_id, kind) WHERE state = 'waiting' DO NOTHING
)
SELECT t.id, pg_notify('promptbuilder_jobs', 'orders') FROM sheet t;

-- What a comparison missed is looked for once more and, if it is not there, written.
-- name: sheet_fill
WITH sheet AS (
  UPDATE sheets s SET next_at = least(s.next_at, clock_timestamp() + interval '1 second')
  WHERE s.is_on RETURNING s.id
), again AS (
  UPDATE sheet_rows r SET state = 'sent', sent_at = clock_timestamp() - interval '1 day',
    written_at = NULL, is_missing = false
  FROM sheet t WHERE r.sheet_id = t.id AND r.is_missing AND r.state = 'written'
  RETURNING 1
)
SELECT t.id, (SELECT count(*) FROM again) AS rows, pg_notify('promptbuilder_jobs', 'orders')
FROM sheet t;

-- Queues the runs that ended on day $1 (UTC) or later and have no row yet.
-- name: sheet_backfill
WITH sheet AS (
  SELECT s.id FROM sheets s WHERE s.is_on
), added AS (
  INSERT INTO sheet_rows (account_id, sheet_id, pipeline_run_id, created_at)
  SELECT p.account_id, t.id, p.id, now()
  FROM sheet t CROSS JOIN pipeline_runs p
  WHERE p.status IN ('completed', 'failed', 'cancelled')
    AND coalesce(p.completed_at, p.created_at) >= $1::date::timestamp AT TIME ZONE 'UTC'
    AND NOT EXISTS (SELECT 1 FROM sheet_rows r WHERE r.account_id = p.account_id
                    AND r.sheet_id = t.id AND r.pipeline_run_id = p.id)
  ON CONFLICT DO NOTHING
  RETURNING 1
)
SELECT t.id, (SELECT count(*) FROM added) AS rows, pg_notify('promptbuilder_jobs', 'orders')
FROM sheet t;

-- name: sheet_off
UPDATE sheets SET is_on = false WHERE is_on RETURNING spreadsheet_id, tab;
