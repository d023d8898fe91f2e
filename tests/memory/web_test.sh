#!/bin/sh
# web_test.sh: every route with the n-th allocation of its request failing: the worker ends and
# another one answers; nobody gets a wrong answer, and nothing is half written.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../http/stack.sh"

A_TOKEN=tok_acme_0123456789abcdef
B_TOKEN=tok_zeta_0123456789abcdef
OPERATOR_TOKEN=tok_operator_0123456789abcdef
export A_TOKEN B_TOKEN OPERATOR_TOKEN
SIGN_INS=10000r/s

"${CC:-cc}" -O1 -Wall -shared -fPIC -o "$work/failmalloc.so" "$here/failmalloc.c"
head -c 32 /dev/zero >"$work/orders"
FAILMALLOC_FILE=$work/orders
export FAILMALLOC_FILE

start_web()
{
	LD_PRELOAD=$work/failmalloc.so
	export LD_PRELOAD
	stack_web
	unset LD_PRELOAD
}

ulimit -c 0
stack_database
# Many, so that one which dies young and has to wait is not missed.
WORKERS=64
start_web
stack_nginx
account acme $A_TOKEN
account zeta $B_TOKEN
operator $OPERATOR_TOKEN
sql -f "$here/../http/two_accounts.sql" >/dev/null
# One list that goes out in several parts.
sql -c "INSERT INTO outbox (account_id, kind, payload) SELECT id, 'test', '{}' FROM accounts, generate_series(1, 500)"
sql -c "INSERT INTO accounts (slug, name) VALUES ('gone', 'Gone')"
DATABASE_URL=$TEST_DATABASE_URL "$programs/promptbuilder" account delete gone --yes >/dev/null

"$programs/promptbuilder" routes >"$work/routes"
# torture WHAT: its results are this test's
torture()
{
	DATABASE_URL=$TEST_DATABASE_URL python3 -B "$here/torture.py" "$1" "$url" "$work/orders" \
		"$work/routes" >"$work/torture" 2>"$work/torture.err" || true
	sed -n 's/^ok [0-9]* - \(.* were refused in .*\)/# \1/p' "$work/torture"
	grep -E '^not ok|^#' "$work/torture" | sed 's/^\(not ok\) [0-9]* /# \1 /' | head -n 60 || true
	tail -n 5 "$work/torture.err" | sed 's/^/# /'
	good=$(grep -c '^ok' "$work/torture" || true)
	bad=$(grep -c '^not ok' "$work/torture" || true)
	if [ "$bad" = 0 ] && grep -q '^1\.\.' "$work/torture"; then
		ok "$1: $good checks"
	else
		not_ok "$1: $bad of $((good + bad)) checks"
	fi
}
torture every
deaths=$(grep -c 'msg="worker died"' "$work/web.log" || true)
if [ "$deaths" -gt 200 ]; then ok "$deaths workers have died of it"; else
	not_ok "only $deaths workers have died of it"; fi
is "as they should: by abort" 0 "$(grep 'msg="worker died"' "$work/web.log" | grep -vc 'signal=6' || true)"

# One worker alone is back within a second.
kill "$web_pid"
wait "$web_pid" || true
WORKERS=1
start_web
wait_for 10 curl -fs "$url/healthz"
torture alone
finish
