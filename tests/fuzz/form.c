/* form.c: a form, or JSON where the text begins with a brace, read with a table of every kind of
 * field: what arrives in the values is within the limits of its field. */
#include "fuzz.h"

#include "base/money.h"
#include "base/text.h"
#include "web/frame.h"

#define LINE_CHARS 2000

static const char *const tones[] = {"calm", "bold", NULL};

static const struct field fields[] = {
	{.name = "t", .kind = FIELD_TEXT, .min = 2, .max = 5, .label = "Text"},
	{.name = "l", .kind = FIELD_LINES, .min = 1, .max = 3, .label = "Lines"},
	{.name = "n", .kind = FIELD_INT, .min = -5, .max = 100, .label = "Number"},
	{.name = "m", .kind = FIELD_INTS, .min = 1, .max = 100, .label = "Numbers"},
	{.name = "u", .kind = FIELD_USD, .min = 1, .label = "Amount"},
	{.name = "c", .kind = FIELD_CHOICE, .choices = tones, .label = "Choice"},
	{.name = "d", .kind = FIELD_DATE, .label = "Day"},
	{.name = "f", .kind = FIELD_FLAG, .label = "Flag"},
};

static void check_text(const char *text, size_t min, size_t max)
{
	HOLDS(text_is_clean(text, strlen(text)));
	HOLDS(text_length(text) >= min && text_length(text) <= max);
}

static void check_lists(const struct doc *values)
{
	const struct doc *lines = doc_get(values, "l");
	const struct doc *numbers = doc_get(values, "m");
	int64_t number;

	HOLDS(lines == NULL || (doc_count(lines) >= 1 && doc_count(lines) <= 3));
	for (size_t i = 0; i < doc_count(lines); i++)
		check_text(doc_scalar(doc_at(lines, i)), 1, LINE_CHARS);
	HOLDS(doc_count(numbers) <= 10);
	for (size_t i = 0; i < doc_count(numbers); i++)
		HOLDS(text_to_int(doc_scalar(doc_at(numbers, i)), 1, 100, &number));
}

static void check_values(const struct doc *values)
{
	const char *text = doc_text(values, "t");
	const char *usd = doc_text(values, "u");
	const char *choice = doc_text(values, "c");
	const char *day = doc_text(values, "d");
	int64_t number;

	if (text != NULL)
		check_text(text, 2, 5);
	if (doc_has(values, "n"))
		HOLDS(doc_int(values, "n", &number) && number >= -5 && number <= 100);
	if (usd != NULL)
		HOLDS(money_from_text(usd, &number) && number >= 1);
	HOLDS(choice == NULL || text_equal(choice, "calm") || text_equal(choice, "bold"));
	HOLDS(day == NULL || text_is_day(day));
	HOLDS(!doc_has(values, "f") || doc_type(doc_get(values, "f")) == DOC_BOOL);
	check_lists(values);
}

FUZZ(form)
{
	struct ctx ctx = {.arena = arena_new()};
	struct doc *source;
	struct doc *values = doc_object(ctx.arena);
	bool is_json = size > 0 && data[0] == '{';
	const struct err *err = is_json ?
	    doc_parse(ctx.arena, (const char *)data, size, &source) :
	    form_parse(ctx.arena, (const char *)data, size, &source);

	HOLDS(err == NULL || err->kind == ERR_INVALID);
	if (err == NULL) {
		HOLDS(is_json || doc_count(source) <= 500);
		err = form_read(&ctx, source, is_json ? "/" : NULL, fields, ARRAY_LEN(fields),
		    values);
		HOLDS(err == NULL || (err->kind == ERR_INVALID && err->fields != NULL));
		for (const struct err_field *f = err ? err->fields : NULL; f != NULL; f = f->next)
			HOLDS(f->name != NULL && text_is_clean(f->sentence, strlen(f->sentence)));
		check_values(values);
	}
	arena_free(ctx.arena);
	return 0;
}
