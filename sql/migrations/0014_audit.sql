-- The audit log: who did what to which object, when and from where; and accounts that are deleted.

-- Every act that is kept, in one table.
CREATE TABLE audit_actions (
  action text PRIMARY KEY, -- noun.verb
  sentence text NOT NULL
);
INSERT INTO audit_actions (action, sentence) VALUES
  ('account.change', 'changed an account'),
  ('account.delete', 'deleted an account'),
  ('account.erased', 'ended the deletion of an account'),
  ('account.make', 'made an account'),
  ('assistant.change', 'changed an assistant'),
  ('assistant.make', 'made an assistant'),
  ('budget.remove', 'removed a budget'),
  ('budget.set', 'set a budget'),
  ('cost.adjust', 'corrected a line of the ledger'),
  ('cost.reprice', 'priced booked calls again'),
  ('price.set', 'recorded a price'),
  ('retention.prune', 'dropped texts of ended runs'),
  ('run.cancel', 'cancelled a run'),
  ('run.launch', 'launched a run'),
  ('run.retry', 'queued a run again'),
  ('runner.drain', 'asked a runner to finish and go'),
  ('runner.pause', 'paused all claims'),
  ('runner.resume', 'let claims go on'),
  ('schema.migrate', 'ran a migration'),
  ('session.end', 'ended a session'),
  ('session.refuse', 'was refused to sign in'),
  ('session.sign_in', 'signed in'),
  ('session.sign_out', 'signed out'),
  ('token.import', 'stored a token made elsewhere'),
  ('token.make', 'made a token'),
  ('token.revoke', 'revoked a token'),
  ('version.status', 'changed the status of a prompt version'),
  ('zone.add', 'put a time zone in use'),
  ('zone.remove', 'took a time zone out of use');

-- A chain for each account and one (account_id is NULL) for the installation: writers of different
-- accounts do not wait for each other, and the members of an account see the whole of its chain.
-- No foreign key: what has happened stays, whatever becomes of its object.
CREATE TABLE audit_entries (
  id uuid PRIMARY KEY,
  account_id uuid,
  seq bigint NOT NULL, -- from 1 in each chain, without a gap
  at timestamptz NOT NULL,
  actor text NOT NULL, -- the token's name, or the user at the command line
  role text NOT NULL,  -- viewer, member, operator; cli; database: neither web nor tool; nobody
  token_id uuid,
  origin text NOT NULL, -- an address, or the host of the command line
  action text NOT NULL REFERENCES audit_actions (action),
  object text NOT NULL,
  details jsonb NOT NULL,
  previous_hash text, -- NULL: the first one
  hash text NOT NULL  -- SHA-256 over the previous one and all columns above
);
CREATE UNIQUE INDEX audit_entries_chain ON audit_entries
  (coalesce(account_id, '00000000-0000-0000-0000-000000000000'), seq);
CREATE INDEX audit_entries_account ON audit_entries (account_id, id);
CREATE INDEX audit_entries_action ON audit_entries (action, id);
CREATE INDEX audit_entries_actor ON audit_entries (actor, id);

-- A JSON array is unambiguous; jsonb prints the same value always in the same way.
CREATE FUNCTION audit_hash(e audit_entries) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public AS $$
  SELECT encode(sha256(convert_to(jsonb_build_array(e.previous_hash, e.id, e.account_id, e.seq,
    to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), e.actor, e.role, e.token_id,
    e.origin, e.action, e.object, e.details)::text, 'UTF8')), 'hex')
$$;

CREATE FUNCTION audit_refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  RAISE EXCEPTION 'The audit log is only ever added to.' USING ERRCODE = 'PB403';
END
$$;
CREATE TRIGGER tr_audit_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
  FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

