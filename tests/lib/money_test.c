/* money_test.c: exact sums, the one rounding, the edges of 64 bits, and decimal text. */
#include "suite.h"

#include "base/money.h"

static struct arena *arena;

static const struct money_rates opus = {
	.input = 15000000,
	.output = 75000000,
	.cache_read = 1500000,
	.cache_write_5m = 18750000,
	.cache_write_1h = 30000000,
};

START_TEST(example_of_the_plan)
{
	struct money_usage usage = {.input = 10451, .output = 2839};
	int64_t nano;

	ck_assert(money_cost(&usage, &opus, &nano));
	ck_assert_int_eq(nano, 369690000);
	ck_assert_str_eq(money_text(arena, nano), "0.369690000");
}
END_TEST

START_TEST(every_bucket_has_its_rate)
{
	struct money_usage usage = {1, 10, 100, 1500, 500};
	int64_t nano;

	ck_assert(money_cost(&usage, &opus, &nano));
	ck_assert_int_eq(nano, 15000 + 750000 + 150000 + 1000 * 18750 + 500 * 30000);
}
END_TEST

START_TEST(rounding_is_half_to_even_and_once)
{
	static const int64_t cases[][2] = {
		{0, 0}, {499, 0}, {500, 0}, {501, 1}, {999, 1}, {1000, 1}, {1499, 1}, {1500, 2},
		{2500, 2}, {2501, 3}, {3500, 4},
	};
	struct money_usage usage = {.input = 1};
	int64_t nano;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct money_rates rates = {.input = cases[i][0]};

		ck_assert(money_cost(&usage, &rates, &nano));
		ck_assert_int_eq(nano, cases[i][1]);
	}
	/* Two halves make a whole: the sum is rounded, not its parts. */
	usage.output = 1;
	ck_assert(money_cost(&usage, &(struct money_rates){.input = 500, .output = 500}, &nano));
	ck_assert_int_eq(nano, 1);
}
END_TEST

START_TEST(overflow_is_reported)
{
	struct money_usage usage = {.input = INT64_MAX};
	struct money_rates rates = {.input = 1000};
	int64_t nano = -7;

	ck_assert(money_cost(&usage, &rates, &nano));
	ck_assert_int_eq(nano, INT64_MAX);
	rates.output = 1;
	usage.output = 499;
	ck_assert(money_cost(&usage, &rates, &nano));
	ck_assert_int_eq(nano, INT64_MAX);
	nano = -7;
	usage.output = 500; /* a half, and INT64_MAX is odd */
	ck_assert(!money_cost(&usage, &rates, &nano));
	ck_assert_int_eq(nano, -7);
	usage = (struct money_usage){INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX / 2};
	rates = (struct money_rates){INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX};
	ck_assert(!money_cost(&usage, &rates, &nano));
}
END_TEST

START_TEST(impossible_usage_is_refused)
{
	static const struct money_usage wrong[] = {
		{-1, 0, 0, 0, 0}, {0, -1, 0, 0, 0}, {0, 0, -1, 0, 0}, {0, 0, 0, -1, 0},
		{0, 0, 0, 0, -1}, {0, 0, 0, 5, 6},  {0, 0, 0, INT64_MAX, -1},
	};
	struct money_rates negative = {.output = -1};
	int64_t nano;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		ck_assert(!money_cost(&wrong[i], &opus, &nano));
	ck_assert(!money_cost(&(struct money_usage){.input = 1}, &negative, &nano));
}
END_TEST

START_TEST(text_has_nine_decimals)
{
	ck_assert_str_eq(money_text(arena, 0), "0.000000000");
	ck_assert_str_eq(money_text(arena, 1), "0.000000001");
	ck_assert_str_eq(money_text(arena, -1), "-0.000000001");
	ck_assert_str_eq(money_text(arena, 12345678901), "12.345678901");
	ck_assert_str_eq(money_text(arena, INT64_MAX), "9223372036.854775807");
	ck_assert_str_eq(money_text(arena, INT64_MIN), "-9223372036.854775808");
}
END_TEST

START_TEST(amounts_survive_text)
{
	static const int64_t amounts[] = {
		0, 1, -1, 369690000, 999999999, 1000000000, INT64_MAX, INT64_MIN, INT64_MIN + 1,
	};
	int64_t nano;

	for (size_t i = 0; i < ARRAY_LEN(amounts); i++) {
		ck_assert(money_from_text(money_text(arena, amounts[i]), &nano));
		ck_assert_int_eq(nano, amounts[i]);
	}
	ck_assert(money_from_text("12", &nano));
	ck_assert_int_eq(nano, 12000000000);
	ck_assert(money_from_text("-0.5", &nano));
	ck_assert_int_eq(nano, -500000000);
}
END_TEST

START_TEST(wrong_amounts_are_refused)
{
	static const char *const wrong[] = {
		"", "-", ".", "1.", ".5", "+1", " 1", "1 ", "1,5", "1e3", "0x1", "--1", "1.2.3",
		"0.0000000001", "9223372036.854775808", "-9223372036.854775809",
		"99999999999999999999999", "18446744073.709551616", "NaN", "$1", "1-",
	};
	int64_t nano;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		ck_assert_msg(!money_from_text(wrong[i], &nano), "%s", wrong[i]);
	ck_assert(!money_from_text(NULL, &nano));
}
END_TEST

START_TEST(rates_are_pico_per_token)
{
	static const char *const wrong[] = {"", "-1", "-0", "0.0000001", "9223372036854.775808"};
	int64_t pico;

	ck_assert(money_rate_from_text("15", &pico));
	ck_assert_int_eq(pico, 15000000);
	ck_assert(money_rate_from_text("0.30", &pico));
	ck_assert_int_eq(pico, 300000);
	ck_assert(money_rate_from_text("0.033", &pico));
	ck_assert_int_eq(pico, 33000);
	ck_assert(money_rate_from_text("9223372036854.775807", &pico));
	ck_assert_int_eq(pico, INT64_MAX);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		ck_assert_msg(!money_rate_from_text(wrong[i], &pico), "%s", wrong[i]);
	ck_assert(!money_rate_from_text(NULL, &pico));
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		example_of_the_plan,
		every_bucket_has_its_rate,
		rounding_is_half_to_even_and_once,
		overflow_is_reported,
		impossible_usage_is_refused,
		text_has_nine_decimals,
		amounts_survive_text,
		wrong_amounts_are_refused,
		rates_are_pico_per_token,
	};
	int result;

	arena = arena_new();
	result = suite_run("money", tests, ARRAY_LEN(tests));
	arena_free(arena);
	return result;
}
