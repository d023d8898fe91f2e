-- adjustment.sql: lines that correct other lines; the ledger is only ever added to.

-- The account-days (of UTC) between days $1 and $2 that have lines of model $3 (or of a snapshot of
-- it; NULL: any) and account $4 (NULL: any).
-- name: adjustment_days
SELECT d.account_id, a.slug, d.day, sum(d.lines)::bigint AS lines
FROM cost_days d JOIN accounts a ON a.id = d.account_id
WHERE d.zone = 'UTC' AND d.day BETWEEN $1::date AND $2::date
  AND ($3::text IS NULL OR d.model = $3 OR price_family(d.model) = $3)
  AND ($4::uuid IS NULL OR d.account_id = $4)
GROUP BY d.account_id, a.slug, d.day
ORDER BY a.slug, d.day;

-- Prices calls again: those of account $1 and day $2 (of UTC), of model $3 as above, at most $6 of
-- them after the one at $4 with id $5. What a call has cost is its line with its corrections; the
-- difference to the price in force at its time becomes one more correction, with reason $7 and
-- actor $8, unless $7 is NULL. The number of a correction is part of its key: of two that are made
-- at once one is left out. Left alone are lines corrected by hand, lines whose amount came with
-- them, lines without tokens (a reserved amount), and those that no price is known for, or not
-- all of it where all had been.
-- name: adjustment_reprice
WITH page AS (
  SELECT e.account_id, e.id, e.pipeline_run_id, e.pipeline_step_id, e.assistant_id, e.attempt_id,
         e.operation, e.model, e.input_tokens, e.output_tokens, e.cache_read_tokens,
         e.cache_write_tokens, e.cache_write_1h_tokens, e.cost_usd, e.price_status, e.price_id,
         e.usage, e.timestamp
  FROM cost_entries e
  WHERE e.account_id = $1::uuid AND e.kind = 'call'
    AND e.timestamp >= $2::date::timestamp AT TIME ZONE 'UTC'
    AND e.timestamp < ($2::date + 1)::timestamp AT TIME ZONE 'UTC'
    AND ($3::text IS NULL OR e.model = $3 OR price_family(e.model) = $3)
    AND ($4::timestamptz IS NULL OR (e.timestamp, e.id) > ($4, $5::uuid))
  ORDER BY e.timestamp, e.id
  LIMIT $6::integer
), effective AS (
  SELECT p.account_id, p.id, p.model, p.timestamp, coalesce(t.opened_at, p.timestamp) AS called_at,
         coalesce(p.usage, t.usage) AS usage, p.price_status, p.price_id,
         p.input_tokens + c.input_tokens AS input_tokens,
         p.output_tokens + c.output_tokens AS output_tokens,
         p.cache_read_tokens + c.cache_read_tokens AS cache_read_tokens,
         p.cache_write_tokens + c.cache_write_tokens AS cache_write_tokens,
         p.cache_write_1h_tokens + c.cache_write_1h_tokens AS cache_write_1h_tokens,
         p.cost_usd + c.cost_usd AS cost_usd, c.number, c.by_hand, c.is_settled
  FROM page p
  LEFT JOIN attempts t ON t.account_id = p.account_id AND t.id = p.attempt_id
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(f.input_tokens), 0)::bigint AS input_tokens,
           coalesce(sum(f.output_tokens), 0)::bigint AS output_tokens,
           coalesce(sum(f.cache_read_tokens), 0)::bigint AS cache_read_tokens,
           coalesce(sum(f.cache_write_tokens), 0)::bigint AS cache_write_tokens,
           coalesce(sum(f.cache_write_1h_tokens), 0)::bigint AS cache_write_1h_tokens,
           coalesce(sum(f.cost_usd), 0) AS cost_usd, count(f.id) AS number,
           count(f.id) FILTER (WHERE f.price_id IS NULL AND f.cost_usd <> 0) AS by_hand,
           coalesce(bool_or(f.settles_price), false) AS is_settled
    FROM cost_entries f
    WHERE f.account_id = p.account_id AND f.corrects_id = p.id
  ) AS c
), priced AS (
  SELECT f.id, f.timestamp, f.number, f.cost_usd, l.cost_nano * 0.000000001 AS new_usd, l.price_id,
         l.price_status, l.rate_permille,
         f.price_status <> 'priced' AND NOT f.is_settled AND l.price_status = 'priced' AS settles,
         CASE WHEN f.by_hand > 0 THEN 'by_hand'
           WHEN f.price_status = 'priced' AND f.price_id IS NULL THEN 'given'
           WHEN f.input_tokens = 0 AND f.output_tokens = 0 AND f.cache_read_tokens = 0
             AND f.cache_write_tokens = 0 THEN 'no_tokens'
           WHEN l.price_id IS NULL OR l.price_status = 'partial'
             AND (f.price_status = 'priced' OR f.is_settled) THEN 'no_price'
           WHEN l.cost_nano * 0.000000001 <> f.cost_usd OR f.price_status <> 'priced'
             AND NOT f.is_settled AND l.price_status = 'priced' THEN 'changed'
           ELSE 'same' END AS verdict
  FROM effective f
  CROSS JOIN LATERAL price_line(f.account_id, f.model, f.called_at, f.input_tokens,
    f.output_tokens, f.cache_read_tokens, f.cache_write_tokens, f.cache_write_1h_tokens, f.usage)
    AS l
), written AS (
  INSERT INTO cost_entries (account_id, pipeline_run_id, pipeline_step_id, assistant_id, operation,
                            model, input_tokens, output_tokens, cost_usd, price_status, price_id,
                            rate_permille, kind, corrects_id, reason, actor, settles_price,
                            idempotency_key, timestamp)
  SELECT p.account_id, p.pipeline_run_id, p.pipeline_step_id, p.assistant_id, p.operation, p.model,
         0, 0, n.new_usd - n.cost_usd, n.price_status, n.price_id, n.rate_permille, 'adjustment',
         p.id, $7::text, $8::text, n.settles, p.id || ':adjusted:' || n.number, p.timestamp
  FROM priced n JOIN page p ON p.id = n.id
  WHERE n.verdict = 'changed' AND $7::text IS NOT NULL
  ON CONFLICT DO NOTHING
  RETURNING id, cost_usd
), noted AS (
  SELECT audit_add($1::uuid, 'cost.reprice', $2::text, jsonb_build_object('lines', w.lines,
                   'difference_usd', w.cost_usd::text, 'reason', $7::text))
  FROM (SELECT count(*) AS lines, sum(cost_usd) AS cost_usd FROM written) AS w WHERE w.lines > 0
)
SELECT count(*) AS lines, count(*) FILTER (WHERE n.verdict = 'changed') AS changed,
       coalesce(sum(n.cost_usd) FILTER (WHERE n.verdict = 'changed'), 0)::numeric(20, 9)::text
         AS old_usd,
       coalesce(sum(n.new_usd) FILTER (WHERE n.verdict = 'changed'), 0)::numeric(20, 9)::text
         AS new_usd,
       count(*) FILTER (WHERE n.verdict = 'by_hand') AS by_hand,
       count(*) FILTER (WHERE n.verdict = 'given') AS given,
       count(*) FILTER (WHERE n.verdict = 'no_tokens') AS no_tokens,
       count(*) FILTER (WHERE n.verdict = 'no_price') AS no_price,
       (SELECT count(*) FROM written) + 0 * (SELECT count(*) FROM noted) AS written,
       max(n.timestamp)::text AS last_time,
       (array_agg(n.id ORDER BY n.timestamp DESC, n.id DESC))[1] AS last_id
