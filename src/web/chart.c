/* chart.c: stacked bars of cost per day, week or month by phase, as whole-number rectangles.
 *
 * Edges are rounded up from the running sum of a bar, so that segments meet without gaps and
 * whatever cost something is at least a pixel high. */
#include "web/chart.h"

#include <string.h>
#include <time.h>

#include "base/money.h"
#include "base/text.h"

#define WIDTH 1032
#define HEIGHT 280
#define LEFT 60 /* room for the amounts */
#define TOP 12
#define PLOT_WIDTH 968
#define PLOT_HEIGHT 232
#define BAR_WIDTH_MAX 64
#define LABEL_WIDTH 110 /* a date and the space around it */
#define TICKS_MAX 5
#define BARS_MAX 400
#define USD INT64_C(1000000000) /* in nano-USD */
#define BAR_NANO_MAX (INT64_C(1000000000) * USD)

/* In the order in which they are stacked, listed and coloured. */
static const struct phase {
	const char *name;
	const char *cost;
} phases[] = {
	{"generation", "generation_cost_usd"},
	{"analysis", "analysis_cost_usd"},
	{"improvement", "improvement_cost_usd"},
	{"other", "other_cost_usd"},
};

/* A chart in the making. */
struct plot {
	struct arena *arena;
	const struct doc *trend;
	const char *group;
	int64_t bars;
	int64_t step_nano; /* between two ticks */
	int64_t top_nano;  /* at the upper edge */
};

/* Where a bar stands. */
struct span {
	int64_t x;
	int64_t width;
};

/* A credit has no height; what does not fit counts as the largest amount. */
static int64_t cost_nano(const struct doc *entry, const char *name)
{
	const char *text = doc_text(entry, name);
	int64_t nano;

	if (!text || text[0] == '-')
		return 0;
	return money_from_text(text, &nano) ? nano : INT64_MAX;
}

/* Pixels above the base line, rounded up. */
static int64_t height_of(const struct plot *plot, int64_t nano)
{
	return (int64_t)(((__int128)nano * PLOT_HEIGHT + plot->top_nano - 1) / plot->top_nano);
}

static bool date_read(const char *date, struct tm *day)
{
	char part[] = "0000\0" "00\0" "00";
	int64_t number[3];

	if (!date || strlen(date) != sizeof(part) - 1)
		return false;
	memcpy(part, date, sizeof(part) - 1);
	part[4] = part[7] = '\0';
	if (!text_to_int(part, 1, 9999, &number[0]) || !text_to_int(part + 5, 1, 12, &number[1]) ||
	    !text_to_int(part + 8, 1, 31, &number[2]))
		return false;
	*day = (struct tm){.tm_year = (int)number[0] - 1900, .tm_mon = (int)number[1] - 1,
	    .tm_mday = (int)number[2]};
	return true;
}

/* "24 Oct", or "Oct 2026" without the day. */
static const char *date_label(struct arena *arena, const char *date, bool with_day,
    bool with_year)
{
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug",
	    "Sep", "Oct", "Nov", "Dec"};
	struct tm day;
	const char *month;

	if (!date_read(date, &day))
		return "";
	month = months[day.tm_mon];
	if (with_day)
		month = arena_printf(arena, "%d %s", day.tm_mday, month);
	if (with_year)
		month = arena_printf(arena, "%s %d", month, day.tm_year + 1900);
	return month;
}

static bool is_weekend(const char *date)
{
	struct tm day;

	if (!date_read(date, &day) || timegm(&day) == (time_t)-1)
		return false;
	return day.tm_wday == 0 || day.tm_wday == 6;
}

const char *chart_period(struct arena *arena, const char *from, const char *to)
{
	const char *last = date_label(arena, to, true, true);
	bool is_same_year = from && to && strncmp(from, to, 4) == 0;

	if (text_equal(from, to))
		return last;
	return arena_printf(arena, "%s \u2013 %s", date_label(arena, from, true, !is_same_year),
	    last);
}

