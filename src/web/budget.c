/* budget.c: the page of budgets, how they are set and removed, and what pages tell about them. */
#include "model/budget.h"

#include "model/account.h"
#include "model/list.h"
#include "web/handlers.h"

static const struct field list_fields[] = {
	{.name = "accountId", .kind = FIELD_TEXT, .max = 64, .label = "Account"},
	{.name = "limit", .kind = FIELD_INT, .min = 1, .max = LIST_ROWS_MAX, .label = "Limit"},
	{.name = "cursor", .kind = FIELD_UUID, .label = "The cursor"},
};

static const struct field set_fields[] = {
	{.name = "accountId", .kind = FIELD_TEXT, .max = 64, .label = "Account"},
	{.name = "period", .kind = FIELD_CHOICE, .required = true, .choices = budget_periods,
	 .label = "Period"},
	{.name = "capUsd", .kind = FIELD_USD, .label = "Cap"},
	{.name = "softUsd", .kind = FIELD_USD, .min = 1, .label = "Soft amount"},
	{.name = "thresholds", .kind = FIELD_INTS, .min = 1, .max = BUDGET_PERCENT_MAX,
	 .label = "Thresholds"},
};

static const struct err *budgets_show(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	struct doc *values = doc_object(ctx->arena);
	struct budget_filter filter = {.limit = request->rows};
	const struct err *err = form_read(ctx, request->fields, NULL, list_fields,
	    ARRAY_LEN(list_fields), values);

	if (err)
		return err;
	filter.cursor = doc_text(values, "cursor");
	doc_int(values, "limit", &filter.limit);
	err = account_id_of(ctx, doc_text(values, "accountId"), &filter.account_id);
	if (err)
		return err;
	doc_set(reply->page, "filter", values);
	if (doc_text(values, "accountId"))
		doc_set_text(reply->page, "next_query", arena_printf(ctx->arena, "accountId=%s&",
		    filter.account_id));
	return budget_list(ctx, &filter, reply->doc);
}

const struct err *get_budgets(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	reply->title = "Budgets";
	return budgets_show(ctx, request, reply);
}

static const struct err *budget_make(struct ctx *ctx, const struct doc *values, struct doc *out)
{
	struct budget_new budget = {
		.period = doc_text(values, "period"),
		.cap_usd = doc_text(values, "capUsd"),
		.soft_usd = doc_text(values, "softUsd"),
		.thresholds = doc_get(values, "thresholds"),
	};
	const struct err *err = account_id_of(ctx, doc_text(values, "accountId"),
	    &budget.account_id);

	if (!err && !budget.account_id)
		err = err_new(ctx->arena, ERR_INVALID, "Say in accountId whose budget it is.");
	return err ? err : budget_set(ctx, &budget, out);
}

const struct err *post_budgets(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	struct doc *values = doc_object(ctx->arena);
	const struct err *err;

	reply->title = "Budgets";
	err = form_read(ctx, request->body, request->is_api ? "/" : NULL, set_fields,
	    ARRAY_LEN(set_fields), values);
	if (!err)
		err = budget_make(ctx, values, reply->doc);
	/* The form is shown again below the list. */
	if (err && !request->is_api && budgets_show(ctx, request, reply))
		doc_remove(reply->doc, "budgets");
	if (err)
		return err;
	reply->status = 201;
	reply->location = "/budgets";
	reply->flash = "The budget is set.";
	return NULL;
}

const struct err *post_budget_remove(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	const struct err *err = budget_remove(ctx, request->piece[0], reply->doc);

	if (err)
		return err;
	reply->location = "/budgets";
	reply->flash = arena_printf(ctx->arena, "The budget of %s for each %s is removed.",
	    doc_text(reply->doc, "account_slug"), doc_text(reply->doc, "period"));
	return NULL;
}

const struct err *budget_notices_show(struct ctx *ctx, const char *account_id,
    const struct request *request, struct reply *reply)
{
	if (request->wants_json)
		return NULL;
	return budget_notices(ctx, account_id, doc_add_array(reply->page, "notices"));
}
