/* relic.h: the spool directory of a dead runner, held by its lock: no two processes have it. */
#ifndef RUN_RELIC_H
#define RUN_RELIC_H

#include "run/spool.h"

struct relic;

/* One that nobody holds; NULL: none. */
struct relic *relic_take(const struct spool *spool, struct arena *arena);
/* The lease of the dead. */
const char *relic_id(const struct relic *relic);
/* The name of one more file, in the arena; NULL: that was all. Empty ones are deleted. */
const char *relic_next(struct relic *relic, struct arena *arena);
/* A descriptor to read; -1: it cannot be read, or is no file. */
int relic_open(const struct relic *relic, const char *name);
void relic_drop(const struct relic *relic, const char *name);
/* Moves a file that is of no use out of the way, for people to look at: LEASE.NAME.bad in the
 * directory of all. */
void relic_set_aside(const struct relic *relic, const char *name, const char *reason);
/* Lets go of it; whether it was empty and is gone. */
bool relic_release(struct relic *relic);

#endif
