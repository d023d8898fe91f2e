-- Google Sheets: every run that has ended becomes a row of a spreadsheet, written by the runners.
-- What waits to be written is an outbox, filled in the transaction that ends the run.

-- The spreadsheets that were ever written to; one at most is on. Runners take turns as its writer:
-- what each took up is counted, so that a late one is told from the next.
CREATE TABLE sheets (
  id uuid PRIMARY KEY DEFAULT uuid_v7(),
  spreadsheet_id text NOT NULL CHECK (spreadsheet_id <> ''),
  tab text NOT NULL CHECK (tab <> ''),
  is_on boolean NOT NULL DEFAULT true,
  address text, -- of the service account: whom the spreadsheet is shared with
  head text NOT NULL DEFAULT 'unknown' CHECK (head IN ('unknown', 'empty', 'there')), -- row 1
  action text CHECK (action IN ('look', 'test', 'compare', 'append')), -- what was taken up last
  epoch bigint NOT NULL DEFAULT 0, -- how often something was
  taken_at timestamptz,
  writer_id uuid,
  writer_until timestamptz,
  next_at timestamptz NOT NULL DEFAULT clock_timestamp(), -- Google is not asked before
  failures integer NOT NULL DEFAULT 0, -- since the last success
  problem text,
  problem_at timestamptz,
  last_range text,
  last_written_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (spreadsheet_id, tab),
  CHECK ((problem IS NULL) = (problem_at IS NULL))
);
CREATE UNIQUE INDEX sheets_one ON sheets (is_on) WHERE is_on;
-- Which spreadsheet a runner is set to write to.
ALTER TABLE runners ADD COLUMN sheet_id uuid;

-- Rows of a spreadsheet. A run has one; if it ends again, or is corrected afterwards, one more for
-- each time, with the difference to those before: together they are what the ledger says. The
-- amounts are fixed when the row is sent for the first time, and what is sent may be there or not
-- until it is seen.
CREATE TABLE sheet_rows (
  account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  sheet_id uuid NOT NULL REFERENCES sheets (id) ON DELETE CASCADE,
  pipeline_run_id uuid NOT NULL,
  number integer NOT NULL DEFAULT 1 CHECK (number > 0),
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'written')),
  attempts integer NOT NULL DEFAULT 0,
  epoch bigint, -- of the sheet, when it was sent
  sent_at timestamptz,
  written_at timestamptz,
  updated_range text,
  is_missing boolean NOT NULL DEFAULT false, -- a comparison did not find it
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  status text,
  ended_at timestamptz,
  input_tokens bigint,
  output_tokens bigint,
  cache_read_tokens bigint,
  cache_write_tokens bigint,
  generation_usd numeric(20, 9),
  analysis_usd numeric(20, 9),
  improvement_usd numeric(20, 9),
  other_usd numeric(20, 9),
  total_usd numeric(20, 9), -- NULL: none of them is fixed
  PRIMARY KEY (account_id, sheet_id, pipeline_run_id, number),
  FOREIGN KEY (account_id, pipeline_run_id) REFERENCES pipeline_runs (account_id, id)
    ON DELETE CASCADE,
  CHECK (total_usd = generation_usd + analysis_usd + improvement_usd + other_usd),
  CHECK (state <> 'written' OR total_usd IS NOT NULL),
  CHECK ((state = 'written') = (written_at IS NOT NULL))
);
CREATE INDEX sheet_rows_open ON sheet_rows (sheet_id, state, created_at, pipeline_run_id, number)
  WHERE state <> 'written';
CREATE INDEX sheet_rows_missing ON sheet_rows (sheet_id) WHERE is_missing;
CREATE INDEX sheet_rows_written ON sheet_rows (sheet_id, written_at) WHERE state = 'written';

-- What an operator wants of the writer, and what came of it.
CREATE TABLE sheet_orders (
  id uuid PRIMARY KEY DEFAULT uuid_v7(),
  sheet_id uuid NOT NULL REFERENCES sheets (id) ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('test', 'compare')),
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'failed')),
  requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  requested_by text NOT NULL,
  next_row integer NOT NULL DEFAULT 1, -- of the spreadsheet, for a comparison
  ended_at timestamptz,
  result jsonb,
  problem text,
  CHECK ((state = 'waiting') = (ended_at IS NULL))
);
CREATE INDEX sheet_orders_waiting ON sheet_orders (sheet_id, id) WHERE state = 'waiting';
CREATE UNIQUE INDEX sheet_orders_one ON sheet_orders (sheet_id, kind) WHERE state = 'waiting';
CREATE INDEX sheet_orders_last ON sheet_orders (sheet_id, kind, id);

-- What a comparison has read so far: rows of the spreadsheet, amounts as they stand there.
CREATE TABLE sheet_seen (
  order_id uuid NOT NULL REFERENCES sheet_orders (id) ON DELETE CASCADE,
  row_number integer NOT NULL,
  row_id text NOT NULL,
  amounts numeric(20, 9)[] NOT NULL, -- in the order of the columns; NULL: not such a number
  PRIMARY KEY (order_id, row_number)
);

-- The name of a row in the spreadsheet.
CREATE FUNCTION sheet_row_id(p_pipeline_id text, p_number integer) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public AS $$
  SELECT p_pipeline_id || CASE WHEN p_number > 1 THEN '+' || p_number ELSE '' END
$$;

