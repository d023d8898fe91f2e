/* service.c: the create and count calls, and what every reply has in common. */
#include "sim/service.h"

#include "sim/reply.h"

/* Where no rate is given, a quarter of the latency passes before the first byte. */
#define FIRST_BYTE_SHARE 4

struct service *service_new(struct arena *arena, uint64_t seed)
{
	struct service *service = arena_alloc(arena, sizeof(*service));
	service->arena = arena;
	service->cache = cache_new();
	service->limits = limits_new(arena);
	service->stats = stats_new();
	service->faults.dice = service->faults_set.dice = seed;
	return service;
}

void service_free(struct service *service)
{
	cache_free(service->cache);
	stats_free(service->stats);
	if (service->faults_arena)
		arena_free(service->faults_arena);
}

/* The fault of the request's own header, else one of the list; NULL: none. */
static const struct err *draw_fault(struct service *service, const struct call *call,
    enum phase phase, const struct fault **fault)
{
	*fault = NULL;
	if (!call->fault) {
		*fault = faults_draw(&service->faults, phase);
		return NULL;
	}
	struct faults *own = arena_alloc(call->arena, sizeof(*own));
	own->dice = service->faults.dice;
	const struct err *err = faults_add(own, call->arena, call->fault);
	if (!err)
		*fault = faults_draw(own, phase);
	service->faults.dice = own->dice;
	return err;
}

/* Answers with a failure instead of a message. false: the fault is of another kind. */
static bool reply_with_fault(const struct call *call, struct reply *reply,
    const struct fault *fault, bool stream)
{
	static const char sorry[] = "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title>"
	    "</head><body><h1>502 Bad Gateway</h1></body></html>\n";
	int64_t wait_s = fault->retry_after_s;
	switch (fault->kind) {
	case FAULT_429:
		reply_error(call, reply, 429, "This request would exceed your rate limit.");
		if (wait_s == FAULT_NO_RETRY_AFTER)
			wait_s = 1;
		break;
	case FAULT_429_SPEND_CAP:
		reply_spend_cap(call, reply);
		wait_s = FAULT_NO_RETRY_AFTER;
		break;
	case FAULT_529:
		reply_error(call, reply, 529, "Overloaded");
		break;
	case FAULT_500:
		reply_error(call, reply, 500, "Internal server error");
		break;
	case FAULT_504:
		reply_error(call, reply, 504, "Request timed out");
		break;
	case FAULT_REDIRECT:
		reply->status = 302;
		reply->content_type = "text/plain";
		reply->script = script_body(call->arena, "elsewhere\n");
		reply_header(reply, "location", "https://elsewhere.example/v1/messages");
		break;
	case FAULT_HTML:
	case FAULT_HTML_OK:
		reply->status = fault->kind == FAULT_HTML ? 502 : 200;
		reply->content_type = "text/html; charset=utf-8";
		reply->script = script_body(call->arena, sorry);
		break;
	case FAULT_ERROR_EVENT:
		if (stream)
			return false;
		reply_error(call, reply, 529, "Overloaded");
		break;
	default:
		return false;
	}
	if (wait_s != FAULT_NO_RETRY_AFTER)
		reply_header(reply, "retry-after",
		    arena_printf(call->arena, "%lld", (long long)wait_s));
	reply->if_incomplete = fault_name(fault->kind);
	return true;
}

#define RAW_MAX (256 * 1024)

/* Bytes that no HTTP library would send. */
static void add_raw(const struct call *call, struct reply *reply, enum fault_kind fault)
{
	static const char hint[] = "HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\n";
	static const struct {
		enum fault_kind fault;
		enum raw_end end;
		const char *head, *piece;
		size_t bytes; /* so many of the piece */
	} kinds[] = {
		{FAULT_NO_ANSWER, RAW_SILENCE, "", "", 0},
		{FAULT_CLOSE, RAW_CLOSE, "", "", 0},
		{FAULT_EARLY_HINTS, RAW_ANSWER, hint, hint, 1},
		{FAULT_EARLY_HINTS_FLOOD, RAW_SILENCE, "", hint, RAW_MAX / 2},
		{FAULT_HEADER_FLOOD, RAW_SILENCE, "HTTP/1.1 200 OK\r\n",
		    "x-noise: it goes on and on\r\n", RAW_MAX / 2},
		{FAULT_HEADER_LINE, RAW_SILENCE, "HTTP/1.1 200 OK\r\nx-noise: ", "on and ",
		    RAW_MAX / 2},
	};
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (kinds[i].fault != fault)
			continue;
		struct buf *raw = buf_new(call->arena, RAW_MAX);
		buf_text(raw, kinds[i].head);
		for (size_t end = raw->len + kinds[i].bytes; raw->len < end;)
			buf_text(raw, kinds[i].piece);
		reply->raw = raw;
		reply->raw_end = kinds[i].end;
	}
}

