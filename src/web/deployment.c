/* deployment.c: what assistants serve: the page of one, changes of it, an account's rules. */
#include "model/deployment.h"

#include "base/text.h"
#include "model/account.h"
#include "model/list.h"
#include "web/handlers.h"

static const struct field change_fields[] = {
	{.name = "environment", .kind = FIELD_TEXT, .required = true, .max = 32,
	 .label = "Environment"},
	{.name = "reason", .kind = FIELD_TEXT, .max = 500, .label = "Reason"},
	{.name = "replaces", .kind = FIELD_TEXT, .max = 36, .label = "Replaces"},
};

/* An empty `replaces` says that nothing is believed to be there; without one nothing is said. */
static const struct err *change_read(struct ctx *ctx, const struct request *request,
    struct deployment_change *change)
{
	struct doc *values = doc_object(ctx->arena);
	const struct err *err = form_read(ctx, request->body, request->is_api ? "/" : NULL,
	    change_fields, ARRAY_LEN(change_fields), values);

	if (err)
		return err;
	change->environment = doc_text(values, "environment");
	change->reason = doc_text(values, "reason");
	change->replaces = doc_text(values, "replaces");
	change->is_checked = doc_has(request->body, "replaces");
	if (change->replaces && !text_is_uuid(change->replaces))
		return err_of_field(ctx->arena, "replaces",
		    "Replaces must be the id of a version, or empty.");
	return NULL;
}

const struct err *post_version_deploy(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	struct deployment_change change = {.environment = NULL};
	const struct err *err = change_read(ctx, request, &change);

	if (!err)
		err = deployment_deploy(ctx, request->piece[0], &change, reply->doc);
	if (!err)
		reply->flash = arena_printf(ctx->arena, "%s serves %s now.", change.environment,
		    doc_text(reply->doc, "version"));
	return version_changed(ctx, request, reply, err);
}

/* ---- The page of an assistant. ---- */

static const struct field list_fields[] = {
	{.name = "accountId", .kind = FIELD_TEXT, .max = 64, .label = "Account"},
	{.name = "limit", .kind = FIELD_INT, .min = 1, .max = LIST_ROWS_MAX, .label = "Limit"},
	{.name = "cursor", .kind = FIELD_UUID, .label = "The cursor"},
};

const struct err *get_assistant(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	struct doc *values = doc_object(ctx->arena);
	struct deployment_filter filter = {.assistant = request->piece[0], .limit = request->rows};
	const struct err *err = form_read(ctx, request->fields, NULL, list_fields,
	    ARRAY_LEN(list_fields), values);

	if (!err)
		err = account_id_of(ctx, doc_text(values, "accountId"), &filter.account_id);
	if (err)
		return err;
	filter.cursor = doc_text(values, "cursor");
	doc_int(values, "limit", &filter.limit);
	err = deployment_get(ctx, &filter, reply->doc);
	if (err)
		return err;
	reply->title = doc_text(reply->doc, "name");
	doc_set_text(reply->page, "next_query", form_query(ctx, list_fields,
	    ARRAY_LEN(list_fields), values, "accountId"));
	doc_set(reply->page, "filter", values);
	return NULL;
}

const struct err *post_assistant_withdraw(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	struct deployment_change change = {.environment = NULL};
	const struct err *err = change_read(ctx, request, &change);

	if (!err)
		err = deployment_withdraw(ctx, request->piece[0], &change, reply->doc);
	/* The page with what is there now, and what was refused. */
	if (err && !request->is_api && get_assistant(ctx, request, reply))
		doc_remove(reply->doc, "id");
	if (err)
		return err;
	reply->location = arena_printf(ctx->arena, "/assistants/%s", doc_text(reply->doc, "id"));
	reply->flash = arena_printf(ctx->arena, "%s serves nothing any more.", change.environment);
	return NULL;
}

/* ---- The rules of an account. ---- */

const struct err *post_account_deployment(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	/* The API leaves out what stays; a form, and who names it, says which. */
	const struct field fields[] = {
		{.name = "environments", .kind = FIELD_LINES, .max = 10, .label = "Environments",
		    .required = !request->is_api ||
		        doc_get(request->body, "environments") != NULL},
		{.name = "needs_approval", .kind = FIELD_FLAG, .label = "Needs approval"},
	};
	struct doc *values = doc_object(ctx->arena);
	struct deployment_rules rules = {.environments = NULL};
	bool needs_approval;
	const char *account_id = NULL;
	const struct err *err = form_read(ctx, request->body, request->is_api ? "/" : NULL, fields,
	    ARRAY_LEN(fields), values);

	rules.environments = doc_get(values, "environments");
	if (doc_bool(values, "needs_approval", &needs_approval))
		rules.needs_approval = needs_approval ? "true" : "false";
	if (!err)
		err = account_id_of(ctx, request->piece[0], &account_id);
	if (!err)
		err = deployment_set_rules(ctx, account_id, &rules, reply->doc);
	if (err && !request->is_api && get_account(ctx, request, reply))
		doc_remove(reply->doc, "id");
	if (err)
		return err;
	reply->location = arena_printf(ctx->arena, "/accounts/%s", doc_text(reply->doc, "slug"));
	reply->flash = "The rules of deployments are set.";
	return NULL;
}
