/* insight.c: a difference split into its causes; the statements of sql/insight.sql as documents. */
#include "model/insight.h"

#include "base/money.h"
#include "base/text.h"

/* ---- The split. ---- */

/* A model's use: its cost, the same without a cache, its tokens, the same weighted by price. */
struct use {
	__int128 cost, gross, tokens, weighted;
};

/* The cost after each factor has been put in. */
struct chain {
	__int128 cost[INSIGHT_CAUSES];
	bool is_too_large;
};

static struct use use_of(const struct insight_model *model, const struct insight_usage *usage)
{
	__int128 input = (__int128)usage->input + usage->cache_read + usage->cache_write;

	return (struct use){
		.cost = usage->cost_nano,
		.gross = (__int128)usage->cost_nano + usage->saved_nano,
		.tokens = input + usage->output,
		.weighted = input * 1000 + (__int128)usage->output * model->output_permille,
	};
}

/* cost * now / before, to the nearest whole; before is positive. */
static __int128 scaled(struct chain *chain, __int128 cost, __int128 now, __int128 before)
{
	__int128 product;

	if (__builtin_mul_overflow(cost, now, &product) ||
	    __builtin_add_overflow(product, product < 0 ? -(before / 2) : before / 2, &product))
		chain->is_too_large = true;
	return chain->is_too_large ? 0 : product / before;
}

/* What a model adds once the mix of models is the new one. A factor that its past does not have,
 * or that corrections have turned round, leaves its part to the next one. */
static void model_add(struct chain *chain, const struct use *before, const struct use *now)
{
	bool is_known = before->tokens > 0;
	__int128 cost = now->cost;

	if (is_known)
		cost = scaled(chain, before->cost, now->tokens, before->tokens);
	chain->cost[INSIGHT_MODELS] += cost;
	if (is_known && before->weighted > 0 && now->weighted > 0)
		cost = scaled(chain, before->cost, now->weighted, before->weighted);
	chain->cost[INSIGHT_OUTPUT] += cost;
	if (is_known && before->gross > 0 && before->cost >= 0 && now->gross >= 0)
		cost = scaled(chain, before->cost, now->gross, before->gross);
	else
		cost = now->cost;
	chain->cost[INSIGHT_PRICE] += cost;
	chain->cost[INSIGHT_CACHE] += now->cost;
}

static void usage_add(struct insight_usage *sum, const struct insight_usage *usage)
{
	sum->cost_nano += usage->cost_nano;
	sum->input += usage->input;
	sum->cache_read += usage->cache_read;
	sum->cache_write += usage->cache_write;
	sum->output += usage->output;
	sum->runs += usage->runs;
	sum->calls += usage->calls;
}

/* All models together, and whether both periods have runs to count. */
struct totals {
	struct insight_usage before, now;
	bool has_runs;
};

static struct totals totals_of(const struct insight_model *models, size_t count)
{
	struct totals totals = {.has_runs = false};

	for (size_t i = 0; i < count; i++) {
		usage_add(&totals.before, &models[i].before);
		usage_add(&totals.now, &models[i].now);
	}
	totals.has_runs = totals.before.runs > 0 && totals.now.runs > 0;
	return totals;
}

static int64_t volume_of(const struct totals *totals, const struct insight_usage *usage)
{
	return totals->has_runs ? usage->runs : usage->calls;
}

/* The parts as steps of the chain that begins at start. */
static bool chain_read(const struct chain *chain, __int128 start, int64_t parts[INSIGHT_CAUSES])
{
	for (size_t i = 0; i < INSIGHT_CAUSES; i++) {
		__int128 part = chain->cost[i] - start;

		if (part > INT64_MAX || part < INT64_MIN)
			return false;
		parts[i] = (int64_t)part;
		start = chain->cost[i];
	}
	return !chain->is_too_large;
}