-- Adds to a chain, in the transaction of the act. Writers of a chain stand in line until they
-- commit: the next one then sees the entry that it follows. Who acts stands in app.actor, which
-- audit_actor (audit.sql) sets; otherwise it is whoever is connected.
CREATE FUNCTION audit_add(p_account_id uuid, p_action text, p_object text, p_details jsonb)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  v_actor jsonb := coalesce(nullif(current_setting('app.actor', true), '')::jsonb,
    jsonb_build_object('name', session_user, 'role', 'database',
                       'origin', coalesce(host(inet_client_addr()), 'local')));
  e audit_entries;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('audit ' || coalesce(p_account_id::text, ''), 0));
  SELECT p.seq + 1, p.hash INTO e.seq, e.previous_hash FROM audit_entries p
  WHERE coalesce(p.account_id, '00000000-0000-0000-0000-000000000000')
      = coalesce(p_account_id, '00000000-0000-0000-0000-000000000000')
  ORDER BY p.seq DESC LIMIT 1;
  e.seq := coalesce(e.seq, 1);
  e.id := uuid_v7();
  e.account_id := p_account_id;
  e.at := clock_timestamp();
  e.actor := coalesce(v_actor ->> 'name', 'unknown');
  e.role := coalesce(v_actor ->> 'role', 'unknown');
  e.token_id := (v_actor ->> 'token_id')::uuid;
  e.origin := coalesce(v_actor ->> 'origin', 'unknown');
  e.action := p_action;
  e.object := coalesce(p_object, '');
  e.details := jsonb_strip_nulls(coalesce(p_details, '{}'));
  e.hash := audit_hash(e);
  INSERT INTO audit_entries SELECT e.*;
END
$$;

-- One way from a table to the log: what is kept of a row, none of it a secret or a text of a
-- customer. The trigger tells the action.
CREATE FUNCTION audit_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  r jsonb := to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END);
  v_action text := TG_ARGV[0];
  v_keys text[] := TG_ARGV[2:];
  v_details jsonb;
BEGIN
  SELECT jsonb_object_agg(k.key, r -> k.key) INTO v_details FROM unnest(v_keys) AS k (key);
  IF v_action = 'token.make' AND r ->> 'prefix' IS NULL THEN
    v_action := 'token.import';
  ELSIF v_action = 'session.end' AND r ->> 'id'
      = nullif(current_setting('app.actor', true), '')::jsonb ->> 'session_id' THEN
    v_action := 'session.sign_out';
  END IF;
  PERFORM audit_add((CASE WHEN TG_TABLE_NAME = 'accounts' THEN r ->> 'id'
                          ELSE r ->> 'account_id' END)::uuid, v_action, r ->> TG_ARGV[1], v_details);
  RETURN NULL;
END
$$;

-- The action, what names the object, and what else is kept.
CREATE TRIGGER tr_audit_make AFTER INSERT ON accounts FOR EACH ROW
  EXECUTE FUNCTION audit_row('account.make', 'slug', 'name');
CREATE TRIGGER tr_audit_change AFTER UPDATE OF slug, name, settings, time_zone, weight,
  max_running ON accounts FOR EACH ROW
  WHEN ((OLD.slug, OLD.name, OLD.settings, OLD.time_zone, OLD.weight, OLD.max_running)
    IS DISTINCT FROM (NEW.slug, NEW.name, NEW.settings, NEW.time_zone, NEW.weight, NEW.max_running))
  EXECUTE FUNCTION audit_row('account.change', 'slug', 'name', 'time_zone', 'weight',
                             'max_running');
CREATE TRIGGER tr_audit_make AFTER INSERT ON assistants FOR EACH ROW
  EXECUTE FUNCTION audit_row('assistant.make', 'external_id', 'name');
CREATE TRIGGER tr_audit_change AFTER UPDATE OF external_id, name, settings ON assistants
  FOR EACH ROW WHEN ((OLD.external_id, OLD.name, OLD.settings)
    IS DISTINCT FROM (NEW.external_id, NEW.name, NEW.settings))
  EXECUTE FUNCTION audit_row('assistant.change', 'external_id', 'name');
CREATE TRIGGER tr_audit_make AFTER INSERT ON access_tokens FOR EACH ROW
  EXECUTE FUNCTION audit_row('token.make', 'id', 'name', 'role', 'expires_at');
CREATE TRIGGER tr_audit_revoke AFTER UPDATE OF revoked_at ON access_tokens FOR EACH ROW
  WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL)
  EXECUTE FUNCTION audit_row('token.revoke', 'id', 'name', 'role');
-- Not those that end with their token, nor those that were over and are cleared away.
CREATE TRIGGER tr_audit_end AFTER DELETE ON sessions FOR EACH ROW
  WHEN (pg_trigger_depth() = 0 AND coalesce(current_setting('app.is_tidying', true), '') = '')
  EXECUTE FUNCTION audit_row('session.end', 'id', 'address');
CREATE TRIGGER tr_audit_set AFTER INSERT ON budgets FOR EACH ROW
  EXECUTE FUNCTION audit_row('budget.set', 'id', 'period', 'zone', 'cap_usd', 'soft_usd',
                             'thresholds');
