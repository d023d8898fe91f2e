/* quota.c: reads rate-limit headers. */
#include "run/quota.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"

#define VALUE_MAX 64
#define LIMIT_MAX INT64_C(1000000000)
/* A date has whole seconds and was written a moment ago. */
#define CLOCKS_AGREE_MS 3000

enum part { PART_LIMIT, PART_REMAINING, PART_RESET, PART_DATE };

static const struct {
	const char *name;
	enum gate_limit limit;
	enum part part;
} headers[] = {
	{"anthropic-ratelimit-requests-limit:", GATE_REQUESTS, PART_LIMIT},
	{"anthropic-ratelimit-requests-remaining:", GATE_REQUESTS, PART_REMAINING},
	{"anthropic-ratelimit-requests-reset:", GATE_REQUESTS, PART_RESET},
	{"anthropic-ratelimit-input-tokens-limit:", GATE_INPUT, PART_LIMIT},
	{"anthropic-ratelimit-input-tokens-remaining:", GATE_INPUT, PART_REMAINING},
	{"anthropic-ratelimit-input-tokens-reset:", GATE_INPUT, PART_RESET},
	{"anthropic-ratelimit-output-tokens-limit:", GATE_OUTPUT, PART_LIMIT},
	{"anthropic-ratelimit-output-tokens-remaining:", GATE_OUTPUT, PART_REMAINING},
	{"anthropic-ratelimit-output-tokens-reset:", GATE_OUTPUT, PART_RESET},
	{"date:", GATE_REQUESTS, PART_DATE},
};

/* Milliseconds since 1970 of an instant of RFC 3339; 0: it is none. */
static int64_t instant_ms(const char *text)
{
	struct tm tm = {0};
	int64_t ms = 0, scale = 100;
	if (!text_is_instant(text))
		return 0;
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	if (!rest)
		return 0;
	if (*rest == '.') {
		for (rest++; *rest >= '0' && *rest <= '9'; rest++, scale /= 10)
			ms += (*rest - '0') * scale;
	}
	if (*rest == '+' || *rest == '-') {
		int64_t minutes = ((rest[1] - '0') * 10 + rest[2] - '0') * 60
		    + (rest[4] - '0') * 10 + rest[5] - '0';
		ms -= (*rest == '+' ? minutes : -minutes) * 60000;
	}
	return (int64_t)timegm(&tm) * 1000 + ms;
}

static void take(struct quota *quota, size_t row, const char *value)
{
	struct gate_quota *limit = &quota->limits[headers[row].limit];
	switch (headers[row].part) {
	case PART_LIMIT:
		if (!text_to_int(value, 1, LIMIT_MAX, &limit->limit))
			limit->limit = 0;
		break;
	case PART_REMAINING:
		quota->has_remaining[headers[row].limit] =
		    text_to_int(value, 0, LIMIT_MAX, &limit->remaining);
		break;
	case PART_RESET:
		quota->reset_ms[headers[row].limit] = instant_ms(value);
		break;
	default:
		if (!clock_http_date(value, &quota->date_ms))
			quota->date_ms = 0;
		break;
	}
}

void quota_header(struct quota *quota, const char *line, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
		size_t name_len = strlen(headers[i].name);
		char value[VALUE_MAX];
		if (len <= name_len || strncasecmp(line, headers[i].name, name_len) != 0)
			continue;
		const char *begin = line + name_len, *end = line + len;
		while (begin < end && *begin == ' ')
			begin++;
		while (end > begin && (end[-1] == ' ' || end[-1] == '\r' || end[-1] == '\n'))
			end--;
		if ((size_t)(end - begin) < sizeof(value)) {
			(void)snprintf(value, sizeof(value), "%.*s", (int)(end - begin), begin);
			take(quota, i, value);
		}
		return;
	}
}

void quota_finish(struct quota *quota, int64_t wall_ms)
{
	int64_t apart_ms = quota->date_ms - wall_ms;
	if (quota->date_ms > 0 && (apart_ms > CLOCKS_AGREE_MS || apart_ms < -CLOCKS_AGREE_MS))
		wall_ms = quota->date_ms;
	for (int i = 0; i < GATE_LIMIT_COUNT; i++) {
		struct gate_quota *limit = &quota->limits[i];
		if (!quota->has_remaining[i] || limit->remaining > limit->limit)
			limit->limit = 0; /* it cannot be true */
		limit->full_ms = quota->reset_ms[i] > wall_ms ? quota->reset_ms[i] - wall_ms : 0;
	}
}
