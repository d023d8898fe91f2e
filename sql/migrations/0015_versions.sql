-- The life of prompt versions: where they come from, what they may become, where they are deployed,
-- who agreed, and what was noted. Content never changes; what happens to a version is an event.

-- Environments that an account deploys to; the first one is meant where none is named. And whether
-- a second person has to agree before a version is deployed.
ALTER TABLE accounts
  ADD COLUMN environments text[] NOT NULL DEFAULT '{production,staging}'
    CHECK (cardinality(environments) BETWEEN 1 AND 10 AND array_position(environments, NULL) IS NULL
           AND array_to_string(environments, ' ') ~ '^[a-z][a-z0-9-]{0,31}( [a-z][a-z0-9-]{0,31})*$'),
  ADD COLUMN needs_approval boolean NOT NULL DEFAULT false;

-- A version comes from a run, from a hand that edited another one, or from files. A run ends with a
-- version: with one that it made, or with one of the same text that was there before. A run of kind
-- 'score' only analyses the text of a version that has no score yet.
ALTER TABLE prompt_versions
  ALTER COLUMN pipeline_run_id DROP NOT NULL,
  ALTER COLUMN briefing_hash DROP NOT NULL,
  ALTER COLUMN status SET NOT NULL,
  ADD COLUMN origin text NOT NULL DEFAULT 'run' CHECK (origin IN ('run', 'edit', 'import')),
  ADD COLUMN parent_id uuid,
  ADD COLUMN created_by text, -- who edited or imported it
  ADD COLUMN message text CHECK (length(message) <= 500), -- what was changed, and why
  ADD COLUMN revision integer NOT NULL DEFAULT 1, -- counts changes of status, for optimistic locking
  ADD FOREIGN KEY (account_id, parent_id) REFERENCES prompt_versions (account_id, id),
  ADD CHECK ((origin = 'run') = (pipeline_run_id IS NOT NULL));
CREATE INDEX prompt_versions_hash ON prompt_versions (account_id, assistant_id, prompt_hash);
ALTER TABLE pipeline_runs
  ADD COLUMN kind text NOT NULL DEFAULT 'pipeline' CHECK (kind IN ('pipeline', 'score')),
  ADD COLUMN prompt_version_id uuid, -- what it ended with, or what it scores
  ADD FOREIGN KEY (account_id, prompt_version_id) REFERENCES prompt_versions (account_id, id),
  ADD CHECK (kind = 'pipeline' OR prompt_version_id IS NOT NULL);

-- The allowed moves of a version's status. Those of deployments happen with an event only.
CREATE TABLE version_moves (
  from_status text NOT NULL,
  to_status text NOT NULL,
  verb text NOT NULL, -- what a person does
  is_deployment boolean NOT NULL, -- a row of deployments changes with it
  PRIMARY KEY (from_status, to_status)
);
INSERT INTO version_moves (from_status, to_status, verb, is_deployment) VALUES
  ('draft', 'final', 'approve', false),
  ('draft', 'archived', 'archive', false),
  ('final', 'draft', 'reopen', false),
  ('final', 'deployed', 'deploy', true),
  ('final', 'archived', 'archive', false),
  ('deployed', 'final', 'withdraw', true),
  ('deployed', 'archived', 'withdraw and archive', true),
  ('archived', 'draft', 'restore', false);

-- What an assistant serves in an environment. A row whose version is NULL: withdrawn.
CREATE TABLE deployments (
  account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  assistant_id uuid NOT NULL,
  environment text NOT NULL,
  prompt_version_id uuid,
  event_id uuid NOT NULL,
  deployed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  deployed_by text NOT NULL,
  PRIMARY KEY (account_id, assistant_id, environment),
  FOREIGN KEY (account_id, assistant_id) REFERENCES assistants (account_id, id) ON DELETE CASCADE,
  FOREIGN KEY (account_id, prompt_version_id) REFERENCES prompt_versions (account_id, id)
);
CREATE INDEX deployments_version ON deployments (account_id, prompt_version_id);

-- Each deployment, rollback and withdrawal, only ever added to.
CREATE TABLE deployment_events (
  account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  id uuid NOT NULL DEFAULT uuid_v7(),
  assistant_id uuid NOT NULL,
  environment text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('deploy', 'rollback', 'withdraw')),
  prompt_version_id uuid, -- NULL: withdrawn
  previous_version_id uuid,
  actor text NOT NULL,
  token_id uuid,
  reason text CHECK (length(reason) <= 500),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (account_id, id),
  CHECK ((kind = 'withdraw') = (prompt_version_id IS NULL)),
  FOREIGN KEY (account_id, assistant_id) REFERENCES assistants (account_id, id) ON DELETE CASCADE,
  FOREIGN KEY (account_id, prompt_version_id) REFERENCES prompt_versions (account_id, id),
  FOREIGN KEY (account_id, previous_version_id) REFERENCES prompt_versions (account_id, id)
);
CREATE INDEX deployment_events_assistant ON deployment_events (account_id, assistant_id, id);
CREATE INDEX deployment_events_version ON deployment_events (account_id, prompt_version_id);

