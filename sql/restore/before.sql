-- before.sql: what a dump takes for granted: the roles of the programs, as migrations make them.
DO $$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['promptbuilder_web', 'promptbuilder_runner'] LOOP
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = wanted) THEN
      EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT', wanted);
      EXECUTE format('ALTER ROLE %I SET statement_timeout = %L', wanted,
                     CASE wanted WHEN 'promptbuilder_web' THEN '10s' ELSE '60s' END);
      EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = %L', wanted, '30s');
    END IF;
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
      EXECUTE format('GRANT %I TO CURRENT_USER', wanted);
    END IF;
  END LOOP;
END
$$;
