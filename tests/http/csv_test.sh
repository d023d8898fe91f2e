#!/bin/sh
# csv_test.sh: every table as CSV: the same figures as its page and JSON, whole lists, for nobody
# but who may see them, harmless in a spreadsheet.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/stack.sh"

acme_token=tok_acme_0123456789abcdef
zeta_token=tok_zeta_0123456789abcdef
operator_token=op_0123456789abcdef0123
stack_start
account acme $acme_token
account zeta $zeta_token
operator $operator_token

# Sixty runs of acme, three of zeta; one with a failed step, calls, findings and a correction.
sql >/dev/null <<'END'
INSERT INTO assistants (account_id, external_id, name)
SELECT id, slug || '-bot', 'Bot of ' || slug FROM accounts;
INSERT INTO pipeline_runs (account_id, assistant_id, pipeline_id, briefing_id, status,
  briefing_data, model, created_at, started_at, completed_at, duration_ms, error_message)
SELECT s.account_id, s.id, 'pipeline_' || a.slug || n, 'briefing_x', 'failed', '{"company": "X"}',
  'claude-sonnet-5', t.at, t.at, t.at + interval '1 minute', 60000, E'It "failed",\nsadly.'
FROM assistants s JOIN accounts a ON a.id = s.account_id
CROSS JOIN generate_series(1, CASE a.slug WHEN 'acme' THEN 60 ELSE 3 END) AS n
CROSS JOIN LATERAL (SELECT date_trunc('hour', now()) - n * interval '7 hours' AS at) AS t;
INSERT INTO pipeline_steps (account_id, pipeline_run_id, step_key, step_name, step_order, status,
  started_at, completed_at, duration_ms, output)
SELECT r.account_id, r.id, x.key, x.name, x.n, 'completed', r.started_at, r.completed_at, 60000,
  x.output
FROM pipeline_runs r, (VALUES (1, 'generation', 'prompt_generation', '=A prompt.'),
  (2, 'analysis[1]', 'prompt_analysis', '{"score": 80, "summary": "Good.", "findings": [
     {"severity": "high", "area": "tone", "finding": "=HYPERLINK(\"x\")", "suggestion": "+1"},
     {"severity": "low", "area": "form", "finding": "-", "suggestion": "@you"}]}'))
  AS x (n, key, name, output);
INSERT INTO attempts (account_id, pipeline_run_id, pipeline_step_id, number, epoch, runner_id, model,
  state, request_hash, succeeded, http_status, stop_reason, error_type, error_message,
  provider_message_id, provider_request_id, first_byte_ms, duration_ms, ended_at)
SELECT s.account_id, s.pipeline_run_id, s.id, n, 1, gen_random_uuid(), 'claude-sonnet-5', 'settled',
  'hash', n = 2, 200, 'end_turn', 'overloaded', 'Busy.', 'msg_1', 'req_1', 100, 2000, now()
FROM pipeline_steps s, generate_series(1, 2) AS n;
INSERT INTO cost_entries (account_id, pipeline_run_id, pipeline_step_id, assistant_id, attempt_id,
  operation, model, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_usd,
  price_status, idempotency_key, timestamp, usage, price_id)
SELECT t.account_id, t.pipeline_run_id, t.pipeline_step_id, r.assistant_id, t.id, s.step_name,
  t.model, 1000 + t.number, 200, 30, 4, 0.123456789 * t.number + extract(epoch FROM r.duration) / 1e9,
  CASE WHEN t.number = 1 THEN 'partial' ELSE 'priced' END, t.id::text, r.started_at,
  '{"input_tokens": 1001, "output_tokens": 200}',
  (SELECT p.id FROM model_prices p WHERE p.model = t.model ORDER BY p.valid_from DESC LIMIT 1)
FROM attempts t JOIN pipeline_steps s ON s.account_id = t.account_id AND s.id = t.pipeline_step_id
JOIN (SELECT account_id, id, assistant_id, started_at, now() - started_at AS duration
      FROM pipeline_runs) AS r ON r.account_id = t.account_id AND r.id = t.pipeline_run_id;
