#!/bin/sh
# delivery_wait_test.sh: requests that wait for the next deployment: what ends them, how many there
# may be, and that nobody else notices.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/stack.sh"
. "$here/delivery_kit.sh"

# waiting WHAT...: its results are this test's
waiting()
{
	python3 "$here/delivery_wait.py" "$@" >"$work/waiting" 2>&1 || true
	while IFS= read -r line; do
		case $line in
		ok*) ok "${line#ok * - }" ;;
		not\ ok*) not_ok "${line#not ok * - }" ;;
		1..*) ended=yes ;;
		*) printf '%s\n' "$line" ;;
		esac
	done <"$work/waiting"
	is "$1 went to its end" yes "${ended:-no}"
	ended=
}

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
