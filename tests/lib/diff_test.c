/* diff_test.c: the difference of two texts is right whatever they are, short where that is
 * affordable, and done in time. */
#include "suite.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/diff.h"
#include "diff_check.h"

#define MEGABYTE (1u << 20)
#define WITHIN_MS 1000
#define SLOW_MS 1000 /* a machine or a checker that gets shorter texts */

static struct arena *arena;

/* Of this process: others on the machine do not count. */
static int64_t busy_ms(void)
{
	struct timespec now;
	ck_assert_int_eq(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now), 0);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void setup(void)
{
	arena = arena_new();
}

static void teardown(void)
{
	arena_free(arena);
}

/* The same numbers in each run: a failure comes back. */
static uint32_t dice(uint32_t sides)
{
	static uint64_t state = 42;
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(state >> 33) % sides;
}

static size_t kept_of(const char *old, const char *new)
{
	bool is_coarse;
	size_t kept = diff_check(old, strlen(old), new, strlen(new), &is_coarse);
	ck_assert(!is_coarse);
	return kept;
}

START_TEST(small_texts)
{
	ck_assert_uint_eq(kept_of("", ""), 0);
	ck_assert_uint_eq(kept_of("", "a\n"), 0);
	ck_assert_uint_eq(kept_of("a\n", ""), 0);
	ck_assert_uint_eq(kept_of("a\nb\nc\n", "a\nb\nc\n"), 3);
	ck_assert_uint_eq(kept_of("a\nb\nc\n", "a\nc\n"), 2);
	ck_assert_uint_eq(kept_of("a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n"), 4);
	/* The end of the last line is part of it, and so is a CR. */
	ck_assert_uint_eq(kept_of("a\nb", "a\nb\n"), 1);
	ck_assert_uint_eq(kept_of("a\r\nb\r\n", "a\nb\n"), 0);
	ck_assert_uint_eq(kept_of("\n\n\n\n", "\n\n"), 2);
	ck_assert_uint_eq(kept_of("grün\n日本語\n👩‍👩‍👧\n", "grün\n日本\n👩‍👩‍👧\n"), 2);
}
END_TEST

/* The longest common part by the table that everybody trusts. */
static size_t longest(const char *old, size_t old_len, const char *new, size_t new_len)
{
	size_t table[65][65] = {{0}};
	for (size_t i = 1; i <= old_len; i++) {
		for (size_t j = 1; j <= new_len; j++) {
			size_t up = table[i - 1][j], left = table[i][j - 1];
			table[i][j] = old[i - 1] == new[j - 1] ? table[i - 1][j - 1] + 1 :
			    up > left ? up : left;
		}
	}
	return table[old_len][new_len];
}

/* A line for each letter of a word. */
static char *lines_of(const char *word, size_t len)
{
	char *text = arena_alloc(arena, 2 * len + 1);
	for (size_t i = 0; i < len; i++) {
		text[2 * i] = word[i];
		text[2 * i + 1] = '\n';
	}
	return text;
}

START_TEST(random_differences_are_shortest)
{
	for (int round = 0; round < 5000; round++) {
		char words[2][64];
		size_t lens[2];
		uint32_t letters = 1 + dice(5);
		for (int side = 0; side < 2; side++) {
			lens[side] = dice(64);
			for (size_t i = 0; i < lens[side]; i++)
				words[side][i] = (char)('a' + dice(letters));
		}
		ck_assert_uint_eq(kept_of(lines_of(words[0], lens[0]), lines_of(words[1], lens[1])),
		    longest(words[0], lens[0], words[1], lens[1]));
		arena_reset(arena);
	}
}
END_TEST

/* Pieces that lines and words are split at, and some that look as if. */
static const char *const shards[] = {"\n", "\r\n", "\r", " ", "\t", "a", "word", "ü", "é",
	"\xe2\x80\xa8", "👍", "日", "<", "&", "\"", "0", "_", "\n\n\n", "x\n", ""};

static struct buf *random_text(size_t count)
{
	struct buf *text = buf_new(arena, MEGABYTE);
	for (size_t i = 0; i < count; i++)
		buf_text(text, shards[dice(ARRAY_LEN(shards))]);
	return text;
}

/* Some stretches of a text are left out, others put in. */
static struct buf *edited(const struct buf *text)
{
	struct buf *out = buf_new(arena, 2 * MEGABYTE);
	for (size_t at = 0; at < text->len;) {
		size_t size = 1 + dice(40);
		if (size > text->len - at)
			size = text->len - at;
		if (dice(5) > 0)
			buf_add(out, text->data + at, size);
		if (dice(5) == 0)
			buf_text(out, shards[dice(ARRAY_LEN(shards))]);
		at += size;
	}
	return out;
}

START_TEST(hunks_lead_from_old_to_new)
{
	for (int round = 0; round < 500; round++) {
		struct buf *old = random_text(dice(400));
		struct buf *new = dice(4) > 0 ? edited(old) : random_text(dice(400));
		bool is_coarse;
		(void)diff_check(old->data, old->len, new->data, new->len, &is_coarse);
		ck_assert(!is_coarse);
		diff_check_words(old->data, old->len, new->data, new->len);
		arena_reset(arena);
	}
}
END_TEST

