/* usage.h: the token counts of one answer, in the provider's disjoint buckets. */
#ifndef SIM_USAGE_H
#define SIM_USAGE_H

#include "sim/request.h"

struct usage {
	int64_t input;          /* after the last breakpoint */
	int64_t cache_read;
	int64_t cache_write_5m;
	int64_t cache_write_1h;
	int64_t output;
};

int64_t usage_cache_write(const struct usage *usage);
void usage_add(struct usage *sum, const struct usage *usage);
/* The usage object of a message: input counts, the split of cache writes, output. */
struct doc *usage_doc(struct arena *arena, const struct usage *usage);
/* The cumulative counts of a message_delta, which lack the split. */
struct doc *usage_delta_doc(struct arena *arena, const struct usage *usage);

/* Recorded usages and scores that replace the estimates of a phase. */
struct recorded {
	struct usage *usages[PHASE_COUNT]; /* in the arena; NULL: none */
	size_t usage_count[PHASE_COUNT];
	size_t next_usage[PHASE_COUNT];
	const struct doc *scores; /* NULL: none */
	size_t next_score;
};

/* Reads {"generation": {"input_tokens": ...}, ..., "scores": [...]}. A phase is one usage, or an
 * array of usages that are given in turn. */
const struct err *recorded_read(struct arena *arena, const struct doc *doc,
    struct recorded *recorded) MUST_CHECK;
/* The next recorded usage of a phase, beginning anew after the last; false: none recorded. */
bool recorded_next_usage(struct recorded *recorded, enum phase phase, struct usage *usage);
/* The next recorded score, beginning anew after the last; false: none recorded. */
bool recorded_next_score(struct recorded *recorded, int64_t *score);

#endif
