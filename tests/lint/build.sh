#!/usr/bin/env bash
# build.sh: the build knows every file, and an installation has what the programs read.
. "$(dirname "${BASH_SOURCE[0]}")/lint.sh"

for file in src/*.c src/*/*.[ch] sql/*.sql sql/migrations/*.sql templates/*.cs templates/*/*.cs \
	static/* nginx/* man/* systemd/* tests/*/*.[ch]; do
	case $file in src/db/statements.[ch]) continue ;; esac
	grep -qF "$file" Makefile.am || echo "$file"
done | expect_none "Makefile.am names every source and every installed file"

place=$(mktemp -d /tmp/promptbuilder-install.XXXXXX)
make -C build -s install DESTDIR="$place" >/dev/null 2>"$place/messages" || cat "$place/messages"
share=$place/usr/local/share/promptbuilder
for file in templates/*.cs templates/*/*.cs static/* sql/migrations/*.sql nginx/*; do
	cmp -s "$file" "$share/$file" || echo "$share/$file"
done | expect_none "make install brings templates, static files, migrations and the site"

for program in promptbuilder promptbuilder-web promptbuilder-runner promptbuilder-simulator; do
	"$place/usr/local/bin/$program" --version >/dev/null || echo "$program"
done 2>&1 | expect_none "the installed programs start"
rm -rf "$place"

shellcheck -S warning -e SC1091 dev 2>&1 | expect_none "shellcheck has nothing to warn of in dev"
grep -lE '^#!.*sh' .ci/run tests/*.sh tests/*/*.sh | xargs shellcheck -S error 2>&1 |
	expect_none "shellcheck finds no mistake in the tests"
