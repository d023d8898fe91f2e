/* clock_test.c: clocks run forward; ids have the plan's form and do not repeat. */
#include "suite.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"

START_TEST(clocks_run_forward)
{
	int64_t before = clock_ms();
	int64_t wall = clock_wall_ms();

	ck_assert_int_gt(before, 0);
	ck_assert_int_ge(clock_ms(), before);
	ck_assert_int_le(llabs((long long)(wall / 1000 - time(NULL))), 1);
}
END_TEST

START_TEST(id_has_prefix_time_and_chance)
{
	struct arena *arena = arena_new();
	int64_t before = clock_wall_ms();
	const char *id = clock_id(arena, "pipeline");
	const char *digits = id + strlen("pipeline_");
	char stamp[16] = "";

	ck_assert_int_eq(strncmp(id, "pipeline_", 9), 0);
	ck_assert_uint_eq(strlen(digits), 14);
	ck_assert_uint_eq(strspn(digits, "0123456789abcdefghijklmnopqrstuvwxyz"), 14);
	memcpy(stamp, digits, 8);
	ck_assert_int_ge(strtoll(stamp, NULL, 36), before);
	ck_assert_int_le(strtoll(stamp, NULL, 36), clock_wall_ms());
	arena_free(arena);
}
END_TEST

START_TEST(ids_differ)
{
	struct arena *arena = arena_new();
	const char *ids[200];

	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		ids[i] = clock_id(arena, "briefing");
		for (size_t j = 0; j < i; j++)
			ck_assert_str_ne(ids[i], ids[j]);
	}
	arena_free(arena);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {clocks_run_forward, id_has_prefix_time_and_chance, ids_differ};

	return suite_run("clock", tests, ARRAY_LEN(tests));
}
