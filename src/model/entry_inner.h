/* entry_inner.h: what reading entries and booking them share. */
#ifndef MODEL_ENTRY_INNER_H
#define MODEL_ENTRY_INNER_H

#include "model/entry.h"

#define ENTRY_WRONGS_MAX 50 /* of those found, so many are told */

/* One thing that is wrong with the entry at index `at`. */
struct entry_wrong {
	size_t at;
	size_t order; /* in which they were found */
	struct err_field field;
};

struct entry_batch {
	struct ctx *ctx;
	const char *account_id;
	size_t count;
	const char *places[ENTRY_COUNT_MAX];
	struct doc *lines[ENTRY_COUNT_MAX]; /* parameters of sql/entry.sql; NULL: it was wrong */
	size_t wrong_count;
	struct entry_wrong wrongs[ENTRY_WRONGS_MAX];
};

/* Notes that a field of the entry at index `at` is wrong; name NULL: the entry as a whole. */
void entry_complain(struct entry_batch *batch, size_t at, const char *name,
    const char *sentence);
/* The line that the entry says, ready for the database; what is wrong is complained of. */
struct doc *entry_read(struct entry_batch *batch, size_t at, const struct doc *entry);

#endif
