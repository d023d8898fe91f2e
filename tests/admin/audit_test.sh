#!/bin/sh
# audit_test.sh: every act leaves an entry that says who, what, on what and from where; chains are
# whole under concurrent writers; each way of tampering is named; web and runner only add.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../http/stack.sh"

stack_start
export DATABASE_URL=$TEST_DATABASE_URL PROMPTBUILDER_DATA_DIR=$top
run()
{
	status=0
	printed=$("$programs/promptbuilder" "$@" 2>"$work/said") || status=$?
	[ "$status" = 0 ] || printed=$(cat "$work/said"; printf '%s\n' "$printed")
}
# last ACTION: the latest entry of an action: account, who, role, from, object
last()
{
	sql -c "SELECT coalesce(a.slug, '-'), e.actor, e.role, e.origin, e.object
		FROM audit_entries e LEFT JOIN accounts a ON a.id = e.account_id
		WHERE e.action = '$1' ORDER BY e.at DESC LIMIT 1"
}
entries() { sql -c "SELECT count(*) FROM audit_entries WHERE action = '$1'"; }
me="$(id -un) at the command line|cli|$(uname -n)"
mine=$(printf %s "$me" | sed 's/|/\\|/g') # as a pattern

# The command line.
run account add acme 'Acme & Sons'
is "an account is made" "acme|$me|acme" "$(last account.make)"
run token account acme Eve
secret=$(printf '%s\n' "$printed" | head -n 1)
has "a token is made" "$(last token.make)" "^acme\|$mine\|[0-9a-f-]{36}$"
run token create --role operator --name Op
op=$(printf '%s\n' "$printed" | head -n 1)
has "an operator's is the installation's" "$(last token.make)" "^-\|$mine\|"
status=0
printf tok_acme_0123456789abcdef | "$programs/promptbuilder" token import acme || status=$?
has "a token is imported" "$(last token.import)" "^acme\|$mine\|"
run prices set --model claude-test-1 --input 1 --output 2
is "a price is set" "-|$me|claude-test-1" "$(last price.set)"
run budget set --account acme --period month --cap 100
has "a budget is set" "$(last budget.set)" "^acme\|$mine\|"
budget=$(last budget.set)
run budget remove "${budget##*|}"
is "and removed" "$budget" "$(last budget.remove)"
run account zone acme Europe/Berlin
is "a zone comes into use" "acme|$me|Europe/Berlin" "$(last zone.add)"
has "and the account is changed" "$(last account.change)" "^acme\|$mine\|acme"
run runner pause
has "claims are paused" "$(last runner.pause)" "^-\|$mine\|"
run runner resume
has "and go on" "$(last runner.resume)" "^-\|$mine\|"
run runner resume
is "what changes nothing leaves nothing" 1 "$(entries runner.resume)"
echo '{"assistantId": "desk", "company": "C", "purpose": "A secret purpose"}' >"$work/b.json"
run run launch --account acme "$work/b.json"
id=$(printf '%s\n' "$printed" | head -n 1)
is "a run is launched" "acme|$me|$id" "$(last run.launch)"
has "its assistant is made" "$(last assistant.make)" "^acme\|$mine\|desk"
run run cancel "$id"
is "and cancelled" "acme|$me|$id" "$(last run.cancel)"
run run retry "$id"
is "and tried again" "acme|$me|$id" "$(last run.retry)"
run run cancel "$id"
sql -c "INSERT INTO cost_entries (account_id, assistant_id, pipeline_run_id, operation, model,
		input_tokens, output_tokens, cost_usd, usage)
	SELECT account_id, assistant_id, id, 'prompt_generation', 'claude-test-1', 1000, 10, 0.5,
		'{\"input_tokens\": 1000}' FROM pipeline_runs" \
	-c "INSERT INTO prompt_versions (account_id, assistant_id, pipeline_run_id, version,
		version_number, status, prompt_content, prompt_hash, injection_content, briefing_hash)
	SELECT account_id, assistant_id, id, 'v1', 1, 'draft', 'A secret prompt', 'h', 'x', 'h'
	FROM pipeline_runs"
line=$(sql -c "SELECT id FROM cost_entries")
run cost adjust "$line" --amount -0.1 --reason 'Too dear'
is "a line is corrected" "acme|$me|$line" "$(last cost.adjust)"
sql -c "ALTER TABLE cost_entries DISABLE TRIGGER USER" -c "DELETE FROM cost_entries WHERE kind <> 'call'" \
	-c "UPDATE cost_entries SET price_status = 'unpriced', cost_usd = 0" \
	-c "ALTER TABLE cost_entries ENABLE TRIGGER USER" >/dev/null
today=$(sql -c "SELECT (now() AT TIME ZONE 'UTC')::date")
run prices reprice --from "$today" --to "$today" --reason 'A price at last'
is "calls are priced again" "acme|$me|$today" "$(last cost.reprice)"
sql -c "UPDATE pipeline_runs SET created_at = now() - interval '3 months'"
run prune --before "$(sql -c "SELECT to_char(now(), 'YYYY-MM')")"
has "texts are dropped" "$(last retention.prune)" "^acme\|$mine\|runs before"
has "a migration is noted" "$(last schema.migrate)" '^-\|postgres\|database\|local\|'

