/* sim_fault_test.c: which specs are read, and which request they hit. */
#include "suite.h"

#include <string.h>

#include "sim/fault.h"

static struct arena *arena;
static struct faults faults;

static void setup(void)
{
	arena = arena_new();
	faults = (struct faults){.dice = 7};
}

static void teardown(void)
{
	arena_free(arena);
}

static void add(const char *spec)
{
	const struct err *err = faults_add(&faults, arena, spec);

	ck_assert_msg(!err, "%s: %s", spec, err ? err->sentence : "");
}

/* The kinds drawn for count generations, as names in one text. */
static const char *draws(size_t count)
{
	struct buf *buf = buf_new(arena, 4096);

	for (size_t i = 0; i < count; i++) {
		const struct fault *fault = faults_draw(&faults, PHASE_GENERATION);
		buf_printf(buf, "%s%s", i ? " " : "", fault ? fault_name(fault->kind) : "-");
	}
	return buf->data;
}

START_TEST(specs_are_read)
{
	struct fault fault;

	ck_assert_ptr_null(fault_parse(arena, "429x2,retry-after=5", &fault));
	ck_assert_int_eq(fault.kind, FAULT_429);
	ck_assert_int_eq(fault.when, FAULT_FIRST);
	ck_assert_int_eq(fault.number, 2);
	ck_assert_int_eq(fault.retry_after_s, 5);
	ck_assert_ptr_null(fault_parse(arena, "429-spend-cap", &fault));
	ck_assert_int_eq(fault.kind, FAULT_429_SPEND_CAP);
	ck_assert_int_eq(fault.retry_after_s, FAULT_NO_RETRY_AFTER);
	ck_assert_ptr_null(fault_parse(arena, "529:0.3,phase=analysis", &fault));
	ck_assert_int_eq(fault.number, 300000);
	ck_assert_int_eq(fault.phase, PHASE_ANALYSIS);
	for (int kind = FAULT_NONE + 1; kind < FAULT_KIND_COUNT; kind++) {
		ck_assert_ptr_null(fault_parse(arena, fault_name((enum fault_kind)kind), &fault));
		ck_assert_int_eq(fault.kind, kind);
		ck_assert_ptr_nonnull(strstr(fault_grammar, fault_name((enum fault_kind)kind)));
	}
}
END_TEST

START_TEST(wrong_specs_are_refused)
{
	static const char *const wrong[] = {
		"", "none", "428", "cut@", "cut@0", "cutx", "cut:2", "cut:1.5", "cut:", "cut:.",
		"cut:0.1234567", "cut!", "cut,", "cut,later=1", "429,retry-after=x",
		"cut,phase=any", "cut@3-", "cut@3-2", "cut@-3",
	};
	struct fault fault;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		ck_assert_msg(fault_parse(arena, wrong[i], &fault) != NULL, "%s", wrong[i]);
}
END_TEST

START_TEST(specs_take_turns)
{
	add("429x2");
	add("529x1");
	add("cut@5");
	ck_assert_str_eq(draws(6), "429 429 529 - cut -");
}
END_TEST

START_TEST(ranges)
{
	add("529@2-4");
	ck_assert_str_eq(draws(6), "- 529 529 529 - -");
}
END_TEST

START_TEST(a_phase_counts_only_its_own)
{
	add("bad-json@1,phase=analysis");
	ck_assert_str_eq(draws(2), "- -");
	ck_assert_ptr_nonnull(faults_draw(&faults, PHASE_ANALYSIS));
	ck_assert_ptr_null(faults_draw(&faults, PHASE_ANALYSIS));
}
END_TEST

START_TEST(chance_repeats_with_its_seed)
{
	add("500:0.3");
	char *first = strdup(draws(200));
	teardown();
	setup();
	add("500:0.3");
	ck_assert_str_eq(draws(200), first);
	free(first);
	ck_assert_int_gt(faults.list[0].fired, 30);
	ck_assert_int_lt(faults.list[0].fired, 90);
	teardown();
	setup();
	add("500:1");
	add("529:0");
	ck_assert_str_eq(draws(2), "500 500");
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		specs_are_read,
		wrong_specs_are_refused,
		specs_take_turns, ranges,
		a_phase_counts_only_its_own,
		chance_repeats_with_its_seed,
	};
	return suite_run_between(setup, teardown, "sim_fault", tests, ARRAY_LEN(tests));
}
