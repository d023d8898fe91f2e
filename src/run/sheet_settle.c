/* sheet_settle.c: stores what became of a request to the spreadsheet. */
#include "run/sheet.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "run/fault.h"
#include "run/sheet_values.h"

#define SHIFTED "Rows are written, but not in the first column: the tab has another table in it. " \
	"Set a tab of its own in GOOGLE_SHEETS_TAB."
#define UNCLEAR_TEST "It is not known whether the test row was written; look at the spreadsheet."

static void on_settled(void *arg, const struct err *err)
{
	struct runner *runner = arg;
	struct sheets *sheets = runner->sheets;
	FAULT_POINT("written");
	sheets->is_busy = false;
	/* The next batch may be waiting; if not, rows are collected again. */
	sheets->due_ms = clock_ms() + (err ? SHEET_RETRY_MS : SHEET_SPACING_MS);
}

static const char *problem_of(const struct sheet_verdict *verdict)
{
	return verdict->problem ? verdict->problem : "Google's answer cannot be read.";
}

static void add_failure(struct runner *runner, struct db_tx *tx,
    const struct sheet_verdict *verdict)
{
	struct sheets *sheets = runner->sheets;
	int64_t wait_ms = verdict->wait_ms + runner_jitter_ms(verdict->wait_ms / 4);
	log_warn("spreadsheet not written", "reason", problem_of(verdict));
	sheet_failed(tx, &sheets->work, problem_of(verdict), db_int_param(sheets->arena, wait_ms),
	    sheets->address);
}

/* Rows that have an answer: where they are. */
static void settle_append(struct runner *runner, struct db_tx *tx, const struct doc *answer)
{
	struct sheets *sheets = runner->sheets;
	bool is_shifted = false;
	const char *range = sheet_read_range(sheets->arena, answer, &is_shifted);
	size_t rows = db_count(sheets->taken.rows);
	if (!range || !sheet_is_count(answer, rows + sheets->has_headings)) {
		add_failure(runner, tx, &(struct sheet_verdict){.wait_ms = SHEET_SPACING_MS,
			.problem = "Google's answer does not say where the rows are."});
		return; /* they will be looked for */
	}
	log_info("rows written to the spreadsheet", "rows",
	    db_int_param(sheets->arena, (int64_t)rows), "range", range);
	sheet_written(tx, &sheets->work, range);
	sheet_worked(tx, &sheets->work, "there", range);
	if (is_shifted)
		add_failure(runner, tx, &(struct sheet_verdict){.wait_ms = sheet_wait_ms(INT64_MAX),
			.problem = SHIFTED});
}

const char *sheet_order_id(const struct sheets *sheets)
{
	return db_text(sheets->taken.order, 0, "id");
}

static void settle_test(struct runner *runner, struct db_tx *tx, const struct doc *answer)
{
	struct sheets *sheets = runner->sheets;
	bool is_shifted = false;
	const char *range = sheet_read_range(sheets->arena, answer, &is_shifted);
	struct doc *result = doc_object(sheets->arena);
	struct buf *text = buf_new(sheets->arena, 4096);
	doc_set_text(result, "range", range);
	doc_write(result, text);
	sheet_order_end(tx, sheet_order_id(sheets), text->data,
	    !range ? UNCLEAR_TEST : is_shifted ? SHIFTED : NULL);
	sheet_worked(tx, &sheets->work, "there", NULL);
}

static void settle_look(struct runner *runner, struct db_tx *tx, const struct doc *answer)
{
	struct sheets *sheets = runner->sheets;
	bool is_empty = true;
	const char *found = sheet_find(sheets->arena, answer, sheets->taken.rows, &is_empty);
	sheet_looked(tx, &sheets->work, found);
	sheet_worked(tx, &sheets->work, is_empty ? "empty" : "there", NULL);
}

int64_t sheet_compare_row(const struct sheets *sheets)
{
	return db_int(sheets->taken.order, 0, "next_row");
}

static void settle_compare(struct runner *runner, struct db_tx *tx, const struct doc *answer)
{
	struct sheets *sheets = runner->sheets;
	size_t count = 0;
	const char *seen = sheet_seen(sheets->arena, answer, sheet_compare_row(sheets), &count);
	if (count > 0)
		sheet_compare_seen(tx, sheet_order_id(sheets), seen,
		    db_int_param(sheets->arena, sheet_compare_row(sheets) + SHEET_COMPARE_ROWS));
	else
		sheet_compare_end(tx, sheet_order_id(sheets));
	sheet_worked(tx, &sheets->work,
	    db_text(sheets->taken.taken, 0, "head"), NULL);
}

static void settle_done(struct runner *runner, struct db_tx *tx, const struct doc *answer)
{
	switch (runner->sheets->kind) {
	case WORK_LOOK:
		settle_look(runner, tx, answer);
		break;
	case WORK_TEST:
		settle_test(runner, tx, answer);
		break;
	case WORK_COMPARE:
		settle_compare(runner, tx, answer);
		break;
	case WORK_APPEND:
		settle_append(runner, tx, answer);
		break;
	}
}

/* A comparison waits through what passes by itself; a test tells at once. */
static void settle_order(struct runner *runner, struct db_tx *tx,
    const struct sheet_verdict *verdict)
{
	struct sheets *sheets = runner->sheets;
	bool is_patient = sheets->kind == WORK_COMPARE && !verdict->is_blocked;
	if (db_count(sheets->taken.order) == 0 || is_patient)
		return;
	sheet_order_end(tx, sheet_order_id(sheets), NULL,
	    verdict->end == SHEET_UNCLEAR ? UNCLEAR_TEST : problem_of(verdict));
}

void sheet_settle(struct runner *runner, const struct sheet_verdict *verdict)
{
	struct sheets *sheets = runner->sheets;
	struct db_tx *tx = db_tx(sheets->arena, NULL);
	if (verdict->end == SHEET_DONE) {
		settle_done(runner, tx, verdict->answer);
	} else if (verdict->is_past_end && sheets->kind == WORK_COMPARE) {
		settle_compare(runner, tx, NULL);
	} else {
		if (verdict->end == SHEET_NOT)
			sheet_not_sent(tx, &sheets->work);
		settle_order(runner, tx, verdict);
		add_failure(runner, tx, verdict);
	}
	db_repeatable(tx);
	store_submit(runner->store, tx, on_settled, runner);
}

void sheet_settle_unbegun(struct runner *runner)
{
	struct sheets *sheets = runner->sheets;
	struct db_tx *tx = db_tx(sheets->arena, NULL);
	sheet_not_sent(tx, &sheets->work);
	db_repeatable(tx);
	store_submit(runner->store, tx, on_settled, runner);
}
