/* score.c: makes versions by hand, and queues the runs that score versions. */
#include "model/score.h"

#include <string.h>

#include "base/clock.h"
#include "base/injection.h"
#include "base/text.h"
#include "model/briefing.h"
#include "model/budget.h"
#include "model/version.h"

/* Each character of a prompt takes at most six in a file. */
#define INJECTION_MAX (6 * VERSION_BYTES_MAX + 4096)

/* The version that something is made of. */
struct target {
	const char *account_id, *assistant_id, *version;
	const char *new_id; /* for what is made next */
};

static const struct err *target_read(struct ctx *ctx, const char *id, struct target *target)
{
	struct db_tx *tx = ctx_tx(ctx);
	const struct db_rows *rows;
	const struct err *err;

	if (!text_is_uuid(id))
		return version_missing(ctx);
	rows = db_add(tx, SQL_SCORE_TARGET, id);
	db_repeatable(tx);
	err = ctx_run(ctx, tx);
	if (err)
		return err;
	if (db_count(rows) == 0)
		return version_missing(ctx);
	if (db_text(rows, 0, "pruned_at"))
		return version_gone(ctx, db_text(rows, 0, "pruned_at"));
	*target = (struct target){db_text(rows, 0, "account_id"), db_text(rows, 0, "assistant_id"),
	    db_text(rows, 0, "version"), db_text(rows, 0, "new_id")};
	return NULL;
}

/* ---- Scoring. ---- */

/* A run being queued: its ids are chosen here, so that a transaction that is sent again after a
 * lost connection finds its own. */
struct launch {
	const char *version_id;
	const char *model, *key;
	const char *pipeline_id, *hash;
	const struct db_rows *rows, *reached;
};

static const struct err *launch_begin(struct ctx *ctx, const struct target *target,
    const struct score_how *how, struct launch *launch)
{
	struct doc *models = doc_array(ctx->arena);
	const struct err *err = briefing_models(ctx, target->account_id, models);

	launch->model = how->model ? how->model : conf_text(ctx->conf, "PROMPTBUILDER_MODEL");
	launch->key = how->idempotency_key;
	launch->pipeline_id = clock_id(ctx->arena, "pipeline");
	return err ? err : briefing_check_model(ctx, launch->model, models, "model");
}

/* What makes two requests the same one. */
static const char *hash_of(struct ctx *ctx, const char *what, const char *id, const char *model)
{
	const char *text = arena_printf(ctx->arena, "%s %s %s", what, id, model);

	return text_sha256(ctx->arena, text, strlen(text));
}

static void launch_add(struct ctx *ctx, struct db_tx *tx, const struct target *target,
    struct launch *launch)
{
	db_add(tx, SQL_SCORE_LAUNCH, launch->version_id, launch->pipeline_id,
	    clock_id(ctx->arena, "briefing"), launch->model, launch->key, launch->hash);
	db_add(tx, SQL_RUN_LAUNCH_JOB, target->account_id, launch->pipeline_id);
}

static const struct err *key_used(struct ctx *ctx)
{
	return err_new(ctx->arena, ERR_INVALID, "This Idempotency-Key has started another run.");
}

/* Why no run was queued. */
static const struct err *launch_problem(struct ctx *ctx, const struct launch *launch)
{
	const struct db_rows *rows = launch->rows;
	const char *version = db_text(rows, 0, "version");

	if (db_text(rows, 0, "final_score"))
		return err_new(ctx->arena, ERR_CONFLICT, "%s has its score already: %s.", version,
		    db_text(rows, 0, "final_score"));
	if (db_text(rows, 0, "scoring_run"))
		return err_new(ctx->arena, ERR_CONFLICT, "%s is being scored already, by %s.",
		    version, db_text(rows, 0, "scoring_run"));
	if (db_text(rows, 0, "pruned_at"))
		return version_gone(ctx, db_text(rows, 0, "pruned_at"));
	if (db_count(launch->reached) > 0)
		return budget_reached_err(ctx->arena, launch->reached);
	return err_new(ctx->arena, ERR_BUG, "The run could not be started. Try again.");
}

