/* answer.c: derives text, stop reason and counts of an answer from the request alone. */
#include "sim/answer.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "sim/schema.h"
#include "sim/writer.h"

#define JSON_MAX (4u << 20)

static const char *last_user_text(const struct request *request)
{
	for (size_t i = request->blocks.count; i-- > 0;) {
		if (text_equal(request->blocks.list[i].role, "user"))
			return request->blocks.list[i].text;
	}
	return "";
}

/* The briefing of the request; NULL: none, or none that is a JSON object. */
static const struct doc *find_briefing(struct arena *arena, const struct request *request)
{
	const char *json = blocks_tagged(arena, &request->blocks, "briefing");
	struct doc *briefing = NULL;
	if (!json || doc_parse(arena, json, strlen(json), &briefing))
		return NULL;
	return doc_type(briefing) == DOC_OBJECT ? briefing : NULL;
}

/* bytes or less, so that no character is cut. */
static const char *cut_bytes(struct arena *arena, const char *text, size_t bytes)
{
	while (bytes > 0 && ((unsigned char)text[bytes] & 0xC0) == 0x80)
		bytes--;
	return arena_strndup(arena, text, bytes);
}

static const char *write_review(struct arena *arena, const struct request *request,
    enum fault_kind fault, struct recorded *recorded)
{
	struct review review;
	const char *prompt = blocks_tagged(arena, &request->blocks, "prompt");
	quality_review(arena, prompt ? prompt : last_user_text(request),
	    find_briefing(arena, request), &review);
	int64_t score;
	if (recorded_next_score(recorded, &score))
		review.score = score;
	if (fault == FAULT_BAD_SCHEMA)
		return "{\"score\":\"very good\",\"verdict\":true}";
	struct buf *json = buf_new(arena, JSON_MAX);
	schema_fill(arena, request->schema, &review, json);
	if (fault == FAULT_BAD_JSON)
		return arena_printf(arena, "Here is my analysis:\n%s",
		    cut_bytes(arena, json->data, json->len / 2));
	return json->data;
}

static const char *write_text(struct arena *arena, const struct request *request)
{
	const struct doc *briefing = find_briefing(arena, request);
	if (request->phase == PHASE_IMPROVEMENT)
		return writer_improve(arena, blocks_tagged(arena, &request->blocks, "prompt"),
		    blocks_tagged(arena, &request->blocks, "findings"), briefing);
	if (briefing)
		return writer_draft(arena, briefing);
	return writer_plain(arena, last_user_text(request));
}

/* Ends the text at the first stop sequence in it. */
static void apply_stop_sequences(struct arena *arena, const struct doc *sequences,
    struct answer *answer)
{
	const char *first = NULL;
	for (size_t i = 0; i < doc_count(sequences); i++) {
		const struct doc *sequence = doc_at(sequences, i);
		const char *stop = doc_type(sequence) == DOC_TEXT ? doc_scalar(sequence) : NULL;
		const char *at = stop && *stop ? strstr(answer->text, stop) : NULL;
		if (!at || (first && at >= first))
			continue;
		first = at;
		answer->stop_reason = "stop_sequence";
		answer->stop_sequence = stop;
	}
	if (first)
		answer->text = arena_strndup(arena, answer->text, (size_t)(first - answer->text));
}

/* Cuts the text at max_tokens, or at half of it for the fault. */
static void apply_length(struct arena *arena, const struct request *request, enum fault_kind fault,
    struct answer *answer)
{
	size_t len = strlen(answer->text);
	size_t most = (size_t)request->max_tokens * 4;
	if (fault == FAULT_TRUNCATED)
		most = len / 2;
	if (len <= most && fault != FAULT_TRUNCATED)
		return;
	answer->text = cut_bytes(arena, answer->text, most);
	answer->stop_reason = "max_tokens";
	answer->stop_sequence = NULL;
}

void answer_write(struct arena *arena, const struct request *request, enum fault_kind fault,
    struct recorded *recorded, struct answer *answer)
{
	*answer = (struct answer){.id = clock_id(arena, "msg_sim"), .model = request->model->id,
	    .stop_reason = "end_turn", .text = ""};
	if (fault == FAULT_REFUSAL) {
		answer->stop_reason = "refusal";
		answer->refused = true;
		return;
	}
	if (request->schema)
		answer->text = write_review(arena, request, fault, recorded);
	else
		answer->text = write_text(arena, request);
	apply_stop_sequences(arena, request->stop_sequences, answer);
	apply_length(arena, request, fault, answer);
	answer->usage.output = block_tokens(answer->text);
}

static void set_stop(struct doc *doc, const struct answer *answer)
{
	doc_set_text(doc, "stop_reason", answer->stop_reason);
	doc_set_text(doc, "stop_sequence", answer->stop_sequence);
	if (!answer->refused) {
		doc_set_null(doc, "stop_details");
		return;
	}
	struct doc *details = doc_add_object(doc, "stop_details");
	doc_set_text(details, "type", "refusal");
	doc_set_null(details, "category");
	doc_set_text(details, "explanation", "The simulator was told to refuse this request.");
}

static struct doc *message_head(struct arena *arena, const struct answer *answer)
{
	struct doc *message = doc_object(arena);
	doc_set_text(message, "id", answer->id);
	doc_set_text(message, "type", "message");
	doc_set_text(message, "role", "assistant");
	doc_set_text(message, "model", answer->model);
	return message;
}

struct doc *answer_message(struct arena *arena, const struct answer *answer,
    const struct usage *shown)
{
	struct doc *message = message_head(arena, answer);
	struct doc *content = doc_add_array(message, "content");
	if (*answer->text) {
		struct doc *block = doc_push_object(content);
		doc_set_text(block, "type", "text");
		doc_set_text(block, "text", answer->text);
		doc_set_null(block, "citations");
	}
	set_stop(message, answer);
	doc_set_null(message, "container");
	doc_set(message, "usage", usage_doc(arena, shown));
	return message;
}

struct doc *answer_opening(struct arena *arena, const struct answer *answer,
    const struct usage *shown)
{
	struct doc *message = message_head(arena, answer);
	doc_add_array(message, "content");
	doc_set_null(message, "stop_reason");
	doc_set_null(message, "stop_sequence");
	doc_set_null(message, "stop_details");
	doc_set_null(message, "container");
	doc_set(message, "usage", usage_doc(arena, shown));
	return message;
}

struct doc *answer_closing(struct arena *arena, const struct answer *answer,
    const struct usage *shown)
{
	struct doc *event = doc_object(arena);
	doc_set_text(event, "type", "message_delta");
	set_stop(doc_add_object(event, "delta"), answer);
	doc_set(event, "usage", usage_delta_doc(arena, shown));
	return event;
}
