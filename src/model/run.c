/* run.c: pipeline runs: launch, cancel, retry; one run; lists. */
#include "model/run.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "model/budget.h"
#include "model/list.h"
#include "model/registry.h"
#include "model/runner.h"
#include "model/zone.h"

const char *const run_statuses[] = {"queued", "running", "completed", "failed", "cancelled", NULL};

static const struct err *run_missing(struct ctx *ctx)
{
	return err_new(ctx->arena, ERR_MISSING, "There is no such pipeline run.");
}

/* What makes two launches the same one. */
static const char *launch_hash(struct ctx *ctx, const char *briefing, const char *briefing_id)
{
	struct buf *text = buf_new(ctx->arena, 4u << 20);

	buf_text(text, briefing_id ? briefing_id : "");
	buf_char(text, '\n');
	buf_text(text, briefing);
	return text_sha256(ctx->arena, text->data, text->len);
}

/* The run that carries the key or the id; what it was made of tells whether it is the caller's. */
static const struct err *launch_result(struct ctx *ctx, const struct db_rows *rows,
    const struct db_rows *reached, const char *hash, struct doc *out)
{
	if (db_count(rows) == 0 && db_count(reached) > 0)
		return budget_reached_err(ctx->arena, reached);
	if (db_count(rows) == 0)
		return err_new(ctx->arena, ERR_BUG, "The run could not be started. Try again.");
	if (!text_equal(db_text(rows, 0, "request_hash"), hash))
		return err_new(ctx->arena, ERR_INVALID,
		    "This Idempotency-Key has started another run, with another briefing.");
	doc_set_text(out, "id", db_text(rows, 0, "id"));
	doc_set_text(out, "pipeline_id", db_text(rows, 0, "pipeline_id"));
	doc_set_text(out, "status", db_text(rows, 0, "status"));
	return NULL;
}

const struct err *run_launch(struct ctx *ctx, const struct run_launch *launch, struct doc *out)
{
	const char *account_id = launch->account_id;
	const char *key = launch->idempotency_key;
	const char *external_id = doc_text(launch->briefing, "assistantId");
	const char *pipeline_id = clock_id(ctx->arena, "pipeline");
	const char *briefing_id = launch->briefing_id ? launch->briefing_id :
	    clock_id(ctx->arena, "briefing");
	struct buf *briefing = buf_new(ctx->arena, 4u << 20);
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *rows, *reached;
	const char *hash;
	const struct err *err;

	doc_write_canonical(launch->briefing, briefing);
	if (briefing->failed)
		return err_new(ctx->arena, ERR_LIMIT, "The briefing is too long.");
	err = registry_adopt_assistant(ctx, account_id, external_id);
	if (err)
		return err;
	hash = launch_hash(ctx, briefing->data, launch->briefing_id);
	db_add(tx, SQL_RUN_LAUNCH_ASSISTANT, account_id, external_id,
	    doc_text(launch->briefing, "assistant"), key);
	db_add(tx, SQL_RUN_LAUNCH, account_id, external_id, pipeline_id, briefing_id,
	    briefing->data, key, hash);
	db_add(tx, SQL_RUN_LAUNCH_JOB, account_id, pipeline_id);
	rows = db_add(tx, SQL_RUN_LAUNCHED, account_id, pipeline_id, key);
	reached = budget_reached(tx, account_id);
	/* The ids are chosen here: sent again after a lost connection it finds its own run. */
	db_repeatable(tx);
	err = ctx_run(ctx, tx);
	return err ? err : launch_result(ctx, rows, reached, hash, out);
}

/* A name that can be no run's is not looked for. */
static bool ref_params(const char *ref, const char **id, const char **pipeline_id)
{
	bool is_id = text_is_uuid(ref);

	*id = is_id ? ref : NULL;
	*pipeline_id = is_id ? NULL : ref;
	return is_id || strlen(ref) <= 200;
}