/* The smallest of 1, 2, 5 times a power of ten that needs no more than TICKS_MAX ticks. */
static void plot_scale(struct plot *plot, int64_t highest_nano)
{
	static const int64_t factors[] = {1, 2, 5};
	int64_t power = 1;
	size_t i = 0;

	while (factors[i] * power * TICKS_MAX < highest_nano) {
		i = (i + 1) % ARRAY_LEN(factors);
		if (i == 0)
			power *= 10;
	}
	plot->step_nano = factors[i] * power;
	plot->top_nano = plot->step_nano *
	    ((highest_nano + plot->step_nano - 1) / plot->step_nano);
}

static struct span bar_span(const struct plot *plot, int64_t index)
{
	int64_t x = LEFT + index * PLOT_WIDTH / plot->bars;
	int64_t slot = LEFT + (index + 1) * PLOT_WIDTH / plot->bars - x;
	int64_t width = slot >= 5 ? slot - slot / 5 : slot;

	if (width > BAR_WIDTH_MAX)
		width = BAR_WIDTH_MAX;
	return (struct span){.x = x + (slot - width) / 2, .width = width};
}

static const char *dollars_text(struct arena *arena, int64_t usd)
{
	const char *rest = "";

	for (; usd >= 1000; usd /= 1000)
		rest = arena_printf(arena, ",%03d%s", (int)(usd % 1000), rest);
	return arena_printf(arena, "$%d%s", (int)usd, rest);
}

/* As few decimals as the step needs: "$1,500", "$0.50", "$0.002". */
static const char *tick_text(const struct plot *plot, int64_t nano)
{
	const char *text = money_text(plot->arena, nano);
	int decimals = 9;

	if (plot->step_nano % USD == 0)
		return dollars_text(plot->arena, nano / USD);
	for (int64_t rest = plot->step_nano; decimals > 2 && rest % 10 == 0; rest /= 10)
		decimals--;
	return arena_printf(plot->arena, "$%.*s", (int)strcspn(text, ".") + 1 + decimals, text);
}

static void put_ticks(const struct plot *plot, struct doc *ticks)
{
	for (int64_t nano = 0; nano <= plot->top_nano; nano += plot->step_nano) {
		struct doc *tick = doc_push_object(ticks);
		int64_t y = TOP + PLOT_HEIGHT - height_of(plot, nano);

		doc_set_int(tick, "y", y);
		doc_set_int(tick, "text_y", y + 4);
		doc_set_text(tick, "text", tick_text(plot, nano));
	}
}

static const char *entry_label(const struct plot *plot, const struct doc *entry)
{
	const char *date = doc_text(entry, "from");

	bool is_month = text_equal(plot->group, "month");

	return date_label(plot->arena, date, !is_month, is_month);
}

static void put_column(const struct plot *plot, int64_t index, struct doc *columns)
{
	const struct doc *entry = doc_at(plot->trend, (size_t)index);
	struct span span = bar_span(plot, index);
	int64_t height = height_of(plot, cost_nano(entry, "cost_usd"));
	struct doc *column = doc_push_object(columns);
	bool is_complete = false;

	doc_set_int(column, "x", span.x);
	doc_set_int(column, "width", span.width);
	doc_set_int(column, "y", TOP + PLOT_HEIGHT - height);
	doc_set_int(column, "height", height);
	doc_set_text(column, "period", chart_period(plot->arena, doc_text(entry, "from"),
	    doc_text(entry, "to")));
	doc_set(column, "figures", doc_at(plot->trend, (size_t)index));
	if (text_equal(plot->group, "day") && is_weekend(doc_text(entry, "date")))
		doc_set_bool(column, "is_weekend", true);
	if (!doc_bool(entry, "is_complete", &is_complete) || !is_complete)
		doc_set_bool(column, "is_partial", true);
}

static void put_labels(const struct plot *plot, struct doc *labels)
{
	int64_t each = (plot->bars * LABEL_WIDTH + PLOT_WIDTH - 1) / PLOT_WIDTH;

	for (int64_t i = 0; i < plot->bars; i += each) {
		struct span span = bar_span(plot, i);
		struct doc *label = doc_push_object(labels);

		doc_set_int(label, "x", span.x + span.width / 2);
		doc_set_text(label, "text", entry_label(plot, doc_at(plot->trend, (size_t)i)));
	}
}

