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

	ck_assert(money_cost(&usage, &opus, 1000, &nano));
	ck_assert_int_eq(nano, 369690000);
	ck_assert_str_eq(money_text(arena, nano), "0.369690000");
}
END_TEST

START_TEST(every_bucket_has_its_rate)
{
	struct money_usage usage = {1, 10, 100, 1500, 500};
	int64_t nano;

	ck_assert(money_cost(&usage, &opus, 1000, &nano));
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

		ck_assert(money_cost(&usage, &rates, 1000, &nano));
		ck_assert_int_eq(nano, cases[i][1]);
	}
	/* Two halves make a whole: the sum is rounded, not its parts. */
	usage.output = 1;
	ck_assert(money_cost(&usage, &(struct money_rates){.input = 500, .output = 500}, 1000,
	    &nano));
	ck_assert_int_eq(nano, 1);
}
END_TEST

START_TEST(overflow_is_reported)
{
	struct money_usage usage = {.input = INT64_MAX};
	struct money_rates rates = {.input = 1000};
	int64_t nano = -7;

	ck_assert(money_cost(&usage, &rates, 1000, &nano));
	ck_assert_int_eq(nano, INT64_MAX);
	rates.output = 1;
	usage.output = 499;
	ck_assert(money_cost(&usage, &rates, 1000, &nano));
	ck_assert_int_eq(nano, INT64_MAX);
	nano = -7;
	usage.output = 500; /* a half, and INT64_MAX is odd */
	ck_assert(!money_cost(&usage, &rates, 1000, &nano));
	ck_assert_int_eq(nano, -7);
	usage = (struct money_usage){INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX / 2};
	rates = (struct money_rates){INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX};
	ck_assert(!money_cost(&usage, &rates, 1000, &nano));
}
END_TEST

START_TEST(a_multiplier_comes_before_the_rounding)
{
	struct money_usage usage = {.input = 1};
	int64_t nano;

	/* 0.03 USD per million times 1.1 is 0.033 exactly. */
	ck_assert(money_cost(&(struct money_usage){.input = 1000000},
	    &(struct money_rates){.input = 30000}, 1100, &nano));
	ck_assert_int_eq(nano, 33000000);
	ck_assert(money_cost(&usage, &(struct money_rates){.input = 5000}, 500, &nano));
	ck_assert_int_eq(nano, 2);
	ck_assert(money_cost(&usage, &(struct money_rates){.input = 5001}, 500, &nano));
	ck_assert_int_eq(nano, 3);
	ck_assert(money_cost(&usage, &(struct money_rates){.input = 5000}, 0, &nano));
	ck_assert_int_eq(nano, 0);
	ck_assert(!money_cost(&usage, &(struct money_rates){.input = 5000}, -1, &nano));
	usage.input = INT64_MAX;
	ck_assert(money_cost(&usage, &(struct money_rates){.input = INT64_MAX}, 0, &nano));
	ck_assert(!money_cost(&usage, &(struct money_rates){.input = INT64_MAX}, INT64_MAX, &nano));
}
END_TEST

START_TEST(a_bucket_without_a_rate_costs_nothing)
{
	struct money_rates rates = opus;
	int64_t nano;

	rates.cache_read = rates.cache_write_1h = MONEY_NO_RATE;
	ck_assert(money_cost(&(struct money_usage){1, 0, 100, 0, 0}, &rates, 1000, &nano));
	ck_assert_int_eq(nano, 15000);
	ck_assert(!money_cost(&(struct money_usage){.cache_read = -1}, &rates, 1000, &nano));
}
END_TEST

