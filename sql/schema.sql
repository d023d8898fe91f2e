-- schema.sql: the database after all migrations, to be read; tests compare it with them.

-- Name: account_columns(text); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.account_columns(p_name text) RETURNS TABLE(name text, type text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'public'
    AS $$
  SELECT a.attname::text, format_type(a.atttypid, NULL)
  FROM account_tables() t
  JOIN pg_attribute a ON a.attrelid = t.name::regclass AND a.attnum > 0 AND NOT a.attisdropped
    AND a.attgenerated = '' AND a.attname <> ALL (t.omitted)
  WHERE t.name = p_name
  ORDER BY a.attnum
$$;

-- Name: account_delete(uuid, text, boolean); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.account_delete(p_account_id uuid, p_by text, p_keeps_name boolean) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
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

-- Name: account_delete_step(uuid); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.account_delete_step(p_account_id uuid) RETURNS TABLE(account_id uuid, is_done boolean, runs_done bigint, runs_total bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
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

-- Name: account_sums(uuid); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.account_sums(p_account_id uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'public'
    AS $$
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

-- Name: account_tables(); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.account_tables() RETURNS TABLE(place integer, name text, own text, sorted text, omitted text[], why_not text)
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'public'
    AS $$
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

-- Name: actor_name(); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.actor_name() RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'public'
    AS $$
  SELECT coalesce(nullif(current_setting('app.actor', true), '')::jsonb ->> 'name', session_user)
$$;

-- Name: actor_token(); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.actor_token() RETURNS uuid
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'public'
    AS $$
  SELECT (nullif(current_setting('app.actor', true), '')::jsonb ->> 'token_id')::uuid
$$;

-- Name: audit_add(uuid, text, text, jsonb); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.audit_add(p_account_id uuid, p_action text, p_object text, p_details jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
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

-- Name: audit_entries; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.audit_entries (
    id uuid NOT NULL,
    account_id uuid,
    seq bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor text NOT NULL,
    role text NOT NULL,
    token_id uuid,
    origin text NOT NULL,
    action text NOT NULL,
    object text NOT NULL,
    details jsonb NOT NULL,
    previous_hash text,
    hash text NOT NULL
);

ALTER TABLE ONLY public.audit_entries FORCE ROW LEVEL SECURITY;

-- Name: audit_hash(public.audit_entries); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.audit_hash(e public.audit_entries) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'public'
    AS $$
  SELECT encode(sha256(convert_to(jsonb_build_array(e.previous_hash, e.id, e.account_id, e.seq,
    to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), e.actor, e.role, e.token_id,
    e.origin, e.action, e.object, e.details)::text, 'UTF8')), 'hex')
$$;

-- Name: audit_refuse(); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.audit_refuse() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
  RAISE EXCEPTION 'The audit log is only ever added to.' USING ERRCODE = 'PB403';
END
$$;

-- Name: audit_row(); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.audit_row() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
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

-- Name: audit_verify(uuid, text); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.audit_verify(p_account_id uuid, p_head text) RETURNS TABLE(entries bigint, head text, fault text, fault_seq bigint, fault_id uuid, fault_at timestamp with time zone)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'public'
    AS $$
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

-- Name: budget_state(uuid, uuid, timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.budget_state(p_account_id uuid, p_run_id uuid, p_at timestamp with time zone) RETURNS TABLE(id uuid, period text, zone text, cap_usd numeric, soft_usd numeric, amount_usd numeric, thresholds integer[], created_at timestamp with time zone, created_by text, subject text, period_name text, next_day date, starts_at timestamp with time zone, ends_at timestamp with time zone, spent_usd numeric, reserved_usd numeric)
    LANGUAGE sql STABLE
    AS $$
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

-- Name: cost_sums; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.cost_sums (
    zone text NOT NULL,
    grain text NOT NULL,
    account_id uuid NOT NULL,
    day date NOT NULL,
    assistant_id uuid NOT NULL,
    model text NOT NULL,
    stripe smallint NOT NULL,
    lines bigint NOT NULL,
    runs bigint NOT NULL,
    unpriced_calls bigint NOT NULL,
    cache_saved_nano bigint NOT NULL,
    cost_nano bigint NOT NULL,
    calls bigint NOT NULL,
    input_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    cache_read_tokens bigint NOT NULL,
    cache_write_tokens bigint NOT NULL,
    generation_cost_nano bigint NOT NULL,
    generation_calls bigint NOT NULL,
    generation_input_tokens bigint NOT NULL,
    generation_output_tokens bigint NOT NULL,
    generation_cache_read_tokens bigint NOT NULL,
    generation_cache_write_tokens bigint NOT NULL,
    analysis_cost_nano bigint NOT NULL,
    analysis_calls bigint NOT NULL,
    analysis_input_tokens bigint NOT NULL,
    analysis_output_tokens bigint NOT NULL,
    analysis_cache_read_tokens bigint NOT NULL,
    analysis_cache_write_tokens bigint NOT NULL,
    improvement_cost_nano bigint NOT NULL,
    improvement_calls bigint NOT NULL,
    improvement_input_tokens bigint NOT NULL,
    improvement_output_tokens bigint NOT NULL,
    improvement_cache_read_tokens bigint NOT NULL,
    improvement_cache_write_tokens bigint NOT NULL,
    last_at timestamp with time zone NOT NULL,
    CONSTRAINT cost_sums_grain_check CHECK ((grain = ANY (ARRAY['account_day'::text, 'assistant_day'::text, 'assistant_month'::text])))
)
WITH (fillfactor='70');

ALTER TABLE ONLY public.cost_sums FORCE ROW LEVEL SECURITY;

-- Name: cost_sums_of(text, uuid, timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.cost_sums_of(p_zone text, p_account_id uuid, p_from timestamp with time zone, p_to timestamp with time zone) RETURNS SETOF public.cost_sums
    LANGUAGE sql STABLE
    AS $$
  SELECT d.zone, g.grain, d.account_id, g.day, g.assistant_id, d.model, d.stripe,
    sum(d.lines)::bigint,
    sum(d.runs)::bigint,
    sum(d.unpriced_calls)::bigint,
    sum(d.cache_saved_nano)::bigint,
    sum(d.cost_nano)::bigint,
    sum(d.calls)::bigint,
    sum(d.input_tokens)::bigint,
    sum(d.output_tokens)::bigint,
    sum(d.cache_read_tokens)::bigint,
    sum(d.cache_write_tokens)::bigint,
    sum(d.generation_cost_nano)::bigint,
    sum(d.generation_calls)::bigint,
    sum(d.generation_input_tokens)::bigint,
    sum(d.generation_output_tokens)::bigint,
    sum(d.generation_cache_read_tokens)::bigint,
    sum(d.generation_cache_write_tokens)::bigint,
    sum(d.analysis_cost_nano)::bigint,
    sum(d.analysis_calls)::bigint,
    sum(d.analysis_input_tokens)::bigint,
    sum(d.analysis_output_tokens)::bigint,
    sum(d.analysis_cache_read_tokens)::bigint,
    sum(d.analysis_cache_write_tokens)::bigint,
    sum(d.improvement_cost_nano)::bigint,
    sum(d.improvement_calls)::bigint,
    sum(d.improvement_input_tokens)::bigint,
    sum(d.improvement_output_tokens)::bigint,
    sum(d.improvement_cache_read_tokens)::bigint,
    sum(d.improvement_cache_write_tokens)::bigint,
    max(d.last_at)
  FROM (
    SELECT z.zone, e.account_id, l.day, e.assistant_id, e.model, w.stripe,
      sum(1::bigint)::bigint AS lines,
      sum((r.id IS NOT NULL)::integer::bigint)::bigint AS runs,
      sum(((e.kind = 'call' AND e.price_status <> 'priced')::integer - e.settles_price::integer)::bigint)::bigint AS unpriced_calls,
      sum(CASE WHEN e.cache_read_tokens > 0 OR e.cache_write_tokens > 0 THEN round((e.cache_read_tokens::numeric * coalesce(p.input_pico - p.cache_read_pico, 0) + (e.cache_write_tokens - e.cache_write_1h_tokens)::numeric * coalesce(p.input_pico - p.cache_write_5m_pico, 0) + e.cache_write_1h_tokens::numeric * coalesce(p.input_pico - p.cache_write_1h_pico, 0)) * e.rate_permille / 1000000)::bigint ELSE 0 END)::bigint AS cache_saved_nano,
      sum((e.cost_usd * 1000000000)::bigint)::bigint AS cost_nano,
      sum((e.kind = 'call')::integer::bigint)::bigint AS calls,
      sum(e.input_tokens)::bigint AS input_tokens,
      sum(e.output_tokens)::bigint AS output_tokens,
      sum(e.cache_read_tokens)::bigint AS cache_read_tokens,
      sum(e.cache_write_tokens)::bigint AS cache_write_tokens,
      sum(CASE WHEN e.operation = 'prompt_generation' THEN (e.cost_usd * 1000000000)::bigint ELSE 0 END)::bigint AS generation_cost_nano,
      sum(CASE WHEN e.operation = 'prompt_generation' THEN (e.kind = 'call')::integer::bigint ELSE 0 END)::bigint AS generation_calls,
      sum(CASE WHEN e.operation = 'prompt_generation' THEN e.input_tokens ELSE 0 END)::bigint AS generation_input_tokens,
      sum(CASE WHEN e.operation = 'prompt_generation' THEN e.output_tokens ELSE 0 END)::bigint AS generation_output_tokens,
      sum(CASE WHEN e.operation = 'prompt_generation' THEN e.cache_read_tokens ELSE 0 END)::bigint AS generation_cache_read_tokens,
      sum(CASE WHEN e.operation = 'prompt_generation' THEN e.cache_write_tokens ELSE 0 END)::bigint AS generation_cache_write_tokens,
      sum(CASE WHEN e.operation = 'prompt_analysis' THEN (e.cost_usd * 1000000000)::bigint ELSE 0 END)::bigint AS analysis_cost_nano,
      sum(CASE WHEN e.operation = 'prompt_analysis' THEN (e.kind = 'call')::integer::bigint ELSE 0 END)::bigint AS analysis_calls,
      sum(CASE WHEN e.operation = 'prompt_analysis' THEN e.input_tokens ELSE 0 END)::bigint AS analysis_input_tokens,
      sum(CASE WHEN e.operation = 'prompt_analysis' THEN e.output_tokens ELSE 0 END)::bigint AS analysis_output_tokens,
      sum(CASE WHEN e.operation = 'prompt_analysis' THEN e.cache_read_tokens ELSE 0 END)::bigint AS analysis_cache_read_tokens,
      sum(CASE WHEN e.operation = 'prompt_analysis' THEN e.cache_write_tokens ELSE 0 END)::bigint AS analysis_cache_write_tokens,
      sum(CASE WHEN e.operation = 'prompt_improvement' THEN (e.cost_usd * 1000000000)::bigint ELSE 0 END)::bigint AS improvement_cost_nano,
      sum(CASE WHEN e.operation = 'prompt_improvement' THEN (e.kind = 'call')::integer::bigint ELSE 0 END)::bigint AS improvement_calls,
      sum(CASE WHEN e.operation = 'prompt_improvement' THEN e.input_tokens ELSE 0 END)::bigint AS improvement_input_tokens,
      sum(CASE WHEN e.operation = 'prompt_improvement' THEN e.output_tokens ELSE 0 END)::bigint AS improvement_output_tokens,
      sum(CASE WHEN e.operation = 'prompt_improvement' THEN e.cache_read_tokens ELSE 0 END)::bigint AS improvement_cache_read_tokens,
      sum(CASE WHEN e.operation = 'prompt_improvement' THEN e.cache_write_tokens ELSE 0 END)::bigint AS improvement_cache_write_tokens,
      max(e.timestamp) AS last_at
    FROM (
      SELECT * FROM cost_entries
      WHERE (p_account_id IS NULL OR account_id = p_account_id)
        AND timestamp >= p_from AND timestamp < p_to
    ) AS e
    CROSS JOIN (SELECT p_zone AS zone) AS z
    CROSS JOIN (SELECT 0::smallint AS stripe) AS w
  CROSS JOIN LATERAL (SELECT (e.timestamp AT TIME ZONE z.zone)::date AS day) AS l
    LEFT JOIN model_prices p ON p.id = e.price_id
    LEFT JOIN pipeline_runs r ON r.account_id = e.account_id AND r.id = e.pipeline_run_id
      AND r.first_cost_entry_id = e.id
    GROUP BY z.zone, e.account_id, l.day, e.assistant_id, e.model, w.stripe
  ) AS d
  CROSS JOIN LATERAL (VALUES
    ('account_day', d.day, '00000000-0000-0000-0000-000000000000'::uuid),
    ('assistant_day', d.day, d.assistant_id),
    ('assistant_month', date_trunc('month', d.day)::date, d.assistant_id)
  ) AS g (grain, day, assistant_id)
  GROUP BY d.zone, g.grain, d.account_id, g.day, g.assistant_id, d.model, d.stripe
$$;

-- Name: counts_add(jsonb, jsonb); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.counts_add(p_counts jsonb, p_more jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'public'
    AS $$
  SELECT p_counts || coalesce(jsonb_object_agg(m.key,
    coalesce((p_counts ->> m.key)::bigint, 0) + m.value::bigint), '{}')
  FROM jsonb_each_text(p_more) AS m
$$;

-- Name: day_start(text, date); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.day_start(p_zone text, p_day date) RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    RETURN (((p_day)::timestamp without time zone AT TIME ZONE p_zone) - CASE WHEN (((((p_day)::timestamp without time zone AT TIME ZONE p_zone) - '01:00:00'::interval) AT TIME ZONE p_zone) >= p_day) THEN '01:00:00'::interval WHEN (((((p_day)::timestamp without time zone AT TIME ZONE p_zone) - '00:30:00'::interval) AT TIME ZONE p_zone) >= p_day) THEN '00:30:00'::interval ELSE '00:00:00'::interval END);

-- Name: deployment_change(uuid, uuid, text, uuid, text, uuid, boolean); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.deployment_change(p_account_id uuid, p_assistant_id uuid, p_environment text, p_version uuid, p_reason text, p_replaces uuid, p_is_checked boolean) RETURNS uuid
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public'
    AS $$
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

-- Name: deployment_check(uuid, uuid, uuid, boolean); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.deployment_check(p_account_id uuid, p_assistant_id uuid, p_version uuid, p_needs_approval boolean) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public'
    AS $$
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

-- Name: deployment_lock(uuid, uuid); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.deployment_lock(p_account_id uuid, p_assistant_id uuid, OUT environments text[], OUT needs_approval boolean) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public'
    AS $$
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

-- Name: deployment_rules(); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.deployment_rules() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public'
    AS $$
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

-- Name: deployment_tell(); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.deployment_tell() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
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

-- Name: deployments_end(uuid); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.deployments_end(p_account_id uuid) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
  PERFORM deployment_change(d.account_id, d.assistant_id, d.environment, NULL,
                            'The account is deleted.', NULL, false)
  FROM (SELECT o.account_id, o.assistant_id, o.environment FROM deployments o
        WHERE o.account_id = p_account_id AND o.prompt_version_id IS NOT NULL
        ORDER BY o.assistant_id, o.environment) AS d;
END
$$;

-- Name: end_token(); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.end_token() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
  DELETE FROM sessions WHERE token_id = NEW.id;
  UPDATE accounts SET mermaid_token_hash = NULL, updated_at = now()
  WHERE id = NEW.account_id AND mermaid_token_hash = NEW.token_hash;
  RETURN NULL;
END
$$;

-- Name: export_next(integer); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.export_next(p_bytes integer) RETURNS SETOF text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public'
    AS $$
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

-- Name: export_open(text, uuid, jsonb); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.export_open(p_name text, p_account_id uuid, p_prices jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public'
    AS $_$
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
$_$;

-- Name: fill_step_account(); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.fill_step_account() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  SELECT account_id INTO NEW.account_id FROM pipeline_runs WHERE id = NEW.pipeline_run_id;
  RETURN NEW;
END
$$;

-- Name: fold_cost_sums(); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.fold_cost_sums() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
DECLARE
  today constant date := current_date - 1; -- the earliest of any zone
  held uuid[];
BEGIN
  held := ARRAY(
    SELECT a.account_id FROM (SELECT DISTINCT account_id FROM cost_sums WHERE stripe > 0 AND day < today
    AND (grain <> 'assistant_month' OR day < date_trunc('month', today))) AS a
    WHERE pg_try_advisory_xact_lock(ledger_account_lock(a.account_id)));
  WITH d AS (
    DELETE FROM cost_sums WHERE account_id = ANY (held) AND stripe > 0 AND day < today
    AND (grain <> 'assistant_month' OR day < date_trunc('month', today))
    RETURNING *
  )
  INSERT INTO cost_sums AS s
  SELECT d.zone, d.grain, d.account_id, d.day, d.assistant_id, d.model, 0,
    sum(d.lines)::bigint,
    sum(d.runs)::bigint,
    sum(d.unpriced_calls)::bigint,
    sum(d.cache_saved_nano)::bigint,
    sum(d.cost_nano)::bigint,
    sum(d.calls)::bigint,
    sum(d.input_tokens)::bigint,
    sum(d.output_tokens)::bigint,
    sum(d.cache_read_tokens)::bigint,
    sum(d.cache_write_tokens)::bigint,
    sum(d.generation_cost_nano)::bigint,
    sum(d.generation_calls)::bigint,
    sum(d.generation_input_tokens)::bigint,
    sum(d.generation_output_tokens)::bigint,
    sum(d.generation_cache_read_tokens)::bigint,
    sum(d.generation_cache_write_tokens)::bigint,
    sum(d.analysis_cost_nano)::bigint,
    sum(d.analysis_calls)::bigint,
    sum(d.analysis_input_tokens)::bigint,
    sum(d.analysis_output_tokens)::bigint,
    sum(d.analysis_cache_read_tokens)::bigint,
    sum(d.analysis_cache_write_tokens)::bigint,
    sum(d.improvement_cost_nano)::bigint,
    sum(d.improvement_calls)::bigint,
    sum(d.improvement_input_tokens)::bigint,
    sum(d.improvement_output_tokens)::bigint,
    sum(d.improvement_cache_read_tokens)::bigint,
    sum(d.improvement_cache_write_tokens)::bigint,
    max(d.last_at)
  FROM d
  GROUP BY d.zone, d.grain, d.account_id, d.day, d.assistant_id, d.model
  ON CONFLICT (zone, grain, account_id, day, assistant_id, model, stripe) DO UPDATE SET
    lines = s.lines + excluded.lines,
    runs = s.runs + excluded.runs,
    unpriced_calls = s.unpriced_calls + excluded.unpriced_calls,
    cache_saved_nano = s.cache_saved_nano + excluded.cache_saved_nano,
    cost_nano = s.cost_nano + excluded.cost_nano,
    calls = s.calls + excluded.calls,
    input_tokens = s.input_tokens + excluded.input_tokens,
    output_tokens = s.output_tokens + excluded.output_tokens,
    cache_read_tokens = s.cache_read_tokens + excluded.cache_read_tokens,
    cache_write_tokens = s.cache_write_tokens + excluded.cache_write_tokens,
    generation_cost_nano = s.generation_cost_nano + excluded.generation_cost_nano,
    generation_calls = s.generation_calls + excluded.generation_calls,
    generation_input_tokens = s.generation_input_tokens + excluded.generation_input_tokens,
    generation_output_tokens = s.generation_output_tokens + excluded.generation_output_tokens,
    generation_cache_read_tokens = s.generation_cache_read_tokens + excluded.generation_cache_read_tokens,
    generation_cache_write_tokens = s.generation_cache_write_tokens + excluded.generation_cache_write_tokens,
    analysis_cost_nano = s.analysis_cost_nano + excluded.analysis_cost_nano,
    analysis_calls = s.analysis_calls + excluded.analysis_calls,
    analysis_input_tokens = s.analysis_input_tokens + excluded.analysis_input_tokens,
    analysis_output_tokens = s.analysis_output_tokens + excluded.analysis_output_tokens,
    analysis_cache_read_tokens = s.analysis_cache_read_tokens + excluded.analysis_cache_read_tokens,
    analysis_cache_write_tokens = s.analysis_cache_write_tokens + excluded.analysis_cache_write_tokens,
    improvement_cost_nano = s.improvement_cost_nano + excluded.improvement_cost_nano,
    improvement_calls = s.improvement_calls + excluded.improvement_calls,
    improvement_input_tokens = s.improvement_input_tokens + excluded.improvement_input_tokens,
    improvement_output_tokens = s.improvement_output_tokens + excluded.improvement_output_tokens,
    improvement_cache_read_tokens = s.improvement_cache_read_tokens + excluded.improvement_cache_read_tokens,
    improvement_cache_write_tokens = s.improvement_cache_write_tokens + excluded.improvement_cache_write_tokens,
    last_at = greatest(s.last_at, excluded.last_at);
END
$$;

-- Name: forget_cost_entries(); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.forget_cost_entries() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
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

-- Name: get_next_version_number(uuid); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.get_next_version_number(p_assistant_id uuid) RETURNS integer
    LANGUAGE plpgsql
    AS $$
DECLARE
  next_number integer;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('version ' || p_assistant_id, 0));
  SELECT coalesce(max(version_number), 0) + 1 INTO next_number
  FROM prompt_versions WHERE assistant_id = p_assistant_id;
  RETURN next_number;
END
$$;

-- Name: import_add_prices(text, text); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.import_add_prices(p_lines text, p_source text) RETURNS bigint
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'public'
    AS $$
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

-- Name: import_lines(text, text[], text, uuid, jsonb, text); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.import_lines(p_name text, p_columns text[], p_lines text, p_account_id uuid, p_prices jsonb, p_slug text) RETURNS TABLE(line bigint, fault text)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public'
    AS $$
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

-- Name: import_list_prices(text); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.import_list_prices(p_lines text) RETURNS TABLE(key uuid, id uuid, model text, valid_from timestamp with time zone)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'public'
    AS $$
  SELECT r.id, (SELECT p.id FROM model_prices p
                WHERE p.account_id IS NULL AND p.model = r.model AND price_key(p) = r.id
                ORDER BY p.id LIMIT 1), r.model, r.valid_from
  FROM string_to_table(p_lines, E'\n') AS l (line)
  CROSS JOIN LATERAL json_populate_record(NULL::model_prices, l.line::json) AS r
$$;

-- Name: import_statement(text, text[]); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.import_statement(p_name text, p_columns text[]) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'public'
    AS $_$
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
$_$;

-- Name: import_zones(uuid); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.import_zones(p_account_id uuid) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'public'
    AS $$
  INSERT INTO reporting_zones (zone, account_id, is_ready)
  SELECT n.zone, p_account_id, true
  FROM (SELECT a.time_zone AS zone FROM accounts a WHERE a.id = p_account_id
        UNION SELECT b.zone FROM budgets b
        WHERE b.account_id = p_account_id AND b.ended_at IS NULL) AS n
  WHERE n.zone IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM reporting_zones z
    WHERE z.zone = n.zone AND (z.account_id IS NULL OR z.account_id = p_account_id))
$$;

-- Name: is_importing(); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.is_importing() RETURNS boolean
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
  RETURN coalesce(current_setting('app.is_importing', true), '') = 'on'
    AND public.owns_installation();
END
$$;

-- Name: keep_account_token(); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.keep_account_token() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.mermaid_token_hash IS NOT DISTINCT FROM NEW.mermaid_token_hash THEN
    RETURN NULL;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    UPDATE access_tokens SET revoked_at = clock_timestamp(), revoked_by = session_user
    WHERE account_id = NEW.id AND token_hash = OLD.mermaid_token_hash AND revoked_at IS NULL;
  END IF;
  IF NEW.mermaid_token_hash IS NULL THEN
    RETURN NULL;
  END IF;
  INSERT INTO access_tokens (account_id, role, name, token_hash)
  VALUES (NEW.id, 'member', NEW.name, NEW.mermaid_token_hash)
  ON CONFLICT (token_hash) DO NOTHING;
  IF NOT EXISTS (SELECT 1 FROM access_tokens t WHERE t.token_hash = NEW.mermaid_token_hash
                   AND t.account_id = NEW.id AND t.revoked_at IS NULL) THEN
    RAISE EXCEPTION 'This token belongs to another account or was revoked: make a new one.'
      USING ERRCODE = 'PB409';
  END IF;
  RETURN NULL;
END
$$;

-- Name: keep_price(); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.keep_price() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  IF TG_OP = 'DELETE' AND OLD.account_id IS NOT NULL
     AND NOT EXISTS (SELECT FROM accounts WHERE id = OLD.account_id) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION USING ERRCODE = 'PB409', MESSAGE = 'A price is never changed or deleted:'
    ' record a newer one, which takes over from its first instant.';
END
$$;

-- Name: ledger_account_lock(uuid); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.ledger_account_lock(p_account_id uuid) RETURNS bigint
    LANGUAGE sql IMMUTABLE
    RETURN hashtextextended(('ledger '::text || (p_account_id)::text), (0)::bigint);

-- Name: uuid_v7(); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.uuid_v7() RETURNS uuid
    LANGUAGE sql
    AS $$
  SELECT encode(set_bit(set_bit(
    overlay(uuid_send(gen_random_uuid()) PLACING
      substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
      FROM 1 FOR 6),
    52, 1), 53, 1), 'hex')::uuid
$$;

-- Name: cost_entries; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.cost_entries (
    id uuid DEFAULT public.uuid_v7() NOT NULL,
    pipeline_run_id uuid,
    pipeline_step_id uuid,
    account_id uuid NOT NULL,
    assistant_id uuid NOT NULL,
    operation text NOT NULL,
    model text NOT NULL,
    input_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    cache_read_tokens bigint DEFAULT 0 NOT NULL,
    cache_write_tokens bigint DEFAULT 0 NOT NULL,
    cost_usd numeric(20,9) NOT NULL,
    "timestamp" timestamp with time zone DEFAULT now() NOT NULL,
    created_at timestamp with time zone DEFAULT now(),
    attempt_id uuid,
    idempotency_key text,
    cache_write_1h_tokens bigint DEFAULT 0 NOT NULL,
    price_status text DEFAULT 'priced'::text NOT NULL,
    price_id uuid,
    estimated boolean DEFAULT false NOT NULL,
    usage jsonb,
    kind text DEFAULT 'call'::text NOT NULL,
    rate_permille integer DEFAULT 1000 NOT NULL,
    settles_price boolean DEFAULT false NOT NULL,
    corrects_id uuid,
    reason text,
    actor text,
    CONSTRAINT cost_entries_adjustment CHECK (
CASE kind
    WHEN 'adjustment'::text THEN ((corrects_id IS NOT NULL) AND (COALESCE(reason, ''::text) <> ''::text) AND (COALESCE(actor, ''::text) <> ''::text))
    ELSE ((corrects_id IS NULL) AND (reason IS NULL) AND (actor IS NULL) AND (NOT settles_price))
END),
    CONSTRAINT cost_entries_kind_check CHECK ((kind = ANY (ARRAY['call'::text, 'adjustment'::text]))),
    CONSTRAINT cost_entries_price_status_check CHECK ((price_status = ANY (ARRAY['priced'::text, 'partial'::text, 'unpriced'::text]))),
    CONSTRAINT cost_entries_rate_permille_check CHECK (((rate_permille >= 0) AND (rate_permille <= 100000)))
);

ALTER TABLE ONLY public.cost_entries FORCE ROW LEVEL SECURITY;

-- Name: ledger_add(public.cost_entries); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.ledger_add(e public.cost_entries) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
  own constant smallint := ledger_writer(e.account_id);
  r pipeline_runs;
  p model_prices;
BEGIN
  UPDATE pipeline_runs t SET
    total_input_tokens = t.total_input_tokens + e.input_tokens,
    total_output_tokens = t.total_output_tokens + e.output_tokens,
    total_cache_read_tokens = t.total_cache_read_tokens + e.cache_read_tokens,
    total_cache_write_tokens = t.total_cache_write_tokens + e.cache_write_tokens,
    total_cost_usd = t.total_cost_usd + e.cost_usd,
    first_cost_entry_id = coalesce(t.first_cost_entry_id, e.id)
  WHERE t.account_id = e.account_id AND t.id = e.pipeline_run_id
  RETURNING CASE WHEN t.first_cost_entry_id = e.id THEN t.id END INTO r.id;
  IF e.cache_read_tokens > 0 OR e.cache_write_tokens > 0 THEN
    SELECT * INTO p FROM model_prices WHERE id = e.price_id;
  END IF;
  INSERT INTO cost_sums AS s
  SELECT z.zone, g.grain, e.account_id, g.day, g.assistant_id, e.model, own,
    1::bigint,
    (r.id IS NOT NULL)::integer::bigint,
    ((e.kind = 'call' AND e.price_status <> 'priced')::integer - e.settles_price::integer)::bigint,
    CASE WHEN e.cache_read_tokens > 0 OR e.cache_write_tokens > 0 THEN round((e.cache_read_tokens::numeric * coalesce(p.input_pico - p.cache_read_pico, 0) + (e.cache_write_tokens - e.cache_write_1h_tokens)::numeric * coalesce(p.input_pico - p.cache_write_5m_pico, 0) + e.cache_write_1h_tokens::numeric * coalesce(p.input_pico - p.cache_write_1h_pico, 0)) * e.rate_permille / 1000000)::bigint ELSE 0 END,
    (e.cost_usd * 1000000000)::bigint,
    (e.kind = 'call')::integer::bigint,
    e.input_tokens,
    e.output_tokens,
    e.cache_read_tokens,
    e.cache_write_tokens,
    CASE WHEN e.operation = 'prompt_generation' THEN (e.cost_usd * 1000000000)::bigint ELSE 0 END,
    CASE WHEN e.operation = 'prompt_generation' THEN (e.kind = 'call')::integer::bigint ELSE 0 END,
    CASE WHEN e.operation = 'prompt_generation' THEN e.input_tokens ELSE 0 END,
    CASE WHEN e.operation = 'prompt_generation' THEN e.output_tokens ELSE 0 END,
    CASE WHEN e.operation = 'prompt_generation' THEN e.cache_read_tokens ELSE 0 END,
    CASE WHEN e.operation = 'prompt_generation' THEN e.cache_write_tokens ELSE 0 END,
    CASE WHEN e.operation = 'prompt_analysis' THEN (e.cost_usd * 1000000000)::bigint ELSE 0 END,
    CASE WHEN e.operation = 'prompt_analysis' THEN (e.kind = 'call')::integer::bigint ELSE 0 END,
    CASE WHEN e.operation = 'prompt_analysis' THEN e.input_tokens ELSE 0 END,
    CASE WHEN e.operation = 'prompt_analysis' THEN e.output_tokens ELSE 0 END,
    CASE WHEN e.operation = 'prompt_analysis' THEN e.cache_read_tokens ELSE 0 END,
    CASE WHEN e.operation = 'prompt_analysis' THEN e.cache_write_tokens ELSE 0 END,
    CASE WHEN e.operation = 'prompt_improvement' THEN (e.cost_usd * 1000000000)::bigint ELSE 0 END,
    CASE WHEN e.operation = 'prompt_improvement' THEN (e.kind = 'call')::integer::bigint ELSE 0 END,
    CASE WHEN e.operation = 'prompt_improvement' THEN e.input_tokens ELSE 0 END,
    CASE WHEN e.operation = 'prompt_improvement' THEN e.output_tokens ELSE 0 END,
    CASE WHEN e.operation = 'prompt_improvement' THEN e.cache_read_tokens ELSE 0 END,
    CASE WHEN e.operation = 'prompt_improvement' THEN e.cache_write_tokens ELSE 0 END,
    e.timestamp
  FROM (SELECT zone FROM reporting_zones
        WHERE account_id IS NULL OR account_id = e.account_id ORDER BY zone) AS z
  CROSS JOIN LATERAL (SELECT (e.timestamp AT TIME ZONE z.zone)::date AS day) AS l
  CROSS JOIN LATERAL (VALUES
    ('account_day', l.day, '00000000-0000-0000-0000-000000000000'::uuid),
    ('assistant_day', l.day, e.assistant_id),
    ('assistant_month', date_trunc('month', l.day)::date, e.assistant_id)
  ) AS g (grain, day, assistant_id)
  ON CONFLICT (zone, grain, account_id, day, assistant_id, model, stripe) DO UPDATE SET
    lines = s.lines + excluded.lines,
    runs = s.runs + excluded.runs,
    unpriced_calls = s.unpriced_calls + excluded.unpriced_calls,
    cache_saved_nano = s.cache_saved_nano + excluded.cache_saved_nano,
    cost_nano = s.cost_nano + excluded.cost_nano,
    calls = s.calls + excluded.calls,
    input_tokens = s.input_tokens + excluded.input_tokens,
    output_tokens = s.output_tokens + excluded.output_tokens,
    cache_read_tokens = s.cache_read_tokens + excluded.cache_read_tokens,
    cache_write_tokens = s.cache_write_tokens + excluded.cache_write_tokens,
    generation_cost_nano = s.generation_cost_nano + excluded.generation_cost_nano,
    generation_calls = s.generation_calls + excluded.generation_calls,
    generation_input_tokens = s.generation_input_tokens + excluded.generation_input_tokens,
    generation_output_tokens = s.generation_output_tokens + excluded.generation_output_tokens,
    generation_cache_read_tokens = s.generation_cache_read_tokens + excluded.generation_cache_read_tokens,
    generation_cache_write_tokens = s.generation_cache_write_tokens + excluded.generation_cache_write_tokens,
    analysis_cost_nano = s.analysis_cost_nano + excluded.analysis_cost_nano,
    analysis_calls = s.analysis_calls + excluded.analysis_calls,
    analysis_input_tokens = s.analysis_input_tokens + excluded.analysis_input_tokens,
    analysis_output_tokens = s.analysis_output_tokens + excluded.analysis_output_tokens,
    analysis_cache_read_tokens = s.analysis_cache_read_tokens + excluded.analysis_cache_read_tokens,
    analysis_cache_write_tokens = s.analysis_cache_write_tokens + excluded.analysis_cache_write_tokens,
    improvement_cost_nano = s.improvement_cost_nano + excluded.improvement_cost_nano,
    improvement_calls = s.improvement_calls + excluded.improvement_calls,
    improvement_input_tokens = s.improvement_input_tokens + excluded.improvement_input_tokens,
    improvement_output_tokens = s.improvement_output_tokens + excluded.improvement_output_tokens,
    improvement_cache_read_tokens = s.improvement_cache_read_tokens + excluded.improvement_cache_read_tokens,
    improvement_cache_write_tokens = s.improvement_cache_write_tokens + excluded.improvement_cache_write_tokens,
    last_at = greatest(s.last_at, excluded.last_at);
END
$$;

-- Name: ledger_stripe_lock(uuid, integer); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.ledger_stripe_lock(p_account_id uuid, p_stripe integer) RETURNS bigint
    LANGUAGE sql IMMUTABLE
    RETURN hashtextextended(('stripe '::text || (p_account_id)::text), (p_stripe)::bigint);

-- Name: ledger_writer(uuid); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.ledger_writer(p_account_id uuid) RETURNS smallint
    LANGUAGE plpgsql
    AS $$
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

-- Name: lock_budgets(uuid[]); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.lock_budgets(p_account_ids uuid[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(ledger_account_lock(a.id))
  FROM (SELECT DISTINCT n.id FROM unnest(p_account_ids) AS n (id) ORDER BY n.id) AS a;
  PERFORM 1 FROM budgets b
  WHERE b.account_id = ANY (p_account_ids) AND b.ended_at IS NULL AND b.cap_usd IS NOT NULL
  ORDER BY b.account_id, b.id
  FOR NO KEY UPDATE;
END
$$;

-- Name: mark_account(); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.mark_account() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
  INSERT INTO account_marks AS m (account_id, stripe, changes)
  SELECT a.id, -9 - TG_RELID::bigint % 1000 * 8 - pg_backend_pid() % 8, 1 FROM accounts a
  WHERE a.id = (to_jsonb(coalesce(NEW, OLD)) ->> TG_ARGV[0])::uuid
  ON CONFLICT (account_id, stripe) DO UPDATE SET changes = m.changes + 1;
  RETURN NULL;
END
$$;

-- Name: mark_all_accounts(); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.mark_all_accounts() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
  INSERT INTO account_marks AS m (account_id, stripe, changes)
  SELECT a.id, -1 - pg_backend_pid() % 8, 1 FROM accounts a ORDER BY a.id
  ON CONFLICT (account_id, stripe) DO UPDATE SET changes = m.changes + 1;
  RETURN NULL;
END
$$;

-- Name: open_budget(); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.open_budget() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
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

-- Name: outbox_sweep(bigint); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.outbox_sweep(p_keep_ms bigint) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
  DELETE FROM outbox o
  USING (SELECT e.account_id, e.id FROM outbox e
         WHERE e.state <> 'pending'
           AND e.ended_at < clock_timestamp() - p_keep_ms * interval '1 millisecond'
         ORDER BY e.ended_at LIMIT 1000 FOR UPDATE SKIP LOCKED) AS old
  WHERE o.account_id = old.account_id AND o.id = old.id
$$;

-- Name: accounts; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.accounts (
    id uuid DEFAULT public.uuid_v7() NOT NULL,
    slug text NOT NULL,
    name text NOT NULL,
    mermaid_token_hash text,
    settings jsonb DEFAULT '{}'::jsonb,
    created_at timestamp with time zone DEFAULT now(),
    updated_at timestamp with time zone DEFAULT now(),
    time_zone text,
    weight integer DEFAULT 1 NOT NULL,
    max_running integer,
    deleted_at timestamp with time zone,
    environments text[] DEFAULT '{production,staging}'::text[] NOT NULL,
    needs_approval boolean DEFAULT false NOT NULL,
    CONSTRAINT accounts_environments_check CHECK ((((cardinality(environments) >= 1) AND (cardinality(environments) <= 10)) AND (array_position(environments, NULL::text) IS NULL) AND (array_to_string(environments, ' '::text) ~ '^[a-z][a-z0-9-]{0,31}( [a-z][a-z0-9-]{0,31})*$'::text))),
    CONSTRAINT accounts_max_running_check CHECK (((max_running >= 0) AND (max_running <= 100000))),
    CONSTRAINT accounts_weight_check CHECK (((weight >= 1) AND (weight <= 1000)))
);

ALTER TABLE ONLY public.accounts FORCE ROW LEVEL SECURITY;

-- Name: owns_installation(); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.owns_installation() RETURNS boolean
    LANGUAGE sql STABLE
    RETURN (SELECT pg_has_role(SESSION_USER, c.relowner, 'USAGE'::text) AS pg_has_role FROM pg_class c WHERE (c.oid = ('public.accounts'::regclass)::oid));

-- Name: model_prices; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.model_prices (
    id uuid DEFAULT public.uuid_v7() NOT NULL,
    account_id uuid,
    model text NOT NULL,
    valid_from timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    valid_to timestamp with time zone DEFAULT 'infinity'::timestamp with time zone NOT NULL,
    input_pico bigint NOT NULL,
    output_pico bigint NOT NULL,
    cache_read_pico bigint,
    cache_write_5m_pico bigint,
    cache_write_1h_pico bigint,
    source text NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    above_tokens bigint DEFAULT 0 NOT NULL,
    batch_permille integer DEFAULT 1000 NOT NULL,
    us_permille integer DEFAULT 1000 NOT NULL,
    CONSTRAINT model_prices_above_tokens_check CHECK ((above_tokens >= 0)),
    CONSTRAINT model_prices_batch_permille_check CHECK (((batch_permille >= 1) AND (batch_permille <= 10000))),
    CONSTRAINT model_prices_cache_read_pico_check CHECK ((cache_read_pico >= 0)),
    CONSTRAINT model_prices_cache_write_1h_pico_check CHECK ((cache_write_1h_pico >= 0)),
    CONSTRAINT model_prices_cache_write_5m_pico_check CHECK ((cache_write_5m_pico >= 0)),
    CONSTRAINT model_prices_check CHECK ((valid_from < valid_to)),
    CONSTRAINT model_prices_input_pico_check CHECK ((input_pico >= 0)),
    CONSTRAINT model_prices_model_check CHECK ((model <> ''::text)),
    CONSTRAINT model_prices_output_pico_check CHECK ((output_pico >= 0)),
    CONSTRAINT model_prices_permille CHECK ((((batch_permille * us_permille) % 1000) = 0)),
    CONSTRAINT model_prices_us_permille_check CHECK (((us_permille >= 1) AND (us_permille <= 10000)))
);

ALTER TABLE ONLY public.model_prices FORCE ROW LEVEL SECURITY;

-- Name: price_at(uuid, text, timestamp with time zone, bigint); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.price_at(p_account_id uuid, p_model text, p_at timestamp with time zone, p_prompt_tokens bigint DEFAULT 0) RETURNS SETOF public.model_prices
    LANGUAGE sql STABLE
    AS $$
  SELECT id, account_id, model, valid_from, valid_to, input_pico, output_pico, cache_read_pico,
         cache_write_5m_pico, cache_write_1h_pico, source, recorded_at, above_tokens,
         batch_permille, us_permille
  -- The names are made once, not for every row that is looked at.
  FROM (SELECT ARRAY[p_model, price_family(p_model)] AS names OFFSET 0) AS n
  JOIN model_prices ON model = ANY (n.names)
  WHERE valid_from <= p_at AND p_at < valid_to
    AND (account_id IS NULL OR account_id = p_account_id)
    AND (above_tokens = 0 OR above_tokens < p_prompt_tokens)
  ORDER BY account_id NULLS LAST, model <> p_model, valid_from DESC, recorded_at DESC,
           above_tokens DESC
  LIMIT 1
$$;

-- Name: price_ceiling(uuid, text, timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.price_ceiling(p_account_id uuid, p_model text, p_at timestamp with time zone) RETURNS TABLE(price_id uuid, input_pico bigint, output_pico bigint, is_full boolean)
    LANGUAGE sql STABLE
    AS $$
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

-- Name: price_family(text); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.price_family(p_model text) RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN regexp_replace(p_model, '-([0-9]{4}-?[0-9]{2}-?[0-9]{2}|latest)$'::text, ''::text);

-- Name: price_key(public.model_prices); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.price_key(p public.model_prices) RETURNS uuid
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'public'
    AS $$
  SELECT md5(jsonb_build_array(p.model, p.valid_from AT TIME ZONE 'UTC',
    p.valid_to AT TIME ZONE 'UTC', p.above_tokens, p.input_pico, p.output_pico, p.cache_read_pico,
    p.cache_write_5m_pico, p.cache_write_1h_pico, p.batch_permille, p.us_permille)::text)::uuid
$$;

-- Name: price_line(uuid, text, timestamp with time zone, bigint, bigint, bigint, bigint, bigint, jsonb); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.price_line(p_account_id uuid, p_model text, p_at timestamp with time zone, p_input bigint, p_output bigint, p_cache_read bigint, p_cache_write bigint, p_cache_write_1h bigint, p_usage jsonb) RETURNS TABLE(cost_nano bigint, price_id uuid, price_status text, rate_permille integer)
    LANGUAGE sql STABLE
    AS $$
  SELECT coalesce(s.whole + CASE WHEN s.rest > 500000 OR s.rest = 500000 AND mod(s.whole, 2) = 1
                              THEN 1 ELSE 0 END, 0)::bigint,
         s.id, s.status, coalesce(s.permille, 1000)
  FROM (
    SELECT u.id, u.status, u.permille, div(u.pico * u.permille, 1000000) AS whole,
           mod(u.pico * u.permille, 1000000) AS rest
    FROM (
      SELECT p.id,
             CASE WHEN p.id IS NULL THEN 'unpriced'
               WHEN p.cache_read_pico IS NULL AND p_cache_read > 0
                 OR p.cache_write_5m_pico IS NULL AND p_cache_write > p_cache_write_1h
                 OR p.cache_write_1h_pico IS NULL AND p_cache_write_1h > 0 THEN 'partial'
               ELSE 'priced' END AS status,
             CASE WHEN p_usage ->> 'service_tier' = 'batch' THEN p.batch_permille ELSE 1000 END
               * CASE WHEN p_usage ->> 'inference_geo' = 'us' THEN p.us_permille ELSE 1000 END
               / 1000 AS permille,
             p_input::numeric * p.input_pico + p_output::numeric * p.output_pico
               + p_cache_read::numeric * coalesce(p.cache_read_pico, 0)
               + (p_cache_write::numeric - p_cache_write_1h) * coalesce(p.cache_write_5m_pico, 0)
               + p_cache_write_1h::numeric * coalesce(p.cache_write_1h_pico, 0) AS pico
      FROM (SELECT least(p_input::numeric + p_cache_read + p_cache_write,
                         9223372036854775807)::bigint AS tokens OFFSET 0) AS prompt
      LEFT JOIN LATERAL price_at(p_account_id, p_model, p_at, prompt.tokens) AS p ON true
    ) AS u
  ) AS s
$$;

-- Name: price_multipliers(uuid, text, timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.price_multipliers(p_account_id uuid, p_model text, p_at timestamp with time zone) RETURNS TABLE(batch_permille integer, us_permille integer)
    LANGUAGE sql STABLE
    AS $$
  SELECT coalesce(p.batch_permille, CASE WHEN p_model LIKE 'claude-%' THEN 500 ELSE 1000 END),
         coalesce(p.us_permille, CASE WHEN p_model LIKE 'claude-%' THEN 1100 ELSE 1000 END)
  FROM (VALUES (1)) AS one (row)
  LEFT JOIN LATERAL price_at(p_account_id, p_model, p_at) AS p ON true
$$;

-- Name: prompt_asker(text, text); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.prompt_asker(p_token_hash text, p_address text) RETURNS TABLE(token_id uuid, account_id uuid, account_slug text, account_name text, role text, name text, left_ms bigint)
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
  SELECT f.token_id, f.account_id, f.account_slug, f.account_name, f.role, f.name,
    (SELECT ceil(extract(epoch FROM t.expires_at - now()) * 1000)::bigint
     FROM access_tokens t WHERE t.id = f.token_id)
  FROM token_find(p_token_hash, p_address) AS f
$$;

-- Name: prompt_tell(); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.prompt_tell() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
  PERFORM pg_notify('promptbuilder_deployments', OLD.id::text);
  RETURN NULL;
END
$$;

-- Name: rebuild_cost_sums(text, uuid, date, date); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.rebuild_cost_sums(p_zone text, p_account_id uuid, p_from date, p_to date) RETURNS void
    LANGUAGE plpgsql
    AS $$
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

-- Name: refuse_deleted_account(); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.refuse_deleted_account() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
  PERFORM 1 FROM accounts a WHERE a.id = NEW.account_id FOR SHARE;
  IF EXISTS (SELECT 1 FROM accounts a WHERE a.id = NEW.account_id AND a.deleted_at IS NOT NULL) THEN
    RAISE EXCEPTION 'The account is deleted: nothing new can be made in it.'
      USING ERRCODE = 'PB409';
  END IF;
  RETURN NEW;
END
$$;

-- Name: reporting_zone(text, uuid[], date, date); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.reporting_zone(p_zone text, p_account_ids uuid[], p_from date, p_to date) RETURNS text
    LANGUAGE plpgsql STABLE
    AS $$
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

-- Name: session_end(text); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.session_end(p_id_hash text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
  DELETE FROM public.sessions WHERE id_hash = p_id_hash
$$;

-- Name: session_find(text, text, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.session_find(p_id_hash text, p_address text, p_idle_ms bigint, p_age_ms bigint) RETURNS TABLE(token_id uuid, session_id uuid, account_id uuid, account_slug text, account_name text, role text, name text, csrf text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
#variable_conflict use_column
DECLARE
  v_is_noted boolean;
BEGIN
  SELECT t.id, s.id, t.account_id, a.slug, a.name, t.role, t.name, s.csrf,
         s.seen_at > now() - interval '1 minute'
  INTO token_id, session_id, account_id, account_slug, account_name, role, name, csrf, v_is_noted
  FROM sessions s
  JOIN access_tokens t ON t.id = s.token_id
  LEFT JOIN accounts a ON a.id = t.account_id
  WHERE s.id_hash = p_id_hash
    AND s.seen_at > now() - p_idle_ms * interval '1 millisecond'
    AND s.created_at > now() - p_age_ms * interval '1 millisecond'
    AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now());
  IF NOT FOUND THEN
    RETURN;
  END IF;
  IF NOT v_is_noted THEN
    UPDATE sessions SET seen_at = now(), address = p_address
    WHERE id_hash = (SELECT s.id_hash FROM sessions s WHERE s.id_hash = p_id_hash
                     FOR NO KEY UPDATE SKIP LOCKED);
    PERFORM token_used(session_find.token_id, p_address);
  END IF;
  RETURN NEXT;
END
$$;

-- Name: session_open(text, text, text, text, text, text, text, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.session_open(p_slug text, p_token_hash text, p_id_hash text, p_csrf text, p_address text, p_network text, p_agent text, p_idle_ms bigint, p_age_ms bigint) RETURNS TABLE(wait_s integer, token_id uuid, session_id uuid, account_id uuid, account_slug text, account_name text, role text, name text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
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

-- Name: sheet_queue(); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.sheet_queue() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    SET enable_seqscan TO 'off'
    AS $$
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

-- Name: sheet_row_id(text, integer); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.sheet_row_id(p_pipeline_id text, p_number integer) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'public'
    AS $$
  SELECT p_pipeline_id || CASE WHEN p_number > 1 THEN '+' || p_number ELSE '' END
$$;

-- Name: sign_in_delay(integer, integer); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.sign_in_delay(p_failures integer, p_free integer) RETURNS integer
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'public'
    AS $$
  SELECT CASE WHEN p_failures < p_free THEN 0
    ELSE least(60, power(2, least(p_failures - p_free, 6)))::integer END
$$;

-- Name: sign_in_failed(text, text); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.sign_in_failed(p_network text, p_slug text) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'public', 'public'
    AS $$
  DELETE FROM sign_in_failures WHERE subject IN (
    SELECT f.subject FROM sign_in_failures f
    WHERE f.failed_at < clock_timestamp() - interval '15 minutes'
    ORDER BY f.failed_at LIMIT 100 FOR UPDATE SKIP LOCKED);
  INSERT INTO sign_in_failures AS f (subject, failures, failed_at)
  VALUES (p_network, 1, clock_timestamp()), (p_slug, 1, clock_timestamp())
  ON CONFLICT (subject) DO UPDATE SET failed_at = excluded.failed_at,
    failures = CASE WHEN f.failed_at < clock_timestamp() - interval '15 minutes' THEN 1
      ELSE least(f.failures + 1, 1000) END;
$$;

-- Name: sign_in_wait(text, text); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.sign_in_wait(p_network text, p_slug text) RETURNS integer
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'public', 'public'
    AS $$
  SELECT coalesce(max(ceil(extract(epoch FROM own.failed_at - clock_timestamp()
    + make_interval(secs => greatest(sign_in_delay(own.failures, 5),
                                     sign_in_delay(coalesce(slug.failures, 0), 20)))))), 0)::integer
  FROM sign_in_failures own
  LEFT JOIN sign_in_failures slug ON slug.subject = p_slug
    AND slug.failed_at > clock_timestamp() - interval '15 minutes'
  WHERE own.subject = p_network AND own.failed_at > clock_timestamp() - interval '15 minutes'
$$;

-- Name: take_first_token(); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.take_first_token() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
  UPDATE accounts SET mermaid_token_hash = NEW.token_hash, updated_at = now()
  WHERE id = NEW.account_id AND mermaid_token_hash IS NULL;
  RETURN NULL;
END
$$;

-- Name: tell_budgets(uuid, uuid, uuid); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.tell_budgets(p_account_id uuid, p_run_id uuid, p_stopped_by uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
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

-- Name: token_find(text, text); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.token_find(p_token_hash text, p_address text) RETURNS TABLE(token_id uuid, account_id uuid, account_slug text, account_name text, role text, name text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
#variable_conflict use_column
DECLARE
  v_is_noted boolean;
BEGIN
  SELECT t.id, t.account_id, a.slug, a.name, t.role, t.name,
         coalesce(t.last_used_at > now() - interval '1 minute', false)
  INTO token_id, account_id, account_slug, account_name, role, name, v_is_noted
  FROM access_tokens t LEFT JOIN accounts a ON a.id = t.account_id
  WHERE t.token_hash = p_token_hash AND t.revoked_at IS NULL
    AND (t.expires_at IS NULL OR t.expires_at > now());
  IF NOT FOUND THEN
    RETURN;
  END IF;
  IF NOT v_is_noted THEN
    PERFORM token_used(token_find.token_id, p_address);
  END IF;
  RETURN NEXT;
END
$$;

-- Name: token_used(uuid, text); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.token_used(p_token_id uuid, p_address text) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'public', 'public'
    AS $$
  UPDATE access_tokens SET last_used_at = now(), last_used_from = p_address
  WHERE id = (SELECT t.id FROM access_tokens t WHERE t.id = p_token_id
                AND (t.last_used_at IS NULL OR t.last_used_at < now() - interval '1 minute')
              FOR NO KEY UPDATE SKIP LOCKED)
$$;

-- Name: update_pipeline_run_totals(); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.update_pipeline_run_totals() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
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
    UPDATE pipeline_runs t SET
    total_input_tokens = t.total_input_tokens + e.input_tokens,
    total_output_tokens = t.total_output_tokens + e.output_tokens,
    total_cache_read_tokens = t.total_cache_read_tokens + e.cache_read_tokens,
    total_cache_write_tokens = t.total_cache_write_tokens + e.cache_write_tokens,
    total_cost_usd = t.total_cost_usd + e.cost_usd,
    first_cost_entry_id = coalesce(t.first_cost_entry_id, e.id)
    FROM of_run e JOIN held h ON h.account_id = e.account_id AND h.id = e.pipeline_run_id
    WHERE t.account_id = e.account_id AND t.id = e.pipeline_run_id
    RETURNING t.account_id, t.id, t.first_cost_entry_id
  )
  INSERT INTO cost_sums AS s
  SELECT d.zone, g.grain, d.account_id, g.day, g.assistant_id, d.model, d.stripe,
    sum(d.lines)::bigint,
    sum(d.runs)::bigint,
    sum(d.unpriced_calls)::bigint,
    sum(d.cache_saved_nano)::bigint,
    sum(d.cost_nano)::bigint,
    sum(d.calls)::bigint,
    sum(d.input_tokens)::bigint,
    sum(d.output_tokens)::bigint,
    sum(d.cache_read_tokens)::bigint,
    sum(d.cache_write_tokens)::bigint,
    sum(d.generation_cost_nano)::bigint,
    sum(d.generation_calls)::bigint,
    sum(d.generation_input_tokens)::bigint,
    sum(d.generation_output_tokens)::bigint,
    sum(d.generation_cache_read_tokens)::bigint,
    sum(d.generation_cache_write_tokens)::bigint,
    sum(d.analysis_cost_nano)::bigint,
    sum(d.analysis_calls)::bigint,
    sum(d.analysis_input_tokens)::bigint,
    sum(d.analysis_output_tokens)::bigint,
    sum(d.analysis_cache_read_tokens)::bigint,
    sum(d.analysis_cache_write_tokens)::bigint,
    sum(d.improvement_cost_nano)::bigint,
    sum(d.improvement_calls)::bigint,
    sum(d.improvement_input_tokens)::bigint,
    sum(d.improvement_output_tokens)::bigint,
    sum(d.improvement_cache_read_tokens)::bigint,
    sum(d.improvement_cache_write_tokens)::bigint,
    max(d.last_at)
  FROM (
    SELECT z.zone, e.account_id, l.day, e.assistant_id, e.model, w.stripe,
      sum(1::bigint)::bigint AS lines,
      sum((r.id IS NOT NULL)::integer::bigint)::bigint AS runs,
      sum(((e.kind = 'call' AND e.price_status <> 'priced')::integer - e.settles_price::integer)::bigint)::bigint AS unpriced_calls,
      sum(CASE WHEN e.cache_read_tokens > 0 OR e.cache_write_tokens > 0 THEN round((e.cache_read_tokens::numeric * coalesce(p.input_pico - p.cache_read_pico, 0) + (e.cache_write_tokens - e.cache_write_1h_tokens)::numeric * coalesce(p.input_pico - p.cache_write_5m_pico, 0) + e.cache_write_1h_tokens::numeric * coalesce(p.input_pico - p.cache_write_1h_pico, 0)) * e.rate_permille / 1000000)::bigint ELSE 0 END)::bigint AS cache_saved_nano,
      sum((e.cost_usd * 1000000000)::bigint)::bigint AS cost_nano,
      sum((e.kind = 'call')::integer::bigint)::bigint AS calls,
      sum(e.input_tokens)::bigint AS input_tokens,
      sum(e.output_tokens)::bigint AS output_tokens,
      sum(e.cache_read_tokens)::bigint AS cache_read_tokens,
      sum(e.cache_write_tokens)::bigint AS cache_write_tokens,
      sum(CASE WHEN e.operation = 'prompt_generation' THEN (e.cost_usd * 1000000000)::bigint ELSE 0 END)::bigint AS generation_cost_nano,
      sum(CASE WHEN e.operation = 'prompt_generation' THEN (e.kind = 'call')::integer::bigint ELSE 0 END)::bigint AS generation_calls,
      sum(CASE WHEN e.operation = 'prompt_generation' THEN e.input_tokens ELSE 0 END)::bigint AS generation_input_tokens,
      sum(CASE WHEN e.operation = 'prompt_generation' THEN e.output_tokens ELSE 0 END)::bigint AS generation_output_tokens,
      sum(CASE WHEN e.operation = 'prompt_generation' THEN e.cache_read_tokens ELSE 0 END)::bigint AS generation_cache_read_tokens,
      sum(CASE WHEN e.operation = 'prompt_generation' THEN e.cache_write_tokens ELSE 0 END)::bigint AS generation_cache_write_tokens,
      sum(CASE WHEN e.operation = 'prompt_analysis' THEN (e.cost_usd * 1000000000)::bigint ELSE 0 END)::bigint AS analysis_cost_nano,
      sum(CASE WHEN e.operation = 'prompt_analysis' THEN (e.kind = 'call')::integer::bigint ELSE 0 END)::bigint AS analysis_calls,
      sum(CASE WHEN e.operation = 'prompt_analysis' THEN e.input_tokens ELSE 0 END)::bigint AS analysis_input_tokens,
      sum(CASE WHEN e.operation = 'prompt_analysis' THEN e.output_tokens ELSE 0 END)::bigint AS analysis_output_tokens,
      sum(CASE WHEN e.operation = 'prompt_analysis' THEN e.cache_read_tokens ELSE 0 END)::bigint AS analysis_cache_read_tokens,
      sum(CASE WHEN e.operation = 'prompt_analysis' THEN e.cache_write_tokens ELSE 0 END)::bigint AS analysis_cache_write_tokens,
      sum(CASE WHEN e.operation = 'prompt_improvement' THEN (e.cost_usd * 1000000000)::bigint ELSE 0 END)::bigint AS improvement_cost_nano,
      sum(CASE WHEN e.operation = 'prompt_improvement' THEN (e.kind = 'call')::integer::bigint ELSE 0 END)::bigint AS improvement_calls,
      sum(CASE WHEN e.operation = 'prompt_improvement' THEN e.input_tokens ELSE 0 END)::bigint AS improvement_input_tokens,
      sum(CASE WHEN e.operation = 'prompt_improvement' THEN e.output_tokens ELSE 0 END)::bigint AS improvement_output_tokens,
      sum(CASE WHEN e.operation = 'prompt_improvement' THEN e.cache_read_tokens ELSE 0 END)::bigint AS improvement_cache_read_tokens,
      sum(CASE WHEN e.operation = 'prompt_improvement' THEN e.cache_write_tokens ELSE 0 END)::bigint AS improvement_cache_write_tokens,
      max(e.timestamp) AS last_at
    FROM writer w JOIN new_entries e ON e.account_id = w.account_id
    JOIN reporting_zones z ON z.account_id IS NULL OR z.account_id = e.account_id
  CROSS JOIN LATERAL (SELECT (e.timestamp AT TIME ZONE z.zone)::date AS day) AS l
    LEFT JOIN model_prices p ON p.id = e.price_id
    LEFT JOIN run r ON r.account_id = e.account_id AND r.id = e.pipeline_run_id
      AND r.first_cost_entry_id = e.id
    GROUP BY z.zone, e.account_id, l.day, e.assistant_id, e.model, w.stripe
  ) AS d
  CROSS JOIN LATERAL (VALUES
    ('account_day', d.day, '00000000-0000-0000-0000-000000000000'::uuid),
    ('assistant_day', d.day, d.assistant_id),
    ('assistant_month', date_trunc('month', d.day)::date, d.assistant_id)
  ) AS g (grain, day, assistant_id)
  GROUP BY d.zone, g.grain, d.account_id, g.day, g.assistant_id, d.model, d.stripe
  ORDER BY d.zone, g.grain, d.account_id, g.day, g.assistant_id, d.model
  ON CONFLICT (zone, grain, account_id, day, assistant_id, model, stripe) DO UPDATE SET
    lines = s.lines + excluded.lines,
    runs = s.runs + excluded.runs,
    unpriced_calls = s.unpriced_calls + excluded.unpriced_calls,
    cache_saved_nano = s.cache_saved_nano + excluded.cache_saved_nano,
    cost_nano = s.cost_nano + excluded.cost_nano,
    calls = s.calls + excluded.calls,
    input_tokens = s.input_tokens + excluded.input_tokens,
    output_tokens = s.output_tokens + excluded.output_tokens,
    cache_read_tokens = s.cache_read_tokens + excluded.cache_read_tokens,
    cache_write_tokens = s.cache_write_tokens + excluded.cache_write_tokens,
    generation_cost_nano = s.generation_cost_nano + excluded.generation_cost_nano,
    generation_calls = s.generation_calls + excluded.generation_calls,
    generation_input_tokens = s.generation_input_tokens + excluded.generation_input_tokens,
    generation_output_tokens = s.generation_output_tokens + excluded.generation_output_tokens,
    generation_cache_read_tokens = s.generation_cache_read_tokens + excluded.generation_cache_read_tokens,
    generation_cache_write_tokens = s.generation_cache_write_tokens + excluded.generation_cache_write_tokens,
    analysis_cost_nano = s.analysis_cost_nano + excluded.analysis_cost_nano,
    analysis_calls = s.analysis_calls + excluded.analysis_calls,
    analysis_input_tokens = s.analysis_input_tokens + excluded.analysis_input_tokens,
    analysis_output_tokens = s.analysis_output_tokens + excluded.analysis_output_tokens,
    analysis_cache_read_tokens = s.analysis_cache_read_tokens + excluded.analysis_cache_read_tokens,
    analysis_cache_write_tokens = s.analysis_cache_write_tokens + excluded.analysis_cache_write_tokens,
    improvement_cost_nano = s.improvement_cost_nano + excluded.improvement_cost_nano,
    improvement_calls = s.improvement_calls + excluded.improvement_calls,
    improvement_input_tokens = s.improvement_input_tokens + excluded.improvement_input_tokens,
    improvement_output_tokens = s.improvement_output_tokens + excluded.improvement_output_tokens,
    improvement_cache_read_tokens = s.improvement_cache_read_tokens + excluded.improvement_cache_read_tokens,
    improvement_cache_write_tokens = s.improvement_cache_write_tokens + excluded.improvement_cache_write_tokens,
    last_at = greatest(s.last_at, excluded.last_at);
  RETURN NULL;
END
$$;

-- Name: usd_per_million(bigint); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.usd_per_million(p_pico bigint) RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN (trim_scale(((p_pico)::numeric / (1000000)::numeric)))::text;

-- Name: version_approve(uuid); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.version_approve(p_version uuid) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public'
    AS $$
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

-- Name: version_check_move(text, text); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.version_check_move(p_from text, p_to text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'public'
    AS $$
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

-- Name: version_gone(timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.version_gone(p_pruned_at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
  RAISE EXCEPTION 'The texts of this version were dropped on %; its SHA-256 and its score remain.',
    to_char(p_pruned_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') USING ERRCODE = 'PB410';
END
$$;

-- Name: version_guard(); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.version_guard() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public'
    AS $$
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

-- Name: version_made(); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.version_made() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public'
    AS $$
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

-- Name: version_move(uuid, text, integer); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.version_move(p_version uuid, p_status text, p_revision integer) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public'
    AS $$
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

-- Name: version_same(uuid, uuid, text); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.version_same(p_account_id uuid, p_assistant_id uuid, p_hash text) RETURNS uuid
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public'
    AS $$
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

-- Name: versions_empty(uuid); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.versions_empty(p_account_id uuid) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public'
    AS $$
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

-- Name: watch_budgets(); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.watch_budgets() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
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

-- Name: access_tokens; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.access_tokens (
    id uuid DEFAULT public.uuid_v7() NOT NULL,
    account_id uuid,
    role text NOT NULL,
    name text NOT NULL,
    token_hash text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    revoked_at timestamp with time zone,
    prefix text,
    created_by text DEFAULT SESSION_USER NOT NULL,
    expires_at timestamp with time zone,
    last_used_at timestamp with time zone,
    last_used_from text,
    revoked_by text,
    CONSTRAINT access_tokens_check CHECK (((role = 'operator'::text) = (account_id IS NULL))),
    CONSTRAINT access_tokens_role_check CHECK ((role = ANY (ARRAY['operator'::text, 'member'::text, 'viewer'::text])))
);

ALTER TABLE ONLY public.access_tokens FORCE ROW LEVEL SECURITY;

-- Name: account_days; Type: VIEW; Schema: public; Owner: -

CREATE VIEW public.account_days WITH (security_invoker='true') AS
 SELECT cost_sums.zone,
    cost_sums.account_id,
    cost_sums.day,
    cost_sums.model,
    cost_sums.lines,
    cost_sums.runs,
    cost_sums.unpriced_calls,
    cost_sums.cache_saved_nano,
    cost_sums.cost_nano,
    cost_sums.calls,
    cost_sums.input_tokens,
    cost_sums.output_tokens,
    cost_sums.cache_read_tokens,
    cost_sums.cache_write_tokens,
    cost_sums.generation_cost_nano,
    cost_sums.generation_calls,
    cost_sums.generation_input_tokens,
    cost_sums.generation_output_tokens,
    cost_sums.generation_cache_read_tokens,
    cost_sums.generation_cache_write_tokens,
    cost_sums.analysis_cost_nano,
    cost_sums.analysis_calls,
    cost_sums.analysis_input_tokens,
    cost_sums.analysis_output_tokens,
    cost_sums.analysis_cache_read_tokens,
    cost_sums.analysis_cache_write_tokens,
    cost_sums.improvement_cost_nano,
    cost_sums.improvement_calls,
    cost_sums.improvement_input_tokens,
    cost_sums.improvement_output_tokens,
    cost_sums.improvement_cache_read_tokens,
    cost_sums.improvement_cache_write_tokens,
    cost_sums.last_at
   FROM public.cost_sums
  WHERE (cost_sums.grain = 'account_day'::text);

-- Name: account_deletions; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.account_deletions (
    account_id uuid NOT NULL,
    requested_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    requested_by text NOT NULL,
    keeps_name boolean NOT NULL,
    runs_total bigint,
    last_run_id uuid,
    counts jsonb DEFAULT '{}'::jsonb NOT NULL,
    sums_before jsonb,
    sums_after jsonb,
    completed_at timestamp with time zone
);

ALTER TABLE ONLY public.account_deletions FORCE ROW LEVEL SECURITY;

-- Name: account_marks; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.account_marks (
    account_id uuid NOT NULL,
    stripe integer NOT NULL,
    changes bigint NOT NULL
)
WITH (fillfactor='50');

ALTER TABLE ONLY public.account_marks FORCE ROW LEVEL SECURITY;

-- Name: account_turns; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.account_turns (
    account_id uuid NOT NULL,
    turns double precision NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.02');

ALTER TABLE ONLY public.account_turns FORCE ROW LEVEL SECURITY;

-- Name: assistants; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.assistants (
    id uuid DEFAULT public.uuid_v7() NOT NULL,
    account_id uuid NOT NULL,
    external_id text NOT NULL,
    name text NOT NULL,
    settings jsonb DEFAULT '{}'::jsonb,
    created_at timestamp with time zone DEFAULT now(),
    updated_at timestamp with time zone DEFAULT now()
);

ALTER TABLE ONLY public.assistants FORCE ROW LEVEL SECURITY;

-- Name: attempts; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.attempts (
    account_id uuid NOT NULL,
    id uuid DEFAULT public.uuid_v7() NOT NULL,
    pipeline_run_id uuid NOT NULL,
    pipeline_step_id uuid NOT NULL,
    number integer NOT NULL,
    epoch bigint NOT NULL,
    runner_id uuid NOT NULL,
    model text NOT NULL,
    price_id uuid,
    state text DEFAULT 'open'::text NOT NULL,
    request_hash text NOT NULL,
    reserved_usd numeric(20,9) DEFAULT 0 NOT NULL,
    succeeded boolean,
    estimated boolean DEFAULT false NOT NULL,
    http_status integer,
    stop_reason text,
    error_type text,
    error_message text,
    provider_message_id text,
    provider_request_id text,
    opened_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    first_byte_ms bigint,
    duration_ms bigint,
    ended_at timestamp with time zone,
    usage jsonb,
    CONSTRAINT attempts_check CHECK (((state = 'open'::text) = (ended_at IS NULL))),
    CONSTRAINT attempts_number_check CHECK ((number > 0)),
    CONSTRAINT attempts_state_check CHECK ((state = ANY (ARRAY['open'::text, 'settled'::text, 'free'::text, 'unknown'::text])))
);

ALTER TABLE ONLY public.attempts FORCE ROW LEVEL SECURITY;

-- Name: audit_actions; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.audit_actions (
    action text NOT NULL,
    sentence text NOT NULL
);

ALTER TABLE ONLY public.audit_actions FORCE ROW LEVEL SECURITY;

-- Name: budget_alerts; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.budget_alerts (
    account_id uuid NOT NULL,
    budget_id uuid NOT NULL,
    subject text NOT NULL,
    threshold integer NOT NULL,
    period text NOT NULL,
    spent_usd numeric(20,9) NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT budget_alerts_threshold_check CHECK ((threshold >= 0))
);

ALTER TABLE ONLY public.budget_alerts FORCE ROW LEVEL SECURITY;

-- Name: budgets; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.budgets (
    account_id uuid NOT NULL,
    id uuid DEFAULT public.uuid_v7() NOT NULL,
    period text NOT NULL,
    zone text NOT NULL,
    cap_usd numeric(20,9),
    soft_usd numeric(20,9),
    thresholds integer[] NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    created_by text NOT NULL,
    ended_at timestamp with time zone,
    ended_by text,
    CONSTRAINT budgets_cap_usd_check CHECK (((cap_usd >= (0)::numeric) AND (cap_usd <= ('9000000000'::bigint)::numeric))),
    CONSTRAINT budgets_check CHECK (((cap_usd IS NOT NULL) OR (soft_usd IS NOT NULL))),
    CONSTRAINT budgets_check1 CHECK (((ended_at IS NULL) = (ended_by IS NULL))),
    CONSTRAINT budgets_period_check CHECK ((period = ANY (ARRAY['run'::text, 'day'::text, 'week'::text, 'month'::text]))),
    CONSTRAINT budgets_soft_usd_check CHECK (((soft_usd > (0)::numeric) AND (soft_usd <= ('9000000000'::bigint)::numeric))),
    CONSTRAINT budgets_thresholds_check CHECK (((cardinality(thresholds) <= 10) AND (1 <= ALL (thresholds)) AND (1000 >= ALL (thresholds))))
);

ALTER TABLE ONLY public.budgets FORCE ROW LEVEL SECURITY;

-- Name: claim_pause; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.claim_pause (
    is_one boolean DEFAULT true NOT NULL,
    paused_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    paused_by text NOT NULL,
    CONSTRAINT claim_pause_is_one_check CHECK (is_one)
);

ALTER TABLE ONLY public.claim_pause FORCE ROW LEVEL SECURITY;

-- Name: cost_days; Type: VIEW; Schema: public; Owner: -

CREATE VIEW public.cost_days WITH (security_invoker='true') AS
 SELECT cost_sums.zone,
    cost_sums.account_id,
    cost_sums.day,
    cost_sums.assistant_id,
    cost_sums.model,
    cost_sums.lines,
    cost_sums.runs,
    cost_sums.unpriced_calls,
    cost_sums.cache_saved_nano,
    cost_sums.cost_nano,
    cost_sums.calls,
    cost_sums.input_tokens,
    cost_sums.output_tokens,
    cost_sums.cache_read_tokens,
    cost_sums.cache_write_tokens,
    cost_sums.generation_cost_nano,
    cost_sums.generation_calls,
    cost_sums.generation_input_tokens,
    cost_sums.generation_output_tokens,
    cost_sums.generation_cache_read_tokens,
    cost_sums.generation_cache_write_tokens,
    cost_sums.analysis_cost_nano,
    cost_sums.analysis_calls,
    cost_sums.analysis_input_tokens,
    cost_sums.analysis_output_tokens,
    cost_sums.analysis_cache_read_tokens,
    cost_sums.analysis_cache_write_tokens,
    cost_sums.improvement_cost_nano,
    cost_sums.improvement_calls,
    cost_sums.improvement_input_tokens,
    cost_sums.improvement_output_tokens,
    cost_sums.improvement_cache_read_tokens,
    cost_sums.improvement_cache_write_tokens,
    cost_sums.last_at
   FROM public.cost_sums
  WHERE (cost_sums.grain = 'assistant_day'::text);

-- Name: deployment_events; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.deployment_events (
    account_id uuid NOT NULL,
    id uuid DEFAULT public.uuid_v7() NOT NULL,
    assistant_id uuid NOT NULL,
    environment text NOT NULL,
    kind text NOT NULL,
    prompt_version_id uuid,
    previous_version_id uuid,
    actor text NOT NULL,
    token_id uuid,
    reason text,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT deployment_events_check CHECK (((kind = 'withdraw'::text) = (prompt_version_id IS NULL))),
    CONSTRAINT deployment_events_kind_check CHECK ((kind = ANY (ARRAY['deploy'::text, 'rollback'::text, 'withdraw'::text]))),
    CONSTRAINT deployment_events_reason_check CHECK ((length(reason) <= 500))
);

ALTER TABLE ONLY public.deployment_events FORCE ROW LEVEL SECURITY;

-- Name: deployments; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.deployments (
    account_id uuid NOT NULL,
    assistant_id uuid NOT NULL,
    environment text NOT NULL,
    prompt_version_id uuid,
    event_id uuid NOT NULL,
    deployed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    deployed_by text NOT NULL
);

ALTER TABLE ONLY public.deployments FORCE ROW LEVEL SECURITY;

-- Name: folded_cost_sums; Type: VIEW; Schema: public; Owner: -

CREATE VIEW public.folded_cost_sums WITH (security_invoker='true') AS
 SELECT cost_sums.zone,
    cost_sums.grain,
    cost_sums.account_id,
    cost_sums.day,
    cost_sums.assistant_id,
    cost_sums.model,
    (0)::smallint AS stripe,
    (sum(cost_sums.lines))::bigint AS lines,
    (sum(cost_sums.runs))::bigint AS runs,
    (sum(cost_sums.unpriced_calls))::bigint AS unpriced_calls,
    (sum(cost_sums.cache_saved_nano))::bigint AS cache_saved_nano,
    (sum(cost_sums.cost_nano))::bigint AS cost_nano,
    (sum(cost_sums.calls))::bigint AS calls,
    (sum(cost_sums.input_tokens))::bigint AS input_tokens,
    (sum(cost_sums.output_tokens))::bigint AS output_tokens,
    (sum(cost_sums.cache_read_tokens))::bigint AS cache_read_tokens,
    (sum(cost_sums.cache_write_tokens))::bigint AS cache_write_tokens,
    (sum(cost_sums.generation_cost_nano))::bigint AS generation_cost_nano,
    (sum(cost_sums.generation_calls))::bigint AS generation_calls,
    (sum(cost_sums.generation_input_tokens))::bigint AS generation_input_tokens,
    (sum(cost_sums.generation_output_tokens))::bigint AS generation_output_tokens,
    (sum(cost_sums.generation_cache_read_tokens))::bigint AS generation_cache_read_tokens,
    (sum(cost_sums.generation_cache_write_tokens))::bigint AS generation_cache_write_tokens,
    (sum(cost_sums.analysis_cost_nano))::bigint AS analysis_cost_nano,
    (sum(cost_sums.analysis_calls))::bigint AS analysis_calls,
    (sum(cost_sums.analysis_input_tokens))::bigint AS analysis_input_tokens,
    (sum(cost_sums.analysis_output_tokens))::bigint AS analysis_output_tokens,
    (sum(cost_sums.analysis_cache_read_tokens))::bigint AS analysis_cache_read_tokens,
    (sum(cost_sums.analysis_cache_write_tokens))::bigint AS analysis_cache_write_tokens,
    (sum(cost_sums.improvement_cost_nano))::bigint AS improvement_cost_nano,
    (sum(cost_sums.improvement_calls))::bigint AS improvement_calls,
    (sum(cost_sums.improvement_input_tokens))::bigint AS improvement_input_tokens,
    (sum(cost_sums.improvement_output_tokens))::bigint AS improvement_output_tokens,
    (sum(cost_sums.improvement_cache_read_tokens))::bigint AS improvement_cache_read_tokens,
    (sum(cost_sums.improvement_cache_write_tokens))::bigint AS improvement_cache_write_tokens,
    max(cost_sums.last_at) AS last_at
   FROM public.cost_sums
  GROUP BY cost_sums.zone, cost_sums.grain, cost_sums.account_id, cost_sums.day, cost_sums.assistant_id, cost_sums.model;

-- Name: jobs; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.jobs (
    account_id uuid NOT NULL,
    pipeline_run_id uuid NOT NULL,
    state text DEFAULT 'queued'::text NOT NULL,
    priority integer DEFAULT 0 NOT NULL,
    run_after timestamp with time zone DEFAULT now() NOT NULL,
    epoch bigint DEFAULT 0 NOT NULL,
    runner_id uuid,
    crash_claims integer DEFAULT 0 NOT NULL,
    cancel_requested boolean DEFAULT false NOT NULL,
    waiting_for text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    waits_for_budget boolean DEFAULT false NOT NULL,
    urgency integer GENERATED ALWAYS AS ((- priority)) STORED NOT NULL,
    CONSTRAINT jobs_check CHECK (((state = 'running'::text) = (runner_id IS NOT NULL))),
    CONSTRAINT jobs_check1 CHECK (((state = 'queued'::text) OR (NOT waits_for_budget))),
    CONSTRAINT jobs_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'done'::text])))
)
WITH (fillfactor='70', autovacuum_vacuum_scale_factor='0.02');

ALTER TABLE ONLY public.jobs FORCE ROW LEVEL SECURITY;

-- Name: outbox; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.outbox (
    account_id uuid NOT NULL,
    id uuid DEFAULT public.uuid_v7() NOT NULL,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    state text DEFAULT 'pending'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    next_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    last_error text,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    ended_at timestamp with time zone,
    resent_at timestamp with time zone,
    CONSTRAINT outbox_check CHECK (((state = 'pending'::text) = (ended_at IS NULL))),
    CONSTRAINT outbox_kind_check CHECK ((kind <> ''::text)),
    CONSTRAINT outbox_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'delivered'::text, 'failed'::text])))
);

ALTER TABLE ONLY public.outbox FORCE ROW LEVEL SECURITY;

-- Name: outbox_attempts; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.outbox_attempts (
    account_id uuid NOT NULL,
    event_id uuid NOT NULL,
    number integer NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    duration_ms bigint NOT NULL,
    http_status integer,
    error text
);

ALTER TABLE ONLY public.outbox_attempts FORCE ROW LEVEL SECURITY;

-- Name: pipeline_runs; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.pipeline_runs (
    id uuid DEFAULT public.uuid_v7() NOT NULL,
    account_id uuid NOT NULL,
    assistant_id uuid NOT NULL,
    pipeline_id text NOT NULL,
    briefing_id text NOT NULL,
    status text NOT NULL,
    error_message text,
    briefing_data jsonb NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    completed_at timestamp with time zone,
    duration_ms bigint,
    total_input_tokens bigint DEFAULT 0 NOT NULL,
    total_output_tokens bigint DEFAULT 0 NOT NULL,
    total_cost_usd numeric(20,9) DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now(),
    total_cache_read_tokens bigint DEFAULT 0 NOT NULL,
    total_cache_write_tokens bigint DEFAULT 0 NOT NULL,
    model text,
    target_score integer DEFAULT 90 NOT NULL,
    iteration_limit integer DEFAULT 3 NOT NULL,
    pipeline_version text,
    idempotency_key text,
    request_hash text,
    retry_count integer DEFAULT 0 NOT NULL,
    first_cost_entry_id uuid,
    pruned_at timestamp with time zone,
    kind text DEFAULT 'pipeline'::text NOT NULL,
    prompt_version_id uuid,
    may_lack_lines boolean GENERATED ALWAYS AS (((first_cost_entry_id IS NULL) OR (status = ANY (ARRAY['queued'::text, 'running'::text])))) STORED NOT NULL,
    CONSTRAINT pipeline_runs_check CHECK (((kind = 'pipeline'::text) OR (prompt_version_id IS NOT NULL))),
    CONSTRAINT pipeline_runs_iteration_limit_check CHECK (((iteration_limit >= 0) AND (iteration_limit <= 10))),
    CONSTRAINT pipeline_runs_kind_check CHECK ((kind = ANY (ARRAY['pipeline'::text, 'score'::text]))),
    CONSTRAINT pipeline_runs_status_check CHECK ((status = ANY (ARRAY['queued'::text, 'running'::text, 'completed'::text, 'failed'::text, 'cancelled'::text]))),
    CONSTRAINT pipeline_runs_target_score_check CHECK (((target_score >= 0) AND (target_score <= 100)))
)
WITH (fillfactor='50');

ALTER TABLE ONLY public.pipeline_runs FORCE ROW LEVEL SECURITY;

-- Name: pipeline_steps; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.pipeline_steps (
    id uuid DEFAULT public.uuid_v7() NOT NULL,
    pipeline_run_id uuid NOT NULL,
    step_name text NOT NULL,
    step_order integer NOT NULL,
    status text NOT NULL,
    error_message text,
    started_at timestamp with time zone,
    completed_at timestamp with time zone,
    duration_ms bigint,
    metadata jsonb DEFAULT '{}'::jsonb,
    created_at timestamp with time zone DEFAULT now(),
    account_id uuid NOT NULL,
    step_key text,
    progress integer,
    request_hash text,
    output text,
    CONSTRAINT pipeline_steps_progress_check CHECK (((progress >= 0) AND (progress <= 100))),
    CONSTRAINT pipeline_steps_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'running'::text, 'completed'::text, 'failed'::text])))
);

ALTER TABLE ONLY public.pipeline_steps FORCE ROW LEVEL SECURITY;

-- Name: prompt_versions; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.prompt_versions (
    id uuid DEFAULT public.uuid_v7() NOT NULL,
    pipeline_run_id uuid,
    account_id uuid NOT NULL,
    assistant_id uuid NOT NULL,
    version text NOT NULL,
    version_number integer NOT NULL,
    prompt_content text NOT NULL,
    prompt_hash text NOT NULL,
    injection_content text NOT NULL,
    injection_file_path text,
    briefing_hash text,
    total_iterations integer DEFAULT 1,
    final_score numeric(5,2),
    status text DEFAULT 'draft'::text NOT NULL,
    deployed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now(),
    pruned_at timestamp with time zone,
    origin text DEFAULT 'run'::text NOT NULL,
    parent_id uuid,
    created_by text,
    created_token uuid,
    message text,
    revision integer DEFAULT 1 NOT NULL,
    CONSTRAINT prompt_versions_check CHECK (((origin = 'run'::text) = (pipeline_run_id IS NOT NULL))),
    CONSTRAINT prompt_versions_message_check CHECK ((length(message) <= 500)),
    CONSTRAINT prompt_versions_origin_check CHECK ((origin = ANY (ARRAY['run'::text, 'edit'::text, 'import'::text]))),
    CONSTRAINT prompt_versions_pruned CHECK (((pruned_at IS NULL) OR (status = ANY (ARRAY['draft'::text, 'archived'::text])))),
    CONSTRAINT prompt_versions_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'final'::text, 'deployed'::text, 'archived'::text])))
);

ALTER TABLE ONLY public.prompt_versions FORCE ROW LEVEL SECURITY;

-- Name: reporting_zones; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.reporting_zones (
    zone text NOT NULL,
    account_id uuid,
    is_ready boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT reporting_zones_zone_check CHECK ((zone <> ''::text))
);

ALTER TABLE ONLY public.reporting_zones FORCE ROW LEVEL SECURITY;

-- Name: runners; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.runners (
    id uuid NOT NULL,
    host text NOT NULL,
    pid integer NOT NULL,
    version text NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    lease_until timestamp with time zone NOT NULL,
    draining boolean DEFAULT false NOT NULL,
    is_listening boolean DEFAULT true NOT NULL,
    drain_requested_at timestamp with time zone,
    drain_requested_by text,
    sheet_id uuid,
    CONSTRAINT runners_check CHECK (((drain_requested_at IS NULL) = (drain_requested_by IS NULL)))
);

ALTER TABLE ONLY public.runners FORCE ROW LEVEL SECURITY;

-- Name: schema_migrations; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.schema_migrations (
    number integer NOT NULL,
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT schema_migrations_number_check CHECK ((number > 0)),
    CONSTRAINT schema_migrations_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);

-- Name: sessions; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.sessions (
    id_hash text NOT NULL,
    account_id uuid,
    csrf text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL,
    id uuid DEFAULT public.uuid_v7() NOT NULL,
    token_id uuid NOT NULL,
    address text NOT NULL,
    agent text
);

ALTER TABLE ONLY public.sessions FORCE ROW LEVEL SECURITY;

-- Name: sheet_orders; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.sheet_orders (
    id uuid DEFAULT public.uuid_v7() NOT NULL,
    sheet_id uuid NOT NULL,
    kind text NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    requested_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    requested_by text NOT NULL,
    next_row integer DEFAULT 1 NOT NULL,
    ended_at timestamp with time zone,
    result jsonb,
    problem text,
    CONSTRAINT sheet_orders_check CHECK (((state = 'waiting'::text) = (ended_at IS NULL))),
    CONSTRAINT sheet_orders_kind_check CHECK ((kind = ANY (ARRAY['test'::text, 'compare'::text]))),
    CONSTRAINT sheet_orders_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'done'::text, 'failed'::text])))
);

