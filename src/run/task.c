/* task.c: the states of a claimed run, and what leads from one to the next. */
#include "run/task.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "base/token.h"
#include "model/budget.h"
#include "run/admit.h"
#include "run/fault.h"
#include "run/prompt.h"
#include "run/spool_call.h"
#include "run/version.h"

#define DOWN_WAIT_MS 500
#define BUG_WAIT_MS 30000

static const struct transition {
	enum task_state from;
	enum task_event event;
	enum task_state to;
	const char *why;
} transitions[] = {
	{TASK_NEW, TASK_ON_LOAD, TASK_LOADING, "somebody worked on the run before"},
	{TASK_NEW, TASK_ON_CALL, TASK_OPENING, "a fresh run begins with its first call"},
	{TASK_NEW, TASK_ON_END, TASK_FINISHING, "it cannot begin, or is not wanted any more"},
	{TASK_NEW, TASK_ON_RELEASE, TASK_RELEASING, "claimed in the moment the runner stops"},
	{TASK_LOADING, TASK_ON_CALL, TASK_OPENING, "stored steps are reused, the next is called"},
	{TASK_LOADING, TASK_ON_END, TASK_FINISHING, "all steps are stored, or one does not fit"},
	{TASK_LOADING, TASK_ON_RELEASE, TASK_RELEASING, "the runner stops"},
	{TASK_OPENING, TASK_ON_OPEN, TASK_CALLING, "the ledger knows the call: the bytes may go"},
	{TASK_OPENING, TASK_ON_ENDED, TASK_SETTLING, "opened in vain: nothing is sent"},
	{TASK_OPENING, TASK_ON_WAIT, TASK_WAITING, "the provider's gate is closed"},
	{TASK_OPENING, TASK_ON_END, TASK_FINISHING, "cancelled, no budget, or no request"},
	{TASK_OPENING, TASK_ON_RELEASE, TASK_RELEASING, "a budget or the gate is in the way"},
	{TASK_OPENING, TASK_ON_LOAD, TASK_LOADING, "the step turned out to be stored already"},
	{TASK_OPENING, TASK_ON_LOST, TASK_GONE, "the job passed to another runner"},
	{TASK_CALLING, TASK_ON_ENDED, TASK_SETTLING, "answered, broken or given up: it is booked"},
	{TASK_SETTLING, TASK_ON_CALL, TASK_OPENING, "the step is stored, the next is called"},
	{TASK_SETTLING, TASK_ON_LOAD, TASK_LOADING, "another answer to the step came first"},
	{TASK_SETTLING, TASK_ON_WAIT, TASK_WAITING, "the try failed, another is worth it"},
	{TASK_SETTLING, TASK_ON_END, TASK_FINISHING, "the last step, a final failure, a cancel"},
	{TASK_SETTLING, TASK_ON_RELEASE, TASK_RELEASING, "a long wait, or the runner stops"},
	{TASK_WAITING, TASK_ON_CALL, TASK_OPENING, "the wait is over"},
	{TASK_WAITING, TASK_ON_END, TASK_FINISHING, "cancelled while waiting"},
	{TASK_WAITING, TASK_ON_RELEASE, TASK_RELEASING, "the runner stops"},
	{TASK_FINISHING, TASK_ON_DONE, TASK_GONE, "the end is committed"},
	{TASK_RELEASING, TASK_ON_DONE, TASK_GONE, "the run is back in the queue"},
};

static void task_event(struct task *task, enum task_event event);

/* ---- Requests. ---- */

static const struct err *ask(struct task *task, struct arena *arena, const struct step *step,
    struct prompt *prompt)
{
	struct prompt_source source = {
		.templates = task->runner->templates,
		.model = task->job.model,
		.briefing = task->job.briefing,
		.max_tokens = task->runner->limits.output_tokens,
	};
	return prompt_ask(arena, &source, &task->pipeline, step, prompt);
}

static struct db_tx *begin_tx(struct task *task)
{
	arena_reset(task->tx_arena);
	struct db_tx *tx = db_tx(task->tx_arena, NULL);
	if (task->state != TASK_OPENING)
		db_repeatable(tx); /* all but the opening is guarded */
	if (task->is_unsure)
		call_withdraw(tx, &task->job.fence);
	return tx;
}

static void on_stored(void *arg, const struct err *err);

/* Calls are settled before others are opened: a group books all its lines in between, and what is
 * opened then counts them. */
