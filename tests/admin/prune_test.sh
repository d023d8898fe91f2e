#!/bin/sh
# prune_test.sh: texts go by month, only of what ended; costs, scores and what is in use stay.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../http/stack.sh"

stack_start
export DATABASE_URL=$TEST_DATABASE_URL PROMPTBUILDER_DATA_DIR=$top
run()
{
	status=0
	printed=$("$programs/promptbuilder" "$@" 2>&1) || status=$?
}
account acme tok_acme_0123456789abcdef
account zeta tok_zeta_0123456789abcdef
bearer() { curl -s -H 'Authorization: Bearer tok_acme_0123456789abcdef' "$url/api$1"; }
token='Authorization: Bearer tok_acme_0123456789abcdef'

# Runs of two years, a month apart; of each month one completed, one failed, one running.
sql -c "INSERT INTO assistants (account_id, external_id, name) SELECT id, 'bot', 'Bot' FROM accounts" \
	-c "INSERT INTO pipeline_runs (account_id, assistant_id, pipeline_id, briefing_id, status,
		briefing_data, started_at, completed_at, created_at)
	SELECT s.account_id, s.id, 'pipeline_' || a.slug || n || status, 'b', status,
		'{\"company\": \"Secret Ltd\"}', at, at, at
	FROM assistants s JOIN accounts a ON a.id = s.account_id,
		generate_series(1, 24) AS n, unnest(array['completed', 'failed', 'running']) AS status,
		LATERAL (SELECT now() - n * interval '1 month' AS at) AS t" \
	-c "INSERT INTO pipeline_steps (account_id, pipeline_run_id, step_name, step_key, step_order,
		status, output, metadata)
	SELECT account_id, id, 'prompt_analysis', 'analysis[1]', 1, 'completed', 'Secret output',
		'{\"score\": 81}' FROM pipeline_runs" \
	-c "INSERT INTO cost_entries (account_id, assistant_id, pipeline_run_id, operation, model,
		input_tokens, output_tokens, cost_usd, timestamp)
	SELECT account_id, assistant_id, id, 'prompt_analysis', 'm', 10, 10, 0.123456789, created_at
	FROM pipeline_runs" \
	-c "INSERT INTO prompt_versions (account_id, assistant_id, pipeline_run_id, version,
		version_number, status, prompt_content, prompt_hash, injection_content, briefing_hash,
		final_score, created_at)
	SELECT account_id, assistant_id, id, 'v' || n, n, (array['draft', 'final', 'deployed',
		'archived'])[1 + n % 4], 'Secret prompt', 'hash' || n, 'Secret file', 'b', 81, created_at
	FROM (SELECT r.account_id, r.assistant_id, r.id, r.created_at, row_number() OVER (
		PARTITION BY r.account_id ORDER BY r.created_at) AS n FROM pipeline_runs r
		WHERE r.status = 'completed') AS r"
before=$(sql -c "SELECT date_trunc('month', now() - interval '5 months')::date")
month=${before%-*}
ended="created_at < '$before' AND status IN ('completed', 'failed')"
money="SELECT md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM"
lines=$(sql -c "$money cost_entries t") sums=$(sql -c "$money cost_sums t")
totals=$(sql -c "SELECT sum(total_cost_usd) FROM pipeline_runs")

run prune --before 2026-13
has "a month that is none is named" "$printed" '"2026-13" is not a month'
run prune --before 2199-01
has "nor one to come" "$printed" '"2199-01" is not a month'
run prune
is "a month is needed" 64 "$status"
run prune --before "$month" --account nobody
has "an unknown account is named" "$printed" 'nobody'
run prune --before "$month" --dry-run
is "a dry run counts the runs" "$(sql -c "SELECT count(*) FROM pipeline_runs WHERE $ended")" \
	"$(printf '%s\n' "$printed" | awk '$2 ~ /^20/ { n += $3 } END { print n }')"
is "and drops nothing" 0 "$(sql -c "SELECT count(*) FROM pipeline_runs WHERE pruned_at IS NOT NULL")"
# A later run has ended with a version of then.
kept=$(sql -c "SELECT id FROM prompt_versions WHERE status = 'draft' AND created_at < '$before' LIMIT 1")
sql -c "UPDATE pipeline_runs r SET prompt_version_id = v.id FROM prompt_versions v WHERE v.id = '$kept'
	AND r.id = (SELECT id FROM pipeline_runs l WHERE l.account_id = v.account_id AND l.created_at >= '$before'
		AND l.status = 'completed' LIMIT 1)"
