/* clock.h: monotonic time for durations; ids of the plan's form; the wall clock for logs only. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/arena.h"

/* Milliseconds of CLOCK_BOOTTIME: never jumps, counts suspension. */
int64_t clock_ms(void);
/* Milliseconds since 1970 by the wall clock. */
int64_t clock_wall_ms(void);
/* Reads a date of an HTTP header (IMF-fixdate of RFC 9110) as milliseconds since 1970. */
bool clock_http_date(const char *text, int64_t *ms);
/* "pipeline_mkn6mzpyplhrmw": prefix, '_', base-36 wall milliseconds, 6 random base-36 digits. */
const char *clock_id(struct arena *arena, const char *prefix);

#endif