FROM priced n;

-- What a line ($1) costs with its corrections, and how many it has.
-- name: adjustment_line
SELECT e.account_id, a.slug, e.kind, e.corrects_id, (e.cost_usd + c.cost_usd)::text AS cost_usd,
       c.number
FROM cost_entries e
JOIN accounts a ON a.id = e.account_id
CROSS JOIN LATERAL (
  SELECT coalesce(sum(f.cost_usd), 0) AS cost_usd, count(f.id) AS number
  FROM cost_entries f
  WHERE f.account_id = e.account_id AND f.corrects_id = e.id
) AS c
WHERE e.account_id = ANY (ARRAY(SELECT b.id FROM accounts b)) AND e.id = $1::uuid;

-- A correction by hand of line $2 of account $1: amount $3, reason $4, actor $5; $6 is how many
-- corrections the line had when its cost was looked at: with another one since, nothing is booked.
-- name: adjustment_add
WITH written AS (
  INSERT INTO cost_entries (account_id, pipeline_run_id, pipeline_step_id, assistant_id, operation,
                            model, input_tokens, output_tokens, cost_usd, kind, corrects_id, reason,
                            actor, idempotency_key, timestamp)
  SELECT e.account_id, e.pipeline_run_id, e.pipeline_step_id, e.assistant_id, e.operation, e.model,
         0, 0, $3::numeric, 'adjustment', e.id, $4::text, $5::text,
         e.id || ':adjusted:' || $6::bigint, e.timestamp
  FROM cost_entries e
  WHERE e.account_id = $1::uuid AND e.id = $2::uuid AND e.kind = 'call'
    AND (SELECT count(*) FROM cost_entries f
         WHERE f.account_id = e.account_id AND f.corrects_id = e.id) = $6
  ON CONFLICT DO NOTHING
  RETURNING id
)
SELECT w.id, audit_add($1::uuid, 'cost.adjust', $2::text, jsonb_build_object('correction', w.id,
  'amount_usd', $3::text, 'reason', $4::text)) AS noted
FROM written w;
