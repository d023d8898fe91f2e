/* run_chart.c: the geometry of a run's bars. Pages may not carry style attributes, so bars are
 * SVG rectangles whose numbers are worked out here. */
#include "web/run_chart.h"

#include <stdio.h>
#include <string.h>

#include "base/money.h"
#include "base/text.h"

#define BAR_MIN 4 /* a step that took no time can still be seen */

static const struct phase {
	const char *key, *step_name, *label, *cost_column;
} phases[] = {
	{"generation", "prompt_generation", "Generation", "generation_cost"},
	{"analysis", "prompt_analysis", "Analysis", "analysis_cost"},
	{"improvement", "prompt_improvement", "Improvement", "improvement_cost"},
};

static const struct phase *phase_of(const struct doc *step)
{
	for (size_t i = 0; i < ARRAY_LEN(phases); i++)
		if (text_equal(doc_text(step, "step_name"), phases[i].step_name))
			return &phases[i];
	return NULL;
}

static int64_t int_of(const struct doc *object, const char *name, int64_t absent)
{
	int64_t value;

	return doc_int(object, name, &value) ? value : absent;
}

/* part of whole in CHART_UNITS; both not negative. */
static int64_t share(int64_t part, int64_t whole)
{
	if (whole <= 0)
		return 0;
	if (whole > INT64_MAX / CHART_UNITS)
		return part / (whole / CHART_UNITS);
	return part * CHART_UNITS / whole;
}

/* "generation", or "analysis 2" for the second one. */
static void step_label(const struct doc *step, const struct phase *phase, struct doc *bar)
{
	const char *key = doc_text(step, "step_key");
	const char *round = key ? strchr(key, '[') : NULL;

	doc_set_text(bar, "phase", phase ? phase->key : "version");
	doc_set_text(bar, "label", phase ? phase->label : "Version");
	if (!phase && !text_equal(doc_text(step, "step_name"), "prompt_version"))
		doc_set_text(bar, "label", doc_text(step, "step_name"));
	if (round) {
		char number[16];

		snprintf(number, sizeof(number), "%.*s", (int)strcspn(round + 1, "]"), round + 1);
		doc_set_text(bar, "round", number);
	}
}

static int64_t step_duration_ms(const struct doc *run, const struct doc *step)
{
	int64_t offset_ms = int_of(step, "offset_ms", 0);
	int64_t elapsed_ms = int_of(run, "elapsed_ms", 0);

	if (text_equal(doc_text(step, "status"), "running"))
		return elapsed_ms > offset_ms ? elapsed_ms - offset_ms : 0;
	return int_of(step, "duration_ms", 0);
}

/* The whole time axis: from the start of the run to the end of what is known. */
static int64_t axis_ms(const struct doc *run)
{
	const struct doc *steps = doc_get(run, "steps");
	int64_t end_ms = int_of(run, "elapsed_ms", int_of(run, "duration_ms", 0));

	for (size_t i = 0; i < doc_count(steps); i++) {
		const struct doc *step = doc_at(steps, i);
		int64_t until_ms = int_of(step, "offset_ms", 0) + step_duration_ms(run, step);

		end_ms = until_ms > end_ms ? until_ms : end_ms;
	}
	return end_ms;
}

static void step_bar(const struct doc *run, const struct doc *step, int64_t whole_ms,
    struct doc *bar)
{
	int64_t offset_ms = int_of(step, "offset_ms", -1);
	int64_t x = share(offset_ms > 0 ? offset_ms : 0, whole_ms);
	int64_t width = share(step_duration_ms(run, step), whole_ms);

	step_label(step, phase_of(step), bar);
	if (!doc_text(step, "started_at") || whole_ms == 0)
		return;
	x = x > CHART_UNITS - BAR_MIN ? CHART_UNITS - BAR_MIN : x;
	width = width < BAR_MIN ? BAR_MIN : width;
	doc_set_int(bar, "x", x);
	doc_set_int(bar, "width", width > CHART_UNITS - x ? CHART_UNITS - x : width);
}

/* A step of a finished run shows its own time, one under way the time so far. */
static void step_bars(const struct doc *run, struct doc *page)
{
	const struct doc *steps = doc_get(run, "steps");
	struct doc *bars = doc_add_array(page, "bars");
	int64_t whole_ms = axis_ms(run);
	int64_t started = 0;

	for (size_t i = 0; i < doc_count(steps); i++) {
		const struct doc *step = doc_at(steps, i);
		struct doc *bar = doc_push_object(bars);

		step_bar(run, step, whole_ms, bar);
		if (doc_text(step, "started_at"))
			doc_set_int(bar, "duration_ms", step_duration_ms(run, step));
		started += doc_text(step, "started_at") != NULL;
	}
	doc_set_int(page, "phase_count", started);
}

static int64_t nano_of(const struct doc *object, const char *name)
{
	const char *text = doc_scalar(doc_get(object, name));
	int64_t nano;

	return text && money_from_text(text, &nano) ? nano : 0;
}

static int64_t phase_duration_ms(const struct doc *run, const struct phase *phase)
{
	const struct doc *steps = doc_get(run, "steps");
	int64_t sum_ms = 0;

	for (size_t i = 0; i < doc_count(steps); i++)
		if (phase_of(doc_at(steps, i)) == phase)
			sum_ms += step_duration_ms(run, doc_at(steps, i));
	return sum_ms;
}

static void phase_bars(const struct doc *run, struct doc *page)
{
	const struct doc *costs = doc_get(run, "costs");
	int64_t total = nano_of(doc_get(costs, "total"), "cost_usd");
	struct doc *list = doc_add_array(page, "phases");
	int64_t x = 0;

	for (size_t i = 0; i < ARRAY_LEN(phases); i++) {
		const struct doc *cost = doc_get(costs, phases[i].key);
		struct doc *bar = doc_push_object(list);
		int64_t width = share(nano_of(cost, "cost_usd"), total);

		doc_set_text(bar, "key", phases[i].key);
		doc_set_text(bar, "label", phases[i].label);
		doc_set_int(bar, "x", x);
		doc_set_int(bar, "width", width);
		doc_set_int(bar, "duration_ms", phase_duration_ms(run, &phases[i]));
		x += width;
	}
}

void run_chart(const struct doc *run, struct doc *page)
{
	const char *status = doc_text(run, "status");

	step_bars(run, page);
	phase_bars(run, page);
	doc_set_bool(page, "is_live",
	    text_equal(status, "queued") || text_equal(status, "running"));
}

void run_chart_list(const struct doc *runs, struct doc *page)
{
	struct doc *bars = doc_add_array(page, "bars");

	for (size_t i = 0; i < doc_count(runs); i++) {
		const struct doc *run = doc_at(runs, i);
		int64_t total = nano_of(run, "total_cost_usd");
		struct doc *bar = doc_push_object(bars);
		int64_t x = 0;

		for (size_t k = 0; total > 0 && k < ARRAY_LEN(phases); k++) {
			int64_t width = share(nano_of(run, phases[k].cost_column), total);
			struct doc *part;

			if (width == 0)
				continue;
			part = doc_add_object(bar, phases[k].key);
			doc_set_int(part, "x", x);
			doc_set_int(part, "width", width);
			x += width;
		}
	}
}
