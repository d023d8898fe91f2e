#!/usr/bin/env bash
# security.sh: SECURITY.md tells of every threat, and each test that it names exists; no patterns are
# run on what others send.
. "$(dirname "${BASH_SOURCE[0]}")/lint.sh"

# named FILE: the tests that a document names and that are not there
named()
{
	grep -oE '`tests/[^`]+`' "$1" | tr -d '`' | sort -u | while IFS= read -r name; do
		file=${name%%: *}
		[ -e "$file" ] || { echo "$name: no such file"; continue; }
		[ "$file" = "$name" ] || grep -q "START_TEST(${name#*: })" "$file" ||
			echo "$name: no such test"
	done
}
named SECURITY.md | expect_none "every test that SECURITY.md names is there"

planted=$(mktemp)
echo 'x `tests/lib/form_test.c: nothing_of_the_kind` `tests/none.sh`' >"$planted"
[ "$(named "$planted" | wc -l)" = 2 ] || echo "$planted" | expect_none "planted names are seen"
rm -f "$planted"

for number in $(seq 1 30); do
	row=$(grep "^| $number | " SECURITY.md | awk -F' \\| ' '{ print $NF }')
	case $row in
	*'`tests/'* | 'none: '*) ;;
	*) echo "row $number: $row" ;;
	esac
done | expect_none "each of the thirty threats has a test, or says why not"

grep -q '](SECURITY.md)' README.md || echo "README.md" | expect_none "README.md leads to SECURITY.md"

bare_c src/{base,db,model,view,web,run}/*.[ch] | grep -E '\b(regcomp|regexec|fnmatch|glob|wordexp)\(' |
	expect_none "no patterns where others send something"
grep -HnE "(~\*?|SIMILAR TO|regexp_[a-z_]+\([^,]*,) *\\$[0-9]" sql/*.sql |
	expect_none "no pattern of a statement is a parameter"
