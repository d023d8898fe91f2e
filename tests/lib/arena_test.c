/* arena_test.c: zeroed, aligned memory, hooks in order, and nothing left behind. */
#include "suite.h"

#include <stdalign.h>
#include <string.h>

#include "base/arena.h"

START_TEST(memory_is_zeroed_and_aligned)
{
	struct arena *arena = arena_new();

	for (size_t size = 0; size < 3000; size += 7) {
		unsigned char *memory = arena_alloc(arena, size);

		ck_assert_uint_eq((uintptr_t)memory % alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			ck_assert_uint_eq(memory[i], 0);
		if (size > 0)
			memset(memory, 0xff, size);
	}
	arena_free(arena);
}
END_TEST

START_TEST(memory_is_zeroed_again_after_reset)
{
	struct arena *arena = arena_new();

	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 50; i++) {
			unsigned char *memory = arena_alloc(arena, 1000);

			ck_assert_uint_eq(memory[0], 0);
			ck_assert_uint_eq(memory[999], 0);
			memset(memory, 0xff, 1000);
		}
		arena_reset(arena);
	}
	arena_free(arena);
}
END_TEST

START_TEST(large_and_small_objects_do_not_overlap)
{
	struct arena *arena = arena_new();
	char *small = arena_strdup(arena, "small");
	char *large = arena_alloc(arena, 1000000);
	char *next;

	memset(large, 'x', 1000000);
	next = arena_strdup(arena, "next");
	memset(large, 'y', 1000000);
	ck_assert_str_eq(small, "small");
	ck_assert_str_eq(next, "next");
	arena_free(arena);
}
END_TEST

START_TEST(text_is_copied_and_formatted)
{
	struct arena *arena = arena_new();
	char source[] = "abcdef";
	char *copy = arena_strdup(arena, source);
	char *part = arena_strndup(arena, source, 3);

	source[0] = 'X';
	ck_assert_str_eq(copy, "abcdef");
	ck_assert_str_eq(part, "abc");
	ck_assert_str_eq(arena_strndup(arena, "", 0), "");
	ck_assert_str_eq(arena_printf(arena, "%d-%s", 7, "seven"), "7-seven");
	ck_assert_uint_eq(strlen(arena_printf(arena, "%50000s", "")), 50000);
	arena_free(arena);
}
END_TEST

static char hooks_seen[8];

static void hook_note(void *object)
{
	strncat(hooks_seen, object, 1);
}

START_TEST(hooks_run_once_and_latest_first)
{
	struct arena *arena = arena_new();

	hooks_seen[0] = '\0';
	arena_on_reset(arena, hook_note, (char[]){"a"});
	arena_on_reset(arena, hook_note, (char[]){"b"});
	arena_reset(arena);
	ck_assert_str_eq(hooks_seen, "ba");
	arena_on_reset(arena, hook_note, (char[]){"c"});
	arena_free(arena);
	ck_assert_str_eq(hooks_seen, "bac");
	arena_free(NULL);
}
END_TEST

/* The first block is kept, so what it held can be looked at. */
START_TEST(secrets_are_overwritten)
{
	struct arena *arena = arena_new();

#ifndef __SANITIZE_ADDRESS__ /* there an object is a block of its own, and gone */
	const volatile char *place = arena_strdup(arena, "a secret");

	arena_reset(arena);
	ck_assert_int_eq(place[3], 'e');
	place = arena_strdup(arena, "a secret");
	arena_wipe(arena);
	arena_reset(arena);
	for (int i = 0; i < 8; i++)
		ck_assert_int_eq(place[i], 0);
	place = arena_strdup(arena, "a secret");
	arena_reset(arena);
	ck_assert_int_eq(place[3], 'e');
#endif
	arena_free(arena);
}
END_TEST

START_TEST(out_of_memory_aborts)
{
	arena_alloc(arena_new(), SIZE_MAX - 100);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		memory_is_zeroed_and_aligned,
		memory_is_zeroed_again_after_reset,
		large_and_small_objects_do_not_overlap,
		text_is_copied_and_formatted,
		hooks_run_once_and_latest_first,
		secrets_are_overwritten,
	};
	int result = suite_run("arena", tests, ARRAY_LEN(tests));
	Suite *suite = suite_create("arena_abort");
	TCase *tcase = tcase_create("abort");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_add_test_raise_signal(tcase, out_of_memory_aborts, 6);
	/* Without forking, as under valgrind, the abort would be this program's own. */
	if (srunner_fork_status(runner) == CK_FORK)
		srunner_run_all(runner, CK_ENV);
	result |= srunner_ntests_failed(runner) > 0;
	srunner_free(runner);
	return result;
}