INSERT INTO cost_entries (account_id, pipeline_run_id, pipeline_step_id, assistant_id, operation,
  model, input_tokens, output_tokens, cost_usd, kind, corrects_id, reason, actor, timestamp)
SELECT e.account_id, e.pipeline_run_id, e.pipeline_step_id, e.assistant_id, e.operation, e.model, 0,
  0, -0.1, 'adjustment', e.id, '=Too dear', '@op', e.timestamp + interval '1 second'
FROM cost_entries e JOIN pipeline_runs r ON r.account_id = e.account_id AND r.id = e.pipeline_run_id
WHERE r.pipeline_id = 'pipeline_acme7' AND e.price_status = 'partial';
INSERT INTO budgets (account_id, period, zone, cap_usd, thresholds, created_by)
SELECT id, 'month', 'UTC', 100, '{50,80}', '@op' FROM accounts;
INSERT INTO prompt_versions (account_id, assistant_id, pipeline_run_id, version, version_number,
  status, prompt_content, prompt_hash, injection_content, briefing_hash, final_score)
SELECT account_id, assistant_id, id, 'v1', 1, 'draft', 'Prompt.', 'hash', 'x', 'hash', 91.5
FROM pipeline_runs WHERE pipeline_id IN ('pipeline_acme1', 'pipeline_zeta1');
UPDATE prompt_versions SET status = 'final';
SELECT deployment_change(account_id, assistant_id, e, id, '=Because', NULL, false)
FROM prompt_versions, unnest('{production,staging}'::text[]) AS e;
INSERT INTO version_notes (account_id, prompt_version_id, actor, note)
SELECT account_id, id, '@op', '-Noted' FROM prompt_versions;
INSERT INTO outbox_attempts (account_id, event_id, number, duration_ms, error)
SELECT account_id, id, 1, 5, '=Failed' FROM outbox;
END
life()
{
	sql -c "SELECT '/prompt-versions/' || v.id || ' /prompt-versions/' || v.id || '/notes /assistants/'
		|| v.assistant_id || ' /deliveries/' || (SELECT max(o.id::text) FROM outbox o WHERE o.account_id = a.id)
		FROM prompt_versions v JOIN accounts a ON a.id = v.account_id WHERE a.slug = '$1'"
}

check() { python3 "$here/csv_check.py" "$@"; }
bearer() { get -H "Authorization: Bearer $1" "$url/api$2"; }
status() { code -H "Authorization: Bearer $1" "$url/api$2"; }
# total JQ TOKEN PATH
total() { api "$2" "$3" | jq -r "$1"; }

# Each table of each page has the cells of its document; a short list, all of it.
is "CSV and JSON agree" "" "$(check same "$url" $zeta_token / /costs /costs/zeta /cost-entries \
	'/prices?model=claude-sonnet-5&input_tokens=1000' /budgets /accounts /tokens /accounts/zeta /assistants /pipeline-runs /pipeline-runs/pipeline_zeta2 \
	/pipeline-runs/pipeline_zeta2/progress /prompt-versions /deliveries $(life zeta) 2>&1)"
corrected=$(sql -c "SELECT corrects_id FROM cost_entries WHERE kind = 'adjustment' LIMIT 1")
is "for the operator, too" "" "$(check same "$url" $operator_token "/cost-entries/$corrected" / /costs /costs/acme /accounts \
	/accounts/acme /assistants /pipeline-runs/pipeline_acme7 /prompt-versions /deliveries \
	$(life acme) 2>&1)"
# The lines add up to the figures of every page, to the nano-dollar.
sum=$(total .totals.cost_usd $acme_token '/costs?days=90')
lines=$(sql -c "SELECT count(*) || ' ' || sum(cost_usd) FROM cost_entries e JOIN accounts a
	ON a.id = e.account_id WHERE a.slug = 'acme'")
is "the ledger's lines are all there" "$lines" \
	"$(api $acme_token /cost-entries.csv | check sum cost_usd)"
is "and add up to the page's total" "$sum" "${lines#* }"
for table in trend by_account by_assistant by_phase by_model; do
	is "$table adds up to it" "$sum" "$(api $acme_token "/costs.csv?days=90&table=$table" |
		check sum cost_usd | cut -d ' ' -f 2)"
