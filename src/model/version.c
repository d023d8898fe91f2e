/* version.c: prompt versions: lists, one, the latest, a change of status. */
#include "model/version.h"

#include "base/text.h"
#include "model/list.h"

const char *const version_statuses[] = {"draft", "final", "deployed", "archived", NULL};

static const struct err *version_missing(struct ctx *ctx)
{
	return err_new(ctx->arena, ERR_MISSING, "There is no such prompt version.");
}

const struct err *version_gone(struct ctx *ctx, const char *pruned_at)
{
	return err_new(ctx->arena, ERR_GONE, "The texts of this version were dropped on %.10s; its "
	    "SHA-256 and its score remain.", pruned_at);
}

const struct err *version_list(struct ctx *ctx, const struct version_filter *filter,
    struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *rows = db_add(tx, SQL_VERSION_LIST, filter->account_id, filter->assistant,
	    filter->run, filter->status, filter->cursor, list_limit_param(ctx, filter->limit));

	return list_read(ctx, tx, &(struct list){rows, filter->limit, "prompt_versions"}, out);
}

const struct err *version_get(struct ctx *ctx, const char *id, struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);

	if (!text_is_uuid(id))
		return version_missing(ctx);
	return ctx_read_one(ctx, tx, db_add(tx, SQL_VERSION_GET, id), version_missing(ctx), out);
}

const struct err *version_latest(struct ctx *ctx, const char *account_id, const char *assistant,
    struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *rows = db_add(tx, SQL_VERSION_LATEST, account_id, assistant);

	return ctx_read_one(ctx, tx, rows, version_missing(ctx), out);
}

const struct err *version_set_status(struct ctx *ctx, const char *id, const char *status,
    struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *changed, *found;
	const struct err *err;

	if (!text_is_uuid(id))
		return version_missing(ctx);
	changed = db_add(tx, SQL_VERSION_SET_STATUS, id, status);
	found = db_add(tx, SQL_VERSION_GET, id);
	err = ctx_run(ctx, tx);
	if (err)
		return err;
	if (db_count(found) == 0)
		return version_missing(ctx);
	if (db_count(changed) == 0 && !text_equal(db_text(found, 0, "status"), status))
		return version_gone(ctx, db_text(found, 0, "pruned_at"));
	if (db_count(changed) == 0)
		return err_new(ctx->arena, ERR_CONFLICT, "The version is %s already.", status);
	db_row_doc(found, 0, out);
	return NULL;
}
