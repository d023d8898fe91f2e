-- Prices are dated rows, never edited in place. Rates are whole pico-USD per token: 1 USD per
-- million tokens is 1,000,000. A row with an account overrides the list for that account.

CREATE TABLE model_prices (
  id uuid PRIMARY KEY DEFAULT uuid_v7(),
  account_id uuid REFERENCES accounts (id) ON DELETE CASCADE,
  model text NOT NULL CHECK (model <> ''),
  valid_from timestamptz NOT NULL DEFAULT '-infinity',
  valid_to timestamptz NOT NULL DEFAULT 'infinity',
  input_pico bigint NOT NULL CHECK (input_pico >= 0),
  output_pico bigint NOT NULL CHECK (output_pico >= 0),
  cache_read_pico bigint NOT NULL CHECK (cache_read_pico >= 0),
  cache_write_5m_pico bigint NOT NULL CHECK (cache_write_5m_pico >= 0),
  cache_write_1h_pico bigint NOT NULL CHECK (cache_write_1h_pico >= 0),
  source text NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  CHECK (valid_from < valid_to)
);
-- A newer row of the same model and account takes over from its valid_from on.
CREATE UNIQUE INDEX model_prices_start ON model_prices
  (model, coalesce(account_id, '00000000-0000-0000-0000-000000000000'), valid_from, recorded_at);

-- The row that prices a call of an account at an instant: an override before the list, then the
-- latest beginning, then the latest recording.
CREATE FUNCTION price_at(p_account_id uuid, p_model text, p_at timestamptz)
RETURNS SETOF model_prices LANGUAGE sql STABLE AS $$
  SELECT id, account_id, model, valid_from, valid_to, input_pico, output_pico, cache_read_pico,
         cache_write_5m_pico, cache_write_1h_pico, source, recorded_at
  FROM model_prices
  WHERE model = p_model AND valid_from <= p_at AND p_at < valid_to
    AND (account_id IS NULL OR account_id = p_account_id)
  ORDER BY account_id NULLS LAST, valid_from DESC, recorded_at DESC
  LIMIT 1
$$;

-- List prices of the provider's public page, in USD per million tokens.
INSERT INTO model_prices (model, valid_from, valid_to, input_pico, output_pico, cache_read_pico,
                          cache_write_5m_pico, cache_write_1h_pico, source)
SELECT model, valid_from::timestamptz, valid_to::timestamptz,
       (input * 1000000)::bigint, (output * 1000000)::bigint, (cache_read * 1000000)::bigint,
       (write_5m * 1000000)::bigint, (write_1h * 1000000)::bigint,
       'provider list price, 2026-08-21'
FROM (VALUES
  ('claude-fable-5',             '-infinity', 'infinity', 10, 50, 1.00, 12.50, 20),
  ('claude-mythos-5',            '-infinity', 'infinity', 10, 50, 1.00, 12.50, 20),
  ('claude-opus-5',              '-infinity', 'infinity',  5, 25, 0.50,  6.25, 10),
  ('claude-opus-4-8',            '-infinity', 'infinity',  5, 25, 0.50,  6.25, 10),
  ('claude-opus-4-7',            '-infinity', 'infinity',  5, 25, 0.50,  6.25, 10),
  ('claude-opus-4-6',            '-infinity', 'infinity',  5, 25, 0.50,  6.25, 10),
  ('claude-opus-4-5-20251101',   '-infinity', 'infinity',  5, 25, 0.50,  6.25, 10),
  ('claude-opus-4-5',            '-infinity', 'infinity',  5, 25, 0.50,  6.25, 10),
  ('claude-sonnet-5',            '-infinity', '2026-09-01T00:00:00Z', 2, 10, 0.20, 2.50, 4),
  ('claude-sonnet-5', '2026-09-01T00:00:00Z', 'infinity',  3, 15, 0.30,  3.75,  6),
  ('claude-sonnet-4-6',          '-infinity', 'infinity',  3, 15, 0.30,  3.75,  6),
  ('claude-sonnet-4-5-20250929', '-infinity', 'infinity',  3, 15, 0.30,  3.75,  6),
  ('claude-sonnet-4-5',          '-infinity', 'infinity',  3, 15, 0.30,  3.75,  6),
  ('claude-haiku-4-5-20251001',  '-infinity', 'infinity',  1,  5, 0.10,  1.25,  2),
  ('claude-haiku-4-5',           '-infinity', 'infinity',  1,  5, 0.10,  1.25,  2)
) AS list (model, valid_from, valid_to, input, output, cache_read, write_5m, write_1h);
