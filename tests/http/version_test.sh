#!/bin/sh
# version_test.sh: the life of a version over HTTP: moves, deployments, approvals, notes, what
# somebody with an old page is told, and twenty who want the same at once.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/stack.sh"

SIGN_INS=10000r/s
WORKERS=4
ann=tok_ann_0123456789abcdefgh bob=tok_bob_0123456789abcdefgh
zeta=tok_zeta_0123456789abcdef operator_token=op_0123456789abcdef0123
stack_start
account acme $ann
account zeta $zeta
operator $operator_token
sql >/dev/null <<END
INSERT INTO access_tokens (account_id, role, name, token_hash)
SELECT id, r, n, encode(sha256(t::bytea), 'hex') FROM accounts,
  (VALUES ('member', 'Bob', '$bob'), ('viewer', 'Vic', 'tok_vic_0123456789abcdefgh')) AS x (r, n, t)
WHERE slug = 'acme';
INSERT INTO assistants (account_id, external_id, name) SELECT id, 'desk', 'Desk' FROM accounts;
INSERT INTO pipeline_runs (account_id, assistant_id, pipeline_id, briefing_id, status, briefing_data, model)
SELECT s.account_id, s.id, 'pipeline_' || a.slug || n, 'b', 'completed', '{"company": "X"}', 'm'
FROM assistants s JOIN accounts a ON a.id = s.account_id, generate_series(1, 3) AS n;
INSERT INTO prompt_versions (account_id, assistant_id, pipeline_run_id, version, version_number,
  prompt_content, prompt_hash, injection_content, briefing_hash, final_score)
SELECT account_id, assistant_id, id, 'v' || right(pipeline_id, 1), right(pipeline_id, 1)::integer,
  'Prompt.', pipeline_id, 'x', 'hash', 90 + right(pipeline_id, 1)::integer FROM pipeline_runs;
UPDATE pipeline_runs r SET prompt_version_id = v.id FROM prompt_versions v WHERE v.pipeline_run_id = r.id;
END
version() { sql -c "SELECT v.id FROM prompt_versions v JOIN accounts a ON a.id = v.account_id WHERE a.slug = 'acme' AND version = '$1'"; }
v1=$(version v1) v2=$(version v2) v3=$(version v3)
desk=$(sql -c "SELECT s.id FROM assistants s JOIN accounts a ON a.id = s.account_id WHERE a.slug = 'acme'")

race() { python3 "$here/race.py" 20 "$url" "$@"; }
# What an environment has and the statuses of the versions agree, and so do events and outbox.
whole()
{
	is "$1: nothing is half done" "0 0" "$(sql -c "SELECT (SELECT count(*) FROM prompt_versions v
		WHERE (v.status = 'deployed') <> EXISTS (SELECT 1 FROM deployments d WHERE d.prompt_version_id = v.id))
		|| ' ' || (SELECT count(*) FROM deployment_events) - (SELECT count(*) FROM outbox WHERE kind LIKE 'prompt.%')")"
}

