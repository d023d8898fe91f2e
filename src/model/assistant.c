/* assistant.c: assistants: create, find, list. */
#include "model/assistant.h"

#include "base/text.h"
#include "model/list.h"
#include "model/registry.h"

static const struct err *assistant_missing(struct ctx *ctx, const char *ref)
{
	return err_new(ctx->arena, ERR_MISSING, "There is no assistant \"%s\".",
	    text_cut(ctx->arena, ref, 64));
}

const struct err *assistant_list(struct ctx *ctx, const char *account_id, const char *cursor,
    int64_t limit, struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *rows = db_add(tx, SQL_ASSISTANT_LIST, account_id, cursor,
	    list_limit_param(ctx, limit));

	return list_read(ctx, tx, &(struct list){rows, limit, "assistants"}, out);
}

static const struct err *assistant_read(struct ctx *ctx, const char *account_id,
    const char *ref, struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *rows = db_add(tx, SQL_ASSISTANT_GET, account_id,
	    text_is_uuid(ref) ? ref : NULL, ref);

	return ctx_read_one(ctx, tx, rows, assistant_missing(ctx, ref), out);
}

const struct err *assistant_get(struct ctx *ctx, const char *account_id, const char *ref,
    struct doc *out)
{
	const struct err *err = assistant_read(ctx, account_id, ref, out), *adopting;

	if (!err || err->kind != ERR_MISSING)
		return err;
	adopting = registry_adopt_assistant(ctx, account_id, ref);
	return adopting ? adopting : assistant_read(ctx, account_id, ref, out);
}

/* Adds the assistant unless it is there, then reads it; *is_new tells which. */
static const struct err *assistant_add(struct ctx *ctx, const struct assistant_new *assistant,
    struct doc *out, bool *is_new)
{
	const char *name = assistant->name ? assistant->name : assistant->external_id;
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *added = db_add(tx, SQL_ASSISTANT_ADD, assistant->account_id,
	    assistant->external_id, name);
	struct db_rows *found = db_add(tx, SQL_ASSISTANT_GET, assistant->account_id, NULL,
	    assistant->external_id);
	const struct err *err = ctx_run_one(ctx, tx, found,
	    assistant_missing(ctx, assistant->external_id), out);

	*is_new = !err && db_count(added) == 1;
	return err;
}

const struct err *assistant_create(struct ctx *ctx, const struct assistant_new *assistant,
    struct doc *out)
{
	bool is_new = false;
	const struct err *err = assistant_add(ctx, assistant, out, &is_new);

	if (!err && !is_new)
		err = err_new(ctx->arena, ERR_CONFLICT,
		    "The account has an assistant \"%s\" already.", assistant->external_id);
	return err;
}

const struct err *assistant_get_or_create(struct ctx *ctx, const struct assistant_new *assistant,
    struct doc *out)
{
	bool is_new;

	return assistant_add(ctx, assistant, out, &is_new);
}
