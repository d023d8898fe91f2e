/* delivery.c: reads the outbox, and has an event sent again. */
#include "model/delivery.h"

#include "base/text.h"
#include "model/list.h"

const char *const delivery_states[] = {"pending", "delivered", "failed", NULL};

static const struct err *delivery_missing(struct ctx *ctx)
{
	return err_new(ctx->arena, ERR_MISSING, "There is no such event.");
}

const struct err *delivery_list(struct ctx *ctx, const struct delivery_filter *filter,
    struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);
	const char *account_id = filter->account_id ? filter->account_id : ctx->access.account_id;
	struct db_rows *rows;

	db_add(tx, SQL_RUN_PLAN_ONCE);
	rows = db_add(tx, SQL_DELIVERY_LIST, account_id, filter->state, filter->cursor,
	    list_limit_param(ctx, filter->limit));
	return list_read(ctx, tx, &(struct list){rows, filter->limit, "deliveries"}, out);
}

const struct err *delivery_get(struct ctx *ctx, const char *id, struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);

	if (!text_is_uuid(id))
		return delivery_missing(ctx);
	return ctx_read_one(ctx, tx, db_add(tx, SQL_DELIVERY_GET, id), delivery_missing(ctx), out);
}

const struct err *delivery_resend(struct ctx *ctx, const char *id, struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);

	if (!text_is_uuid(id))
		return delivery_missing(ctx);
	db_add(tx, SQL_DELIVERY_RESEND, id);
	return ctx_run_one(ctx, tx, db_add(tx, SQL_DELIVERY_GET, id), delivery_missing(ctx), out);
}