CREATE TRIGGER tr_audit_remove AFTER UPDATE OF ended_at ON budgets FOR EACH ROW
  WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL)
  EXECUTE FUNCTION audit_row('budget.remove', 'id', 'period');
CREATE TRIGGER tr_audit_set AFTER INSERT ON model_prices FOR EACH ROW
  EXECUTE FUNCTION audit_row('price.set', 'model', 'id', 'valid_from', 'valid_to', 'above_tokens',
    'input_pico', 'output_pico', 'cache_read_pico', 'cache_write_5m_pico', 'cache_write_1h_pico',
    'source');
CREATE TRIGGER tr_audit_launch AFTER INSERT ON pipeline_runs FOR EACH ROW
  WHEN (NEW.status = 'queued') EXECUTE FUNCTION audit_row('run.launch', 'pipeline_id', 'model');
-- A runner only carries out what was noted when it was asked for.
CREATE TRIGGER tr_audit_cancel AFTER UPDATE OF status ON pipeline_runs FOR EACH ROW
  WHEN (OLD.status IN ('queued', 'running') AND NEW.status = 'cancelled'
        AND current_user <> 'promptbuilder_runner')
  EXECUTE FUNCTION audit_row('run.cancel', 'pipeline_id');
CREATE TRIGGER tr_audit_cancel AFTER UPDATE OF cancel_requested ON jobs FOR EACH ROW
  WHEN (NEW.cancel_requested AND NOT OLD.cancel_requested)
  EXECUTE FUNCTION audit_row('run.cancel', 'pipeline_run_id');
CREATE TRIGGER tr_audit_retry AFTER UPDATE OF status ON pipeline_runs FOR EACH ROW
  WHEN (OLD.status IN ('failed', 'cancelled') AND NEW.status = 'queued')
  EXECUTE FUNCTION audit_row('run.retry', 'pipeline_id', 'retry_count');
CREATE TRIGGER tr_audit_status AFTER UPDATE OF status ON prompt_versions FOR EACH ROW
  WHEN (OLD.status IS DISTINCT FROM NEW.status
        AND OLD.pruned_at IS NOT DISTINCT FROM NEW.pruned_at)
  EXECUTE FUNCTION audit_row('version.status', 'id', 'version', 'assistant_id', 'status');
CREATE TRIGGER tr_audit_pause AFTER INSERT ON claim_pause FOR EACH ROW
  EXECUTE FUNCTION audit_row('runner.pause', 'paused_by');
CREATE TRIGGER tr_audit_resume AFTER DELETE ON claim_pause FOR EACH ROW
  EXECUTE FUNCTION audit_row('runner.resume', 'paused_by', 'paused_at');
CREATE TRIGGER tr_audit_drain AFTER UPDATE OF drain_requested_at ON runners FOR EACH ROW
  WHEN (OLD.drain_requested_at IS NULL AND NEW.drain_requested_at IS NOT NULL)
  EXECUTE FUNCTION audit_row('runner.drain', 'id', 'pid');
CREATE TRIGGER tr_audit_add AFTER INSERT ON reporting_zones FOR EACH ROW
  EXECUTE FUNCTION audit_row('zone.add', 'zone');
CREATE TRIGGER tr_audit_remove AFTER DELETE ON reporting_zones FOR EACH ROW
  WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION audit_row('zone.remove', 'zone');
CREATE TRIGGER tr_audit_migrate AFTER INSERT ON schema_migrations FOR EACH ROW
  EXECUTE FUNCTION audit_row('schema.migrate', 'name', 'number');

-- Walks a chain from its beginning: the first entry that breaks it, if any, and its head. A head
-- that was remembered (p_head) must be found on the way: with entries gone at the end it is not.
CREATE FUNCTION audit_verify(p_account_id uuid, p_head text)
RETURNS TABLE (entries bigint, head text, fault text, fault_seq bigint, fault_id uuid,
               fault_at timestamptz)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public AS $$
DECLARE
  e audit_entries;
  v_is_head_seen boolean := p_head IS NULL;