# The web.
jar=$work/jar
is "a wrong token" 422 "$(sign_in "$jar" acme tok_wrong_0123456789abcdef | sed 's/401/422/')"
is "is noted where it was tried" "acme|unknown|nobody|127.0.0.1|acme" "$(last session.refuse)"
sign_in "$jar" "$secret" "$secret" >/dev/null
is "a slug that is none is not kept" "-|unknown|nobody|127.0.0.1|no account" "$(last session.refuse)"
is "the right one" 303 "$(sign_in "$jar" acme "$secret")"
has "is noted" "$(last session.sign_in)" '^acme\|Eve\|member\|127.0.0.1\|[0-9a-f-]{36}$'
post() { code -b "$jar" -c "$jar" --data-urlencode "csrf=$(csrf "$jar" "$url/sessions")" "$@"; }
version=$(sql -c "SELECT id FROM prompt_versions")
is "a version is archived" 303 "$(post -d status=archived "$url/prompt-versions/$version/status")"
is "which is noted" "acme|Eve|member|127.0.0.1|$version" "$(last version.status)"
sign_in "$work/jar2" acme "$secret" >/dev/null
is "other sessions are ended" 303 "$(post "$url/sessions/end-others")"
has "which is noted" "$(last session.end)" '^acme\|Eve\|member\|127.0.0.1\|'
is "one's own token is revoked" 201 "$(post -d name=Other -d role=member "$url/tokens")"
other=$(last token.make)
is "by whom is told" "acme|Eve|member|127.0.0.1" "${other%|*}"
is "revoked" 303 "$(post "$url/tokens/${other##*|}/revoke")"
is "which is noted" "$other" "$(last token.revoke)"
bearer() { curl -s -H "Authorization: Bearer $secret" "$url/api$1"; }
list=$(bearer '/audit?limit=5')
is "a member's list has a part" 5 "$(printf '%s' "$list" | jq '.entries | length')"
is "of its own account only" acme "$(bearer '/audit?limit=200' | jq -r '[.entries[].account_slug] | unique[]')"
next=$(printf '%s' "$list" | jq -r .next_cursor)
is "and goes on after it" "$(bearer '/audit?limit=6' | jq -r '.entries[5].id')" \
	"$(bearer "/audit?limit=1&cursor=$next" | jq -r '.entries[0].id')"
is "by action" version.status "$(bearer '/audit?action=version.status' | jq -r '.entries[].action')"
is "by actor" unknown "$(bearer '/audit?actor=unknown' | jq -r '[.entries[].actor] | unique[]')"
is "by time" 0 "$(bearer '/audit?to=2020-01-01' | jq '.entries | length')"
is "by time from" "$(sql -c "SELECT count(*) FROM audit_entries e JOIN accounts a ON a.id = e.account_id")" \
	"$(bearer "/audit?limit=200&from=$today" | jq '.entries | length')"
is "its CSV has all" "$(sql -c "SELECT count(*) + 1 FROM audit_entries e JOIN accounts a ON a.id = e.account_id")" \
	"$(curl -s -H "Authorization: Bearer $secret" "$url/api/audit.csv" | grep -c '.')"
all=$(sql -c "SELECT count(*) FROM audit_entries")
is "an operator's has everybody's" "$all" \
	"$(curl -s -H "Authorization: Bearer $op" "$url/api/audit?limit=200" | jq '.entries | length')"
has "a page shows it" "$(curl -s -b "$jar" "$url/audit")" 'changed the status of a prompt version'
is "an id of elsewhere is no cursor" 400 \
	"$(code -H "Authorization: Bearer $secret" "$url/api/audit?cursor=123456789012345678901234567890123456")"
is "signing out" 303 "$(post "$url/session/end")"
has "is noted" "$(last session.sign_out)" '^acme\|Eve\|member\|127.0.0.1\|'
log=$(sql -c "SELECT e::text FROM audit_entries e")
has_not "no secret and no text is in it" "$log" "$secret|$op|tok_|secret purpose|secret prompt"
has_not "and no hash of one" "$log" "$(sql -c "SELECT string_agg(token_hash, '|') FROM access_tokens")"

# Only added to.
for role in promptbuilder_web promptbuilder_runner; do
	for act in "UPDATE audit_entries SET actor = 'x'" "DELETE FROM audit_entries" \
		"TRUNCATE audit_entries" "SELECT audit_add(NULL, 'run.launch', 'x', NULL)" \
		"INSERT INTO audit_entries SELECT * FROM audit_entries LIMIT 1"; do
		said=$(sql -c "SET ROLE $role" -c "SET app.operator = 'on'" -c "$act" 2>&1 || true)
		has "$role may not: $act" "$said" 'permission denied'
	done
done
said=$(sql -c "DELETE FROM audit_entries" 2>&1 || true)
has "nor the owner by mistake" "$said" 'only ever added to'
is "the web sees nobody's without a scope" 0 \
	"$(sql -c "SET ROLE promptbuilder_web" -c "SELECT count(*) FROM audit_entries")"

# Writers at once: of two chains, in transactions that last.
for writer in 1 2 3 4 5 6 7 8; do
	for n in 1 2 3 4 5 6 7 8 9 10; do
		printf "INSERT INTO assistants (account_id, external_id, name) SELECT id, 'w%s-%s', 'W' FROM accounts;\n" \
			"$writer" "$n"
		printf "BEGIN; UPDATE accounts SET name = 'N%s-%s'; SELECT pg_sleep(0.002); COMMIT;\n" "$writer" "$n"
	done | sql >/dev/null 2>"$work/writer$writer" &
	writers="${writers:-} $!"
done
for writer in $writers; do wait "$writer" || not_ok "a writer" "$(cat "$work"/writer*)"; done
is "no entry of theirs is missing" 160 "$(sql -c "SELECT count(*) FROM audit_entries
	WHERE (action = 'assistant.make' AND object LIKE 'w%')
	   OR (action = 'account.change' AND details ->> 'name' LIKE 'N%')")"
run audit verify
is "the chains are whole" 0 "$status"
has "and their heads are told" "$printed" '^ok      acme: [0-9]+ entries, head [0-9a-f]{64}$'
has "the installation's, too" "$printed" '^ok      installation: '
head=$(printf '%s\n' "$printed" | sed -n 's/^ok      acme: .*head //p')
run account add zeta
run audit list --action account.make --limit 1
has "the tool lists" "$printed" 'zeta +1 .* account.make +zeta'

# tampered NAME SQL WANTED [OPTION...]: what verify says of account acme; then all is put back
sql -c "CREATE TABLE kept AS SELECT * FROM audit_entries" >/dev/null
tampered()
{
	name=$1 change=$2 wanted=$3
	shift 3
	sql -c "SET session_replication_role = replica" -c "$change" >/dev/null
	run audit verify "$@"
	is "$name is found" 1 "$status"
	has "and named" "$printed" "$wanted"
	sql -c "SET session_replication_role = replica" -c "DELETE FROM audit_entries" \
		-c "INSERT INTO audit_entries SELECT * FROM kept" >/dev/null
}
chain="account_id = (SELECT id FROM accounts WHERE slug = 'acme')"
for column in "actor = 'Mallory'" "origin = '192.0.2.1'" "object = 'x'" "role = 'x'" \
	"at = at + interval '1 microsecond'" "details = '{\"name\": \"x\"}'" "action = 'run.launch'" \
	"token_id = gen_random_uuid()"; do
	tampered "a change of ${column%% *}" "UPDATE audit_entries SET $column WHERE $chain AND seq = 3" \
		'^BROKEN  acme: entry 3, [0-9a-f-]{36} of .*: it was changed' --account acme
done
tampered "a change with its hash made anew" "UPDATE audit_entries e SET actor = 'Mallory',
	hash = audit_hash(ROW(e.id, e.account_id, e.seq, e.at, 'Mallory', e.role, e.token_id, e.origin,
	e.action, e.object, e.details, e.previous_hash, e.hash)) WHERE $chain AND seq = 3" \
	'^BROKEN  acme: entry 4, .*does not follow' --account acme
tampered "an entry gone" "DELETE FROM audit_entries WHERE $chain AND seq = 5" \
	'^BROKEN  acme: entry 6, .*entries 5 to 5 are missing'
tampered "the first ones gone" "DELETE FROM audit_entries WHERE $chain AND seq < 4" \
	'^BROKEN  acme: entry 4, .*entries 1 to 3 are missing'
tampered "a gap closed" "DELETE FROM audit_entries WHERE $chain AND seq = 5;
	UPDATE audit_entries SET seq = seq - 1 WHERE $chain AND seq = 6" \
	'^BROKEN  acme: entry 5, .*it was changed'
tampered "another order" "UPDATE audit_entries SET seq = -4 WHERE $chain AND seq = 4;
	UPDATE audit_entries SET seq = 4 WHERE $chain AND seq = 5;
	UPDATE audit_entries SET seq = 5 WHERE $chain AND seq = -4" '^BROKEN  acme: entry 4, .*changed'
tampered "the installation's" "UPDATE audit_entries SET actor = 'x' WHERE account_id IS NULL AND seq = 2" \
	'^BROKEN  installation: entry 2, ' --installation
tampered "the end gone" "DELETE FROM audit_entries WHERE $chain AND seq > 9" \
	'^BROKEN  acme: the remembered head is not in the chain: entries are gone after number 9' \
	--account acme --head "$head"
tampered "all gone" "DELETE FROM audit_entries WHERE $chain" 'gone after number 0' \
	--account acme --head "$head"
run audit verify --account acme --head "$head"
is "nothing is found when all is back" 0 "$status"
run audit verify --head "$head"
is "a head is one of a chain" 64 "$status"
run audit verify --account acme --head abc
has "and is a hash" "$printed" '64 hexadecimal'
has_not "no sanitizer reports" "$(cat "$work/web.log")" 'Sanitizer|runtime error'
finish
