-- Budgets: what an account may spend in a day, a week, a month, and what each of its runs may.
-- Spent is the ledger's sum of the period, reserved are the calls that are open: nothing is counted
-- beside them, so nothing leaks and nothing has to be reset.

-- A change ends a row and makes another, so the rows tell who changed what and when.
CREATE TABLE budgets (
  account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  id uuid NOT NULL DEFAULT uuid_v7(),
  period text NOT NULL CHECK (period IN ('run', 'day', 'week', 'month')), -- run: each by itself
  zone text NOT NULL, -- whose midnights part the periods
  cap_usd numeric(20, 9) CHECK (cap_usd BETWEEN 0 AND 9000000000), -- NULL: no cap; 0: nothing
  soft_usd numeric(20, 9) CHECK (soft_usd > 0 AND soft_usd <= 9000000000),
  thresholds integer[] NOT NULL, -- in percent of soft_usd, or else of the cap
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  created_by text NOT NULL,
  ended_at timestamptz,
  ended_by text,
  PRIMARY KEY (account_id, id),
  CHECK (cap_usd IS NOT NULL OR soft_usd IS NOT NULL),
  CHECK (cardinality(thresholds) <= 10 AND 1 <= ALL (thresholds) AND 1000 >= ALL (thresholds)),
  CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE UNIQUE INDEX budgets_active ON budgets (account_id, period) WHERE ended_at IS NULL;

-- What has been told: once for each budget, period (or run) and threshold.
CREATE TABLE budget_alerts (
  account_id uuid NOT NULL,
  budget_id uuid NOT NULL,
  subject text NOT NULL, -- the first day of the period, or the id of the run
  threshold integer NOT NULL CHECK (threshold >= 0), -- in percent; 0: the cap has stopped a run
  period text NOT NULL,
  spent_usd numeric(20, 9) NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (account_id, budget_id, subject, threshold),
  FOREIGN KEY (account_id, budget_id) REFERENCES budgets (account_id, id) ON DELETE CASCADE
);
CREATE INDEX budget_alerts_recent ON budget_alerts (created_at DESC) WHERE period <> 'run';

-- Events on their way to others: written with what they tell of, delivered by the runners.
CREATE TABLE outbox (
  account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  id uuid NOT NULL DEFAULT uuid_v7(),
  kind text NOT NULL CHECK (kind <> ''),
  payload jsonb NOT NULL,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed')),
  attempts integer NOT NULL DEFAULT 0,
  next_at timestamptz NOT NULL DEFAULT clock_timestamp(), -- of the next try; a sender moves it on
  last_error text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at timestamptz,
  PRIMARY KEY (account_id, id),
  CHECK ((state = 'pending') = (ended_at IS NULL))
);
CREATE INDEX outbox_due ON outbox (next_at) WHERE state = 'pending';

CREATE INDEX attempts_reserved ON attempts (account_id) INCLUDE (pipeline_run_id, reserved_usd)
  WHERE state = 'open';

-- Runs that calls in flight keep from calling: woken when one of those is settled.
ALTER TABLE jobs ADD COLUMN waits_for_budget boolean NOT NULL DEFAULT false
  CHECK (state = 'queued' OR NOT waits_for_budget);
CREATE INDEX jobs_budget ON jobs (account_id, priority DESC, run_after) WHERE waits_for_budget;

-- The dearest that a token can cost under the price in force, in whole pico-USD, whatever the length
-- of its prompt, its kind, and where it is used: what a reservation counts with. is_full: none of the
-- rates is unknown. No row: there is no price.
DROP FUNCTION price_ceiling(uuid, text, timestamptz);
CREATE FUNCTION price_ceiling(p_account_id uuid, p_model text, p_at timestamptz)
RETURNS TABLE (price_id uuid, input_pico bigint, output_pico bigint, is_full boolean)
LANGUAGE sql STABLE AS $$
  SELECT p.id,
    ceil(max(m.times * greatest(t.input_pico, t.cache_read_pico, t.cache_write_5m_pico,
                                t.cache_write_1h_pico)))::bigint,
    ceil(max(m.times * t.output_pico))::bigint,
    bool_and(t.cache_read_pico + t.cache_write_5m_pico + t.cache_write_1h_pico IS NOT NULL)
  FROM price_at(p_account_id, p_model, p_at) AS p
  JOIN model_prices t ON t.model = p.model AND t.account_id IS NOT DISTINCT FROM p.account_id
    AND t.valid_from = p.valid_from AND t.recorded_at = p.recorded_at
  CROSS JOIN LATERAL (SELECT greatest(t.us_permille, 1000)::numeric
                             * greatest(t.batch_permille, 1000) / 1000000 AS times) AS m
  GROUP BY p.id
$$;

-- The budgets of an account at an instant, with what is spent and reserved of them. Those of
-- period 'run' speak of run p_run_id; without one they have no figures. The planner puts it in the
-- place of its call, if the instant is no volatile expression.
CREATE FUNCTION budget_state(p_account_id uuid, p_run_id uuid, p_at timestamptz)
RETURNS TABLE (
  id uuid, period text, zone text, cap_usd numeric, soft_usd numeric, amount_usd numeric,
  thresholds integer[], created_at timestamptz, created_by text, subject text, period_name text,
  next_day date, starts_at timestamptz, ends_at timestamptz, spent_usd numeric,
  reserved_usd numeric
) LANGUAGE sql STABLE AS $$
  SELECT b.id, b.period, b.zone, b.cap_usd, b.soft_usd, coalesce(b.soft_usd, b.cap_usd),
    b.thresholds, b.created_at, b.created_by,
    CASE b.period WHEN 'run' THEN p_run_id::text ELSE p.first_day::text END,
    CASE b.period
      WHEN 'run' THEN 'one run'
      WHEN 'day' THEN to_char(p.first_day, 'FMDD FMMonth YYYY')
      WHEN 'week' THEN 'the week from ' || to_char(p.first_day, 'FMDD FMMonth YYYY')
      WHEN 'month' THEN to_char(p.first_day, 'FMMonth YYYY') END,
    p.next_day, day_start(b.zone, p.first_day),
    day_start(b.zone, p.next_day),
    CASE b.period
      WHEN 'run' THEN (SELECT r.total_cost_usd FROM pipeline_runs r
                       WHERE r.account_id = p_account_id AND r.id = p_run_id)
      ELSE (SELECT coalesce(sum(d.cost_nano), 0) * 0.000000001 FROM account_days d
            WHERE d.zone = b.zone AND d.account_id = p_account_id
              AND d.day >= p.first_day AND d.day < p.next_day) END,
    CASE WHEN b.period <> 'run' OR p_run_id IS NOT NULL
      THEN (SELECT coalesce(sum(a.reserved_usd), 0.000000000) FROM attempts a
            WHERE a.account_id = p_account_id AND a.state = 'open'
              AND (b.period <> 'run' OR a.pipeline_run_id = p_run_id)) END
  FROM budgets b
  CROSS JOIN LATERAL (
    SELECT date_trunc(CASE b.period WHEN 'run' THEN 'day' ELSE b.period END,
                      p_at AT TIME ZONE b.zone) AS first_at
  ) AS f
  CROSS JOIN LATERAL (
    SELECT CASE WHEN b.period <> 'run' THEN f.first_at::date END AS first_day,
      CASE WHEN b.period <> 'run'
        THEN (f.first_at + ('1 ' || b.period)::interval)::date END AS next_day
  ) AS p
  WHERE b.account_id = p_account_id AND b.ended_at IS NULL
$$;

-- Before calls are opened or booked: no budget of these accounts changes and nobody else opens or
-- books one until the end of the transaction. What is spent and reserved is to be read by a statement
-- after this one, which then sees all that was opened before.
CREATE FUNCTION lock_budgets(p_account_ids uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(ledger_account_lock(a.id))
  FROM (SELECT DISTINCT n.id FROM unnest(p_account_ids) AS n (id) ORDER BY n.id) AS a;
  PERFORM 1 FROM budgets b
  WHERE b.account_id = ANY (p_account_ids) AND b.ended_at IS NULL AND b.cap_usd IS NOT NULL
  ORDER BY b.account_id, b.id
  FOR NO KEY UPDATE;
END
$$;

-- Notes what is to be told of the account's budgets and has not been told before, each with its
-- event: thresholds that are reached, of periods or (p_run_id) of a run; or that the budget
-- p_stopped_by has stopped the run. Whoever books holds the budgets' locks: nothing is missed.
CREATE FUNCTION tell_budgets(p_account_id uuid, p_run_id uuid, p_stopped_by uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  now_at constant timestamptz := clock_timestamp();
  told bigint;
BEGIN
  WITH state AS MATERIALIZED (
    SELECT s.id, s.period, s.period_name, s.zone, s.starts_at, s.ends_at, s.cap_usd, s.soft_usd,
      s.amount_usd, s.subject, s.spent_usd,
      CASE WHEN p_stopped_by IS NULL THEN s.thresholds ELSE '{0}' END AS thresholds
    FROM budget_state(p_account_id, p_run_id, now_at) AS s
    WHERE CASE WHEN p_stopped_by IS NULL
      THEN (s.period = 'run') = (p_run_id IS NOT NULL) AND s.amount_usd > 0
      ELSE s.id = p_stopped_by END
  ), alert AS (
    INSERT INTO budget_alerts AS t (account_id, budget_id, subject, threshold, period, spent_usd)
    SELECT p_account_id, s.id, s.subject, n.threshold, s.period, s.spent_usd
    FROM state s CROSS JOIN LATERAL unnest(s.thresholds) AS n (threshold)
    WHERE s.spent_usd * 100 >= s.amount_usd * n.threshold
    ON CONFLICT DO NOTHING
    RETURNING t.budget_id, t.threshold
  ), event AS (
    INSERT INTO outbox (account_id, kind, payload)
    SELECT p_account_id,
      CASE n.threshold WHEN 0 THEN 'budget.stopped' ELSE 'budget.threshold' END,
      jsonb_build_object(
        'account', jsonb_build_object('id', a.id, 'slug', a.slug, 'name', a.name),
        'budget', jsonb_build_object('id', s.id, 'period', s.period, 'tz', s.zone,
          'period_name', s.period_name, 'starts_at', s.starts_at, 'ends_at', s.ends_at,
          'cap_usd', s.cap_usd::text, 'soft_usd', s.soft_usd::text),
        'spent_usd', s.spent_usd::text,
        'spent_percent', round(100 * s.spent_usd / nullif(s.amount_usd, 0), 1)::text,
        'threshold_percent', nullif(n.threshold, 0),
        'pipeline_run_id', p_run_id)
    FROM alert n
    JOIN state s ON s.id = n.budget_id
    JOIN accounts a ON a.id = p_account_id
    ORDER BY n.threshold
    RETURNING id
  )
  SELECT count(*) INTO told FROM event;
  IF told > 0 THEN
    PERFORM pg_notify('promptbuilder_jobs', '');
  END IF;
END
$$;

-- After every booking, within it. Bookings of an account with budgets take turns from here on: the
-- next one sees what this one has spent.
CREATE FUNCTION watch_budgets() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  PERFORM 1 FROM budgets b
  WHERE b.ended_at IS NULL AND b.account_id IN (SELECT n.account_id FROM new_entries n)
  ORDER BY b.account_id, b.id
  FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  PERFORM tell_budgets(b.account_id, NULL, NULL)
  FROM (SELECT DISTINCT account_id FROM budgets WHERE ended_at IS NULL AND period <> 'run') AS b
  WHERE b.account_id IN (SELECT n.account_id FROM new_entries n);
  PERFORM tell_budgets(n.account_id, n.pipeline_run_id, NULL)
  FROM (SELECT DISTINCT account_id, pipeline_run_id FROM new_entries) AS n
  JOIN budgets b ON b.account_id = n.account_id AND b.period = 'run' AND b.ended_at IS NULL
  WHERE n.pipeline_run_id IS NOT NULL;
  RETURN NULL;
END
$$;
-- Its name comes after that of the trigger that adds the lines up.
CREATE TRIGGER tr_watch_budgets AFTER INSERT ON cost_entries
  REFERENCING NEW TABLE AS new_entries FOR EACH STATEMENT EXECUTE FUNCTION watch_budgets();

-- A new budget: while nothing is booked and no call is opened, its zone is put to use if it is not
-- yet, with the days of its present periods, and thresholds that are passed already count as told.
CREATE FUNCTION open_budget() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  now_at constant timestamptz := clock_timestamp();
  today constant date := (now_at AT TIME ZONE NEW.zone)::date;
BEGIN
  PERFORM pg_advisory_xact_lock(ledger_account_lock(NEW.account_id));
  IF NOT EXISTS (SELECT FROM reporting_zones z WHERE z.zone = NEW.zone AND z.is_ready
                   AND (z.account_id IS NULL OR z.account_id = NEW.account_id)) THEN
    INSERT INTO reporting_zones (zone, account_id)
    SELECT NEW.zone, NEW.account_id
    WHERE NOT EXISTS (SELECT FROM reporting_zones z WHERE z.zone = NEW.zone
                        AND (z.account_id IS NULL OR z.account_id = NEW.account_id));
    PERFORM rebuild_cost_sums(NEW.zone, NEW.account_id, (today - interval '1 week')::date, today);
  END IF;
  INSERT INTO budget_alerts (account_id, budget_id, subject, threshold, period, spent_usd)
  SELECT NEW.account_id, s.id, s.subject, n.threshold, s.period, s.spent_usd
  FROM budget_state(NEW.account_id, NULL, now_at) AS s
  CROSS JOIN LATERAL unnest(s.thresholds) AS n (threshold)
  WHERE s.id = NEW.id AND s.spent_usd * 100 >= s.amount_usd * n.threshold;
  RETURN NULL;
END
$$;
CREATE TRIGGER tr_open_budget AFTER INSERT ON budgets
  FOR EACH ROW EXECUTE FUNCTION open_budget();
CREATE TRIGGER tr_mark_account AFTER INSERT OR UPDATE ON budgets
  FOR EACH ROW EXECUTE FUNCTION mark_account('account_id');
CREATE TRIGGER tr_mark_account AFTER INSERT ON budget_alerts
  FOR EACH ROW EXECUTE FUNCTION mark_account('account_id');

-- ---- Who may do what. ----

DO $$
DECLARE
  t text;
  own_account constant text := 'account_id = (SELECT nullif(current_setting(''app.account_id'','
    ' true), '''')::uuid) OR (SELECT current_setting(''app.operator'', true) = ''on'')';
BEGIN
  FOREACH t IN ARRAY ARRAY['budgets', 'budget_alerts', 'outbox'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY runner ON %I TO promptbuilder_runner'
                   ' USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY web ON %I TO promptbuilder_web USING (%s) WITH CHECK (%s)',
                   t, own_account, own_account);
    EXECUTE format('GRANT SELECT ON %I TO promptbuilder_web, promptbuilder_runner', t);
  END LOOP;
END
$$;
GRANT INSERT, UPDATE (ended_at, ended_by) ON budgets TO promptbuilder_web;
GRANT UPDATE (state, attempts, next_at, last_error, ended_at) ON outbox TO promptbuilder_runner;
REVOKE ALL ON FUNCTION price_ceiling(uuid, text, timestamptz),
  budget_state(uuid, uuid, timestamptz), lock_budgets(uuid[]), tell_budgets(uuid, uuid, uuid),
  watch_budgets(), open_budget() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION price_ceiling(uuid, text, timestamptz),
  budget_state(uuid, uuid, timestamptz) TO promptbuilder_web, promptbuilder_runner;
GRANT EXECUTE ON FUNCTION lock_budgets(uuid[]), tell_budgets(uuid, uuid, uuid)
  TO promptbuilder_runner;
