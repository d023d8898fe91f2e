/* request.c: reads and checks the body of a create or count call. */
#include "sim/request.h"

#include <string.h>

#include "base/text.h"
#include "sim/schema.h"

#define MESSAGES_MAX 100000
#define SALT_MAX (1u << 20)

static const char *const phase_names[PHASE_COUNT] = {
	[PHASE_ANY] = "any",
	[PHASE_GENERATION] = "generation",
	[PHASE_ANALYSIS] = "analysis",
	[PHASE_IMPROVEMENT] = "improvement",
};

/* Members of a body; those of count_tokens are marked. */
static const struct {
	const char *name;
	bool counting;
} members[] = {
	{"model", true}, {"messages", true}, {"system", true}, {"tools", true},
	{"tool_choice", true}, {"thinking", true}, {"output_config", true},
	{"cache_control", true}, {"max_tokens", false}, {"stream", false},
	{"stop_sequences", false}, {"temperature", false}, {"top_p", false}, {"top_k", false},
	{"metadata", false}, {"service_tier", false}, {"inference_geo", false},
	{"container", false},
};

const char *phase_name(enum phase phase)
{
	return phase_names[phase];
}

bool phase_from_name(const char *name, enum phase *phase)
{
	for (int i = PHASE_ANY + 1; i < PHASE_COUNT; i++) {
		if (text_equal(phase_names[i], name)) {
			*phase = (enum phase)i;
			return true;
		}
	}
	return false;
}

struct member_check {
	bool counting;
	const char *unknown;
};

static void member_visit(void *arg, const char *name, struct doc *value)
{
	struct member_check *check = arg;
	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		if (text_equal(members[i].name, name) && (members[i].counting || !check->counting))
			return;
	}
	if (!check->unknown)
		check->unknown = name;
}

static const struct err *check_members(struct arena *arena, const struct doc *body, bool counting)
{
	struct member_check check = {.counting = counting};
	doc_each(body, member_visit, &check);
	if (check.unknown)
		return err_new(arena, ERR_INVALID, "%s: Extra inputs are not permitted",
		    text_cut(arena, check.unknown, 60));
	if (doc_count(doc_get(body, "tools")) > 0)
		return err_new(arena, ERR_INVALID, "tools: the simulator does not play tools");
	return NULL;
}

static const struct err *read_model(struct arena *arena, const struct doc *body,
    struct request *request)
{
	const char *model = doc_text(body, "model");
	if (!model)
		return err_new(arena, ERR_INVALID, "model: Field required");
	request->model = catalog_find(model);
	if (!request->model)
		return err_new(arena, ERR_MISSING, "model: %s", text_cut(arena, model, 100));
	return NULL;
}

/* max_tokens, stream, stop_sequences and the sampling parameters of a create call. */
static const struct err *read_options(struct arena *arena, const struct doc *body,
    struct request *request)
{
	if (!doc_int(body, "max_tokens", &request->max_tokens))
		return err_new(arena, ERR_INVALID, "max_tokens: Field required");
	if (request->max_tokens < 0)
		return err_new(arena, ERR_INVALID,
		    "max_tokens: Input should be greater than or equal to 0");
	if (request->max_tokens > request->model->output_tokens)
		return err_new(arena, ERR_INVALID, "max_tokens: %lld > %lld, which is the maximum "
		    "allowed number of output tokens for %s", (long long)request->max_tokens,
		    (long long)request->model->output_tokens, request->model->id);
	if (doc_get(body, "stream") && !doc_bool(body, "stream", &request->stream))
		return err_new(arena, ERR_INVALID, "stream: Input should be a valid boolean");
	bool structured = doc_get(doc_get(body, "output_config"), "format");
	if (request->max_tokens == 0 && (request->stream || structured))
		return err_new(arena, ERR_INVALID,
		    "max_tokens: 0 is not allowed with stream or output_config.format");
	static const char *const sampling[] = {"temperature", "top_p", "top_k"};
	for (size_t i = 0; i < ARRAY_LEN(sampling); i++) {
		const struct doc *value = doc_get(body, sampling[i]);
		bool preset = i < 2 && value && text_starts_with("1.0", doc_scalar(value));
		if (value && !preset && !request->model->sampling)
			return err_new(arena, ERR_INVALID, "%s: not supported by %s", sampling[i],
			    request->model->id);
	}
	request->stop_sequences = doc_get(body, "stop_sequences");
	if (request->stop_sequences && doc_type(request->stop_sequences) != DOC_ARRAY)
		return err_new(arena, ERR_INVALID, "stop_sequences: Input should be a valid array");
	return NULL;
}

