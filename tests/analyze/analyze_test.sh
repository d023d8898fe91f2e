#!/usr/bin/env bash
# analyze_test.sh: gcc -fanalyzer, clang-tidy and cppcheck have nothing to say of src/; with CHECK_LONG
# set clang's analyzer (scan-build's) is asked, too, which takes minutes. What is not so has a row
# in "suppressions". Prints TAP lines.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.." || exit 1
build=${PROGRAMS:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0 failed=0

say() # STATUS CLAIM
{
	number=$((number + 1))
	if [ "$1" = 0 ]; then echo "ok $number - $2"; else echo "not ok $number - $2"; fi
	[ "$1" = 0 ] || failed=$((failed + 1))
}

cat >"$work/defines.h" <<'END'
#define PROMPTBUILDER_VERSION "0"
#define PROMPTBUILDER_DATADIR "/"
END
# Libraries' headers are the system's: nothing is said about them.
read -ra flags <<<"-std=gnu17 -D_GNU_SOURCE= -include $work/defines.h -Isrc -I$build/src \
	$(pkg-config --cflags libpq libcurl json-c libmicrohttpd | sed 's/-I/-isystem /g') \
	-isystem /usr/include/ClearSilver"
mapfile -t sources < <(printf '%s\n' src/*.c src/*/*.c | grep -v '/statements.c$')

# A file with a fault for each tool: who does not see it has not looked.
cat >"$work/planted.c" <<'END'
#include <stdlib.h>
#include <string.h>
int planted(int n);
int planted(int n)
{
	char *text = malloc(10);
	char small[4] = "abc";
	if (text == NULL)
		return small[n > 0 ? 7 : 0];
	if (n < 0)
		return 1;
	memset(text, 0, sizeof(text));
	free(text);
	return text[0];
}
END

each() # COMMAND...: for every source and the planted one, as many at once as there are cores
{
	printf '%s\0' "${sources[@]}" "$work/planted.c" | xargs -0 -P "$(nproc)" -I{} "$@" {} 2>&1
}

run_gcc() { each gcc -fanalyzer -O1 -c -o /dev/null "${flags[@]}"; }
run_clang-tidy() { each bash -c 'f=${*: -1} && clang-tidy --quiet "$f" -- "${@:1:$#-1}" 2>&1' tidy "${flags[@]}"; }
run_clang() { each clang --analyze -o /dev/null "${flags[@]}"; }
run_cppcheck()
{
	cppcheck -j "$(nproc)" --quiet --enable=warning,performance,portability --std=c11 \
		-D_GNU_SOURCE= -Isrc "-I$build/src" src "$work/planted.c" 2>&1
}

# FILE CHECK LINE of each complaint, between tabs. A check stands in brackets at the end of its line.
complaints() # TOOL
{
	sed -nE "s|^($PWD/)?([^ :]+):([0-9]+):([0-9]+: )?(warning\|error\|performance\|portability\|fatal error): (.*)\$|\2\t\3\t\6|p" \
		"$work/$1.log" | awk -F '\t' -v OFS='\t' '{
			check = "compiler"
			if (match($3, /\[[-A-Za-z0-9_.,=]+\]$/))
				check = substr($3, RSTART + 1, RLENGTH - 2)
			print $1, check, $1 ":" $2 ": " $3
		}' | sort -u
}

analyze() # TOOL
{
	local tool=$1 name file check reason left
	local start=$SECONDS
	"run_$tool" >"$work/$tool.log"
	complaints "$tool" >"$work/$tool.all"
	grep -q "^$work/planted.c" "$work/$tool.all"
	say $? "$tool sees a planted fault"
	grep -v "^$work/planted.c" "$work/$tool.all" >"$work/$tool.left"
	while IFS=$'\t' read -r name file check reason; do
		[ "$name" = "$tool" ] || continue
		[ -n "$reason" ] || say 1 "suppressions: no reason for $file $check"
		left=$(awk -F '\t' -v f="$file" -v c="$check" \
			'!((f == "*" || $1 == f) && $2 == c)' "$work/$tool.left")
		[ "$left" != "$(cat "$work/$tool.left")" ] || say 1 "suppressions: $tool no longer says $check of $file"
		printf '%s' "${left:+$left$'\n'}" >"$work/$tool.left"
	done < <(grep -v '^#' "$here/suppressions")
	[ ! -s "$work/$tool.left" ]
	say $? "$tool has nothing to say of ${#sources[@]} files ($((SECONDS - start)) s)"
	cut -f 3 "$work/$tool.left" | head -n 20 | sed 's/^/#   /'
}

tools=(gcc clang-tidy cppcheck)
[ -z "${CHECK_LONG:-}" ] || tools+=(clang)
for tool in "${tools[@]}"; do
	if command -v "$tool" >/dev/null; then
		analyze "$tool"
	else
		say 1 "$tool is here: apt-get install $tool"
	fi
done
echo "1..$number"
[ "$failed" = 0 ]
