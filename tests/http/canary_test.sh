#!/bin/sh
# canary_test.sh: secrets that are told apart are used as they are meant to be, and wrongly; then
# logs, command lines, pages, the database and left-over files must not have them.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if [ -z "${CANARY_LOG:-}" ]; then
	# A server of its own, whose log is looked through.
	unset TEST_DATABASE_URL
	export CANARY_LOG=yes TEST_PG_SETTINGS="log_error_verbosity = verbose
log_connections = on"
fi
. "$here/stack.sh"

SIGN_INS=10000r/s
secret() { openssl rand -hex 20; }
token=$(secret) operator_token=$(secret) wrong_token=$(secret) key=$(secret) webhook=$(secret)
password=$(secret) briefing="Briefing-$(secret)" lost_briefing="Briefing-$(secret)"
mkdir "$work/credentials" "$work/tmp" "$work/spool" "$work/pages"
export TMPDIR="$work/tmp"
children=
# canary_end: also what stack.sh does not know of
canary_end() { [ -z "$children" ] || kill -9 $children 2>/dev/null || true; stack_end; }
trap canary_end EXIT
stack_database
# The server trusts whoever comes; the password is sent nowhere, but must not be shown either.
database_url=
printf '%s' "postgresql://postgres:$password@/postgres?host=$work/pg" >"$work/credentials/DATABASE_URL"
printf '%s\n' "$key" >"$work/credentials/ANTHROPIC_API_KEY"
printf '%s\n' "$webhook" >"$work/credentials/PROMPTBUILDER_WEBHOOK_SECRET"
chmod 600 "$work"/credentials/*
export CREDENTIALS_DIRECTORY="$work/credentials"
unset DATABASE_URL ANTHROPIC_API_KEY
ulimit -c unlimited 2>/dev/null || true
"$programs/promptbuilder-simulator" --port 0 --latency-ms 30 >"$work/simulator.out" 2>/dev/null &
children="$children $!"
simulator_is_up() { grep -q http "$work/simulator.out"; }
wait_for 10 simulator_is_up
provider=$(grep -o 'http://[0-9.:]*' "$work/simulator.out")
stack_web
stack_nginx
account acme "$token"
account zeta "tok_zeta_0123456789abcdef"
operator "$operator_token"
sql -c "INSERT INTO assistants (account_id, external_id, name) SELECT id, 'desk', 'Desk' FROM accounts" >/dev/null
runner()
{
	ANTHROPIC_BASE_URL=$provider PROMPTBUILDER_DATA_DIR=$top PROMPTBUILDER_SPOOL_DIR=$work/spool \
		PROMPTBUILDER_WEBHOOK_URL=http://127.0.0.1:1/ PROMPTBUILDER_LEASE_MS=2s \
		PROMPTBUILDER_RETRY_BASE_MS=5ms PROMPTBUILDER_RETRY_MAX_MS=20ms \
		PROMPTBUILDER_LOG_LEVEL=debug \
		"$programs/promptbuilder-runner" 2>>"$work/runner.log" </dev/null &
	runner_pid=$!
	children="$children $!"
}
runner
runner_lives() { [ "$(sql -c "SELECT count(*) FROM runners WHERE lease_until > now()")" -gt 0 ]; }
if wait_for 15 runner_lives; then ok "keys come out of \$CREDENTIALS_DIRECTORY"; else
	not_ok "keys come out of \$CREDENTIALS_DIRECTORY" "$(tail -n 3 "$work/runner.log")"; fi

# ---- The walk: in, launched, run, failed, crashed, out. ----
jar=$work/jar
sign_in "$jar" acme "$token" >/dev/null
sign_in "$work/op" operator "$operator_token" >/dev/null
sign_in "$work/no" acme "$wrong_token" >/dev/null
session=$(awk '$6 == "promptbuilder_session" { print $7 }' "$jar")
form=$(csrf "$jar" "$url/prices")
is "it is signed in" 200 "$(code -b "$jar" "$url/prices")"
made=$(curl -s -b "$jar" -d "csrf=$form&name=Eve&role=viewer&days=30" "$url/tokens" |
	sed -n 's|.*id="secret">\([^<]*\)</pre>.*|\1|p')
has "a token is made" "$made" '^pbv_'
faults() { curl -s -H 'content-type: application/json' -d "{\"faults\":[$1]}" "$provider/simulator/faults" >/dev/null; }
launch()
{
	curl -s -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -d "{\"accountId\":\"acme\",
		\"briefing\":{\"assistantId\":\"desk\",\"company\":\"$1\",\"purpose\":\"Answer.\"}}" \
		"$url/api/pipeline-runs" >/dev/null
}
over() { [ "$(sql -c "SELECT count(*) FROM pipeline_runs WHERE status IN ('queued', 'running')")" = 0 ]; }
launch "$briefing"
if wait_for 30 over; then ok "a run completes"; else not_ok "a run completes"; fi
faults '"rubbish"'
launch "$briefing"
if wait_for 30 over; then ok "a run fails"; else not_ok "a run fails"; fi
faults '"drip"'
launch "$lost_briefing"
spooled() { [ -n "$(find "$work/spool" -type f -size +0 -name '*[0-9a-f]*' 2>/dev/null)" ]; }
if wait_for 15 spooled; then ok "an answer is in the spool"; else not_ok "an answer is in the spool"; fi
is "which only its user reads" "" "$(find "$work/spool" -mindepth 1 -perm /077)"
kill -ABRT "$runner_pid"
faults ''
runner
if wait_for 40 over; then ok "a crashed runner's run ends"; else not_ok "a crashed runner's run ends"; fi
# Secrets where they do not belong.
for place in "/session?token=$token" "/$token" "/costs/$token" "/api/tokens/$token" \
	"/api/costs?accountId=$token"; do
	code -H "Authorization: Bearer $token" "$url$place" >/dev/null
done
code -H "Authorization: Basic $token" "$url/api/costs" >/dev/null
code -u "acme:$token" "$url/api/costs" >/dev/null
code -H "Authorization: Bearer $wrong_token" "$url/api/costs" >/dev/null
code -H "Cookie: promptbuilder_session=$token" "$url/costs" >/dev/null
code -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -d "{\"token\":\"$token" \
	"$url/api/tokens" >/dev/null
code -b "$jar" -d "csrf=$form&slug=$token&token=$token" "$url/session" >/dev/null
code -b "$jar" -d "csrf=$form&company=$lost_briefing&assistantId=nobody&targetScore=x" \
	"$url/pipeline-runs" >/dev/null
code -b "$jar" -d "csrf=$session" "$url/tokens" >/dev/null
kill -ABRT "$(pgrep -P "$web_pid" | head -n 1)"
for program in web runner; do
	"$programs/promptbuilder-$program" --print-config
done >"$work/printed" 2>&1
PROMPTBUILDER_DATA_DIR=$top "$programs/promptbuilder" doctor >>"$work/printed" 2>&1 || true

# ---- What is left of it. ----
# read_pages JAR FOLDER: every page that links lead to
read_pages()
{
	mkdir -p "$work/pages/$2"
	python3 - "$url" "$1" "$work/pages/$2" <<'PY'
import re, sys, urllib.request
url, jar, folder = sys.argv[1:]
cookie = next(l.split("\t") for l in open(jar) if "promptbuilder_session" in l)
seen, todo = set(), ["/", "/runners"]
while todo and len(seen) < 40:
    path = todo.pop(0).split("#")[0]
    if path in seen or not path.startswith("/"):
        continue
    seen.add(path)
    try:
        ask = urllib.request.Request(url + path, headers={"Cookie": f"{cookie[5]}={cookie[6].strip()}"})
        with urllib.request.urlopen(ask) as answer:
            text = answer.read().decode()
    except urllib.error.HTTPError as error:
        text = error.read().decode()
    open(f"{folder}/{len(seen)}", "w").write(text)
    todo += [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+)"', text)]
PY
}
read_pages "$jar" acme
run=$(sql -c "SELECT pipeline_id FROM pipeline_runs ORDER BY created_at LIMIT 1")
curl -s -b "$jar" "$url/pipeline-runs/new?run=$run" >"$work/pages/acme/again"
read_pages "$work/op" operator
code -b "$jar" -c "$jar" -d "csrf=$form" "$url/session/end" >/dev/null
sign_in "$work/zeta" zeta "tok_zeta_0123456789abcdef" >/dev/null
read_pages "$work/zeta" zeta
curl -s -b "$work/zeta" "$url/pipeline-runs/new?run=$run" >"$work/pages/zeta/again"
pages=$(find "$work/pages" -type f | wc -l)
if [ "$pages" -ge 50 ]; then ok "$pages pages are read"; else not_ok "only $pages pages are read"; fi
pg_dump "$TEST_DATABASE_URL" >"$work/dump"

printf '%s\t%s\n' token "$token" operator "$operator_token" "wrong token" "$wrong_token" \
	"made token" "$made" session "$session" "key of the provider" "$key" \
	"key of the webhook" "$webhook" "password of the database" "$password" >"$work/secrets"
printf '%s\t%s\n' briefing "$briefing" "lost briefing" "$lost_briefing" >"$work/texts"
printf 'form\t%s\n' "$form" >"$work/form"
cat "$work/secrets" "$work/texts" "$work/form" >"$work/all"
find_in() { python3 "$here/canary.py" "$@" 2>&1; }

# Planted ones are found first, so that finding none means something.
mkdir "$work/planted"
echo "ts=x msg=\"$session\"" >"$work/planted/log"
printf 'x%s' "$key" | base64 >"$work/planted/base64"
sh -c 'sleep 30; :' "$token" &
children="$children $!"
has "a planted log line is seen" "$(find_in "$work/all" "$work/planted")" '^session in .*/log$'
has "also in base64" "$(find_in "$work/all" "$work/planted")" '^key of the provider in .*/base64$'
has "a planted command line is seen" "$(find_in "$work/all" proc)" '^token in /proc/'
kill $! 2>/dev/null || true
wait $! 2>/dev/null || true
has "the briefing is in the database" "$(find_in "$work/texts" "$work/dump")" '^briefing in'
has "and on its account's pages" "$(find_in "$work/texts" "$work/pages/acme")" '^briefing in'

is "no secret in the web's log" "" "$(find_in "$work/all" "$work/web.log")"
is "no secret in the runner's log" "" "$(find_in "$work/all" "$work/runner.log")"
is "no secret in nginx's log" "" "$(find_in "$work/secrets" "$work/nginx.log")"
is "no secret in the database's log" "" "$(find_in "$work/all" "$sockets/server.log")"
is "no secret in a command line" "" "$(find_in "$work/all" proc)"
is "no secret in the database" "" "$(find_in "$work/secrets" "$work/dump")"
is "no secret on a page" "" "$(find_in "$work/secrets" "$work/pages")"
is "no briefing on a page of others" "" "$(find_in "$work/texts" "$work/pages/zeta")"
is "no secret in printed settings" "" "$(find_in "$work/all" "$work/printed")"
is "nothing in temporary files" "" "$(find_in "$work/all" "$work/tmp" "$work/nginx-tmp")"
is "nothing left in the spool" "" "$(find_in "$work/all" "$work/spool")"
is "no core files" "" "$(find "$work" "$PWD" "$programs" -maxdepth 1 -name 'core*' -type f)"
finish
