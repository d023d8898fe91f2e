/* sse.h: server-sent events out of bytes that may be cut anywhere. */
#ifndef RUN_SSE_H
#define RUN_SSE_H

#include "base/buf.h"

/* A line longer than this ends the stream. */
#define SSE_LINE_MAX (1024 * 1024)

/* Called for each complete event; data is NUL-terminated and lives until the call returns. */
typedef void (*sse_event)(void *arg, const char *name, const char *data, size_t len);

struct sse;

struct sse *sse_new(struct arena *arena, sse_event event, void *arg);
/* false: a line or an event beyond SSE_LINE_MAX; nothing is taken in any more. An event that is
 * not closed by its blank line never happens. */
bool sse_feed(struct sse *sse, const char *bytes, size_t len) MUST_CHECK;

#endif
