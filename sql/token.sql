-- token.sql: named tokens: who may ask, until when, and when they last did.

-- Of account $1 or of all that the caller may see, the newest first, after $2; $3: not only those
-- that are good.
-- name: token_list
SELECT t.id, a.slug AS account_slug, a.name AS account_name, t.role, t.name, t.prefix,
       CASE WHEN t.revoked_at IS NOT NULL THEN 'revoked' WHEN t.expires_at <= now() THEN 'expired'
         ELSE 'active' END AS state,
       t.created_at, t.created_by, t.expires_at, t.last_used_at, t.last_used_from, t.revoked_at,
       t.revoked_by
FROM access_tokens t LEFT JOIN accounts a ON a.id = t.account_id
WHERE ($1::uuid IS NULL OR t.account_id = $1::uuid) AND ($2::uuid IS NULL OR t.id < $2::uuid)
  AND ($3::boolean OR (t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())))
ORDER BY t.id DESC
LIMIT $4::bigint;

-- name: token_get
SELECT t.id, a.slug AS account_slug, a.name AS account_name, t.role, t.name, t.prefix,
       CASE WHEN t.revoked_at IS NOT NULL THEN 'revoked' WHEN t.expires_at <= now() THEN 'expired'
         ELSE 'active' END AS state,
       t.created_at, t.created_by, t.expires_at, t.last_used_at, t.last_used_from, t.revoked_at,
       t.revoked_by, (SELECT count(*) FROM sessions s WHERE s.token_id = t.id) AS sessions
FROM access_tokens t LEFT JOIN accounts a ON a.id = t.account_id
WHERE t.id = $1::uuid;

-- A token that is known already, revoked or not, is not taken again. $3: NULL for the account's own
-- name; $7: days it is good for.
-- name: token_add
INSERT INTO access_tokens (account_id, role, name, token_hash, prefix, created_by, expires_at)
SELECT $1::uuid, $2::text,
       coalesce($3::text, (SELECT a.name FROM accounts a WHERE a.id = $1::uuid)), $4::text,
       $5::text, $6::text, now() + $7::integer * interval '24 hours'
ON CONFLICT DO NOTHING
RETURNING id;

-- name: token_revoke
UPDATE access_tokens SET revoked_at = clock_timestamp(), revoked_by = $2::text
WHERE id = $1::uuid AND revoked_at IS NULL
RETURNING id;

-- The sessions of token $1; $2 is the one that asks, NULL for a bearer.
-- name: token_sessions
SELECT s.id, s.created_at, s.seen_at, s.address, s.agent,
       coalesce(s.id = $2::uuid, false) AS is_current
FROM sessions s
WHERE s.token_id = $1::uuid AND s.seen_at > now() - $3::bigint * interval '1 millisecond'
  AND s.created_at > now() - $4::bigint * interval '1 millisecond'
ORDER BY s.seen_at DESC, s.id DESC;

-- name: token_session_end
DELETE FROM sessions s WHERE s.token_id = $1::uuid AND s.id = $2::uuid RETURNING s.id;

-- name: token_sessions_end
DELETE FROM sessions s WHERE s.token_id = $1::uuid AND ($2::uuid IS NULL OR s.id <> $2::uuid)
RETURNING s.id;
