#!/usr/bin/env bash
# dev_test.sh: ./dev up, twice, after a crash, and down: what a newcomer does with an installation.
set -u
top=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
state=$(mktemp -d "/tmp/promptbuilder test.XXXXXX")
chmod 755 "$state"
port=$((10000 + RANDOM % 20000))
export DEV_LATENCY_MS=20
unset DATABASE_URL ANTHROPIC_API_KEY ANTHROPIC_BASE_URL

clean_up()
{
	"$top/dev" down --state "$state" >/dev/null 2>&1
	rm -rf "$state"
}
trap clean_up EXIT

# check NAME COMMAND...
check()
{
	local name=$1 output
	shift
	if output=$("$@" 2>&1); then
		echo "ok - $name"
	else
		echo "not ok - $name"
		printf '%s\n' "$output" | tail -n 20 | sed 's/^/#   /'
	fi
}

up() { "$top/dev" up --state "$state" --port "$port" --detach "$@"; }
ready() { (. "$state/env" && curl -fsS "$URL/readyz"); }
ask() { (. "$state/env" && curl -fsS -H "Authorization: Bearer $ACCOUNT_TOKEN" "$URL/api$1"); }
sql() { (. "$state/env" && psql -X -At "$DATABASE_URL" -c "$1"); }
gone() { ! curl -fsS -o /dev/null "http://127.0.0.1:$port/healthz" 2>/dev/null; }
# A path with a space has its sockets and process ids elsewhere.
run=/tmp/promptbuilder-$(id -u)-$(printf %s "$state" | sha256sum | cut -c1-12)
process() { cat "$run/$1.process"; }
same_tokens() { diff <(grep TOKEN "$state/env") "$state/tokens"; }

# within SECONDS COMMAND...
within()
{
	local deadline=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$deadline" ] || return 1
		sleep 0.1
	done
}
demo_is_done() { [ "$(sql "SELECT status FROM pipeline_runs")" = completed ]; }
totals_tie()
{
	[ "$(sql "SELECT total_cost_usd FROM pipeline_runs")" = \
		"$(sql "SELECT sum(cost_usd) FROM cost_entries")" ]
}

check "starts from an empty folder whose name has a space" up
check "is ready" ready
check "writes five lines of settings" test "$(grep -cE \
	"^(URL|OPERATOR_TOKEN|ACCOUNT|ACCOUNT_TOKEN|DATABASE_URL)='.*'$" "$state/env")" = 5
check "keeps them to itself" test "$(stat -c %a "$state/env")" = 600
grep TOKEN "$state/env" >"$state/tokens"
check "the token opens the API" ask /costs
check "the demo run ends" within 60 demo_is_done
check "its total is the sum of its entries" totals_tie
check "a second start says that it runs" up
check "another state on the same port is refused" \
	bash -c "! '$top/dev' up --detach --state '$state/other' --port $port"
old_runner=$(process runner) old_web=$(process web)
are_new() { [ "$(process runner)" != "$old_runner" ] && [ "$(process web)" != "$old_web" ]; }
kill -9 "$old_runner" "$old_web"
check "what dies is started again" within 30 are_new
check "and answers" within 30 ready
kill -9 "$(process supervisor)"
check "starts after a crash of everything" up
check "with the tokens it had" same_tokens
check "and the run it had" demo_is_done
check "stops" "$top/dev" down --state "$state"
check "is gone" gone
check "a second stop is harmless" "$top/dev" down --state "$state"
rm -f "$state/pg/PG_VERSION"
check "a broken cluster is put aside" up --no-demo
check "with --no-demo there is one empty account" \
	test "$(sql "SELECT count(*) FROM accounts") $(sql "SELECT count(*) FROM pipeline_runs")" = "1 0"
