/* run.h: pipeline runs: launched, watched, cancelled, tried again, listed.
 *
 * A run is named by its UUID or its pipeline id. What the runner does to a run is in src/run. */
#ifndef MODEL_RUN_H
#define MODEL_RUN_H

#include "model/ctx.h"

#define RUN_COUNT_MAX 100 /* counts of a list stop one above */

struct run_launch {
	const char *account_id;
	const char *briefing_id;     /* NULL: a new one */
	const struct doc *briefing;  /* as briefing_normalise makes it */
	const char *idempotency_key; /* NULL: none */
};

struct run_filter {
	const char *account_id; /* each may be NULL */
	const char *assistant;  /* UUID or external id */
	const char *status;
	const char *from, *until; /* created at or after, and before: a date, or with a time */
	const char *zone;         /* of these two; NULL: UTC */
	int64_t days;             /* without `from`: created in the last so many days; 0: ever */
	const char *cursor;       /* UUID of the last run seen */
	int64_t limit;
	int64_t offset;
	bool is_whole;            /* with briefing_data, cost_entries and pipeline_steps */
};

/* The statuses of a run, NULL-terminated. */
extern const char *const run_statuses[];

/* Makes the assistant if needed, the run and its job, in one transaction; out gets id,
 * pipeline_id and status. A key that has been used with the same briefing gives the run it made;
 * with another one ERR_INVALID. ERR_BUDGET: nothing is left to spend. */
const struct err *run_launch(struct ctx *ctx, const struct run_launch *launch, struct doc *out)
    MUST_CHECK;
/* A queued run is cancelled at once, a running one asked to stop; ERR_CONFLICT when it has
 * ended. out gets id, pipeline_id and the status it has now. */
const struct err *run_cancel(struct ctx *ctx, const char *ref, struct doc *out) MUST_CHECK;
/* A failed or cancelled run is queued again and goes on where it ended; else ERR_CONFLICT. out
 * as for run_cancel. */
const struct err *run_retry(struct ctx *ctx, const char *ref, struct doc *out) MUST_CHECK;
/* All there is about one run: costs per phase, steps with their attempts (a finished analysis as
 * `analysis`), lines, versions. */
const struct err *run_get(struct ctx *ctx, const char *ref, struct doc *out) MUST_CHECK;
/* What changes while it advances: status, totals, steps. */
const struct err *run_progress(struct ctx *ctx, const char *ref, struct doc *out) MUST_CHECK;
/* Newest first: pipeline_runs[], next_cursor, counts{status: at most RUN_COUNT_MAX + 1}. */
const struct err *run_list(struct ctx *ctx, const struct run_filter *filter, struct doc *out)
    MUST_CHECK;

/* Add to a transaction that looks up who asks (session.h) a statement with one row and column,
 * `stamp`: while it stays the same, so does what run_get and run_list (not is_whole, no account,
 * no assistant, no zone) give this asker. No row: the run has not ended, or there is none. NULL:
 * nothing was added. */
struct db_rows *run_stamp(struct db_tx *tx, const char *ref);
struct db_rows *run_list_stamp(struct ctx *ctx, struct db_tx *tx, const struct run_filter *filter);

#endif
