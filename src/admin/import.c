/* import.c: import costs: a file of calls made elsewhere into the ledger, batch by batch. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "admin/admin.h"
#include "base/clock.h"
#include "base/money.h"
#include "base/record.h"
#include "base/text.h"
#include "model/entry.h"

#define BATCH_BYTES_MAX (2u << 20) /* of lines; a batch ends behind the line that reaches it */
#define LINE_VALUES_MAX 2000
#define PROGRESS_MS 1000

enum import_option { IMPORT_ACCOUNT, IMPORT_FORMAT, IMPORT_DRY, IMPORT_OPTIONS };

/* Everything of a batch lives in ctx.arena and ends with it. */
struct import {
	struct admin *admin;
	struct ctx ctx;
	const char *path;
	const char *account_id; /* NULL: each line names its own */
	bool is_dry;
	struct record_reader *reader;
	enum record_form form;
	const char *columns[RECORD_FIELDS_MAX]; /* of CSV */
	size_t column_count;
	bool is_at_end;
	const char *fault;  /* what cannot be read at last_line; nothing more is */
	size_t last_line;   /* taken into a batch */
	size_t done_line;   /* all up to here is booked */
	int64_t lines, booked, repeated, unpriced, nano;
	size_t wrongs;      /* of a dry run, which goes on after them */
	int64_t said_ms;
};

/* ---- Lines. ---- */

/* A CSV line as the entry that it says; NULL, and the sentence why not. */
static struct doc *csv_entry(struct import *import, const struct record *record,
    const char **fault)
{
	struct arena *arena = import->ctx.arena;
	struct doc *entry = doc_object(arena);

	if (record->count != import->column_count) {
		*fault = arena_printf(arena, "The line has %zu fields, but the header has %zu.",
		    record->count, import->column_count);
		return NULL;
	}
	for (size_t i = 0; i < record->count; i++)
		(void)entry_set_cell(arena, entry, import->columns[i], record->fields[i]);
	return entry;
}

static void line_add(struct import *import, struct entry_batch *batch,
    const struct record *record)
{
	struct arena *arena = import->ctx.arena;
	const char *place = arena_printf(arena, "line %zu, ", record->line);
	const char *line = record->fields[0];
	const char *fault = NULL;
	const struct err *err = NULL;
	struct doc *entry = NULL;

	if (import->form == RECORD_CSV)
		entry = csv_entry(import, record, &fault);
	else
		err = doc_parse_within(arena, line, strlen(line), LINE_VALUES_MAX, &entry);
	if (entry)
		entry_add(batch, entry, place);
	else
		entry_add_broken(batch, place, err ? err->sentence : fault);
}

static size_t record_bytes(const struct record *record)
{
	size_t bytes = 0;

	for (size_t i = 0; i < record->count; i++)
		bytes += strlen(record->fields[i]);
	return bytes;
}

static struct entry_batch *batch_read(struct import *import)
{
	struct entry_batch *batch = entry_batch_new(&import->ctx, import->account_id);
	struct record record;
	size_t bytes = 0;

	while (entry_count(batch) < ENTRY_COUNT_MAX && bytes < BATCH_BYTES_MAX) {
		import->is_at_end = !record_next(import->reader, import->form, &record,
		    &import->fault);
		if (import->fault)
			entry_add_broken(batch, arena_printf(import->ctx.arena, "line %zu, ",
			    record.line), import->fault);
		if (import->is_at_end)
			break;
		line_add(import, batch, &record);
		import->last_line = record.line;
		import->lines++;
		bytes += record_bytes(&record);
	}
	return batch;
}

/* The header: fields of an entry, each once. */
static const struct err *header_read(struct import *import)
{
	struct arena *arena = import->admin->ctx.arena;
	struct record record;

	if (!record_next(import->reader, RECORD_CSV, &record, &import->fault))
		return err_new(arena, ERR_INVALID, "%s: line %zu: %s", import->path, record.line,
		    import->fault ? import->fault : "The header is missing.");
	for (size_t i = 0; i < record.count; i++) {
		const char *name = text_trim(arena, record.fields[i]);

		if (!entry_set_cell(arena, doc_object(arena), name, ""))
			return err_new(arena, ERR_INVALID, "%s: line %zu: the header's field %zu "
			    "is none of an entry", import->path, record.line, i + 1);
		for (size_t before = 0; before < i; before++)
			if (text_equal(import->columns[before], name))
				return err_new(arena, ERR_INVALID, "%s: line %zu: the header has "
				    "\"%s\" twice", import->path, record.line, name);
		import->columns[i] = name;
	}
	import->column_count = record.count;
	return NULL;
}

/* ---- Batches. ---- */

static void progress_say(struct import *import)
{
	int64_t now_ms = clock_ms();

	if (now_ms - import->said_ms < PROGRESS_MS)
		return;
	import->said_ms = now_ms;
	(void)fprintf(stderr, "promptbuilder: %" PRId64 " lines read, %" PRId64 " booked\n",
	    import->lines, import->is_dry ? 0 : import->booked);
}

