/* sse.c: a byte-wise reader of event streams: lines end in LF, CR or CRLF. */
#include "run/sse.h"

#include <string.h>

#include "base/text.h"

struct sse {
	sse_event event;
	void *arg;
	struct buf *line;
	struct buf *name;
	struct buf *data;
	bool has_data;  /* a data line came, even an empty one */
	bool after_cr;  /* a LF that follows belongs to the line's end */
	bool is_inside; /* the first line, which may begin with a byte order mark, has passed */
	bool is_over;   /* too long: nothing is taken in any more */
};

struct sse *sse_new(struct arena *arena, sse_event event, void *arg)
{
	struct sse *sse = arena_alloc(arena, sizeof(*sse));
	sse->event = event;
	sse->arg = arg;
	sse->line = buf_new(arena, SSE_LINE_MAX);
	sse->name = buf_new(arena, SSE_LINE_MAX);
	sse->data = buf_new(arena, SSE_LINE_MAX);
	return sse;
}

static void dispatch(struct sse *sse)
{
	if (sse->has_data)
		sse->event(sse->arg, sse->name->len ? sse->name->data : "message", sse->data->data,
		    sse->data->len);
	buf_reset(sse->name);
	buf_reset(sse->data);
	sse->has_data = false;
}

static void take_field(struct sse *sse, const char *field, const char *value)
{
	if (text_equal(field, "event")) {
		buf_reset(sse->name);
		buf_text(sse->name, value);
	} else if (text_equal(field, "data")) {
		if (sse->has_data)
			buf_char(sse->data, '\n');
		buf_text(sse->data, value);
		sse->has_data = true;
	}
}

static void take_line(struct sse *sse)
{
	char *line = sse->line->data;
	if (!sse->is_inside && text_starts_with(line, "\xEF\xBB\xBF"))
		line += 3;
	sse->is_inside = true;
	if (*line == '\0') {
		dispatch(sse);
	} else if (*line != ':') {
		char *colon = strchr(line, ':');
		const char *value = "";
		if (colon) {
			*colon = '\0';
			value = colon[1] == ' ' ? colon + 2 : colon + 1;
		}
		take_field(sse, line, value);
	}
	buf_reset(sse->line);
}

static void take_byte(struct sse *sse, char byte)
{
	bool ends = byte == '\r' || (byte == '\n' && !sse->after_cr);
	if (ends)
		take_line(sse);
	else if (byte != '\n')
		buf_char(sse->line, byte);
	sse->after_cr = byte == '\r';
}

bool sse_feed(struct sse *sse, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len && !sse->is_over; i++) {
		take_byte(sse, bytes[i]);
		sse->is_over = sse->line->failed || sse->data->failed;
	}
	return !sse->is_over;
}
