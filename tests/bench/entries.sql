-- Time of 100 single inserts into the ledger of one run, when it is empty and after 5000 lines.
CREATE TEMPORARY TABLE run AS
SELECT account_id, id, assistant_id FROM pipeline_runs ORDER BY created_at DESC LIMIT 1;
CREATE PROCEDURE pg_temp.insert_lines(lines integer) LANGUAGE plpgsql AS $$
BEGIN
  FOR n IN 1..lines LOOP
    INSERT INTO cost_entries (account_id, pipeline_run_id, assistant_id, operation, model,
                              input_tokens, output_tokens, cost_usd)
    SELECT account_id, id, assistant_id, 'prompt_analysis', 'claude-sonnet-5', 1, 1, 0.000018
    FROM run;
    COMMIT;
  END LOOP;
END
$$;
DO $$
DECLARE
  begun timestamptz;
  early_us bigint;
  late_us bigint;
BEGIN
  CALL pg_temp.insert_lines(200);
  begun := clock_timestamp();
  CALL pg_temp.insert_lines(100);
  early_us := extract(epoch FROM clock_timestamp() - begun) * 10000;
  CALL pg_temp.insert_lines(4700);
  begun := clock_timestamp();
  CALL pg_temp.insert_lines(100);
  late_us := extract(epoch FROM clock_timestamp() - begun) * 10000;
  RAISE INFO 'a cost entry: % us after 200 lines, % us after 5000, ratio %',
    early_us, late_us, round(late_us::numeric / greatest(early_us, 1), 2);
END
$$;
