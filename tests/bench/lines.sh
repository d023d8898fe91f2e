#!/usr/bin/env bash
# lines.sh: what a line of the ledger costs with its totals, sums and marks, as a ratio to an equal
# table without them: in batches of 2,000, one by one, and from eight writers; and how large it is.
# "./dev bench lines" calls it. It always works on 100,000 lines.
. "$(dirname "${BASH_SOURCE[0]}")/kit.sh"
kit_database lines 100000
sql lines -f "$top/tests/bench/lines.sql"
tables=(bare_entries cost_entries)
next=1

# book KIND WHAT LINES [WRITERS [SETTING]]: books the next pending lines into both tables, as the
# runner, in turn.
book()
{
	local kind=$1 what=$2 count=$3 writers=${4:-1} setting=${5:-on} table writer first pids
	for table in "${tables[@]}"; do
		pids=()
		for ((writer = 0; writer < writers; writer++)); do
			first=$((next + writer * count))
			sql lines -c 'SET ROLE promptbuilder_runner' -c "SET synchronous_commit = $setting" \
				-c "CALL book_${kind}_$table('$what $table', $first, $((first + count - 1)))" &
			pids+=($!)
		done
		wait "${pids[@]}"
	done
	next=$((next + count * writers))
	tables=("${tables[1]}" "${tables[0]}") # neither always goes first
}

for round in {1..8}; do book batch 'in batches of 2,000' 2000; done
for round in {1..5}; do book each 'one by one, commits not waited for' 400 1 off; done
for round in {1..3}; do
	book each 'one by one, durable' 150
	book each 'eight writers, durable' 100 8
	book each 'eight writers, commits not waited for' 200 8 off
done
# More of them, for the size.
sql lines -c 'SET synchronous_commit = off' \
	-c "CALL book_each_cost_entries('rest', $next, $((next + 15000)))"

printf '%-48s %10s %10s %7s  %s\n' 'lines, median of rounds' 'bare/s' 'ledger/s' 'ratio' 'wanted'
sql lines -F ' ' -c "
	WITH rounds AS (
		SELECT what, sum(lines) / extract(epoch FROM max(ended) - min(begun)) AS rate
		FROM (SELECT what, lines, begun, ended,
		             floor((row_number() OVER (PARTITION BY what ORDER BY begun) - 1)
		               / CASE WHEN what LIKE 'eight%' THEN 8 ELSE 1 END) AS round
		      FROM bookings WHERE what <> 'rest') AS b
		GROUP BY what, round
	), medians AS (
		SELECT what, percentile_disc(0.5) WITHIN GROUP (ORDER BY rate) AS rate
		FROM rounds GROUP BY what
	)
	SELECT b.rate, c.rate, left(b.what, -13)
	FROM medians b JOIN medians c ON left(c.what, -13) = left(b.what, -13)
	WHERE b.what LIKE '%bare_entries' AND c.what LIKE '%cost_entries'
	ORDER BY left(b.what, 1) = 'e', left(b.what, 2) = 'on', b.what" |
	awk '{
		name = $3
		for (i = 4; i <= NF; i++)
			name = name " " $i
		wanted = name ~ /batches/ ? "1.5" : name ~ /^one.*not/ ? "2" : ""
		one[name] = $2
		other = name
		if (sub(/^eight writers/, "one by one", other))
			wanted = sprintf("%.2f of one writer", $2 / one[other])
		printf "%-48s %10d %10d %7.2f  %s\n", name, $1, $2, $1 / $2, wanted
	}'
sql lines -F ' ' -c "
	SELECT pg_relation_size('cost_entries') / count(*),
	       pg_total_relation_size('cost_entries') / count(*)
	FROM cost_entries" |
	awk '{ printf "a line: %d bytes, with its indexes %d (wanted: under 500)\n", $1, $2 }'
sql lines -F ' ' -c "
	SELECT i.indexrelid::regclass, pg_relation_size(i.indexrelid) / n.lines
	FROM pg_index i, (SELECT count(*) AS lines FROM cost_entries) AS n
	WHERE i.indrelid = 'cost_entries'::regclass ORDER BY 2 DESC" |
	awk '{ printf "  %-40s %4d\n", $1, $2 }'
sql lines -c "
	SELECT count(*) FROM (
		SELECT r.id FROM pipeline_runs r
		LEFT JOIN cost_entries e ON e.account_id = r.account_id AND e.pipeline_run_id = r.id
		GROUP BY r.account_id, r.id HAVING r.total_cost_usd <> coalesce(sum(e.cost_usd), 0)) AS d" |
	awk '$1 != 0 { print $1 " runs have wrong totals"; exit 1 }'
