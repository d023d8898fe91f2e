/* price.c: prices list and prices set: rates are USD per million tokens as exact decimal text. */
#include <stdio.h>

#include "admin/admin.h"
#include "base/money.h"
#include "base/text.h"

#define FACTOR_DECIMALS 3
#define TIERS_MAX 2048 /* bytes of JSON */

enum price_option {
	PRICE_MODEL, PRICE_INPUT, PRICE_OUTPUT, PRICE_CACHE_READ, PRICE_CACHE_5M, PRICE_CACHE_1H,
	PRICE_ABOVE, PRICE_ABOVE_INPUT, PRICE_ABOVE_OUTPUT, PRICE_ABOVE_CACHE_READ,
	PRICE_ABOVE_CACHE_5M, PRICE_ABOVE_CACHE_1H, PRICE_BATCH, PRICE_US, PRICE_FROM, PRICE_TO,
	PRICE_ACCOUNT, PRICE_SOURCE, PRICE_OPTIONS
};

const struct err *admin_price_list(struct admin *admin)
{
	static const char *const columns[] = {"model", "account", "valid_from", "valid_to",
	    "above>", "input>", "output>", "cache_read>", "cache_write_5m>", "cache_write_1h>",
	    "batch>", "us>", "source"};
	struct option_row options[] = {{.name = "model"}, {.name = "account"}};
	struct db_rows *rows;
	const struct err *err = option_read(admin, options, ARRAY_LEN(options), 0, 0);

	if (err == NULL)
		err = admin_run(admin, &rows, SQL_ADMIN_PRICE_LIST, options[0].value,
		    options[1].value);
	if (err != NULL)
		return err;
	admin_table(rows, columns, ARRAY_LEN(columns));
	return NULL;
}

/* The rates of a tier: the column, how far the option stands behind that of the input rate, and
 * what part of the input rate it is when it is not given: the provider's usual relations. */
static const struct rate {
	const char *column;
	int place;
	int64_t times, per; /* 0: it must be given */
} rates[] = {
	{"input_pico", 0, 0, 0},
	{"output_pico", 1, 0, 0},
	{"cache_read_pico", 2, 1, 10},
	{"cache_write_5m_pico", 3, 5, 4},
	{"cache_write_1h_pico", 4, 2, 1},
};

/* The rate an option gives, or else the part of the input rate, which must come out whole. */
static const struct err *price_rate(struct admin *admin, const struct option_row *option,
    const struct rate *rate, int64_t input_pico, struct doc *tier)
{
	struct arena *arena = admin->ctx.arena;
	int64_t pico;

	if (option->value == NULL && rate->per == 0)
		return option_error(admin, "--%s is needed", option->name);
	if (rate->per > 0 && text_equal(option->value, "unknown")) {
		doc_set_null(tier, rate->column);
		return NULL;
	}
	if (option->value == NULL) {
		if (__builtin_mul_overflow(input_pico, rate->times, &pico) || pico % rate->per != 0)
			return err_new(arena, ERR_INVALID, "--%s cannot be derived exactly from "
			    "the input rate: give it", option->name);
		pico /= rate->per;
	} else if (!money_rate_from_text(option->value, &pico)) {
		return err_new(arena, ERR_INVALID, "--%s: \"%s\" is not USD per million "
		    "tokens: a decimal number, not negative, at most six decimals",
		    option->name, option->value);
	}
	doc_set_int(tier, rate->column, pico);
	return NULL;
}

/* A tier from the options that begin with that of its input rate. */
static const struct err *price_tier(struct admin *admin, const struct option_row *options,
    int64_t above_tokens, struct doc *tiers)
{
	struct doc *tier = doc_push_object(tiers);
	int64_t input_pico = 0;
	const struct err *err = NULL;

	doc_set_int(tier, "above_tokens", above_tokens);
	for (size_t i = 0; err == NULL && i < ARRAY_LEN(rates); i++) {
		err = price_rate(admin, &options[rates[i].place], &rates[i], input_pico, tier);
		doc_int(tier, "input_pico", &input_pico);
	}
	return err;
}

