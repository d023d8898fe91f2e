#!/bin/sh
# schema_test.sh: sql/schema.sql, the readable whole, is what the migrations make. UPDATE=1 writes
# it anew. Programs come from $PROGRAMS or the current folder, the source tree is $srcdir.
set -eu
srcdir=${srcdir:-.} PROGRAMS=${PROGRAMS:-.}
[ -n "${TEST_DATABASE_URL:-}" ] || exec "$srcdir/tests/pg.sh" "$0" "$@"

database=schema_$$
made=$(mktemp)
trap 'rm -f "$made"; psql -qX "$TEST_DATABASE_URL" -c "DROP DATABASE IF EXISTS $database"' EXIT
psql -qX "$TEST_DATABASE_URL" -c "CREATE DATABASE $database"
url=$(echo "$TEST_DATABASE_URL" | sed "s|@/postgres|@/$database|")
DATABASE_URL=$url PROMPTBUILDER_DATA_DIR=$srcdir "$PROGRAMS/promptbuilder" migrate >/dev/null

{
	echo '-- schema.sql: the database after all migrations, to be read; tests compare it with them.'
	pg_dump --schema-only --no-owner --restrict-key=schema "$url" 2>/dev/null ||
		pg_dump --schema-only --no-owner "$url"
} | sed -e '/^-- Dumped/d; /^-- PostgreSQL database dump/d; /^--$/d; /^SET /d; /^\\/d' \
	-e '/^SELECT pg_catalog/d' | cat -s >"$made"

echo 1..1
if [ -n "${UPDATE:-}" ]; then
	cp "$made" "$srcdir/sql/schema.sql"
fi
if diff -u "$srcdir/sql/schema.sql" "$made"; then
	echo "ok 1 - sql/schema.sql is what the migrations make"
else
	echo "not ok 1 - sql/schema.sql differs: read the difference, then UPDATE=1 $0"
	exit 1
fi
