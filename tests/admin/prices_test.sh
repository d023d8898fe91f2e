#!/bin/sh
# prices_test.sh: the operator's tool on prices: set, list, import, diff, reprice, and corrections of
# the ledger.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../http/stack.sh"

stack_database
export DATABASE_URL=$TEST_DATABASE_URL PROMPTBUILDER_DATA_DIR=$top
set +e
cd "$work" || exit 1

# says CLAIM TEXT: what the last run of the tool said holds this text
says()
{
	if grep -qF -e "$2" said; then ok "$1"; else not_ok "$1" "no $2 in:" "$(cat said)"; fi
}

# tool STATUS WORD...: runs the tool, keeps what it says, and checks its exit status
tool()
{
	wanted=$1
	shift
	"$programs/promptbuilder" "$@" >said 2>&1
	status=$?
	[ "$status" = "$wanted" ] || not_ok "promptbuilder $* ends with $wanted" "$status: $(cat said)"
}

rows() { sql -c "select count(*) from model_prices"; }

# ---- set and list ----

sql -c "insert into accounts (slug, name) values ('acme', 'Acme'), ('globex', 'Globex');
insert into assistants (account_id, external_id, name) select id, 'bot', 'Bot' from accounts" >/dev/null
tool 0 prices set --model m --input 3 --output 15 --above 200000 --above-input 6 --above-output 22.5 \
	--above-cache-read 0.7 --cache-write-1h unknown --batch 0.5 --us 1.1 --from 2026-01-01 \
	--to 2026-07-01 --source 'a letter'
is "a price is recorded with its tier, multipliers and end" \
	'0 3000000 15000000 300000 3750000 500 1100 2026-07-01|200000 6000000 22500000 700000 7500000 12000000 500 1100 2026-07-01' \
	"$(sql -c "select string_agg(concat_ws(' ', above_tokens, input_pico, output_pico, cache_read_pico,
	cache_write_5m_pico, cache_write_1h_pico, batch_permille, us_permille, valid_to::date), '|'
	order by above_tokens) from model_prices where model = 'm'")"
tool 0 prices set --model m --input 4 --output 20 --from 2026-02-01 --account acme
is "multipliers that are not given stay" "500 1100" \
	"$(sql -c "select batch_permille || ' ' || us_permille from model_prices
	where account_id is not null and model = 'm'")"
tool 0 prices list --model m
says "the list shows tiers" '200000      6    22.5'
says "and what is not known" '3.75               -    0.5'
before=$(rows)
tool 64 prices set --model m --input 3
says "a rate that is missing is named" '--output is needed'
tool 65 prices set --model m --input 0.0000001 --output 1
says "so is one with too many decimals" '--input: "0.0000001" is not USD per million'
tool 65 prices set --model m --input 1e3 --output 1
tool 65 prices set --model m --input 3 --output 15 --batch 0
says "and a factor" '--batch: "0" is not a factor'
tool 65 prices set --model m --input 3 --output 15 --batch 0.333 --us 1.1
tool 64 prices set --model m --input 3 --output 15 --above-input 6
says "a tier needs its length" '--above-input needs --above'
tool 64 prices set --model m --input 3 --output 15 --above 1000
says "and its rates" '--above-input is needed'
tool 65 prices set --model m --input 3 --output 15 --above 0 --above-input 6 --above-output 7
tool 65 prices set --model m --input 3 --output 15 --from 2026-07-01 --to 2026-07-01
says "a price must not end before it begins" '--to must be later than --from'
tool 65 prices set --model m --input 3 --output 15 --from yesterday
says "nor begin on no day" '--from: "yesterday" is not a day'
tool 66 prices set --model m --input 3 --output 15 --account nobody
is "nothing of that was recorded" "$before" "$(rows)"

# ---- the dated form ----