static const struct err *launch_end(struct ctx *ctx, const struct launch *launch, struct doc *out)
{
	const struct db_rows *rows = launch->rows;

	if (db_count(rows) == 0)
		return version_missing(ctx);
	if (!db_text(rows, 0, "id"))
		return launch_problem(ctx, launch);
	if (!text_equal(db_text(rows, 0, "request_hash"), launch->hash))
		return key_used(ctx);
	doc_set_text(out, "id", db_text(rows, 0, "id"));
	doc_set_text(out, "pipeline_id", db_text(rows, 0, "pipeline_id"));
	doc_set_text(out, "status", db_text(rows, 0, "status"));
	doc_set_text(out, "version_id", db_text(rows, 0, "version_id"));
	return NULL;
}

const struct err *score_launch(struct ctx *ctx, const char *version_id,
    const struct score_how *how, struct doc *out)
{
	struct target target;
	struct launch launch = {.version_id = version_id};
	struct db_tx *tx = ctx_tx(ctx);
	const struct err *err = target_read(ctx, version_id, &target);

	if (!err)
		err = launch_begin(ctx, &target, how, &launch);
	if (err)
		return err;
	launch.hash = hash_of(ctx, "score", version_id, launch.model);
	launch_add(ctx, tx, &target, &launch);
	launch.rows = db_add(tx, SQL_SCORE_LAUNCHED, version_id, launch.pipeline_id, launch.key);
	launch.reached = budget_reached(tx, target.account_id);
	db_repeatable(tx);
	err = ctx_run(ctx, tx);
	return err ? err : launch_end(ctx, &launch, out);
}

/* ---- Editing. ---- */

static const char *injection_of(struct ctx *ctx, const struct target *target,
    const char *content, const char *hash)
{
	struct buf *file = buf_new(ctx->arena, INJECTION_MAX);

	injection_write(file, arena_printf(ctx->arena,
	    "Made with promptbuilder by hand from %s; sha256 of the prompt: %s", target->version,
	    hash), content);
	return file->data;
}

static const struct err *edit_end(struct ctx *ctx, const struct db_rows *rows,
    const struct launch *launch, struct doc *out)
{
	static const char *const internal[] = {"is_made", "is_repeated"};

	if (db_count(launch->rows) > 0
	    && !text_equal(db_text(launch->rows, 0, "request_hash"), launch->hash))
		return key_used(ctx);
	if (db_count(rows) == 0 && db_count(launch->reached) > 0)
		return budget_reached_err(ctx->arena, launch->reached);
	if (db_count(rows) == 0)
		return err_new(ctx->arena, ERR_BUG, "The version could not be made. Try again.");
	if (!db_bool(rows, 0, "is_made") && !db_bool(rows, 0, "is_repeated"))
		return err_new(ctx->arena, ERR_CONFLICT, "%s has this text already (it is %s).",
		    db_text(rows, 0, "version"), db_text(rows, 0, "status"));
	db_row_doc(rows, 0, out);
	for (size_t i = 0; i < ARRAY_LEN(internal); i++)
		doc_remove(out, internal[i]);
	return NULL;
}

const struct err *version_edit(struct ctx *ctx, const struct version_edit *edit, struct doc *out)
{
	const char *hash = text_sha256(ctx->arena, edit->content, strlen(edit->content));
	struct db_tx *tx = ctx_tx(ctx);
	struct launch launch = {.key = NULL};
	const struct db_rows *rows;
	struct target target;
	const struct err *err = target_read(ctx, edit->parent_id, &target);

	if (!err && edit->is_scored)
		err = launch_begin(ctx, &target, &edit->how, &launch);
	if (err)
		return err;
	launch.version_id = target.new_id;
	db_add(tx, SQL_SCORE_EDIT_LOCK, target.assistant_id);
	db_add(tx, SQL_SCORE_EDIT, target.new_id, edit->parent_id, target.account_id,
	    edit->content, hash, injection_of(ctx, &target, edit->content, hash), edit->message,
	    edit->is_scored ? "true" : "false", launch.key);
	if (edit->is_scored) {
		launch.hash = hash_of(ctx, "edit", hash, launch.model);
		launch_add(ctx, tx, &target, &launch);
	}
	rows = db_add(tx, SQL_SCORE_EDITED, target.new_id, target.account_id, target.assistant_id,
	    hash, launch.key);
	launch.rows = db_add(tx, SQL_RUN_LAUNCHED, target.account_id, launch.pipeline_id,
	    launch.key);
	launch.reached = budget_reached(tx, target.account_id);
	db_repeatable(tx);
	err = ctx_run(ctx, tx);
	return err ? err : edit_end(ctx, rows, &launch, out);
}
