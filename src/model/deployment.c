/* deployment.c: environments: what they serve, changes of it, its history, an account's rules. */
#include "model/deployment.h"

#include <string.h>

#include "base/text.h"
#include "model/list.h"
#include "model/version.h"

#define ENVIRONMENTS_MAX 10
#define ENVIRONMENT_CHARS_MAX 32
#define ARRAY_BYTES_MAX 4096

static const struct err *assistant_missing(struct ctx *ctx)
{
	return err_new(ctx->arena, ERR_MISSING, "There is no such assistant.");
}

static void change_add(struct db_tx *tx, enum sql sql, const char *id,
    const struct deployment_change *change)
{
	db_add(tx, sql, id, change->environment, change->reason, change->replaces,
	    change->is_checked ? "true" : "false");
}

const struct err *deployment_deploy(struct ctx *ctx, const char *id,
    const struct deployment_change *change, struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);

	if (!text_is_uuid(id))
		return version_missing(ctx);
	change_add(tx, SQL_DEPLOYMENT_DEPLOY, id, change);
	return version_change(ctx, tx, id, out);
}

const struct err *deployment_withdraw(struct ctx *ctx, const char *id,
    const struct deployment_change *change, struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *found;
	const struct err *err;

	if (!text_is_uuid(id))
		return assistant_missing(ctx);
	change_add(tx, SQL_DEPLOYMENT_WITHDRAW, id, change);
	found = db_add(tx, SQL_DEPLOYMENT_ASSISTANT, NULL, id, NULL);
	err = ctx_run_one(ctx, tx, found, assistant_missing(ctx), out);
	return ctx_present(ctx, err, SQL_DEPLOYMENT_PRESENT, id);
}

/* The rest of an assistant that is there. */
static const struct err *history_read(struct ctx *ctx, const struct deployment_filter *filter,
    const char *account_id, struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);
	const char *id = doc_text(out, "id");
	struct db_rows *versions = NULL, *events;
	const struct err *err;

	db_add(tx, SQL_RUN_PLAN_ONCE);
	if (!ctx->take)
		versions = db_add(tx, SQL_DEPLOYMENT_VERSIONS, account_id, id);
	events = db_add(tx, SQL_DEPLOYMENT_EVENT_LIST, account_id, id, filter->cursor,
	    list_limit_param(ctx, filter->limit));
	err = list_read(ctx, tx, &(struct list){events, filter->limit, "events"}, out);
	if (!err && versions)
		db_rows_doc(versions, doc_add_array(out, "prompt_versions"));
	return err;
}

const struct err *deployment_get(struct ctx *ctx, const struct deployment_filter *filter,
    struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);
	bool is_id = text_is_uuid(filter->assistant);
	struct db_rows *rows = db_add(tx, SQL_DEPLOYMENT_ASSISTANT, filter->account_id,
	    is_id ? filter->assistant : NULL, filter->assistant);
	const struct err *err = ctx_read_one(ctx, tx, rows, assistant_missing(ctx), out);

	if (err)
		return err;
	return history_read(ctx, filter, doc_text(doc_get(out, "account"), "id"), out);
}

static bool is_environment(const char *name)
{
	return name && text_is_slug(name) && !strchr(name, '_') &&
	    strlen(name) <= ENVIRONMENT_CHARS_MAX && !(name[0] >= '0' && name[0] <= '9');
}

/* Checked here, too, where the field is known. */
static const struct err *environments_param(struct ctx *ctx, const struct doc *names,
    const char **param)
{
	struct buf *array = buf_new(ctx->arena, ARRAY_BYTES_MAX);
	size_t count = doc_count(names);
	bool fits = count > 0 && count <= ENVIRONMENTS_MAX;

	*param = NULL;
	if (!names)
		return NULL;
	for (size_t i = 0; fits && i < count; i++) {
		const char *name = doc_scalar(doc_at(names, i));

		fits = is_environment(name);
		if (fits)
			db_array_add(array, name);
	}
	if (!fits)
		return err_of_field(ctx->arena, "environments", "Environments are 1 to 10 names "
		    "of at most 32 of a-z, 0-9 and '-', beginning with a letter.");
	db_array_end(array);
	*param = array->data;
	return NULL;
}

const struct err *deployment_set_rules(struct ctx *ctx, const char *account_id,
    const struct deployment_rules *rules, struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *changed;
	const char *environments;
	const struct err *err = environments_param(ctx, rules->environments, &environments);

	if (err)
		return err;
	changed = db_add(tx, SQL_DEPLOYMENT_SET_RULES, account_id, environments,
	    rules->needs_approval);
	return ctx_run_one(ctx, tx, changed,
	    err_new(ctx->arena, ERR_MISSING, "There is no such account."), out);
}
