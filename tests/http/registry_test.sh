#!/bin/sh
# registry_test.sh: accounts of the file-based registry are adopted by who may, and its files answer
# while the database is away, to whom they should.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/stack.sh"

acme_token=pbm_acme-0123456789abcdefghijklmnopqrstuvwxyz
viewer_token=pbv_acme-0123456789abcdefghijklmnopqrstuvwxyz
operator_token=pbo_op-0123456789abcdefghijklmnopqrstuvwxyz
files_token=pbo_files-0123456789abcdefghijklmnopqrstuvwxyz
one_token=pbm_one-0123456789abcdefghijklmnopqrstuvwxyz
old_token=pbm_old-0123456789abcdefghijklmnopqrstuvwxyz

reg=$work/reg
export PROMPTBUILDER_ACCOUNTS_DIR=$reg
umask 022
for slug in one two three four five six acme; do
	mkdir -p "$reg/$slug/bot"
	printf '# Prompt of %s' "$slug" >"$reg/$slug/bot/v1.md"
	printf '# Second of %s' "$slug" >"$reg/$slug/bot/v2.md"
	printf '{"name": "The %s"}' "$slug" >"$reg/$slug/account.json"
	printf '{"name": "Bot of %s", "current": 1}' "$slug" >"$reg/$slug/bot/assistant.json"
done
printf '{"name": "<b>One</b> & Sons"}' >"$reg/one/account.json"
ln -s "$reg/one" "$reg/linked"

stack_start
set +e
account acme $acme_token
operator $operator_token
sql -c "insert into access_tokens (account_id, role, name, token_hash) select id, 'viewer', 'Vi',
	encode(sha256('$viewer_token'), 'hex') from accounts where slug = 'acme'"
op=$work/op.jar
own=$work/own.jar
sign_in "$op" operator $operator_token >/dev/null
sign_in "$own" acme $acme_token >/dev/null

accounts() { sql -c "select coalesce(string_agg(slug, ' ' order by slug), '') from accounts"; }
bearer() { code -H "Authorization: Bearer $1" "$url/api$2"; }

# ---- Adoption. ----

is "a stranger is asked to sign in" "303 401" "$(code "$url/accounts/one") $(code "$url/api/accounts/one")"
is "a member finds nothing" "404 404 404 404" "$(code -b "$own" "$url/accounts/one") $(code -b "$own" \
	"$url/costs/one") $(bearer $acme_token /accounts/one) $(bearer $viewer_token /costs/one)"
is "not in a form either" 404 "$(code -H "Authorization: Bearer $acme_token" -H 'Content-Type: application/json' \
	-d '{"accountId": "one", "briefing": {"assistantId": "bot", "company": "C", "purpose": "P"}}' "$url/api/pipeline-runs")"
is "and makes nothing" acme "$(accounts)"
is "an operator finds what the files have" 200 "$(code -b "$op" "$url/costs/one")"
is "the account is made" "acme one" "$(accounts)"
is "with its assistants" 'Bot of one' "$(sql -c "select s.name from assistants s join accounts a
	on a.id = s.account_id where a.slug = 'one'")"
is "the audit log tells who it was, and from where" \
	'account.make|Op|operator|127.0.0.1 assistant.make|Op|operator|127.0.0.1' \
	"$(sql -c "select string_agg(concat_ws('|', e.action, e.actor, e.role, e.origin), ' ' order by e.seq)
	from audit_entries e join accounts a on a.id = e.account_id where a.slug = 'one'")"
is "also by the API" "200 The two" "$(bearer $operator_token /accounts/two) $(sql -c \
	"select name from accounts where slug = 'two'")"
is "also by a query" 200 "$(bearer $operator_token '/assistants?accountId=three')"
launched=$(curl -s -H "Authorization: Bearer $operator_token" -H 'Content-Type: application/json' -d '{"accountId": "four",
	"briefing": {"assistantId": "bot", "company": "C", "purpose": "P"}}' "$url/api/pipeline-runs")
has "a launch adopts" "$launched" '"status":"queued"'
is "account and assistant" 'The four, Bot of four' "$(sql -c "select a.name || ', ' || s.name from assistants s
	join accounts a on a.id = s.account_id where a.slug = 'four'")"
