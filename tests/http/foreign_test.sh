#!/bin/sh
# foreign_test.sh: every route with the ids of another account, and every form without its token:
# nothing is told, and nothing changes.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/stack.sh"

A_TOKEN=tok_acme_0123456789abcdef
B_TOKEN=tok_zeta_0123456789abcdef
export A_TOKEN B_TOKEN
SIGN_INS=10000r/s
stack_start
account acme $A_TOKEN
account zeta $B_TOKEN

# Both accounts have the same rows; only their ids differ.
sql >/dev/null <<'END'
INSERT INTO assistants (account_id, external_id, name) SELECT id, 'desk', 'Desk' FROM accounts;
INSERT INTO pipeline_runs (account_id, assistant_id, pipeline_id, briefing_id, status, briefing_data,
  model, created_at)
SELECT s.account_id, s.id, 'pipeline_' || a.slug || n, 'briefing_x', x.status, '{"company": "X"}',
  'claude-sonnet-5', now()
FROM assistants s JOIN accounts a ON a.id = s.account_id,
  (VALUES (1, 'failed'), (2, 'completed')) AS x (n, status);
INSERT INTO cost_entries (account_id, assistant_id, pipeline_run_id, operation, model, input_tokens,
  output_tokens, cost_usd, usage)
SELECT account_id, assistant_id, id, 'prompt_generation', 'claude-sonnet-5', 1, 1, 0.5,
  '{"input_tokens": 1, "output_tokens": 1}' FROM pipeline_runs;
INSERT INTO prompt_versions (account_id, assistant_id, pipeline_run_id, version, version_number,
  status, prompt_content, prompt_hash, injection_content, briefing_hash, final_score)
SELECT account_id, assistant_id, id, 'v1', 1, 'draft', 'Prompt.', 'hash', 'x', 'hash', 91.5
FROM pipeline_runs WHERE status = 'completed';
INSERT INTO budgets (account_id, period, zone, cap_usd, thresholds, created_by)
SELECT id, 'month', 'UTC', 100, '{50,80}', 'Op' FROM accounts;
END

"$programs/promptbuilder" routes >"$work/routes"
# walk WHAT: its results are this test's
walk()
{
	DATABASE_URL=$TEST_DATABASE_URL python3 "$here/walk.py" "$1" "$url" "$2" >"$work/walk" 2>&1 ||
		true
	grep -v '^1\.\.' "$work/walk" | sed "s/^\(not \)*ok [0-9]* - /\1ok - $1: /" |
		grep -E '^not ok|^# |Error|Bail' | head -n 100 || true
	good=$(grep -c '^ok' "$work/walk" || true)
	bad=$(grep -c '^not ok' "$work/walk" || true)
	if [ "$bad" = 0 ] && grep -q '^1\.\.' "$work/walk"; then
		ok "$1: $good checks"
	else
		not_ok "$1: $bad of $((good + bad)) checks" "$(tail -n 5 "$work/walk")"
	fi
}
walk csrf "$work/routes"
walk foreign "$work/routes"

# The walk fails for a route that it does not know.
printf 'GET\t/secrets/{id}\tpage,api\tviewer\tNew.\nPOST\t/secrets\tapi\tmember\tNew.\n' >"$work/new"
new=$(DATABASE_URL=$TEST_DATABASE_URL python3 "$here/walk.py" foreign "$url" "$work/new" || true)
has "a new address fails" "$new" '^not ok .*the walk knows what to put into /secrets/\{id\}'
has "a new form, too" "$new" '^not ok .*the walk knows what to send to /secrets$'
has_not "no sanitizer reports" "$(cat "$work/web.log")" 'Sanitizer|runtime error'
finish
