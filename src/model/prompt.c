/* prompt.c: who asks for a prompt, and what the environment has, in one transaction. */
#include "model/prompt.h"

#include "base/text.h"

static const char *column(struct ctx *ctx, const struct db_rows *rows, const char *name)
{
	const char *value = db_text(rows, 0, name);

	return value ? arena_strdup(ctx->arena, value) : NULL;
}

static void asker_fill(struct ctx *ctx, const struct db_rows *rows, int64_t *left_ms)
{
	ctx->access = (struct access){.role = ROLE_NOBODY};
	if (db_count(rows) == 0)
		return;
	ctx->access = (struct access){
		.role = role_from_name(db_text(rows, 0, "role")),
		.account_id = column(ctx, rows, "account_id"),
		.account_slug = column(ctx, rows, "account_slug"),
		.account_name = column(ctx, rows, "account_name"),
		.name = column(ctx, rows, "name"),
		.token_id = column(ctx, rows, "token_id"),
	};
	*left_ms = db_text(rows, 0, "left_ms") ? db_int(rows, 0, "left_ms") : -1;
}

const struct err *prompt_read(struct ctx *ctx, const struct prompt_ask *ask,
    int64_t *left_ms, struct doc *out)
{
	struct db_tx *tx = db_tx_unscoped(ctx->arena);
	bool is_id = ask->account && text_is_uuid(ask->account);
	struct db_rows *asker, *found;
	const struct err *err;

	db_repeatable(tx);
	asker = db_add(tx, SQL_PROMPT_ASKER, ask->token_hash, ask->remote);
	found = db_add(tx, SQL_PROMPT_GET, text_is_uuid(ask->assistant) ? ask->assistant : NULL,
	    ask->assistant, is_id ? ask->account : NULL, is_id ? NULL : ask->account,
	    ask->environment);
	err = ctx_run(ctx, tx);
	if (err)
		return err;
	asker_fill(ctx, asker, left_ms);
	if (ctx->access.role != ROLE_NOBODY && db_count(found) > 0)
		db_row_doc(found, 0, out);
	return NULL;
}
