-- export.sql: an account as files, and back. The functions are those of migration 0019.

-- One instant for all that is read.
-- name: export_begin
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;

-- It takes as long as it takes.
-- name: export_limits
SELECT set_config('statement_timeout', '0', true),
       set_config('idle_in_transaction_session_timeout', '0', true),
       set_config('cursor_tuple_fraction', '1', true);

-- The account of a slug, the schema, and runs that are not at their end.
-- name: export_account
SELECT a.id, a.slug, a.name, (SELECT max(m.number) FROM schema_migrations m) AS schema,
       to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at,
       (SELECT count(*) FROM jobs j WHERE j.account_id = a.id AND j.state <> 'done')
         AS unfinished_runs,
       (SELECT coalesce(jsonb_object_agg(p.id, price_key(p)), '{}') FROM model_prices p
        WHERE p.account_id IS NULL)::text AS prices
FROM accounts a WHERE a.slug = $1::text;

-- name: export_tables
SELECT t.name, (SELECT json_agg(c.name)::text FROM account_columns(t.name) AS c) AS columns
FROM account_tables() AS t WHERE t.why_not IS NULL ORDER BY t.place;

-- name: export_left_out
SELECT t.name || ': ' || t.why_not AS sentence
FROM account_tables() AS t WHERE t.why_not IS NOT NULL ORDER BY t.name;

-- name: export_open
SELECT export_open($1::text, $2::uuid, $3::jsonb);

-- name: export_next
SELECT n.line FROM export_next($1::integer) AS n (line);

-- name: export_close
CLOSE "export_rows";

-- name: export_note
SELECT audit_add(NULL, 'account.export', $1::text, jsonb_build_object('account_id', $2::uuid));

-- Rows are brought in, and point to what comes after them.
-- name: import_begin
SELECT set_config('statement_timeout', '0', true),
       set_config('idle_in_transaction_session_timeout', '0', true),
       set_config('app.is_importing', 'on', true);

-- name: import_defer
SET CONSTRAINTS pipeline_runs_account_id_prompt_version_id_fkey,
  prompt_versions_account_id_parent_id_fkey, cost_entries_corrects_fkey DEFERRED;

-- name: import_settle
SET CONSTRAINTS ALL IMMEDIATE;

-- From here on what happens happens here.
-- name: import_end
SELECT set_config('app.is_importing', '', true);

-- What stands in the way of account $1 under slug $2.
-- name: import_obstacle
SELECT a.slug, a.id = $1::uuid AS is_same FROM accounts a
WHERE a.id = $1::uuid OR a.slug = $2::text
ORDER BY is_same DESC LIMIT 1;

-- The columns of a table that this version does not have, or a table that it does not know.
-- name: import_unknown
SELECT coalesce(string_agg(c.name, ', ' ORDER BY c.name), '') AS columns,
       EXISTS (SELECT 1 FROM account_tables() AS t
               WHERE t.name = $1::text AND t.why_not IS NULL) AS is_known
FROM json_array_elements_text($2::json) AS c (name)
WHERE c.name NOT IN (SELECT k.name FROM account_columns($1::text) AS k);

-- name: import_prices
SELECT (SELECT coalesce(jsonb_object_agg(p.key, p.id) FILTER (WHERE p.id IS NOT NULL), '{}'))::text
         AS map, count(*) FILTER (WHERE p.id IS NULL) AS missing,
       coalesce(string_agg(format('%s from %s', p.model, p.valid_from), ', '
                           ORDER BY p.model, p.valid_from) FILTER (WHERE p.id IS NULL), '') AS names
FROM import_list_prices($1::text) AS p;

-- name: import_lines
SELECT l.line, l.fault
FROM import_lines($1::text, ARRAY(SELECT json_array_elements_text($2::json)), $3::text, $4::uuid,
                  $5::jsonb, $6::text) AS l;

-- name: import_add_prices
SELECT import_add_prices($1::text, $2::text) AS added;

-- name: import_zones
SELECT import_zones($1::uuid);

-- What is known of the account after it: runs that are not at their end, and its chain.
-- name: import_result
SELECT (SELECT count(*) FROM jobs j WHERE j.account_id = a.id AND j.state <> 'done') AS unfinished,
       a.slug, (SELECT v.fault FROM audit_verify(a.id, NULL) AS v) AS fault
FROM accounts a WHERE a.id = $1::uuid;

-- name: import_note
SELECT audit_add(NULL, 'account.import', $1::text, jsonb_build_object('account_id', $2::uuid));
