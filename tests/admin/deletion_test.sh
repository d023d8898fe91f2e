#!/bin/sh
# deletion_test.sh: an account is deleted in batches, by the tool, by a form and by a runner: texts
# and access go, no sum of the installation changes, and the receipt says so.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../http/stack.sh"

stack_start
export DATABASE_URL=$TEST_DATABASE_URL PROMPTBUILDER_DATA_DIR=$top
run()
{
	status=0
	printed=$("$programs/promptbuilder" "$@" 2>"$work/said") || status=$?
	[ "$status" = 0 ] || printed=$(cat "$work/said"; printf '%s\n' "$printed")
}
for slug in acme zeta yoyo; do
	account "$slug" "tok_${slug}_0123456789abcdef"
done
operator tok_op_0123456789abcdefgh
op='Authorization: Bearer tok_op_0123456789abcdefgh'

# 500 runs of each, more than two batches.
sql >/dev/null <<'END'
INSERT INTO assistants (account_id, external_id, name, settings)
SELECT id, 'bot', 'Secret Bot', '{"a": "Secret"}' FROM accounts;
INSERT INTO pipeline_runs (account_id, assistant_id, pipeline_id, briefing_id, status, briefing_data,
  error_message, idempotency_key, created_at)
SELECT s.account_id, s.id, 'pipeline_' || a.slug || n, 'b', 'completed', '{"company": "Secret Ltd"}',
  'Secret error', 'secret' || n, now() - n * interval '1 hour'
FROM assistants s JOIN accounts a ON a.id = s.account_id, generate_series(1, 500) AS n;
INSERT INTO pipeline_steps (account_id, pipeline_run_id, step_name, step_key, step_order, status,
  output, metadata)
SELECT account_id, id, 'prompt_analysis', 'analysis[1]', 1, 'completed', 'Secret output',
  '{"score": 81, "findings": ["Secret finding"]}' FROM pipeline_runs;
INSERT INTO cost_entries (account_id, assistant_id, pipeline_run_id, operation, model, input_tokens,
  output_tokens, cost_usd, timestamp)
SELECT account_id, assistant_id, id, 'prompt_analysis', 'm', 10, 10, 0.123456789, created_at
FROM pipeline_runs;
INSERT INTO prompt_versions (account_id, assistant_id, pipeline_run_id, version, version_number,
  status, prompt_content, prompt_hash, injection_content, briefing_hash, final_score)
SELECT account_id, assistant_id, id, 'v' || n, n, 'deployed', 'Secret prompt', 'h', 'Secret file', 'b', 81
FROM (SELECT account_id, assistant_id, id, row_number() OVER (PARTITION BY account_id) AS n
      FROM pipeline_runs) AS r;
INSERT INTO budgets (account_id, period, zone, cap_usd, thresholds, created_by)
SELECT id, 'month', 'UTC', 100, '{50}', 'Op' FROM accounts;
INSERT INTO outbox (account_id, kind, payload) SELECT id, 'budget.alert', '{"a": "Secret"}' FROM accounts;
END
digest() { sql -c "SELECT md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM $1 t"; }
totals() { curl -s -H "$op" "$url/api/costs?days=30" | jq -c '.totals, (.by_account | map(.cost_usd) | sort)'; }
lines=$(digest cost_entries) sums=$(digest cost_sums) before=$(totals)
has "the operator's totals are there" "$before" '185\.18'

run account delete nobody
has "an account that is none is named" "$printed" 'There is no account "nobody"'
run account delete acme
has "without --yes it only counts" "$printed" 'texts of runs: 500, prompts: 500, assistants: 1, tokens: 1; runs in flight: 0'
is "and deletes nothing" 0 "$(sql -c "SELECT count(*) FROM account_deletions")"
sql -c "UPDATE pipeline_runs SET status = 'running' WHERE pipeline_id = 'pipeline_acme7'"
run account delete acme --yes
has "while a run is in flight it refuses" "$printed" 'queued or running: 1'
sql -c "UPDATE pipeline_runs SET status = 'completed' WHERE pipeline_id = 'pipeline_acme7'"

