-- Who may see what. The web and the runner work as roles that own nothing; row security is
-- forced and reads app.account_id and app.operator, set locally in each transaction.

-- Operators' tokens, and further tokens of accounts. accounts.mermaid_token_hash stays the
-- account's first member token. Only SHA-256 of the token is stored.
CREATE TABLE access_tokens (
  id uuid PRIMARY KEY DEFAULT uuid_v7(),
  account_id uuid REFERENCES accounts (id) ON DELETE CASCADE,
  role text NOT NULL CHECK (role IN ('operator', 'member', 'viewer')),
  name text NOT NULL,
  token_hash text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now(),
  revoked_at timestamptz,
  CHECK ((role = 'operator') = (account_id IS NULL))
);

CREATE TABLE sessions (
  id_hash text PRIMARY KEY,
  account_id uuid REFERENCES accounts (id) ON DELETE CASCADE,
  role text NOT NULL CHECK (role IN ('operator', 'member', 'viewer')),
  name text NOT NULL,
  token_hash text NOT NULL,
  csrf text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  seen_at timestamptz NOT NULL DEFAULT now(),
  CHECK ((role = 'operator') = (account_id IS NULL))
);
CREATE INDEX sessions_seen ON sessions (seen_at);

DO $$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['promptbuilder_web', 'promptbuilder_runner'] LOOP
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = wanted) THEN
      EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT', wanted);
    END IF;
    -- Lets an owner that is not a superuser take the role on inside a transaction.
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
      EXECUTE format('GRANT %I TO CURRENT_USER', wanted);
    END IF;
  END LOOP;
END
$$;
ALTER ROLE promptbuilder_web SET statement_timeout = '10s';
ALTER ROLE promptbuilder_web SET idle_in_transaction_session_timeout = '30s';
ALTER ROLE promptbuilder_runner SET statement_timeout = '60s';
ALTER ROLE promptbuilder_runner SET idle_in_transaction_session_timeout = '30s';

-- Nobody but the named roles reads anything; hosted databases know two public roles.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;
DO $$
DECLARE
  public_role text;
BEGIN
  FOR public_role IN SELECT rolname FROM pg_roles WHERE rolname IN ('anon', 'authenticated') LOOP
    EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA public FROM %I', public_role);
    EXECUTE format('REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM %I', public_role);
  END LOOP;
END
$$;

GRANT USAGE ON SCHEMA public TO promptbuilder_web, promptbuilder_runner;
GRANT EXECUTE ON FUNCTION uuid_v7(), price_at(uuid, text, timestamptz),
  get_next_version_number(uuid), update_pipeline_run_totals(), fill_step_account()
  TO promptbuilder_web, promptbuilder_runner;
GRANT SELECT (id, slug, name, settings, created_at, updated_at) ON accounts
  TO promptbuilder_web, promptbuilder_runner;
GRANT SELECT ON schema_migrations TO promptbuilder_web, promptbuilder_runner;
GRANT SELECT ON assistants, pipeline_runs, pipeline_steps, cost_entries, prompt_versions,
  attempts, jobs, runners, model_prices, v_pipeline_cost_breakdown, v_daily_costs_by_account,
  v_costs_by_assistant TO promptbuilder_web, promptbuilder_runner;
GRANT INSERT, UPDATE ON assistants, pipeline_runs, pipeline_steps, jobs
  TO promptbuilder_web, promptbuilder_runner;
GRANT UPDATE (status, deployed_at) ON prompt_versions TO promptbuilder_web;
GRANT INSERT ON accounts TO promptbuilder_web;
GRANT INSERT ON prompt_versions, cost_entries, attempts TO promptbuilder_runner;
GRANT UPDATE ON attempts TO promptbuilder_runner;
GRANT INSERT, UPDATE, DELETE ON runners TO promptbuilder_runner;

DROP POLICY "Service role has full access to accounts" ON accounts;
DROP POLICY "Service role has full access to assistants" ON assistants;
DROP POLICY "Service role has full access to pipeline_runs" ON pipeline_runs;
DROP POLICY "Service role has full access to pipeline_steps" ON pipeline_steps;
DROP POLICY "Service role has full access to cost_entries" ON cost_entries;
DROP POLICY "Service role has full access to prompt_versions" ON prompt_versions;

DO $$
DECLARE
  t text;
  key text;
  own_account text;
