#!/bin/sh
# plan_test.sh: with 100,000 lines in the ledger no page reads more than a few thousand rows, and a
# list reads about a page, at its beginning and at its end. Every address of the table of routes is
# asked, as an operator and as the biggest account, often enough that plans for any parameter are
# used, too; the rows that the database's own counters tell are counted.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/stack.sh"

WORKERS=1
lines=100000
operator_token=op_0123456789abcdef0123
member_token=tok_0123456789abcdef0123
stack_database
"$top/tests/bench/ledger.sh" $lines "$TEST_DATABASE_URL" detailed=5000
# As in production the web logs in as its own role, whose settings it gets.
database_url="postgresql://promptbuilder_web@/postgres?host=$work/pg"
stack_web
stack_nginx
operator $operator_token
sql -c "UPDATE accounts SET mermaid_token_hash = encode(sha256('$member_token'), 'hex')
	WHERE slug = 'bench-0'" >/dev/null

# What a connection has read is told to all when it ends; the next request makes a new one.
rows_read()
{
	sql -c "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
		WHERE application_name = 'promptbuilder-web'" \
		-c "SELECT (SELECT sum(seq_tup_read) FROM pg_stat_user_tables)
		+ (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes)" | tail -n 1
}

# A change of the account's pages, so that none is given again from memory.
touch_pages() { sql -c "UPDATE accounts SET updated_at = now() WHERE slug = 'bench-0'" >/dev/null; }

# reads_at_most ROWS PATH [TOKEN]: a request, on average over six that follow each other
reads_at_most()
{
	token=${3:-$operator_token}
	before=$(rows_read)
	for _ in 1 2 3 4 5 6; do
		touch_pages
		status=$(code -H "Authorization: Bearer $token" "$url$2")
		[ "$status" = 200 ] || { not_ok "$2 answers" "status $status"; return; }
	done
	rows=$((($(rows_read) - before) / 6))
	[ "$rows" -le "$1" ] && ok "$2 reads at most $1 rows${3:+ for an account}: $rows" ||
		not_ok "$2 reads at most $1 rows${3:+ for an account}" "it reads $rows"
}

account=bench-0
run=$(sql -c "SELECT pipeline_id FROM pipeline_runs r JOIN accounts a ON a.id = r.account_id
	WHERE a.slug = '$account' AND r.status = 'completed' ORDER BY r.created_at DESC LIMIT 1")
entry=$(sql -c "SELECT e.id FROM cost_entries e JOIN pipeline_runs r ON r.id = e.pipeline_run_id
	WHERE r.pipeline_id = '$run' LIMIT 1")
token_id=$(sql -c "SELECT id FROM access_tokens WHERE role = 'member' LIMIT 1")
event=$(sql -c "INSERT INTO outbox (account_id, kind, payload)
	SELECT id, 'test', '{}' FROM accounts WHERE slug = '$account' RETURNING id")
version=$(sql -c "SELECT v.id FROM prompt_versions v JOIN pipeline_runs r
	ON r.id = v.pipeline_run_id WHERE r.pipeline_id = '$run'")
assistant=$(sql -c "SELECT assistant_id FROM prompt_versions WHERE id = '$version'")
sql -c "UPDATE prompt_versions SET status = 'draft' WHERE id = '$version' AND status = 'archived'" \
	-c "UPDATE prompt_versions SET status = 'final' WHERE id = '$version' AND status = 'draft'" \
	-c "SELECT deployment_change(account_id, assistant_id, 'production', id, NULL, NULL, false)
		FROM prompt_versions WHERE id = '$version' AND status = 'final'" >/dev/null

sql >/dev/null <<'END'
INSERT INTO accounts (slug, name) VALUES ('gone', 'Gone');
SET app.operator = 'on';
SELECT account_delete(id, 'Op', true) FROM accounts WHERE slug = 'gone';
END

# What reads more than it should, and how much: to be lowered, never raised.
most()
{
	case $2 in
		# Reports run five statements, each of a few thousand rows; a year reads its days thrice.
		/api/) echo 8000 ;;
		'/api/costs?days=365' | '/api/costs?days=730'*) echo 35000 ;;
		# A month's days of all accounts.
		/api/installation) echo 12000 ;;
		# Made of the lines, which are 50,000 at most.
		'/api/costs?tz='*) echo 200000 ;;
		/api/costs*) echo 14000 ;;
		/api/cost-entries/*) echo 12000 ;;
		/api/pipeline-runs* | /api/cost-entries*) echo 8000 ;;
		/api/prompt-versions/*) echo 2000 ;;
		*) echo "$1" ;;
	esac
}

# Every address that can be read; those with a name that is not known here make the test fail.
"$programs/promptbuilder" routes | awk -F '\t' '$1 == "GET" && $3 ~ /api/ { print $2, $4 }' >"$work/routes"
while read -r path who; do
	filled=$(echo "$path" | sed "s|{account}/deletion|gone/deletion|; s|{account}|$account|; s|/pipeline-runs/{id}|/pipeline-runs/$run|
		s|/cost-entries/{id}|/cost-entries/$entry|; s|/prompt-versions/{id}|/prompt-versions/$version|
		s|/tokens/{id}|/tokens/$token_id|; s|/assistants/{id}|/assistants/$assistant|
		s|/deliveries/{id}|/deliveries/$event|")
	case $filled in *{*) not_ok "the test knows the names in $path" "$filled"; continue ;; esac
	reads_at_most "$(most 4000 "/api$filled")" "/api$filled"
	[ "$who" = operator ] ||
		reads_at_most "$(most 4000 "/api$filled")" "/api$filled" $member_token
done <"$work/routes"
sql -c "DELETE FROM accounts WHERE slug = 'gone'"

for query in 'days=365' 'days=730&group=month' 'tz=Asia/Kathmandu' 'days=90&group=week' \
	"accountId=$account" "accountId=$account&assistantId=bot-0&days=90"; do
	reads_at_most "$(most 4000 "/api/costs?$query")" "/api/costs?$query"
done

# A list reads a page, and what belongs to its rows, however deep it is.
deep() { sql -c "SET TimeZone = 'UTC'; $1" | tail -n 1; }
line_cursor=$(deep "SELECT to_char(timestamp, 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z_\"') || id
	FROM cost_entries ORDER BY timestamp OFFSET 5000 LIMIT 1")
run_cursor=$(deep "SELECT id FROM pipeline_runs ORDER BY created_at OFFSET 1000 LIMIT 1")
version_cursor=$(deep "SELECT id FROM prompt_versions ORDER BY created_at OFFSET 200 LIMIT 1")
for list in "/cost-entries?cursor=$line_cursor" "/cost-entries?accountId=bench-7" \
	"/cost-entries?accountId=bench-7&cursor=$line_cursor" \
	"/cost-entries?accountId=bench-0&cursor=$line_cursor" "/cost-entries?runId=$run" \
	"/pipeline-runs?cursor=$run_cursor" "/pipeline-runs?accountId=bench-7&cursor=$run_cursor" \
	'/pipeline-runs?status=failed' "/prompt-versions?cursor=$version_cursor" \
	"/prompt-versions?accountId=bench-7&assistantId=bot-4" '/prompt-versions?status=archived' \
	"/prompt-versions?status=archived&cursor=$version_cursor" "/prompt-versions?run=$run" \
	"/prompt-versions?accountId=bench-7&status=archived&cursor=$version_cursor" \
	"/assistants/$assistant?cursor=$version_cursor" "/prompt-versions/$version"; do
	reads_at_most "$(most 1000 "/api$list")" "/api$list"
done
finish