/* The row of a run by its name: account_id, id, pipeline_id, status. */
static const struct err *run_find(struct ctx *ctx, const char *ref, const struct db_rows **found)
{
	const char *id, *pipeline_id;
	struct db_tx *tx = ctx_tx(ctx);
	const struct err *err;

	if (!ref_params(ref, &id, &pipeline_id))
		return run_missing(ctx);
	*found = db_add(tx, SQL_RUN_FIND, id, pipeline_id);
	db_repeatable(tx);
	err = ctx_run(ctx, tx);
	if (!err && db_count(*found) == 0)
		err = run_missing(ctx);
	return err;
}

static void change_doc(const struct db_rows *now, struct doc *out)
{
	doc_set_text(out, "id", db_text(now, 0, "id"));
	doc_set_text(out, "pipeline_id", db_text(now, 0, "pipeline_id"));
	doc_set_text(out, "status", db_text(now, 0, "status"));
}

const struct err *run_cancel(struct ctx *ctx, const char *ref, struct doc *out)
{
	const struct db_rows *run, *waiting, *running, *now;
	const struct err *err = run_find(ctx, ref, &run);
	const char *account_id, *id;
	struct db_tx *tx = ctx_tx(ctx);

	if (err)
		return err;
	account_id = db_text(run, 0, "account_id");
	id = db_text(run, 0, "id");
	/* The second statement sees a claim that came between. */
	waiting = db_add(tx, SQL_RUN_CANCEL_WAITING, account_id, id);
	running = db_add(tx, SQL_RUN_CANCEL_RUNNING, account_id, id);
	now = db_add(tx, SQL_RUN_FIND, id, NULL);
	err = ctx_run(ctx, tx);
	if (err)
		return err;
	if (db_count(now) == 0)
		return run_missing(ctx);
	if (db_count(waiting) == 0 && db_count(running) == 0)
		return err_new(ctx->arena, ERR_CONFLICT, "The run has ended already: it is %s.",
		    db_text(now, 0, "status"));
	change_doc(now, out);
	return NULL;
}

const struct err *run_retry(struct ctx *ctx, const char *ref, struct doc *out)
{
	const struct db_rows *run, *changed, *now;
	const struct err *err = run_find(ctx, ref, &run);
	const char *account_id, *id;
	struct db_tx *tx = ctx_tx(ctx);

	if (err)
		return err;
	account_id = db_text(run, 0, "account_id");
	id = db_text(run, 0, "id");
	changed = db_add(tx, SQL_RUN_RETRY, account_id, id,
	    conf_text(ctx->conf, "PROMPTBUILDER_MODEL"));
	db_add(tx, SQL_RUN_RETRY_STEPS, account_id, id);
	db_add(tx, SQL_RUN_RETRY_JOB, account_id, id);
	now = db_add(tx, SQL_RUN_FIND, id, NULL);
	err = ctx_run(ctx, tx);
	if (err)
		return err;
	if (db_count(now) == 0)
		return run_missing(ctx);
	if (db_count(changed) == 0 && db_text(now, 0, "pruned_at"))
		return err_new(ctx->arena, ERR_GONE, "The briefing and the outputs of this run "
		    "were dropped on %.10s. Launch a new run.", db_text(now, 0, "pruned_at"));
	if (db_count(changed) == 0 && db_bool(now, 0, "is_ended_score"))
		return err_new(ctx->arena, ERR_CONFLICT, "The version has its score already, or "
		    "another run is scoring it.");
	if (db_count(changed) == 0)
		return err_new(ctx->arena, ERR_CONFLICT,
		    "Only a failed or cancelled run can be tried again; this one is %s.",
		    db_text(now, 0, "status"));
	change_doc(now, out);
	return NULL;
}

/* One row of a statement that takes a run's name. */
static const struct err *run_read(struct ctx *ctx, enum sql sql, const char *ref,
    struct doc *out)
{
	const char *id, *pipeline_id;
	struct db_tx *tx = ctx_tx(ctx);

