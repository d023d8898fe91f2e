/* form.c: what people and programs send: every field is checked. */
#include "web/frame.h"

#include <string.h>

#include "base/money.h"
#include "base/text.h"

#define LINE_CHARS_MAX 2000
#define INTS_MAX 10
#define USD_MAX_NANO (INT64_C(9000000000) * 1000000000)

/* One check of a set of fields: where it reads, where it writes, what it found. */
struct reading {
	struct arena *arena;
	const struct doc *source;
	const char *prefix;
	struct doc *values;
	struct err_field *problems;
	struct err_field **last;
	size_t count;
};

static void complain(struct reading *reading, const char *name, const char *sentence)
{
	struct err_field *problem = arena_alloc(reading->arena, sizeof(*problem));

	problem->name = reading->prefix == NULL ? name :
	    arena_printf(reading->arena, "%s%s", reading->prefix, name);
	problem->sentence = sentence;
	*reading->last = problem;
	reading->last = &problem->next;
	reading->count++;
}

/* Browsers end lines with CR LF; what is stored has LF. */
static const char *text_lines(struct arena *arena, const char *text)
{
	char *copy = arena_strdup(arena, text);
	char *to = copy;

	for (const char *from = copy; *from != '\0'; from++) {
		if (*from == '\r' && from[1] == '\n')
			continue;
		*to++ = *from;
	}
	*to = '\0';
	return copy;
}

/* The field's text as it was sent; NULL when it is absent or wrong (and then complained of). */
static const char *field_sent(struct reading *reading, const struct field *field,
    const struct doc *value)
{
	struct arena *arena = reading->arena;
	const char *text;

	if (doc_type(value) == DOC_ARRAY && reading->prefix == NULL) {
		complain(reading, field->name, arena_printf(arena, "%s is there more than once.",
		    field->label));
		return NULL;
	}
	if (doc_type(value) != DOC_TEXT) {
		complain(reading, field->name, arena_printf(arena, "%s must be a text.",
		    field->label));
		return NULL;
	}
	text = doc_scalar(value);
	if (!text_is_clean(text, strlen(text))) {
		complain(reading, field->name, arena_printf(arena,
		    "%s has characters that are not allowed.", field->label));
		return NULL;
	}
	return text;
}

/* The field's text, trimmed; NULL when it is absent, empty or wrong (and then complained of). */
static const char *field_text(struct reading *reading, const struct field *field,
    const struct doc *value)
{
	const char *text = field_sent(reading, field, value);

	if (text == NULL)
		return NULL;
	text = text_trim(reading->arena, text_lines(reading->arena, text));
	return *text == '\0' ? NULL : text;
}

static bool read_exact(struct reading *reading, const struct field *field,
    const struct doc *value)
{
	const char *text = field_sent(reading, field, value);
	int64_t bytes;

	if (text == NULL || *text_trim(reading->arena, text) == '\0')
		return false;
	if (reading->prefix == NULL)
		text = text_lines(reading->arena, text);
	bytes = (int64_t)strlen(text);
	if (bytes > field->max)
		complain(reading, field->name, arena_printf(reading->arena,
		    "%s may have at most %lld bytes; there are %lld.", field->label,
		    (long long)field->max, (long long)bytes));
	else
		doc_set_text(reading->values, field->name, text);
	return true;
}

static bool read_text(struct reading *reading, const struct field *field, const struct doc *value)
{
	const char *text = field_text(reading, field, value);
	int64_t length;

	if (text == NULL)
		return false;
	length = (int64_t)text_length(text);
	if (length < field->min)
		complain(reading, field->name, arena_printf(reading->arena,
		    "%s needs at least %lld characters.", field->label, (long long)field->min));
	else if (field->max > 0 && length > field->max)
		complain(reading, field->name, arena_printf(reading->arena,
		    "%s may have at most %lld characters; there are %lld.", field->label,
		    (long long)field->max, (long long)length));
	else
		doc_set_text(reading->values, field->name, text);
	return true;
}

static bool read_int(struct reading *reading, const struct field *field, const struct doc *value)
{
	const char *text = doc_type(value) == DOC_INT ? doc_scalar(value) :
	    field_text(reading, field, value);
	int64_t number;

	if (text == NULL)
		return false;
	if (text_to_int(text, field->min, field->max, &number))
		doc_set_int(reading->values, field->name, number);
	else
		complain(reading, field->name, arena_printf(reading->arena,
		    "%s must be a whole number from %lld to %lld.", field->label,
		    (long long)field->min, (long long)field->max));
	return true;
}

/* One integer of several; false: it is none. */
static bool ints_push(const struct field *field, const char *text, struct doc *numbers)
{
	int64_t number;

	if (text == NULL || doc_count(numbers) == INTS_MAX ||
	    !text_to_int(text, field->min, field->max, &number))
		return false;
	doc_push_int(numbers, number);
	return true;
}

