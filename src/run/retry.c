/* retry.c: the provider's errors as one table: billed or not, again or not, and what to tell. */
#include "run/retry.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"

#define MESSAGE_MAX 300

struct rule {
	int http_status;
	const char *error_type; /* the same failure inside a 200 stream */
	enum verdict_kind kind;
	bool is_billed;
	const char *what;
	const char *advice;
};

/* Statuses without a row: below 400 like 300, below 500 like 400, from 500 on like 500. */
static const struct rule rules[] = {
	{300, NULL, VERDICT_FAIL, false, "The provider's address leads elsewhere",
	    "Set ANTHROPIC_BASE_URL to where it leads, restart the runner and retry the run."},
	{400, "invalid_request_error", VERDICT_FAIL, false, "The provider refused the request",
	    "Check model and settings, then retry the run."},
	{401, "authentication_error", VERDICT_FAIL, false, "The provider refused the key",
	    "Set ANTHROPIC_API_KEY to a valid key, restart the runner and retry the run."},
	{402, "billing_error", VERDICT_FAIL, false, "The provider has a problem with the payment",
	    "Settle it in the provider's console, then retry the run."},
	{403, "permission_error", VERDICT_FAIL, false, "The provider's key may not do this",
	    "Give the key access to this model, then retry the run."},
	{404, "not_found_error", VERDICT_FAIL, false, "The provider does not know the model",
	    "Launch the run with another model, or check ANTHROPIC_BASE_URL."},
	{408, "request_timeout", VERDICT_AGAIN, false, "The provider gave up on the request",
	    "Retry the run."},
	{409, "conflict_error", VERDICT_AGAIN, false, "The provider met a concurrent change",
	    "Retry the run."},
	{413, "request_too_large", VERDICT_FAIL, false, "The request is too large for the provider",
	    "Shorten the briefing."},
	{429, "rate_limit_error", VERDICT_AGAIN, false, "The provider's rate limit was reached",
	    "Retry the run later, or raise the limit."},
	{500, "api_error", VERDICT_AGAIN, true, "The provider failed", "Retry the run later."},
	{504, "timeout_error", VERDICT_AGAIN, true, "The provider took too long",
	    "Retry the run later."},
	{529, "overloaded_error", VERDICT_AGAIN, false, "The provider is overloaded",
	    "Retry the run later."},
};

static const struct rule spend_cap = {429, NULL, VERDICT_FAIL, false,
	"The spend limit at the provider is reached",
	"Raise it in the provider's console or wait until it resets, then retry the run."};

static const struct rule *rule_by_status(int64_t http_status)
{
	int64_t fallback = http_status < 400 ? 300 : http_status < 500 ? 400 : 500;
	const struct rule *found = NULL;
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		if (rules[i].http_status == http_status)
			return &rules[i];
		if (rules[i].http_status == fallback)
			found = &rules[i];
	}
	return found;
}

static const struct rule *rule_by_type(const char *error_type)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		if (text_equal(rules[i].error_type, error_type))
			return &rules[i];
	}
	return rule_by_status(500);
}

/* A customer's own limit comes as a 400, the tier's as a 429 without a retry-after. */
static bool is_spend_cap(const struct ending *ending)
{
	static const char *const own_limits[] = {
		"You have reached your specified API usage",
		"You have reached your specified workspace API usage",
	};
	const char *message = ending->error_message ? ending->error_message : "";
	return text_equal(ending->error_code, "enforced_spend_limit_reached")
	    || text_starts_with(message, own_limits[0]) || text_starts_with(message, own_limits[1]);
}

static const char *sentence(struct arena *arena, const struct rule *rule,
    const struct ending *ending)
{
	const char *type = ending->error_type ? ending->error_type
	    : arena_printf(arena, "HTTP %lld", (long long)ending->http_status);
	if (!ending->error_message || !*ending->error_message)
		return arena_printf(arena, "%s (%s). %s", rule->what, type, rule->advice);
	return arena_printf(arena, "%s (%s: %s). %s", rule->what, type,
	    text_cut(arena, ending->error_message, MESSAGE_MAX), rule->advice);
}

/* An error response, or an error event inside a stream. */
static void judge_error(struct arena *arena, const struct ending *ending, struct verdict *verdict)
{
	bool in_stream = ending->http_status == 200;
	const struct rule *rule = in_stream ? rule_by_type(ending->error_type)
	    : rule_by_status(ending->http_status);
	bool is_capped = is_spend_cap(ending);
	if (is_capped)
		rule = &spend_cap;
	verdict->kind = rule->kind;
	verdict->is_billed = rule->is_billed || ending->is_started;
	verdict->is_capped = is_capped;
	verdict->wait_ms = retry_after_ms(ending->retry_after_ms, ending->retry_after);
	verdict->error_type = ending->error_type ? ending->error_type : rule->error_type;
	verdict->sentence = sentence(arena, rule, ending);
	if (is_capped || in_stream || !ending->should_retry)
		return;
	if (text_equal(ending->should_retry, "true"))
		verdict->kind = VERDICT_AGAIN;
	else if (text_equal(ending->should_retry, "false"))
		verdict->kind = VERDICT_FAIL;
}

