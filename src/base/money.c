/* money.c: one exact sum, one rounding; and decimal text read and written digit by digit.
 *
 * sql/migrations/0007_prices.sql (price_line) does the same sum for lines that are booked. */
#include "base/money.h"

#include <inttypes.h>
#include <string.h>

#define NANO_PER_USD 1000000000
#define NANO_DECIMALS 9
#define RATE_DECIMALS 6
#define PICO_DECIMALS 12
#define EXACT_DECIMALS 15 /* pico-USD times permille */
#define EXACT_PER_NANO 1000000

/* Five products of 63-bit factors, two of which share one 63-bit count, stay below 2^128. */
struct sum {
	int64_t tokens[MONEY_BUCKETS];
	int64_t rate[MONEY_BUCKETS];
	unsigned __int128 product[MONEY_BUCKETS];
	unsigned __int128 pico;
	unsigned __int128 exact;
};

static bool sum_add(struct sum *sum, enum money_bucket bucket, int64_t tokens, int64_t rate)
{
	sum->tokens[bucket] = tokens;
	sum->rate[bucket] = rate;
	if (rate == MONEY_NO_RATE)
		return tokens >= 0;
	if (tokens < 0 || rate < 0)
		return false;
	sum->product[bucket] = (unsigned __int128)tokens * (uint64_t)rate;
	sum->pico += sum->product[bucket];
	return true;
}

static bool sum_make(struct sum *sum, const struct money_usage *usage,
    const struct money_rates *rates, int64_t permille)
{
	*sum = (struct sum){.pico = 0};
	if (usage->cache_write < 0 || usage->cache_write_1h < 0 || permille < 0)
		return false;
	return sum_add(sum, MONEY_INPUT, usage->input, rates->input) &&
	    sum_add(sum, MONEY_CACHE_READ, usage->cache_read, rates->cache_read) &&
	    sum_add(sum, MONEY_CACHE_WRITE_5M, usage->cache_write - usage->cache_write_1h,
	    rates->cache_write_5m) &&
	    sum_add(sum, MONEY_CACHE_WRITE_1H, usage->cache_write_1h, rates->cache_write_1h) &&
	    sum_add(sum, MONEY_OUTPUT, usage->output, rates->output) &&
	    !__builtin_mul_overflow(sum->pico, (unsigned __int128)permille, &sum->exact);
}

static bool sum_round(const struct sum *sum, int64_t *nano)
{
	unsigned __int128 whole = sum->exact / EXACT_PER_NANO;
	unsigned rest = (unsigned)(sum->exact % EXACT_PER_NANO);

	if (rest > EXACT_PER_NANO / 2 || (rest == EXACT_PER_NANO / 2 && whole % 2 == 1))
		whole++;
	if (whole > INT64_MAX)
		return false;
	*nano = (int64_t)whole;
	return true;
}

bool money_cost(const struct money_usage *usage, const struct money_rates *rates,
    int64_t permille, int64_t *nano)
{
	struct sum sum;

	return sum_make(&sum, usage, rates, permille) && sum_round(&sum, nano);
}

/* value / 10^decimals, written from its last digit to its first. */
static const char *exact_text(struct arena *arena, unsigned __int128 value, int decimals)
{
	char text[48]; /* 39 digits, a point, NUL */
	char *at = text + sizeof(text);

	*--at = '\0';
	for (int i = 0; i <= decimals || value > 0; i++, value /= 10) {
		unsigned digit = (unsigned)(value % 10);

		if (i == decimals && *at != '\0')
			*--at = '.';
		if (i >= decimals || digit > 0 || *at != '\0')
			*--at = (char)('0' + digit);
	}
	return arena_strdup(arena, at);
}

const char *money_decimal(struct arena *arena, int64_t value, int decimals)
{
	return exact_text(arena, (unsigned __int128)value, decimals);
}

bool money_explain(struct arena *arena, const struct money_usage *usage,
    const struct money_rates *rates, int64_t permille, struct money_sum *out)
{
	struct sum sum;

	*out = (struct money_sum){.nano = 0};
	if (!sum_make(&sum, usage, rates, permille) || !sum_round(&sum, &out->nano))
		return false;
	for (int i = 0; i < MONEY_BUCKETS; i++) {
		out->part[i].tokens = sum.tokens[i];
		out->part[i].rate = sum.rate[i];
		if (sum.rate[i] != MONEY_NO_RATE)
			out->part[i].product = exact_text(arena, sum.product[i], PICO_DECIMALS);
	}
	out->sum = exact_text(arena, sum.pico, PICO_DECIMALS);
	out->exact = exact_text(arena, sum.exact, EXACT_DECIMALS);
	return true;
}

const char *money_text(struct arena *arena, int64_t nano)
{
	/* Negated as unsigned: INT64_MIN has no positive twin. */
	uint64_t size = nano < 0 ? -(uint64_t)nano : (uint64_t)nano;

	return arena_printf(arena, "%s%" PRIu64 ".%09" PRIu64, nano < 0 ? "-" : "",
	    size / NANO_PER_USD, size % NANO_PER_USD);
}

const char *money_short(struct arena *arena, int64_t nano)
{
	int64_t step = NANO_PER_USD / 10000;
	char *text;
	size_t len;

	if (nano >= NANO_PER_USD / 100 && nano <= INT64_MAX - step)
		nano = (nano + step / 2) / step * step;
	text = arena_strdup(arena, money_text(arena, nano));
	len = strlen(text);
	while (text[len - 1] == '0' && text[len - 3] != '.')
		text[--len] = '\0';
	return text;
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

/* What the text has of digits before and after its point, and its exponent. */
struct number {
	char digits[80];
	size_t count;
	int64_t exponent; /* of the last digit */
};

static bool number_digits(const char **text, struct number *number)
{
	const char *first = *text;

	for (; **text >= '0' && **text <= '9'; ++*text) {
		if (number->count + 1 == sizeof(number->digits))
			return false;
		number->digits[number->count++] = **text;
	}
	return *text > first;
}

static bool number_read(const char *text, struct number *number)
{
	*number = (struct number){.count = 0};
	if (!number_digits(&text, number))
		return false;
	if (*text == '.') {
		const char *point = text++;

		if (!number_digits(&text, number))
			return false;
		number->exponent = point + 1 - text;
	}
	if (*text == 'e' || *text == 'E') {
		bool is_negative = text[1] == '-';
		uint64_t size = 0;
		int count;

		text += 1 + (is_negative || text[1] == '+');
		if (!digits_read(&text, 4, &size, &count))
			return false;
		number->exponent += is_negative ? -(int64_t)size : (int64_t)size;
	}
	return *text == '\0';
}

bool money_scale(const char *text, int shift, int64_t *value)
{
	struct number number;
	uint64_t whole = 0;

	if (text == NULL || !number_read(text, &number))
		return false;
	number.exponent += shift;
	for (; number.exponent < 0 && number.count > 0; number.exponent++) {
		if (number.digits[--number.count] != '0')
			return false;
	}
	for (size_t i = 0; i < number.count; i++) {
		if (!digit_add(&whole, (unsigned)(number.digits[i] - '0')))
			return false;
	}
	for (; number.exponent > 0 && whole > 0; number.exponent--) {
		if (!digit_add(&whole, 0))
			return false;
	}
	if (whole > INT64_MAX)
		return false;
	*value = (int64_t)whole;
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
