-- installation.sql: is this installation well? The checks that the page /installation, doctor and
-- the tests share.

-- What row security rests on, read off the catalog: a row for each fault, none when all is well.
-- name: installation_faults
WITH ours AS (
  SELECT c.oid, c.relname, c.relkind, c.relowner, c.reloptions, c.relacl, c.relrowsecurity,
         c.relforcerowsecurity
  FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
), programs AS (
  SELECT r.oid, r.rolname, r.rolsuper, r.rolbypassrls, r.rolcreaterole, r.rolcreatedb,
         r.rolreplication
  FROM pg_roles r WHERE r.rolname IN ('promptbuilder_web', 'promptbuilder_runner')
-- Tables that hold nothing of any account, and why everybody may read them.
), of_nobody (relname, why) AS (
  VALUES ('schema_migrations', 'names of migrations')
)
SELECT 'table without forced row security: ' || o.relname AS fault
FROM ours o
WHERE o.relkind IN ('r', 'p') AND NOT (o.relrowsecurity AND o.relforcerowsecurity)
  AND o.relname NOT IN (SELECT n.relname FROM of_nobody n)
UNION ALL
SELECT 'reasoned exception that is no table any more: ' || n.relname
FROM of_nobody n WHERE n.relname NOT IN (SELECT o.relname FROM ours o)
UNION ALL
SELECT 'reasoned exception that has accounts: ' || n.relname
FROM of_nobody n JOIN ours o USING (relname)
JOIN pg_attribute a ON a.attrelid = o.oid AND a.attname = 'account_id' AND NOT a.attisdropped
UNION ALL
SELECT 'table without a policy: ' || o.relname
FROM ours o
WHERE o.relkind IN ('r', 'p') AND o.relrowsecurity
  AND NOT EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = o.oid)
UNION ALL
-- Of tables with account_id, and of accounts, the web sees its own account's rows.
SELECT format('policy %s of %s lets the web see all', p.polname, o.relname)
FROM ours o JOIN pg_policy p ON p.polrelid = o.oid
WHERE (p.polroles = '{0}' OR 'promptbuilder_web'::regrole = ANY (p.polroles))
  AND (o.relname = 'accounts' OR EXISTS (
    SELECT 1 FROM pg_attribute a
    WHERE a.attrelid = o.oid AND a.attname = 'account_id' AND NOT a.attisdropped))
  AND (pg_get_expr(p.polqual, p.polrelid) NOT LIKE '%app.account_id%'
    OR pg_get_expr(p.polwithcheck, p.polrelid) NOT LIKE '%app.account_id%')
UNION ALL
SELECT format('policy %s of %s is for everybody', p.polname, o.relname)
FROM ours o JOIN pg_policy p ON p.polrelid = o.oid WHERE p.polroles = '{0}'
UNION ALL
SELECT 'view with its owner''s rights: ' || o.relname
FROM ours o
WHERE o.relkind = 'v' AND NOT coalesce(o.reloptions::text[] && ARRAY['security_invoker=true',
  'security_invoker=on'], false)
UNION ALL
SELECT 'materialized view, which has no row security: ' || o.relname
FROM ours o WHERE o.relkind = 'm'
UNION ALL
SELECT format('%s owns %s', p.rolname, c.relname)
FROM programs p JOIN pg_class c ON c.relowner = p.oid
UNION ALL
SELECT format('%s owns the function %s', p.rolname, f.oid::regprocedure)
FROM programs p JOIN pg_proc f ON f.proowner = p.oid
UNION ALL
SELECT format('%s owns a schema or the database', p.rolname)
FROM programs p
WHERE EXISTS (SELECT 1 FROM pg_namespace n WHERE n.nspowner = p.oid)
   OR EXISTS (SELECT 1 FROM pg_database d WHERE d.datdba = p.oid)
