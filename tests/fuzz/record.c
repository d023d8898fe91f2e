/* record.c: records of files that people import: what was read, written as CSV and read again, is
 * the same; and a cell that a spreadsheet gets is what it was, or has an apostrophe in front. */
#include "fuzz.h"

#include "base/record.h"
#include "web/csv.h"

#define COPY_MAX (16u << 20)

static FILE *file_of(const void *bytes, size_t size)
{
	FILE *file = fmemopen((void *)(uintptr_t)bytes, size, "r");

	HOLDS(file != NULL);
	return file;
}

/* Reads all records, adding each field and its end to texts, and each line as CSV to copy. */
static const char *read_all(struct arena *arena, const void *bytes, size_t size,
    struct buf *texts, struct buf *copy)
{
	FILE *file = file_of(bytes, size);
	struct record_reader *reader = record_reader_new(arena, file);
	enum record_form form = record_form_guess(reader);
	struct record record;
	const char *fault;
	size_t line = 0;

	while (record_next(reader, form, &record, &fault)) {
		HOLDS(record.line > line && record.count > 0);
		HOLDS(record.count == 1 || form == RECORD_CSV);
		HOLDS(record.count <= RECORD_FIELDS_MAX);
		line = record.line;
		for (size_t i = 0; i < record.count; i++) {
			buf_printf(texts, "%s%c", record.fields[i], i + 1 < record.count ? 1 : 2);
			buf_char(copy, '"');
			for (const char *c = record.fields[i]; *c != '\0'; c++)
				buf_printf(copy, *c == '"' ? "\"\"" : "%c", *c);
			buf_text(copy, i + 1 < record.count ? "\"," : "\"\r\n");
		}
	}
	(void)fclose(file);
	return fault;
}

static void check_cell(struct arena *arena, const uint8_t *data, size_t size)
{
	const char *text = fuzz_text(arena, data, size);
	struct buf *cell = buf_new(arena, COPY_MAX);
	struct buf *texts = buf_new(arena, COPY_MAX);
	const char *back;

	if (strlen(text) > RECORD_BYTES_MAX / 2)
		return;
	csv_cell(cell, text, false);
	csv_end(cell);
	HOLDS(!cell->failed);
	HOLDS(read_all(arena, cell->data, cell->len, texts, buf_new(arena, COPY_MAX)) == NULL);
	back = texts->data + (texts->data[0] == '\'' && text[0] != '\'');
	HOLDS(strlen(back) == strlen(text) + 1 && strncmp(back, text, strlen(text)) == 0);
	HOLDS(strchr("=+-@\t\r\n", texts->data[0]) == NULL || texts->data[0] == '\0');
}

FUZZ(record)
{
	struct arena *arena = arena_new();
	struct buf *texts = buf_new(arena, COPY_MAX);
	struct buf *copy = buf_new(arena, COPY_MAX);
	struct buf *again = buf_new(arena, COPY_MAX);

	if (size > 0) {
		(void)read_all(arena, data, size, texts, copy);
		HOLDS(!copy->failed);
		if (copy->len > 0)
			HOLDS(read_all(arena, copy->data, copy->len, again,
			    buf_new(arena, COPY_MAX)) == NULL);
		HOLDS(strcmp(texts->data, again->data) == 0);
		check_cell(arena, data, size);
	}
	arena_free(arena);
	return 0;
}
