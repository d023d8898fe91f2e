/* cache.h: the prompt cache: which prefix was written when, and what a request saves by it.
 *
 * An entry is known by the SHA-256 of owner, model and every block up to a breakpoint. It is
 * usable once the answer that wrote it has begun, lives 5 minutes or an hour from the start of
 * the last request that used it, and is read from at most 20 blocks after it. */
#ifndef SIM_CACHE_H
#define SIM_CACHE_H

#include "sim/usage.h"

struct cache;

/* Both on clock_ms. */
struct cache_when {
	int64_t now_ms;
	int64_t begins_ms;
};

struct cache *cache_new(void);
void cache_free(struct cache *cache);
/* Forgets every entry. */
void cache_clear(struct cache *cache);
/* Splits the request's input tokens into read, written and plain, writing and renewing entries.
 * owner separates the caches of different keys. when tells the start of the request and of
 * its answer. */
void cache_apply(struct cache *cache, const struct request *request, const char *owner,
    const struct cache_when *when, struct usage *usage);

#endif
