/* budget.c: budgets set, ended and shown; the database knows what is spent of them. */
#include "model/budget.h"

#include "base/money.h"
#include "base/text.h"
#include "model/list.h"

const char *const budget_periods[] = {"month", "week", "day", "run", NULL};

/* An array in the database's notation, each threshold once. */
static const struct err *thresholds_param(struct ctx *ctx, const struct budget_new *budget,
    const char **param)
{
	const struct doc *thresholds = budget->thresholds;
	struct buf *array = buf_new(ctx->arena, 256);

	*param = text_equal(budget->period, "run") ? "{100}" : "{50,80,100}";
	if (!thresholds)
		return NULL;
	for (size_t i = 0; i < doc_count(thresholds); i++) {
		const char *text = doc_scalar(doc_at(thresholds, i));
		int64_t percent;

		if (!text || !text_to_int(text, 1, BUDGET_PERCENT_MAX, &percent) ||
		    i >= BUDGET_THRESHOLDS_MAX)
			return err_new(ctx->arena, ERR_INVALID, "Thresholds are at most %d whole "
			    "percents from 1 to %d.", BUDGET_THRESHOLDS_MAX, BUDGET_PERCENT_MAX);
		buf_printf(array, "%s%lld", i > 0 ? "," : "{", (long long)percent);
	}
	buf_text(array, array->len > 0 ? "}" : "{}");
	*param = array->data;
	return NULL;
}

const struct err *budget_set(struct ctx *ctx, const struct budget_new *budget, struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *rows;
	const char *thresholds;
	const struct err *err = thresholds_param(ctx, budget, &thresholds);

	if (!err && !budget->cap_usd && !budget->soft_usd)
		err = err_new(ctx->arena, ERR_INVALID, "A cap or a soft amount is needed.");
	if (err)
		return err;
	db_add(tx, SQL_BUDGET_LOCK, budget->account_id, NULL);
	db_add(tx, SQL_BUDGET_END, budget->account_id, budget->period, ctx->access.name);
	db_add(tx, SQL_BUDGET_ADD, budget->account_id, budget->period,
	    conf_text(ctx->conf, "PROMPTBUILDER_TIME_ZONE"), budget->cap_usd, budget->soft_usd,
	    thresholds, ctx->access.name);
	db_add_element(tx, SQL_AFTER, SQL_JOB_WAKE, budget->account_id);
	rows = db_add(tx, SQL_BUDGET_LIST, budget->account_id, NULL, budget->period, "1");
	return ctx_run_one(ctx, tx, rows,
	    err_new(ctx->arena, ERR_MISSING, "There is no such account."), out);
}

const struct err *budget_remove(struct ctx *ctx, const char *id, struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *removed;

	if (text_is_uuid(id)) {
		const struct err *err;

		db_add(tx, SQL_BUDGET_LOCK, NULL, id);
		removed = db_add(tx, SQL_BUDGET_REMOVE, id, ctx->access.name);
		err = ctx_run(ctx, tx);
		if (err)
			return err;
		if (db_count(removed) > 0) {
			db_row_doc(removed, 0, out);
			return NULL;
		}
	}
	return err_new(ctx->arena, ERR_MISSING, "There is no such budget.");
}

const struct err *budget_list(struct ctx *ctx, const struct budget_filter *filter,
    struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *rows, *proposal = NULL;
	const struct err *err;

	db_repeatable(tx);
	rows = db_add(tx, SQL_BUDGET_LIST, filter->account_id, filter->cursor, filter->period,
	    list_limit_param(ctx, filter->limit));
	list_stream(ctx, rows);
	if (filter->account_id)
		proposal = db_add(tx, SQL_BUDGET_PROPOSAL, filter->account_id);
	err = ctx_run(ctx, tx);
	if (err)
		return err;
	list_fill(rows, filter->limit, out, "budgets");
	if (proposal && db_count(proposal) > 0 && db_count(rows) == 0)
		doc_set_text(out, "proposal_usd", db_text(proposal, 0, "usd"));
	return NULL;
}

const struct err *budget_notices(struct ctx *ctx, const char *account_id, struct doc *notices)
{
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *rows;
	const struct err *err;

	db_repeatable(tx);
	rows = db_add(tx, SQL_BUDGET_NOTICES, account_id);
	err = ctx_run(ctx, tx);
	if (!err)
		db_rows_doc(rows, notices);
	return err;
}

const struct err *budget_outlook(struct ctx *ctx, const char *account_id, const char *assistant,
    struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *budgets, *quote;
	const struct err *err;

	db_repeatable(tx);
	budgets = db_add(tx, SQL_BUDGET_LIST, account_id, NULL, NULL, "10");
	quote = db_add(tx, SQL_BUDGET_QUOTE, account_id, assistant);
	err = ctx_run(ctx, tx);
	if (err)
		return err;
	db_rows_doc(budgets, doc_add_array(out, "budgets"));
	if (db_count(quote) > 0)
		db_row_doc(quote, 0, doc_add_object(out, "quote"));
	return NULL;
}

struct db_rows *budget_reached(struct db_tx *tx, const char *account_id)
{
	return db_add(tx, SQL_BUDGET_REACHED, account_id);
}

static const char *amount(struct arena *arena, const struct db_rows *rows, const char *column)
{
	int64_t nano = 0;

	(void)money_from_text(db_text(rows, 0, column), &nano);
	return money_short(arena, nano);
}

const struct err *budget_reached_err(struct arena *arena, const struct db_rows *rows)
{
	struct doc *facts = doc_object(arena);
	struct err *err = arena_alloc(arena, sizeof(*err));
	const char *slug = db_text(rows, 0, "account_slug");

	db_row_doc(rows, 0, facts);
	*err = (struct err){.kind = ERR_BUDGET, .facts = facts,
	    .sentence = arena_printf(arena, "The budget of account %s for %s is %s USD, and %s is "
	    "spent: nothing is left. An operator or a member of %s can raise it under /budgets.",
	    slug, db_text(rows, 0, "period_name"), amount(arena, rows, "limit_usd"),
	    amount(arena, rows, "spent_usd"), slug)};
	return err;
}

void budget_tell_stop(struct db_tx *tx, const struct fence *fence, const char *budget_id)
{
	db_add(tx, SQL_BUDGET_TELL_STOP, fence->account_id, fence->run_id, budget_id);
}
