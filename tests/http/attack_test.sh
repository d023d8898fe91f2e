#!/bin/sh
# attack_test.sh: every line of tests/attack against every form, query, path and JSON address; then
# the logs: no statement was malformed, no worker died, nothing is gone.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if [ -z "${ATTACK_LOG:-}" ]; then
	# A server of its own, whose log names the kind of each error.
	unset TEST_DATABASE_URL
	export ATTACK_LOG=yes TEST_PG_SETTINGS="log_error_verbosity = verbose"
fi
. "$here/stack.sh"

export A_TOKEN=tok_acme_0123456789abcdef OP_TOKEN=op_0123456789abcdef0123
SIGN_INS=100000r/s
stack_start
account acme $A_TOKEN
account zeta tok_zeta_0123456789abcdef
operator $OP_TOKEN
sql -f "$here/world.sql" >/dev/null
# The failures of sign-ins are not what is tested here: nobody waits.
sql -c "CREATE OR REPLACE FUNCTION sign_in_delay(p_failures integer, p_free integer) RETURNS integer
	LANGUAGE sql IMMUTABLE AS 'SELECT 0'" >/dev/null
"$programs/promptbuilder" routes >"$work/routes"
tables() { sql -c "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"; }
before=$(tables)

tap "the attack" python3 "$here/attack.py" "$url" "$work/routes" "$top/tests/attack"

log=$sockets/server.log
wrong='ERROR:  *(42[0-9A-Z]{3}|XX[0-9]{3}|54[0-9]{3}|2201[0-9A-Z]|22P0[25]|22021)'
has_not "no statement was malformed" "$(grep -E "$wrong" "$log" | head -n 5)" .
sql -c "SELECT * FROM nothing_of_this_name" >/dev/null 2>&1 || true
has "a planted malformed statement is seen" "$(grep -E "$wrong" "$log")" 42P01
has_not "no worker died" "$(cat "$work/web.log")" 'msg="?(worker died|out of memory)|Sanitizer|runtime error'
has_not "no error of the program's own" "$(grep -E '^ts=[^ ]* level=error' "$work/web.log" | head -n 5)" .
has_not "no forged line in the log" "$(cut -c1-3 "$work/web.log" | sort -u)" '^([^t]|t[^s]|ts[^=])'

# The same launch many times at once.
launched() { sql -c "SELECT count(*) FROM pipeline_runs WHERE idempotency_key = 'one launch'"; }
seq 1 30 | xargs -P 30 -I {} curl -s -o "$work/launch.{}" -H "Authorization: Bearer $A_TOKEN" \
	-H 'Content-Type: application/json' -H 'Idempotency-Key: one launch' "$url/api/pipeline-runs" \
	-d '{"accountId":"acme","briefing":{"assistantId":"desk","company":"C","purpose":"P"}}'
is "thirty equal launches at once are one run" "1 30" \
	"$(launched) $(grep -l pipeline_ "$work"/launch.* | wc -l)"
is "all tables are there" "$before" "$(tables)"
is "both accounts, too" 2 "$(sql -c "SELECT count(*) FROM accounts WHERE slug IN ('acme', 'zeta')")"
finish
