-- An account as files: which tables are its own, how their rows become lines of JSON and rows
-- again without a difference, and how triggers are told that what comes has happened elsewhere.

INSERT INTO audit_actions (action, sentence) VALUES
  ('account.export', 'exported an account'),
  ('account.import', 'imported an account');

-- Rows may come before what they point to: a run points to its version, a version to its run.
ALTER TABLE pipeline_runs ALTER CONSTRAINT pipeline_runs_account_id_prompt_version_id_fkey
  DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE prompt_versions ALTER CONSTRAINT prompt_versions_account_id_parent_id_fkey
  DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE cost_entries ALTER CONSTRAINT cost_entries_corrects_fkey
  DEFERRABLE INITIALLY IMMEDIATE;

-- Each table with rows of accounts, in the order in which they are brought in; own: the column that
-- names the account; sorted: a total order that no collation changes; why_not: it stays behind.
CREATE FUNCTION account_tables()
RETURNS TABLE (place integer, name text, own text, sorted text, omitted text[], why_not text)
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public AS $$
  VALUES
    (1, 'accounts', 'id', 'id', '{mermaid_token_hash}'::text[], NULL),
    (2, 'assistants', 'account_id', 'id', '{}', NULL),
    (3, 'model_prices', 'account_id', 'id', '{}', NULL),
    (4, 'pipeline_runs', 'account_id', 'id', '{}', NULL),
    (5, 'pipeline_steps', 'account_id', 'id', '{}', NULL),
    (6, 'jobs', 'account_id', 'pipeline_run_id', '{}', NULL),
    (7, 'attempts', 'account_id', 'id', '{}', NULL),
    (8, 'prompt_versions', 'account_id', 'id', '{}', NULL),
    (9, 'cost_entries', 'account_id', 'timestamp, id', '{}', NULL),
    (10, 'budgets', 'account_id', 'id', '{}', NULL),
    (11, 'budget_alerts', 'account_id', 'budget_id, subject COLLATE "C", threshold', '{}', NULL),
    (12, 'deployments', 'account_id', 'assistant_id, environment COLLATE "C"', '{}', NULL),
    (13, 'deployment_events', 'account_id', 'id', '{}', NULL),
    (14, 'version_approvals', 'account_id', 'prompt_version_id, actor COLLATE "C"', '{}', NULL),
    (15, 'version_notes', 'account_id', 'id', '{}', NULL),
    (16, 'audit_entries', 'account_id', 'seq', '{}', NULL),
    (17, 'account_deletions', 'account_id', 'account_id', '{}', NULL),
    (NULL, 'access_tokens', 'account_id', NULL, '{}', 'secrets'),
    (NULL, 'sessions', 'account_id', NULL, '{}', 'secrets'),
    (NULL, 'outbox', 'account_id', NULL, '{}', 'events on their way to the webhook'),
    (NULL, 'outbox_attempts', 'account_id', NULL, '{}', 'how such events were delivered'),
    (NULL, 'sheet_rows', 'account_id', NULL, '{}', 'of the spreadsheet of this installation'),
    (NULL, 'cost_sums', 'account_id', NULL, '{}', 'made anew from the lines'),
    (NULL, 'reporting_zones', 'account_id', NULL, '{}',
     'those of the account and its budgets are put in use'),
    (NULL, 'account_marks', 'account_id', NULL, '{}', 'of this installation'),
    (NULL, 'account_turns', 'account_id', NULL, '{}', 'of this installation')
$$;

-- The columns of a table that are exported, in their order.
CREATE FUNCTION account_columns(p_name text) RETURNS TABLE (name text, type text)
LANGUAGE sql STABLE SET search_path = pg_catalog, public AS $$
  SELECT a.attname::text, format_type(a.atttypid, NULL)
  FROM account_tables() t
  JOIN pg_attribute a ON a.attrelid = t.name::regclass AND a.attnum > 0 AND NOT a.attisdropped
    AND a.attgenerated = '' AND a.attname <> ALL (t.omitted)
  WHERE t.name = p_name
  ORDER BY a.attnum
