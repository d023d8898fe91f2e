/* token.c: named tokens: made, listed, revoked. */
#include "model/token.h"

#include "base/text.h"
#include "base/token.h"
#include "model/list.h"

#define PREFIX_CHARS 8 /* shown: "pbm_" and 24 of 256 random bits */

const char *const token_roles[] = {"viewer", "member", "operator", NULL};

static const struct err *token_missing(struct ctx *ctx)
{
	return err_new(ctx->arena, ERR_MISSING, "There is no such token.");
}

/* What a token looks like says what it may do. */
static const char *secret_new(struct ctx *ctx, const char *role)
{
	static const char *const prefixes[] = {
		[ROLE_NOBODY] = "", [ROLE_VIEWER] = "pbv_", [ROLE_MEMBER] = "pbm_",
		[ROLE_OPERATOR] = "pbo_",
	};

	return token_new(ctx->arena, prefixes[role_from_name(role)]);
}

static const struct err *role_check(struct ctx *ctx, const char *role)
{
	if ((int)role_from_name(role) <= (int)ctx->access.role)
		return NULL;
	return err_new(ctx->arena, ERR_DENIED, "The role %s is above your own, %s.", role,
	    role_name(ctx->access.role));
}

static const struct err *wanted_check(struct ctx *ctx, const struct token_wanted *wanted)
{
	bool is_operator = text_equal(wanted->role, "operator");

	if (is_operator && wanted->account_id != NULL)
		return err_of_field(ctx->arena, "accountId",
		    "An operator belongs to no account: leave the account empty.");
	if (!is_operator && wanted->account_id == NULL)
		return err_of_field(ctx->arena, "accountId",
		    "Say whose token it is: the slug or id of an account.");
	return role_check(ctx, wanted->role);
}

static const struct err *token_store(struct ctx *ctx, const struct token_wanted *wanted,
    const char *secret, const char *prefix, struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *rows = db_add(tx, SQL_TOKEN_ADD, wanted->account_id, wanted->role,
	    wanted->name, token_hash(ctx->arena, secret), prefix, ctx->access.name,
	    wanted->days > 0 ? db_int_param(ctx->arena, wanted->days) : NULL);
	const struct err *err = ctx_run(ctx, tx);

	if (err != NULL)
		return err;
	if (db_count(rows) == 0)
		return err_new(ctx->arena, ERR_CONFLICT,
		    "This token is known already, or was revoked: make a new one.");
	return token_get(ctx, db_text(rows, 0, "id"), out);
}

const struct err *token_make(struct ctx *ctx, const struct token_wanted *wanted,
    const char **secret, struct doc *out)
{
	const struct err *err = wanted_check(ctx, wanted);

	if (err != NULL)
		return err;
	*secret = secret_new(ctx, wanted->role);
	return token_store(ctx, wanted, *secret,
	    arena_strndup(ctx->arena, *secret, PREFIX_CHARS), out);
}

const struct err *token_take(struct ctx *ctx, const struct token_wanted *wanted,
    const char *secret, struct doc *out)
{
	const struct err *err = wanted_check(ctx, wanted);
	const char *weakness = token_weakness(ctx->arena, secret);

	if (err == NULL && weakness != NULL)
		err = err_new(ctx->arena, ERR_INVALID, "%s", weakness);
	return err != NULL ? err : token_store(ctx, wanted, secret, NULL, out);
}

const struct err *token_list(struct ctx *ctx, const struct token_filter *filter, struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *rows = db_add(tx, SQL_TOKEN_LIST, filter->account_id, filter->cursor,
	    filter->is_all ? "true" : "false", list_limit_param(ctx, filter->limit));

	return list_read(ctx, tx, &(struct list){rows, filter->limit, "tokens"}, out);
}

const struct err *token_get(struct ctx *ctx, const char *id, struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);

	if (!text_is_uuid(id))
		return token_missing(ctx);
	return ctx_read_one(ctx, tx, db_add(tx, SQL_TOKEN_GET, id), token_missing(ctx), out);
}

const struct err *token_revoke(struct ctx *ctx, const char *id, struct doc *out)
{
	struct doc *before = doc_object(ctx->arena);
	const struct err *err = token_get(ctx, id, before);
	struct db_rows *revoked;
	struct db_tx *tx;

	if (err == NULL)
		err = role_check(ctx, doc_text(before, "role"));
	if (err != NULL)
		return err;
	tx = ctx_tx(ctx);
	revoked = db_add(tx, SQL_TOKEN_REVOKE, id, ctx->access.name);
	err = ctx_run(ctx, tx);
	if (err == NULL && db_count(revoked) == 0)
		err = err_new(ctx->arena, ERR_CONFLICT, "The token was revoked before.");
	return err != NULL ? err : token_get(ctx, id, out);
}