# By the tool, interrupted after a batch, its name kept.
sql -c "SET app.operator = 'on'" -c "SELECT account_delete(id, 'Op', true) FROM accounts WHERE slug = 'acme'" \
	-c "SELECT * FROM account_delete_step(NULL)" >/dev/null
half="$(sql -c "SELECT count(*) FROM pipeline_runs WHERE briefing_data = '{}'")"
is "a batch has gone" 200 "$half"
is "nobody signs in meanwhile" 401 "$(sign_in "$work/jar" acme tok_acme_0123456789abcdef)"
is "no bearer is good" 401 "$(code -H 'Authorization: Bearer tok_acme_0123456789abcdef' "$url/api/costs")"
echo '{"idempotency_key":"k","accountId":"acme","assistantId":"bot","operation":"chat","model":"m","input_tokens":1,"output_tokens":1}' \
	>"$work/line.json"
run import costs "$work/line.json"
has "no line that was made elsewhere is booked" "$status $printed" '^73 .*The account is deleted: nothing new'
answer=$(curl -s -w '%{http_code}' -H 'Authorization: Bearer tok_op_0123456789abcdefgh' \
	-H 'Content-Type: application/json' --data-binary "@$work/line.json" "$url/api/cost-entries" | tr -d '\n')
has "nor by the API" "$answer" 'The account is deleted: nothing new.*409$'
run account delete acme --yes
is "the tool goes on" 0 "$status"
receipt=$printed
is "to the end" completed "$(printf '%s' "$receipt" | jq -r .state)"
is "its receipt counts" '{"events":1,"tokens":1,"budgets":1,"outputs":500,"prompts":500,"sessions":0,"briefings":500,"assistants":1}' \
	"$(printf '%s' "$receipt" | jq -c '.counts')"
is "its sums are equal" true "$(printf '%s' "$receipt" | jq .sums_are_equal)"
is "of all lines" 500 "$(printf '%s' "$receipt" | jq -r '.sums_after.lines')"
is "and their cost" 61.728394500 "$(printf '%s' "$receipt" | jq -r '.sums_after.cost_usd')"
is "by whom is told" Op "$(printf '%s' "$receipt" | jq -r .requested_by)"
is "no text is left" 0 "$(sql -c "SELECT count(*) FROM accounts a WHERE a.slug = 'acme' AND (
	EXISTS (SELECT 1 FROM pipeline_runs t WHERE t.account_id = a.id AND t::text LIKE '%ecret%')
	OR EXISTS (SELECT 1 FROM pipeline_steps t WHERE t.account_id = a.id AND t::text LIKE '%ecret%')
	OR EXISTS (SELECT 1 FROM prompt_versions t WHERE t.account_id = a.id AND t::text LIKE '%ecret%')
	OR EXISTS (SELECT 1 FROM outbox t WHERE t.account_id = a.id)
	OR EXISTS (SELECT 1 FROM assistants t WHERE t.account_id = a.id AND t::text LIKE '%ecret%')
	OR EXISTS (SELECT 1 FROM access_tokens t WHERE t.account_id = a.id))")"
is "scores stay" 81 "$(sql -c "SELECT DISTINCT metadata ->> 'score' FROM pipeline_steps")"
is "another account's texts, too" 500 "$(sql -c "SELECT count(*) FROM pipeline_runs r
	JOIN accounts a ON a.id = r.account_id WHERE a.slug = 'zeta' AND briefing_data::text LIKE '%Secret%'")"
run account delete acme --yes
is "once more is the same receipt" "$receipt" "$printed"
for act in "INSERT INTO pipeline_runs (account_id, assistant_id, pipeline_id, briefing_id, status, briefing_data)
		SELECT account_id, id, 'p', 'b', 'queued', '{}' FROM assistants s WHERE s.account_id = X" \
	"INSERT INTO access_tokens (account_id, role, name, token_hash) VALUES (X, 'member', 'M', 'h')" \
	"UPDATE accounts SET mermaid_token_hash = 'h' WHERE id = X" \
	"INSERT INTO assistants (account_id, external_id, name) VALUES (X, 'x', 'x')"; do
	said=$(sql -c "$(printf '%s' "$act" | sed "s/X/(SELECT id FROM accounts WHERE slug = 'acme')/g")" 2>&1 || true)
	has "nothing new: $(printf '%s' "$act" | head -n 1 | cut -c1-30)" "$said" 'The account is deleted'
