#!/usr/bin/env bash
# lines.sh: what a line of the ledger costs its client with its totals, sums and marks, as a ratio
# to an equal table without them: in batches of 2,000, one by one, and from eight writers; and how
# large it is.
# "./dev bench lines" calls it. It always works on 100,000 lines.
. "$(dirname "${BASH_SOURCE[0]}")/kit.sh"
kit_database lines 100000
sql lines -f "$top/tests/bench/lines.sql"
columns=$(sql lines -c "SELECT string_agg(attname, ', ' ORDER BY attnum) FROM pg_attribute
	WHERE attrelid = 'pending'::regclass AND attnum > 1")
tables=(bare_entries cost_entries)
next=1

# book WHAT LINES COUNT [WRITERS [SETTING]]: COUNT statements of LINES lines from each writer: the
# next pending lines into both tables, by clients that are the runner, in turn.
book()
{
	local what=$1 size=$2 count=$3 writers=${4:-1} setting=${5:-on} table
	for table in "${tables[@]}"; do
		cat >"$work/book.sql" <<-END
			\set k :k + 1
			\set n :next + (:client_id * $count + :k) * $size
			INSERT INTO $table ($columns)
			SELECT $columns FROM pending WHERE n >= :n AND n < :n + $size;
		END
		PGOPTIONS="-c synchronous_commit=$setting" pgbench \
			--no-vacuum --protocol=prepared --client="$writers" --transactions="$count" \
			--define=next="$next" --define=k=-1 --file="$work/book.sql" \
			"${database[lines]/postgres@/promptbuilder_runner@}" >"$work/book.out"
		awk -v what="$what" -v table="$table" -v size="$size" -F '[= ]+' \
			'$1 == "tps" { print what "\t" table "\t" $2 * size }' "$work/book.out" >>"$work/rates"
	done
	next=$((next + size * count * writers))
	tables=("${tables[1]}" "${tables[0]}") # neither always goes first
}

for round in {1..6}; do book 'in batches of 2,000' 2000 3; done
for round in {1..7}; do
	book 'one by one' 1 300
	book 'one by one, commits not waited for' 1 300 1 off
	book 'eight writers' 1 100 8
	book 'eight writers, commits not waited for' 1 100 8 off
done
# More of them, for the size.
book rest 1 15000 1 off

printf '%-40s %9s %9s %6s  %s\n' 'lines, median of rounds' 'bare/s' 'ledger/s' 'ratio' 'wanted'
sort -t $'\t' -k 1,2 -k 3n "$work/rates" | awk -F '\t' '
	{ rate[$1, $2, ++n[$1, $2]] = $3 }
	function median(what, table) { return rate[what, table, int((n[what, table] + 1) / 2)] }
	function tell(what, note) {
		bare = median(what, "bare_entries"); ledger = median(what, "cost_entries")
		printf "%-40s %9d %9d %6.2f  %s\n", what, bare, ledger, bare / ledger, note
	}
	function beside(what, one) {
		tell(what, sprintf("%.2f of one writer, bare %.2f",
		    median(what, "cost_entries") / median(one, "cost_entries"),
		    median(what, "bare_entries") / median(one, "bare_entries")))
	}
	END {
		off = ", commits not waited for"
		tell("in batches of 2,000", "1.5")
		tell("one by one", "2")
		tell("one by one" off, "")
		beside("eight writers", "one by one")
		beside("eight writers" off, "one by one" off)
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
