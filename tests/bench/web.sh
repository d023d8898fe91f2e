#!/usr/bin/env bash
# web.sh: requests per second of pages, as ratios to three floors measured in the same run: a file
# served by nginx, a bare libfcgi program with the same bytes behind the same nginx, and a bare
# libpq query. "./dev bench" starts the installation and calls this with STATE, PROGRAMS, srcdir.
set -euo pipefail
. "$STATE/env"
seconds=${BENCH_SECONDS:-4}
runs=${BENCH_RUNS:-2000}

real=$STATE
[ ! -e "$STATE/moved" ] || real=$(cat "$STATE/moved")
socket=$(ls "$real"/run/web.sock 2>/dev/null || ls /tmp/promptbuilder-*/web.sock | head -n 1)
dir=$(mktemp -d /tmp/promptbuilder-bench.XXXXXX)
chmod 711 "$dir"
mkdir -p "$dir/nginx-tmp"
cleanup()
{
	[ -z "${bare_pid:-}" ] || pkill -P "$bare_pid" || true
	[ -z "${nginx_pid:-}" ] || kill "$nginx_pid" || true
	rm -rf "$dir"
}
trap cleanup EXIT

"$srcdir/tests/bench/ledger.sh" $((5 * runs)) "$DATABASE_URL" >/dev/null
run=$(psql -qXAt "$DATABASE_URL" -c "SELECT pipeline_id FROM pipeline_runs
	ORDER BY created_at DESC LIMIT 1")
auth="Authorization: Bearer $OPERATOR_TOKEN"

# The same nginx file as in production, with one more place for the bare program.
port=$((20000 + RANDOM % 20000))
sed -e "s|@PORT@|127.0.0.1:$port|; s|@STATIC@|$dir|; s|@SOCKET@|$socket|" \
	-e "s|^\tlocation / {|\tlocation /bare/ { fastcgi_param REQUEST_METHOD \$request_method; \
fastcgi_pass unix:$dir/bare.sock; }\n&|" "$srcdir/nginx/promptbuilder.conf" >"$dir/site.conf"
sed -e "s|@STATE@|$dir|; s|@SITE@|$dir/site.conf|" "$srcdir/nginx/nginx.conf" >"$dir/nginx.conf"
[ "$(id -u)" != 0 ] || sed -i '1i user root;' "$dir/nginx.conf"
"$(command -v nginx || echo /usr/sbin/nginx)" -p "$dir" -c "$dir/nginx.conf" 2>"$dir/nginx.log" &
nginx_pid=$!
url=http://127.0.0.1:$port
until curl -sf "$url/healthz" >/dev/null; do
	kill -0 "$nginx_pid" || { cat "$dir/nginx.log"; exit 1; }
done

json_path=/api/pipeline-runs/$run
{
	printf 'Status: 200 OK\r\nContent-Type: application/json\r\n\r\n'
	curl -sf -H "$auth" "$url$json_path"
} >"$dir/answer"
curl -sf -H "$auth" "$url$json_path" >"$dir/run.json"
"$PROGRAMS/tests/bench/bare_fcgi" "$dir/bare.sock" 4 "$dir/answer" &
bare_pid=$!
until curl -sf "$url/bare/" >/dev/null; do kill -0 "$bare_pid"; done

# A session for the page: sign in as a browser would.
csrf=$(curl -s -c "$dir/jar" "$url/session" | sed -n 's/.*name="csrf" value="\([^"]*\)".*/\1/p' |
	head -n 1)
curl -s -o /dev/null -b "$dir/jar" -c "$dir/jar" -H "Origin: $url" --data-urlencode "csrf=$csrf" \
	--data-urlencode "slug=operator" --data-urlencode "token=$OPERATOR_TOKEN" "$url/session"
cookie="Cookie: $(awk '$6 ~ /promptbuilder/ { printf "%s%s=%s", n++ ? "; " : "", $6, $7 }' "$dir/jar")"
page_path='/pipeline-runs?limit=50'
[ "$(curl -s -o /dev/null -w '%{http_code}' -H "$cookie" "$url$page_path")" = 200 ] ||
	{ echo "web.sh: the sign-in did not work" >&2; exit 1; }

# rate PATH [HEADER]: requests per second, whole.
rate()
{
	wrk -t1 -c16 -d"${seconds}s" ${2:+-H "$2"} "$url$1" |
		awk '/Non-2xx/ { bad = 1 } /Requests\/sec/ { rate = int($2) }
			END { if (bad) exit 1; print rate }'
}
median() { sort -n | sed -n '2p'; }

for round in 1 2 3; do
	rate /static/run.json >>"$dir/static"
	rate /bare/ >>"$dir/bare"
	rate "$json_path" "$auth" >>"$dir/json"
	rate "$page_path" "$cookie" >>"$dir/page"
	rate "/api/costs?days=30" "$auth" >>"$dir/costs"
	"$PROGRAMS/tests/bench/bare_pq" "$DATABASE_URL" 2 \
		'SELECT pipeline_id, status, total_cost_usd FROM pipeline_runs WHERE pipeline_id = $1' \
		"$run" >>"$dir/query"
done

row() { awk -v name="$1" -v rate="$2" -v bare="$3" -v file="$4" -v query="$5" 'BEGIN {
	printf "%-44s %8d %7.0f %% %7.0f %% %7.0f %%\n", name, rate, 100 * rate / bare,
		100 * rate / file, 100 * rate / query }'; }
static=$(median <"$dir/static") bare=$(median <"$dir/bare") query=$(median <"$dir/query")
printf '%-44s %8s %9s %9s %9s\n' "web, 16 connections, median of 3" "per s" "of bare" "of file" "of query"
row "nginx, static file" "$static" "$bare" "$static" "$query"
row "bare libfcgi, the run's JSON" "$bare" "$bare" "$static" "$query"
row "bare libpq query, one connection" "$query" "$bare" "$static" "$query"
row "GET $json_path" "$(median <"$dir/json")" "$bare" "$static" "$query"
row "GET $page_path (HTML)" "$(median <"$dir/page")" "$bare" "$static" "$query"
row "GET /api/costs?days=30, $runs runs" "$(median <"$dir/costs")" "$bare" "$static" "$query"
for pid in $(pgrep -f "$real/prog/bin/promptbuilder-web" | tail -n +2); do
	awk '/^VmRSS/ { print $2 }' "/proc/$pid/status"
done | sort -n | tail -n 1 | awk '{ printf "largest web worker after that: %.1f MB RSS\n", $1 / 1024 }'

# The 5000th line of a run costs what the first did: time of 100 inserts, early and late.
psql -qX "$DATABASE_URL" -v ON_ERROR_STOP=1 -f "$srcdir/tests/bench/entries.sql"
