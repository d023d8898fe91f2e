-- What a line costs is what its statements cost: a run's first line touches no index, a single line
-- is added without aggregates, and many are added up by day before they are spread over the grains.

-- ---- Runs that nothing is booked for. ----
-- An index whose condition changes with a run's first line has all indexes of the run written with
-- it. The column does not change with a line as long as the run goes on. And a batch adds to all runs
-- of a page at once: each has room for a second version.
ALTER TABLE pipeline_runs SET (fillfactor = 50);
DROP INDEX pipeline_runs_unbooked;
ALTER TABLE pipeline_runs ADD COLUMN may_lack_lines boolean NOT NULL
  GENERATED ALWAYS AS (first_cost_entry_id IS NULL OR status IN ('queued', 'running')) STORED;
CREATE INDEX pipeline_runs_unbooked ON pipeline_runs (account_id, assistant_id)
  WHERE may_lack_lines;

-- Makes the caller a writer of the account's ledger until its transaction ends, and marks the
-- account as changed. Returns the stripe that is the caller's own.
CREATE FUNCTION ledger_writer(p_account_id uuid) RETURNS smallint LANGUAGE plpgsql AS $$
DECLARE
  own smallint := 0;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(ledger_account_lock(p_account_id));
  WHILE own < 16 AND NOT pg_try_advisory_xact_lock(ledger_stripe_lock(p_account_id, own)) LOOP
    own := own + 1;
  END LOOP;
  IF own = 16 THEN
    own := 0;
    PERFORM pg_advisory_xact_lock(ledger_stripe_lock(p_account_id, own));
  END IF;
  INSERT INTO account_marks AS m (account_id, stripe, changes) VALUES (p_account_id, own, 1)
  ON CONFLICT (account_id, stripe) DO UPDATE SET changes = m.changes + 1;
  RETURN own;
END
$$;

-- ---- Totals and sums. ----
-- What a line "e" adds to its run and its day is said once, in this block. "r" is the line's run for
-- the first line of a run, which counts it, "p" its price.
DO $migration$
DECLARE
  totals constant text := $text$
    total_input_tokens = t.total_input_tokens + e.input_tokens,
    total_output_tokens = t.total_output_tokens + e.output_tokens,
    total_cache_read_tokens = t.total_cache_read_tokens + e.cache_read_tokens,
    total_cache_write_tokens = t.total_cache_write_tokens + e.cache_write_tokens,
    total_cost_usd = t.total_cost_usd + e.cost_usd,
    first_cost_entry_id = coalesce(t.first_cost_entry_id, e.id)$text$;
  names text[] := ARRAY['lines', 'runs', 'unpriced_calls', 'cache_saved_nano'];
  measures text[] := ARRAY[
    '1::bigint',
    '(r.id IS NOT NULL)::integer::bigint',
    '((e.kind = ''call'' AND e.price_status <> ''priced'')::integer'
      ' - e.settles_price::integer)::bigint',
    -- A rate that is not known saves nothing.
    'CASE WHEN e.cache_read_tokens > 0 OR e.cache_write_tokens > 0 THEN round(('
      'e.cache_read_tokens::numeric * coalesce(p.input_pico - p.cache_read_pico, 0)'
      ' + (e.cache_write_tokens - e.cache_write_1h_tokens)::numeric'
      ' * coalesce(p.input_pico - p.cache_write_5m_pico, 0)'
      ' + e.cache_write_1h_tokens::numeric * coalesce(p.input_pico - p.cache_write_1h_pico, 0))'
      ' * e.rate_permille / 1000000)::bigint ELSE 0 END'];
  phase text;
  of_phase text;
  of_line text := '';
  of_day text := '';  -- the same, of the lines of a day
  of_days text := '';
  added text := '';
  -- The day of %1$s for each grain.
  grains constant text := $text$
  CROSS JOIN LATERAL (VALUES
    ('account_day', %1$I.day, '00000000-0000-0000-0000-000000000000'::uuid),
    ('assistant_day', %1$I.day, %2$I.assistant_id),
    ('assistant_month', date_trunc('month', %1$I.day)::date, %2$I.assistant_id)
  ) AS g (grain, day, assistant_id)$text$;
  day constant text := $text$
  CROSS JOIN LATERAL (SELECT (e.timestamp AT TIME ZONE z.zone)::date AS day) AS l$text$;
  sums text;
  is_over constant text := $text$stripe > 0 AND day < today
    AND (grain <> 'assistant_month' OR day < date_trunc('month', today))$text$;
