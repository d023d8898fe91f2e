#!/bin/sh
# prompt_test.sh: deployed prompts for chatbots: bytes, headers, validators, environments, who may
# have them, what was withdrawn, and that every worker tells of a deployment and a revocation.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/stack.sh"
. "$here/prompt_kit.sh"

acme_token=tok_acme_0123456789abcdef
zeta_token=tok_zeta_0123456789abcdef
operator_token=op_0123456789abcdef0123
PROMPTBUILDER_CACHE_DIR=$work/copies
export PROMPTBUILDER_CACHE_DIR
stack_start
account acme $acme_token
account zeta $zeta_token
operator $operator_token
bot=$(assistant acme desk)
other=$(assistant zeta desk)

# Texts that quoting, escaping, trimming or line ends could hurt.
printf 'Hello "you" \\ ${x} `y` </script> \t\342\200\250 \360\237\246\212 \r\n\n  end \n\n' >"$work/nasty"
printf 'second' >"$work/second"
head -c 60000 /dev/zero | tr '\0' 'p' >"$work/long"
printf ' ' >"$work/blank"
nasty=$(version "$bot" "$work/nasty")
second=$(version "$bot" "$work/second")
long=$(version "$bot" "$work/long")
blank=$(version "$bot" "$work/blank")
path=/api/assistants/$bot/prompt

# ask [CURL-OPTION...] PATH: as acme
ask() { get -H "Authorization: Bearer $acme_token" "$@"; }
status() { code -H "Authorization: Bearer $acme_token" "$@"; }
body() { curl -s -H "Authorization: Bearer $acme_token" "$@"; }
tag() { ask "$@" | sed -n 's/^ETag: //p'; }
# put ASSISTANT ENVIRONMENT [VERSION]: deployed, and told to whichever worker is met
put()
{
	event=$(deploy "$@")
	wait_for 5 is_told "$1" "$2" "$event" "${3:-}" || not_ok "a deployment is told"
}
is_told()
{
	for i in 1 2 3 4 5 6; do
		told=$(ask "$url/api/assistants/$1/prompt?environment=$2")
		if [ -n "$4" ]; then
			printf '%s' "$told" | grep -q "^ETag: .*$3" || return 1
		else
			printf '%s' "$told" | grep -q '^HTTP/1.1 410' || return 1
		fi
	done
}
# without_request: what is not of this very request or address
without_request() { sed -E 's/[0-9a-f]{32}/ID/; s|"instance":"[^"]*"|INSTANCE|; /^(Date|Content-Length):/d; /^X-Request-Id:/d'; }

none=$(ask "$url$path")
has "never deployed: 404" "$none" '^HTTP/1.1 404 '
is "an unknown assistant answers like that" "$(printf '%s' "$none" | without_request)" \
	"$(ask "$url/api/assistants/nobody/prompt" | without_request)"
is "so does one of somebody else" "$(printf '%s' "$none" | without_request)" \
	"$(ask "$url/api/assistants/$other/prompt" | without_request)"

put "$bot" production "$nasty"
deploy "$other" production "$(version "$other" "$work/second")" >/dev/null
for round in "from the database" "from memory"; do
	body "$url$path?format=text" >"$work/got"
	is "a prompt, byte for byte, $round" "$(sha256sum <"$work/nasty")" "$(sha256sum <"$work/got")"
	body "$url$path" | python3 -c 'import json, sys
sys.stdout.buffer.write(json.load(sys.stdin)["prompt"].encode())' >"$work/got"
	is "the same within JSON, $round" "$(sha256sum <"$work/nasty")" "$(sha256sum <"$work/got")"
	body "$url$path?format=ts" >"$work/got"
	sql -c "SELECT injection_content FROM prompt_versions WHERE id = '$nasty'" >"$work/stored"
	is "the injection file, $round" "$(sha256sum <"$work/stored")" \
		"$( (cat "$work/got" && echo) | sha256sum)"
done
body -H 'Accept: text/plain' "$url/api/assistants/desk/prompt" >"$work/got"
is "by external id and Accept" "$(sha256sum <"$work/nasty")" "$(sha256sum <"$work/got")"
for text in long blank; do
	eval "put $bot production \$$text"
	body "$url$path?format=text" >"$work/got"
	is "a $text one" "$(sha256sum <"$work/$text")" "$(sha256sum <"$work/got")"
done
put "$bot" production "$nasty"

