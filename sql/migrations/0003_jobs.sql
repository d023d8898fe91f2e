-- The runner's tables: a narrow jobs table, one row per runner process, and the call ledger.

-- One row per run. epoch is the fence: it grows with every claim, and only its holder may change
-- the run. No foreign keys: the table stays local where the tenant tables are distributed.
CREATE TABLE jobs (
  account_id uuid NOT NULL,
  pipeline_run_id uuid NOT NULL,
  state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done')),
  priority integer NOT NULL DEFAULT 0,
  run_after timestamptz NOT NULL DEFAULT now(),
  epoch bigint NOT NULL DEFAULT 0,
  runner_id uuid,
  crash_claims integer NOT NULL DEFAULT 0,
  cancel_requested boolean NOT NULL DEFAULT false,
  waiting_for text,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, pipeline_run_id),
  CHECK ((state = 'running') = (runner_id IS NOT NULL))
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX jobs_due ON jobs (priority DESC, run_after, pipeline_run_id) WHERE state = 'queued';
CREATE INDEX jobs_running_account ON jobs (account_id) WHERE state = 'running';
CREATE INDEX jobs_running_runner ON jobs (runner_id) WHERE state = 'running';

-- One row per runner process start; it lives as long as its lease.
CREATE TABLE runners (
  id uuid PRIMARY KEY,
  host text NOT NULL,
  pid integer NOT NULL,
  version text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  lease_until timestamptz NOT NULL,
  draining boolean NOT NULL DEFAULT false
);

-- The call ledger: a row is committed before the first byte is sent and settled once.
CREATE TABLE attempts (
  account_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT uuid_v7(),
  pipeline_run_id uuid NOT NULL,
  pipeline_step_id uuid NOT NULL,
  number integer NOT NULL CHECK (number > 0),
  epoch bigint NOT NULL,
  runner_id uuid NOT NULL,
  model text NOT NULL,
  price_id uuid,
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'settled', 'free', 'unknown')),
  request_hash text NOT NULL,
  reserved_usd numeric(20, 9) NOT NULL DEFAULT 0,
  succeeded boolean,
  estimated boolean NOT NULL DEFAULT false,
  http_status integer,
  stop_reason text,
  error_type text,
  error_message text,
  provider_message_id text,
  provider_request_id text,
  opened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  first_byte_ms bigint,
  duration_ms bigint,
  ended_at timestamptz,
  PRIMARY KEY (account_id, id),
  UNIQUE (account_id, pipeline_step_id, number),
  FOREIGN KEY (account_id, pipeline_run_id) REFERENCES pipeline_runs (account_id, id)
    ON DELETE CASCADE,
  FOREIGN KEY (account_id, pipeline_step_id) REFERENCES pipeline_steps (account_id, id)
    ON DELETE CASCADE,
  CHECK ((state = 'open') = (ended_at IS NULL))
);
CREATE INDEX attempts_run ON attempts (account_id, pipeline_run_id, opened_at);
CREATE INDEX attempts_open ON attempts (runner_id) WHERE state = 'open';

ALTER TABLE cost_entries ADD CONSTRAINT cost_entries_attempt_fkey
  FOREIGN KEY (account_id, attempt_id) REFERENCES attempts (account_id, id)
  ON DELETE SET NULL (attempt_id);
