/* cost.h: the ledger read and added up: reports of a period, and lines.
 *
 * Amounts in documents are exact decimal text in USD. An account is named by slug or id, an
 * assistant by external id or id, a run by pipeline id or id. */
#ifndef MODEL_COST_H
#define MODEL_COST_H

#include "model/ctx.h"

/* What a report covers. Without an account: the caller's own, everybody's for an operator. */
struct cost_query {
	const char *account;
	const char *assistant; /* NULL: all */
	int64_t days;          /* counted back from `to` when `from` is NULL */
	const char *from;      /* first and last day, YYYY-MM-DD; NULL: counted, and today */
	const char *to;
	const char *zone;      /* IANA name: its midnights part the days; NULL: the account's own */
	const char *default_zone; /* for whom has none; may be NULL beside a zone */
	const char *group;     /* "day", "week" (ISO) or "month" */
};

/* A report on its way: its statements have been added to a transaction. */
struct cost_rows;

/* Adds the report's statements. ERR_INVALID: the zone has no possible name. */
const struct err *cost_report_add(struct ctx *ctx, struct db_tx *tx,
    const struct cost_query *query, struct cost_rows **out) MUST_CHECK;
/* Runs the transaction and fills the document: account, from, to, tz, group, change and forecast
 * (insight.h), totals, by_account, by_assistant, by_phase, by_model, trend. A run counts where its
 * first line stands, so that days add up; phases have calls, no runs, and the operation of their
 * lines ("other": any that is no phase). ERR_MISSING: unknown account or assistant; ERR_INVALID:
 * the zone is unknown or has no sums and too many lines, or the period is impossible. */
const struct err *cost_report_run(struct ctx *ctx, struct db_tx *tx,
    const struct cost_rows *rows, struct doc *out) MUST_CHECK;

/* The report with unusual_runs and iterations (insight.h), and for an operator the accounts to
 * choose from, in one transaction. */
const struct err *cost_report(struct ctx *ctx, const struct cost_query *query, struct doc *out,
    struct doc *accounts) MUST_CHECK;
/* The same of one account, with its recent runs (runs), the last 30 days that cost something
 * (daily) and what its assistants ever cost (assistants). */
const struct err *cost_account(struct ctx *ctx, const struct cost_query *query, struct doc *out)
    MUST_CHECK;

/* The stamp of a report's page: of one account, whose page lists its runs, too, or (NULL) of
 * all. */
struct db_rows *cost_stamp(struct db_tx *tx, const char *account);

/* Which lines of the ledger: those of a run in the order of their calls, or those of an account
 * (NULL as above), the newest first: each of the filters may be NULL. */
struct cost_page {
	const char *run;
	const char *account;
	const char *assistant;
	const char *model;
	const char *operation; /* "other": all that is no phase */
	const char *from, *to; /* days, YYYY-MM-DD, in zone as above */
	const char *zone;
	const char *default_zone;
	const char *after; /* cursor behind the last line already seen, or NULL */
	int64_t limit;
};

/* Fills run or account, cost_entries and next_cursor (null at the end). A filter looks at so many
 * lines for one page: there may be fewer than limit, or none, with more behind the cursor.
 * ERR_MISSING: unknown run, account or assistant; ERR_INVALID: no such zone, an upside down
 * period, a run with filters. */
const struct err *cost_lines(struct ctx *ctx, const struct cost_page *page, struct doc *out)
    MUST_CHECK;

#endif
