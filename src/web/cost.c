/* cost.c: the cost pages: everybody's, an account's, and the lines behind every number. */
#include "web/handlers.h"

#include "base/text.h"
#include "model/account.h"
#include "model/cost.h"
#include "model/list.h"
#include "web/chart.h"
#include "web/insight.h"

#define DAYS_PRESET 30
#define DAYS_MAX 3650

static const char *const groups[] = {"day", "week", "month", NULL};

/* What both pages take; the account of /costs/{account} stands in the path. */
static const struct field report_fields[] = {
	{.name = "assistantId", .kind = FIELD_TEXT, .max = 200, .label = "assistantId"},
	{.name = "days", .kind = FIELD_INT, .min = 1, .max = DAYS_MAX, .label = "days"},
	{.name = "from", .kind = FIELD_DATE, .label = "from"},
	{.name = "to", .kind = FIELD_DATE, .label = "to"},
	{.name = "tz", .kind = FIELD_TEXT, .max = 64, .label = "tz"},
	{.name = "group", .kind = FIELD_CHOICE, .choices = groups, .label = "group"},
	{.name = "accountId", .kind = FIELD_TEXT, .max = 64, .label = "accountId"},
};
#define ACCOUNT_FIELDS (ARRAY_LEN(report_fields) - 1)

static const struct field line_fields[] = {
	{.name = "runId", .kind = FIELD_TEXT, .max = 64, .label = "runId"},
	{.name = "accountId", .kind = FIELD_TEXT, .max = 64, .label = "accountId"},
	{.name = "assistantId", .kind = FIELD_TEXT, .max = 200, .label = "assistantId"},
	{.name = "model", .kind = FIELD_TEXT, .max = 200, .label = "model"},
	{.name = "operation", .kind = FIELD_TEXT, .max = 200, .label = "operation"},
	{.name = "from", .kind = FIELD_DATE, .label = "from"},
	{.name = "to", .kind = FIELD_DATE, .label = "to"},
	{.name = "tz", .kind = FIELD_TEXT, .max = 64, .label = "tz"},
	{.name = "cursor", .kind = FIELD_TEXT, .max = 80, .label = "cursor"},
	{.name = "limit", .kind = FIELD_INT, .min = 1, .max = LIST_ROWS_MAX, .label = "limit"},
};

static const struct err *query_read(struct ctx *ctx, const struct request *request,
    size_t fields, struct cost_query *query, struct doc *filter)
{
	const struct err *err = form_read(ctx, request->fields, NULL, report_fields, fields,
	    filter);

	if (err)
		return err;
	*query = (struct cost_query){
		.account = doc_text(filter, "accountId"),
		.assistant = doc_text(filter, "assistantId"),
		.days = DAYS_PRESET,
		.from = doc_text(filter, "from"),
		.to = doc_text(filter, "to"),
		.zone = doc_text(filter, "tz"),
		.default_zone = conf_text(ctx->conf, "PROMPTBUILDER_TIME_ZONE"),
		.group = doc_text(filter, "group"),
	};
	doc_int(filter, "days", &query->days);
	if (!query->group)
		query->group = groups[0];
	return NULL;
}

/* "+12.3 %"; nothing when the period before cost nothing. */
static const char *change_text(struct arena *arena, const char *percent)
{
	if (!percent)
		return NULL;
	if (percent[0] == '-')
		return arena_printf(arena, "\u2212%s %%", percent + 1);
	return arena_printf(arena, "+%s %%", percent);
}

/* Adds "&name=value" for a field that is set. */
static void query_write(struct buf *href, const char *name, const struct doc *filter)
{
	const char *value = doc_text(filter, name);

	if (!value)
		return;
	buf_printf(href, "&%s=", name);
	text_url_encode(href, value);
}

/* Links to the usual periods, which keep the other choices. */
static void ranges_fill(struct ctx *ctx, const char *path, const struct cost_query *query,
    struct doc *page)
{
	static const int64_t days[] = {7, 30, 90, 365};
	static const char *const kept[] = {"accountId", "assistantId", "group", "tz"};
	struct doc *ranges = doc_add_array(page, "ranges");
	bool is_dated = query->from || query->to;

	for (size_t i = 0; i < ARRAY_LEN(days); i++) {
		struct doc *range = doc_push_object(ranges);
		struct buf *href = buf_new(ctx->arena, 4096);

		buf_printf(href, "%s?days=%d", path, (int)days[i]);
		for (size_t k = 0; k < ARRAY_LEN(kept); k++)
			query_write(href, kept[k], doc_get(page, "filter"));
		doc_set_int(range, "days", days[i]);
		doc_set_text(range, "href", href->data);
		doc_set_bool(range, "is_current", !is_dated && query->days == days[i]);
	}
}

