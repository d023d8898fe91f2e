-- lines.sql: what booking is measured with: the lines of a generated ledger as "pending", five
-- seconds apart as in a ledger of ten million; the ledger empty; a bare table with the ledger's
-- columns, checks, indexes and foreign keys, and no trigger.
\set ON_ERROR_STOP on
CREATE UNLOGGED TABLE pending AS
SELECT row_number() OVER (ORDER BY timestamp, id) AS n, pipeline_run_id, pipeline_step_id, attempt_id,
       account_id, assistant_id, operation, model, input_tokens, output_tokens, cache_read_tokens,
       cache_write_tokens, cache_write_1h_tokens, cost_usd, idempotency_key, price_status, price_id,
       rate_permille, estimated, usage,
       now() - (100000 - row_number() OVER (ORDER BY timestamp, id)) * interval '5 seconds' AS timestamp
FROM cost_entries WHERE kind = 'call';
CREATE UNIQUE INDEX ON pending (n);
TRUNCATE cost_entries, cost_sums;
-- A line is booked while its run goes on.
UPDATE pipeline_runs SET status = 'running', total_input_tokens = 0, total_output_tokens = 0,
  total_cost_usd = 0, total_cache_read_tokens = 0, total_cache_write_tokens = 0,
  first_cost_entry_id = NULL;
VACUUM FULL pipeline_runs;

CREATE TABLE bare_entries (LIKE cost_entries INCLUDING ALL);
SELECT format('ALTER TABLE bare_entries ADD %s',
              replace(pg_get_constraintdef(oid), 'cost_entries', 'bare_entries'))
FROM pg_constraint WHERE conrelid = 'cost_entries'::regclass AND contype = 'f' \gexec

GRANT SELECT ON pending TO promptbuilder_runner;
GRANT SELECT, INSERT ON bare_entries TO promptbuilder_runner;
VACUUM ANALYZE;