bool insight_split(const struct insight_model *models, size_t count,
    int64_t parts[INSIGHT_CAUSES])
{
	struct totals totals = totals_of(models, count);
	int64_t volume = volume_of(&totals, &totals.before);
	struct chain chain = {.is_too_large = false};
	__int128 start = 0, rest = 0, tokens_before = 0, tokens_now = 0;

	for (size_t i = 0; i < count; i++) {
		struct use before = use_of(&models[i], &models[i].before);
		struct use now = use_of(&models[i], &models[i].now);

		start += before.tokens > 0 ? before.cost : 0;
		rest -= before.tokens > 0 ? 0 : before.cost;
		rest += now.tokens > 0 ? 0 : now.cost;
		tokens_before += before.tokens > 0 ? before.tokens : 0;
		tokens_now += now.tokens > 0 ? now.tokens : 0;
		if (now.tokens > 0)
			model_add(&chain, &before, &now);
	}
	if (start <= 0)
		return false;
	chain.cost[INSIGHT_VOLUME] = volume <= 0 ? start :
	    scaled(&chain, start, volume_of(&totals, &totals.now), volume);
	chain.cost[INSIGHT_TOKENS] = scaled(&chain, start, tokens_now, tokens_before);
	chain.cost[INSIGHT_OTHER] = chain.cost[INSIGHT_CACHE] + rest;
	return chain_read(&chain, start, parts);
}

/* ---- The split as a document. ---- */

static int64_t nano_of(const struct db_rows *rows, size_t row, const char *column)
{
	int64_t nano = 0;

	money_from_text(db_text(rows, row, column), &nano);
	return nano;
}

static struct insight_usage usage_read(const struct db_rows *rows, size_t row)
{
	return (struct insight_usage){
		.cost_nano = nano_of(rows, row, "cost_usd"),
		.saved_nano = nano_of(rows, row, "cache_saved_usd"),
		.input = db_int(rows, row, "input_tokens"),
		.cache_read = db_int(rows, row, "cache_read_tokens"),
		.cache_write = db_int(rows, row, "cache_write_tokens"),
		.output = db_int(rows, row, "output_tokens"),
		.runs = db_int(rows, row, "runs"),
		.calls = db_int(rows, row, "calls"),
	};
}

static struct insight_model *model_of(struct insight_model *models, size_t *count,
    const struct db_rows *rows, size_t row)
{
	const char *name = db_text(rows, row, "model");
	size_t i = 0;

	while (i < *count && !text_equal(models[i].name, name))
		i++;
	if (i == *count)
		models[(*count)++] = (struct insight_model){.name = name};
	models[i].output_permille = db_text(rows, row, "output_permille") ?
	    db_int(rows, row, "output_permille") : 1000;
	return &models[i];
}

static size_t models_read(const struct db_rows *rows, struct insight_model *models)
{
	size_t count = 0;

	for (size_t row = 0; row < db_count(rows); row++) {
		const char *kind = db_text(rows, row, "kind");

		if (text_equal(kind, "model"))
			model_of(models, &count, rows, row)->now = usage_read(rows, row);
		else if (text_equal(kind, "model_before"))
			model_of(models, &count, rows, row)->before = usage_read(rows, row);
	}
	return count;
}

/* "46.2"; NULL: there is no whole, or corrections have turned it round. */
static const char *percent_text(struct arena *arena, int64_t part, int64_t whole)
{
	__int128 permille;

	if (whole <= 0 || part < 0)
		return NULL;
	permille = ((__int128)part * 1000 + whole / 2) / whole;
	return arena_printf(arena, "%d.%d", (int)(permille / 10), (int)(permille % 10));
}

static int64_t input_of(const struct insight_usage *usage)
{
	return usage->input + usage->cache_read + usage->cache_write;
}

/* The figure that a cause shows in. NULL: there is none. */
static const char *figure_text(struct arena *arena, enum insight_cause cause,
    const struct totals *totals, const struct insight_usage *usage)
{
	int64_t volume = volume_of(totals, usage);
	int64_t tokens = input_of(usage) + usage->output;

	switch (cause) {
	case INSIGHT_VOLUME:
		return db_int_param(arena, volume);
	case INSIGHT_TOKENS:
		return volume > 0 ? db_int_param(arena, tokens / volume) : NULL;
	case INSIGHT_OUTPUT:
		return percent_text(arena, usage->output, tokens);
	case INSIGHT_CACHE:
		return percent_text(arena, usage->cache_read, input_of(usage));
	default:
		return NULL;
	}
}

