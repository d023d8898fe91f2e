/* claim.c: takes due jobs as places become free, and passes cancellations on. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "run/fault.h"
#include "run/task.h"

/* Notifications can be lost: the queue is looked at now and then anyway. */
#define POLL_MS 1000
/* Peers that wait for the same job do not come in the same instant. */
#define DUE_JITTER_MS 20
#define BATCH_MAX 64
#define DISOWN_MAX (1 << 20) /* of the ids of 10,000 runs */

struct claim {
	struct runner *runner;
	struct db_rows *rows;
};

void claim_soon(struct runner *runner)
{
	runner->claim_due_ms = 0;
	runner->is_work_likely = true;
	runner->claims_again = runner->is_claiming;
}

void claim_notified(struct runner *runner)
{
	claim_soon(runner);
	claim_ask_cancels(runner);
}

/* ---- Claiming. ---- */

static void wait_for_work(struct runner *runner)
{
	runner->is_claiming = false;
	runner->is_work_likely = false;
	runner->claim_due_ms = clock_ms() + POLL_MS + runner_jitter_ms(POLL_MS);
	if (runner->claims_again)
		claim_soon(runner);
}

static void on_claimed(void *arg, const struct err *err)
{
	struct claim *claim = arg;
	struct runner *runner = claim->runner;
	size_t count = err ? 0 : db_count(claim->rows);
	wait_for_work(runner);
	runner->is_claim_unsure = err != NULL;
	if (count > 0) {
		claim_soon(runner); /* there may be more */
		FAULT_POINT("claimed");
	}
	for (size_t i = 0; i < count; i++)
		task_start(runner, claim->rows, i);
}

static void on_next(void *arg, const struct err *err)
{
	struct claim *next = arg;
	struct runner *runner = next->runner;
	wait_for_work(runner);
	if (err || db_count(next->rows) == 0)
		return;
	int64_t wait_ms = db_int(next->rows, 0, "wait_ms");
	int64_t due_ms = clock_ms() + wait_ms + runner_jitter_ms(DUE_JITTER_MS);
	if (wait_ms == 0)
		claim_soon(runner);
	else if (due_ms < runner->claim_due_ms)
		runner->claim_due_ms = due_ms;
}

static struct db_rows *ask_for_jobs(struct runner *runner, struct db_tx *tx, int64_t places)
{
	struct arena *arena = runner->claim_arena;
	const int64_t limits[2] = {places < BATCH_MAX ? places : BATCH_MAX,
		runner->limits.runs_per_account};
	return job_claim(tx, arena, arena_strdup(arena, runner->self.id),
	    conf_text(runner->conf, "PROMPTBUILDER_MODEL"), limits);
}

static void on_disowned(void *arg, const struct err *err)
{
	struct runner *runner = arg;
	runner->is_claiming = false;
	runner->is_claim_unsure = err != NULL;
	if (err)
		runner->claim_due_ms = clock_ms() + POLL_MS;
	else
		claim_soon(runner);
}

/* Runs that are ours by the database and that nobody here knows of would wait for ever: this
 * runner's lease keeps others from them. */
static void disown(struct runner *runner)
{
	struct arena *arena = runner->claim_arena;
	arena_reset(arena);
	struct buf *ids = buf_new(arena, DISOWN_MAX);
	struct db_tx *tx = db_tx(arena, NULL);
	for (struct task *task = runner->tasks; task; task = task->next)
		db_array_add(ids, task->job.fence.run_id);
	db_array_end(ids);
	db_repeatable(tx);
	job_disown(tx, arena_strdup(arena, runner->self.id), ids->data);
	runner->is_claiming = true;
	store_submit(runner->store, tx, on_disowned, runner);
}

void claim_step(struct runner *runner, int64_t now_ms)
{
	if (runner->is_claim_unsure && runner->is_registered && !runner->is_claiming
	    && now_ms >= runner->claim_due_ms) {
		disown(runner);
		return;
	}
	int64_t places = runner->limits.runs - (int64_t)runner->task_count;
	if (runner->is_claiming || runner->is_draining || !lease_is_trusted(runner)
	    || replay_is_busy(runner) || places <= 0 || now_ms < runner->claim_due_ms)
		return;
	struct arena *arena = runner->claim_arena;
	arena_reset(arena);
	struct claim *claim = arena_alloc(arena, sizeof(*claim));
	struct db_tx *tx = db_tx(arena, NULL);
	claim->runner = runner;
	claim->rows = runner->is_work_likely ? ask_for_jobs(runner, tx, places)
	    : db_add(tx, SQL_JOB_NEXT);
	runner->is_claiming = true;
	store_submit(runner->store, tx, runner->is_work_likely ? on_claimed : on_next, claim);
	FAULT_POINT("claim");
}

/* ---- Cancelling. ---- */

static struct task *find_task(struct runner *runner, const char *run_id, const char *epoch)
{
	for (struct task *task = runner->tasks; task; task = task->next) {
		if (text_equal(task->job.fence.run_id, run_id)
		    && text_equal(task->job.fence.epoch, epoch))
			return task;
	}
	return NULL;
}

static void on_cancels(void *arg, const struct err *err)
{
	struct claim *asked = arg;
	struct runner *runner = asked->runner;
	runner->is_asking = false;
	for (size_t i = 0; !err && i < db_count(asked->rows); i++) {
		struct task *task = find_task(runner, db_text(asked->rows, i, "pipeline_run_id"),
		    db_text(asked->rows, i, "epoch"));
		if (task)
			task_cancel(task);
	}
	if (runner->asks_again)
		claim_ask_cancels(runner);
}

void claim_ask_cancels(struct runner *runner)
{
	runner->asks_again = runner->is_asking;
	if (runner->is_asking || runner->task_count == 0)
		return;
	struct arena *arena = runner->cancel_arena;
	arena_reset(arena);
	struct claim *asked = arena_alloc(arena, sizeof(*asked));
	struct db_tx *tx = db_tx(arena, NULL);
	db_repeatable(tx);
	asked->runner = runner;
	asked->rows = db_add(tx, SQL_JOB_CANCELS, arena_strdup(arena, runner->self.id));
	runner->is_asking = true;
	store_submit(runner->store, tx, on_cancels, asked);
}