-- A run has ended, or what an ended one cost has changed. A row whose amounts are not fixed yet
-- will have the new ones: the lock keeps its writer from fixing them before this is committed. A run
-- that ended before the spreadsheet was on is left to "promptbuilder sheets backfill".
CREATE FUNCTION sheet_queue() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public SET enable_seqscan = off AS $$
DECLARE
  v_sheet uuid;
  v_last record;
  v_has_ended boolean := true;
BEGIN
  SELECT s.id INTO v_sheet FROM sheets s WHERE s.is_on;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  -- By the primary key, whatever waits: no state is asked for.
  SELECT r.number, r.state = 'waiting' AND r.total_usd IS NULL AS is_open INTO v_last
  FROM sheet_rows r
  WHERE r.account_id = NEW.account_id AND r.sheet_id = v_sheet AND r.pipeline_run_id = NEW.id
  ORDER BY r.number DESC LIMIT 1;
  IF v_last.is_open THEN
    SELECT r.number, r.state = 'waiting' AND r.total_usd IS NULL AS is_open INTO v_last
    FROM sheet_rows r
    WHERE r.account_id = NEW.account_id AND r.sheet_id = v_sheet AND r.pipeline_run_id = NEW.id
      AND r.number = v_last.number
    FOR NO KEY UPDATE;
    IF v_last.is_open THEN
      RETURN NULL;
    END IF;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    v_has_ended := OLD.status <> NEW.status;
  END IF;
  IF v_has_ended OR v_last.number IS NOT NULL THEN
    INSERT INTO sheet_rows (account_id, sheet_id, pipeline_run_id, number)
    VALUES (NEW.account_id, v_sheet, NEW.id, coalesce(v_last.number, 0) + 1);
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER tr_sheet_end AFTER UPDATE ON pipeline_runs FOR EACH ROW
  WHEN (NEW.status IN ('completed', 'failed', 'cancelled')
    AND (OLD.status, OLD.total_cost_usd, OLD.total_input_tokens, OLD.total_output_tokens,
         OLD.total_cache_read_tokens, OLD.total_cache_write_tokens) IS DISTINCT FROM
        (NEW.status, NEW.total_cost_usd, NEW.total_input_tokens, NEW.total_output_tokens,
         NEW.total_cache_read_tokens, NEW.total_cache_write_tokens))
  EXECUTE FUNCTION sheet_queue();
CREATE TRIGGER tr_sheet_insert AFTER INSERT ON pipeline_runs FOR EACH ROW
  WHEN (NEW.status IN ('completed', 'failed', 'cancelled')) EXECUTE FUNCTION sheet_queue();

INSERT INTO audit_actions (action, sentence) VALUES
  ('sheet.on', 'turned a spreadsheet on or off'),
  ('sheet.order', 'asked for a test row or a comparison of the spreadsheet');
CREATE TRIGGER tr_audit_on AFTER INSERT ON sheets FOR EACH ROW
  EXECUTE FUNCTION audit_row('sheet.on', 'id', 'spreadsheet_id', 'tab', 'is_on');
CREATE TRIGGER tr_audit_change AFTER UPDATE OF is_on ON sheets FOR EACH ROW
  WHEN (OLD.is_on <> NEW.is_on)
  EXECUTE FUNCTION audit_row('sheet.on', 'id', 'spreadsheet_id', 'tab', 'is_on');
CREATE TRIGGER tr_audit_order AFTER INSERT ON sheet_orders FOR EACH ROW
  EXECUTE FUNCTION audit_row('sheet.order', 'id', 'kind');

REVOKE ALL ON FUNCTION sheet_queue(), sheet_row_id(text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sheet_row_id(text, integer) TO promptbuilder_web, promptbuilder_runner;
GRANT SELECT ON sheets, sheet_rows, sheet_orders TO promptbuilder_web;
GRANT UPDATE (next_at) ON sheets TO promptbuilder_web;
GRANT UPDATE (state, sent_at, written_at, is_missing) ON sheet_rows TO promptbuilder_web;
GRANT INSERT (sheet_id, kind, requested_by) ON sheet_orders TO promptbuilder_web;
GRANT SELECT, INSERT, UPDATE ON sheets TO promptbuilder_runner;
GRANT SELECT, UPDATE ON sheet_rows, sheet_orders TO promptbuilder_runner;
GRANT INSERT, DELETE ON sheet_rows TO promptbuilder_runner;
GRANT SELECT, INSERT, UPDATE, DELETE ON sheet_seen TO promptbuilder_runner;

DO $$
DECLARE
  t text;
  operator constant text := '(SELECT current_setting(''app.operator'', true) = ''on'')';
  own_account constant text := 'account_id = (SELECT nullif(current_setting(''app.account_id'','
    ' true), '''')::uuid) OR ' || operator;
BEGIN
  FOREACH t IN ARRAY ARRAY['sheets', 'sheet_rows', 'sheet_orders', 'sheet_seen'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY runner ON %I TO promptbuilder_runner'
                   ' USING (true) WITH CHECK (true)', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['sheets', 'sheet_orders'] LOOP
    EXECUTE format('CREATE POLICY web ON %I TO promptbuilder_web USING (%s) WITH CHECK (%s)', t,
                   operator, operator);
  END LOOP;
  EXECUTE format('CREATE POLICY web ON sheet_rows TO promptbuilder_web USING (%s) WITH CHECK (%s)',
                 own_account, own_account);
  EXECUTE format('CREATE POLICY web_change ON sheet_rows AS RESTRICTIVE FOR UPDATE'
                 ' TO promptbuilder_web USING ((%s) AND %s)', own_account, operator);
END
$$;
