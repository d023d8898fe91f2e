/* cost_entry.h: one line of the ledger, explained: from the provider's usage to the amount. */
#ifndef MODEL_COST_ENTRY_H
#define MODEL_COST_ENTRY_H

#include "model/ctx.h"

/* Fills the line's own members, usage (as the provider told it), price, arithmetic (null without a
 * price; of a correction: the call's with the corrections so far, less before_usd), call, run,
 * adjustments, effective_cost_usd, and agrees (null where nothing was computed) with the sentence
 * verdict. ERR_MISSING: no such line, or not the caller's. */
const struct err *cost_entry_get(struct ctx *ctx, const char *id, struct doc *out) MUST_CHECK;

#endif
