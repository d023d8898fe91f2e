#!/bin/sh
# entry_test.sh: calls made elsewhere are posted through nginx: what is told, what is refused and
# how, who may, how many, and that the reports add up to it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/stack.sh"

acme_token=tok_acme_0123456789abcdef
zeta_token=tok_zeta_0123456789abcdef
viewer_token=tok_view_0123456789abcdef
operator_token=op_0123456789abcdef0123
stack_start
account acme $acme_token
account zeta $zeta_token
operator $operator_token
sql -c "INSERT INTO access_tokens (role, account_id, name, token_hash)
	SELECT 'viewer', id, 'V', encode(sha256('$viewer_token'), 'hex') FROM accounts WHERE slug = 'acme'"
sql -c "INSERT INTO assistants (account_id, external_id, name) SELECT id, 'desk', 'Desk' FROM accounts"
sql -c "INSERT INTO pipeline_runs (account_id, assistant_id, pipeline_id, briefing_id, status, briefing_data)
	SELECT account_id, s.id, 'pipeline_' || a.slug, 'b', 'completed', '{}'
	FROM assistants s JOIN accounts a ON a.id = s.account_id"
zeta_run=$(sql -c "SELECT id FROM pipeline_runs WHERE pipeline_id = 'pipeline_zeta'")

# post TOKEN BODY: the answer, then its status on a line of its own
post()
{
	printf '%s' "$2" >"$work/body"
	curl -s -w '\n%{http_code}\n' -H "Authorization: Bearer $1" -H 'Content-Type: application/json' \
		-H 'Expect:' --data-binary "@$work/body" "$url/api/cost-entries"
}

status() { printf '%s\n' "$1" | tail -n 1; }
total() { printf '%s\n' "$1" | sed -n 's/.*"totals":{[^}]*"cost_usd":"\([0-9.]*\)".*/\1/p'; }
count() { sql -c "SELECT count(*) FROM cost_entries"; }

call='"assistantId":"desk","operation":"chat","model":"claude-opus-5","timestamp":"2026-07-01T12:00:00Z"'
tokens='"input_tokens":1000,"output_tokens":10'

# many COUNT [FAULT]: so many entries; FAULT stands in the last one
many()
{
	awk -v count="$1" -v fault="${2:-}" -v call="$call" 'BEGIN {
		printf "{\"cost_entries\":["
		for (i = 0; i < count; i++)
			printf "%s{%s,\"idempotency_key\":\"many-%d\",\"input_tokens\":%d,\"output_tokens\":7%s}",
				i ? "," : "", call, i, i, i == count - 1 ? fault : ""
		print "]}"
	}'
}

# What is told.
one=$(post $acme_token "{$call,$tokens,\"idempotency_key\":\"one\"}")
is "one entry" 201 "$(status "$one")"
has "is told with all that matters" "$one" \
	'\{"cost_entries":\[\{"id":"[0-9a-f-]{36}","idempotency_key":"one","booked":true,"cost_usd":"0.005250000","price_status":"priced","price_id":"[0-9a-f-]{36}"\}\],"totals":\{"booked":1,"repeated":0,"unpriced_calls":0,"cost_usd":"0.005250000"\}\}'