CREATE TABLE version_approvals (
  account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  prompt_version_id uuid NOT NULL,
  actor text NOT NULL,
  token_id uuid,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (account_id, prompt_version_id, actor),
  FOREIGN KEY (account_id, prompt_version_id) REFERENCES prompt_versions (account_id, id)
    ON DELETE CASCADE
);

CREATE TABLE version_notes (
  account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  id uuid NOT NULL DEFAULT uuid_v7(),
  prompt_version_id uuid NOT NULL,
  actor text NOT NULL,
  note text NOT NULL CHECK (length(note) BETWEEN 1 AND 4000),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (account_id, id),
  FOREIGN KEY (account_id, prompt_version_id) REFERENCES prompt_versions (account_id, id)
    ON DELETE CASCADE
);
CREATE INDEX version_notes_version ON version_notes (account_id, prompt_version_id, id);

-- Who acts in this transaction: what audit_actor (audit.sql) has set, or whoever is connected.
CREATE FUNCTION actor_name() RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, public AS $$
  SELECT coalesce(nullif(current_setting('app.actor', true), '')::jsonb ->> 'name', session_user)
$$;
CREATE FUNCTION actor_token() RETURNS uuid
LANGUAGE sql STABLE SET search_path = pg_catalog, public AS $$
  SELECT (nullif(current_setting('app.actor', true), '')::jsonb ->> 'token_id')::uuid
$$;

-- What holds of a version whoever changes it: its content stays (retention empties it), a score is
-- given once, and its status moves as version_moves allows.
CREATE FUNCTION version_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
  v_moves text;
BEGIN
  IF NEW.pruned_at IS NULL AND (NEW.prompt_content, NEW.prompt_hash, NEW.injection_content)
      IS DISTINCT FROM (OLD.prompt_content, OLD.prompt_hash, OLD.injection_content)
    OR (NEW.account_id, NEW.assistant_id, NEW.version, NEW.version_number, NEW.origin)
      IS DISTINCT FROM
      (OLD.account_id, OLD.assistant_id, OLD.version, OLD.version_number, OLD.origin)
    OR OLD.final_score IS NOT NULL AND NEW.final_score IS DISTINCT FROM OLD.final_score THEN
    RAISE EXCEPTION 'A version never changes: make a new one.' USING ERRCODE = 'PB409';
  END IF;
  IF NEW.status = OLD.status THEN
    RETURN NEW;
  END IF;
  NEW.revision := OLD.revision + 1;
  -- Retention and deletion take the texts of whatever they find.
  IF NEW.pruned_at IS DISTINCT FROM OLD.pruned_at THEN
    RETURN NEW;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM version_moves m
                 WHERE m.from_status = OLD.status AND m.to_status = NEW.status) THEN
    SELECT string_agg(m.to_status, ' or ' ORDER BY m.to_status) INTO v_moves
    FROM version_moves m WHERE m.from_status = OLD.status;
    RAISE EXCEPTION 'The version is %: it can become %, not %.', OLD.status, v_moves, NEW.status
      USING ERRCODE = 'PB409';
  END IF;
  IF (NEW.status = 'deployed') IS DISTINCT FROM EXISTS (
    SELECT 1 FROM deployments d
    WHERE d.account_id = NEW.account_id AND d.prompt_version_id = NEW.id) THEN
    RAISE EXCEPTION 'A version is deployed where an environment has it, and only then.'
      USING ERRCODE = 'PB409';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER tr_guard BEFORE UPDATE ON prompt_versions FOR EACH ROW
  EXECUTE FUNCTION version_guard();

