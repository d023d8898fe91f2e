/* audit.c: the page of the audit log. */
#include "model/audit.h"

#include "base/text.h"
#include "model/account.h"
#include "model/list.h"
#include "web/handlers.h"

static const struct field list_fields[] = {
	{.name = "accountId", .kind = FIELD_TEXT, .max = 64, .label = "Account"},
	{.name = "actor", .kind = FIELD_TEXT, .max = 200, .label = "Actor"},
	{.name = "action", .kind = FIELD_TEXT, .max = 40, .label = "Action"},
	{.name = "object", .kind = FIELD_TEXT, .max = 200, .label = "Object"},
	{.name = "from", .kind = FIELD_DATE, .label = "From"},
	{.name = "to", .kind = FIELD_DATE, .label = "To"},
	{.name = "limit", .kind = FIELD_INT, .min = 1, .max = LIST_ROWS_MAX, .label = "Limit"},
	{.name = "cursor", .kind = FIELD_TEXT, .min = 36, .max = 36, .label = "Cursor"},
};

/* The query of this list without the place in it, for the link to its next page. */
static const char *next_query(struct ctx *ctx, const struct doc *filter)
{
	struct buf *query = buf_new(ctx->arena, 8192);

	for (size_t i = 0; i < ARRAY_LEN(list_fields); i++) {
		const char *value = doc_scalar(doc_get(filter, list_fields[i].name));

		if (!value || text_equal(list_fields[i].name, "cursor"))
			continue;
		buf_printf(query, "%s=", list_fields[i].name);
		text_url_encode(query, value);
		buf_char(query, '&');
	}
	return query->data;
}

const struct err *get_audit(struct ctx *ctx, const struct request *request, struct reply *reply)
{
	struct doc *values = doc_add_object(reply->page, "values");
	struct audit_filter filter = {.limit = request->rows};
	const struct err *err = form_read(ctx, request->fields, NULL, list_fields,
	    ARRAY_LEN(list_fields), values);

	reply->title = "Audit log";
	if (err)
		return err;
	filter.actor = doc_text(values, "actor");
	filter.action = doc_text(values, "action");
	filter.object = doc_text(values, "object");
	filter.from = doc_text(values, "from");
	filter.until = doc_text(values, "to");
	filter.cursor = doc_text(values, "cursor");
	doc_int(values, "limit", &filter.limit);
	if (filter.cursor && !text_is_uuid(filter.cursor))
		return err_new(ctx->arena, ERR_INVALID, "The cursor is not one of ours.");
	err = account_id_of(ctx, doc_text(values, "accountId"), &filter.account_id);
	if (err)
		return err;
	doc_set_text(reply->page, "next_query", next_query(ctx, values));
	doc_set_bool(reply->page, "is_filtered", *next_query(ctx, values) != '\0');
	return audit_list(ctx, &filter, reply->doc);
}