/* What the template needs beside the document. */
static void page_fill(struct ctx *ctx, const struct request *request,
    const struct cost_query *query, struct reply *reply)
{
	const struct doc *report = reply->doc;
	struct doc *page = reply->page;

	ranges_fill(ctx, request->path, query, page);
	doc_set_text(page, "zone", conf_text(ctx->conf, "PROMPTBUILDER_TIME_ZONE"));
	if (!query->from && !query->to)
		doc_set_int(page, "days", query->days);
	doc_set_text(page, "period", chart_period(ctx->arena, doc_text(report, "from"),
	    doc_text(report, "to")));
	insight_links(ctx->arena, report, doc_get(page, "filter"), page);
	insight_words(ctx->arena, report, page);
	doc_set_text(page, "change", change_text(ctx->arena,
	    doc_text(doc_get(report, "totals"), "change_percent")));
	chart_costs(ctx->arena, report, page);
}

const struct err *get_costs(struct ctx *ctx, const struct request *request, struct reply *reply)
{
	struct doc *filter = doc_add_object(reply->page, "filter");
	struct doc *accounts = doc_add_array(reply->page, "accounts");
	struct cost_query query;
	const struct err *err = query_read(ctx, request, ARRAY_LEN(report_fields), &query, filter);

	reply->title = "Costs";
	if (!err)
		err = cost_report(ctx, &query, reply->doc, accounts);
	if (!err)
		err = budget_notices_show(ctx,
		    doc_text(doc_get(reply->doc, "account"), "id"), request, reply);
	if (!err && !request->wants_json)
		page_fill(ctx, request, &query, reply);
	return err;
}

/* An account that only the registry has is known afterwards, if the asker may adopt it. */
static const struct err *account_costs(struct ctx *ctx, const struct cost_query *query,
    struct doc *out)
{
	const struct err *err = cost_account(ctx, query, out);
	const char *account_id;

	if (!err || err->kind != ERR_MISSING || account_id_of(ctx, query->account, &account_id))
		return err;
	return cost_account(ctx, query, out);
}

const struct err *get_account_costs(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	struct doc *filter = doc_add_object(reply->page, "filter");
	struct cost_query query;
	const struct err *err = query_read(ctx, request, ACCOUNT_FIELDS, &query, filter);

	if (err)
		return err;
	query.account = request->piece[0];
	err = account_costs(ctx, &query, reply->doc);
	if (!err)
		err = budget_notices_show(ctx,
		    doc_text(doc_get(reply->doc, "account"), "id"), request, reply);
	if (err)
		return err;
	reply->title = arena_printf(ctx->arena, "Costs of %s",
	    doc_text(doc_get(reply->doc, "account"), "name"));
	if (!request->wants_json)
		page_fill(ctx, request, &query, reply);
	return NULL;
}

const struct err *get_cost_entries(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	struct doc *filter = doc_add_object(reply->page, "filter");
	struct cost_page page = {.limit = request->rows};
	const struct err *err = form_read(ctx, request->fields, NULL, line_fields,
	    ARRAY_LEN(line_fields), filter);

	if (err)
		return err;
	page.run = doc_text(filter, "runId");
	page.account = doc_text(filter, "accountId");
	page.assistant = doc_text(filter, "assistantId");
	page.model = doc_text(filter, "model");
	page.operation = doc_text(filter, "operation");
	page.from = doc_text(filter, "from");
	page.to = doc_text(filter, "to");
	page.zone = doc_text(filter, "tz");
	page.default_zone = conf_text(ctx->conf, "PROMPTBUILDER_TIME_ZONE");
	page.after = doc_text(filter, "cursor");
	doc_int(filter, "limit", &page.limit);
	reply->title = "Cost entries";
	doc_set_text(reply->page, "next_query", form_query(ctx, line_fields,
	    ARRAY_LEN(line_fields), filter, NULL));
	return cost_lines(ctx, &page, reply->doc);
}

struct db_rows *stamp_costs(struct ctx *ctx, const struct request *request, struct db_tx *tx)
{
	return cost_stamp(tx, NULL);
}

struct db_rows *stamp_account_costs(struct ctx *ctx, const struct request *request,
    struct db_tx *tx)
{
	return cost_stamp(tx, request->piece[0]);
}
