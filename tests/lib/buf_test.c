/* buf_test.c: growth up to the maximum, and what happens at it. */
#include "suite.h"

#include <string.h>

#include "base/buf.h"

static struct arena *arena;

START_TEST(appends_of_all_kinds)
{
	struct buf *buf = buf_new(arena, 1000);

	ck_assert_str_eq(buf->data, "");
	buf_text(buf, "one ");
	buf_char(buf, '2');
	buf_add(buf, "\0x", 2);
	buf_add(buf, NULL, 0);
	buf_printf(buf, "%s=%d", "n", 42);
	ck_assert_uint_eq(buf->len, 11);
	ck_assert_int_eq(memcmp(buf->data, "one 2\0xn=42", 12), 0);
	ck_assert(!buf->failed);
}
END_TEST

START_TEST(the_maximum_is_exact)
{
	struct buf *buf = buf_new(arena, 1000);

	for (int i = 0; i < 1000; i++)
		buf_char(buf, 'x');
	ck_assert(!buf->failed);
	ck_assert_uint_eq(buf->len, 1000);
	ck_assert_uint_eq(strlen(buf->data), 1000);
	buf_char(buf, 'x');
	ck_assert(buf->failed);
	ck_assert_uint_eq(buf->len, 1000);
}
END_TEST

START_TEST(a_failed_buffer_stays_as_it_is)
{
	struct buf *buf = buf_new(arena, 4);

	buf_text(buf, "abc");
	buf_text(buf, "de");
	ck_assert(buf->failed);
	buf_text(buf, "d");
	buf_printf(buf, "%s", "d");
	ck_assert_str_eq(buf->data, "abc");
	buf_reset(buf);
	ck_assert(!buf->failed);
	buf_printf(buf, "%d", 1234);
	ck_assert(!buf->failed);
	ck_assert_str_eq(buf->data, "1234");
	buf_printf(buf, "%d", 5);
	ck_assert(buf->failed);
	ck_assert_str_eq(buf->data, "1234");
}
END_TEST

START_TEST(an_empty_maximum_takes_nothing)
{
	struct buf *buf = buf_new(arena, 0);

	buf_text(buf, "");
	ck_assert(!buf->failed);
	buf_char(buf, 'x');
	ck_assert(buf->failed);
	ck_assert_str_eq(buf->data, "");
}
END_TEST

START_TEST(a_prefix_is_consumed)
{
	struct buf *buf = buf_new(arena, 10);

	buf_text(buf, "0123456789");
	buf_consume(buf, 4);
	ck_assert_str_eq(buf->data, "456789");
	buf_text(buf, "abcd");
	ck_assert_str_eq(buf->data, "456789abcd");
	buf_consume(buf, 100);
	ck_assert_str_eq(buf->data, "");
	ck_assert_uint_eq(buf->len, 0);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		appends_of_all_kinds,
		the_maximum_is_exact,
		a_failed_buffer_stays_as_it_is,
		an_empty_maximum_takes_nothing,
		a_prefix_is_consumed,
	};
	int result;

	arena = arena_new();
	result = suite_run("buf", tests, ARRAY_LEN(tests));
	arena_free(arena);
	return result;
}
