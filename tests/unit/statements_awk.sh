#!/bin/sh
# statements_awk.sh: what statements.awk makes of statements, and what it refuses.
set -u

awk_file=${srcdir:-.}/src/db/statements.awk
dir=$(mktemp -d "${TMPDIR:-/tmp}/statements.XXXXXX")
trap 'rm -rf "$dir"' EXIT
failed=0

make_statements()
{
	rm -f "$dir"/out.*
	printf '%s\n' "$1" >"$dir/in.sql"
	"${AWK:-awk}" -v out="$dir/out" -f "$awk_file" "$dir/in.sql" 2>"$dir/messages"
}

fail()
{
	echo "FAIL: $1"
	cat "$dir/messages" "$dir"/out.c 2>/dev/null
	failed=$((failed + 1))
}

# accept SQL EXPECTED: EXPECTED is a line of the table made.
accept()
{
	make_statements "$1" || { fail "not accepted: $1"; return; }
	grep -qF -- "$2" "$dir/out.c" || fail "no $2 from: $1"
}

# refuse SQL MESSAGE: and nothing is written.
refuse()
{
	! make_statements "$1" || { fail "not refused: $1"; return; }
	grep -qF -- "$2" "$dir/messages" || fail "no message \"$2\" about: $1"
	[ ! -e "$dir/out.h" ] || fail "written all the same: $1"
}

accept '-- name: run_get
SELECT id FROM runs WHERE id = $1::uuid AND n > $2::int;' \
	'"SELECT id FROM runs WHERE id = $1::uuid AND n > $2::int", 2},'
accept '-- name: a
SELECT 1; -- one; two' '"SELECT 1", 0},'
# Quotes hide what looks like comments, ends, parameters and stars.
accept "-- name: a
SELECT '--;\$9 *', \$1::text, \"x\\y\", a ? 'b';" \
	"\"SELECT '--;\$9 *', \$1::text, \\\"x\\\\y\\\", a \\? 'b'\", 1},"
accept '-- name: a
SELECT count(*), 2 * x FROM t;' '"SELECT count(*), 2 * x FROM t", 0},'
accept '-- top

-- name: a
-- why
SELECT 1
  FROM t;

-- name: b
SELECT $10::int, $1, $2, $3, $4, $5, $6, $7, $8, $9;' ', $9", 10},'

refuse 'SELECT 1;' "text before the first '-- name:'"
refuse '-- name: a
SELECT 1' "has no ';'"
refuse '-- name: a' 'is empty'
refuse '-- name: a
SELECT 1;
SELECT 2;' 'two statements'
refuse '-- name: a
SELECT 1; SELECT 2;' 'two statements'
refuse '-- name: a
SELECT 1;
-- name: a
SELECT 2;' 'has been used before'
refuse '-- name: Run-Get
SELECT 1;' 'lower-case'
refuse '-- name: count
SELECT 1;' 'lower-case'
refuse '-- name: a
select
  * FROM t;' "uses '*'"
refuse '-- name: a
SELECT t.* FROM t;' "uses '*'"
refuse '-- name: a
DELETE FROM t RETURNING *;' "uses '*'"
refuse '-- name: a
SELECT $1::int, $3::int;' 'does not use its parameter $2'
refuse "-- name: a
SELECT 'a
b';" 'must end on its line'

[ "$failed" = 0 ] && echo "PASS"
exit "$failed"
