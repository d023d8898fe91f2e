#!/bin/sh
# ledger_test.sh: the ledger that the benchmarks and other tests generate is one that the product
# could have booked. Programs come from $PROGRAMS or the current folder, the source is $srcdir.
set -eu
srcdir=${srcdir:-.} PROGRAMS=${PROGRAMS:-.}
[ -n "${TEST_DATABASE_URL:-}" ] || exec "$srcdir/tests/pg.sh" "$0" "$@"

database=ledger_$$
trap 'psql -qX "$TEST_DATABASE_URL" -c "DROP DATABASE IF EXISTS $database"' EXIT
psql -qX "$TEST_DATABASE_URL" -c "CREATE DATABASE $database"
url=$(echo "$TEST_DATABASE_URL" | sed "s|@/postgres|@/$database|")
DATABASE_URL=$url PROMPTBUILDER_DATA_DIR=$srcdir "$PROGRAMS/promptbuilder" migrate >/dev/null
"$srcdir/tests/bench/ledger.sh" 10000 "$url" until=2026-11-20 detailed=300
psql -qXAt "$url" -f "$srcdir/tests/model/ledger_test.sql"
