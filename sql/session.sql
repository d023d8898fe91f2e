-- session.sql: who asks: sessions of browsers, bearers of the API, and whether the database lives.

-- name: session_open
SELECT o.account_id, o.account_slug, o.account_name, o.role, o.name
FROM session_open($1::text, $2::text, $3::text, $4::text) AS o;

-- name: session_find
SELECT f.account_id, f.account_slug, f.account_name, f.role, f.name, f.csrf
FROM session_find($1::text) AS f;

-- name: session_end
SELECT session_end($1::text);

-- name: session_bearer
SELECT t.account_id, t.account_slug, t.account_name, t.role, t.name
FROM token_access(NULL, $1::text) AS t;

-- Runners count while their lease lives.
-- name: session_ready
SELECT count(r.id) AS runners
FROM runners AS r
WHERE r.lease_until > now() AND NOT r.draining;
