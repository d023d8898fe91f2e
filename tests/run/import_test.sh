#!/usr/bin/env bash
# import_test.sh: promptbuilder import costs on a real database: both forms, faults, a killed
# import that goes on, and a long file in little memory. Prints a TAP line per claim.
#
# The programs are taken from BUILD (default: the current directory).
. "$(dirname "${BASH_SOURCE[0]}")/kit.sh"

count() { sql "select count(*) from cost_entries"; }
has_count() { [ "$(count)" -ge "$1" ]; } # AT-LEAST
empty() { sql "truncate cost_entries, cost_sums; delete from assistants"; }

import() { tool import costs "$@"; }

summary() { sed -n "s/^$1 //p" "$work/out"; } # NAME: of the summary

has() # CLAIM PATTERN: a line on standard error
{
	grep -qE -e "$2" "$work/err"
	say $? "$1" || true
	grep -qE -e "$2" "$work/err" || sed 's/^/#   /' "$work/err"
}

# LINES [FIRST]: CSV lines with a header; few days, so that the sums take little time.
make_csv()
{
	awk -v count="$1" 'BEGIN {
		print "idempotency_key,assistantId,operation,model,timestamp,input_tokens,output_tokens,cache_read_tokens"
		for (i = 1; i <= count; i++)
			printf "key-%d,desk,chat,claude-opus-5,2026-07-%02dT12:00:00Z,%d,%d,%d\n",
				i, 1 + i % 9, i * 7919 % 100003, i * 104729 % 5003, i * 1299709 % 70001
	}'
}

# What the lines of make_csv cost at 5, 0.5 and 25 USD per million tokens.
cost_of() # LINES
{
	sql "select sum(5000 * (i * 7919 % 100003) + 25000 * (i * 104729 % 5003)
		+ 500 * (i * 1299709 % 70001)) * 0.000000001 from generate_series(1, $1::bigint) i"
}

sql "insert into accounts (slug, name) values ('zeta', 'Zeta')"

# ---- Both forms. ----

printf '\357\273\277"model",operation,idempotency_key,assistantId,timestamp,input_tokens,output_tokens,usage\r\n' >"$work/a.csv"
printf '"odd, ""quoted"" model",chat,k1,desk,2026-07-01T00:00:00Z,5,6,\r\n' >>"$work/a.csv"
printf '\r\nclaude-opus-5,chat,"k2", desk ,,,,"{""input_tokens"": 7, ""output_tokens"": 8, ""cache_read_input_tokens"": 9}"' >>"$work/a.csv"
import "$work/a.csv" --account acme
same "CSV with mark, quotes, CR LF and no end of line" 0 "$status"
same "is booked as it says" 'k1|odd, "quoted" model|desk|5|6|0|unpriced
k2|claude-opus-5|desk|7|8|9|priced' "$(sql "select e.idempotency_key, e.model, s.external_id,
	e.input_tokens, e.output_tokens, e.cache_read_tokens, e.price_status from cost_entries e
	join assistants s on s.id = e.assistant_id order by 1")"
same "and summed up" "lines 2
booked 2
repeated 0
unpriced 1
cost_usd 0.000239500" "$(cat "$work/out")"

cat >"$work/b.jsonl" <<'END'
{"accountId":"zeta","assistantId":"desk","timestamp":"2026-07-01T00:00:00Z","attributes":{"gen_ai.operation.name":"chat","gen_ai.response.model":"claude-opus-5","gen_ai.response.id":"msg_1","gen_ai.usage.input_tokens":150,"gen_ai.usage.cache_read.input_tokens":100,"gen_ai.usage.cache_creation.input_tokens":40,"gen_ai.usage.output_tokens":5}}

