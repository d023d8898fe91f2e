# kit.sh: sourced by the benchmarks: a PostgreSQL with durable commits, databases with generated
# ledgers, and for each the real web behind the real nginx, with bare programs beside it.
#
# "./dev bench" sets PROGRAMS, srcdir and BENCH_LINES. All that is started ends with the script.
set -euo pipefail
top=$(cd "${srcdir:-.}" && pwd)
programs=${PROGRAMS:-$PWD}
lines=${BENCH_LINES:-300000}
export TEST_PG_SETTINGS='fsync = on
full_page_writes = on
synchronous_commit = on
max_wal_size = 4GB'
[ -n "${TEST_DATABASE_URL:-}" ] || exec "$top/tests/pg.sh" "$0" "$@"

work=$(mktemp -d /tmp/promptbuilder-bench.XXXXXX)
chmod 711 "$work"
started=()
operator_token=op_0123456789abcdef0123
bearer="Authorization: Bearer $operator_token"
declare -A port=() database=()

kit_end()
{
	trap - EXIT
	[ ${#started[@]} = 0 ] || kill "${started[@]}" 2>/dev/null || true
	wait 2>/dev/null || true
	rm -rf "$work"
}
trap kit_end EXIT
trap 'exit 130' HUP INT TERM

say() { printf '%s\n' "$*" >&2; }

# sql NAME PSQL-ARGUMENT...: on the database of that name
sql() { psql -qXAt -v ON_ERROR_STOP=1 "${database[$1]}" "${@:2}"; }

# until_true SECONDS COMMAND...
until_true()
{
	local deadline=$((SECONDS + $1))
	until "${@:2}" >/dev/null 2>&1; do
		[ $SECONDS -lt "$deadline" ] || { say "gave up waiting for: ${*:2}"; return 1; }
		read -rt 0.05 _ <> <(:) || true
	done
}

# kit_database NAME LINES [VARIABLE=VALUE...]: migrated, with a ledger and an operator
kit_database()
{
	local name=$1
	psql -qX "$TEST_DATABASE_URL" -c "CREATE DATABASE $name"
	database[$name]=${TEST_DATABASE_URL/@\/postgres\?/@/$name?}
	DATABASE_URL=${database[$name]} PROMPTBUILDER_DATA_DIR=$top "$programs/promptbuilder" migrate \
		>/dev/null
	"$top/tests/bench/ledger.sh" "$2" "${database[$name]}" "${@:3}"
	sql "$name" -c "INSERT INTO access_tokens (role, name, token_hash)
		VALUES ('operator', 'Bench', encode(sha256('$operator_token'), 'hex'))"
}

# kit_web NAME: the web on that database, behind an nginx on ${port[NAME]} that has also places for
# the bare programs of kit_bare.
kit_web()
{
	local name=$1 dir=$work/$1 location
	mkdir -p "$dir/nginx-tmp"
	chmod 711 "$dir" "$dir/nginx-tmp"
	port[$name]=$((10000 + RANDOM % 20000))
	# As in production it logs in as a role of its own, which brings that role's settings.
	DATABASE_URL=${database[$name]/postgres@/promptbuilder_web@} PROMPTBUILDER_DATA_DIR=$top \
		PROMPTBUILDER_LOG_LEVEL=warn "$programs/promptbuilder-web" --socket "$dir/web.sock" \
		--workers 2 2>>"$dir/web.log" </dev/null &
	web_pid=$!
	started+=("$web_pid")
	location='	location /&/ { fastcgi_param REQUEST_METHOD $request_method;'
	location+=" fastcgi_pass unix:$dir/&.sock; }"
	sed -e "s|@PORT@|127.0.0.1:${port[$name]}|; s|@SOCKET@|$dir/web.sock|; s|@STATIC@|$dir|" \
		-e "s|^	location / {|${location//&/bare}\n${location//&/one}\n\0|" \
		"$top/nginx/promptbuilder.conf" >"$dir/site.conf"
	sed "s|@STATE@|$dir|; s|@SITE@|$dir/site.conf|" "$top/nginx/nginx.conf" >"$dir/nginx.conf"
	[ "$(id -u)" != 0 ] || sed -i '1i user root;' "$dir/nginx.conf"
	"$(command -v nginx || echo /usr/sbin/nginx)" -p "$dir" -c "$dir/nginx.conf" \
		2>>"$dir/nginx.log" </dev/null &
	started+=($!)
	until_true 20 curl -fs "http://127.0.0.1:${port[$name]}/healthz" ||
		{ cat "$dir/web.log" "$dir/nginx.log" >&2; exit 1; }
}

# kit_bare NAME: two bare programs behind the same nginx: /bare/ sends standard input as it is, with
# its headers; /one/ runs a prepared select 1 before.
kit_bare()
{
	local name=$1 dir=$work/$1
	cat >"$dir/answer"
	"$programs/tests/bench/bare_fcgi" "$dir/bare.sock" 2 "$dir/answer" </dev/null &
	started+=($!)
	"$programs/tests/bench/bare_fcgi" "$dir/one.sock" 2 "$dir/answer" "${database[$name]}" \
		</dev/null &
	started+=($!)
	until_true 20 curl -fs "http://127.0.0.1:${port[$name]}/bare/"
	until_true 20 curl -fs "http://127.0.0.1:${port[$name]}/one/"
}

# kit_sign_in NAME: prints the cookie header of an operator's session
kit_sign_in()
{
	local jar=$work/$1/jar url=http://127.0.0.1:${port[$1]} csrf
	csrf=$(curl -s -c "$jar" "$url/session" |
		sed -n 's/.*name="csrf" value="\([^"]*\)".*/\1/p' | head -n 1)
	curl -s -o /dev/null -b "$jar" -c "$jar" -H "Origin: $url" --data-urlencode "csrf=$csrf" \
		--data-urlencode "slug=operator" --data-urlencode "token=$operator_token" "$url/session"
	echo "Cookie: $(awk '$6 ~ /promptbuilder/ { printf "%s%s=%s", n++ ? "; " : "", $6, $7 }' "$jar")"
}

# median: of the numbers on standard input
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
