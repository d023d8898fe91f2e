/* try.c: what one try of a step brought: an output or a reason, and what it cost. */
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "run/task.h"

#define USAGE_MAX 65536
#define METADATA_MAX 4096
#define POOR_ANSWERS_MAX 1 /* a poor answer is worth one more try */

/* Ways in which a complete answer can be of no use. */
static const struct {
	const char *stop_reason;
	bool again;
	const char *type;
	const char *sentence;
} poor_reasons[] = {
	{"max_tokens", true, "truncated", "The provider's answer was cut at the token limit. "
	    "Raise PROMPTBUILDER_MAX_OUTPUT_TOKENS or shorten the briefing, then retry the run."},
	{"model_context_window_exceeded", false, "truncated",
	    "The request fills the model's context window. Shorten the briefing."},
	{"refusal", false, "refusal",
	    "The model declined to answer. Change the briefing or the model and launch a new run."},
};

static void reject(struct task *task, bool again, const char *type, const char *sentence)
{
	struct verdict *verdict = &task->try.verdict;
	bool is_last = task->poor_answers >= POOR_ANSWERS_MAX;
	task->poor_answers++;
	verdict->kind = again && !is_last ? VERDICT_AGAIN : VERDICT_FAIL;
	verdict->error_type = type;
	verdict->sentence = sentence;
}

static bool is_good_end(const char *stop_reason)
{
	return text_equal(stop_reason, "end_turn") || text_equal(stop_reason, "stop_sequence");
}

static void reject_stop_reason(struct task *task, const struct answer *answer)
{
	const char *reason = answer->stop_reason ? answer->stop_reason : "none";
	for (size_t i = 0; i < ARRAY_LEN(poor_reasons); i++) {
		if (!text_equal(reason, poor_reasons[i].stop_reason))
			continue;
		reject(task, poor_reasons[i].again, poor_reasons[i].type, poor_reasons[i].sentence);
		return;
	}
	reject(task, true, "stop_reason", arena_printf(task->scratch,
	    "The provider's answer ended in an unexpected way (%s). Retry the run.",
	    text_cut(task->scratch, reason, 40)));
}

/* A refusal before any output is not charged, whatever its usage says. */
static void judge_content(struct task *task, const struct answer *answer)
{
	if (text_equal(answer->stop_reason, "refusal") && answer->text->len == 0)
		task->try.verdict.is_billed = false;
	if (!is_good_end(answer->stop_reason)) {
		reject_stop_reason(task, answer);
		return;
	}
	const char *problem = task->step.phase->accept(task->scratch, answer->text->data,
	    &task->step);
	if (problem)
		reject(task, true, "unusable_answer",
		    arena_printf(task->scratch, "%s Retry the run.", problem));
}

/* By the size of what was sent and seen; of what the provider told only what can be true. Under a
 * cap it is never more than was reserved. */
static void estimate(const struct task *task, const struct answer *answer, bool is_told,
    struct money_usage *usage)
{
	int64_t output_max = task->try.output_tokens;
	usage->output = answer->is_started ? answer_output_estimate(answer) : 0;
	if (usage->output > output_max)
		usage->output = output_max;
	if (!is_told || call_is_too_much(&task->try.attempt, usage))
		*usage = (struct money_usage){
			.input = messages_tokens((size_t)task->try.request_bytes),
			.output = usage->output};
}

/* Exact where the provider told what can be true and the stream is whole. */
static void count_tokens(struct task *task, const struct answer *answer, bool is_whole)
{
	struct settlement *settlement = &task->try.settlement;
	bool is_told = answer_usage(answer, &settlement->usage);
	struct buf *json = buf_new(task->scratch, USAGE_MAX);
	if (doc_count(answer->usage) > 0)
		doc_write(answer->usage, json);
	settlement->usage_json = json->len > 0 && !json->failed ? json->data : NULL;
	settlement->is_estimated = !is_told || !is_whole
	    || call_is_too_much(&task->try.attempt, &settlement->usage);
	if (!settlement->is_estimated)
		return;
	estimate(task, answer, is_told, &settlement->usage);
	if (is_whole && !settlement->error_type) {
		log_warn("usage cannot be believed", "run", task->job.pipeline_id, "attempt",
		    task->try.attempt.id);
		settlement->error_type = "usage_invalid";
		settlement->error_message = "The provider's token counts cannot be true; they were "
		    "estimated.";
	}
}

void try_judge(struct task *task, const struct outcome *outcome)
{
	struct task_try *try = &task->try;
	const struct ending *ending = &outcome->ending;
	const struct answer *answer = outcome->answer;

	retry_judge(task->scratch, ending, &try->verdict);
	if (try->verdict.kind == VERDICT_ACCEPT)
		judge_content(task, answer);
	try->settlement = (struct settlement){
		.is_billed = try->verdict.is_billed,
		.is_success = try->verdict.kind == VERDICT_ACCEPT,
		.http_status = ending->http_status,
		.stop_reason = answer->stop_reason,
		.error_type = try->verdict.error_type,
		.error_message = try->verdict.sentence,
		.message_id = answer->message_id,
		.request_id = outcome->request_id,
		.first_byte_ms = outcome->first_byte_ms,
		.duration_ms = outcome->duration_ms,
	};
	if (try->settlement.is_billed)
		count_tokens(task, answer, ending->is_complete);
}

void try_withdraw(struct task *task)
{
	static const char withdrawn[] = "Nothing was sent: the run was stopped first.";
	task->try.verdict = (struct verdict){
		.kind = VERDICT_AGAIN, .error_type = "aborted", .sentence = withdrawn};
	task->try.settlement = (struct settlement){
		.first_byte_ms = -1, .error_type = "aborted", .error_message = withdrawn};
}

void try_drop(struct task *task, const char *reason)
{
	struct task_try *try = &task->try;
	const char *sentence = arena_printf(task->scratch,
	    "The provider's answer could not be stored: %s Retry the run.", reason);
	try->is_dropped = true;
	try->verdict = (struct verdict){
		.kind = VERDICT_FAIL, .error_type = "not_stored", .sentence = sentence};
	try->settlement = (struct settlement){
		.is_billed = try->settlement.is_billed,
		.is_estimated = true,
		.http_status = try->settlement.http_status,
		.error_type = "not_stored",
		.error_message = sentence,
		.first_byte_ms = try->settlement.first_byte_ms,
		.duration_ms = try->settlement.duration_ms,
		.usage = {.input = messages_tokens((size_t)try->request_bytes),
			.output = try->output_tokens},
	};
}

/* JSON of the step: what the pages show beside its output. */
static const char *step_metadata(struct task *task)
{
	struct doc *metadata = doc_object(task->tx_arena);
	struct buf *json = buf_new(task->tx_arena, METADATA_MAX);
	doc_set_int(metadata, "iteration", task->step.number);
	doc_set_text(metadata, "model", task->job.model);
	doc_set_int(metadata, "attempts", task->try.attempt.tries);
	if (task->step.phase == &analysis_phase)
		doc_set_int(metadata, "score", task->step.score);
	doc_write(metadata, json);
	return json->data;
}

void try_settle(struct task *task, struct db_tx *tx)
{
	const struct fence *fence = &task->job.fence;
	const struct attempt *attempt = &task->try.attempt;
	call_settle(tx, task->tx_arena, fence, attempt, &task->try.settlement);
	if (!task->try.settlement.is_success)
		return;
	task->rows = call_complete(tx, fence, attempt, task->step.output, step_metadata(task));
	job_progress(tx, fence);
}
