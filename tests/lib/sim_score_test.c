/* sim_score_test.c: the score rises with the prompt; structured answers conform to any schema. */
#include "suite.h"

#include <string.h>

#include "sim/schema.h"
#include "sim/writer.h"

static struct arena *arena;
static struct doc *briefing;

static struct doc *parse(const char *json)
{
	struct doc *doc = NULL;
	const struct err *err = doc_parse(arena, json, strlen(json), &doc);

	ck_assert_msg(!err, "%s", err ? err->sentence : "");
	return doc;
}

static void setup(void)
{
	arena = arena_new();
	briefing = parse("{\"company\":\"Öhm\",\"assistant\":\"Mia\","
	    "\"facts\":[\"Open till 18.\"],\"rules\":[\"No prices.\"]}");
}

static void teardown(void)
{
	arena_free(arena);
}

/* The findings as the runner might hand them to an improvement. */
static const char *findings_text(const struct review *review)
{
	struct buf *buf = buf_new(arena, 4096);

	for (size_t i = 0; i < review->finding_count; i++)
		buf_printf(buf, "- %s\n", aspect_area(review->findings[i].aspect));
	return buf->data;
}

START_TEST(each_improvement_raises_the_score)
{
	const char *prompt = writer_draft(arena, briefing);
	int64_t last = 0;
	struct review review;

	for (int round = 0; round < 4; round++) {
		quality_review(arena, prompt, briefing, &review);
		ck_assert_int_gt(review.score, last);
		last = review.score;
		if (round == 0)
			ck_assert(last >= 55 && last <= 70);
		prompt = writer_improve(arena, prompt, findings_text(&review), briefing);
	}
	ck_assert_int_ge(last, 95);
	ck_assert_int_eq(review.finding_count, 0);
	ck_assert_str_eq(writer_improve(arena, prompt, "", briefing), prompt);
}
END_TEST

START_TEST(lost_facts_cost_points)
{
	struct review with, without;
	const char *prompt = writer_draft(arena, briefing);
	char *poorer = arena_strdup(arena, prompt);

	memcpy(strstr(poorer, "Open till 18."), "Shut till 19.", strlen("Shut till 19."));
	quality_review(arena, prompt, briefing, &with);
	quality_review(arena, poorer, briefing, &without);
	ck_assert_int_eq(with.score, without.score + 2);
	quality_review(arena, "", NULL, &without);
	ck_assert_int_eq(without.score, 0);
}
END_TEST

START_TEST(a_heading_needs_a_text)
{
	ck_assert(aspect_present("## Examples\n\n- one\n", ASPECT_EXAMPLES));
	ck_assert(aspect_present("# BEISPIELE\nx", ASPECT_EXAMPLES));
	ck_assert(!aspect_present("## Examples\n\n## Rules\n- one\n", ASPECT_EXAMPLES));
	ck_assert(!aspect_present("## Examples", ASPECT_EXAMPLES));
	ck_assert(!aspect_present("Examples\n- one\n", ASPECT_EXAMPLES));
}
END_TEST

START_TEST(any_schema_is_filled)
{
	static const char *const cases[][2] = {
		{"{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{\"b\":"
		 "{\"type\":\"boolean\"},\"a\":{\"type\":\"integer\"}},\"required\":[\"a\"]}",
		    "{\"a\":1,\"b\":true}"},
		{"{\"type\":\"array\",\"items\":{\"enum\":[\"x\",\"y\"]}}", "[\"x\"]"},
		{"{\"$defs\":{\"d\":{\"type\":\"string\",\"format\":\"date\"}},"
		 "\"$ref\":\"#/$defs/d\"}",
		    "\"2026-01-31\""},
		{"{\"anyOf\":[{\"const\":7},{\"type\":\"string\"}]}", "7"},
		{"{\"type\":[\"null\",\"integer\"]}", "1"},
		{"{\"type\":\"null\"}", "null"},
	};
	struct review review = {.score = 50, .summary = "s"};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf *json = buf_new(arena, 4096);
		struct doc *schema = parse(cases[i][0]);
		ck_assert_ptr_null(schema_check(arena, schema));
		schema_fill(arena, schema, &review, json);
		ck_assert_str_eq(json->data, cases[i][1]);
	}
}
END_TEST

START_TEST(bad_schemas_are_refused)
{
	static const char *const wrong[] = {
		"{\"type\":\"object\",\"properties\":{}}",
		"{\"type\":\"object\",\"additionalProperties\":true}",
		"{\"type\":\"integer\",\"minimum\":0}",
		"{\"type\":\"array\",\"items\":{\"type\":\"string\",\"maxLength\":3}}",
		"{\"type\":\"array\",\"minItems\":2}",
		"{\"anyOf\":[{\"type\":\"object\"}]}",
		"{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{\"a\":1}}",
	};

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		ck_assert_msg(schema_check(arena, parse(wrong[i])) != NULL, "%s", wrong[i]);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		each_improvement_raises_the_score,
		lost_facts_cost_points,
		a_heading_needs_a_text,
		any_schema_is_filled,
		bad_schemas_are_refused,
	};
	return suite_run_between(setup, teardown, "sim_score", tests, ARRAY_LEN(tests));
}
