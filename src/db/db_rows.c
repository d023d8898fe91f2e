/* db_rows.c: reading results: by column name, or as documents by column type. */
#include "db/db_inner.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"

/* Types of the server's catalogue, whose numbers never change. */
enum {
	TYPE_BOOL = 16,
	TYPE_INT8 = 20,
	TYPE_INT2 = 21,
	TYPE_INT4 = 23,
	TYPE_JSON = 114,
	TYPE_TIMESTAMPTZ = 1184,
	TYPE_NUMERIC = 1700,
	TYPE_JSONB = 3802
};

static void release_result(void *object)
{
	PQclear(object);
}

void db_rows_keep(struct db_rows *rows, PGresult *result)
{
	rows->result = result;
	arena_on_reset(rows->arena, release_result, result);
}

NORETURN static void misuse(const struct db_rows *rows, const char *what, const char *which)
{
	log_error("a result was misread", "statement", sql_statements[rows->sql].name, "why", what,
	    "column", which);
	abort();
}

size_t db_count(const struct db_rows *rows)
{
	if (!rows->result)
		misuse(rows, "there is no result", "");
	return (size_t)PQntuples(rows->result);
}

int64_t db_changed(const struct db_rows *rows)
{
	if (!rows->result)
		misuse(rows, "there is no result", "");
	return strtoll(PQcmdTuples(rows->result), NULL, 10);
}

/* PQfnumber would copy and fold the name each time. */
int db_column(const struct db_rows *rows, const char *column)
{
	int count = PQnfields(rows->result);

	for (int i = 0; i < count; i++)
		if (strcmp(PQfname(rows->result, i), column) == 0)
			return i;
	misuse(rows, "no such column", column);
}

static const char *value_at(const struct db_rows *rows, size_t row, int column)
{
	if (PQgetisnull(rows->result, (int)row, column))
		return NULL;
	return PQgetvalue(rows->result, (int)row, column);
}

const char *db_text(const struct db_rows *rows, size_t row, const char *column)
{
	if (row >= db_count(rows))
		misuse(rows, "no such row", column);
	return value_at(rows, row, db_column(rows, column));
}

int64_t db_int(const struct db_rows *rows, size_t row, const char *column)
{
	const char *text = db_text(rows, row, column);
	int64_t value = 0;

	if (text && !text_to_int(text, INT64_MIN, INT64_MAX, &value))
		misuse(rows, "not an integer", column);
	return value;
}

bool db_bool(const struct db_rows *rows, size_t row, const char *column)
{
	const char *text = db_text(rows, row, column);

	return text && text[0] == 't';
}

/* "2026-11-23 02:56:21.5+00" becomes "2026-11-23T02:56:21.500Z"; what has no such form, as
 * 'infinity', stays as it is. */
static const char *rfc3339(const char *text, char space[DB_CELL_BYTES])
{
	static const char form[] = "0000-00-00 00:00:00";
	size_t seconds = sizeof(form) - 1;
	char ms[] = "000";

	for (size_t i = 0; i < seconds; i++) {
		bool is_digit = text[i] >= '0' && text[i] <= '9';

		if (form[i] == '0' ? !is_digit : text[i] != form[i])
			return text;
	}
	for (size_t i = 0; i < 3 && text[seconds] == '.'; i++) {
		char c = text[seconds + 1 + i];

		if (c < '0' || c > '9')
			break;
		ms[i] = c;
	}
	snprintf(space, DB_CELL_BYTES, "%.10sT%.8s.%sZ", text, text + 11, ms);
	return space;
}

const char *db_cell(const struct db_rows *rows, size_t row, int column, char space[DB_CELL_BYTES])
{
	const char *value = value_at(rows, row, column);
	Oid type = PQftype(rows->result, column);

	if (value && type == TYPE_BOOL)
		return value[0] == 't' ? "true" : "false";
	if (value && type == TYPE_TIMESTAMPTZ)
		return rfc3339(value, space);
	return value;
}

/* Documents have an object or array at the top, columns may hold any JSON: an array around it. */
static void set_json(const struct db_rows *rows, struct doc *object, const char *name,
    const char *json)
{
	const char *wrapped = arena_printf(rows->arena, "[%s]", json);
	const struct err *err;
	struct doc *array = NULL;
	struct doc *value;

	err = doc_parse(rows->arena, wrapped, strlen(wrapped), &array);
	value = err ? NULL : doc_at(array, 0);
	if (err)
		log_warn("a JSON column could not be read", "statement",
		    sql_statements[rows->sql].name, "column", name);
	if (value && doc_type(value) != DOC_NULL)
		doc_set(object, name, value);
	else
		doc_set_null(object, name);
}

static void set_value(const struct db_rows *rows, struct doc *object, int column,
    const char *value)
{
	const char *name = PQfname(rows->result, column);
	bool is_finite = value[0] == '-' ? value[1] != 'I' : value[0] != 'N' && value[0] != 'I';
	int64_t integer = 0;
	char space[DB_CELL_BYTES];

	switch (PQftype(rows->result, column)) {
	case TYPE_BOOL:
		doc_set_bool(object, name, value[0] == 't');
		break;
	case TYPE_INT2:
	case TYPE_INT4:
	case TYPE_INT8:
		if (text_to_int(value, INT64_MIN, INT64_MAX, &integer))
			doc_set_int(object, name, integer);
		break;
	case TYPE_NUMERIC:
		if (is_finite)
			doc_set_number(object, name, value);
		else
			doc_set_text(object, name, value);
		break;
	case TYPE_TIMESTAMPTZ:
		doc_set_text(object, name, rfc3339(value, space));
		break;
	case TYPE_JSON:
	case TYPE_JSONB:
		set_json(rows, object, name, value);
		break;
	default:
		doc_set_text(object, name, value);
	}
}

static void row_doc(const struct db_rows *rows, size_t row, bool with_nulls, struct doc *object)
{
	int columns;

	if (row >= db_count(rows))
		misuse(rows, "no such row", "");
	columns = PQnfields(rows->result);
	for (int i = 0; i < columns; i++) {
		const char *value = value_at(rows, row, i);

		if (value)
			set_value(rows, object, i, value);
		else if (with_nulls)
			doc_set_null(object, PQfname(rows->result, i));
	}
}

void db_row_doc(const struct db_rows *rows, size_t row, struct doc *object)
{
	row_doc(rows, row, true, object);
}

void db_row_doc_set(const struct db_rows *rows, size_t row, struct doc *object)
{
	row_doc(rows, row, false, object);
}

void db_rows_doc(const struct db_rows *rows, struct doc *array)
{
	size_t count = db_count(rows);

	for (size_t row = 0; row < count; row++)
		db_row_doc(rows, row, doc_push_object(array));
}
