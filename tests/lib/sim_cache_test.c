/* sim_cache_test.c: what a prefix costs: written once, read while it lives, split by lifetime. */
#include "suite.h"

#include <string.h>

#include "sim/cache.h"

#define MINUTE_MS INT64_C(60000)

static struct arena *arena;
static struct cache *cache;
static struct usage usage;

static void setup(void)
{
	arena = arena_new();
	cache = cache_new();
}

static void teardown(void)
{
	cache_free(cache);
	arena_free(arena);
}

/* A request of two system blocks and a question; tokens and lifetime of each. claude-sonnet-4-5
 * caches from 1,024 tokens. */
static struct request request_of(const int64_t tokens[3], const int64_t ttl_s[3])
{
	struct request request = {.model = catalog_find("claude-sonnet-4-5"), .prefix_salt = ""};

	request.blocks.list = arena_alloc(arena, 3 * sizeof(struct block));
	request.blocks.count = 3;
	for (size_t i = 0; i < 3; i++) {
		char *text = arena_alloc(arena, (size_t)tokens[i] * 4 + 1);
		memset(text, 'a' + (int)i, (size_t)tokens[i] * 4);
		request.blocks.list[i] = (struct block){.role = i < 2 ? "system" : "user",
		    .text = text, .tokens = block_tokens(text), .ttl_s = ttl_s[i]};
	}
	return request;
}

static void apply(const struct request *request, const char *owner, int64_t now_ms,
    int64_t begins_ms)
{
	struct cache_when when = {.now_ms = now_ms, .begins_ms = begins_ms};

	cache_apply(cache, request, owner, &when, &usage);
}

static void expect(int64_t input, int64_t read, int64_t write_5m, int64_t write_1h)
{
	ck_assert_int_eq(usage.input, input);
	ck_assert_int_eq(usage.cache_read, read);
	ck_assert_int_eq(usage.cache_write_5m, write_5m);
	ck_assert_int_eq(usage.cache_write_1h, write_1h);
}

START_TEST(written_once_then_read)
{
	struct request request = request_of((int64_t[]){1000, 500, 10}, (int64_t[]){0, 300, 0});

	apply(&request, "k", 0, 0);
	expect(10, 0, 1500, 0);
	apply(&request, "k", 1, 1);
	expect(10, 1500, 0, 0);
	apply(&request, "other", 2, 2);
	expect(10, 0, 1500, 0);
	cache_clear(cache);
	apply(&request, "k", 3, 3);
	expect(10, 0, 1500, 0);
}
END_TEST

START_TEST(short_prefixes_are_not_cached)
{
	struct request request = request_of((int64_t[]){500, 500, 10}, (int64_t[]){0, 300, 0});

	apply(&request, "k", 0, 0);
	expect(1010, 0, 0, 0);
	apply(&request, "k", 1, 1);
	expect(1010, 0, 0, 0);
}
END_TEST

START_TEST(hits_renew_the_lifetime)
{
	struct request request = request_of((int64_t[]){2000, 1, 1}, (int64_t[]){300, 0, 0});

	apply(&request, "k", 0, 0);
	apply(&request, "k", 4 * MINUTE_MS, 4 * MINUTE_MS);
	expect(2, 2000, 0, 0);
	apply(&request, "k", 8 * MINUTE_MS, 8 * MINUTE_MS);
	expect(2, 2000, 0, 0);
	apply(&request, "k", 13 * MINUTE_MS, 13 * MINUTE_MS);
	expect(2, 0, 2000, 0);
}
END_TEST

START_TEST(an_hour_and_five_minutes_are_told_apart)
{
	struct request request = request_of((int64_t[]){2000, 300, 7}, (int64_t[]){3600, 300, 0});

	apply(&request, "k", 0, 0);
	expect(7, 0, 300, 2000);
	apply(&request, "k", 30 * MINUTE_MS, 30 * MINUTE_MS);
	expect(7, 2000, 300, 0);
}
END_TEST

START_TEST(usable_only_once_the_answer_began)
{
	struct request request = request_of((int64_t[]){2000, 1, 1}, (int64_t[]){300, 0, 0});

	apply(&request, "k", 0, 500);
	expect(2, 0, 2000, 0);
	apply(&request, "k", 499, 999);
	expect(2, 0, 2000, 0);
	apply(&request, "k", 500, 1000);
	expect(2, 2000, 0, 0);
}
END_TEST

START_TEST(a_changed_block_ends_the_prefix)
{
	struct request request = request_of((int64_t[]){2000, 300, 7}, (int64_t[]){300, 300, 0});

	apply(&request, "k", 0, 0);
	request.blocks.list[1].text = "something else";
	request.blocks.list[1].tokens = 4;
	apply(&request, "k", 1, 1);
	expect(7, 2000, 4, 0);
	request.prefix_salt = "a schema";
	apply(&request, "k", 2, 2);
	expect(7, 0, 2004, 0);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		written_once_then_read,
		short_prefixes_are_not_cached,
		hits_renew_the_lifetime,
		an_hour_and_five_minutes_are_told_apart,
		usable_only_once_the_answer_began,
		a_changed_block_ends_the_prefix,
	};
	return suite_run_between(setup, teardown, "sim_cache", tests, ARRAY_LEN(tests));
}
