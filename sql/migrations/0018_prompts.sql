-- Prompts: what the web keeps of prompts and of who may read them is told to be old when it is.

-- Who asks with a token, and for how many milliseconds more that token is valid; NULL: for ever.
CREATE FUNCTION prompt_asker(p_token_hash text, p_address text)
RETURNS TABLE (token_id uuid, account_id uuid, account_slug text, account_name text, role text,
  name text, left_ms bigint)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT f.token_id, f.account_id, f.account_slug, f.account_name, f.role, f.name,
    (SELECT ceil(extract(epoch FROM t.expires_at - now()) * 1000)::bigint
     FROM access_tokens t WHERE t.id = f.token_id)
  FROM token_find(p_token_hash, p_address) AS f
$$;

-- The channel of deployments carries the id of what has changed: of an assistant whose deployment,
-- name or external id is another one, of an account, or of a token.
CREATE FUNCTION prompt_tell() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  PERFORM pg_notify('promptbuilder_deployments', OLD.id::text);
  RETURN NULL;
END
$$;
CREATE TRIGGER tr_tell_prompt AFTER UPDATE OF slug, name, environments, deleted_at OR DELETE
  ON accounts FOR EACH ROW EXECUTE FUNCTION prompt_tell();
CREATE TRIGGER tr_tell_prompt AFTER UPDATE OF external_id, name OR DELETE
  ON assistants FOR EACH ROW EXECUTE FUNCTION prompt_tell();
CREATE TRIGGER tr_tell_prompt AFTER UPDATE OF role, token_hash, revoked_at, expires_at OR DELETE
  ON access_tokens FOR EACH ROW EXECUTE FUNCTION prompt_tell();

REVOKE ALL ON FUNCTION prompt_asker(text, text), prompt_tell() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION prompt_asker(text, text) TO promptbuilder_web;