ALTER TABLE ONLY public.sheet_orders FORCE ROW LEVEL SECURITY;

-- Name: sheet_rows; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.sheet_rows (
    account_id uuid NOT NULL,
    sheet_id uuid NOT NULL,
    pipeline_run_id uuid NOT NULL,
    number integer DEFAULT 1 NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    epoch bigint,
    sent_at timestamp with time zone,
    written_at timestamp with time zone,
    updated_range text,
    is_missing boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    status text,
    ended_at timestamp with time zone,
    input_tokens bigint,
    output_tokens bigint,
    cache_read_tokens bigint,
    cache_write_tokens bigint,
    generation_usd numeric(20,9),
    analysis_usd numeric(20,9),
    improvement_usd numeric(20,9),
    other_usd numeric(20,9),
    total_usd numeric(20,9),
    CONSTRAINT sheet_rows_check CHECK ((total_usd = (((generation_usd + analysis_usd) + improvement_usd) + other_usd))),
    CONSTRAINT sheet_rows_check1 CHECK (((state <> 'written'::text) OR (total_usd IS NOT NULL))),
    CONSTRAINT sheet_rows_check2 CHECK (((state = 'written'::text) = (written_at IS NOT NULL))),
    CONSTRAINT sheet_rows_number_check CHECK ((number > 0)),
    CONSTRAINT sheet_rows_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'sent'::text, 'written'::text])))
);

