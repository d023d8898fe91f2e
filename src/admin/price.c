/* price.c: prices list and prices set: rates are USD per million tokens as exact decimal text. */
#include "base/money.h"

#include <stdio.h>

#include "admin/admin.h"

enum price_option {
	PRICE_MODEL, PRICE_INPUT, PRICE_OUTPUT, PRICE_CACHE_READ, PRICE_CACHE_5M, PRICE_CACHE_1H,
	PRICE_FROM, PRICE_ACCOUNT, PRICE_SOURCE, PRICE_OPTIONS
};

const struct err *admin_price_list(struct admin *admin)
{
	static const char *const columns[] = {"model", "account", "valid_from", "valid_to",
	    "input>", "output>", "cache_read>", "cache_write_5m>", "cache_write_1h>", "source"};
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

/* A rate: its option, and what part of the input rate it is without one. */
struct rate {
	enum price_option option;
	int64_t times, per;
	int64_t *pico;
};

/* The rate an option gives, or else the part of the input rate, which must come out whole. */
static const struct err *price_rate(struct admin *admin, const struct option_row *option,
    const struct rate *rate, int64_t input_pico)
{
	int64_t product;

	if (option->value != NULL) {
		if (money_rate_from_text(option->value, rate->pico))
			return NULL;
		return err_new(admin->ctx.arena, ERR_INVALID, "--%s: \"%s\" is not USD per million "
		    "tokens: a decimal number, not negative, at most six decimals",
		    option->name, option->value);
	}
	if (__builtin_mul_overflow(input_pico, rate->times, &product) || product % rate->per != 0)
		return err_new(admin->ctx.arena, ERR_INVALID, "--%s cannot be derived exactly from "
		    "--input: give it", option->name);
	*rate->pico = product / rate->per;
	return NULL;
}

/* All five rates; the cache rates have the provider's usual relation to the input rate. */
static const struct err *price_rates(struct admin *admin, const struct option_row *options,
    struct money_rates *rates)
{
	const struct rate rows[] = {
		{PRICE_INPUT, 1, 1, &rates->input},
		{PRICE_OUTPUT, 1, 1, &rates->output},
		{PRICE_CACHE_READ, 1, 10, &rates->cache_read},
		{PRICE_CACHE_5M, 5, 4, &rates->cache_write_5m},
		{PRICE_CACHE_1H, 2, 1, &rates->cache_write_1h},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct err *err = price_rate(admin, &options[rows[i].option], &rows[i],
		    rates->input);

		if (err != NULL)
			return err;
	}
	return NULL;
}

static const struct err *price_store(struct admin *admin, const struct option_row *options,
    const char *account_id, const struct money_rates *rates)
{
	struct arena *arena = admin->ctx.arena;
	const char *source = options[PRICE_SOURCE].value;
	struct db_rows *rows;
	const struct err *err = admin_run(admin, &rows, SQL_ADMIN_PRICE_SET, account_id,
	    options[PRICE_MODEL].value, options[PRICE_FROM].value,
	    db_int_param(arena, rates->input), db_int_param(arena, rates->output),
	    db_int_param(arena, rates->cache_read),
	    db_int_param(arena, rates->cache_write_5m), db_int_param(arena, rates->cache_write_1h),
	    source != NULL ? source : "operator");

	if (err != NULL && err->kind == ERR_INVALID)
		return err_new(arena, ERR_INVALID, "--from: \"%s\" is not a day, YYYY-MM-DD",
		    options[PRICE_FROM].value);
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
		[PRICE_FROM] = {.name = "from"},
		[PRICE_ACCOUNT] = {.name = "account"},
		[PRICE_SOURCE] = {.name = "source"},
	};
	struct money_rates rates;
	const char *account_id = NULL;
	const struct err *err = option_read(admin, options, PRICE_OPTIONS, 0, 0);

	for (size_t i = PRICE_MODEL; err == NULL && i <= PRICE_OUTPUT; i++)
		if (options[i].value == NULL)
			err = option_error(admin, "--%s is needed", options[i].name);
	if (err == NULL)
		err = price_rates(admin, options, &rates);
	if (err == NULL && options[PRICE_ACCOUNT].value != NULL)
		err = admin_account_id(admin, options[PRICE_ACCOUNT].value, &account_id);
	return err != NULL ? err : price_store(admin, options, account_id, &rates);
}
