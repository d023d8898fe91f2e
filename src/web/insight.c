/* insight.c: the causes of a difference in words; addresses of what stands behind a number. */
#include "web/insight.h"

#include <stdlib.h>

#include "base/money.h"
#include "base/text.h"

#define QUERY_BYTES_MAX 1024
#define CAUSES_MAX 3
#define CAUSE_PARTS 10 /* a cause is told when it weighs a tenth of the weightiest */

static const struct {
	const char *cause;
	const char *more, *less, *heading;
	bool has_unit; /* which follows these words */
} words[] = {
	{"volume", "more", "fewer", "Number of", true},
	{"tokens", "more", "fewer", "Number of", true},
	{"models", "a dearer mix of models", "a cheaper mix of models", "Mix of models", false},
	{"output", "more of the tokens are output", "fewer of the tokens are output",
	 "Output among tokens", false},
	{"price", "higher prices", "lower prices", "Prices", false},
	{"cache", "less saved by caching", "more saved by caching", "Input from the cache", false},
	{"other", "corrections", "corrections", "Corrections", false},
};

/* ---- Addresses. ---- */

static const char *pair_text(struct arena *arena, const char *name, const char *value)
{
	struct buf *pair = buf_new(arena, QUERY_BYTES_MAX);

	if (value == NULL)
		return "";
	buf_printf(pair, "&%s=", name);
	text_url_encode(pair, value);
	return pair->data;
}

void insight_links(struct arena *arena, const struct doc *report, const struct doc *filter,
    struct doc *page)
{
	struct doc *query = doc_add_object(page, "query");
	const char *zone = pair_text(arena, "tz", doc_text(report, "tz"));

	doc_set_text(query, "zone", zone);
	doc_set_text(query, "span", arena_printf(arena, "from=%s&to=%s%s",
	    doc_text(report, "from"), doc_text(report, "to"), zone));
	doc_set_text(query, "account", pair_text(arena, "accountId",
	    doc_text(doc_get(report, "account"), "slug")));
	doc_set_text(query, "assistant", pair_text(arena, "assistantId",
	    doc_text(filter, "assistantId")));
}

/* ---- Words. ---- */

static int64_t size_of(const struct doc *part)
{
	int64_t nano = 0;

	money_from_text(doc_text(part, "cost_usd"), &nano);
	return nano < 0 ? -nano : nano;
}

/* Sign and amount, which templates format apart. */
static bool amount_put(const struct doc *from, struct doc *to)
{
	const char *usd = doc_text(from, "cost_usd");
	bool is_less = usd[0] == '-';

	doc_set_text(to, "sign", size_of(from) == 0 ? "" : is_less ? "\u2212" : "+");
	doc_set_text(to, "amount", usd + is_less);
	return is_less;
}

static const char *words_text(struct arena *arena, size_t index, const char *text,
    const char *unit)
{
	return words[index].has_unit ? arena_printf(arena, "%s %s", text, unit) : text;
}

static size_t words_of(const struct doc *part)
{
	size_t i = 0;

	while (!text_equal(words[i].cause, doc_text(part, "cause")))
		i++;
	return i;
}

static void row_put(struct arena *arena, const struct doc *part, struct doc *row)
{
	size_t i = words_of(part);
	const char *unit = doc_text(part, "unit");

	amount_put(part, row);
	doc_set_text(row, "heading", words_text(arena, i, words[i].heading, unit));
	doc_set_text(row, "before", doc_text(part, "before"));
	doc_set_text(row, "now", doc_text(part, "now"));
	doc_set_bool(row, "is_percent", !words[i].has_unit);
}

static void cause_put(struct arena *arena, const struct doc *part, struct doc *cause)
{
	size_t i = words_of(part);
	bool is_less = amount_put(part, cause);

	doc_set_text(cause, "words", words_text(arena, i, is_less ? words[i].less : words[i].more,
	    doc_text(part, "unit")));
}

static int lighter(const void *a, const void *b)
{
	int64_t first = size_of(*(const struct doc *const *)a);
	int64_t second = size_of(*(const struct doc *const *)b);

	return (first < second) - (first > second);
}

static void causes_put(struct arena *arena, const struct doc *parts, struct doc *causes)
{
	const struct doc *order[ARRAY_LEN(words)] = {NULL};
	int64_t largest;

	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		order[i] = doc_at(parts, i);
	qsort(order, ARRAY_LEN(order), sizeof(order[0]), lighter);
	largest = size_of(order[0]);
	for (size_t i = 0; i < CAUSES_MAX; i++)
		if (largest > 0 && size_of(order[i]) >= largest / CAUSE_PARTS)
			cause_put(arena, order[i], doc_push_object(causes));
}

void insight_words(struct arena *arena, const struct doc *report, struct doc *page)
{
	const struct doc *change = doc_get(report, "change");
	const struct doc *parts = doc_get(change, "parts");
	const char *saved = doc_text(doc_get(report, "totals"), "cache_saved_usd");
	struct doc *difference;
	struct doc *rows;

	doc_set_bool(page, "is_cache_loss", saved != NULL && saved[0] == '-');
	if (change == NULL)
		return;
	difference = doc_add_object(page, "difference");
	doc_set_bool(difference, "is_less", amount_put(change, difference));
	doc_set_bool(difference, "is_none", size_of(change) == 0);
	causes_put(arena, parts, doc_add_array(difference, "causes"));
	rows = doc_add_array(difference, "rows");
	for (size_t i = 0; i < doc_count(parts); i++)
		row_put(arena, doc_at(parts, i), doc_push_object(rows));
}