cat >dated.json <<'END'
[{"id": "anthropic", "name": "Anthropic", "models": [
  {"id": "claude-sonnet-5", "match": {"or": [{"starts_with": "claude-sonnet-5"}]}, "prices": [
    {"prices": {"input_mtok": 2, "output_mtok": 10, "cache_read_mtok": 0.20, "cache_write_mtok": 2.5,
      "cache_write_1h_mtok": 4, "web_searches_kcount": 10}},
    {"constraint": {"start_date": "2026-09-01"}, "prices": {"input_mtok": 3, "output_mtok": 15,
      "cache_read_mtok": 0.3, "cache_write_mtok": 3.75, "cache_write_1h_mtok": 6}},
    {"constraint": {"start_date": "2026-12-01"}, "prices": {"input_mtok": 2.5, "output_mtok": 15,
      "cache_read_mtok": 0.25, "cache_write_mtok": 3.125, "cache_write_1h_mtok": 5}}]},
  {"id": "claude-opus-4-5", "prices": {"input_mtok": 4, "output_mtok": 25, "cache_read_mtok": 0.5,
      "cache_write_mtok": 6.25, "cache_write_1h_mtok": 10}},
  {"id": "claude-tall-9-latest", "match": {"or": [{"equals": "claude-tall"},
      {"equals": "claude-tall-20260101"}, {"starts_with": "claude-t"}]}, "prices": {
      "input_mtok": {"base": 0.03, "tiers": [{"start": 200000, "price": 0.06}]},
      "output_mtok": {"base": 0.5, "tiers": [{"start": 200000, "price": 0.75},
        {"start": 500000, "price": 1}]}}}]},
 {"id": "other", "models": [
  {"id": "odd", "prices": {"input_mtok": 0.08333333333333334, "output_mtok": 1}},
  {"id": "hourly", "prices": [{"constraint": {"start_time": "00:30:00Z", "end_time": "16:30:00Z"},
    "prices": {"input_mtok": 1, "output_mtok": 1}}]},
  {"id": "text", "prices": {"input_mtok": "1", "output_mtok": 1}},
  {"id": "negative", "prices": {"input_mtok": -1, "output_mtok": 1}},
  {"id": "half", "prices": {"input_mtok": 1}},
  {"id": "fine", "prices": {"input_mtok": 1, "output_mtok": 2}},
  {"id": "twice", "prices": {"input_mtok": 1, "output_mtok": 2}},
  {"id": "again", "match": {"equals": "twice"}, "prices": {"input_mtok": 3, "output_mtok": 4}}]}]
END
touch -d 2026-11-26 dated.json
before=$(rows)
tool 1 prices diff dated.json
says "a price that begins later is a change" \
	'changed  claude-sonnet-5, from 2026-12-01: input 3 -> 2.5, output 15, cache read 0.3 -> 0.25, write 5 min 3.75 -> 3.125, write 1 h 6 -> 5'
says "one that begins with ours is a conflict" 'conflict claude-opus-4-5, from ever: input 5 -> 4, output 25'
says "and says where ours is from" 'ours is from: provider list price, 2026-08-21'
says "a snapshot with a row of its own follows its family" 'conflict claude-opus-4-5-20251101, from ever: input 5 -> 4'
says "tiers are rows" 'new      claude-tall-9, from ever, prompts over 500000: input 0.06, output 1, cache read ?'
says "names beside the id are taken, snapshots of them are not" 'new      claude-tall, from ever: input 0.03, output 0.5'
is "each of them once" 0 "$(grep -c 'claude-tall-20260101\|claude-t,' said)"
says "all is counted" '9 differ, 0 of them implausible; 2 are the same; 0 could not be read'
tool 65 prices diff dated.json --provider nobody
says "an unknown provider is told the known ones" 'dated.json: the file has no provider "nobody"; it has anthropic, other'
tool 65 prices diff dated.json --model 'gpt-*'
tool 0 prices import dated.json
is "looking records nothing" "$before" "$(rows)"
tool 0 prices import dated.json --apply --model 'claude-[st]*'
says "what is recorded is counted" '7 rows recorded'
is "with file and day as its source" "dated.json of 2026-11-26" \
	"$(sql -c "select source from model_prices where model = 'claude-sonnet-5' and valid_from = '2026-12-01'")"
is "and the usual multipliers" "500 1100" "$(sql -c "select distinct batch_permille || ' ' || us_permille
	from model_prices where source like 'dated.json%'")"
