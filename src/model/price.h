/* price.h: the dated prices that calls are charged with, and the arithmetic of a cost.
 *
 * Rates are exact: whole pico-USD per token, and beside them decimal text in USD per million. */
#ifndef MODEL_PRICE_H
#define MODEL_PRICE_H

#include "base/money.h"
#include "model/ctx.h"

/* What would this cost: a call of this moment. */
struct price_question {
	const char *account; /* slug or id; NULL: the caller's own, for an operator the list */
	const char *model;
	struct money_usage usage;
	bool is_batch;
	bool is_us; /* inference in the US */
};

/* Fills prices, every row the caller may see; unpriced_models, those that were called within 30
 * days and had no full price; and quote, the answer to the question, null without one: model,
 * price_status, price and arithmetic, both null for an unpriced model. accounts gets those that an
 * operator may ask for. ERR_MISSING: unknown account; ERR_INVALID: a cost beyond 64 bits. */
const struct err *price_list(struct ctx *ctx, const struct price_question *question,
    struct doc *out, struct doc *accounts) MUST_CHECK;

/* The rates in the columns input_pico to cache_write_1h_pico of a row. */
struct money_rates price_rates(const struct db_rows *rows, size_t row);
/* How a cost comes about: buckets, each with its tokens, rate and product, sum_usd, multiplier,
 * exact_usd, and the once rounded cost_usd, which *nano gets, too. false: a negative bucket, or
 * beyond 64 bits. */
bool price_arithmetic(const struct ctx *ctx, const struct money_usage *usage,
    const struct money_rates *rates, int64_t permille, struct doc *out);

#endif
