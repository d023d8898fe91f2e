/* price_file.c: published price files, read into rows; what cannot be read exactly is left out and
 * said. */
#include "admin/price_file.h"

#include <fnmatch.h>
#include <string.h>

#include "base/money.h"
#include "base/text.h"

#define RATES 5
#define TIERS_MAX 8

static const char *const columns[RATES] = {"input_pico", "output_pico", "cache_read_pico",
    "cache_write_5m_pico", "cache_write_1h_pico"};
/* Without these two a price is none. */
#define RATES_NEEDED 2

/* The lengths of prompts above which other rates hold; the first is 0. */
struct tiers {
	int64_t above[TIERS_MAX];
	size_t count;
	bool is_full;
};

struct reading {
	struct arena *arena;
	const struct price_wanted *wanted;
	struct price_file *file;
	const char *entry;   /* what the file calls the model */
	struct doc *rows;    /* of this entry */
	const char *problem; /* with it; NULL: none */
	size_t matched;
};

/* How a form writes rates. */
struct form {
	const char *names[RATES];
	int shift; /* from its unit to pico-USD per token */
	void (*find_tiers)(const struct doc *prices, struct tiers *tiers);
	const struct doc *(*rate_at)(struct arena *arena, const struct doc *prices,
	    const char *name, int64_t above);
};

static void problem(struct reading *reading, const char *sentence)
{
	if (reading->problem == NULL)
		reading->problem = sentence;
}

static void tiers_add(struct tiers *tiers, int64_t above)
{
	for (size_t i = 0; i < tiers->count; i++)
		if (tiers->above[i] == above)
			return;
	if (tiers->count == TIERS_MAX)
		tiers->is_full = true;
	else
		tiers->above[tiers->count++] = above;
}

/* ---- The dated form: a number, or {"base": ..., "tiers": [{"start": ..., "price": ...}]}. ---- */

static void dated_find(void *arg, const char *name, struct doc *value)
{
	const struct doc *tiers = doc_get(value, "tiers");
	int64_t start;

	for (size_t i = 0; i < doc_count(tiers); i++)
		if (doc_int(doc_at(tiers, i), "start", &start) && start > 0)
			tiers_add(arg, start);
}

static void dated_tiers(const struct doc *prices, struct tiers *tiers)
{
	doc_each(prices, dated_find, tiers);
}

static const struct doc *dated_rate(struct arena *arena, const struct doc *prices,
    const char *name, int64_t above)
{
	const struct doc *value = doc_get(prices, name);
	const struct doc *tiers = doc_get(value, "tiers");
	const struct doc *rate = doc_get(value, "base");
	int64_t best = -1;
	int64_t start;

	if (doc_type(value) != DOC_OBJECT)
		return value;
	for (size_t i = 0; i < doc_count(tiers); i++) {
		if (!doc_int(doc_at(tiers, i), "start", &start) || start > above || start <= best)
			continue;
		best = start;
		rate = doc_get(doc_at(tiers, i), "price");
	}
	return rate;
}

static const struct form dated = {
	.names = {"input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok",
	    "cache_write_1h_mtok"},
	.shift = 6,
	.find_tiers = dated_tiers,
	.rate_at = dated_rate,
};

/* ---- The undated form: NAME, and NAME_above_200k_tokens. ---- */

static void undated_find(void *arg, const char *name, struct doc *value)
{
	const char *above = strstr(name, "_above_");
	int64_t thousands = 0;

	for (; above != NULL; above = strstr(above + 1, "_above_")) {
		const char *digits = above + strlen("_above_");
		size_t len = strspn(digits, "0123456789");

		if (len == 0 || len > 6 || !text_equal(digits + len, "k_tokens"))
			continue;
		for (size_t i = 0; i < len; i++)
			thousands = thousands * 10 + digits[i] - '0';
		tiers_add(arg, thousands * 1000);
		return;
	}
}

static void undated_tiers(const struct doc *prices, struct tiers *tiers)
{
	doc_each(prices, undated_find, tiers);
}