BEGIN
  entries := 0;
  FOR e IN SELECT a.* FROM audit_entries a
    WHERE coalesce(a.account_id, '00000000-0000-0000-0000-000000000000')
        = coalesce(p_account_id, '00000000-0000-0000-0000-000000000000')
    ORDER BY a.seq
  LOOP
    fault := CASE
      WHEN e.seq > entries + 1 THEN format('entries %s to %s are missing before it', entries + 1,
                                           e.seq - 1)
      WHEN e.hash <> audit_hash(e) THEN 'it was changed after it was written'
      WHEN e.previous_hash IS DISTINCT FROM head THEN 'it does not follow the one before it' END;
    IF fault IS NOT NULL THEN
      fault_seq := e.seq;
      fault_id := e.id;
      fault_at := e.at;
      RETURN NEXT;
      RETURN;
    END IF;
    entries := e.seq;
    head := e.hash;
    v_is_head_seen := v_is_head_seen OR head = p_head;
  END LOOP;
  IF NOT v_is_head_seen THEN
    fault := format('the remembered head is not in the chain: entries are gone after number %s',
                    entries);
  END IF;
  RETURN NEXT;
END
$$;

-- Signing in, good or refused, is an act. The slug is kept where it is an account's only: it may
-- be a token in the wrong field.
CREATE OR REPLACE FUNCTION session_open(p_slug text, p_token_hash text, p_id_hash text,
  p_csrf text, p_address text, p_network text, p_agent text, p_idle_ms bigint, p_age_ms bigint)
RETURNS TABLE (wait_s integer, token_id uuid, session_id uuid, account_id uuid, account_slug text,
               account_name text, role text, name text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
#variable_conflict use_column
DECLARE
  v_network text := 'network ' || p_network;
  v_slug text := 'slug ' || encode(sha256(convert_to(p_slug, 'UTF8')), 'hex');
  v_known uuid;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(v_network, 0));
  wait_s := sign_in_wait(v_network, v_slug);
  IF wait_s > 0 THEN
    RETURN NEXT;
    RETURN;
  END IF;
  SELECT t.id, t.account_id, a.slug, a.name, t.role, t.name
  INTO token_id, account_id, account_slug, account_name, role, name
  FROM access_tokens t LEFT JOIN accounts a ON a.id = t.account_id
  WHERE t.token_hash = p_token_hash AND t.revoked_at IS NULL
    AND (t.expires_at IS NULL OR t.expires_at > now())
    AND coalesce(a.slug, 'operator') = p_slug;
  IF NOT FOUND THEN
    PERFORM sign_in_failed(v_network, v_slug);
    SELECT a.id INTO v_known FROM accounts a WHERE a.slug = p_slug;
    PERFORM set_config('app.actor', jsonb_build_object('name', 'unknown', 'role', 'nobody',
                                                       'origin', p_address)::text, true);
    PERFORM audit_add(v_known, 'session.refuse', CASE WHEN v_known IS NOT NULL
      OR p_slug = 'operator' THEN p_slug ELSE 'no account' END, NULL);
    RETURN;
  END IF;
  -- What is over goes, and of this token's all but the latest 99.
  PERFORM set_config('app.is_tidying', 'on', true);
  DELETE FROM sessions s WHERE s.id_hash IN (
    SELECT o.id_hash FROM sessions o
    WHERE o.seen_at < now() - p_idle_ms * interval '1 millisecond'
      OR o.created_at < now() - p_age_ms * interval '1 millisecond'
    UNION ALL
    (SELECT o.id_hash FROM sessions o WHERE o.token_id = session_open.token_id
     ORDER BY o.seen_at DESC OFFSET 99));
  INSERT INTO sessions AS s (id_hash, account_id, token_id, csrf, address, agent)
  VALUES (p_id_hash, session_open.account_id, session_open.token_id, p_csrf, p_address, p_agent)
  RETURNING s.id INTO session_id;
  UPDATE access_tokens t SET last_used_at = now(), last_used_from = p_address
  WHERE t.id = session_open.token_id;
  PERFORM set_config('app.actor', jsonb_build_object('name', session_open.name, 'role',
    session_open.role, 'origin', p_address, 'token_id', session_open.token_id)::text, true);
  PERFORM audit_add(session_open.account_id, 'session.sign_in', session_id::text, NULL);
  RETURN NEXT;
END
$$;

-- Deleting an account takes its texts and whoever could sign in; the ledger, runs and sums stay,
-- so that no total of the installation changes. The row is the job and then its receipt.
ALTER TABLE accounts ADD COLUMN deleted_at timestamptz;
CREATE TABLE account_deletions (
  account_id uuid PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
  requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  requested_by text NOT NULL,
  keeps_name boolean NOT NULL,
  runs_total bigint, -- to be gone through; NULL: not begun
  last_run_id uuid, -- of those that have been
  counts jsonb NOT NULL DEFAULT '{}', -- what was deleted
  sums_before jsonb,
  sums_after jsonb,
  completed_at timestamptz -- NULL: it goes on
);