START_TEST(hunks_have_their_context)
{
	struct diff diff = {.is_coarse = false};
	struct diff_hunk *hunks;
	int64_t effort = DIFF_EFFORT;
	const char *old = lines_of("abcdefghijklmnopqrst", 20);
	const char *new = lines_of("abcXefghijkYmnopqrst", 20);
	diff_lines(arena, old, strlen(old), &diff.old);
	diff_lines(arena, new, strlen(new), &diff.new);
	diff_compare(&diff, &effort);
	ck_assert_uint_eq(diff_hunks(arena, &diff, 0, &hunks), 2);
	ck_assert(hunks[1].old_from == 11 && hunks[1].old_count == 1 && hunks[1].new_count == 1);
	ck_assert_uint_eq(diff_hunks(arena, &diff, 3, &hunks), 2);
	ck_assert(hunks[0].old_from == 0 && hunks[0].old_count == 7);
	ck_assert(hunks[1].old_from == 8 && hunks[1].old_count == 7);
	ck_assert_uint_eq(diff_hunks(arena, &diff, 4, &hunks), 1);
	ck_assert(hunks[0].old_from == 0 && hunks[0].old_count == 16);
	ck_assert_uint_eq(diff_hunks(arena, &diff, SIZE_MAX, &hunks), 1);
	ck_assert_uint_eq(hunks[0].new_count, 20);
}
END_TEST

/* ---- Texts of a megabyte that are made to take long. ---- */

enum { DISTINCT, SAME_LINES, TWO_LINES, SHUFFLED, REVERSED, NEWLINES, ONE_LINE, LIKE_HEADS, SHAPES };

static void shape_line(struct buf *text, int shape, size_t line, size_t lines, int side)
{
	if (shape == DISTINCT)
		buf_printf(text, "%c%zx\n", side ? 'n' : 'o', line);
	else if (shape == SAME_LINES)
		buf_text(text, dice(3) ? "same\n" : "other\n");
	else if (shape == TWO_LINES)
		buf_text(text, dice(2) ? "a\n" : "b\n");
	else if (shape == SHUFFLED)
		buf_printf(text, "%zx\n", side ? (line * 7919) % lines : line);
	else if (shape == REVERSED)
		buf_printf(text, "%zx\n", side ? lines - line : line);
	else if (shape == NEWLINES)
		buf_text(text, side && dice(1000) == 0 ? " \n" : "\n");
	else if (shape == ONE_LINE)
		buf_printf(text, "%s ", dice(2) ? "so" : "no");
	else
		buf_printf(text, "%0200x\n", dice(100000));
}

static int by_number(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
	return (left > right) - (left < right);
}

/* What sorting a million numbers takes here: under a checker of memory everything takes longer. */
static int64_t machine_ms(void)
{
	uint32_t *numbers = arena_alloc(arena, MEGABYTE * sizeof(*numbers));
	for (size_t i = 0; i < MEGABYTE; i++)
		numbers[i] = dice(UINT32_MAX);
	int64_t begun_ms = busy_ms();
	qsort(numbers, MEGABYTE, sizeof(*numbers), by_number);
	return busy_ms() - begun_ms;
}

START_TEST(a_megabyte_is_done_in_time)
{
	struct buf *texts[2];
	int64_t sort_ms = machine_ms();
	int64_t within_ms = 8 * sort_ms > WITHIN_MS ? 8 * sort_ms : WITHIN_MS;
	size_t size = sort_ms > SLOW_MS ? MEGABYTE / 16 : MEGABYTE;
	for (int side = 0; side < 2; side++) {
		texts[side] = buf_new(arena, MEGABYTE + 1000);
		for (size_t line = 0; texts[side]->len < size; line++)
			shape_line(texts[side], _i, line, size / 6, side);
	}
	struct diff diff = {.is_coarse = false};
	int64_t effort = DIFF_EFFORT, begun_ms = busy_ms();
	diff_lines(arena, texts[0]->data, texts[0]->len, &diff.old);
	diff_lines(arena, texts[1]->data, texts[1]->len, &diff.new);
	diff_compare(&diff, &effort);
	int64_t lines_ms = busy_ms() - begun_ms;
	ck_assert_int_lt(lines_ms, within_ms);
	diff_check_kept(&diff);
	if (_i == DISTINCT || _i == NEWLINES || _i == ONE_LINE)
		ck_assert(!diff.is_coarse);
	if (size == MEGABYTE && (_i == TWO_LINES || _i == REVERSED))
		ck_assert(diff.is_coarse);

	struct diff words = {.is_coarse = false};
	effort = DIFF_EFFORT;
	begun_ms = busy_ms();
	diff_words(arena, texts[0]->data, texts[0]->len, &words.old);
	diff_words(arena, texts[1]->data, texts[1]->len, &words.new);
	diff_compare(&words, &effort);
	ck_assert_int_lt(busy_ms() - begun_ms, 2 * within_ms);
	diff_check_kept(&words);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("diff");
	TCase *tcase = tcase_create("diff");
	SRunner *runner = srunner_create(suite);
	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, small_texts);
	tcase_add_test(tcase, random_differences_are_shortest);
	tcase_add_test(tcase, hunks_lead_from_old_to_new);
	tcase_add_test(tcase, hunks_have_their_context);
	tcase_add_loop_test(tcase, a_megabyte_is_done_in_time, 0, SHAPES);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
