-- entry.sql: calls made elsewhere, checked and booked in batches. $1 is a JSON array of lines, n
-- their places in it.

-- A ledger may grow a thousandfold while a program keeps its plans: those of the statements that
-- follow in the transaction are made anew.
-- name: entry_plan_anew
SELECT set_config('plan_cache_mode', 'force_custom_plan', true) AS mode;

-- What each line means: its account (account_id or account_slug), run (run_id or pipeline_id) and
-- assistant (external id, else the run's), and what its key stands for already: a line that is
-- booked (id), or an earlier one of the batch (first_n). differs names the fields that such a line
-- has otherwise; what a line leaves to be filled in does not count.
-- name: entry_check
WITH given AS MATERIALIZED (
  SELECT l.n, l.idempotency_key, l.operation, l.model, l.timestamp, l.input_tokens,
         l.output_tokens, l.cache_read_tokens, l.cache_write_tokens, l.cache_write_1h_tokens,
         l.cost_usd AS stated_usd, l.usage, a.id AS account_id, r.id AS run_id,
         a.id IS NOT NULL AND r.id IS NULL AND coalesce(l.run_id::text, l.pipeline_id) IS NOT NULL
           AS is_run_unknown,
         coalesce(l.assistant, s.external_id) AS assistant, s.external_id AS run_assistant,
         first_value(l.n) OVER (PARTITION BY a.id, l.idempotency_key ORDER BY l.n) AS first_n
  FROM jsonb_to_recordset($1::jsonb) AS l (
    n integer, account_id uuid, account_slug text, assistant text, run_id uuid, pipeline_id text,
    idempotency_key text, operation text, model text, timestamp timestamptz, input_tokens bigint,
    output_tokens bigint, cache_read_tokens bigint, cache_write_tokens bigint,
    cache_write_1h_tokens bigint, cost_usd numeric(20,9), usage jsonb)
  LEFT JOIN accounts a ON a.id =
    coalesce(l.account_id, (SELECT b.id FROM accounts b WHERE b.slug = l.account_slug))
  LEFT JOIN pipeline_runs r ON r.account_id = a.id AND r.id =
    coalesce(l.run_id, (SELECT q.id FROM pipeline_runs q WHERE q.pipeline_id = l.pipeline_id))
  LEFT JOIN assistants s ON s.account_id = r.account_id AND s.id = r.assistant_id
), others AS (
  SELECT g.n, e.id, e.kind, s.external_id AS assistant, e.pipeline_run_id AS run_id, e.operation,
         e.model, e.timestamp, e.input_tokens, e.output_tokens, e.cache_read_tokens,
         e.cache_write_tokens, e.cache_write_1h_tokens, e.usage, e.cost_usd, e.price_status,
         e.price_id,
         CASE WHEN e.price_id IS NULL AND e.price_status = 'priced' THEN e.cost_usd
           END AS stated_usd
  FROM given g
  JOIN cost_entries e ON e.account_id = g.account_id AND e.idempotency_key = g.idempotency_key
  JOIN assistants s ON s.account_id = e.account_id AND s.id = e.assistant_id
  UNION ALL
  SELECT g.n, NULL, 'call', f.assistant, f.run_id, f.operation, f.model, f.timestamp,
         f.input_tokens, f.output_tokens, f.cache_read_tokens, f.cache_write_tokens,
         f.cache_write_1h_tokens, f.usage, NULL, NULL, NULL, f.stated_usd
  FROM given g JOIN given f ON f.n = g.first_n
  WHERE g.n > g.first_n AND f.account_id IS NOT NULL
), other AS (
  SELECT DISTINCT ON (n) n, id, kind, assistant, run_id, operation, model, timestamp, input_tokens,
         output_tokens, cache_read_tokens, cache_write_tokens, cache_write_1h_tokens, usage,
         cost_usd, price_status, price_id, stated_usd
  FROM others ORDER BY n, id NULLS LAST
)
SELECT g.n, g.account_id, g.run_id, g.assistant, g.first_n, o.id, o.cost_usd::text AS cost_usd,
       o.price_status, o.price_id, g.account_id IS NULL AS is_account_unknown, g.is_run_unknown,
       g.assistant <> g.run_assistant AS is_run_of_another,
       g.timestamp > now() + interval '5 minutes' AS is_future,
       t.id IS NULL AS is_assistant_new,
       CASE WHEN o.n IS NOT NULL THEN concat_ws(', ',
         CASE WHEN o.kind <> 'call' THEN 'kind' END,
         CASE WHEN o.assistant <> g.assistant THEN 'assistantId' END,
         CASE WHEN o.run_id IS DISTINCT FROM g.run_id THEN 'pipelineRunId' END,
         CASE WHEN o.operation <> g.operation THEN 'operation' END,
         CASE WHEN o.model <> g.model THEN 'model' END,
         CASE WHEN o.timestamp IS DISTINCT FROM g.timestamp AND g.timestamp IS NOT NULL
           THEN 'timestamp' END,
         CASE WHEN o.input_tokens <> g.input_tokens THEN 'input_tokens' END,
         CASE WHEN o.cache_read_tokens <> g.cache_read_tokens THEN 'cache_read_tokens' END,
         CASE WHEN o.cache_write_tokens <> g.cache_write_tokens THEN 'cache_write_tokens' END,
         CASE WHEN o.cache_write_1h_tokens <> g.cache_write_1h_tokens
           THEN 'cache_write_1h_tokens' END,
         CASE WHEN o.output_tokens <> g.output_tokens THEN 'output_tokens' END,
         CASE WHEN o.stated_usd IS DISTINCT FROM g.stated_usd THEN 'cost_usd' END,
         CASE WHEN o.usage IS DISTINCT FROM g.usage THEN 'usage' END) END AS differs
FROM given g
LEFT JOIN other o ON o.n = g.n
LEFT JOIN assistants t ON t.account_id = g.account_id AND t.external_id = g.assistant
ORDER BY g.n;

-- Assistants that are not there yet.
-- name: entry_assistants
INSERT INTO assistants (account_id, external_id, name)
SELECT DISTINCT l.account_id, l.assistant, l.assistant
FROM jsonb_to_recordset($1::jsonb) AS l (account_id uuid, assistant text)
ORDER BY l.account_id, l.assistant
ON CONFLICT (account_id, external_id) DO NOTHING;

-- Prices the lines by the rows of their own time and books them, all or none, in the order of
-- their keys so that writers cannot deadlock; $2: only prices them. A cost that the line states is
-- booked as it is: priced, by no row. A key that somebody else has booked meanwhile is an error.
-- name: entry_book
WITH line AS MATERIALIZED (
  SELECT l.n, l.account_id, l.run_id, s.id AS assistant_id, l.idempotency_key, l.operation,
         l.model, coalesce(l.timestamp, now()) AS timestamp, l.input_tokens, l.output_tokens,
         l.cache_read_tokens, l.cache_write_tokens, l.cache_write_1h_tokens, l.cost_usd, l.usage
  FROM jsonb_to_recordset($1::jsonb) AS l (
    n integer, account_id uuid, assistant text, run_id uuid, idempotency_key text,
    operation text, model text, timestamp timestamptz, input_tokens bigint,
    output_tokens bigint, cache_read_tokens bigint, cache_write_tokens bigint,
    cache_write_1h_tokens bigint, cost_usd numeric(20,9), usage jsonb)
  LEFT JOIN assistants s ON s.account_id = l.account_id AND s.external_id = l.assistant
), priced AS MATERIALIZED (
  SELECT l.n, coalesce(l.cost_usd, p.cost_nano * 0.000000001)::numeric(20,9) AS cost_usd,
         coalesce(p.price_status, 'priced') AS price_status, p.price_id,
         coalesce(p.rate_permille, 1000) AS rate_permille
  FROM line l
  LEFT JOIN LATERAL price_line(l.account_id, l.model, l.timestamp, l.input_tokens,
    l.output_tokens, l.cache_read_tokens, l.cache_write_tokens, l.cache_write_1h_tokens, l.usage)
    AS p ON l.cost_usd IS NULL
), booked AS (
  INSERT INTO cost_entries (account_id, pipeline_run_id, assistant_id, idempotency_key, operation,
                            model, timestamp, input_tokens, output_tokens, cache_read_tokens,
                            cache_write_tokens, cache_write_1h_tokens, cost_usd, price_status,
                            price_id, rate_permille, usage)
  SELECT l.account_id, l.run_id, l.assistant_id, l.idempotency_key, l.operation, l.model,
         l.timestamp, l.input_tokens, l.output_tokens, l.cache_read_tokens, l.cache_write_tokens,
         l.cache_write_1h_tokens, p.cost_usd, p.price_status, p.price_id, p.rate_permille, l.usage
  FROM line l JOIN priced p ON p.n = l.n
  WHERE NOT $2::boolean
  ORDER BY l.account_id, l.idempotency_key
  RETURNING id, account_id, idempotency_key
)
SELECT l.n, b.id, p.cost_usd::text AS cost_usd, p.price_status, p.price_id,
       (sum(p.cost_usd) OVER ())::text AS total_usd
FROM line l
JOIN priced p ON p.n = l.n
LEFT JOIN booked b ON b.account_id = l.account_id AND b.idempotency_key = l.idempotency_key
ORDER BY l.n;