# Moves.
api $ann "/prompt-versions/$v1" >/dev/null
is "a draft may become" "archived final" "$(of '[.moves[].status] | join(" ")')"
api $ann "/prompt-versions/$v1/status" '{"status": "deployed"}' >/dev/null
said "a draft is not deployed" 409
is "what is possible is said" "The version is draft: it can become archived or final, not deployed." "$(of .detail)"
is "and what is there" "draft 1 {}" "$(of '.present | "\(.status) \(.revision) \(.deployed)"')"
is "of twenty who make it final one does" "1 200, 19 409" "$(race $ann "/prompt-versions/$v1/status" '{"status": "final", "revision": 1}')"
whole "after the first race"
api $ann "/prompt-versions/$v1/status" '{"status": "archived", "revision": 1}' >/dev/null
said "an old revision is refused" 409
is "with the present one" "final 2 409" "$(of '"\(.present.status) \(.present.revision) \(.status)"')"
has "in a sentence" "$(of .detail)" 'it is final now, revision 2'
is "of twenty who deploy it one does" "1 200, 19 409" "$(race $ann "/prompt-versions/$v1/deploy" '{"environment": "production", "replaces": ""}')"
whole "after the second race"
for v in $v2 $v3; do api $ann "/prompt-versions/$v/status" '{"status": "final"}' >/dev/null; done
is "of twenty who replace it one does" "1 200, 19 409" "$(race $bob "/prompt-versions/$v2/deploy" "{\"environment\": \"production\", \"replaces\": \"$v1\", \"reason\": \"Better\"}")"
whole "after the third race"
api $ann "/prompt-versions/$v3/deploy" "{\"environment\": \"production\", \"replaces\": \"$v1\"}" >/dev/null
said "somebody who thinks it is v1" 409
is "hears that it is v2" "In production v2 is deployed now. $v2" "$(of '"\(.detail) \(.present.deployed.production)"')"
is "of twenty who withdraw it one does" "1 200, 19 409" "$(race $bob "/assistants/$desk/withdraw" '{"environment": "production"}')"
whole "after the fourth race"
is "the first one is rolled back to" 1 "$(api $ann "/prompt-versions/$v1/deploy" '{"environment": "production", "replaces": ""}' | jq '[.environments[] | select(.is_this)] | length')"
is "two race for two environments" "200 200" "$(for e in production staging; do
	api $ann "/prompt-versions/$v3/deploy" "{\"environment\": \"$e\"}" >/dev/null; cat "$work/status"; echo; done | paste -sd' ')"
is "of twenty who archive what two have one does" "1 200, 19 409" "$(race $ann "/prompt-versions/$v3/status" '{"status": "archived"}')"
whole "after the fifth race"
is "both serve nothing" "null,null" "$(api $ann "/assistants/$desk" | jq -r '[.environments[].version_id] | map(tostring) | join(",")')"
is "the history has it all" "deploy deploy withdraw rollback deploy deploy withdraw withdraw" \
	"$(api $ann "/assistants/desk" | jq -r '[.events[].kind] | reverse | join(" ")')"
is "in the log, too" 8 "$(sql -c "SELECT count(*) FROM audit_entries WHERE action = 'version.deploy'")"
is "each event is told once" 8 "$(sql -c "SELECT count(*) FROM outbox WHERE kind IN ('prompt.deploy', 'prompt.rollback', 'prompt.withdraw')")"

# Fields.
api $ann "/prompt-versions/$v1/deploy" '{"environment": "moon"}' >/dev/null
said "an environment that is none" 422
is "is told those that are" "The account has no environment moon; it has production, staging." "$(of .detail)"
is "and where it stands" "/environment" "$(of '.errors[0].pointer')"
api $ann "/prompt-versions/$v1/deploy" '{"environment": "staging", "replaces": "x"}' >/dev/null
is "what it replaces is an id" "/replaces" "$(of '.errors[0].pointer')"
api $ann "/prompt-versions/$v1/deploy" '{}' >/dev/null
is "an environment is needed" "/environment" "$(of '.errors[0].pointer')"
api $ann "/prompt-versions/$v1/score" '{"model": "gpt"}' >/dev/null
is "a model has a price" "/model" "$(of '.errors[0].pointer')"
api $operator_token /pipeline-runs '{"briefing": {"assistantId": "desk", "company": "C", "purpose": "P"}}' >/dev/null
is "an operator names the account" "/accountId" "$(of '.errors[0].pointer')"
api $ann "/prompt-versions/$v1/status" '{"status": "final", "revision": "x"}' >/dev/null
is "a revision is a number" "/revision" "$(of '.errors[0].pointer')"

# Roles and accounts.
vic=tok_vic_0123456789abcdefgh
for path in "/prompt-versions/$v1/status" "/prompt-versions/$v1/deploy" "/prompt-versions/$v1/approve" \
	"/prompt-versions/$v1/notes" "/assistants/$desk/withdraw" /accounts/acme/deployment; do
	api $vic "$path" '{}' >/dev/null
	said "a viewer may not: $path" 403
	api $zeta "$path" '{"status": "final", "environment": "production", "note": "x", "environments": ["a"]}' >"$work/foreign"
	has "another account's is not there: $path" "$(cat "$work/status")" '404|422'
done
api $vic "/assistants/$desk" >/dev/null
said "a viewer sees the history" 200
api $operator_token "/assistants/desk?accountId=acme" >/dev/null
is "an operator names the account" "$desk" "$(of .id)"

