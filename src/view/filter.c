/* filter.c: how values look to a reader: money, counts, times, links. No floating point. */
#include "view/filter.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"
#include "base/money.h"
#include "base/text.h"

#define NANO 1000000000
#define MINUTE_S 60
#define HOUR_S (60 * MINUTE_S)
#define DAY_S (24 * HOUR_S)

static int64_t fixed_wall_ms;
static int64_t changes_s = INT64_MAX / 1000; /* when the first text of ago() changes */

void filter_use_time(int64_t wall_ms)
{
	fixed_wall_ms = wall_ms;
}

/* 1204567 as "1,204,567"; number is not negative. */
static const char *grouped(struct arena *arena, int64_t number)
{
	char digits[32];
	char text[48];
	size_t to = 0;
	size_t len = (size_t)snprintf(digits, sizeof(digits), "%lld", (long long)number);

	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			text[to++] = ',';
		text[to++] = digits[i];
	}
	return arena_strndup(arena, text, to);
}

/* Rounds half up; what costs something never looks like nothing. */
static const char *usd(struct arena *arena, const char *value, int decimals)
{
	int64_t step = NANO;
	int64_t nano;
	int64_t units;
	const char *sign = value[0] == '-' ? "-" : "";

	if (!money_from_text(value + strlen(sign), &nano))
		return value;
	for (int i = 0; i < decimals; i++)
		step /= 10;
	if (nano > 0 && nano < step)
		return arena_printf(arena, "%s< $0.%0*d", sign, decimals, 1);
	units = nano / step + (nano % step >= step / 2 && step > 1 ? 1 : 0);
	return arena_printf(arena, "%s$%s.%0*lld", sign, grouped(arena, units / (NANO / step)),
	    decimals, (long long)(units % (NANO / step)));
}

static const char *filter_usd2(struct arena *arena, const char *value)
{
	return usd(arena, value, 2);
}

static const char *filter_usd4(struct arena *arena, const char *value)
{
	return usd(arena, value, 4);
}

static const char *filter_usd6(struct arena *arena, const char *value)
{
	return usd(arena, value, 6);
}

static const char *filter_count_text(struct arena *arena, const char *value)
{
	int64_t number;

	return text_to_int(value, 0, INT64_MAX, &number) ? grouped(arena, number) : value;
}

/* Millions and more in short: "18.9 M"; the exact value belongs into a title. */
static const char *filter_tokens(struct arena *arena, const char *value)
{
	int64_t number;
	int64_t unit = 1000000;
	const char *letter = "M";

	if (!text_to_int(value, 0, INT64_MAX - 1, &number))
		return value;
	if (number < unit)
		return grouped(arena, number);
	if (number >= 1000 * unit) {
		unit *= 1000;
		letter = "G";
	}
	return arena_printf(arena, "%s.%lld %s", grouped(arena, number / unit),
	    (long long)(number % unit / (unit / 10)), letter);
}

/* Milliseconds: "850 ms", "12.4 s", "3 min 05 s", "1 h 12 min". */
static const char *filter_duration(struct arena *arena, const char *value)
{
	int64_t ms;
	int64_t s;

	if (!text_to_int(value, 0, INT64_MAX, &ms))
		return value;
	s = ms / 1000;
	if (ms < 1000)
		return arena_printf(arena, "%lld ms", (long long)ms);
	if (s < MINUTE_S)
		return arena_printf(arena, "%lld.%lld s", (long long)s,
		    (long long)(ms % 1000 / 100));
	if (s < HOUR_S)
		return arena_printf(arena, "%lld min %02lld s", (long long)(s / MINUTE_S),
		    (long long)(s % MINUTE_S));
	return arena_printf(arena, "%lld h %02lld min", (long long)(s / HOUR_S),
	    (long long)(s % HOUR_S / MINUTE_S));
}

/* A decimal number of percents to the nearest whole one. */
static const char *filter_percent(struct arena *arena, const char *value)
{
	int64_t nano;

	if (!money_from_text(value, &nano) || nano < 0)
		return value;
	if (nano > 0 && nano < NANO / 2)
		return "< 1 %";
	return arena_printf(arena, "%s %%", grouped(arena, (nano + NANO / 2) / NANO));
}

/* "2026-11-22T12:02:11.5Z" or "2026-11-22" into seconds since 1970. */
static bool time_read(const char *value, struct tm *tm, int64_t *seconds)
{
	const char *rest;

	memset(tm, 0, sizeof(*tm));
	rest = strptime(value, "%Y-%m-%d", tm);
	if (rest != NULL && *rest == 'T')
		rest = strptime(rest, "T%H:%M:%S", tm);
	if (rest == NULL || strlen(value) < 10)
		return false;
	*seconds = timegm(tm);
	return true;
}