UNION ALL
SELECT format('%s may create in schema public', p.rolname)
FROM programs p WHERE has_schema_privilege(p.oid, 'public', 'CREATE')
UNION ALL
SELECT format('%s is a member of %s', p.rolname, m.roleid::regrole)
FROM programs p JOIN pg_auth_members m ON m.member = p.oid
UNION ALL
SELECT p.rolname || ' has an attribute that goes round row security'
FROM programs p
WHERE p.rolsuper OR p.rolbypassrls OR p.rolcreaterole OR p.rolcreatedb OR p.rolreplication
UNION ALL
SELECT 'a role is missing' WHERE (SELECT count(*) FROM programs) <> 2
UNION ALL
SELECT 'function with its owner''s rights and no search_path of its own: ' || f.oid::regprocedure
FROM pg_proc f
WHERE f.pronamespace = 'public'::regnamespace AND f.prosecdef
  AND NOT EXISTS (SELECT 1 FROM unnest(f.proconfig) AS s (setting)
                  WHERE s.setting LIKE 'search_path=pg\_catalog%')
UNION ALL
SELECT 'function with its owner''s rights that everybody may call: ' || f.oid::regprocedure
FROM pg_proc f
WHERE f.pronamespace = 'public'::regnamespace AND f.prosecdef
  AND (f.proacl IS NULL OR EXISTS (SELECT 1 FROM aclexplode(f.proacl) AS x WHERE x.grantee = 0))
UNION ALL
SELECT format('everybody may %s %s', lower(x.privilege_type), o.relname)
FROM ours o CROSS JOIN LATERAL aclexplode(o.relacl) AS x WHERE x.grantee = 0
UNION ALL
-- Hashes of secrets leave through functions only.
SELECT format('%s may read %s.%s', p.rolname, s.relname, s.attname)
FROM programs p CROSS JOIN (VALUES ('accounts', 'mermaid_token_hash'),
  ('access_tokens', 'token_hash'), ('sessions', 'id_hash'), ('sessions', 'csrf')) AS s (relname,
  attname)
WHERE has_column_privilege(p.oid, ('public.' || s.relname)::regclass, s.attname, 'SELECT')
UNION ALL
SELECT format('foreign key %s of %s leaves out the account', k.conname, o.relname)
FROM ours o JOIN pg_constraint k ON k.conrelid = o.oid AND k.contype = 'f'
JOIN ours t ON t.oid = k.confrelid
WHERE t.relname <> 'accounts'
  AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname = 'account_id'
                AND a.attnotnull AND NOT a.attisdropped)
  AND NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = t.oid
                    AND a.attname = 'account_id' AND a.attnum = ANY (k.confkey))
ORDER BY 1;

