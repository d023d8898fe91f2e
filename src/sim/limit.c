/* limit.c: token buckets by key and model. */
#include "sim/limit.h"

#include "base/text.h"

#define MILLI 1000
#define SPAN_MS 60000
#define REQUESTS_UNLIMITED 1000000
#define TOKENS_UNLIMITED 1000000000
#define ROUNDED_TO 1000

struct limit {
	struct limit *next;
	const char *key, *model;
	struct limit_options options;
	int64_t level[LIMIT_COUNT]; /* in thousandths; below zero after a long answer */
	int64_t rest[LIMIT_COUNT];
	int64_t at_ms;
};

struct limits {
	struct arena *arena;
	struct limit_options options;
	struct limit *first;
};

struct limits *limits_new(struct arena *arena)
{
	struct limits *limits = arena_alloc(arena, sizeof(*limits));
	limits->arena = arena;
	limits->options.span_ms = SPAN_MS;
	return limits;
}

struct limit_options *limits_options(struct limits *limits)
{
	return &limits->options;
}

static void fill(struct limit *limit)
{
	for (int i = 0; i < LIMIT_COUNT; i++)
		limit->level[i] = limit->options.most[i] * MILLI;
}

void limits_reset(struct limits *limits)
{
	for (struct limit *limit = limits->first; limit; limit = limit->next)
		fill(limit);
}

static struct limit *limit_new(struct limits *limits, const char *key, const char *model)
{
	struct limit *limit = arena_alloc(limits->arena, sizeof(*limit));
	limit->key = arena_strdup(limits->arena, key);
	limit->model = arena_strdup(limits->arena, model);
	limit->options = limits->options;
	for (int i = 0; i < LIMIT_COUNT; i++) {
		if (limit->options.most[i] == 0)
			limit->options.most[i] = i == LIMIT_REQUESTS ? REQUESTS_UNLIMITED
			    : TOKENS_UNLIMITED;
	}
	fill(limit);
	limit->next = limits->first;
	return limits->first = limit;
}

static void refill(struct limit *limit, int64_t now_ms)
{
	int64_t span_ms = limit->options.span_ms;
	int64_t passed_ms = now_ms - limit->at_ms < span_ms ? now_ms - limit->at_ms : span_ms;
	for (int i = 0; i < LIMIT_COUNT; i++) {
		int64_t full = limit->options.most[i] * MILLI;
		int64_t more = full * passed_ms + limit->rest[i];
		limit->level[i] += more / span_ms;
		limit->rest[i] = more % span_ms;
		if (limit->level[i] > full)
			limit->level[i] = full;
	}
	limit->at_ms = now_ms;
}

struct limit *limits_find(struct limits *limits, const char *key, const char *model,
    int64_t now_ms)
{
	struct limit *limit = limits->first;
	while (limit && !(text_equal(limit->key, key) && text_equal(limit->model, model)))
		limit = limit->next;
	if (!limit) {
		limit = limit_new(limits, key, model);
		limit->at_ms = now_ms;
	}
	refill(limit, now_ms);
	return limit;
}

int64_t limit_take(struct limit *limit, int64_t input_tokens, enum limit_kind *kind)
{
	const int64_t needs[LIMIT_COUNT] = {1, input_tokens, 1};
	int64_t wait_ms = 0;
	for (int i = 0; i < LIMIT_COUNT; i++) {
		int64_t full = limit->options.most[i] * MILLI;
		int64_t need = needs[i] * MILLI < full ? needs[i] * MILLI : full;
		int64_t lacking = need - limit->level[i];
		int64_t ms = lacking > 0
		    ? (lacking * limit->options.span_ms + full - 1) / full : 0;
		if (ms > wait_ms) {
			wait_ms = ms;
			*kind = (enum limit_kind)i;
		}
	}
	if (wait_ms > 0)
		return wait_ms;
	limit->level[LIMIT_REQUESTS] -= MILLI;
	limit->level[LIMIT_INPUT] -= input_tokens * MILLI;
	return 0;
}

void limit_correct(struct limit *limit, int64_t input_tokens, const struct usage *usage)
{
	limit->level[LIMIT_INPUT] +=
	    (input_tokens - usage->input - usage_cache_write(usage)) * MILLI;
	limit->level[LIMIT_OUTPUT] -= usage->output * MILLI;
}

struct limit_state limit_state(const struct limit *limit, enum limit_kind kind)
{
	int64_t most = limit->options.most[kind];
	int64_t left = limit->level[kind] > 0 ? limit->level[kind] / MILLI : 0;
	struct limit_state state = {.most = most, .remaining = left};
	state.full_ms = (most * MILLI - limit->level[kind]) * limit->options.span_ms
	    / (most * MILLI);
	if (kind != LIMIT_REQUESTS)
		state.remaining = (left + ROUNDED_TO / 2) / ROUNDED_TO * ROUNDED_TO;
	if (state.remaining > most)
		state.remaining = most;
	return state;
}

bool limit_is_short(const struct limit *limit)
{
	return limit->options.span_ms < SPAN_MS;
}