/* Time to the first byte and time from there to the last. */
static void set_pace(const struct service *service, const struct answer *answer,
    struct script *script)
{
	script->first_ms = service->latency_ms / FIRST_BYTE_SHARE;
	script->spread_ms = service->latency_ms - script->first_ms;
	if (service->rate > 0)
		script->spread_ms = answer->usage.output * 1000 / service->rate;
}

static void count_usage(struct service *service, const struct call *call,
    const struct request *request, struct usage *usage)
{
	if (recorded_next_usage(&service->recorded, request->phase, usage))
		return;
	struct cache_when when = {.now_ms = call->now_ms,
	    .begins_ms = call->now_ms + service->latency_ms / FIRST_BYTE_SHARE};
	cache_apply(service->cache, request, call->api_key, &when, usage);
}

static void reply_message(struct service *service, const struct call *call,
    const struct request *request, enum fault_kind fault, struct reply *reply)
{
	struct answer answer;
	answer_write(call->arena, request, fault, &service->recorded, &answer);
	count_usage(service, call, request, &answer.usage);
	reply->status = 200;
	if (request->stream) {
		reply->script = script_stream(call->arena, &answer, fault);
		reply->content_type = "text/event-stream; charset=utf-8";
		reply_header(reply, "cache-control", "no-cache");
	} else {
		reply->script = script_message(call->arena, &answer, fault);
		reply->content_type = "application/json";
	}
	if (fault == FAULT_GZIP)
		reply_header(reply, "content-encoding", "gzip");
	add_raw(call, reply, fault);
	if (fault == FAULT_WRONG_CONTENT_TYPE)
		reply->content_type = "text/plain; charset=utf-8";
	limit_correct(reply->limit, request_tokens(request), &answer.usage);
	set_pace(service, &answer, reply->script);
	reply->stats_call.usage = answer.usage;
	reply->message_id = answer.id;
	reply->if_incomplete = fault == FAULT_NONE ? "aborted" : fault_name(fault);
}

/* Whether the call stays within its limits. */
static bool within_limits(struct service *service, const struct call *call,
    const struct request *request, struct reply *reply)
{
	enum limit_kind kind = LIMIT_REQUESTS;
	reply->limit = limits_find(service->limits, call->api_key, request->model->id,
	    call->now_ms);
	int64_t wait_ms = limit_take(reply->limit, request_tokens(request), &kind);
	if (wait_ms > 0)
		reply_rate_limit(call, reply, kind, wait_ms);
	return wait_ms == 0;
}

void service_create(struct service *service, const struct call *call, struct reply *reply)
{
	struct doc *body = NULL;
	struct request request;
	const struct fault *fault = NULL;
	const struct err *err = reply_body(call, &body);
	if (!err)
		err = request_parse(call->arena, body, false, &request);
	reply->counted = true;
	stats_begin(service->stats, err ? NULL : &request, &reply->stats_call);
	if (!err && !within_limits(service, call, &request, reply))
		return;
	if (!err)
		err = draw_fault(service, call, request.phase, &fault);
	if (err)
		reply_err(call, reply, err);
	else if (!fault || !reply_with_fault(call, reply, fault, request.stream))
		reply_message(service, call, &request, fault ? fault->kind : FAULT_NONE, reply);
}

void service_count(struct service *service, const struct call *call, struct reply *reply)
{
	struct doc *body = NULL;
	struct request request;
	const struct err *err = reply_body(call, &body);
	if (!err)
		err = request_parse(call->arena, body, true, &request);
	stats_count_tokens(service->stats);
	if (err) {
		reply_err(call, reply, err);
		return;
	}
	struct doc *doc = doc_object(call->arena);
	doc_set_int(doc, "input_tokens", request_tokens(&request));
	reply_doc(call, reply, 200, doc);
}

void service_begin(struct service *service, struct reply *reply)
{
	if (reply->counted && reply->status == 200)
		stats_start(service->stats, &reply->stats_call);
}

void service_end(struct service *service, const struct reply *reply)
{
	if (!reply->counted)
		return;
	bool complete = reply->status == 200 && script_complete(reply->script);
	stats_finish(service->stats, &reply->stats_call,
	    complete ? stats_completed : reply->if_incomplete,
	    complete ? reply->stats_call.usage.output
	    : script_output_sent(reply->script, reply->stats_call.usage.output));
}