$$;

-- What a price of the list is wherever it was recorded: a name made of what it says.
CREATE FUNCTION price_key(p model_prices) RETURNS uuid
LANGUAGE sql STABLE SET search_path = pg_catalog, public AS $$
  SELECT md5(jsonb_build_array(p.model, p.valid_from AT TIME ZONE 'UTC',
    p.valid_to AT TIME ZONE 'UTC', p.above_tokens, p.input_pico, p.output_pico, p.cache_read_pico,
    p.cache_write_5m_pico, p.cache_write_1h_pico, p.batch_permille, p.us_permille)::text)::uuid
$$;

-- ---- Rows to lines. ----

-- Opens the cursor "export_rows": a line of JSON for each row of a table; "list_prices": the prices
-- of the list that lines or calls of the account name; "prompts": the texts of versions. Numbers
-- with decimals are text; p_prices has the keys of the list's prices by their ids.
CREATE FUNCTION export_open(p_name text, p_account_id uuid, p_prices jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
  v_rows refcursor := 'export_rows';
  v_columns text;
BEGIN
  IF p_name = 'list_prices' THEN
    OPEN v_rows FOR
      SELECT DISTINCT ON (price_key(p)) json_build_object('id', price_key(p), 'model', p.model,
        'valid_from', p.valid_from, 'valid_to', p.valid_to, 'input_pico', p.input_pico,
        'output_pico', p.output_pico, 'cache_read_pico', p.cache_read_pico,
        'cache_write_5m_pico', p.cache_write_5m_pico,
        'cache_write_1h_pico', p.cache_write_1h_pico, 'above_tokens', p.above_tokens,
        'batch_permille', p.batch_permille, 'us_permille', p.us_permille)::text
      FROM model_prices p
      WHERE p.account_id IS NULL AND p.id IN (
        SELECT e.price_id FROM cost_entries e WHERE e.account_id = p_account_id
        UNION SELECT t.price_id FROM attempts t WHERE t.account_id = p_account_id)
      ORDER BY price_key(p);
  ELSIF p_name = 'prompts' THEN
    OPEN v_rows FOR
      SELECT json_build_object('external_id', s.external_id, 'number', v.version_number,
        'prompt', v.prompt_content, 'injection', v.injection_content)::text
      FROM assistants s JOIN prompt_versions v ON v.account_id = s.account_id
        AND v.assistant_id = s.id
      WHERE s.account_id = p_account_id
        AND (v.prompt_content <> '' OR v.injection_content <> '')
      ORDER BY s.external_id COLLATE "C", v.version_number;
  ELSE
    SELECT string_agg(CASE
        WHEN c.name = 'price_id'
          THEN 'coalesce(($2 ->> t.price_id::text)::uuid, t.price_id) AS price_id'
        WHEN c.type = 'numeric' THEN format('t.%1$I::text AS %1$I', c.name)
        ELSE format('t.%I', c.name) END, ', ')
    INTO v_columns FROM account_columns(p_name) AS c;
    OPEN v_rows FOR EXECUTE (
      SELECT format('SELECT row_to_json(r)::text FROM (SELECT %s FROM %I t WHERE t.%I = $1'
        ' ORDER BY %s) AS r', v_columns, t.name, t.own, t.sorted)
      FROM account_tables() t WHERE t.name = p_name) USING p_account_id, p_prices;
  END IF;
END
$$;

-- The next lines, up to about p_bytes of them.
CREATE FUNCTION export_next(p_bytes integer) RETURNS SETOF text
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
  v_rows refcursor := 'export_rows';
  v_line text;
  v_taken bigint := 0;
BEGIN
  WHILE v_taken < p_bytes LOOP
    FETCH v_rows INTO v_line;
    EXIT WHEN NOT FOUND;
    v_taken := v_taken + octet_length(v_line);
    RETURN NEXT v_line;
  END LOOP;
END
$$;

-- ---- Lines to rows. ----

-- Whether this transaction brings in what has happened elsewhere. Only the owner's sessions can say
-- so, whatever a function that works as the owner does for others.
CREATE FUNCTION owns_installation() RETURNS boolean LANGUAGE sql STABLE
RETURN (SELECT pg_has_role(session_user, c.relowner, 'USAGE')
        FROM pg_class c WHERE c.oid = 'public.accounts'::regclass);
CREATE FUNCTION is_importing() RETURNS boolean LANGUAGE sql STABLE
RETURN coalesce(current_setting('app.is_importing', true), '') = 'on' AND owns_installation();

-- Nothing is told, summed, refused or noted of a row that is brought in: all of that is in the
-- files, or is made anew afterwards. Rows mark their account, since pages are kept by these marks.
DO $$
DECLARE
  t record;
BEGIN
  FOR t IN
    SELECT pg_get_triggerdef(g.oid) AS text
    FROM pg_trigger g
    JOIN account_tables() a ON g.tgrelid = a.name::regclass
    WHERE NOT g.tgisinternal AND g.tgtype & 4 <> 0
      AND (a.why_not IS NULL OR a.name = 'reporting_zones')
      AND g.tgfoid NOT IN ('mark_account()'::regprocedure, 'fill_step_account()'::regprocedure)
  LOOP
    EXECUTE overlay(CASE
      WHEN t.text LIKE '% WHEN (%' THEN regexp_replace(t.text, ' WHEN \((.*)\) EXECUTE ',
        ' WHEN (NOT is_importing() AND (\1)) EXECUTE ')
      ELSE replace(t.text, ' EXECUTE ', ' WHEN (NOT is_importing()) EXECUTE ') END
      PLACING 'CREATE OR REPLACE' FROM 1 FOR 6);
  END LOOP;
END
$$;

-- A line that was made elsewhere is new, too; those of calls were asked for before the deletion.
CREATE TRIGGER tr_refuse_deleted BEFORE INSERT ON cost_entries FOR EACH ROW
  WHEN (NEW.kind = 'call' AND NEW.attempt_id IS NULL AND NOT is_importing())
  EXECUTE FUNCTION refuse_deleted_account();

-- The statement that adds lines of JSON to a table: $1 the lines, $2 the account, $3 the ids of the
-- list's prices by their keys, $4 another slug. A row of another account breaks the key that is not
-- null, since it gets none.
CREATE FUNCTION import_statement(p_name text, p_columns text[]) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, public AS $$
  SELECT format('INSERT INTO %I (%s) SELECT %s FROM string_to_table($1, E''\n'') WITH ORDINALITY'
      ' AS l (line, number) CROSS JOIN LATERAL json_populate_record(NULL::%1$I, l.line::json) AS r'
      ' ORDER BY l.number', t.name, string_agg(format('%I', c.name), ', '),
    string_agg(CASE
      WHEN c.name = t.own THEN format('CASE WHEN r.%1$I = $2 THEN r.%1$I END', c.name)
      WHEN c.name = 'price_id' THEN 'coalesce(($3 ->> r.price_id::text)::uuid, r.price_id)'
      WHEN t.name = 'accounts' AND c.name = 'slug' THEN 'coalesce($4, r.slug)'
      ELSE format('r.%I', c.name) END, ', '))
  FROM account_tables() t CROSS JOIN LATERAL account_columns(t.name) AS c
  WHERE t.name = p_name AND c.name = ANY (p_columns)
  GROUP BY t.name
$$;

-- Adds lines to a table. No row: all of them; otherwise the first that could not be added, from 1,
-- and why. Columns that the files do not have get what the table gives them.
CREATE FUNCTION import_lines(p_name text, p_columns text[], p_lines text, p_account_id uuid,
  p_prices jsonb, p_slug text) RETURNS TABLE (line bigint, fault text)
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
  v_statement constant text := import_statement(p_name, p_columns);
  v_line text;
BEGIN
  BEGIN
    EXECUTE v_statement USING p_lines, p_account_id, p_prices, p_slug;
    RETURN;
  EXCEPTION WHEN OTHERS THEN
    NULL; -- one after the other, to know which
  END;
  FOR line, v_line IN
    SELECT l.number, l.line
    FROM string_to_table(p_lines, E'\n') WITH ORDINALITY AS l (line, number) ORDER BY l.number
  LOOP
    BEGIN
      EXECUTE v_statement USING v_line, p_account_id, p_prices, p_slug;
    EXCEPTION WHEN OTHERS THEN
      fault := SQLERRM;
      RETURN NEXT;
      RETURN;
    END;
  END LOOP;
END
$$;

-- The list's prices that lines of "list_prices" tell of: the id that each has here, NULL: none.
CREATE FUNCTION import_list_prices(p_lines text)
RETURNS TABLE (key uuid, id uuid, model text, valid_from timestamptz)
LANGUAGE sql STABLE SET search_path = pg_catalog, public AS $$
  SELECT r.id, (SELECT p.id FROM model_prices p
                WHERE p.account_id IS NULL AND p.model = r.model AND price_key(p) = r.id
                ORDER BY p.id LIMIT 1), r.model, r.valid_from
  FROM string_to_table(p_lines, E'\n') AS l (line)
  CROSS JOIN LATERAL json_populate_record(NULL::model_prices, l.line::json) AS r
$$;

-- Adds those that the list lacks. Each counts as recorded when it began, so that a price of this
-- list with the same beginning goes before it.
CREATE FUNCTION import_add_prices(p_lines text, p_source text) RETURNS bigint
LANGUAGE sql VOLATILE SET search_path = pg_catalog, public AS $$
  WITH added AS (
    INSERT INTO model_prices (id, model, valid_from, valid_to, input_pico, output_pico,
      cache_read_pico, cache_write_5m_pico, cache_write_1h_pico, above_tokens, batch_permille,
      us_permille, source, recorded_at)
    SELECT r.id, r.model, r.valid_from, r.valid_to, r.input_pico, r.output_pico,
      r.cache_read_pico, r.cache_write_5m_pico, r.cache_write_1h_pico, r.above_tokens,
      r.batch_permille, r.us_permille, p_source, least(greatest(r.valid_from, 'epoch'), now())
    FROM import_list_prices(p_lines) AS m
    JOIN string_to_table(p_lines, E'\n') AS l (line) ON m.id IS NULL
    JOIN LATERAL json_populate_record(NULL::model_prices, l.line::json) AS r ON r.id = m.key
    RETURNING 1)
  SELECT count(*) FROM added
$$;

-- Puts the zones that the account and its budgets need in use, where they are not.
CREATE FUNCTION import_zones(p_account_id uuid) RETURNS void
LANGUAGE sql VOLATILE SET search_path = pg_catalog, public AS $$
  INSERT INTO reporting_zones (zone, account_id, is_ready)
  SELECT n.zone, p_account_id, true
  FROM (SELECT a.time_zone AS zone FROM accounts a WHERE a.id = p_account_id
        UNION SELECT b.zone FROM budgets b
        WHERE b.account_id = p_account_id AND b.ended_at IS NULL) AS n
  WHERE n.zone IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM reporting_zones z
    WHERE z.zone = n.zone AND (z.account_id IS NULL OR z.account_id = p_account_id))
$$;

REVOKE ALL ON FUNCTION account_tables(), account_columns(text), price_key(model_prices),
  export_open(text, uuid, jsonb), export_next(integer), owns_installation(), is_importing(),
  import_statement(text, text[]), import_lines(text, text[], text, uuid, jsonb, text),
  import_list_prices(text), import_add_prices(text, text), import_zones(uuid) FROM PUBLIC;
-- Their triggers ask.
GRANT EXECUTE ON FUNCTION is_importing(), owns_installation()
  TO promptbuilder_web, promptbuilder_runner;