static const char again[] = "Retry the run.";

static void judge_transport(struct arena *arena, const struct ending *ending,
    struct verdict *verdict)
{
	static const struct way {
		const char *type, *what, *advice;
	} ways[] = {
		[CALL_RUNNING] = {"stream_cut", "The provider's answer was cut off", again},
		[CALL_ANSWERED] = {"stream_cut", "The provider's answer ended too early", again},
		[CALL_BROKEN] = {"connection_lost", "The connection to the provider broke", again},
		[CALL_UNREADABLE] = {"unreadable", "The provider's answer cannot be used",
		    "Check that ANTHROPIC_BASE_URL is the Messages API itself, then retry the "
		    "run."},
		[CALL_UNANSWERED] = {"no_answer", "The provider did not begin to answer within "
		    "PROMPTBUILDER_FIRST_BYTE_MS", again},
		[CALL_SILENT] = {"silence",
		    "The provider fell silent in the middle of its answer", again},
		[CALL_LATE] = {"timeout", "The call outlasted PROMPTBUILDER_CALL_TIMEOUT_MS",
		    again},
		[CALL_ABORTED] = {"aborted", "The call was stopped by this side", again},
	};
	static const struct way unsent = {"unreachable", "The provider cannot be reached",
	    "Check ANTHROPIC_BASE_URL and the network, then retry the run."};
	static const struct way untrusted = {"untrusted",
	    "The provider's certificate is not trusted",
	    "Check ANTHROPIC_BASE_URL; if the provider or a proxy has a certificate authority of "
	    "its own, name its file in PROMPTBUILDER_CA_FILE. Then retry the run."};
	const struct way *way = ending->is_untrusted ? &untrusted
	    : ending->is_sent ? &ways[ending->end] : &unsent;
	verdict->kind = VERDICT_AGAIN;
	verdict->is_billed = ending->is_sent;
	verdict->error_type = way->type;
	verdict->sentence = arena_printf(arena, "%s%s%s%s. %s", way->what,
	    ending->detail ? " (" : "", ending->detail ? ending->detail : "",
	    ending->detail ? ")" : "", way->advice);
}

void retry_judge(struct arena *arena, const struct ending *ending, struct verdict *verdict)
{
	*verdict = (struct verdict){.kind = VERDICT_ACCEPT, .wait_ms = -1};
	bool is_error = ending->http_status != 0 && ending->http_status != 200;
	if (ending->end == CALL_ABORTED)
		judge_transport(arena, ending, verdict);
	else if (is_error || ending->error_type)
		judge_error(arena, ending, verdict);
	else if (ending->end == CALL_ANSWERED && ending->is_complete)
		verdict->is_billed = true;
	else
		judge_transport(arena, ending, verdict);
}

int64_t retry_backoff_ms(int64_t base_ms, int64_t max_ms, int64_t tries, uint64_t dice)
{
	int64_t limit_ms = base_ms;
	for (int64_t i = 1; i < tries && limit_ms < max_ms; i++)
		limit_ms *= 2;
	if (limit_ms > max_ms)
		limit_ms = max_ms;
	return (int64_t)(dice % (uint64_t)(limit_ms + 1));
}

/* "1.5" seconds; -1: not a number. */
static int64_t seconds_to_ms(const char *text)
{
	int64_t ms = 0, scale = 0;
	if (strspn(text, "0123456789.") != strlen(text) || !*text)
		return -1;
	for (; *text && scale != 1; text++) {
		if (*text == '.') {
			if (scale)
				return -1;
			scale = 1000;
			continue;
		}
		if (scale)
			ms += (*text - '0') * (scale /= 10);
		else if (ms < RETRY_AFTER_MAX_MS)
			ms = ms * 10 + (*text - '0') * 1000;
	}
	return ms;
}

static int64_t date_to_ms(const char *text)
{
	int64_t date_ms;
	if (!clock_http_date(text, &date_ms))
		return -1;
	int64_t wait_ms = date_ms - clock_wall_ms();
	return wait_ms > 0 ? wait_ms : 0;
}

int64_t retry_after_ms(const char *header_ms, const char *header)
{
	int64_t wait_ms = -1;
	if (header_ms && !text_to_int(header_ms, 0, INT64_MAX, &wait_ms))
		wait_ms = -1;
	if (wait_ms < 0 && header) {
		wait_ms = seconds_to_ms(header);
		if (wait_ms < 0)
			wait_ms = date_to_ms(header);
	}
	return wait_ms > RETRY_AFTER_MAX_MS ? RETRY_AFTER_MAX_MS : wait_ms;
}

void retry_read_answer(const struct answer *answer, struct ending *ending)
{
	ending->is_started = answer->is_started;
	ending->is_complete = answer->is_complete;
	if (!answer->error_type)
		return;
	ending->error_type = answer->error_type;
	ending->error_message = answer->error_message;
}
