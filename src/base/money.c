/* money.c: one exact sum, one rounding; and decimal text read and written digit by digit. */
#include "base/money.h"

#include <inttypes.h>

#define PICO_PER_NANO 1000
#define NANO_PER_USD 1000000000
#define NANO_DECIMALS 9
#define RATE_DECIMALS 6

/* Adds count * rate to the sum; false when a factor is negative. Five products of 63-bit
 * factors, two of which share one 63-bit count, stay below 2^128. */
static bool sum_add(unsigned __int128 *sum, int64_t count, int64_t rate)
{
	if (count < 0 || rate < 0)
		return false;
	*sum += (unsigned __int128)count * (uint64_t)rate;
	return true;
}

bool money_cost(const struct money_usage *usage, const struct money_rates *rates, int64_t *nano)
{
	unsigned __int128 pico = 0;
	unsigned __int128 whole;
	unsigned rest;

	if (usage->cache_write < 0 || usage->cache_write_1h < 0)
		return false;
	if (!sum_add(&pico, usage->input, rates->input) ||
	    !sum_add(&pico, usage->output, rates->output) ||
	    !sum_add(&pico, usage->cache_read, rates->cache_read) ||
	    !sum_add(&pico, usage->cache_write - usage->cache_write_1h, rates->cache_write_5m) ||
	    !sum_add(&pico, usage->cache_write_1h, rates->cache_write_1h))
		return false;
	whole = pico / PICO_PER_NANO;
	rest = (unsigned)(pico % PICO_PER_NANO);
	if (rest > PICO_PER_NANO / 2 || (rest == PICO_PER_NANO / 2 && whole % 2 == 1))
		whole++;
	if (whole > INT64_MAX)
		return false;
	*nano = (int64_t)whole;
	return true;
}

const char *money_text(struct arena *arena, int64_t nano)
{
	/* Negated as unsigned: INT64_MIN has no positive twin. */
	uint64_t size = nano < 0 ? -(uint64_t)nano : (uint64_t)nano;

	return arena_printf(arena, "%s%" PRIu64 ".%09" PRIu64, nano < 0 ? "-" : "",
	    size / NANO_PER_USD, size % NANO_PER_USD);
}

static bool digit_add(uint64_t *value, unsigned digit)
{
	return !__builtin_mul_overflow(*value, 10, value) &&
	    !__builtin_add_overflow(*value, digit, value);
}

/* Reads digits up to the first other character; false: none, too many or too large. */
static bool digits_read(const char **text, int max, uint64_t *value, int *count)
{
	for (*count = 0; **text >= '0' && **text <= '9'; ++*text) {
		if (++*count > max || !digit_add(value, (unsigned)(**text - '0')))
			return false;
	}
	return *count > 0;
}

/* The whole text, "12" or "12.34", as an integer of 10^-decimals; no sign, no exponent. */
static bool decimal_read(const char *text, int decimals, uint64_t *value)
{
	int count;

	*value = 0;
	if (!digits_read(&text, 20, value, &count))
		return false;
	count = 0;
	if (*text == '.') {
		text++;
		if (!digits_read(&text, decimals, value, &count))
			return false;
	}
	for (; count < decimals; count++) {
		if (!digit_add(value, 0))
			return false;
	}
	return *text == '\0';
}

bool money_rate_from_text(const char *usd_per_million, int64_t *pico)
{
	uint64_t value;

	if (usd_per_million == NULL || !decimal_read(usd_per_million, RATE_DECIMALS, &value) ||
	    value > INT64_MAX)
		return false;
	*pico = (int64_t)value;
	return true;
}

bool money_from_text(const char *usd, int64_t *nano)
{
	bool negative = usd != NULL && usd[0] == '-';
	uint64_t value;

	if (usd == NULL || !decimal_read(usd + negative, NANO_DECIMALS, &value) ||
	    value > (uint64_t)INT64_MAX + negative)
		return false;
	*nano = (int64_t)(negative ? -value : value);
	return true;
}