ALTER TABLE ONLY public.sheet_rows FORCE ROW LEVEL SECURITY;

-- Name: sheet_seen; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.sheet_seen (
    order_id uuid NOT NULL,
    row_number integer NOT NULL,
    row_id text NOT NULL,
    amounts numeric(20,9)[] NOT NULL
);

ALTER TABLE ONLY public.sheet_seen FORCE ROW LEVEL SECURITY;

-- Name: sheets; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.sheets (
    id uuid DEFAULT public.uuid_v7() NOT NULL,
    spreadsheet_id text NOT NULL,
    tab text NOT NULL,
    is_on boolean DEFAULT true NOT NULL,
    address text,
    head text DEFAULT 'unknown'::text NOT NULL,
    action text,
    epoch bigint DEFAULT 0 NOT NULL,
    taken_at timestamp with time zone,
    writer_id uuid,
    writer_until timestamp with time zone,
    next_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    problem text,
    problem_at timestamp with time zone,
    last_range text,
    last_written_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT sheets_action_check CHECK ((action = ANY (ARRAY['look'::text, 'test'::text, 'compare'::text, 'append'::text]))),
    CONSTRAINT sheets_check CHECK (((problem IS NULL) = (problem_at IS NULL))),
    CONSTRAINT sheets_head_check CHECK ((head = ANY (ARRAY['unknown'::text, 'empty'::text, 'there'::text]))),
    CONSTRAINT sheets_spreadsheet_id_check CHECK ((spreadsheet_id <> ''::text)),
    CONSTRAINT sheets_tab_check CHECK ((tab <> ''::text))
);

