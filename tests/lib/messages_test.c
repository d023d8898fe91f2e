/* messages_test.c: requests as the provider wants them, answers byte by byte, usage to the token. */
#include "suite.h"

#include <stdio.h>
#include <string.h>

#include "run/messages.h"
#include "run/sse.h"

static struct arena *arena, *scratch;
static struct answer *answer;
static int moves;

static void take(void *arg, const char *name, const char *data, size_t len)
{
	moves += answer_event(answer, scratch, data, len);
	arena_reset(scratch);
}

static void setup(void)
{
	arena = arena_new();
	scratch = arena_new();
}

static void teardown(void)
{
	arena_free(scratch);
	arena_free(arena);
}

/* Feeds a stream in pieces of `step` bytes. */
static void feed(const char *stream, size_t step)
{
	struct sse *sse = sse_new(arena, take, NULL);
	size_t len = strlen(stream);
	answer = answer_new(arena);
	moves = 0;
	for (size_t at = 0; at < len; at += step)
		ck_assert(sse_feed(sse, stream + at, len - at < step ? len - at : step));
}

#define EVENT(name, data) "event: " name "\ndata: " data "\n\n"
#define START(usage) \
	EVENT("message_start", "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_a\",\"type\":" \
	    "\"message\",\"role\":\"assistant\",\"content\":[],\"stop_reason\":null,\"usage\":" usage \
	    "}}")
