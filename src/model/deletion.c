/* deletion.c: accounts are deleted; the work itself is done by functions of the database. */
#include "model/deletion.h"

#include "base/text.h"

const struct err *deletion_outlook(struct ctx *ctx, const char *ref, struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);
	bool is_id = text_is_uuid(ref);

	return ctx_read_one(ctx, tx, db_add(tx, SQL_DELETION_OUTLOOK, is_id ? ref : NULL,
	    is_id ? NULL : ref), err_new(ctx->arena, ERR_MISSING, "There is no account \"%s\".",
	    text_cut(ctx->arena, ref, 64)), out);
}

const struct err *deletion_begin(struct ctx *ctx, const char *ref, const char *typed,
    bool keeps_name)
{
	struct doc *account = doc_object(ctx->arena);
	const struct err *err = deletion_outlook(ctx, ref, account);
	struct db_tx *tx;

	if (err)
		return err;
	if (!text_equal(typed, doc_text(account, "slug")))
		return err_of_field(ctx->arena, "slug", arena_printf(ctx->arena,
		    "Type the slug of the account, %s, to delete it.", doc_text(account, "slug")));
	tx = ctx_tx(ctx);
	db_add(tx, SQL_DELETION_BEGIN, doc_text(account, "id"), ctx->access.name,
	    keeps_name ? "true" : "false");
	return ctx_run(ctx, tx);
}

const struct err *deletion_get(struct ctx *ctx, const char *ref, struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);
	bool is_id = text_is_uuid(ref);

	return ctx_read_one(ctx, tx, db_add(tx, SQL_DELETION_GET, is_id ? ref : NULL,
	    is_id ? NULL : ref), err_new(ctx->arena, ERR_MISSING,
	    "No account \"%s\" has been deleted.", text_cut(ctx->arena, ref, 64)), out);
}