ALTER TABLE ONLY public.sheets FORCE ROW LEVEL SECURITY;

-- Name: sign_in_failures; Type: TABLE; Schema: public; Owner: -

CREATE UNLOGGED TABLE public.sign_in_failures (
    subject text NOT NULL,
    failures integer NOT NULL,
    failed_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.sign_in_failures FORCE ROW LEVEL SECURITY;

-- Name: v_costs_by_assistant; Type: VIEW; Schema: public; Owner: -

CREATE VIEW public.v_costs_by_assistant WITH (security_invoker='true') AS
 SELECT s.id AS assistant_id,
    s.external_id,
    s.name AS assistant_name,
    a.id AS account_id,
    a.slug AS account_slug,
    d.total_runs,
    d.total_input_tokens,
    d.total_output_tokens,
    d.total_cost,
    (d.total_cost / d.lines) AS avg_cost_per_operation,
    d.last_activity
   FROM ((( SELECT cost_sums.account_id,
            cost_sums.assistant_id,
            (sum(cost_sums.runs))::bigint AS total_runs,
            sum(cost_sums.lines) AS lines,
            (sum(cost_sums.input_tokens))::bigint AS total_input_tokens,
            (sum(cost_sums.output_tokens))::bigint AS total_output_tokens,
            (sum(cost_sums.cost_nano) * 0.000000001) AS total_cost,
            max(cost_sums.last_at) AS last_activity
           FROM public.cost_sums
          WHERE ((cost_sums.zone = 'UTC'::text) AND (cost_sums.grain = 'assistant_month'::text))
          GROUP BY cost_sums.account_id, cost_sums.assistant_id) d
     JOIN public.assistants s ON (((s.account_id = d.account_id) AND (s.id = d.assistant_id))))
     JOIN public.accounts a ON ((a.id = d.account_id)));

-- Name: v_daily_costs_by_account; Type: VIEW; Schema: public; Owner: -

CREATE VIEW public.v_daily_costs_by_account WITH (security_invoker='true') AS
 SELECT d.date,
    d.account_id,
    a.slug AS account_slug,
    a.name AS account_name,
    ( SELECT count(DISTINCT e.pipeline_run_id) AS count
           FROM public.cost_entries e
          WHERE ((e.account_id = d.account_id) AND (e."timestamp" >= ((d.date)::timestamp without time zone AT TIME ZONE 'UTC'::text)) AND (e."timestamp" < (((d.date + 1))::timestamp without time zone AT TIME ZONE 'UTC'::text)))) AS pipeline_runs,
    d.total_input_tokens,
    d.total_output_tokens,
    d.total_cost
   FROM (( SELECT account_days.day AS date,
            account_days.account_id,
            (sum(account_days.input_tokens))::bigint AS total_input_tokens,
            (sum(account_days.output_tokens))::bigint AS total_output_tokens,
            (sum(account_days.cost_nano) * 0.000000001) AS total_cost
           FROM public.account_days
          WHERE (account_days.zone = 'UTC'::text)
          GROUP BY account_days.account_id, account_days.day) d
     JOIN public.accounts a ON ((a.id = d.account_id)))
  ORDER BY d.date DESC, a.slug;

-- Name: v_pipeline_cost_breakdown; Type: VIEW; Schema: public; Owner: -

CREATE VIEW public.v_pipeline_cost_breakdown AS
SELECT
    NULL::uuid AS pipeline_run_id,
    NULL::text AS pipeline_id,
    NULL::uuid AS account_id,
    NULL::uuid AS assistant_id,
    NULL::text AS account_slug,
    NULL::text AS assistant_external_id,
    NULL::text AS status,
    NULL::bigint AS duration_ms,
    NULL::timestamp with time zone AS started_at,
    NULL::timestamp with time zone AS completed_at,
    NULL::numeric AS generation_cost,
    NULL::numeric AS analysis_cost,
    NULL::numeric AS improvement_cost,
    NULL::bigint AS generation_input_tokens,
    NULL::bigint AS generation_output_tokens,
    NULL::bigint AS analysis_input_tokens,
    NULL::bigint AS analysis_output_tokens,
    NULL::bigint AS improvement_input_tokens,
    NULL::bigint AS improvement_output_tokens,
    NULL::numeric AS total_cost,
    NULL::bigint AS total_input_tokens,
    NULL::bigint AS total_output_tokens;

-- Name: version_approvals; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.version_approvals (
    account_id uuid NOT NULL,
    prompt_version_id uuid NOT NULL,
    actor text NOT NULL,
    token_id uuid,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE ONLY public.version_approvals FORCE ROW LEVEL SECURITY;

-- Name: version_moves; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.version_moves (
    from_status text NOT NULL,
    to_status text NOT NULL,
    verb text NOT NULL,
    is_deployment boolean NOT NULL
);

ALTER TABLE ONLY public.version_moves FORCE ROW LEVEL SECURITY;

-- Name: version_notes; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.version_notes (
    account_id uuid NOT NULL,
    id uuid DEFAULT public.uuid_v7() NOT NULL,
    prompt_version_id uuid NOT NULL,
    actor text NOT NULL,
    note text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT version_notes_note_check CHECK (((length(note) >= 1) AND (length(note) <= 4000)))
);

ALTER TABLE ONLY public.version_notes FORCE ROW LEVEL SECURITY;

-- Name: access_tokens access_tokens_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.access_tokens
    ADD CONSTRAINT access_tokens_pkey PRIMARY KEY (id);

-- Name: access_tokens access_tokens_token_hash_key; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.access_tokens
    ADD CONSTRAINT access_tokens_token_hash_key UNIQUE (token_hash);

-- Name: account_deletions account_deletions_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.account_deletions
    ADD CONSTRAINT account_deletions_pkey PRIMARY KEY (account_id);

-- Name: account_marks account_marks_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.account_marks
    ADD CONSTRAINT account_marks_pkey PRIMARY KEY (account_id, stripe);

-- Name: account_turns account_turns_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.account_turns
    ADD CONSTRAINT account_turns_pkey PRIMARY KEY (account_id);

-- Name: accounts accounts_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (id);

-- Name: accounts accounts_slug_key; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_slug_key UNIQUE (slug);

-- Name: assistants assistants_account_id_external_id_key; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.assistants
    ADD CONSTRAINT assistants_account_id_external_id_key UNIQUE (account_id, external_id);

-- Name: assistants assistants_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.assistants
    ADD CONSTRAINT assistants_pkey PRIMARY KEY (account_id, id);

-- Name: attempts attempts_account_id_pipeline_step_id_number_key; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT attempts_account_id_pipeline_step_id_number_key UNIQUE (account_id, pipeline_step_id, number);

-- Name: attempts attempts_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT attempts_pkey PRIMARY KEY (account_id, id);

-- Name: audit_actions audit_actions_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.audit_actions
    ADD CONSTRAINT audit_actions_pkey PRIMARY KEY (action);

-- Name: audit_entries audit_entries_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.audit_entries
    ADD CONSTRAINT audit_entries_pkey PRIMARY KEY (id);

-- Name: budget_alerts budget_alerts_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.budget_alerts
    ADD CONSTRAINT budget_alerts_pkey PRIMARY KEY (account_id, budget_id, subject, threshold);

-- Name: budgets budgets_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.budgets
    ADD CONSTRAINT budgets_pkey PRIMARY KEY (account_id, id);

-- Name: claim_pause claim_pause_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.claim_pause
    ADD CONSTRAINT claim_pause_pkey PRIMARY KEY (is_one);

-- Name: cost_entries cost_entries_amount; Type: CHECK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE public.cost_entries
    ADD CONSTRAINT cost_entries_amount CHECK (((abs(cost_usd) <= ('9000000000'::bigint)::numeric) AND ((kind = 'adjustment'::text) OR (cost_usd >= (0)::numeric)))) NOT VALID;

-- Name: cost_entries cost_entries_buckets; Type: CHECK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE public.cost_entries
    ADD CONSTRAINT cost_entries_buckets CHECK (((kind = 'adjustment'::text) OR ((input_tokens >= 0) AND (output_tokens >= 0) AND (cache_read_tokens >= 0) AND (cache_write_tokens >= 0) AND ((cache_write_1h_tokens >= 0) AND (cache_write_1h_tokens <= cache_write_tokens))))) NOT VALID;

-- Name: cost_entries cost_entries_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.cost_entries
    ADD CONSTRAINT cost_entries_pkey PRIMARY KEY (id, account_id);

-- Name: cost_sums cost_sums_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.cost_sums
    ADD CONSTRAINT cost_sums_pkey PRIMARY KEY (zone, grain, account_id, day, assistant_id, model, stripe);

-- Name: deployment_events deployment_events_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.deployment_events
    ADD CONSTRAINT deployment_events_pkey PRIMARY KEY (account_id, id);

-- Name: deployments deployments_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.deployments
    ADD CONSTRAINT deployments_pkey PRIMARY KEY (account_id, assistant_id, environment);

-- Name: jobs jobs_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (account_id, pipeline_run_id);

-- Name: model_prices model_prices_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.model_prices
    ADD CONSTRAINT model_prices_pkey PRIMARY KEY (id);

-- Name: outbox_attempts outbox_attempts_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.outbox_attempts
    ADD CONSTRAINT outbox_attempts_pkey PRIMARY KEY (account_id, event_id, number);

-- Name: outbox outbox_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (account_id, id);

-- Name: pipeline_runs pipeline_runs_pipeline_id_key; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.pipeline_runs
    ADD CONSTRAINT pipeline_runs_pipeline_id_key UNIQUE (pipeline_id);

-- Name: pipeline_runs pipeline_runs_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.pipeline_runs
    ADD CONSTRAINT pipeline_runs_pkey PRIMARY KEY (account_id, id);

-- Name: pipeline_steps pipeline_steps_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.pipeline_steps
    ADD CONSTRAINT pipeline_steps_pkey PRIMARY KEY (account_id, id);

-- Name: prompt_versions prompt_versions_number_key; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.prompt_versions
    ADD CONSTRAINT prompt_versions_number_key UNIQUE (account_id, assistant_id, version_number);

-- Name: prompt_versions prompt_versions_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.prompt_versions
    ADD CONSTRAINT prompt_versions_pkey PRIMARY KEY (account_id, id);

-- Name: prompt_versions prompt_versions_version_key; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.prompt_versions
    ADD CONSTRAINT prompt_versions_version_key UNIQUE (account_id, assistant_id, version);

-- Name: runners runners_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.runners
    ADD CONSTRAINT runners_pkey PRIMARY KEY (id);

-- Name: schema_migrations schema_migrations_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (number);

-- Name: sessions sessions_id_key; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_id_key UNIQUE (id);

-- Name: sessions sessions_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (id_hash);

-- Name: sheet_orders sheet_orders_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.sheet_orders
    ADD CONSTRAINT sheet_orders_pkey PRIMARY KEY (id);

-- Name: sheet_rows sheet_rows_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.sheet_rows
    ADD CONSTRAINT sheet_rows_pkey PRIMARY KEY (account_id, sheet_id, pipeline_run_id, number);

-- Name: sheet_seen sheet_seen_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.sheet_seen
    ADD CONSTRAINT sheet_seen_pkey PRIMARY KEY (order_id, row_number);

-- Name: sheets sheets_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.sheets
    ADD CONSTRAINT sheets_pkey PRIMARY KEY (id);

-- Name: sheets sheets_spreadsheet_id_tab_key; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.sheets
    ADD CONSTRAINT sheets_spreadsheet_id_tab_key UNIQUE (spreadsheet_id, tab);

-- Name: sign_in_failures sign_in_failures_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.sign_in_failures
    ADD CONSTRAINT sign_in_failures_pkey PRIMARY KEY (subject);

-- Name: version_approvals version_approvals_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.version_approvals
    ADD CONSTRAINT version_approvals_pkey PRIMARY KEY (account_id, prompt_version_id, actor);

-- Name: version_moves version_moves_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.version_moves
    ADD CONSTRAINT version_moves_pkey PRIMARY KEY (from_status, to_status);

-- Name: version_notes version_notes_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.version_notes
    ADD CONSTRAINT version_notes_pkey PRIMARY KEY (account_id, id);

-- Name: access_tokens_account; Type: INDEX; Schema: public; Owner: -

CREATE INDEX access_tokens_account ON public.access_tokens USING btree (account_id, id);

-- Name: account_turns_last; Type: INDEX; Schema: public; Owner: -

CREATE INDEX account_turns_last ON public.account_turns USING btree (turns);

-- Name: assistants_id; Type: INDEX; Schema: public; Owner: -

CREATE INDEX assistants_id ON public.assistants USING btree (id);

-- Name: attempts_open; Type: INDEX; Schema: public; Owner: -

CREATE INDEX attempts_open ON public.attempts USING btree (runner_id) WHERE (state = 'open'::text);

-- Name: attempts_reserved; Type: INDEX; Schema: public; Owner: -

CREATE INDEX attempts_reserved ON public.attempts USING btree (account_id) INCLUDE (pipeline_run_id, reserved_usd) WHERE (state = 'open'::text);

-- Name: attempts_run; Type: INDEX; Schema: public; Owner: -

CREATE INDEX attempts_run ON public.attempts USING btree (account_id, pipeline_run_id, opened_at);

-- Name: attempts_unknown; Type: INDEX; Schema: public; Owner: -

CREATE INDEX attempts_unknown ON public.attempts USING btree (ended_at) WHERE (state = 'unknown'::text);

-- Name: audit_entries_account; Type: INDEX; Schema: public; Owner: -

CREATE INDEX audit_entries_account ON public.audit_entries USING btree (account_id, id);

-- Name: audit_entries_action; Type: INDEX; Schema: public; Owner: -

CREATE INDEX audit_entries_action ON public.audit_entries USING btree (action, id);

-- Name: audit_entries_actor; Type: INDEX; Schema: public; Owner: -

CREATE INDEX audit_entries_actor ON public.audit_entries USING btree (actor, id);

-- Name: audit_entries_chain; Type: INDEX; Schema: public; Owner: -

CREATE UNIQUE INDEX audit_entries_chain ON public.audit_entries USING btree (COALESCE(account_id, '00000000-0000-0000-0000-000000000000'::uuid), seq);

-- Name: budget_alerts_recent; Type: INDEX; Schema: public; Owner: -

CREATE INDEX budget_alerts_recent ON public.budget_alerts USING btree (created_at DESC) WHERE (period <> 'run'::text);

-- Name: budgets_active; Type: INDEX; Schema: public; Owner: -

CREATE UNIQUE INDEX budgets_active ON public.budgets USING btree (account_id, period) WHERE (ended_at IS NULL);

-- Name: cost_entries_account_time; Type: INDEX; Schema: public; Owner: -

CREATE INDEX cost_entries_account_time ON public.cost_entries USING btree (account_id, "timestamp");

-- Name: cost_entries_attempt; Type: INDEX; Schema: public; Owner: -

CREATE UNIQUE INDEX cost_entries_attempt ON public.cost_entries USING btree (attempt_id) WHERE ((attempt_id IS NOT NULL) AND (kind = 'call'::text));

-- Name: cost_entries_corrects; Type: INDEX; Schema: public; Owner: -

CREATE INDEX cost_entries_corrects ON public.cost_entries USING btree (account_id, corrects_id) WHERE (corrects_id IS NOT NULL);

-- Name: cost_entries_idempotency; Type: INDEX; Schema: public; Owner: -

CREATE UNIQUE INDEX cost_entries_idempotency ON public.cost_entries USING btree (idempotency_key, account_id) WHERE (idempotency_key IS NOT NULL);

-- Name: cost_entries_settles; Type: INDEX; Schema: public; Owner: -

CREATE UNIQUE INDEX cost_entries_settles ON public.cost_entries USING btree (account_id, corrects_id) WHERE settles_price;

-- Name: cost_sums_months; Type: INDEX; Schema: public; Owner: -

CREATE INDEX cost_sums_months ON public.cost_sums USING btree (account_id, assistant_id) WHERE ((zone = 'UTC'::text) AND (grain = 'assistant_month'::text));

-- Name: cost_sums_stripes; Type: INDEX; Schema: public; Owner: -

CREATE INDEX cost_sums_stripes ON public.cost_sums USING btree (day) WHERE (stripe > 0);

-- Name: cost_sums_unpriced; Type: INDEX; Schema: public; Owner: -

CREATE INDEX cost_sums_unpriced ON public.cost_sums USING btree (day) WHERE ((zone = 'UTC'::text) AND (grain = 'assistant_day'::text) AND (unpriced_calls <> 0));

-- Name: deployment_events_assistant; Type: INDEX; Schema: public; Owner: -

CREATE INDEX deployment_events_assistant ON public.deployment_events USING btree (account_id, assistant_id, id);

-- Name: deployment_events_version; Type: INDEX; Schema: public; Owner: -

CREATE INDEX deployment_events_version ON public.deployment_events USING btree (account_id, prompt_version_id);

-- Name: deployments_version; Type: INDEX; Schema: public; Owner: -

CREATE INDEX deployments_version ON public.deployments USING btree (account_id, prompt_version_id);

-- Name: idx_assistants_account; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_assistants_account ON public.assistants USING btree (account_id);

-- Name: idx_assistants_external; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_assistants_external ON public.assistants USING btree (external_id);

-- Name: idx_cost_entries_pipeline; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_cost_entries_pipeline ON public.cost_entries USING btree (pipeline_run_id);

-- Name: idx_cost_entries_timestamp; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_cost_entries_timestamp ON public.cost_entries USING btree ("timestamp");

-- Name: idx_pipeline_steps_run; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_pipeline_steps_run ON public.pipeline_steps USING btree (pipeline_run_id);

-- Name: idx_prompt_versions_assistant; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_prompt_versions_assistant ON public.prompt_versions USING btree (assistant_id);

-- Name: jobs_budget; Type: INDEX; Schema: public; Owner: -

CREATE INDEX jobs_budget ON public.jobs USING btree (account_id, priority DESC, run_after) WHERE waits_for_budget;

-- Name: jobs_next; Type: INDEX; Schema: public; Owner: -

CREATE INDEX jobs_next ON public.jobs USING btree (run_after) WHERE (state = 'queued'::text);

-- Name: jobs_queue; Type: INDEX; Schema: public; Owner: -

CREATE INDEX jobs_queue ON public.jobs USING btree (account_id, urgency, run_after, pipeline_run_id) WHERE (state = 'queued'::text);

-- Name: jobs_running_account; Type: INDEX; Schema: public; Owner: -

CREATE INDEX jobs_running_account ON public.jobs USING btree (account_id) WHERE (state = 'running'::text);

-- Name: jobs_running_runner; Type: INDEX; Schema: public; Owner: -

CREATE INDEX jobs_running_runner ON public.jobs USING btree (runner_id) WHERE (state = 'running'::text);

-- Name: model_prices_start; Type: INDEX; Schema: public; Owner: -

CREATE UNIQUE INDEX model_prices_start ON public.model_prices USING btree (model, COALESCE(account_id, '00000000-0000-0000-0000-000000000000'::uuid), valid_from, recorded_at, above_tokens);

-- Name: outbox_due; Type: INDEX; Schema: public; Owner: -

CREATE INDEX outbox_due ON public.outbox USING btree (next_at) WHERE (state = 'pending'::text);

-- Name: outbox_ended; Type: INDEX; Schema: public; Owner: -

CREATE INDEX outbox_ended ON public.outbox USING btree (ended_at) WHERE (state <> 'pending'::text);

-- Name: outbox_id; Type: INDEX; Schema: public; Owner: -

CREATE INDEX outbox_id ON public.outbox USING btree (id);

-- Name: pipeline_runs_assistant; Type: INDEX; Schema: public; Owner: -

CREATE INDEX pipeline_runs_assistant ON public.pipeline_runs USING btree (account_id, assistant_id, created_at DESC);

-- Name: pipeline_runs_id; Type: INDEX; Schema: public; Owner: -

CREATE INDEX pipeline_runs_id ON public.pipeline_runs USING btree (id);

-- Name: pipeline_runs_idempotency; Type: INDEX; Schema: public; Owner: -

CREATE UNIQUE INDEX pipeline_runs_idempotency ON public.pipeline_runs USING btree (account_id, idempotency_key) WHERE (idempotency_key IS NOT NULL);

-- Name: pipeline_runs_recent; Type: INDEX; Schema: public; Owner: -

CREATE INDEX pipeline_runs_recent ON public.pipeline_runs USING btree (account_id, created_at DESC, id DESC);

-- Name: pipeline_runs_recent_all; Type: INDEX; Schema: public; Owner: -

CREATE INDEX pipeline_runs_recent_all ON public.pipeline_runs USING btree (created_at DESC, id DESC);

-- Name: pipeline_runs_scores; Type: INDEX; Schema: public; Owner: -

CREATE INDEX pipeline_runs_scores ON public.pipeline_runs USING btree (account_id, prompt_version_id, created_at) WHERE (kind = 'score'::text);

-- Name: pipeline_runs_scoring; Type: INDEX; Schema: public; Owner: -

CREATE UNIQUE INDEX pipeline_runs_scoring ON public.pipeline_runs USING btree (account_id, prompt_version_id) WHERE ((kind = 'score'::text) AND (status = ANY (ARRAY['queued'::text, 'running'::text])));

-- Name: pipeline_runs_status; Type: INDEX; Schema: public; Owner: -

CREATE INDEX pipeline_runs_status ON public.pipeline_runs USING btree (account_id, status, created_at DESC);

-- Name: pipeline_runs_status_all; Type: INDEX; Schema: public; Owner: -

CREATE INDEX pipeline_runs_status_all ON public.pipeline_runs USING btree (status, created_at DESC, account_id);

-- Name: pipeline_runs_unbooked; Type: INDEX; Schema: public; Owner: -

CREATE INDEX pipeline_runs_unbooked ON public.pipeline_runs USING btree (account_id, assistant_id) WHERE may_lack_lines;

-- Name: pipeline_runs_unpruned; Type: INDEX; Schema: public; Owner: -

CREATE INDEX pipeline_runs_unpruned ON public.pipeline_runs USING btree (account_id, created_at) WHERE ((pruned_at IS NULL) AND (status = ANY (ARRAY['completed'::text, 'failed'::text, 'cancelled'::text])));

-- Name: pipeline_runs_version; Type: INDEX; Schema: public; Owner: -

CREATE INDEX pipeline_runs_version ON public.pipeline_runs USING btree (account_id, prompt_version_id) WHERE (prompt_version_id IS NOT NULL);

-- Name: pipeline_steps_id; Type: INDEX; Schema: public; Owner: -

CREATE INDEX pipeline_steps_id ON public.pipeline_steps USING btree (id);

-- Name: pipeline_steps_key; Type: INDEX; Schema: public; Owner: -

CREATE UNIQUE INDEX pipeline_steps_key ON public.pipeline_steps USING btree (account_id, pipeline_run_id, step_key);

-- Name: prompt_versions_assistant; Type: INDEX; Schema: public; Owner: -

CREATE INDEX prompt_versions_assistant ON public.prompt_versions USING btree (account_id, assistant_id, created_at DESC, id DESC);

-- Name: prompt_versions_hash; Type: INDEX; Schema: public; Owner: -

CREATE INDEX prompt_versions_hash ON public.prompt_versions USING btree (account_id, assistant_id, prompt_hash);

-- Name: prompt_versions_id; Type: INDEX; Schema: public; Owner: -

CREATE INDEX prompt_versions_id ON public.prompt_versions USING btree (id);

-- Name: prompt_versions_recent; Type: INDEX; Schema: public; Owner: -

CREATE INDEX prompt_versions_recent ON public.prompt_versions USING btree (account_id, created_at DESC, id DESC);

-- Name: prompt_versions_recent_all; Type: INDEX; Schema: public; Owner: -

CREATE INDEX prompt_versions_recent_all ON public.prompt_versions USING btree (created_at DESC, id DESC);

-- Name: prompt_versions_run; Type: INDEX; Schema: public; Owner: -

CREATE INDEX prompt_versions_run ON public.prompt_versions USING btree (pipeline_run_id);

-- Name: prompt_versions_status; Type: INDEX; Schema: public; Owner: -

CREATE INDEX prompt_versions_status ON public.prompt_versions USING btree (account_id, status, created_at DESC, id DESC);

-- Name: prompt_versions_status_all; Type: INDEX; Schema: public; Owner: -

CREATE INDEX prompt_versions_status_all ON public.prompt_versions USING btree (status, created_at DESC, id DESC);

-- Name: prompt_versions_unpruned; Type: INDEX; Schema: public; Owner: -

CREATE INDEX prompt_versions_unpruned ON public.prompt_versions USING btree (account_id, created_at) WHERE ((pruned_at IS NULL) AND (status = ANY (ARRAY['draft'::text, 'archived'::text])));

-- Name: reporting_zones_key; Type: INDEX; Schema: public; Owner: -

CREATE UNIQUE INDEX reporting_zones_key ON public.reporting_zones USING btree (zone, COALESCE(account_id, '00000000-0000-0000-0000-000000000000'::uuid));

-- Name: sessions_seen; Type: INDEX; Schema: public; Owner: -

CREATE INDEX sessions_seen ON public.sessions USING btree (seen_at);

-- Name: sessions_token; Type: INDEX; Schema: public; Owner: -

CREATE INDEX sessions_token ON public.sessions USING btree (token_id, seen_at);

-- Name: sheet_orders_last; Type: INDEX; Schema: public; Owner: -

CREATE INDEX sheet_orders_last ON public.sheet_orders USING btree (sheet_id, kind, id);

-- Name: sheet_orders_one; Type: INDEX; Schema: public; Owner: -

CREATE UNIQUE INDEX sheet_orders_one ON public.sheet_orders USING btree (sheet_id, kind) WHERE (state = 'waiting'::text);

-- Name: sheet_orders_waiting; Type: INDEX; Schema: public; Owner: -

CREATE INDEX sheet_orders_waiting ON public.sheet_orders USING btree (sheet_id, id) WHERE (state = 'waiting'::text);

-- Name: sheet_rows_missing; Type: INDEX; Schema: public; Owner: -

CREATE INDEX sheet_rows_missing ON public.sheet_rows USING btree (sheet_id) WHERE is_missing;

-- Name: sheet_rows_open; Type: INDEX; Schema: public; Owner: -

CREATE INDEX sheet_rows_open ON public.sheet_rows USING btree (sheet_id, state, created_at, pipeline_run_id, number) WHERE (state <> 'written'::text);

-- Name: sheet_rows_written; Type: INDEX; Schema: public; Owner: -

CREATE INDEX sheet_rows_written ON public.sheet_rows USING btree (sheet_id, written_at) WHERE (state = 'written'::text);

-- Name: sheets_one; Type: INDEX; Schema: public; Owner: -

CREATE UNIQUE INDEX sheets_one ON public.sheets USING btree (is_on) WHERE is_on;

-- Name: sign_in_failures_old; Type: INDEX; Schema: public; Owner: -

CREATE INDEX sign_in_failures_old ON public.sign_in_failures USING btree (failed_at);

-- Name: version_notes_version; Type: INDEX; Schema: public; Owner: -

CREATE INDEX version_notes_version ON public.version_notes USING btree (account_id, prompt_version_id, id);

-- Name: v_pipeline_cost_breakdown _RETURN; Type: RULE; Schema: public; Owner: -

CREATE OR REPLACE VIEW public.v_pipeline_cost_breakdown WITH (security_invoker='true') AS
 SELECT r.id AS pipeline_run_id,
    r.pipeline_id,
    r.account_id,
    r.assistant_id,
    a.slug AS account_slug,
    s.external_id AS assistant_external_id,
    r.status,
    r.duration_ms,
    r.started_at,
    r.completed_at,
    COALESCE(sum(e.cost_usd) FILTER (WHERE (e.operation = 'prompt_generation'::text)), (0)::numeric) AS generation_cost,
    COALESCE(sum(e.cost_usd) FILTER (WHERE (e.operation = 'prompt_analysis'::text)), (0)::numeric) AS analysis_cost,
    COALESCE(sum(e.cost_usd) FILTER (WHERE (e.operation = 'prompt_improvement'::text)), (0)::numeric) AS improvement_cost,
    (COALESCE(sum(e.input_tokens) FILTER (WHERE (e.operation = 'prompt_generation'::text)), (0)::numeric))::bigint AS generation_input_tokens,
    (COALESCE(sum(e.output_tokens) FILTER (WHERE (e.operation = 'prompt_generation'::text)), (0)::numeric))::bigint AS generation_output_tokens,
    (COALESCE(sum(e.input_tokens) FILTER (WHERE (e.operation = 'prompt_analysis'::text)), (0)::numeric))::bigint AS analysis_input_tokens,
    (COALESCE(sum(e.output_tokens) FILTER (WHERE (e.operation = 'prompt_analysis'::text)), (0)::numeric))::bigint AS analysis_output_tokens,
    (COALESCE(sum(e.input_tokens) FILTER (WHERE (e.operation = 'prompt_improvement'::text)), (0)::numeric))::bigint AS improvement_input_tokens,
    (COALESCE(sum(e.output_tokens) FILTER (WHERE (e.operation = 'prompt_improvement'::text)), (0)::numeric))::bigint AS improvement_output_tokens,
    COALESCE(sum(e.cost_usd), (0)::numeric) AS total_cost,
    (COALESCE(sum(e.input_tokens), (0)::numeric))::bigint AS total_input_tokens,
    (COALESCE(sum(e.output_tokens), (0)::numeric))::bigint AS total_output_tokens
   FROM (((public.pipeline_runs r
     JOIN public.accounts a ON ((a.id = r.account_id)))
     JOIN public.assistants s ON (((s.account_id = r.account_id) AND (s.id = r.assistant_id))))
     LEFT JOIN public.cost_entries e ON (((e.account_id = r.account_id) AND (e.pipeline_run_id = r.id))))
  GROUP BY r.account_id, r.id, a.slug, s.external_id;

-- Name: reporting_zones tr_audit_add; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_audit_add AFTER INSERT ON public.reporting_zones FOR EACH ROW WHEN ((NOT public.is_importing())) EXECUTE FUNCTION public.audit_row('zone.add', 'zone');

-- Name: version_approvals tr_audit_approve; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_audit_approve AFTER INSERT ON public.version_approvals FOR EACH ROW WHEN ((NOT public.is_importing())) EXECUTE FUNCTION public.audit_row('version.approve', 'prompt_version_id');

-- Name: jobs tr_audit_cancel; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_audit_cancel AFTER UPDATE OF cancel_requested ON public.jobs FOR EACH ROW WHEN ((new.cancel_requested AND (NOT old.cancel_requested))) EXECUTE FUNCTION public.audit_row('run.cancel', 'pipeline_run_id');

-- Name: pipeline_runs tr_audit_cancel; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_audit_cancel AFTER UPDATE OF status ON public.pipeline_runs FOR EACH ROW WHEN (((old.status = ANY (ARRAY['queued'::text, 'running'::text])) AND (new.status = 'cancelled'::text) AND (CURRENT_USER <> 'promptbuilder_runner'::name))) EXECUTE FUNCTION public.audit_row('run.cancel', 'pipeline_id');

-- Name: accounts tr_audit_change; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_audit_change AFTER UPDATE OF slug, name, settings, time_zone, weight, max_running ON public.accounts FOR EACH ROW WHEN (((((((old.slug IS DISTINCT FROM new.slug) OR (old.name IS DISTINCT FROM new.name)) OR (old.settings IS DISTINCT FROM new.settings)) OR (old.time_zone IS DISTINCT FROM new.time_zone)) OR (old.weight IS DISTINCT FROM new.weight)) OR (old.max_running IS DISTINCT FROM new.max_running))) EXECUTE FUNCTION public.audit_row('account.change', 'slug', 'name', 'time_zone', 'weight', 'max_running');

-- Name: assistants tr_audit_change; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_audit_change AFTER UPDATE OF external_id, name, settings ON public.assistants FOR EACH ROW WHEN ((((old.external_id IS DISTINCT FROM new.external_id) OR (old.name IS DISTINCT FROM new.name)) OR (old.settings IS DISTINCT FROM new.settings))) EXECUTE FUNCTION public.audit_row('assistant.change', 'external_id', 'name');

-- Name: sheets tr_audit_change; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_audit_change AFTER UPDATE OF is_on ON public.sheets FOR EACH ROW WHEN ((old.is_on <> new.is_on)) EXECUTE FUNCTION public.audit_row('sheet.on', 'id', 'spreadsheet_id', 'tab', 'is_on');

-- Name: deployment_events tr_audit_deploy; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_audit_deploy AFTER INSERT ON public.deployment_events FOR EACH ROW WHEN ((NOT public.is_importing())) EXECUTE FUNCTION public.audit_row('version.deploy', 'prompt_version_id', 'kind', 'environment', 'assistant_id', 'previous_version_id');

-- Name: runners tr_audit_drain; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_audit_drain AFTER UPDATE OF drain_requested_at ON public.runners FOR EACH ROW WHEN (((old.drain_requested_at IS NULL) AND (new.drain_requested_at IS NOT NULL))) EXECUTE FUNCTION public.audit_row('runner.drain', 'id', 'pid');

-- Name: sessions tr_audit_end; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_audit_end AFTER DELETE ON public.sessions FOR EACH ROW WHEN (((pg_trigger_depth() = 0) AND (COALESCE(current_setting('app.is_tidying'::text, true), ''::text) = ''::text))) EXECUTE FUNCTION public.audit_row('session.end', 'id', 'address');

-- Name: pipeline_runs tr_audit_launch; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_audit_launch AFTER INSERT ON public.pipeline_runs FOR EACH ROW WHEN (((NOT public.is_importing()) AND (new.status = 'queued'::text))) EXECUTE FUNCTION public.audit_row('run.launch', 'pipeline_id', 'model');

-- Name: access_tokens tr_audit_make; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_audit_make AFTER INSERT ON public.access_tokens FOR EACH ROW EXECUTE FUNCTION public.audit_row('token.make', 'id', 'name', 'role', 'expires_at');

-- Name: accounts tr_audit_make; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_audit_make AFTER INSERT ON public.accounts FOR EACH ROW WHEN ((NOT public.is_importing())) EXECUTE FUNCTION public.audit_row('account.make', 'slug', 'name');

-- Name: assistants tr_audit_make; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_audit_make AFTER INSERT ON public.assistants FOR EACH ROW WHEN ((NOT public.is_importing())) EXECUTE FUNCTION public.audit_row('assistant.make', 'external_id', 'name');

-- Name: prompt_versions tr_audit_make; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_audit_make AFTER INSERT ON public.prompt_versions FOR EACH ROW WHEN (((NOT public.is_importing()) AND (new.origin <> 'run'::text))) EXECUTE FUNCTION public.audit_row('version.make', 'id', 'version', 'origin', 'assistant_id', 'parent_id');

-- Name: schema_migrations tr_audit_migrate; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_audit_migrate AFTER INSERT ON public.schema_migrations FOR EACH ROW EXECUTE FUNCTION public.audit_row('schema.migrate', 'name', 'number');

-- Name: version_notes tr_audit_note; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_audit_note AFTER INSERT ON public.version_notes FOR EACH ROW WHEN ((NOT public.is_importing())) EXECUTE FUNCTION public.audit_row('version.note', 'prompt_version_id', 'id');

-- Name: sheets tr_audit_on; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_audit_on AFTER INSERT ON public.sheets FOR EACH ROW EXECUTE FUNCTION public.audit_row('sheet.on', 'id', 'spreadsheet_id', 'tab', 'is_on');

-- Name: sheet_orders tr_audit_order; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_audit_order AFTER INSERT ON public.sheet_orders FOR EACH ROW EXECUTE FUNCTION public.audit_row('sheet.order', 'id', 'kind');

-- Name: claim_pause tr_audit_pause; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_audit_pause AFTER INSERT ON public.claim_pause FOR EACH ROW EXECUTE FUNCTION public.audit_row('runner.pause', 'paused_by');

-- Name: audit_entries tr_audit_refuse; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_audit_refuse BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_entries FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse();

-- Name: budgets tr_audit_remove; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_audit_remove AFTER UPDATE OF ended_at ON public.budgets FOR EACH ROW WHEN (((old.ended_at IS NULL) AND (new.ended_at IS NOT NULL))) EXECUTE FUNCTION public.audit_row('budget.remove', 'id', 'period');

-- Name: reporting_zones tr_audit_remove; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_audit_remove AFTER DELETE ON public.reporting_zones FOR EACH ROW WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION public.audit_row('zone.remove', 'zone');

-- Name: outbox tr_audit_resend; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_audit_resend AFTER UPDATE OF resent_at ON public.outbox FOR EACH ROW WHEN ((old.resent_at IS DISTINCT FROM new.resent_at)) EXECUTE FUNCTION public.audit_row('delivery.resend', 'id', 'kind');

-- Name: claim_pause tr_audit_resume; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_audit_resume AFTER DELETE ON public.claim_pause FOR EACH ROW EXECUTE FUNCTION public.audit_row('runner.resume', 'paused_by', 'paused_at');

-- Name: pipeline_runs tr_audit_retry; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_audit_retry AFTER UPDATE OF status ON public.pipeline_runs FOR EACH ROW WHEN (((old.status = ANY (ARRAY['failed'::text, 'cancelled'::text])) AND (new.status = 'queued'::text))) EXECUTE FUNCTION public.audit_row('run.retry', 'pipeline_id', 'retry_count');

-- Name: access_tokens tr_audit_revoke; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_audit_revoke AFTER UPDATE OF revoked_at ON public.access_tokens FOR EACH ROW WHEN (((old.revoked_at IS NULL) AND (new.revoked_at IS NOT NULL))) EXECUTE FUNCTION public.audit_row('token.revoke', 'id', 'name', 'role');

-- Name: accounts tr_audit_rules; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_audit_rules AFTER UPDATE OF environments, needs_approval ON public.accounts FOR EACH ROW WHEN (((old.environments IS DISTINCT FROM new.environments) OR (old.needs_approval IS DISTINCT FROM new.needs_approval))) EXECUTE FUNCTION public.audit_row('account.change', 'slug', 'environments', 'needs_approval');

-- Name: budgets tr_audit_set; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_audit_set AFTER INSERT ON public.budgets FOR EACH ROW WHEN ((NOT public.is_importing())) EXECUTE FUNCTION public.audit_row('budget.set', 'id', 'period', 'zone', 'cap_usd', 'soft_usd', 'thresholds');

-- Name: model_prices tr_audit_set; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_audit_set AFTER INSERT ON public.model_prices FOR EACH ROW WHEN ((NOT public.is_importing())) EXECUTE FUNCTION public.audit_row('price.set', 'model', 'id', 'valid_from', 'valid_to', 'above_tokens', 'input_pico', 'output_pico', 'cache_read_pico', 'cache_write_5m_pico', 'cache_write_1h_pico', 'source');

-- Name: prompt_versions tr_audit_status; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_audit_status AFTER UPDATE OF status ON public.prompt_versions FOR EACH ROW WHEN (((old.status IS DISTINCT FROM new.status) AND (NOT (old.pruned_at IS DISTINCT FROM new.pruned_at)))) EXECUTE FUNCTION public.audit_row('version.status', 'id', 'version', 'assistant_id', 'status');

-- Name: accounts tr_deployment_rules; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_deployment_rules BEFORE UPDATE OF environments, needs_approval ON public.accounts FOR EACH ROW EXECUTE FUNCTION public.deployment_rules();

-- Name: access_tokens tr_end_token; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_end_token AFTER UPDATE OF revoked_at ON public.access_tokens FOR EACH ROW WHEN (((new.revoked_at IS NOT NULL) AND (old.revoked_at IS NULL))) EXECUTE FUNCTION public.end_token();

-- Name: pipeline_steps tr_fill_step_account; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_fill_step_account BEFORE INSERT ON public.pipeline_steps FOR EACH ROW WHEN ((new.account_id IS NULL)) EXECUTE FUNCTION public.fill_step_account();

-- Name: cost_entries tr_forget_cost_entries; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_forget_cost_entries AFTER DELETE ON public.cost_entries REFERENCING OLD TABLE AS old_entries FOR EACH STATEMENT EXECUTE FUNCTION public.forget_cost_entries();

-- Name: prompt_versions tr_guard; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_guard BEFORE UPDATE ON public.prompt_versions FOR EACH ROW EXECUTE FUNCTION public.version_guard();

-- Name: accounts tr_keep_account_token; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_keep_account_token AFTER INSERT OR UPDATE OF mermaid_token_hash ON public.accounts FOR EACH ROW WHEN ((NOT public.is_importing())) EXECUTE FUNCTION public.keep_account_token();

-- Name: model_prices tr_keep_price; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_keep_price BEFORE DELETE OR UPDATE ON public.model_prices FOR EACH ROW EXECUTE FUNCTION public.keep_price();

-- Name: prompt_versions tr_made; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_made BEFORE INSERT ON public.prompt_versions FOR EACH ROW WHEN (((NOT public.is_importing()) AND (new.origin <> 'run'::text))) EXECUTE FUNCTION public.version_made();

-- Name: accounts tr_mark_account; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_mark_account AFTER INSERT OR UPDATE ON public.accounts FOR EACH ROW EXECUTE FUNCTION public.mark_account('id');

-- Name: assistants tr_mark_account; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_mark_account AFTER INSERT OR DELETE OR UPDATE ON public.assistants FOR EACH ROW EXECUTE FUNCTION public.mark_account('account_id');

-- Name: budget_alerts tr_mark_account; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_mark_account AFTER INSERT ON public.budget_alerts FOR EACH ROW EXECUTE FUNCTION public.mark_account('account_id');

-- Name: budgets tr_mark_account; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_mark_account AFTER INSERT OR UPDATE ON public.budgets FOR EACH ROW EXECUTE FUNCTION public.mark_account('account_id');

-- Name: model_prices tr_mark_all_accounts; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_mark_all_accounts AFTER INSERT ON public.model_prices FOR EACH STATEMENT WHEN ((NOT public.is_importing())) EXECUTE FUNCTION public.mark_all_accounts();

-- Name: reporting_zones tr_mark_all_accounts; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_mark_all_accounts AFTER INSERT OR DELETE OR UPDATE ON public.reporting_zones FOR EACH STATEMENT WHEN ((NOT public.is_importing())) EXECUTE FUNCTION public.mark_all_accounts();

-- Name: pipeline_runs tr_mark_completed; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_mark_completed AFTER UPDATE OF status ON public.pipeline_runs FOR EACH ROW WHEN (((new.status = 'completed'::text) AND (old.status <> 'completed'::text))) EXECUTE FUNCTION public.mark_account('account_id');

-- Name: budgets tr_open_budget; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_open_budget AFTER INSERT ON public.budgets FOR EACH ROW WHEN ((NOT public.is_importing())) EXECUTE FUNCTION public.open_budget();

-- Name: access_tokens tr_refuse_deleted; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_refuse_deleted BEFORE INSERT ON public.access_tokens FOR EACH ROW WHEN ((new.account_id IS NOT NULL)) EXECUTE FUNCTION public.refuse_deleted_account();

-- Name: assistants tr_refuse_deleted; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_refuse_deleted BEFORE INSERT ON public.assistants FOR EACH ROW WHEN ((NOT public.is_importing())) EXECUTE FUNCTION public.refuse_deleted_account();

-- Name: budgets tr_refuse_deleted; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_refuse_deleted BEFORE INSERT ON public.budgets FOR EACH ROW WHEN ((NOT public.is_importing())) EXECUTE FUNCTION public.refuse_deleted_account();

-- Name: cost_entries tr_refuse_deleted; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_refuse_deleted BEFORE INSERT ON public.cost_entries FOR EACH ROW WHEN (((new.kind = 'call'::text) AND (new.attempt_id IS NULL) AND (NOT public.is_importing()))) EXECUTE FUNCTION public.refuse_deleted_account();

-- Name: pipeline_runs tr_refuse_deleted; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_refuse_deleted BEFORE INSERT ON public.pipeline_runs FOR EACH ROW WHEN ((NOT public.is_importing())) EXECUTE FUNCTION public.refuse_deleted_account();

-- Name: prompt_versions tr_refuse_deleted; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_refuse_deleted BEFORE INSERT ON public.prompt_versions FOR EACH ROW WHEN (((NOT public.is_importing()) AND (new.origin <> 'run'::text))) EXECUTE FUNCTION public.refuse_deleted_account();

-- Name: version_approvals tr_refuse_deleted; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_refuse_deleted BEFORE INSERT ON public.version_approvals FOR EACH ROW WHEN ((NOT public.is_importing())) EXECUTE FUNCTION public.refuse_deleted_account();

-- Name: version_notes tr_refuse_deleted; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_refuse_deleted BEFORE INSERT ON public.version_notes FOR EACH ROW WHEN ((NOT public.is_importing())) EXECUTE FUNCTION public.refuse_deleted_account();

-- Name: pipeline_runs tr_refuse_deleted_retry; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_refuse_deleted_retry BEFORE UPDATE OF status ON public.pipeline_runs FOR EACH ROW WHEN (((old.status = ANY (ARRAY['failed'::text, 'cancelled'::text])) AND (new.status = 'queued'::text))) EXECUTE FUNCTION public.refuse_deleted_account();

-- Name: pipeline_runs tr_sheet_end; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_sheet_end AFTER UPDATE ON public.pipeline_runs FOR EACH ROW WHEN (((new.status = ANY (ARRAY['completed'::text, 'failed'::text, 'cancelled'::text])) AND ((((((old.status IS DISTINCT FROM new.status) OR (old.total_cost_usd IS DISTINCT FROM new.total_cost_usd)) OR (old.total_input_tokens IS DISTINCT FROM new.total_input_tokens)) OR (old.total_output_tokens IS DISTINCT FROM new.total_output_tokens)) OR (old.total_cache_read_tokens IS DISTINCT FROM new.total_cache_read_tokens)) OR (old.total_cache_write_tokens IS DISTINCT FROM new.total_cache_write_tokens)))) EXECUTE FUNCTION public.sheet_queue();

-- Name: pipeline_runs tr_sheet_insert; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_sheet_insert AFTER INSERT ON public.pipeline_runs FOR EACH ROW WHEN (((NOT public.is_importing()) AND (new.status = ANY (ARRAY['completed'::text, 'failed'::text, 'cancelled'::text])))) EXECUTE FUNCTION public.sheet_queue();

-- Name: access_tokens tr_take_first_token; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_take_first_token AFTER INSERT ON public.access_tokens FOR EACH ROW WHEN (((new.role = 'member'::text) AND (new.expires_at IS NULL) AND (new.revoked_at IS NULL))) EXECUTE FUNCTION public.take_first_token();

-- Name: deployment_events tr_tell; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_tell AFTER INSERT ON public.deployment_events FOR EACH ROW WHEN ((NOT public.is_importing())) EXECUTE FUNCTION public.deployment_tell();

-- Name: access_tokens tr_tell_prompt; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_tell_prompt AFTER DELETE OR UPDATE OF role, token_hash, revoked_at, expires_at ON public.access_tokens FOR EACH ROW EXECUTE FUNCTION public.prompt_tell();

-- Name: accounts tr_tell_prompt; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_tell_prompt AFTER DELETE OR UPDATE OF slug, name, environments, deleted_at ON public.accounts FOR EACH ROW EXECUTE FUNCTION public.prompt_tell();

-- Name: assistants tr_tell_prompt; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_tell_prompt AFTER DELETE OR UPDATE OF external_id, name ON public.assistants FOR EACH ROW EXECUTE FUNCTION public.prompt_tell();

-- Name: cost_entries tr_update_pipeline_totals; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_update_pipeline_totals AFTER INSERT ON public.cost_entries REFERENCING NEW TABLE AS new_entries FOR EACH STATEMENT WHEN ((NOT public.is_importing())) EXECUTE FUNCTION public.update_pipeline_run_totals();

-- Name: cost_entries tr_watch_budgets; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER tr_watch_budgets AFTER INSERT ON public.cost_entries REFERENCING NEW TABLE AS new_entries FOR EACH STATEMENT WHEN ((NOT public.is_importing())) EXECUTE FUNCTION public.watch_budgets();

-- Name: access_tokens access_tokens_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.access_tokens
    ADD CONSTRAINT access_tokens_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;

-- Name: account_deletions account_deletions_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.account_deletions
    ADD CONSTRAINT account_deletions_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;

-- Name: account_marks account_marks_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.account_marks
    ADD CONSTRAINT account_marks_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;

-- Name: account_turns account_turns_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.account_turns
    ADD CONSTRAINT account_turns_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;

-- Name: assistants assistants_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.assistants
    ADD CONSTRAINT assistants_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;

-- Name: attempts attempts_account_id_pipeline_run_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT attempts_account_id_pipeline_run_id_fkey FOREIGN KEY (account_id, pipeline_run_id) REFERENCES public.pipeline_runs(account_id, id) ON DELETE CASCADE;

-- Name: attempts attempts_account_id_pipeline_step_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT attempts_account_id_pipeline_step_id_fkey FOREIGN KEY (account_id, pipeline_step_id) REFERENCES public.pipeline_steps(account_id, id) ON DELETE CASCADE;

-- Name: audit_entries audit_entries_action_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.audit_entries
    ADD CONSTRAINT audit_entries_action_fkey FOREIGN KEY (action) REFERENCES public.audit_actions(action);

-- Name: budget_alerts budget_alerts_account_id_budget_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.budget_alerts
    ADD CONSTRAINT budget_alerts_account_id_budget_id_fkey FOREIGN KEY (account_id, budget_id) REFERENCES public.budgets(account_id, id) ON DELETE CASCADE;

-- Name: budgets budgets_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.budgets
    ADD CONSTRAINT budgets_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;

-- Name: cost_entries cost_entries_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.cost_entries
    ADD CONSTRAINT cost_entries_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;

-- Name: cost_entries cost_entries_assistant_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.cost_entries
    ADD CONSTRAINT cost_entries_assistant_fkey FOREIGN KEY (account_id, assistant_id) REFERENCES public.assistants(account_id, id) ON DELETE CASCADE;

-- Name: cost_entries cost_entries_attempt_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.cost_entries
    ADD CONSTRAINT cost_entries_attempt_fkey FOREIGN KEY (account_id, attempt_id) REFERENCES public.attempts(account_id, id) ON DELETE SET NULL (attempt_id);

-- Name: cost_entries cost_entries_corrects_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.cost_entries
    ADD CONSTRAINT cost_entries_corrects_fkey FOREIGN KEY (account_id, corrects_id) REFERENCES public.cost_entries(account_id, id) DEFERRABLE;

-- Name: cost_entries cost_entries_run_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.cost_entries
    ADD CONSTRAINT cost_entries_run_fkey FOREIGN KEY (account_id, pipeline_run_id) REFERENCES public.pipeline_runs(account_id, id) ON DELETE CASCADE;

-- Name: cost_entries cost_entries_step_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.cost_entries
    ADD CONSTRAINT cost_entries_step_fkey FOREIGN KEY (account_id, pipeline_step_id) REFERENCES public.pipeline_steps(account_id, id) ON DELETE SET NULL (pipeline_step_id);

-- Name: cost_sums cost_sums_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.cost_sums
    ADD CONSTRAINT cost_sums_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;

-- Name: deployment_events deployment_events_account_id_assistant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.deployment_events
    ADD CONSTRAINT deployment_events_account_id_assistant_id_fkey FOREIGN KEY (account_id, assistant_id) REFERENCES public.assistants(account_id, id) ON DELETE CASCADE;

-- Name: deployment_events deployment_events_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.deployment_events
    ADD CONSTRAINT deployment_events_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;

-- Name: deployment_events deployment_events_account_id_previous_version_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.deployment_events
    ADD CONSTRAINT deployment_events_account_id_previous_version_id_fkey FOREIGN KEY (account_id, previous_version_id) REFERENCES public.prompt_versions(account_id, id);

-- Name: deployment_events deployment_events_account_id_prompt_version_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.deployment_events
    ADD CONSTRAINT deployment_events_account_id_prompt_version_id_fkey FOREIGN KEY (account_id, prompt_version_id) REFERENCES public.prompt_versions(account_id, id);

-- Name: deployments deployments_account_id_assistant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.deployments
    ADD CONSTRAINT deployments_account_id_assistant_id_fkey FOREIGN KEY (account_id, assistant_id) REFERENCES public.assistants(account_id, id) ON DELETE CASCADE;

-- Name: deployments deployments_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.deployments
    ADD CONSTRAINT deployments_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;

-- Name: deployments deployments_account_id_prompt_version_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.deployments
    ADD CONSTRAINT deployments_account_id_prompt_version_id_fkey FOREIGN KEY (account_id, prompt_version_id) REFERENCES public.prompt_versions(account_id, id);

-- Name: model_prices model_prices_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.model_prices
    ADD CONSTRAINT model_prices_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;

-- Name: outbox outbox_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;

-- Name: outbox_attempts outbox_attempts_account_id_event_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.outbox_attempts
    ADD CONSTRAINT outbox_attempts_account_id_event_id_fkey FOREIGN KEY (account_id, event_id) REFERENCES public.outbox(account_id, id) ON DELETE CASCADE;

-- Name: pipeline_runs pipeline_runs_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.pipeline_runs
    ADD CONSTRAINT pipeline_runs_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;

-- Name: pipeline_runs pipeline_runs_account_id_prompt_version_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.pipeline_runs
    ADD CONSTRAINT pipeline_runs_account_id_prompt_version_id_fkey FOREIGN KEY (account_id, prompt_version_id) REFERENCES public.prompt_versions(account_id, id) DEFERRABLE;

-- Name: pipeline_runs pipeline_runs_assistant_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.pipeline_runs
    ADD CONSTRAINT pipeline_runs_assistant_fkey FOREIGN KEY (account_id, assistant_id) REFERENCES public.assistants(account_id, id) ON DELETE CASCADE;

-- Name: pipeline_steps pipeline_steps_run_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.pipeline_steps
    ADD CONSTRAINT pipeline_steps_run_fkey FOREIGN KEY (account_id, pipeline_run_id) REFERENCES public.pipeline_runs(account_id, id) ON DELETE CASCADE;

-- Name: prompt_versions prompt_versions_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.prompt_versions
    ADD CONSTRAINT prompt_versions_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;

-- Name: prompt_versions prompt_versions_account_id_parent_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.prompt_versions
    ADD CONSTRAINT prompt_versions_account_id_parent_id_fkey FOREIGN KEY (account_id, parent_id) REFERENCES public.prompt_versions(account_id, id) DEFERRABLE;

-- Name: prompt_versions prompt_versions_assistant_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.prompt_versions
    ADD CONSTRAINT prompt_versions_assistant_fkey FOREIGN KEY (account_id, assistant_id) REFERENCES public.assistants(account_id, id) ON DELETE CASCADE;

-- Name: prompt_versions prompt_versions_run_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.prompt_versions
    ADD CONSTRAINT prompt_versions_run_fkey FOREIGN KEY (account_id, pipeline_run_id) REFERENCES public.pipeline_runs(account_id, id) ON DELETE CASCADE;

-- Name: reporting_zones reporting_zones_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.reporting_zones
    ADD CONSTRAINT reporting_zones_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;

-- Name: sessions sessions_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;

-- Name: sessions sessions_token_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_token_id_fkey FOREIGN KEY (token_id) REFERENCES public.access_tokens(id) ON DELETE CASCADE;

-- Name: sheet_orders sheet_orders_sheet_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.sheet_orders
    ADD CONSTRAINT sheet_orders_sheet_id_fkey FOREIGN KEY (sheet_id) REFERENCES public.sheets(id) ON DELETE CASCADE;

-- Name: sheet_rows sheet_rows_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.sheet_rows
    ADD CONSTRAINT sheet_rows_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;

-- Name: sheet_rows sheet_rows_account_id_pipeline_run_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.sheet_rows
    ADD CONSTRAINT sheet_rows_account_id_pipeline_run_id_fkey FOREIGN KEY (account_id, pipeline_run_id) REFERENCES public.pipeline_runs(account_id, id) ON DELETE CASCADE;

-- Name: sheet_rows sheet_rows_sheet_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.sheet_rows
    ADD CONSTRAINT sheet_rows_sheet_id_fkey FOREIGN KEY (sheet_id) REFERENCES public.sheets(id) ON DELETE CASCADE;

-- Name: sheet_seen sheet_seen_order_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.sheet_seen
    ADD CONSTRAINT sheet_seen_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.sheet_orders(id) ON DELETE CASCADE;

-- Name: version_approvals version_approvals_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.version_approvals
    ADD CONSTRAINT version_approvals_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;

-- Name: version_approvals version_approvals_account_id_prompt_version_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.version_approvals
    ADD CONSTRAINT version_approvals_account_id_prompt_version_id_fkey FOREIGN KEY (account_id, prompt_version_id) REFERENCES public.prompt_versions(account_id, id) ON DELETE CASCADE;

-- Name: version_notes version_notes_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.version_notes
    ADD CONSTRAINT version_notes_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;

-- Name: version_notes version_notes_account_id_prompt_version_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.version_notes
    ADD CONSTRAINT version_notes_account_id_prompt_version_id_fkey FOREIGN KEY (account_id, prompt_version_id) REFERENCES public.prompt_versions(account_id, id) ON DELETE CASCADE;

-- Name: access_tokens; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.access_tokens ENABLE ROW LEVEL SECURITY;

-- Name: account_deletions; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.account_deletions ENABLE ROW LEVEL SECURITY;

-- Name: account_marks; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.account_marks ENABLE ROW LEVEL SECURITY;

-- Name: account_turns; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.account_turns ENABLE ROW LEVEL SECURITY;

-- Name: accounts; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.accounts ENABLE ROW LEVEL SECURITY;

-- Name: assistants; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.assistants ENABLE ROW LEVEL SECURITY;

-- Name: attempts; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.attempts ENABLE ROW LEVEL SECURITY;

-- Name: audit_actions; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.audit_actions ENABLE ROW LEVEL SECURITY;

-- Name: audit_entries; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.audit_entries ENABLE ROW LEVEL SECURITY;

-- Name: budget_alerts; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.budget_alerts ENABLE ROW LEVEL SECURITY;

-- Name: budgets; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.budgets ENABLE ROW LEVEL SECURITY;

-- Name: claim_pause; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.claim_pause ENABLE ROW LEVEL SECURITY;

-- Name: cost_entries; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.cost_entries ENABLE ROW LEVEL SECURITY;

-- Name: cost_sums; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.cost_sums ENABLE ROW LEVEL SECURITY;

-- Name: deployment_events; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.deployment_events ENABLE ROW LEVEL SECURITY;

-- Name: deployments; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.deployments ENABLE ROW LEVEL SECURITY;

-- Name: jobs; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.jobs ENABLE ROW LEVEL SECURITY;

-- Name: model_prices; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.model_prices ENABLE ROW LEVEL SECURITY;

-- Name: outbox; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.outbox ENABLE ROW LEVEL SECURITY;

-- Name: outbox_attempts; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.outbox_attempts ENABLE ROW LEVEL SECURITY;

-- Name: access_tokens owner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY owner ON public.access_tokens TO postgres USING (true) WITH CHECK (true);

-- Name: account_deletions owner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY owner ON public.account_deletions TO postgres USING (true) WITH CHECK (true);

-- Name: account_marks owner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY owner ON public.account_marks TO postgres USING (true) WITH CHECK (true);

-- Name: account_turns owner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY owner ON public.account_turns TO postgres USING (true) WITH CHECK (true);

-- Name: accounts owner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY owner ON public.accounts TO postgres USING (true) WITH CHECK (true);

-- Name: assistants owner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY owner ON public.assistants TO postgres USING (true) WITH CHECK (true);

-- Name: attempts owner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY owner ON public.attempts TO postgres USING (true) WITH CHECK (true);

-- Name: audit_actions owner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY owner ON public.audit_actions TO postgres USING (true) WITH CHECK (true);

-- Name: audit_entries owner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY owner ON public.audit_entries TO postgres USING (true) WITH CHECK (true);

-- Name: budget_alerts owner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY owner ON public.budget_alerts TO postgres USING (true) WITH CHECK (true);

-- Name: budgets owner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY owner ON public.budgets TO postgres USING (true) WITH CHECK (true);

-- Name: claim_pause owner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY owner ON public.claim_pause TO postgres USING (true) WITH CHECK (true);

-- Name: cost_entries owner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY owner ON public.cost_entries TO postgres USING (true) WITH CHECK (true);

-- Name: cost_sums owner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY owner ON public.cost_sums TO postgres USING (true) WITH CHECK (true);

-- Name: deployment_events owner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY owner ON public.deployment_events TO postgres USING (true) WITH CHECK (true);

-- Name: deployments owner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY owner ON public.deployments TO postgres USING (true) WITH CHECK (true);

-- Name: jobs owner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY owner ON public.jobs TO postgres USING (true) WITH CHECK (true);

-- Name: model_prices owner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY owner ON public.model_prices TO postgres USING (true) WITH CHECK (true);

-- Name: outbox owner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY owner ON public.outbox TO postgres USING (true) WITH CHECK (true);

-- Name: outbox_attempts owner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY owner ON public.outbox_attempts TO postgres USING (true) WITH CHECK (true);

-- Name: pipeline_runs owner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY owner ON public.pipeline_runs TO postgres USING (true) WITH CHECK (true);

-- Name: pipeline_steps owner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY owner ON public.pipeline_steps TO postgres USING (true) WITH CHECK (true);

-- Name: prompt_versions owner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY owner ON public.prompt_versions TO postgres USING (true) WITH CHECK (true);

-- Name: reporting_zones owner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY owner ON public.reporting_zones TO postgres USING (true) WITH CHECK (true);

-- Name: runners owner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY owner ON public.runners TO postgres USING (true) WITH CHECK (true);

-- Name: sessions owner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY owner ON public.sessions TO postgres USING (true) WITH CHECK (true);

-- Name: sheet_orders owner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY owner ON public.sheet_orders TO postgres USING (true) WITH CHECK (true);

-- Name: sheet_rows owner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY owner ON public.sheet_rows TO postgres USING (true) WITH CHECK (true);

-- Name: sheet_seen owner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY owner ON public.sheet_seen TO postgres USING (true) WITH CHECK (true);

-- Name: sheets owner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY owner ON public.sheets TO postgres USING (true) WITH CHECK (true);

-- Name: sign_in_failures owner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY owner ON public.sign_in_failures TO postgres USING (true) WITH CHECK (true);

-- Name: version_approvals owner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY owner ON public.version_approvals TO postgres USING (true) WITH CHECK (true);

-- Name: version_moves owner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY owner ON public.version_moves TO postgres USING (true) WITH CHECK (true);

-- Name: version_notes owner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY owner ON public.version_notes TO postgres USING (true) WITH CHECK (true);

-- Name: pipeline_runs; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.pipeline_runs ENABLE ROW LEVEL SECURITY;

-- Name: pipeline_steps; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.pipeline_steps ENABLE ROW LEVEL SECURITY;

-- Name: prompt_versions; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.prompt_versions ENABLE ROW LEVEL SECURITY;

-- Name: reporting_zones; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.reporting_zones ENABLE ROW LEVEL SECURITY;

-- Name: account_marks runner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY runner ON public.account_marks TO promptbuilder_runner USING (true);

-- Name: account_turns runner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY runner ON public.account_turns TO promptbuilder_runner USING (true) WITH CHECK (true);

-- Name: accounts runner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY runner ON public.accounts TO promptbuilder_runner USING (true) WITH CHECK (true);

-- Name: assistants runner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY runner ON public.assistants TO promptbuilder_runner USING (true) WITH CHECK (true);

-- Name: attempts runner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY runner ON public.attempts TO promptbuilder_runner USING (true) WITH CHECK (true);

-- Name: budget_alerts runner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY runner ON public.budget_alerts TO promptbuilder_runner USING (true) WITH CHECK (true);

-- Name: budgets runner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY runner ON public.budgets TO promptbuilder_runner USING (true) WITH CHECK (true);

-- Name: claim_pause runner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY runner ON public.claim_pause FOR SELECT TO promptbuilder_runner USING (true);

-- Name: cost_entries runner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY runner ON public.cost_entries TO promptbuilder_runner USING (true) WITH CHECK (true);

-- Name: cost_sums runner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY runner ON public.cost_sums TO promptbuilder_runner USING (true);

-- Name: deployments runner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY runner ON public.deployments FOR SELECT TO promptbuilder_runner USING (true);

-- Name: jobs runner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY runner ON public.jobs TO promptbuilder_runner USING (true) WITH CHECK (true);

-- Name: model_prices runner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY runner ON public.model_prices TO promptbuilder_runner USING (true);

-- Name: outbox runner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY runner ON public.outbox TO promptbuilder_runner USING (true) WITH CHECK (true);

-- Name: outbox_attempts runner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY runner ON public.outbox_attempts TO promptbuilder_runner USING (true) WITH CHECK (true);

-- Name: pipeline_runs runner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY runner ON public.pipeline_runs TO promptbuilder_runner USING (true) WITH CHECK (true);

-- Name: pipeline_steps runner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY runner ON public.pipeline_steps TO promptbuilder_runner USING (true) WITH CHECK (true);

-- Name: prompt_versions runner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY runner ON public.prompt_versions TO promptbuilder_runner USING (true) WITH CHECK (true);

-- Name: reporting_zones runner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY runner ON public.reporting_zones TO promptbuilder_runner USING (true);

-- Name: runners runner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY runner ON public.runners TO promptbuilder_runner USING (true) WITH CHECK (true);

-- Name: sheet_orders runner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY runner ON public.sheet_orders TO promptbuilder_runner USING (true) WITH CHECK (true);

-- Name: sheet_rows runner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY runner ON public.sheet_rows TO promptbuilder_runner USING (true) WITH CHECK (true);

-- Name: sheet_seen runner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY runner ON public.sheet_seen TO promptbuilder_runner USING (true) WITH CHECK (true);

-- Name: sheets runner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY runner ON public.sheets TO promptbuilder_runner USING (true) WITH CHECK (true);

-- Name: version_moves runner; Type: POLICY; Schema: public; Owner: -

CREATE POLICY runner ON public.version_moves FOR SELECT TO promptbuilder_runner USING (true);

-- Name: runners; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.runners ENABLE ROW LEVEL SECURITY;

-- Name: sessions; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.sessions ENABLE ROW LEVEL SECURITY;

-- Name: sheet_orders; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.sheet_orders ENABLE ROW LEVEL SECURITY;

-- Name: sheet_rows; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.sheet_rows ENABLE ROW LEVEL SECURITY;

-- Name: sheet_seen; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.sheet_seen ENABLE ROW LEVEL SECURITY;

-- Name: sheets; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.sheets ENABLE ROW LEVEL SECURITY;

-- Name: sign_in_failures; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.sign_in_failures ENABLE ROW LEVEL SECURITY;

-- Name: version_approvals; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.version_approvals ENABLE ROW LEVEL SECURITY;

-- Name: version_moves; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.version_moves ENABLE ROW LEVEL SECURITY;

-- Name: version_notes; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.version_notes ENABLE ROW LEVEL SECURITY;

-- Name: access_tokens web; Type: POLICY; Schema: public; Owner: -

CREATE POLICY web ON public.access_tokens TO promptbuilder_web USING (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text)))) WITH CHECK (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text))));

