#!/usr/bin/env bash
# web_test.sh: connections between the web and its database are cut, silent or open at one end only:
# pages come back, and a launch that is asked for again because nobody answered is one run.
srcdir=${srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
. "$srcdir/tests/http/stack.sh"
. "$srcdir/tests/fault/proxy.sh"
children=()
trap 'kill "${children[@]}" 2>/dev/null; stack_end' EXIT

acme_token=tok_acme_0123456789abcdef
stack_database
proxy db "$sockets/.s.PGSQL.5432"
database_url="postgresql://postgres@127.0.0.1:$db_port/postgres"
stack_web
stack_nginx
account acme $acme_token
sql -c "INSERT INTO assistants (account_id, external_id, name) SELECT id, 'bot', 'Bot' FROM accounts"
jar=$work/jar
sign_in "$jar" acme $acme_token >/dev/null
injected=0 longest_ms=0

page() { code -m 10 -b "$jar" "$url/costs"; }
launch() # KEY SECONDS: the status; 000 without an answer in that time
{
	code -m "$2" -H "Authorization: Bearer $acme_token" -H "Idempotency-Key: $1" \
		-H 'content-type: application/json' \
		-d '{"briefing":{"assistantId":"bot","company":"C","purpose":"P"}}' "$url/api/pipeline-runs"
}
runs() { sql -c "SELECT count(*) FROM pipeline_runs"; }
pages_come_back() { [ "$(page)" = 200 ]; }

is "a page is shown" 200 "$(page)"
is "a run is launched" 202 "$(launch first 10)"
for what in cut lose "freeze down" "freeze up"; do
	before=$(runs)
	# shellcheck disable=SC2086
	order db $what
	injected=$((injected + 1))
	[ "$what" = cut ] || launch "during $what" 1 >/dev/null
	order db pass
	begin=$(date +%s%3N)
	wait_for 40 pages_come_back && status=0 || status=1
	took_ms=$(($(date +%s%3N) - begin))
	[ "$took_ms" -le "$longest_ms" ] || longest_ms=$took_ms
	is "$what: pages come back" 0 $status
	is "$what: and launches" 202 "$(launch "during $what" 10)"
	is "$what: a launch that was asked for twice is one run" $((before + 1)) "$(runs)"
done
line="web and database: cut, silent, half open|$injected|$(runs)|0|0|0|0|$longest_ms"
echo "# $line"
[ -z "${FAULT_TABLE:-}" ] || echo "$line" >>"$FAULT_TABLE"
finish
