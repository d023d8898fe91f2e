/* filter.h: how values look to a reader. Each filter takes and gives text. */
#ifndef VIEW_FILTER_H
#define VIEW_FILTER_H

#include "base/arena.h"

/* NULL is never given; text that is not of the kind a filter shows is given back as it is. */
typedef const char *(*filter)(struct arena *arena, const char *value);

struct filter_name {
	const char *name;
	filter apply;
};

extern const struct filter_name filters[];
extern const size_t filter_count;

/* What ago() counts from; 0: the wall clock. */
void filter_use_time(int64_t wall_ms);

/* Starts anew, and tells when, by the wall clock in milliseconds, the first of the texts given
 * since by ago() changes; INT64_MAX: never. */
void filter_watch(void);
int64_t filter_changes_ms(void);

#endif
