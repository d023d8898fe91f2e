#!/usr/bin/env bash
# fuzz.sh: runs every target of targets.h for some seconds; what is found goes to found/NAME/, from
# where tests/lib/fuzz_test.c feeds it again for ever. Prints a TAP line per target.
#
#	FUZZER=build-fuzz/tests/fuzz/fuzzer tests/fuzz/fuzz.sh
#
# CHECK_LONG is a number of minutes for all targets together; without it each has $seconds. What a
# run has learnt stays beside the fuzzer, so that the next one goes on from there.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
here=$PWD
work=$(dirname "$FUZZER")/corpus
jobs=$(nproc)
mapfile -t targets < <(sed -n 's/^TARGET(\(.*\))$/\1/p' targets.h)
seconds=4
[ -z "${CHECK_LONG:-}" ] || seconds=$((CHECK_LONG * 60 * jobs / ${#targets[@]}))
number=0 failed=0

say() # STATUS CLAIM
{
	number=$((number + 1))
	if [ "$1" = 0 ]; then echo "ok $number - $2"; else echo "not ok $number - $2"; fi
	[ "$1" = 0 ] || failed=$((failed + 1))
}

fuzz() # TARGET SECONDS FOLDER-OF-FINDINGS [SEEDS]: its status goes to a file
{
	local place=$work/$1
	mkdir -p "$place" "$3"
	FUZZ_TARGET=$1 "$FUZZER" -max_total_time="$2" -max_len=16384 -timeout=10 -rss_limit_mb=2048 \
		-print_final_stats=1 -artifact_prefix="$3/" "$place" ${4:+"$4"} \
		>"$work/$1.log" 2>&1
	echo $? >"$work/$1.status"
}

# The fuzzer finds what is planted, or its silence would mean nothing.
mkdir -p "$work"
rm -rf "$work/planted"
fuzz planted 20 "$work/planted-found"
grep -q 'does not hold: .*a planted fault' "$work/planted.log"
say $? "a planted fault is found"
rm -rf "$work/planted-found"

for target in "${targets[@]}"; do
	while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do
		wait -n
	done
	fuzz "$target" "$seconds" "$here/found/$target" "$here/seeds/$target" &
done
wait
for target in "${targets[@]}"; do
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/$target.log")
	[ "$(cat "$work/$target.status")" = 0 ] && [ "${runs:-0}" -gt 100 ]
	status=$?
	say $status "$target: ${runs:-no} inputs in $seconds s"
	[ $status = 0 ] || grep -E 'does not hold|ERROR|runtime error|SUMMARY|Test unit' "$work/$target.log" |
		head -n 10 | sed 's/^/#   /'
	rmdir "found/$target" 2>/dev/null
done
rmdir found 2>/dev/null
echo "1..$number"
[ "$failed" = 0 ]
