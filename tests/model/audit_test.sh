#!/bin/sh
# audit_test.sh: row security holds for every table, view, function and role, by the catalog; and
# the audit that says so finds each fault that is planted.
set -eu
srcdir=${srcdir:-.} PROGRAMS=${PROGRAMS:-.}
[ -n "${TEST_DATABASE_URL:-}" ] || exec "$srcdir/tests/pg.sh" "$0" "$@"

database=audit_$$
trap 'psql -qX "$TEST_DATABASE_URL" -c "DROP DATABASE IF EXISTS $database"' EXIT
psql -qX "$TEST_DATABASE_URL" -c "CREATE DATABASE $database"
url=$(echo "$TEST_DATABASE_URL" | sed "s|@/postgres|@/$database|")
DATABASE_URL=$url PROMPTBUILDER_DATA_DIR=$srcdir "$PROGRAMS/promptbuilder" migrate >/dev/null
number=0 failed=0
# The statement that doctor and the page ask.
faults=$(sed -n '/^-- name: installation_faults$/,/;$/p' "$srcdir/sql/installation.sql")

# audit SQL: what is found after that, all of which is undone
audit()
{
	printf '%s\n' "BEGIN;" "$1" "$faults" "ROLLBACK;" |
		psql -qXAt -v ON_ERROR_STOP=1 "$url" 2>&1
}

# result NAME WANTED FOUND: WANTED is a line of what was found
result()
{
	number=$((number + 1))
	if [ "$2" = "$3" ] || { [ -n "$2" ] && printf '%s\n' "$3" | grep -qxF -e "$2"; }; then
		echo "ok $number - $1"
	else
		failed=$((failed + 1))
		echo "not ok $number - $1"
		printf 'expected: %s\n%s\n' "$2" "$3" | sed 's/^/#   /'
	fi
}

result "the schema has no fault" "" "$(audit '')"
while IFS='|' read -r fault wanted; do
	result "found: $fault" "$wanted" "$(audit "$fault")"
done <<'END'
CREATE TABLE planted (n int);|table without forced row security: planted
ALTER TABLE budgets NO FORCE ROW LEVEL SECURITY;|table without forced row security: budgets
ALTER TABLE sessions DISABLE ROW LEVEL SECURITY;|table without forced row security: sessions
CREATE TABLE planted (n int); ALTER TABLE planted ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;|table without a policy: planted
DROP TABLE schema_migrations;|reasoned exception that is no table any more: schema_migrations
ALTER TABLE schema_migrations ADD account_id uuid;|reasoned exception that has accounts: schema_migrations
ALTER TABLE reporting_zones NO FORCE ROW LEVEL SECURITY;|table without forced row security: reporting_zones
CREATE POLICY planted ON jobs TO promptbuilder_web USING (true);|policy planted of jobs lets the web see all
CREATE POLICY planted ON accounts TO promptbuilder_web USING (true);|policy planted of accounts lets the web see all
ALTER POLICY web ON access_tokens WITH CHECK (true);|policy web of access_tokens lets the web see all
CREATE POLICY planted ON runners USING (true);|policy planted of runners is for everybody
CREATE VIEW planted AS SELECT id FROM accounts;|view with its owner's rights: planted
ALTER VIEW v_daily_costs_by_account RESET (security_invoker);|view with its owner's rights: v_daily_costs_by_account
CREATE MATERIALIZED VIEW planted AS SELECT id FROM accounts;|materialized view, which has no row security: planted
ALTER TABLE budgets OWNER TO promptbuilder_web;|promptbuilder_web owns budgets
ALTER FUNCTION uuid_v7() OWNER TO promptbuilder_runner;|promptbuilder_runner owns the function uuid_v7()
ALTER SCHEMA public OWNER TO promptbuilder_web;|promptbuilder_web owns a schema or the database
GRANT CREATE ON SCHEMA public TO promptbuilder_runner;|promptbuilder_runner may create in schema public
GRANT pg_read_all_data TO promptbuilder_web;|promptbuilder_web is a member of pg_read_all_data
GRANT promptbuilder_runner TO promptbuilder_web;|promptbuilder_web is a member of promptbuilder_runner
ALTER ROLE promptbuilder_web BYPASSRLS;|promptbuilder_web has an attribute that goes round row security
ALTER ROLE promptbuilder_runner SUPERUSER;|promptbuilder_runner has an attribute that goes round row security
ALTER ROLE promptbuilder_runner RENAME TO planted;|a role is missing
ALTER FUNCTION token_find(text, text) RESET search_path;|function with its owner's rights and no search_path of its own: token_find(text,text)
ALTER FUNCTION token_find(text, text) SET search_path = public, pg_catalog;|function with its owner's rights and no search_path of its own: token_find(text,text)
GRANT EXECUTE ON FUNCTION session_end(text) TO PUBLIC;|function with its owner's rights that everybody may call: session_end(text)
CREATE FUNCTION planted() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT 1';|function with its owner's rights that everybody may call: planted()
GRANT SELECT ON outbox TO PUBLIC;|everybody may select outbox
GRANT SELECT ON access_tokens TO promptbuilder_web;|promptbuilder_web may read access_tokens.token_hash
GRANT SELECT (csrf) ON sessions TO promptbuilder_web;|promptbuilder_web may read sessions.csrf
ALTER TABLE budgets ADD UNIQUE (id); CREATE TABLE planted (b uuid REFERENCES budgets (id));|foreign key planted_b_fkey of planted leaves out the account
END
echo "1..$number"
[ "$failed" = 0 ] || { echo "# $failed failed"; exit 1; }
