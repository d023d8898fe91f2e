/* account_export.c: account export: everything of an account as lines of JSON, and its prompts as
 * files, read from one snapshot in little memory. */
#include <inttypes.h>
#include <string.h>

#include "admin/admin.h"
#include "admin/bundle.h"
#include "base/clock.h"
#include "base/text.h"

#define PART_BYTES "262144" /* of lines that are fetched at a time */
#define PROGRESS_MS 1000
#define LIST_PRICES "list_prices"
#define PROMPTS "prompts"

#ifndef PROMPTBUILDER_VERSION
#define PROMPTBUILDER_VERSION "unknown"
#endif

struct export {
	struct admin *admin;
	struct arena *arena;  /* of the command */
	struct arena *part;   /* of the lines that were fetched, emptied for the next ones */
	struct bundle *bundle;
	struct doc *manifest;
	const char *account_id, *prices;
	int64_t lines, prompts;
	int64_t said_ms;
	struct bundle_file prompt_list;
};

/* What becomes of a line that was fetched. */
typedef const struct err *(*line_taker)(struct export *export, void *arg, const char *line);

static const struct err *ask(struct export *export, enum sql sql, const char *const *params,
    struct db_rows **rows)
{
	return db_statement(export->admin->ctx.db, export->part, sql, params, rows);
}

static void progress_say(struct export *export, const char *what)
{
	int64_t now_ms = clock_ms();

	if (now_ms - export->said_ms < PROGRESS_MS)
		return;
	export->said_ms = now_ms;
	(void)fprintf(stderr, "promptbuilder: %" PRId64 " lines, %" PRId64 " prompts; now %s\n",
	    export->lines, export->prompts, what);
}

/* Gives all lines of a cursor away, a part at a time. */
static const struct err *rows_walk(struct export *export, const char *name, line_taker take,
    void *arg)
{
	const char *open[] = {name, export->account_id, export->prices};
	const char *next[] = {PART_BYTES};
	const struct err *err = ask(export, SQL_EXPORT_OPEN, open, NULL);
	struct db_rows *rows;
	bool is_end = false;

	while (err == NULL && !is_end) {
		arena_reset(export->part);
		err = ask(export, SQL_EXPORT_NEXT, next, &rows);
		is_end = err == NULL && db_count(rows) == 0;
		for (size_t i = 0; err == NULL && i < db_count(rows); i++)
			err = take(export, arg, db_text(rows, i, "line"));
		progress_say(export, name);
	}
	return err != NULL ? err : ask(export, SQL_EXPORT_CLOSE, NULL, NULL);
}

/* ---- Rows. ---- */

struct table_file {
	struct bundle_file file;
	int64_t lines;
};

static const struct err *row_take(struct export *export, void *arg, const char *line)
{
	struct table_file *table = arg;

	bundle_file_add(&table->file, line, strlen(line));
	bundle_file_add(&table->file, "\n", 1);
	table->lines++;
	export->lines++;
	return NULL;
}

/* A table's file, and its place in the manifest. columns: a JSON array of names. */
static const struct err *table_export(struct export *export, const char *name, const char *columns)
{
	struct table_file table = {0};
	const char *path = arena_printf(export->arena, "%s.jsonl", name);
	struct doc *names = NULL, *entry;
	const struct err *err = doc_parse(export->arena, columns, strlen(columns), &names);

	if (err == NULL)
		err = bundle_file_open(export->bundle, export->arena, path, &table.file);
	if (err == NULL)
		err = rows_walk(export, name, row_take, &table);
	if (err == NULL)
		err = bundle_file_close(export->arena, &table.file);
	if (err != NULL)
		return err;
	entry = doc_push_object(doc_get(export->manifest, "tables"));
	doc_set_text(entry, "table", name);
	doc_set_text(entry, "file", path);
	doc_set_int(entry, "lines", table.lines);
	doc_set_int(entry, "bytes", table.file.bytes);
	doc_set_text(entry, "sha256", table.file.sha256);
	doc_set(entry, "columns", names);
	return NULL;
}

