/* home.c: the first page's numbers, in one transaction. */
#include "model/home.h"

#include "model/cost.h"
#include "model/runner.h"

#define REASONS_MAX 3

const struct err *home_get(struct ctx *ctx, const char *zone, struct doc *out)
{
	const struct cost_query query = {.days = 30, .default_zone = zone, .group = "day"};
	const char *account_id = ctx->access.account_id;
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *costs;
	struct db_rows *runs;
	struct db_rows *health;
	struct db_rows *recent;
	struct db_rows *paused;
	struct runner_rows runners;
	bool is_operator = ctx->access.role == ROLE_OPERATOR;
	struct cost_rows *report;
	const struct err *err = cost_report_add(ctx, tx, &query, &report);

	if (err)
		return err;
	costs = db_add(tx, SQL_HOME_COSTS, zone, account_id);
	runs = db_add(tx, SQL_HOME_RUNS, account_id);
	health = db_add(tx, SQL_HOME_HEALTH, account_id);
	recent = db_add(tx, SQL_COST_RECENT_RUNS, NULL, account_id);
	paused = runner_paused_add(tx);
	if (is_operator)
		runner_rows_add(ctx, tx, REASONS_MAX, &runners);
	err = cost_report_run(ctx, tx, report, doc_add_object(out, "report"));
	if (err)
		return err;
	db_row_doc(costs, 0, doc_add_object(out, "costs"));
	db_row_doc(runs, 0, doc_add_object(out, "runs"));
	db_row_doc(health, 0, doc_add_object(out, "health"));
	db_rows_doc(recent, doc_add_array(out, "recent_runs"));
	runner_paused_fill(paused, out);
	if (is_operator)
		runner_rows_fill(&runners, doc_add_object(out, "runners"));
	return NULL;
}
