/* delivery.c: the pages of events for the webhook: the list, one with its tries, once more. */
#include "model/delivery.h"

#include "model/account.h"
#include "model/list.h"
#include "web/handlers.h"

static const struct field list_fields[] = {
	{.name = "accountId", .kind = FIELD_TEXT, .max = 64, .label = "Account"},
	{.name = "state", .kind = FIELD_CHOICE, .choices = delivery_states, .label = "State"},
	{.name = "limit", .kind = FIELD_INT, .min = 1, .max = LIST_ROWS_MAX, .label = "Limit"},
	{.name = "cursor", .kind = FIELD_UUID, .label = "The cursor"},
};

const struct err *get_deliveries(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	struct doc *values = doc_add_object(reply->page, "values");
	struct delivery_filter filter = {.limit = request->rows};
	const struct err *err = form_read(ctx, request->fields, NULL, list_fields,
	    ARRAY_LEN(list_fields), values);
	const char *query;

	reply->title = "Deliveries";
	if (!err)
		err = account_id_of(ctx, doc_text(values, "accountId"), &filter.account_id);
	if (err)
		return err;
	filter.state = doc_text(values, "state");
	filter.cursor = doc_text(values, "cursor");
	doc_int(values, "limit", &filter.limit);
	query = form_query(ctx, list_fields, ARRAY_LEN(list_fields), values, NULL);
	doc_set_text(reply->page, "next_query", query);
	doc_set_bool(reply->page, "is_filtered", *query != '\0');
	return delivery_list(ctx, &filter, reply->doc);
}

const struct err *get_delivery(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	const struct err *err = delivery_get(ctx, request->piece[0], reply->doc);

	if (!err)
		reply->title = arena_printf(ctx->arena, "Delivery of %s",
		    doc_text(reply->doc, "kind"));
	return err;
}

const struct err *post_delivery_resend(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	const struct err *err = delivery_resend(ctx, request->piece[0], reply->doc);

	if (err)
		return err;
	reply->location = arena_printf(ctx->arena, "/deliveries/%s", doc_text(reply->doc, "id"));
	reply->flash = "The event is due again; a runner sends it.";
	return NULL;
}
