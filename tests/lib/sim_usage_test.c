/* sim_usage_test.c: requests are read strictly, counted alike everywhere, and answered in full. */
#include "suite.h"

#include <string.h>

#include "base/text.h"
#include "sim/script.h"

static struct arena *arena;
static struct request request;

static void setup(void)
{
	arena = arena_new();
}

static void teardown(void)
{
	arena_free(arena);
}

static struct doc *parse(const char *json)
{
	struct doc *doc = NULL;
	const struct err *err = doc_parse(arena, json, strlen(json), &doc);

	ck_assert_msg(!err, "%s", err ? err->sentence : "");
	return doc;
}

/* Reads a create call whose members follow model and max_tokens. */
static const struct err *read_request(const char *members)
{
	return request_parse(arena, parse(arena_printf(arena,
	    "{\"model\":\"claude-haiku-4-5\",\"max_tokens\":100,%s}", members)), false, &request);
}

START_TEST(blocks_are_counted_one_by_one)
{
	ck_assert_int_eq(block_tokens(""), 0);
	ck_assert_int_eq(block_tokens("a"), 1);
	ck_assert_int_eq(block_tokens("abcde"), 2);
	ck_assert_ptr_null(read_request("\"system\":\"abcde\",\"messages\":[{\"role\":\"user\","
	    "\"content\":[{\"type\":\"text\",\"text\":\"a\"},"
	    "{\"type\":\"text\",\"text\":\"b\"}]}]"));
	ck_assert_int_eq(request_tokens(&request), 4);
	ck_assert_str_eq(request.model->id, "claude-haiku-4-5-20251001");
}
END_TEST

START_TEST(phases_are_told_by_form)
{
	ck_assert_ptr_null(read_request("\"messages\":[{\"role\":\"user\",\"content\":\"<prompt>\\n"
	    "P </prompt> Q\\n</prompt>\"}]"));
	ck_assert_int_eq(request.phase, PHASE_IMPROVEMENT);
	ck_assert_str_eq(blocks_tagged(arena, &request.blocks, "prompt"), "P </prompt> Q");
	ck_assert_ptr_null(read_request("\"messages\":[{\"role\":\"user\",\"content\":\"Put it "
	    "between <prompt> and </prompt>.\"}]"));
	ck_assert_int_eq(request.phase, PHASE_GENERATION);
	ck_assert_ptr_null(read_request("\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],"
	    "\"output_config\":{\"format\":{\"type\":\"json_schema\",\"schema\":{}}}"));
	ck_assert_int_eq(request.phase, PHASE_ANALYSIS);
}
END_TEST

START_TEST(bad_requests_are_refused)
{
	static const char *const wrong[] = {
		"\"messages\":[]",
		"\"messages\":[{\"role\":\"user\",\"content\":\"\"}]",
		"\"messages\":[{\"role\":\"robot\",\"content\":\"x\"}]",
		"\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\","
		"\"text\":\"\"}]}]",
		"\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"stream\":1",
		"\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"unknown\":1",
		"\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],"
		"\"cache_control\":{\"type\":\"x\"}",
		"\"system\":[{\"type\":\"text\",\"text\":\"a\","
		"\"cache_control\":{\"type\":\"ephemeral\"}},"
		"{\"type\":\"text\",\"text\":\"b\",\"cache_control\":{\"type\":\"ephemeral\","
		"\"ttl\":\"1h\"}}],\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]",
	};

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		ck_assert_msg(read_request(wrong[i]) != NULL, "%s", wrong[i]);
}
END_TEST

/* All bytes of a script, and how it ended. */
static const char *play(struct script *script, int64_t *end)
{
	struct buf *buf = buf_new(arena, 1u << 20);
	char part[100];
	int64_t due_ms;

	for (int64_t ms = 0; ms < 100000;) {
		int64_t n = script_step(script, ms, part, sizeof(part), &due_ms);
		if (n < 0 || (n == 0 && due_ms == INT64_MAX)) {
			*end = n;
			break;
		}
		buf_add(buf, part, (size_t)n);
		if (n == 0)
			ms = due_ms;
	}
	return buf->data;
}

static struct answer answer_of(const char *text)
{
	return (struct answer){.id = "msg_sim_1", .model = "m", .text = text,
	    .stop_reason = "end_turn", .usage = {.input = 3, .output = block_tokens(text)}};
}