done
is "weeks in another zone add up to it" "$sum" "$(api $acme_token \
	'/costs/acme.csv?days=90&group=week&tz=Asia/Kolkata' | check sum cost_usd | cut -d ' ' -f 2)"
is "runs add up to it" "60 $sum" \
	"$(api $acme_token /pipeline-runs.csv | check sum total_cost_usd)"
run=/pipeline-runs/pipeline_acme7
is "a run's lines add up to its total" "$(total .total_cost_usd $acme_token $run)" \
	"$(api $acme_token "$run.csv" | check sum cost_usd | cut -d ' ' -f 2)"
is "also in the ledger" "6 $(total .total_cost_usd $acme_token $run)" \
	"$(api $acme_token '/cost-entries.csv?runId=pipeline_acme7' | check sum cost_usd)"
has "a negative amount stays a number" "$(api $acme_token '/cost-entries.csv?runId=pipeline_acme7')" \
	',-0\.100000000,"priced",.*"adjustment",.*,"'"'"'=Too dear","'"'"'@op",'

# Lists are whole unless a part is asked for.
is "a page has fifty" 50 "$(total '.pipeline_runs | length' $acme_token /pipeline-runs)"
is "the download has all" 60 "$(api $acme_token /pipeline-runs.csv | check sum total_cost_usd | cut -d ' ' -f 1)"
is "a limit bounds it" 7 "$(api $acme_token '/pipeline-runs.csv?limit=7' | check sum total_cost_usd | cut -d ' ' -f 1)"
cursor=$(total .next_cursor $acme_token '/pipeline-runs?limit=7')
is "a cursor begins it" 53 "$(api $acme_token "/pipeline-runs.csv?cursor=$cursor" | check sum total_cost_usd | cut -d ' ' -f 1)"
is "an offset, too" 50 "$(api $acme_token '/pipeline-runs.csv?offset=10' | check sum total_cost_usd | cut -d ' ' -f 1)"
is "filters hold" 0 "$(api $acme_token '/pipeline-runs.csv?status=completed' | check sum total_cost_usd | cut -d ' ' -f 1)"
has "an empty list has its header" "$(api $acme_token '/pipeline-runs.csv?status=completed')" \
	'^pipeline_id,id,status,'

# Headers.
answer=$(bearer $acme_token '/costs.csv?from=2026-10-01&to=2026-10-31')
has "its type" "$answer" '^content-type: text/csv; charset=utf-8; header=present$'
has "its name" "$answer" '^content-disposition: attachment; filename="costs_2026-10-01_2026-10-31.csv"$'
has "its length" "$answer" '^content-length: [0-9]+$'
has "its validator" "$answer" '^etag: '
has "Accept decides" "$answer" '^vary: .*Accept'
has "and it is kept nowhere" "$answer" '^cache-control: no-store$'
has "another table's name" "$(bearer $acme_token '/costs/acme.csv?days=1&table=by_phase')" \
	'filename="costs-acme_by_phase_[0-9]{4}-[0-9]{2}-[0-9]{2}_[0-9]{4}-[0-9]{2}-[0-9]{2}\.csv"$'
has "a run's" "$(bearer $acme_token "$run.csv?table=calls")" 'filename="pipeline-runs-pipeline_acme7_calls.csv"$'
has "a list's" "$(bearer $acme_token /cost-entries.csv)" 'filename="cost-entries.csv"$'
has "the first page's" "$(bearer $acme_token /.csv)" 'filename="home.csv"$'
answer=$(bearer $acme_token /cost-entries.csv)
has "a list has the type" "$answer" '^content-type: text/csv; charset=utf-8; header=present$'
has_not "but no length" "$answer" '^(content-length|etag): '
is "HEAD tells the same of a list" \
	"$(printf '%s\n' "$answer" | sed '/^$/q' | grep -iE '^(content-|etag|vary)')" \
	"$(bearer $acme_token /cost-entries.csv -I | grep -iE '^(content-|etag|vary)')"