run prune --before "$month" --account acme
is "one account is pruned" 0 "$status"
is "and no other" 0 "$(sql -c "SELECT count(*) FROM pipeline_runs r JOIN accounts a
	ON a.id = r.account_id WHERE pruned_at IS NOT NULL AND slug = 'zeta'")"
run prune --before "$month"
is "all are pruned" 0 "$(sql -c "SELECT count(*) FROM pipeline_runs WHERE $ended
	AND (pruned_at IS NULL OR briefing_data <> '{}')")"
is "their outputs are gone" 0 "$(sql -c "SELECT count(*) FROM pipeline_steps s JOIN pipeline_runs r
	ON r.id = s.pipeline_run_id WHERE r.pruned_at IS NOT NULL AND s.output IS NOT NULL")"
is "scores stay" 0 "$(sql -c "SELECT count(*) FROM pipeline_steps WHERE metadata ->> 'score' <> '81'")"
is "later ones keep theirs" 0 "$(sql -c "SELECT count(*) FROM pipeline_runs
	WHERE created_at >= '$before' AND briefing_data = '{}'")"
is "and those that go on" 0 "$(sql -c "SELECT count(*) FROM pipeline_runs
	WHERE status = 'running' AND briefing_data = '{}'")"
is "versions in use keep theirs" 0 "$(sql -c "SELECT count(*) FROM prompt_versions
	WHERE status IN ('final', 'deployed') AND prompt_content = ''")"
is "others do not" 0 "$(sql -c "SELECT count(*) FROM prompt_versions WHERE created_at < '$before'
	AND status IN ('draft', 'archived') AND (prompt_content <> '' OR injection_content <> '') AND id <> '$kept'")"
is "but for what a later run ended with" "Secret prompt" "$(sql -c "SELECT v.prompt_content FROM prompt_versions v
	JOIN pipeline_runs r ON r.prompt_version_id = v.id WHERE v.id = '$kept'")"
is "hashes stay" 0 "$(sql -c "SELECT count(*) FROM prompt_versions WHERE prompt_hash NOT LIKE 'hash%'")"
is "no line of the ledger has changed" "$lines" "$(sql -c "$money cost_entries t")"
is "nor a sum" "$sums" "$(sql -c "$money cost_sums t")"
is "nor a total" "$totals" "$(sql -c "SELECT sum(total_cost_usd) FROM pipeline_runs")"
run prune --before "$month"
has "once more, nothing is left" "$printed" '^0 runs lost'

version=$(sql -c "SELECT v.id FROM prompt_versions v JOIN accounts a ON a.id = v.account_id
	WHERE slug = 'acme' AND v.pruned_at IS NOT NULL LIMIT 1")
is "its file is gone" 410 "$(code -H "$token" "$url/api/prompt-versions/$version/injection.ts")"
has "with a sentence" "$(bearer "/prompt-versions/$version/injection.ts")" 'texts of this version were dropped on 20'
post() { curl -s -H "$token" -H 'Content-Type: application/json' -d "$2" -w ' %{http_code}' "$url/api$1" | tr -d '\n'; }
has "it is not deployed" "$(post "/prompt-versions/$version/status" '{"status": "deployed"}')" 'dropped on.* 410$'
failed_run=$(sql -c "SELECT pipeline_id FROM pipeline_runs WHERE pipeline_id LIKE 'pipeline_acme%'
	AND status = 'failed' AND pruned_at IS NOT NULL LIMIT 1")
has "a pruned run is not tried again" "$(post "/pipeline-runs/$failed_run/retry" '{}')" 'Launch a new run.* 410$'
sign_in "$work/jar" acme tok_acme_0123456789abcdef >/dev/null
has "its page says so" "$(curl -s -b "$work/jar" "$url/pipeline-runs/$failed_run")" 'briefing and the outputs were dropped'
has "and the version's" "$(curl -s -b "$work/jar" "$url/prompt-versions/$version")" 'injection file were dropped'
has_not "without the texts" "$(curl -s -b "$work/jar" "$url/prompt-versions/$version")" 'Secret'
finish
