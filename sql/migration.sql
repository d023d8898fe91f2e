-- migration.sql: the record of applied migrations, and the lock under which they run.

-- One migrator at a time; the lock ends with the transaction.
-- name: migration_lock
SELECT pg_advisory_xact_lock(7267442611);

-- A migration that waits behind a long reader would make everybody wait behind itself.
-- name: migration_limits
SELECT set_config('lock_timeout', '2s', true),
       set_config('statement_timeout', '0', true);

-- name: migration_state
SELECT to_regclass('schema_migrations') IS NOT NULL AS is_recorded,
       count(*) FILTER (WHERE to_regclass(name) IS NOT NULL)::int AS present,
       coalesce(string_agg(name, ', ' ORDER BY name) FILTER (WHERE to_regclass(name) IS NULL), '')
         AS absent,
       count(*)::int AS expected
  FROM unnest(ARRAY['accounts', 'assistants', 'pipeline_runs', 'pipeline_steps', 'cost_entries',
                    'prompt_versions']) AS plan_table (name);

-- name: migration_table
CREATE TABLE IF NOT EXISTS schema_migrations (
  number integer PRIMARY KEY CHECK (number > 0),
  name text NOT NULL,
  sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  applied_at timestamptz NOT NULL DEFAULT now()
);

-- name: migration_list
SELECT number, name, sha256, to_char(applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
         AS applied_at
  FROM schema_migrations
 ORDER BY number;

-- name: migration_find
SELECT number FROM schema_migrations WHERE number = $1::int;

-- name: migration_record
INSERT INTO schema_migrations (number, name, sha256)
VALUES ($1::int, $2::text, $3::text);