-- Name: account_deletions web; Type: POLICY; Schema: public; Owner: -

CREATE POLICY web ON public.account_deletions FOR SELECT TO promptbuilder_web USING (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text))));

-- Name: account_marks web; Type: POLICY; Schema: public; Owner: -

CREATE POLICY web ON public.account_marks TO promptbuilder_web USING (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text))));

-- Name: accounts web; Type: POLICY; Schema: public; Owner: -

CREATE POLICY web ON public.accounts TO promptbuilder_web USING (((id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text)))) WITH CHECK (((id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text))));

-- Name: assistants web; Type: POLICY; Schema: public; Owner: -

CREATE POLICY web ON public.assistants TO promptbuilder_web USING (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text)))) WITH CHECK (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text))));

-- Name: attempts web; Type: POLICY; Schema: public; Owner: -

CREATE POLICY web ON public.attempts TO promptbuilder_web USING (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text)))) WITH CHECK (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text))));

-- Name: audit_actions web; Type: POLICY; Schema: public; Owner: -

CREATE POLICY web ON public.audit_actions FOR SELECT TO promptbuilder_web USING (true);

-- Name: audit_entries web; Type: POLICY; Schema: public; Owner: -

CREATE POLICY web ON public.audit_entries FOR SELECT TO promptbuilder_web USING (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text))));

