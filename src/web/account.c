/* account.c: the pages of accounts and of their assistants. */
#include "model/account.h"

#include "model/assistant.h"
#include "model/list.h"
#include "model/registry_away.h"
#include "model/run.h"
#include "web/handlers.h"

#define RECENT_RUNS 10

static const struct field list_fields[] = {
	{.name = "accountId", .kind = FIELD_TEXT, .max = 64, .label = "Account"},
	{.name = "limit", .kind = FIELD_INT, .min = 1, .max = LIST_ROWS_MAX, .label = "Limit"},
	{.name = "cursor", .kind = FIELD_UUID, .label = "The cursor"},
};

static const struct field create_fields[] = {
	{.name = "slug", .kind = FIELD_TEXT, .required = true, .max = 64, .label = "Slug"},
	{.name = "name", .kind = FIELD_TEXT, .required = true, .max = 200, .label = "Name"},
};

/* The place in a list: cursor (NULL at the start) and rows. */
static const struct err *list_place(struct ctx *ctx, const struct request *request,
    struct doc *values, const char **cursor, int64_t *limit)
{
	const struct err *err = form_read(ctx, request->fields, NULL, list_fields,
	    ARRAY_LEN(list_fields), values);

	if (err)
		return err;
	*cursor = doc_text(values, "cursor");
	*limit = request->rows;
	doc_int(values, "limit", limit);
	return NULL;
}

static const struct err *accounts_show(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	struct doc *values = doc_object(ctx->arena);
	const char *cursor;
	int64_t limit;
	const struct err *err = list_place(ctx, request, values, &cursor, &limit);

	return err ? err : account_list(ctx, cursor, limit, reply->doc);
}

const struct err *get_accounts(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	reply->title = "Accounts";
	if (ctx->access.is_registry) {
		reply->view = "registry";
		return registry_list(ctx, reply->doc);
	}
	return accounts_show(ctx, request, reply);
}

/* What the registry's files tell of an account. */
static const struct err *account_of_files(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	const struct err *err = registry_show(ctx, request->piece[0], reply->doc);

	reply->view = "registry_account";
	reply->title = doc_text(reply->doc, "name");
	return err;
}

const struct err *get_account(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	struct run_filter filter = {.limit = RECENT_RUNS};
	const struct err *err;

	if (ctx->access.is_registry)
		return account_of_files(ctx, request, reply);
	err = account_get(ctx, request->piece[0], reply->doc);
	if (err)
		return err;
	filter.account_id = doc_text(reply->doc, "id");
	reply->title = doc_text(reply->doc, "name");
	err = assistant_list(ctx, filter.account_id, NULL, LIST_ROWS_MAX, reply->doc);
	return err ? err : run_list(ctx, &filter, reply->doc);
}

const struct err *post_accounts(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	struct doc *values = doc_object(ctx->arena);
	const struct err *err;

	reply->title = "Accounts";
	err = form_read(ctx, request->body, request->is_api ? "/" : NULL, create_fields,
	    ARRAY_LEN(create_fields), values);
	if (!err)
		err = account_create(ctx, doc_text(values, "slug"), doc_text(values, "name"),
		    reply->doc);
	/* The form is shown again with the list below it. */
	if (err && !request->is_api && accounts_show(ctx, request, reply))
		doc_remove(reply->doc, "accounts");
	if (err)
		return err;
	reply->status = 201;
	reply->location = arena_printf(ctx->arena, "/accounts/%s", doc_text(reply->doc, "slug"));
	reply->flash = "The account is made. Make its first token under Tokens.";
	return NULL;
}
