#!/bin/sh
# pg.sh: runs a command with a throw-away PostgreSQL server, which ends with the command.
#
#	tests/pg.sh COMMAND [ARGUMENT...]
#
# The command finds the server in TEST_DATABASE_URL, the URL of its owner. When that is set
# already, the command uses that server and nothing is started. Without a command the server
# runs, its URL printed, until the end of the input. TEST_PG_SETTINGS are further lines of its
# configuration.
set -eu

[ -z "${TEST_DATABASE_URL:-}" ] || exec "${@:-true}"

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || bin=$(dirname "$(command -v initdb || echo /nowhere/initdb)")
[ -x "$bin/initdb" ] || { echo "pg.sh: no PostgreSQL server is installed" >&2; exit 1; }

dir=$(mktemp -d "${TMPDIR:-/tmp}/pg.XXXXXX")
chmod 755 "$dir"
child=

# The server refuses to run as root. It must be able to enter the directory it starts in.
as_server()
{
	if [ "$(id -u)" = 0 ]; then
		(cd "$dir" && runuser -u postgres -- "$@")
	else
		(cd "$dir" && "$@")
	fi
}

stop()
{
	trap - EXIT HUP INT TERM
	[ -z "$child" ] || kill "$child" 2>/dev/null || true
	[ ! -e "$dir/data/postmaster.pid" ] ||
		as_server "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1 || true
	rm -rf "$dir"
}
trap stop EXIT
trap 'stop; exit 130' HUP INT TERM

# Debian's psql is a script that looks for this one, which takes longer than most statements.
PATH=$bin:$PATH
export PATH

[ "$(id -u)" != 0 ] || chown postgres "$dir"
as_server "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync \
	>"$dir/initdb.log" 2>&1 || { cat "$dir/initdb.log" >&2; exit 1; }
cat >>"$dir/data/postgresql.conf" <<END
listen_addresses = ''
unix_socket_directories = '$dir'
max_connections = 200
fsync = off
full_page_writes = off
synchronous_commit = off
${TEST_PG_SETTINGS:-}
END
as_server "$bin/pg_ctl" -D "$dir/data" -l "$dir/server.log" -w -t 60 start >/dev/null ||
	{ cat "$dir/server.log" >&2; exit 1; }

TEST_DATABASE_URL="postgresql://postgres@/postgres?host=$dir"
export TEST_DATABASE_URL
if [ $# = 0 ]; then
	echo "$TEST_DATABASE_URL"
	cat >/dev/null
	exit 0
fi
# In the background, so that a signal ends the server at once and not after the command.
"$@" <&0 &
child=$!
status=0
wait "$child" || status=$?
child=
exit "$status"
