#!/bin/sh
# download_test.sh: who goes away is waited for no longer, and downloads leave workers to others.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/stack.sh"

WORKERS=2
token=tok_acme_0123456789abcdef
stack_start
account acme $token

# ask [CURL-OPTION...] URL; begin is the same in the background, as $client
ask() { curl -s -H "Authorization: Bearer $token" "$@"; }
begin()
{
	curl -s -H "Authorization: Bearer $token" "$@" 7>&- &
	client=$!
}
waiting() { sql -c "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'
	AND application_name = 'promptbuilder-web'"; }
waiting_is() { [ "$(waiting)" = "$1" ]; }
# locked: until release, every statement that reads runs waits
locked()
{
	mkfifo "$work/release"
	{ echo 'BEGIN; LOCK TABLE pipeline_runs;'; cat "$work/release"; } | sql >/dev/null &
	exec 7>"$work/release"
	wait_for 10 lock_is_held
}
lock_is_held() { [ "$(sql -c "SELECT count(*) FROM pg_locks WHERE granted
	AND mode = 'AccessExclusiveLock' AND relation = 'pipeline_runs'::regclass")" = 1 ]; }
release()
{
	exec 7>&-
	wait_for 10 waiting_is 0
	rm "$work/release"
}

# A page's request, and a download, whose clients give up.
for path in /api/pipeline-runs /api/pipeline-runs.csv; do
	locked
	begin -o /dev/null "$url$path"
	if wait_for 10 waiting_is 1; then ok "$path waits"; else not_ok "$path waits"; fi
	kill $client
	wait $client || true
	if wait_for 5 waiting_is 0; then ok "and is cancelled when its client goes"; else
		not_ok "and is cancelled when its client goes" "$(waiting) still waiting"
	fi
	release
	is "then all is well" 200 "$(ask -o /dev/null -w '%{http_code}' "$url$path")"
done
is "the log says that they were left" 2 "$(grep -c 'status=499' "$work/web.log")"

# A change is made even if nobody waits for the answer.
locked
begin -o "$work/launch" -H 'Content-Type: application/json' \
	-d '{"briefing":{"assistantId":"bot","company":"X","purpose":"Y"}}' "$url/api/pipeline-runs"
if wait_for 10 waiting_is 1; then ok "a launch waits"; else not_ok "a launch waits"; fi
kill $client
wait $client || true
release
has_run() { [ "$(sql -c "SELECT count(*) FROM pipeline_runs")" = 1 ]; }
if wait_for 10 has_run; then ok "and is made"; else not_ok "and is made" "$(cat "$work/launch")"; fi

# One of two workers may be busy with a list.
locked
begin -w '%{http_code}' -o "$work/first" "$url/api/pipeline-runs.csv" >"$work/status"
if wait_for 10 waiting_is 1; then ok "a download is under way"; else not_ok "a download is under way"; fi
answer=$(get -H "Authorization: Bearer $token" "$url/api/pipeline-runs.csv")
has "a second one is sent away" "$answer" '^HTTP/1.1 429'
has "for a while" "$answer" '^retry-after: [0-9]+$'
has "and told why" "$answer" 'Other downloads are being made'
is "a small table is not" 200 "$(ask -o /dev/null -w '%{http_code}' "$url/api/prices.csv")"
is "nor a page" 200 "$(ask -o /dev/null -w '%{http_code}' "$url/api/prices")"
release
wait $client
is "the first one ends well" 200 "$(cat "$work/status")"
is "and leaves its place" 200 "$(ask -o /dev/null -w '%{http_code}' "$url/api/pipeline-runs.csv")"
has_not "no sanitizer reports" "$(cat "$work/web.log")" 'Sanitizer|runtime error'
finish
