/* session.c: who asks; the tables behind it are reached through functions of the database only. */
#include "model/session.h"

#include "base/text.h"
#include "base/token.h"

/* Rows of these statements belong to nobody yet: no account, no operator. */
static struct db_tx *nobody_tx(struct ctx *ctx)
{
	return db_tx(ctx->arena, NULL);
}

static const char *column(struct ctx *ctx, const struct db_rows *rows, const char *name)
{
	const char *value = db_text(rows, 0, name);

	return value == NULL ? NULL : arena_strdup(ctx->arena, value);
}

static void access_fill(struct ctx *ctx, const struct db_rows *rows)
{
	ctx->access = (struct access){.role = ROLE_NOBODY};
	if (db_count(rows) == 0)
		return;
	ctx->access.role = role_from_name(db_text(rows, 0, "role"));
	ctx->access.account_id = column(ctx, rows, "account_id");
	ctx->access.account_slug = column(ctx, rows, "account_slug");
	ctx->access.account_name = column(ctx, rows, "account_name");
	ctx->access.name = column(ctx, rows, "name");
}

const struct err *session_open(struct ctx *ctx, const char *slug, const char *token,
    const char **id)
{
	const char *secret = token_new(ctx->arena, "");
	const char *hash = token_hash(ctx->arena, secret);
	const char *csrf = token_new(ctx->arena, "");
	struct db_tx *tx = nobody_tx(ctx);
	struct db_rows *rows = db_add(tx, SQL_SESSION_OPEN, slug, token_hash(ctx->arena, token),
	    hash, csrf);
	const struct err *err = ctx_run(ctx, tx);

	if (err != NULL)
		return err;
	if (db_count(rows) == 0)
		return err_new(ctx->arena, ERR_LOGIN, "Account and token do not match.");
	access_fill(ctx, rows);
	ctx->access.session_hash = hash;
	ctx->access.csrf = csrf;
	*id = secret;
	return NULL;
}

static struct session_look look_begin(struct ctx *ctx, enum sql sql, const char *hash)
{
	struct db_tx *tx = db_tx_unscoped(ctx->arena);

	db_repeatable(tx);
	return (struct session_look){.tx = tx, .rows = db_add(tx, sql, hash)};
}

struct session_look session_look_cookie(struct ctx *ctx, const char *id)
{
	const char *hash = token_hash(ctx->arena, id);
	struct session_look session = look_begin(ctx, SQL_SESSION_FIND, hash);

	session.hash = hash;
	return session;
}

struct session_look session_look_bearer(struct ctx *ctx, const char *token)
{
	return look_begin(ctx, SQL_SESSION_BEARER, token_hash(ctx->arena, token));
}

const struct err *session_found(struct ctx *ctx, const struct session_look *look)
{
	const struct err *err = ctx_run(ctx, look->tx);

	if (err != NULL)
		return err;
	access_fill(ctx, look->rows);
	if (look->hash != NULL && ctx->access.role != ROLE_NOBODY) {
		ctx->access.session_hash = look->hash;
		ctx->access.csrf = column(ctx, look->rows, "csrf");
	}
	return NULL;
}

const struct err *session_find(struct ctx *ctx, const char *id)
{
	struct session_look session = session_look_cookie(ctx, id);

	return session_found(ctx, &session);
}

const struct err *session_end(struct ctx *ctx, const char *session_hash)
{
	struct db_tx *tx = nobody_tx(ctx);

	db_repeatable(tx);
	db_add(tx, SQL_SESSION_END, session_hash);
	return ctx_run(ctx, tx);
}

const struct err *session_ready(struct ctx *ctx, int64_t *runners)
{
	struct db_tx *tx = nobody_tx(ctx);
	struct db_rows *rows;
	const struct err *err;

	db_repeatable(tx);
	rows = db_add(tx, SQL_SESSION_READY);
	err = ctx_run(ctx, tx);
	if (err == NULL)
		*runners = db_int(rows, 0, "runners");
	return err;
}
