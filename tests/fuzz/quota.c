/* quota.c: rate-limit headers, a line each; the first line is our own clock. */
#include "fuzz.h"

#include "run/quota.h"

#define WALL_MS INT64_C(1795000000000)

FUZZ(quota)
{
	struct arena *arena = arena_new();
	struct quota quota = {0};

	for (size_t at = 0; at < size;) {
		const uint8_t *end = memchr(data + at, '\n', size - at);
		size_t len = end != NULL ? (size_t)(end - data) + 1 - at : size - at;

		/* curl hands over a line without a NUL at its end. */
		char *line = malloc(len);
		HOLDS(line != NULL);
		memcpy(line, data + at, len);
		quota_header(&quota, line, len);
		free(line);
		at += len;
	}
	quota_finish(&quota, WALL_MS);
	for (int i = 0; i < GATE_LIMIT_COUNT; i++) {
		const struct gate_quota *limit = &quota.limits[i];

		HOLDS(limit->limit >= 0 && limit->limit <= 1000000000);
		HOLDS(limit->limit == 0 ||
		    (limit->remaining >= 0 && limit->remaining <= limit->limit));
		HOLDS(limit->full_ms >= 0);
	}
	arena_free(arena);
	return 0;
}
