/* conf_row.c: finds the row of a setting, or the nearest one, and checks values against it. */
#include "base/conf_row.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"

#define NAME_MAX_BYTES 64 /* no name in the table is that long */

static int name_compare(const void *name, const void *row)
{
	return strcmp(name, ((const struct conf_setting *)row)->name);
}

const struct conf_setting *conf_row_find(const char *name)
{
	return bsearch(name, conf_settings, conf_setting_count, sizeof(conf_settings[0]),
	    name_compare);
}

/* Edits (add, drop, replace) that turn a into b: Levenshtein's distance, row by row. */
static size_t edit_distance(const char *a, const char *b)
{
	size_t costs[NAME_MAX_BYTES];
	size_t width = strlen(b);

	for (size_t j = 0; j <= width; j++)
		costs[j] = j;
	for (size_t i = 0; a[i] != '\0'; i++) {
		size_t diagonal = costs[0];

		costs[0] = i + 1;
		for (size_t j = 0; j < width; j++) {
			size_t replaced = diagonal + (a[i] != b[j]);
			size_t other = (costs[j] < costs[j + 1] ? costs[j] : costs[j + 1]) + 1;

			diagonal = costs[j + 1];
			costs[j + 1] = replaced < other ? replaced : other;
		}
	}
	return costs[width];
}

const char *conf_row_nearest(const char *name)
{
	const char *nearest = conf_settings[0].name;
	size_t least = SIZE_MAX;

	for (size_t i = 0; i < conf_setting_count; i++) {
		size_t distance = edit_distance(name, conf_settings[i].name);

		if (distance < least) {
			least = distance;
			nearest = conf_settings[i].name;
		}
	}
	return nearest;
}

static bool bool_from_text(const char *text, int64_t *out)
{
	static const char *const words[] = {"0", "1", "no", "yes", "false", "true", "off", "on"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcmp(text, words[i]) == 0) {
			*out = (int64_t)(i % 2);
			return true;
		}
	}
	return false;
}

static bool duration_from_text(struct arena *arena, const char *text, int64_t *ms)
{
	static const struct {
		const char *name;
		int64_t ms;
	} units[] = {{"", 1}, {"ms", 1}, {"s", 1000}, {"min", 60000}, {"h", 3600000}};
	size_t digits = strspn(text, "0123456789");

	if (!text_to_int(arena_strndup(arena, text, digits), 0, INT64_MAX, ms))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (strcmp(text + digits, units[i].name) == 0)
			return !__builtin_mul_overflow(*ms, units[i].ms, ms);
	}
	return false;
}

/* An http or https address with a host; no password in it, since addresses are shown. */
static bool url_is_valid(const char *text)
{
	const char *host = text_starts_with(text, "https://") ? text + 8 :
	    text_starts_with(text, "http://") ? text + 7 : NULL;

	return host != NULL && strcspn(host, "/?#") > 0 && strpbrk(text, " @\"<>\\") == NULL;
}

static const char *type_wants(enum conf_type type)
{
	static const char *const wants[] = {
		[CONF_TEXT] = "text of one line",
		[CONF_INT] = "a whole number",
		[CONF_BOOL] = "yes or no",
		[CONF_DURATION_MS] = "a duration such as 500ms, 30s, 5min or 1h",
		[CONF_PATH] = "a path",
		[CONF_URL] = "an http or https address without a password",
		[CONF_LEVEL] = "debug, info, warn or error",
	};

	return wants[type];
}

/* Whether the text is of the row's type; number gets its value where it has one. */
static bool value_parse(struct arena *arena, enum conf_type type, const char *text,
    int64_t *number)
{
	enum log_level level;

	if (!text_is_clean(text, strlen(text)) || strpbrk(text, "\r\n") != NULL)
		return false;
	switch (type) {
	case CONF_TEXT:
	case CONF_PATH:
		return true;
	case CONF_INT:
		return text_to_int(text, INT64_MIN, INT64_MAX, number);
	case CONF_BOOL:
		return bool_from_text(text, number);
	case CONF_DURATION_MS:
		return duration_from_text(arena, text, number);
	case CONF_URL:
		return url_is_valid(text);
	case CONF_LEVEL:
		return log_level_from_name(text, &level);
	}
	return false;
}

const struct err *conf_row_check(struct arena *arena, const struct conf_setting *row,
    const char *text, const char *source, int64_t *number)
{
	if (!value_parse(arena, row->type, text, number))
		return err_new(arena, ERR_INVALID, "%s (%s) must be %s.", row->name, source,
		    type_wants(row->type));
	if (row->max > 0 && (*number < row->min || *number > row->max))
		return err_new(arena, ERR_INVALID, "%s (%s) must be between %lld and %lld%s.",
		    row->name, source, (long long)row->min, (long long)row->max,
		    row->type == CONF_DURATION_MS ? " ms" : "");
	return NULL;
}
