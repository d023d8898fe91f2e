/* pg.h: databases for tests, on the server of TEST_DATABASE_URL (tests/pg.sh starts one).
 *
 * Any failure here prints a line and ends the program. Call from main, before Check forks: the
 * databases are dropped when the process that made them exits. */
#ifndef TESTS_MODEL_PG_H
#define TESTS_MODEL_PG_H

#include <stdbool.h>

/* The URL of a database of this program's own: with the whole schema, or empty. */
const char *pg_fresh(bool is_migrated);
/* sql/migrations of the source tree. */
const char *pg_migrations(void);
/* Runs SQL as the owner. */
void pg_script(const char *url, const char *sql);
/* The first column of the first row as text, "" for null; good until the next call. */
const char *pg_value(const char *url, const char *sql);
/* Keeps other programs from migrating until this one ends: roles belong to the whole server. */
void pg_lock(void);

#endif