static const struct doc *undated_rate(struct arena *arena, const struct doc *prices,
    const char *name, int64_t above)
{
	const struct doc *rate = NULL;

	if (above > 0)
		rate = doc_get(prices, arena_printf(arena, "%s_above_%lldk_tokens", name,
		    (long long)above / 1000));
	return rate != NULL ? rate : doc_get(prices, name);
}

static const struct form undated = {
	.names = {"input_cost_per_token", "output_cost_per_token", "cache_read_input_token_cost",
	    "cache_creation_input_token_cost", "cache_creation_input_token_cost_above_1hr"},
	.shift = 12,
	.find_tiers = undated_tiers,
	.rate_at = undated_rate,
};

/* ---- Both. ---- */

static void rate_read(struct reading *reading, const struct form *form,
    const struct doc *prices, size_t rate, struct doc *row)
{
	struct arena *arena = reading->arena;
	int64_t above = 0;
	int64_t pico;
	const struct doc *value;

	doc_int(row, "above_tokens", &above);
	value = form->rate_at(arena, prices, form->names[rate], above);
	if (value == NULL && rate < RATES_NEEDED) {
		problem(reading, arena_printf(arena, "has no %s", form->names[rate]));
	} else if (value == NULL) {
		doc_set_null(row, columns[rate]);
	} else if (doc_type(value) != DOC_INT && doc_type(value) != DOC_NUMBER) {
		problem(reading, arena_printf(arena, "%s is not a number", form->names[rate]));
	} else if (!money_scale(doc_scalar(value), form->shift, &pico)) {
		problem(reading, arena_printf(arena, "%s is %s, which is not a whole number of "
		    "pico-USD per token", form->names[rate], doc_scalar(value)));
	} else {
		doc_set_int(row, columns[rate], pico);
	}
}

/* The rows of one price: a tier each, under every name. */
static void price_read(struct reading *reading, const struct form *form,
    const struct doc *prices, const struct doc *names, const char *day)
{
	struct tiers tiers = {.count = 1};

	form->find_tiers(prices, &tiers);
	if (tiers.is_full)
		problem(reading, "has too many tiers");
	for (size_t i = 0; i < tiers.count * doc_count(names); i++) {
		struct doc *row = doc_push_object(reading->rows);

		doc_set_text(row, "entry", reading->entry);
		doc_set_text(row, "model", doc_scalar(doc_at(names, i / tiers.count)));
		doc_set_text(row, "valid_from", day);
		doc_set_int(row, "above_tokens", tiers.above[i % tiers.count]);
		for (size_t rate = 0; rate < RATES; rate++)
			rate_read(reading, form, prices, rate, row);
	}
}

static void entry_begin(struct reading *reading, const char *entry)
{
	reading->entry = entry;
	reading->rows = doc_array(reading->arena);
	reading->problem = NULL;
	reading->matched++;
}

static void entry_end(struct reading *reading)
{
	struct doc *skipped;

	for (size_t i = 0; reading->problem == NULL && i < doc_count(reading->rows); i++)
		doc_push(reading->file->rows, doc_at(reading->rows, i));
	if (reading->problem == NULL)
		return;
	skipped = doc_push_object(reading->file->skipped);
	doc_set_text(skipped, "model", reading->entry);
	doc_set_text(skipped, "reason", reading->problem);
}

static bool is_wanted(const struct reading *reading, const struct doc *names)
{
	const char *pattern = reading->wanted->pattern;

	for (size_t i = 0; pattern != NULL && i < doc_count(names); i++)
		if (fnmatch(pattern, doc_scalar(doc_at(names, i)), 0) == 0)
			return true;
	return pattern == NULL;
}

/* The texts that a match clause takes as they are; beginnings and patterns would take models of
 * other prices as well. */
static void names_find(const struct doc *match, struct doc *names)
{
	const struct doc *any = doc_get(match, "or");
	const char *name = doc_text(match, "equals");

	for (size_t i = 0; i < doc_count(names); i++)
		if (text_equal(doc_scalar(doc_at(names, i)), name))
			name = NULL;
	if (name != NULL)
		doc_push_text(names, name);
	for (size_t i = 0; i < doc_count(any); i++)
		names_find(doc_at(any, i), names);
}

