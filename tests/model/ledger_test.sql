-- ledger_test.sql: books a generated ledger again, line by line and in batches, with triggers and
-- foreign keys, and compares what they make of it with what the generator made.
\set ON_ERROR_STOP on
SET TimeZone = 'UTC';
CREATE TEMPORARY TABLE kept_lines AS SELECT * FROM cost_entries;
CREATE TEMPORARY TABLE kept_sums AS SELECT * FROM cost_sums;
CREATE TEMPORARY TABLE kept_runs AS
SELECT id, total_input_tokens, total_output_tokens, total_cost_usd, total_cache_read_tokens,
       total_cache_write_tokens, first_cost_entry_id
FROM pipeline_runs;
TRUNCATE cost_entries, cost_sums;
UPDATE pipeline_runs SET total_input_tokens = 0, total_output_tokens = 0, total_cost_usd = 0,
  total_cache_read_tokens = 0, total_cache_write_tokens = 0, first_cost_entry_id = NULL;

-- The calls of a run in order: those of every tenth run alone, the others in batches; corrections
-- last.
DO $$
DECLARE
  line kept_lines;
BEGIN
  FOR line IN SELECT * FROM kept_lines WHERE kind = 'call'
      AND hashtext(coalesce(pipeline_run_id, id)::text) % 10 = 0 ORDER BY timestamp LOOP
    INSERT INTO cost_entries SELECT line.*;
  END LOOP;
  FOR batch IN 1 .. 9 LOOP
    INSERT INTO cost_entries SELECT * FROM kept_lines WHERE kind = 'call'
      AND abs(hashtext(coalesce(pipeline_run_id, id)::text) % 10) = batch;
  END LOOP;
  INSERT INTO cost_entries SELECT * FROM kept_lines WHERE kind = 'adjustment';
END
$$;

SELECT CASE WHEN differing = 0 THEN 'ok - ' ELSE 'not ok - ' END || sentence
  || CASE WHEN differing = 0 THEN '' ELSE ': ' || differing || ' differ' END
FROM (VALUES
  ('there are lines of every kind', (SELECT 6 - count(DISTINCT sort) FROM (
     SELECT unnest(ARRAY[CASE WHEN kind = 'adjustment' THEN 'adjustment' END,
       CASE WHEN settles_price THEN 'settled' END, CASE WHEN estimated THEN 'estimated' END,
       CASE WHEN price_status = 'unpriced' THEN 'unpriced' END,
       CASE WHEN pipeline_run_id IS NULL THEN 'elsewhere' END,
       CASE WHEN rate_permille <> 1000 THEN 'batch' END]) AS sort FROM kept_lines) AS s
   WHERE sort IS NOT NULL)),
  ('the triggers make the generated sums', (SELECT count(*) FROM (
     (TABLE kept_sums EXCEPT TABLE cost_sums) UNION ALL
     (TABLE cost_sums EXCEPT TABLE kept_sums)) AS d)),
  ('the triggers make the generated totals of runs', (SELECT count(*) FROM kept_runs k
     JOIN pipeline_runs r ON r.id = k.id
     WHERE (r.total_input_tokens, r.total_output_tokens, r.total_cost_usd,
            r.total_cache_read_tokens, r.total_cache_write_tokens, r.first_cost_entry_id)
       IS DISTINCT FROM (k.total_input_tokens, k.total_output_tokens, k.total_cost_usd,
            k.total_cache_read_tokens, k.total_cache_write_tokens, k.first_cost_entry_id))),
  ('lines cost their tokens, rounded half to even', (SELECT count(*) FROM (
     SELECT e.cost_usd * 1000000000 AS nano, (e.input_tokens::numeric * p.input_pico
       + e.output_tokens * p.output_pico + e.cache_read_tokens * p.cache_read_pico
       + (e.cache_write_tokens - e.cache_write_1h_tokens) * p.cache_write_5m_pico
       + e.cache_write_1h_tokens * p.cache_write_1h_pico) * e.rate_permille / 1000000 AS exact
     FROM kept_lines e CROSS JOIN LATERAL price_at(e.account_id, e.model, e.timestamp) AS p
     WHERE e.kind = 'call') AS l
     WHERE abs(nano - exact) > 0.5 OR abs(nano - exact) = 0.5 AND nano % 2 <> 0)),
  ('ids are in the order of time', (SELECT count(*) FROM (
     SELECT timestamp < lag(timestamp) OVER (ORDER BY id) AS is_back FROM kept_lines) AS l
   WHERE is_back))
) AS checks (sentence, differing);

-- An update that writes no index is told from others by the server's own counts.
BEGIN;
WITH run AS (
  INSERT INTO pipeline_runs (account_id, assistant_id, pipeline_id, briefing_id, status,
                             briefing_data)
  SELECT account_id, id, 'pipeline_lines', 'b', 'running', '{}' FROM assistants LIMIT 1
  RETURNING account_id, assistant_id, id
)
SELECT account_id, assistant_id, id AS run_id FROM run \gset
INSERT INTO cost_entries (account_id, assistant_id, pipeline_run_id, operation, model, input_tokens,
                          output_tokens, cost_usd)
VALUES (:'account_id', :'assistant_id', :'run_id', 'prompt_generation', 'm', 1, 1, 0.1);
SELECT CASE WHEN updated = 1 AND hot = 1 THEN 'ok - ' ELSE 'not ok - ' END
  || 'the first line of a run that goes on writes no index of the run'
FROM (SELECT pg_stat_get_xact_tuples_updated('pipeline_runs'::regclass) AS updated,
             pg_stat_get_xact_tuples_hot_updated('pipeline_runs'::regclass) AS hot) AS n;
ROLLBACK;
