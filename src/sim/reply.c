/* reply.c: JSON and error bodies, and the headers that every reply carries. */
#include "sim/reply.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

#define REPLY_MAX (16u << 20)

static const struct {
	unsigned status;
	const char *type;
	const char *outcome; /* in the statistics */
} error_types[] = {
	{400, "invalid_request_error", "http-400"},
	{401, "authentication_error", "http-401"},
	{404, "not_found_error", "http-404"},
	{405, "invalid_request_error", "http-405"},
	{413, "request_too_large", "http-413"},
	{429, "rate_limit_error", "429"},
	{500, "api_error", "500"},
	{504, "timeout_error", "504"},
	{529, "overloaded_error", "529"},
};

void reply_header(struct reply *reply, const char *name, const char *value)
{
	if (reply->header_count == REPLY_HEADER_MAX) {
		log_error("too many headers", "header", name);
		abort();
	}
	reply->headers[reply->header_count++] = (struct header){.name = name, .value = value};
}

/* The reply's request id: made with its first use, then the same in header and body. */
static const char *request_id(const struct call *call, struct reply *reply)
{
	for (size_t i = 0; i < reply->header_count; i++) {
		if (text_equal(reply->headers[i].name, "request-id"))
			return reply->headers[i].value;
	}
	const char *id = clock_id(call->arena, "req_sim");
	reply_header(reply, "request-id", id);
	return id;
}

const struct err *reply_body(const struct call *call, struct doc **body)
{
	if (call->body->failed)
		return err_new(call->arena, ERR_LIMIT,
		    "Request exceeds the maximum allowed number of bytes.");
	if (!call->content_type || !text_starts_with(call->content_type, "application/json"))
		return err_new(call->arena, ERR_INVALID,
		    "content-type: must be application/json");
	const struct err *err = doc_parse(call->arena, call->body->data, call->body->len, body);
	if (err)
		return err_new(call->arena, ERR_INVALID,
		    "The request body is not valid JSON: %s", err->sentence);
	return NULL;
}

void reply_doc(const struct call *call, struct reply *reply, unsigned status,
    const struct doc *doc)
{
	struct buf *buf = buf_new(call->arena, REPLY_MAX);
	doc_write(doc, buf);
	reply->status = status;
	reply->content_type = "application/json";
	reply->script = script_body(call->arena, buf->data);
}

/* error_code may be NULL. */
static void reply_failure(const struct call *call, struct reply *reply, unsigned status,
    const char *message, const char *error_code)
{
	size_t row = 0;
	while (row < ARRAY_LEN(error_types) - 1 && error_types[row].status != status)
		row++;
	struct doc *doc = doc_object(call->arena);
	doc_set_text(doc, "type", "error");
	struct doc *error = doc_add_object(doc, "error");
	doc_set_text(error, "type", error_types[row].type);
	doc_set_text(error, "message", message);
	if (error_code)
		doc_set_text(doc_add_object(error, "details"), "error_code", error_code);
	doc_set_text(doc, "request_id", request_id(call, reply));
	reply_doc(call, reply, status, doc);
	reply->if_incomplete = error_types[row].outcome;
}

void reply_error(const struct call *call, struct reply *reply, unsigned status,
    const char *message)
{
	reply_failure(call, reply, status, message, NULL);
}

void reply_spend_cap(const struct call *call, struct reply *reply)
{
	reply_failure(call, reply, 429, "You have reached the monthly spend limit of your "
	    "organization's tier.", "enforced_spend_limit_reached");
}

void reply_err(const struct call *call, struct reply *reply, const struct err *err)
{
	static const unsigned statuses[ERR_KIND_COUNT] = {
		[ERR_INVALID] = 400, [ERR_LOGIN] = 401, [ERR_MISSING] = 404, [ERR_LIMIT] = 413,
	};
	unsigned status = statuses[err->kind] ? statuses[err->kind] : 500;
	reply_error(call, reply, status, err->sentence);
}

/* An instant of the wall clock, so many milliseconds from now. */
static const char *instant(struct arena *arena, int64_t in_ms, bool is_fine)
{
	char text[32];
	int64_t at_ms = clock_wall_ms() + in_ms;
	time_t seconds = (time_t)((at_ms + (is_fine ? 0 : 999)) / 1000);
	struct tm tm;
	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	return is_fine ? arena_printf(arena, "%s.%03dZ", text, (int)(at_ms % 1000))
	    : arena_printf(arena, "%sZ", text);
}

/* limit, remaining and reset of one kind of limit. */
static void limit_headers(const struct call *call, struct reply *reply, const char *kind,
    const struct limit_state *state)
{
	reply_header(reply, arena_printf(call->arena, "anthropic-ratelimit-%s-limit", kind),
	    arena_printf(call->arena, "%lld", (long long)state->most));
	reply_header(reply, arena_printf(call->arena, "anthropic-ratelimit-%s-remaining", kind),
	    arena_printf(call->arena, "%lld", (long long)state->remaining));
	reply_header(reply, arena_printf(call->arena, "anthropic-ratelimit-%s-reset", kind),
	    instant(call->arena, state->full_ms, limit_is_short(reply->limit)));
}

void reply_rate_limit(const struct call *call, struct reply *reply, enum limit_kind kind,
    int64_t wait_ms)
{
	static const char *const kinds[LIMIT_COUNT] = {
		"requests", "input tokens", "output tokens",
	};
	reply_error(call, reply, 429, arena_printf(call->arena, "This request would exceed your "
	    "organization's rate limit of %lld %s per minute.",
	    (long long)limit_state(reply->limit, kind).most, kinds[kind]));
	reply_header(reply, "retry-after",
	    arena_printf(call->arena, "%lld", (long long)((wait_ms + 999) / 1000)));
}

void reply_common_headers(struct service *service, const struct call *call, struct reply *reply)
{
	const char *id = request_id(call, reply);
	if (reply->counted)
		stats_name(service->stats, &reply->stats_call, id, reply->message_id);
	reply_header(reply, "x-simulator", "promptbuilder");
	if (call->api_key && reply->status != 401)
		reply_header(reply, "anthropic-organization-id", "org_sim");
	if (!reply->limit)
		return;
	struct limit_state requests = limit_state(reply->limit, LIMIT_REQUESTS);
	struct limit_state input = limit_state(reply->limit, LIMIT_INPUT);
	struct limit_state output = limit_state(reply->limit, LIMIT_OUTPUT);
	limit_headers(call, reply, "requests", &requests);
	limit_headers(call, reply, "tokens",
	    input.remaining < output.remaining ? &input : &output);
	limit_headers(call, reply, "input-tokens", &input);
	limit_headers(call, reply, "output-tokens", &output);
}