#define TEXT(text) \
	EVENT("content_block_delta", "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":" \
	    "{\"type\":\"text_delta\",\"text\":\"" text "\"}}")
#define DELTA(usage) \
	EVENT("message_delta", "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"," \
	    "\"stop_sequence\":null}" usage "}")
#define STOP EVENT("message_stop", "{\"type\":\"message_stop\"}")
#define PING EVENT("ping", "{\"type\":\"ping\"}")

/* The provider's small example. */
static const char small_stream[] =
    START("{\"input_tokens\":25,\"cache_creation_input_tokens\":0,"
	  "\"cache_read_input_tokens\":0,\"output_tokens\":1}")
    EVENT("content_block_start", "{\"type\":\"content_block_start\",\"index\":0,"
	"\"content_block\":{\"type\":\"text\",\"text\":\"\"}}")
    PING TEXT("Y\\u00e9") TEXT("s \xF0\x9F\x98\x80")
    EVENT("content_block_stop", "{\"type\":\"content_block_stop\",\"index\":0}")
    DELTA(",\"usage\":{\"output_tokens\":6}") STOP;

START_TEST(small_stream_in_every_step)
{
	for (size_t step = 1; step <= sizeof(small_stream); step++) {
		struct money_usage usage;
		feed(small_stream, step);
		ck_assert(answer->is_complete && answer->is_started && !answer->is_broken);
		ck_assert_str_eq(answer->text->data, "Y\xC3\xA9s \xF0\x9F\x98\x80");
		ck_assert_str_eq(answer->stop_reason, "end_turn");
		ck_assert_str_eq(answer->message_id, "msg_a");
		ck_assert(answer_usage(answer, &usage));
		ck_assert_int_eq(usage.input, 25);
		ck_assert_int_eq(usage.output, 6);
		ck_assert_int_eq(moves, 7); /* the ping does not count */
	}
}
END_TEST

START_TEST(later_counts_replace_earlier_ones)
{
	struct money_usage usage;
	feed(START("{\"input_tokens\":2679,\"cache_creation_input_tokens\":10,"
		   "\"cache_read_input_tokens\":0,\"output_tokens\":3,\"cache_creation\":"
		   "{\"ephemeral_5m_input_tokens\":4,\"ephemeral_1h_input_tokens\":6}}")
	     TEXT("a") DELTA(",\"usage\":{\"output_tokens\":100}")
	     DELTA(",\"usage\":{\"input_tokens\":10682,\"cache_creation_input_tokens\":15,"
		   "\"cache_read_input_tokens\":null,\"output_tokens\":510,"
		   "\"server_tool_use\":{\"web_search_requests\":1}}") STOP, 17);
	ck_assert(answer_usage(answer, &usage));
	ck_assert_int_eq(usage.input, 10682);
	ck_assert_int_eq(usage.output, 510);
	ck_assert_int_eq(usage.cache_write, 15);
	ck_assert_int_eq(usage.cache_write_1h, 6);
	ck_assert_int_eq(usage.cache_read, 0);
}
END_TEST

START_TEST(delta_without_usage_is_tolerated)
{
	struct money_usage usage;
	feed(START("{\"input_tokens\":7,\"output_tokens\":2}") DELTA("") STOP, 1000);
	ck_assert(answer_usage(answer, &usage));
	ck_assert_int_eq(usage.input, 7);
	ck_assert_int_eq(usage.output, 2);
}
END_TEST

START_TEST(split_without_sum_is_added_up)
{
	struct money_usage usage;
	feed(START("{\"input_tokens\":1,\"output_tokens\":1,\"cache_creation\":"
		   "{\"ephemeral_5m_input_tokens\":30,\"ephemeral_1h_input_tokens\":12}}") STOP, 9);
	ck_assert(answer_usage(answer, &usage));
	ck_assert_int_eq(usage.cache_write, 42);
	ck_assert_int_eq(usage.cache_write_1h, 12);
}
END_TEST

START_TEST(absurd_usage_is_not_believed)
{
	static const char *const absurd[] = {
		"{\"input_tokens\":-1,\"output_tokens\":5}",
		"{\"input_tokens\":1,\"output_tokens\":-5}",
		"{\"input_tokens\":1,\"output_tokens\":1e30}",
		"{\"input_tokens\":1,\"output_tokens\":99999999999}",
		"{\"input_tokens\":1.5,\"output_tokens\":1}",
		"{\"input_tokens\":\"1\",\"output_tokens\":1}",
		"{\"input_tokens\":1}", "{}",
		("{\"input_tokens\":1,\"output_tokens\":1,\"cache_creation_input_tokens\":5,"
		 "\"cache_creation\":{\"ephemeral_1h_input_tokens\":6}}"),
	};
	for (size_t i = 0; i < ARRAY_LEN(absurd); i++) {
		struct money_usage usage = {.input = 99};
		char stream[1024];
		snprintf(stream, sizeof(stream), START("%s") STOP, absurd[i]);
		feed(stream, 5);
		ck_assert(answer->is_complete);
		ck_assert_msg(!answer_usage(answer, &usage), "%s", absurd[i]);
		ck_assert_int_eq(usage.input, 0);
	}
}
END_TEST

START_TEST(error_inside_the_stream)
{
	feed(START("{\"input_tokens\":25,\"output_tokens\":1}") TEXT("half ")
	     EVENT("error", "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
		 "\"message\":\"Overloaded\"}}") TEXT("ignored") STOP, 3);
	ck_assert(!answer->is_complete);
	ck_assert_str_eq(answer->error_type, "overloaded_error");
	ck_assert_str_eq(answer->error_message, "Overloaded");
	ck_assert_str_eq(answer->text->data, "half ");
	ck_assert_int_ge(answer_output_estimate(answer), 2);
}
END_TEST

START_TEST(unknown_events_and_blocks_are_passed_over)
{
	feed(START("{\"input_tokens\":1,\"output_tokens\":1}")
	     EVENT("novelty", "{\"type\":\"novelty\",\"x\":[1,{\"y\":2}]}")
	     EVENT("content_block_delta", "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":"
		 "{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}}")
	     EVENT("content_block_delta", "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":"
		 "{\"type\":\"new_delta\",\"text\":\"no\"}}")
	     TEXT("yes") DELTA("") STOP, 11);
	ck_assert_str_eq(answer->text->data, "yes");
	ck_assert_uint_eq(answer->hidden_bytes, 2);
	ck_assert(answer->is_complete);
}
END_TEST

START_TEST(events_that_are_not_json_break_the_answer)
{
	feed(START("{\"input_tokens\":1,\"output_tokens\":1}") EVENT("ping", "{oops"), 4);
	ck_assert(answer->is_broken);
}
END_TEST

START_TEST(without_its_stop_an_answer_is_not_complete)
{
	feed(START("{\"input_tokens\":1,\"output_tokens\":1}") TEXT("a") DELTA(""), 6);
	ck_assert(!answer->is_complete);
}
END_TEST

START_TEST(refusal_brings_its_explanation)
{
	feed(START("{\"input_tokens\":1,\"output_tokens\":1}")
	     EVENT("message_delta", "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
		 "\"refusal\",\"stop_details\":{\"type\":\"refusal\",\"category\":null,"
		 "\"explanation\":\"No.\"}},\"usage\":{\"output_tokens\":0}}") STOP, 6);
	ck_assert_str_eq(answer->stop_reason, "refusal");
	ck_assert_str_eq(answer->explanation, "No.");
}
END_TEST

START_TEST(request_in_the_providers_form)
{
	struct question question = {.model = "m", .max_tokens = 9, .system = "s", .user = "u"};
	struct buf *body = buf_new(arena, 10000), *again = buf_new(arena, 10000);
	const char *hash, *other;
	messages_request(arena, &question, body, &hash);
	ck_assert_str_eq(body->data, "{\"model\":\"m\",\"system\":[{\"type\":\"text\",\"text\":\"s\","
	    "\"cache_control\":{\"type\":\"ephemeral\"}}],\"messages\":[{\"role\":\"user\","
	    "\"content\":\"u\"}],\"max_tokens\":9,\"stream\":true}");
	ck_assert_uint_eq(strlen(hash), 64);
	question.max_tokens = 10;
	messages_request(arena, &question, again, &other);
	ck_assert_str_eq(hash, other);
	question.user = "v";
	messages_request(arena, &question, again, &other);
	ck_assert_str_ne(hash, other);
}
END_TEST

START_TEST(schema_is_asked_for)
{
	struct question question = {.model = "m", .max_tokens = 9, .system = "s", .user = "u"};
	struct buf *body = buf_new(arena, 10000);
	const char *hash;
	question.schema = doc_object(arena);
	doc_set_text(question.schema, "type", "object");
	messages_request(arena, &question, body, &hash);
	ck_assert_ptr_nonnull(strstr(body->data, "\"output_config\":{\"format\":{\"type\":"
	    "\"json_schema\",\"schema\":{\"type\":\"object\"}}}"));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {small_stream_in_every_step, later_counts_replace_earlier_ones,
		delta_without_usage_is_tolerated, split_without_sum_is_added_up,
		absurd_usage_is_not_believed, error_inside_the_stream,
		unknown_events_and_blocks_are_passed_over, events_that_are_not_json_break_the_answer,
		without_its_stop_an_answer_is_not_complete, refusal_brings_its_explanation,
		request_in_the_providers_form, schema_is_asked_for};
	return suite_run_between(setup, teardown, "messages", tests, ARRAY_LEN(tests));
}