{"accountId":"acme","idempotency_key":"k3","assistantId":"desk","operation":"chat","model":"x","input_tokens":1,"output_tokens":1,"cost_usd":"0.123456789"}
END
import - <"$work/b.jsonl"
same "JSON Lines from standard input" 0 "$status"
same "with attributes in the right reading" "zeta|msg_1|10|100|40|0.000475000
acme|k3|1|0|0|0.123456789" "$(sql "select a.slug, e.idempotency_key, e.input_tokens,
	e.cache_read_tokens, e.cache_write_tokens, e.cost_usd from cost_entries e
	join accounts a on a.id = e.account_id where e.idempotency_key in ('k3', 'msg_1')
	order by 1 desc")"
import --format jsonl "$work/b.jsonl"
same "again it books nothing" "0 2" "$(summary booked) $(summary repeated)"
sed 's/"cost_usd":"0.123456789"/"cost_usd":"0.2"/' "$work/b.jsonl" >"$work/c.jsonl"
import "$work/c.jsonl"
same "a key with other content is a conflict" 73 "$status"
has "that names its line" '^  line 3, idempotency_key: .*differs: cost_usd\.$'

# ---- What is wrong. ----

empty
refused() # CLAIM PATTERN TEXT [ARGUMENT...]: exit status 65 and that on standard error
{
	printf '%b' "$3" >"$work/wrong"
	import "$work/wrong" --account acme "${@:4}"
	same "$1" "65 0" "$status $(count)"
	has "$1, says why" "$2"
}
refused "an unknown column" 'line 1: the header.s field 2 is none' 'model,colour\n'
refused "a column twice" 'line 1: the header has "model" twice' 'model,operation,model\n'
refused "an empty file" 'line 1: The header is missing' ''
refused "a line with too few fields" '^  line 3: The line has 1 fields, but the header has 2' 'model,operation\n\nm\n'
refused "a quote that does not end" '^  line 3: A quoted field does not end' 'model,operation\nm,o\n"m,o\n'
refused "JSON with an end missing" '^  line 2: This is not valid JSON' '{"model":"m"}\n{"model":\n'
refused "JSON that is no object" '^  line 1: An entry must be a JSON object' '[1]\n' --format jsonl
refused "a line that is too long" '^  line 1: The line is longer than 64 KiB' "{\"model\":\"$(head -c 70000 /dev/zero | tr '\0' x)\"}\n"
refused "control characters are not printed" '^  line 1, \?: There is no field "\?"' '{"a\\u0007b":1}\n'
import "$work/nothing"
same "a file that is not there" 66 "$status"
import "$work/a.csv" --account nobody
same "an account that is not there" 66 "$status"
import "$work/a.csv" --format xml
same "a format that is not known" 64 "$status"

make_csv 2500 >"$work/good.csv"
sed '2003s/,[0-9]*$/,many/; 2010s/claude-opus-5//' "$work/good.csv" >"$work/bad.csv"
import "$work/bad.csv" --account acme
same "a bad line stops before its batch" "65 2000" "$status $(count)"
has "says what is booked" '^All up to line 2001 is booked, and nothing after it\. To go on, run the same command again'
has "names line and field" '^  line 2003, cache_read_tokens: cache_read_tokens must be a whole number'
has "and the others of the batch" '^  line 2010, model: model is missing'
import "$work/bad.csv" --account acme --dry-run
same "a dry run tells all of them" "65 2000 2" "$status $(count) $(grep -c '^  line' "$work/err")"
import "$work/good.csv" --account acme --dry-run
dry=$(summary cost_usd)
same "and writes nothing" "0 2000 2000 500" "$status $(count) $(summary repeated) $(summary to_book)"
import "$work/good.csv" --account acme
same "the corrected file goes on" "0 2500 500 2000" "$status $(count) $(summary booked) $(summary repeated)"
same "at the price that was told before" "$dry" "$(summary cost_usd)"
same "and adds up" "$(cost_of 2500)" "$(sql "select sum(cost_usd) from cost_entries")"

# ---- Killed, and run again. ----

empty
mkfifo "$work/pipe"
make_csv 20000 >"$work/long.csv"
"$build/promptbuilder" import costs "$work/pipe" --account acme >/dev/null 2>&1 &
importer=$!
children+=("$importer")
exec 3>"$work/pipe"
head -n 9000 "$work/long.csv" >&3 2>/dev/null
wait_until 60 has_count 3000
kill -9 "$importer"
wait "$importer" 2>/dev/null
exec 3>&-
gone() { [ "$(sql "select count(*) from pg_stat_activity
	where datname = current_database() and application_name = 'promptbuilder'")" = 0 ]; }
wait_until 30 gone
same "a killed import has whole batches" 0 "$(($(count) % 1000))"

# The next batch waits for a lock when its importer dies.
coproc LOCK { psql -qtAX "$DATABASE_URL"; }
echo "begin; select pg_advisory_xact_lock(ledger_account_lock(id)) from accounts where slug = 'acme'; select 'locked';" >&"${LOCK[1]}"
until read -r line <&"${LOCK[0]}" && [ "$line" = locked ]; do :; done
"$build/promptbuilder" import costs "$work/long.csv" --account acme >/dev/null 2>&1 &
importer=$!
children+=("$importer")
blocked() { [ "$(sql "select count(*) from pg_stat_activity where datname = current_database()
	and application_name = 'promptbuilder' and wait_event = 'advisory'")" = 1 ]; }
wait_until 60 blocked
say $? "an importer is in the middle of a batch"
kill -9 "$importer"
wait "$importer" 2>/dev/null
echo "commit;" >&"${LOCK[1]}"
lock_in=${LOCK[1]}
exec {lock_in}>&-
wait_until 30 gone
same "and dies in it" 0 "$(($(count) % 1000))"
import "$work/long.csv" --account acme
same "run again it books the rest" "0 20000" "$status $(($(summary booked) + $(summary repeated)))"
same "each line once" "20000 20000" "$(count) $(sql "select count(distinct idempotency_key) from cost_entries")"
same "to the digit" "$(cost_of 20000)" "$(sql "select sum(cost_usd) from cost_entries")"

# ---- A long file in little memory. ----

empty
"$build/promptbuilder" import costs "$work/pipe" --account acme >"$work/out" 2>"$work/err" &
importer=$!
children+=("$importer")
exec 3>"$work/pipe"
make_csv 100000 >&3 &
memory() { awk '/^VmHWM/ { print $2 }' "/proc/$importer/status"; }
wait_until 120 has_count 5000
early=$(memory)
wait_until 300 has_count 98000
late=$(memory)
exec 3>&-
wait "$importer"
same "100,000 lines" "0 100000 100000" "$? $(summary booked) $(count)"
[ "$late" -le $((early + 1024)) ] && [ "$late" -le 40960 ]
say $? "take no more memory than 5,000 did: $late KB, $early KB"
grep -qE '^promptbuilder: [0-9]+ lines read, [0-9]+ booked$' "$work/err"
say $? "show their progress"
total=$(cost_of 100000)
same "cost what they should" "$total" "$(summary cost_usd)"
same "in lines, days and views" "$total $total $total" "$(sql "select
	(select sum(cost_usd) from cost_entries) || ' ' ||
	(select sum(cost_nano) * 0.000000001 from cost_sums where zone = 'UTC' and grain = 'assistant_month') || ' ' ||
	(select sum(total_cost) from v_daily_costs_by_account)")"

"$build/promptbuilder" doctor >"$work/out" 2>&1
grep -q '^ok *the kept sums are what the lines' "$work/out"
say $? "and doctor agrees" || cat "$work/out"

finish
