-- audit.sql: the audit log: who acts in a transaction, what was done, and whether a chain is whole.
-- Entries are written by triggers and functions of the database (migration 0014).

-- Goes before the statements of a transaction that changes something.
-- name: audit_actor
SELECT set_config('app.actor', jsonb_build_object('name', $1::text, 'role', $2::text,
  'origin', $3::text, 'token_id', $4::text, 'session_id', $5::text)::text, true);

-- Newest first, after $7: of account $1, by actor $2, action $3 (or its noun), at $4 or later,
-- before $5, on the object $6.
-- name: audit_list
SELECT e.id, e.at, (SELECT a.slug FROM accounts a WHERE a.id = e.account_id) AS account_slug,
       e.account_id, e.seq, e.actor, e.role, e.origin, e.action,
       (SELECT n.sentence FROM audit_actions n WHERE n.action = e.action) AS sentence, e.object,
       (SELECT string_agg(d.key || ' ' || d.value, ', ' ORDER BY d.key)
        FROM jsonb_each_text(e.details) AS d) AS note,
       e.details, e.token_id, e.previous_hash, e.hash
FROM audit_entries e
WHERE ($1::uuid IS NULL OR e.account_id = $1::uuid)
  AND ($2::text IS NULL OR e.actor = $2::text)
  AND ($3::text IS NULL OR e.action = $3::text)
  AND ($4::text IS NULL OR e.at >= $4::timestamp AT TIME ZONE 'UTC')
  AND ($5::text IS NULL OR e.at < $5::timestamp AT TIME ZONE 'UTC')
  AND ($6::text IS NULL OR e.object = $6::text)
  AND ($7::uuid IS NULL OR e.id < $7::uuid)
ORDER BY e.id DESC
LIMIT $8::bigint;

-- name: audit_action_list
SELECT n.action, n.sentence FROM audit_actions n ORDER BY n.action;

-- Every account that has a chain ($1: that one only), and the installation, which has no account.
-- name: audit_chains
SELECT c.account_id, coalesce(a.slug, c.account_id::text) AS slug
FROM (SELECT DISTINCT e.account_id FROM audit_entries e WHERE $1::uuid IS NULL
      UNION SELECT $1::uuid) AS c
LEFT JOIN accounts a ON a.id = c.account_id
ORDER BY a.slug NULLS FIRST, c.account_id;

-- name: audit_verify
SELECT v.entries, v.head, v.fault, v.fault_seq, v.fault_id,
       to_char(v.fault_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"') AS fault_at
FROM audit_verify($1::uuid, $2::text) AS v;