START_TEST(a_cost_is_explained_exactly)
{
	struct money_usage usage = {.input = 3, .output = 1, .cache_read = 7, .cache_write = 2};
	struct money_rates rates = {.input = 30001, .output = 75000000, .cache_read = MONEY_NO_RATE,
	    .cache_write_5m = 500000};
	struct money_sum sum;

	ck_assert(money_explain(arena, &usage, &rates, 550, &sum));
	ck_assert_str_eq(sum.part[MONEY_INPUT].product, "0.000000090003");
	ck_assert_str_eq(sum.part[MONEY_OUTPUT].product, "0.000075");
	ck_assert_str_eq(sum.part[MONEY_CACHE_WRITE_5M].product, "0.000001");
	ck_assert_str_eq(sum.part[MONEY_CACHE_WRITE_1H].product, "0");
	ck_assert_ptr_null(sum.part[MONEY_CACHE_READ].product);
	ck_assert_int_eq(sum.part[MONEY_CACHE_READ].tokens, 7);
	ck_assert_str_eq(sum.sum, "0.000076090003");
	ck_assert_str_eq(sum.exact, "0.00004184950165");
	ck_assert_int_eq(sum.nano, 41850);
	usage = (struct money_usage){.input = INT64_MAX};
	rates.input = 1000;
	ck_assert(money_explain(arena, &usage, &rates, 1000, &sum));
	ck_assert_str_eq(sum.exact, "9223372036.854775807");
	rates.input = INT64_MAX;
	ck_assert(!money_explain(arena, &usage, &rates, 1000, &sum));
}
END_TEST

START_TEST(numbers_are_scaled_without_rounding)
{
	static const struct {
		const char *text;
		int shift;
		int64_t value;
	} right[] = {
		{"3", 6, 3000000}, {"0.30", 6, 300000}, {"1.5e-05", 12, 15000000},
		{"1E+2", 0, 100}, {"100e-2", 0, 1}, {"0", 12, 0}, {"0.000", 0, 0},
		{"0e-9999", 12, 0}, {"7.500000e-6", 12, 7500000},
		{"9223372036854775807", 0, INT64_MAX}, {"9223372036854.775807", 6, INT64_MAX},
	};
	static const char *const wrong[] = {
		"4.285999999999999e-06", "1e-13", "9223372036854775808", "9223372.036854775808",
		"1e9999", "-1", "", ".5", "1.", "1e", "1e+", "1e12345", "0x10", "1 ", "NaN",
		"99999999999999999999999999999999999999999999999999999999999999999999999999999999",
	};
	int64_t value;

	for (size_t i = 0; i < ARRAY_LEN(right); i++) {
		ck_assert_msg(money_scale(right[i].text, right[i].shift, &value), "%s",
		    right[i].text);
		ck_assert_int_eq(value, right[i].value);
	}
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		ck_assert_msg(!money_scale(wrong[i], 12, &value), "%s", wrong[i]);
	ck_assert(!money_scale(NULL, 12, &value));
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
		ck_assert(!money_cost(&wrong[i], &opus, 1000, &nano));
	ck_assert(!money_cost(&(struct money_usage){.input = 1}, &negative, 1000, &nano));
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

START_TEST(sentences_have_short_amounts)
{
	static const struct {
		int64_t nano;
		const char *text;
	} rows[] = {
		{0, "0.00"}, {5000000000, "5.00"}, {4610000000, "4.61"}, {312500000, "0.3125"},
		{312549999, "0.3125"}, {312550000, "0.3126"}, {999950000, "1.00"}, {10000000, "0.01"},
		{9990000, "0.00999"}, {1, "0.000000001"}, {1200000000000, "1200.00"},
		{INT64_MAX, "9223372036.854775807"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ck_assert_str_eq(money_short(arena, rows[i].nano), rows[i].text);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		example_of_the_plan,
		every_bucket_has_its_rate,
		rounding_is_half_to_even_and_once,
		a_multiplier_comes_before_the_rounding,
		a_bucket_without_a_rate_costs_nothing,
		a_cost_is_explained_exactly,
		numbers_are_scaled_without_rounding,
		overflow_is_reported,
		impossible_usage_is_refused,
		text_has_nine_decimals,
		amounts_survive_text,
		wrong_amounts_are_refused,
		rates_are_pico_per_token,
		sentences_have_short_amounts,
	};
	int result;

	arena = arena_new();
	result = suite_run("money", tests, ARRAY_LEN(tests));
	arena_free(arena);
	return result;
}
