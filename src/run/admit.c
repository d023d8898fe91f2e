/* admit.c: asks the gate for tasks, tells it what became of their calls, and words the waits. */
#include "run/admit.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/token.h"

static const char *const sentences[GATE_REASON_COUNT] = {
	[GATE_BY_REQUESTS] = "The provider's limit of requests to %s is used up for the moment.",
	[GATE_BY_INPUT] = "The provider's limit of input tokens of %s is used up for the moment.",
	[GATE_BY_OUTPUT] = "The provider's limit of output tokens of %s is used up for the moment.",
	[GATE_BY_RAMP] = "The provider gets more calls of %s as it answers the first ones "
	    "(PROMPTBUILDER_RAMP_CALLS).",
	[GATE_BY_RATE] = "The provider asked to wait with further calls of %s (rate limit).",
	[GATE_BY_OVERLOAD] = "The provider is overloaded; calls of %s pause.",
	[GATE_BY_SPEND] = "The spend limit at the provider is reached, which stops calls of %s: "
	    "raise it in the provider's console or wait until it resets.",
};

void admit_open(struct runner *runner, const struct conf *conf)
{
	struct gate_limits limits = {
		.ramp_calls = conf_int(conf, "PROMPTBUILDER_RAMP_CALLS"),
		.base_ms = runner->limits.retry_base_ms,
		.max_ms = runner->limits.retry_max_ms,
	};
	runner->gates = gates_new(runner->arena, &limits);
}

/* The sentence, with the model's name where it says %s; the same text each time. */
static const char *word(struct task *task, enum gate_reason reason)
{
	const char **words = gate_words(task->pass.gate, reason);
	const char *sentence = sentences[reason], *gap = sentence;
	while (!*words && (gap[0] != '%' || gap[1] != 's'))
		gap++;
	if (!*words)
		*words = arena_printf(task->runner->arena, "%.*s%s%s", (int)(gap - sentence),
		    sentence, task->job.model, gap + 2);
	return *words;
}

/* false: task->wait says what it waits for. */
static bool ask(struct task *task, const int64_t tokens[2], int64_t now_ms, int64_t here_ms)
{
	struct runner *runner = task->runner;
	struct gate_wait wait;
	struct gate *gate = gates_find(runner->gates, caller_key_name(runner->caller),
	    task->job.model);
	if (gate_ask(gate, &task->pass, tokens, now_ms, &wait))
		return true;
	task->wait = (struct wait){
		.ms = wait.ms < 0 ? here_ms : wait.ms,
		.reason = word(task, wait.reason),
	};
	if (task->wait.ms > RETRY_AFTER_MAX_MS)
		task->wait.ms = RETRY_AFTER_MAX_MS;
	return false;
}

bool admit_ask(struct task *task, int64_t here_ms)
{
	const int64_t tokens[2] = {messages_tokens(task->try.body->len),
		task->runner->limits.output_tokens};
	task->pass.owner = task;
	if (ask(task, tokens, clock_ms(), here_ms))
		return true;
	if (task->wait.ms > here_ms) /* not all of them in the same instant */
		task->wait.ms += runner_jitter_ms(task->wait.ms / 8);
	return false;
}

int64_t admit_left_ms(struct task *task, int64_t now_ms)
{
	static const int64_t as_before[2] = {0};
	int64_t left_ms = task->due_ms - now_ms;
	if (task->pass.state != PASS_QUEUED)
		return left_ms;
	ask(task, as_before, now_ms, left_ms);
	return task->wait.ms;
}

void admit_answered(void *arg)
{
	struct task *task = arg;
	gate_answered(&task->pass, call_quota(task->try.call)->limits, clock_ms());
}

static enum gate_end end_of(const struct task *task, const struct ending *ending)
{
	static const struct {
		int64_t http_status;
		const char *error_type;
		enum gate_end end;
	} ends[] = {
		{429, "rate_limit_error", GATE_RATED},
		{529, "overloaded_error", GATE_OVERLOADED},
	};
	if (task->try.verdict.is_capped)
		return GATE_SPENT;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		if (ending->http_status == ends[i].http_status
		    || (ending->http_status == 200
		        && text_equal(ending->error_type, ends[i].error_type)))
			return ends[i].end;
	}
	return ending->is_sent ? GATE_OTHER : GATE_UNSENT;
}

void admit_ended(struct task *task, const struct ending *ending, const struct quota *quota)
{
	const struct settlement *settlement = &task->try.settlement;
	const struct money_usage *usage = &settlement->usage;
	struct gate_report report = {
		.end = end_of(task, ending),
		.wait_ms = task->try.verdict.wait_ms,
		.used = {-1, -1, 0},
	};
	if (settlement->is_billed) {
		report.used[GATE_INPUT] = usage->input + usage->cache_write;
		report.used[GATE_OUTPUT] = usage->output;
	}
	token_random(&report.dice, sizeof(report.dice));
	gate_left(&task->pass, &report, quota->limits, clock_ms());
}

void admit_drop(struct task *task)
{
	gate_drop(&task->pass, clock_ms());
}

static void wake(void *owner)
{
	struct task *task = owner;
	task_wake_at(task, 0);
}

void admit_step(struct runner *runner, int64_t now_ms)
{
	gates_step(runner->gates, now_ms, wake);
}

int64_t admit_due_ms(const struct runner *runner, int64_t now_ms)
{
	return gates_due_ms(runner->gates, now_ms);
}
