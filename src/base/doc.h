/* doc.h: documents: what a handler returns, an API client sends, and the provider says.
 *
 * The one place of json-c. A root is released by a hook of its arena; a child belongs to its
 * parent from birth. Text given in is copied; text handed out lives as long as its document.
 * Reading is strict: a getter succeeds only on exactly its type; JSON null counts as absent.
 * Numbers that are money are exact decimal text. */
#ifndef BASE_DOC_H
#define BASE_DOC_H

#include "base/buf.h"
#include "base/err.h"

struct doc; /* any JSON value */

enum doc_type { DOC_NULL, DOC_BOOL, DOC_INT, DOC_NUMBER, DOC_TEXT, DOC_ARRAY, DOC_OBJECT };

/* Building. */
struct doc *doc_object(struct arena *arena);
struct doc *doc_array(struct arena *arena);
struct doc *doc_add_object(struct doc *object, const char *name);
struct doc *doc_add_array(struct doc *object, const char *name);
void doc_set_text(struct doc *object, const char *name, const char *text); /* NULL: null */
void doc_set_int(struct doc *object, const char *name, int64_t value);
void doc_set_bool(struct doc *object, const char *name, bool value);
void doc_set_null(struct doc *object, const char *name);
/* A JSON number printed exactly as this decimal text ("0.3697"). */
void doc_set_number(struct doc *object, const char *name, const char *decimal);
/* Shares value (its own root or part of another document) under object. */
void doc_set(struct doc *object, const char *name, struct doc *value);
struct doc *doc_push_object(struct doc *array);
struct doc *doc_push_array(struct doc *array);
void doc_push_text(struct doc *array, const char *text);
void doc_push_int(struct doc *array, int64_t value);
void doc_push_bool(struct doc *array, bool value);
void doc_push_null(struct doc *array);
void doc_push_number(struct doc *array, const char *decimal);
void doc_push(struct doc *array, struct doc *value);
void doc_remove(struct doc *object, const char *name);

/* Reading. */
enum doc_type doc_type(const struct doc *doc); /* NULL gives DOC_NULL */
struct doc *doc_get(const struct doc *object, const char *name); /* NULL: absent or null */
bool doc_has(const struct doc *object, const char *name); /* true for a null, too */
const char *doc_text(const struct doc *object, const char *name); /* NULL: absent or not text */
bool doc_int(const struct doc *object, const char *name, int64_t *value);
bool doc_bool(const struct doc *object, const char *name, bool *value);
/* Text of a scalar itself: text as it is, numbers as decimal text, "1"/"0" for booleans;
 * NULL for null, arrays and objects. */
const char *doc_scalar(const struct doc *doc);
size_t doc_count(const struct doc *array_or_object);
struct doc *doc_at(const struct doc *array, size_t index);
/* Calls visit for every member of an object, in order of insertion. */
void doc_each(const struct doc *object,
    void (*visit)(void *arg, const char *name, struct doc *value), void *arg);

/* Strict JSON: valid UTF-8, no NUL in text, depth at most 16, no repeated key, no trailing bytes,
 * an object or array at the top. json may be NULL when len is 0. The error is ERR_INVALID with a
 * sentence and an offset. */
const struct err *doc_parse(struct arena *arena, const char *json, size_t len, struct doc **out)
    MUST_CHECK;
/* The same for what strangers send: at most room values, an object or array counting for ten, so
 * that a short text does not take much memory. */
const struct err *doc_parse_within(struct arena *arena, const char *json, size_t len, size_t room,
    struct doc **out) MUST_CHECK;
void doc_write(const struct doc *doc, struct buf *buf);
/* Canonical form (sorted keys, no spaces): what hashes are made of. */
void doc_write_canonical(const struct doc *doc, struct buf *buf);

#endif
