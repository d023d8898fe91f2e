-- price_import.sql: the rows of a published price file, compared with the list and taken over.

-- Compares, model by model, what the file ($1, JSON rows; $2: its prices are dated) and the list
-- say at every instant at which either begins a price, and in every tier that either has. An
-- undated file says something of now. A family's price also counts for those of its snapshots that
-- have rows of their own here, since those come first. A rate that the file does not tell is no
-- difference. kind: new, changed; conflict, when a price of ours begins at the same instant; ours,
-- when only we have a price that begins there; same; twice, when the file contradicts itself. row:
-- what is to be recorded, all tiers of a price together.
-- name: price_import_diff
WITH given AS (
  SELECT f.entry, CASE WHEN f.model LIKE '%-latest' THEN price_family(f.model) ELSE f.model END
           AS model,
         CASE WHEN NOT $2::boolean THEN now() WHEN f.valid_from IS NULL THEN '-infinity'
           ELSE f.valid_from::date::timestamp AT TIME ZONE 'UTC' END AS valid_from,
         f.above_tokens, f.input_pico, f.output_pico, f.cache_read_pico, f.cache_write_5m_pico,
         f.cache_write_1h_pico
  FROM jsonb_to_recordset($1::jsonb) AS f (
    entry text, model text, valid_from text, above_tokens bigint, input_pico bigint,
    output_pico bigint, cache_read_pico bigint, cache_write_5m_pico bigint,
    cache_write_1h_pico bigint)
), file AS (
  -- A snapshot that the same entry names beside its family says nothing more.
  SELECT DISTINCT g.model, g.valid_from, g.above_tokens, g.input_pico, g.output_pico,
         g.cache_read_pico, g.cache_write_5m_pico, g.cache_write_1h_pico
  FROM given g
  WHERE NOT EXISTS (SELECT FROM given o WHERE o.entry = g.entry AND o.model <> g.model
                      AND o.model = price_family(g.model))
), twice AS (
  SELECT DISTINCT model FROM file GROUP BY model, valid_from, above_tokens HAVING count(*) > 1
), names AS (
  SELECT f.model, f.model AS source FROM file f
  WHERE f.model NOT IN (SELECT t.model FROM twice t)
  UNION
  SELECT p.model, f.model FROM model_prices p JOIN file f ON f.model = price_family(p.model)
  WHERE p.account_id IS NULL AND p.model NOT IN (SELECT g.model FROM file g)
    AND f.model NOT IN (SELECT t.model FROM twice t)
), instants AS (
  SELECT b.model, b.source, b.at, bool_or(b.in_file) AS in_file, bool_or(NOT b.in_file) AS in_list
  FROM (
    SELECT n.model, n.source, f.valid_from AS at, true AS in_file
    FROM names n JOIN file f ON f.model = n.source
    UNION ALL
    SELECT n.model, n.source, p.valid_from, false
    FROM names n JOIN model_prices p ON p.model = n.model AND p.account_id IS NULL
    WHERE $2 AND EXISTS (SELECT FROM file f WHERE f.model = n.source
                           AND f.valid_from <= p.valid_from)
  ) AS b
  GROUP BY b.model, b.source, b.at
), heights AS (
  SELECT n.model, f.above_tokens FROM names n JOIN file f ON f.model = n.source
  UNION
  SELECT n.model, p.above_tokens FROM names n
  JOIN model_prices p ON p.model = n.model AND p.account_id IS NULL
), compared AS (
  SELECT i.model, i.at, h.above_tokens, n.above_tokens = h.above_tokens AS has_row, i.in_file,
         n.input_pico, n.output_pico, n.cache_read_pico, n.cache_write_5m_pico,
         n.cache_write_1h_pico, o.input_pico AS old_input, o.output_pico AS old_output,
         o.cache_read_pico AS old_cache_read, o.cache_write_5m_pico AS old_write_5m,
         o.cache_write_1h_pico AS old_write_1h, o.id IS NOT NULL AS has_old, o.source,
         EXISTS (SELECT FROM file b WHERE b.model = i.source AND b.valid_from = n.valid_from
                   AND b.above_tokens < n.above_tokens AND b.input_pico > n.input_pico)
           AS is_cheaper_above,
         CASE WHEN o.id IS NULL THEN 'new'
           WHEN n.input_pico = o.input_pico AND n.output_pico = o.output_pico
             AND (n.cache_read_pico IS NULL
                  OR n.cache_read_pico IS NOT DISTINCT FROM o.cache_read_pico)
             AND (n.cache_write_5m_pico IS NULL
                  OR n.cache_write_5m_pico IS NOT DISTINCT FROM o.cache_write_5m_pico)
             AND (n.cache_write_1h_pico IS NULL
                  OR n.cache_write_1h_pico IS NOT DISTINCT FROM o.cache_write_1h_pico) THEN 'same'
           WHEN NOT i.in_file THEN 'ours' WHEN i.in_list THEN 'conflict' ELSE 'changed' END AS kind
  FROM instants i
  JOIN heights h ON h.model = i.model
  CROSS JOIN LATERAL (
    SELECT f.valid_from, f.above_tokens, f.input_pico, f.output_pico, f.cache_read_pico,
           f.cache_write_5m_pico, f.cache_write_1h_pico
    FROM file f
    WHERE f.model = i.source AND f.valid_from <= i.at AND f.above_tokens <= h.above_tokens
    ORDER BY f.valid_from DESC, f.above_tokens DESC LIMIT 1
  ) AS n
  LEFT JOIN LATERAL price_at(NULL, i.model, i.at, h.above_tokens + 1) AS o ON true
  WHERE n.above_tokens = h.above_tokens OR o.above_tokens = h.above_tokens
)
SELECT c.kind, c.model, c.at,
       CASE WHEN isfinite(c.at) THEN to_char(c.at AT TIME ZONE 'UTC', 'YYYY-MM-DD')
         ELSE 'ever' END AS "from", nullif(c.above_tokens, 0) AS above,
       concat_ws(' -> ', CASE WHEN c.has_old AND c.old_input <> c.input_pico
         THEN usd_per_million(c.old_input) END, usd_per_million(c.input_pico)) AS input,
       concat_ws(' -> ', CASE WHEN c.has_old AND c.old_output <> c.output_pico
         THEN usd_per_million(c.old_output) END, usd_per_million(c.output_pico)) AS output,
       concat_ws(' -> ', CASE WHEN c.has_old AND c.old_cache_read IS DISTINCT FROM c.cache_read_pico
         THEN coalesce(usd_per_million(c.old_cache_read), '?') END,
         coalesce(usd_per_million(c.cache_read_pico), '?')) AS cache_read,
       concat_ws(' -> ', CASE WHEN c.has_old
           AND c.old_write_5m IS DISTINCT FROM c.cache_write_5m_pico
         THEN coalesce(usd_per_million(c.old_write_5m), '?') END,
         coalesce(usd_per_million(c.cache_write_5m_pico), '?')) AS cache_write_5m,
       concat_ws(' -> ', CASE WHEN c.has_old
           AND c.old_write_1h IS DISTINCT FROM c.cache_write_1h_pico
         THEN coalesce(usd_per_million(c.old_write_1h), '?') END,
         coalesce(usd_per_million(c.cache_write_1h_pico), '?')) AS cache_write_1h,
       CASE c.kind WHEN 'conflict' THEN 'ours is from: ' || c.source
         WHEN 'ours' THEN 'stays; ours is from: ' || c.source END AS remark,
       CASE WHEN c.kind IN ('new', 'changed', 'conflict') THEN (
         SELECT string_agg(w.reason, '; ') FROM (VALUES
           (c.cache_read_pico > c.input_pico, 'a cache read costs more than input'),
           (c.output_pico < c.input_pico, 'output costs less than input'),
           (c.cache_write_5m_pico < c.input_pico, 'a cache write costs less than input'),
           (c.cache_write_1h_pico < c.cache_write_5m_pico,
            'a cache write for 1 h costs less than one for 5 min'),
           (c.is_cheaper_above, 'a longer prompt costs less'),
           (least(c.input_pico, c.output_pico) = 0, 'a rate of 0'),
           (greatest(c.input_pico, c.output_pico) > 1000000000,
            'more than 1000 USD per million tokens'),
           (EXISTS (SELECT FROM (VALUES (c.old_input, c.input_pico), (c.old_output, c.output_pico),
                      (c.old_cache_read, c.cache_read_pico),
                      (c.old_write_5m, c.cache_write_5m_pico),
                      (c.old_write_1h, c.cache_write_1h_pico)) AS j (a, b)
                    WHERE j.a <> j.b AND greatest(j.a, j.b) >= 10 * least(j.a, j.b)::numeric),
            'ten times the price before, or a tenth of it')
         ) AS w (holds, reason) WHERE w.holds) END AS implausible,
       CASE WHEN c.in_file AND c.has_row AND bool_or(c.kind <> 'same') OVER (
           PARTITION BY c.model, c.at) THEN jsonb_build_object(
         'model', c.model, 'valid_from', c.at::text, 'above_tokens', c.above_tokens,
         'input_pico', c.input_pico, 'output_pico', c.output_pico,
         'cache_read_pico', c.cache_read_pico, 'cache_write_5m_pico', c.cache_write_5m_pico,
         'cache_write_1h_pico', c.cache_write_1h_pico) END AS row
FROM compared c
UNION ALL
SELECT 'twice', t.model, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       'the file prices it more than once', NULL, NULL
FROM twice t
ORDER BY model, at, above NULLS FIRST;

-- Records rows of the comparison ($1) with a source ($2), all or nothing.
-- name: price_import_apply
INSERT INTO model_prices (model, valid_from, above_tokens, input_pico, output_pico,
                          cache_read_pico, cache_write_5m_pico, cache_write_1h_pico, source,
                          batch_permille, us_permille)
SELECT n.model, n.valid_from, n.above_tokens, n.input_pico, n.output_pico, n.cache_read_pico,
       n.cache_write_5m_pico, n.cache_write_1h_pico, $2::text, m.batch_permille, m.us_permille
FROM jsonb_to_recordset($1::jsonb) AS n (
  model text, valid_from timestamptz, above_tokens bigint, input_pico bigint, output_pico bigint,
  cache_read_pico bigint, cache_write_5m_pico bigint, cache_write_1h_pico bigint)
CROSS JOIN LATERAL price_multipliers(NULL, n.model, n.valid_from) AS m;
