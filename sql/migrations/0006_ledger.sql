-- The ledger as it is kept: corrections are lines of their own, calls made elsewhere are lines
-- without a run, and every line moves, in its own transaction, the totals of its run and the sums
-- of its day and month in each zone in use.

-- UUID version 7 (RFC 9562) as one expression, which the planner puts in the place of the call: 48
-- bits of milliseconds over a random UUID of version 4, whose version bits become 0111.
CREATE OR REPLACE FUNCTION uuid_v7() RETURNS uuid LANGUAGE sql VOLATILE AS $$
  SELECT encode(set_bit(set_bit(
    overlay(uuid_send(gen_random_uuid()) PLACING
      substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
      FROM 1 FOR 6),
    52, 1), 53, 1), 'hex')::uuid
$$;

-- ---- Lines. ----

ALTER TABLE cost_entries
  ALTER COLUMN pipeline_run_id DROP NOT NULL,
  ADD COLUMN kind text NOT NULL DEFAULT 'call' CHECK (kind IN ('call', 'adjustment')),
  -- Product of the multipliers (batch, region) that the price row's rates were taken with.
  ADD COLUMN rate_permille integer NOT NULL DEFAULT 1000
    CHECK (rate_permille BETWEEN 0 AND 100000),
  -- An adjustment that gives a call its price which had none, or not all of it.
  ADD COLUMN settles_price boolean NOT NULL DEFAULT false,
  ADD COLUMN corrects_id uuid,
  ADD COLUMN reason text,
  ADD COLUMN actor text,
  ADD CONSTRAINT cost_entries_adjustment CHECK (
    CASE kind
      WHEN 'adjustment' THEN corrects_id IS NOT NULL AND coalesce(reason, '') <> ''
        AND coalesce(actor, '') <> ''
      ELSE corrects_id IS NULL AND reason IS NULL AND actor IS NULL AND NOT settles_price
    END),
  -- Amounts are added up as whole nano-USD in 64 bits.
  ADD CONSTRAINT cost_entries_amount CHECK (
    abs(cost_usd) <= 9000000000 AND (kind = 'adjustment' OR cost_usd >= 0)) NOT VALID,
  DROP CONSTRAINT cost_entries_buckets,
  ADD CONSTRAINT cost_entries_buckets CHECK (
    kind = 'adjustment'
    OR input_tokens >= 0 AND output_tokens >= 0 AND cache_read_tokens >= 0
       AND cache_write_tokens >= 0 AND cache_write_1h_tokens BETWEEN 0 AND cache_write_tokens
  ) NOT VALID;

-- The ledger is large: it has the indexes that are used and no others. Its key begins with the id,
-- which grows with time: new lines fill the last page of the index, whoever's they are.
-- So do those by time, which are read backwards, and that of the calls of our own: the attempt is
-- the idempotency key of its line.
DROP INDEX idx_cost_entries_assistant, idx_cost_entries_operation, cost_entries_id,
  cost_entries_account_time, idx_cost_entries_timestamp, cost_entries_idempotency;
CREATE UNIQUE INDEX cost_entries_idempotency ON cost_entries (idempotency_key, account_id)
  WHERE idempotency_key IS NOT NULL;
CREATE UNIQUE INDEX cost_entries_attempt ON cost_entries (attempt_id)
  WHERE attempt_id IS NOT NULL AND kind = 'call';
CREATE INDEX cost_entries_account_time ON cost_entries (account_id, timestamp);
CREATE INDEX idx_cost_entries_timestamp ON cost_entries (timestamp);
ALTER TABLE cost_entries DROP CONSTRAINT cost_entries_pkey;
ALTER TABLE cost_entries
  ADD PRIMARY KEY (id, account_id),
  ADD CONSTRAINT cost_entries_corrects_fkey FOREIGN KEY (account_id, corrects_id)
    REFERENCES cost_entries (account_id, id);
CREATE INDEX cost_entries_corrects ON cost_entries (account_id, corrects_id)
  WHERE corrects_id IS NOT NULL;
