/* sse_test.c: event streams, each cut at every position, always give the same events. */
#include "suite.h"

#include <string.h>

#include "run/sse.h"

static struct arena *arena;
static struct buf *seen;

static void note(void *arg, const char *name, const char *data, size_t len)
{
	buf_printf(seen, "%s=%.*s|", name, (int)len, data);
}

static void setup(void)
{
	arena = arena_new();
	seen = buf_new(arena, 1 << 20);
}

static void teardown(void)
{
	arena_free(arena);
}

static const struct {
	const char *stream;
	const char *events;
} samples[] = {
	{"event: ping\ndata: {\"type\":\"ping\"}\n\n", "ping={\"type\":\"ping\"}|"},
	{"event: a\r\ndata: 1\r\n\r\nevent: b\r\ndata: 2\r\n\r\n", "a=1|b=2|"},
	{"event: a\rdata: 1\r\revent: b\rdata: 2\r\r", "a=1|b=2|"},
	{"data: one\ndata: two\n\n", "message=one\ntwo|"},
	{"data:no space\n\ndata:  two spaces\n\n", "message=no space|message= two spaces|"},
	{": a comment\n\nevent: a\n: another\ndata: 1\n\n", "a=1|"},
	{"id: 7\nretry: 10\nunknown: x\nevent: a\ndata: 1\n\n", "a=1|"},
	{"event: a\n\nevent: b\ndata: 1\n\n", "b=1|"},
	{"data\n\n", "message=|"},
	{"\xEF\xBB\xBF" "event: a\ndata: 1\n\n", "a=1|"},
	{"event: a\ndata: gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\x98\x80\n\n",
	    "a=gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\x98\x80|"},
	{"event: a\ndata: 1\n\nevent: b\ndata: 2\n", "a=1|"},
	{"event: a\ndata: 1\n\nevent: b\ndata: 2", "a=1|"},
	{"event: a\ndata: {\"x\": \"a: b\"}\n\n", "a={\"x\": \"a: b\"}|"},
	{"\n\n\nevent: a\ndata: 1\n\n\n\n", "a=1|"},
};

START_TEST(whole)
{
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		struct sse *sse = sse_new(arena, note, NULL);
		buf_reset(seen);
		ck_assert(sse_feed(sse, samples[i].stream, strlen(samples[i].stream)));
		ck_assert_str_eq(seen->data, samples[i].events);
	}
}
END_TEST

START_TEST(cut_once_at_every_position)
{
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		const char *stream = samples[i].stream;
		size_t len = strlen(stream);
		for (size_t cut = 0; cut <= len; cut++) {
			struct sse *sse = sse_new(arena, note, NULL);
			buf_reset(seen);
			ck_assert(sse_feed(sse, stream, cut));
			ck_assert(sse_feed(sse, stream + cut, len - cut));
			ck_assert_str_eq(seen->data, samples[i].events);
		}
	}
}
END_TEST

START_TEST(byte_by_byte)
{
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		struct sse *sse = sse_new(arena, note, NULL);
		buf_reset(seen);
		for (const char *byte = samples[i].stream; *byte; byte++)
			ck_assert(sse_feed(sse, byte, 1));
		ck_assert_str_eq(seen->data, samples[i].events);
	}
}
END_TEST

START_TEST(endless_line_is_refused)
{
	static char block[4096];
	struct sse *sse = sse_new(arena, note, NULL);
	size_t fed = 0;
	memset(block, 'x', sizeof(block));
	while (fed < 2 * SSE_LINE_MAX && sse_feed(sse, block, sizeof(block)))
		fed += sizeof(block);
	ck_assert_uint_le(fed, SSE_LINE_MAX);
	ck_assert(!sse_feed(sse, "\n\n", 2));
}
END_TEST

START_TEST(endless_event_is_refused)
{
	static char line[4096];
	struct sse *sse = sse_new(arena, note, NULL);
	size_t fed = 0;
	memset(line, 'x', sizeof(line));
	memcpy(line, "data: ", 6);
	line[sizeof(line) - 1] = '\n';
	while (fed < 2 * SSE_LINE_MAX && sse_feed(sse, line, sizeof(line)))
		fed += sizeof(line);
	ck_assert_uint_le(fed, SSE_LINE_MAX + sizeof(line));
	ck_assert_str_eq(seen->data, "");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {whole, cut_once_at_every_position, byte_by_byte,
		endless_line_is_refused, endless_event_is_refused};
	return suite_run_between(setup, teardown, "sse", tests, ARRAY_LEN(tests));
}
