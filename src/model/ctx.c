/* ctx.c: the caller's transactions, and the names of roles. */
#include "model/ctx.h"

#include "base/text.h"

static const char *const role_names[] = {
	[ROLE_NOBODY] = "nobody",
	[ROLE_VIEWER] = "viewer",
	[ROLE_MEMBER] = "member",
	[ROLE_OPERATOR] = "operator",
};

struct db_tx *ctx_tx(struct ctx *ctx)
{
	struct db_scope scope = {
		.account_id = ctx->access.account_id,
		.is_operator = ctx->access.role == ROLE_OPERATOR,
	};
	struct db_tx *tx = db_tx(ctx->arena, &scope);

	if (ctx->take)
		db_add(tx, SQL_SCOPE_DOWNLOAD);
	ctx_sign(ctx, tx);
	return tx;
}

void ctx_sign(struct ctx *ctx, struct db_tx *tx)
{
	const struct access *access = &ctx->access;

	if (ctx->origin)
		db_add(tx, SQL_AUDIT_ACTOR, access->name, access->token_id ?
		    role_name(access->role) : "cli", ctx->origin, access->token_id,
		    access->session_id);
}

const struct err *ctx_run(struct ctx *ctx, struct db_tx *tx)
{
	return db_run(ctx->db, tx);
}

const struct err *ctx_run_one(struct ctx *ctx, struct db_tx *tx, const struct db_rows *rows,
    const struct err *missing, struct doc *out)
{
	const struct err *err = ctx_run(ctx, tx);

	if (err)
		return err;
	if (db_count(rows) == 0)
		return missing;
	db_row_doc(rows, 0, out);
	return NULL;
}

const struct err *ctx_read_one(struct ctx *ctx, struct db_tx *tx, const struct db_rows *rows,
    const struct err *missing, struct doc *out)
{
	db_repeatable(tx);
	return ctx_run_one(ctx, tx, rows, missing, out);
}

const struct err *ctx_present(struct ctx *ctx, const struct err *err, enum sql sql,
    const char *id)
{
	struct doc *facts;
	struct err *full;
	struct db_tx *tx;

	if (!err || err->kind != ERR_CONFLICT)
		return err;
	facts = doc_object(ctx->arena);
	tx = ctx_tx(ctx);
	if (ctx_read_one(ctx, tx, db_add(tx, sql, id), err, doc_add_object(facts, "present")))
		return err;
	full = arena_alloc(ctx->arena, sizeof(*full));
	*full = *err;
	full->facts = facts;
	return full;
}

const char *role_name(enum role role)
{
	return (size_t)role < ARRAY_LEN(role_names) ? role_names[role] : role_names[ROLE_NOBODY];
}

enum role role_from_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(role_names); i++)
		if (text_equal(name, role_names[i]))
			return (enum role)i;
	return ROLE_NOBODY;
}
