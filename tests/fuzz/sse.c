/* sse.c: the events of a stream are the same however its bytes are cut. */
#include "fuzz.h"

#include "run/sse.h"

#define EVENTS_MAX (8u << 20)

static void on_event(void *arg, const char *name, const char *data, size_t len)
{
	struct buf *events = arg;

	HOLDS(strlen(data) == len && name[0] != '\0');
	HOLDS(strpbrk(name, "\r\n") == NULL && strchr(data, '\r') == NULL);
	buf_printf(events, "%s\n%zu\n%s\n", name, len, data);
}

/* Feeds the stream in pieces of the given sizes in turn; step 0: in one. */
static struct buf *feed(struct arena *arena, const uint8_t *data, size_t size, size_t step)
{
	struct buf *events = buf_new(arena, EVENTS_MAX);
	struct sse *sse = sse_new(arena, on_event, events);
	size_t piece = step == 0 ? size : step;

	for (size_t at = 0; at < size; at += piece) {
		size_t left = size - at;
		char *copy = arena_strndup(arena, (const char *)data + at,
		    left < piece ? left : piece);

		HOLDS(sse_feed(sse, copy, left < piece ? left : piece));
	}
	return events;
}

FUZZ(sse)
{
	struct arena *arena = arena_new();
	struct buf *whole = feed(arena, data, size, 0);

	for (size_t step = 1; step <= 3; step++)
		HOLDS(strcmp(whole->data, feed(arena, data, size, step)->data) == 0);
	if (size > 1)
		HOLDS(strcmp(whole->data, feed(arena, data, size, size / 2)->data) == 0);
	arena_free(arena);
	return 0;
}
