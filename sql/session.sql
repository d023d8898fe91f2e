-- session.sql: who asks: sessions of browsers, bearers of the API, and whether the database lives.

-- name: session_open
SELECT o.wait_s, o.token_id, o.session_id, o.account_id, o.account_slug, o.account_name, o.role,
       o.name
FROM session_open($1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text, $8::bigint,
                  $9::bigint) AS o;

-- Both ways of asking give the rest of their transaction the scope of whom they find, as scope.sql
-- does: a page's stamp rides along. It gets one plan for any parameter, by indexes: of a table that
-- has just grown the planner would rather read it all.
-- name: session_find
SELECT f.token_id, f.session_id, f.account_id, f.account_slug, f.account_name, f.role, f.name,
       f.csrf,
       set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO', true),
       set_config('app.account_id', coalesce(f.account_id::text, ''), true),
       set_config('app.operator', CASE f.role WHEN 'operator' THEN 'on' ELSE 'off' END, true),
       set_config('plan_cache_mode', 'force_generic_plan', true),
       set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)
FROM session_find($1::text, $2::text, $3::bigint, $4::bigint) AS f;

-- name: session_end
SELECT session_end($1::text);

-- name: session_bearer
SELECT t.token_id, t.account_id, t.account_slug, t.account_name, t.role, t.name,
       set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO', true),
       set_config('app.account_id', coalesce(t.account_id::text, ''), true),
       set_config('app.operator', CASE t.role WHEN 'operator' THEN 'on' ELSE 'off' END, true),
       set_config('plan_cache_mode', 'force_generic_plan', true),
       set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)
FROM token_find($1::text, $2::text) AS t;

-- Why row security would not hold for whoever asks here; null: it does.
-- name: session_safe
SELECT r.rolname::text AS role, CASE
    WHEN r.rolsuper THEN 'is a superuser'
    WHEN r.rolbypassrls THEN 'has BYPASSRLS'
    WHEN r.rolcreaterole THEN 'may make roles'
    WHEN EXISTS (SELECT 1 FROM pg_class c WHERE c.relowner = r.oid) THEN 'owns tables'
    WHEN EXISTS (SELECT 1 FROM pg_auth_members m WHERE m.member = r.oid)
      THEN 'is a member of another role' END AS fault
FROM pg_roles r WHERE r.rolname = current_user;

-- Runners count while their lease lives.
-- name: session_ready
SELECT count(r.id) AS runners
FROM runners AS r
WHERE r.lease_until > now() AND NOT r.draining;
