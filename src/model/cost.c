/* cost.c: the ledger read and added up; the adding is done by sql/cost.sql, in one snapshot. */
#include "model/cost.h"

#include <string.h>

#include "base/text.h"
#include "model/insight.h"
#include "model/list.h"

#define READ_LINES_MAX "50000" /* of a report in a zone that has no sums of its own */

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

static const struct err *field_err(struct arena *arena, const char *field, const char *sentence)
{
	struct err *err = arena_alloc(arena, sizeof(*err));
	struct err_field *wrong = arena_alloc(arena, sizeof(*wrong));

	*wrong = (struct err_field){.name = field, .sentence = sentence};
	*err = (struct err){.kind = ERR_INVALID, .sentence = sentence, .fields = wrong};
	return err;
}

static const struct err *zone_err(struct arena *arena)
{
	return field_err(arena, "tz",
	    "The time zone is not known. Use an IANA name such as Europe/Berlin.");
}

/* The server also takes POSIX rules such as "ABC5"; digits are left to the Etc zones, so that
 * only names pass. */
static bool zone_may_exist(const char *zone)
{
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_/-+";
	size_t len = strspn(zone, letters);

	if (len == 0 || strlen(zone) > 64)
		return false;
	return zone[len] == '\0' || text_starts_with(zone, "Etc/GMT");
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
		return field_err(ctx->arena, "from",
		    "The period must not end before it begins, and spans 3,660 days at most.");
	total = total_row(rows->report);
	zone = db_text(rows->report, total, "tz");
	if (!db_bool(rows->report, total, "is_readable"))
		return field_err(ctx->arena, "tz", arena_printf(ctx->arena, "No sums are kept for "
		    "the days of %s, and the period holds more than " READ_LINES_MAX " lines. "
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
static const char *cursor_of(struct ctx *ctx, const struct db_rows *lines, size_t row)
{
	const char *at = db_text(lines, row, "timestamp");

	return arena_printf(ctx->arena, "%.10sT%.*sZ_%s", at, (int)strcspn(at + 11, "+"), at + 11,
	    db_text(lines, row, "id"));
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
	return field_err(ctx->arena, "cursor", "The cursor is not one of ours.");
}

const struct err *cost_lines(struct ctx *ctx, const struct cost_page *page, struct doc *out)
{
	const char *limit = list_limit_param(ctx, page->limit);
	struct key run = key_of(page->run);
	struct key account = key_of_account(ctx, page->account);
	struct db_tx *tx = ctx_tx(ctx);
	const char *at = NULL, *id = NULL;
	struct db_rows *owner;
	struct db_rows *lines;
	const struct err *err;

	if (page->after && !cursor_read(ctx, page->after, &at, &id))
		return cursor_err(ctx);
	db_repeatable(tx);
	if (key_is_set(&run)) {
		owner = db_add(tx, SQL_COST_RUN, run.name, run.id);
		lines = db_add(tx, SQL_COST_BY_RUN, run.name, run.id, at, id, limit);
	} else {
		owner = db_add(tx, SQL_COST_ACCOUNT, account.name, account.id);
		lines = db_add(tx, SQL_COST_LIST, account.name, account.id, at, id, limit);
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
	list_fill(lines, page->limit, out, "cost_entries");
	if (doc_text(out, "next_cursor"))
		doc_set_text(out, "next_cursor", cursor_of(ctx, lines, (size_t)page->limit - 1));
	return NULL;
}
