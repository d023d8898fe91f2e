/* session.c: who asks; the tables behind it are reached through functions of the database only. */
#include "model/session.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/text.h"
#include "base/token.h"

#define V6_NETWORK_BYTES 8 /* of 16: one line of a provider has a /64 */

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
	ctx->access.token_id = column(ctx, rows, "token_id");
}

/* Whose failures count together. */
static const char *network_of(struct ctx *ctx, const char *address)
{
	static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
	unsigned char bytes[sizeof(struct in6_addr)];
	char text[INET6_ADDRSTRLEN];

	if (inet_pton(AF_INET, address, bytes) == 1)
		return inet_ntop(AF_INET, bytes, text, sizeof(text)) == NULL ? "unknown" :
		    arena_strdup(ctx->arena, text);
	if (inet_pton(AF_INET6, address, bytes) != 1)
		return "unknown";
	if (memcmp(bytes, mapped, sizeof(mapped)) == 0)
		return inet_ntop(AF_INET, bytes + sizeof(mapped), text, sizeof(text)) == NULL ?
		    "unknown" : arena_strdup(ctx->arena, text);
	memset(bytes + V6_NETWORK_BYTES, 0, sizeof(bytes) - V6_NETWORK_BYTES);
	return inet_ntop(AF_INET6, bytes, text, sizeof(text)) == NULL ? "unknown" :
	    arena_printf(ctx->arena, "%s/64", text);
}

static const char *idle_param(struct ctx *ctx)
{
	return db_int_param(ctx->arena, conf_int(ctx->conf, "PROMPTBUILDER_SESSION_IDLE_MS"));
}

static const char *age_param(struct ctx *ctx)
{
	return db_int_param(ctx->arena, conf_int(ctx->conf, "PROMPTBUILDER_SESSION_AGE_MS"));
}

static const struct err *must_wait(struct ctx *ctx, int wait_s)
{
	struct err *err = arena_alloc(ctx->arena, sizeof(*err));

	*err = (struct err){.kind = ERR_LIMIT, .retry_after_s = wait_s,
	    .sentence = arena_printf(ctx->arena, "Too many sign-ins from your network have failed. "
	    "Wait %d second%s, then try again.", wait_s, wait_s == 1 ? "" : "s")};
	return err;
}

const struct err *session_open(struct ctx *ctx, const char *slug, const char *token,
    const struct client *client, const char **id)
{
	const char *secret = token_new(ctx->arena, "");
	const char *hash = token_hash(ctx->arena, secret);
	const char *csrf = token_new(ctx->arena, "");
	struct db_tx *tx = nobody_tx(ctx);
	struct db_rows *rows = db_add(tx, SQL_SESSION_OPEN, slug, token_hash(ctx->arena, token),
	    hash, csrf, client->address, network_of(ctx, client->address), client->agent,
	    idle_param(ctx), age_param(ctx));
	const struct err *err = ctx_run(ctx, tx);

	if (err != NULL)
		return err;
	if (db_count(rows) == 0)
		return err_new(ctx->arena, ERR_LOGIN, "Account and token do not match.");
	if (db_int(rows, 0, "wait_s") > 0)
		return must_wait(ctx, (int)db_int(rows, 0, "wait_s"));
	access_fill(ctx, rows);
	ctx->access.session_id = column(ctx, rows, "session_id");
	ctx->access.session_hash = hash;
	ctx->access.csrf = csrf;
	*id = secret;
	return NULL;
}

struct session_look session_look_cookie(struct ctx *ctx, const char *id, const char *address)
{
	struct session_look look = {.tx = db_tx_unscoped(ctx->arena),
	    .hash = token_hash(ctx->arena, id)};

	db_repeatable(look.tx);
	look.rows = db_add(look.tx, SQL_SESSION_FIND, look.hash, address, idle_param(ctx),
	    age_param(ctx));
	return look;
}

struct session_look session_look_bearer(struct ctx *ctx, const char *token, const char *address)
{
	struct session_look look = {.tx = db_tx_unscoped(ctx->arena)};

	db_repeatable(look.tx);
	look.rows = db_add(look.tx, SQL_SESSION_BEARER, token_hash(ctx->arena, token), address);
	return look;
}

const struct err *session_found(struct ctx *ctx, const struct session_look *look)
{
	const struct err *err = ctx_run(ctx, look->tx);

	if (err != NULL)
		return err;
	access_fill(ctx, look->rows);
	if (look->hash != NULL && ctx->access.role != ROLE_NOBODY) {
		ctx->access.session_hash = look->hash;
		ctx->access.session_id = column(ctx, look->rows, "session_id");
		ctx->access.csrf = column(ctx, look->rows, "csrf");
	}
	return NULL;
}

const struct err *session_find(struct ctx *ctx, const char *id, const char *address)
{
	struct session_look session = session_look_cookie(ctx, id, address);

	return session_found(ctx, &session);
}

const struct err *session_end(struct ctx *ctx, const char *session_hash)
{
	struct db_tx *tx = nobody_tx(ctx);

	db_repeatable(tx);
	ctx_sign(ctx, tx);
	db_add(tx, SQL_SESSION_END, session_hash);
	return ctx_run(ctx, tx);
}

const struct err *session_list(struct ctx *ctx, struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *rows = db_add(tx, SQL_TOKEN_SESSIONS, ctx->access.token_id,
	    ctx->access.session_id, idle_param(ctx), age_param(ctx));
	const struct err *err;

	db_repeatable(tx);
	err = ctx_run(ctx, tx);
	if (err == NULL)
		db_rows_doc(rows, doc_add_array(out, "sessions"));
	return err;
}

const struct err *session_end_one(struct ctx *ctx, const char *id, bool *is_own)
{
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *ended;
	const struct err *err;

	if (!text_is_uuid(id))
		return err_new(ctx->arena, ERR_MISSING, "There is no such session.");
	ended = db_add(tx, SQL_TOKEN_SESSION_END, ctx->access.token_id, id);
	err = ctx_run(ctx, tx);
	if (err == NULL && db_count(ended) == 0)
		err = err_new(ctx->arena, ERR_MISSING, "There is no such session.");
	*is_own = text_equal(id, ctx->access.session_id);
	return err;
}

const struct err *session_end_others(struct ctx *ctx, int64_t *count)
{
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *ended = db_add(tx, SQL_TOKEN_SESSIONS_END, ctx->access.token_id,
	    ctx->access.session_id);
	const struct err *err = ctx_run(ctx, tx);

	if (err == NULL)
		*count = (int64_t)db_count(ended);
	return err;
}

const struct err *session_safe(struct ctx *ctx)
{
	struct db_tx *tx = nobody_tx(ctx);
	struct db_rows *rows;
	const struct err *err;

	db_repeatable(tx);
	rows = db_add(tx, SQL_SESSION_SAFE);
	err = ctx_run(ctx, tx);
	if (err != NULL || db_count(rows) == 0 || db_text(rows, 0, "fault") == NULL)
		return err;
	return err_new(ctx->arena, ERR_DENIED, "the database role %s %s, so it could see every "
	    "account: take that from it; \"promptbuilder doctor\" tells more",
	    db_text(rows, 0, "role"), db_text(rows, 0, "fault"));
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
