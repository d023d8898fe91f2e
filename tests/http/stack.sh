# stack.sh: sourced by tests: promptbuilder-web behind a real nginx on a real database.
#
# The programs are found in the current folder or in $PROGRAMS; $top is the source tree; the
# database comes from tests/pg.sh. Everything lives below $work and ends with the test.

top=${srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
top=$(cd "$top" && pwd)
programs=${PROGRAMS:-$PWD}
[ -n "${TEST_DATABASE_URL:-}" ] || exec "$top/tests/pg.sh" "$0" "$@"

work=$(mktemp -d "${TMPDIR:-/tmp}/http.XXXXXX")
port=${TEST_PORT:-$((10000 + $$ % 20000))}
url=http://127.0.0.1:$port
web_pid=
nginx_pid=
number=0
failed=0

ok()
{
	number=$((number + 1))
	echo "ok $number - $1"
}

not_ok()
{
	number=$((number + 1))
	failed=$((failed + 1))
	echo "not ok $number - $1"
	shift
	for line in "$@"; do
		printf '%s\n' "$line" | head -n 40 | sed 's/^/#   /'
	done
}

# is NAME EXPECTED ACTUAL
is()
{
	if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "expected: $2" "got: $3"; fi
}

# has NAME TEXT PATTERN: an extended regular expression on one line of the text, any case
has()
{
	if printf '%s\n' "$2" | grep -qiE -e "$3"; then ok "$1"; else not_ok "$1" "no $3 in:" "$2"; fi
}

has_not()
{
	if printf '%s\n' "$2" | grep -qiE -e "$3"; then not_ok "$1" "$3 in:" "$2"; else ok "$1"; fi
}

# tap NAME COMMAND...: the results of a test in another language are this test's
tap()
{
	name=$1
	shift
	"$@" >"$work/tap" 2>&1 || true
	ended=no
	while IFS= read -r line; do
		case $line in
		ok*) ok "${line#ok * - }" ;;
		not\ ok*) not_ok "${line#not ok * - }" ;;
		1..*) ended=yes ;;
		*) printf '%s\n' "$line" ;;
		esac
	done <"$work/tap"
	is "$name went to its end" yes "$ended"
}

# tap_sum NAME COMMAND...: the same as one result, where they are many
tap_sum()
{
	name=$1
	shift
	"$@" >"$work/tap" 2>&1 || true
	grep -E '^not ok|^# |Error|Bail' "$work/tap" | sed 's/^not ok/# not ok/' | head -n 100 || true
	bad=$(grep -c '^not ok' "$work/tap" || true)
	good=$(grep -c '^ok' "$work/tap" || true)
	if [ "$bad" = 0 ] && grep -q '^1\.\.' "$work/tap"; then
		ok "$name: $good checks"
	else
		not_ok "$name: $bad of $((good + bad)) checks" "$(tail -n 5 "$work/tap")"
	fi
}

sql()
{
	psql -X -q -At -v ON_ERROR_STOP=1 "$TEST_DATABASE_URL" "$@"
}

# wait_for SECONDS COMMAND...: until it succeeds; false when the time is over
wait_for()
{
	tries=$(($1 * 20))
	shift
	until "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.05
	done
}

stack_end()
{
	trap - EXIT HUP INT TERM
	[ -z "$nginx_pid" ] || kill "$nginx_pid" 2>/dev/null || true
	[ -z "$web_pid" ] || kill "$web_pid" 2>/dev/null || true
	wait 2>/dev/null || true
	[ -n "${KEEP:-}" ] || rm -rf "$work"
}
trap stack_end EXIT
trap 'stack_end; exit 130' HUP INT TERM

# The web reaches the server through a link of ours, which a test can take away.
stack_database()
{
	DATABASE_URL=$TEST_DATABASE_URL PROMPTBUILDER_DATA_DIR=$top "$programs/promptbuilder" migrate \
		>"$work/migrate.log" 2>&1 || { cat "$work/migrate.log" >&2; exit 1; }
	sockets=$(sql -c 'SHOW unix_socket_directories')
	ln -s "$sockets" "$work/pg"
	database_url="postgresql://postgres@/postgres?host=$work/pg"
}

