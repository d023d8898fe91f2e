/* cache.c: the prompt cache as a hash table of prefixes. */
#include "sim/cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"

#define CACHE_BUCKETS 4096
#define LOOKBACK_BLOCKS 20
#define HASH_LEN 64
#define PREFIX_MAX (33u << 20)

struct entry {
	char hash[HASH_LEN + 1];
	int64_t ttl_ms;
	int64_t usable_ms;
	int64_t expires_ms;
	struct entry *next;
};

struct cache {
	struct entry *buckets[CACHE_BUCKETS];
};

/* What one request has at each of its blocks. */
struct prefix {
	const char *hash; /* of everything up to and with this block */
	int64_t tokens;   /* likewise */
};

struct cache *cache_new(void)
{
	struct cache *cache = calloc(1, sizeof(*cache));
	if (!cache) {
		log_error("out of memory");
		abort();
	}
	return cache;
}

void cache_clear(struct cache *cache)
{
	for (size_t i = 0; i < CACHE_BUCKETS; i++) {
		while (cache->buckets[i]) {
			struct entry *entry = cache->buckets[i];
			cache->buckets[i] = entry->next;
			free(entry);
		}
	}
}

void cache_free(struct cache *cache)
{
	cache_clear(cache);
	free(cache);
}

/* The bucket of a hash, without the entries that have expired. */
static struct entry **cache_bucket(struct cache *cache, const char *hash, int64_t now_ms)
{
	uint32_t sum = 2166136261u;
	for (const char *c = hash; *c; c++)
		sum = (sum ^ (uint32_t)(unsigned char)*c) * 16777619u;
	struct entry **bucket = &cache->buckets[sum % CACHE_BUCKETS];
	for (struct entry **at = bucket; *at;) {
		struct entry *entry = *at;
		if (entry->expires_ms > now_ms) {
			at = &entry->next;
			continue;
		}
		*at = entry->next;
		free(entry);
	}
	return bucket;
}

static struct entry *cache_find(struct cache *cache, const char *hash, int64_t now_ms)
{
	for (struct entry *e = *cache_bucket(cache, hash, now_ms); e; e = e->next) {
		if (memcmp(e->hash, hash, HASH_LEN) == 0)
			return e;
	}
	return NULL;
}

/* Writes or renews the entry of a breakpoint. */
static void cache_write(struct cache *cache, const char *hash, int64_t ttl_ms,
    const struct cache_when *when)
{
	int64_t now_ms = when->now_ms;
	struct entry *entry = cache_find(cache, hash, now_ms);
	if (!entry) {
		struct entry **bucket = cache_bucket(cache, hash, now_ms);
		entry = calloc(1, sizeof(*entry));
		if (!entry) {
			log_error("out of memory");
			abort();
		}
		memcpy(entry->hash, hash, HASH_LEN);
		entry->usable_ms = when->begins_ms;
		entry->next = *bucket;
		*bucket = entry;
	}
	if (ttl_ms > entry->ttl_ms)
		entry->ttl_ms = ttl_ms;
	entry->expires_ms = now_ms + entry->ttl_ms;
}

/* Hashes form a chain: each covers the one before, the block's role and its text. */
static struct prefix *prefixes_make(struct arena *arena, const struct request *request,
    const char *owner)
{
	struct prefix *prefixes = arena_alloc(arena, request->blocks.count * sizeof(*prefixes));
	struct buf *buf = buf_new(arena, PREFIX_MAX);
	buf_printf(buf, "%s\n%s\n%s", owner, request->model->id, request->prefix_salt);
	const char *hash = text_sha256(arena, buf->data, buf->len);
	int64_t tokens = request->overhead_tokens;
	for (size_t i = 0; i < request->blocks.count; i++) {
		const struct block *block = &request->blocks.list[i];
		buf_reset(buf);
		buf_printf(buf, "%s\n%s\n", hash, block->role);
		buf_text(buf, block->text);
		hash = text_sha256(arena, buf->data, buf->len);
		tokens += block->tokens;
		prefixes[i] = (struct prefix){.hash = hash, .tokens = tokens};
	}
	return prefixes;
}

/* The longest usable entry within reach of a breakpoint: its number of blocks, 0: none. */
static size_t longest_hit(struct cache *cache, const struct request *request,
    const struct prefix *prefixes, int64_t now_ms)
{
	for (size_t last = request->blocks.count; last-- > 0;) {
		if (!request->blocks.list[last].ttl_s)
			continue;
		for (size_t back = 0; back < LOOKBACK_BLOCKS && back <= last; back++) {
			struct entry *entry = cache_find(cache, prefixes[last - back].hash, now_ms);
			if (!entry || entry->usable_ms > now_ms)
				continue;
			entry->expires_ms = now_ms + entry->ttl_ms;
			return last - back + 1;
		}
	}
	return 0;
}

void cache_apply(struct cache *cache, const struct request *request, const char *owner,
    const struct cache_when *when, struct usage *usage)
{
	struct arena *arena = arena_new();
	struct prefix *prefixes = prefixes_make(arena, request, owner);
	size_t hit = longest_hit(cache, request, prefixes, when->now_ms);
	int64_t covered = hit ? prefixes[hit - 1].tokens : 0;
	usage->cache_read = covered;
	usage->cache_write_5m = 0;
	usage->cache_write_1h = 0;
	for (size_t i = 0; i < request->blocks.count; i++) {
		const struct block *block = &request->blocks.list[i];
		if (!block->ttl_s || prefixes[i].tokens < request->model->cache_min_tokens)
			continue;
		cache_write(cache, prefixes[i].hash, block->ttl_s * 1000, when);
		if (prefixes[i].tokens <= covered)
			continue;
		int64_t written = prefixes[i].tokens - covered;
		covered = prefixes[i].tokens;
		if (block->ttl_s >= 3600)
			usage->cache_write_1h += written;
		else
			usage->cache_write_5m += written;
	}
	usage->input = request_tokens(request) - covered;
	arena_free(arena);
}
