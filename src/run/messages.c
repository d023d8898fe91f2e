/* messages.c: builds requests of the Messages API and puts streamed answers together. */
#include "run/messages.h"

#include <string.h>

#include "base/text.h"
#include "model/usage.h"

#define HASHED_MAX (32u * 1024 * 1024)
#define PROVIDERS_OWN_TOKENS 1000 /* around system, schema and message */

/* ---- The request. ---- */

static void add_content(struct doc *body, const struct question *question)
{
	struct doc *system = doc_push_object(doc_add_array(body, "system"));
	doc_set_text(system, "type", "text");
	doc_set_text(system, "text", question->system);
	doc_set_text(doc_add_object(system, "cache_control"), "type", "ephemeral");

	struct doc *message = doc_push_object(doc_add_array(body, "messages"));
	doc_set_text(message, "role", "user");
	doc_set_text(message, "content", question->user);
}

void messages_request(struct arena *arena, const struct question *question, struct buf *body,
    const char **hash)
{
	struct doc *doc = doc_object(arena);
	doc_set_text(doc, "model", question->model);
	add_content(doc, question);
	if (question->schema) {
		struct doc *format = doc_add_object(doc_add_object(doc, "output_config"), "format");
		doc_set_text(format, "type", "json_schema");
		doc_set(format, "schema", question->schema);
	}
	struct buf *hashed = buf_new(arena, HASHED_MAX);
	doc_write_canonical(doc, hashed);
	*hash = text_sha256(arena, hashed->data, hashed->len);

	doc_set_int(doc, "max_tokens", question->max_tokens);
	doc_set_bool(doc, "stream", true);
	doc_write(doc, body);
}

int64_t messages_tokens(size_t bytes)
{
	return (int64_t)(bytes / 3) + 1;
}

int64_t messages_tokens_max(size_t bytes)
{
	return (int64_t)bytes + PROVIDERS_OWN_TOKENS;
}

/* ---- The answer. ---- */

/* Later values replace earlier ones; null says nothing. */
static void overlay(void *arg, const char *name, struct doc *value)
{
	if (doc_type(value) != DOC_NULL)
		doc_set(arg, name, value);
}

struct answer *answer_new(struct arena *arena)
{
	struct answer *answer = arena_alloc(arena, sizeof(*answer));
	answer->arena = arena;
	answer->text = buf_new(arena, ANSWER_TEXT_MAX);
	answer->usage = doc_object(arena);
	return answer;
}

static const char *keep(struct answer *answer, const char *text)
{
	return text ? arena_strdup(answer->arena, text) : NULL;
}

static bool take_message_start(struct answer *answer, const struct doc *event)
{
	const struct doc *message = doc_get(event, "message");
	answer->is_started = true;
	answer->message_id = keep(answer, doc_text(message, "id"));
	doc_each(doc_get(message, "usage"), overlay, answer->usage);
	return true;
}

static bool take_block_start(struct answer *answer, const struct doc *event)
{
	const char *text = doc_text(doc_get(event, "content_block"), "text");
	if (text)
		buf_text(answer->text, text);
	return true;
}

static bool take_block_delta(struct answer *answer, const struct doc *event)
{
	const struct doc *delta = doc_get(event, "delta");
	const char *type = doc_text(delta, "type");
	const char *text = doc_text(delta, "text");
	if (text_equal(type, "text_delta") && text) {
		buf_text(answer->text, text);
	} else {
		static const char *const hidden[] = {"thinking", "partial_json"};
		for (size_t i = 0; i < ARRAY_LEN(hidden); i++) {
			text = doc_text(delta, hidden[i]);
			answer->hidden_bytes += text ? strlen(text) : 0;
		}
	}
	return true;
}

static bool take_block_stop(struct answer *answer, const struct doc *event)
{
	return true;
}

/* Its counts are cumulative: they replace what is there. */
static bool take_message_delta(struct answer *answer, const struct doc *event)
{
	const struct doc *delta = doc_get(event, "delta");
	const char *reason = doc_text(delta, "stop_reason");
	const char *explanation = doc_text(doc_get(delta, "stop_details"), "explanation");
	if (reason)
		answer->stop_reason = keep(answer, reason);
	if (explanation)
		answer->explanation = keep(answer, explanation);
	doc_each(doc_get(event, "usage"), overlay, answer->usage);
	return true;
}

static bool take_message_stop(struct answer *answer, const struct doc *event)
{
	answer->is_complete = true;
	return true;
}

static bool take_error(struct answer *answer, const struct doc *event)
{
	const struct doc *error = doc_get(event, "error");
	const char *type = doc_text(error, "type");
	answer->error_type = keep(answer, type ? type : "error");
	answer->error_message = keep(answer, doc_text(error, "message"));
	return true;
}

static const struct {
	const char *type;
	bool (*take)(struct answer *answer, const struct doc *event);
} events[] = {
	{"content_block_delta", take_block_delta},
	{"message_start", take_message_start},
	{"content_block_start", take_block_start},
	{"content_block_stop", take_block_stop},
	{"message_delta", take_message_delta},
	{"message_stop", take_message_stop},
	{"error", take_error},
};

bool answer_event(struct answer *answer, struct arena *scratch, const char *data, size_t len)
{
	struct doc *event = NULL;
	if (answer->is_complete || answer->error_type)
		return false;
	if (doc_parse(scratch, data, len, &event)) {
		answer->is_broken = true;
		return false;
	}
	const char *type = doc_text(event, "type");
	for (size_t i = 0; i < ARRAY_LEN(events); i++) {
		if (!text_equal(type, events[i].type))
			continue;
		bool moved = events[i].take(answer, event);
		answer->is_broken |= answer->text->failed;
		return moved;
	}
	return false;
}

bool answer_usage(const struct answer *answer, struct money_usage *tokens)
{
	return !usage_read(answer->arena, answer->usage, tokens);
}

int64_t answer_output_estimate(const struct answer *answer)
{
	int64_t told = 0;
	int64_t seen = messages_tokens(answer->text->len + answer->hidden_bytes);
	if (!doc_int(answer->usage, "output_tokens", &told) || told > USAGE_TOKENS_MAX)
		told = 0;
	return told > seen ? told : seen;
}