again=$(post $acme_token "[{$call,$tokens,\"idempotency_key\":\"one\"},{$call,$tokens,\"idempotency_key\":\"two\",\"pipelineRunId\":\"pipeline_acme\"}]")
is "an array" 201 "$(status "$again")"
has "tells what was booked before" "$again" '"idempotency_key":"one","booked":false,"cost_usd":"0.005250000".*"idempotency_key":"two","booked":true.*"totals":\{"booked":1,"repeated":1,'
otel=$(post $acme_token '{"assistantId":"new","attributes":{"gen_ai.operation.name":"chat","gen_ai.request.model":"claude-opus-5","gen_ai.response.id":"msg_1","gen_ai.usage.input_tokens":1100,"gen_ai.usage.cache_read.input_tokens":1000,"gen_ai.usage.output_tokens":10}}')
has "attributes are read" "$otel" '"idempotency_key":"msg_1","booked":true,"cost_usd":"0.001250000"'
is "the ledger has them" "one|1000|0|
two|1000|0|pipeline_acme
msg_1|100|1000|" "$(sql -c "SELECT e.idempotency_key, input_tokens, cache_read_tokens, r.pipeline_id
	FROM cost_entries e LEFT JOIN pipeline_runs r ON r.id = e.pipeline_run_id ORDER BY e.id")"

# What is refused.
before=$(count)
wrong=$(post $acme_token "{\"cost_entries\":[{$call,$tokens,\"idempotency_key\":\"x\"},{$call,\"idempotency_key\":\"y\",\"input_tokens\":-1,\"colour\":1}]}")
is "a wrong entry" 422 "$(status "$wrong")"
has "is named with each field" "$wrong" '"detail":"3 fields need attention.".*\{"pointer":"/cost_entries/1/colour",.*\{"pointer":"/cost_entries/1/input_tokens",.*\{"pointer":"/cost_entries/1/output_tokens"'
has "by its place in an array" "$(post $acme_token "[{$call,$tokens}]")" '"pointer":"/0/idempotency_key","detail":"idempotency_key is missing."'
has "or as the body itself" "$(post $acme_token "{$call,$tokens}")" '"pointer":"/idempotency_key"'
conflict=$(post $acme_token "[{$call,$tokens,\"idempotency_key\":\"z\"},{$call,\"input_tokens\":1,\"output_tokens\":10,\"idempotency_key\":\"one\"}]")
is "other content under a key" 409 "$(status "$conflict")"
has "is named" "$conflict" '"errors":\[\{"pointer":"/1/idempotency_key","detail":"This key stands for another call; what differs: input_tokens."\}\]'
has "below attributes" "$(post $acme_token '{"assistantId":"a","attributes":{"gen_ai.operation.name":"chat","gen_ai.request.model":"m","gen_ai.response.id":"i","gen_ai.usage.input_tokens":1,"gen_ai.usage.cache_read.input_tokens":2,"gen_ai.usage.output_tokens":1}}')" \
	'"pointer":"/attributes/gen_ai.usage.input_tokens"'
for body in '[]' '{"cost_entries":[]}' '{"cost_entries":5}' '{"cost_entries":[{}],"accountId":"acme"}' '{}' '[5]'; do
	is "$body" 422 "$(status "$(post $acme_token "$body")")"
done
is "no body" 422 "$(status "$(post $acme_token '')")"
for body in '5' '{"cost_entries":[' '{"a":1,"a":1}'; do
	is "$body" 400 "$(status "$(post $acme_token "$body")")"
done

# Who may.
is "a viewer" 403 "$(status "$(post $viewer_token "{$call,$tokens,\"idempotency_key\":\"v\"}")")"
is "a stranger" 401 "$(status "$(post nobody_0123456789abcdef "{$call,$tokens}")")"
is "a stranger's JSON is not read" 401 "$(status "$(post nobody_0123456789abcdef '{"broken":')")"
same() { printf '%s' "$1" | sed -E 's/"request_id":"[0-9a-f]*"//'; }
foreign=$(post $acme_token "{$call,$tokens,\"idempotency_key\":\"f\",\"accountId\":\"zeta\"}")
unknown=$(post $acme_token "{$call,$tokens,\"idempotency_key\":\"f\",\"accountId\":\"nobody\"}")
has "another's account" "$foreign" '"pointer":"/accountId","detail":"There is no such account."'
is "is answered like an unknown one" "$(same "$unknown")" "$(same "$foreign")"
foreign=$(post $acme_token "{$call,$tokens,\"idempotency_key\":\"f\",\"pipelineRunId\":\"$zeta_run\"}")
unknown=$(post $acme_token "{$call,$tokens,\"idempotency_key\":\"f\",\"pipelineRunId\":\"00000000-0000-7000-8000-00000000000a\"}")
has "another's run" "$foreign" '"pointer":"/pipelineRunId","detail":"There is no such run in this account."'
is "is answered like an unknown one, too" "$(same "$unknown")" "$(same "$foreign")"
is "all that booked nothing" "$before" "$(count)"
is "an operator without an account" 422 "$(status "$(post $operator_token "{$call,$tokens,\"idempotency_key\":\"o\"}")")"
is "an operator for an account" 201 "$(status "$(post $operator_token "{$call,$tokens,\"idempotency_key\":\"one\",\"accountId\":\"zeta\"}")")"

# How many.
is "1,000 with a wrong one at the end" 422 "$(status "$(post $acme_token "$(many 1000 ',"cost_usd":"?"')")")"
is "book none" 0 "$(sql -c "SELECT count(*) FROM cost_entries WHERE idempotency_key LIKE 'many-%'")"
thousand=$(post $acme_token "$(many 1000)")
is "1,000 entries" 201 "$(status "$thousand")"
is "cost 999 * 1000 / 2 input and 7,000 output tokens" 2.672500000 "$(total "$thousand")"
is "1,001 entries" 422 "$(status "$(post $acme_token "$(many 1001)")")"
has "are too many" "$(post $acme_token "$(many 1001)")" '"pointer":"/cost_entries","detail":"From 1 to 1000 entries may be sent at once; there are 1001."'
pad=$(head -c 16000 /dev/zero | tr '\0' x)
big()
{
	awk -v count="$1" -v call="$call" -v pad="$pad" 'BEGIN {
		printf "["
		for (i = 0; i < count; i++)
			printf "%s{%s,\"idempotency_key\":\"big-%d\",\"input_tokens\":1,\"output_tokens\":1,\"usage\":{\"note\":\"%s\"}}",
				i ? "," : "", call, i, pad
		print "]"
	}'
}
is "two million bytes" 201 "$(status "$(post $acme_token "$(big 124)")")"
is "JSON that would take much memory" 400 "$(status "$(post $acme_token "[$(yes '{},' | head -n 300000 | tr -d '\n'){}]")")"
is "more than 2 MiB" 413 "$(status "$(post $acme_token "$(big 132)")")"

# The reports add up to it.
lines=$(sql -c "SELECT sum(cost_usd) FROM cost_entries e JOIN accounts a ON a.id = e.account_id WHERE slug = 'acme'")
is "the account's report is the sum of the lines" "$lines" "$(total "$(curl -s \
	-H "Authorization: Bearer $acme_token" "$url/api/costs?from=2026-01-01&to=2026-12-31")")"
has "the list shows them" "$(curl -s -H "Authorization: Bearer $acme_token" "$url/api/cost-entries?limit=200")" '"idempotency_key":"msg_1"'
has_not "nothing went wrong in the web" "$(cat "$work/web.log")" 'level=error|Sanitizer|runtime error'
finish
