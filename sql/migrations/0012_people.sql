-- People: named tokens with an end, a last use and a maker; sessions that are listed and ended; and
-- waits after sign-ins that failed.

-- Every token is a row here. accounts.mermaid_token_hash, which the plan knows, stays the hash of
-- an account's first member token: triggers keep the two the same, whichever is written.
ALTER TABLE access_tokens
  ADD COLUMN prefix text, -- its first characters; NULL: it came from elsewhere
  ADD COLUMN created_by text NOT NULL DEFAULT session_user,
  ADD COLUMN expires_at timestamptz, -- NULL: never
  ADD COLUMN last_used_at timestamptz, -- to the minute
  ADD COLUMN last_used_from text,
  ADD COLUMN revoked_by text;
CREATE INDEX access_tokens_account ON access_tokens (account_id, id);

-- A token that two accounts share is the older one's: a bearer names one account.
INSERT INTO access_tokens (account_id, role, name, token_hash, created_at)
SELECT a.id, 'member', a.name, a.mermaid_token_hash, a.created_at
FROM accounts a WHERE a.mermaid_token_hash IS NOT NULL
ORDER BY a.created_at, a.id
ON CONFLICT (token_hash) DO NOTHING;
DROP INDEX accounts_token;

-- Whoever is signed in signs in anew.
DROP FUNCTION session_open(text, text, text, text), session_find(text), token_access(text, text);
DELETE FROM sessions;
ALTER TABLE sessions
  DROP COLUMN role,
  DROP COLUMN name,
  DROP COLUMN token_hash,
  ADD COLUMN id uuid NOT NULL DEFAULT uuid_v7() UNIQUE, -- what lists show; it opens nothing
  ADD COLUMN token_id uuid NOT NULL REFERENCES access_tokens (id) ON DELETE CASCADE,
  ADD COLUMN address text NOT NULL, -- that it was seen from last
  ADD COLUMN agent text; -- what the browser calls itself
CREATE INDEX sessions_token ON sessions (token_id, seen_at);

-- An account's column was written: its old token ends, the new one is a row. A token that somebody
-- else has, or that was revoked, is refused: it would open nothing.
CREATE FUNCTION keep_account_token() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
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
CREATE TRIGGER tr_keep_account_token AFTER INSERT OR UPDATE OF mermaid_token_hash ON accounts
  FOR EACH ROW EXECUTE FUNCTION keep_account_token();

-- The first member token without an end becomes the account's.
CREATE FUNCTION take_first_token() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  UPDATE accounts SET mermaid_token_hash = NEW.token_hash, updated_at = now()
  WHERE id = NEW.account_id AND mermaid_token_hash IS NULL;
  RETURN NULL;
END
$$;
CREATE TRIGGER tr_take_first_token AFTER INSERT ON access_tokens
  FOR EACH ROW WHEN (NEW.role = 'member' AND NEW.expires_at IS NULL AND NEW.revoked_at IS NULL)
  EXECUTE FUNCTION take_first_token();

-- A revoked token takes its sessions along, and its account's column.
CREATE FUNCTION end_token() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  DELETE FROM sessions WHERE token_id = NEW.id;
  UPDATE accounts SET mermaid_token_hash = NULL, updated_at = now()
  WHERE id = NEW.account_id AND mermaid_token_hash = NEW.token_hash;
  RETURN NULL;
END
$$;
CREATE TRIGGER tr_end_token AFTER UPDATE OF revoked_at ON access_tokens
  FOR EACH ROW WHEN (NEW.revoked_at IS NOT NULL AND OLD.revoked_at IS NULL)
  EXECUTE FUNCTION end_token();

-- Sign-ins that failed, by the network they came from and by the slug they named, which is kept as
-- a hash: it may be a token in the wrong field. Not logged: after a crash all begin anew.
CREATE UNLOGGED TABLE sign_in_failures (
  subject text PRIMARY KEY,
  failures integer NOT NULL,
  failed_at timestamptz NOT NULL
);
CREATE INDEX sign_in_failures_old ON sign_in_failures (failed_at);

-- Seconds after a failure: 1, 2, 4, ... 60, once the free ones are used up.
CREATE FUNCTION sign_in_delay(p_failures integer, p_free integer) RETURNS integer
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public AS $$
  SELECT CASE WHEN p_failures < p_free THEN 0
    ELSE least(60, power(2, least(p_failures - p_free, 6)))::integer END
$$;

