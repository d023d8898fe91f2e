/* cost.c: the ledger read and added up; the adding is done by sql/cost.sql, in one snapshot. */
#include "model/cost.h"

#include <string.h>

#include "base/text.h"
#include "model/insight.h"
#include "model/list.h"
#include "model/zone.h"

#define READ_LINES_MAX "50000" /* of a report in a zone that has no sums of its own */
#define LOOKED_AT_MAX "5000" /* lines that a page of a filtered list is found among */

#define ID_FIRST "00000000-0000-0000-0000-000000000000"
#define ID_LAST "ffffffff-ffff-ffff-ffff-ffffffffffff"

/* How a statement finds an object: by its name or by its id, the other is NULL. */
struct key {
	const char *name;
	const char *id;
};

struct cost_rows {
	struct cost_query query;
	struct key account;
	struct key assistant;
	struct db_rows *accounts;
	struct db_rows *assistants; /* NULL: not asked for */
	struct db_rows *report;
	struct db_rows *forecast;
};

static struct key key_of(const char *text)
{
	struct key key = {.name = text};

	if (text && text_is_uuid(text))
		key = (struct key){.id = text};
	return key;
}

/* The account to read: the one asked for, else the caller's own; neither: everybody's. */
static struct key key_of_account(const struct ctx *ctx, const char *account)
{
	if (account)
		return key_of(account);
	return (struct key){.id = ctx->access.account_id};
}

static bool key_is_set(const struct key *key)
{
	return key->name || key->id;
}

struct db_rows *cost_stamp(struct db_tx *tx, const char *account)
{
	struct key key = key_of(account);

	return db_add(tx, SQL_COST_STAMP, key.name, key.id);
}

static struct insight_scope scope_of(const struct cost_rows *rows)
{
	return (struct insight_scope){
		.account = rows->account.name, .account_id = rows->account.id,
		.assistant = rows->assistant.name, .assistant_id = rows->assistant.id,
		.query = &rows->query,
	};
}

const struct err *cost_report_add(struct ctx *ctx, struct db_tx *tx,
    const struct cost_query *query, struct cost_rows **out)
{
	struct cost_rows *rows = arena_alloc(ctx->arena, sizeof(*rows));
	struct key account = key_of_account(ctx, query->account);
	struct key assistant = key_of(query->assistant);
	struct insight_scope scope;

	if (query->zone && !zone_may_exist(query->zone))
		return zone_err(ctx->arena);
	db_repeatable(tx);
	*rows = (struct cost_rows){.query = *query, .account = account, .assistant = assistant};
	scope = scope_of(rows);
	db_add(tx, SQL_RUN_PLAN_ONCE);
	rows->accounts = db_add(tx, SQL_COST_ACCOUNT, account.name, account.id);
	if (key_is_set(&assistant))
		rows->assistants = db_add(tx, SQL_COST_ASSISTANT, assistant.name, assistant.id,
		    account.name, account.id);
	rows->report = db_add(tx, SQL_COST_REPORT, account.name, account.id, assistant.name,
	    assistant.id, db_int_param(ctx->arena, query->days), query->from, query->to,
	    query->zone, query->group, READ_LINES_MAX, query->default_zone);
	rows->forecast = insight_forecast_add(tx, &scope);
	*out = rows;
	return NULL;
}

/* The groups of a report by their kind; a row's kind is known by its place in the list. */
static void report_fill(const struct db_rows *report, struct doc *out)
{
	static const struct {
		const char *kind, *name;
	} lists[] = {
		{"account", "by_account"}, {"assistant", "by_assistant"}, {"phase", "by_phase"},
		{"model", "by_model"}, {"bucket", "trend"},
	};
	struct doc *totals = doc_add_object(out, "totals");

	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		doc_add_array(out, lists[i].name);
	for (size_t row = 0; row < db_count(report); row++) {
		const char *kind = db_text(report, row, "kind");
		struct doc *group = totals;

		if (text_equal(kind, "model_before"))
			continue;
		for (size_t i = 0; i < ARRAY_LEN(lists); i++)
			if (text_equal(kind, lists[i].kind))
				group = doc_push_object(doc_get(out, lists[i].name));
		db_row_doc_set(report, row, group);
		doc_remove(group, "kind");
		doc_remove(group, "output_permille");
	}
	doc_remove(totals, "is_readable");
	doc_remove(totals, "tz");
	doc_remove(totals, "from");
	doc_remove(totals, "to");
}

/* The row of the totals; the period and the zone were possible. */
static size_t total_row(const struct db_rows *report)
{
	size_t row = 0;

	while (!text_equal(db_text(report, row, "kind"), "total"))
		row++;
	return row;
}

