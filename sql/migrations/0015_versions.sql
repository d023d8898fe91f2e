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
UPDATE prompt_versions SET status = 'draft' WHERE status IS NULL;
ALTER TABLE prompt_versions
  ALTER COLUMN pipeline_run_id DROP NOT NULL,
  ALTER COLUMN briefing_hash DROP NOT NULL,
  ALTER COLUMN status SET NOT NULL,
  ADD COLUMN origin text NOT NULL DEFAULT 'run' CHECK (origin IN ('run', 'edit', 'import')),
  ADD COLUMN parent_id uuid,
  ADD COLUMN created_by text, -- who edited or imported it
  ADD COLUMN created_token uuid, -- and with which token
  ADD COLUMN message text CHECK (length(message) <= 500), -- what was changed, and why
  ADD COLUMN revision integer NOT NULL DEFAULT 1, -- counts changes of status, for optimistic locking
  ADD FOREIGN KEY (account_id, parent_id) REFERENCES prompt_versions (account_id, id),
  ADD CHECK ((origin = 'run') = (pipeline_run_id IS NOT NULL));
CREATE INDEX prompt_versions_hash ON prompt_versions (account_id, assistant_id, prompt_hash);
-- A list by any filter follows an index to its first page.
DROP INDEX idx_prompt_versions_account, idx_prompt_versions_status, idx_prompt_versions_created;
CREATE INDEX prompt_versions_recent ON prompt_versions (account_id, created_at DESC, id DESC);
CREATE INDEX prompt_versions_recent_all ON prompt_versions (created_at DESC, id DESC);
CREATE INDEX prompt_versions_status ON prompt_versions
  (account_id, status, created_at DESC, id DESC);
CREATE INDEX prompt_versions_status_all ON prompt_versions (status, created_at DESC, id DESC);
CREATE INDEX prompt_versions_assistant ON prompt_versions
  (account_id, assistant_id, created_at DESC, id DESC);
CREATE INDEX assistants_id ON assistants (id);
ALTER TABLE pipeline_runs
  ADD COLUMN kind text NOT NULL DEFAULT 'pipeline' CHECK (kind IN ('pipeline', 'score')),
  ADD COLUMN prompt_version_id uuid, -- what it ended with, or what it scores
  ADD FOREIGN KEY (account_id, prompt_version_id) REFERENCES prompt_versions (account_id, id),
  ADD CHECK (kind = 'pipeline' OR prompt_version_id IS NOT NULL);
CREATE INDEX pipeline_runs_version ON pipeline_runs (account_id, prompt_version_id)
  WHERE prompt_version_id IS NOT NULL;
UPDATE pipeline_runs r SET prompt_version_id = v.id
FROM prompt_versions v
WHERE v.account_id = r.account_id AND v.pipeline_run_id = r.id AND r.status = 'completed';

-- The allowed moves of a version's status. Those of deployments happen with an event only.
CREATE TABLE version_moves (
  from_status text NOT NULL,
  to_status text NOT NULL,
  verb text NOT NULL, -- what a button says
  is_deployment boolean NOT NULL, -- a row of deployments changes with it
  PRIMARY KEY (from_status, to_status)
);
INSERT INTO version_moves (from_status, to_status, verb, is_deployment) VALUES
  ('draft', 'final', 'Make final', false),
  ('draft', 'archived', 'Archive', false),
  ('final', 'draft', 'Reopen', false),
  ('final', 'deployed', 'Deploy', true),
  ('final', 'archived', 'Archive', false),
  ('deployed', 'final', 'Withdraw everywhere', true),
  ('deployed', 'archived', 'Withdraw everywhere and archive', true),
  ('archived', 'draft', 'Restore', false);

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

-- What was called deployed before there were environments: the latest of each assistant serves the
-- first one from here on, the others are final.
WITH latest AS (
  SELECT DISTINCT ON (v.account_id, v.assistant_id) v.account_id, v.assistant_id, v.id,
         coalesce(v.deployed_at, v.created_at, now()) AS deployed_at, uuid_v7() AS event_id
  FROM prompt_versions v WHERE v.status = 'deployed'
  ORDER BY v.account_id, v.assistant_id, v.deployed_at DESC NULLS LAST, v.version_number DESC
), event AS (
  INSERT INTO deployment_events (account_id, id, assistant_id, environment, kind,
                                 prompt_version_id, actor, created_at)
  SELECT account_id, event_id, assistant_id, 'production', 'deploy', id, 'unknown', deployed_at
  FROM latest
)
INSERT INTO deployments (account_id, assistant_id, environment, prompt_version_id, event_id,
                         deployed_at, deployed_by)