static const struct err *read_message(struct arena *arena, const struct doc *message, size_t index,
    struct request *request)
{
	static const char *const roles[] = {"user", "assistant"};
	const char *role = doc_text(message, "role");
	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		if (text_equal(role, roles[i]))
			return blocks_add_content(&request->blocks, arena, roles[i],
			    arena_printf(arena, "messages.%zu.content", index),
			    doc_get(message, "content"));
	}
	return err_new(arena, ERR_INVALID,
	    "messages.%zu.role: Input should be 'user' or 'assistant'", index);
}

static const struct err *read_messages(struct arena *arena, const struct doc *body,
    struct request *request)
{
	const struct doc *messages = doc_get(body, "messages");
	size_t count = doc_count(messages);
	if (doc_type(messages) != DOC_ARRAY)
		return err_new(arena, ERR_INVALID, "messages: Field required");
	if (count == 0)
		return err_new(arena, ERR_INVALID, "messages: at least one message is required");
	if (count > MESSAGES_MAX)
		return err_new(arena, ERR_INVALID, "messages: at most %d messages", MESSAGES_MAX);
	for (size_t i = 0; i < count; i++) {
		const struct err *err = read_message(arena, doc_at(messages, i), i, request);
		if (err)
			return err;
	}
	if (text_equal(request->blocks.list[request->blocks.count - 1].role, "assistant")
	    && !request->model->prefill)
		return err_new(arena, ERR_INVALID, "This model does not support assistant message "
		    "prefill. The conversation must end with a user message.");
	return NULL;
}

/* The schema of a structured answer, and what it adds to tokens and to the prefix. */
static const struct err *read_output_config(struct arena *arena, const struct doc *body,
    struct request *request)
{
	const struct doc *format = doc_get(doc_get(body, "output_config"), "format");
	struct buf *salt = buf_new(arena, SALT_MAX);
	if (format) {
		if (!text_equal(doc_text(format, "type"), "json_schema"))
			return err_new(arena, ERR_INVALID,
			    "output_config.format.type: Input should be 'json_schema'");
		request->schema = doc_get(format, "schema");
		if (doc_type(request->schema) != DOC_OBJECT)
			return err_new(arena, ERR_INVALID,
			    "output_config.format.schema: Field required");
		const struct err *err = schema_check(arena, request->schema);
		if (err)
			return err;
		doc_write_canonical(request->schema, salt);
		request->overhead_tokens = block_tokens(salt->data);
	}
	const struct doc *thinking = doc_get(body, "thinking");
	if (doc_type(thinking) == DOC_OBJECT)
		doc_write_canonical(thinking, salt);
	request->prefix_salt = salt->data;
	return NULL;
}

static void detect_phase(struct arena *arena, struct request *request)
{
	request->phase = PHASE_GENERATION;
	if (request->schema)
		request->phase = PHASE_ANALYSIS;
	else if (blocks_tagged(arena, &request->blocks, "prompt"))
		request->phase = PHASE_IMPROVEMENT;
}

/* system, messages and all breakpoints, in prefix order. */
static const struct err *read_content(struct arena *arena, const struct doc *body,
    struct request *request)
{
	const struct err *err = NULL;
	const struct doc *system = doc_get(body, "system");
	int64_t automatic_s = 0;
	if (system)
		err = blocks_add_content(&request->blocks, arena, "system", "system", system);
	if (!err)
		err = read_messages(arena, body, request);
	if (!err)
		err = block_ttl(arena, "body", doc_get(body, "cache_control"), &automatic_s);
	if (!err)
		err = blocks_finish(&request->blocks, arena, automatic_s);
	return err;
}

const struct err *request_parse(struct arena *arena, const struct doc *body, bool counting,
    struct request *request)
{
	*request = (struct request){0};
	if (doc_type(body) != DOC_OBJECT)
		return err_new(arena, ERR_INVALID, "The request body is not a JSON object.");
	const struct err *err = check_members(arena, body, counting);
	if (!err)
		err = read_model(arena, body, request);
	if (!err && !counting)
		err = read_options(arena, body, request);
	if (!err)
		err = read_output_config(arena, body, request);
	if (!err)
		err = read_content(arena, body, request);
	if (err)
		return err;
	detect_phase(arena, request);
	if (request_tokens(request) > request->model->context_tokens)
		return err_new(arena, ERR_INVALID, "prompt is too long: %lld tokens > %lld maximum",
		    (long long)request_tokens(request), (long long)request->model->context_tokens);
	return NULL;
}

int64_t request_tokens(const struct request *request)
{
	return blocks_tokens(&request->blocks) + request->overhead_tokens;
}
