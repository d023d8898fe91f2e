/* script.c: renders answers as bodies or event streams, and doles them out over time. */
#include "sim/script.h"

#include <string.h>

#include "base/text.h"

#define SCRIPT_MAX (64u << 20)
#define PIECE_BYTES 48
#define PING_MS 1000
#define DRIP_BYTES 7
#define TRICKLE_MS 50
#define FLOOD_BYTES 65536
#define HUGE_TOKENS INT64_C(1000000000000)

static struct script *script_new(struct arena *arena)
{
	struct script *script = arena_alloc(arena, sizeof(*script));
	script->bytes = buf_new(arena, SCRIPT_MAX);
	return script;
}

static void script_mark(struct script *script, struct arena *arena, size_t text_len)
{
	if (script->mark_count == script->mark_cap) {
		size_t cap = script->mark_cap ? script->mark_cap * 2 : 64;
		struct script_mark *marks = arena_alloc(arena, cap * sizeof(*marks));
		if (script->mark_count)
			memcpy(marks, script->marks, script->mark_count * sizeof(*marks));
		script->marks = marks;
		script->mark_cap = cap;
	}
	script->marks[script->mark_count++] = (struct script_mark){
	    .end = script->bytes->len, .text_len = text_len};
}

struct script *script_body(struct arena *arena, const char *text)
{
	struct script *script = script_new(arena);
	buf_text(script->bytes, text);
	script_mark(script, arena, 0);
	script->sized = true;
	return script;
}

/* What usage the answer claims at its end. */
static struct usage shown_usage(const struct answer *answer, enum fault_kind fault)
{
	struct usage shown = answer->usage;
	if (fault == FAULT_USAGE_LIES) {
		shown.input = -shown.input - 1;
		shown.output = -shown.output - 1;
	}
	if (fault == FAULT_USAGE_HUGE)
		shown.input = shown.output = HUGE_TOKENS;
	return shown;
}

/* What usage the answer claims at its beginning: one output token, and too little input where it
 * is to grow. */
static struct usage opening_usage(const struct answer *answer, enum fault_kind fault)
{
	struct usage shown = shown_usage(answer, fault);
	if (shown.output > 1)
		shown.output = 1;
	if (fault == FAULT_USAGE_GROWS) {
		shown.input /= 2;
		shown.cache_read = 0;
		shown.cache_write_5m /= 2;
	}
	return shown;
}

struct script *script_message(struct arena *arena, const struct answer *answer,
    enum fault_kind fault)
{
	struct script *script = script_new(arena);
	struct usage shown = shown_usage(answer, fault);
	doc_write(answer_message(arena, answer, &shown), script->bytes);
	script->sized = true;
	script->text_len = strlen(answer->text);
	script->drip = fault == FAULT_DRIP;
	script->complete_at = script->bytes->len;
	script_mark(script, arena, script->text_len);
	if (fault == FAULT_CUT || fault == FAULT_NO_STOP)
		script->end = SCRIPT_CUT;
	else if (fault == FAULT_STALL || fault == FAULT_PING_ONLY)
		script->end = SCRIPT_STALL;
	else
		return script;
	script->marks[0].end = fault == FAULT_PING_ONLY ? 1 : script->bytes->len / 2;
	script->complete_at = 0;
	return script;
}

struct stream {
	struct arena *arena;
	struct script *script;
	const struct answer *answer;
	enum fault_kind fault;
	size_t said; /* bytes of the text so far */
};

static void stream_event(struct stream *stream, const struct doc *event)
{
	buf_printf(stream->script->bytes, "event: %s\ndata: ", doc_text(event, "type"));
	doc_write(event, stream->script->bytes);
	buf_text(stream->script->bytes, "\n\n");
	script_mark(stream->script, stream->arena, stream->said);
}

static struct doc *event_new(struct stream *stream, const char *type)
{
	struct doc *event = doc_object(stream->arena);
	doc_set_text(event, "type", type);
	return event;
}

static void stream_start(struct stream *stream)
{
	struct usage shown = opening_usage(stream->answer, stream->fault);
	struct doc *event = event_new(stream, "message_start");
	doc_set(event, "message", answer_opening(stream->arena, stream->answer, &shown));
	stream_event(stream, event);
}

