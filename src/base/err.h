/* err.h: errors are values: NULL is fine, else a kind and a sentence for the user.
 *
 * Detail (SQLSTATE, errno, paths) goes to the log where it is known, not into the sentence. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/arena.h"

enum err_kind {
	ERR_INVALID,  /* the input is wrong; `fields` says where */
	ERR_LOGIN,    /* not signed in */
	ERR_DENIED,   /* signed in, not allowed */
	ERR_MISSING,  /* no such object, or not yours */
	ERR_GONE,     /* it was here, and its texts have been dropped */
	ERR_CONFLICT, /* the object's present state forbids it */
	ERR_LIMIT,    /* too much, too often, too large */
	ERR_BUDGET,   /* nothing is left to spend; `facts` has the figures */
	ERR_UPSTREAM, /* the model provider failed */
	ERR_DOWN,     /* the database or another part of ours is away */
	ERR_BUG,      /* our own fault */
	ERR_KIND_COUNT
};

/* One field that is wrong. name is a form field or a JSON pointer ("/briefing/company"). */
struct err_field {
	const char *name;
	const char *sentence;
	struct err_field *next;
};

struct doc;

struct err {
	enum err_kind kind;
	const char *sentence;
	const struct err_field *fields; /* of ERR_INVALID and ERR_CONFLICT; may be NULL */
	const struct doc *facts;        /* what else a problem document says, or NULL */
	int retry_after_s;              /* of ERR_LIMIT: when it may be tried again; 0: soon */
};

/* The sentence is formatted into the arena. */
const struct err *err_new(struct arena *arena, enum err_kind kind, const char *format, ...)
    PRINTF_LIKE(3, 4) MUST_CHECK;
/* ERR_INVALID of one field, whose sentence is that of the whole. */
const struct err *err_of_field(struct arena *arena, const char *name, const char *sentence)
    MUST_CHECK;
const char *err_kind_name(enum err_kind kind);

#endif