/* "50, 80" */
static bool ints_split(struct reading *reading, const struct field *field, const char *text,
    struct doc *numbers)
{
	bool is_good = true;

	while (text != NULL && *text != '\0' && is_good) {
		size_t len = strcspn(text, ",");

		is_good = ints_push(field, text_trim(reading->arena,
		    arena_strndup(reading->arena, text, len)), numbers);
		text += len + (text[len] == ',' ? 1 : 0);
	}
	return is_good;
}

static bool read_ints(struct reading *reading, const struct field *field, const struct doc *value)
{
	struct doc *numbers = doc_array(reading->arena);
	const char *text = NULL;
	bool is_good = true;

	if (doc_type(value) != DOC_ARRAY)
		text = field_text(reading, field, value);
	if (doc_type(value) != DOC_ARRAY && text == NULL)
		return false;
	for (size_t i = 0; text == NULL && is_good && i < doc_count(value); i++)
		is_good = ints_push(field, doc_scalar(doc_at(value, i)), numbers);
	if (!is_good || !ints_split(reading, field, text, numbers))
		complain(reading, field->name, arena_printf(reading->arena,
		    "%s must be at most %d whole numbers from %lld to %lld.", field->label,
		    INTS_MAX, (long long)field->min, (long long)field->max));
	else
		doc_set(reading->values, field->name, numbers);
	return true;
}

/* An exact amount, as text or as a JSON number. */
static bool read_usd(struct reading *reading, const struct field *field, const struct doc *value)
{
	bool is_number = doc_type(value) == DOC_INT || doc_type(value) == DOC_NUMBER;
	const char *text = is_number ? doc_scalar(value) : field_text(reading, field, value);
	int64_t nano;

	if (text == NULL)
		return false;
	if (money_from_text(text, &nano) && nano >= field->min && nano <= USD_MAX_NANO)
		doc_set_text(reading->values, field->name, text);
	else
		complain(reading, field->name, arena_printf(reading->arena,
		    "%s must be an amount in USD such as 25 or 0.50%s.", field->label,
		    field->min > 0 ? ", more than nothing" : ""));
	return true;
}

static bool read_choice(struct reading *reading, const struct field *field,
    const struct doc *value)
{
	const char *text = field_text(reading, field, value);
	struct buf *list;

	if (text == NULL)
		return false;
	list = buf_new(reading->arena, 4096);
	for (const char *const *choice = field->choices; *choice != NULL; choice++) {
		if (text_equal(text, *choice)) {
			doc_set_text(reading->values, field->name, text);
			return true;
		}
		buf_printf(list, "%s%s", list->len > 0 ? ", " : "", *choice);
	}
	complain(reading, field->name, arena_printf(reading->arena, "%s must be one of: %s.",
	    field->label, list->data));
	return true;
}

static bool read_date(struct reading *reading, const struct field *field, const struct doc *value)
{
	const char *text = field_text(reading, field, value);

	if (text == NULL)
		return false;
	if (text_is_day(text))
		doc_set_text(reading->values, field->name, text);
	else
		complain(reading, field->name, arena_printf(reading->arena,
		    "%s must be a date like 2026-11-22.", field->label));
	return true;
}

static bool read_uuid(struct reading *reading, const struct field *field, const struct doc *value)
{
	const char *text = field_text(reading, field, value);

	if (text == NULL)
		return false;
	if (text_is_uuid(text))
		doc_set_text(reading->values, field->name, text);
	else
		complain(reading, field->name, arena_printf(reading->arena,
		    "%s is not one of ours.", field->label));
	return true;
}

static bool read_flag(struct reading *reading, const struct field *field, const struct doc *value)
{
	static const char *const words[] = {"1", "on", "yes", "true", "0", "off", "no", "false"};
	const char *text;

	if (doc_type(value) == DOC_BOOL) {
		doc_set_bool(reading->values, field->name, text_equal(doc_scalar(value), "1"));
		return true;
	}
	text = field_text(reading, field, value);
	if (text == NULL)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (text_equal(text, words[i])) {
			doc_set_bool(reading->values, field->name, i < ARRAY_LEN(words) / 2);
			return true;
		}
	}
	complain(reading, field->name, arena_printf(reading->arena, "%s must be yes or no.",
	    field->label));
	return true;
}

/* Adds one item of a list unless it is empty; false: it is too long. */
static bool lines_push(struct arena *arena, struct doc *lines, const char *item)
{
	const char *trimmed = text_trim(arena, item);

	if (*trimmed == '\0')
		return true;
	if (text_length(trimmed) > LINE_CHARS_MAX)
		return false;
	doc_push_text(lines, trimmed);
	return true;
}