START_TEST(a_stream_has_the_wire_order)
{
	struct answer answer = answer_of("Grüße");
	int64_t end;
	const char *bytes = play(script_stream(arena, &answer, FAULT_NONE), &end);
	const char *tail = "event: content_block_start\ndata: {\"type\":\"content_block_start\","
	    "\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
	    "event: ping\ndata: {\"type\":\"ping\"}\n\n"
	    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
	    "\"delta\":{\"type\":\"text_delta\",\"text\":\"Grüße\"}}\n\n"
	    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
	    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
	    "\"end_turn\",\"stop_sequence\":null,\"stop_details\":null},"
	    "\"usage\":{\"input_tokens\":3,"
	    "\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,"
	    "\"output_tokens\":2}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

	ck_assert_int_eq(end, SCRIPT_ENDED);
	ck_assert(text_starts_with(bytes,
	    "event: message_start\ndata: {\"type\":\"message_start\""));
	ck_assert_str_eq(strstr(bytes, "event: content_block_start"), tail);
}
END_TEST

START_TEST(faults_end_where_they_should)
{
	static const struct {
		enum fault_kind fault;
		int64_t end;
		bool complete;
	} cases[] = {
		{FAULT_NONE, SCRIPT_ENDED, true}, {FAULT_CUT, SCRIPT_BROKEN, false},
		{FAULT_STALL, 0, false}, {FAULT_ERROR_EVENT, SCRIPT_ENDED, false},
		{FAULT_NO_STOP, SCRIPT_ENDED, false}, {FAULT_DRIP, SCRIPT_ENDED, true},
	};
	struct answer answer = answer_of("A short answer.");

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t end = 1;
		struct script *script = script_stream(arena, &answer, cases[i].fault);
		const char *bytes = play(script, &end);
		ck_assert_int_eq(end, cases[i].end);
		ck_assert(script_complete(script) == cases[i].complete);
		ck_assert((strstr(bytes, "message_stop") != NULL) == cases[i].complete);
	}
}
END_TEST

START_TEST(time_is_spread_over_the_events)
{
	char out[65536];
	int64_t due_ms;
	struct answer answer = answer_of("x");
	struct script *script = script_stream(arena, &answer, FAULT_NONE);

	script->first_ms = 100;
	script->spread_ms = 600;
	ck_assert_int_eq(script_step(script, 99, out, sizeof(out), &due_ms), 0);
	ck_assert_int_eq(due_ms, 100);
	ck_assert_int_gt(script_step(script, 100, out, sizeof(out), &due_ms), 0);
	ck_assert_int_eq(script_step(script, 100, out, sizeof(out), &due_ms), 0);
	ck_assert_int_eq(due_ms, 200);
	ck_assert_int_gt(script_step(script, 699, out, sizeof(out), &due_ms), 0);
	ck_assert(!script_complete(script));
	ck_assert_int_gt(script_step(script, 700, out, sizeof(out), &due_ms), 0);
	ck_assert(script_complete(script));
	ck_assert_int_eq(script_step(script, 700, out, sizeof(out), &due_ms), SCRIPT_ENDED);
}
END_TEST

START_TEST(recorded_usage_is_read)
{
	struct recorded recorded;
	struct usage usage;
	int64_t score;

	ck_assert_ptr_null(recorded_read(arena, parse("{\"analysis\":{\"input_tokens\":3532,"
	    "\"output_tokens\":2415,\"cache_creation_input_tokens\":9,\"cache_creation\":"
	    "{\"ephemeral_1h_input_tokens\":4}},\"scores\":[70,95]}"), &recorded));
	ck_assert(!recorded_next_usage(&recorded, PHASE_GENERATION, &usage));
	ck_assert(recorded_next_usage(&recorded, PHASE_ANALYSIS, &usage));
	ck_assert_int_eq(usage.cache_write_5m, 5);
	ck_assert(recorded_next_usage(&recorded, PHASE_ANALYSIS, &usage));
	ck_assert_int_eq(usage.input, 3532);
	ck_assert_ptr_null(recorded_read(arena, parse("{\"analysis\":[{\"input_tokens\":1},"
	    "{\"input_tokens\":2}],\"scores\":[70,95]}"), &recorded));
	for (int64_t call = 0; call < 3; call++) {
		ck_assert(recorded_next_usage(&recorded, PHASE_ANALYSIS, &usage));
		ck_assert_int_eq(usage.input, 1 + call % 2);
	}
	ck_assert(recorded_next_score(&recorded, &score) && score == 70);
	ck_assert(recorded_next_score(&recorded, &score) && score == 95);
	ck_assert(recorded_next_score(&recorded, &score) && score == 70);
	ck_assert_ptr_nonnull(recorded_read(arena, parse("{\"analysis\":{\"input_tokens\":-1}}"),
	    &recorded));
	ck_assert_ptr_nonnull(recorded_read(arena, parse("{\"scores\":[\"a\"]}"), &recorded));
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		blocks_are_counted_one_by_one,
		phases_are_told_by_form,
		bad_requests_are_refused,
		a_stream_has_the_wire_order,
		faults_end_where_they_should,
		time_is_spread_over_the_events,
		recorded_usage_is_read,
	};
	return suite_run_between(setup, teardown, "sim_usage", tests, ARRAY_LEN(tests));
}