static const struct err *totals_add(struct import *import, const struct doc *totals)
{
	const char *cost = doc_text(totals, "cost_usd");
	int64_t booked = 0, repeated = 0, unpriced = 0, nano;

	doc_int(totals, "booked", &booked);
	doc_int(totals, "repeated", &repeated);
	doc_int(totals, "unpriced_calls", &unpriced);
	import->booked += booked;
	import->repeated += repeated;
	import->unpriced += unpriced;
	if (!money_from_text(cost, &nano) ||
	    __builtin_add_overflow(import->nano, nano, &import->nano))
		return err_new(import->admin->ctx.arena, ERR_LIMIT,
		    "the sum of the costs is beyond what can be told");
	return NULL;
}

/* In a dry run what is wrong is printed and counted, and the next batch follows. */
static void wrongs_print(struct import *import, const struct err *err)
{
	if (import->wrongs == 0)
		(void)fprintf(stderr, "promptbuilder: %s:\n", import->path);
	for (const struct err_field *field = err->fields; field; field = field->next) {
		(void)fprintf(stderr, "  %s: %s\n", field->name, field->sentence);
		import->wrongs++;
	}
}

/* Why the import stopped, what is booked, and how to go on. The fields stay those of the batch. */
static const struct err *stop_err(struct import *import, const struct err *err)
{
	struct arena *arena = import->admin->ctx.arena;
	struct err *stop = arena_alloc(arena, sizeof(*stop));
	const char *state = "Nothing is booked.";

	if (import->done_line > 0)
		state = arena_printf(arena, "All up to line %zu is booked, and nothing after it.",
		    import->done_line);
	*stop = *err;
	stop->sentence = arena_printf(arena, "%s: %s\n%s To go on, run the same "
	    "command again%s: no line is booked twice.", import->path, err->sentence, state,
	    err->fields ? " when the file is right" : "");
	return stop;
}

static const struct err *batch_run(struct import *import)
{
	struct entry_batch *batch = batch_read(import);
	struct doc *out = doc_object(import->ctx.arena);
	const struct err *err;

	if (entry_count(batch) == 0)
		return NULL;
	err = entry_book(batch, import->is_dry, out);
	if (err && import->is_dry && err->fields) {
		wrongs_print(import, err);
		return NULL;
	}
	if (err)
		return import->is_dry ? err : stop_err(import, err);
	import->done_line = import->last_line;
	err = totals_add(import, doc_get(out, "totals"));
	progress_say(import);
	return err;
}

static const struct err *import_run(struct import *import)
{
	const struct err *err = NULL;

	if (import->form == RECORD_CSV)
		err = header_read(import);
	while (!err && !import->is_at_end) {
		arena_reset(import->ctx.arena);
		err = batch_run(import);
	}
	if (err)
		return err;
	(void)printf("lines %" PRId64 "\n%s %" PRId64 "\nrepeated %" PRId64 "\nunpriced %" PRId64
	    "\ncost_usd %s\n", import->lines, import->is_dry ? "to_book" : "booked",
	    import->booked, import->repeated, import->unpriced,
	    money_text(import->admin->ctx.arena, import->nano));
	if (import->wrongs > 0)
		return err_new(import->admin->ctx.arena, ERR_INVALID,
		    "%s: fields that are wrong: %zu; the lines with them were not counted",
		    import->path, import->wrongs);
	return NULL;
}

/* ---- The command. ---- */

static const struct err *form_choose(struct import *import, const char *format)
{
	if (!format)
		import->form = record_form_guess(import->reader);
	else if (text_equal(format, "csv"))
		import->form = RECORD_CSV;
	else if (text_equal(format, "jsonl"))
		import->form = RECORD_JSONL;
	else
		return option_error(import->admin, "--format is csv or jsonl, not \"%s\"", format);
	return NULL;
}

static const struct err *import_file(struct import *import, const char *format)
{
	struct arena *arena = import->admin->ctx.arena;
	bool is_stdin = text_equal(import->path, "-");
	FILE *file = is_stdin ? stdin : fopen(import->path, "re");
	const struct err *err;

	if (!file)
		return err_new(arena, ERR_MISSING, "%s: %s", import->path, strerror(errno));
	import->reader = record_reader_new(arena, file);
	err = form_choose(import, format);
	if (!err)
		err = import_run(import);
	if (!is_stdin)
		(void)fclose(file);
	return err;
}

const struct err *admin_import_costs(struct admin *admin)
{
	struct option_row options[IMPORT_OPTIONS] = {
		[IMPORT_ACCOUNT] = {.name = "account"},
		[IMPORT_FORMAT] = {.name = "format"},
		[IMPORT_DRY] = {.name = "dry-run", .is_flag = true},
	};
	struct import *import = arena_alloc(admin->ctx.arena, sizeof(*import));
	const struct err *err = option_read(admin, options, IMPORT_OPTIONS, 1, 1);

	if (!err)
		err = admin_account_id(admin, options[IMPORT_ACCOUNT].value, &import->account_id);
	if (err)
		return err;
	import->admin = admin;
	import->ctx = admin->ctx;
	/* An error's fields live in it until they are printed. */
	import->ctx.arena = arena_within(admin->ctx.arena);
	import->path = option_operand(admin, 0);
	import->is_dry = options[IMPORT_DRY].value != NULL;
	import->said_ms = clock_ms();
	return import_file(import, options[IMPORT_FORMAT].value);
}
