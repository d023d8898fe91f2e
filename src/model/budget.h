/* budget.h: what accounts may spend in a day, week or month, and what each of their runs may.
 *
 * Spent is the ledger, reserved are the calls in flight; the check itself stands in call_open.
 * Amounts are exact decimal text in USD. */
#ifndef MODEL_BUDGET_H
#define MODEL_BUDGET_H

#include "model/ctx.h"
#include "model/job.h"

#define BUDGET_THRESHOLDS_MAX 10
#define BUDGET_PERCENT_MAX 1000

/* "month", "week", "day", "run" (each by itself); NULL-terminated. */
extern const char *const budget_periods[];

struct budget_new {
	const char *account_id;
	const char *period;
	const char *cap_usd;  /* NULL: no cap; "0" allows nothing */
	const char *soft_usd; /* what thresholds are percents of; NULL: of the cap */
	const struct doc *thresholds; /* array of integers; NULL: the usual ones */
};

struct budget_filter {
	const char *account_id; /* each may be NULL */
	const char *period;
	const char *cursor;     /* id of the last one seen */
	int64_t limit;
};

/* Puts a budget in the place of the account's one of this period, by ctx->access.name; out gets it
 * as budget_list does. ERR_INVALID: neither cap nor soft amount, or thresholds out of range.
 * ERR_MISSING: no account that the caller may see. */
const struct err *budget_set(struct ctx *ctx, const struct budget_new *budget, struct doc *out)
    MUST_CHECK;
/* Ends a budget; out gets id, account_slug, period and amounts. ERR_MISSING: there is none. */
const struct err *budget_remove(struct ctx *ctx, const char *id, struct doc *out) MUST_CHECK;
/* budgets[] with what is spent and reserved, next_cursor; and for one account without any
 * proposal_usd, one and a half times what it spent last month. */
const struct err *budget_list(struct ctx *ctx, const struct budget_filter *filter,
    struct doc *out) MUST_CHECK;
/* Fills notices, sentences' figures for at most three budgets of an account (NULL: of any that the
 * caller may see) that are used up or over a threshold. */
const struct err *budget_notices(struct ctx *ctx, const char *account_id, struct doc *notices)
    MUST_CHECK;
/* What is left of an account's budgets (budgets[]), and what its runs usually cost (quote: runs,
 * p50_usd, p95_usd, phases[]), those of an assistant (external id) if one is named. */
const struct err *budget_outlook(struct ctx *ctx, const char *account_id, const char *assistant,
    struct doc *out) MUST_CHECK;

/* Add a statement to a transaction. */

/* Row: the cap that leaves nothing to the account; none: there is something left. */
struct db_rows *budget_reached(struct db_tx *tx, const char *account_id);
/* ERR_BUDGET with the figures of that row. */
const struct err *budget_reached_err(struct arena *arena, const struct db_rows *rows) MUST_CHECK;
/* The budget has stopped the run: told once in its period. */
void budget_tell_stop(struct db_tx *tx, const struct fence *fence, const char *budget_id);

#endif