-- Puts version p_version, or none, in the place of what an environment has, under the row security
-- of whoever calls. One change of an assistant goes after the other. p_replaces: the version that
-- the caller believes to be there; with p_is_checked another one is a conflict.
CREATE FUNCTION deployment_change(p_account_id uuid, p_assistant_id uuid, p_environment text,
  p_version uuid, p_reason text, p_replaces uuid, p_is_checked boolean) RETURNS uuid
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
  v_account record;
  v_version record;
  v_old deployments;
  v_old_name text;
  v_event uuid := uuid_v7();
  v_kind text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('deploy ' || p_assistant_id::text, 0));
  SELECT a.environments, a.needs_approval, a.deleted_at INTO v_account
  FROM accounts a WHERE a.id = p_account_id;
  IF v_account.deleted_at IS NOT NULL THEN
    RAISE EXCEPTION 'The account is deleted: nothing can be deployed in it.'
      USING ERRCODE = 'PB409';
  ELSIF NOT p_environment = ANY (v_account.environments) THEN
    RAISE EXCEPTION 'environment: the account has no environment %; it has %.', p_environment,
      array_to_string(v_account.environments, ', ') USING ERRCODE = 'PB400';
  END IF;
  SELECT d.* INTO v_old FROM deployments d WHERE d.account_id = p_account_id
    AND d.assistant_id = p_assistant_id AND d.environment = p_environment;
  SELECT v.version INTO v_old_name FROM prompt_versions v
  WHERE v.account_id = p_account_id AND v.id = v_old.prompt_version_id;
  IF p_is_checked AND v_old.prompt_version_id IS DISTINCT FROM p_replaces
    OR v_old.prompt_version_id IS NOT DISTINCT FROM p_version THEN
    RAISE EXCEPTION 'In % % is deployed now.', p_environment, coalesce(v_old_name, 'no version')
      USING ERRCODE = 'PB409';
  END IF;
  IF p_version IS NOT NULL THEN
    SELECT v.status, v.version, v.created_by INTO v_version FROM prompt_versions v
    WHERE v.account_id = p_account_id AND v.assistant_id = p_assistant_id AND v.id = p_version
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'There is no such prompt version.' USING ERRCODE = 'PB404';
    ELSIF v_version.status NOT IN ('final', 'deployed') THEN
      RAISE EXCEPTION '% is %: only a final version can be deployed.', v_version.version,
        v_version.status USING ERRCODE = 'PB409';
    ELSIF v_account.needs_approval AND NOT EXISTS (
      SELECT 1 FROM version_approvals p
      WHERE p.account_id = p_account_id AND p.prompt_version_id = p_version
        AND p.actor <> actor_name() AND p.token_id IS DISTINCT FROM actor_token()
        AND p.actor IS DISTINCT FROM v_version.created_by) THEN
      RAISE EXCEPTION 'This account wants a second person to approve % before it is deployed.',
        v_version.version USING ERRCODE = 'PB409';
    END IF;
  END IF;
  v_kind := CASE WHEN p_version IS NULL THEN 'withdraw' WHEN EXISTS (
    SELECT 1 FROM deployment_events e WHERE e.account_id = p_account_id
      AND e.assistant_id = p_assistant_id AND e.environment = p_environment
      AND e.prompt_version_id = p_version) THEN 'rollback' ELSE 'deploy' END;
  INSERT INTO deployment_events (account_id, id, assistant_id, environment, kind,
    prompt_version_id, previous_version_id, actor, token_id, reason)
  VALUES (p_account_id, v_event, p_assistant_id, p_environment, v_kind, p_version,
    v_old.prompt_version_id, actor_name(), actor_token(), nullif(p_reason, ''));
  INSERT INTO deployments AS d (account_id, assistant_id, environment, prompt_version_id, event_id,
    deployed_by)
  VALUES (p_account_id, p_assistant_id, p_environment, p_version, v_event, actor_name())
  ON CONFLICT (account_id, assistant_id, environment) DO UPDATE
  SET prompt_version_id = p_version, event_id = v_event, deployed_at = clock_timestamp(),
      deployed_by = actor_name();
  UPDATE prompt_versions v SET status = 'deployed', deployed_at = clock_timestamp()
  WHERE v.account_id = p_account_id AND v.id = p_version AND v.status = 'final';
  UPDATE prompt_versions v SET status = 'final', deployed_at = NULL
  WHERE v.account_id = p_account_id AND v.id = v_old.prompt_version_id AND NOT EXISTS (
    SELECT 1 FROM deployments d
    WHERE d.account_id = p_account_id AND d.prompt_version_id = v.id);
  RETURN v_event;
END
$$;