const struct err *cost_report_run(struct ctx *ctx, struct db_tx *tx,
    const struct cost_rows *rows, struct doc *out)
{
	const struct err *err = ctx_run(ctx, tx);
	const char *zone;
	size_t total;

	/* All else was checked before: only the zone can have been refused. */
	if (err && err->kind == ERR_INVALID)
		return zone_err(ctx->arena);
	if (err)
		return err;
	if (key_is_set(&rows->account) && db_count(rows->accounts) == 0)
		return err_new(ctx->arena, ERR_MISSING, "There is no such account.");
	if (rows->assistants && db_count(rows->assistants) == 0)
		return err_new(ctx->arena, ERR_MISSING, "There is no such assistant.");
	if (db_count(rows->report) == 0)
		return err_of_field(ctx->arena, "from",
		    "The period must not end before it begins, and spans 3,660 days at most.");
	total = total_row(rows->report);
	zone = db_text(rows->report, total, "tz");
	if (!db_bool(rows->report, total, "is_readable"))
		return err_of_field(ctx->arena, "tz", arena_printf(ctx->arena, "No sums are kept "
		    "for the days of %s, and the period holds more than " READ_LINES_MAX " lines. "
		    "Choose a shorter period or UTC, or ask an operator to run \"promptbuilder "
		    "zone add %s\".", zone, zone));
	if (key_is_set(&rows->account))
		db_row_doc(rows->accounts, 0, doc_add_object(out, "account"));
	else
		doc_set_null(out, "account");
	doc_set_text(out, "from", db_text(rows->report, total, "from"));
	doc_set_text(out, "to", db_text(rows->report, total, "to"));
	doc_set_text(out, "tz", zone);
	doc_set_text(out, "group", rows->query.group);
	insight_change(ctx, rows->report, out);
	insight_forecast(rows->forecast, out);
	report_fill(rows->report, out);
	return NULL;
}

static struct insight_rows runs_add(struct ctx *ctx, struct db_tx *tx,
    const struct cost_rows *rows)
{
	struct insight_scope scope = scope_of(rows);

	return insight_runs_add(ctx, tx, &scope);
}

const struct err *cost_report(struct ctx *ctx, const struct cost_query *query, struct doc *out,
    struct doc *accounts)
{
	bool is_operator = ctx->access.role == ROLE_OPERATOR;
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *choices = NULL;
	struct insight_rows insight;
	struct cost_rows *rows;
	const struct err *err = cost_report_add(ctx, tx, query, &rows);

	if (err)
		return err;
	insight = runs_add(ctx, tx, rows);
	if (is_operator)
		choices = db_add(tx, SQL_COST_ACCOUNTS);
	err = cost_report_run(ctx, tx, rows, out);
	if (err)
		return err;
	insight_runs(&insight, out);
	if (choices)
		db_rows_doc(choices, accounts);
	return NULL;
}

const struct err *cost_account(struct ctx *ctx, const struct cost_query *query, struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *runs;
	struct db_rows *daily;
	struct db_rows *assistants;
	struct insight_rows insight;
	struct cost_rows *rows;
	const struct err *err = cost_report_add(ctx, tx, query, &rows);

	if (err)
		return err;
	insight = runs_add(ctx, tx, rows);
	runs = db_add(tx, SQL_COST_RECENT_RUNS, rows->account.name, rows->account.id);
	daily = db_add(tx, SQL_COST_DAILY, rows->account.name, rows->account.id);
	assistants = db_add(tx, SQL_COST_BY_ASSISTANT, rows->account.name, rows->account.id);
	err = cost_report_run(ctx, tx, rows, out);
	if (err)
		return err;
	insight_runs(&insight, out);
	db_rows_doc(runs, doc_add_array(out, "runs"));
	db_rows_doc(daily, doc_add_array(out, "daily"));
	db_rows_doc(assistants, doc_add_array(out, "assistants"));
	return NULL;
}

/* A line's place in the order of time, as a cursor: "2026-11-23T02:56:21.512345Z_ID". */
static const char *cursor_of(struct ctx *ctx, const char *at, const char *id)
{
	return arena_printf(ctx->arena, "%.10sT%.*sZ_%s", at, (int)strcspn(at + 11, "+"), at + 11,
	    id);
}

/* Cuts a cursor in two. false: it is not one of ours. */
static bool cursor_read(struct ctx *ctx, const char *cursor, const char **at, const char **id)
{
	size_t len = strcspn(cursor, "_");

	*at = arena_strndup(ctx->arena, cursor, len);
	*id = cursor[len] == '_' ? cursor + len + 1 : "";
	return strspn(*at, "0123456789-T:.Z") == len && text_is_uuid(*id);
}

static const struct err *cursor_err(struct ctx *ctx)
{
	return err_of_field(ctx->arena, "cursor", "The cursor is not one of ours.");
}

/* Where the lines of a page lie: before the line at, id; from `from` on, before to. */
struct bounds {
	const char *at, *id;
	const char *from, *to;
	const char *floor; /* from here on as many as are looked at for one page; NULL: all */
};

