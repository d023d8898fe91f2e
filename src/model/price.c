/* price.c: prices read, and a cost taken apart; rows are never edited, and only the operator's
 * tool adds some. */
#include "model/price.h"

#include "base/text.h"

#define RATE_DECIMALS 6
#define PERMILLE_DECIMALS 3

static int64_t rate_of(const struct db_rows *rows, size_t row, const char *column)
{
	return db_text(rows, row, column) ? db_int(rows, row, column) : MONEY_NO_RATE;
}

struct money_rates price_rates(const struct db_rows *rows, size_t row)
{
	return (struct money_rates){
		.input = rate_of(rows, row, "input_pico"),
		.output = rate_of(rows, row, "output_pico"),
		.cache_read = rate_of(rows, row, "cache_read_pico"),
		.cache_write_5m = rate_of(rows, row, "cache_write_5m_pico"),
		.cache_write_1h = rate_of(rows, row, "cache_write_1h_pico"),
	};
}

bool price_arithmetic(const struct ctx *ctx, const struct money_usage *usage,
    const struct money_rates *rates, int64_t permille, struct doc *out)
{
	static const char *const names[MONEY_BUCKETS] = {
		[MONEY_INPUT] = "input",
		[MONEY_CACHE_READ] = "cache_read",
		[MONEY_CACHE_WRITE_5M] = "cache_write_5m",
		[MONEY_CACHE_WRITE_1H] = "cache_write_1h",
		[MONEY_OUTPUT] = "output",
	};
	struct doc *buckets = doc_add_array(out, "buckets");
	struct money_sum sum;

	if (!money_explain(ctx->arena, usage, rates, permille, &sum))
		return false;
	for (size_t i = 0; i < MONEY_BUCKETS; i++) {
		struct doc *bucket = doc_push_object(buckets);

		doc_set_text(bucket, "bucket", names[i]);
		doc_set_int(bucket, "tokens", sum.part[i].tokens);
		doc_set_text(bucket, "usd_per_million", sum.part[i].rate == MONEY_NO_RATE ? NULL :
		    money_decimal(ctx->arena, sum.part[i].rate, RATE_DECIMALS));
		doc_set_text(bucket, "product_usd", sum.part[i].product);
	}
	doc_set_text(out, "sum_usd", sum.sum);
	doc_set_text(out, "multiplier", money_decimal(ctx->arena, permille, PERMILLE_DECIMALS));
	doc_set_text(out, "exact_usd", sum.exact);
	doc_set_text(out, "cost_usd", money_text(ctx->arena, sum.nano));
	return true;
}

/* The usage object, as far as it says what the price depends on. */
static const char *usage_of(const struct price_question *question)
{
	static const char *const usages[2][2] = {
		{"{}", "{\"inference_geo\": \"us\"}"},
		{"{\"service_tier\": \"batch\"}",
		 "{\"service_tier\": \"batch\", \"inference_geo\": \"us\"}"},
	};

	return usages[question->is_batch][question->is_us];
}

static struct db_rows *quote_add(const struct ctx *ctx, struct db_tx *tx,
    const struct price_question *question, const char *account)
{
	const struct money_usage *usage = &question->usage;
	struct arena *arena = ctx->arena;

	return db_add(tx, SQL_PRICE_QUOTE, account, question->model,
	    db_int_param(arena, usage->input), db_int_param(arena, usage->output),
	    db_int_param(arena, usage->cache_read), db_int_param(arena, usage->cache_write),
	    db_int_param(arena, usage->cache_write_1h), usage_of(question));
}

static const struct err *too_much(const struct ctx *ctx)
{
	return err_new(ctx->arena, ERR_INVALID, "These are more tokens than can be priced.");
}

static const struct err *quote_fill(const struct ctx *ctx, const struct db_rows *rows,
    const struct price_question *question, struct doc *quote)
{
	struct money_rates rates = price_rates(rows, 0);

	doc_set_text(quote, "model", question->model);
	doc_set_text(quote, "price_status", db_text(rows, 0, "price_status"));
	if (!db_text(rows, 0, "id")) {
		doc_set_null(quote, "price");
		doc_set_null(quote, "arithmetic");
		return NULL;
	}
	db_row_doc(rows, 0, doc_add_object(quote, "price"));
	if (!price_arithmetic(ctx, &question->usage, &rates, db_int(rows, 0, "rate_permille"),
	    doc_add_object(quote, "arithmetic")))
		return too_much(ctx);
	return NULL;
}

const struct err *price_list(struct ctx *ctx, const struct price_question *question,
    struct doc *out, struct doc *accounts)
{
	const char *account = question && question->account ? question->account :
	    ctx->access.account_id;
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *prices, *missing, *choices = NULL, *known = NULL, *quote = NULL;
	const struct err *err;

	db_repeatable(tx);
	prices = db_add(tx, SQL_PRICE_LIST);
	missing = db_add(tx, SQL_PRICE_MISSING);
	if (ctx->access.role == ROLE_OPERATOR)
		choices = db_add(tx, SQL_PRICE_ACCOUNTS);
	if (question) {
		known = db_add(tx, SQL_PRICE_ACCOUNT, account);
		quote = quote_add(ctx, tx, question, account);
	}
	err = ctx_run(ctx, tx);
	if (err && err->kind == ERR_INVALID)
		return too_much(ctx);
	if (err)
		return err;
	if (known && account && db_count(known) == 0)
		return err_new(ctx->arena, ERR_MISSING, "There is no such account.");
	db_rows_doc(prices, doc_add_array(out, "prices"));
	db_rows_doc(missing, doc_add_array(out, "unpriced_models"));
	if (choices)
		db_rows_doc(choices, accounts);
	if (question)
		return quote_fill(ctx, quote, question, doc_add_object(out, "quote"));
	doc_set_null(out, "quote");
	return NULL;
}
