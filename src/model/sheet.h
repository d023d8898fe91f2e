/* sheet.h: the spreadsheet that ended runs are written to, as an operator sees and orders it, and
 * as its writer, a runner, settles what it did. */
#ifndef MODEL_SHEET_H
#define MODEL_SHEET_H

#include "model/ctx.h"

/* ---- Operators. ---- */

/* The spreadsheet that is on, or else the last one that was, with its backlog, its problem and the
 * last orders {test, compare}, null where there is none; is_live: one of them waits; remark: what
 * should be looked at, or null. Without any: is_set false, and nothing else. */
const struct err *sheet_report(struct ctx *ctx, struct doc *out) MUST_CHECK;
/* Orders a "test" or a "compare" of the runner; who is kept with it. ERR_CONFLICT: no spreadsheet
 * is on. */
const struct err *sheet_order(struct ctx *ctx, const char *kind, const char *who) MUST_CHECK;
/* The rows that the last comparison missed are written again; *rows: how many. */
const struct err *sheet_fill(struct ctx *ctx, int64_t *rows) MUST_CHECK;
/* Runs that ended on a day (of UTC) or later and have no row are queued; *rows: how many. */
const struct err *sheet_backfill(struct ctx *ctx, const char *day, int64_t *rows) MUST_CHECK;
/* No run is queued any more; out gets spreadsheet_id and tab. ERR_CONFLICT: none was on. */
const struct err *sheet_off(struct ctx *ctx, struct doc *out) MUST_CHECK;

/* ---- The writer. Each adds statements to a transaction that the caller runs. ---- */

/* A runner is set to write to a spreadsheet; row: id. With is_again only the runner is noted. */
struct db_rows *sheet_register(struct db_tx *tx, const char *const names[3],
    const char *runner_id, bool is_again);

struct sheet_taken {
	struct db_rows *taken; /* no row: nothing to do; else action, epoch, head, failures */
	struct db_rows *rows;  /* to be sent, or to be looked for */
	struct db_rows *order;
};
/* Takes up the next thing to do; quiet_ms: see sheet_take in sheet.sql. */
void sheet_take(struct db_tx *tx, const char *sheet_id, const char *runner_id,
    const char *quiet_ms, struct sheet_taken *out);

/* What was taken up, for its end. */
struct sheet_work {
	const char *sheet_id, *epoch;
};
/* The rows that were sent are in range. */
void sheet_written(struct db_tx *tx, const struct sheet_work *work, const char *range);
/* The rows that were sent have certainly not arrived. */
void sheet_not_sent(struct db_tx *tx, const struct sheet_work *work);
/* found: text of sheet_find. */
void sheet_looked(struct db_tx *tx, const struct sheet_work *work, const char *found);
/* It went well; head is what is known of the first row, range where rows were written, or NULL. */
void sheet_worked(struct db_tx *tx, const struct sheet_work *work, const char *head,
    const char *range);
/* It did not; address: of the service account, NULL: not known. */
void sheet_failed(struct db_tx *tx, const struct sheet_work *work, const char *problem,
    const char *wait_ms, const char *address);
/* An order ends with a result (JSON) or a problem. */
void sheet_order_end(struct db_tx *tx, const char *order_id, const char *result,
    const char *problem);
/* Keeps what a comparison has read; next is the row that it goes on with. */
void sheet_compare_seen(struct db_tx *tx, const char *order_id, const char *seen,
    const char *next);
void sheet_compare_end(struct db_tx *tx, const char *order_id);

#endif