static bool is_filtered(const struct cost_page *page)
{
	return page->assistant || page->model || page->operation || page->from || page->to ||
	    page->zone;
}

static const struct err *bounds_check(struct ctx *ctx, const struct cost_page *page)
{
	if (page->run && is_filtered(page))
		return err_of_field(ctx->arena, "runId",
		    "The lines of a run are few: they cannot be filtered.");
	if (page->zone && !zone_may_exist(page->zone))
		return zone_err(ctx->arena);
	if (page->from && page->to && strcmp(page->from, page->to) > 0)
		return err_of_field(ctx->arena, "from",
		    "The period must not end before it begins.");
	return NULL;
}

/* What the filters mean in instants. */
static const struct err *bounds_find(struct ctx *ctx, const struct cost_page *page,
    const struct key *account, struct bounds *bounds)
{
	struct key assistant = key_of(page->assistant);
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *known;
	struct db_rows *found;
	const struct err *err;

	db_repeatable(tx);
	db_add(tx, SQL_RUN_PLAN_ONCE);
	known = db_add(tx, SQL_COST_ASSISTANT, assistant.name, assistant.id, account->name,
	    account->id);
	found = db_add(tx, SQL_COST_ENTRY_BOUNDS, account->name, account->id, assistant.name,
	    assistant.id, page->model, page->operation, page->from, page->to, page->zone,
	    page->default_zone, page->after ? bounds->at : NULL,
	    page->limit > 0 ? LOOKED_AT_MAX : NULL);
	err = ctx_run(ctx, tx);
	if (err && err->kind == ERR_INVALID)
		return page->after ? cursor_err(ctx) : zone_err(ctx->arena);
	if (err)
		return err;
	if (key_is_set(&assistant) && db_count(known) == 0)
		return err_new(ctx->arena, ERR_MISSING, "There is no such assistant.");
	bounds->floor = db_text(found, 0, "floor_at");
	if (db_text(found, 0, "from_at"))
		bounds->from = db_text(found, 0, "from_at");
	if (bounds->floor)
		bounds->from = bounds->floor;
	bounds->to = db_text(found, 0, "to_at");
	return NULL;
}

static void lines_fill(struct ctx *ctx, const struct cost_page *page, const struct db_rows *lines,
    const struct bounds *bounds, struct doc *out)
{
	size_t last = (size_t)page->limit - 1;

	list_fill(lines, page->limit, out, "cost_entries");
	if (doc_text(out, "next_cursor"))
		doc_set_text(out, "next_cursor", cursor_of(ctx, db_text(lines, last, "timestamp"),
		    db_text(lines, last, "id")));
	else if (bounds->floor)
		doc_set_text(out, "next_cursor", cursor_of(ctx, bounds->floor, ID_FIRST));
}

const struct err *cost_lines(struct ctx *ctx, const struct cost_page *page, struct doc *out)
{
	const char *limit = list_limit_param(ctx, page->limit);
	struct bounds bounds = {.at = "infinity", .id = ID_LAST, .from = "-infinity",
	    .to = "infinity"};
	struct key run = key_of(page->run);
	struct key account = key_of_account(ctx, page->account);
	struct key assistant = key_of(page->assistant);
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *owner;
	struct db_rows *lines;
	const struct err *err = bounds_check(ctx, page);

	if (!err && page->after && !cursor_read(ctx, page->after, &bounds.at, &bounds.id))
		err = cursor_err(ctx);
	if (!err && is_filtered(page))
		err = bounds_find(ctx, page, &account, &bounds);
	if (err)
		return err;
	db_repeatable(tx);
	db_add(tx, SQL_RUN_PLAN_ONCE);
	if (key_is_set(&run)) {
		owner = db_add(tx, SQL_COST_RUN, run.name, run.id);
		lines = db_add(tx, SQL_COST_BY_RUN, run.name, run.id,
		    page->after ? bounds.at : NULL, bounds.id, limit);
	} else {
		owner = db_add(tx, SQL_COST_ACCOUNT, account.name, account.id);
		lines = db_add(tx, SQL_COST_LIST, account.name, account.id, bounds.at, bounds.id,
		    limit, bounds.from, bounds.to, assistant.name, assistant.id, page->model,
		    page->operation);
	}
	list_stream(ctx, lines);
	err = ctx_run(ctx, tx);
	if (err && err->kind == ERR_INVALID && page->after)
		return cursor_err(ctx);
	if (err)
		return err;
	if (db_count(owner) == 0 && (key_is_set(&run) || key_is_set(&account)))
		return err_new(ctx->arena, ERR_MISSING,
		    key_is_set(&run) ? "There is no such run." : "There is no such account.");
	if (db_count(owner) > 0)
		db_row_doc(owner, 0, doc_add_object(out, key_is_set(&run) ? "run" : "account"));
	lines_fill(ctx, page, lines, &bounds, out);
	return NULL;
}
