/* sheet.c: the spreadsheet that ended runs are written to. */
#include "model/sheet.h"

#include "base/text.h"

#define BATCH_MAX "500"   /* rows of one request */
#define LOOK_MAX "10000"  /* rows that are looked for at once */

static const struct err *not_on(struct ctx *ctx)
{
	return err_new(ctx->arena, ERR_CONFLICT, "No spreadsheet is on: start a runner with "
	    "GOOGLE_SHEETS_ID set.");
}

/* What an operator should look at, the worst first; NULL: nothing. */
static const char *remark(const struct doc *out)
{
	int64_t runners = 0, waiting = 0;
	bool is_on = false;

	(void)doc_int(out, "runners", &runners);
	(void)doc_int(out, "waiting", &waiting);
	(void)doc_bool(out, "is_on", &is_on);
	if (!is_on)
		return "It is off: runs that end are not queued. A runner that starts with "
		    "GOOGLE_SHEETS_ID set turns it on.";
	if (runners == 0)
		return "No live runner writes to it: start promptbuilder-runner with "
		    "GOOGLE_SHEETS_ID and GOOGLE_SHEETS_TAB as they are here, or end it with "
		    "\"promptbuilder sheets off\".";
	return NULL;
}

static void orders_fill(const struct db_rows *rows, struct doc *out)
{
	bool is_live = false;

	doc_set_null(out, "test");
	doc_set_null(out, "compare");
	for (size_t i = 0; i < db_count(rows); i++) {
		const char *kind = db_text(rows, i, "kind");

		doc_remove(out, kind);
		db_row_doc(rows, i, doc_add_object(out, kind));
		is_live |= text_equal(db_text(rows, i, "state"), "waiting");
	}
	doc_set_bool(out, "is_live", is_live);
}

const struct err *sheet_report(struct ctx *ctx, struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *rows = db_add(tx, SQL_SHEET_GET);
	const struct err *err;

	db_repeatable(tx);
	err = ctx_run(ctx, tx);
	if (err != NULL)
		return err;
	doc_set_bool(out, "is_set", db_count(rows) > 0);
	if (db_count(rows) == 0)
		return NULL;
	db_row_doc(rows, 0, out);
	doc_set_text(out, "remark", remark(out));
	tx = ctx_tx(ctx);
	db_repeatable(tx);
	rows = db_add(tx, SQL_SHEET_ORDERS, doc_text(out, "id"));
	err = ctx_run(ctx, tx);
	if (err == NULL)
		orders_fill(rows, out);
	return err;
}

const struct err *sheet_order(struct ctx *ctx, const char *kind, const char *who)
{
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *rows = db_add(tx, SQL_SHEET_ORDER_ADD, kind, who);
	const struct err *err = ctx_run(ctx, tx);

	return err == NULL && db_count(rows) == 0 ? not_on(ctx) : err;
}

/* Runs a statement whose row says how many rows it changed. */
static const struct err *count_run(struct ctx *ctx, struct db_tx *tx, const struct db_rows *rows,
    int64_t *count)
{
	const struct err *err = ctx_run(ctx, tx);

	if (err == NULL && db_count(rows) == 0)
		err = not_on(ctx);
	if (err == NULL)
		*count = db_int(rows, 0, "rows");
	return err;
}

const struct err *sheet_fill(struct ctx *ctx, int64_t *rows)
{
	struct db_tx *tx = ctx_tx(ctx);

	return count_run(ctx, tx, db_add(tx, SQL_SHEET_FILL), rows);
}

const struct err *sheet_backfill(struct ctx *ctx, const char *day, int64_t *rows)
{
	struct db_tx *tx = ctx_tx(ctx);

	return count_run(ctx, tx, db_add(tx, SQL_SHEET_BACKFILL, day), rows);
}

const struct err *sheet_off(struct ctx *ctx, struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);

	return ctx_run_one(ctx, tx, db_add(tx, SQL_SHEET_OFF), not_on(ctx), out);
}

/* ---- The writer. ---- */

struct db_rows *sheet_register(struct db_tx *tx, const char *const names[3],
    const char *runner_id, bool is_again)
{
	struct db_rows *rows = NULL;

	if (!is_again) {
		db_add(tx, SQL_SHEET_REGISTER_OFF, names[0], names[1]);
		rows = db_add(tx, SQL_SHEET_REGISTER, names[0], names[1], names[2]);
		db_add(tx, SQL_SHEET_REGISTER_MOVE);
	}
	db_add(tx, SQL_SHEET_REGISTER_RUNNER, runner_id, names[0], names[1]);
	return rows;
}

void sheet_take(struct db_tx *tx, const char *sheet_id, const char *runner_id,
    const char *quiet_ms, struct sheet_taken *out)
{
	out->taken = db_add(tx, SQL_SHEET_TAKE, sheet_id, runner_id, quiet_ms);
	db_add(tx, SQL_SHEET_SEND, sheet_id, runner_id, BATCH_MAX);
	db_add(tx, SQL_SHEET_FIX, sheet_id, runner_id);
	out->rows = db_add(tx, SQL_SHEET_ROWS, sheet_id, runner_id, LOOK_MAX);
	out->order = db_add(tx, SQL_SHEET_ORDER, sheet_id, runner_id);
}

void sheet_written(struct db_tx *tx, const struct sheet_work *work, const char *range)
{
	db_add(tx, SQL_SHEET_WRITTEN, work->sheet_id, work->epoch, range);
}

void sheet_not_sent(struct db_tx *tx, const struct sheet_work *work)
{
	db_add(tx, SQL_SHEET_NOT_SENT, work->sheet_id, work->epoch);
}

void sheet_looked(struct db_tx *tx, const struct sheet_work *work, const char *found)
{
	db_add(tx, SQL_SHEET_LOOKED, work->sheet_id, work->epoch, found);
}

void sheet_worked(struct db_tx *tx, const struct sheet_work *work, const char *head,
    const char *range)
{
	db_add(tx, SQL_SHEET_WORKED, work->sheet_id, work->epoch, head, range);
}

void sheet_failed(struct db_tx *tx, const struct sheet_work *work, const char *problem,
    const char *wait_ms, const char *address)
{
	db_add(tx, SQL_SHEET_FAILED, work->sheet_id, work->epoch, problem, wait_ms, address);
}

void sheet_order_end(struct db_tx *tx, const char *order_id, const char *result,
    const char *problem)
{
	db_add(tx, SQL_SHEET_ORDER_END, order_id, result, problem);
}

void sheet_compare_seen(struct db_tx *tx, const char *order_id, const char *seen,
    const char *next)
{
	db_add(tx, SQL_SHEET_COMPARE_SEEN, order_id, seen);
	db_add(tx, SQL_SHEET_COMPARE_NEXT, order_id, next);
}

void sheet_compare_end(struct db_tx *tx, const char *order_id)
{
	db_add(tx, SQL_SHEET_COMPARE_END, order_id);
}