SELECT account_id, assistant_id, 'production', id, event_id, deployed_at, 'unknown' FROM latest;
UPDATE prompt_versions v SET status = 'final', deployed_at = NULL
WHERE v.status = 'deployed' AND NOT EXISTS (
  SELECT 1 FROM deployments d WHERE d.account_id = v.account_id AND d.prompt_version_id = v.id);

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

-- Says what else a version of a status may become, where it may not become what is asked.
CREATE FUNCTION version_check_move(p_from text, p_to text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public AS $$
DECLARE
  v_moves text;
BEGIN
  IF p_from = p_to THEN
    RAISE EXCEPTION 'The version is % already.', p_from USING ERRCODE = 'PB409';
  END IF;
  SELECT string_agg(m.to_status, ' or ' ORDER BY m.to_status) INTO v_moves
  FROM version_moves m WHERE m.from_status = p_from HAVING bool_and(m.to_status <> p_to);
  IF v_moves IS NOT NULL THEN
    RAISE EXCEPTION 'The version is %: it can become %, not %.', p_from, v_moves, p_to
      USING ERRCODE = 'PB409';
  END IF;
END
$$;

-- What holds of a version whoever changes it: its content stays (retention and deletion empty it,
-- for good), a score is given once, and its status moves as version_moves allows.
CREATE FUNCTION version_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
  v_is_emptied boolean := NEW.pruned_at IS NOT NULL AND NEW.prompt_content = ''
    AND NEW.injection_content = '';
BEGIN
  IF (NEW.prompt_content, NEW.injection_content)
      IS DISTINCT FROM (OLD.prompt_content, OLD.injection_content) AND NOT v_is_emptied
    OR OLD.pruned_at IS NOT NULL AND NEW.pruned_at IS NULL
    OR (NEW.account_id, NEW.assistant_id, NEW.version, NEW.version_number, NEW.origin,
        NEW.prompt_hash)
      IS DISTINCT FROM
      (OLD.account_id, OLD.assistant_id, OLD.version, OLD.version_number, OLD.origin,
       OLD.prompt_hash)
    OR OLD.final_score IS NOT NULL AND NEW.final_score IS DISTINCT FROM OLD.final_score THEN
    RAISE EXCEPTION 'A version never changes: make a new one.' USING ERRCODE = 'PB409';
  END IF;
  IF NEW.status = OLD.status THEN
    RETURN NEW;
  END IF;
  NEW.revision := OLD.revision + 1;
  -- Deletion takes the texts of whatever it finds, once nothing is deployed.
  IF NEW.pruned_at IS NULL OR OLD.pruned_at IS NOT NULL THEN
    PERFORM version_check_move(OLD.status, NEW.status);
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

-- Who makes a version by hand is noted by the database; it begins as a draft.
CREATE FUNCTION version_made() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  NEW.created_by := actor_name();
  NEW.created_token := actor_token();
  IF NEW.status = 'deployed' OR NEW.status <> 'draft' AND NEW.origin <> 'import' THEN
    RAISE EXCEPTION 'A version begins as a draft, or as what it was elsewhere; it is deployed later.'
      USING ERRCODE = 'PB409';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER tr_made BEFORE INSERT ON prompt_versions FOR EACH ROW
  WHEN (NEW.origin <> 'run') EXECUTE FUNCTION version_made();
CREATE TRIGGER tr_refuse_deleted BEFORE INSERT ON prompt_versions FOR EACH ROW
  WHEN (NEW.origin <> 'run') EXECUTE FUNCTION refuse_deleted_account();
CREATE TRIGGER tr_refuse_deleted BEFORE INSERT ON version_notes FOR EACH ROW
  EXECUTE FUNCTION refuse_deleted_account();
CREATE TRIGGER tr_refuse_deleted BEFORE INSERT ON version_approvals FOR EACH ROW
  EXECUTE FUNCTION refuse_deleted_account();

-- Changes of what an assistant serves go one after the other, and none while the rules of its
-- account change or the account is deleted. Everybody takes these locks in this order.
CREATE FUNCTION deployment_lock(p_account_id uuid, p_assistant_id uuid, OUT environments text[],
  OUT needs_approval boolean)
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
  v_deleted_at timestamptz;
BEGIN
  SELECT a.environments, a.needs_approval, a.deleted_at
  INTO environments, needs_approval, v_deleted_at
  FROM accounts a WHERE a.id = p_account_id FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'There is no such account.' USING ERRCODE = 'PB404';
  ELSIF v_deleted_at IS NOT NULL THEN
    RAISE EXCEPTION 'The account is deleted: nothing can be deployed in it.'
      USING ERRCODE = 'PB409';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('deploy ' || p_assistant_id::text, 0));
