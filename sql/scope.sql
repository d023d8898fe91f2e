-- scope.sql: what frames every transaction, and the statement of the listening connection.

-- Each statement sees what was committed before it: who waits for a lock looks again.
-- name: scope_begin
BEGIN ISOLATION LEVEL READ COMMITTED;

-- Row security reads the account and the operator flag; the rest fixes how values are printed, and
-- short statements gain nothing from being compiled or from more processes.
-- All of it is local to the transaction, so a transaction pooler may sit in between.
-- name: scope_set
SELECT set_config('app.account_id', $1::text, true),
       set_config('app.operator', $2::text, true),
       set_config('TimeZone', 'UTC', true),
       set_config('DateStyle', 'ISO', true),
       set_config('jit', 'off', true),
       set_config('max_parallel_workers_per_gather', '0', true);

-- name: scope_set_role
SELECT set_config('app.account_id', $1::text, true),
       set_config('app.operator', $2::text, true),
       set_config('TimeZone', 'UTC', true),
       set_config('DateStyle', 'ISO', true),
       set_config('jit', 'off', true),
       set_config('max_parallel_workers_per_gather', '0', true),
       set_config('role', $3::text, true);

-- A download takes as long as its client reads; pages keep the limit of the role. Its plan is
-- by indexes and for an unknown number of rows: the first ones come at once, where a plan for all of
-- them would read and sort them first.
-- name: scope_download
SELECT set_config('statement_timeout', '30min', true),
       set_config('plan_cache_mode', 'force_generic_plan', true),
       set_config('enable_seqscan', 'off', true);

-- A plan is kept for as long as its connection lives, and one that was made for a table of a few rows
-- may read all of an account where there are thousands by now.
-- name: scope_replan
DISCARD PLANS;

-- name: scope_commit
COMMIT;

-- name: scope_rollback
ROLLBACK;

-- The quoted name is a place holder: a channel is an identifier and cannot be a parameter.
-- name: scope_listen
LISTEN "channel";

-- Who listens tells itself something now and then: a connection may live on and not be the one any
-- more that listened.
-- name: scope_notify
SELECT pg_notify($1::text, '');