static void stream_error(struct stream *stream)
{
	struct doc *event = event_new(stream, "error");
	struct doc *error = doc_add_object(event, "error");
	doc_set_text(error, "type", "overloaded_error");
	doc_set_text(error, "message", "Overloaded");
	stream_event(stream, event);
}

/* Breaks the stream off where the fault says so. false: it goes on. */
static bool stream_breaks(struct stream *stream)
{
	struct buf *bytes = stream->script->bytes;
	switch (stream->fault) {
	case FAULT_CUT:
		/* In the middle of a line, where a careless reader is hurt most. */
		buf_text(bytes, "event: content_block_delta\ndata: {\"type\":\"content_bl");
		script_mark(stream->script, stream->arena, stream->said);
		stream->script->end = SCRIPT_CUT;
		return true;
	case FAULT_STALL:
		stream->script->end = SCRIPT_STALL;
		return true;
	case FAULT_ERROR_EVENT:
		stream_error(stream);
		return true;
	default:
		return false;
	}
}

/* Length of the next piece of text, in whole characters. */
static size_t piece_len(const char *text)
{
	size_t len = strnlen(text, PIECE_BYTES);
	while (len < PIECE_BYTES + 4 && ((unsigned char)text[len] & 0xC0) == 0x80)
		len++;
	return len;
}

static struct doc *block_event(struct stream *stream, const char *type)
{
	struct doc *event = event_new(stream, type);
	doc_set_int(event, "index", 0);
	return event;
}

/* The deltas of the one text block. true: broken off. */
static bool stream_deltas(struct stream *stream)
{
	struct doc *event = block_event(stream, "content_block_delta");
	struct doc *delta = doc_add_object(event, "delta");
	size_t half = stream->script->text_len / 2;
	doc_set_text(delta, "type", "text_delta");
	for (const char *text = stream->answer->text; *text;) {
		if (stream->said >= half && stream_breaks(stream))
			return true;
		size_t len = piece_len(text);
		doc_set_text(delta, "text", arena_strndup(stream->arena, text, len));
		stream->said += len;
		text += len;
		stream_event(stream, event);
	}
	return stream_breaks(stream);
}

/* The one text block. true: broken off. */
static bool stream_block(struct stream *stream)
{
	struct doc *start = block_event(stream, "content_block_start");
	struct doc *block = doc_add_object(start, "content_block");
	doc_set_text(block, "type", "text");
	doc_set_text(block, "text", "");
	stream_event(stream, start);
	stream_event(stream, event_new(stream, "ping"));
	if (stream_deltas(stream))
		return true;
	stream_event(stream, block_event(stream, "content_block_stop"));
	return false;
}

/* Goes on with the same piece for ever. false: the fault is of another kind. */
static bool stream_for_ever(struct stream *stream)
{
	static const char ping[] = "event: ping\ndata: {\"type\":\"ping\"}\n\n";
	static const struct {
		enum fault_kind fault;
		int64_t again_ms;
		const char *before, *piece, *after;
		size_t bytes; /* so many of the piece */
	} kinds[] = {
		{FAULT_PING_ONLY, PING_MS, "", ping, "", 1},
		{FAULT_TRICKLE, TRICKLE_MS, "", ":", "", 1},
		{FAULT_FLOOD_PINGS, 0, "", ping, "", FLOOD_BYTES},
		{FAULT_FLOOD_LINE, 0, "", "data: endless ", "", FLOOD_BYTES},
		{FAULT_FLOOD_TEXT, 0, "data: {\"type\":\"content_block_delta\",\"index\":0,"
		    "\"delta\":{\"type\":\"text_delta\",\"text\":\"", "more and ", "\"}}\n\n",
		    FLOOD_BYTES},
	};
	struct buf *bytes = stream->script->bytes;
	size_t row = 0;
	while (row < ARRAY_LEN(kinds) && kinds[row].fault != stream->fault)
		row++;
	if (row == ARRAY_LEN(kinds))
		return false;
	size_t end = bytes->len + kinds[row].bytes;
	buf_text(bytes, kinds[row].before);
	do
		buf_text(bytes, kinds[row].piece);
	while (bytes->len < end);
	buf_text(bytes, kinds[row].after);
	script_mark(stream->script, stream->arena, stream->said);
	stream->script->end = SCRIPT_AGAIN;
	stream->script->again_ms = kinds[row].again_ms;
	return true;
}