-- Name: budget_alerts web; Type: POLICY; Schema: public; Owner: -

CREATE POLICY web ON public.budget_alerts TO promptbuilder_web USING (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text)))) WITH CHECK (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text))));

-- Name: budgets web; Type: POLICY; Schema: public; Owner: -

CREATE POLICY web ON public.budgets TO promptbuilder_web USING (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text)))) WITH CHECK (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text))));

-- Name: claim_pause web; Type: POLICY; Schema: public; Owner: -

CREATE POLICY web ON public.claim_pause FOR SELECT TO promptbuilder_web USING (true);

-- Name: cost_entries web; Type: POLICY; Schema: public; Owner: -

CREATE POLICY web ON public.cost_entries TO promptbuilder_web USING (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text)))) WITH CHECK (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text))));

-- Name: cost_sums web; Type: POLICY; Schema: public; Owner: -

CREATE POLICY web ON public.cost_sums TO promptbuilder_web USING (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text))));

-- Name: deployment_events web; Type: POLICY; Schema: public; Owner: -

CREATE POLICY web ON public.deployment_events TO promptbuilder_web USING (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text)))) WITH CHECK (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text))));

-- Name: deployments web; Type: POLICY; Schema: public; Owner: -

CREATE POLICY web ON public.deployments TO promptbuilder_web USING (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text)))) WITH CHECK (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text))));