# Approvals.
api $ann /accounts/acme/deployment '{"needs_approval": true}' >/dev/null
is "a member switches approvals on" true "$(of .needs_approval)"
api $ann /accounts/acme/deployment '{"needs_approval": false}' >/dev/null
said "but not off" 403
api $ann "/prompt-versions/$v2/deploy" '{"environment": "staging"}' >/dev/null
has "nothing is deployed without one" "$(of .detail)" 'wants a second person to approve v2'
api $ann "/prompt-versions/$v2/approve" '{}' >/dev/null
is "Ann approves" "The acme company" "$(of '.approvals[0].actor')"
api $ann "/prompt-versions/$v2/deploy" '{"environment": "staging"}' >/dev/null
said "and does not deploy" 409
api $bob "/prompt-versions/$v2/deploy" '{"environment": "staging", "reason": "Ann agrees"}' >/dev/null
said "Bob does" 200
api $operator_token /accounts/acme/deployment '{"needs_approval": false, "environments": ["production", "staging", "test"]}' >/dev/null
is "an operator switches them off" "false test" "$(of '"\(.needs_approval) \(.environments[2])"')"
api $ann /accounts/acme/deployment '{"environments": ["production"]}' >/dev/null
has "what serves stays" "$(of .detail)" 'staging serves a version of Desk: withdraw it first'
is "acts are in the log" "account.change 2, version.approve 1" "$(sql -c "SELECT string_agg(x, ', ' ORDER BY x) FROM
	(SELECT action || ' ' || count(*) AS x FROM audit_entries WHERE action IN ('version.approve', 'account.change') GROUP BY action) AS a")"

admin() { DATABASE_URL=$TEST_DATABASE_URL PROMPTBUILDER_DATA_DIR=$top "$programs/promptbuilder" account deployment "$@" 2>&1; }
is "the tool prints the rules" "zeta: environments production staging; an approval is not needed" "$(admin zeta)"
is "and sets them" "zeta: environments live; an approval is needed" "$(admin zeta --environments live --needs-approval yes)"
has "a name that is none is refused" "$(admin zeta --environments 'Live,x' || true)" 'beginning with a letter'
has "what serves stays, too" "$(admin acme --environments production || true)" 'staging serves a version of Desk'
is "an answer that is none is usage" 64 "$(admin zeta --needs-approval maybe >/dev/null && echo 0 || echo $?)"

