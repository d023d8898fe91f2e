/* version.c: prompt versions: lists, one, the latest, moves of their status, approvals, notes. */
#include "model/version.h"

#include "base/text.h"
#include "model/list.h"

const char *const version_statuses[] = {"draft", "final", "deployed", "archived", NULL};

const struct err *version_missing(struct ctx *ctx)
{
	return err_new(ctx->arena, ERR_MISSING, "There is no such prompt version.");
}

const struct err *version_gone(struct ctx *ctx, const char *pruned_at)
{
	return err_new(ctx->arena, ERR_GONE, "The texts of this version were dropped on %.10s; its "
	    "SHA-256 and its score remain.", pruned_at);
}

static const char *uuid_or_null(const char *ref)
{
	return ref && text_is_uuid(ref) ? ref : NULL;
}

const struct err *version_list(struct ctx *ctx, const struct version_filter *filter,
    struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);
	/* Row security alone would do; the account named in the statement leads to its index. */
	const char *account_id = filter->account_id ? filter->account_id : ctx->access.account_id;
	struct db_rows *rows;

	db_add(tx, SQL_RUN_PLAN_ONCE);
	rows = db_add(tx, SQL_VERSION_LIST, account_id, filter->assistant,
	    uuid_or_null(filter->assistant), uuid_or_null(filter->run), filter->run,
	    filter->status, filter->cursor, list_limit_param(ctx, filter->limit));
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

const struct err *version_change(struct ctx *ctx, struct db_tx *tx, const char *id,
    struct doc *out)
{
	struct db_rows *found = db_add(tx, SQL_VERSION_GET, id);
	const struct err *err = ctx_run_one(ctx, tx, found, version_missing(ctx), out);

	return ctx_present(ctx, err, SQL_VERSION_PRESENT, id);
}

const struct err *version_move(struct ctx *ctx, const char *id, const struct version_move *move,
    struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);

	if (!text_is_uuid(id))
		return version_missing(ctx);
	db_add(tx, SQL_VERSION_MOVE, id, move->status,
	    move->revision > 0 ? db_int_param(ctx->arena, move->revision) : NULL);
	return version_change(ctx, tx, id, out);
}

const struct err *version_approve(struct ctx *ctx, const char *id, struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);

	if (!text_is_uuid(id))
		return version_missing(ctx);
	db_add(tx, SQL_VERSION_APPROVE, id);
	return version_change(ctx, tx, id, out);
}

const struct err *version_note_list(struct ctx *ctx, const char *id, const char *cursor,
    int64_t limit, struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *head, *notes;
	const struct err *err;

	if (!text_is_uuid(id))
		return version_missing(ctx);
	head = db_add(tx, SQL_VERSION_NOTE_HEAD, id);
	notes = db_add(tx, SQL_VERSION_NOTE_LIST, id, cursor, list_limit_param(ctx, limit));
	err = list_read(ctx, tx, &(struct list){notes, limit, "notes"}, out);
	if (!err && db_count(head) == 0)
		err = version_missing(ctx);
	if (!err)
		db_row_doc(head, 0, doc_add_object(out, "prompt_version"));
	return err;
}

const struct err *version_note_add(struct ctx *ctx, const char *id, const char *note,
    struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);

	if (!text_is_uuid(id))
		return version_missing(ctx);
	return ctx_run_one(ctx, tx, db_add(tx, SQL_VERSION_NOTE_ADD, id, note),
	    version_missing(ctx), out);
}
