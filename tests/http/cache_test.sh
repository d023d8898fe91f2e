#!/bin/sh
# cache_test.sh: an answer that is given again is the right one: after every kind of change, for
# every asker, with this request's own id.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/stack.sh"

WORKERS=1
acme_token=tok_acme_0123456789abcdef
zeta_token=tok_zeta_0123456789abcdef
operator_token=op_0123456789abcdef0123
stack_start
account acme $acme_token
account zeta $zeta_token
operator $operator_token

# ended_run SLUG NAME: a completed run with a step, a line, a call and a version
ended_run()
{
	sql -c "
		INSERT INTO assistants (account_id, external_id, name)
		SELECT id, 'bot', 'Bot of $1' FROM accounts WHERE slug = '$1' ON CONFLICT DO NOTHING;
		INSERT INTO pipeline_runs (account_id, assistant_id, pipeline_id, briefing_id, status,
		  briefing_data, model, started_at, completed_at, duration_ms)
		SELECT s.account_id, s.id, '$2', 'briefing', 'completed', '{\"company\": \"X\"}',
		  'claude-sonnet-5', now() - interval '3 hours', now() - interval '2 hours', 3600000
		FROM assistants s JOIN accounts a ON a.id = s.account_id WHERE a.slug = '$1';
		INSERT INTO prompt_versions (account_id, assistant_id, pipeline_run_id, version,
		  version_number, status, prompt_content, prompt_hash, injection_content, briefing_hash)
		SELECT r.account_id, r.assistant_id, r.id, 'v' || n, n, 'draft', 'Prompt.', 'hash', 'x', 'hash'
		FROM pipeline_runs r, (SELECT 1 + coalesce(max(version_number), 0) AS n FROM prompt_versions) AS v
		WHERE r.pipeline_id = '$2'" >/dev/null
}
ended_run acme pipeline_acme1
ended_run zeta pipeline_zeta1

bearer() { curl -s -H "Authorization: Bearer $1" "$url/api$2"; }
page() { curl -s -b "$work/$1" "$url$2"; }
# without_id: what is not of this very request
without_id() { sed -E 's/[0-9a-f]{32}/ID/'; }
# twice NAME COMMAND...: the second answer, given again, is equal to the first
twice()
{
	name=$1
	shift
	is "$name" "$("$@" | without_id)" "$("$@" | without_id)"
}
run=/pipeline-runs/pipeline_acme1
for who in acme zeta; do
	sign_in "$work/$who" $who tok_${who}_0123456789abcdef >/dev/null
done
sign_in "$work/again" acme $acme_token >/dev/null
sign_in "$work/op" operator $operator_token >/dev/null

twice "a run" bearer $acme_token $run
twice "its page" page acme $run
twice "the list" page acme /pipeline-runs
twice "the operator's list" page op "/pipeline-runs?limit=50"

# Askers are kept apart.
is "another account's run stays unknown" 404 \
	"$(code -H "Authorization: Bearer $zeta_token" "$url/api$run")"
is "on its page, too" 404 "$(code -b "$work/zeta" "$url$run")"
has_not "lists show their own runs" "$(page zeta /pipeline-runs)" pipeline_acme1
has "the operator sees all" "$(page op "/pipeline-runs?limit=50")" pipeline_zeta1
is "a stranger sees nothing" 401 "$(code "$url/api$run")"
is "nor a wrong token" 401 "$(code -H "Authorization: Bearer wrong_0123456789abcdef" "$url/api$run")"
form_of() { page "$1" /pipeline-runs | sed -n 's/.*name="csrf" value="\([^"]*\)".*/\1/p' | head -n 1; }
[ "$(form_of acme)" != "$(form_of again)" ] && ok "each session has its form's token" ||
	not_ok "each session has its form's token"
is "which is the same each time" "$(form_of acme)" "$(form_of acme)"

# The page names the request it answers.
answer=$(get -b "$work/acme" "$url/pipeline-runs")
id=$(printf '%s\n' "$answer" | sed -n 's/^X-Request-Id: //Ip' | head -n 1)
has "the foot names this request" "$answer" "<code>$id</code>"
etag=$(printf '%s\n' "$answer" | sed -n 's/^ETag: //Ip' | head -n 1)
is "who has it already gets 304" 304 \
	"$(code -b "$work/acme" -H "If-None-Match: $etag" "$url/pipeline-runs")"
is "HEAD has no body" 0 "$(curl -s -I -b "$work/acme" "$url/pipeline-runs" | sed '1,/^\r*$/d' | wc -c)"

# changes NAME PATTERN STATEMENT: after it the run, its page and the list have the pattern
changes()
{
	for what in "bearer $acme_token $run" "page acme $run" "page acme /pipeline-runs"; do
		$what >/dev/null
	done
	sql -c "$3" >/dev/null
	case $1 in *run*) has "$1: API" "$(bearer $acme_token $run)" "$2" ;; esac
	case $1 in *run*) has "$1: page" "$(page acme $run)" "$2" ;; esac
	case $1 in *list*) has "$1" "$(page acme /pipeline-runs)" "$2" ;; esac
	case $1 in *list*) has "$1, the operator's" "$(page op "/pipeline-runs?limit=50")" "$2" ;; esac
}
changes "an assistant's name, in run and list" 'Renamed bot' \
	"UPDATE assistants SET name = 'Renamed bot'"
