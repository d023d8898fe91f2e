/* registry_adopt.c: what the registry's files tell becomes rows when who may asks for it. */
#include "model/registry_inner.h"

#include "base/log.h"
#include "base/text.h"
#include "model/account.h"

#define ADOPTED_MAX 1000 /* assistants that come with their account; the others come one by one */

/* A transaction whose changes are the asker's, also where reading is all that was asked for. */
static struct db_tx *adopting_tx(const struct ctx *ctx)
{
	struct ctx changing = *ctx;

	changing.origin = ctx->asker != NULL ? ctx->asker : ctx->origin;
	return ctx_tx(&changing);
}

static void assistant_add(struct db_tx *tx, const char *account_id,
    const struct registry_assistant *assistant)
{
	db_add(tx, SQL_REGISTRY_ASSISTANT_ADD, account_id, assistant->external_id,
	    assistant->name, assistant->settings);
}

static const struct err *assistants_adopt(struct ctx *ctx, const struct registry *registry,
    const struct registry_account *account, const char *account_id)
{
	struct db_tx *tx = adopting_tx(ctx);

	for (size_t i = 0; i < account->count && i < ADOPTED_MAX; i++) {
		struct registry_assistant assistant;

		if (registry_assistant(registry, ctx->arena, &account->assistants[i],
		    &assistant) == NULL)
			assistant_add(tx, account_id, &assistant);
	}
	return ctx_run(ctx, tx);
}

static const struct err *account_adopt(struct ctx *ctx, const struct registry *registry,
    const struct registry_account *account, bool *is_adopted)
{
	struct db_tx *tx = adopting_tx(ctx);
	struct db_rows *rows = db_add(tx, SQL_REGISTRY_ACCOUNT_ADD, account->slug, account->name,
	    account->settings);
	const struct err *err = ctx_run(ctx, tx);

	if (err != NULL)
		return err;
	*is_adopted = true;
	if (db_count(rows) == 0) /* somebody else was quicker, or it was deleted */
		return NULL;
	log_info("an account was adopted from the registry", "account", account->slug, "by",
	    ctx->access.name != NULL ? ctx->access.name : "an operator");
	return assistants_adopt(ctx, registry, account, db_text(rows, 0, "id"));
}

const struct err *registry_adopt(struct ctx *ctx, const char *slug, bool *is_adopted)
{
	struct registry_account account;
	struct registry *registry = NULL;

	*is_adopted = false;
	if (ctx->access.role != ROLE_OPERATOR || !account_slug_is_good(slug))
		return NULL;
	registry_configured(ctx->arena, ctx->conf, &registry);
	if (registry == NULL || registry_account(registry, ctx->arena, slug, &account) != NULL)
		return NULL;
	return account_adopt(ctx, registry, &account, is_adopted);
}

const struct err *registry_adopt_assistant(struct ctx *ctx, const char *account_id,
    const char *external_id)
{
	struct registry *registry = NULL;
	const struct registry_place *place;
	struct registry_account account;
	struct registry_assistant assistant;
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *missing;
	const struct err *err;

	if ((int)ctx->access.role < (int)ROLE_MEMBER)
		return NULL;
	registry_configured(ctx->arena, ctx->conf, &registry);
	if (registry == NULL)
		return NULL;
	missing = db_add(tx, SQL_REGISTRY_ASSISTANT_MISSING, account_id, external_id);
	db_repeatable(tx);
	err = ctx_run(ctx, tx);
	if (err != NULL || db_count(missing) == 0 || registry_account(registry, ctx->arena,
	    db_text(missing, 0, "slug"), &account) != NULL)
		return err;
	place = registry_find(&account, external_id);
	if (place == NULL || registry_assistant(registry, ctx->arena, place, &assistant) != NULL)
		return NULL;
	tx = adopting_tx(ctx);
	assistant_add(tx, account_id, &assistant);
	return ctx_run(ctx, tx);
}
