#!/usr/bin/env bash
# source.sh: what C sources may say: no SQL, no floating point, no unsafe calls, sizes, form.
. "$(dirname "${BASH_SOURCE[0]}")/lint.sh"

sources=(src/*.c src/*/*.[ch])

bare_c --strings "${sources[@]}" |
	grep -E '"(SELECT|INSERT INTO|UPDATE [a-z_]+ SET|DELETE FROM|WITH [a-z_]+ AS|BEGIN|COMMIT)\b' |
	expect_none "statements stand in sql/, not in C"

bare_c "${sources[@]}" | grep -E '\b(double|float)\b' |
	expect_none "no floating point"

calls='strcpy|strcat|strncat|sprintf|vsprintf|gets|strtok|atoi|atol|atof|system|popen|alloca'
calls="$calls|rand|srand|usleep|sleep|tmpnam|mktemp"
bare_c "${sources[@]}" | grep -E \
	"\b($calls)\(" |
	expect_none "no call that invites mistakes"

bare_c "${sources[@]}" | grep -E '\btypedef\b' | grep -vF '(' |
	expect_none "no typedef but for functions"

grep -HnE 'TODO|FIXME|XXX|not implemented' "${sources[@]}" sql/*.sql templates/*.cs 2>/dev/null |
	expect_none "nothing unfinished is marked as such"

for file in "${sources[@]}"; do
	head -n 1 "$file" | grep -qE '^/\* [a-z0-9_]+\.[ch]: ' || echo "$file"
	[ "$(basename "$file")" = "$(head -n 1 "$file" | sed -n 's|^/\* \([a-z0-9_.]*\): .*|\1|p')" ] ||
		echo "$file: its first line names another file"
done | expect_none "each file begins with its name and a sentence"

for file in src/*/*.h; do
	guard=$(echo "${file#src/}" | tr 'a-z/.' 'A-Z__')
	grep -q "^#ifndef $guard\$" "$file" || echo "$file: $guard"
done | expect_none "include guards are FOLDER_FILE_H"

for file in "${sources[@]}"; do
	expand -t 8 "$file" | awk -v f="$file" 'length > 100 { print f ":" NR ": " length " columns" }'
	awk -v f="$file" '/[ \t]$/ { print f ":" NR ": white space at the end" }
		/^        / { print f ":" NR ": indented with spaces" }' "$file"
done | expect_none "tabs, at most 100 columns, nothing at the end of a line"

wc -l "${sources[@]}" dev sql/*.sql templates/*.cs static/*.css static/*.js 2>/dev/null |
	awk '$2 != "total" && $1 > 500 && $2 != "dev" && $2 != "sql/schema.sql" { print $2 ": " $1 " lines" }' |
	expect_none "no file over 500 lines"

python3 tests/lint/functions.py "${sources[@]}" | expect_none \
	"functions: at most 80 lines, 5 arguments, nesting 3; 95 of 100 within 60 lines"