BEGIN
  -- All operations, then the three phases; what these leave is other.
  FOREACH phase IN ARRAY ARRAY['', 'generation_', 'analysis_', 'improvement_'] LOOP
    of_phase := CASE phase WHEN '' THEN '%s'
      ELSE format('CASE WHEN e.operation = %L THEN %%s ELSE 0 END',
                  'prompt_' || rtrim(phase, '_')) END;
    names := names || ARRAY[phase || 'cost_nano', phase || 'calls', phase || 'input_tokens',
      phase || 'output_tokens', phase || 'cache_read_tokens', phase || 'cache_write_tokens'];
    measures := measures || ARRAY[
      format(of_phase, '(e.cost_usd * 1000000000)::bigint'),
      format(of_phase, '(e.kind = ''call'')::integer::bigint'),
      format(of_phase, 'e.input_tokens'), format(of_phase, 'e.output_tokens'),
      format(of_phase, 'e.cache_read_tokens'), format(of_phase, 'e.cache_write_tokens')];
  END LOOP;
  FOR i IN 1 .. cardinality(names) LOOP
    of_line := of_line || format(E',\n    %s', measures[i]);
    of_day := of_day || format(E',\n      sum(%s)::bigint AS %I', measures[i], names[i]);
    of_days := of_days || format(E',\n    sum(d.%I)::bigint', names[i]);
    added := added || format(E'\n    %1$I = s.%1$I + excluded.%1$I,', names[i]);
  END LOOP;
  added := format($text$
  ON CONFLICT (zone, grain, account_id, day, assistant_id, model, stripe) DO UPDATE SET%s
    last_at = greatest(s.last_at, excluded.last_at)$text$, added);
  -- The sums of many lines "e" in zones "z" by writers "w", both from %s; their runs from %I.
  sums := format($text$
  SELECT d.zone, g.grain, d.account_id, g.day, g.assistant_id, d.model, d.stripe%s,
    max(d.last_at)
  FROM (
    SELECT z.zone, e.account_id, l.day, e.assistant_id, e.model, w.stripe%s,
      max(e.timestamp) AS last_at
    FROM %%s%s
    LEFT JOIN model_prices p ON p.id = e.price_id
    LEFT JOIN %%I r ON r.account_id = e.account_id AND r.id = e.pipeline_run_id
      AND r.first_cost_entry_id = e.id
    GROUP BY z.zone, e.account_id, l.day, e.assistant_id, e.model, w.stripe
  ) AS d%s
  GROUP BY d.zone, g.grain, d.account_id, g.day, g.assistant_id, d.model, d.stripe$text$,
    of_days, of_day, day, format(grains, 'd', 'd'));

  -- The sums of lines in any zone, in use or not; p_account_id NULL: of all accounts that the
  -- caller may see.
  EXECUTE format($function$
CREATE OR REPLACE FUNCTION cost_sums_of(p_zone text, p_account_id uuid, p_from timestamptz,
  p_to timestamptz)
RETURNS SETOF cost_sums LANGUAGE sql STABLE AS $$%s
$$
$function$, format(sums, $text$(
      SELECT * FROM cost_entries
      WHERE (p_account_id IS NULL OR account_id = p_account_id)
        AND timestamp >= p_from AND timestamp < p_to
    ) AS e
    CROSS JOIN (SELECT p_zone AS zone) AS z
    CROSS JOIN (SELECT 0::smallint AS stripe) AS w$text$, 'pipeline_runs'));

  -- Adds a line that stands alone. Rows are taken in the order of keys, as by many lines.
  EXECUTE format($function$
CREATE FUNCTION ledger_add(e cost_entries) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  own constant smallint := ledger_writer(e.account_id);
  r pipeline_runs;
  p model_prices;
BEGIN
  UPDATE pipeline_runs t SET%s
  WHERE t.account_id = e.account_id AND t.id = e.pipeline_run_id
  RETURNING CASE WHEN t.first_cost_entry_id = e.id THEN t.id END INTO r.id;
  IF e.cache_read_tokens > 0 OR e.cache_write_tokens > 0 THEN
    SELECT * INTO p FROM model_prices WHERE id = e.price_id;
  END IF;
  INSERT INTO cost_sums AS s
  SELECT z.zone, g.grain, e.account_id, g.day, g.assistant_id, e.model, own%s,
    e.timestamp
  FROM (SELECT zone FROM reporting_zones
        WHERE account_id IS NULL OR account_id = e.account_id ORDER BY zone) AS z%s%s%s;
END
$$
$function$, totals, of_line, day, format(grains, 'l', 'e'), added);

  -- New lines: first the totals of their runs, then the sums, each in the order of keys, so that
  -- writers cannot deadlock. It works as the owner: nobody else writes sums.
  EXECUTE format($function$
CREATE OR REPLACE FUNCTION update_pipeline_run_totals() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  line cost_entries;
BEGIN
  IF (SELECT count(*) FROM new_entries) = 1 THEN
    SELECT * INTO line FROM new_entries;
    PERFORM ledger_add(line);
    RETURN NULL;
  END IF;
  WITH writer AS MATERIALIZED (
    SELECT a.account_id, ledger_writer(a.account_id) AS stripe
    FROM (SELECT DISTINCT account_id FROM new_entries ORDER BY account_id) AS a
  ), of_run AS MATERIALIZED (
    SELECT e.account_id, e.pipeline_run_id, sum(e.input_tokens) AS input_tokens,
      sum(e.output_tokens) AS output_tokens, sum(e.cache_read_tokens) AS cache_read_tokens,
      sum(e.cache_write_tokens) AS cache_write_tokens, sum(e.cost_usd) AS cost_usd,
      (array_agg(e.id ORDER BY e.timestamp, e.id))[1] AS id
    FROM writer w JOIN new_entries e ON e.account_id = w.account_id
    WHERE e.pipeline_run_id IS NOT NULL
    GROUP BY e.account_id, e.pipeline_run_id
  ), held AS MATERIALIZED (
    SELECT t.account_id, t.id
    FROM of_run e JOIN pipeline_runs t ON t.account_id = e.account_id AND t.id = e.pipeline_run_id
    ORDER BY t.account_id, t.id
    FOR NO KEY UPDATE OF t
  ), run AS (
    UPDATE pipeline_runs t SET%s
    FROM of_run e JOIN held h ON h.account_id = e.account_id AND h.id = e.pipeline_run_id
    WHERE t.account_id = e.account_id AND t.id = e.pipeline_run_id
    RETURNING t.account_id, t.id, t.first_cost_entry_id
  )
  INSERT INTO cost_sums AS s%s
  ORDER BY d.zone, g.grain, d.account_id, g.day, g.assistant_id, d.model%s;
  RETURN NULL;
END
$$
$function$, totals, format(sums, $text$writer w JOIN new_entries e ON e.account_id = w.account_id
    JOIN reporting_zones z ON z.account_id IS NULL OR z.account_id = e.account_id$text$, 'run'),
    added);

  -- Days that are over, and months, are folded for good; the runner calls it now and then. Writers
  -- would meet it in another order of rows: accounts that have one are left for the next time.
  EXECUTE format($function$
CREATE OR REPLACE FUNCTION fold_cost_sums() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  today constant date := current_date - 1; -- the earliest of any zone
  held uuid[];
BEGIN
  held := ARRAY(
    SELECT a.account_id FROM (SELECT DISTINCT account_id FROM cost_sums WHERE %1$s) AS a
    WHERE pg_try_advisory_xact_lock(ledger_account_lock(a.account_id)));
  WITH d AS (
    DELETE FROM cost_sums WHERE account_id = ANY (held) AND %1$s
    RETURNING *
  )
  INSERT INTO cost_sums AS s
  SELECT d.zone, d.grain, d.account_id, d.day, d.assistant_id, d.model, 0%2$s,
    max(d.last_at)
  FROM d
  GROUP BY d.zone, d.grain, d.account_id, d.day, d.assistant_id, d.model%3$s;
END
$$
$function$, is_over, of_days, added);
END
$migration$;
REVOKE ALL ON FUNCTION ledger_writer(uuid), ledger_add(cost_entries) FROM PUBLIC;
