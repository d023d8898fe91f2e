/* account_import.c: account import: an exported account back into a database, all of it or nothing.
 *
 * First the files are held against the manifest, then their lines go into one transaction, the sums
 * are made from them, and what must hold of runs, calls and money is asked before the commit. */
#include <inttypes.h>
#include <string.h>

#include "admin/account_files.h"
#include "admin/admin.h"
#include "admin/bundle.h"
#include "base/clock.h"
#include "base/text.h"

#define BATCH_BYTES (256u << 10) /* of lines; a batch ends behind the line that reaches it */
#define BATCH_BYTES_MAX (1u << 30)
#define PROGRESS_MS 1000

struct import {
	struct admin *admin;
	struct arena *arena; /* of the command */
	struct arena *part;  /* of a batch */
	struct account_files files;
	const char *slug;    /* another one; NULL: its own */
	const char *prices;  /* ids of the list's prices here, by their keys */
	const char *new_prices; /* lines of which some are missing; NULL: none is */
	bool adds_prices;
	int64_t lines, said_ms;
};

static const struct err *ask(struct import *import, enum sql sql, const char *const *params,
    struct db_rows **rows)
{
	return db_statement(import->admin->ctx.db, import->arena, sql, params, rows);
}

static void progress_say(struct import *import, const char *what)
{
	int64_t now_ms = clock_ms();

	if (now_ms - import->said_ms < PROGRESS_MS)
		return;
	import->said_ms = now_ms;
	(void)fprintf(stderr, "promptbuilder: %" PRId64 " lines; now %s\n", import->lines, what);
}

/* ---- Lines. ---- */

/* Lines until there are max bytes of them, without the end of the last one; false: there are
 * none. */
static bool batch_read(struct lines *lines, struct arena *arena, struct buf *batch, size_t max)
{
	buf_reset(batch);
	while (batch->len < max && lines_next(lines, arena)) {
		if (batch->len > 0)
			buf_char(batch, '\n');
		buf_add(batch, lines->text, lines->len);
	}
	return batch->len > 0 && lines->fault == NULL;
}

static const struct err *batch_send(struct import *import, const struct account_file *file,
    const struct buf *batch, size_t before)
{
	const char *params[] = {file->table, file->columns, batch->data, import->files.account_id,
	    import->prices, import->slug};
	struct db_rows *rows;
	const struct err *err;

	arena_reset(import->part);
	err = db_statement(import->admin->ctx.db, import->part, SQL_IMPORT_LINES, params, &rows);
	if (err != NULL)
		return err_new(import->arena, err->kind, "%s: %s", file->name, err->sentence);
	if (db_count(rows) > 0)
		return err_new(import->arena, ERR_CONFLICT, "%s: line %" PRId64 ": %s", file->name,
		    (int64_t)before + db_int(rows, 0, "line"), db_text(rows, 0, "fault"));
	return NULL;
}

/* What is wrong with a file that was read to its end. */
static const struct err *lines_end(struct import *import, const struct account_file *file,
    const struct lines *lines)
{
	if (lines->fault != NULL)
		return err_new(import->arena, ERR_INVALID, "%s", lines->fault);
	if (!text_equal(lines->sha256, file->sha256))
		return err_new(import->arena, ERR_CONFLICT, "%s was changed while it was read",
		    lines->path);
	return NULL;
}

static const struct err *file_import(struct import *import, const struct account_file *file,
    struct buf *batch)
{
	struct lines *lines;
	size_t before = 0;
	const struct err *err = lines_open(import->arena, import->files.bundle, file->name, &lines);

	while (err == NULL && batch_read(lines, import->arena, batch, BATCH_BYTES)) {
		err = batch_send(import, file, batch, before);
		import->lines += (int64_t)(lines->line - before);
		before = lines->line;
		progress_say(import, file->name);
	}
	return err != NULL ? err : lines_end(import, file, lines);
}

