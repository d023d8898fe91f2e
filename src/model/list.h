/* list.h: lists that page by key: one row more is asked for than is shown. */
#ifndef MODEL_LIST_H
#define MODEL_LIST_H

#include "model/ctx.h"

#define LIST_ROWS_MAX 200
#define LIST_ROWS_PRESET 50
#define LIST_ROWS_ALL 0 /* a limit: there is none */

/* In a download the rows of this statement go to ctx->take and not into the document. */
void list_stream(const struct ctx *ctx, struct db_rows *rows);
/* Rows to ask for so that list_fill can tell whether more follow. */
const char *list_limit_param(struct ctx *ctx, int64_t limit);
/* Runs a transaction that only reads; rows are a list of its document, or go to ctx->take. */
struct list {
	struct db_rows *rows;
	int64_t limit;
	const char *name;
};
const struct err *list_read(struct ctx *ctx, struct db_tx *tx, const struct list *list,
    struct doc *out) MUST_CHECK;
/* Puts at most limit rows under name, and next_cursor: the id of the last one when more follow,
 * null otherwise. */
void list_fill(const struct db_rows *rows, int64_t limit, struct doc *out, const char *name);

#endif
