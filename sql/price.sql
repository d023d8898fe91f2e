-- price.sql: the dated prices that calls are charged with.

-- Every row the caller may see, an account's own after the list, the newest first, the tiers of a
-- price from short prompts to long ones. Rates are whole pico-USD per token and, beside them, USD
-- per million tokens; null where nobody has told one. is_current: what price_at picks now.
-- name: price_list
SELECT p.id, p.model, a.slug AS account_slug,
       nullif(p.valid_from, '-infinity') AS valid_from, nullif(p.valid_to, 'infinity') AS valid_to,
       p.above_tokens, usd_per_million(p.input_pico) AS input_usd_per_million,
       usd_per_million(p.output_pico) AS output_usd_per_million,
       usd_per_million(p.cache_read_pico) AS cache_read_usd_per_million,
       usd_per_million(p.cache_write_5m_pico) AS cache_write_5m_usd_per_million,
       usd_per_million(p.cache_write_1h_pico) AS cache_write_1h_usd_per_million,
       p.input_pico, p.output_pico, p.cache_read_pico, p.cache_write_5m_pico,
       p.cache_write_1h_pico, p.batch_permille, p.us_permille,
       trim_scale(p.batch_permille / 1000.0)::text AS batch_factor,
       trim_scale(p.us_permille / 1000.0)::text AS us_factor,
       p.source, p.recorded_at, coalesce(p.id = c.id, false) AS is_current,
       p.valid_from > now() AS is_future
FROM model_prices p
LEFT JOIN accounts a ON a.id = p.account_id
LEFT JOIN LATERAL price_at(p.account_id, p.model, now(), p.above_tokens + 1) AS c ON true
ORDER BY p.model, a.slug NULLS FIRST, p.valid_from DESC, p.recorded_at DESC, p.above_tokens;

-- Models that were called in the last 30 days (of UTC) and had no full price.
-- name: price_missing
SELECT d.model, sum(d.unpriced_calls)::bigint AS calls, max(d.last_at) AS last_call
FROM cost_days d
WHERE d.zone = 'UTC' AND d.day > (now() AT TIME ZONE 'UTC')::date - 30 AND d.unpriced_calls <> 0
GROUP BY d.model HAVING sum(d.unpriced_calls) > 0 ORDER BY sum(d.unpriced_calls) DESC, d.model;

-- The accounts that an operator's question may name.
-- name: price_accounts
SELECT a.slug, a.name FROM accounts a ORDER BY a.name, a.slug LIMIT 500;

-- The account of a question: $1 its slug or id.
-- name: price_account
SELECT a.id, a.slug FROM accounts a WHERE a.slug = $1::text OR a.id::text = $1;

-- What a call of now would cost: account $1 (slug or id, NULL: the list), model $2, tokens $3 to
-- $7, usage $8. Always one row; without a price only its status says something.
-- name: price_quote
SELECT l.price_status, l.rate_permille, p.id, p.model, a.slug AS account_slug,
       nullif(p.valid_from, '-infinity') AS valid_from, nullif(p.valid_to, 'infinity') AS valid_to,
       p.above_tokens, p.source, p.recorded_at, p.input_pico, p.output_pico, p.cache_read_pico,
       p.cache_write_5m_pico, p.cache_write_1h_pico, p.batch_permille, p.us_permille
FROM price_line((SELECT b.id FROM accounts b WHERE b.slug = $1::text OR b.id::text = $1),
                $2::text, now(), $3::bigint, $4::bigint, $5::bigint, $6::bigint, $7::bigint,
                $8::jsonb) AS l
LEFT JOIN model_prices p ON p.id = l.price_id
LEFT JOIN accounts a ON a.id = p.account_id;