# database_away: nobody can connect, and who was connected is thrown out
database_away()
{
	rm "$work/pg"
	sql -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE application_name LIKE 'promptbuilder%'" >/dev/null
}

database_back()
{
	ln -s "$sockets" "$work/pg"
}

stack_web()
{
	DATABASE_URL=$database_url PROMPTBUILDER_DATA_DIR=$top PROMPTBUILDER_SIMULATED=yes \
		"$programs/promptbuilder-web" --socket "$work/web.sock" --workers "${WORKERS:-2}" \
		2>>"$work/web.log" </dev/null &
	web_pid=$!
	wait_for 10 test -S "$work/web.sock" || { cat "$work/web.log" >&2; exit 1; }
}

# site RATE: the site file, with that many sign-ins allowed
site()
{
	sed "s|@PORT@|127.0.0.1:$port|g; s|@SOCKET@|$work/web.sock|g; s|@STATIC@|$top/static|g
		s|rate=30r/m|rate=$1|" "$top/nginx/promptbuilder.conf" >"$work/site.conf"
}

stack_nginx()
{
	mkdir -p "$work/nginx-tmp"
	site "${SIGN_INS:-100r/s}"
	sed "s|@STATE@|$work|g; s|@SITE@|$work/site.conf|g" "$top/nginx/nginx.conf" \
		>"$work/nginx.conf"
	# Started by root, its worker would become another user, who may not use the socket.
	[ "$(id -u)" != 0 ] || sed -i '1i user root;' "$work/nginx.conf"
	nginx -p "$work" -c "$work/nginx.conf" 2>>"$work/nginx.log" </dev/null &
	nginx_pid=$!
	wait_for 10 curl -fs "$url/healthz" || { cat "$work/nginx.log" "$work/web.log" >&2; exit 1; }
}

stack_start()
{
	stack_database
	stack_web
	stack_nginx
}

# account SLUG TOKEN: an account that signs in with that token
account()
{
	sql -c "INSERT INTO accounts (slug, name, mermaid_token_hash)
		VALUES ('$1', 'The $1 company', encode(sha256('$2'), 'hex'))" >/dev/null
}

operator()
{
	sql -c "INSERT INTO access_tokens (role, name, token_hash)
		VALUES ('operator', 'Op', encode(sha256('$1'), 'hex'))" >/dev/null
}

# get [CURL-OPTION...] PATH: status line, headers and body
get()
{
	for path in "$@"; do :; done
	curl -s -i --path-as-is "$@" 2>&1 | tr -d '\r'
}

# code [CURL-OPTION...] URL
code()
{
	curl -s -o /dev/null -w '%{http_code}' "$@"
}

# csrf JAR URL: the token of the form on that page
csrf()
{
	curl -s -b "$1" -c "$1" "$2" | sed -n 's/.*name="csrf" value="\([^"]*\)".*/\1/p' | head -n 1
}

# sign_in JAR SLUG TOKEN: the status
sign_in()
{
	form=$(csrf "$1" "$url/session")
	code -b "$1" -c "$1" --data-urlencode "csrf=$form" --data-urlencode "slug=$2" \
		--data-urlencode "token=$3" "$url/session"
}

# api TOKEN PATH [JSON]: the body; its status goes into $work/status
api()
{
	curl -s -o "$work/body" -w '%{http_code}' -H "Authorization: Bearer $1" \
		${3:+-H "Content-Type: application/json" -d "$3"} "$url/api$2" >"$work/status"
	cat "$work/body"
}

# said NAME STATUS: of the last api
said() { is "$1" "$2" "$(cat "$work/status")"; }

# of JQ: what it finds in the last body
of() { jq -r "$1" "$work/body"; }

finish()
{
	echo "1..$number"
	[ "$failed" = 0 ] || { echo "# $failed failed"; exit 1; }
	exit 0
}