static const struct err *tables_export(struct export *export)
{
	struct db_rows *tables;
	const struct err *err = db_statement(export->admin->ctx.db, export->arena,
	    SQL_EXPORT_TABLES, NULL, &tables);

	if (err == NULL)
		err = table_export(export, LIST_PRICES, "[]");
	for (size_t i = 0; err == NULL && i < db_count(tables); i++)
		err = table_export(export, db_text(tables, i, "name"),
		    db_text(tables, i, "columns"));
	return err;
}

/* ---- Prompts. ---- */

static const struct err *prompt_write(struct export *export, const char *path, const char *text)
{
	struct bundle_file file;
	const struct err *err;
	const char *line;

	if (text == NULL || text[0] == '\0')
		return NULL;
	err = bundle_file_open(export->bundle, export->part, path, &file);
	if (err != NULL)
		return err;
	bundle_file_add(&file, text, strlen(text));
	err = bundle_file_close(export->part, &file);
	line = arena_printf(export->part, "%s  %s\n", file.sha256, path);
	bundle_file_add(&export->prompt_list, line, strlen(line));
	export->prompts++;
	return err;
}

/* An assistant's name for others as the name of a folder: nothing in it leads elsewhere. */
static const char *bundle_name(struct arena *arena, const char *external_id)
{
	struct buf *name = buf_new(arena, 4 * strlen(external_id) + 4);

	if (external_id[0] == '.') {
		buf_text(name, "%2E");
		external_id++;
	}
	text_url_encode(name, external_id);
	return name->data;
}

static const struct err *prompt_take(struct export *export, void *arg, const char *line)
{
	struct doc *version;
	const struct err *err = doc_parse(export->part, line, strlen(line), &version);
	const char *bundle;
	int64_t number;

	if (err != NULL)
		return err;
	doc_int(version, "number", &number);
	bundle = arena_printf(export->part, "assistants/%s/v%" PRId64,
	    bundle_name(export->part, doc_text(version, "external_id")), number);
	err = prompt_write(export, arena_printf(export->part, "%s/prompt.md", bundle),
	    doc_text(version, "prompt"));
	if (err == NULL)
		err = prompt_write(export, arena_printf(export->part, "%s/injection.ts", bundle),
		    doc_text(version, "injection"));
	return err;
}

static const struct err *prompts_export(struct export *export)
{
	struct doc *entry = doc_add_object(export->manifest, PROMPTS);
	const struct err *err = bundle_file_open(export->bundle, export->arena, PROMPTS ".sha256",
	    &export->prompt_list);

	if (err == NULL)
		err = rows_walk(export, PROMPTS, prompt_take, NULL);
	if (err == NULL)
		err = bundle_file_close(export->arena, &export->prompt_list);
	doc_set_text(entry, "file", PROMPTS ".sha256");
	doc_set_int(entry, "files", export->prompts);
	doc_set_text(entry, "sha256", export->prompt_list.sha256);
	return err;
}

/* ---- The whole. ---- */

static const struct err *manifest_write(struct export *export)
{
	struct bundle_file file;
	struct db_rows *rows;
	struct doc *left_out = doc_add_array(export->manifest, "not_exported");
	struct buf *text = buf_new(export->arena, 1u << 20);
	const struct err *err = db_statement(export->admin->ctx.db, export->arena,
	    SQL_EXPORT_LEFT_OUT, NULL, &rows);

	for (size_t i = 0; err == NULL && i < db_count(rows); i++)
		doc_push_text(left_out, db_text(rows, i, "sentence"));
	if (err == NULL)
		err = bundle_file_open(export->bundle, export->arena, BUNDLE_MANIFEST, &file);
	if (err != NULL)
		return err;
	doc_write(export->manifest, text);
	buf_char(text, '\n');
	bundle_file_add(&file, text->data, text->len);
	return bundle_file_close(export->arena, &file);
}

