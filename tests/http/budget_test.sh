#!/bin/sh
# budget_test.sh: budgets through nginx: set, changed and removed by form and API, by whom; what
# pages tell of them; a launch with nothing left.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/stack.sh"

WORKERS=1 # whose kept pages must not be behind
acme_token=tok_acme_0123456789abcdef
zeta_token=tok_zeta_0123456789abcdef
operator_token=op_0123456789abcdef0123
viewer_token=view_0123456789abcdef01
stack_start
account acme $acme_token
account zeta $zeta_token
operator $operator_token
sql -c "INSERT INTO access_tokens (account_id, role, name, token_hash) SELECT id, 'viewer', 'Eve',
	encode(sha256('$viewer_token'), 'hex') FROM accounts WHERE slug = 'acme'"
jar=$work/jar
sign_in "$jar" acme $acme_token >/dev/null

# spend USD DAYS: a line of acme so many days ago
spend()
{
	sql -c "INSERT INTO cost_entries (account_id, assistant_id, pipeline_run_id, operation, model,
		input_tokens, output_tokens, cost_usd, timestamp) SELECT s.account_id, s.id, r.id,
		'prompt_generation', 'claude-sonnet-5', 1, 1, $1, now() - interval '1 day' * $2
		FROM assistants s LEFT JOIN pipeline_runs r ON r.assistant_id = s.id AND r.pipeline_id = '${3:-}'
		WHERE s.external_id = 'desk'"
}

sql -c "INSERT INTO assistants (account_id, external_id, name)
	SELECT id, 'desk', 'Desk' FROM accounts WHERE slug = 'acme'"
sql -c "INSERT INTO pipeline_runs (account_id, assistant_id, pipeline_id, briefing_id, status,
	briefing_data) SELECT account_id, id, 'pipeline_' || n, 'b', 'completed', '{}'
	FROM assistants, generate_series(1, 20) n"
days_back=$(sql -c "SELECT extract(day FROM now() AT TIME ZONE 'UTC')::int")

for path in /costs /costs/acme; do curl -s -o /dev/null -b "$jar" "$url$path"; done

# Nothing yet, and then one.
has "without a budget the page says so" "$(curl -s -b "$jar" "$url/budgets")" 'There is no budget yet'
spend 4.60 "$days_back"
page=$(curl -s -b "$jar" "$url/budgets")
has "and proposes half as much again as last month" "$page" 'would be \$6\.90\.'
has "in the form, too" "$page" 'id="capUsd".*value="6\.9"'
token=$(csrf "$jar" "$url/budgets")
answer=$(get -b "$jar" -c "$jar" -d "csrf=$token&period=month&capUsd=5&thresholds=50,80" "$url/budgets")
has "a form sets it" "$answer" '^HTTP/1.1 303'
has "and shows it" "$(curl -s -b "$jar" -c "$jar" "$url/budgets")" 'The budget is set'
refused=$(curl -s -w '%{http_code}' -b "$jar" -d "csrf=$token&period=week&capUsd=1e3&softUsd=0&thresholds=5,x" "$url/budgets")
is "a wrong form is shown again" 422 "$(printf %s "$refused" | tail -c 3)"
has "with what was typed" "$refused" 'name="capUsd".*value="1e3"'
has "and every message" "$(printf %s "$refused" | tr '\n' ' ')" \
	'Cap must be an amount.*Soft amount must be an amount.*Thresholds must be'
has "a budget needs an amount" "$(curl -s -b "$jar" -d "csrf=$token&period=week" "$url/budgets")" \
	'A cap or a soft amount is needed'

# The same by the API, exact to the last decimal.
for n in $(seq 20); do spend 0.0"$n" 0 "pipeline_$n"; done
spend 0.123456789 0
spent=$(api $acme_token /budgets | sed 's/.*"spent_usd":"\([^"]*\)".*/\1/')
is "what is spent is what the costs of the same days say" "$spent" "$(api $acme_token \
	"/costs?from=$(sql -c "SELECT date_trunc('month', now() AT TIME ZONE 'UTC')::date")&tz=UTC" |
	sed 's/.*"totals":{"[^}]*"cost_usd":"\([^"]*\)".*/\1/')"
has "an API sets one" "$(api $acme_token /budgets '{"period":"day","softUsd":0.5,"thresholds":[10]}')" \
	'"period":"day".*"soft_usd":"0.500000000".*"thresholds":\[10\].*"state":"over"'
said "with status" 201
is "its number is exact text" '"6.900000001"' "$(api $acme_token /budgets \
	'{"period":"month","capUsd":6.900000001}' | sed 's/.*"cap_usd":\("[^"]*"\).*/\1/')"
is "the one before is ended by name, not changed" "5.000000000 The acme company" \
	"$(sql -c "SELECT cap_usd || ' ' || ended_by FROM budgets WHERE ended_at IS NOT NULL")"
api $acme_token /budgets '{"period":"month","capUsd":"-1"}' >/dev/null
said "less than nothing is refused" 422

