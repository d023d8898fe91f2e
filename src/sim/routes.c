/* routes.c: the table of endpoints, and the checks that come before each of them. */
#include <string.h>

#include "base/text.h"
#include "sim/reply.h"

#define LIST_LIMIT_DEFAULT 20
#define LIST_LIMIT_MAX 1000

typedef void (*endpoint_fn)(struct service *service, const struct call *call, struct reply *reply);

static void get_models(struct service *service, const struct call *call, struct reply *reply)
{
	int64_t limit = LIST_LIMIT_DEFAULT;
	if (call->limit && !text_to_int(call->limit, 1, LIST_LIMIT_MAX, &limit)) {
		reply_error(call, reply, 400, "limit: Input should be an integer from 1 to 1000");
		return;
	}
	reply_doc(call, reply, 200,
	    catalog_page_doc(call->arena, limit, call->after_id, call->before_id));
}

static void get_model(struct service *service, const struct call *call, struct reply *reply)
{
	const char *id = call->path + strlen("/v1/models/");
	const struct catalog_model *model = catalog_find(id);
	if (model)
		reply_doc(call, reply, 200, catalog_model_doc(call->arena, model));
	else
		reply_error(call, reply, 404,
		    arena_printf(call->arena, "model: %s", text_cut(call->arena, id, 100)));
}

static void get_stats(struct service *service, const struct call *call, struct reply *reply)
{
	reply_doc(call, reply, 200, stats_doc(call->arena, service->stats));
}

static void get_requests(struct service *service, const struct call *call, struct reply *reply)
{
	reply_doc(call, reply, 200, stats_requests_doc(call->arena, service->stats));
}

static void get_faults(struct service *service, const struct call *call, struct reply *reply)
{
	reply_doc(call, reply, 200, faults_doc(call->arena, &service->faults));
}

/* Puts other faults in force; their specs live in an arena of their own. */
static void faults_replace(struct service *service, const struct faults *faults,
    struct arena *arena)
{
	uint64_t dice = service->faults.dice;
	service->faults = *faults;
	service->faults.dice = dice;
	if (service->faults_arena)
		arena_free(service->faults_arena);
	service->faults_arena = arena;
}

static const struct err *faults_read(const struct doc *specs, struct arena *arena,
    struct faults *faults)
{
	const struct err *err = NULL;
	if (doc_type(specs) != DOC_ARRAY)
		return err_new(arena, ERR_INVALID, "faults: must be an array of specs");
	for (size_t i = 0; i < doc_count(specs) && !err; i++) {
		const struct doc *spec = doc_at(specs, i);
		err = doc_type(spec) == DOC_TEXT ? faults_add(faults, arena, doc_scalar(spec))
		    : err_new(arena, ERR_INVALID, "faults.%zu: must be text", i);
	}
	return err;
}

static void post_faults(struct service *service, const struct call *call, struct reply *reply)
{
	struct doc *body = NULL;
	struct arena *arena = arena_new();
	struct faults faults = {0};
	const struct err *err = reply_body(call, &body);
	if (!err)
		err = faults_read(doc_get(body, "faults"), arena, &faults);
	if (err) {
		reply_err(call, reply, err);
		arena_free(arena);
		return;
	}
	faults_replace(service, &faults, arena);
	get_faults(service, call, reply);
}

static void post_reset(struct service *service, const struct call *call, struct reply *reply)
{
	stats_reset(service->stats);
	cache_clear(service->cache);
	limits_reset(service->limits);
	service->recorded.next_score = 0;
	memset(service->recorded.next_usage, 0, sizeof(service->recorded.next_usage));
	faults_replace(service, &service->faults_set, NULL);
	service->faults.dice = service->faults_set.dice;
	get_stats(service, call, reply);
}

static const struct route {
	const char *method;
	const char *path; /* one that ends in '/' takes anything below it */
	bool provider;    /* of the provider's API: wants a key and a version */
	endpoint_fn endpoint;
} routes[] = {
	{"POST", "/v1/messages", true, service_create},
	{"POST", "/v1/messages/count_tokens", true, service_count},
	{"GET", "/v1/models", true, get_models},
	{"GET", "/v1/models/", true, get_model},
	{"GET", "/simulator/stats", false, get_stats},
	{"GET", "/simulator/requests", false, get_requests},
	{"GET", "/simulator/faults", false, get_faults},
	{"POST", "/simulator/faults", false, post_faults},
	{"POST", "/simulator/reset", false, post_reset},
};

static bool path_matches(const char *pattern, const char *path)
{
	size_t len = strlen(pattern);
	if (pattern[len - 1] == '/')
		return text_starts_with(path, pattern) && path[len];
	return text_equal(pattern, path);
}

/* Key and version, as the provider checks them. true: they are in order. */
static bool caller_known(const struct call *call, struct reply *reply)
{
	if (!call->api_key || !*call->api_key) {
		reply_error(call, reply, 401, "x-api-key header is required");
		return false;
	}
	if (text_equal(call->api_key, "wrong") || text_equal(call->api_key, "invalid")) {
		reply_error(call, reply, 401, "invalid x-api-key");
		return false;
	}
	if (!call->version) {
		reply_error(call, reply, 400, "anthropic-version: header is required");
		return false;
	}
	if (!text_equal(call->version, "2023-06-01")) {
		reply_error(call, reply, 400, arena_printf(call->arena,
		    "anthropic-version: \"%s\" is not a valid version",
		    text_cut(call->arena, call->version, 40)));
		return false;
	}
	return true;
}

static void route_call(struct service *service, const struct call *call, struct reply *reply)
{
	bool path_known = false;
	for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
		if (!path_matches(routes[i].path, call->path))
			continue;
		path_known = true;
		if (!text_equal(routes[i].method, call->method))
			continue;
		if (!routes[i].provider || caller_known(call, reply))
			routes[i].endpoint(service, call, reply);
		return;
	}
	if (path_known)
		reply_error(call, reply, 405, "Method Not Allowed");
	else
		reply_error(call, reply, 404, "Not found");
}

void service_answer(struct service *service, const struct call *call, struct reply *reply)
{
	*reply = (struct reply){0};
	route_call(service, call, reply);
	reply_common_headers(service, call, reply);
}
