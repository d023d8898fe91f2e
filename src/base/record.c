/* record.c: a byte machine over a file: records of JSON Lines and of CSV, with limits. */
#include "base/record.h"

#include "base/buf.h"

#define CHUNK_BYTES (64u << 10)

struct record_reader {
	struct arena *arena;
	FILE *file;
	size_t line; /* of the next byte */
	const char *fault;
	struct buf *text; /* of the record, its fields one after the other, each with a NUL */
	size_t at, len;   /* what is left of chunk */
	char chunk[CHUNK_BYTES];
};

static bool chunk_fill(struct record_reader *reader)
{
	reader->at = 0;
	reader->len = fread(reader->chunk, 1, sizeof(reader->chunk), reader->file);
	if (reader->len == 0 && ferror(reader->file) != 0)
		reader->fault = "The file cannot be read on.";
	return reader->len > 0;
}

/* The next byte, which stays there; EOF at the end. */
static int peek(struct record_reader *reader)
{
	if (reader->at == reader->len && !chunk_fill(reader))
		return EOF;
	return (unsigned char)reader->chunk[reader->at];
}

static int take(struct record_reader *reader)
{
	int c = peek(reader);

	if (c != EOF)
		reader->at++;
	if (c == '\n')
		reader->line++;
	return c;
}

static bool fail(struct record_reader *reader, const char *fault)
{
	if (reader->fault == NULL)
		reader->fault = fault;
	return false;
}

static bool keep(struct record_reader *reader, int c)
{
	if (c == '\0')
		return fail(reader, "The line holds a NUL byte.");
	buf_char(reader->text, (char)c);
	if (reader->text->failed)
		return fail(reader, "The line is longer than 64 KiB.");
	return true;
}

struct record_reader *record_reader_new(struct arena *arena, FILE *file)
{
	struct record_reader *reader = arena_alloc(arena, sizeof(*reader));

	reader->arena = arena;
	reader->file = file;
	reader->line = 1;
	reader->text = buf_new(arena, RECORD_BYTES_MAX);
	if (peek(reader) == 0xef && reader->len >= 3 && reader->chunk[1] == '\xbb' &&
	    reader->chunk[2] == '\xbf')
		reader->at = 3;
	return reader;
}

enum record_form record_form_guess(struct record_reader *reader)
{
	while (peek(reader) == '\n' || peek(reader) == '\r' || peek(reader) == ' ')
		(void)take(reader);
	return peek(reader) == '{' ? RECORD_JSONL : RECORD_CSV;
}

/* Whether a line ends here; its end is taken. */
static bool take_end(struct record_reader *reader)
{
	int c;

	if (peek(reader) == '\r') {
		(void)take(reader);
		if (peek(reader) != '\n' && peek(reader) != EOF)
			return fail(reader, "A carriage return stands inside the line.");
	}
	c = take(reader);
	return c == '\n' || c == EOF;
}

static bool is_end(int c)
{
	return c == '\r' || c == '\n' || c == EOF;
}

static bool jsonl_read(struct record_reader *reader)
{
	while (!is_end(peek(reader)))
		if (!keep(reader, take(reader)))
			return false;
	return take_end(reader);
}

/* What stands between quotes; two of them are one. */
static bool quoted_read(struct record_reader *reader)
{
	(void)take(reader);
	for (;;) {
		int c = take(reader);

		if (c == EOF)
			return fail(reader, "A quoted field does not end.");
		if (c == '"' && peek(reader) != '"')
			break;
		if (c == '"')
			c = take(reader);
		if (!keep(reader, c))
			return false;
	}
	if (peek(reader) != ',' && !is_end(peek(reader)))
		return fail(reader, "Something follows the closing quote of a field.");
	return true;
}

static bool plain_read(struct record_reader *reader)
{
	while (peek(reader) != ',' && !is_end(peek(reader))) {
		if (peek(reader) == '"')
			return fail(reader, "A quote stands inside a field that is not quoted.");
		if (!keep(reader, take(reader)))
			return false;
	}
	return true;
}

/* starts gets where each field begins. */
static bool csv_read(struct record_reader *reader, size_t *starts, size_t *count)
{
	for (*count = 0;; (void)take(reader)) {
		bool is_good;

		if (*count == RECORD_FIELDS_MAX)
			return fail(reader, "The line has more than 64 fields.");
		starts[(*count)++] = reader->text->len;
		is_good = peek(reader) == '"' ? quoted_read(reader) : plain_read(reader);
		buf_char(reader->text, '\0');
		if (!is_good || peek(reader) != ',')
			return is_good && take_end(reader);
	}
}

bool record_next(struct record_reader *reader, enum record_form form, struct record *record,
    const char **fault)
{
	size_t starts[RECORD_FIELDS_MAX] = {0};
	bool is_good;

	while (reader->fault == NULL && peek(reader) != EOF && is_end(peek(reader)))
		(void)take_end(reader);
	*record = (struct record){.line = reader->line, .count = 1};
	buf_reset(reader->text);
	is_good = reader->fault == NULL && peek(reader) != EOF;
	if (is_good)
		is_good = form == RECORD_CSV ? csv_read(reader, starts, &record->count) :
		    jsonl_read(reader);
	if (is_good && reader->text->failed)
		is_good = fail(reader, "The line is longer than 64 KiB.");
	is_good = is_good && reader->fault == NULL;
	*fault = reader->fault;
	for (size_t i = 0; is_good && i < record->count; i++)
		record->fields[i] = reader->text->data + starts[i];
	return is_good;
}
