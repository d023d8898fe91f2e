/* ctx.h: what a model function works in: memory, database, and who asks.
 *
 * Every model function takes ctx first, then its subject, inputs, outputs; returns NULL or an
 * error; and leaves nothing half done. Its transaction is made with ctx_tx, so row security sees
 * the caller. */
#ifndef MODEL_CTX_H
#define MODEL_CTX_H

#include "base/conf.h"
#include "db/db.h"

enum role { ROLE_NOBODY, ROLE_VIEWER, ROLE_MEMBER, ROLE_OPERATOR };

struct access {
	enum role role;
	const char *account_id;   /* NULL for operators and strangers */
	const char *account_slug; /* likewise */
	const char *account_name;
	const char *name;         /* who: the token's name, for pages and logs */
	const char *token_id;     /* of that token; NULL for strangers and at the command line */
	const char *session_id;   /* NULL with a bearer token */
	const char *session_hash; /* likewise */
	bool is_registry;         /* let in by the registry's files, while the database is away: a
	                             viewer of these files, of all accounts without a slug */
	const char *csrf;         /* token every form of this session carries; NULL with a bearer */
};

struct ctx {
	struct arena *arena;
	struct db *db;
	const struct conf *conf;
	struct access access;
	const char *origin; /* of a change: an address or host; NULL: nothing changes */
	const char *asker;  /* address or host of whoever asks, whether or not anything changes */
	db_taker take; /* of a download: takes the rows of a list; NULL: documents have them */
	void *take_arg;
};

/* A transaction in the caller's scope. The audit log notes what it changes as the caller's. */
struct db_tx *ctx_tx(struct ctx *ctx);
/* The same note for a transaction made otherwise. */
void ctx_sign(struct ctx *ctx, struct db_tx *tx);
/* Runs it. */
const struct err *ctx_run(struct ctx *ctx, struct db_tx *tx) MUST_CHECK;
/* Runs it; the first row of rows goes into out, or missing is given. */
const struct err *ctx_run_one(struct ctx *ctx, struct db_tx *tx, const struct db_rows *rows,
    const struct err *missing, struct doc *out) MUST_CHECK;
/* The same of a transaction that only reads. */
const struct err *ctx_read_one(struct ctx *ctx, struct db_tx *tx, const struct db_rows *rows,
    const struct err *missing, struct doc *out) MUST_CHECK;
/* What became of a change of id: a conflict's facts get `present`, the row that a statement about
 * id gives now; all else stays as it is, also NULL. */
const struct err *ctx_present(struct ctx *ctx, const struct err *err, enum sql sql,
    const char *id) MUST_CHECK;
const char *role_name(enum role role);
enum role role_from_name(const char *name); /* unknown: ROLE_NOBODY */

#endif