static const struct err *account_find(struct export *export, const char *slug)
{
	const char *params[] = {slug};
	struct doc *manifest = export->manifest, *account;
	struct db_rows *rows;
	const struct err *err = db_statement(export->admin->ctx.db, export->arena,
	    SQL_EXPORT_ACCOUNT, params, &rows);

	if (err != NULL)
		return err;
	if (db_count(rows) == 0)
		return err_new(export->arena, ERR_MISSING, "there is no account \"%s\"", slug);
	export->account_id = db_text(rows, 0, "id");
	export->prices = db_text(rows, 0, "prices");
	doc_set_text(manifest, "format", BUNDLE_FORMAT);
	doc_set_int(manifest, "format_version", 1);
	doc_set_text(manifest, "program_version", PROMPTBUILDER_VERSION);
	doc_set_int(manifest, "schema", db_int(rows, 0, "schema"));
	doc_set_text(manifest, "exported_at", db_text(rows, 0, "at"));
	account = doc_add_object(manifest, "account");
	doc_set_text(account, "id", export->account_id);
	doc_set_text(account, "slug", slug);
	doc_set_text(account, "name", db_text(rows, 0, "name"));
	doc_set_int(manifest, "unfinished_runs", db_int(rows, 0, "unfinished_runs"));
	(void)doc_add_array(manifest, "tables");
	return NULL;
}

static const struct err *export_read(struct export *export, const char *slug)
{
	struct db_scope scope = {.is_operator = true};
	struct db *db = export->admin->ctx.db;
	const struct err *err = db_long_begin(db, export->arena, SQL_EXPORT_BEGIN, &scope);

	if (err == NULL)
		err = ask(export, SQL_EXPORT_LIMITS, NULL, NULL);
	if (err == NULL)
		err = account_find(export, slug);
	if (err == NULL)
		err = tables_export(export);
	if (err == NULL)
		err = prompts_export(export);
	if (err == NULL)
		err = manifest_write(export);
	return db_long_end(db, export->arena, err);
}

static void result_say(const struct export *export, const char *slug, const char *path)
{
	int64_t unfinished = 0;

	doc_int(export->manifest, "unfinished_runs", &unfinished);
	(void)printf("lines %" PRId64 "\nprompts %" PRId64 "\n", export->lines, export->prompts);
	if (unfinished > 0)
		(void)fprintf(stderr, "promptbuilder: %" PRId64 " runs are queued or running: this "
		    "export can be read, but not imported; export again when they have ended\n",
		    unfinished);
	(void)fprintf(stderr, "%s is in %s, without its tokens and sessions; next, elsewhere: "
	    "promptbuilder account import %s\n", slug, path, path);
}

const struct err *admin_account_export(struct admin *admin)
{
	struct option_row options[] = {{.name = "to"}, {.name = "force", .is_flag = true}};
	const struct err *err = option_read(admin, options, ARRAY_LEN(options), 1, 1);
	const char *slug = option_operand(admin, 0), *path = options[0].value;
	struct export export = {.admin = admin, .arena = admin->ctx.arena,
	    .part = arena_within(admin->ctx.arena), .said_ms = clock_ms()};
	struct db_rows *rows;

	export.manifest = doc_object(export.arena);
	if (err == NULL && path == NULL)
		err = option_error(admin, "--to names the folder");
	if (err == NULL)
		err = admin_open(admin);
	if (err == NULL)
		err = bundle_open(export.arena, path, options[1].value != NULL, &export.bundle);
	if (err == NULL)
		err = export_read(&export, slug);
	if (err == NULL)
		err = bundle_commit(export.bundle);
	if (err == NULL)
		err = admin_run(admin, &rows, SQL_EXPORT_NOTE, slug, export.account_id);
	if (err == NULL)
		result_say(&export, slug, path);
	return err;
}