answer=$(ask "$url$path")
has "it is asked for again each time" "$answer" '^cache-control: private, no-cache$'
has "the version" "$answer" '^promptbuilder-version: v1$'
has "the hash" "$answer" "^promptbuilder-hash: $(sha256sum <"$work/nasty" | cut -d' ' -f1)\$"
has "the environment" "$answer" '^promptbuilder-environment: production$'
has "since when" "$answer" '^promptbuilder-deployed-at: 20[0-9-]+T[0-9:.]+Z$'
has "the same as a date of HTTP" "$answer" '^last-modified: [A-Z][a-z]+, [0-9]+ [A-Z][a-z]+ 20[0-9]+ [0-9:]+ GMT$'
has_not "it is no old knowledge" "$answer" '^promptbuilder-stale'
is "the document" 'True v1 1 production desk acme' "$(body "$url$path" | python3 -c 'import json, sys
d = json.load(sys.stdin)
print(d["hash"] == "'"$(sha256sum <"$work/nasty" | cut -d' ' -f1)"'", d["version"], d["number"],
      d["environment"], d["assistant"]["external_id"], d["account"]["slug"])')"

tag=$(tag "$url$path")
is "nothing new: 304" 304 "$(status -H "If-None-Match: $tag" "$url$path")"
has "which says what there is" "$(ask -H "If-None-Match: $tag" "$url$path")" '^promptbuilder-version: v1$'
is "HEAD has the same tag" "$tag" "$(tag -I "$url$path")"
is "another format has another tag" 200 "$(status -H "If-None-Match: $tag" "$url$path?format=text")"
put "$bot" production "$second"
is "a deployment changes it" 200 "$(status -H "If-None-Match: $tag" "$url$path")"
put "$bot" production "$nasty"
is "a rollback to the same text is another event" 200 "$(status -H "If-None-Match: $tag" "$url$path")"

# Environments.
has "an unknown environment: which there are" "$(ask "$url$path?environment=prod")" \
	'"environment: the account has production, staging\."'
is "and 400" 400 "$(status "$url$path?environment=prod")"
is "one without a deployment" 404 "$(status "$url$path?environment=staging")"
put "$bot" staging "$second"
is "another one has its own" second "$(body "$url$path?environment=staging&format=text")"
is "the first one is meant" "$(tag "$url$path")" "$(tag "$url$path?environment=production")"
sql -c "UPDATE accounts SET environments = '{staging,production}' WHERE slug = 'acme'" >/dev/null
is "also when another one is the first" second "$(body "$url$path?format=text")"
sql -c "UPDATE accounts SET environments = '{production,staging}' WHERE slug = 'acme'" >/dev/null
for query in format=xml wait=61 wait=-1 colour=red; do
	is "?$query is refused" 400 "$(status "$url$path?$query")"
done

# Who may have it.
is "without a token" 401 "$(code "$url$path")"
is "with a wrong one" 401 "$(code -H 'Authorization: Bearer tok_wrong_0123456789abcdef' "$url$path")"
has "which is asked for" "$(get "$url$path")" '^www-authenticate: bearer'
foreign=$(get -H "Authorization: Bearer $zeta_token" "$url$path")
is "somebody else's token, as if there were nothing" "$(printf '%s' "$none" | without_request)" \
	"$(printf '%s' "$foreign" | without_request)"
is "the same external id is one's own" second \
	"$(curl -s -H "Authorization: Bearer $zeta_token" "$url/api/assistants/desk/prompt?format=text")"
is "another account cannot be named" 404 "$(status "$url$path?accountId=zeta")"
is "one's own can" 200 "$(status "$url$path?accountId=acme")"
is "that changed nothing for oneself" 200 "$(status "$url$path")"
op() { code -H "Authorization: Bearer $operator_token" "$url$1"; }
is "operators, by id" 200 "$(op "$path")"
is "operators, by account and external id" 200 "$(op "/api/assistants/desk/prompt?accountId=zeta")"
is "operators have no account of their own" 404 "$(op /api/assistants/desk/prompt)"
is "no page has it" 404 "$(code "$url/assistants/$bot/prompt")"
is "nothing is posted there" 405 "$(status -d '{}' -H 'Content-Type: application/json' "$url$path")"

