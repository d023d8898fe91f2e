/* next.c: what a run does next: call, wait, give its place back, end. */
#include "base/clock.h"
#include "base/token.h"
#include "run/task.h"

/* Runs that wait for a budget are woken when others end; this is for when that does not happen. */
#define BUDGET_WAIT_MS 10000

enum task_event next_end(struct task *task, const char *status, const char *sentence)
{
	task->status = status;
	task->sentence = sentence ? arena_strdup(task->arena, sentence) : NULL;
	return TASK_ON_END;
}

enum task_event next_event(struct task *task)
{
	if (task->wants_cancel)
		return next_end(task, "cancelled", "Cancelled by the user.");
	if (task->is_late)
		return next_end(task, "failed", "The run outlasted PROMPTBUILDER_RUN_TIMEOUT_MS. "
		    "Its finished steps are kept: retry the run.");
	if (task->pipeline.scored && !*task->pipeline.scored)
		return next_end(task, "failed", "The text of the version is no longer kept: it "
		    "cannot be scored.");
	pipeline_next(&task->pipeline, task->arena, &task->step);
	if (task->step.phase == &version_phase)
		return next_end(task, "completed", NULL);
	if (!caller_has_key(task->runner->caller))
		return next_end(task, "failed", "There is no key for the model provider. "
		    "Set ANTHROPIC_API_KEY, restart the runner and retry the run.");
	task->wait = (struct wait){.ms = 0};
	return task->runner->is_draining ? TASK_ON_RELEASE : TASK_ON_CALL;
}

enum task_event next_wait(const struct task *task)
{
	return task->wait.ms > TASK_WAIT_MAX_MS ? TASK_ON_RELEASE : TASK_ON_WAIT;
}

enum task_event next_try(struct task *task)
{
	const struct runner_limits *limits = &task->runner->limits;
	const struct verdict *verdict = &task->try.verdict;
	int64_t tries = task->try.attempt.tries;
	uint64_t dice;
	if (task->wants_cancel || task->is_late)
		return next_event(task);
	if (verdict->kind == VERDICT_FAIL)
		return next_end(task, "failed", verdict->sentence);
	if (task->runner->is_draining)
		return next_event(task);
	if (tries >= limits->call_tries)
		return next_end(task, "failed", arena_printf(task->scratch,
		    "Tried %lld times. %s", (long long)tries, verdict->sentence));
	token_random(&dice, sizeof(dice));
	task->wait = (struct wait){
		.ms = verdict->wait_ms >= 0 ? verdict->wait_ms
		    : retry_backoff_ms(limits->retry_base_ms, limits->retry_max_ms, tries, dice),
		.reason = arena_strdup(task->arena, verdict->sentence),
	};
	return next_wait(task);
}

enum task_event next_refused(struct task *task, const struct refusal *refusal)
{
	if (task->wants_cancel)
		return next_event(task);
	if (!refusal->waits) {
		task->stopped_by = arena_strdup(task->arena, refusal->budget_id);
		return next_end(task, "failed", refusal->sentence);
	}
	task->wait = (struct wait){
		.ms = BUDGET_WAIT_MS + runner_jitter_ms(BUDGET_WAIT_MS),
		.reason = arena_strdup(task->arena, refusal->sentence),
		.is_for_budget = true,
	};
	return TASK_ON_RELEASE;
}
