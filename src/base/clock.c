/* clock.c: the two clocks and the ids made of time and chance. */
#include "base/clock.h"

#include <stdlib.h>
#include <time.h>

#include "base/token.h"

#define ID_RANDOM_DIGITS 6
#define ID_RANDOM_VALUES 2176782336u /* 36 to the power of ID_RANDOM_DIGITS */

static int64_t clock_read_ms(clockid_t id)
{
	struct timespec now;

	if (clock_gettime(id, &now) != 0)
		abort();
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_ms(void)
{
	return clock_read_ms(CLOCK_BOOTTIME);
}

int64_t clock_wall_ms(void)
{
	return clock_read_ms(CLOCK_REALTIME);
}

bool clock_http_date(const char *text, int64_t *ms)
{
	struct tm date = {0};
	const char *rest = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &date);

	if (rest == NULL || *rest != '\0')
		return false;
	*ms = (int64_t)timegm(&date) * 1000;
	return true;
}

/* Writes value in base 36 in front of end, at least min_digits of them; returns its start. */
static char *base36_before(char *end, uint64_t value, int min_digits)
{
	for (; value > 0 || min_digits > 0; min_digits--) {
		*--end = "0123456789abcdefghijklmnopqrstuvwxyz"[value % 36];
		value /= 36;
	}
	return end;
}

const char *clock_id(struct arena *arena, const char *prefix)
{
	char digits[32] = "";
	char *start = digits + sizeof(digits) - 1;
	uint64_t chance;

	/* 64 bits are so many that the remainder favours no digit noticeably. */
	token_random(&chance, sizeof(chance));
	start = base36_before(start, chance % ID_RANDOM_VALUES, ID_RANDOM_DIGITS);
	start = base36_before(start, (uint64_t)clock_wall_ms(), 1);
	return arena_printf(arena, "%s_%s", prefix, start);
}
