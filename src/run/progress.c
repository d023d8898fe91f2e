/* progress.c: writes down how far the answers in flight are, once a second and only changes. */
#include <string.h>

#include "run/admit.h"

#define PERIOD_MS 1000
#define WAIT_MIN_MS 1000 /* shorter waits are not worth a word */
#define ARRAY_MAX (4 * 1024 * 1024)
#define PERCENT_MAX 95 /* the rest is the commit's */

/* By the size of the text; an improved prompt is about as long as the one before it. */
static int percent_of(const struct task *task)
{
	const struct answer *answer = call_answer(task->try.call);
	const char *prompt = pipeline_prompt(&task->pipeline);
	size_t usual = task->step.phase->usual_bytes;
	if (prompt && !task->step.phase->is_structured)
		usual = strlen(prompt) + 1;
	size_t percent = answer->text->len * 100 / usual;
	return percent > PERCENT_MAX ? PERCENT_MAX : (int)percent;
}

static void on_reported(void *arg, const struct err *err)
{
	struct runner *runner = arg;
	runner->is_reporting = false;
}

static void report(struct runner *runner, struct buf *arrays[3])
{
	struct db_tx *tx = db_tx(runner->progress_arena, NULL);
	for (int i = 0; i < 3; i++)
		db_array_end(arrays[i]);
	runner->is_reporting = true;
	step_progress(tx, arrays[0]->data, arrays[1]->data, arrays[2]->data);
	store_submit(runner->store, tx, on_reported, runner);
}

/* ---- What waiting runs wait for. ---- */

static void on_told(void *arg, const struct err *err)
{
	struct runner *runner = arg;
	runner->is_telling = false;
	for (struct task *task = runner->tasks; err && task; task = task->next)
		task->told_wait = NULL;
}

/* Adds what the database should say of a task, unless it does so already. */
static void tell_wait(struct task *task, struct doc *waits, int64_t now_ms)
{
	bool waits_now = task->state == TASK_WAITING;
	int64_t left_ms = waits_now ? admit_left_ms(task, now_ms) : 0;
	const char *reason = waits_now ? task->wait.reason : NULL;
	bool is_known = reason == task->told_wait && (!reason || now_ms < task->told_until_ms);
	if (is_known || (waits_now && left_ms < WAIT_MIN_MS))
		return;
	task->told_wait = reason;
	task->told_until_ms = now_ms + left_ms;
	struct doc *row = doc_push_object(waits);
	doc_set_text(row, "account", task->job.fence.account_id);
	doc_set_text(row, "run", task->job.fence.run_id);
	doc_set_text(row, "epoch", task->job.fence.epoch);
	doc_set_text(row, "reason", reason);
	doc_set_int(row, "ms", left_ms);
}

static void tell_waits(struct runner *runner, int64_t now_ms)
{
	struct arena *arena = runner->wait_arena;
	if (runner->is_telling)
		return;
	arena_reset(arena);
	struct doc *waits = doc_array(arena);
	for (struct task *task = runner->tasks; task; task = task->next) {
		if (task->state < TASK_FINISHING)
			tell_wait(task, waits, now_ms);
	}
	if (doc_count(waits) == 0)
		return;
	struct buf *json = buf_new(arena, ARRAY_MAX);
	struct db_tx *tx = db_tx(arena, NULL);
	doc_write(waits, json);
	runner->is_telling = true;
	job_waits(tx, runner->self.id, json->data);
	store_submit(runner->store, tx, on_told, runner);
}

void progress_step(struct runner *runner, int64_t now_ms)
{
	if (runner->is_reporting || now_ms < runner->report_due_ms)
		return;
	runner->report_due_ms = now_ms + PERIOD_MS;
	if (runner->task_count == 0)
		return;
	tell_waits(runner, now_ms);
	struct arena *arena = runner->progress_arena;
	arena_reset(arena);
	struct buf *arrays[3];
	for (int i = 0; i < 3; i++)
		arrays[i] = buf_new(arena, ARRAY_MAX);
	for (struct task *task = runner->tasks; task; task = task->next) {
		if (!task->try.call)
			continue;
		int percent = percent_of(task);
		if (percent <= task->try.percent_sent)
			continue;
		task->try.percent_sent = percent;
		db_array_add(arrays[0], task->job.fence.account_id);
		db_array_add(arrays[1], task->try.attempt.step_id);
		db_array_add(arrays[2], db_int_param(arena, percent));
	}
	if (arrays[0]->len > 0)
		report(runner, arrays);
}