-- Name: jobs web; Type: POLICY; Schema: public; Owner: -

CREATE POLICY web ON public.jobs TO promptbuilder_web USING (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text)))) WITH CHECK (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text))));

-- Name: model_prices web; Type: POLICY; Schema: public; Owner: -

CREATE POLICY web ON public.model_prices TO promptbuilder_web USING (((account_id IS NULL) OR (account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text))));

-- Name: outbox web; Type: POLICY; Schema: public; Owner: -

CREATE POLICY web ON public.outbox TO promptbuilder_web USING (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text)))) WITH CHECK (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text))));

-- Name: outbox_attempts web; Type: POLICY; Schema: public; Owner: -

CREATE POLICY web ON public.outbox_attempts TO promptbuilder_web USING (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text)))) WITH CHECK (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text))));

-- Name: pipeline_runs web; Type: POLICY; Schema: public; Owner: -

CREATE POLICY web ON public.pipeline_runs TO promptbuilder_web USING (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text)))) WITH CHECK (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text))));

-- Name: pipeline_steps web; Type: POLICY; Schema: public; Owner: -

CREATE POLICY web ON public.pipeline_steps TO promptbuilder_web USING (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text)))) WITH CHECK (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text))));

-- Name: prompt_versions web; Type: POLICY; Schema: public; Owner: -

CREATE POLICY web ON public.prompt_versions TO promptbuilder_web USING (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text)))) WITH CHECK (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text))));

-- Name: reporting_zones web; Type: POLICY; Schema: public; Owner: -

CREATE POLICY web ON public.reporting_zones TO promptbuilder_web USING (((account_id IS NULL) OR (account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text))));

-- Name: runners web; Type: POLICY; Schema: public; Owner: -

CREATE POLICY web ON public.runners TO promptbuilder_web USING (true);

-- Name: sessions web; Type: POLICY; Schema: public; Owner: -

CREATE POLICY web ON public.sessions TO promptbuilder_web USING (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text)))) WITH CHECK (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text))));

-- Name: sheet_orders web; Type: POLICY; Schema: public; Owner: -

CREATE POLICY web ON public.sheet_orders TO promptbuilder_web USING (( SELECT (current_setting('app.operator'::text, true) = 'on'::text))) WITH CHECK (( SELECT (current_setting('app.operator'::text, true) = 'on'::text)));

-- Name: sheet_rows web; Type: POLICY; Schema: public; Owner: -

CREATE POLICY web ON public.sheet_rows TO promptbuilder_web USING (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text)))) WITH CHECK (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text))));

-- Name: sheets web; Type: POLICY; Schema: public; Owner: -

CREATE POLICY web ON public.sheets TO promptbuilder_web USING (( SELECT (current_setting('app.operator'::text, true) = 'on'::text))) WITH CHECK (( SELECT (current_setting('app.operator'::text, true) = 'on'::text)));

-- Name: version_approvals web; Type: POLICY; Schema: public; Owner: -

CREATE POLICY web ON public.version_approvals TO promptbuilder_web USING (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text)))) WITH CHECK (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text))));

-- Name: version_moves web; Type: POLICY; Schema: public; Owner: -

CREATE POLICY web ON public.version_moves FOR SELECT TO promptbuilder_web USING (true);

-- Name: version_notes web; Type: POLICY; Schema: public; Owner: -

CREATE POLICY web ON public.version_notes TO promptbuilder_web USING (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text)))) WITH CHECK (((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text))));

-- Name: sheet_rows web_change; Type: POLICY; Schema: public; Owner: -