static void store(struct task *task, struct db_tx *tx)
{
	bool is_call = task->state == TASK_OPENING || task->state == TASK_SETTLING;
	struct store_place place = {is_call ? STORE_CALLS : STORE_ENDS,
		arena_printf(task->tx_arena, "%d %s %s", task->state == TASK_OPENING,
		    task->job.fence.account_id, task->job.fence.run_id)};
	task->is_storing = true;
	store_submit_grouped(task->runner->store, tx, place, on_stored, task);
	FAULT_POINT(fault_names[task->state][0]);
}

/* ---- States: what is done on entering, and what follows the commit. ---- */

static void enter_loading(struct task *task)
{
	struct db_tx *tx = begin_tx(task);
	task->rows = step_list(tx, &task->job.fence);
	store(task, tx);
}

/* Where the stored step of this key stands; the number of rows: nowhere. */
static size_t find_row(const struct db_rows *rows, const char *key)
{
	size_t row = 0;
	while (row < db_count(rows) && !text_equal(db_text(rows, row, "step_key"), key))
		row++;
	return row;
}

/* A stored step stands in for its call if it answers the same question. A sentence: it does not. */
static const char *reuse(struct task *task, struct step *step, size_t row)
{
	struct prompt prompt;
	const char *output = db_text(task->rows, row, "output");
	arena_reset(task->scratch);
	if (ask(task, task->scratch, step, &prompt)
	    || !text_equal(prompt.hash, db_text(task->rows, row, "request_hash")) || !output
	    || step->phase->accept(task->scratch, output, step))
		return "The pipeline changed since this run began, so its stored steps do not fit. "
		    "Launch a new run.";
	step->output = arena_strdup(task->arena, step->output);
	pipeline_add(&task->pipeline, step);
	return NULL;
}

static enum task_event loaded(struct task *task)
{
	task->pipeline.count = 0;
	for (;;) {
		struct step step;
		pipeline_next(&task->pipeline, task->arena, &step);
		size_t row = find_row(task->rows, step.place.key);
		if (step.phase == &version_phase || row == db_count(task->rows)
		    || !text_equal(db_text(task->rows, row, "status"), "completed"))
			return next_event(task);
		const char *problem = reuse(task, &step, row);
		if (problem)
			return next_end(task, "failed", problem);
	}
}

static void enter_opening(struct task *task)
{
	if (!lease_is_trusted(task->runner)) {
		task_wake_at(task, clock_ms() + DOWN_WAIT_MS); /* until a heartbeat decides */
		return;
	}
	struct db_tx *tx = begin_tx(task);
	struct prompt prompt;
	arena_reset(task->runner->prompt_arena);
	const struct err *err = ask(task, task->runner->prompt_arena, &task->step, &prompt);
	if (err) {
		task_event(task, next_end(task, "failed", err->sentence));
		return;
	}
	arena_reset(task->scratch);
	task->try = (struct task_try){.body = buf_new(task->scratch, prompt.body->len)};
	buf_add(task->try.body, prompt.body->data, prompt.body->len);
	task->try.request_bytes = (int64_t)prompt.body->len;
	task->try.output_tokens = task->runner->limits.output_tokens;
	if (!admit_ask(task, TASK_WAIT_MAX_MS)) {
		task_event(task, next_wait(task));
		return;
	}
	struct call_request request = {
		.place = task->step.place,
		.hash = arena_strdup(task->tx_arena, prompt.hash),
		.metadata = arena_printf(task->tx_arena, "{\"iteration\": %lld}",
		    (long long)task->step.number),
		.model = task->job.model,
		.input_tokens = messages_tokens_max(task->try.body->len),
		.output_tokens = task->try.output_tokens,
	};
	task->rows = call_open(tx, task->tx_arena, &task->job.fence, &request);
	task->more_rows = job_state(tx, &task->job.fence);
	store(task, tx);
}

static enum task_event opened(struct task *task)
{
	const struct db_rows *state = task->more_rows;
	struct refusal refusal;
	if (db_count(task->rows) > 0) {
		if (!call_read(task->scratch, task->rows, &task->try.attempt, &refusal))
			return next_refused(task, &refusal);
		if (!task->wants_cancel && !task->runner->is_draining
		    && lease_is_trusted(task->runner))
			return TASK_ON_OPEN;
		try_withdraw(task);
		return TASK_ON_ENDED;
	}
	if (db_count(state) == 0 || !db_bool(state, 0, "is_mine")
	    || !db_bool(state, 0, "is_leased"))
		return TASK_ON_LOST;
	if (!db_bool(state, 0, "cancel_requested"))
		return TASK_ON_LOAD;
	task->wants_cancel = true;
	return next_event(task);
}