-- What the database knows, a row for each check: check, state (ok, warn, bad), what was found, the
-- remedy (not for ok), and the page where it is seen or done.
-- name: installation_checks
WITH state AS (
  SELECT current_setting('server_version_num')::integer AS version_num,
         current_setting('server_version') AS version,
         (SELECT x.ssl FROM pg_stat_ssl x WHERE x.pid = pg_backend_pid()) AS is_tls,
         inet_client_addr() AS address,
         (SELECT count(*) FROM runners r WHERE r.lease_until > now() AND NOT r.draining) AS runners,
         (SELECT string_agg(DISTINCT r.version, ', ') FROM runners r WHERE r.lease_until > now())
           AS runner_versions,
         (SELECT count(*) FROM jobs j WHERE j.state = 'queued') AS queued,
         (SELECT count(*) FROM jobs j WHERE j.state = 'running' AND NOT EXISTS (
            SELECT 1 FROM runners r WHERE r.id = j.runner_id
              AND r.lease_until > now() - interval '2 minutes')) AS orphans,
         (SELECT p.paused_by FROM claim_pause p) AS paused_by,
         (SELECT coalesce(sum(d.unpriced_calls), 0) FROM account_days d
          WHERE d.zone = 'UTC' AND d.day > (now() AT TIME ZONE 'UTC')::date - 30
            AND d.unpriced_calls <> 0) AS unpriced,
         (SELECT EXISTS (SELECT 1 FROM price_at(NULL, $1::text, now()))) AS is_priced,
         (SELECT count(*) FROM account_deletions d WHERE d.completed_at IS NULL
            AND d.requested_at < now() - interval '1 hour') AS deletions,
         (SELECT count(*) FROM audit_entries e WHERE e.action = 'session.refuse'
            AND e.at > now() - interval '24 hours') AS refused,
         (SELECT count(*) FROM sessions s WHERE s.created_at < now() - interval '30 days')
           AS old_sessions,
         current_setting('archive_mode') AS archive_mode,
         (SELECT b.last_archived_time FROM pg_stat_archiver b) AS archived_at
), token AS (
  SELECT count(*) FILTER (WHERE t.role = 'operator') AS operators,
         count(*) FILTER (WHERE t.expires_at IS NULL) AS endless,
         count(*) FILTER (WHERE coalesce(t.last_used_at, t.created_at) < now() - interval '90 days')
           AS unused
  FROM access_tokens t
  WHERE t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())
), event AS (
  SELECT count(*) FILTER (WHERE o.state = 'failed' AND o.ended_at > now() - interval '7 days')
           AS failed,
         count(*) FILTER (WHERE o.state = 'pending' AND o.attempts > 2) AS late,
         (array_agg(o.last_error ORDER BY o.next_at DESC)
            FILTER (WHERE o.last_error IS NOT NULL))[1] AS last_error
  FROM outbox o
), sheet AS (
  SELECT g.id, g.problem, g.last_written_at,
         EXISTS (SELECT 1 FROM runners w WHERE w.sheet_id = g.id AND w.lease_until > now())
           AS has_runner,
         count(r.sheet_id) AS waiting, min(r.created_at) < now() - interval '1 hour' AS is_late,
         (SELECT count(*) FROM sheet_rows m WHERE m.sheet_id = g.id AND m.is_missing) AS missing
  FROM sheets g LEFT JOIN sheet_rows r ON r.sheet_id = g.id AND r.state <> 'written'
  WHERE g.is_on
  GROUP BY g.id
)
SELECT c."check", c.state, c.found, CASE WHEN c.state <> 'ok' THEN c.remedy END AS remedy, c.link
FROM state s CROSS JOIN token t CROSS JOIN event v LEFT JOIN sheet h ON true
CROSS JOIN LATERAL (VALUES
  ('PostgreSQL', CASE WHEN s.version_num >= 150000 THEN 'ok' ELSE 'bad' END,
   'version ' || s.version, 'Move to PostgreSQL 15 or later.', NULL),
  ('Way to the database', CASE WHEN s.address IS NULL OR s.is_tls
     OR s.address <<= '127.0.0.0/8' OR s.address = '::1' THEN 'ok' ELSE 'warn' END,
   CASE WHEN s.is_tls THEN 'encrypted' WHEN s.address IS NULL THEN 'a local socket'
     WHEN s.address <<= '127.0.0.0/8' OR s.address = '::1' THEN 'this machine'
     ELSE 'not encrypted, over the network' END,
   'Add sslmode=verify-full to DATABASE_URL.', NULL),
  ('Runners', CASE WHEN s.runners > 0 THEN 'ok' WHEN s.queued > 0 THEN 'bad' ELSE 'warn' END,
   CASE WHEN s.runners > 0 THEN format('alive: %s, version %s', s.runners, s.runner_versions)
     ELSE format('none is alive; runs that wait: %s', s.queued) END,
   'Start promptbuilder-runner; its log says why it stopped.', '/runners'),
  ('Claims', CASE WHEN s.paused_by IS NULL THEN 'ok' ELSE 'warn' END,
   coalesce('paused by ' || s.paused_by, 'not paused'), 'Resume them.', '/runners'),
  ('Runs of lost runners', CASE WHEN s.orphans = 0 THEN 'ok' ELSE 'warn' END,
   'runs: ' || s.orphans, 'Start a runner: it takes them back.', '/runners'),
  ('Unpriced calls of 30 days', CASE WHEN s.unpriced = 0 THEN 'ok' ELSE 'warn' END, 'calls: ' || s.unpriced,
   'Record the prices, then run "promptbuilder prices reprice".', '/prices'),
  ('Default model', CASE WHEN s.is_priced THEN 'ok' ELSE 'warn' END,
   $1::text || CASE WHEN s.is_priced THEN ' has a price' ELSE ' has no price' END,
   'Record its price with "promptbuilder prices set".', '/prices'),
  ('Operators', CASE WHEN t.operators > 0 THEN 'ok' ELSE 'warn' END, 'tokens: ' || t.operators,
   'Make one with "promptbuilder token operator".', '/tokens'),
  ('Tokens without an end', CASE WHEN t.endless = 0 THEN 'ok' ELSE 'warn' END,
   'tokens: ' || t.endless, 'Make new ones that are good for some days, and revoke these.',
   '/tokens'),
  ('Tokens unused for 90 days', CASE WHEN t.unused = 0 THEN 'ok' ELSE 'warn' END,
   'tokens: ' || t.unused, 'Revoke those that nobody needs.', '/tokens'),
  ('Sessions older than 30 days', CASE WHEN s.old_sessions = 0 THEN 'ok' ELSE 'warn' END,
   'sessions: ' || s.old_sessions, 'Lower PROMPTBUILDER_SESSION_AGE_MS, or revoke their tokens.',
   '/tokens'),
  ('Refused sign-ins of 24 hours', CASE WHEN s.refused < 100 THEN 'ok' ELSE 'warn' END,
   'sign-ins: ' || s.refused, 'Look where they come from, and block that in nginx.',
   '/audit?action=session.refuse'),
  ('Deletions of accounts', CASE WHEN s.deletions = 0 THEN 'ok' ELSE 'warn' END,
   'begun more than an hour ago and not ended: ' || s.deletions,
   'Start a runner, or run "promptbuilder account delete" again.', '/audit?action=account.delete'),
  ('Events for the webhook', CASE WHEN NOT $2::boolean OR v.failed + v.late = 0 THEN 'ok'
     ELSE 'warn' END,
   CASE WHEN NOT $2 THEN 'no webhook is set'
     ELSE format('given up in 7 days: %s, late: %s; the last time: %s',
       v.failed, v.late, coalesce(v.last_error, 'accepted')) END,
   'Look at the webhook: it must answer with a status of 2xx.', NULL),
  ('Google Sheets', CASE WHEN h.id IS NULL OR h.problem IS NULL AND h.has_runner
     AND h.is_late IS NOT TRUE AND h.missing = 0 THEN 'ok' ELSE 'warn' END,
   CASE WHEN h.id IS NULL THEN 'off' ELSE format('rows that wait: %s, missing: %s; the last one: %s',
     h.waiting, h.missing, coalesce(to_char(h.last_written_at AT TIME ZONE 'UTC',
     'YYYY-MM-DD HH24:MI"Z"'), 'none')) END,
   coalesce(h.problem, CASE WHEN NOT h.has_runner THEN 'Start a runner with GOOGLE_SHEETS_ID set.'
     WHEN h.missing > 0 THEN 'Write the missing rows.' ELSE 'See what holds the rows up.' END),
   '/settings/sheets'),
  ('Backups', CASE WHEN s.archive_mode <> 'off' AND s.archived_at > now() - interval '1 day'
     THEN 'ok' ELSE 'warn' END,
   CASE WHEN s.archive_mode = 'off' THEN 'none that this server knows of'
     ELSE 'the last archived segment: '
       || coalesce(to_char(s.archived_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI"Z"'), 'none') END,
   'See to backups of the database, and try to restore one.', NULL)
) AS c ("check", state, found, remedy, link);
