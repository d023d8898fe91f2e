/* list.c: lists that page by key. */
#include "model/list.h"

const char *list_limit_param(struct ctx *ctx, int64_t limit)
{
	if (limit == LIST_ROWS_ALL)
		return NULL;
	return db_int_param(ctx->arena, ctx->take ? limit : limit + 1);
}

void list_stream(const struct ctx *ctx, struct db_rows *rows)
{
	if (ctx->take)
		db_stream(rows, ctx->take, ctx->take_arg);
}

void list_fill(const struct db_rows *rows, int64_t limit, struct doc *out, const char *name)
{
	struct doc *list = doc_add_array(out, name);
	size_t shown = db_count(rows) > (size_t)limit ? (size_t)limit : db_count(rows);

	for (size_t row = 0; row < shown; row++)
		db_row_doc(rows, row, doc_push_object(list));
	doc_set_text(out, "next_cursor",
	    db_count(rows) > shown ? db_text(rows, shown - 1, "id") : NULL);
}

const struct err *list_read(struct ctx *ctx, struct db_tx *tx, const struct list *list,
    struct doc *out)
{
	const struct err *err;

	list_stream(ctx, list->rows);
	db_repeatable(tx);
	err = ctx_run(ctx, tx);
	if (!err)
		list_fill(list->rows, list->limit, out, list->name);
	return err;
}