static void put_rect(const struct plot *plot, int64_t index, size_t phase, struct doc *rects)
{
	const struct doc *entry = doc_at(plot->trend, (size_t)index);
	struct span span = bar_span(plot, index);
	int64_t below = 0;
	int64_t low;
	int64_t high;
	struct doc *rect;

	for (size_t i = 0; i < phase; i++)
		below += cost_nano(entry, phases[i].cost);
	low = height_of(plot, below);
	high = height_of(plot, below + cost_nano(entry, phases[phase].cost));
	if (low == high)
		return;
	rect = doc_push_object(rects);
	doc_set_int(rect, "x", span.x);
	doc_set_int(rect, "y", TOP + PLOT_HEIGHT - high);
	doc_set_int(rect, "width", span.width);
	doc_set_int(rect, "height", high - low);
}

static void put_series(const struct plot *plot, const struct doc *totals, struct doc *all)
{
	for (size_t i = 0; i < ARRAY_LEN(phases); i++) {
		struct doc *series;
		struct doc *rects;

		if (cost_nano(totals, phases[i].cost) <= 0)
			continue;
		series = doc_push_object(all);
		doc_set_text(series, "phase", phases[i].name);
		rects = doc_add_array(series, "rects");
		for (int64_t bar = 0; bar < plot->bars; bar++)
			put_rect(plot, bar, i, rects);
	}
}

/* The dearest bar; -1: nothing was spent. */
static int64_t find_highest(const struct plot *plot, int64_t *nano)
{
	int64_t highest = -1;

	*nano = 0;
	for (int64_t i = 0; i < plot->bars; i++) {
		int64_t cost = cost_nano(doc_at(plot->trend, (size_t)i), "cost_usd");

		if (cost > *nano) {
			*nano = cost;
			highest = i;
		}
	}
	return highest;
}

static void put_frame(struct doc *chart)
{
	doc_set_int(chart, "width", WIDTH);
	doc_set_int(chart, "height", HEIGHT);
	doc_set_int(chart, "left", LEFT);
	doc_set_int(chart, "right", LEFT + PLOT_WIDTH);
	doc_set_int(chart, "tick_x", LEFT - 8);
	doc_set_int(chart, "top", TOP);
	doc_set_int(chart, "base", TOP + PLOT_HEIGHT);
	doc_set_int(chart, "plot_height", PLOT_HEIGHT);
	doc_set_int(chart, "label_y", TOP + PLOT_HEIGHT + 20);
}

static void put_bars(const struct plot *plot, const struct doc *report, int64_t highest,
    struct doc *chart)
{
	struct doc *columns = doc_add_array(chart, "columns");

	put_frame(chart);
	for (int64_t i = 0; i < plot->bars; i++)
		put_column(plot, i, columns);
	put_ticks(plot, doc_add_array(chart, "ticks"));
	put_labels(plot, doc_add_array(chart, "labels"));
	put_series(plot, doc_get(report, "totals"), doc_add_array(chart, "series"));
	doc_set(chart, "highest", doc_at(columns, (size_t)highest));
}

void chart_costs(struct arena *arena, const struct doc *report, struct doc *page)
{
	struct doc *chart = doc_add_object(page, "chart");
	struct plot plot = {
		.arena = arena,
		.trend = doc_get(report, "trend"),
		.group = doc_text(report, "group"),
	};
	int64_t highest_nano;
	int64_t highest;

	plot.bars = (int64_t)doc_count(plot.trend);
	highest = find_highest(&plot, &highest_nano);
	doc_set_text(chart, "group", plot.group);
	if (highest < 0) {
		doc_set_bool(chart, "is_empty", true);
		return;
	}
	if (plot.bars > BARS_MAX || highest_nano > BAR_NANO_MAX) {
		doc_set_bool(chart, "is_too_large", true);
		return;
	}
	plot_scale(&plot, highest_nano);
	doc_set(chart, "legend", doc_get(report, "by_phase"));
	put_bars(&plot, report, highest, chart);
}