-- Of the lines, and of the sums that pages show.
CREATE FUNCTION account_sums(p_account_id uuid) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, public AS $$
  SELECT jsonb_build_object('lines', l.lines, 'cost_usd', l.cost_usd::text,
    'input_tokens', l.input_tokens, 'output_tokens', l.output_tokens, 'runs', r.runs,
    'run_cost_usd', r.cost_usd::text, 'sums_lines', s.lines, 'sums_cost_nano', s.cost_nano)
  FROM (SELECT count(*) AS lines, coalesce(sum(e.cost_usd), 0) AS cost_usd,
               coalesce(sum(e.input_tokens), 0) AS input_tokens,
               coalesce(sum(e.output_tokens), 0) AS output_tokens
        FROM cost_entries e WHERE e.account_id = p_account_id) AS l
  CROSS JOIN (SELECT count(*) AS runs, coalesce(sum(p.total_cost_usd), 0) AS cost_usd
              FROM pipeline_runs p WHERE p.account_id = p_account_id) AS r
  CROSS JOIN (SELECT coalesce(sum(d.lines), 0) AS lines, coalesce(sum(d.cost_nano), 0) AS cost_nano
              FROM cost_sums d WHERE d.account_id = p_account_id AND d.zone = 'UTC'
                AND d.grain = 'day') AS s
$$;

-- Nothing is begun in an account that is deleted. The share waits for a deletion under way.
CREATE FUNCTION refuse_deleted_account() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  PERFORM 1 FROM accounts a WHERE a.id = NEW.account_id FOR SHARE;
  IF EXISTS (SELECT 1 FROM accounts a WHERE a.id = NEW.account_id AND a.deleted_at IS NOT NULL) THEN
    RAISE EXCEPTION 'The account is deleted: nothing new can be made in it.'
      USING ERRCODE = 'PB409';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER tr_refuse_deleted BEFORE INSERT ON access_tokens FOR EACH ROW
  WHEN (NEW.account_id IS NOT NULL) EXECUTE FUNCTION refuse_deleted_account();
CREATE TRIGGER tr_refuse_deleted BEFORE INSERT ON assistants FOR EACH ROW
  EXECUTE FUNCTION refuse_deleted_account();
CREATE TRIGGER tr_refuse_deleted BEFORE INSERT ON budgets FOR EACH ROW
  EXECUTE FUNCTION refuse_deleted_account();
CREATE TRIGGER tr_refuse_deleted BEFORE INSERT ON pipeline_runs FOR EACH ROW
  EXECUTE FUNCTION refuse_deleted_account();
CREATE TRIGGER tr_refuse_deleted_retry BEFORE UPDATE OF status ON pipeline_runs FOR EACH ROW
  WHEN (OLD.status IN ('failed', 'cancelled') AND NEW.status = 'queued')
  EXECUTE FUNCTION refuse_deleted_account();

-- From here on nobody signs in or launches; account_delete_step does the rest. Asked for twice it
-- is the first one's.
CREATE FUNCTION account_delete(p_account_id uuid, p_by text, p_keeps_name boolean) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  v_slug text;
  v_deleted_at timestamptz;
  v_runs bigint;
  v_sessions bigint;
  v_tokens bigint;