tool 0 prices diff dated.json --model 'claude-[st]*'
says "after that nothing differs" '0 differ'
tool 0 prices import dated.json --apply --model 'claude-[st]*'
says "and nothing is recorded twice" '0 rows recorded'
is "a price of 0.03 times 1.1 is exact" 33000 "$(sql -c "select cost_nano from price_line(null,
	'claude-tall-20260101', now(), 1000, 0, 0, 0, 0, '{\"inference_geo\": \"us\"}')")"

tool 1 prices diff dated.json --provider other
says "a number that is not whole is said" 'not read odd: input_mtok is 0.08333333333333334, which is not a whole number'
says "prices by the hour, too" 'not read hourly: has prices that depend on more than the day'
says "and texts" 'not read text: input_mtok is not a number'
says "and negative ones" 'not read negative: input_mtok is -1'
says "and half a price" 'not read half: has no output_mtok'
says "a model that is there twice is not believed" 'twice    twice'
says "the others are read" 'new      fine, from ever: input 1, output 2'

# Rules of thumb.
cat >odd.json <<'END'
[{"id": "anthropic", "models": [
  {"id": "o-read", "prices": {"input_mtok": 1, "output_mtok": 5, "cache_read_mtok": 2}},
  {"id": "o-output", "prices": {"input_mtok": 5, "output_mtok": 1}},
  {"id": "o-write", "prices": {"input_mtok": 5, "output_mtok": 25, "cache_write_mtok": 4}},
  {"id": "o-hour", "prices": {"input_mtok": 5, "output_mtok": 25, "cache_write_mtok": 6, "cache_write_1h_mtok": 5.5}},
  {"id": "o-tier", "prices": {"input_mtok": {"base": 5, "tiers": [{"start": 1000, "price": 4}]}, "output_mtok": 25}},
  {"id": "o-zero", "prices": {"input_mtok": 0, "output_mtok": 25}},
  {"id": "o-much", "prices": {"input_mtok": 3000000, "output_mtok": 15000000}},
  {"id": "claude-fable-5", "prices": {"input_mtok": 100, "output_mtok": 500}},
  {"id": "claude-haiku-4-5", "prices": {"input_mtok": 0.1, "output_mtok": 0.5}},
  {"id": "claude-opus-5", "prices": {"input_mtok": 49, "output_mtok": 249}}]}]
END
tool 1 prices diff odd.json
while read -r model reason; do
	is "$model: $reason" 1 "$(grep -A 2 " $model, " said | grep -c "IMPLAUSIBLE: .*$reason")"
done <<'END'
o-read a cache read costs more than input
o-output output costs less than input
o-write a cache write costs less than input
o-hour a cache write for 1 h costs less than one for 5 min
o-tier a longer prompt costs less
o-zero a rate of 0
o-much more than 1000 USD per million tokens
claude-fable-5 ten times the price before, or a tenth of it
claude-haiku-4-5 ten times the price before, or a tenth of it
END
is "less than ten times is only a difference" 0 "$(grep -A 2 ' claude-opus-5, ' said | grep -c IMPLAUSIBLE)"
before=$(rows)
tool 65 prices import odd.json --apply
says "implausible rows are not recorded" 'nothing was recorded: look at the implausible rows'
is "nor are those beside them" "$before" "$(rows)"
tool 0 prices import odd.json --apply --accept-implausible
is "unless they are accepted" "$((before + 12))" "$(rows)"

# What only we have stays.
tool 0 prices set --model claude-mythos-5 --input 8 --output 40 --from 2026-11-01 --source ours
cat >less.json <<'END'
[{"id": "anthropic", "models": [{"id": "claude-mythos-5", "prices": {"input_mtok": 10,
  "output_mtok": 50}}]}]
END
tool 1 prices diff less.json
says "a price that only we have is shown" 'ours     claude-mythos-5, from 2026-11-01: input 8 -> 10'
tool 0 prices import less.json --apply
says "and stays" '0 rows recorded'
is "a rate that the file lacks is no difference" 1 "$(grep -c '^[a-z]* *claude' said)"

# ---- the undated form ----

