/* account.c: accounts: create, find, list. */
#include "model/account.h"

#include "base/text.h"
#include "model/list.h"
#include "model/registry.h"

static const struct err *account_missing(struct ctx *ctx, const char *ref)
{
	return err_new(ctx->arena, ERR_MISSING, "There is no account \"%s\".",
	    text_cut(ctx->arena, ref, 64));
}

const struct err *account_list(struct ctx *ctx, const char *cursor, int64_t limit,
    struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *rows = db_add(tx, SQL_ACCOUNT_LIST, cursor, list_limit_param(ctx, limit));

	return list_read(ctx, tx, &(struct list){rows, limit, "accounts"}, out);
}

static const struct err *account_read(struct ctx *ctx, const char *ref, struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);
	bool is_id = text_is_uuid(ref);
	struct db_rows *rows = db_add(tx, SQL_ACCOUNT_GET, is_id ? ref : NULL, is_id ? NULL : ref);

	return ctx_read_one(ctx, tx, rows, account_missing(ctx, ref), out);
}

const struct err *account_get(struct ctx *ctx, const char *ref, struct doc *out)
{
	const struct err *err = account_read(ctx, ref, out), *adopting;
	bool is_adopted = false;

	if (!err || err->kind != ERR_MISSING)
		return err;
	adopting = registry_adopt(ctx, ref, &is_adopted);
	if (adopting)
		return adopting;
	return is_adopted ? account_read(ctx, ref, out) : err;
}

const struct err *account_id_of(struct ctx *ctx, const char *ref, const char **id)
{
	const struct access *access = &ctx->access;
	struct doc *account;
	const struct err *err;

	*id = access->account_id;
	if (!ref || (access->account_id && (text_equal(ref, access->account_id) ||
	    text_equal(ref, access->account_slug))))
		return NULL;
	account = doc_object(ctx->arena);
	err = account_get(ctx, ref, account);
	*id = doc_text(account, "id");
	return err;
}

/* "operator" is how operators sign in. */
bool account_slug_is_good(const char *slug)
{
	return text_is_slug(slug) && !text_is_uuid(slug) && !text_equal(slug, "operator");
}

static const struct err *slug_check(struct ctx *ctx, const char *slug)
{
	if (!account_slug_is_good(slug))
		return err_new(ctx->arena, ERR_INVALID,
		    "A slug is 1 to 64 of a-z, 0-9, '-' and '_', the first a letter or digit, and "
		    "neither an id nor \"operator\".");
	return NULL;
}

/* Adds the account unless its slug is taken, then reads it; *is_new tells which. */
static const struct err *account_add(struct ctx *ctx, const char *slug, const char *name,
    struct doc *out, bool *is_new)
{
	struct db_tx *tx = ctx_tx(ctx);
	const struct err *err = slug_check(ctx, slug);
	struct db_rows *added, *found;

	if (err)
		return err;
	added = db_add(tx, SQL_ACCOUNT_ADD, slug, name);
	found = db_add(tx, SQL_ACCOUNT_GET, NULL, slug);
	err = ctx_run_one(ctx, tx, found, account_missing(ctx, slug), out);
	*is_new = !err && db_count(added) == 1;
	return err;
}

const struct err *account_create(struct ctx *ctx, const char *slug, const char *name,
    struct doc *out)
{
	bool is_new = false;
	const struct err *err = account_add(ctx, slug, name, out, &is_new);

	if (!err && !is_new)
		err = err_new(ctx->arena, ERR_CONFLICT, "The slug \"%s\" is taken.", slug);
	return err;
}

const struct err *account_get_or_create(struct ctx *ctx, const char *slug, const char *name,
    struct doc *out)
{
	bool is_new;

	return account_add(ctx, slug, name, out, &is_new);
}
