-- after.sql: what a dump does not say of this installation, and what it must not be. psql has set
-- :newest, the number of the last migration that this version knows.
SELECT set_config('search_path', 'pg_catalog, public', true),
       set_config('app.newest', :'newest', true);

DO $$
DECLARE
  newest integer;
  t record;
BEGIN
  SELECT max(m.number) INTO newest FROM schema_migrations m;
  IF newest > current_setting('app.newest')::integer THEN
    RAISE EXCEPTION 'the dump has migration %, which this version does not know: %', newest,
      'update promptbuilder first';
  END IF;
  -- The owner here is whoever restores.
  FOR t IN
    SELECT c.oid::regclass AS name FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relrowsecurity
  LOOP
    EXECUTE format('CREATE POLICY owner ON %s TO CURRENT_USER USING (true) WITH CHECK (true)',
                   t.name);
  END LOOP;
END
$$;
