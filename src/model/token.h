/* token.h: named tokens: made, listed, revoked. A person is a named token: its role says what they
 * may do, its account where.
 *
 * Only the hash of a token is stored; what token_make hands out is never seen again. */
#ifndef MODEL_TOKEN_H
#define MODEL_TOKEN_H

#include "model/ctx.h"

#define TOKEN_NAME_MAX 100   /* code points */
#define TOKEN_DAYS_MAX 3650

extern const char *const token_roles[]; /* least first; NULL-terminated */

struct token_wanted {
	const char *account_id; /* NULL: an operator's */
	const char *role;
	const char *name; /* NULL: that of the account */
	int64_t days;     /* until it expires; 0: it does not */
};

/* A new token: out gets its row, *secret what is handed out, once. ERR_DENIED for a role above the
 * caller's own; ERR_INVALID for an operator of an account, or another role of none. */
const struct err *token_make(struct ctx *ctx, const struct token_wanted *wanted,
    const char **secret, struct doc *out) MUST_CHECK;
/* The same with a secret that is in use elsewhere; ERR_INVALID, with the reason, when it could be
 * guessed, ERR_CONFLICT when it is known already. */
const struct err *token_take(struct ctx *ctx, const struct token_wanted *wanted,
    const char *secret, struct doc *out) MUST_CHECK;

struct token_filter {
	const char *account_id; /* NULL: of all that the caller may see */
	const char *cursor;     /* NULL: from the start */
	bool is_all;            /* also those that were revoked or have expired */
	int64_t limit;
};
/* Newest first: tokens[], next_cursor. */
const struct err *token_list(struct ctx *ctx, const struct token_filter *filter,
    struct doc *out) MUST_CHECK;
/* One with its sessions counted; ERR_MISSING when there is none or it is another account's. */
const struct err *token_get(struct ctx *ctx, const char *id, struct doc *out) MUST_CHECK;
/* Ends it and its sessions at once; out gets its row. ERR_MISSING as above, ERR_CONFLICT when it
 * was revoked before, ERR_DENIED for a role above the caller's own. */
const struct err *token_revoke(struct ctx *ctx, const char *id, struct doc *out) MUST_CHECK;

#endif
