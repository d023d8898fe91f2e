-- dump.sql: what is known of a database before it is dumped, and before a dump is restored into it.

-- The server's version, and tables of which row security hides rows from whoever asks.
-- name: dump_source
SELECT current_setting('server_version_num')::integer AS version,
       (SELECT string_agg(c.relname, ', ' ORDER BY c.relname)
        FROM pg_class c JOIN pg_roles r ON r.rolname = current_user
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
          AND c.relrowsecurity AND NOT r.rolsuper AND NOT r.rolbypassrls
          AND NOT EXISTS (
            SELECT 1 FROM pg_policy p
            WHERE p.polrelid = c.oid AND p.polpermissive AND p.polcmd IN ('*', 'r')
              AND r.oid = ANY (p.polroles) AND pg_get_expr(p.polqual, p.polrelid) = 'true'))
         AS blind;

-- name: dump_schema
SELECT max(m.number) AS schema FROM schema_migrations m;

-- Whether there is anything in it.
-- name: dump_target
WITH object (name) AS (
  SELECT c.oid::regclass::text FROM pg_class c
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
  UNION ALL
  SELECT f.oid::regprocedure::text FROM pg_proc f
  WHERE f.pronamespace = 'public'::regnamespace AND NOT EXISTS (
    SELECT 1 FROM pg_depend d WHERE d.objid = f.oid AND d.deptype = 'e')
)
SELECT current_setting('server_version_num')::integer AS version, current_database() AS name,
       count(*) AS objects, min(o.name) AS object
FROM object o;
