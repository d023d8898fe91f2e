#!/usr/bin/env bash
# includes.sh: folders include only leftward, and each third-party library has one home.
. "$(dirname "${BASH_SOURCE[0]}")/lint.sh"

# Folder: the folders it may include.
allowed()
{
	case $1 in
		base) echo base ;;
		view) echo base view ;;
		db) echo base db ;;
		model) echo base db model ;;
		web) echo base view db model web ;;
		run) echo base view db model run ;;
		admin) echo base db model admin ;;
		sim) echo base sim ;;
		web.c) echo base view db model web ;;
		runner.c) echo base view db model run ;;
		admin.c) echo base db model admin ;;
		simulator.c) echo base sim ;;
	esac
}

grep -Hn '^#include "' src/*.c src/*/*.[ch] | while IFS=: read -r file line text; do
	from=${file#src/}
	to=${text#*\"}
	case " $(allowed "${from%%/*}") " in
		*" ${to%%/*} "*) ;;
		*) echo "$file:$line: $text" ;;
	esac
done | expect_none "folders include only what stands left of them"

grep -Hn '^#include ".*"' src/*.c src/*/*.[ch] | grep -v '"[a-z]*/[a-z0-9_]*\.h"' |
	expect_none 'own headers are included as "folder/file.h"'

# only HEADER-PATTERN FILE-PATTERN NAME
only()
{
	grep -HnE "^#include <($1)" src/*.c src/*/*.[ch] | grep -vE "^src/($2)" |
		expect_none "$3 is included only where it belongs"
}

only 'json' 'base/doc[a-z_]*\.[ch]' json-c
only 'libpq' 'db/' libpq
only 'fcgi' 'web/|web\.c' libfcgi
only 'ClearSilver|util/neo|cs/|neo' 'view/' ClearSilver
only 'md4c' 'web/' md4c
only 'curl' 'run/' libcurl
only 'microhttpd' 'sim/' libmicrohttpd
only 'openssl' 'base/' OpenSSL
