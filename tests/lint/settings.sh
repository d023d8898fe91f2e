#!/usr/bin/env bash
# settings.sh: the table of settings and its manual page name the same settings and defaults.
. "$(dirname "${BASH_SOURCE[0]}")/lint.sh"

table=$(grep -oE '^	[A-Z]+\("[A-Z_]+"' src/base/conf_settings.c | sed 's/.*"\(.*\)"/\1/')
manual=$(sed -n 's/^\.It Ev \([A-Z_]*\).*/\1/p' man/promptbuilder.conf.5)

diff <(echo "$table" | sort) <(echo "$manual" | sort) | grep '^[<>]' |
	sed 's/^</only in the table:/; s/^>/only in the manual:/' |
	expect_none "promptbuilder.conf(5) names every setting, and no other"

echo "$table" | LC_ALL=C sort -c 2>&1 | expect_none "the table is in alphabetical order"

grep -v SECRET src/base/conf_settings.c | grep -oE '^	[A-Z]+\("[A-Z_]+", "[^"]*"' |
	sed 's/.*("\([A-Z_]*\)", "\(.*\)"/\1 \2/' | while read -r name preset; do
	grep -A 6 "^\.It Ev $name\$" man/promptbuilder.conf.5 | grep -qF "$preset" || echo "$name: $preset"
done | expect_none "the manual tells the defaults of the table"

grep -rhoE 'conf_(text|int|bool|set)\([^,]*, "[A-Z_]+"' src | sed 's/.*"\(.*\)"/\1/' | sort -u |
	while read -r name; do
		grep -qx "$name" <<<"$table" || echo "$name"
	done | expect_none "every setting that is asked for has a row"

for page in man/*.[1-8]; do
	mandoc -T lint -W warning "$page"
done 2>&1 | expect_none "manual pages are clean mdoc"

for program in promptbuilder promptbuilder-web promptbuilder-runner promptbuilder-simulator; do
	"build/$program" --help >/dev/null || echo "$program --help"
	"build/$program" --version >/dev/null || echo "$program --version"
done 2>&1 | expect_none "every program knows --help and --version"