code -H "Authorization: Bearer $acme_token" -H 'Content-Type: application/json' \
	-d '{"briefing": {"assistantId": "bot", "company": "C", "purpose": "P"}}' "$url/api/pipeline-runs" >/dev/null
is "a member's launch takes the name of an assistant of their own" 'Bot of acme' "$(sql -c \
	"select s.name from assistants s join accounts a on a.id = s.account_id where a.slug = 'acme'")"
DATABASE_URL=$TEST_DATABASE_URL PROMPTBUILDER_DATA_DIR=$top "$programs/promptbuilder" token account five >/dev/null 2>&1
is "the command line adopts" "acme five four one three two" "$(accounts)"
is "what is no account is none" "404 404 404 404" "$(bearer $operator_token /accounts/linked) $(bearer \
	$operator_token /accounts/_tokens) $(bearer $operator_token /accounts/nobody) $(bearer \
	$operator_token "/accounts/$(printf %0300d 0)")"
is "an address cannot leave the folder" 400 "$(code --path-as-is -b "$op" "$url/accounts/..%2f..%2fetc")"
sql -c "update accounts set deleted_at = now() where slug = 'two'"
is "a deleted account stays deleted" "200 t" "$(bearer $operator_token /accounts/two) $(sql -c \
	"select deleted_at is not null from accounts where slug = 'two'")"
mkdir "$reg/former"
is "also one whose slug is gone" "200 404 " "$(bearer $operator_token /accounts/former) $(DATABASE_URL=$TEST_DATABASE_URL \
	PROMPTBUILDER_DATA_DIR=$top "$programs/promptbuilder" account delete former --yes --pseudonymise >/dev/null 2>&1
	bearer $operator_token /accounts/former) $(sql -c "select slug from accounts where slug = 'former'")"
mv "$reg" "$reg.off"
is "a registry that is not there adopts nothing" "404 200" \
	"$(bearer $operator_token /accounts/six) $(bearer $operator_token /accounts/one)"
mv "$reg.off" "$reg"

# ---- The database is away. ----

hash() { printf %s "$1" | sha256sum | cut -d' ' -f1; }
yesterday=$(date -u -d yesterday +%Y-%m-%d)
tomorrow=$(date -u -d tomorrow +%Y-%m-%d)
{
	echo "# who  sha256  last day"
	echo "operator $(hash $files_token)"
	echo "one	$(hash $one_token)	$tomorrow"
	echo "one $(hash $old_token) $yesterday"
	echo "operator $(hash password)"
	echo "operator nonsense"
} >"$reg/_tokens"
chmod 640 "$reg/_tokens"

basic() { code -u "$1" "$url$2"; }
is "while it is there, these tokens are nobody's" "303 401 401" "$(basic operator:$files_token /accounts) $(bearer \
	$files_token /accounts) $(code -u operator:$files_token "$url/api/accounts")"
database_away
page=$(get -u operator:$files_token "$url/accounts")
has "an operator's page comes from the files" "$page" '^HTTP/1.1 200'
has "and says so" "$page" 'The database is away: this comes from the files'
has "names are text in it" "$page" '&lt;b&gt;One&lt;/b&gt; &amp; Sons'
has_not "nobody is signed in" "$page" 'Sign out'
has "it is not stored" "$page" '^cache-control:.*no-store'
list=$(curl -s -H "Authorization: Bearer $files_token" "$url/api/accounts")
is "the API has them all" "acme five former four one six three two files" "$(printf %s "$list" | python3 -c \
	'import json, sys; d = json.load(sys.stdin); print(*[a["slug"] for a in d["accounts"]], d["source"])')"
one=$(curl -s -u "one:$one_token" "$url/api/accounts/one")
is "an account sees what is deployed of it" "bot Bot of one v1 2 $(hash '# Prompt of one')" "$(printf %s "$one" |
	python3 -c 'import json, sys; a = json.load(sys.stdin)["assistants"][0]
print(a["external_id"], a["name"], a["version"], a["version_count"], a["prompt_hash"])')"
is "and only itself" "200 404 one" "$(basic one:$one_token /accounts/one) $(basic one:$one_token /accounts/two) $(curl -s \
	-H "Authorization: Bearer $one_token" "$url/api/accounts" | python3 -c \
	'import json, sys; print(*[a["slug"] for a in json.load(sys.stdin)["accounts"]])')"
