/* limit.h: the rate limits of a key and model: token buckets, refilled continuously, kept. */
#ifndef SIM_LIMIT_H
#define SIM_LIMIT_H

#include "sim/usage.h"

enum limit_kind { LIMIT_REQUESTS, LIMIT_INPUT, LIMIT_OUTPUT, LIMIT_COUNT };

/* Of all keys and models; 0 in most: so much that nobody reaches it. */
struct limit_options {
	int64_t most[LIMIT_COUNT]; /* in one span */
	int64_t span_ms;
};

struct limits;
struct limit;

struct limits *limits_new(struct arena *arena);
struct limit_options *limits_options(struct limits *limits);
/* All buckets are full again. */
void limits_reset(struct limits *limits);
/* The buckets of a key and model. */
struct limit *limits_find(struct limits *limits, const char *key, const char *model,
    int64_t now_ms);

/* Takes a request of so many input tokens, as they are estimated before it is answered. 0: taken;
 * otherwise the milliseconds until it would be, and *kind says what is lacking. */
int64_t limit_take(struct limit *limit, int64_t input_tokens, enum limit_kind *kind);
/* The answer's true counts: tokens read from the cache are free. */
void limit_correct(struct limit *limit, int64_t input_tokens, const struct usage *usage);

/* As the headers tell it: limit, what is left (tokens in thousands), time until it is full. */
struct limit_state {
	int64_t most, remaining, full_ms;
};
struct limit_state limit_state(const struct limit *limit, enum limit_kind kind);
/* Resets are told in whole seconds, and finer where a span is shorter than a minute. */
bool limit_is_short(const struct limit *limit);

#endif
