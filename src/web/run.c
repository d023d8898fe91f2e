/* run.c: the pages of pipeline runs: the list, one run, its live part; cancel and retry. */
#include "model/run.h"

#include "base/text.h"
#include "model/account.h"
#include "model/list.h"
#include "web/handlers.h"
#include "web/run_chart.h"

#define OFFSET_MAX 1000000
#define DAYS_MAX 3660

static const struct field list_fields[] = {
	{.name = "accountId", .kind = FIELD_TEXT, .max = 64, .label = "Account"},
	{.name = "assistantId", .kind = FIELD_TEXT, .max = 200, .label = "Assistant"},
	{.name = "status", .kind = FIELD_CHOICE, .choices = run_statuses, .label = "Status"},
	{.name = "from", .kind = FIELD_DATE, .label = "From"},
	{.name = "to", .kind = FIELD_DATE, .label = "To"},
	{.name = "tz", .kind = FIELD_TEXT, .max = 64, .label = "Time zone"},
	{.name = "days", .kind = FIELD_INT, .min = 1, .max = DAYS_MAX, .label = "Days"},
	{.name = "limit", .kind = FIELD_INT, .min = 1, .max = LIST_ROWS_MAX, .label = "Limit"},
	{.name = "offset", .kind = FIELD_INT, .min = 0, .max = OFFSET_MAX, .label = "Offset"},
	{.name = "cursor", .kind = FIELD_UUID, .label = "The cursor"},
};

static const struct err *list_filter(struct ctx *ctx, const struct request *request,
    const struct doc *values, struct run_filter *filter)
{
	const char *to = doc_text(values, "to");

	*filter = (struct run_filter){
		.assistant = doc_text(values, "assistantId"),
		.status = doc_text(values, "status"),
		.from = doc_text(values, "from"),
		.zone = doc_text(values, "tz"),
		.cursor = doc_text(values, "cursor"),
		.limit = request->rows,
	};
	doc_int(values, "limit", &filter->limit);
	doc_int(values, "offset", &filter->offset);
	doc_int(values, "days", &filter->days);
	/* The day named is part of the range. */
	filter->until = to ? arena_printf(ctx->arena, "%s 24:00:00", to) : NULL;
	return account_id_of(ctx, doc_text(values, "accountId"), &filter->account_id);
}

static void list_page(struct ctx *ctx, const struct doc *values, struct reply *reply)
{
	struct doc *statuses = doc_add_array(reply->page, "statuses");

	for (size_t i = 0; run_statuses[i]; i++) {
		struct doc *status = doc_push_object(statuses);
		int64_t runs = 0;

		doc_int(doc_get(reply->doc, "counts"), run_statuses[i], &runs);
		doc_set_text(status, "status", run_statuses[i]);
		doc_set_text(status, "runs", runs > RUN_COUNT_MAX ?
		    arena_printf(ctx->arena, "%d+", RUN_COUNT_MAX) :
		    db_int_param(ctx->arena, runs));
	}
	doc_set(reply->page, "values", (struct doc *)values);
	doc_set_text(reply->page, "tab_query", form_query(ctx, list_fields,
	    ARRAY_LEN(list_fields), values, "status"));
	doc_set_text(reply->page, "next_query", form_query(ctx, list_fields,
	    ARRAY_LEN(list_fields), values, NULL));
	doc_set_bool(reply->page, "is_filtered", doc_count(values) > 0);
	run_chart_list(doc_get(reply->doc, "pipeline_runs"), reply->page);
}

const struct err *get_runs(struct ctx *ctx, const struct request *request, struct reply *reply)
{
	struct doc *values = doc_object(ctx->arena);
	struct run_filter filter;
	const struct err *err;

	reply->title = "Pipeline runs";
	err = form_read(ctx, request->fields, NULL, list_fields, ARRAY_LEN(list_fields), values);
	if (!err)
		err = list_filter(ctx, request, values, &filter);
	if (err)
		return err;
	filter.is_whole = request->wants_json && !request->wants_csv;
	err = run_list(ctx, &filter, reply->doc);
	if (err)
		return err;
	if (!request->wants_json)
		list_page(ctx, values, reply);
	return NULL;
}

/* A slug would have to be looked up first. */
struct db_rows *stamp_runs(struct ctx *ctx, const struct request *request, struct db_tx *tx)
{
	struct doc *values = doc_object(ctx->arena);
	struct run_filter filter;

	if (request->wants_json || doc_get(request->fields, "accountId") ||
	    form_read(ctx, request->fields, NULL, list_fields, ARRAY_LEN(list_fields), values) ||
	    list_filter(ctx, request, values, &filter))
		return NULL;
	return run_list_stamp(ctx, tx, &filter);
}

struct db_rows *stamp_run(struct ctx *ctx, const struct request *request, struct db_tx *tx)
{
	return run_stamp(tx, request->piece[0]);
}

const struct err *get_run(struct ctx *ctx, const struct request *request, struct reply *reply)
{
	const struct err *err = run_get(ctx, request->piece[0], reply->doc);

	if (err)
		return err;
	reply->title = arena_printf(ctx->arena, "Run %s", doc_text(reply->doc, "pipeline_id"));
	if (!request->wants_json)
		run_chart(reply->doc, reply->page);
	return NULL;
}

const struct err *get_run_progress(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	const struct err *err = run_progress(ctx, request->piece[0], reply->doc);

	if (err)
		return err;
	reply->title = "Progress";
	if (!request->wants_json)
		run_chart(reply->doc, reply->page);
	return NULL;
}

static const char *run_path(struct ctx *ctx, const struct doc *run)
{
	return arena_printf(ctx->arena, "/pipeline-runs/%s", doc_text(run, "pipeline_id"));
}

const struct err *post_run_cancel(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	const struct err *err = run_cancel(ctx, request->piece[0], reply->doc);

	if (err)
		return err;
	reply->location = run_path(ctx, reply->doc);
	reply->flash = text_equal(doc_text(reply->doc, "status"), "cancelled") ?
	    "The run is cancelled." : "The run was asked to stop.";
	return NULL;
}

const struct err *post_run_retry(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	const struct err *err = run_retry(ctx, request->piece[0], reply->doc);

	if (err)
		return err;
	reply->location = run_path(ctx, reply->doc);
	reply->flash = "The run is queued again; what it completed is kept.";
	return NULL;
}