BEGIN
  IF current_setting('app.operator', true) IS DISTINCT FROM 'on' THEN
    RAISE EXCEPTION 'Only an operator deletes accounts.' USING ERRCODE = 'PB403';
  END IF;
  SELECT a.slug, a.deleted_at INTO v_slug, v_deleted_at FROM accounts a
  WHERE a.id = p_account_id FOR UPDATE;
  IF v_slug IS NULL THEN
    RAISE EXCEPTION 'There is no such account.' USING ERRCODE = 'PB404';
  ELSIF v_deleted_at IS NOT NULL THEN
    RETURN;
  END IF;
  SELECT count(*) INTO v_runs FROM (
    SELECT r.id FROM pipeline_runs r
    WHERE r.account_id = p_account_id AND r.status IN ('queued', 'running')
    UNION
    SELECT j.pipeline_run_id FROM jobs j WHERE j.account_id = p_account_id AND j.state <> 'done'
  ) AS f;
  IF v_runs > 0 THEN
    RAISE EXCEPTION 'Runs of this account are queued or running: %. Cancel them or wait for their end, then delete it.',
      v_runs USING ERRCODE = 'PB409';
  END IF;
  PERFORM deployments_end(p_account_id);
  DELETE FROM sessions s WHERE s.token_id IN (
    SELECT t.id FROM access_tokens t WHERE t.account_id = p_account_id);
  GET DIAGNOSTICS v_sessions = ROW_COUNT;
  UPDATE access_tokens t SET revoked_at = clock_timestamp(), revoked_by = p_by
  WHERE t.account_id = p_account_id AND t.revoked_at IS NULL;
  UPDATE accounts a SET deleted_at = clock_timestamp(), updated_at = now()
  WHERE a.id = p_account_id;
  INSERT INTO account_deletions (account_id, requested_by, keeps_name, counts)
  VALUES (p_account_id, p_by, p_keeps_name, jsonb_build_object('sessions', v_sessions,
    'briefings', 0, 'outputs', 0, 'prompts', 0));
  PERFORM audit_add(p_account_id, 'account.delete', v_slug,
                    jsonb_build_object('keeps_name', p_keeps_name));
END
$$;