static const char *day_write(struct arena *arena, const struct tm *tm)
{
	char text[32];

	strftime(text, sizeof(text), "%d %b %Y", tm);
	return arena_strdup(arena, text + (text[0] == '0' ? 1 : 0));
}

static const char *filter_date(struct arena *arena, const char *value)
{
	struct tm tm;
	int64_t seconds;

	return time_read(value, &tm, &seconds) ? day_write(arena, &tm) : value;
}

static const char *filter_moment(struct arena *arena, const char *value)
{
	struct tm tm;
	int64_t seconds;

	if (!time_read(value, &tm, &seconds))
		return value;
	return arena_printf(arena, "%s, %02d:%02d:%02d UTC", day_write(arena, &tm), tm.tm_hour,
	    tm.tm_min, tm.tm_sec);
}

void filter_watch(void)
{
	changes_s = INT64_MAX / 1000;
}

int64_t filter_changes_ms(void)
{
	return changes_s == INT64_MAX / 1000 ? INT64_MAX : changes_s * 1000;
}

static void changes_at(int64_t seconds)
{
	if (seconds < changes_s)
		changes_s = seconds;
}

/* Of a time up to a week ago: until it has one more of the unit it is told in. */
static void ago_changes(int64_t then, int64_t age_s)
{
	int64_t unit_s = age_s < HOUR_S ? MINUTE_S : age_s < DAY_S ? HOUR_S : DAY_S;

	changes_at(then + (age_s / unit_s + 1) * unit_s);
}

/* How long ago, up to a week; then the date. A minute ahead still is now. */
static const char *filter_ago(struct arena *arena, const char *value)
{
	struct tm tm;
	int64_t then;
	int64_t age_s;

	if (!time_read(value, &tm, &then))
		return value;
	age_s = (fixed_wall_ms != 0 ? fixed_wall_ms : clock_wall_ms()) / 1000 - then;
	if (age_s <= -MINUTE_S)
		changes_at(then - MINUTE_S + 1);
	else if (age_s < 7 * DAY_S)
		ago_changes(then, age_s);
	if (age_s <= -MINUTE_S || age_s >= 7 * DAY_S)
		return day_write(arena, &tm);
	if (age_s < MINUTE_S)
		return "just now";
	if (age_s < HOUR_S)
		return arena_printf(arena, "%lld min ago", (long long)(age_s / MINUTE_S));
	if (age_s < DAY_S)
		return arena_printf(arena, "%lld h ago", (long long)(age_s / HOUR_S));
	return age_s < 2 * DAY_S ? "yesterday" :
	    arena_printf(arena, "%lld days ago", (long long)(age_s / DAY_S));
}

/* An address that may stand in href and src: http, https, or a path of ours; else "#". */
static const char *filter_link(struct arena *arena, const char *value)
{
	bool is_web = strncasecmp(value, "https://", 8) == 0 ||
	    strncasecmp(value, "http://", 7) == 0;
	bool is_local = (value[0] == '/' && value[1] != '/') || value[0] == '?' || value[0] == '#';

	if (!is_web && !is_local)
		return "#";
	for (const char *c = value; *c != '\0'; c++) {
		if ((unsigned char)*c <= 0x20 || *c == 0x7f || *c == '\\')
			return "#";
	}
	return value;
}

/* As the value of a query: "a b&c" as "a%20b%26c". */
static const char *filter_encoded(struct arena *arena, const char *value)
{
	struct buf *text = buf_new(arena, 3 * strlen(value) + 1);

	text_url_encode(text, value);
	return text->data;
}

static const char *filter_lower(struct arena *arena, const char *value)
{
	char *copy = arena_strdup(arena, value);

	for (char *c = copy; *c != '\0'; c++)
		*c = (char)(*c >= 'A' && *c <= 'Z' ? *c + ('a' - 'A') : *c);
	return copy;
}

const struct filter_name filters[] = {
	{"ago", filter_ago},
	{"count", filter_count_text},
	{"date", filter_date},
	{"duration", filter_duration},
	{"encoded", filter_encoded},
	{"link", filter_link},
	{"lower", filter_lower},
	{"moment", filter_moment},
	{"percent", filter_percent},
	{"tokens", filter_tokens},
	{"usd2", filter_usd2},
	{"usd4", filter_usd4},
	{"usd6", filter_usd6},
};

const size_t filter_count = ARRAY_LEN(filters);