END
$$;

-- What keeps a version from being deployed, as an error. Whoever made it, or deploys it, is not the
-- second person: neither by the name nor by the token.
CREATE FUNCTION deployment_check(p_account_id uuid, p_assistant_id uuid, p_version uuid,
  p_needs_approval boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
  v record;
BEGIN
  SELECT p.status, p.version, p.created_by, p.created_token, p.pruned_at INTO v
  FROM prompt_versions p
  WHERE p.account_id = p_account_id AND p.assistant_id = p_assistant_id AND p.id = p_version
  FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'There is no such prompt version.' USING ERRCODE = 'PB404';
  ELSIF v.pruned_at IS NOT NULL THEN
    PERFORM version_gone(v.pruned_at);
  ELSIF v.status NOT IN ('final', 'deployed') THEN
    RAISE EXCEPTION '% is %: only a final version can be deployed.', v.version, v.status
      USING ERRCODE = 'PB409';
  ELSIF p_needs_approval AND NOT EXISTS (
    SELECT 1 FROM version_approvals a
    WHERE a.account_id = p_account_id AND a.prompt_version_id = p_version
      AND a.actor <> actor_name() AND a.token_id IS DISTINCT FROM actor_token()
      AND a.actor IS DISTINCT FROM v.created_by
      AND (v.created_token IS NULL OR a.token_id IS DISTINCT FROM v.created_token)) THEN
    RAISE EXCEPTION 'This account wants a second person to approve % before it is deployed.',
      v.version USING ERRCODE = 'PB409';
  END IF;
END
$$;

CREATE FUNCTION version_gone(p_pruned_at timestamptz) RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, public AS $$
BEGIN
  RAISE EXCEPTION 'The texts of this version were dropped on %; its SHA-256 and its score remain.',
    to_char(p_pruned_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') USING ERRCODE = 'PB410';
END
$$;

-- Puts version p_version, or none, in the place of what an environment has, under the row security
-- of whoever calls. p_replaces: the version that the caller believes to be there; with p_is_checked
-- another one is a conflict.
CREATE FUNCTION deployment_change(p_account_id uuid, p_assistant_id uuid, p_environment text,
  p_version uuid, p_reason text, p_replaces uuid, p_is_checked boolean) RETURNS uuid
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
  v_rules record;
  v_old deployments;
  v_old_name text;
  v_event uuid := uuid_v7();
  v_kind text;
BEGIN
  SELECT l.environments, l.needs_approval INTO v_rules
  FROM deployment_lock(p_account_id, p_assistant_id) AS l;
  IF NOT p_environment = ANY (v_rules.environments) THEN
    RAISE EXCEPTION 'environment: the account has no environment %; it has %.', p_environment,
      array_to_string(v_rules.environments, ', ') USING ERRCODE = 'PB400';
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
    PERFORM deployment_check(p_account_id, p_assistant_id, p_version, v_rules.needs_approval);
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

-- Moves a version to a status, with what that means for environments: 'deployed' is a deployment to
-- the account's first one, away from 'deployed' a withdrawal from all. p_revision: the one that the
-- caller has seen, or NULL.
CREATE FUNCTION version_move(p_version uuid, p_status text, p_revision integer) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
  v record;
  v_rules record;
BEGIN
  SELECT p.account_id, p.assistant_id INTO v FROM prompt_versions p WHERE p.id = p_version;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'There is no such prompt version.' USING ERRCODE = 'PB404';
  END IF;
  SELECT l.environments INTO v_rules FROM deployment_lock(v.account_id, v.assistant_id) AS l;
  SELECT p.account_id, p.assistant_id, p.status, p.revision, p.pruned_at INTO v
  FROM prompt_versions p WHERE p.id = p_version FOR NO KEY UPDATE;
  IF p_revision <> v.revision THEN
    RAISE EXCEPTION 'The version has changed meanwhile: it is % now, revision %.', v.status,
      v.revision USING ERRCODE = 'PB409';
  ELSIF v.pruned_at IS NOT NULL AND p_status NOT IN ('draft', 'archived') THEN
    PERFORM version_gone(v.pruned_at);
  END IF;
  PERFORM version_check_move(v.status, p_status);
  IF p_status = 'deployed' THEN
    PERFORM deployment_change(v.account_id, v.assistant_id, v_rules.environments[1], p_version,
                              NULL, NULL, false);
    RETURN;
  END IF;
  PERFORM deployment_change(v.account_id, v.assistant_id, d.environment, NULL, NULL, NULL, false)
  FROM (SELECT o.environment FROM deployments o
        WHERE o.account_id = v.account_id AND o.prompt_version_id = p_version
        ORDER BY o.environment) AS d;
  UPDATE prompt_versions p SET status = p_status, deployed_at = NULL
  WHERE p.account_id = v.account_id AND p.id = p_version AND p.status <> p_status;
END
$$;

-- Notes that whoever acts agrees to a version.
CREATE FUNCTION version_approve(p_version uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
  v record;
BEGIN
  SELECT p.account_id, p.version, p.status, p.created_by, p.created_token, p.pruned_at INTO v
  FROM prompt_versions p WHERE p.id = p_version;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'There is no such prompt version.' USING ERRCODE = 'PB404';
  ELSIF v.pruned_at IS NOT NULL THEN
    PERFORM version_gone(v.pruned_at);
  ELSIF v.status = 'archived' THEN
    RAISE EXCEPTION '% is archived: restore it before it is approved.', v.version
      USING ERRCODE = 'PB409';
  ELSIF v.created_by = actor_name() OR v.created_token = actor_token() THEN
    RAISE EXCEPTION 'You made % yourself: somebody else has to approve it.', v.version
      USING ERRCODE = 'PB403';
  END IF;
  INSERT INTO version_approvals (account_id, prompt_version_id, actor, token_id)
  VALUES (v.account_id, p_version, actor_name(), actor_token())
  ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'You have approved % already.', v.version USING ERRCODE = 'PB409';
  END IF;
END
$$;

-- The version of an assistant that has this text already. Whoever makes versions of the assistant
-- waits until the transaction ends; retention leaves what is found alone until then.
CREATE FUNCTION version_same(p_account_id uuid, p_assistant_id uuid, p_hash text) RETURNS uuid
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
  v_id uuid;
BEGIN
  PERFORM get_next_version_number(p_assistant_id);
  SELECT v.id INTO v_id FROM prompt_versions v
  WHERE v.account_id = p_account_id AND v.assistant_id = p_assistant_id AND v.prompt_hash = p_hash
    AND v.pruned_at IS NULL
  ORDER BY v.version_number LIMIT 1 FOR KEY SHARE;
  RETURN v_id;
END
$$;

-- Rules of an account: an environment that serves something stays, and only an operator lets
-- versions go without a second person again.
CREATE FUNCTION deployment_rules() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
  v record;
BEGIN
  SELECT d.environment, s.name INTO v
  FROM deployments d JOIN assistants s ON s.account_id = d.account_id AND s.id = d.assistant_id
  WHERE d.account_id = NEW.id AND d.prompt_version_id IS NOT NULL
    AND NOT d.environment = ANY (NEW.environments)
  ORDER BY d.environment, s.name LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'environments: % serves a version of %: withdraw it first.', v.environment,
      v.name USING ERRCODE = 'PB409';
  ELSIF cardinality(NEW.environments) > (SELECT count(DISTINCT e.name)
                                         FROM unnest(NEW.environments) AS e (name)) THEN
    RAISE EXCEPTION 'environments: a name stands there twice.' USING ERRCODE = 'PB400';
  ELSIF OLD.needs_approval AND NOT NEW.needs_approval AND current_user = 'promptbuilder_web'
    AND current_setting('app.operator', true) IS DISTINCT FROM 'on' THEN
    RAISE EXCEPTION 'Only an operator lets versions be deployed without approval again.'
      USING ERRCODE = 'PB403';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER tr_deployment_rules BEFORE UPDATE OF environments, needs_approval ON accounts
  FOR EACH ROW EXECUTE FUNCTION deployment_rules();

-- What account_delete and account_delete_step (migration 0014) do about versions: at first nothing
-- is served any more; at last what no run has made is emptied, 200 at a time (how many there were),
-- and then what people wrote beside them.
CREATE FUNCTION deployments_end(p_account_id uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  PERFORM deployment_change(d.account_id, d.assistant_id, d.environment, NULL,
                            'The account is deleted.', NULL, false)
  FROM (SELECT o.account_id, o.assistant_id, o.environment FROM deployments o
        WHERE o.account_id = p_account_id AND o.prompt_version_id IS NOT NULL
        ORDER BY o.assistant_id, o.environment) AS d;
END
$$;
CREATE FUNCTION versions_empty(p_account_id uuid) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
  v_count bigint;
BEGIN
  UPDATE prompt_versions v SET prompt_content = '', injection_content = '', message = NULL,
    pruned_at = coalesce(v.pruned_at, now()), deployed_at = NULL,
    status = CASE v.status WHEN 'draft' THEN 'draft' ELSE 'archived' END
  WHERE v.account_id = p_account_id AND v.id IN (
    SELECT o.id FROM prompt_versions o
    WHERE o.account_id = p_account_id AND o.pipeline_run_id IS NULL
      AND (o.pruned_at IS NULL OR o.message IS NOT NULL)
    LIMIT 200);
  GET DIAGNOSTICS v_count = ROW_COUNT;
  IF v_count = 0 THEN
    DELETE FROM version_notes n WHERE n.account_id = p_account_id;
    UPDATE deployment_events e SET reason = NULL
    WHERE e.account_id = p_account_id AND e.reason IS NOT NULL;
  END IF;
  RETURN v_count;
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
CREATE TRIGGER tr_audit_rules AFTER UPDATE OF environments, needs_approval ON accounts FOR EACH ROW
  WHEN ((OLD.environments, OLD.needs_approval)
    IS DISTINCT FROM (NEW.environments, NEW.needs_approval))
  EXECUTE FUNCTION audit_row('account.change', 'slug', 'environments', 'needs_approval');
CREATE TRIGGER tr_audit_make AFTER INSERT ON prompt_versions FOR EACH ROW
  WHEN (NEW.origin <> 'run') EXECUTE FUNCTION audit_row('version.make', 'id', 'version', 'origin',
                                                        'assistant_id', 'parent_id');

-- Each try to deliver an event. An event that is sent again by hand has a day again.
ALTER TABLE outbox ADD COLUMN resent_at timestamptz;
CREATE INDEX outbox_id ON outbox (id);
CREATE INDEX outbox_ended ON outbox (ended_at) WHERE state <> 'pending';
CREATE TABLE outbox_attempts (
  account_id uuid NOT NULL,
  event_id uuid NOT NULL,
  number integer NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(), -- of its end
  duration_ms bigint NOT NULL,
  http_status integer, -- NULL: no answer came
  error text, -- NULL: it was accepted
  PRIMARY KEY (account_id, event_id, number),
  FOREIGN KEY (account_id, event_id) REFERENCES outbox (account_id, id) ON DELETE CASCADE
);
-- Events that ended longer ago than that go, with their tries.
CREATE FUNCTION outbox_sweep(p_keep_ms bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  DELETE FROM outbox o
  USING (SELECT e.account_id, e.id FROM outbox e
         WHERE e.state <> 'pending'
           AND e.ended_at < clock_timestamp() - p_keep_ms * interval '1 millisecond'
         ORDER BY e.ended_at LIMIT 1000 FOR UPDATE SKIP LOCKED) AS old
  WHERE o.account_id = old.account_id AND o.id = old.id
$$;
INSERT INTO audit_actions (action, sentence) VALUES
  ('delivery.resend', 'had an event sent again');
CREATE TRIGGER tr_audit_resend AFTER UPDATE OF resent_at ON outbox FOR EACH ROW
  WHEN (OLD.resent_at IS DISTINCT FROM NEW.resent_at)
  EXECUTE FUNCTION audit_row('delivery.resend', 'id', 'kind');

REVOKE ALL ON FUNCTION actor_name(), actor_token(), version_check_move(text, text),
  version_guard(), version_made(), version_gone(timestamptz), deployment_lock(uuid, uuid),
  deployment_check(uuid, uuid, uuid, boolean), deployment_tell(), deployment_rules(),
  deployment_change(uuid, uuid, text, uuid, text, uuid, boolean),
  version_move(uuid, text, integer), version_approve(uuid), version_same(uuid, uuid, text),
  deployments_end(uuid), versions_empty(uuid), outbox_sweep(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION actor_name(), actor_token(), version_check_move(text, text),
  version_gone(timestamptz), deployment_lock(uuid, uuid),
  deployment_check(uuid, uuid, uuid, boolean),
  deployment_change(uuid, uuid, text, uuid, text, uuid, boolean),
  version_move(uuid, text, integer), version_approve(uuid) TO promptbuilder_web;
GRANT EXECUTE ON FUNCTION version_same(uuid, uuid, text) TO promptbuilder_web,
  promptbuilder_runner;
GRANT EXECUTE ON FUNCTION outbox_sweep(bigint) TO promptbuilder_runner;
GRANT SELECT ON outbox_attempts TO promptbuilder_web, promptbuilder_runner;
GRANT INSERT ON outbox_attempts TO promptbuilder_runner;
GRANT UPDATE (state, next_at, ended_at, resent_at) ON outbox TO promptbuilder_web;
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
                           'version_approvals', 'version_notes', 'outbox_attempts'] LOOP
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
  CREATE POLICY runner ON outbox_attempts TO promptbuilder_runner USING (true) WITH CHECK (true);
END
$$;