-- Seconds that this network has to wait. Five failures of its own are free, 20 of the slug. Only
-- who has failed waits for the slug, too, and never longer than a minute after that: whoever comes
-- with the right token gets in, however many others try theirs. After 15 quiet minutes all is
-- forgotten.
CREATE FUNCTION sign_in_wait(p_network text, p_slug text) RETURNS integer
LANGUAGE sql STABLE SET search_path = pg_catalog, public, public AS $$
  SELECT coalesce(max(ceil(extract(epoch FROM own.failed_at - clock_timestamp()
    + make_interval(secs => greatest(sign_in_delay(own.failures, 5),
                                     sign_in_delay(coalesce(slug.failures, 0), 20)))))), 0)::integer
  FROM sign_in_failures own
  LEFT JOIN sign_in_failures slug ON slug.subject = p_slug
    AND slug.failed_at > clock_timestamp() - interval '15 minutes'
  WHERE own.subject = p_network AND own.failed_at > clock_timestamp() - interval '15 minutes'
$$;

CREATE FUNCTION sign_in_failed(p_network text, p_slug text) RETURNS void
LANGUAGE sql VOLATILE SET search_path = pg_catalog, public, public AS $$
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

-- Opens a session for a right token, else no row; wait_s above 0: it was not even looked at. The
-- token is looked for by its hash, whatever the slug: a slug that nobody has and a wrong token take
-- the same path. Attempts of one network stand in line, so that none overtakes the count.
CREATE FUNCTION session_open(p_slug text, p_token_hash text, p_id_hash text, p_csrf text,
  p_address text, p_network text, p_agent text, p_idle_ms bigint, p_age_ms bigint)
RETURNS TABLE (wait_s integer, token_id uuid, session_id uuid, account_id uuid, account_slug text,
               account_name text, role text, name text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
#variable_conflict use_column
DECLARE
  v_network text := 'network ' || p_network;
  v_slug text := 'slug ' || encode(sha256(convert_to(p_slug, 'UTF8')), 'hex');
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
    RETURN;
  END IF;
  -- What is over goes, and of this token's all but the latest 99.
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
  RETURN NEXT;
END
$$;

-- Both ways of asking note at most once a minute that they did; who comes second does not wait for
-- the first one's note.
CREATE FUNCTION token_used(p_token_id uuid, p_address text) RETURNS void
LANGUAGE sql VOLATILE SET search_path = pg_catalog, public, public AS $$
  UPDATE access_tokens SET last_used_at = now(), last_used_from = p_address
  WHERE id = (SELECT t.id FROM access_tokens t WHERE t.id = p_token_id
                AND (t.last_used_at IS NULL OR t.last_used_at < now() - interval '1 minute')
              FOR NO KEY UPDATE SKIP LOCKED)
$$;

-- The session behind a cookie: while it is neither idle for too long nor too old, and its token is
-- still good. In PL/pgSQL, whose plans are kept: it runs with every request.
CREATE FUNCTION session_find(p_id_hash text, p_address text, p_idle_ms bigint, p_age_ms bigint)
RETURNS TABLE (token_id uuid, session_id uuid, account_id uuid, account_slug text,
               account_name text, role text, name text, csrf text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
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

-- The token of a bearer.
CREATE FUNCTION token_find(p_token_hash text, p_address text)
RETURNS TABLE (token_id uuid, account_id uuid, account_slug text, account_name text, role text,
               name text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
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

REVOKE ALL ON FUNCTION keep_account_token(), take_first_token(), end_token(),
  sign_in_delay(integer, integer), sign_in_wait(text, text), sign_in_failed(text, text),
  token_used(uuid, text), token_find(text, text), session_find(text, text, bigint, bigint),
  session_open(text, text, text, text, text, text, text, bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION token_find(text, text), session_find(text, text, bigint, bigint),
  session_open(text, text, text, text, text, text, text, bigint, bigint) TO promptbuilder_web;

-- The web sees all of a token and a session but their secrets' hashes.
GRANT SELECT (id, account_id, role, name, prefix, created_at, created_by, expires_at, last_used_at,
              last_used_from, revoked_at, revoked_by),
  INSERT (account_id, role, name, prefix, token_hash, created_by, expires_at),
  UPDATE (revoked_at, revoked_by) ON access_tokens TO promptbuilder_web;
GRANT SELECT (id, account_id, token_id, created_at, seen_at, address, agent), DELETE ON sessions
  TO promptbuilder_web;
DO $$
DECLARE
  t text;
  own_account text := 'account_id = (SELECT nullif(current_setting(''app.account_id'', true), '''')'
    '::uuid) OR (SELECT current_setting(''app.operator'', true) = ''on'')';
BEGIN
  FOREACH t IN ARRAY ARRAY['access_tokens', 'sessions'] LOOP
    EXECUTE format('CREATE POLICY web ON %I TO promptbuilder_web USING (%s) WITH CHECK (%s)',
                   t, own_account, own_account);
  END LOOP;
END
$$;
ALTER TABLE sign_in_failures ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON sign_in_failures TO CURRENT_USER USING (true) WITH CHECK (true);
