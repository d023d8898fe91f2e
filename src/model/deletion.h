/* deletion.h: deleting an account: nobody signs in or launches from then on, its texts go in
 * batches, and the ledger with all sums stays. An account is named by its slug or id. */
#ifndef MODEL_DELETION_H
#define MODEL_DELETION_H

#include "model/ctx.h"

/* What would go, counted; ERR_MISSING. */
const struct err *deletion_outlook(struct ctx *ctx, const char *ref, struct doc *out) MUST_CHECK;
/* Begins it; one that has begun is left alone. typed is what was typed as the account's slug:
 * another one is an error of the field slug. ERR_CONFLICT while runs are queued or running. */
const struct err *deletion_begin(struct ctx *ctx, const char *ref, const char *typed,
    bool keeps_name) MUST_CHECK;
/* How far it is, and in the end the receipt; ERR_MISSING: none has begun. */
const struct err *deletion_get(struct ctx *ctx, const char *ref, struct doc *out) MUST_CHECK;

#endif
