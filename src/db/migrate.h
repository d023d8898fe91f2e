/* migrate.h: the forward migrations of sql/migrations, each in a transaction, under one lock.
 *
 * schema_migrations(number, name, sha256, applied_at) says what has been applied. A database made
 * by the plan's SQL alone (its six tables, no schema_migrations) is adopted: 0001 is recorded as
 * applied, not run. A changed file of an applied migration is an error. */
#ifndef DB_MIGRATE_H
#define DB_MIGRATE_H

#include "db/db.h"

struct migrate_report {
	int applied;       /* now */
	int already;       /* before */
	int pending;       /* with dry_run: what would be applied */
	bool adopted;      /* the plan's database was taken over */
	const char *lines; /* one line per migration: number, name, applied when or "pending" */
};

/* directory holds NNNN_name.sql. dry_run only reports (--status). */
const struct err *migrate(struct db *db, struct arena *arena, const char *directory, bool dry_run,
    struct migrate_report *report) MUST_CHECK;

#endif
