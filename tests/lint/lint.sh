# lint.sh: what the lint scripts share: TAP output for "this list of complaints must be empty".
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
set -u

# expect_none SENTENCE: standard input lists what breaks the rule, a line each.
expect_none()
{
	local complaints
	complaints=$(cat)
	if [ -z "$complaints" ]; then
		echo "ok - $1"
	else
		echo "not ok - $1"
		printf '%s\n' "$complaints" | head -n 20 | sed 's/^/#   /'
	fi
}

# C source without comments and without the contents of string literals; lines stay lines.
bare_c() { python3 tests/lint/bare_c.py "$@"; }
