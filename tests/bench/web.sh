#!/usr/bin/env bash
# web.sh: requests per second of pages with 16 connections, as ratios to three floors measured in the
# same run: a file served by nginx, a bare libfcgi program with the same bytes behind the same nginx,
# and a bare libpq query. "./dev bench web" calls it; 10,000 lines.
. "$(dirname "${BASH_SOURCE[0]}")/kit.sh"
seconds=${BENCH_SECONDS:-2}

kit_database web 10000
run=$(sql web -c "SELECT pipeline_id FROM pipeline_runs WHERE status = 'completed'
	ORDER BY created_at DESC LIMIT 1")
json_path=/api/pipeline-runs/$run
page_path='/pipeline-runs?limit=50'
kit_web web
url=http://127.0.0.1:${port[web]}
curl -sf -H "$bearer" "$url$json_path" >"$work/web/run.json"
kit_bare web < <(printf 'Content-Type: application/json\r\n\r\n' && cat "$work/web/run.json")
cookie=$(kit_sign_in web)
[ "$(curl -s -o /dev/null -w '%{http_code}' -H "$cookie" "$url$page_path")" = 200 ] ||
	{ say "web.sh: the sign-in did not work"; exit 1; }

# rate PATH [HEADER]: requests per second, whole.
rate()
{
	wrk -t1 -c16 -d"${seconds}s" ${2:+-H "$2"} "$url$1" |
		awk '/Non-2xx/ { bad = 1 } /Requests\/sec/ { rate = int($2) }
			END { if (bad) exit 1; print rate }'
}

for _ in 1 2 3; do
	rate /static/run.json >>"$work/static"
	rate /bare/ >>"$work/bare"
	rate "$json_path" "$bearer" >>"$work/json"
	rate "$page_path" "$cookie" >>"$work/page"
	rate "/api/costs?days=30" "$bearer" >>"$work/costs"
	rate /costs "$cookie" >>"$work/costs_page"
	"$programs/tests/bench/bare_pq" "${database[web]}" 2 \
		'SELECT pipeline_id, status, total_cost_usd FROM pipeline_runs WHERE pipeline_id = $1' \
		"$run" >>"$work/query"
done

static=$(median <"$work/static") bare=$(median <"$work/bare") query=$(median <"$work/query")
row() { awk -v name="$1" -v rate="$2" -v bare="$bare" -v file="$static" -v query="$query" 'BEGIN {
	printf "%-48s %8d %7.0f %% %7.0f %% %7.0f %%\n", name, rate, 100 * rate / bare,
		100 * rate / file, 100 * rate / query }'; }
printf '%-48s %8s %9s %9s %9s\n' 'web, 16 connections, median of 3' 'per s' 'of bare' 'of file' 'of query'
row 'nginx, static file' "$static"
row "floor: bare libfcgi, the run's JSON" "$bare"
row 'floor: bare libpq query, one connection' "$query"
row 'GET /api/pipeline-runs/{id}' "$(median <"$work/json")"
row "GET $page_path, HTML" "$(median <"$work/page")"
row 'GET /api/costs?days=30' "$(median <"$work/costs")"
row 'GET /costs, HTML' "$(median <"$work/costs_page")"
for pid in $(pgrep -P "$web_pid"); do
	awk '/^VmRSS/ { print $2 }' "/proc/$pid/status"
done | sort -n | tail -n 1 | awk '{ printf "largest web worker after that: %.1f MB RSS\n", $1 / 1024 }'
