/* insight.h: what stands behind the totals of a period: why it cost more or less than the period
 * before, what the month will come to, which runs were unusual, what a point of score cost. */
#ifndef MODEL_INSIGHT_H
#define MODEL_INSIGHT_H

#include "model/cost.h"

/* What a model was used for in a period. Tokens are the disjoint buckets of the ledger. */
struct insight_usage {
	int64_t cost_nano;
	int64_t saved_nano; /* by its cache; negative: the writes outweighed the reads */
	int64_t input, cache_read, cache_write, output; /* tokens */
	int64_t runs, calls;
};

struct insight_model {
	const char *name;
	int64_t output_permille; /* price of an output token, in thousandths of an input token's */
	struct insight_usage before, now;
};

/* The causes of a difference, in the order in which they are taken. */
enum insight_cause {
	INSIGHT_VOLUME, /* more runs, or calls where a period has no runs */
	INSIGHT_TOKENS, /* more tokens in each of them */
	INSIGHT_MODELS, /* tokens moved to dearer models, and models new in the period */
	INSIGHT_OUTPUT, /* a larger part of a model's tokens is output */
	INSIGHT_PRICE,  /* a model's price without its cache, corrections included */
	INSIGHT_CACHE,  /* less saved by the cache */
	INSIGHT_OTHER,  /* costs without tokens: corrections of a model not used otherwise */
	INSIGHT_CAUSES
};

/* Splits the difference between two costs into parts that add up to it exactly. It is the
 * sequential (chain) substitution of price-volume-mix analysis: a cost is volume * tokens per
 * volume * share of each model * its weighted tokens per token * its price per weighted token *
 * the part its cache leaves of that; factor by factor is put in with its new value, and a part is
 * the difference between two such costs, each rounded to whole nano-USD. A model without a past
 * counts whole as INSIGHT_MODELS. false: there is nothing to compare with, or a product is beyond
 * 64 bits. */
bool insight_split(const struct insight_model *models, size_t count,
    int64_t parts[INSIGHT_CAUSES]);

/* Sets change: cost_usd, the difference, and parts, each with cause, cost_usd, unit, and before
 * and now, the figures it follows from (null for some); null when insight_split tells nothing.
 * rows are those of cost_report. */
void insight_change(struct ctx *ctx, const struct db_rows *rows, struct doc *out);

/* How the statements find what a query names: by name or by id, the other is NULL. */
struct insight_scope {
	const char *account, *account_id;
	const char *assistant, *assistant_id;
	const struct cost_query *query;
};

struct db_rows *insight_forecast_add(struct db_tx *tx, const struct insight_scope *scope);
/* Sets forecast: the month of today from, to, days_left, weeks that it is told from, spent_usd, and
 * low_usd, mid_usd and high_usd of its end; null without a history of two weeks. */
void insight_forecast(const struct db_rows *rows, struct doc *out);

struct insight_rows {
	struct db_rows *unusual, *scores;
};
struct insight_rows insight_runs_add(struct ctx *ctx, struct db_tx *tx,
    const struct insight_scope *scope);
/* Sets unusual_runs, at most 10 of the latest 200 runs of the period, each with its cost, the
 * median_cost_usd of its assistant's latest median_of_runs, and times_median; and iterations, from
 * the latest 200 completed runs: runs, score_before, score_after, points gained by all, cost_usd,
 * point_cost_usd (null when nothing was gained). */
void insight_runs(const struct insight_rows *rows, struct doc *out);

#endif