/* One of several prices: the day it begins, or no day for the first. */
static void dated_price(struct reading *reading, const struct doc *price,
    const struct doc *names)
{
	const struct doc *constraint = doc_get(price, "constraint");
	const char *day = doc_text(constraint, "start_date");

	if (constraint != NULL && (day == NULL || !text_is_day(day) || doc_count(constraint) != 1))
		problem(reading, "has prices that depend on more than the day");
	else if (doc_type(doc_get(price, "prices")) != DOC_OBJECT)
		problem(reading, "has no prices");
	else
		price_read(reading, &dated, doc_get(price, "prices"), names, day);
}

static void dated_model(struct reading *reading, const struct doc *model)
{
	const struct doc *prices = doc_get(model, "prices");
	struct doc *names = doc_array(reading->arena);
	const char *id = doc_text(model, "id");

	if (id == NULL)
		return;
	doc_push_text(names, id);
	names_find(doc_get(model, "match"), names);
	if (!is_wanted(reading, names))
		return;
	entry_begin(reading, id);
	if (doc_type(prices) == DOC_OBJECT)
		price_read(reading, &dated, prices, names, NULL);
	else if (doc_type(prices) != DOC_ARRAY)
		problem(reading, "has no prices");
	for (size_t i = 0; doc_type(prices) == DOC_ARRAY && i < doc_count(prices); i++)
		dated_price(reading, doc_at(prices, i), names);
	entry_end(reading);
}

static const struct err *dated_read(struct reading *reading, const struct doc *file)
{
	struct buf *known = buf_new(reading->arena, 4096);
	const struct doc *models = NULL;

	for (size_t i = 0; i < doc_count(file); i++) {
		const char *id = doc_text(doc_at(file, i), "id");

		if (id != NULL)
			buf_printf(known, "%s%s", known->len > 0 ? ", " : "", id);
		if (text_equal(id, reading->wanted->provider))
			models = doc_get(doc_at(file, i), "models");
	}
	if (known->len == 0)
		return err_new(reading->arena, ERR_INVALID, "this list has no providers");
	if (models == NULL)
		return err_new(reading->arena, ERR_INVALID, "the file has no provider \"%s\"; it "
		    "has %s", reading->wanted->provider, known->data);
	for (size_t i = 0; i < doc_count(models); i++)
		dated_model(reading, doc_at(models, i));
	return NULL;
}

static void undated_model(void *arg, const char *name, struct doc *model)
{
	struct reading *reading = arg;
	struct doc *names = doc_array(reading->arena);

	doc_push_text(names, name);
	if (!text_equal(doc_text(model, "litellm_provider"), reading->wanted->provider) ||
	    !is_wanted(reading, names))
		return;
	entry_begin(reading, name);
	price_read(reading, &undated, model, names, NULL);
	entry_end(reading);
}

static void undated_look(void *arg, const char *name, struct doc *model)
{
	*(bool *)arg |= doc_has(model, "input_cost_per_token");
}

const struct err *price_file_read(struct arena *arena, const struct doc *file,
    const struct price_wanted *wanted, struct price_file *out)
{
	struct reading reading = {.arena = arena, .wanted = wanted, .file = out};
	const struct err *err = NULL;
	bool is_undated = false;

	*out = (struct price_file){.is_dated = doc_type(file) == DOC_ARRAY,
	    .rows = doc_array(arena), .skipped = doc_array(arena)};
	doc_each(file, undated_look, &is_undated);
	if (out->is_dated)
		err = dated_read(&reading, file);
	else if (is_undated)
		doc_each(file, undated_model, &reading);
	else
		err = err_new(arena, ERR_INVALID, "this is neither a list of providers nor an "
		    "object of models with their cost per token");
	if (err == NULL && reading.matched == 0)
		err = err_new(arena, ERR_INVALID, "the file has no model of \"%s\" that matches",
		    wanted->provider);
	return err;
}
