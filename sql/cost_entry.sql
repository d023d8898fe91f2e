-- cost_entry.sql: one line of the ledger, explained; and where the lines lie that a list shows.

-- The line and what stands around it: account, price, call, run, the line it corrects and those
-- that correct it. An id is looked for in every account that the caller may see.
-- name: cost_entry_get
SELECT e.id, e.kind, a.slug AS account_slug, a.name AS account_name,
       s.external_id AS assistant_external_id, s.name AS assistant_name, e.operation, e.model,
       e.input_tokens, e.output_tokens, e.cache_read_tokens, e.cache_write_tokens,
       e.cache_write_1h_tokens, e.cost_usd::text AS cost_usd, e.price_status, e.rate_permille,
       e.estimated, coalesce(e.idempotency_key, e.attempt_id::text) AS idempotency_key, e.timestamp, e.created_at, e.corrects_id, e.reason,
       e.actor, e.settles_price,
       coalesce(nullif(e.usage, '{"booked": "reserved"}'), t.usage) AS usage,
       CASE WHEN e.estimated THEN coalesce(t.error_message,
         'The provider did not tell the tokens; they were counted by size.') END
         AS estimate_reason,
       CASE WHEN p.id IS NOT NULL THEN json_build_object(
         'id', p.id, 'model', p.model, 'account_slug', CASE WHEN p.account_id IS NOT NULL
           THEN a.slug END,
         'valid_from', to_char(nullif(p.valid_from, '-infinity'), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
         'valid_to', to_char(nullif(p.valid_to, 'infinity'), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
         'above_tokens', p.above_tokens, 'source', p.source,
         'recorded_at', to_char(p.recorded_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
         'input_pico', p.input_pico, 'output_pico', p.output_pico,
         'cache_read_pico', p.cache_read_pico, 'cache_write_5m_pico', p.cache_write_5m_pico,
         'cache_write_1h_pico', p.cache_write_1h_pico, 'batch_permille', p.batch_permille,
         'us_permille', p.us_permille) END AS price,
       CASE WHEN t.id IS NOT NULL THEN json_build_object(
         'id', t.id, 'step', k.step_key, 'number', t.number, 'state', t.state,
         'succeeded', t.succeeded, 'http_status', t.http_status, 'stop_reason', t.stop_reason,
         'error_type', t.error_type, 'error_message', t.error_message,
         'provider_message_id', t.provider_message_id,
         'provider_request_id', t.provider_request_id,
         'opened_at', to_char(t.opened_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
         'duration_ms', t.duration_ms) END AS call,
       CASE WHEN r.id IS NOT NULL THEN json_build_object(
         'id', r.id, 'pipeline_id', r.pipeline_id) END AS run,
       (SELECT coalesce(json_agg(json_build_object(
          'id', f.id, 'created_at', to_char(f.created_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
          'cost_usd', f.cost_usd::text, 'settles_price', f.settles_price, 'reason', f.reason,
          'actor', f.actor) ORDER BY f.created_at, f.id), '[]')
        FROM cost_entries f WHERE f.account_id = e.account_id AND f.corrects_id = e.id)
         AS adjustments,
       (e.cost_usd + coalesce((SELECT sum(f.cost_usd) FROM cost_entries f
          WHERE f.account_id = e.account_id AND f.corrects_id = e.id), 0))::text
         AS effective_cost_usd
FROM cost_entries e
JOIN accounts a ON a.id = e.account_id
JOIN assistants s ON s.account_id = e.account_id AND s.id = e.assistant_id
LEFT JOIN cost_entries b ON b.account_id = e.account_id AND b.id = e.corrects_id
LEFT JOIN attempts t ON t.account_id = e.account_id
  AND t.id = coalesce(e.attempt_id, b.attempt_id)
LEFT JOIN pipeline_steps k ON k.account_id = t.account_id AND k.id = t.pipeline_step_id
LEFT JOIN pipeline_runs r ON r.account_id = e.account_id AND r.id = e.pipeline_run_id
LEFT JOIN model_prices p ON p.id = e.price_id
WHERE e.account_id = ANY (ARRAY(SELECT c.id FROM accounts c)) AND e.id = $1::uuid;

-- What its amount is made of: the tokens of the call with the corrections up to this line, the
-- rates of its price row, and what had been booked of the call before it.
-- name: cost_entry_parts
SELECT n.input_tokens, n.output_tokens, n.cache_read_tokens, n.cache_write_tokens,
       n.cache_write_1h_tokens, n.before_usd::text AS before_usd, e.cost_usd::text AS cost_usd,
       coalesce(e.usage ->> 'booked' = 'reserved', false) AS is_reserved, e.rate_permille,
       p.input_pico, p.output_pico, p.cache_read_pico, p.cache_write_5m_pico,
       p.cache_write_1h_pico
FROM cost_entries e
JOIN model_prices p ON p.id = e.price_id
CROSS JOIN LATERAL (
  SELECT sum(f.input_tokens)::bigint AS input_tokens, sum(f.output_tokens)::bigint AS output_tokens,
         sum(f.cache_read_tokens)::bigint AS cache_read_tokens,
         sum(f.cache_write_tokens)::bigint AS cache_write_tokens,
         sum(f.cache_write_1h_tokens)::bigint AS cache_write_1h_tokens,
         coalesce(sum(f.cost_usd) FILTER (WHERE f.id <> e.id), 0::numeric(20, 9)) AS before_usd
  FROM cost_entries f
  WHERE f.account_id = e.account_id
    AND (f.id IN (e.id, e.corrects_id)
         OR f.corrects_id = e.corrects_id AND (f.created_at, f.id) < (e.created_at, e.id))
) AS n
WHERE e.account_id = ANY (ARRAY(SELECT c.id FROM accounts c)) AND e.id = $1::uuid;

-- Between which instants the lines lie that cost_list is asked for: of account $1 (slug) or $2 (id)
-- or of everybody; with a filter, assistant $3 (external id) or $4 (id), model $5, operation $6;
-- from day $7 to day $8 in zone $9 (NULL: the account's own, else $10); not after $11. Days at the
-- end on which the assistant or model has no line are left out, known from the sums. With a filter
-- the lines from floor_at on are as many as may be looked at, $12 (NULL: all).
-- name: cost_entry_bounds
WITH asked AS (
  SELECT coalesce($9::text, (SELECT a.time_zone FROM accounts a
                             WHERE a.slug = $1::text OR a.id = $2::uuid), $10::text) AS tz,
         ARRAY(SELECT a.id FROM accounts a
               WHERE coalesce($1, $2::text) IS NULL OR a.slug = $1 OR a.id = $2) AS account_ids
), period AS (
  SELECT account_ids, day_start(tz, $7::date) AS from_at,
         coalesce(least(day_start(tz, $8::date + 1),
                        $11::timestamptz + interval '1 microsecond'), 'infinity') AS to_at
  FROM asked
  WHERE now() AT TIME ZONE tz IS NOT NULL -- refuses an unknown zone
), latest AS MATERIALIZED (
  SELECT account_ids, from_at,
         CASE WHEN coalesce($3::text, $4::uuid::text, $5::text) IS NULL THEN to_at
           ELSE least(to_at, coalesce((
             SELECT (max(d.day) + 1)::timestamp AT TIME ZONE 'UTC'
             FROM unnest(account_ids) AS a (id) CROSS JOIN LATERAL (
               SELECT c.day FROM cost_sums c
               WHERE c.zone = 'UTC' AND c.grain = 'assistant_day' AND c.account_id = a.id
                 AND c.day <= (to_at AT TIME ZONE 'UTC')::date
                 AND CASE WHEN coalesce($3, $4::text) IS NULL THEN true
                       ELSE c.assistant_id = ANY (ARRAY(
                         SELECT t.id FROM assistants t WHERE t.external_id = $3 OR t.id = $4)) END
                 AND CASE WHEN $5 IS NULL THEN true ELSE c.model = $5 END
               ORDER BY c.day DESC LIMIT 1) AS d), '-infinity')) END AS to_at
  FROM period
)
SELECT l.from_at, l.to_at,
       CASE WHEN coalesce($3, $4::text, $5, $6::text) IS NOT NULL THEN (
         SELECT f.timestamp FROM (
           (SELECT e.timestamp FROM cost_entries e
            WHERE coalesce($1, $2::text) IS NOT NULL AND e.account_id = l.account_ids[1]
              AND e.timestamp < l.to_at
            ORDER BY e.timestamp DESC LIMIT 1 OFFSET $12::integer)
           UNION ALL
           (SELECT e.timestamp FROM cost_entries e
            WHERE coalesce($1, $2::text) IS NULL AND e.timestamp < l.to_at
            ORDER BY e.timestamp DESC LIMIT 1 OFFSET $12)) AS f
         WHERE $12 IS NOT NULL AND f.timestamp > coalesce(l.from_at, '-infinity')) END AS floor_at
FROM latest l;