# By whom.
before=$(sql -c "SELECT count(*), count(ended_at) FROM budgets")
api $viewer_token /budgets '{"period":"month","capUsd":"1"}' >/dev/null
said "a viewer sets nothing" 403
id=$(sql -c "SELECT id FROM budgets WHERE ended_at IS NULL AND period = 'month'")
api $zeta_token /budgets '{"accountId":"acme","period":"month","capUsd":"1"}' >/dev/null
said "nor does another account" 404
api $zeta_token "/budgets/$id/remove" '{}' >/dev/null
said "nor removes" 404
is "all that changed nothing" "$before" "$(sql -c "SELECT count(*), count(ended_at) FROM budgets")"
has_not "nor does it see any" "$(api $zeta_token /budgets)" 'acme'
has "an operator sees all" "$(api $operator_token /budgets)" '"account_slug":"acme"'
has_not "a viewer's page has no form" "$(rm -f "$work/eve"; sign_in "$work/eve" acme $viewer_token >/dev/null; \
	curl -s -b "$work/eve" "$url/budgets")" '<form class="form"|Remove'
api $operator_token /budgets '{"period":"month","capUsd":"1"}' >/dev/null
said "an operator must say whose" 422
api $operator_token /budgets '{"accountId":"zeta","period":"run","capUsd":"0"}' >/dev/null
said "and may set anybody's" 201

# What pages tell, also those that were kept before.
for path in / /costs /costs/acme /pipeline-runs/new; do
	has "$path tells of a threshold" "$(curl -s -b "$jar" "$url$path")" \
		'The acme company has spent [0-9]+ % of its budget for'
done
has "so does the operator's first page" "$(rm -f "$work/op"; sign_in "$work/op" operator $operator_token >/dev/null; \
	curl -s -b "$work/op" "$url/")" 'The acme company has spent'
rm -f "$work/zeta"
sign_in "$work/zeta" zeta $zeta_token >/dev/null
has_not "another account's does not" "$(curl -s -b "$work/zeta" "$url/")" 'has spent'
page=$(curl -s -b "$jar" "$url/pipeline-runs/new?assistantId=desk")
has "the launch form tells what is left" "$page" '<strong>\$[0-9.]*</strong> of \$6\.90 for'
has "and what such a run costs" "$page" '20 completed runs of desk'
has "in half of the cases and in most" "$(printf %s "$page" | tr '\n' ' ')" \
	'The whole run</th><td[^>]*>\$0\.0180</td><td[^>]*>\$0\.0800'
has "also on its button" "$page" '>Launch for about \$0\.02</button>'
has "without an assistant it is the account's" "$(curl -s -b "$jar" "$url/pipeline-runs/new")" \
	'20 completed runs of the account'

# A launch with nothing left.
briefing='{"briefing":{"assistantId":"fresh","company":"C","purpose":"P"}}'
launch() { api $acme_token /pipeline-runs "$briefing"; }
key() { curl -s -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $acme_token" -H 'Idempotency-Key: k1' \
	-H 'Content-Type: application/json' -d "$briefing" "$url/api/pipeline-runs"; }
is "with something left a run is launched" 202 "$(key)"
sql -c "DELETE FROM pipeline_runs WHERE idempotency_key IS NULL AND status = 'queued'"
spend 6.5 0
has "a kept page tells that, too" "$(curl -s -b "$jar" "$url/costs/acme")" 'is used up'
problem=$(launch | sed 's/fresh/other/')
said "with nothing left it is refused" 403
has "with the figures" "$problem" '"type":"/problems/budget-reached".*"detail":"The budget of account acme for [A-Z][a-z]* 20[0-9][0-9] is 6\.90 USD, and [0-9.]* is spent: nothing is left\. An operator or a member of acme can raise it under /budgets\."'
has "for programs, too" "$problem" "\"budget_id\":\"$id\".*\"limit_usd\":\"6.900000001\".*\"spent_usd\":\"[0-9.]*\".*\"resets_at\":\"20"
is "a key that has launched gives its run" 202 "$(key)"
briefing='{"briefing":{"assistantId":"brand-new","company":"C","purpose":"P"}}'
launch >/dev/null
is "a refused launch makes nothing, not even an assistant" 0 \
	"$(sql -c "SELECT count(*) FROM assistants WHERE external_id = 'brand-new'")"
page=$(curl -s -w '%{http_code}' -b "$jar" --data-urlencode "csrf=$token" -d 'assistantId=desk&company=My+company&purpose=P' "$url/pipeline-runs")
is "the form's refusal has its status" 403 "$(printf %s "$page" | tail -c 3)"
has "its figures" "$page" 'is 6\.90 USD, and [0-9.]* is spent: nothing is left'
has "what was typed" "$page" 'value="My company"'
has "and what is left" "$page" '<strong>\$0\.00</strong> of \$6\.90'
has "the banner says that it is used up" "$page" 'is used up'
api $zeta_token /pipeline-runs "$briefing" >/dev/null
said "a cap of 0 for each run allows no launch either" 403
api $acme_token /budgets '{"period":"month","capUsd":"60"}' >/dev/null
launch >/dev/null
said "raised, it is launched" 202
has_not "and pages say no more that it is used up" "$(curl -s -b "$jar" "$url/costs/acme")" 'is used up'
id=$(sql -c "SELECT id FROM budgets WHERE ended_at IS NULL AND period = 'day'")
has "a form removes one" "$(get -b "$jar" -c "$jar" -d "csrf=$token" "$url/budgets/$id/remove")" '^HTTP/1.1 303'
has "and says so" "$(curl -s -b "$jar" -c "$jar" "$url/budgets")" 'The budget of acme for each day is removed'
is "it cannot be removed twice" 404 "$(code -b "$jar" -d "csrf=$token" "$url/budgets/$id/remove")"
finish
