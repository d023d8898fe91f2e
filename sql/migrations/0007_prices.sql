-- Prices whole: tiers by the length of the prompt, multipliers, rates that nobody has told; one
-- function that prices a line; and the list as it stands at this release.
--
-- The shipped list lives in migrations: a release's changes are new rows, recorded once, in order
-- and in a transaction, and never fight with what an operator has recorded since. A later release
-- adds a migration with the rows that changed; nothing is repeated.

ALTER TABLE model_prices
  -- Community files lack some cache rates. NULL: not known; 0: free.
  ALTER COLUMN cache_read_pico DROP NOT NULL,
  ALTER COLUMN cache_write_5m_pico DROP NOT NULL,
  ALTER COLUMN cache_write_1h_pico DROP NOT NULL,
  -- A row above 0 prices the whole request when its prompt (uncached, cache read and cache written
  -- tokens together) is longer than this: a prompt of exactly above_tokens is below the tier. The
  -- tiers of one price share model, account, valid_from and recorded_at.
  ADD COLUMN above_tokens bigint NOT NULL DEFAULT 0 CHECK (above_tokens >= 0),
  -- Thousandths by which all rates are multiplied in a batch, and for inference in the US.
  ADD COLUMN batch_permille integer NOT NULL DEFAULT 1000
    CHECK (batch_permille BETWEEN 1 AND 10000),
  ADD COLUMN us_permille integer NOT NULL DEFAULT 1000 CHECK (us_permille BETWEEN 1 AND 10000),
  -- Both together are whole thousandths again, so that the product stays exact.
  ADD CONSTRAINT model_prices_permille CHECK (batch_permille * us_permille % 1000 = 0);
DROP INDEX model_prices_start;
CREATE UNIQUE INDEX model_prices_start ON model_prices
  (model, coalesce(account_id, '00000000-0000-0000-0000-000000000000'), valid_from, recorded_at,
   above_tokens);

-- The multipliers of the rows that are there: a batch is half the price; inference in the US costs
-- 1.1 from the models 4.6 on.
UPDATE model_prices SET batch_permille = 500,
  us_permille = CASE WHEN model ~ '^claude-(fable|mythos|opus|sonnet)-(5|4-[678])$' THEN 1100
    ELSE 1000 END
WHERE account_id IS NULL AND source = 'provider list price, 2026-08-21';

-- Lines name the row that priced them, so it stays as it was. Rows of an account go with it.
CREATE FUNCTION keep_price() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND OLD.account_id IS NOT NULL
     AND NOT EXISTS (SELECT FROM accounts WHERE id = OLD.account_id) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION USING ERRCODE = 'PB409', MESSAGE = 'A price is never changed or deleted:'
    ' record a newer one, which takes over from its first instant.';
END
$$;
CREATE TRIGGER tr_keep_price BEFORE UPDATE OR DELETE ON model_prices
  FOR EACH ROW EXECUTE FUNCTION keep_price();

