/* price_import.c: prices import and prices diff: a published price file beside our list. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "admin/admin.h"
#include "admin/price_file.h"
#include "base/text.h"

#define FILE_MAX_BYTES (32u << 20)
#define ROWS_MAX_BYTES (16u << 20)

enum import_option {
	IMPORT_PROVIDER, IMPORT_MODEL, IMPORT_APPLY, IMPORT_ACCEPT, IMPORT_OPTIONS,
	IMPORT_OPTIONS_OF_DIFF = IMPORT_APPLY
};

struct import {
	struct admin *admin;
	const char *path;
	struct option_row options[IMPORT_OPTIONS];
	struct price_file file;
	struct db_rows *diff;
	struct doc *rows; /* to be recorded */
	size_t differing, implausible;
};

static const char *json_of(struct arena *arena, const struct doc *doc)
{
	struct buf *buf = buf_new(arena, ROWS_MAX_BYTES);

	doc_write(doc, buf);
	return buf->failed ? NULL : buf->data;
}

static const struct err *import_read(struct import *import)
{
	struct arena *arena = import->admin->ctx.arena;
	const struct price_wanted wanted = {
		.provider = import->options[IMPORT_PROVIDER].value != NULL ?
		    import->options[IMPORT_PROVIDER].value : "anthropic",
		.pattern = import->options[IMPORT_MODEL].value,
	};
	struct doc *file;
	struct buf *text;
	const struct err *err = admin_read_file(import->admin, import->path, FILE_MAX_BYTES, &text);

	if (err == NULL)
		err = doc_parse(arena, text->data, text->len, &file);
	if (err == NULL)
		err = price_file_read(arena, file, &wanted, &import->file);
	if (err != NULL && err->kind == ERR_INVALID)
		return err_new(arena, ERR_INVALID, "%s: %s", import->path, err->sentence);
	return err;
}

/* Asks what differs, and puts the rows to be recorded together. */
static const struct err *import_compare(struct import *import)
{
	struct arena *arena = import->admin->ctx.arena;
	const char *rows = json_of(arena, import->file.rows);
	const struct err *err;

	if (rows == NULL)
		return err_new(arena, ERR_LIMIT, "%s has too many prices", import->path);
	err = admin_run(import->admin, &import->diff, SQL_PRICE_IMPORT_DIFF, rows,
	    import->file.is_dated ? "true" : "false");
	if (err != NULL)
		return err;
	import->rows = doc_array(arena);
	for (size_t i = 0; i < db_count(import->diff); i++) {
		const char *row = db_text(import->diff, i, "row");
		struct doc *doc;

		import->differing += !text_equal(db_text(import->diff, i, "kind"), "same");
		import->implausible += db_text(import->diff, i, "implausible") != NULL;
		if (row == NULL)
			continue;
		err = doc_parse(arena, row, strlen(row), &doc);
		if (err != NULL)
			return err;
		doc_push(import->rows, doc);
	}
	return NULL;
}

static void print_cell(const struct db_rows *rows, size_t row, const char *name,
    const char *column)
{
	const char *text = db_text(rows, row, column);

	if (text != NULL)
		(void)printf("%s%s", name, text);
}

static void print_row(const struct db_rows *rows, size_t row)
{
	(void)printf("%-8s %s, from %s", db_text(rows, row, "kind"), db_text(rows, row, "model"),
	    db_text(rows, row, "from") != NULL ? db_text(rows, row, "from") : "?");
	print_cell(rows, row, ", prompts over ", "above");
	print_cell(rows, row, ": input ", "input");
	print_cell(rows, row, ", output ", "output");
	print_cell(rows, row, ", cache read ", "cache_read");
	print_cell(rows, row, ", write 5 min ", "cache_write_5m");
	print_cell(rows, row, ", write 1 h ", "cache_write_1h");
	print_cell(rows, row, "\n           ", "remark");
	print_cell(rows, row, "\n           IMPLAUSIBLE: ", "implausible");
	(void)printf("\n");
}

