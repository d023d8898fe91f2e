/* migrate.c: compares the directory with the record, takes over the plan's database, applies.
 *
 * The bootstrap and each migration are transactions that begin with the same lock and look again
 * under it, so any number of migrators may start at once. */
#include "db/migrate.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "db/db_inner.h"

#define MAX_FILE_BYTES (1 << 20)
#define MAX_REPORT_BYTES (1 << 16)

struct migration {
	int64_t number;
	const char *name; /* "0001_plan" */
	const char *sql;
	const char *sha256;
	const char *applied_at; /* NULL: not yet */
};

struct work {
	struct db *db;
	struct arena *arena;
	struct migration *list;
	size_t count;
	bool is_recorded; /* there is a schema_migrations */
	bool adopts;      /* a database made by the plan's SQL alone */
	struct migrate_report *report;
};

static int is_sql_file(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 4 && strcmp(entry->d_name + len - 4, ".sql") == 0;
}

static const struct err *read_file(struct arena *arena, const char *path, const char **text)
{
	struct buf *buf = buf_new(arena, MAX_FILE_BYTES);
	FILE *file = fopen(path, "re");
	char piece[8192];
	size_t len;
	bool is_broken;

	if (!file)
		return err_new(arena, ERR_INVALID, "%s cannot be read: %s.", path, strerror(errno));
	while ((len = fread(piece, 1, sizeof(piece), file)) > 0)
		buf_add(buf, piece, len);
	is_broken = ferror(file) || buf->failed || buf->len == 0;
	fclose(file);
	if (is_broken)
		return err_new(arena, ERR_INVALID, "%s is unreadable, empty or too long.", path);
	*text = arena_strndup(arena, buf->data, buf->len);
	return NULL;
}

/* Takes one file into the list; numbers go 1, 2, 3 without a gap. */
static const struct err *add_file(struct work *work, const char *directory, const char *file)
{
	struct migration *migration = &work->list[work->count];
	size_t digits = strspn(file, "0123456789");
	const char *number = arena_strndup(work->arena, file, digits);
	const char *path = arena_printf(work->arena, "%s/%s", directory, file);
	const struct err *err;

	if (digits != 4 || file[4] != '_')
		return err_new(work->arena, ERR_INVALID, "%s is not named NNNN_name.sql.", path);
	while (*number == '0')
		number++;
	if (!text_to_int(number, 1, 9999, &migration->number) ||
	    migration->number != (int64_t)work->count + 1)
		return err_new(work->arena, ERR_INVALID, "%s: number %04zu is expected here.", path,
		    work->count + 1);
	err = read_file(work->arena, path, &migration->sql);
	if (err)
		return err;
	migration->name = arena_strndup(work->arena, file, strlen(file) - strlen(".sql"));
	migration->sha256 = text_sha256(work->arena, migration->sql, strlen(migration->sql));
	work->count++;
	return NULL;
}