cat >undated.json <<'END'
{"sample_spec": {"input_cost_per_token": 0.0, "litellm_provider": "one of many", "max_tokens": "text"},
 "claude-sonnet-4-6": {"litellm_provider": "anthropic", "input_cost_per_token": 3e-06,
  "output_cost_per_token": 1.5e-05, "cache_read_input_token_cost": 3E-7},
 "claude-opus-4-7-20260416": {"litellm_provider": "anthropic", "input_cost_per_token": 0.000005,
  "output_cost_per_token": 2.5e-05, "cache_creation_input_token_cost": 6.25e-06,
  "cache_creation_input_token_cost_above_1hr": 1.1e-05, "input_cost_per_token_above_200k_tokens": 1e-05},
 "claude-odd": {"litellm_provider": "anthropic", "input_cost_per_token": 4.285999999999999e-06,
  "output_cost_per_token": 1e-05},
 "gpt-x": {"litellm_provider": "openai", "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06}}
END
before=$(rows)
tool 1 prices diff undated.json
says "an exponent is read exactly" '1 are the same'
says "a snapshot is compared with its family's price" 'changed  claude-opus-4-7-20260416, from '
says "the hour's rate is found" 'write 1 h 10 -> 11'
says "a tier is found" 'prompts over 200000: input 5 -> 10, output 25'
says "and what cannot be exact is said" 'not read claude-odd: input_cost_per_token is 4.285999999999999e-06'
tool 65 prices import undated.json --apply
says "it is never recorded" 'tells no dates: it is a second opinion'
is "indeed" "$before" "$(rows)"

# ---- files that are neither ----

echo '[{"id": "anthropic", "models": [}' >broken.json
tool 65 prices import broken.json
says "broken JSON is placed" 'broken.json: This is not valid JSON'
for text in '[]' '{}' '[1, "x", null]' '{"a": {"b": 1}}' '[{"id": "anthropic"}]' '[{"id": "anthropic", "models": 3}]'; do
	echo "$text" >neither.json
	tool 65 prices import neither.json
	says "$text is neither form" 'neither.json: '
done
tool 66 prices import missing.json
tool 64 prices import
tool 64 prices import dated.json --applly
is "nothing of that was recorded, either" "$before" "$(rows)"

# ---- reprice ----

# line ACCOUNT MODEL TIMESTAMP COST STATUS [COLUMN=VALUE...]: a call of 1,000,000 tokens in
line()
{
	sql -c "insert into cost_entries (account_id, assistant_id, operation, model, timestamp, input_tokens,
			output_tokens, cost_usd, price_status, price_id)
		select s.account_id, s.id, 'prompt_generation', '$2', '$3', ${6:-1000000}, 0, $4, '$5',
			case when '$5' = 'priced' and '${7:-}' = '' then (select p.id from price_at(s.account_id, '$2', '$3') p) end
		from assistants s join accounts a on a.id = s.account_id where a.slug = '$1' returning id"
}
lines() { sql -c "select count(*) from cost_entries"; }
cost_of() { sql -c "select sum(cost_usd) from cost_entries where '$1' in (id, corrects_id)"; }

tool 0 prices set --model r --input 3 --output 15 --from 2026-01-01
priced=$(line acme r '2026-01-10 23:59:59.9Z' 3 priced)
snapshot=$(line acme r-20260101 '2026-01-11 00:00:00Z' 3 priced)
unknown=$(line globex new-model '2026-01-11' 0 unpriced)
given=$(line globex r '2026-01-11' 7 priced 1000000 given)
reserved=$(line globex r '2026-01-11' 2 priced 0)
same=$(line globex r '2026-01-12' 3 priced)
line acme r '2026-01-13' 3 priced >/dev/null # after the days that are priced again
is "a model without a price is counted on its day" 1 \
	"$(sql -c "select sum(unpriced_calls) from cost_days where zone = 'UTC' and model = 'new-model'")"
for day in 2026-01-11 2026-01-10; do
	tool 0 prices set --model r --input 5 --output 25 --from $day --to 2026-01-12
done
tool 0 prices set --model new-model --input 0.5 --output 1 --from 2026-01-01
before=$(lines)
tool 64 prices reprice --from 2026-01-01 --to 2026-01-12
says "a reason is needed" '--reason is needed, or --dry-run'
tool 65 prices reprice --from 2026-01-01 --to 2026-1-12 --dry-run
tool 65 prices reprice --from 2026-01-01 --to 2026-01-12 --reason ' '
tool 66 prices reprice --from 2026-01-01 --to 2026-01-12 --dry-run --account nobody
tool 0 prices reprice --from 2026-01-01 --to 2026-01-12 --dry-run
says "the difference is shown per account" '2026-01-10  acme                            1 of 1 lines  3.000000000 -> 5.000000000  +2.000000000'
says "and day" '2026-01-11  acme                            1 of 1 lines  3.000000000 -> 5.000000000  +2.000000000'
says "and in all" '3 of 6 lines differ: 6.000000000 -> 10.500000000  +4.500000000'
says "lines with their own amount are left alone" '1 lines are left alone: they came with their amount'
says "so are reserved ones" '1 lines are left alone: they have no tokens'
is "a dry run writes nothing" "$before" "$(lines)"
tool 0 prices reprice --from 2026-01-01 --to 2026-01-12 --model r --account acme --reason 'Contract of January'
says "corrections are counted" '2 corrections written'
is "a call costs what its price says" "5.000000000 5.000000000" "$(cost_of "$priced") $(cost_of "$snapshot")"
is "the correction says why, who and by which price" \
	"adjustment Contract of January t t t 5000000 2026-01-10 23:59:59.9+00" \
	"$(sql -c "select concat_ws(' ', kind, reason, actor like '% at the command line', created_at > timestamp,
	not settles_price, (select input_pico from model_prices p where p.id = price_id), timestamp)
	from cost_entries where corrects_id = '$priced'")"
is "other accounts and models wait" "$((before + 2))" "$(lines)"
tool 0 prices reprice --from 2026-01-01 --to 2026-01-12 --reason 'Contract of January'
says "the rest follows" '1 corrections written'
is "a call without a price gets one" "0.500000000 t 0" "$(cost_of "$unknown") $(sql -c "select settles_price
	from cost_entries where corrects_id = '$unknown'") $(sql -c "select sum(unpriced_calls) from cost_days
	where zone = 'UTC' and model = 'new-model'")"
before=$(lines)
tool 0 prices reprice --from 2026-01-01 --to 2026-01-12 --reason 'Contract of January'
says "a second run finds nothing" '0 of 6 lines differ'
is "and writes nothing" "$before" "$(lines)"
tool 0 prices set --model r --input 1 --output 5 --from 2026-01-11 --to 2026-01-12
tool 0 prices reprice --from 2026-01-11 --to 2026-01-11 --reason 'Corrected again'
is "a second correction builds on the first" "1.000000000 2" \
	"$(cost_of "$snapshot") $(sql -c "select count(*) from cost_entries where corrects_id = '$snapshot'")"
is "what was not to be touched was not" "7.000000000 2.000000000 3.000000000" \
	"$(cost_of "$given") $(cost_of "$reserved") $(cost_of "$same")"
tool 0 prices set --model r --input 1 --output 5 --cache-read unknown --from 2026-01-10 --to 2026-01-11
sql -c "insert into cost_entries (account_id, assistant_id, operation, model, timestamp, input_tokens, output_tokens,
	cache_read_tokens, cost_usd, price_id) select account_id, id, 'prompt_generation', 'r', '2026-01-10 12:00Z', 0, 0, 1000000, 9,
	gen_random_uuid() from assistants limit 1" >/dev/null
