/* db_kit.c: what the tests of db share. */
#include "db_kit.h"

#include <check.h>
#include <poll.h>

const char *url;
struct arena *arena;
struct db *db;

void open_with(const struct db_options *options)
{
	db_close(db);
	db = db_new(options);
}

void kit_set_up(void)
{
	arena = arena_new();
	open_with(&(struct db_options){.url = url, .application = "db_test"});
}

void kit_tear_down(void)
{
	db_close(db);
	db = NULL;
	arena_free(arena);
}

struct db_rows *add_text(struct db_tx *tx, const char *text)
{
	struct db_rows *rows = db_append(tx, SQL_SCOPE_LISTEN, NULL, 0);

	rows->text = text;
	return rows;
}

const struct err *run_text(const char *text, struct db_rows **rows)
{
	struct db_tx *tx = db_tx(arena, NULL);
	struct db_rows *added = add_text(tx, text);

	if (rows)
		*rows = added;
	return db_run(db, tx);
}

const char *value_of(const char *text)
{
	struct db_rows *rows;

	ck_assert_ptr_null(run_text(text, &rows));
	return db_text(rows, 0, "v");
}

void keep_end(void *arg, const struct err *err)
{
	*(struct end *)arg = (struct end){true, err};
}

const struct err *step_until(struct end *end)
{
	while (!end->is_known) {
		struct pollfd wait = {0};

		wait.fd = db_fd(db, &wait.events);
		poll(&wait, 1, (int)db_wait_ms(db));
		db_step(db);
	}
	return end->err;
}
