/* quota.h: the rate-limit headers of a response: anthropic-ratelimit-*-{limit,remaining,reset}. */
#ifndef RUN_QUOTA_H
#define RUN_QUOTA_H

#include "run/gate.h"

/* Zeroed before the first header. */
struct quota {
	struct gate_quota limits[GATE_LIMIT_COUNT];
	bool has_remaining[GATE_LIMIT_COUNT];
	int64_t reset_ms[GATE_LIMIT_COUNT]; /* wall clock of the provider; 0: not told */
	int64_t date_ms;                    /* the response's own date; 0: none */
};

/* Takes in a header line, if it is one of them; others and wrong values are passed over. */
void quota_header(struct quota *quota, const char *line, size_t len);
/* After the last header: turns resets into durations. wall_ms is our own clock; where the
 * response's date says that one of the two is wrong, the provider's counts. */
void quota_finish(struct quota *quota, int64_t wall_ms);

#endif
