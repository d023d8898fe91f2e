/* money.h: exact money: rates in pico-USD per token, amounts in nano-USD, one rounding a line.
 *
 * 1 USD = 10^9 nano = 10^12 pico. A rate of 15 USD per million tokens is 15,000,000 pico per
 * token. No floating point. Overflow is reported, never wrapped. */
#ifndef BASE_MONEY_H
#define BASE_MONEY_H

#include "base/arena.h"

/* Disjoint token buckets of one call; cache_write_1h is the part of cache_write kept an hour. */
struct money_usage {
	int64_t input;
	int64_t output;
	int64_t cache_read;
	int64_t cache_write;
	int64_t cache_write_1h;
};

/* Pico-USD per token. MONEY_NO_RATE: nobody has told it; tokens of its bucket cost nothing, and
 * whoever books them must say that the amount is not the whole. */
#define MONEY_NO_RATE INT64_MIN

struct money_rates {
	int64_t input;
	int64_t output;
	int64_t cache_read;
	int64_t cache_write_5m;
	int64_t cache_write_1h;
};

#define MONEY_PERMILLE_ONE 1000

/* Sum of bucket times rate, times permille / 1000, rounded once, half to even. false: negative
 * bucket, rate or permille, cache_write_1h > cache_write, or a result beyond int64. */
bool money_cost(const struct money_usage *usage, const struct money_rates *rates,
    int64_t permille, int64_t *nano);

enum money_bucket {
	MONEY_INPUT, MONEY_CACHE_READ, MONEY_CACHE_WRITE_5M, MONEY_CACHE_WRITE_1H, MONEY_OUTPUT,
	MONEY_BUCKETS
};

/* How a cost comes about, as exact decimal text in USD without zeros at the end. */
struct money_sum {
	struct {
		int64_t tokens, rate; /* MONEY_NO_RATE: unknown */
		const char *product;  /* NULL: without a rate */
	} part[MONEY_BUCKETS];
	const char *sum;   /* of the products */
	const char *exact; /* the sum times permille / 1000, not yet rounded */
	int64_t nano;
};

/* The same cost with its parts; false as in money_cost. */
bool money_explain(struct arena *arena, const struct money_usage *usage,
    const struct money_rates *rates, int64_t permille, struct money_sum *out);
/* "0.369690000": always nine decimals. */
const char *money_text(struct arena *arena, int64_t nano);
/* value / 10^decimals, exactly and without zeros at the end; not negative: "1.1", "0". */
const char *money_decimal(struct arena *arena, int64_t value, int decimals);
/* For sentences: "5.00", "0.3125": at least two decimals, from a cent on at most four. */
const char *money_short(struct arena *arena, int64_t nano);
/* "15", "0.30": USD per million tokens to pico per token; at most six decimals, not negative. */
bool money_rate_from_text(const char *usd_per_million, int64_t *pico);
/* A decimal number, with or without an exponent ("1.5e-05"), times 10^shift: false unless that is
 * a whole number that fits, without rounding. */
bool money_scale(const char *number, int shift, int64_t *value);
/* Exact decimal USD with at most nine decimals to nano. */
bool money_from_text(const char *usd, int64_t *nano);

#endif
