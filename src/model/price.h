/* price.h: the dated prices that calls are charged with.
 *
 * Rates are exact: whole pico-USD per token, and beside them decimal text in USD per million. */
#ifndef MODEL_PRICE_H
#define MODEL_PRICE_H

#include "model/ctx.h"

/* Fills prices, every row the caller may see, and unpriced_models, those that were called within
 * 30 days and had no price. */
const struct err *price_list(struct ctx *ctx, struct doc *out) MUST_CHECK;

#endif
