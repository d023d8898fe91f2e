/* job.c: leases, claims and ends of jobs as statements of a transaction. */
#include "model/job.h"

#include "base/text.h"

/* Raised when the phases or their prompts change what a run would do. */
#define PIPELINE_VERSION "1"

void runner_start(struct db_tx *tx, struct arena *arena, const struct runner_entry *runner)
{
	db_add(tx, SQL_RUNNER_START, runner->id, runner->host, db_int_param(arena, runner->pid),
	    runner->version, db_int_param(arena, runner->lease_ms));
}

struct db_rows *runner_beat(struct db_tx *tx, struct arena *arena,
    const struct runner_entry *runner)
{
	return db_add(tx, SQL_RUNNER_BEAT, runner->id, db_int_param(arena, runner->lease_ms),
	    runner->is_draining ? "true" : "false", runner->is_listening ? "true" : "false");
}

void runner_reap(struct db_tx *tx, struct arena *arena, const char *runner_id,
    struct db_rows **calls, struct db_rows **jobs)
{
	*calls = db_add(tx, SQL_CALL_REAP, runner_id);
	*jobs = db_add(tx, SQL_JOB_REAP, db_int_param(arena, JOB_CRASH_LIMIT), runner_id);
	db_add(tx, SQL_RUNNER_FOLD_SUMS);
	db_add(tx, SQL_RUNNER_SWEEP);
}

struct db_rows *job_claim(struct db_tx *tx, struct arena *arena, const char *runner_id,
    const char *model, const int64_t limits[2])
{
	db_add(tx, SQL_JOB_CLAIM_LOCK);
	return db_add(tx, SQL_JOB_CLAIM, runner_id, db_int_param(arena, limits[0]),
	    db_int_param(arena, limits[1]), model, PIPELINE_VERSION);
}

void job_disown(struct db_tx *tx, const char *runner_id, const char *run_ids)
{
	db_add(tx, SQL_JOB_DISOWN, runner_id, run_ids);
}

void job_read(struct arena *arena, const struct db_rows *rows, size_t row, const char *runner_id,
    struct job *job)
{
	job->fence.account_id = arena_strdup(arena, db_text(rows, row, "account_id"));
	job->fence.run_id = arena_strdup(arena, db_text(rows, row, "id"));
	job->fence.epoch = arena_strdup(arena, db_text(rows, row, "epoch"));
	job->fence.runner_id = arena_strdup(arena, runner_id);
	job->pipeline_id = arena_strdup(arena, db_text(rows, row, "pipeline_id"));
	job->briefing = arena_strdup(arena, db_text(rows, row, "briefing"));
	job->scored_prompt = NULL;
	if (db_text(rows, row, "scored_prompt"))
		job->scored_prompt = arena_strdup(arena, db_text(rows, row, "scored_prompt"));
	job->model = arena_strdup(arena, db_text(rows, row, "model"));
	job->target_score = db_int(rows, row, "target_score");
	job->iteration_limit = db_int(rows, row, "iteration_limit");
	job->is_first_claim = text_equal(job->fence.epoch, "1");
	job->cancel_requested = db_bool(rows, row, "cancel_requested");
}

struct db_rows *job_state(struct db_tx *tx, const struct fence *fence)
{
	return db_add(tx, SQL_JOB_STATE, fence->account_id, fence->run_id, fence->epoch,
	    fence->runner_id);
}

void job_progress(struct db_tx *tx, const struct fence *fence)
{
	db_add_element(tx, SQL_AFTER, SQL_JOB_PROGRESS, fence->account_id, fence->run_id,
	    fence->epoch, fence->runner_id);
}

void job_waits(struct db_tx *tx, const char *runner_id, const char *waits)
{
	db_add(tx, SQL_JOB_WAITS, runner_id, waits);
}

void job_release(struct db_tx *tx, struct arena *arena, const struct fence *fence,
    const struct wait *wait)
{
	db_add(tx, SQL_JOB_RELEASE, fence->account_id, fence->run_id, fence->epoch,
	    fence->runner_id, db_int_param(arena, wait->ms), wait->reason,
	    wait->is_for_budget ? "true" : "false");
	if (wait->ms == 0)
		db_add(tx, SQL_JOB_NOTIFY);
	if (!wait->is_for_budget)
		db_add_element(tx, SQL_AFTER, SQL_JOB_WAKE, fence->account_id);
}

void job_finish(struct db_tx *tx, const struct fence *fence, const char *status,
    const char *sentence)
{
	db_add_element(tx, SQL_AFTER, SQL_JOB_FINISH, fence->account_id, fence->run_id,
	    fence->epoch, fence->runner_id, status, sentence);
	db_add_element(tx, SQL_AFTER, SQL_JOB_WAKE, fence->account_id);
}