CREATE UNIQUE INDEX cost_entries_settles ON cost_entries (account_id, corrects_id)
  WHERE settles_price;

-- What the provider said of a call is kept with the call; a line made elsewhere carries its own.
ALTER TABLE attempts ADD COLUMN usage jsonb;

-- A run counts where its first line stands: on its day, for its model. Totals change with every
-- line: room in the page keeps that from touching indexes.
ALTER TABLE pipeline_runs SET (fillfactor = 80);
ALTER TABLE pipeline_runs ADD COLUMN first_cost_entry_id uuid;
UPDATE pipeline_runs r SET first_cost_entry_id = e.id
FROM (SELECT DISTINCT ON (account_id, pipeline_run_id) account_id, pipeline_run_id, id
      FROM cost_entries ORDER BY account_id, pipeline_run_id, timestamp, id) AS e
WHERE e.account_id = r.account_id AND e.pipeline_run_id = r.id;

-- The latest runs of an assistant.
CREATE INDEX pipeline_runs_assistant ON pipeline_runs
  (account_id, assistant_id, created_at DESC);
DROP INDEX idx_pipeline_runs_assistant;
-- Runs that nothing is booked for yet, which no sum counts.
CREATE INDEX pipeline_runs_unbooked ON pipeline_runs (account_id, assistant_id)
  WHERE first_cost_entry_id IS NULL;
-- Every index of a run is written with each of its states: these two lead nowhere that others do
-- not.
DROP INDEX idx_pipeline_runs_status, pipeline_runs_started;

-- ---- Zones in use: whose midnights part the days that are kept added up. ----