is "a session or token of the database is not looked up there" "503 503 503" "$(code -b "$op" "$url/accounts") $(bearer \
	$operator_token /accounts) $(code -u operator:$operator_token "$url/accounts")"
is "nor is a wrong name, a token that is over, one that is weak" "503 503 503 503" "$(basic two:$files_token \
	/accounts) $(basic one:$old_token /accounts) $(basic operator:password /accounts) $(basic :$files_token /accounts)"
is "all else stays away" "503 503 503 503 503" "$(bearer $files_token /costs) $(bearer $files_token /) $(bearer \
	$files_token /audit) $(bearer $files_token /accounts.csv) $(bearer $files_token /assistants)"
prompt() { curl -s -H "Authorization: Bearer $1" "$url/api/assistants/$2"; }
is "a chatbot of the account gets its prompt" "# Prompt of one" "$(prompt $one_token 'bot/prompt?format=text')"
is "an operator's names the account" "# Prompt of two" \
	"$(prompt $files_token 'bot/prompt?format=text&accountId=two&wait=30')"
has "as a module, too" "$(prompt $files_token 'bot/prompt?format=ts&accountId=two')" '"# Prompt of two"'
delivered=$(get -H "Authorization: Bearer $one_token" "$url/api/assistants/bot/prompt")
has "which says where it is from" "$delivered" '^promptbuilder-source: files'
has "and which version it is" "$delivered" '"version":"v1","number":1,"version_id":null,"environment":"production"'
etag=$(printf %s "$delivered" | tr -d '\r' | sed -n 's/^etag: //Ip')
is "it is asked for again by its tag" 304 "$(code -H "Authorization: Bearer $one_token" -H "If-None-Match: $etag" \
	"$url/api/assistants/bot/prompt")"
is "what the files do not have may be in the database" "503 503 503 503 503" "$(bearer $one_token \
	/assistants/nobody/prompt) $(bearer $one_token '/assistants/bot/prompt?environment=staging') $(bearer \
	$one_token '/assistants/bot/prompt?accountId=two') $(bearer $files_token /assistants/bot/prompt) $(bearer \
	$acme_token /assistants/bot/prompt)"
is "nothing can be changed" 503 "$(code -H "Authorization: Bearer $files_token" -H 'Content-Type: application/json' \
	-d '{"slug": "x", "name": "X"}' "$url/api/accounts")"
is "broken credentials are none" "503 503 503" "$(code -b "$op" -H 'Authorization: Basic !!' "$url/accounts") $(code \
	-b "$op" -H 'Authorization: Basic AAAA' "$url/accounts") $(code -b "$op" -H 'Authorization: Basic b3A=' "$url/accounts")"
chmod 644 "$reg/_tokens"
is "a file that others can read does not count" 503 "$(bearer $files_token /accounts)"
chmod 660 "$reg/_tokens"
is "nor one that others can write" 503 "$(bearer $files_token /accounts)"
chmod 640 "$reg/_tokens"
chmod 777 "$reg"
is "nor one in a folder that others can write" 503 "$(bearer $files_token /accounts)"
chmod 755 "$reg"
mv "$reg/_tokens" "$work/tokens"
ln -s "$work/tokens" "$reg/_tokens"
is "nor a link" 503 "$(bearer $files_token /accounts)"
rm "$reg/_tokens"
is "without it nobody is let in" 503 "$(bearer $files_token /accounts)"
mv "$work/tokens" "$reg/_tokens"
is "with it again" 200 "$(bearer $files_token /accounts)"
has "the log tells of each" "$(cat "$work/web.log")" 'the registry.s files answer.* to=one remote=127.0.0.1'
has_not "and no token" "$(cat "$work/web.log")" "${files_token#pbo_}"
database_back
if wait_for 15 curl -fs -b "$op" "$url/accounts"; then ok "it recovers by itself"; else not_ok "it recovers by itself"; fi
is "and the files let nobody in" "401 303" "$(bearer $files_token /accounts) $(basic operator:$files_token /accounts)"

finish
