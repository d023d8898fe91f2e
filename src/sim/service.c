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
	case FAULT_HTML:
		reply->status = 502;
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
	if (fault == FAULT_WRONG_CONTENT_TYPE)
		reply->content_type = "text/plain; charset=utf-8";
	set_pace(service, &answer, reply->script);
	reply->stats_call.usage = answer.usage;
	reply->if_incomplete = fault == FAULT_NONE ? "aborted" : fault_name(fault);
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
