/* zone.h: time zones as users name them. */
#ifndef MODEL_ZONE_H
#define MODEL_ZONE_H

#include "model/ctx.h"

/* false: no zone has such a name. The server also takes POSIX rules such as "ABC5"; here only names
 * pass. Whether there is that zone only the server knows. */
bool zone_may_exist(const char *zone);
/* ERR_INVALID of the field tz. */
const struct err *zone_err(struct arena *arena);

#endif
