/* audit.c: the page of the audit log. */
#include "model/audit.h"

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
	{.name = "cursor", .kind = FIELD_UUID, .label = "The cursor"},
};

const struct err *get_audit(struct ctx *ctx, const struct request *request, struct reply *reply)
{
	struct doc *values = doc_add_object(reply->page, "values");
	struct audit_filter filter = {.limit = request->rows};
	const struct err *err = form_read(ctx, request->fields, NULL, list_fields,
	    ARRAY_LEN(list_fields), values);
	const char *query;

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
	err = account_id_of(ctx, doc_text(values, "accountId"), &filter.account_id);
	if (err)
		return err;
	query = form_query(ctx, list_fields, ARRAY_LEN(list_fields), values, NULL);
	doc_set_text(reply->page, "next_query", query);
	doc_set_bool(reply->page, "is_filtered", *query != '\0');
	return audit_list(ctx, &filter, reply->doc);
}