static void import_print(const struct import *import)
{
	const struct doc *skipped = import->file.skipped;

	for (size_t i = 0; i < db_count(import->diff); i++)
		if (!text_equal(db_text(import->diff, i, "kind"), "same"))
			print_row(import->diff, i);
	for (size_t i = 0; i < doc_count(skipped); i++)
		(void)printf("not read %s: %s\n", doc_text(doc_at(skipped, i), "model"),
		    doc_text(doc_at(skipped, i), "reason"));
	(void)printf("%zu differ, %zu of them implausible; %zu are the same; "
	    "%zu could not be read\n",
	    import->differing, import->implausible,
	    db_count(import->diff) - import->differing, doc_count(skipped));
}

/* "FILE of 2026-11-26": the day it was last changed, today for standard input. */
static const char *import_source(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct stat file = {.st_mtime = 0};
	time_t time_s = stat(path, &file) == 0 ? file.st_mtime : time(NULL);
	struct tm tm;
	char day[16];

	strftime(day, sizeof(day), "%Y-%m-%d", gmtime_r(&time_s, &tm));
	if (text_equal(path, "-"))
		return arena_printf(arena, "imported from standard input on %s", day);
	return arena_printf(arena, "%s of %s", slash != NULL ? slash + 1 : path, day);
}

static const struct err *import_apply(struct import *import)
{
	struct arena *arena = import->admin->ctx.arena;
	const char *rows = json_of(arena, import->rows);
	struct db_rows *recorded;
	const struct err *err;

	if (!import->file.is_dated)
		return err_new(arena, ERR_INVALID, "%s tells no dates: it is a second opinion and "
		    "nothing is taken over; record a price with \"promptbuilder prices set\"",
		    import->path);
	if (import->implausible > 0 && import->options[IMPORT_ACCEPT].value == NULL)
		return err_new(arena, ERR_INVALID, "nothing was recorded: look at the implausible "
		    "rows, then leave them out with --model or add --accept-implausible");
	if (rows == NULL)
		return err_new(arena, ERR_LIMIT, "these are too many prices for one import");
	err = admin_run(import->admin, &recorded, SQL_PRICE_IMPORT_APPLY, rows,
	    import_source(arena, import->path));
	if (err == NULL)
		(void)printf("%lld rows recorded\n", (long long)db_changed(recorded));
	return err;
}

static const struct err *import_begin(struct import *import, size_t options)
{
	struct admin *admin = import->admin;
	const struct err *err;

	import->options[IMPORT_PROVIDER].name = "provider";
	import->options[IMPORT_MODEL].name = "model";
	import->options[IMPORT_APPLY] = (struct option_row){.name = "apply", .is_flag = true};
	import->options[IMPORT_ACCEPT] = (struct option_row){.name = "accept-implausible",
	    .is_flag = true};
	err = option_read(admin, import->options, options, 1, 1);
	if (err != NULL)
		return err;
	import->path = option_operand(admin, 0);
	err = import_read(import);
	if (err == NULL)
		err = import_compare(import);
	if (err == NULL)
		import_print(import);
	return err;
}

const struct err *admin_price_import(struct admin *admin)
{
	struct import import = {.admin = admin};
	const struct err *err = import_begin(&import, IMPORT_OPTIONS);

	if (err != NULL)
		return err;
	if (import.options[IMPORT_APPLY].value != NULL)
		return import_apply(&import);
	if (import.file.is_dated && doc_count(import.rows) > 0)
		(void)fprintf(stderr, "nothing is recorded yet: --apply records %zu rows\n",
		    doc_count(import.rows));
	return NULL;
}

const struct err *admin_price_diff(struct admin *admin)
{
	struct import import = {.admin = admin};
	const struct err *err = import_begin(&import, IMPORT_OPTIONS_OF_DIFF);

	if (err == NULL && (import.differing > 0 || doc_count(import.file.skipped) > 0))
		admin->status = 1;
	return err;
}