tool 0 prices reprice --from 2026-01-10 --to 2026-01-10 --dry-run
says "a whole price is not given up for a part" '1 lines are left alone: they have no full price'

# Pages, and a run that is interrupted after some of them: what is there is not done again.
sql -c "insert into cost_entries (account_id, assistant_id, operation, model, timestamp, input_tokens, output_tokens, cost_usd,
		price_id)
	select s.account_id, s.id, 'prompt_generation', 'bulk', '2026-03-01T00:00:00Z'::timestamptz + (n % 50) * interval '1 s',
		1000000, 0, 1, gen_random_uuid()
	from assistants s join accounts a on a.id = s.account_id cross join generate_series(1, 10001) n where a.slug = 'acme'" >/dev/null
tool 0 prices set --model bulk --input 2 --output 10 --from 2026-03-01
sql -c "insert into cost_entries (account_id, assistant_id, operation, model, timestamp, input_tokens, output_tokens, cost_usd,
		price_id, kind, corrects_id, reason, actor, idempotency_key)
	select account_id, assistant_id, operation, model, timestamp, 0, 0, 1, gen_random_uuid(), 'adjustment', id, 'r', 'a',
		id || ':adjusted:0'
	from (select * from cost_entries where model = 'bulk' order by timestamp, id limit 5000) e" >/dev/null
