#!/bin/sh
# million_test.sh: a download of a million lines: all of them, to the nano-dollar, in constant
# memory; and what is seen when the client or the database goes away in the middle.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/stack.sh"

LINES=1000000
WORKERS=1
token=tok_acme_0123456789abcdef
stack_database
# Pages have a second; a download takes longer.
database_url="$database_url&options=-c%20statement_timeout%3D1s"
stack_web
stack_nginx
account acme $token

sql >/dev/null <<END
INSERT INTO assistants (account_id, external_id, name) SELECT id, 'bot', 'Bot' FROM accounts;
SET session_replication_role = replica;
INSERT INTO pipeline_runs (account_id, assistant_id, pipeline_id, briefing_id, status,
  briefing_data, started_at)
SELECT s.account_id, s.id, 'pipeline_' || n, 'briefing_x', 'completed', '{}',
  now() - n * interval '1 hour'
FROM assistants s, generate_series(1, 1000) AS n;
INSERT INTO cost_entries (id, account_id, pipeline_run_id, assistant_id, operation, model,
  input_tokens, output_tokens, cost_usd, timestamp)
SELECT lpad(to_hex(r.number * 1000 + n), 32, '0')::uuid, r.account_id, r.id, r.assistant_id,
  'prompt_analysis', 'claude-sonnet-5', n, n, (r.number * 1000 + n) * 0.000000007,
  r.at - n * interval '1 second'
FROM (SELECT r.account_id, r.id, r.assistant_id, r.started_at AS at,
        row_number() OVER (ORDER BY r.started_at DESC) AS number FROM pipeline_runs r) AS r,
  generate_series(1, $LINES / 1000) AS n;
ANALYZE;
END

ask() { curl -s -H "Authorization: Bearer $token" "$@"; }
peak() { sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$(pgrep -P "$web_pid")/status"; }
active() { sql -c "SELECT count(*) FROM pg_stat_activity WHERE state = 'active'
	AND application_name = 'promptbuilder-web'"; }
nothing_runs() { [ "$(active)" = 0 ]; }

for path in '/cost-entries.csv?limit=200' '/cost-entries?limit=200' '/cost-entries.csv?runId=pipeline_1'; do
	is "$path" 200 "$(ask -o /dev/null -w '%{http_code}' "$url/api$path")"
done
before=$(peak)
ask "$url/api/cost-entries.csv" >"$work/lines.csv"
after=$(peak)
is "all lines came, and their sum" "$(sql -c "SELECT count(*) || ' ' || sum(cost_usd) FROM cost_entries")" \
	"$(python3 "$here/csv_check.py" sum cost_usd <"$work/lines.csv")"
if [ $((after - before)) -lt 2048 ]; then ok "the worker's memory did not grow"; else
	not_ok "the worker's memory did not grow" "from $before kB to $after kB"
fi
has "longer than a page may take" "$(grep cost-entries "$work/web.log" | tail -n 1)" 'status=200 .*dur_ms=[0-9]{4}'
size=$(wc -c <"$work/lines.csv")

# begin NAME: a download of which the first bytes have come
begin()
{
	rm -f "$work/part.csv"
	curl -s -H "Authorization: Bearer $token" -o "$work/part.csv" "$url/api/cost-entries.csv" &
	client=$!
	wait_for 10 test -s "$work/part.csv" || not_ok "$1 began"
}

begin "a download that is left"
is "the statement runs" 1 "$(active)"
kill $client
wait $client || true
if wait_for 5 nothing_runs; then ok "and is cancelled when the client goes"; else not_ok "and is cancelled when the client goes"; fi
is "the worker is free" 200 "$(ask -o /dev/null -w '%{http_code}' -m 5 "$url/api/prices")"
has "and the log says so" "$(grep cost-entries "$work/web.log" | tail -n 1)" 'status=499'

begin "a download that breaks"
is "the database goes" t "$(sql -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
	WHERE application_name = 'promptbuilder-web' AND state = 'active'")"
wait $client && broken=0 || broken=$?
is "the client sees that it has a part only" 18 "$broken"
if [ "$(wc -c <"$work/part.csv")" -lt "$size" ]; then ok "which it is"; else not_ok "which it is"; fi
has "and the log says so" "$(cat "$work/web.log")" 'a download was cut'
is "the next one is whole" 1001 "$(ask "$url/api/cost-entries.csv?runId=pipeline_7" | wc -l)"
has_not "no sanitizer reports" "$(cat "$work/web.log")" 'Sanitizer|runtime error'
finish
