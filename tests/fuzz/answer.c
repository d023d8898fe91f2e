/* answer.c: a streamed answer is the same however its bytes are cut, and its usage can be true. */
#include "fuzz.h"

#include "model/usage.h"
#include "run/messages.h"
#include "run/sse.h"

struct reading {
	struct answer *answer;
	struct arena *scratch;
	size_t moves;
};

static void on_event(void *arg, const char *name, const char *data, size_t len)
{
	struct reading *reading = arg;

	reading->moves += answer_event(reading->answer, reading->scratch, data, len);
	arena_reset(reading->scratch);
}

static struct reading feed(struct arena *arena, const uint8_t *data, size_t size, size_t step)
{
	struct reading reading = {.answer = answer_new(arena), .scratch = arena_new()};
	struct sse *sse = sse_new(arena, on_event, &reading);

	for (size_t at = 0; at < size; at += step)
		HOLDS(sse_feed(sse, (const char *)data + at, size - at < step ? size - at : step));
	arena_free(reading.scratch);
	return reading;
}

static bool same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void check_usage(const struct answer *answer)
{
	struct money_usage tokens;
	bool is_true = answer_usage(answer, &tokens);
	int64_t most = is_true ? USAGE_TOKENS_MAX : 0;

	HOLDS(tokens.input >= 0 && tokens.input <= most);
	HOLDS(tokens.output >= 0 && tokens.output <= most);
	HOLDS(tokens.cache_read >= 0 && tokens.cache_read <= most);
	HOLDS(tokens.cache_write >= 0 && tokens.cache_write <= 2 * most);
	HOLDS(tokens.cache_write_1h >= 0 && tokens.cache_write_1h <= tokens.cache_write);
	HOLDS(answer_output_estimate(answer) > 0);
}

FUZZ(answer)
{
	struct arena *arena = arena_new();
	struct reading whole = feed(arena, data, size, size);
	struct reading bytes = feed(arena, data, size, 1);
	const struct answer *a = whole.answer;
	const struct answer *b = bytes.answer;

	HOLDS(whole.moves == bytes.moves && a->hidden_bytes == b->hidden_bytes);
	HOLDS(same(a->text->data, b->text->data) && strlen(a->text->data) == a->text->len);
	HOLDS(same(a->message_id, b->message_id) && same(a->stop_reason, b->stop_reason));
	HOLDS(same(a->error_type, b->error_type) && same(a->error_message, b->error_message));
	HOLDS(a->is_complete == b->is_complete && a->is_broken == b->is_broken);
	HOLDS(!a->is_complete || a->error_type == NULL);
	check_usage(a);
	arena_free(arena);
	return 0;
}
