#!/bin/sh
# prompt_away_test.sh: deployed prompts while the database is stopped, hangs, or was never there
# for this web; what is refused then; and that all is new when it is back.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/stack.sh"
. "$here/prompt_kit.sh"

acme_token=tok_acme_0123456789abcdef
zeta_token=tok_zeta_0123456789abcdef
operator_token=op_0123456789abcdef0123
copies=$work/copies
PROMPTBUILDER_CACHE_DIR=$copies
export PROMPTBUILDER_CACHE_DIR
stack_start
account acme $acme_token
account zeta $zeta_token
operator $operator_token
bot=$(assistant acme desk)
assistant zeta desk >/dev/null
printf 'The "first" prompt.\r\n \n' >"$work/first"
printf 'The second prompt.' >"$work/second"
first=$(version "$bot" "$work/first")
second=$(version "$bot" "$work/second")
path=/api/assistants/$bot/prompt
deploy "$bot" production "$first" >/dev/null
data=$(sql -c 'SHOW data_directory')
postmaster=$(head -n 1 "$data/postmaster.pid")

as_server()
{
	if [ "$(id -u)" = 0 ]; then (cd "$data" && runuser -u postgres -- "$@"); else "$@"; fi
}
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || bin=$(dirname "$(command -v pg_ctl)")
server_stop() { as_server "$bin/pg_ctl" -D "$data" -m fast -w stop >/dev/null; }
server_start() { as_server "$bin/pg_ctl" -D "$data" -l "$data/../server.log" -w start >/dev/null; }

ask() { get -H "Authorization: Bearer $acme_token" "$@"; }
status() { code -H "Authorization: Bearer $acme_token" "$@"; }
sum() { curl -s -H "Authorization: Bearer $acme_token" "$@" | sha256sum; }
# all COUNT COMMAND...: the different outputs of that many calls, with their counts
all()
{
	count=$1
	shift
	for i in $(seq "$count"); do "$@"; echo; done | sort | uniq -c | sed 's/^ *//; /^[0-9]* *$/d'
}
web_again()
{
	kill "$web_pid"
	wait "$web_pid" || true
	rm -f "$work/web.sock"
	stack_web
	wait_for 10 curl -fs "$url/healthz"
}
# longest: of the requests to the prompt that the log has, in milliseconds
longest() { grep '/prompt status=' "$work/web.log" | sed 's/.*dur_ms=\([0-9]*\).*/\1/' | sort -n | tail -n 1; }

all 20 status "$url$path" >/dev/null
all 20 status "$url/api/assistants/desk/prompt?format=text" >/dev/null
tag=$(ask "$url$path" | sed -n 's/^ETag: //p')
has "a copy is made" "$(ls "$copies")" '^token-'

server_stop
is "without the database workers deliver what they know" "20 200" "$(all 20 status "$url$path")"
is "byte for byte" "$(sha256sum <"$work/first")" \
	"$(sum "$url/api/assistants/desk/prompt?format=text")"
has "and say that nobody confirms it" "$(ask "$url$path")" '^promptbuilder-stale: [0-9]+$'
is "nothing new is said as before" 304 "$(status -H "If-None-Match: $tag" "$url$path")"
is "a wait lasts its time" 304 "$(status -H "If-None-Match: $tag" "$url$path?wait=1")"
unknown=$(ask "$url/api/assistants/unknown/prompt")
has "what nobody has asked for before: 503" "$unknown" '^HTTP/1.1 503 '
has "with the time to try again" "$unknown" '^retry-after: '
is "who has not been seen is not let in" 503 \
	"$(code -H "Authorization: Bearer tok_never_0123456789abcdef" "$url$path")"
is "nor does a known token reach another account's" 404 "$(status "$url$path?accountId=zeta")"
is "pages say that the database is away" 503 "$(status "$url/api/prompt-versions")"

# The web is ended and started again; its master needs no database for that.
web_again
is "a web that starts without the database delivers from its copies" "20 200" \
	"$(all 20 status "$url$path")"
is "byte for byte, too" "$(sha256sum <"$work/first")" \
	"$(sum "$url/api/assistants/desk/prompt?format=text")"
is "with the same validator" 304 "$(status -H "If-None-Match: $tag" "$url$path")"
is "an operator's answers are not on disk" 503 \
	"$(code -H "Authorization: Bearer $operator_token" "$url$path")"