static void parts_fill(struct ctx *ctx, const struct totals *totals,
    const int64_t parts[INSIGHT_CAUSES], struct doc *out)
{
	static const struct {
		const char *name, *unit, *unit_of_calls;
	} causes[INSIGHT_CAUSES] = {
		[INSIGHT_VOLUME] = {"volume", "runs", "calls"},
		[INSIGHT_TOKENS] = {"tokens", "tokens per run", "tokens per call"},
		[INSIGHT_MODELS] = {"models", NULL, NULL},
		[INSIGHT_OUTPUT] = {"output", "percent of tokens", "percent of tokens"},
		[INSIGHT_PRICE] = {"price", NULL, NULL},
		[INSIGHT_CACHE] = {"cache", "percent of input tokens", "percent of input tokens"},
		[INSIGHT_OTHER] = {"other", NULL, NULL},
	};

	for (size_t i = 0; i < INSIGHT_CAUSES; i++) {
		struct doc *part = doc_push_object(out);

		doc_set_text(part, "cause", causes[i].name);
		doc_set_text(part, "cost_usd", money_text(ctx->arena, parts[i]));
		doc_set_text(part, "unit", totals->has_runs ? causes[i].unit :
		    causes[i].unit_of_calls);
		doc_set_text(part, "before", figure_text(ctx->arena, (enum insight_cause)i, totals,
		    &totals->before));
		doc_set_text(part, "now", figure_text(ctx->arena, (enum insight_cause)i, totals,
		    &totals->now));
	}
}

void insight_change(struct ctx *ctx, const struct db_rows *rows, struct doc *out)
{
	struct insight_model *models = arena_alloc(ctx->arena,
	    (db_count(rows) + 1) * sizeof(*models));
	size_t count = models_read(rows, models);
	struct totals totals = totals_of(models, count);
	int64_t parts[INSIGHT_CAUSES];
	struct doc *change;

	if (!insight_split(models, count, parts)) {
		doc_set_null(out, "change");
		return;
	}
	change = doc_add_object(out, "change");
	doc_set_text(change, "cost_usd", money_text(ctx->arena,
	    totals.now.cost_nano - totals.before.cost_nano));
	parts_fill(ctx, &totals, parts, doc_add_array(change, "parts"));
}

/* ---- What statements tell. ---- */

struct db_rows *insight_forecast_add(struct db_tx *tx, const struct insight_scope *scope)
{
	return db_add(tx, SQL_INSIGHT_FORECAST, scope->account, scope->account_id,
	    scope->assistant, scope->assistant_id, scope->query->zone,
	    scope->query->default_zone);
}

void insight_forecast(const struct db_rows *rows, struct doc *out)
{
	if (db_count(rows) > 0)
		db_row_doc(rows, 0, doc_add_object(out, "forecast"));
	else
		doc_set_null(out, "forecast");
}

static struct db_rows *runs_add(struct ctx *ctx, struct db_tx *tx, enum sql sql,
    const struct insight_scope *scope)
{
	const struct cost_query *query = scope->query;

	return db_add(tx, sql, scope->account, scope->account_id, scope->assistant,
	    scope->assistant_id, db_int_param(ctx->arena, query->days), query->from, query->to,
	    query->zone, query->default_zone);
}

struct insight_rows insight_runs_add(struct ctx *ctx, struct db_tx *tx,
    const struct insight_scope *scope)
{
	return (struct insight_rows){
		.unusual = runs_add(ctx, tx, SQL_INSIGHT_UNUSUAL, scope),
		.scores = runs_add(ctx, tx, SQL_INSIGHT_SCORES, scope),
	};
}

void insight_runs(const struct insight_rows *rows, struct doc *out)
{
	db_rows_doc(rows->unusual, doc_add_array(out, "unusual_runs"));
	db_rows_doc(rows->scores, doc_add_array(out, "iterations"));
}