changes "a version, in the run" '77\.25' "UPDATE prompt_versions SET final_score = 77.25"
changes "a line of the ledger, in run and list" '1\.25' \
	"INSERT INTO cost_entries (account_id, pipeline_run_id, assistant_id, operation, model,
	   input_tokens, output_tokens, cost_usd)
	 SELECT account_id, id, assistant_id, 'prompt_generation', 'claude-sonnet-5', 10, 10, 1.25
	 FROM pipeline_runs WHERE pipeline_id = 'pipeline_acme1'"
changes "the account's slug, in the run" 'acme-two' \
	"UPDATE accounts SET slug = 'acme-two' WHERE slug = 'acme'"
ended_run acme-two pipeline_acme2
has "a new run, in the list" "$(page acme /pipeline-runs)" pipeline_acme2
has "and its count" "$(page acme /pipeline-runs)" 'completed \(2\)'
has_not "a list of another state is another page" "$(page acme '/pipeline-runs?status=failed')" pipeline_acme2

# A run that goes on is never kept.
sql -c "UPDATE pipeline_runs SET status = 'running', completed_at = NULL
	WHERE pipeline_id = 'pipeline_acme1'" >/dev/null
has "a run that goes on" "$(bearer $acme_token $run)" '"status":"running"'
sql -c "UPDATE pipeline_runs SET started_at = now() - interval '50 hours'
	WHERE pipeline_id = 'pipeline_acme1'" >/dev/null
has "tells its time anew" "$(bearer $acme_token $run)" '"elapsed_ms":18'
sql -c "DELETE FROM pipeline_runs WHERE pipeline_id = 'pipeline_acme1'" >/dev/null
is "a run that is gone" 404 "$(code -H "Authorization: Bearer $acme_token" "$url/api$run")"
has_not "is not in the list" "$(page acme /pipeline-runs)" pipeline_acme1

# Costs: given again until something they show changes, for every asker.
cost_line()
{
	sql -c "INSERT INTO cost_entries (account_id, assistant_id, pipeline_run_id, operation, model,
		  input_tokens, output_tokens, cost_usd)
		SELECT account_id, assistant_id, id, 'prompt_analysis', 'claude-sonnet-5', 10, 10, $2
		FROM pipeline_runs WHERE pipeline_id = '$1'" >/dev/null
}
total() { bearer "$1" "$2" | jq -r .totals.cost_usd; }
cost_line pipeline_acme2 0.25
twice "costs" bearer $acme_token /costs
twice "their page" page acme /costs
twice "an account's costs" bearer $operator_token /costs/acme-two
is "a line is seen at once" 0.250000000 "$(total $acme_token /costs)"
cost_line pipeline_acme2 0.125
is "and the next" 0.375000000 "$(total $acme_token /costs)"
is "also by the operator" 0.375000000 "$(total $operator_token /costs)"
is "and on the account's page" 0.375000000 "$(total $operator_token /costs/acme-two)"
is "not by others" 0.000000000 "$(total $zeta_token /costs)"
cost_line pipeline_zeta1 1
is "another account's line is seen by the operator" 1.375000000 "$(total $operator_token /costs)"
is "a period of its own has an answer of its own" 1.375000000 \
	"$(total $operator_token '/costs?days=7&tz=Europe/Berlin')"
sql -c "UPDATE accounts SET name = 'Renamed' WHERE slug = 'acme-two'" >/dev/null
has "a new name is shown" "$(page op /costs)" Renamed
sql -c "UPDATE assistants SET name = 'Rebotted' WHERE name = 'Renamed bot'" >/dev/null
has "an assistant's, too" "$(page op /costs/acme-two)" Rebotted
ended_run acme-two pipeline_acme9
has "a new run is listed" "$(page op /costs/acme-two)" pipeline_acme9
sql -c "UPDATE pipeline_runs SET status = 'failed' WHERE pipeline_id = 'pipeline_acme9'" >/dev/null
is "with its new state" failed "$(bearer $acme_token /costs/acme-two | jq -r '.runs[0].status')"
etag=$(get -H "Authorization: Bearer $acme_token" "$url/api/costs" | sed -n 's/^etag: //Ip')
not_modified() { code -H "Authorization: Bearer $acme_token" -H "If-None-Match: $etag" "$url/api/costs"; }
is "what the client has is not sent again" 304 "$(not_modified)"
cost_line pipeline_acme2 0.5
is "until it changes" 200 "$(not_modified)"

# Who may no longer ask gets nothing.
is "the operator's list" 200 "$(code -b "$work/op" "$url/pipeline-runs")"
sql -c "UPDATE access_tokens SET revoked_at = now()" >/dev/null
is "not with a revoked token" 303 "$(code -b "$work/op" "$url/pipeline-runs")"
is "nor as a bearer" 401 "$(code -H "Authorization: Bearer $operator_token" "$url/api/pipeline-runs/pipeline_zeta1")"
has_not "no sanitizer reports" "$(cat "$work/web.log")" 'Sanitizer|runtime error'
finish
