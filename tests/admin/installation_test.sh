#!/bin/sh
# installation_test.sh: the checks of an installation, as page, JSON, CSV and doctor: each finds what
# is planted, and names the remedy.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../http/stack.sh"

PROMPTBUILDER_SPOOL_DIR=$work/spool
export PROMPTBUILDER_SPOOL_DIR
mkdir -m 700 "$PROMPTBUILDER_SPOOL_DIR"
stack_start
export DATABASE_URL=$TEST_DATABASE_URL PROMPTBUILDER_DATA_DIR=$top
account acme tok_acme_0123456789abcdef
operator tok_op_0123456789abcdefgh
op='Authorization: Bearer tok_op_0123456789abcdefgh'
# check NAME: its state and what was found, "|" between
check()
{
	curl -s -H "$op" "$url/api/installation" |
		jq -r --arg name "$1" '.checks[] | select(.check == $name) | .state + "|" + .found'
}
# doctor PATTERN: its lines that match
doctor() { "$programs/promptbuilder" doctor 2>&1 | grep -iE -e "$1" || true; }

is "row security holds" 'ok|forced on every table; web and runner own nothing and cannot step around it' \
	"$(check 'Row security')"
has "doctor says the same" "$(doctor 'Row security')" '^ok .*forced on every table'
has "the server's version is known" "$(check PostgreSQL)" '^ok\|version 1[5-9]'
has "nginx's, too" "$(check 'Web server')" '^ok\|nginx/1\.'
has "OpenSSL's, too" "$(check OpenSSL)" '^ok\|OpenSSL'
is "the socket is nginx's" 'ok|mode 0660' "$(check Socket)"
is "headers are there" 'ok|on every answer' "$(check 'Security headers')"
has "plain HTTP is seen" "$(check HTTPS)" '^warn\|'
is "no runner lives" 'warn|none is alive; runs that wait: 0' "$(check Runners)"
has "backups are not known" "$(check Backups)" '^warn\|none that this server knows of'
is "two tokens have no end" 'warn|tokens: 2' "$(check 'Tokens without an end')"
is "all were used" 'ok|tokens: 0' "$(check 'Tokens unused for 90 days')"
is "nobody's session is old" 'ok|sessions: 0' "$(check 'Sessions older than 30 days')"
is "the spool is ours" 'ok|mode 0700' "$(check 'Spool folder')"

# What is planted is found.
sql -c "UPDATE access_tokens SET created_at = now() - interval '100 days', last_used_at = NULL WHERE role = 'member'" \
	-c "INSERT INTO sessions (id_hash, account_id, token_id, csrf, address, created_at)
	SELECT 'h', account_id, id, 'c', '-', now() - interval '31 days' FROM access_tokens WHERE role = 'member'" \
	-c "ALTER TABLE budgets NO FORCE ROW LEVEL SECURITY" \
	-c "INSERT INTO claim_pause (paused_by) VALUES ('Op')" \
	-c "INSERT INTO runners (id, host, pid, version, lease_until) VALUES (gen_random_uuid(), 'h', 1, '9.9', now() + interval '1 hour')"
chmod 755 "$PROMPTBUILDER_SPOOL_DIR"
chmod 666 "$work/web.sock"
is "a table whose row security is not forced" 'bad|table without forced row security: budgets' "$(check 'Row security')"
has "doctor fails for it" "$(doctor 'budgets')" '^FAILED .*budgets.*promptbuilder migrate'
is "an unused token" 'warn|tokens: 1' "$(check 'Tokens unused for 90 days')"
is "an old session" 'warn|sessions: 1' "$(check 'Sessions older than 30 days')"
is "a pause" 'warn|paused by Op' "$(check Claims)"
is "a runner" 'ok|alive: 1, version 9.9' "$(check Runners)"
is "a spool for everybody" 'bad|mode 0755' "$(check 'Spool folder')"
is "a socket for everybody" 'bad|mode 0666' "$(check Socket)"
sql -c "ALTER TABLE budgets FORCE ROW LEVEL SECURITY"
json=$(curl -s -H "$op" "$url/api/installation")
is "what is not fine has a remedy, what is has none" true "$(printf '%s' "$json" |
	jq '[.checks[] | (.state == "ok") == (.remedy == null)] | all')"
is "they are counted" true "$(printf '%s' "$json" | jq '.ok + .warn + .bad == (.checks | length) and .bad == 2')"
is "the CSV has them all" "$(printf '%s' "$json" | jq '.checks | length + 1')" \
	"$(curl -s -H "$op" "$url/api/installation.csv" | wc -l)"
sign_in "$work/jar" operator tok_op_0123456789abcdefgh >/dev/null
page=$(curl -s -b "$work/jar" "$url/installation")
has "the page tells the worst first" "$page" 'Something is wrong: 2'
has "with a link" "$page" '<a href="/tokens">Tokens unused for 90 days</a>'
is "a member may not see it" 403 "$(code -H 'Authorization: Bearer tok_acme_0123456789abcdef' "$url/api/installation")"
has_not "no sanitizer reports" "$(cat "$work/web.log")" 'Sanitizer|runtime error'
finish
