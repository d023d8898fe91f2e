/* import_accounts.h: what the files of the import of accounts share. */
#ifndef ADMIN_IMPORT_ACCOUNTS_H
#define ADMIN_IMPORT_ACCOUNTS_H

#include "admin/admin.h"
#include "admin/import_report.h"

struct import {
	struct admin *admin;
	struct ctx ctx;           /* its arena ends with each batch */
	struct registry *registry;
	struct import_report report;
	bool is_open;             /* a piece of the account's transaction has run */
};

/* The account at hand; its texts live in an arena of its own. */
struct import_account {
	struct arena *arena;
	const char *id;           /* NULL: a dry run, and the database does not have it */
	const char *zone;         /* that the database has, or NULL */
	const char *environment;  /* the first one */
	bool needs_approval;
	bool is_torn;             /* a version has another text in the database */
};

struct import_assistant {
	struct import_account *account;
	struct registry_assistant files;
	const char *id;           /* likewise */
	bool has_deployment;
	int64_t deployed;         /* number of the version that the environment has; 0: none */
	int wanted;               /* number of the version to deploy; 0: none */
	const char *wanted_path;  /* NULL: it was refused */
	bool can_deploy;          /* by its status */
};

/* The next piece of the account's transaction; of a dry run a transaction that only reads. */
struct db_tx *import_piece(struct import *import);
const struct err *import_piece_run(struct import *import, struct db_tx *tx) MUST_CHECK;

/* import_versions.c. The versions from *next on that fit into a batch; *next goes behind them. */
const struct err *import_batch(struct import *import, struct import_assistant *assistant,
    size_t *next) MUST_CHECK;
/* Deploys the version that the files say is deployed, unless something speaks against it. */
const struct err *import_deploy(struct import *import, const struct import_assistant *assistant)
    MUST_CHECK;

#endif