# What somebody could have changed is not used.
ls "$copies" | grep -v '^token-' | while read -r file; do
	cp -p "$copies/$file" "$work/kept"
	sed -i 's/first/worst/' "$copies/$file"
	cmp -s "$copies/$file" "$work/kept" && exit 1
	:
done && ok "copies are damaged" || not_ok "copies are damaged"
web_again
is "a damaged copy is not used" "20 503" "$(all 20 status "$url$path")"
has "the log says so" "$(cat "$work/web.log")" 'a damaged copy is not used'

# The database comes back; meanwhile nobody was told of a deployment or a revocation.
server_start
answered() { [ "$(all 20 status "$url$path")" = "20 200" ]; }
if wait_for 15 answered; then ok "it is back"; else not_ok "it is back" "$(all 20 status "$url$path")"; fi
not_stale() { ! all 20 ask "$url$path" | grep -qi promptbuilder-stale; }
if wait_for 15 not_stale; then ok "and asked again"; else not_ok "and asked again"; fi
deploy "$bot" production "$second" >/dev/null
is_second() { [ "$(all 20 sum "$url$path?format=text" | sed 's/^20 //')" = "$(sha256sum <"$work/second")" ]; }
if wait_for 15 is_second; then ok "a deployment is told again"; else
	not_ok "a deployment is told again" "$(all 20 sum "$url$path?format=text")"; fi
server_stop
is "stopped again, it is the newest that is delivered" \
	"20 $(sha256sum <"$work/second")" "$(all 20 sum "$url$path?format=text")"
server_start

# A token that ends meanwhile, one that nobody may believe so long, and a copy that is too old.
extra=tok_extra_0123456789abcdef
sql -c "INSERT INTO access_tokens (account_id, role, name, token_hash, expires_at)
	SELECT id, 'viewer', 'Extra', encode(sha256('$extra'), 'hex'), now() + interval '4 seconds'
	FROM accounts WHERE slug = 'acme'" >/dev/null
extra() { code -H "Authorization: Bearer $extra" "$url$path"; }
is_extra_known() { [ "$(all 10 extra)" = "10 200" ]; }
wait_for 3 is_extra_known || not_ok "the token is known" "$(all 10 extra)"
is_steady() { answered && not_stale; }
wait_for 15 is_steady || not_ok "all is fresh again"
server_stop
is_ended() { [ "$(all 10 extra)" = "10 503" ]; }
if wait_for 8 is_ended; then ok "a token ends without the database, too"; else
	not_ok "a token ends without the database, too" "$(all 10 extra)"; fi
touch -d '25 hours ago' "$copies"/*
web_again
is "after a day nobody is believed any more" "20 503" "$(all 20 status "$url$path")"
is "and the copies are removed" "" "$(find "$copies" -type f)"
server_start
wait_for 15 answered || not_ok "all is well again"
is "copies are made again" yes "$([ -n "$(find "$copies" -type f)" ] && echo yes)"

# A database that takes connections and says nothing more.
postmaster=$(head -n 1 "$data/postmaster.pid")
wait_for 15 is_steady || not_ok "all is fresh again"
processes="$postmaster $(pgrep -P "$postmaster")"
: >"$work/web.log"
for pid in $processes; do kill -STOP "$pid"; done
is "a database that hangs: what is fresh is given" "20 200" "$(all 20 status "$url$path")"
web_again
is "and after a start, too" "20 200" "$(all 20 status "$url$path")"
if [ "$(longest)" -lt 4500 ]; then ok "nobody waits for it for long"; else
	not_ok "nobody waits for it for long" "$(longest)"; fi
for pid in $processes; do kill -CONT "$pid" 2>/dev/null || true; done
if wait_for 30 is_steady; then ok "it goes on"; else not_ok "it goes on"; fi

# No folder, no copies; the web delivers as before.
rm -rf "$copies"
touch "$copies"
web_again
is "a folder that cannot be used costs the copies only" "20 200" "$(all 20 status "$url$path")"
has "and a line of the log" "$(cat "$work/web.log")" 'answers are not kept on disk'
has_not "no sanitizer reports" "$(cat "$work/web.log")" 'Sanitizer|runtime error'
finish