static void on_called(void *arg, struct call *call)
{
	struct task *task = arg;
	const struct outcome outcome = call_outcome(call);
	task->try.call = NULL;
	FAULT_POINT("answered");
	try_judge(task, &outcome);
	admit_ended(task, &outcome.ending, call_quota(call));
	task_event(task, TASK_ON_ENDED);
}

/* The process may have stood still since the call was opened. */
static bool may_send(void *arg)
{
	const struct task *task = arg;
	return lease_is_trusted(task->runner);
}

static void enter_calling(struct task *task)
{
	task->try.file = spool_call_new(task);
	arena_free(task->tx_arena); /* the call is long, and there may be a thousand */
	task->tx_arena = arena_new();
	task->try.call = call_start(task->runner->caller, task->scratch, task->try.body, on_called,
	    task);
	call_keep(task->try.call, task->try.file);
	call_watch(task->try.call, admit_answered);
	call_guard(task->try.call, may_send);
}

static void enter_settling(struct task *task)
{
	struct db_tx *tx = begin_tx(task);
	try_settle(task, tx);
	store(task, tx);
}

static enum task_event settled(struct task *task)
{
	spool_drop(task->try.file);
	if (task->try.settlement.is_success && db_changed(task->rows) == 0)
		return TASK_ON_LOAD;
	if (task->try.settlement.is_success) {
		task->step.output = arena_strdup(task->arena, task->step.output);
		pipeline_add(&task->pipeline, &task->step);
		task->poor_answers = 0;
		return next_event(task);
	}
	log_info("call failed", "run", task->job.pipeline_id, "step", task->step.place.key, "type",
	    task->try.settlement.error_type, "billed",
	    task->try.settlement.is_billed ? "yes" : "no");
	return next_try(task);
}

static void enter_waiting(struct task *task)
{
	arena_reset(task->scratch);
	task_wake_at(task, clock_ms() + task->wait.ms);
}

static void enter_finishing(struct task *task)
{
	struct db_tx *tx = begin_tx(task);
	arena_reset(task->scratch);
	if (text_equal(task->status, "completed") && task->pipeline.scored)
		version_score(tx, task->tx_arena, &task->job, &task->pipeline);
	else if (text_equal(task->status, "completed"))
		version_create(tx, task->tx_arena, &task->job, &task->pipeline);
	if (task->stopped_by)
		budget_tell_stop(tx, &task->job.fence, task->stopped_by);
	job_finish(tx, &task->job.fence, task->status, task->sentence);
	store(task, tx);
}

static enum task_event finished(struct task *task)
{
	log_info("run ended", "run", task->job.pipeline_id, "status", task->status, "reason",
	    task->sentence ? task->sentence : "done");
	return TASK_ON_DONE;
}

static void enter_releasing(struct task *task)
{
	struct db_tx *tx = begin_tx(task);
	job_release(tx, task->tx_arena, &task->job.fence, &task->wait);
	store(task, tx);
}

static enum task_event released(struct task *task)
{
	log_info("run released", "run", task->job.pipeline_id, "reason",
	    task->wait.reason ? task->wait.reason : "the runner stops");
	return TASK_ON_DONE;
}

static void enter_gone(struct task *task)
{
	task_wake_at(task, 0); /* to be freed */
	claim_soon(task->runner);
}

static const struct {
	void (*enter)(struct task *task);
	enum task_event (*committed)(struct task *task); /* of the transaction that enter began */
} states[TASK_STATE_COUNT] = {
	[TASK_LOADING] = {enter_loading, loaded},
	[TASK_OPENING] = {enter_opening, opened},
	[TASK_CALLING] = {enter_calling, NULL},
	[TASK_SETTLING] = {enter_settling, settled},
	[TASK_WAITING] = {enter_waiting, NULL},
	[TASK_FINISHING] = {enter_finishing, finished},
	[TASK_RELEASING] = {enter_releasing, released},
	[TASK_GONE] = {enter_gone, NULL},
};

static void task_event(struct task *task, enum task_event event)
{
	for (size_t i = 0; i < ARRAY_LEN(transitions); i++) {
		const struct transition *transition = &transitions[i];
		if (transition->from != task->state || transition->event != event)
			continue;
		log_debug("run moves", "run", task->job.pipeline_id, "why", transition->why);
		task->state = transition->to;
		task->due_ms = INT64_MAX;
		if (task->state >= TASK_FINISHING)
			admit_drop(task);
		states[task->state].enter(task);
		return;
	}
	log_error("a run met an event that its state does not know", "run", task->job.pipeline_id);
	abort();
}

