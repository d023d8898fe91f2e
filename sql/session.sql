-- session.sql: who asks: sessions of browsers, bearers of the API, and whether the database lives.

-- name: session_open
SELECT o.account_id, o.account_slug, o.account_name, o.role, o.name
FROM session_open($1::text, $2::text, $3::text, $4::text) AS o;

-- Both ways of asking give the rest of their transaction the scope of whom they find, as scope.sql
-- does: a page's stamp rides along. It gets one plan for any parameter, by indexes: of a table that
-- has just grown the planner would rather read it all.
-- name: session_find
SELECT f.account_id, f.account_slug, f.account_name, f.role, f.name, f.csrf,
       set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO', true),
       set_config('app.account_id', coalesce(f.account_id::text, ''), true),
       set_config('app.operator', CASE f.role WHEN 'operator' THEN 'on' ELSE 'off' END, true),
       set_config('plan_cache_mode', 'force_generic_plan', true),
       set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)
FROM session_find($1::text) AS f;

-- name: session_end
SELECT session_end($1::text);

-- name: session_bearer
SELECT t.account_id, t.account_slug, t.account_name, t.role, t.name,
       set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO', true),
       set_config('app.account_id', coalesce(t.account_id::text, ''), true),
       set_config('app.operator', CASE t.role WHEN 'operator' THEN 'on' ELSE 'off' END, true),
       set_config('plan_cache_mode', 'force_generic_plan', true),
       set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)
FROM token_access(NULL, $1::text) AS t;

-- Runners count while their lease lives.
-- name: session_ready
SELECT count(r.id) AS runners
FROM runners AS r
WHERE r.lease_until > now() AND NOT r.draining;
