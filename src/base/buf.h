/* buf.h: a growing byte buffer, born with its maximum.
 *
 * Invariants: data is NUL-terminated at len; len <= max; once an append did not fit, `failed`
 * stays true and later appends change nothing, so a writer tests once, at the end. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/arena.h"

struct buf {
	char *data;
	size_t len;
	size_t cap;
	size_t max;
	bool failed;
};

/* A buffer on the heap whose storage is released by a hook of the arena. */
struct buf *buf_new(struct arena *arena, size_t max);
void buf_add(struct buf *buf, const void *bytes, size_t len);
void buf_text(struct buf *buf, const char *text);
void buf_char(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
/* Drops the first len bytes (a consumed prefix). */
void buf_consume(struct buf *buf, size_t len);
/* Empties the buffer and clears `failed`. */
void buf_reset(struct buf *buf);

#endif