# Pages, without a script.
jar=$work/jar
sign_in "$jar" acme $ann >/dev/null
token=$(csrf "$jar" "$url/prompt-versions/$v1")
form() { path=$1; shift; curl -s -i -b "$jar" --data-urlencode "csrf=$token" "$@" "$url$path" | tr -d '\r'; }
page=$(curl -s -b "$jar" "$url/prompt-versions/$v1")
has "the page has its moves" "$page" '>Make final<|>Deploy to production<'
has_not "and no others" "$page" '>Restore<|>Withdraw everywhere<'
has "it tells where it was deployed" "$page" 'rolled back to'
old=$(form "/prompt-versions/$v1/status" -d status=archived -d revision=1)
has "an old form is a conflict" "$old" '^HTTP/1.1 409'
has "whose page says why" "$old" 'class="error-summary".*|The version has changed meanwhile'
has "and has the present revision" "$old" "name=\"revision\" value=\"$(api $ann "/prompt-versions/$v1" | jq .revision)\""
old=$(form "/prompt-versions/$v1/deploy" -d environment=staging -d "replaces=")
has "so is an old deployment" "$old" 'In staging v2 is deployed now'
has "whose form has what is there" "$old" "name=\"replaces\" value=\"$v2\""
old=$(form "/assistants/$desk/withdraw" -d environment=staging -d "replaces=$v1")
has "and an old withdrawal" "$old" '^HTTP/1.1 409'
has "on the assistant's page" "$old" 'Withdraw from staging'
has "a good one leads back" "$(form "/prompt-versions/$v1/deploy" -d environment=staging -d "replaces=$v2" --data-urlencode 'reason=<b>Why</b>')" "^Location: /prompt-versions/$v1"
page=$(curl -s -b "$jar" "$url/assistants/$desk")
has "the reason is text" "$page" '&lt;b&gt;Why&lt;/b&gt;'
has "the history offers the way back" "$page" '>Roll staging back to v2<'
has "versions have their change of score" "$page" '>\+1.00<'
has "notes are added" "$(form "/prompt-versions/$v1/notes" --data-urlencode 'note=Rude <to> guests')" "^Location: /prompt-versions/$v1/notes"
has "and shown" "$(curl -s -b "$jar" "$url/prompt-versions/$v1")" 'Rude &lt;to&gt; guests'
is "and in the document" "The acme company: Rude <to> guests" "$(api $bob "/prompt-versions/$v1" | jq -r '.notes[0] | "\(.actor): \(.note)"')"
is "and in the list" "1 v1 null" "$(api $bob "/prompt-versions/$v1/notes" | jq -r '"\(.notes | length) \(.prompt_version.version) \(.next_cursor)"')"
empty=$(form "/prompt-versions/$v1/notes" -d note=)
has "an empty one is refused" "$empty" '^HTTP/1.1 422'
has "on the page of notes" "$empty" 'Note is missing'
api $ann /accounts/acme/deployment '{"environments": []}' >/dev/null
said "an empty list of environments" 422
has "no environment at all" "$(form /accounts/acme/deployment -d environments= -d needs_approval=no)" 'Environments is missing'
has "a rule that is none" "$(form /accounts/acme/deployment -d 'environments=Prod' -d needs_approval=no)" 'beginning with a letter'
none=00000000-0000-7000-8000-000000000000
has "what is not there has no form" "$(form "/prompt-versions/$none/status" -d status=final)" '^HTTP/1.1 404'
sign_in "$work/vic" acme $vic >/dev/null
page=$(curl -s -b "$work/vic" "$url/prompt-versions/$v1")$(curl -s -b "$work/vic" "$url/assistants/$desk")
has_not "a viewer gets no forms" "$page" 'action="/(prompt-versions|assistants)'

# Deliveries.
api $ann /deliveries >/dev/null
is "events are listed" "$(sql -c "SELECT count(*) FROM outbox") prompt.deploy pending" "$(of '"\(.deliveries | length) \(.deliveries[0].kind) \(.deliveries[0].state)"')"
has "with their object" "$(of '.deliveries[0].object')" '^Desk, staging$'
event=$(of '.deliveries[0].id')
is "not those of another account" 0 "$(api $zeta /deliveries | jq '.deliveries | length')"
api $zeta "/deliveries/$event/resend" '{}' >/dev/null
said "nor sent again by it" 404
sql -c "UPDATE outbox SET state = 'failed', ended_at = now(), created_at = now() - interval '3 days',
	attempts = 2, last_error = 'It answered with status 500.' WHERE id = '$event'" \
	-c "INSERT INTO outbox_attempts (account_id, event_id, number, duration_ms, http_status, error)
	SELECT account_id, id, 2, 12, 500, last_error FROM outbox WHERE id = '$event'" >/dev/null
is "each try is shown" "500 12" "$(api $operator_token "/deliveries/$event" | jq -r '.tries[0] | "\(.http_status) \(.duration_ms)"')"
api $ann "/deliveries/$event/resend" '{}' >/dev/null
is "it is sent again" "pending 2" "$(of '"\(.state) \(.attempts)"')"
is "by whom is in the log" "The acme company" "$(sql -c "SELECT actor FROM audit_entries WHERE action = 'delivery.resend'")"
page=$(curl -s -b "$jar" "$url/deliveries/$event")
has "its page has the payload" "$page" '&quot;environment&quot;: &quot;staging&quot;'
has "and the try" "$page" 'It answered with status 500'
is "a viewer has no deliveries" 403 "$(code -b "$work/vic" "$url/deliveries")"
is "the audit log is whole" 0 "$(DATABASE_URL=$TEST_DATABASE_URL PROMPTBUILDER_DATA_DIR=$top "$programs/promptbuilder" audit verify >/dev/null; echo $?)"
has_not "no error of our own" "$(cat "$work/web.log")" 'level=error|Sanitizer|runtime error'
finish
