/* record.h: a text file read one record at a time: JSON Lines, or CSV as of RFC 4180.
 *
 * Memory does not grow with the file. Lines end with LF or CR LF, a byte order mark at the start is
 * skipped, empty lines are no records. */
#ifndef BASE_RECORD_H
#define BASE_RECORD_H

#include <stdio.h>

#include "base/arena.h"

#define RECORD_BYTES_MAX (64u << 10)
#define RECORD_FIELDS_MAX 64

enum record_form { RECORD_JSONL, RECORD_CSV };

struct record_reader;

/* One record. Its texts live until the next one is read. */
struct record {
	size_t line;    /* on which it begins, from 1 */
	size_t count;   /* of fields; of JSON Lines the line is the only one */
	const char *fields[RECORD_FIELDS_MAX];
};

/* Reads file, which stays the caller's; the reader lives in the arena. */
struct record_reader *record_reader_new(struct arena *arena, FILE *file);
/* What the file looks like by its first character: JSON Lines begin with a brace. */
enum record_form record_form_guess(struct record_reader *reader);
/* The next record. false: there is none; *fault is NULL at the end of the file, else a sentence
 * about the record at record->line, and there is nothing more to read. */
bool record_next(struct record_reader *reader, enum record_form form, struct record *record,
    const char **fault) MUST_CHECK;

#endif