done
run token account acme
has "no token is made" "$printed" 'The account is deleted'

# By the form.
jar=$work/op
sign_in "$jar" operator tok_op_0123456789abcdefgh >/dev/null
page=$(curl -s -b "$jar" "$url/accounts/zeta/delete")
has "the form tells what goes" "$page" 'outputs of runs: 500; prompts: 500'
token=$(csrf "$jar" "$url/accounts/zeta/delete")
form() { curl -s -i -b "$jar" --data-urlencode "csrf=$token" "$@" "$url/accounts/zeta/delete" | tr -d '\r'; }
wrong=$(form -d slug=acme)
has "another slug is refused" "$wrong" '^HTTP/1.1 422'
has "with what to do" "$wrong" 'Type the slug of the account, zeta'
is "and nothing is begun" 1 "$(sql -c "SELECT count(*) FROM account_deletions")"
member='Authorization: Bearer tok_zeta_0123456789abcdef'
is "a member may not" 403 "$(code -X POST -H "$member" -H 'Content-Type: application/json' -d '{"slug": "zeta"}' "$url/api/accounts/zeta/delete")"
id=$(sql -c "SELECT id FROM accounts WHERE slug = 'zeta'")
has "the right one leads to the receipt" "$(form -d slug=zeta -d name=pseudonymise)" "^Location: .*/accounts/$id/deletion"
has "which says that it goes on" "$(curl -s -b "$jar" "$url/accounts/$id/deletion")" 'It goes on'

# The runner does the rest.
ANTHROPIC_API_KEY=none "$programs/promptbuilder-runner" 2>"$work/runner.log" </dev/null &
runner_pid=$!
done_is() { [ "$(sql -c "SELECT count(*) FROM account_deletions WHERE completed_at IS NULL")" = 0 ]; }
if wait_for 30 done_is; then ok "a runner ends it"; else not_ok "a runner ends it" "$(tail -n 5 "$work/runner.log")"; fi
kill "$runner_pid"
wait "$runner_pid" || true
page=$(curl -s -b "$jar" "$url/accounts/$id/deletion")
has "the receipt is a page" "$page" 'sums of the ledger are what they were before'
json=$(curl -s -H "$op" "$url/api/accounts/$id/deletion")
is "and JSON" '"completed",true,500,false' "$(printf '%s' "$json" | jq -c '.state,.sums_are_equal,.counts.prompts,.keeps_name' | paste -sd, -)"
is "its name is gone" "deleted-$(printf '%s' "$id" | tail -c 12)|Deleted account" "$(sql -c "SELECT slug, name FROM accounts WHERE id = '$id'")"
is "and that of its assistants" 0 "$(sql -c "SELECT count(*) FROM assistants WHERE account_id = '$id' AND (external_id = 'bot' OR name = 'bot')")"
has "the list of accounts says so" "$(curl -s -b "$jar" "$url/accounts")" 'Deleted account'
has "so does its page" "$(curl -s -b "$jar" "$url/accounts/$id")" 'This account is deleted'
is "a second deletion is a conflict" 409 "$(code -b "$jar" "$url/accounts/$id/delete")"
is "no receipt of who is not deleted" 404 "$(code -b "$jar" "$url/accounts/yoyo/deletion")"

# What stays.
is "no line has changed" "$lines" "$(digest cost_entries)"
is "no sum has changed" "$sums" "$(digest cost_sums)"
is "no total of the operator's has changed" "$before" "$(totals)"
run ledger verify
is "the sums are those of the lines" 0 "$status"
is "both deletions are in the log" "account.delete|2,account.erased|2" "$(sql -c "SELECT action, count(*)
	FROM audit_entries WHERE action IN ('account.delete', 'account.erased') GROUP BY 1 ORDER BY 1" | paste -sd, -)"
run audit verify
is "whose chains are whole" 0 "$status"
has_not "no sanitizer reports" "$(cat "$work/web.log" "$work/runner.log")" 'Sanitizer|runtime error'
finish
