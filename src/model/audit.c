/* audit.c: reads the log of acts. */
#include "model/audit.h"

#include "model/list.h"

const struct err *audit_list(struct ctx *ctx, const struct audit_filter *filter, struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *actions = db_add(tx, SQL_AUDIT_ACTION_LIST);
	struct db_rows *rows = db_add(tx, SQL_AUDIT_LIST, filter->account_id, filter->actor,
	    filter->action, filter->from, filter->until, filter->object, filter->cursor,
	    list_limit_param(ctx, filter->limit));
	const struct list list = {rows, filter->limit, "entries"};
	const struct err *err = list_read(ctx, tx, &list, out);

	if (!err)
		db_rows_doc(actions, doc_add_array(out, "actions"));
	return err;
}