-- claude-opus-4-5-20251101 and claude-opus-4-5-latest are snapshots of claude-opus-4-5.
CREATE FUNCTION price_family(p_model text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN regexp_replace(p_model, '-([0-9]{4}-?[0-9]{2}-?[0-9]{2}|latest)$', '');

-- The row that prices a call of an account at an instant. In this order: an account's own row
-- before the list, a row of the very model before its family's, the latest beginning, the latest
-- recording, and of that price the tier of the prompt.
DROP FUNCTION price_at(uuid, text, timestamptz);
CREATE FUNCTION price_at(p_account_id uuid, p_model text, p_at timestamptz,
                         p_prompt_tokens bigint DEFAULT 0)
RETURNS SETOF model_prices LANGUAGE sql STABLE AS $$
  SELECT id, account_id, model, valid_from, valid_to, input_pico, output_pico, cache_read_pico,
         cache_write_5m_pico, cache_write_1h_pico, source, recorded_at, above_tokens,
         batch_permille, us_permille
  -- The names are made once, not for every row that is looked at.
  FROM (SELECT ARRAY[p_model, price_family(p_model)] AS names OFFSET 0) AS n
  JOIN model_prices ON model = ANY (n.names)
  WHERE valid_from <= p_at AND p_at < valid_to
    AND (account_id IS NULL OR account_id = p_account_id)
    AND (above_tokens = 0 OR above_tokens < p_prompt_tokens)
  ORDER BY account_id NULLS LAST, model <> p_model, valid_from DESC, recorded_at DESC,
           above_tokens DESC
  LIMIT 1
$$;

-- The dearest that a token can cost under the price in force, whatever the length of its prompt,
-- in the US or not: what a reservation counts with. No row: there is no price.
CREATE FUNCTION price_ceiling(p_account_id uuid, p_model text, p_at timestamptz)
RETURNS TABLE (price_id uuid, input_pico numeric, output_pico numeric) LANGUAGE sql STABLE AS $$
  SELECT p.id,
         max(greatest(t.input_pico, t.cache_read_pico, t.cache_write_5m_pico)::numeric
             * greatest(t.us_permille, 1000)) / 1000,
         max(t.output_pico::numeric * greatest(t.us_permille, 1000)) / 1000
  FROM price_at(p_account_id, p_model, p_at) AS p
  JOIN model_prices t ON t.model = p.model AND t.account_id IS NOT DISTINCT FROM p.account_id
    AND t.valid_from = p.valid_from AND t.recorded_at = p.recorded_at
  GROUP BY p.id
$$;

-- Prices one line: whole nano-USD, rounded once, half to even, as in src/base/money.c. Always one
-- row; without a price the status is unpriced and the cost 0; partial: a bucket with tokens has no
-- rate and is left out. An amount beyond 64 bits is refused with 22003. p_usage is the provider's
-- usage object: it says whether the call was part of a batch and where it ran.
CREATE FUNCTION price_line(p_account_id uuid, p_model text, p_at timestamptz, p_input bigint,
                           p_output bigint, p_cache_read bigint, p_cache_write bigint,
                           p_cache_write_1h bigint, p_usage jsonb)
RETURNS TABLE (cost_nano bigint, price_id uuid, price_status text, rate_permille integer)
LANGUAGE sql STABLE AS $$
  SELECT coalesce(s.whole + CASE WHEN s.rest > 500000 OR s.rest = 500000 AND mod(s.whole, 2) = 1
                              THEN 1 ELSE 0 END, 0)::bigint,
         s.id, s.status, coalesce(s.permille, 1000)
  FROM (
    SELECT u.id, u.status, u.permille, div(u.pico * u.permille, 1000000) AS whole,
           mod(u.pico * u.permille, 1000000) AS rest
    FROM (
      SELECT p.id,
             CASE WHEN p.id IS NULL THEN 'unpriced'
               WHEN p.cache_read_pico IS NULL AND p_cache_read > 0
                 OR p.cache_write_5m_pico IS NULL AND p_cache_write > p_cache_write_1h
                 OR p.cache_write_1h_pico IS NULL AND p_cache_write_1h > 0 THEN 'partial'
               ELSE 'priced' END AS status,
             CASE WHEN p_usage ->> 'service_tier' = 'batch' THEN p.batch_permille ELSE 1000 END
               * CASE WHEN p_usage ->> 'inference_geo' = 'us' THEN p.us_permille ELSE 1000 END
               / 1000 AS permille,
             p_input::numeric * p.input_pico + p_output::numeric * p.output_pico
               + p_cache_read::numeric * coalesce(p.cache_read_pico, 0)
               + (p_cache_write::numeric - p_cache_write_1h) * coalesce(p.cache_write_5m_pico, 0)
               + p_cache_write_1h::numeric * coalesce(p.cache_write_1h_pico, 0) AS pico
      FROM (SELECT least(p_input::numeric + p_cache_read + p_cache_write,
                         9223372036854775807)::bigint AS tokens OFFSET 0) AS prompt
      LEFT JOIN LATERAL price_at(p_account_id, p_model, p_at, prompt.tokens) AS p ON true
    ) AS u
  ) AS s
$$;

-- The multipliers of a new row that tells none: those of the row in force, else what the provider
-- of claude models has for all of them today.
CREATE FUNCTION price_multipliers(p_account_id uuid, p_model text, p_at timestamptz)
RETURNS TABLE (batch_permille integer, us_permille integer) LANGUAGE sql STABLE AS $$
  SELECT coalesce(p.batch_permille, CASE WHEN p_model LIKE 'claude-%' THEN 500 ELSE 1000 END),
         coalesce(p.us_permille, CASE WHEN p_model LIKE 'claude-%' THEN 1100 ELSE 1000 END)
  FROM (VALUES (1)) AS one (row)
  LEFT JOIN LATERAL price_at(p_account_id, p_model, p_at) AS p ON true
$$;

CREATE FUNCTION usd_per_million(p_pico bigint) RETURNS text LANGUAGE sql IMMUTABLE
RETURN trim_scale(p_pico / 1000000::numeric)::text;

-- Models without a price, of any account, are looked for on the page of prices.
CREATE INDEX cost_sums_unpriced ON cost_sums (day)
  WHERE zone = 'UTC' AND grain = 'assistant_day' AND unpriced_calls <> 0;

REVOKE ALL ON FUNCTION price_at(uuid, text, timestamptz, bigint), price_family(text),
  price_ceiling(uuid, text, timestamptz), usd_per_million(bigint), keep_price(),
  price_multipliers(uuid, text, timestamptz),
  price_line(uuid, text, timestamptz, bigint, bigint, bigint, bigint, bigint, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION price_at(uuid, text, timestamptz, bigint), price_family(text),
  price_ceiling(uuid, text, timestamptz), usd_per_million(bigint),
  price_line(uuid, text, timestamptz, bigint, bigint, bigint, bigint, bigint, jsonb)
  TO promptbuilder_web, promptbuilder_runner;

-- ---- The provider's list, in USD per million tokens, as it stands at this release. ----

-- A price is recorded with all its tiers unless it is there already; a model that an operator has
-- priced for all accounts is left to him. The reading rate of claude-sonnet-5-5 is told as 0.20
-- and as 0.10: the dearer one holds until it is confirmed.
WITH list (model, first, above, input, output, cache_read, write_5m, write_1h, us, source) AS (
  VALUES
  ('claude-fable-5', '-infinity', 0, 10, 50, 1, 12.5, 20, 1100, 'list'),
  ('claude-mythos-5', '-infinity', 0, 10, 50, 1, 12.5, 20, 1100, 'list'),
  ('claude-opus-5', '-infinity', 0, 5, 25, 0.5, 6.25, 10, 1100, 'list'),
  ('claude-opus-4-8', '-infinity', 0, 5, 25, 0.5, 6.25, 10, 1100, 'list'),
  ('claude-opus-4-7', '-infinity', 0, 5, 25, 0.5, 6.25, 10, 1100, 'list'),
  ('claude-opus-4-6', '-infinity', 0, 5, 25, 0.5, 6.25, 10, 1100, 'history'),
  ('claude-opus-4-6', '-infinity', 200000, 10, 37.5, 1, 12.5, 20, 1100, 'history'),
  ('claude-opus-4-6', '2026-03-13', 0, 5, 25, 0.5, 6.25, 10, 1100, 'list'),
  ('claude-opus-4-5', '-infinity', 0, 5, 25, 0.5, 6.25, 10, 1000, 'list'),
  ('claude-opus-4-5-20251101', '-infinity', 0, 5, 25, 0.5, 6.25, 10, 1000, 'list'),
  ('claude-opus-4-1', '-infinity', 0, 15, 75, 1.5, 18.75, 30, 1000, 'history'),
  ('claude-opus-4', '-infinity', 0, 15, 75, 1.5, 18.75, 30, 1000, 'history'),
  ('claude-opus-4-0', '-infinity', 0, 15, 75, 1.5, 18.75, 30, 1000, 'history'),
  ('claude-sonnet-5', '-infinity', 0, 2, 10, 0.2, 2.5, 4, 1100, 'list'),
  ('claude-sonnet-5', '2026-09-01', 0, 3, 15, 0.3, 3.75, 6, 1100, 'list'),
  ('claude-sonnet-4-6', '-infinity', 0, 3, 15, 0.3, 3.75, 6, 1100, 'history'),
  ('claude-sonnet-4-6', '-infinity', 200000, 6, 22.5, 0.6, 7.5, 12, 1100, 'history'),
  ('claude-sonnet-4-6', '2026-03-13', 0, 3, 15, 0.3, 3.75, 6, 1100, 'list'),
  ('claude-sonnet-4-5', '-infinity', 0, 3, 15, 0.3, 3.75, 6, 1000, 'list'),
  ('claude-sonnet-4-5', '-infinity', 200000, 6, 22.5, 0.6, 7.5, 12, 1000, 'history'),
  ('claude-sonnet-4-5-20250929', '-infinity', 0, 3, 15, 0.3, 3.75, 6, 1000, 'list'),
  ('claude-sonnet-4-5-20250929', '-infinity', 200000, 6, 22.5, 0.6, 7.5, 12, 1000, 'history'),
  ('claude-sonnet-4', '-infinity', 0, 3, 15, 0.3, 3.75, 6, 1000, 'history'),
  ('claude-sonnet-4', '-infinity', 200000, 6, 22.5, 0.6, 7.5, 12, 1000, 'history'),
  ('claude-sonnet-4-0', '-infinity', 0, 3, 15, 0.3, 3.75, 6, 1000, 'history'),
  ('claude-sonnet-4-0', '-infinity', 200000, 6, 22.5, 0.6, 7.5, 12, 1000, 'history'),
  ('claude-haiku-4-5', '-infinity', 0, 1, 5, 0.1, 1.25, 2, 1000, 'list'),
  ('claude-haiku-4-5-20251001', '-infinity', 0, 1, 5, 0.1, 1.25, 2, 1000, 'list'),
  ('claude-3-7-sonnet', '-infinity', 0, 3, 15, 0.3, 3.75, 6, 1000, 'history'),
  ('claude-3-5-sonnet', '-infinity', 0, 3, 15, 0.3, 3.75, 6, 1000, 'history'),
  ('claude-3-5-haiku', '-infinity', 0, 0.8, 4, 0.08, 1, 1.6, 1000, 'history'),
  ('claude-3-opus', '-infinity', 0, 15, 75, 1.5, 18.75, 30, 1000, 'history'),
  ('claude-3-sonnet', '-infinity', 0, 3, 15, 0.3, 3.75, 6, 1000, 'history'),
  ('claude-3-haiku', '-infinity', 0, 0.25, 1.25, 0.03, 0.3, 0.5, 1000, 'history'),
  ('claude-fable-5-1', '-infinity', 0, 10, 50, 0.25, 12.5, 20, 1100, 'later'),
  ('claude-mythos-5-1', '-infinity', 0, 10, 50, 0.25, 12.5, 20, 1100, 'later'),
  ('claude-opus-5-5', '-infinity', 0, 4, 20, 0.2, 5, 8, 1100, 'later'),
  ('claude-sonnet-5-5', '-infinity', 0, 2, 10, 0.2, 2.5, 4, 1100, 'later'),
  ('claude-haiku-5-5', '2026-10-07', 0, 0.1, 0.5, 0.01, 0.125, 0.2, 1100, 'later'),
  ('claude-haiku-5-5', '2026-10-07', 100000, 0.5, 2.5, 0.05, 0.625, 1, 1100, 'later'),
  ('claude-2', '-infinity', 0, 8, 24, NULL, NULL, NULL, 1000, 'history'),
  ('claude-v1', '-infinity', 0, 8, 24, NULL, NULL, NULL, 1000, 'history'),
  ('claude-2.0', '-infinity', 0, 8, 24, NULL, NULL, NULL, 1000, 'history'),
  ('claude-2.1', '-infinity', 0, 8, 24, NULL, NULL, NULL, 1000, 'history')
), sources (source, text) AS (
  VALUES ('list', 'provider list price, 2026-08-21'),
         ('history', 'former list price, as public price files tell it, 2026-11-26'),
         ('later', 'provider documentation of October 2026, to be confirmed')
), priced AS (
  SELECT l.model, l.first::timestamp AT TIME ZONE 'UTC' AS valid_from, l.above AS above_tokens,
         (l.input * 1000000)::bigint AS input_pico, (l.output * 1000000)::bigint AS output_pico,
         (l.cache_read * 1000000)::bigint AS cache_read_pico,
         (l.write_5m * 1000000)::bigint AS cache_write_5m_pico,
         (l.write_1h * 1000000)::bigint AS cache_write_1h_pico, s.text AS source,
         CASE WHEN l.model ~ '^claude-(2|v1)' THEN 1000 ELSE 500 END AS batch_permille,
         l.us AS us_permille
  FROM list l JOIN sources s USING (source)
)
INSERT INTO model_prices (model, valid_from, above_tokens, input_pico, output_pico,
                          cache_read_pico, cache_write_5m_pico, cache_write_1h_pico, source,
                          batch_permille, us_permille)
SELECT n.model, n.valid_from, n.above_tokens, n.input_pico, n.output_pico, n.cache_read_pico,
       n.cache_write_5m_pico, n.cache_write_1h_pico, n.source, n.batch_permille, n.us_permille
FROM priced n
WHERE NOT EXISTS (
  SELECT FROM model_prices p WHERE p.account_id IS NULL AND p.model = n.model
    AND p.source <> 'provider list price, 2026-08-21')
AND EXISTS (
  SELECT FROM priced t WHERE t.model = n.model AND t.valid_from = n.valid_from AND NOT EXISTS (
    SELECT FROM model_prices p
    WHERE p.account_id IS NULL AND p.model = t.model AND p.valid_from = t.valid_from
      AND p.above_tokens = t.above_tokens AND p.input_pico = t.input_pico
      AND p.output_pico = t.output_pico AND p.cache_read_pico = t.cache_read_pico
      AND p.cache_write_5m_pico = t.cache_write_5m_pico
      AND p.cache_write_1h_pico = t.cache_write_1h_pico));
