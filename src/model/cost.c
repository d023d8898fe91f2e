/* cost.c: the ledger read and added up; the adding is done by sql/cost.sql, in one snapshot. */
#include "model/cost.h"

#include <string.h>

#include "base/text.h"
#include "model/list.h"

#define LINES_MAX (8u << 20) /* bytes of JSON in one bulk booking */

/* How a statement finds an object: by its name or by its id, the other is NULL. */
struct key {
	const char *name;
	const char *id;
};

struct cost_rows {
	struct key account;
	struct key assistant;
	struct db_rows *accounts;
	struct db_rows *assistants; /* NULL: not asked for */
	struct db_rows *report;
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

const struct err *cost_report_add(struct ctx *ctx, struct db_tx *tx,
    const struct cost_query *query, struct cost_rows **out)
{
	struct cost_rows *rows = arena_alloc(ctx->arena, sizeof(*rows));
	struct key account = key_of_account(ctx, query->account);
	struct key assistant = key_of(query->assistant);

	if (!zone_may_exist(query->zone))
		return zone_err(ctx->arena);
	db_repeatable(tx);
	rows->account = account;
	rows->assistant = assistant;
	rows->accounts = db_add(tx, SQL_COST_ACCOUNT, account.name, account.id);
	if (key_is_set(&assistant))
		rows->assistants = db_add(tx, SQL_COST_ASSISTANT, assistant.name, assistant.id,
		    account.name, account.id);
	rows->report = db_add(tx, SQL_COST_REPORT, account.name, account.id, assistant.name,
	    assistant.id, db_int_param(ctx->arena, query->days), query->from, query->to,
	    query->zone, query->group);
	*out = rows;
	return NULL;
}

const struct err *cost_report_run(struct ctx *ctx, struct db_tx *tx,
    const struct cost_rows *rows, struct doc *out)
{
	const struct err *err = ctx_run(ctx, tx);

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
	if (key_is_set(&rows->account))
		db_row_doc(rows->accounts, 0, doc_add_object(out, "account"));
	else
		doc_set_null(out, "account");
	db_row_doc(rows->report, 0, out);
	return NULL;
}

const struct err *cost_report(struct ctx *ctx, const struct cost_query *query, struct doc *out,
    struct doc *accounts)
{
	bool is_operator = ctx->access.role == ROLE_OPERATOR;
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *choices = NULL;
	struct cost_rows *rows;
	const struct err *err = cost_report_add(ctx, tx, query, &rows);

	if (err)
		return err;
	if (is_operator)
		choices = db_add(tx, SQL_COST_ACCOUNTS);
	err = cost_report_run(ctx, tx, rows, out);
	if (!err && choices)
		db_rows_doc(choices, accounts);
	return err;
}

const struct err *cost_account(struct ctx *ctx, const struct cost_query *query, struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *runs;
	struct db_rows *daily;
	struct db_rows *assistants;
	struct cost_rows *rows;
	const struct err *err = cost_report_add(ctx, tx, query, &rows);

	if (err)
		return err;
	runs = db_add(tx, SQL_COST_RECENT_RUNS, rows->account.name, rows->account.id);
	daily = db_add(tx, SQL_COST_DAILY, rows->account.name, rows->account.id);
	assistants = db_add(tx, SQL_COST_BY_ASSISTANT, rows->account.name, rows->account.id);
	err = cost_report_run(ctx, tx, rows, out);
	if (err)
		return err;
	db_rows_doc(runs, doc_add_array(out, "runs"));
	db_rows_doc(daily, doc_add_array(out, "daily"));
	db_rows_doc(assistants, doc_add_array(out, "assistants"));
	return NULL;
}

const struct err *cost_lines(struct ctx *ctx, const struct cost_page *page, struct doc *out)
{
	const char *limit = list_limit_param(ctx, page->limit);
	struct key run = key_of(page->run);
	struct key account = key_of_account(ctx, page->account);
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *owner;
	struct db_rows *lines;
	const struct err *err;

	if (page->after && !text_is_uuid(page->after))
		return field_err(ctx->arena, "cursor", "The cursor is not one of ours.");
	db_repeatable(tx);
	if (key_is_set(&run)) {
		owner = db_add(tx, SQL_COST_RUN, run.name, run.id);
		lines = db_add(tx, SQL_COST_BY_RUN, run.name, run.id, page->after, limit);
	} else {
		owner = db_add(tx, SQL_COST_ACCOUNT, account.name, account.id);
		lines = db_add(tx, SQL_COST_LIST, account.name, account.id, page->after, limit);
	}
	err = ctx_run(ctx, tx);
	if (err)
		return err;
	if (db_count(owner) == 0 && (key_is_set(&run) || key_is_set(&account)))
		return err_new(ctx->arena, ERR_MISSING,
		    key_is_set(&run) ? "There is no such run." : "There is no such account.");
	if (db_count(owner) > 0)
		db_row_doc(owner, 0, doc_add_object(out, key_is_set(&run) ? "run" : "account"));
	list_fill(lines, page->limit, out, "cost_entries");
	return NULL;
}

const struct err *cost_create_many(struct ctx *ctx, const struct doc *entries,
    struct doc *booked)
{
	struct buf *json = buf_new(ctx->arena, LINES_MAX);
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *rows;
	const struct err *err;

	doc_write(entries, json);
	if (json->failed)
		return err_new(ctx->arena, ERR_LIMIT, "These are too many lines for one booking.");
	rows = db_add(tx, SQL_COST_CREATE_MANY, json->data);
	err = ctx_run(ctx, tx);
	if (!err)
		db_rows_doc(rows, booked);
	return err;
}
