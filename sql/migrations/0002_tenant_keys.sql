-- Every tenant table carries account_id, its key is (account_id, id), and foreign keys are
-- composite: a child can then never point into another account. Ids become time-ordered. Money
-- and tokens are widened. The three views keep their names and columns and obey row security.

DROP VIEW v_pipeline_cost_breakdown, v_daily_costs_by_account, v_costs_by_assistant;
DROP TRIGGER tr_update_pipeline_totals ON cost_entries;

-- UUID version 7 (RFC 9562): 48 bits of milliseconds, then the version and random bits.
CREATE FUNCTION uuid_v7() RETURNS uuid LANGUAGE sql VOLATILE AS $$
  SELECT (lpad(to_hex(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0')
          || '7' || substr(random_hex, 14, 3) || substr(random_hex, 17, 16))::uuid
  FROM (SELECT replace(gen_random_uuid()::text, '-', '') AS random_hex) AS r
$$;

-- Steps learn their account.
ALTER TABLE pipeline_steps ADD COLUMN account_id uuid;
UPDATE pipeline_steps s SET account_id = r.account_id
FROM pipeline_runs r WHERE r.id = s.pipeline_run_id;
ALTER TABLE pipeline_steps ALTER COLUMN account_id SET NOT NULL;

-- Rows written with the plan's columns only still arrive whole.
CREATE FUNCTION fill_step_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT account_id INTO NEW.account_id FROM pipeline_runs WHERE id = NEW.pipeline_run_id;
  RETURN NEW;
END
$$;
CREATE TRIGGER tr_fill_step_account BEFORE INSERT ON pipeline_steps
  FOR EACH ROW WHEN (NEW.account_id IS NULL) EXECUTE FUNCTION fill_step_account();

ALTER TABLE cost_entries
  DROP CONSTRAINT cost_entries_pipeline_run_id_fkey,
  DROP CONSTRAINT cost_entries_pipeline_step_id_fkey,
  DROP CONSTRAINT cost_entries_assistant_id_fkey,
  DROP CONSTRAINT cost_entries_pkey;
ALTER TABLE prompt_versions
  DROP CONSTRAINT prompt_versions_pipeline_run_id_fkey,
  DROP CONSTRAINT prompt_versions_assistant_id_fkey,
  DROP CONSTRAINT prompt_versions_assistant_id_version_key,
  DROP CONSTRAINT prompt_versions_pkey;
ALTER TABLE pipeline_steps
  DROP CONSTRAINT pipeline_steps_pipeline_run_id_fkey,
  DROP CONSTRAINT pipeline_steps_pkey;
ALTER TABLE pipeline_runs
  DROP CONSTRAINT pipeline_runs_assistant_id_fkey,
  DROP CONSTRAINT pipeline_runs_pkey;
ALTER TABLE assistants DROP CONSTRAINT assistants_pkey;

ALTER TABLE assistants ADD PRIMARY KEY (account_id, id);
ALTER TABLE pipeline_runs ADD PRIMARY KEY (account_id, id);
ALTER TABLE pipeline_steps ADD PRIMARY KEY (account_id, id);
ALTER TABLE cost_entries ADD PRIMARY KEY (account_id, id);
ALTER TABLE prompt_versions ADD PRIMARY KEY (account_id, id);

ALTER TABLE pipeline_runs
  ALTER COLUMN total_input_tokens TYPE bigint,
  ALTER COLUMN total_output_tokens TYPE bigint,
  ALTER COLUMN total_cost_usd TYPE numeric(20, 9),
  ALTER COLUMN duration_ms TYPE bigint,
  ADD COLUMN total_cache_read_tokens bigint NOT NULL DEFAULT 0,
  ADD COLUMN total_cache_write_tokens bigint NOT NULL DEFAULT 0;
UPDATE pipeline_runs SET
  total_input_tokens = coalesce(total_input_tokens, 0),
  total_output_tokens = coalesce(total_output_tokens, 0),
  total_cost_usd = coalesce(total_cost_usd, 0)
WHERE total_input_tokens IS NULL OR total_output_tokens IS NULL OR total_cost_usd IS NULL;
ALTER TABLE pipeline_runs
  ALTER COLUMN total_input_tokens SET NOT NULL,
  ALTER COLUMN total_output_tokens SET NOT NULL,
  ALTER COLUMN total_cost_usd SET NOT NULL;
UPDATE pipeline_runs r SET
  total_cache_read_tokens = e.cache_read, total_cache_write_tokens = e.cache_write
FROM (SELECT account_id, pipeline_run_id, sum(coalesce(cache_read_tokens, 0)) AS cache_read,
             sum(coalesce(cache_write_tokens, 0)) AS cache_write
      FROM cost_entries GROUP BY account_id, pipeline_run_id) AS e
WHERE e.account_id = r.account_id AND e.pipeline_run_id = r.id
  AND (e.cache_read > 0 OR e.cache_write > 0);

ALTER TABLE pipeline_steps ALTER COLUMN duration_ms TYPE bigint;

UPDATE cost_entries SET cache_read_tokens = coalesce(cache_read_tokens, 0),
  cache_write_tokens = coalesce(cache_write_tokens, 0)
WHERE cache_read_tokens IS NULL OR cache_write_tokens IS NULL;
ALTER TABLE cost_entries
  ALTER COLUMN input_tokens TYPE bigint,
  ALTER COLUMN output_tokens TYPE bigint,
  ALTER COLUMN cache_read_tokens TYPE bigint,
  ALTER COLUMN cache_read_tokens SET NOT NULL,
  ALTER COLUMN cache_write_tokens TYPE bigint,
  ALTER COLUMN cache_write_tokens SET NOT NULL,
  ALTER COLUMN cost_usd TYPE numeric(20, 9);

ALTER TABLE assistants ALTER COLUMN id SET DEFAULT uuid_v7();
ALTER TABLE pipeline_runs ALTER COLUMN id SET DEFAULT uuid_v7();
ALTER TABLE pipeline_steps ALTER COLUMN id SET DEFAULT uuid_v7();
ALTER TABLE cost_entries ALTER COLUMN id SET DEFAULT uuid_v7();
ALTER TABLE prompt_versions ALTER COLUMN id SET DEFAULT uuid_v7();
ALTER TABLE accounts ALTER COLUMN id SET DEFAULT uuid_v7();

-- Queued and cancelled runs; the steps of the runner (stable key, request hash, stored output).
ALTER TABLE pipeline_runs
  DROP CONSTRAINT pipeline_runs_status_check,
  ADD CONSTRAINT pipeline_runs_status_check
    CHECK (status IN ('queued', 'running', 'completed', 'failed', 'cancelled')),
  ADD COLUMN model text,
  ADD COLUMN target_score integer NOT NULL DEFAULT 90 CHECK (target_score BETWEEN 0 AND 100),
  ADD COLUMN iteration_limit integer NOT NULL DEFAULT 3 CHECK (iteration_limit BETWEEN 0 AND 10),
  ADD COLUMN pipeline_version text,
  ADD COLUMN idempotency_key text,
  ADD COLUMN request_hash text,
  ADD COLUMN retry_count integer NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX pipeline_runs_idempotency
  ON pipeline_runs (account_id, idempotency_key) WHERE idempotency_key IS NOT NULL;

ALTER TABLE pipeline_steps
  ADD COLUMN step_key text,
  ADD COLUMN progress integer CHECK (progress BETWEEN 0 AND 100),
  ADD COLUMN request_hash text,
  ADD COLUMN output text;
CREATE UNIQUE INDEX pipeline_steps_key
  ON pipeline_steps (account_id, pipeline_run_id, step_key);

ALTER TABLE cost_entries
  ADD COLUMN attempt_id uuid,
  ADD COLUMN idempotency_key text,
  ADD COLUMN cache_write_1h_tokens bigint NOT NULL DEFAULT 0,
  ADD COLUMN price_status text NOT NULL DEFAULT 'priced'
    CHECK (price_status IN ('priced', 'partial', 'unpriced')),
  ADD COLUMN price_id uuid,
  ADD COLUMN estimated boolean NOT NULL DEFAULT false,
  ADD COLUMN usage jsonb,
  ADD CONSTRAINT cost_entries_buckets CHECK (
    input_tokens >= 0 AND output_tokens >= 0 AND cache_read_tokens >= 0
    AND cache_write_tokens >= 0 AND cache_write_1h_tokens BETWEEN 0 AND cache_write_tokens
  ) NOT VALID;
CREATE UNIQUE INDEX cost_entries_idempotency
  ON cost_entries (account_id, idempotency_key) WHERE idempotency_key IS NOT NULL;

ALTER TABLE pipeline_runs ADD CONSTRAINT pipeline_runs_assistant_fkey
  FOREIGN KEY (account_id, assistant_id) REFERENCES assistants (account_id, id) ON DELETE CASCADE;
ALTER TABLE pipeline_steps ADD CONSTRAINT pipeline_steps_run_fkey
  FOREIGN KEY (account_id, pipeline_run_id) REFERENCES pipeline_runs (account_id, id)
  ON DELETE CASCADE;
ALTER TABLE cost_entries
  ADD CONSTRAINT cost_entries_run_fkey
    FOREIGN KEY (account_id, pipeline_run_id) REFERENCES pipeline_runs (account_id, id)
    ON DELETE CASCADE,
  ADD CONSTRAINT cost_entries_assistant_fkey
    FOREIGN KEY (account_id, assistant_id) REFERENCES assistants (account_id, id)
    ON DELETE CASCADE,
  ADD CONSTRAINT cost_entries_step_fkey
    FOREIGN KEY (account_id, pipeline_step_id) REFERENCES pipeline_steps (account_id, id)
    ON DELETE SET NULL (pipeline_step_id);
ALTER TABLE prompt_versions
  ADD CONSTRAINT prompt_versions_run_fkey
    FOREIGN KEY (account_id, pipeline_run_id) REFERENCES pipeline_runs (account_id, id)
    ON DELETE CASCADE,
  ADD CONSTRAINT prompt_versions_assistant_fkey
    FOREIGN KEY (account_id, assistant_id) REFERENCES assistants (account_id, id)
    ON DELETE CASCADE,
  ADD CONSTRAINT prompt_versions_number_key UNIQUE (account_id, assistant_id, version_number),
  ADD CONSTRAINT prompt_versions_version_key UNIQUE (account_id, assistant_id, version);

-- Indexes for the questions that are asked; those of the plan that they replace go.
CREATE INDEX pipeline_runs_id ON pipeline_runs (id);
CREATE INDEX pipeline_runs_recent ON pipeline_runs (account_id, created_at DESC, id DESC);
CREATE INDEX pipeline_runs_recent_all ON pipeline_runs (created_at DESC, id DESC);
CREATE INDEX pipeline_runs_status ON pipeline_runs (account_id, status, created_at DESC);
CREATE INDEX pipeline_runs_status_all ON pipeline_runs (status, created_at DESC, account_id);
CREATE INDEX pipeline_runs_started ON pipeline_runs (started_at DESC);
CREATE INDEX pipeline_steps_id ON pipeline_steps (id);
CREATE INDEX cost_entries_id ON cost_entries (id);
CREATE INDEX cost_entries_account_time ON cost_entries (account_id, timestamp DESC);
CREATE INDEX prompt_versions_id ON prompt_versions (id);
CREATE INDEX prompt_versions_run ON prompt_versions (pipeline_run_id);
DROP INDEX idx_accounts_slug, idx_cost_entries_account, idx_pipeline_runs_account,
  idx_pipeline_runs_created;

CREATE VIEW v_pipeline_cost_breakdown WITH (security_invoker = true) AS
SELECT
  r.id AS pipeline_run_id, r.pipeline_id, r.account_id, r.assistant_id,
  a.slug AS account_slug, s.external_id AS assistant_external_id,
  r.status, r.duration_ms, r.started_at, r.completed_at,
  coalesce(sum(e.cost_usd) FILTER (WHERE e.operation = 'prompt_generation'), 0)
    AS generation_cost,
  coalesce(sum(e.cost_usd) FILTER (WHERE e.operation = 'prompt_analysis'), 0) AS analysis_cost,
  coalesce(sum(e.cost_usd) FILTER (WHERE e.operation = 'prompt_improvement'), 0)
    AS improvement_cost,
  coalesce(sum(e.input_tokens) FILTER (WHERE e.operation = 'prompt_generation'), 0)::bigint
    AS generation_input_tokens,
  coalesce(sum(e.output_tokens) FILTER (WHERE e.operation = 'prompt_generation'), 0)::bigint
    AS generation_output_tokens,
  coalesce(sum(e.input_tokens) FILTER (WHERE e.operation = 'prompt_analysis'), 0)::bigint
    AS analysis_input_tokens,
  coalesce(sum(e.output_tokens) FILTER (WHERE e.operation = 'prompt_analysis'), 0)::bigint
    AS analysis_output_tokens,
  coalesce(sum(e.input_tokens) FILTER (WHERE e.operation = 'prompt_improvement'), 0)::bigint
    AS improvement_input_tokens,
  coalesce(sum(e.output_tokens) FILTER (WHERE e.operation = 'prompt_improvement'), 0)::bigint
    AS improvement_output_tokens,
  coalesce(sum(e.cost_usd), 0) AS total_cost,
  coalesce(sum(e.input_tokens), 0)::bigint AS total_input_tokens,
  coalesce(sum(e.output_tokens), 0)::bigint AS total_output_tokens
FROM pipeline_runs r
JOIN accounts a ON a.id = r.account_id
JOIN assistants s ON s.account_id = r.account_id AND s.id = r.assistant_id
LEFT JOIN cost_entries e ON e.account_id = r.account_id AND e.pipeline_run_id = r.id
GROUP BY r.account_id, r.id, a.slug, s.external_id;

CREATE VIEW v_daily_costs_by_account WITH (security_invoker = true) AS
SELECT
  date(e.timestamp) AS date, a.id AS account_id, a.slug AS account_slug, a.name AS account_name,
  count(DISTINCT e.pipeline_run_id) AS pipeline_runs,
  sum(e.input_tokens)::bigint AS total_input_tokens,
  sum(e.output_tokens)::bigint AS total_output_tokens,
  sum(e.cost_usd) AS total_cost
FROM cost_entries e
JOIN accounts a ON a.id = e.account_id
GROUP BY date(e.timestamp), a.id, a.slug, a.name
ORDER BY date DESC, account_slug;

CREATE VIEW v_costs_by_assistant WITH (security_invoker = true) AS
SELECT
  s.id AS assistant_id, s.external_id, s.name AS assistant_name,
  a.id AS account_id, a.slug AS account_slug,
  count(DISTINCT e.pipeline_run_id) AS total_runs,
  sum(e.input_tokens)::bigint AS total_input_tokens,
  sum(e.output_tokens)::bigint AS total_output_tokens,
  sum(e.cost_usd) AS total_cost,
  avg(e.cost_usd) AS avg_cost_per_operation,
  max(e.timestamp) AS last_activity
FROM cost_entries e
JOIN assistants s ON s.account_id = e.account_id AND s.id = e.assistant_id
JOIN accounts a ON a.id = e.account_id
GROUP BY s.account_id, s.id, s.external_id, s.name, a.id, a.slug;

-- Run totals: added once per statement, whatever the number of lines already there; rows are
-- locked in key order, so that writers of several runs cannot deadlock.
CREATE OR REPLACE FUNCTION update_pipeline_run_totals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM pipeline_runs r
  WHERE (r.account_id, r.id) IN (SELECT n.account_id, n.pipeline_run_id FROM new_entries n)
  ORDER BY r.account_id, r.id
  FOR NO KEY UPDATE;
  UPDATE pipeline_runs r SET
    total_input_tokens = r.total_input_tokens + n.input_tokens,
    total_output_tokens = r.total_output_tokens + n.output_tokens,
    total_cache_read_tokens = r.total_cache_read_tokens + n.cache_read_tokens,
    total_cache_write_tokens = r.total_cache_write_tokens + n.cache_write_tokens,
    total_cost_usd = r.total_cost_usd + n.cost_usd
  FROM (SELECT account_id, pipeline_run_id, sum(input_tokens) AS input_tokens,
               sum(output_tokens) AS output_tokens, sum(cache_read_tokens) AS cache_read_tokens,
               sum(cache_write_tokens) AS cache_write_tokens, sum(cost_usd) AS cost_usd
        FROM new_entries GROUP BY account_id, pipeline_run_id) AS n
  WHERE r.account_id = n.account_id AND r.id = n.pipeline_run_id;
  RETURN NULL;
END
$$;
CREATE TRIGGER tr_update_pipeline_totals AFTER INSERT ON cost_entries
  REFERENCING NEW TABLE AS new_entries
  FOR EACH STATEMENT EXECUTE FUNCTION update_pipeline_run_totals();

-- Finishers of one assistant take their numbers one after another: the lock is held until the
-- version is committed, and the next statement sees it.
CREATE OR REPLACE FUNCTION get_next_version_number(p_assistant_id uuid) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  next_number integer;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('version ' || p_assistant_id, 0));
  SELECT coalesce(max(version_number), 0) + 1 INTO next_number
  FROM prompt_versions WHERE assistant_id = p_assistant_id;
  RETURN next_number;
END
$$;
