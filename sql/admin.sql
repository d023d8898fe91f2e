-- admin.sql: the statements of the operator's tool, run as the owner of the database.

-- name: admin_account_list
SELECT a.slug, a.name,
       CASE WHEN EXISTS (SELECT 1 FROM access_tokens t WHERE t.account_id = a.id
           AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now()))
         THEN 'yes' ELSE 'no' END AS has_token,
       (SELECT count(*) FROM assistants s WHERE s.account_id = a.id) AS assistants,
       count(r.id) AS runs, trim_scale(coalesce(sum(r.total_cost_usd), 0)) AS total_cost_usd,
       a.weight, coalesce(a.max_running::text, '-') AS max_running,
       to_char(a.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI"Z"') AS created_at,
       to_char(a.deleted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI"Z"') AS deleted_at
FROM accounts a
LEFT JOIN pipeline_runs r ON r.account_id = a.id
GROUP BY a.id
ORDER BY a.slug;

-- name: admin_price_list
SELECT p.model, coalesce(a.slug, '(all)') AS account,
       CASE WHEN isfinite(p.valid_from)
         THEN to_char(p.valid_from AT TIME ZONE 'UTC', 'YYYY-MM-DD') ELSE 'ever' END AS valid_from,
       CASE WHEN isfinite(p.valid_to)
         THEN to_char(p.valid_to AT TIME ZONE 'UTC', 'YYYY-MM-DD') ELSE 'open' END AS valid_to,
       nullif(p.above_tokens, 0) AS above, usd_per_million(p.input_pico) AS input,
       usd_per_million(p.output_pico) AS output, usd_per_million(p.cache_read_pico) AS cache_read,
       usd_per_million(p.cache_write_5m_pico) AS cache_write_5m,
       usd_per_million(p.cache_write_1h_pico) AS cache_write_1h,
       trim_scale(p.batch_permille / 1000.0) AS batch, trim_scale(p.us_permille / 1000.0) AS us,
       p.source
FROM model_prices p
LEFT JOIN accounts a ON a.id = p.account_id
WHERE ($1::text IS NULL OR p.model = $1::text) AND ($2::text IS NULL OR a.slug = $2::text)
ORDER BY p.model, a.slug NULLS FIRST, p.valid_from, p.recorded_at, p.above_tokens;

-- A price of an account ($1, NULL: of all) with its tiers ($8, JSON), from day $3 (NULL: now) until
-- day $4; a day begins in UTC. Multipliers that are not given ($5, $6) stay as they are.
-- name: admin_price_set
INSERT INTO model_prices (account_id, model, valid_from, valid_to, source, batch_permille,
                          us_permille, above_tokens, input_pico, output_pico, cache_read_pico,
                          cache_write_5m_pico, cache_write_1h_pico)
SELECT $1::uuid, $2::text, f.first, coalesce($4::date::timestamp AT TIME ZONE 'UTC', 'infinity'),
       $7::text, coalesce($5::integer, m.batch_permille), coalesce($6::integer, m.us_permille),
       t.above_tokens, t.input_pico, t.output_pico, t.cache_read_pico, t.cache_write_5m_pico,
       t.cache_write_1h_pico
FROM (SELECT coalesce($3::date::timestamp AT TIME ZONE 'UTC', now())) AS f (first)
CROSS JOIN jsonb_to_recordset($8::jsonb) AS t (
  above_tokens bigint, input_pico bigint, output_pico bigint, cache_read_pico bigint,
  cache_write_5m_pico bigint, cache_write_1h_pico bigint)
CROSS JOIN LATERAL price_multipliers($1::uuid, $2::text, f.first) AS m
RETURNING to_char(valid_from AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS valid_from;

-- name: admin_run_list
SELECT r.pipeline_id, a.slug AS account, s.external_id AS assistant, r.status,
       to_char(r.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"') AS launched,
       r.duration_ms, r.total_input_tokens AS input_tokens,
       r.total_output_tokens AS output_tokens, r.total_cost_usd AS cost_usd
FROM pipeline_runs r
JOIN accounts a ON a.id = r.account_id
JOIN assistants s ON s.account_id = r.account_id AND s.id = r.assistant_id
WHERE ($1::text IS NULL OR a.slug = $1::text) AND ($2::text IS NULL OR r.status = $2::text)
ORDER BY r.created_at DESC, r.id DESC
LIMIT $3::int;

-- name: admin_run_show
SELECT r.pipeline_id, r.id, r.account_id, a.slug AS account, s.external_id AS assistant,
       r.model, r.status, r.error_message, r.target_score, r.iteration_limit, r.retry_count,
       to_char(r.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS launched_at,
       to_char(r.completed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS completed_at,
       r.duration_ms, r.total_input_tokens, r.total_output_tokens, r.total_cache_read_tokens,
       r.total_cache_write_tokens, r.total_cost_usd, j.waiting_for,
       CASE WHEN j.run_after > now()
         THEN to_char(j.run_after AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') END
         AS waiting_until
FROM pipeline_runs r
JOIN accounts a ON a.id = r.account_id
JOIN assistants s ON s.account_id = r.account_id AND s.id = r.assistant_id
LEFT JOIN jobs j ON j.account_id = r.account_id AND j.pipeline_run_id = r.id
  AND j.state = 'queued'
WHERE r.pipeline_id = $1::text OR r.id::text = lower($1::text);

-- name: admin_run_steps
SELECT s.step_key AS step, s.status, s.duration_ms, s.metadata ->> 'score' AS score,
       coalesce(sum(e.input_tokens), 0)::bigint AS input_tokens,
       coalesce(sum(e.output_tokens), 0)::bigint AS output_tokens,
       coalesce(sum(e.cost_usd), 0) AS cost_usd
FROM pipeline_steps s
LEFT JOIN cost_entries e ON e.account_id = s.account_id AND e.pipeline_step_id = s.id
WHERE s.account_id = $1::uuid AND s.pipeline_run_id = $2::uuid
GROUP BY s.account_id, s.id
ORDER BY s.step_order, s.created_at;