# Every worker hears of it. Each connection may meet either of them.
stamps() { for i in 1 2 3 4 5 6 7 8 9 10 11 12; do tag "$url$path"; done | sort | uniq -c | sed 's/^ *//'; }
all_new() { [ "$(stamps)" = "12 $1" ]; }
for i in 1 2 3; do
	deploy "$bot" production "$second" >/dev/null
	new=$(ask "$url$path" | sed -n 's/^ETag: //p')
	is "a client is given nothing older than it names" "" \
		"$(for i in 1 2 3 4 5 6 7 8; do ask -H "If-None-Match: $new" "$url$path" |
			grep -v '^HTTP/1.1 304' | grep '^HTTP'; done || true)"
	if wait_for 5 all_new "$new"; then ok "both workers have the deployment"; else
		not_ok "both workers have the deployment" "$(stamps)"; fi
	deploy "$bot" production "$nasty" >/dev/null
done
# No query is made while what both workers know is fresh: one would wait for this lock.
stamps >/dev/null
sql -c "BEGIN; LOCK TABLE access_tokens IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(5); COMMIT" \
	>/dev/null 2>&1 &
locker=$!
is_locked() { sql -c "SELECT 1 / count(*) FROM pg_locks WHERE relation = 'access_tokens'::regclass
	AND mode = 'AccessExclusiveLock' AND granted"; }
wait_for 5 is_locked
is "what is fresh needs no query" "12 $(tag "$url$path")" "$(stamps)"
is "for which the lock was there" 1 "$(is_locked)"
sql -c "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE relation = 'access_tokens'::regclass
	AND mode = 'AccessExclusiveLock'" >/dev/null
wait "$locker" 2>/dev/null || true

# Tokens.
extra=tok_extra_0123456789abcdef
sql -c "INSERT INTO access_tokens (account_id, role, name, token_hash)
	SELECT id, 'viewer', 'Bot', encode(sha256('$extra'), 'hex') FROM accounts WHERE slug = 'acme'" >/dev/null
extras() { for i in 1 2 3 4 5 6 7 8 9 10; do code -H "Authorization: Bearer $extra" "$url$path"; echo; done | sort | uniq -c | sed 's/^ *//'; }
is "a viewer's token is enough" "10 200" "$(extras)"
has "its use is noted" "$(sql -c "SELECT last_used_at FROM access_tokens WHERE name = 'Bot'")" '^20'
sql -c "UPDATE access_tokens SET revoked_at = now() WHERE name = 'Bot'" >/dev/null
all_refused() { [ "$(extras)" = "10 401" ]; }
if wait_for 2 all_refused; then ok "revoked, it is refused by both workers"; else
	not_ok "revoked, it is refused by both workers" "$(extras)"; fi
soon=tok_soon_0123456789abcdef
sql -c "INSERT INTO access_tokens (account_id, role, name, token_hash, expires_at)
	SELECT id, 'viewer', 'Soon', encode(sha256('$soon'), 'hex'), now() + interval '2 seconds'
	FROM accounts WHERE slug = 'acme'" >/dev/null
soon() { code -H "Authorization: Bearer $soon" "$url$path"; }
is "a token before its end" 200 "$(soon)"
over() { [ "$(soon)" = 401 ]; }
if wait_for 5 over; then ok "and after it"; else not_ok "and after it" "$(soon)"; fi

# Withdrawn.
put "$bot" staging
gone=$(ask "$url$path?environment=staging")
has "withdrawn: 410" "$gone" '^HTTP/1.1 410 '
has "it says since when" "$gone" '"withdrawn_at":"20[0-9-]+T'
has "in a sentence, too" "$gone" 'The prompt was withdrawn from staging at 20'
has_not "without the prompt" "$gone" second
put "$bot" staging "$second"
is "and again there" second "$(body "$url$path?environment=staging&format=text")"

# A deleted account is forgotten, on disk, too.
curl -s -o /dev/null -H "Authorization: Bearer $zeta_token" "$url/api/assistants/desk/prompt"
zeta=$(sql -c "SELECT id FROM accounts WHERE slug = 'zeta'")
has "a copy is on disk" "$(ls "$work/copies")" "^$zeta-"
is "which nobody else may read" "" "$(find "$work/copies" ! -perm -u=rw -o -perm /077)"
is "no token is on disk" "" "$(grep -rl "$zeta_token" "$work/copies" || true)"
sql -c "UPDATE accounts SET deleted_at = now() WHERE id = '$zeta'" >/dev/null
no_copy() { ! ls "$work/copies" | grep -q "^$zeta-"; }
if wait_for 5 no_copy; then ok "with the account the copy goes"; else
	not_ok "with the account the copy goes" "$(ls "$work/copies")"; fi
has_not "no sanitizer reports" "$(cat "$work/web.log")" 'Sanitizer|runtime error'
has "a line of the log" "$(cat "$work/web.log")" "msg=request method=GET path=/api/assistants/$bot/prompt status=200 .*who=acme"
finish