	if (!ref_params(ref, &id, &pipeline_id))
		return run_missing(ctx);
	db_add(tx, SQL_RUN_PLAN_ONCE);
	return ctx_read_one(ctx, tx, db_add(tx, sql, id, pipeline_id), run_missing(ctx), out);
}

/* The stored answer of an analysis is a document; whatever else it is stays text. */
static void step_open_analysis(struct ctx *ctx, struct doc *step)
{
	const char *output = doc_text(step, "output");
	struct doc *analysis;
	const struct err *err;

	if (!output || !text_equal(doc_text(step, "step_name"), "prompt_analysis"))
		return;
	err = doc_parse(ctx->arena, output, strlen(output), &analysis);
	if (err)
		return;
	doc_remove(step, "output");
	doc_set(step, "analysis", analysis);
}

const struct err *run_get(struct ctx *ctx, const char *ref, struct doc *out)
{
	const struct err *err = run_read(ctx, SQL_RUN_GET, ref, out);
	struct doc *steps;

	if (err)
		return err;
	steps = doc_get(out, "steps");
	for (size_t i = 0; i < doc_count(steps); i++)
		step_open_analysis(ctx, doc_at(steps, i));
	return NULL;
}

const struct err *run_progress(struct ctx *ctx, const char *ref, struct doc *out)
{
	return run_read(ctx, SQL_RUN_PROGRESS, ref, out);
}

static void counts_fill(const struct db_rows *rows, struct doc *counts)
{
	for (size_t row = 0; row < db_count(rows); row++)
		doc_set_int(counts, db_text(rows, row, "status"), db_int(rows, row, "runs"));
}

const struct err *run_list(struct ctx *ctx, const struct run_filter *filter, struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *rows, *counts, *paused;
	const struct err *err;
	/* Row security alone would do; the account named in the statement leads to its index. */
	const char *account_id = filter->account_id ? filter->account_id : ctx->access.account_id;
	const char *days = filter->days > 0 ? db_int_param(ctx->arena, filter->days) : NULL;
	const char *zone = filter->zone ? filter->zone : "UTC";

	if (!zone_may_exist(zone))
		return zone_err(ctx->arena);
	db_add(tx, SQL_RUN_PLAN_ONCE);
	rows = db_add(tx, SQL_RUN_LIST, account_id, filter->assistant, filter->status, filter->from,
	    filter->until, filter->cursor, list_limit_param(ctx, filter->limit),
	    db_int_param(ctx->arena, filter->offset), filter->is_whole ? "true" : "false", days,
	    zone);
	list_stream(ctx, rows);
	counts = db_add(tx, SQL_RUN_COUNTS, account_id, filter->assistant, filter->from,
	    filter->until, days, zone);
	paused = runner_paused_add(tx);
	db_repeatable(tx);
	err = ctx_run(ctx, tx);
	/* All else was checked before: only the zone can have been refused. */
	if (err && err->kind == ERR_INVALID)
		return zone_err(ctx->arena);
	if (err)
		return err;
	list_fill(rows, filter->limit, out, "pipeline_runs");
	counts_fill(counts, doc_add_object(out, "counts"));
	runner_paused_fill(paused, out);
	return NULL;
}

struct db_rows *run_stamp(struct db_tx *tx, const char *ref)
{
	const char *id, *pipeline_id;

	return ref_params(ref, &id, &pipeline_id) ? db_add(tx, SQL_RUN_STAMP, id, pipeline_id) :
	    NULL;
}

struct db_rows *run_list_stamp(struct ctx *ctx, struct db_tx *tx, const struct run_filter *filter)
{
	if (filter->is_whole || filter->account_id || filter->assistant || filter->zone)
		return NULL;
	return db_add(tx, SQL_RUN_LIST_STAMP, filter->status, filter->from, filter->until,
	    filter->cursor, list_limit_param(ctx, filter->limit),
	    db_int_param(ctx->arena, filter->offset),
	    filter->days > 0 ? db_int_param(ctx->arena, filter->days) : NULL);
}