api $acme_token '/prices.csv' | head -c 3 | od -An -tx1 | tr -d ' ' >"$work/start"
is "it begins with its header" 6d6f64 "$(cat "$work/start")"
for path in '/prices.csv?bom=1' '/cost-entries.csv?bom=1'; do
	is "$path begins with a mark for Excel" efbbbf \
		"$(api $acme_token "$path" | head -c 3 | od -An -tx1 | tr -d ' ')"
done

# Which kind is asked for.
kind() { get -H "Authorization: Bearer $acme_token" -H "Accept: $1" "$url/api$2" | sed -n 's/^content-type: \([^;]*\).*/\1/Ip'; }
is "Accept asks for it" text/csv "$(kind text/csv /costs)"
is "over JSON" text/csv "$(kind 'application/json;q=0.5, text/csv' /costs)"
is "or not" application/json "$(kind 'application/json, text/csv;q=0.5' /costs)"
is "anything is JSON" application/json "$(kind '*/*' /costs)"
is "the suffix decides before Accept" text/csv "$(kind application/json /costs.csv)"
is "without a table there is none to accept" 406 \
	"$(code -H "Authorization: Bearer $acme_token" -H 'Accept: text/csv' "$url/api/healthz")"
is "nor an address" 404 "$(status $acme_token /healthz.csv)"
is "nor for a POST" 404 "$(code -H "Authorization: Bearer $acme_token" -X POST "$url/api/assistants.csv")"
is "what nothing satisfies" 406 \
	"$(code -H "Authorization: Bearer $acme_token" -H 'Accept: image/png' "$url/api/costs")"
has "names what there is" "$(curl -s -H "Authorization: Bearer $acme_token" -H 'Accept: image/png' \
	"$url/api/costs")" 'application/json or text/csv'

# What is wrong is named, and not half sent.
is "an unknown table" 400 "$(status $acme_token '/costs.csv?table=nothing')"
has "is named with the known ones" "$(api $acme_token '/costs.csv?table=nothing')" \
	'"parameter":"table","detail":"table must be one of: trend, by_account, by_assistant, by_phase, by_model, causes, unusual_runs, iterations\."'
is "a table of a page" 400 "$(status $acme_token '/costs?table=trend')"
has "a wrong bom" "$(api $acme_token '/costs.csv?bom=maybe')" '"parameter":"bom"'
has "an unknown field" "$(api $acme_token '/cost-entries.csv?x=y')" '"parameter":"x"'
has "too large a limit" "$(api $acme_token '/cost-entries.csv?limit=201')" '"parameter":"limit"'
has "as a problem document" "$(bearer $acme_token '/cost-entries.csv?limit=0')" \
	'^content-type: application/problem\+json$'

# Nobody sees more than on the page.
is "another's lines" "$(sql -c "SELECT count(*) FROM cost_entries e JOIN accounts a
	ON a.id = e.account_id WHERE a.slug = 'zeta'")" \
	"$(api $zeta_token /cost-entries.csv | check sum cost_usd | cut -d ' ' -f 1)"
is "none of them is acme's" '["zeta"]' \
	"$(api $zeta_token /cost-entries.csv | check column account_slug | jq -c unique)"
is "an operator sees both" '["acme","zeta"]' \
	"$(api $operator_token /cost-entries.csv | check column account_slug | jq -c unique)"
for path in '/cost-entries.csv?accountId=acme' '/cost-entries.csv?runId=pipeline_acme7' \
	/costs/acme.csv '/costs.csv?accountId=acme' '/pipeline-runs.csv?accountId=acme' $run.csv; do
	is "$path for another account" 404 "$(status $zeta_token "$path")"