BEGIN
  FOREACH t IN ARRAY ARRAY['accounts', 'assistants', 'pipeline_runs', 'pipeline_steps',
                           'cost_entries', 'prompt_versions', 'attempts', 'jobs'] LOOP
    key := CASE t WHEN 'accounts' THEN 'id' ELSE 'account_id' END;
    own_account := format(
      '%I = (SELECT nullif(current_setting(''app.account_id'', true), '''')::uuid)'
      ' OR (SELECT current_setting(''app.operator'', true) = ''on'')', key);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY runner ON %I TO promptbuilder_runner'
                   ' USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY web ON %I TO promptbuilder_web USING (%s) WITH CHECK (%s)',
                   t, own_account, own_account);
  END LOOP;
END
$$;

-- List prices are for everybody, an override only for its account.
ALTER TABLE model_prices ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON model_prices TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY runner ON model_prices TO promptbuilder_runner USING (true);
CREATE POLICY web ON model_prices TO promptbuilder_web USING (
  account_id IS NULL
  OR account_id = (SELECT nullif(current_setting('app.account_id', true), '')::uuid)
  OR (SELECT current_setting('app.operator', true) = 'on'));

-- Runners carry nothing of any account; tokens and sessions are reached through functions only.
ALTER TABLE runners ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON runners TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY runner ON runners TO promptbuilder_runner USING (true) WITH CHECK (true);
CREATE POLICY web ON runners TO promptbuilder_web USING (true);
ALTER TABLE access_tokens ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON access_tokens TO CURRENT_USER USING (true) WITH CHECK (true);
ALTER TABLE sessions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON sessions TO CURRENT_USER USING (true) WITH CHECK (true);

-- Whose token is this? p_slug NULL: a bearer; 'operator': an operator's; else that account's.
-- In PL/pgSQL, whose plans are kept: it runs with every request of the API.
CREATE FUNCTION token_access(p_slug text, p_token_hash text)
RETURNS TABLE (account_id uuid, account_slug text, account_name text, role text, name text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT a.id, a.slug, a.name, 'member', a.name
  FROM public.accounts a
  WHERE a.mermaid_token_hash = p_token_hash AND (p_slug IS NULL OR a.slug = p_slug);
  IF FOUND THEN
    RETURN;
  END IF;
  RETURN QUERY
  SELECT t.account_id, a.slug, a.name, t.role, t.name
  FROM public.access_tokens t LEFT JOIN public.accounts a ON a.id = t.account_id
  WHERE t.token_hash = p_token_hash AND t.revoked_at IS NULL
    AND (p_slug IS NULL OR p_slug = coalesce(a.slug, 'operator'));
END
$$;
CREATE INDEX accounts_token ON accounts (mermaid_token_hash) WHERE mermaid_token_hash IS NOT NULL;

-- Opens a session for a right token; no row otherwise. Old sessions are swept on the way.
CREATE FUNCTION session_open(p_slug text, p_token_hash text, p_id_hash text, p_csrf text)
RETURNS TABLE (account_id uuid, account_slug text, account_name text, role text, name text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
#variable_conflict use_column
BEGIN
  DELETE FROM public.sessions
  WHERE seen_at < now() - interval '14 days' OR created_at < now() - interval '90 days';
  INSERT INTO public.sessions (id_hash, account_id, role, name, token_hash, csrf)
  SELECT p_id_hash, t.account_id, t.role, t.name, p_token_hash, p_csrf
  FROM public.token_access(p_slug, p_token_hash) AS t;
  RETURN QUERY SELECT t.account_id, t.account_slug, t.account_name, t.role, t.name
  FROM public.token_access(p_slug, p_token_hash) AS t;
END
$$;

-- The session behind a cookie: idle at most 14 days, 90 days in all, and only while its token
-- is still good.
CREATE FUNCTION session_find(p_id_hash text)
RETURNS TABLE (account_id uuid, account_slug text, account_name text, role text, name text,
               csrf text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
#variable_conflict use_column
BEGIN
  UPDATE public.sessions SET seen_at = now()
  WHERE id_hash = p_id_hash AND seen_at < now() - interval '5 minutes'
    AND seen_at > now() - interval '14 days';
  RETURN QUERY
  SELECT s.account_id, a.slug, a.name, s.role, s.name, s.csrf
  FROM public.sessions s LEFT JOIN public.accounts a ON a.id = s.account_id
  WHERE s.id_hash = p_id_hash AND s.seen_at > now() - interval '14 days'
    AND s.created_at > now() - interval '90 days'
    AND (a.mermaid_token_hash = s.token_hash
         OR EXISTS (SELECT 1 FROM public.access_tokens t
                    WHERE t.token_hash = s.token_hash AND t.revoked_at IS NULL));
END
$$;

CREATE FUNCTION session_end(p_id_hash text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  DELETE FROM public.sessions WHERE id_hash = p_id_hash
$$;

REVOKE ALL ON FUNCTION token_access(text, text), session_open(text, text, text, text),
  session_find(text), session_end(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION token_access(text, text), session_open(text, text, text, text),
  session_find(text), session_end(text) TO promptbuilder_web;