/* The price, and above a length of the prompt another. */
static const struct err *price_tiers(struct admin *admin, const struct option_row *options,
    const char **json)
{
	struct arena *arena = admin->ctx.arena;
	struct buf *buf = buf_new(arena, TIERS_MAX);
	struct doc *tiers = doc_array(arena);
	int64_t above;
	const struct err *err = price_tier(admin, &options[PRICE_INPUT], 0, tiers);

	for (size_t i = PRICE_ABOVE_INPUT; err == NULL && i <= PRICE_ABOVE_CACHE_1H; i++)
		if (options[i].value != NULL && options[PRICE_ABOVE].value == NULL)
			err = option_error(admin, "--%s needs --above", options[i].name);
	if (err == NULL && options[PRICE_ABOVE].value != NULL) {
		if (!text_to_int(options[PRICE_ABOVE].value, 1, INT64_MAX, &above))
			return err_new(arena, ERR_INVALID, "--above: \"%s\" is not a number of "
			    "tokens", options[PRICE_ABOVE].value);
		err = price_tier(admin, &options[PRICE_ABOVE_INPUT], above, tiers);
	}
	doc_write(tiers, buf);
	*json = buf->data;
	return err;
}

/* A factor as thousandths; NULL: as it is now. */
static const struct err *price_factor(struct admin *admin, const struct option_row *option,
    const char **permille)
{
	int64_t value;

	*permille = NULL;
	if (option->value == NULL)
		return NULL;
	if (!money_scale(option->value, FACTOR_DECIMALS, &value) || value < 1 || value > 10000)
		return err_new(admin->ctx.arena, ERR_INVALID, "--%s: \"%s\" is not a factor from "
		    "0.001 to 10 with at most three decimals", option->name, option->value);
	*permille = db_int_param(admin->ctx.arena, value);
	return NULL;
}

static const struct err *price_store(struct admin *admin, const struct option_row *options,
    const char *account_id, const char *tiers)
{
	const char *source = options[PRICE_SOURCE].value;
	const char *batch, *us;
	struct db_rows *rows;
	const struct err *err = price_factor(admin, &options[PRICE_BATCH], &batch);

	if (err == NULL)
		err = price_factor(admin, &options[PRICE_US], &us);
	if (err != NULL)
		return err;
	err = admin_run(admin, &rows, SQL_ADMIN_PRICE_SET, account_id, options[PRICE_MODEL].value,
	    options[PRICE_FROM].value, options[PRICE_TO].value, batch, us,
	    source != NULL ? source : "operator", tiers);
	if (err != NULL && err->kind == ERR_INVALID)
		return err_new(admin->ctx.arena, ERR_INVALID, "--to must be later than "
		    "--from, and --batch times --us have three decimals at most");
	if (err == NULL)
		(void)printf("%s from %s\n", options[PRICE_MODEL].value,
		    db_text(rows, 0, "valid_from"));
	return err;
}

const struct err *admin_price_set(struct admin *admin)
{
	struct option_row options[PRICE_OPTIONS] = {
		[PRICE_MODEL] = {.name = "model"},
		[PRICE_INPUT] = {.name = "input"},
		[PRICE_OUTPUT] = {.name = "output"},
		[PRICE_CACHE_READ] = {.name = "cache-read"},
		[PRICE_CACHE_5M] = {.name = "cache-write-5m"},
		[PRICE_CACHE_1H] = {.name = "cache-write-1h"},
		[PRICE_ABOVE] = {.name = "above"},
		[PRICE_ABOVE_INPUT] = {.name = "above-input"},
		[PRICE_ABOVE_OUTPUT] = {.name = "above-output"},
		[PRICE_ABOVE_CACHE_READ] = {.name = "above-cache-read"},
		[PRICE_ABOVE_CACHE_5M] = {.name = "above-cache-write-5m"},
		[PRICE_ABOVE_CACHE_1H] = {.name = "above-cache-write-1h"},
		[PRICE_BATCH] = {.name = "batch"},
		[PRICE_US] = {.name = "us"},
		[PRICE_FROM] = {.name = "from"},
		[PRICE_TO] = {.name = "to"},
		[PRICE_ACCOUNT] = {.name = "account"},
		[PRICE_SOURCE] = {.name = "source"},
	};
	const char *account_id = NULL;
	const char *tiers = NULL;
	const struct err *err = option_read(admin, options, PRICE_OPTIONS, 0, 0);

	if (err == NULL && options[PRICE_MODEL].value == NULL)
		err = option_error(admin, "--model is needed");
	if (err == NULL)
		err = admin_day(admin, &options[PRICE_FROM]);
	if (err == NULL)
		err = admin_day(admin, &options[PRICE_TO]);
	if (err == NULL)
		err = price_tiers(admin, options, &tiers);
	if (err == NULL)
		err = admin_account_id(admin, options[PRICE_ACCOUNT].value, &account_id);
	return err != NULL ? err : price_store(admin, options, account_id, tiers);
}