/* One text with an item on each line. */
static bool lines_split(struct reading *reading, const struct field *field,
    const struct doc *value, struct doc *lines)
{
	const char *text = field_text(reading, field, value);
	bool fits = true;

	while (text != NULL && *text != '\0') {
		size_t len = strcspn(text, "\n");

		fits = lines_push(reading->arena, lines,
		    arena_strndup(reading->arena, text, len)) && fits;
		text += len + (text[len] == '\n' ? 1 : 0);
	}
	return fits;
}

static bool read_lines(struct reading *reading, const struct field *field,
    const struct doc *value)
{
	struct doc *lines = doc_array(reading->arena);
	size_t problems = reading->count;
	bool fits = true;

	if (doc_type(value) != DOC_ARRAY)
		fits = lines_split(reading, field, value, lines);
	for (size_t i = 0; doc_type(value) == DOC_ARRAY && i < doc_count(value); i++) {
		const char *item = field_text(reading, field, doc_at(value, i));

		if (reading->count > problems)
			return true;
		fits = (item == NULL || lines_push(reading->arena, lines, item)) && fits;
	}
	if (!fits)
		complain(reading, field->name, arena_printf(reading->arena,
		    "Each line of %s may have at most %d characters.", field->label,
		    LINE_CHARS_MAX));
	if (reading->count > problems)
		return true;
	if (doc_count(lines) == 0)
		return false;
	if ((int64_t)doc_count(lines) < field->min)
		complain(reading, field->name, arena_printf(reading->arena,
		    "%s needs at least %lld lines.", field->label, (long long)field->min));
	else if (field->max > 0 && (int64_t)doc_count(lines) > field->max)
		complain(reading, field->name, arena_printf(reading->arena,
		    "%s may have at most %lld lines; there are %zu.", field->label,
		    (long long)field->max, doc_count(lines)));
	else
		doc_set(reading->values, field->name, lines);
	return true;
}

/* Each reader says whether there was anything to read, right or wrong. */
static bool (*const readers[])(struct reading *reading, const struct field *field,
    const struct doc *value) = {
	[FIELD_TEXT] = read_text,
	[FIELD_LINES] = read_lines,
	[FIELD_INT] = read_int,
	[FIELD_INTS] = read_ints,
	[FIELD_USD] = read_usd,
	[FIELD_CHOICE] = read_choice,
	[FIELD_DATE] = read_date,
	[FIELD_FLAG] = read_flag,
	[FIELD_EXACT] = read_exact,
	[FIELD_UUID] = read_uuid,
};

static void field_read(struct reading *reading, const struct field *field)
{
	const struct doc *value = doc_get(reading->source, field->name);
	size_t problems = reading->count;
	bool is_there = value != NULL && readers[field->kind](reading, field, value);

	if (!is_there && field->required && reading->count == problems)
		complain(reading, field->name, arena_printf(reading->arena, "%s is missing.",
		    field->label));
}

struct known {
	struct reading *reading;
	const struct field *fields;
	size_t count;
};

static void member_check(void *arg, const char *name, struct doc *value)
{
	struct known *known = arg;

	for (size_t i = 0; i < known->count; i++) {
		if (text_equal(known->fields[i].name, name))
			return;
	}
	if (!text_is_clean(name, strlen(name))) {
		complain(known->reading, "", "A field has a name with control characters.");
		return;
	}
	name = text_cut(known->reading->arena, name, 64);
	complain(known->reading, name, arena_printf(known->reading->arena,
	    "There is no field \"%s\".", name));
}

const struct err *form_read(struct ctx *ctx, const struct doc *source, const char *prefix,
    const struct field *fields, size_t count, struct doc *values)
{
	struct reading reading = {.arena = ctx->arena, .source = source, .prefix = prefix,
	    .values = values};
	struct known known = {.reading = &reading, .fields = fields, .count = count};
	struct err *err;

	reading.last = &reading.problems;
	for (size_t i = 0; i < count; i++)
		field_read(&reading, &fields[i]);
	if (source != NULL)
		doc_each(source, member_check, &known);
	if (reading.count == 0)
		return NULL;
	err = arena_alloc(ctx->arena, sizeof(*err));
	err->kind = ERR_INVALID;
	err->fields = reading.problems;
	err->sentence = reading.count == 1 ? "1 field needs attention." :
	    arena_printf(ctx->arena, "%zu fields need attention.", reading.count);
	return err;
}

const char *form_query(struct ctx *ctx, const struct field *fields, size_t count,
    const struct doc *values, const char *without)
{
	struct buf *query = buf_new(ctx->arena, 8192);

	for (size_t i = 0; i < count; i++) {
		const char *name = fields[i].name;
		const char *value = doc_scalar(doc_get(values, name));

		if (!value || text_equal(name, "cursor") || text_equal(name, "offset") ||
		    text_equal(name, without))
			continue;
		buf_printf(query, "%s=", name);
		text_url_encode(query, value);
		buf_char(query, '&');
	}
	return query->data;
}
