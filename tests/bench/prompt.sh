#!/usr/bin/env bash
# prompt.sh: a deployed prompt of 4 KB out of a worker's memory, beside a file of the same bytes served
# by nginx and a bare libfcgi program that sends them, behind the same nginx in the same run: requests
# per second with 16 connections, and processor time per request of what answers behind nginx.
# "./dev bench prompt" calls it.
. "$(dirname "${BASH_SOURCE[0]}")/kit.sh"
seconds=${BENCH_SECONDS:-2}

kit_database prompt 10000
token=tok_bench_0123456789abcdef
assistant=$(sql prompt <<END
\set prompt 'The quick brown fox jumps over the lazy dog. '
WITH bot AS (
  INSERT INTO assistants (account_id, external_id, name)
  SELECT a.id, 'bench', 'Bench' FROM accounts a ORDER BY a.created_at LIMIT 1
  RETURNING id, account_id
), token AS (
  INSERT INTO access_tokens (account_id, role, name, token_hash)
  SELECT b.account_id, 'viewer', 'Bench', encode(sha256('$token'), 'hex') FROM bot b
)
INSERT INTO prompt_versions (account_id, assistant_id, version, version_number, status,
  prompt_content, prompt_hash, injection_content, injection_file_path, origin, created_by)
SELECT b.account_id, b.id, 'v1', 1, 'final', repeat(:'prompt', 91), 'hash', 'x', 'injection.ts',
  'import', 'bench' FROM bot b RETURNING assistant_id;
END
)
sql prompt -c "SELECT deployment_change(v.account_id, v.assistant_id, 'production', v.id, NULL, NULL,
	false) FROM prompt_versions v WHERE v.assistant_id = '$assistant'" >/dev/null
path="/api/assistants/$assistant/prompt?format=text"
header="Authorization: Bearer $token"
kit_web prompt
url=http://127.0.0.1:${port[prompt]}
curl -sf -H "$header" "$url$path" >"$work/prompt/prompt.txt"
tag=$(curl -sf -D - -o /dev/null -H "$header" "$url$path" | tr -d '\r' | sed -n 's/^ETag: //p')
kit_bare prompt < <(printf 'Content-Type: text/plain\r\n\r\n' && cat "$work/prompt/prompt.txt")

# ticks PID: hundredths of a second of its children
ticks() { for pid in $(pgrep -P "$1"); do cut -d' ' -f14,15 "/proc/$pid/stat"; done | awk '{ n += $1 + $2 } END { print n }'; }

# load FILE MASTER PATH [HEADER...]: adds "requests per second" and "microseconds per request"
load()
{
	local file=$1 master=$2 path=$3 before headers=() line
	shift 3
	for line in "$@"; do headers+=(-H "$line"); done
	before=$(ticks "$master")
	wrk -t1 -c16 -d"${seconds}s" "${headers[@]}" "$url$path" |
		awk -v before="$before" '/Non-2xx/ { bad = 1 } /requests in/ { n = $1 }
			/Requests\/sec/ { rate = int($2) } END { if (bad || !n) exit 1; print rate, n }' \
		>"$work/one"
	awk -v used="$(($(ticks "$master") - before))" '{ print $1; print used * 10000 / $2 >> more }' \
		more="$work/$file.cpu" "$work/one" >>"$work/$file.rate"
}

bare_pid=$(pgrep -o -f "$work/prompt/bare.sock")
nginx_pid=$(cat "$work/prompt/nginx.pid")
for _ in 1 2 3 4 5; do
	load static "$nginx_pid" /static/prompt.txt
	load bare "$bare_pid" /bare/
	load prompt "$web_pid" "$path" "$header"
	load same "$web_pid" "$path" "$header" "If-None-Match: $tag"
done

bare=$(median <"$work/bare.rate")
row() { awk -v name="$1" -v rate="$(median <"$work/$2.rate")" -v bare="$bare" \
	-v file="$(median <"$work/static.rate")" -v cpu="$(median <"$work/$2.cpu")" 'BEGIN {
	printf "%-48s %8d %7.0f %% %7.0f %% %9.1f\n", name, rate, 100 * rate / bare, 100 * rate / file,
		cpu }'; }
printf '%-48s %8s %9s %9s %9s\n' 'prompt of 4 KB, 16 connections, median of 5' 'per s' 'of bare' \
	'of file' 'CPU, us'
row 'nginx, static file (CPU: of nginx)' static
row 'floor: bare libfcgi, the same bytes' bare
row 'GET /api/assistants/{id}/prompt' prompt
row 'the same, If-None-Match: 304' same
echo 'CPU is what the processes behind nginx take for a request.'
