/* json.c: what is read and written again is the same document, in both forms of writing. */
#include "fuzz.h"

#include "base/doc.h"

#define ROOM 2000 /* values, as for a body from outside */

/* A document may grow when it is written: a control character takes six bytes. */
static struct buf *written(struct arena *arena, const struct doc *doc, size_t size,
    void (*write)(const struct doc *doc, struct buf *buf))
{
	struct buf *buf = buf_new(arena, size * 6 + 64);

	write(doc, buf);
	HOLDS(!buf->failed);
	return buf;
}

FUZZ(json)
{
	struct arena *arena = arena_new();
	struct doc *doc, *again, *within;
	const struct err *err = doc_parse(arena, (const char *)data, size, &doc);
	const struct err *err_within = doc_parse_within(arena, (const char *)data, size, ROOM,
	    &within);

	HOLDS((err == NULL) == (doc != NULL));
	HOLDS(err == NULL || (err->kind == ERR_INVALID && err->sentence != NULL));
	HOLDS(err_within != NULL || err == NULL);
	if (err == NULL) {
		struct buf *plain = written(arena, doc, size, doc_write);
		struct buf *sorted = written(arena, doc, size, doc_write_canonical);
		struct buf *second;

		HOLDS(doc_parse(arena, plain->data, plain->len, &again) == NULL);
		second = written(arena, again, size, doc_write);
		HOLDS(strcmp(plain->data, second->data) == 0);
		second = written(arena, again, size, doc_write_canonical);
		HOLDS(strcmp(sorted->data, second->data) == 0);
		HOLDS(doc_parse(arena, sorted->data, sorted->len, &again) == NULL);
		second = written(arena, again, size, doc_write_canonical);
		HOLDS(strcmp(sorted->data, second->data) == 0);
	}
	arena_free(arena);
	return 0;
}
