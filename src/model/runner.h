/* runner.h: runners and their queue as an operator sees and controls them. What a runner does for
 * itself is in job.h. */
#ifndef MODEL_RUNNER_H
#define MODEL_RUNNER_H

#include "model/ctx.h"

/* The report's statements in a transaction, and what became of them. */
struct runner_rows {
	struct db_rows *summary, *waiting;
};

/* For the page that tells more than this: adds what runner_rows_fill puts into out: is_claiming,
 * paused_at, paused_by, runners by state (alive, draining, lost; deaf: alive, but it polls), runs
 * and open_calls in flight, queued runs that are due or waiting, since when the oldest is due, and
 * waiting_for[], at most reasons of them. Counts are of what the caller may see. */
void runner_rows_add(struct ctx *ctx, struct db_tx *tx, int64_t reasons, struct runner_rows *rows);
void runner_rows_fill(const struct runner_rows *rows, struct doc *out);
/* All of it, with last_day and runners[]. */
const struct err *runner_report(struct ctx *ctx, struct doc *out) MUST_CHECK;

/* Adds the statement that tells whether claims are paused; out gets pause {paused_at, paused_by},
 * or null. */
struct db_rows *runner_paused_add(struct db_tx *tx);
void runner_paused_fill(const struct db_rows *rows, struct doc *out);

/* No runner claims anything from here on, whoever starts or stops; who is kept with it. A pause
 * that is there stays as it is; out gets it as above. */
const struct err *runner_pause(struct ctx *ctx, const char *who, struct doc *out) MUST_CHECK;
/* Claims go on; out gets the pause that ended, or null. */
const struct err *runner_resume(struct ctx *ctx, struct doc *out) MUST_CHECK;
/* Asks the one live runner whose id begins so, or (NULL) all, to finish its calls and exit; out
 * gets runners[] that were asked. ERR_MISSING: id means none, or more than one. */
const struct err *runner_drain(struct ctx *ctx, const char *id, const char *who, struct doc *out)
    MUST_CHECK;

#endif
