/* sheet_values.c: rows of a spreadsheet to JSON and back. */
#include "run/sheet_values.h"

#include <stdlib.h>
#include <string.h>

#include "base/money.h"
#include "base/text.h"

#define BODY_MAX (8u << 20)
#define FOUND_MAX (16u << 20)
#define ID_MAX 100
#define FIRST_AMOUNT 9
#define USD_DECIMALS 9

enum cell { CELL_TEXT, CELL_NUMBER };

/* The columns, in their order: name in the answer of the database, heading, kind. */
static const struct {
	const char *name, *heading;
	enum cell cell;
} columns[] = {
	{"id", "id", CELL_TEXT},
	{"date", "date", CELL_TEXT},
	{"account", "account", CELL_TEXT},
	{"assistant", "assistant", CELL_TEXT},
	{"run", "run", CELL_TEXT},
	{"status", "status", CELL_TEXT},
	{"version", "version", CELL_TEXT},
	{"score", "score", CELL_NUMBER},
	{"iterations", "iterations", CELL_NUMBER},
	{"input_tokens", "input tokens", CELL_NUMBER},
	{"output_tokens", "output tokens", CELL_NUMBER},
	{"cache_read_tokens", "cache read tokens", CELL_NUMBER},
	{"cache_write_tokens", "cache write tokens", CELL_NUMBER},
	{"generation_usd", "generation USD", CELL_NUMBER},
	{"analysis_usd", "analysis USD", CELL_NUMBER},
	{"improvement_usd", "improvement USD", CELL_NUMBER},
	{"other_usd", "other USD", CELL_NUMBER},
	{"total_usd", "total USD", CELL_NUMBER},
	{"total_usd", "total USD, exact", CELL_TEXT},
};

const char *sheet_url(struct arena *arena, const char *base, const char *spreadsheet,
    const char *tab, const char *range)
{
	struct buf *quoted = buf_new(arena, 4096), *url = buf_new(arena, 16384);
	buf_char(quoted, '\'');
	for (const char *at = tab; *at; at++) {
		buf_char(quoted, *at);
		if (*at == '\'')
			buf_char(quoted, '\'');
	}
	buf_printf(quoted, "'!%s", range);
	buf_printf(url, "%s/v4/spreadsheets/", base);
	text_url_encode(url, spreadsheet);
	buf_text(url, "/values/");
	text_url_encode(url, quoted->data);
	return url->data;
}

/* ---- Out. ---- */

static struct doc *begin_body(struct arena *arena, bool has_headings, struct doc **values)
{
	struct doc *body = doc_object(arena);
	doc_set_text(body, "majorDimension", "ROWS");
	*values = doc_add_array(body, "values");
	if (has_headings) {
		struct doc *row = doc_push_array(*values);
		for (size_t i = 0; i < ARRAY_LEN(columns); i++)
			doc_push_text(row, columns[i].heading);
	}
	return body;
}

static const char *end_body(struct arena *arena, const struct doc *body)
{
	struct buf *text = buf_new(arena, BODY_MAX);
	doc_write(body, text);
	return text->data;
}

const char *sheet_body(struct arena *arena, const struct db_rows *rows, bool has_headings)
{
	struct doc *values, *body = begin_body(arena, has_headings, &values);
	for (size_t r = 0; r < db_count(rows); r++) {
		struct doc *row = doc_push_array(values);
		for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
			const char *text = db_text(rows, r, columns[i].name);
			if (text && columns[i].cell == CELL_NUMBER)
				doc_push_number(row, text);
			else
				doc_push_text(row, text ? text : "");
		}
	}
	return end_body(arena, body);
}

const char *sheet_test_body(struct arena *arena, const char *id, const char *date,
    const char *who, bool has_headings)
{
	struct doc *values, *body = begin_body(arena, has_headings, &values);
	struct doc *row = doc_push_array(values);
	const char *const cells[] = {id, date, "test row", who, "", "test"};
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		doc_push_text(row, i < ARRAY_LEN(cells) ? cells[i] : "");
	return end_body(arena, body);
}

/* ---- Answers. ---- */

const char *sheet_read_range(struct arena *arena, const struct doc *answer, bool *is_shifted)
{
	const char *range = doc_text(doc_get(answer, "updates"), "updatedRange");
	if (!range || !text_is_clean(range, strlen(range)))
		return NULL;
	const char *sign = strrchr(range, '!');
	const char *cell = sign ? sign + 1 : range;
	*is_shifted = cell[0] != 'A' || cell[1] < '0' || cell[1] > '9';
	return text_cut(arena, range, ID_MAX);
}