ALTER TABLE accounts ADD COLUMN time_zone text; -- NULL: the installation's
CREATE TABLE reporting_zones (
  zone text NOT NULL CHECK (zone <> ''),
  account_id uuid REFERENCES accounts (id) ON DELETE CASCADE, -- NULL: for all accounts
  is_ready boolean NOT NULL DEFAULT false, -- its days hold the lines from before it, too
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX reporting_zones_key ON reporting_zones
  (zone, coalesce(account_id, '00000000-0000-0000-0000-000000000000'));
INSERT INTO reporting_zones (zone, is_ready) VALUES ('UTC', true);

-- The first instant of a local day. Where midnight comes twice, as in Havana in autumn, a plain
-- conversion gives the second.
CREATE FUNCTION day_start(p_zone text, p_day date) RETURNS timestamptz LANGUAGE sql STABLE
RETURN (p_day::timestamp AT TIME ZONE p_zone) - CASE
  WHEN ((p_day::timestamp AT TIME ZONE p_zone) - interval '1 hour') AT TIME ZONE p_zone >= p_day
    THEN interval '1 hour'
  WHEN ((p_day::timestamp AT TIME ZONE p_zone) - interval '30 minutes') AT TIME ZONE p_zone >= p_day
    THEN interval '30 minutes'
  ELSE interval '0' END;

-- The zone whose sums answer for the days p_from to p_to of p_zone: itself, or one that has the
-- same midnights in that time; NULL: none does.
CREATE FUNCTION reporting_zone(p_zone text, p_account_ids uuid[], p_from date, p_to date)
RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN coalesce(
    (SELECT z.zone FROM reporting_zones z
     WHERE z.zone = p_zone AND z.is_ready
       AND (z.account_id IS NULL OR p_account_ids = ARRAY[z.account_id])
     LIMIT 1),
    (SELECT z.zone FROM reporting_zones z
     WHERE z.is_ready AND (z.account_id IS NULL OR p_account_ids = ARRAY[z.account_id])
       AND NOT EXISTS (
         SELECT 1 FROM generate_series(p_from::timestamp, p_to, interval '1 day') AS midnight
         WHERE midnight AT TIME ZONE z.zone <> midnight AT TIME ZONE p_zone)
     ORDER BY z.zone LIMIT 1));
END
$$;

-- Lines of an account are booked under this lock, shared; its days are made anew under it alone.
CREATE FUNCTION ledger_account_lock(p_account_id uuid) RETURNS bigint LANGUAGE sql IMMUTABLE
RETURN hashtextextended('ledger ' || p_account_id::text, 0);

-- Writers of one account do not wait for each other: each adds to rows of a stripe of its own, the
-- lowest that is free, which it holds until its transaction ends. Sums are those of all stripes.
CREATE FUNCTION ledger_stripe_lock(p_account_id uuid, p_stripe integer) RETURNS bigint
LANGUAGE sql IMMUTABLE
RETURN hashtextextended('stripe ' || p_account_id::text, p_stripe);

-- How often something that cost pages show has changed.
CREATE TABLE account_marks (
  account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  stripe integer NOT NULL,
  changes bigint NOT NULL,
  PRIMARY KEY (account_id, stripe)
) WITH (fillfactor = 50);

-- Adds a mark to the account of a changed row; its argument names the column of the account. Each
-- table has stripes of its own below zero: what locks its rows and then adds a mark never waits for
-- a writer of the ledger, which holds marks before it comes to such rows.
CREATE FUNCTION mark_account() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  INSERT INTO account_marks AS m (account_id, stripe, changes)
  SELECT a.id, -9 - TG_RELID::bigint % 1000 * 8 - pg_backend_pid() % 8, 1 FROM accounts a
  WHERE a.id = (to_jsonb(coalesce(NEW, OLD)) ->> TG_ARGV[0])::uuid
  ON CONFLICT (account_id, stripe) DO UPDATE SET changes = m.changes + 1;
  RETURN NULL;
END
$$;
CREATE TRIGGER tr_mark_account AFTER INSERT OR UPDATE ON accounts
  FOR EACH ROW EXECUTE FUNCTION mark_account('id');
CREATE TRIGGER tr_mark_account AFTER INSERT OR UPDATE OR DELETE ON assistants
  FOR EACH ROW EXECUTE FUNCTION mark_account('account_id');
INSERT INTO account_marks (account_id, stripe, changes) SELECT id, 0, 1 FROM accounts;

-- ---- Sums, and the functions that make them. ----
-- Three grains, so that no question about a period reads many rows: an account's days by model, its
-- days by assistant and model, its months by assistant and model.

CREATE TABLE cost_sums (
  zone text NOT NULL,
  grain text NOT NULL CHECK (grain IN ('account_day', 'assistant_day', 'assistant_month')),
  account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  day date NOT NULL,          -- the first of a month
  assistant_id uuid NOT NULL, -- all zeros for account_day
  model text NOT NULL,
  stripe smallint NOT NULL,   -- of the writer; 0 where none wrote at the same time
  PRIMARY KEY (zone, grain, account_id, day, assistant_id, model, stripe)
) WITH (fillfactor = 70);
CREATE INDEX cost_sums_stripes ON cost_sums (day) WHERE stripe > 0;
CREATE INDEX cost_sums_months ON cost_sums (account_id, assistant_id)
  WHERE zone = 'UTC' AND grain = 'assistant_month';

-- What lines add to their day is said once, in this block: the trigger adds it for new lines,
-- cost_sums_of finds it again from any lines.
DO $migration$
DECLARE
  phase text;
  is_phase text;
  measures text[] := ARRAY['lines', 'runs', 'unpriced_calls', 'cache_saved_nano'];
  sums text[] := ARRAY[
    'count(*)',
    'count(r.id)',
    'count(*) FILTER (WHERE e.kind = ''call'' AND e.price_status <> ''priced'')'
      ' - count(*) FILTER (WHERE e.settles_price)',
    -- A rate that is not known saves nothing.
    'coalesce(sum(CASE WHEN e.cache_read_tokens > 0 OR e.cache_write_tokens > 0 THEN round(('
      'e.cache_read_tokens::numeric * coalesce(p.input_pico - p.cache_read_pico, 0)'
      ' + (e.cache_write_tokens - e.cache_write_1h_tokens)::numeric'
      ' * coalesce(p.input_pico - p.cache_write_5m_pico, 0)'
      ' + e.cache_write_1h_tokens::numeric * coalesce(p.input_pico - p.cache_write_1h_pico, 0))'
      ' * e.rate_permille / 1000000) ELSE 0 END), 0)'];
  selected text := '';
  added text := '';
  folded text := '';
  -- Both functions group lines by these, once for each grain.
  grouped constant text := $text$
  CROSS JOIN (VALUES ('account_day'), ('assistant_day'), ('assistant_month')) AS g (grain)
  CROSS JOIN LATERAL (SELECT
    CASE g.grain WHEN 'assistant_month' THEN date_trunc('month', l.day)::date ELSE l.day END AS day,
    CASE g.grain WHEN 'account_day' THEN '00000000-0000-0000-0000-000000000000'
      ELSE e.assistant_id END AS assistant_id) AS k
  LEFT JOIN model_prices p ON p.id = e.price_id
  LEFT JOIN %I r ON r.account_id = e.account_id AND r.id = e.pipeline_run_id
    AND r.first_cost_entry_id = e.id$text$;
BEGIN
  -- All operations, then the three phases; what these leave is other.
  FOREACH phase IN ARRAY ARRAY['', 'generation_', 'analysis_', 'improvement_'] LOOP
    is_phase := CASE phase WHEN '' THEN ''
      ELSE format(' AND e.operation = %L', 'prompt_' || rtrim(phase, '_')) END;
    measures := measures || ARRAY[phase || 'cost_nano', phase || 'calls', phase || 'input_tokens',
      phase || 'output_tokens', phase || 'cache_read_tokens', phase || 'cache_write_tokens'];
    sums := sums || ARRAY[
      format('coalesce(sum(e.cost_usd) FILTER (WHERE true%s), 0) * 1000000000', is_phase),
      format('count(*) FILTER (WHERE e.kind = ''call''%s)', is_phase),
      format('coalesce(sum(e.input_tokens) FILTER (WHERE true%s), 0)', is_phase),
      format('coalesce(sum(e.output_tokens) FILTER (WHERE true%s), 0)', is_phase),
      format('coalesce(sum(e.cache_read_tokens) FILTER (WHERE true%s), 0)', is_phase),
      format('coalesce(sum(e.cache_write_tokens) FILTER (WHERE true%s), 0)', is_phase)];
  END LOOP;
  FOR i IN 1 .. cardinality(measures) LOOP
    EXECUTE format('ALTER TABLE cost_sums ADD COLUMN %I bigint NOT NULL', measures[i]);
    selected := selected || format(E',\n    (%s)::bigint', replace(sums[i],
      ' FILTER (WHERE true)', ''));
    folded := folded || format(', sum(%1$I)::bigint AS %1$I', measures[i]);
    added := added || format(E'\n    %1$I = s.%1$I + excluded.%1$I,', measures[i]);
  END LOOP;
  ALTER TABLE cost_sums ADD COLUMN last_at timestamptz NOT NULL;
  -- The sums of lines in any zone, in use or not; p_account_id NULL: of all accounts that the
  -- caller may see.
  EXECUTE format($function$
CREATE FUNCTION cost_sums_of(p_zone text, p_account_id uuid, p_from timestamptz, p_to timestamptz)
RETURNS SETOF cost_sums LANGUAGE sql STABLE AS $$
  SELECT p_zone, g.grain, e.account_id, k.day, k.assistant_id, e.model, 0::smallint%s,
    max(e.timestamp)
  FROM cost_entries e
  CROSS JOIN LATERAL (SELECT (e.timestamp AT TIME ZONE p_zone)::date AS day) AS l%s
  WHERE (p_account_id IS NULL OR e.account_id = p_account_id)
    AND e.timestamp >= p_from AND e.timestamp < p_to
  GROUP BY g.grain, e.account_id, k.day, k.assistant_id, e.model
$$
$function$, selected, format(grouped, 'pipeline_runs'));

  -- New lines: first the totals of their runs, then the sums, each in the order of keys, so that
  -- writers cannot deadlock. It works as the owner: nobody else writes sums. It is one statement:
  -- what a line costs is mostly what statements cost.
  EXECUTE format($function$
CREATE OR REPLACE FUNCTION update_pipeline_run_totals() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  WITH writer AS MATERIALIZED (
    SELECT a.account_id, pg_advisory_xact_lock_shared(ledger_account_lock(a.account_id)),
      coalesce(
        (SELECT n FROM generate_series(0, 15) AS n
         WHERE pg_try_advisory_xact_lock(ledger_stripe_lock(a.account_id, n)) LIMIT 1),
        (SELECT 0 FROM pg_advisory_xact_lock(ledger_stripe_lock(a.account_id, 0)))
      )::smallint AS stripe
    FROM (SELECT DISTINCT account_id FROM new_entries ORDER BY account_id) AS a
  ), added AS MATERIALIZED (
    SELECT n.account_id, n.pipeline_run_id, sum(n.input_tokens) AS input_tokens,
      sum(n.output_tokens) AS output_tokens, sum(n.cache_read_tokens) AS cache_read_tokens,
      sum(n.cache_write_tokens) AS cache_write_tokens, sum(n.cost_usd) AS cost_usd,
      (array_agg(n.id ORDER BY n.timestamp, n.id))[1] AS first_id
    FROM writer w JOIN new_entries n ON n.account_id = w.account_id
    WHERE n.pipeline_run_id IS NOT NULL
    GROUP BY n.account_id, n.pipeline_run_id
  ), held AS MATERIALIZED (
    SELECT r.account_id, r.id
    FROM added n JOIN pipeline_runs r ON r.account_id = n.account_id AND r.id = n.pipeline_run_id
    ORDER BY r.account_id, r.id
    FOR NO KEY UPDATE OF r
  ), run AS (
    UPDATE pipeline_runs r SET
      total_input_tokens = r.total_input_tokens + n.input_tokens,
      total_output_tokens = r.total_output_tokens + n.output_tokens,
      total_cache_read_tokens = r.total_cache_read_tokens + n.cache_read_tokens,
      total_cache_write_tokens = r.total_cache_write_tokens + n.cache_write_tokens,
      total_cost_usd = r.total_cost_usd + n.cost_usd,
      first_cost_entry_id = coalesce(r.first_cost_entry_id, n.first_id)
    FROM added n JOIN held h ON h.account_id = n.account_id AND h.id = n.pipeline_run_id
    WHERE r.account_id = n.account_id AND r.id = n.pipeline_run_id
    RETURNING r.account_id, r.id, r.first_cost_entry_id
  ), summed AS (
    INSERT INTO cost_sums AS s
    SELECT z.zone, g.grain, e.account_id, k.day, k.assistant_id, e.model, w.stripe%s,
      max(e.timestamp)
    FROM writer w JOIN new_entries e ON e.account_id = w.account_id
    JOIN reporting_zones z ON z.account_id IS NULL OR z.account_id = e.account_id
    CROSS JOIN LATERAL (SELECT (e.timestamp AT TIME ZONE z.zone)::date AS day) AS l%s
    GROUP BY z.zone, g.grain, e.account_id, k.day, k.assistant_id, e.model, w.stripe
    ORDER BY z.zone, g.grain, e.account_id, k.day, k.assistant_id, e.model
    ON CONFLICT (zone, grain, account_id, day, assistant_id, model, stripe) DO UPDATE SET%s
      last_at = greatest(s.last_at, excluded.last_at)
  )
  INSERT INTO account_marks AS m (account_id, stripe, changes)
  SELECT account_id, stripe, 1 FROM writer ORDER BY account_id
  ON CONFLICT (account_id, stripe) DO UPDATE SET changes = m.changes + 1;
  RETURN NULL;
END
$$;
$function$, selected, format(grouped, 'run'), added);

  -- What writers put into stripes of their own, in one row again.
  EXECUTE format('CREATE VIEW folded_cost_sums WITH (security_invoker = true) AS'
    ' SELECT zone, grain, account_id, day, assistant_id, model, 0::smallint AS stripe%s,'
    ' max(last_at) AS last_at FROM cost_sums'
    ' GROUP BY zone, grain, account_id, day, assistant_id, model', folded);
  -- Days that are over, and months, are folded for good; the runner calls it now and then.
  EXECUTE format($function$
CREATE FUNCTION fold_cost_sums() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  today constant date := current_date - 1; -- the earliest of any zone
BEGIN
  PERFORM pg_advisory_xact_lock_shared(ledger_account_lock(a.account_id))
  FROM (SELECT DISTINCT account_id FROM cost_sums
        WHERE stripe > 0 AND day < today
          AND (grain <> 'assistant_month' OR day < date_trunc('month', today))
        ORDER BY account_id) AS a;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  WITH striped AS (
    DELETE FROM cost_sums
    WHERE stripe > 0 AND day < today
      AND (grain <> 'assistant_month' OR day < date_trunc('month', today))
    RETURNING *
  )
  INSERT INTO cost_sums AS s
  SELECT zone, grain, account_id, day, assistant_id, model, 0%s, max(last_at) FROM striped
  GROUP BY zone, grain, account_id, day, assistant_id, model
  ORDER BY zone, grain, account_id, day, assistant_id, model
  ON CONFLICT (zone, grain, account_id, day, assistant_id, model, stripe) DO UPDATE SET%s
    last_at = greatest(s.last_at, excluded.last_at);
END
$$
$function$, folded, added);

  -- The two daily grains by their names.
  EXECUTE format('CREATE VIEW account_days WITH (security_invoker = true) AS'
    ' SELECT zone, account_id, day, model, %s, last_at FROM cost_sums WHERE grain = ''account_day''',
    array_to_string(measures, ', '));
  EXECUTE format('CREATE VIEW cost_days WITH (security_invoker = true) AS'
    ' SELECT zone, account_id, day, assistant_id, model, %s, last_at FROM cost_sums'
    ' WHERE grain = ''assistant_day''', array_to_string(measures, ', '));
END
$migration$;

INSERT INTO cost_sums SELECT * FROM cost_sums_of('UTC', NULL, '-infinity', 'infinity');

-- Makes the sums of an account in a zone anew from its lines, from the month of p_from to that of
-- p_to, while others write.
CREATE FUNCTION rebuild_cost_sums(p_zone text, p_account_id uuid, p_from date, p_to date)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  first_day constant date := date_trunc('month', p_from);
  next_day constant date := date_trunc('month', p_to) + interval '1 month';
BEGIN
  PERFORM pg_advisory_xact_lock(ledger_account_lock(p_account_id));
  DELETE FROM cost_sums
  WHERE zone = p_zone AND grain IN ('account_day', 'assistant_day', 'assistant_month')
    AND account_id = p_account_id AND day >= first_day AND day < next_day;
  INSERT INTO cost_sums
  SELECT * FROM cost_sums_of(p_zone, p_account_id, day_start(p_zone, first_day),
                             day_start(p_zone, next_day));
END
$$;

-- Lines go only with their run or assistant, by the owner's hand; their sums follow. With an
-- account its sums go, too.
CREATE FUNCTION forget_cost_entries() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  PERFORM rebuild_cost_sums(m.zone, m.account_id, m.month, m.month)
  FROM (SELECT DISTINCT z.zone, e.account_id,
               date_trunc('month', e.timestamp AT TIME ZONE z.zone)::date AS month
        FROM old_entries e
        JOIN accounts a ON a.id = e.account_id
        JOIN reporting_zones z ON z.account_id IS NULL OR z.account_id = e.account_id
        ORDER BY 2, 1, 3) AS m;
  INSERT INTO account_marks AS m (account_id, stripe, changes)
  SELECT a.id, -1 - pg_backend_pid() % 8, 1 FROM accounts a
  WHERE a.id IN (SELECT account_id FROM old_entries) ORDER BY a.id
  ON CONFLICT (account_id, stripe) DO UPDATE SET changes = m.changes + 1;
  RETURN NULL;
END
$$;
CREATE TRIGGER tr_forget_cost_entries AFTER DELETE ON cost_entries
  REFERENCING OLD TABLE AS old_entries
  FOR EACH STATEMENT EXECUTE FUNCTION forget_cost_entries();

-- ---- Views. The plan's columns; days are those of UTC. ----

DROP VIEW v_daily_costs_by_account, v_costs_by_assistant;
CREATE VIEW v_daily_costs_by_account WITH (security_invoker = true) AS
SELECT d.date, d.account_id, a.slug AS account_slug, a.name AS account_name,
  (SELECT count(DISTINCT e.pipeline_run_id) FROM cost_entries e
   WHERE e.account_id = d.account_id AND e.timestamp >= d.date::timestamp AT TIME ZONE 'UTC'
     AND e.timestamp < (d.date + 1)::timestamp AT TIME ZONE 'UTC') AS pipeline_runs,
  d.total_input_tokens, d.total_output_tokens, d.total_cost
FROM (
  SELECT day AS date, account_id, sum(input_tokens)::bigint AS total_input_tokens,
    sum(output_tokens)::bigint AS total_output_tokens, sum(cost_nano) * 0.000000001 AS total_cost
  FROM account_days WHERE zone = 'UTC'
  GROUP BY account_id, day
) AS d
JOIN accounts a ON a.id = d.account_id
ORDER BY d.date DESC, a.slug;

CREATE VIEW v_costs_by_assistant WITH (security_invoker = true) AS
SELECT s.id AS assistant_id, s.external_id, s.name AS assistant_name, a.id AS account_id,
  a.slug AS account_slug, d.total_runs, d.total_input_tokens, d.total_output_tokens, d.total_cost,
  d.total_cost / d.lines AS avg_cost_per_operation, d.last_activity
FROM (
  SELECT account_id, assistant_id, sum(runs)::bigint AS total_runs, sum(lines) AS lines,
    sum(input_tokens)::bigint AS total_input_tokens,
    sum(output_tokens)::bigint AS total_output_tokens, sum(cost_nano) * 0.000000001 AS total_cost,
    max(last_at) AS last_activity
  FROM cost_sums WHERE zone = 'UTC' AND grain = 'assistant_month'
  GROUP BY account_id, assistant_id
) AS d
JOIN assistants s ON s.account_id = d.account_id AND s.id = d.assistant_id
JOIN accounts a ON a.id = d.account_id;

-- ---- Who may do what: the ledger is read and added to, sums are read. ----

DO $$
DECLARE
  t text;
  own_account constant text := 'account_id = (SELECT nullif(current_setting(''app.account_id'','
    ' true), '''')::uuid) OR (SELECT current_setting(''app.operator'', true) = ''on'')';
BEGIN
  FOREACH t IN ARRAY ARRAY['cost_sums', 'account_marks', 'reporting_zones'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY runner ON %I TO promptbuilder_runner USING (true)', t);
    EXECUTE format('CREATE POLICY web ON %I TO promptbuilder_web USING (%s%s)', t,
                   CASE t WHEN 'reporting_zones' THEN 'account_id IS NULL OR ' ELSE '' END,
                   own_account);
    EXECUTE format('GRANT SELECT ON %I TO promptbuilder_web, promptbuilder_runner', t);
  END LOOP;
END
$$;
GRANT INSERT ON cost_entries TO promptbuilder_web;
GRANT SELECT (time_zone) ON accounts TO promptbuilder_web, promptbuilder_runner;
GRANT SELECT ON folded_cost_sums, account_days, cost_days, v_daily_costs_by_account, v_costs_by_assistant
  TO promptbuilder_web, promptbuilder_runner;
REVOKE ALL ON FUNCTION day_start(text, date),
  reporting_zone(text, uuid[], date, date),
  cost_sums_of(text, uuid, timestamptz, timestamptz),
  rebuild_cost_sums(text, uuid, date, date), ledger_account_lock(uuid), mark_account(),
  forget_cost_entries(), fold_cost_sums() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION fold_cost_sums() TO promptbuilder_runner;
GRANT EXECUTE ON FUNCTION day_start(text, date),
  reporting_zone(text, uuid[], date, date),
  cost_sums_of(text, uuid, timestamptz, timestamptz),
  ledger_account_lock(uuid) TO promptbuilder_web, promptbuilder_runner;