tool 0 prices reprice --from 2026-03-01 --to 2026-03-01 --reason 'all of a day'
says "a run goes on where another ended" '5001 corrections written'
is "and every line has its price" "20002.000000000" "$(sql -c "select sum(cost_usd) from cost_entries where model = 'bulk'")"

# Two at once: no line is corrected twice.
tool 0 prices set --model bulk --input 3 --output 10 --from 2026-03-01
"$programs/promptbuilder" prices reprice --from 2026-03-01 --to 2026-03-01 --reason one >one 2>&1 &
"$programs/promptbuilder" prices reprice --from 2026-03-01 --to 2026-03-01 --reason two >two 2>&1
wait
is "two runs at once correct a line once" "30003.000000000 10001" \
	"$(sql -c "select sum(cost_usd) || ' ' || count(*) filter (where reason in ('one', 'two')) from cost_entries where model = 'bulk'")"

# ---- corrections by hand ----

before=$(lines)
tool 0 cost adjust "$same" --amount -1.25 --reason 'Goodwill'
is "a correction prints its id" "$(sql -c "select id from cost_entries where corrects_id = '$same'")" "$(cat said)"
is "and is a line beside the other" "1.750000000 -1.250000000 Goodwill" \
	"$(cost_of "$same") $(sql -c "select cost_usd || ' ' || reason from cost_entries where corrects_id = '$same'")"
tool 65 cost adjust "$same" --amount -1.750000001 --reason 'Too much'
says "a line never costs less than nothing" 'the line costs 1.750000000 USD with its corrections'
tool 65 cost adjust "$(sql -c "select id from cost_entries where corrects_id = '$same'")" --amount 1 --reason x
says "a correction is not corrected" "this line is a correction itself: correct the call, $same"
tool 66 cost adjust 00000000-0000-7000-8000-000000000000 --amount 1 --reason x
says "an unknown line is refused" 'there is no line'
tool 66 cost adjust nonsense --amount 1 --reason x
for amount in 0 1e3 '' 0.0000000001 abc 99999999999999; do
	tool 65 cost adjust "$same" --amount "$amount" --reason x
done
says "an amount is a decimal number" '--amount: "99999999999999" is not an amount in USD'
tool 65 cost adjust "$same" --amount 9000000001 --reason x
says "and not beyond what is booked" 'beyond what can be booked'
tool 65 cost adjust "$same" --amount 1 --reason ''
tool 64 cost adjust "$same" --amount 1
tool 64 cost adjust --amount 1 --reason x
is "of all that one line was booked" "$((before + 1))" "$(lines)"
tool 0 prices set --model r --input 4 --output 20 --from 2026-01-12 --to 2026-01-13
tool 0 prices reprice --from 2026-01-12 --to 2026-01-12 --reason 'Later'
says "reprice leaves it alone" '1 lines are left alone: they were corrected by hand'
tool 0 cost adjust "$same" --amount -1.75 --reason 'The rest'
is "a whole cost can be given back" "0.000000000" "$(cost_of "$same")"
sums='grain, account_id, day, assistant_id, model, cost_nano, lines, calls, unpriced_calls'
is "days are still the sums of their lines" 0 "$(sql -c "select count(*) from (select $sums from cost_sums
	where zone = 'UTC' except select $sums from cost_sums_of('UTC', null, '-infinity', 'infinity')) d")"
finish