bool sheet_is_count(const struct doc *answer, size_t sent)
{
	int64_t count = 0;
	return !doc_int(doc_get(answer, "updates"), "updatedRows", &count)
	    || count == (int64_t)sent;
}

/* A cell of the first column; NULL: empty, or no text. Google gives rows, or columns where it is
 * asked for them. */
static const char *first_cell(const struct doc *values, bool is_by_column, size_t row)
{
	return doc_scalar(is_by_column ? doc_at(doc_at(values, 0), row)
	    : doc_at(doc_at(values, row), 0));
}

/* An id that is looked for. */
struct wanted {
	const char *id;
	int64_t row;
};

static int compare_wanted(const void *a, const void *b)
{
	return strcmp(((const struct wanted *)a)->id, ((const struct wanted *)b)->id);
}

static const char *write_found(struct arena *arena, const struct wanted *wanted, size_t count)
{
	struct doc *found = doc_array(arena);
	struct buf *text = buf_new(arena, FOUND_MAX);
	for (size_t i = 0; i < count; i++) {
		struct doc *object = doc_push_object(found);
		doc_set_text(object, "id", wanted[i].id);
		doc_set_int(object, "row", wanted[i].row);
	}
	doc_write(found, text);
	return text->data;
}

const char *sheet_find(struct arena *arena, const struct doc *answer, const struct db_rows *rows,
    bool *is_empty)
{
	size_t count = db_count(rows);
	struct wanted *wanted = arena_alloc(arena, (count + 1) * sizeof(*wanted));
	const struct doc *values = doc_get(answer, "values");
	bool is_by_column = text_equal(doc_text(answer, "majorDimension"), "COLUMNS");
	size_t cells = doc_count(is_by_column ? doc_at(values, 0) : values);
	*is_empty = true;
	for (size_t i = 0; i < count; i++)
		wanted[i].id = db_text(rows, i, "id");
	qsort(wanted, count, sizeof(*wanted), compare_wanted);
	for (size_t i = 0; i < cells; i++) {
		struct wanted key = {.id = first_cell(values, is_by_column, i)};
		if (!key.id || !*key.id)
			continue;
		*is_empty = false;
		struct wanted *place = bsearch(&key, wanted, count, sizeof(*wanted),
		    compare_wanted);
		if (place && place->row == 0)
			place->row = (int64_t)i + 1;
	}
	return write_found(arena, wanted, count);
}

/* An amount with nine decimals; a number with more digits, or no number, is none of ours. */
static void push_amount(struct arena *arena, struct doc *amounts, const char *text)
{
	int64_t nano;
	if (text && *text && money_scale(text, USD_DECIMALS, &nano))
		doc_push_text(amounts, money_text(arena, nano));
	else
		doc_push_null(amounts);
}

static bool is_blank(const struct doc *row)
{
	for (size_t i = 0; i < doc_count(row); i++) {
		const char *text = doc_scalar(doc_at(row, i));
		if (text && *text)
			return false;
	}
	return true;
}

/* The first row is headings unless there are amounts in it. */
static bool is_headings(const struct doc *row, int64_t number)
{
	const char *tokens = doc_scalar(doc_at(row, FIRST_AMOUNT));
	int64_t value;
	return number == 1 && !(tokens && money_scale(tokens, 0, &value));
}

/* The id without what cannot be stored. */
static const char *id_of(struct arena *arena, const struct doc *row)
{
	const char *id = doc_scalar(doc_at(row, 0));
	if (!id || !*id)
		return "(no id)";
	return text_is_clean(id, strlen(id)) ? text_cut(arena, id, ID_MAX) : "(unreadable)";
}

const char *sheet_seen(struct arena *arena, const struct doc *answer, int64_t first,
    size_t *count)
{
	const struct doc *values = doc_get(answer, "values");
	struct doc *seen = doc_array(arena);
	struct buf *text = buf_new(arena, FOUND_MAX);
	*count = doc_type(values) == DOC_ARRAY ? doc_count(values) : 0;
	for (size_t r = 0; r < *count; r++) {
		const struct doc *row = doc_at(values, r);
		int64_t number = first + (int64_t)r;
		if (doc_type(row) != DOC_ARRAY || is_blank(row) || is_headings(row, number))
			continue;
		struct doc *object = doc_push_object(seen);
		doc_set_int(object, "row", number);
		doc_set_text(object, "id", id_of(arena, row));
		struct doc *amounts = doc_add_array(object, "amounts");
		for (size_t i = FIRST_AMOUNT; i < ARRAY_LEN(columns); i++)
			push_amount(arena, amounts, doc_scalar(doc_at(row, i)));
	}
	doc_write(seen, text);
	return text->data;
}