/* The prices of the list that lines name, here. */
static const struct err *prices_find(struct import *import)
{
	const struct account_file *file = account_file_find(&import->files, "list_prices");
	struct buf *batch = buf_new(import->arena, BATCH_BYTES_MAX);
	struct lines *lines;
	struct db_rows *rows;
	const struct err *err;

	import->prices = "{}";
	if (file == NULL || file->lines == 0)
		return NULL;
	err = lines_open(import->arena, import->files.bundle, file->name, &lines);
	if (err != NULL)
		return err;
	(void)batch_read(lines, import->arena, batch, BATCH_BYTES_MAX);
	err = lines_end(import, file, lines);
	if (err == NULL)
		err = ask(import, SQL_IMPORT_PRICES, (const char *[]){batch->data}, &rows);
	if (err != NULL)
		return err;
	import->prices = db_text(rows, 0, "map");
	if (db_int(rows, 0, "missing") > 0)
		import->new_prices = batch->data;
	if (import->new_prices != NULL && !import->adds_prices)
		err = err_new(import->arena, ERR_CONFLICT, "lines were priced by prices that this "
		    "installation's list does not have: %s. Add them with --add-prices, or record "
		    "them with \"promptbuilder prices set\"", db_text(rows, 0, "names"));
	return err;
}

/* ---- Before and after. ---- */

static const struct err *obstacle_find(struct import *import)
{
	const char *slug = import->slug != NULL ? import->slug : import->files.slug;
	const char *params[] = {import->files.account_id, slug};
	struct db_rows *rows;
	const struct err *err = ask(import, SQL_IMPORT_OBSTACLE, params, &rows);

	if (err != NULL || db_count(rows) == 0)
		return err;
	if (db_bool(rows, 0, "is_same"))
		return err_new(import->arena, ERR_CONFLICT, "this account is here already, as "
		    "\"%s\": an import never changes an account", db_text(rows, 0, "slug"));
	return err_new(import->arena, ERR_CONFLICT, "there is another account \"%s\": give this "
	    "one another slug with --as SLUG", slug);
}

/* Each file's columns are known here: a newer version may have more. */
static const struct err *columns_check(struct import *import)
{
	for (size_t i = 0; i < import->files.count; i++) {
		const struct account_file *file = &import->files.list[i];
		const char *params[] = {file->table, file->columns};
		struct db_rows *rows;
		const struct err *err;

		if (text_equal(file->table, "list_prices"))
			continue;
		err = ask(import, SQL_IMPORT_UNKNOWN, params, &rows);
		if (err != NULL)
			return err;
		if (!db_bool(rows, 0, "is_known") || db_text(rows, 0, "columns")[0] != '\0')
			return err_new(import->arena, ERR_CONFLICT, "%s has what this version does "
			    "not know%s%s: a newer one made the export; update promptbuilder first",
			    file->name, db_text(rows, 0, "columns")[0] != '\0' ? ": " : "",
			    db_text(rows, 0, "columns"));
	}
	return NULL;
}

static const struct err *tables_import(struct import *import)
{
	struct buf *batch = buf_new(import->arena, BATCH_BYTES_MAX);
	struct db_rows *tables;
	const struct err *err = ask(import, SQL_EXPORT_TABLES, NULL, &tables);

	for (size_t i = 0; err == NULL && i < db_count(tables); i++) {
		const struct account_file *file =
		    account_file_find(&import->files, db_text(tables, i, "name"));

		if (file != NULL)
			err = file_import(import, file, batch);
	}
	return err;
}

static const struct err *sums_make(struct import *import)
{
	const char *account[] = {import->files.account_id};
	const char *months_of[] = {NULL, import->files.account_id};
	struct db_rows *months;
	const struct err *err = ask(import, SQL_IMPORT_ZONES, account, NULL);

	if (err == NULL)
		err = ask(import, SQL_ZONE_MONTHS, months_of, &months);
	for (size_t i = 0; err == NULL && i < db_count(months); i++) {
		const char *month[] = {db_text(months, i, "zone"),
		    db_text(months, i, "account_id"), db_text(months, i, "month")};

		progress_say(import, "sums");
		arena_reset(import->part);
		err = db_statement(import->admin->ctx.db, import->part, SQL_ZONE_REBUILD, month,
		    NULL);
	}
	return err;
}

static const struct err *invariants_ask(struct import *import, const char *slug)
{
	const struct err *err = NULL;

	for (size_t i = 0; err == NULL && i < invariant_count; i++) {
		const char *params[] = {admin_places(import->admin)};
		struct db_rows *rows;

		progress_say(import, "what must hold");
		arena_reset(import->part);
		err = db_statement(import->admin->ctx.db, import->part, invariants[i].sql,
		    invariants[i].needs_places ? params : NULL, &rows);
		for (size_t row = 0; err == NULL && row < db_count(rows); row++)
			if (text_equal(db_text(rows, row, "account"), slug))
				err = err_new(import->arena, ERR_CONFLICT, "the files contradict "
				    "each other: %s", invariant_breach(import->arena, rows, row));
	}
	return err;
}

