/* account.h: accounts: the tenants of an installation, named by slug or id. */
#ifndef MODEL_ACCOUNT_H
#define MODEL_ACCOUNT_H

#include "model/ctx.h"

/* The accounts the caller may see, newest first: accounts[], next_cursor. cursor may be NULL. */
const struct err *account_list(struct ctx *ctx, const char *cursor, int64_t limit,
    struct doc *out) MUST_CHECK;
/* One account by slug or UUID into out; ERR_MISSING when there is none or it is another's. One that
 * only the file-based registry has is adopted for an operator (registry.h), here and below. */
const struct err *account_get(struct ctx *ctx, const char *ref, struct doc *out) MUST_CHECK;
/* The id behind a slug or UUID. ref NULL: the caller's own, which is NULL for an operator.
 * ERR_MISSING as above. */
const struct err *account_id_of(struct ctx *ctx, const char *ref, const char **id) MUST_CHECK;
/* Whether an account may have that slug. */
bool account_slug_is_good(const char *slug);
/* A new account into out; ERR_CONFLICT when the slug is taken, ERR_INVALID when it is no slug. */
const struct err *account_create(struct ctx *ctx, const char *slug, const char *name,
    struct doc *out) MUST_CHECK;
/* The account of that slug, made now if there is none. */
const struct err *account_get_or_create(struct ctx *ctx, const char *slug, const char *name,
    struct doc *out) MUST_CHECK;

#endif
