#!/usr/bin/env bash
# pages.sh: what one reader waits for: the median of each page with one connection, at 100,000 lines
# and at BENCH_LINES, as ratios to a bare prepared "select 1" behind the same nginx, and to each
# other. "./dev bench pages" calls it.
. "$(dirname "${BASH_SOURCE[0]}")/kit.sh"
times=${BENCH_TIMES:-100}
sizes=(small large)

kit_database small 100000
say "making $lines lines"
kit_database large "$lines"
declare -A cookie=() run=() deep_line=() deep_run=()
for size in "${sizes[@]}"; do
	kit_web $size
	kit_bare $size <<<$'Content-Type: text/plain\r\n\r\none'
	cookie[$size]=$(kit_sign_in $size)
	run[$size]=$(sql $size -c "SELECT pipeline_id FROM pipeline_runs WHERE status = 'completed'
		ORDER BY created_at DESC LIMIT 1")
	# As deep as a million lines, or as nine tenths of what there is.
	deep_line[$size]=$(sql $size -c "SET TimeZone = 'UTC';
		SELECT to_char(timestamp, 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z_\"') || id
		FROM cost_entries ORDER BY timestamp DESC LIMIT 1 OFFSET least(1000000, (SELECT count(*) * 9 / 10 FROM cost_entries))")
	deep_run[$size]=$(sql $size -c "SELECT id FROM pipeline_runs ORDER BY created_at DESC
		LIMIT 1 OFFSET least(1000000, (SELECT count(*) * 9 / 10 FROM pipeline_runs))")
done

# One more call of the biggest account, as the runner books it.
booking="INSERT INTO cost_entries (account_id, pipeline_run_id, assistant_id, operation, model,
	input_tokens, output_tokens, cost_usd)
SELECT r.account_id, r.id, r.assistant_id, 'prompt_analysis', r.model, 900, 400, 0.0087
FROM pipeline_runs r JOIN accounts a ON a.id = r.account_id
WHERE a.slug = 'bench-0' ORDER BY r.created_at DESC LIMIT 1"

# ask SIZE PATH [ARGUMENT...]: microseconds; what a page needs is asked with a session.
ask()
{
	local size=$1 path=$2 who=$bearer
	[[ $path = /api/* ]] || who=${cookie[$size]}
	"$programs/tests/bench/ask" "${port[$size]}" "$path" "$times" -H "$who" "${@:3}" |
		awk '{ print $1 }'
}

# measure NAME LIMIT PATH [ARGUMENT...]: one row; @ACCOUNT and the like in PATH are filled in,
# -b books a line before each request.
declare -A floor=()
measure()
{
	local name=$1 limit=$2 size round path arguments=() us=()
	for round in 1 2 3; do
		for size in "${sizes[@]}"; do
			path=${3//@RUN/${run[$size]}}
			path=${path//@LINE/${deep_line[$size]}}
			path=${path//@DEEP/${deep_run[$size]}}
			arguments=("${@:4}")
			[ "${arguments[0]:-}" != -b ] || arguments=(-s "${database[$size]}" "$booking")
			ask $size "$path" "${arguments[@]}" >>"$work/$size.us"
		done
	done
	for size in "${sizes[@]}"; do
		us+=("$(median <"$work/$size.us")")
		rm "$work/$size.us"
	done
	[ -n "${floor[small]:-}" ] || floor=([small]=${us[0]} [large]=${us[1]})
	awk -v name="$name" -v limit="$limit" -v small="${us[0]}" -v large="${us[1]}" \
		-v small_floor="${floor[small]}" -v large_floor="${floor[large]}" 'BEGIN {
		printf "%-48s %8.2f %7.1f %8.2f %7.1f %7.2f  %s\n", name, small / 1000,
			small / small_floor, large / 1000, large / large_floor, large / small, limit }'
}

printf '%-48s %8s %7s %8s %7s %7s  %s\n' 'pages, one connection, median' '100,000' 'x floor' \
	"$(sql large -c "SELECT to_char($lines, 'FM999,999,999')")" 'x floor' 'growth' 'wanted'
measure 'floor: a prepared select 1 behind nginx, ms' '' /one/
measure 'GET /api/costs, unchanged' 'x 15' /api/costs
measure 'GET /api/costs, a line booked between' 'x 15, growth 1.25' /api/costs -b
measure 'GET /api/costs, If-None-Match: 304' '' /api/costs -e
measure 'GET /costs, unchanged' 'x 25' /costs
measure 'GET /costs, a line booked between' 'x 25, growth 1.25' /costs -b
measure 'GET /api/costs/bench-0, unchanged' 'x 4' /api/costs/bench-0
measure 'GET /api/costs/bench-0, a line booked between' 'x 4, growth 1.25' /api/costs/bench-0 -b
measure 'GET /costs/bench-0, a line booked between' 'growth 1.25' /costs/bench-0 -b
measure 'GET /api/costs?days=365, a line booked between' '' '/api/costs?days=365' -b
measure 'GET /, a line booked between' 'flat' / -b
measure 'GET /cost-entries' 'flat' /cost-entries
measure 'GET /cost-entries, up to 1,000,000 lines deep' 'flat' '/cost-entries?cursor=@LINE'
measure 'the same of one account' 'flat' '/cost-entries?accountId=bench-0&cursor=@LINE'
measure 'GET /pipeline-runs, a line booked between' 'flat' /pipeline-runs -b
measure 'GET /pipeline-runs, up to 1,000,000 runs deep' 'flat' '/pipeline-runs?cursor=@DEEP'
measure 'GET /prompt-versions' 'flat' /prompt-versions
measure 'GET /pipeline-runs/{id}, a line booked between' 'flat' /pipeline-runs/@RUN -b
measure 'GET /accounts/bench-0' 'flat' /accounts/bench-0
measure 'GET /prices' 'flat' /prices
