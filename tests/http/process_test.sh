#!/bin/sh
# process_test.sh: workers killed, replaced and crashing, the whole program ended and started again,
# all of it under load; what the supervisor hears; limits of the processes.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/stack.sh"

stack_database
ulimit -c unlimited 2>/dev/null || true
stack_web
stack_nginx

process() { tap "$1" python3 "$here/process.py" "$@"; }
process reload "$url" "$web_pid" "$nginx_pid"
process kill "$url" "$web_pid"
process loop "$web_pid"
for pid in "$web_pid" $(pgrep -P "$web_pid"); do
	has "process $pid writes no core file" "$(cat "/proc/$pid/limits")" '^Max core file size +0 +0 '
done
has_not "no sanitizer reports" "$(cat "$work/web.log")" 'Sanitizer|runtime error'

# A program behind a socket that somebody else holds, as under systemd.
kill "$web_pid"
wait "$web_pid" || true
web_pid=
rm -f "$work/web.sock"
export DATABASE_URL="$database_url" PROMPTBUILDER_DATA_DIR="$top"
process restart "$url" "$programs/promptbuilder-web" "$work/web.sock" "$work/web.log"
finish
