/* cache.c: answers a worker has made before, given again while their stamp stays the same.
 *
 * The stamp comes from the database with every request (web.h: stamper), so nothing here grows
 * stale. The key holds all else an answer is made of: who asks, how, and for what. Only the
 * request's id in the foot of a page differs from time to time: it is written over. */
#include "web/frame.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "view/view.h"

#define ENTRIES 64
#define BODY_MAX (128u << 10)

struct cache_entry {
	struct arena *arena; /* of all that is here; NULL: nothing is */
	const char *key, *stamp, *type, *etag;
	char *body;
	size_t len;
	char *id;         /* in the body; NULL: it names no request */
	size_t id_len;
	int64_t until_ms; /* by the wall clock */
	uint64_t used;    /* the larger, the later */
};

struct cache {
	struct cache_entry entries[ENTRIES];
	uint64_t uses;
};

struct cache *cache_new(void)
{
	struct cache *cache = calloc(1, sizeof(*cache));

	if (cache == NULL)
		arena_out_of_memory(sizeof(*cache));
	return cache;
}

static void entry_drop(struct cache_entry *entry)
{
	arena_free(entry->arena);
	*entry = (struct cache_entry){.used = 0};
}

void cache_free(struct cache *cache)
{
	for (size_t i = 0; i < ENTRIES; i++)
		entry_drop(&cache->entries[i]);
	free(cache);
}

static const char *some(const char *text)
{
	return text == NULL ? "" : text;
}

/* First what nobody can choose: account and session keep the askers apart. */
static const char *key_of(const struct visit *visit)
{
	const struct access *access = &visit->ctx.access;
	const struct request *request = &visit->request;

	return arena_printf(visit->ctx.arena, "%s\n%s\n%s\n%s\n%d\n%s\n%s\n%s\n%s",
	    role_name(access->role), some(access->account_id), some(access->session_hash),
	    some(access->csrf), request->wants_json, some(access->account_slug),
	    some(access->name), request->path, request->query);
}

/* A sentence of the request before is shown once. */
static bool is_cacheable(const struct visit *visit)
{
	return visit->stamp != NULL && visit->request.method == WEB_GET &&
	    visit->request.flash == NULL;
}

static struct cache_entry *entry_find(struct cache *cache, const char *key)
{
	for (size_t i = 0; i < ENTRIES; i++)
		if (text_equal(cache->entries[i].key, key))
			return &cache->entries[i];
	return NULL;
}

/* The place of the same key, or the one that was used longest ago. */
static struct cache_entry *entry_place(struct cache *cache, const char *key)
{
	struct cache_entry *place = entry_find(cache, key);

	if (place != NULL)
		return place;
	place = &cache->entries[0];
	for (size_t i = 1; i < ENTRIES; i++)
		if (cache->entries[i].used < place->used)
			place = &cache->entries[i];
	return place;
}

bool cache_find(struct cache *cache, const struct visit *visit, struct answer *answer)
{
	struct cache_entry *entry = is_cacheable(visit) ? entry_find(cache, key_of(visit)) : NULL;

	if (entry == NULL)
		return false;
	if (!text_equal(entry->stamp, visit->stamp) || clock_wall_ms() >= entry->until_ms ||
	    (entry->id != NULL && strlen(visit->request.id) != entry->id_len)) {
		entry_drop(entry);
		return false;
	}
	if (entry->id != NULL)
		memcpy(entry->id, visit->request.id, entry->id_len);
	entry->used = ++cache->uses;
	*answer = (struct answer){.status = 200, .type = entry->type, .etag = entry->etag,
	    .body = entry->body, .len = entry->len};
	return true;
}

/* Where a page says which request it answers. False: it cannot be told for sure. */
static bool id_find(struct cache_entry *entry, const char *id)
{
	entry->id_len = strlen(id);
	entry->id = strstr(entry->body, id);
	return entry->id != NULL && strstr(entry->id + 1, id) == NULL;
}

void cache_keep(struct cache *cache, const struct visit *visit, struct answer *answer)
{
	bool is_page = !visit->request.wants_json;
	struct cache_entry *entry;
	const char *key;

	if (!is_cacheable(visit) || answer->status != 200 || answer->len > BODY_MAX ||
	    answer->session != NULL || answer->form_token != NULL || answer->flash != NULL ||
	    answer->download != NULL || answer->location != NULL)
		return;
	key = key_of(visit);
	entry = entry_place(cache, key);
	entry_drop(entry);
	entry->arena = arena_new();
	entry->body = arena_strndup(entry->arena, answer->body, answer->len);
	entry->len = answer->len;
	if (is_page && !id_find(entry, visit->request.id)) {
		entry_drop(entry);
		return;
	}
	entry->key = arena_strdup(entry->arena, key);
	entry->stamp = arena_strdup(entry->arena, visit->stamp);
	entry->type = answer->type;
	entry->etag = reply_etag(entry->arena, answer->body, answer->len);
	entry->until_ms = is_page ? view_changes_ms() : INT64_MAX;
	entry->used = ++cache->uses;
	answer->etag = entry->etag;
}
