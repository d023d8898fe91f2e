/* pipeline_test.c: which step follows, when the loop ends, and which prompt wins. */
#include "suite.h"

#include <string.h>

#include "run/pipeline.h"

static struct arena *arena;
static struct pipeline pipeline;
static struct step next;

static void setup(void)
{
	arena = arena_new();
	pipeline = (struct pipeline){.target_score = 90, .iteration_limit = 3};
}

static void teardown(void)
{
	arena_free(arena);
}

/* Does the next step; scores are taken in order. Returns its key. */
static const char *advance(int64_t score)
{
	pipeline_next(&pipeline, arena, &next);
	next.output = next.place.key;
	next.score = score;
	pipeline_add(&pipeline, &next);
	return next.place.key;
}

/* Plays scores until the version step; returns the keys on the way. */
static const char *play(const int64_t *scores)
{
	struct buf *keys = buf_new(arena, 1000);
	for (;;) {
		pipeline_next(&pipeline, arena, &next);
		if (next.phase == &version_phase)
			return keys->data;
		buf_printf(keys, "%s ", next.place.key);
		advance(next.phase == &analysis_phase ? *scores++ : 0);
	}
}

START_TEST(target_reached_at_once)
{
	const int64_t scores[] = {90};
	ck_assert_str_eq(play(scores), "generation analysis[1] ");
	ck_assert_str_eq(next.place.key, "version");
	ck_assert_int_eq(next.place.order, 3);
	ck_assert_int_eq(pipeline_iterations(&pipeline), 1);
}
END_TEST

START_TEST(iteration_limit)
{
	const int64_t scores[] = {10, 20, 30, 40};
	ck_assert_str_eq(play(scores), "generation analysis[1] improvement[1] analysis[2] "
	    "improvement[2] analysis[3] improvement[3] analysis[4] ");
	ck_assert_int_eq(next.place.order, 9);
}
END_TEST

START_TEST(no_iteration_allowed)
{
	const int64_t scores[] = {10};
	pipeline.iteration_limit = 0;
	ck_assert_str_eq(play(scores), "generation analysis[1] ");
}
END_TEST

START_TEST(ends_without_gain_and_keeps_the_best)
{
	const int64_t scores[] = {60, 75, 75};
	int64_t score = 0;
	play(scores);
	ck_assert_int_eq(pipeline_iterations(&pipeline), 3);
	ck_assert_str_eq(pipeline_best(&pipeline, &score)->output, "improvement[1]");
	ck_assert_int_eq(score, 75);
}
END_TEST

START_TEST(a_text_that_is_there_is_only_scored)
{
	const int64_t scores[] = {10};
	pipeline.scored = "Be kind.";
	ck_assert_str_eq(pipeline_prompt(&pipeline), "Be kind.");
	ck_assert_str_eq(play(scores), "analysis[1] ");
	ck_assert_int_eq(pipeline_analysis(&pipeline)->score, 10);
}
END_TEST

START_TEST(worse_is_not_kept)
{
	const int64_t scores[] = {60, 50};
	int64_t score = 0;
	play(scores);
	ck_assert_str_eq(pipeline_best(&pipeline, &score)->output, "generation");
	ck_assert_int_eq(score, 60);
}
END_TEST

START_TEST(longest_run_has_room)
{
	int64_t scores[11];
	for (int i = 0; i < 11; i++)
		scores[i] = i;
	pipeline.iteration_limit = 10;
	play(scores);
	ck_assert_uint_eq(pipeline.count, PIPELINE_STEPS_MAX - 1);
}
END_TEST

START_TEST(analysis_is_checked)
{
	static const struct {
		const char *text;
		bool is_good;
	} cases[] = {
		{"{\"score\":80,\"summary\":\"s\",\"findings\":[]}", true},
		{" {\"score\":0,\"summary\":\"s\",\"findings\":[{\"severity\":\"High\",\"area\":\"a\","
		 "\"finding\":\"f\",\"suggestion\":\"g\"}]}\n", true},
		{"not json", false},
		{"{\"score\":101,\"summary\":\"s\",\"findings\":[]}", false},
		{"{\"score\":-1,\"summary\":\"s\",\"findings\":[]}", false},
		{"{\"score\":80.5,\"summary\":\"s\",\"findings\":[]}", false},
		{"{\"score\":\"80\",\"summary\":\"s\",\"findings\":[]}", false},
		{"{\"score\":80,\"findings\":[]}", false},
		{"{\"score\":80,\"summary\":\"s\"}", false},
		{"{\"score\":80,\"summary\":\"s\",\"findings\":{}}", false},
		{"{\"score\":80,\"summary\":\"s\",\"findings\":[],\"more\":1}", false},
		{"{\"score\":80,\"summary\":\"s\",\"findings\":[{\"severity\":\"dire\",\"area\":\"a\","
		 "\"finding\":\"f\",\"suggestion\":\"g\"}]}", false},
		{"{\"score\":80,\"summary\":\"s\",\"findings\":[{\"severity\":\"low\",\"area\":\"a\"}]}",
		 false},
		{"{\"score\":80,\"summary\":\"s\",\"findings\":[]} and more", false},
		{"", false},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct step step = {.phase = &analysis_phase};
		const char *problem = analysis_phase.accept(arena, cases[i].text, &step);
		ck_assert_msg((problem == NULL) == cases[i].is_good, "%s", cases[i].text);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {target_reached_at_once, iteration_limit, no_iteration_allowed,
		ends_without_gain_and_keeps_the_best, worse_is_not_kept,
		a_text_that_is_there_is_only_scored, longest_run_has_room,
		analysis_is_checked};
	return suite_run_between(setup, teardown, "pipeline", tests, ARRAY_LEN(tests));
}
