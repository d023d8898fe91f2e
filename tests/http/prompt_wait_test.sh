#!/bin/sh
# prompt_wait_test.sh: requests that wait for the next deployment: what ends them, how many there
# may be, and that nobody else notices.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/stack.sh"
. "$here/prompt_kit.sh"

waiting() { tap "$1" python3 "$here/prompt_wait.py" "$@"; }

web_again()
{
	kill "$web_pid" 2>/dev/null || true
	wait "$web_pid" || true
	rm -f "$work/web.sock"
	stack_web
	wait_for 10 curl -fs "$url/healthz"
}

stack_start
TOKEN=tok_acme_0123456789abcdef
account acme $TOKEN
ASSISTANT=$(assistant acme desk)
OTHER=$(assistant acme other)
printf 'The first prompt.\n' >"$work/first"
printf 'The second prompt.\n' >"$work/second"
FIRST=$(version "$ASSISTANT" "$work/first")
SECOND=$(version "$ASSISTANT" "$work/second")
OTHER_VERSION=$(version "$OTHER" "$work/first")
DATABASE_URL=$TEST_DATABASE_URL
export DATABASE_URL TOKEN ASSISTANT OTHER FIRST SECOND OTHER_VERSION

# The clients of the documentation, as they stand there, with what they are told.
mkdir "$work/clients"
sed -n '/^```python$/,/^```$/p' "$top/docs/delivery.md" | grep -v '^```' >"$work/clients/follow.py"
sed -n '/^```js$/,/^```$/p' "$top/docs/delivery.md" | grep -v '^```' >"$work/clients/follow.mjs"
cat >"$work/clients/main.py" <<'END'
import follow
follow.follow(lambda prompt: print(prompt and prompt.strip(), flush=True))
END
cat >"$work/clients/main.mjs" <<'END'
import { follow } from './follow.mjs'
follow(prompt => console.log(prompt === undefined ? 'None' : prompt.trim()))
END
client()
{
	: >"$work/told"
	PROMPT_URL="$url/api/assistants/desk/prompt?format=text" PROMPT_TOKEN=$TOKEN \
		timeout 60 "$@" \
		>"$work/told" 2>"$work/client.log" &
	client_pid=$!
	for place in "$FIRST" "" "$SECOND"; do
		lines=$(wc -l <"$work/told")
		deploy "$ASSISTANT" production $place >/dev/null
		more() { [ "$(wc -l <"$work/told")" -gt "$lines" ]; }
		wait_for 20 more || break
	done
	kill "$client_pid" 2>/dev/null || true
	wait "$client_pid" 2>/dev/null || true
}
deploy "$ASSISTANT" production "$SECOND" >/dev/null
for program in python3 node; do
	script=$work/clients/main.py
	[ "$program" = python3 ] || script=$work/clients/main.mjs
	command -v "$program" >/dev/null || continue
	client "$program" "$script"
	is "a client in $program hears of each deployment" \
		"The first prompt. None The second prompt." \
		"$(grep -v '^$' "$work/told" | uniq | tail -n 3 | tr '\n' ' ' | sed 's/ $//')"
done

waiting wake "$url" "$web_pid" "$work/web.log"
waiting crowd "$url" "$web_pid"
waiting stop "$url" "$web_pid"
WORKERS=1
export PROMPTBUILDER_WAITING=3
web_again
waiting full "$url"
export DATABASE_POOLED=yes
web_again
waiting polled "$url"
has_not "no sanitizer reports" "$(cat "$work/web.log")" 'Sanitizer|runtime error'
finish