static const struct err *result_check(struct import *import)
{
	const char *account[] = {import->files.account_id};
	struct db_rows *rows;
	const struct err *err = ask(import, SQL_IMPORT_SETTLE, NULL, NULL);

	if (err != NULL)
		return err_new(import->arena, ERR_CONFLICT, "the files contradict each other: %s",
		    err->sentence);
	err = ask(import, SQL_IMPORT_RESULT, account, &rows);
	if (err != NULL)
		return err;
	if (db_int(rows, 0, "unfinished") > 0)
		return account_files_unfinished(import->arena, db_int(rows, 0, "unfinished"));
	if (db_text(rows, 0, "fault") != NULL)
		return err_new(import->arena, ERR_CONFLICT, "the account's audit log is broken: %s",
		    db_text(rows, 0, "fault"));
	return invariants_ask(import, db_text(rows, 0, "slug"));
}

/* ---- The whole. ---- */

static const struct err *rows_import(struct import *import)
{
	const struct err *err = ask(import, SQL_IMPORT_BEGIN, NULL, NULL);

	if (err == NULL)
		err = ask(import, SQL_IMPORT_DEFER, NULL, NULL);
	if (err == NULL)
		err = tables_import(import);
	return err;
}

static const struct err *import_work(struct import *import)
{
	const struct access *access = &import->admin->ctx.access;
	const char *actor[] = {access->name, "cli", import->admin->ctx.origin, NULL, NULL};
	const char *note[] = {import->slug != NULL ? import->slug : import->files.slug,
	    import->files.account_id};
	const char *prices[] = {NULL, arena_printf(import->arena, "imported with account %s",
	    note[0])};
	const struct err *err = ask(import, SQL_AUDIT_ACTOR, actor, NULL);

	if (err == NULL)
		err = columns_check(import);
	if (err == NULL)
		err = obstacle_find(import);
	if (err == NULL)
		err = prices_find(import);
	if (err == NULL)
		err = rows_import(import);
	prices[0] = import->new_prices;
	if (err == NULL && prices[0] != NULL) {
		err = ask(import, SQL_IMPORT_END, NULL, NULL);
		if (err == NULL)
			err = ask(import, SQL_IMPORT_ADD_PRICES, prices, NULL);
		if (err == NULL)
			err = ask(import, SQL_IMPORT_BEGIN, NULL, NULL);
	}
	if (err == NULL)
		err = sums_make(import);
	if (err == NULL)
		err = result_check(import);
	return err != NULL ? err : ask(import, SQL_IMPORT_NOTE, note, NULL);
}

static const struct err *import_run(struct import *import)
{
	struct db_scope scope = {.is_operator = true};
	struct db *db = import->admin->ctx.db;
	const struct err *err = db_long_begin(db, import->arena, SQL_SCOPE_BEGIN, &scope);

	if (err == NULL)
		err = import_work(import);
	return db_long_end(db, import->arena, err);
}

const struct err *admin_account_import(struct admin *admin)
{
	struct option_row options[] = {{.name = "as"}, {.name = "add-prices", .is_flag = true}};
	const struct err *err = option_read(admin, options, ARRAY_LEN(options), 1, 1);
	struct import import = {.admin = admin, .arena = admin->ctx.arena,
	    .part = arena_within(admin->ctx.arena), .slug = options[0].value,
	    .adds_prices = options[1].value != NULL, .said_ms = clock_ms()};

	if (err == NULL && import.slug != NULL && !text_is_slug(import.slug))
		err = option_error(admin, "--as is a slug: 1 to 64 of a-z, 0-9, - and _");
	if (err == NULL)
		err = account_files_check(import.arena, option_operand(admin, 0), &import.files);
	if (err == NULL)
		err = admin_open(admin);
	if (err == NULL)
		err = import_run(&import);
	if (err != NULL)
		return err;
	(void)printf("lines %" PRId64 "\n", import.lines);
	(void)fprintf(stderr, "next: promptbuilder token account %s; tokens are not exported\n",
	    import.slug != NULL ? import.slug : import.files.slug);
	return NULL;
}