-- What p_more has beside p_counts, added up.
CREATE FUNCTION counts_add(p_counts jsonb, p_more jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public AS $$
  SELECT p_counts || coalesce(jsonb_object_agg(m.key,
    coalesce((p_counts ->> m.key)::bigint, 0) + m.value::bigint), '{}')
  FROM jsonb_each_text(p_more) AS m
$$;

-- The texts of up to 200 runs of a deletion, NULL: of any that nobody is at; after the last runs
-- what else there is. No row: there is none to be done.
CREATE FUNCTION account_delete_step(p_account_id uuid)
RETURNS TABLE (account_id uuid, is_done boolean, runs_done bigint, runs_total bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
#variable_conflict use_column
DECLARE
  d account_deletions;
  v_runs uuid[];
  v_more jsonb;
  v_slug text;
  v_versions bigint;
BEGIN
  SELECT o.* INTO d FROM account_deletions o
  WHERE o.completed_at IS NULL AND (p_account_id IS NULL OR o.account_id = p_account_id)
  ORDER BY o.requested_at LIMIT 1 FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  IF d.runs_total IS NULL THEN
    d.sums_before := account_sums(d.account_id);
    d.runs_total := d.sums_before ->> 'runs';
  END IF;
  SELECT array_agg(r.id ORDER BY r.id) INTO v_runs FROM (
    SELECT p.id FROM pipeline_runs p
    WHERE p.account_id = d.account_id AND (d.last_run_id IS NULL OR p.id > d.last_run_id)
    ORDER BY p.id LIMIT 200) AS r;
  IF v_runs IS NOT NULL THEN
    WITH run AS (
      UPDATE pipeline_runs r SET briefing_data = '{}', idempotency_key = NULL,
        request_hash = NULL, error_message = CASE WHEN r.error_message <> '' THEN 'Deleted.' END,
        pruned_at = coalesce(r.pruned_at, now())
      WHERE r.account_id = d.account_id AND r.id = ANY (v_runs) RETURNING 1
    ), step AS (
      UPDATE pipeline_steps s SET output = NULL,
        error_message = CASE WHEN s.error_message <> '' THEN 'Deleted.' END,
        metadata = jsonb_strip_nulls(jsonb_build_object('score', s.metadata -> 'score'))
      WHERE s.account_id = d.account_id AND s.pipeline_run_id = ANY (v_runs) RETURNING 1
    ), attempt AS (
      UPDATE attempts t SET error_message = 'Deleted.'
      WHERE t.account_id = d.account_id AND t.pipeline_run_id = ANY (v_runs)
        AND t.error_message IS NOT NULL
    ), version AS (
      UPDATE prompt_versions v SET prompt_content = '', injection_content = '',
        pruned_at = coalesce(v.pruned_at, now()),
        status = CASE v.status WHEN 'draft' THEN 'draft' ELSE 'archived' END, deployed_at = NULL
      WHERE v.account_id = d.account_id AND v.pipeline_run_id = ANY (v_runs) RETURNING 1
    )
    SELECT jsonb_build_object('briefings', (SELECT count(*) FROM run),
      'outputs', (SELECT count(*) FROM step), 'prompts', (SELECT count(*) FROM version))
    INTO v_more;
    UPDATE account_deletions o SET sums_before = d.sums_before, runs_total = d.runs_total,
      last_run_id = v_runs[array_length(v_runs, 1)], counts = counts_add(o.counts, v_more)
    WHERE o.account_id = d.account_id;
    RETURN QUERY SELECT o.account_id, false, (o.counts ->> 'briefings')::bigint, o.runs_total
      FROM account_deletions o WHERE o.account_id = d.account_id;
    RETURN;
  END IF;
  v_versions := versions_empty(d.account_id);
  IF v_versions > 0 THEN
    UPDATE account_deletions o SET sums_before = d.sums_before, runs_total = d.runs_total,
      counts = counts_add(o.counts, jsonb_build_object('prompts', v_versions))
    WHERE o.account_id = d.account_id;
    RETURN QUERY SELECT d.account_id, false, (d.counts ->> 'briefings')::bigint, d.runs_total;
    RETURN;
  END IF;
  WITH token AS (
    DELETE FROM access_tokens t WHERE t.account_id = d.account_id RETURNING 1
  ), event AS (
    DELETE FROM outbox x WHERE x.account_id = d.account_id RETURNING 1
  ), budget AS (
    UPDATE budgets b SET ended_at = clock_timestamp(), ended_by = d.requested_by
    WHERE b.account_id = d.account_id AND b.ended_at IS NULL RETURNING 1
  ), assistant AS (
    UPDATE assistants s SET settings = '{}', updated_at = now(),
      name = CASE WHEN d.keeps_name THEN s.external_id ELSE 'deleted' END,
      external_id = CASE WHEN d.keeps_name THEN s.external_id ELSE s.id::text END
    WHERE s.account_id = d.account_id RETURNING 1
  )
  SELECT jsonb_build_object('tokens', (SELECT count(*) FROM token),
    'events', (SELECT count(*) FROM event), 'budgets', (SELECT count(*) FROM budget),
    'assistants', (SELECT count(*) FROM assistant))
  INTO v_more;
  UPDATE accounts a SET settings = '{}', updated_at = now(),
    slug = CASE WHEN d.keeps_name THEN a.slug ELSE 'deleted-' || right(a.id::text, 12) END,
    name = CASE WHEN d.keeps_name THEN a.name ELSE 'Deleted account' END
  WHERE a.id = d.account_id RETURNING a.slug INTO v_slug;
  UPDATE account_deletions o SET completed_at = clock_timestamp(), sums_before = d.sums_before,
    runs_total = d.runs_total, counts = counts_add(o.counts, v_more),
    sums_after = account_sums(d.account_id)
  WHERE o.account_id = d.account_id RETURNING o.* INTO d;
  PERFORM audit_add(d.account_id, 'account.erased', v_slug, d.counts
    || jsonb_build_object('sums_are_equal', d.sums_before = d.sums_after));
  RETURN QUERY SELECT d.account_id, true, d.runs_total, d.runs_total;
END
$$;

REVOKE ALL ON FUNCTION audit_hash(audit_entries), audit_refuse(),
  audit_add(uuid, text, text, jsonb), audit_row(), audit_verify(uuid, text), account_sums(uuid),
  refuse_deleted_account(), account_delete(uuid, text, boolean), counts_add(jsonb, jsonb),
  account_delete_step(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION account_delete(uuid, text, boolean) TO promptbuilder_web;
GRANT EXECUTE ON FUNCTION account_delete_step(uuid) TO promptbuilder_runner;
GRANT SELECT ON audit_actions, audit_entries, account_deletions TO promptbuilder_web;
GRANT SELECT (deleted_at) ON accounts TO promptbuilder_web, promptbuilder_runner;

-- Nobody but the owner's functions writes; an account's members see what was done in it.
DO $$
DECLARE
  t text;
  own_account constant text := 'account_id = (SELECT nullif(current_setting(''app.account_id'','
    ' true), '''')::uuid) OR (SELECT current_setting(''app.operator'', true) = ''on'')';
BEGIN
  FOREACH t IN ARRAY ARRAY['audit_entries', 'account_deletions', 'audit_actions'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY web ON %I FOR SELECT TO promptbuilder_web USING (%s)', t,
                   CASE t WHEN 'audit_actions' THEN 'true' ELSE own_account END);
  END LOOP;
END
$$;
