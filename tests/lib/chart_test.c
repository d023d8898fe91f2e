/* chart_test.c: the geometry of the cost chart: what is drawn lies where the amounts say. */
#include "suite.h"

#include "base/money.h"
#include "web/chart.h"

#define BASE 244
#define TOP 12

/* A report of bars, each with costs of generation and analysis in nano-USD. */
static struct doc *report_of(struct arena *arena, const int64_t (*nano)[2], size_t bars)
{
	struct doc *report = doc_object(arena);
	struct doc *trend = doc_add_array(report, "trend");
	struct doc *totals = doc_add_object(report, "totals");

	doc_set_text(report, "group", "day");
	doc_set_text(totals, "generation_cost_usd", "1");
	doc_set_text(totals, "analysis_cost_usd", "1");
	doc_add_array(report, "by_phase");
	for (size_t i = 0; i < bars; i++) {
		struct doc *bar = doc_push_object(trend);
		const char *date = arena_printf(arena, "2026-11-%02d", (int)(i % 30) + 1);

		doc_set_text(bar, "date", date);
		doc_set_text(bar, "from", date);
		doc_set_text(bar, "to", date);
		doc_set_bool(bar, "is_complete", i + 1 < bars);
		doc_set_text(bar, "generation_cost_usd", money_text(arena, nano[i][0]));
		doc_set_text(bar, "analysis_cost_usd", money_text(arena, nano[i][1]));
		doc_set_text(bar, "cost_usd", money_text(arena, nano[i][0] + nano[i][1]));
	}
	return report;
}

static struct doc *chart_of(struct arena *arena, const int64_t (*nano)[2], size_t bars)
{
	struct doc *page = doc_object(arena);

	chart_costs(arena, report_of(arena, nano, bars), page);
	return doc_get(page, "chart");
}

static int64_t int_of(const struct doc *object, const char *name)
{
	int64_t value = -1;

	ck_assert_msg(doc_int(object, name, &value), "%s", name);
	return value;
}

static const struct doc *rect_of(const struct doc *chart, size_t series, size_t bar)
{
	return doc_at(doc_get(doc_at(doc_get(chart, "series"), series), "rects"), bar);
}

START_TEST(segments_stand_on_each_other)
{
	static const int64_t nano[][2] = {{3000000000, 7000000000}, {5000000000, 0}};
	struct arena *arena = arena_new();
	const struct doc *chart = chart_of(arena, nano, 2);
	const struct doc *low = rect_of(chart, 0, 0);
	const struct doc *high = rect_of(chart, 1, 0);

	ck_assert_int_eq(int_of(low, "y") + int_of(low, "height"), BASE);
	ck_assert_int_eq(int_of(high, "y") + int_of(high, "height"), int_of(low, "y"));
	ck_assert_int_eq(int_of(high, "y"), TOP);
	ck_assert_ptr_null(rect_of(chart, 1, 1));
	arena_free(arena);
}
END_TEST

START_TEST(ticks_are_round_and_few)
{
	static const struct {
		int64_t nano;
		const char *texts;
	} rows[] = {
		{1, "$0.000000000 $0.000000001"},
		{1000000000, "$0.00 $0.20 $0.40 $0.60 $0.80 $1.00"},
		{1298685000, "$0.00 $0.50 $1.00 $1.50"},
		{20110000000, "$0 $5 $10 $15 $20 $25"},
		{9900000, "$0.000 $0.002 $0.004 $0.006 $0.008 $0.010"},
		{1000000000000000000, "$0 $200,000,000 $400,000,000 $600,000,000 $800,000,000"
		    " $1,000,000,000"},
	};
	struct arena *arena = arena_new();

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const int64_t nano[][2] = {{rows[i].nano, 0}};
		const struct doc *ticks = doc_get(chart_of(arena, nano, 1), "ticks");
		struct buf *texts = buf_new(arena, 1024);

		for (size_t t = 0; t < doc_count(ticks); t++)
			buf_printf(texts, "%s%s", t > 0 ? " " : "", doc_text(doc_at(ticks, t), "text"));
		ck_assert_str_eq(texts->data, rows[i].texts);
	}
	arena_free(arena);
}
END_TEST

START_TEST(whatever_cost_something_is_seen)
{
	static const int64_t nano[][2] = {{1, 0}, {1000000000000000, 0}};
	struct arena *arena = arena_new();

	ck_assert_int_eq(int_of(rect_of(chart_of(arena, nano, 2), 0, 0), "height"), 1);
	arena_free(arena);
}
END_TEST

START_TEST(bars_keep_their_order_and_room)
{
	static int64_t nano[400][2];
	struct arena *arena = arena_new();

	for (size_t bars = 1; bars <= ARRAY_LEN(nano); bars += 7) {
		const struct doc *columns;
		int64_t end = 0;

		nano[bars - 1][0] = (int64_t)bars;
		columns = doc_get(chart_of(arena, (const int64_t (*)[2])nano, bars), "columns");
		ck_assert_uint_eq(doc_count(columns), bars);
		for (size_t i = 0; i < bars; i++) {
			ck_assert_int_ge(int_of(doc_at(columns, i), "x"), end);
			ck_assert_int_gt(int_of(doc_at(columns, i), "width"), 0);
			end = int_of(doc_at(columns, i), "x") + int_of(doc_at(columns, i), "width");
		}
		ck_assert_int_le(end, 1028);
	}
	arena_free(arena);
}
END_TEST

START_TEST(weekends_and_the_present_are_marked)
{
	static const int64_t nano[][2] = {{1, 0}, {1, 0}, {1, 0}};
	struct arena *arena = arena_new();
	const struct doc *columns = doc_get(chart_of(arena, nano, 3), "columns");

	ck_assert(doc_has(doc_at(columns, 0), "is_weekend"));
	ck_assert(!doc_has(doc_at(columns, 1), "is_weekend"));
	ck_assert(!doc_has(doc_at(columns, 1), "is_partial"));
	ck_assert(doc_has(doc_at(columns, 2), "is_partial"));
	ck_assert_str_eq(doc_text(doc_at(columns, 0), "period"), "1 Nov 2026");
	arena_free(arena);
}
END_TEST

START_TEST(nothing_and_too_much_are_not_drawn)
{
	static int64_t nano[401][2];
	const int64_t huge[][2] = {{INT64_MAX, 0}};
	struct arena *arena = arena_new();

	ck_assert(doc_has(chart_of(arena, (const int64_t (*)[2])nano, 30), "is_empty"));
	ck_assert(doc_has(chart_of(arena, huge, 1), "is_too_large"));
	nano[0][0] = 1;
	ck_assert(doc_has(chart_of(arena, (const int64_t (*)[2])nano, 401), "is_too_large"));
	arena_free(arena);
}
END_TEST

START_TEST(periods_are_words)
{
	struct arena *arena = arena_new();

	ck_assert_str_eq(chart_period(arena, "2026-10-24", "2026-11-22"), "24 Oct – 22 Nov 2026");
	ck_assert_str_eq(chart_period(arena, "2025-12-31", "2026-01-01"),
	    "31 Dec 2025 – 1 Jan 2026");
	ck_assert_str_eq(chart_period(arena, "2026-11-01", "2026-11-01"), "1 Nov 2026");
	arena_free(arena);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		segments_stand_on_each_other,
		ticks_are_round_and_few,
		whatever_cost_something_is_seen,
		bars_keep_their_order_and_room,
		weekends_and_the_present_are_marked,
		nothing_and_too_much_are_not_drawn,
		periods_are_words,
	};

	return suite_run("chart", tests, ARRAY_LEN(tests));
}
