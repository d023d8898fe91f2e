#!/bin/sh
# edit_test.sh: versions made by hand through nginx: texts of any kind kept to the byte, sizes,
# repetitions and crowds; differences that lead from one version to the other.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/stack.sh"

acme_token=tok_acme_0123456789abcdef
viewer_token=tok_view_0123456789abcdef
stack_start
account acme $acme_token
sql -c "INSERT INTO access_tokens (role, account_id, name, token_hash)
	SELECT 'viewer', id, 'V', encode(sha256('$viewer_token'), 'hex') FROM accounts WHERE slug = 'acme'"
sql -f "$here/two_accounts.sql"
version=$(sql -c "SELECT id FROM prompt_versions WHERE version = 'v1'")

tap_sum "edits and differences" env A_TOKEN=$acme_token VIEWER_TOKEN=$viewer_token \
	DATABASE_URL="$TEST_DATABASE_URL" python3 "$here/edit.py" "$url" "$version"
has_not "nothing went wrong in the web" "$(cat "$work/web.log")" 'level=error|Sanitizer|runtime error'
finish
