-- price.sql: the dated prices that calls are charged with.

-- Every row the caller may see, an account's own after the list, the newest first. Rates are
-- whole pico-USD per token and, beside them, USD per million tokens. is_current: what price_at
-- picks now.
-- name: price_list
SELECT p.id, p.model, a.slug AS account_slug,
       nullif(p.valid_from, '-infinity') AS valid_from, nullif(p.valid_to, 'infinity') AS valid_to,
       trim_scale(p.input_pico / 1000000::numeric)::text AS input_usd_per_million,
       trim_scale(p.output_pico / 1000000::numeric)::text AS output_usd_per_million,
       trim_scale(p.cache_read_pico / 1000000::numeric)::text AS cache_read_usd_per_million,
       trim_scale(p.cache_write_5m_pico / 1000000::numeric)::text
         AS cache_write_5m_usd_per_million,
       trim_scale(p.cache_write_1h_pico / 1000000::numeric)::text
         AS cache_write_1h_usd_per_million,
       p.input_pico, p.output_pico, p.cache_read_pico, p.cache_write_5m_pico,
       p.cache_write_1h_pico, p.source, p.recorded_at, p.id = c.id AS is_current,
       p.valid_from > now() AS is_future
FROM model_prices p
LEFT JOIN accounts a ON a.id = p.account_id
LEFT JOIN LATERAL price_at(p.account_id, p.model, now()) AS c ON true
ORDER BY p.model, a.slug NULLS FIRST, p.valid_from DESC, p.recorded_at DESC;

-- Models that were called in the last 30 days and had no price.
-- name: price_missing
SELECT e.model, count(*) AS calls, max(e.timestamp) AS last_call
FROM cost_entries e
WHERE e.timestamp > now() - interval '30 days' AND e.price_status <> 'priced'
GROUP BY e.model ORDER BY count(*) DESC, e.model;