-- Whoever delivers prompts and whoever sends events hears of a deployment when it is committed.
CREATE FUNCTION deployment_tell() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  INSERT INTO outbox (account_id, kind, payload)
  SELECT NEW.account_id, 'prompt.' || NEW.kind, jsonb_build_object(
    'account', jsonb_build_object('id', a.id, 'slug', a.slug, 'name', a.name),
    'assistant', jsonb_build_object('id', s.id, 'external_id', s.external_id, 'name', s.name),
    'environment', NEW.environment,
    'event', NEW.id,
    'version', (SELECT jsonb_build_object('id', v.id, 'version', v.version, 'hash', v.prompt_hash,
                                          'final_score', v.final_score::text)
                FROM prompt_versions v
                WHERE v.account_id = NEW.account_id AND v.id = NEW.prompt_version_id),
    'previous_version', (SELECT jsonb_build_object('id', v.id, 'version', v.version,
                                                   'hash', v.prompt_hash)
                         FROM prompt_versions v
                         WHERE v.account_id = NEW.account_id AND v.id = NEW.previous_version_id),
    'actor', NEW.actor, 'reason', NEW.reason)
  FROM accounts a JOIN assistants s ON s.account_id = a.id
  WHERE a.id = NEW.account_id AND s.id = NEW.assistant_id;
  PERFORM pg_notify('promptbuilder_jobs', '');
  PERFORM pg_notify('promptbuilder_deployments', NEW.assistant_id::text);
  RETURN NULL;
END
$$;
CREATE TRIGGER tr_tell AFTER INSERT ON deployment_events FOR EACH ROW
  EXECUTE FUNCTION deployment_tell();

INSERT INTO audit_actions (action, sentence) VALUES
  ('version.approve', 'approved a prompt version'),
  ('version.deploy', 'changed what an environment has'),
  ('version.make', 'made a prompt version by hand or from files'),
  ('version.note', 'noted something on a prompt version');
CREATE TRIGGER tr_audit_deploy AFTER INSERT ON deployment_events FOR EACH ROW
  EXECUTE FUNCTION audit_row('version.deploy', 'prompt_version_id', 'kind', 'environment',
                             'assistant_id', 'previous_version_id');
CREATE TRIGGER tr_audit_approve AFTER INSERT ON version_approvals FOR EACH ROW
  EXECUTE FUNCTION audit_row('version.approve', 'prompt_version_id');
CREATE TRIGGER tr_audit_note AFTER INSERT ON version_notes FOR EACH ROW
  EXECUTE FUNCTION audit_row('version.note', 'prompt_version_id', 'id');
CREATE TRIGGER tr_audit_make AFTER INSERT ON prompt_versions FOR EACH ROW
  WHEN (NEW.origin <> 'run') EXECUTE FUNCTION audit_row('version.make', 'id', 'version', 'origin',
                                                        'assistant_id', 'parent_id');

REVOKE ALL ON FUNCTION actor_name(), actor_token(), version_guard(), deployment_tell(),
  deployment_change(uuid, uuid, text, uuid, text, uuid, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION actor_name(), actor_token(),
  deployment_change(uuid, uuid, text, uuid, text, uuid, boolean) TO promptbuilder_web;
GRANT SELECT ON version_moves, deployments TO promptbuilder_web, promptbuilder_runner;
GRANT SELECT, INSERT ON deployment_events, version_approvals, version_notes TO promptbuilder_web;
GRANT INSERT, UPDATE (prompt_version_id, event_id, deployed_at, deployed_by) ON deployments
  TO promptbuilder_web;
GRANT INSERT ON prompt_versions TO promptbuilder_web;
GRANT UPDATE (revision) ON prompt_versions TO promptbuilder_web;
GRANT UPDATE (final_score) ON prompt_versions TO promptbuilder_runner;
GRANT SELECT (environments, needs_approval) ON accounts TO promptbuilder_web, promptbuilder_runner;
GRANT UPDATE (environments, needs_approval) ON accounts TO promptbuilder_web;

DO $$
DECLARE
  t text;
  own_account constant text := 'account_id = (SELECT nullif(current_setting(''app.account_id'','
    ' true), '''')::uuid) OR (SELECT current_setting(''app.operator'', true) = ''on'')';
BEGIN
  FOREACH t IN ARRAY ARRAY['version_moves', 'deployments', 'deployment_events',
                           'version_approvals', 'version_notes'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', t);
    IF t = 'version_moves' THEN
      EXECUTE format('CREATE POLICY web ON %I FOR SELECT TO promptbuilder_web USING (true)', t);
    ELSE
      EXECUTE format('CREATE POLICY web ON %I TO promptbuilder_web USING (%s) WITH CHECK (%s)', t,
                     own_account, own_account);
    END IF;
  END LOOP;
  FOREACH t IN ARRAY ARRAY['version_moves', 'deployments'] LOOP
    EXECUTE format('CREATE POLICY runner ON %I FOR SELECT TO promptbuilder_runner USING (true)', t);
  END LOOP;
END
$$;
