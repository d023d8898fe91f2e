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

/* Pico-USD per token. */
struct money_rates {
	int64_t input;
	int64_t output;
	int64_t cache_read;
	int64_t cache_write_5m;
	int64_t cache_write_1h;
};

/* Sum of bucket times rate, rounded once, half to even. false: negative bucket or rate,
 * cache_write_1h > cache_write, or a result beyond int64. */
bool money_cost(const struct money_usage *usage, const struct money_rates *rates, int64_t *nano);
/* "0.369690000": always nine decimals. */
const char *money_text(struct arena *arena, int64_t nano);
/* "15", "0.30": USD per million tokens to pico per token; at most six decimals, not negative. */
bool money_rate_from_text(const char *usd_per_million, int64_t *pico);
/* Exact decimal USD with at most nine decimals to nano. */
bool money_from_text(const char *usd, int64_t *nano);

#endif
