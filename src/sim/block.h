/* block.h: the content of a request as one row of blocks, in the order of the cache prefix. */
#ifndef SIM_BLOCK_H
#define SIM_BLOCK_H

#include "base/doc.h"

#define BLOCK_BREAKPOINT_MAX 4

struct block {
	const char *role; /* "system", "user" or "assistant" */
	const char *text; /* a text block's text, else the block as canonical JSON */
	int64_t tokens;
	int64_t ttl_s; /* breakpoint after this block: 300 or 3600 seconds; 0: none */
};

struct blocks {
	struct block *list;
	size_t count;
	size_t cap;
	size_t breakpoints;
};

/* The simulator's estimate: UTF-8 bytes / 4, rounded up. */
int64_t block_tokens(const char *text);
/* Reads a content value: a string, or an array of blocks. where names it in errors. */
const struct err *blocks_add_content(struct blocks *blocks, struct arena *arena, const char *role,
    const char *where, const struct doc *content) MUST_CHECK;
/* Reads a cache_control object; NULL control gives 0 seconds. */
const struct err *block_ttl(struct arena *arena, const char *where, const struct doc *control,
    int64_t *ttl_s) MUST_CHECK;
/* Puts the automatic breakpoint on the last block and checks number and order of all. */
const struct err *blocks_finish(struct blocks *blocks, struct arena *arena, int64_t automatic_s)
    MUST_CHECK;
int64_t blocks_tokens(const struct blocks *blocks);
/* What stands between <tag> (at the start of a line) and the last </tag>, in the last block that
 * has both; NULL: nowhere. */
const char *blocks_tagged(struct arena *arena, const struct blocks *blocks, const char *tag);

#endif
