#!/bin/sh
# ledger_test.sh: zones put in use and out of it, sums verified and made anew, and what doctor says
# of a ledger that has been tampered with.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../http/stack.sh"

stack_database
export DATABASE_URL=$TEST_DATABASE_URL PROMPTBUILDER_DATA_DIR=$top ANTHROPIC_API_KEY=unused
# run COMMAND...: what it prints, and its exit status in $status
run()
{
	status=0
	printed=$("$programs/promptbuilder" "$@" 2>&1) || status=$?
}

account acme tok_acme_0123456789abcdef
account zeta tok_zeta_0123456789abcdef
operator op_0123456789abcdef0123
sql -c "INSERT INTO assistants (account_id, external_id, name) SELECT id, 'bot', 'Bot' FROM accounts" \
	-c "INSERT INTO pipeline_runs (account_id, assistant_id, pipeline_id, briefing_id, status,
		briefing_data)
	SELECT account_id, id, 'pipeline_' || account_id || n, 'b', 'completed', '{}'
	FROM assistants, generate_series(1, 20) AS n" \
	-c "INSERT INTO cost_entries (account_id, assistant_id, pipeline_run_id, operation, model,
		input_tokens, output_tokens, cache_read_tokens, cost_usd, timestamp)
	SELECT account_id, assistant_id, id, 'prompt_analysis', 'm' || n % 3, n, n, n, n / 1000.0,
		timestamptz '2025-11-01' + n * interval '7 hours 13 minutes'
	FROM pipeline_runs, generate_series(1, 500) AS n"
total="SELECT sum(cost_nano) FROM account_days WHERE zone"

run zone add Europe/Atlantis
is "an unknown zone is refused" 1 "$([ "$status" != 0 ] && echo 1)"
has "and named" "$printed" '"Europe/Atlantis" is not the name of a time zone'
run zone add Asia/Kathmandu
is "a zone is put in use" 0 "$status"
is "its days hold every line" "$(sql -c "$total = 'UTC'")" "$(sql -c "$total = 'Asia/Kathmandu'")"
is "its midnights are its own" t "$(sql -c "SELECT count(*) > 0 FROM (
	SELECT day, cost_nano FROM account_days WHERE zone = 'UTC' EXCEPT
	SELECT day, cost_nano FROM account_days WHERE zone = 'Asia/Kathmandu') AS d")"
run account zone acme Europe/Berlin
is "an account gets a zone of its own" 0 "$status"
is "whose sums are its own only" acme "$(sql -c "SELECT DISTINCT slug FROM account_days d
	JOIN accounts a ON a.id = d.account_id WHERE zone = 'Europe/Berlin'")"
run zone add Europe/Berlin
is "a zone of one becomes a zone of all" "$(sql -c "$total = 'UTC'")" \
	"$(sql -c "$total = 'Europe/Berlin'")"
is "once" 1 "$(sql -c "SELECT count(*) FROM reporting_zones WHERE zone = 'Europe/Berlin'")"
sql -c "INSERT INTO cost_entries (account_id, assistant_id, operation, model, input_tokens,
	output_tokens, cost_usd) SELECT account_id, id, 'elsewhere', 'm', 1, 1, 0.000000001
	FROM assistants"
is "new lines are added to every zone" 1 "$(sql -c "SELECT count(DISTINCT n) FROM (
	SELECT sum(cost_nano) AS n FROM account_days GROUP BY zone) AS z")"
run ledger verify
has "the sums agree with the lines" "$printed" 'months agree with their lines'
run doctor
is "doctor finds no failure" 1 "$status"
has_not "of any kind" "$printed" '^FAILED'

sql -c "UPDATE cost_sums SET cost_nano = cost_nano + 1 WHERE grain = 'assistant_day' AND day =
	'2026-02-03' AND zone = 'UTC' AND model = 'm1' AND account_id =
	(SELECT id FROM accounts WHERE slug = 'zeta')"
run ledger verify
is "a sum that is off by a nano-dollar is found" 70 "$status"
has "and named" "$printed" 'assistant_day of 2026-02-03, account zeta, zone UTC, model "m1"'
run doctor
is "doctor finds it, too" 2 "$status"
has "and says what to do" "$printed" '^FAILED.*ledger rebuild'
run ledger rebuild --zone UTC --account zeta
is "it is made anew" 0 "$status"
run ledger verify
is "and agrees again" 0 "$status"
sql -c "UPDATE pipeline_runs SET total_cost_usd = total_cost_usd + 1 WHERE id =
	(SELECT min(id::text)::uuid FROM pipeline_runs)"
run doctor
has "a run's total that is off is named" "$printed" '^FAILED.*I2 .*for one: the totals of a run .*run pipeline_'
sql -c "DELETE FROM cost_entries WHERE model = 'm2'"
run ledger verify
is "sums follow lines that the owner deletes" 0 "$status"
sql -c "DELETE FROM accounts WHERE slug = 'zeta'"
is "and go with an account" acme "$(sql -c "SELECT DISTINCT slug FROM cost_sums s
	JOIN accounts a ON a.id = s.account_id")"

run zone remove Asia/Kathmandu
is "a zone goes out of use" 0 "$(sql -c "SELECT count(*) FROM cost_sums WHERE zone = 'Asia/Kathmandu'")"
run zone remove UTC
has "but never UTC" "$printed" 'UTC is always kept'
run zone remove Asia/Tokyo
has "a zone that is not in use is named" "$printed" 'Asia/Tokyo'
finish
