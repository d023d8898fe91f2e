/* assistant.c: the page of assistants, and how one is made by hand. */
#include "model/assistant.h"

#include "model/account.h"
#include "model/list.h"
#include "web/handlers.h"

static const struct field list_fields[] = {
	{.name = "accountId", .kind = FIELD_TEXT, .max = 64, .label = "Account"},
	{.name = "limit", .kind = FIELD_INT, .min = 1, .max = LIST_ROWS_MAX, .label = "Limit"},
	{.name = "cursor", .kind = FIELD_UUID, .label = "The cursor"},
};

static const struct field create_fields[] = {
	{.name = "accountId", .kind = FIELD_TEXT, .max = 64, .label = "Account"},
	{.name = "assistantId", .kind = FIELD_TEXT, .required = true, .max = 200,
	 .label = "Assistant id"},
	{.name = "name", .kind = FIELD_TEXT, .max = 200, .label = "Name"},
};

static const struct err *assistants_show(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	struct doc *values = doc_object(ctx->arena);
	int64_t limit = request->rows;
	const char *account_id, *cursor;
	const struct err *err = form_read(ctx, request->fields, NULL, list_fields,
	    ARRAY_LEN(list_fields), values);

	if (err)
		return err;
	cursor = doc_text(values, "cursor");
	doc_int(values, "limit", &limit);
	err = account_id_of(ctx, doc_text(values, "accountId"), &account_id);
	if (err)
		return err;
	if (doc_text(values, "accountId"))
		doc_set_text(reply->page, "next_query", arena_printf(ctx->arena, "accountId=%s&",
		    account_id));
	return assistant_list(ctx, account_id, cursor, limit, reply->doc);
}

const struct err *get_assistants(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	reply->title = "Assistants";
	return assistants_show(ctx, request, reply);
}

static const struct err *assistant_make(struct ctx *ctx, const struct doc *values,
    struct doc *out)
{
	struct assistant_new assistant = {
		.external_id = doc_text(values, "assistantId"),
		.name = doc_text(values, "name"),
	};
	const struct err *err = account_id_of(ctx, doc_text(values, "accountId"),
	    &assistant.account_id);

	if (!err && !assistant.account_id)
		err = err_new(ctx->arena, ERR_INVALID, "Say in accountId whose assistant it is.");
	return err ? err : assistant_create(ctx, &assistant, out);
}

const struct err *post_assistants(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	struct doc *values = doc_object(ctx->arena);
	const struct err *err;

	reply->title = "Assistants";
	err = form_read(ctx, request->body, request->is_api ? "/" : NULL, create_fields,
	    ARRAY_LEN(create_fields), values);
	if (!err)
		err = assistant_make(ctx, values, reply->doc);
	/* The form is shown again with the list below it. */
	if (err && !request->is_api && assistants_show(ctx, request, reply))
		doc_remove(reply->doc, "assistants");
	if (err)
		return err;
	reply->status = 201;
	reply->location = "/assistants";
	reply->flash = "The assistant is made.";
	return NULL;
}
