/* runner.c: runners and their queue as an operator sees and controls them. */
#include "model/runner.h"

#define REASONS_MAX 20

void runner_rows_add(struct ctx *ctx, struct db_tx *tx, int64_t reasons, struct runner_rows *rows)
{
	rows->summary = db_add(tx, SQL_RUNNER_SUMMARY);
	rows->waiting = db_add(tx, SQL_RUNNER_WAITING, db_int_param(ctx->arena, reasons));
}

void runner_rows_fill(const struct runner_rows *rows, struct doc *out)
{
	db_row_doc(rows->summary, 0, out);
	db_rows_doc(rows->waiting, doc_add_array(out, "waiting_for"));
}

const struct err *runner_report(struct ctx *ctx, struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);
	struct runner_rows rows;
	struct db_rows *day, *list;
	const struct err *err;

	db_repeatable(tx);
	runner_rows_add(ctx, tx, REASONS_MAX, &rows);
	day = db_add(tx, SQL_RUNNER_DAY);
	list = db_add(tx, SQL_RUNNER_LIST);
	err = ctx_run(ctx, tx);
	if (err)
		return err;
	runner_rows_fill(&rows, out);
	db_row_doc(day, 0, doc_add_object(out, "last_day"));
	db_rows_doc(list, doc_add_array(out, "runners"));
	return NULL;
}

struct db_rows *runner_paused_add(struct db_tx *tx)
{
	return db_add(tx, SQL_RUNNER_PAUSED);
}

void runner_paused_fill(const struct db_rows *rows, struct doc *out)
{
	if (db_count(rows) > 0)
		db_row_doc(rows, 0, doc_add_object(out, "pause"));
	else
		doc_set_null(out, "pause");
}

const struct err *runner_pause(struct ctx *ctx, const char *who, struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *rows;
	const struct err *err;

	db_repeatable(tx);
	db_add(tx, SQL_RUNNER_PAUSE, who);
	rows = runner_paused_add(tx);
	err = ctx_run(ctx, tx);
	if (!err)
		runner_paused_fill(rows, out);
	return err;
}

const struct err *runner_resume(struct ctx *ctx, struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *rows = db_add(tx, SQL_RUNNER_RESUME);
	const struct err *err;

	db_add(tx, SQL_JOB_NOTIFY);
	err = ctx_run(ctx, tx);
	if (!err)
		runner_paused_fill(rows, out);
	return err;
}

const struct err *runner_drain(struct ctx *ctx, const char *id, const char *who, struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *rows = db_add(tx, SQL_RUNNER_DRAIN, id, who);
	struct doc *runners;
	const struct err *err;

	db_repeatable(tx);
	err = ctx_run(ctx, tx);
	if (err)
		return err;
	if (id && db_count(rows) == 0)
		return err_new(ctx->arena, ERR_MISSING, "There is no live runner whose id begins "
		    "so, or there is more than one. Give the whole id of a live one.");
	runners = doc_add_array(out, "runners");
	db_rows_doc(rows, runners);
	for (size_t i = 0; i < doc_count(runners); i++)
		doc_remove(doc_at(runners, i), "told");
	return NULL;
}
