#!/bin/sh
# foreign_test.sh: every route with the ids of another account, and every form without its token:
# nothing is told, and nothing changes.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/stack.sh"

A_TOKEN=tok_acme_0123456789abcdef
B_TOKEN=tok_zeta_0123456789abcdef
export A_TOKEN B_TOKEN
SIGN_INS=10000r/s
stack_start
account acme $A_TOKEN
account zeta $B_TOKEN

# Both accounts have the same rows; only their ids differ.
sql -f "$here/two_accounts.sql" >/dev/null

"$programs/promptbuilder" routes >"$work/routes"
walk() { DATABASE_URL=$TEST_DATABASE_URL python3 "$here/walk.py" "$1" "$url" "$2"; }
tap_sum csrf walk csrf "$work/routes"
tap_sum foreign walk foreign "$work/routes"

# The walk fails for a route that it does not know.
printf 'GET\t/secrets/{id}\tpage,api\tviewer\tNew.\nPOST\t/secrets\tapi\tmember\tNew.\n' >"$work/new"
new=$(walk foreign "$work/new" || true)
has "a new address fails" "$new" '^not ok .*the walk knows what to put into /secrets/\{id\}'
has "a new form, too" "$new" '^not ok .*the walk knows what to send to /secrets$'
has_not "no sanitizer reports" "$(cat "$work/web.log")" 'Sanitizer|runtime error'
finish