struct script *script_stream(struct arena *arena, const struct answer *answer,
    enum fault_kind fault)
{
	struct script *script = script_new(arena);
	struct stream stream = {.arena = arena, .script = script, .answer = answer, .fault = fault};
	script->text_len = strlen(answer->text);
	script->drip = fault == FAULT_DRIP;
	stream_start(&stream);
	if (stream_for_ever(&stream))
		return script;
	if (fault == FAULT_RUBBISH) {
		buf_text(script->bytes, "data: {rubbish\n\n");
		script_mark(script, arena, 0);
		return script;
	}
	if (*answer->text ? stream_block(&stream) : stream_breaks(&stream))
		return script;
	struct usage shown = shown_usage(answer, fault);
	stream_event(&stream, answer_closing(arena, answer, &shown));
	if (fault == FAULT_NO_STOP)
		return script;
	stream_event(&stream, event_new(&stream, "message_stop"));
	script->complete_at = script->bytes->len;
	return script;
}

/* When mark i leaves. */
static int64_t mark_due_ms(const struct script *script, size_t i)
{
	if (script->mark_count < 2)
		return script->first_ms + script->spread_ms;
	return script->first_ms
	    + script->spread_ms * (int64_t)i / (int64_t)(script->mark_count - 1);
}

/* How many bytes may have left by now; where some are held back, when the next may. */
static size_t released(const struct script *script, int64_t elapsed_ms, int64_t *due_ms)
{
	size_t end = 0;
	*due_ms = INT64_MAX;
	for (size_t low = 0, high = script->mark_count; low < high;) {
		/* Due times rise with i: halve the range to the last mark that is due. */
		size_t i = low + (high - low) / 2;
		if (mark_due_ms(script, i) <= elapsed_ms) {
			end = script->marks[i].end;
			low = i + 1;
		} else {
			*due_ms = mark_due_ms(script, i);
			high = i;
		}
	}
	if (!script->drip || end == 0)
		return end;
	size_t dripped = (size_t)(elapsed_ms - mark_due_ms(script, 0) + 1) * DRIP_BYTES;
	if (dripped >= end)
		return end;
	*due_ms = elapsed_ms + 1;
	return dripped;
}

static int64_t script_after_last(struct script *script, int64_t elapsed_ms, int64_t *due_ms)
{
	switch (script->end) {
	case SCRIPT_CUT:
		return SCRIPT_BROKEN;
	case SCRIPT_STALL:
		*due_ms = INT64_MAX;
		return 0;
	case SCRIPT_AGAIN:
		break;
	default:
		return SCRIPT_ENDED;
	}
	if (script->last_again_ms == 0)
		script->last_again_ms = elapsed_ms;
	*due_ms = script->last_again_ms + script->again_ms;
	if (elapsed_ms < *due_ms)
		return 0;
	script->last_again_ms = elapsed_ms;
	script->sent = script->marks[script->mark_count - 2].end;
	return 1;
}

int64_t script_step(struct script *script, int64_t elapsed_ms, char *out, size_t max,
    int64_t *due_ms)
{
	size_t last = script->marks[script->mark_count - 1].end;
	if (script->sent == last) {
		int64_t more = script_after_last(script, elapsed_ms, due_ms);
		if (more <= 0)
			return more;
	}
	size_t len = released(script, elapsed_ms, due_ms);
	if (len <= script->sent)
		return 0;
	len -= script->sent;
	if (script->drip && len > DRIP_BYTES)
		len = DRIP_BYTES;
	if (len > max)
		len = max;
	memcpy(out, script->bytes->data + script->sent, len);
	script->sent += len;
	return (int64_t)len;
}

bool script_complete(const struct script *script)
{
	return script->complete_at > 0 && script->sent >= script->complete_at;
}

int64_t script_output_sent(const struct script *script, int64_t all)
{
	size_t said = 0;
	for (size_t i = 0; i < script->mark_count && script->marks[i].end <= script->sent; i++)
		said = script->marks[i].text_len;
	if (script->text_len == 0)
		return script_complete(script) ? all : 0;
	return all * (int64_t)said / (int64_t)script->text_len;
}
