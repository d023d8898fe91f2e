-- audit.sql: what row security rests on, read off the catalog: a line for each fault, none when all
-- is well. audit_test.sh plants faults and looks for them here.

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
SELECT 'table without forced row security: ' || o.relname
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