/* ---- Ends of transactions. ---- */

/* The database is away: the same again, for as long as it takes. Anything else is a fault of
 * ours: the run fails and says so; if even that cannot be stored, it is tried again later. A call
 * is settled in any case, if without what it brought: what was reserved for it is free then. */
static void store_failed(struct task *task, const struct err *err)
{
	bool is_away = err->kind == ERR_DOWN || err->kind == ERR_LIMIT;
	bool is_last = task->state == TASK_FINISHING || task->state == TASK_RELEASING;
	task->is_unsure |= task->state == TASK_OPENING;
	if (is_away || (is_last && !text_equal(task->status, "completed"))) {
		int64_t wait_ms = is_away ? DOWN_WAIT_MS : BUG_WAIT_MS;
		task_wake_at(task, clock_ms() + wait_ms + runner_jitter_ms(wait_ms));
		return;
	}
	log_error("a result could not be stored", "run", task->job.pipeline_id, "reason",
	    err->sentence);
	if (task->state == TASK_SETTLING && !task->try.is_dropped) {
		try_drop(task, err->sentence);
		enter_settling(task);
		return;
	}
	next_end(task, "failed", arena_printf(task->arena,
	    "A result could not be stored: %s Retry the run.", err->sentence));
	task->state = TASK_FINISHING;
	enter_finishing(task);
}

static void on_stored(void *arg, const struct err *err)
{
	struct task *task = arg;
	task->is_storing = false;
	if (err) {
		store_failed(task, err);
		return;
	}
	task->is_unsure = false;
	FAULT_POINT(fault_names[task->state][1]);
	task_event(task, states[task->state].committed(task));
}

/* ---- From outside. ---- */

struct task *task_new(struct runner *runner)
{
	struct arena *arena = arena_new();
	struct task *task = arena_alloc(arena, sizeof(*task));
	task->runner = runner;
	task->arena = arena;
	task->scratch = arena_new();
	task->tx_arena = arena_new();
	return task;
}

void task_discard(struct task *task)
{
	arena_free(task->tx_arena);
	arena_free(task->scratch);
	arena_free(task->arena);
}

void task_start(struct runner *runner, const struct db_rows *rows, size_t row)
{
	struct task *task = task_new(runner);
	task->due_ms = INT64_MAX;
	task->late_ms = clock_ms() + runner->limits.run_ms;
	job_read(task->arena, rows, row, runner->self.id, &task->job);
	task->wants_cancel = task->job.cancel_requested;
	task->pipeline.target_score = task->job.target_score;
	task->pipeline.iteration_limit = task->job.iteration_limit;
	task->pipeline.scored = task->job.scored_prompt;
	task->next = runner->tasks;
	task->place = &runner->tasks;
	if (task->next)
		task->next->place = &task->next;
	runner->tasks = task;
	runner->task_count++;
	runner->tasks_due_ms = 0; /* its last instant may be the first */
	log_info("run claimed", "run", task->job.pipeline_id, "epoch", task->job.fence.epoch);
	task_event(task, task->job.is_first_claim ? next_event(task) : TASK_ON_LOAD);
}

void task_cancel(struct task *task)
{
	task->wants_cancel = true;
	if (task->state == TASK_CALLING)
		call_abort(task->try.call);
	else if (task->state == TASK_WAITING)
		task_event(task, next_event(task));
}

void task_stop(struct task *task, bool force)
{
	if (task->state == TASK_CALLING && force)
		call_abort(task->try.call);
	else if (task->state == TASK_WAITING)
		task_event(task, next_event(task));
}

void task_step(struct task *task, int64_t now_ms)
{
	if (now_ms >= task->late_ms) {
		task->is_late = true;
		task_stop(task, true);
	}
	if (task->is_storing || task->due_ms > now_ms)
		return;
	task->due_ms = INT64_MAX;
	if (task->state == TASK_WAITING)
		task_event(task, next_event(task));
	else
		states[task->state].enter(task);
}

void task_wake_at(struct task *task, int64_t due_ms)
{
	task->due_ms = due_ms;
	if (due_ms < task->runner->tasks_due_ms)
		task->runner->tasks_due_ms = due_ms;
}

void task_free(struct task *task)
{
	*task->place = task->next;
	if (task->next)
		task->next->place = task->place;
	task->runner->task_count--;
	task_discard(task);
}
