/* buf.c: the growing byte buffer; it doubles until its maximum. */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUF_FIRST_CAP 256

static void buf_release(void *object)
{
	struct buf *buf = object;

	free(buf->data);
	buf->data = NULL;
}

/* Gives the storage `cap` bytes. */
static void buf_resize(struct buf *buf, size_t cap)
{
	char *data = realloc(buf->data, cap);

	if (data == NULL)
		arena_out_of_memory(cap);
	buf->data = data;
	buf->cap = cap;
}

struct buf *buf_new(struct arena *arena, size_t max)
{
	struct buf *buf = arena_alloc(arena, sizeof(*buf));

	if (max > SIZE_MAX / 4)
		max = SIZE_MAX / 4; /* doubling must not overflow */
	buf->max = max;
	buf_resize(buf, max < BUF_FIRST_CAP ? max + 1 : BUF_FIRST_CAP);
	buf->data[0] = '\0';
	arena_on_reset(arena, buf_release, buf);
	return buf;
}

/* Makes room for `more` bytes and the NUL, or fails for good. */
static bool buf_reserve(struct buf *buf, size_t more)
{
	size_t cap = buf->cap;

	if (buf->failed || more > buf->max - buf->len) {
		buf->failed = true;
		return false;
	}
	while (cap <= buf->len + more)
		cap *= 2;
	if (cap > buf->max + 1)
		cap = buf->max + 1;
	if (cap > buf->cap)
		buf_resize(buf, cap);
	return true;
}

void buf_add(struct buf *buf, const void *bytes, size_t len)
{
	if (len == 0 || !buf_reserve(buf, len))
		return;
	memcpy(buf->data + buf->len, bytes, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void buf_text(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void buf_char(struct buf *buf, char c)
{
	buf_add(buf, &c, 1);
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0)
		buf->failed = true;
	else if (buf_reserve(buf, (size_t)len)) {
		va_start(args, format);
		vsnprintf(buf->data + buf->len, (size_t)len + 1, format, args);
		va_end(args);
		buf->len += (size_t)len;
	}
}

void buf_consume(struct buf *buf, size_t len)
{
	if (len > buf->len)
		len = buf->len;
	buf->len -= len;
	memmove(buf->data, buf->data + len, buf->len + 1);
}

void buf_reset(struct buf *buf)
{
	buf->len = 0;
	buf->failed = false;
	buf->data[0] = '\0';
}