done
is "a stranger" 401 "$(code "$url/api/cost-entries.csv")"
is "a stranger's browser" 303 "$(code "$url/cost-entries.csv")"

# Each table on a page has a link, which keeps the filters and leaves the place in the list.
sign_in "$work/acme" acme $acme_token >/dev/null
"$programs/promptbuilder-web" --routes | awk -F '\t' '$1 == "GET" && $2 !~ /{/ && $3 ~ /^page/ && $4 != "operator" { print $2 }' >"$work/pages"
while read -r page; do
	curl -s -b "$work/acme" "$url$page" | grep -q '<table' && wanted='^200$' || wanted='^(200|404)$'
	has "CSV of $page" "$(code -b "$work/acme" "$url$page.csv")" "$wanted"
done <"$work/pages"
links() { curl -s -b "$work/acme" "$url$1" | sed -n 's/.*<a href="\([^"]*\.csv?[^"]*\)">Download CSV.*/\1/p' | sed 's/&amp;/\&/g'; }
for page in / '/costs?days=90' '/costs/acme?group=week&tz=Asia/Kolkata' '/cost-entries?limit=5' \
	'/prices?model=claude-sonnet-5&input_tokens=1' "/cost-entries/$corrected" /budgets \
	/accounts /accounts/acme /assistants '/pipeline-runs?status=failed&limit=5' $run /prompt-versions \
	/deliveries $(life acme | sed 's|/[^ ]*/notes||'); do
	links "$page" >"$work/links"
	tables=$(curl -s -b "$work/acme" "$url$page" | grep -c '<table')
	[ "$page" != $run ] || tables=$((tables - 1)) # its phases are the steps added up
	is "$page links each table" "$tables" "$(wc -l <"$work/links")"
	while read -r link; do
		has "$link" "$(get -b "$work/acme" "$url$link")" '^content-disposition: attachment'
	done <"$work/links"
done
has "a page's address answers to Accept, too" \
	"$(get -b "$work/acme" -H 'Accept: text/csv' "$url/costs?days=90")" '^content-type: text/csv;'
has "but a browser gets its page" "$(get -b "$work/acme" \
	-H 'Accept: text/html,application/xhtml+xml,*/*;q=0.8' "$url/costs")" '^content-type: text/html'
is "a link keeps the filters" '/pipeline-runs.csv?status=failed&table=pipeline_runs' \
	"$(links "/pipeline-runs?status=failed&limit=5&cursor=$cursor")"

# Text that a spreadsheet would run comes back as it was, behind an apostrophe.
cat >"$work/names.json" <<'END'
["=1+1", "+1", "-1", "@SUM(A1)", "\tTab", "\rReturn", "\nNew line", "＝1", "＋1", "－1", "＠x",
"=cmd|' /C calc'!A0", "=HYPERLINK(\"http://x\",\"y\")", "plain", "a,b", "a;b", "say \"hi\"", "\"",
"two\r\nlines", " =space", "'quoted", "Grüße 😀", "x=1", "", "0012", "1e5", "NULL"]
END
sql -v names="$(cat "$work/names.json")" >/dev/null <<'END'
DELETE FROM deployments; DELETE FROM deployment_events; DELETE FROM prompt_versions; DELETE FROM attempts; DELETE FROM cost_entries;
DELETE FROM pipeline_runs; DELETE FROM assistants;
INSERT INTO assistants (account_id, external_id, name, created_at)
SELECT a.id, 'x' || n, x.name, now() - n * interval '1 second'
FROM accounts a, jsonb_array_elements_text(:'names') WITH ORDINALITY AS x (name, n)
WHERE a.slug = 'acme';
END
is "text comes back" "$(python3 -c 'import json, sys
names = json.load(open(sys.argv[1]))
print(json.dumps(["'"'"'" + n if n and n[0] in "=+-@\t\r\n＝＋－＠" else n for n in names],
    ensure_ascii=False))' "$work/names.json")" "$(api $acme_token /assistants.csv | check column name)"
finish