CREATE POLICY web_change ON public.sheet_rows AS RESTRICTIVE FOR UPDATE TO promptbuilder_web USING ((((account_id = ( SELECT (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT (current_setting('app.operator'::text, true) = 'on'::text))) AND ( SELECT (current_setting('app.operator'::text, true) = 'on'::text))));

-- Name: runners web_drain; Type: POLICY; Schema: public; Owner: -

CREATE POLICY web_drain ON public.runners AS RESTRICTIVE FOR UPDATE TO promptbuilder_web USING (( SELECT (current_setting('app.operator'::text, true) = 'on'::text)));

-- Name: claim_pause web_pause; Type: POLICY; Schema: public; Owner: -

CREATE POLICY web_pause ON public.claim_pause FOR INSERT TO promptbuilder_web WITH CHECK (( SELECT (current_setting('app.operator'::text, true) = 'on'::text)));

-- Name: claim_pause web_resume; Type: POLICY; Schema: public; Owner: -

CREATE POLICY web_resume ON public.claim_pause FOR DELETE TO promptbuilder_web USING (( SELECT (current_setting('app.operator'::text, true) = 'on'::text)));

-- Name: SCHEMA public; Type: ACL; Schema: -; Owner: -

GRANT USAGE ON SCHEMA public TO promptbuilder_web;
GRANT USAGE ON SCHEMA public TO promptbuilder_runner;

-- Name: FUNCTION account_columns(p_name text); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.account_columns(p_name text) FROM PUBLIC;

-- Name: FUNCTION account_delete(p_account_id uuid, p_by text, p_keeps_name boolean); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.account_delete(p_account_id uuid, p_by text, p_keeps_name boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION public.account_delete(p_account_id uuid, p_by text, p_keeps_name boolean) TO promptbuilder_web;

-- Name: FUNCTION account_delete_step(p_account_id uuid); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.account_delete_step(p_account_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.account_delete_step(p_account_id uuid) TO promptbuilder_runner;

-- Name: FUNCTION account_sums(p_account_id uuid); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.account_sums(p_account_id uuid) FROM PUBLIC;

-- Name: FUNCTION account_tables(); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.account_tables() FROM PUBLIC;

-- Name: FUNCTION actor_name(); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.actor_name() FROM PUBLIC;
GRANT ALL ON FUNCTION public.actor_name() TO promptbuilder_web;

-- Name: FUNCTION actor_token(); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.actor_token() FROM PUBLIC;
GRANT ALL ON FUNCTION public.actor_token() TO promptbuilder_web;

-- Name: FUNCTION audit_add(p_account_id uuid, p_action text, p_object text, p_details jsonb); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.audit_add(p_account_id uuid, p_action text, p_object text, p_details jsonb) FROM PUBLIC;

-- Name: TABLE audit_entries; Type: ACL; Schema: public; Owner: -

GRANT SELECT ON TABLE public.audit_entries TO promptbuilder_web;

-- Name: FUNCTION audit_hash(e public.audit_entries); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.audit_hash(e public.audit_entries) FROM PUBLIC;

-- Name: FUNCTION audit_refuse(); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.audit_refuse() FROM PUBLIC;

-- Name: FUNCTION audit_row(); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.audit_row() FROM PUBLIC;

-- Name: FUNCTION audit_verify(p_account_id uuid, p_head text); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.audit_verify(p_account_id uuid, p_head text) FROM PUBLIC;

-- Name: FUNCTION budget_state(p_account_id uuid, p_run_id uuid, p_at timestamp with time zone); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.budget_state(p_account_id uuid, p_run_id uuid, p_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.budget_state(p_account_id uuid, p_run_id uuid, p_at timestamp with time zone) TO promptbuilder_web;
GRANT ALL ON FUNCTION public.budget_state(p_account_id uuid, p_run_id uuid, p_at timestamp with time zone) TO promptbuilder_runner;

-- Name: TABLE cost_sums; Type: ACL; Schema: public; Owner: -

GRANT SELECT ON TABLE public.cost_sums TO promptbuilder_web;
GRANT SELECT ON TABLE public.cost_sums TO promptbuilder_runner;

-- Name: FUNCTION cost_sums_of(p_zone text, p_account_id uuid, p_from timestamp with time zone, p_to timestamp with time zone); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.cost_sums_of(p_zone text, p_account_id uuid, p_from timestamp with time zone, p_to timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.cost_sums_of(p_zone text, p_account_id uuid, p_from timestamp with time zone, p_to timestamp with time zone) TO promptbuilder_web;
GRANT ALL ON FUNCTION public.cost_sums_of(p_zone text, p_account_id uuid, p_from timestamp with time zone, p_to timestamp with time zone) TO promptbuilder_runner;

-- Name: FUNCTION counts_add(p_counts jsonb, p_more jsonb); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.counts_add(p_counts jsonb, p_more jsonb) FROM PUBLIC;

-- Name: FUNCTION day_start(p_zone text, p_day date); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.day_start(p_zone text, p_day date) FROM PUBLIC;
GRANT ALL ON FUNCTION public.day_start(p_zone text, p_day date) TO promptbuilder_web;
GRANT ALL ON FUNCTION public.day_start(p_zone text, p_day date) TO promptbuilder_runner;

-- Name: FUNCTION deployment_change(p_account_id uuid, p_assistant_id uuid, p_environment text, p_version uuid, p_reason text, p_replaces uuid, p_is_checked boolean); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.deployment_change(p_account_id uuid, p_assistant_id uuid, p_environment text, p_version uuid, p_reason text, p_replaces uuid, p_is_checked boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION public.deployment_change(p_account_id uuid, p_assistant_id uuid, p_environment text, p_version uuid, p_reason text, p_replaces uuid, p_is_checked boolean) TO promptbuilder_web;

-- Name: FUNCTION deployment_check(p_account_id uuid, p_assistant_id uuid, p_version uuid, p_needs_approval boolean); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.deployment_check(p_account_id uuid, p_assistant_id uuid, p_version uuid, p_needs_approval boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION public.deployment_check(p_account_id uuid, p_assistant_id uuid, p_version uuid, p_needs_approval boolean) TO promptbuilder_web;

-- Name: FUNCTION deployment_lock(p_account_id uuid, p_assistant_id uuid, OUT environments text[], OUT needs_approval boolean); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.deployment_lock(p_account_id uuid, p_assistant_id uuid, OUT environments text[], OUT needs_approval boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION public.deployment_lock(p_account_id uuid, p_assistant_id uuid, OUT environments text[], OUT needs_approval boolean) TO promptbuilder_web;

-- Name: FUNCTION deployment_rules(); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.deployment_rules() FROM PUBLIC;

-- Name: FUNCTION deployment_tell(); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.deployment_tell() FROM PUBLIC;

-- Name: FUNCTION deployments_end(p_account_id uuid); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.deployments_end(p_account_id uuid) FROM PUBLIC;

-- Name: FUNCTION end_token(); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.end_token() FROM PUBLIC;

-- Name: FUNCTION export_next(p_bytes integer); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.export_next(p_bytes integer) FROM PUBLIC;

-- Name: FUNCTION export_open(p_name text, p_account_id uuid, p_prices jsonb); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.export_open(p_name text, p_account_id uuid, p_prices jsonb) FROM PUBLIC;

-- Name: FUNCTION fill_step_account(); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.fill_step_account() FROM PUBLIC;
GRANT ALL ON FUNCTION public.fill_step_account() TO promptbuilder_web;
GRANT ALL ON FUNCTION public.fill_step_account() TO promptbuilder_runner;

-- Name: FUNCTION fold_cost_sums(); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.fold_cost_sums() FROM PUBLIC;
GRANT ALL ON FUNCTION public.fold_cost_sums() TO promptbuilder_runner;

-- Name: FUNCTION forget_cost_entries(); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.forget_cost_entries() FROM PUBLIC;

-- Name: FUNCTION get_next_version_number(p_assistant_id uuid); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.get_next_version_number(p_assistant_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_next_version_number(p_assistant_id uuid) TO promptbuilder_web;
GRANT ALL ON FUNCTION public.get_next_version_number(p_assistant_id uuid) TO promptbuilder_runner;

-- Name: FUNCTION import_add_prices(p_lines text, p_source text); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.import_add_prices(p_lines text, p_source text) FROM PUBLIC;

-- Name: FUNCTION import_lines(p_name text, p_columns text[], p_lines text, p_account_id uuid, p_prices jsonb, p_slug text); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.import_lines(p_name text, p_columns text[], p_lines text, p_account_id uuid, p_prices jsonb, p_slug text) FROM PUBLIC;

-- Name: FUNCTION import_list_prices(p_lines text); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.import_list_prices(p_lines text) FROM PUBLIC;

-- Name: FUNCTION import_statement(p_name text, p_columns text[]); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.import_statement(p_name text, p_columns text[]) FROM PUBLIC;

-- Name: FUNCTION import_zones(p_account_id uuid); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.import_zones(p_account_id uuid) FROM PUBLIC;

-- Name: FUNCTION is_importing(); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.is_importing() FROM PUBLIC;
GRANT ALL ON FUNCTION public.is_importing() TO promptbuilder_web;
GRANT ALL ON FUNCTION public.is_importing() TO promptbuilder_runner;

-- Name: FUNCTION keep_account_token(); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.keep_account_token() FROM PUBLIC;

-- Name: FUNCTION keep_price(); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.keep_price() FROM PUBLIC;

-- Name: FUNCTION ledger_account_lock(p_account_id uuid); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.ledger_account_lock(p_account_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.ledger_account_lock(p_account_id uuid) TO promptbuilder_web;
GRANT ALL ON FUNCTION public.ledger_account_lock(p_account_id uuid) TO promptbuilder_runner;

-- Name: FUNCTION uuid_v7(); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.uuid_v7() FROM PUBLIC;
GRANT ALL ON FUNCTION public.uuid_v7() TO promptbuilder_web;
GRANT ALL ON FUNCTION public.uuid_v7() TO promptbuilder_runner;

-- Name: TABLE cost_entries; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT ON TABLE public.cost_entries TO promptbuilder_web;
GRANT SELECT,INSERT ON TABLE public.cost_entries TO promptbuilder_runner;

-- Name: FUNCTION ledger_add(e public.cost_entries); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.ledger_add(e public.cost_entries) FROM PUBLIC;

-- Name: FUNCTION ledger_writer(p_account_id uuid); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.ledger_writer(p_account_id uuid) FROM PUBLIC;

-- Name: FUNCTION lock_budgets(p_account_ids uuid[]); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.lock_budgets(p_account_ids uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.lock_budgets(p_account_ids uuid[]) TO promptbuilder_runner;

-- Name: FUNCTION mark_account(); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.mark_account() FROM PUBLIC;

-- Name: FUNCTION mark_all_accounts(); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.mark_all_accounts() FROM PUBLIC;

-- Name: FUNCTION open_budget(); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.open_budget() FROM PUBLIC;

-- Name: FUNCTION outbox_sweep(p_keep_ms bigint); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.outbox_sweep(p_keep_ms bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.outbox_sweep(p_keep_ms bigint) TO promptbuilder_runner;

-- Name: TABLE accounts; Type: ACL; Schema: public; Owner: -

GRANT INSERT ON TABLE public.accounts TO promptbuilder_web;

-- Name: COLUMN accounts.id; Type: ACL; Schema: public; Owner: -

GRANT SELECT(id) ON TABLE public.accounts TO promptbuilder_web;
GRANT SELECT(id) ON TABLE public.accounts TO promptbuilder_runner;

-- Name: COLUMN accounts.slug; Type: ACL; Schema: public; Owner: -

GRANT SELECT(slug) ON TABLE public.accounts TO promptbuilder_web;
GRANT SELECT(slug) ON TABLE public.accounts TO promptbuilder_runner;

-- Name: COLUMN accounts.name; Type: ACL; Schema: public; Owner: -

GRANT SELECT(name) ON TABLE public.accounts TO promptbuilder_web;
GRANT SELECT(name) ON TABLE public.accounts TO promptbuilder_runner;

-- Name: COLUMN accounts.settings; Type: ACL; Schema: public; Owner: -

GRANT SELECT(settings) ON TABLE public.accounts TO promptbuilder_web;
GRANT SELECT(settings) ON TABLE public.accounts TO promptbuilder_runner;

-- Name: COLUMN accounts.created_at; Type: ACL; Schema: public; Owner: -

GRANT SELECT(created_at) ON TABLE public.accounts TO promptbuilder_web;
GRANT SELECT(created_at) ON TABLE public.accounts TO promptbuilder_runner;

-- Name: COLUMN accounts.updated_at; Type: ACL; Schema: public; Owner: -

GRANT SELECT(updated_at) ON TABLE public.accounts TO promptbuilder_web;
GRANT SELECT(updated_at) ON TABLE public.accounts TO promptbuilder_runner;

-- Name: COLUMN accounts.time_zone; Type: ACL; Schema: public; Owner: -

GRANT SELECT(time_zone) ON TABLE public.accounts TO promptbuilder_web;
GRANT SELECT(time_zone) ON TABLE public.accounts TO promptbuilder_runner;

-- Name: COLUMN accounts.weight; Type: ACL; Schema: public; Owner: -

GRANT SELECT(weight) ON TABLE public.accounts TO promptbuilder_web;
GRANT SELECT(weight) ON TABLE public.accounts TO promptbuilder_runner;

-- Name: COLUMN accounts.max_running; Type: ACL; Schema: public; Owner: -

GRANT SELECT(max_running) ON TABLE public.accounts TO promptbuilder_web;
GRANT SELECT(max_running) ON TABLE public.accounts TO promptbuilder_runner;

-- Name: COLUMN accounts.deleted_at; Type: ACL; Schema: public; Owner: -

GRANT SELECT(deleted_at) ON TABLE public.accounts TO promptbuilder_web;
GRANT SELECT(deleted_at) ON TABLE public.accounts TO promptbuilder_runner;

-- Name: COLUMN accounts.environments; Type: ACL; Schema: public; Owner: -

GRANT SELECT(environments),UPDATE(environments) ON TABLE public.accounts TO promptbuilder_web;
GRANT SELECT(environments) ON TABLE public.accounts TO promptbuilder_runner;

-- Name: COLUMN accounts.needs_approval; Type: ACL; Schema: public; Owner: -

GRANT SELECT(needs_approval),UPDATE(needs_approval) ON TABLE public.accounts TO promptbuilder_web;
GRANT SELECT(needs_approval) ON TABLE public.accounts TO promptbuilder_runner;

-- Name: FUNCTION owns_installation(); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.owns_installation() FROM PUBLIC;
GRANT ALL ON FUNCTION public.owns_installation() TO promptbuilder_web;
GRANT ALL ON FUNCTION public.owns_installation() TO promptbuilder_runner;

-- Name: TABLE model_prices; Type: ACL; Schema: public; Owner: -

GRANT SELECT ON TABLE public.model_prices TO promptbuilder_web;
GRANT SELECT ON TABLE public.model_prices TO promptbuilder_runner;

-- Name: FUNCTION price_at(p_account_id uuid, p_model text, p_at timestamp with time zone, p_prompt_tokens bigint); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.price_at(p_account_id uuid, p_model text, p_at timestamp with time zone, p_prompt_tokens bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.price_at(p_account_id uuid, p_model text, p_at timestamp with time zone, p_prompt_tokens bigint) TO promptbuilder_web;
GRANT ALL ON FUNCTION public.price_at(p_account_id uuid, p_model text, p_at timestamp with time zone, p_prompt_tokens bigint) TO promptbuilder_runner;

-- Name: FUNCTION price_ceiling(p_account_id uuid, p_model text, p_at timestamp with time zone); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.price_ceiling(p_account_id uuid, p_model text, p_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.price_ceiling(p_account_id uuid, p_model text, p_at timestamp with time zone) TO promptbuilder_web;
GRANT ALL ON FUNCTION public.price_ceiling(p_account_id uuid, p_model text, p_at timestamp with time zone) TO promptbuilder_runner;

-- Name: FUNCTION price_family(p_model text); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.price_family(p_model text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.price_family(p_model text) TO promptbuilder_web;
GRANT ALL ON FUNCTION public.price_family(p_model text) TO promptbuilder_runner;

-- Name: FUNCTION price_key(p public.model_prices); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.price_key(p public.model_prices) FROM PUBLIC;

-- Name: FUNCTION price_line(p_account_id uuid, p_model text, p_at timestamp with time zone, p_input bigint, p_output bigint, p_cache_read bigint, p_cache_write bigint, p_cache_write_1h bigint, p_usage jsonb); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.price_line(p_account_id uuid, p_model text, p_at timestamp with time zone, p_input bigint, p_output bigint, p_cache_read bigint, p_cache_write bigint, p_cache_write_1h bigint, p_usage jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.price_line(p_account_id uuid, p_model text, p_at timestamp with time zone, p_input bigint, p_output bigint, p_cache_read bigint, p_cache_write bigint, p_cache_write_1h bigint, p_usage jsonb) TO promptbuilder_web;
GRANT ALL ON FUNCTION public.price_line(p_account_id uuid, p_model text, p_at timestamp with time zone, p_input bigint, p_output bigint, p_cache_read bigint, p_cache_write bigint, p_cache_write_1h bigint, p_usage jsonb) TO promptbuilder_runner;

-- Name: FUNCTION price_multipliers(p_account_id uuid, p_model text, p_at timestamp with time zone); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.price_multipliers(p_account_id uuid, p_model text, p_at timestamp with time zone) FROM PUBLIC;

-- Name: FUNCTION prompt_asker(p_token_hash text, p_address text); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.prompt_asker(p_token_hash text, p_address text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.prompt_asker(p_token_hash text, p_address text) TO promptbuilder_web;

-- Name: FUNCTION prompt_tell(); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.prompt_tell() FROM PUBLIC;

-- Name: FUNCTION rebuild_cost_sums(p_zone text, p_account_id uuid, p_from date, p_to date); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.rebuild_cost_sums(p_zone text, p_account_id uuid, p_from date, p_to date) FROM PUBLIC;

-- Name: FUNCTION refuse_deleted_account(); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.refuse_deleted_account() FROM PUBLIC;

-- Name: FUNCTION reporting_zone(p_zone text, p_account_ids uuid[], p_from date, p_to date); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.reporting_zone(p_zone text, p_account_ids uuid[], p_from date, p_to date) FROM PUBLIC;
GRANT ALL ON FUNCTION public.reporting_zone(p_zone text, p_account_ids uuid[], p_from date, p_to date) TO promptbuilder_web;
GRANT ALL ON FUNCTION public.reporting_zone(p_zone text, p_account_ids uuid[], p_from date, p_to date) TO promptbuilder_runner;

-- Name: FUNCTION session_end(p_id_hash text); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.session_end(p_id_hash text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.session_end(p_id_hash text) TO promptbuilder_web;

-- Name: FUNCTION session_find(p_id_hash text, p_address text, p_idle_ms bigint, p_age_ms bigint); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.session_find(p_id_hash text, p_address text, p_idle_ms bigint, p_age_ms bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.session_find(p_id_hash text, p_address text, p_idle_ms bigint, p_age_ms bigint) TO promptbuilder_web;

-- Name: FUNCTION session_open(p_slug text, p_token_hash text, p_id_hash text, p_csrf text, p_address text, p_network text, p_agent text, p_idle_ms bigint, p_age_ms bigint); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.session_open(p_slug text, p_token_hash text, p_id_hash text, p_csrf text, p_address text, p_network text, p_agent text, p_idle_ms bigint, p_age_ms bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.session_open(p_slug text, p_token_hash text, p_id_hash text, p_csrf text, p_address text, p_network text, p_agent text, p_idle_ms bigint, p_age_ms bigint) TO promptbuilder_web;

-- Name: FUNCTION sheet_queue(); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.sheet_queue() FROM PUBLIC;

-- Name: FUNCTION sheet_row_id(p_pipeline_id text, p_number integer); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.sheet_row_id(p_pipeline_id text, p_number integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.sheet_row_id(p_pipeline_id text, p_number integer) TO promptbuilder_web;
GRANT ALL ON FUNCTION public.sheet_row_id(p_pipeline_id text, p_number integer) TO promptbuilder_runner;

-- Name: FUNCTION sign_in_delay(p_failures integer, p_free integer); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.sign_in_delay(p_failures integer, p_free integer) FROM PUBLIC;

-- Name: FUNCTION sign_in_failed(p_network text, p_slug text); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.sign_in_failed(p_network text, p_slug text) FROM PUBLIC;

-- Name: FUNCTION sign_in_wait(p_network text, p_slug text); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.sign_in_wait(p_network text, p_slug text) FROM PUBLIC;

-- Name: FUNCTION take_first_token(); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.take_first_token() FROM PUBLIC;

-- Name: FUNCTION tell_budgets(p_account_id uuid, p_run_id uuid, p_stopped_by uuid); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.tell_budgets(p_account_id uuid, p_run_id uuid, p_stopped_by uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.tell_budgets(p_account_id uuid, p_run_id uuid, p_stopped_by uuid) TO promptbuilder_runner;

-- Name: FUNCTION token_find(p_token_hash text, p_address text); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.token_find(p_token_hash text, p_address text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.token_find(p_token_hash text, p_address text) TO promptbuilder_web;

-- Name: FUNCTION token_used(p_token_id uuid, p_address text); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.token_used(p_token_id uuid, p_address text) FROM PUBLIC;

-- Name: FUNCTION update_pipeline_run_totals(); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.update_pipeline_run_totals() FROM PUBLIC;
GRANT ALL ON FUNCTION public.update_pipeline_run_totals() TO promptbuilder_web;
GRANT ALL ON FUNCTION public.update_pipeline_run_totals() TO promptbuilder_runner;

-- Name: FUNCTION usd_per_million(p_pico bigint); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.usd_per_million(p_pico bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.usd_per_million(p_pico bigint) TO promptbuilder_web;
GRANT ALL ON FUNCTION public.usd_per_million(p_pico bigint) TO promptbuilder_runner;

-- Name: FUNCTION version_approve(p_version uuid); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.version_approve(p_version uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.version_approve(p_version uuid) TO promptbuilder_web;

-- Name: FUNCTION version_check_move(p_from text, p_to text); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.version_check_move(p_from text, p_to text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.version_check_move(p_from text, p_to text) TO promptbuilder_web;

-- Name: FUNCTION version_gone(p_pruned_at timestamp with time zone); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.version_gone(p_pruned_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.version_gone(p_pruned_at timestamp with time zone) TO promptbuilder_web;

-- Name: FUNCTION version_guard(); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.version_guard() FROM PUBLIC;

-- Name: FUNCTION version_made(); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.version_made() FROM PUBLIC;

-- Name: FUNCTION version_move(p_version uuid, p_status text, p_revision integer); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.version_move(p_version uuid, p_status text, p_revision integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.version_move(p_version uuid, p_status text, p_revision integer) TO promptbuilder_web;

-- Name: FUNCTION version_same(p_account_id uuid, p_assistant_id uuid, p_hash text); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.version_same(p_account_id uuid, p_assistant_id uuid, p_hash text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.version_same(p_account_id uuid, p_assistant_id uuid, p_hash text) TO promptbuilder_web;
GRANT ALL ON FUNCTION public.version_same(p_account_id uuid, p_assistant_id uuid, p_hash text) TO promptbuilder_runner;

-- Name: FUNCTION versions_empty(p_account_id uuid); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.versions_empty(p_account_id uuid) FROM PUBLIC;

-- Name: FUNCTION watch_budgets(); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.watch_budgets() FROM PUBLIC;

-- Name: COLUMN access_tokens.id; Type: ACL; Schema: public; Owner: -

GRANT SELECT(id) ON TABLE public.access_tokens TO promptbuilder_web;

-- Name: COLUMN access_tokens.account_id; Type: ACL; Schema: public; Owner: -

GRANT SELECT(account_id),INSERT(account_id) ON TABLE public.access_tokens TO promptbuilder_web;

-- Name: COLUMN access_tokens.role; Type: ACL; Schema: public; Owner: -

GRANT SELECT(role),INSERT(role) ON TABLE public.access_tokens TO promptbuilder_web;

-- Name: COLUMN access_tokens.name; Type: ACL; Schema: public; Owner: -

GRANT SELECT(name),INSERT(name) ON TABLE public.access_tokens TO promptbuilder_web;

-- Name: COLUMN access_tokens.token_hash; Type: ACL; Schema: public; Owner: -

GRANT INSERT(token_hash) ON TABLE public.access_tokens TO promptbuilder_web;

-- Name: COLUMN access_tokens.created_at; Type: ACL; Schema: public; Owner: -

GRANT SELECT(created_at) ON TABLE public.access_tokens TO promptbuilder_web;

-- Name: COLUMN access_tokens.revoked_at; Type: ACL; Schema: public; Owner: -

GRANT SELECT(revoked_at),UPDATE(revoked_at) ON TABLE public.access_tokens TO promptbuilder_web;

-- Name: COLUMN access_tokens.prefix; Type: ACL; Schema: public; Owner: -

GRANT SELECT(prefix),INSERT(prefix) ON TABLE public.access_tokens TO promptbuilder_web;

-- Name: COLUMN access_tokens.created_by; Type: ACL; Schema: public; Owner: -

GRANT SELECT(created_by),INSERT(created_by) ON TABLE public.access_tokens TO promptbuilder_web;

-- Name: COLUMN access_tokens.expires_at; Type: ACL; Schema: public; Owner: -

GRANT SELECT(expires_at),INSERT(expires_at) ON TABLE public.access_tokens TO promptbuilder_web;

-- Name: COLUMN access_tokens.last_used_at; Type: ACL; Schema: public; Owner: -

GRANT SELECT(last_used_at) ON TABLE public.access_tokens TO promptbuilder_web;

-- Name: COLUMN access_tokens.last_used_from; Type: ACL; Schema: public; Owner: -

GRANT SELECT(last_used_from) ON TABLE public.access_tokens TO promptbuilder_web;

-- Name: COLUMN access_tokens.revoked_by; Type: ACL; Schema: public; Owner: -

GRANT SELECT(revoked_by),UPDATE(revoked_by) ON TABLE public.access_tokens TO promptbuilder_web;

-- Name: TABLE account_days; Type: ACL; Schema: public; Owner: -

GRANT SELECT ON TABLE public.account_days TO promptbuilder_web;
GRANT SELECT ON TABLE public.account_days TO promptbuilder_runner;

-- Name: TABLE account_deletions; Type: ACL; Schema: public; Owner: -

GRANT SELECT ON TABLE public.account_deletions TO promptbuilder_web;

-- Name: TABLE account_marks; Type: ACL; Schema: public; Owner: -

GRANT SELECT ON TABLE public.account_marks TO promptbuilder_web;
GRANT SELECT ON TABLE public.account_marks TO promptbuilder_runner;

-- Name: TABLE account_turns; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT,UPDATE ON TABLE public.account_turns TO promptbuilder_runner;

-- Name: TABLE assistants; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT,UPDATE ON TABLE public.assistants TO promptbuilder_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.assistants TO promptbuilder_runner;

-- Name: TABLE attempts; Type: ACL; Schema: public; Owner: -

GRANT SELECT ON TABLE public.attempts TO promptbuilder_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.attempts TO promptbuilder_runner;

-- Name: TABLE audit_actions; Type: ACL; Schema: public; Owner: -

GRANT SELECT ON TABLE public.audit_actions TO promptbuilder_web;

-- Name: TABLE budget_alerts; Type: ACL; Schema: public; Owner: -

GRANT SELECT ON TABLE public.budget_alerts TO promptbuilder_web;
GRANT SELECT ON TABLE public.budget_alerts TO promptbuilder_runner;

-- Name: TABLE budgets; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT ON TABLE public.budgets TO promptbuilder_web;
GRANT SELECT ON TABLE public.budgets TO promptbuilder_runner;

-- Name: COLUMN budgets.ended_at; Type: ACL; Schema: public; Owner: -

GRANT UPDATE(ended_at) ON TABLE public.budgets TO promptbuilder_web;

-- Name: COLUMN budgets.ended_by; Type: ACL; Schema: public; Owner: -

GRANT UPDATE(ended_by) ON TABLE public.budgets TO promptbuilder_web;

-- Name: TABLE claim_pause; Type: ACL; Schema: public; Owner: -

GRANT SELECT,DELETE ON TABLE public.claim_pause TO promptbuilder_web;
GRANT SELECT ON TABLE public.claim_pause TO promptbuilder_runner;

-- Name: COLUMN claim_pause.paused_by; Type: ACL; Schema: public; Owner: -

GRANT INSERT(paused_by) ON TABLE public.claim_pause TO promptbuilder_web;

-- Name: TABLE cost_days; Type: ACL; Schema: public; Owner: -

GRANT SELECT ON TABLE public.cost_days TO promptbuilder_web;
GRANT SELECT ON TABLE public.cost_days TO promptbuilder_runner;

-- Name: TABLE deployment_events; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT ON TABLE public.deployment_events TO promptbuilder_web;

-- Name: TABLE deployments; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT ON TABLE public.deployments TO promptbuilder_web;
GRANT SELECT ON TABLE public.deployments TO promptbuilder_runner;

-- Name: COLUMN deployments.prompt_version_id; Type: ACL; Schema: public; Owner: -

GRANT UPDATE(prompt_version_id) ON TABLE public.deployments TO promptbuilder_web;

-- Name: COLUMN deployments.event_id; Type: ACL; Schema: public; Owner: -

GRANT UPDATE(event_id) ON TABLE public.deployments TO promptbuilder_web;

-- Name: COLUMN deployments.deployed_at; Type: ACL; Schema: public; Owner: -

GRANT UPDATE(deployed_at) ON TABLE public.deployments TO promptbuilder_web;

-- Name: COLUMN deployments.deployed_by; Type: ACL; Schema: public; Owner: -

GRANT UPDATE(deployed_by) ON TABLE public.deployments TO promptbuilder_web;

-- Name: TABLE folded_cost_sums; Type: ACL; Schema: public; Owner: -

GRANT SELECT ON TABLE public.folded_cost_sums TO promptbuilder_web;
GRANT SELECT ON TABLE public.folded_cost_sums TO promptbuilder_runner;

-- Name: TABLE jobs; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT,UPDATE ON TABLE public.jobs TO promptbuilder_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.jobs TO promptbuilder_runner;

-- Name: TABLE outbox; Type: ACL; Schema: public; Owner: -

GRANT SELECT ON TABLE public.outbox TO promptbuilder_web;
GRANT SELECT ON TABLE public.outbox TO promptbuilder_runner;

-- Name: COLUMN outbox.state; Type: ACL; Schema: public; Owner: -

GRANT UPDATE(state) ON TABLE public.outbox TO promptbuilder_runner;
GRANT UPDATE(state) ON TABLE public.outbox TO promptbuilder_web;

-- Name: COLUMN outbox.attempts; Type: ACL; Schema: public; Owner: -

GRANT UPDATE(attempts) ON TABLE public.outbox TO promptbuilder_runner;

-- Name: COLUMN outbox.next_at; Type: ACL; Schema: public; Owner: -

GRANT UPDATE(next_at) ON TABLE public.outbox TO promptbuilder_runner;
GRANT UPDATE(next_at) ON TABLE public.outbox TO promptbuilder_web;

-- Name: COLUMN outbox.last_error; Type: ACL; Schema: public; Owner: -

GRANT UPDATE(last_error) ON TABLE public.outbox TO promptbuilder_runner;

-- Name: COLUMN outbox.ended_at; Type: ACL; Schema: public; Owner: -

GRANT UPDATE(ended_at) ON TABLE public.outbox TO promptbuilder_runner;
GRANT UPDATE(ended_at) ON TABLE public.outbox TO promptbuilder_web;

-- Name: COLUMN outbox.resent_at; Type: ACL; Schema: public; Owner: -

GRANT UPDATE(resent_at) ON TABLE public.outbox TO promptbuilder_web;

-- Name: TABLE outbox_attempts; Type: ACL; Schema: public; Owner: -

GRANT SELECT ON TABLE public.outbox_attempts TO promptbuilder_web;
GRANT SELECT,INSERT ON TABLE public.outbox_attempts TO promptbuilder_runner;

-- Name: TABLE pipeline_runs; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT,UPDATE ON TABLE public.pipeline_runs TO promptbuilder_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.pipeline_runs TO promptbuilder_runner;

-- Name: TABLE pipeline_steps; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT,UPDATE ON TABLE public.pipeline_steps TO promptbuilder_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.pipeline_steps TO promptbuilder_runner;

-- Name: TABLE prompt_versions; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT ON TABLE public.prompt_versions TO promptbuilder_web;
GRANT SELECT,INSERT ON TABLE public.prompt_versions TO promptbuilder_runner;

-- Name: COLUMN prompt_versions.final_score; Type: ACL; Schema: public; Owner: -

GRANT UPDATE(final_score) ON TABLE public.prompt_versions TO promptbuilder_runner;

-- Name: COLUMN prompt_versions.status; Type: ACL; Schema: public; Owner: -

GRANT UPDATE(status) ON TABLE public.prompt_versions TO promptbuilder_web;

-- Name: COLUMN prompt_versions.deployed_at; Type: ACL; Schema: public; Owner: -

GRANT UPDATE(deployed_at) ON TABLE public.prompt_versions TO promptbuilder_web;

-- Name: COLUMN prompt_versions.revision; Type: ACL; Schema: public; Owner: -

GRANT UPDATE(revision) ON TABLE public.prompt_versions TO promptbuilder_web;

-- Name: TABLE reporting_zones; Type: ACL; Schema: public; Owner: -

GRANT SELECT ON TABLE public.reporting_zones TO promptbuilder_web;
GRANT SELECT ON TABLE public.reporting_zones TO promptbuilder_runner;

-- Name: TABLE runners; Type: ACL; Schema: public; Owner: -

GRANT SELECT ON TABLE public.runners TO promptbuilder_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.runners TO promptbuilder_runner;

-- Name: COLUMN runners.drain_requested_at; Type: ACL; Schema: public; Owner: -

GRANT UPDATE(drain_requested_at) ON TABLE public.runners TO promptbuilder_web;

-- Name: COLUMN runners.drain_requested_by; Type: ACL; Schema: public; Owner: -

GRANT UPDATE(drain_requested_by) ON TABLE public.runners TO promptbuilder_web;

-- Name: TABLE schema_migrations; Type: ACL; Schema: public; Owner: -

GRANT SELECT ON TABLE public.schema_migrations TO promptbuilder_web;
GRANT SELECT ON TABLE public.schema_migrations TO promptbuilder_runner;

-- Name: TABLE sessions; Type: ACL; Schema: public; Owner: -

GRANT DELETE ON TABLE public.sessions TO promptbuilder_web;

-- Name: COLUMN sessions.account_id; Type: ACL; Schema: public; Owner: -

GRANT SELECT(account_id) ON TABLE public.sessions TO promptbuilder_web;

-- Name: COLUMN sessions.created_at; Type: ACL; Schema: public; Owner: -

GRANT SELECT(created_at) ON TABLE public.sessions TO promptbuilder_web;

-- Name: COLUMN sessions.seen_at; Type: ACL; Schema: public; Owner: -

GRANT SELECT(seen_at) ON TABLE public.sessions TO promptbuilder_web;

-- Name: COLUMN sessions.id; Type: ACL; Schema: public; Owner: -

GRANT SELECT(id) ON TABLE public.sessions TO promptbuilder_web;

-- Name: COLUMN sessions.token_id; Type: ACL; Schema: public; Owner: -

GRANT SELECT(token_id) ON TABLE public.sessions TO promptbuilder_web;

-- Name: COLUMN sessions.address; Type: ACL; Schema: public; Owner: -

GRANT SELECT(address) ON TABLE public.sessions TO promptbuilder_web;

-- Name: COLUMN sessions.agent; Type: ACL; Schema: public; Owner: -

GRANT SELECT(agent) ON TABLE public.sessions TO promptbuilder_web;

-- Name: TABLE sheet_orders; Type: ACL; Schema: public; Owner: -

GRANT SELECT ON TABLE public.sheet_orders TO promptbuilder_web;
GRANT SELECT,UPDATE ON TABLE public.sheet_orders TO promptbuilder_runner;

-- Name: COLUMN sheet_orders.sheet_id; Type: ACL; Schema: public; Owner: -

GRANT INSERT(sheet_id) ON TABLE public.sheet_orders TO promptbuilder_web;

-- Name: COLUMN sheet_orders.kind; Type: ACL; Schema: public; Owner: -

GRANT INSERT(kind) ON TABLE public.sheet_orders TO promptbuilder_web;

-- Name: COLUMN sheet_orders.requested_by; Type: ACL; Schema: public; Owner: -

GRANT INSERT(requested_by) ON TABLE public.sheet_orders TO promptbuilder_web;

-- Name: TABLE sheet_rows; Type: ACL; Schema: public; Owner: -

GRANT SELECT ON TABLE public.sheet_rows TO promptbuilder_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sheet_rows TO promptbuilder_runner;

-- Name: COLUMN sheet_rows.state; Type: ACL; Schema: public; Owner: -

GRANT UPDATE(state) ON TABLE public.sheet_rows TO promptbuilder_web;

-- Name: COLUMN sheet_rows.sent_at; Type: ACL; Schema: public; Owner: -

GRANT UPDATE(sent_at) ON TABLE public.sheet_rows TO promptbuilder_web;

-- Name: COLUMN sheet_rows.written_at; Type: ACL; Schema: public; Owner: -

GRANT UPDATE(written_at) ON TABLE public.sheet_rows TO promptbuilder_web;

-- Name: COLUMN sheet_rows.is_missing; Type: ACL; Schema: public; Owner: -

GRANT UPDATE(is_missing) ON TABLE public.sheet_rows TO promptbuilder_web;

-- Name: TABLE sheet_seen; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sheet_seen TO promptbuilder_runner;

-- Name: TABLE sheets; Type: ACL; Schema: public; Owner: -

GRANT SELECT ON TABLE public.sheets TO promptbuilder_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.sheets TO promptbuilder_runner;

-- Name: COLUMN sheets.next_at; Type: ACL; Schema: public; Owner: -

GRANT UPDATE(next_at) ON TABLE public.sheets TO promptbuilder_web;

-- Name: TABLE v_costs_by_assistant; Type: ACL; Schema: public; Owner: -

GRANT SELECT ON TABLE public.v_costs_by_assistant TO promptbuilder_web;
GRANT SELECT ON TABLE public.v_costs_by_assistant TO promptbuilder_runner;

-- Name: TABLE v_daily_costs_by_account; Type: ACL; Schema: public; Owner: -

GRANT SELECT ON TABLE public.v_daily_costs_by_account TO promptbuilder_web;
GRANT SELECT ON TABLE public.v_daily_costs_by_account TO promptbuilder_runner;

-- Name: TABLE v_pipeline_cost_breakdown; Type: ACL; Schema: public; Owner: -

GRANT SELECT ON TABLE public.v_pipeline_cost_breakdown TO promptbuilder_web;
GRANT SELECT ON TABLE public.v_pipeline_cost_breakdown TO promptbuilder_runner;

-- Name: TABLE version_approvals; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT ON TABLE public.version_approvals TO promptbuilder_web;

-- Name: TABLE version_moves; Type: ACL; Schema: public; Owner: -

GRANT SELECT ON TABLE public.version_moves TO promptbuilder_web;
GRANT SELECT ON TABLE public.version_moves TO promptbuilder_runner;

-- Name: TABLE version_notes; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT ON TABLE public.version_notes TO promptbuilder_web;

