/* conf_row.h: the rows of the settings table, for conf.c only. */
#ifndef BASE_CONF_ROW_H
#define BASE_CONF_ROW_H

#include "base/conf.h"

/* NULL: no row has this name. */
const struct conf_setting *conf_row_find(const char *name);
/* The known name with the fewest edits to this one. */
const char *conf_row_nearest(const char *name);
/* Checks type and range; number gets the value of an int, a duration in ms or a bool. The error
 * names setting and source, and does not repeat the value: it may be a secret. */
const struct err *conf_row_check(struct arena *arena, const struct conf_setting *row,
    const char *text, const char *source, int64_t *number) MUST_CHECK;

#endif