static const struct err *read_directory(struct work *work, const char *directory)
{
	struct dirent **entries = NULL;
	int count = scandir(directory, &entries, is_sql_file, alphasort);
	const struct err *err = NULL;

	if (count < 0)
		return err_new(work->arena, ERR_INVALID, "%s cannot be read: %s.", directory,
		    strerror(errno));
	work->list = arena_alloc(work->arena, ((size_t)count + 1) * sizeof(*work->list));
	for (int i = 0; i < count; i++) {
		if (!err)
			err = add_file(work, directory, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	if (!err && count == 0)
		err = err_new(work->arena, ERR_INVALID, "%s holds no migrations.", directory);
	return err;
}

static const struct err *run(struct work *work, enum sql sql, const char *const *params,
    struct db_rows **rows)
{
	return db_statement(work->db, work->arena, sql, params, rows);
}

/* Opens a transaction under the lock, with the operator's sight of all rows. */
static const struct err *begin(struct work *work)
{
	const struct err *err = db_long_begin(work->db, work->arena, SQL_SCOPE_BEGIN,
	    &(struct db_scope){.is_operator = true});

	if (!err)
		err = run(work, SQL_MIGRATION_LOCK, NULL, NULL);
	if (!err)
		err = run(work, SQL_MIGRATION_LIMITS, NULL, NULL);
	return err;
}

/* Commits, or rolls back when there is an error already. */
static const struct err *finish(struct work *work, const struct err *err)
{
	return db_long_end(work->db, work->arena, err);
}

static const struct err *record(struct work *work, const struct migration *migration)
{
	const char *params[] = {
		db_int_param(work->arena, migration->number), migration->name, migration->sha256,
	};

	return run(work, SQL_MIGRATION_RECORD, params, NULL);
}

/* What the database is: recorded, empty, the plan's, or something in between. */
static const struct err *look(struct work *work)
{
	struct db_rows *rows;
	const struct err *err = run(work, SQL_MIGRATION_STATE, NULL, &rows);
	int64_t present;

	if (err)
		return err;
	work->is_recorded = db_bool(rows, 0, "is_recorded");
	present = db_int(rows, 0, "present");
	work->adopts = !work->is_recorded && present == db_int(rows, 0, "expected");
	if (!work->is_recorded && present > 0 && !work->adopts)
		return err_new(work->arena, ERR_CONFLICT,
		    "The database holds only a part of the plan's tables (absent: %s) and no "
		    "schema_migrations. Complete the plan's SQL, or use an empty database.",
		    db_text(rows, 0, "absent"));
	return NULL;
}

static const struct err *bootstrap(struct work *work)
{
	const struct err *err = begin(work);

	if (!err)
		err = look(work);
	if (!err && !work->is_recorded)
		err = run(work, SQL_MIGRATION_TABLE, NULL, NULL);
	if (!err && work->adopts)
		err = record(work, &work->list[0]);
	err = finish(work, err);
	if (!err)
		work->is_recorded = true;
	if (!err && work->adopts)
		log_info("the plan's database is taken over", "recorded", work->list[0].name);
	return err;
}

/* Marks what has been applied; a stranger or a changed file ends it. */
static const struct err *compare(struct work *work)
{
	struct db_rows *rows;
	const struct err *err = run(work, SQL_MIGRATION_LIST, NULL, &rows);

	for (size_t i = 0; !err && i < db_count(rows); i++) {
		int64_t number = db_int(rows, i, "number");
		const char *name = db_text(rows, i, "name");
		struct migration *migration;

		if (number > (int64_t)work->count)
			return err_new(work->arena, ERR_CONFLICT,
			    "The database has migration %s, which this installation does not know: "
			    "a newer one made it.", name);
		migration = &work->list[number - 1];
		if (!text_equal(migration->sha256, db_text(rows, i, "sha256")))
			return err_new(work->arena, ERR_CONFLICT,
			    "Migration %s was applied as another text than %s.sql holds now. "
			    "Applied migrations must stay as they are.", name, migration->name);
		migration->applied_at = db_text(rows, i, "applied_at");
		work->report->already++;
	}
	return err;
}

static const struct err *apply_script(struct work *work, const struct migration *migration)
{
	const struct err *err = db_script(work->db, work->arena, migration->sql);

	if (err)
		return err_new(work->arena, err->kind, "Migration %s was not applied: %s",
		    migration->name, err->sentence);
	if (!db_is_in_transaction(work->db))
		return err_new(work->arena, ERR_INVALID,
		    "Migration %s ended the transaction it runs in, or lost the connection.",
		    migration->name);
	return record(work, migration);
}

static const struct err *apply(struct work *work, struct migration *migration)
{
	const char *number = db_int_param(work->arena, migration->number);
	struct db_rows *found = NULL;
	const struct err *err = begin(work);
	bool is_new = false;

	if (!err)
		err = run(work, SQL_MIGRATION_FIND, &number, &found);
	if (!err)
		is_new = db_count(found) == 0; /* else another migrator was faster */
	if (is_new)
		err = apply_script(work, migration);
	err = finish(work, err);
	if (err)
		return err;
	migration->applied_at = "now";
	if (is_new)
		work->report->applied++;
	else
		work->report->already++;
	log_info(is_new ? "migration applied" : "migration found", "name", migration->name);
	return NULL;
}

static void write_report(struct work *work)
{
	struct buf *lines = buf_new(work->arena, MAX_REPORT_BYTES);

	for (size_t i = 0; i < work->count; i++) {
		const struct migration *migration = &work->list[i];

		if (migration->applied_at)
			buf_printf(lines, "%s  applied %s\n", migration->name,
			    migration->applied_at);
		else
			buf_printf(lines, "%s  pending\n", migration->name);
	}
	work->report->lines = lines->data;
}

static const struct err *only_look(struct work *work)
{
	const struct err *err = look(work);

	if (!err && work->is_recorded)
		err = compare(work);
	if (err)
		return err;
	if (work->adopts) {
		work->list[0].applied_at = "by the plan's own SQL";
		work->report->already = 1;
	}
	work->report->pending = (int)work->count - work->report->already;
	return NULL;
}

static const struct err *apply_all(struct work *work)
{
	const struct err *err = bootstrap(work);

	if (!err)
		err = compare(work);
	for (size_t i = 0; !err && i < work->count; i++)
		if (!work->list[i].applied_at)
			err = apply(work, &work->list[i]);
	return err;
}

const struct err *migrate(struct db *db, struct arena *arena, const char *directory, bool dry_run,
    struct migrate_report *report)
{
	struct work work = {.db = db, .arena = arena, .report = report};
	const struct err *err = read_directory(&work, directory);

	*report = (struct migrate_report){0};
	if (!err)
		err = dry_run ? only_look(&work) : apply_all(&work);
	if (err)
		return err;
	report->adopted = work.adopts;
	write_report(&work);
	return NULL;
}
