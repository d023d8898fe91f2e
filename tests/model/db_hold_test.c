/* db_hold_test.c: a transaction in pieces is one: all of it happens at its end, or nothing. */
#include <string.h>

#include "db_kit.h"
#include "tests/lib/suite.h"

static const struct err *piece(const char *text, bool is_first, bool is_last)
{
	struct db_tx *tx = db_tx(arena, NULL);

	if (!is_first)
		db_go_on(tx);
	if (!is_last)
		db_hold(tx);
	add_text(tx, text);
	return db_run(db, tx);
}

/* What others see of the table, on a connection of their own. */
static const char *seen(void)
{
	return pg_value(url, "SELECT coalesce(string_agg(v::text, ' ' ORDER BY v), '') FROM held");
}

static void set_up(void)
{
	kit_set_up();
	pg_script(url, "DROP TABLE IF EXISTS held; CREATE TABLE held (v int PRIMARY KEY)");
}

START_TEST(nothing_is_seen_before_the_end)
{
	ck_assert_ptr_null(piece("INSERT INTO held VALUES (1)", true, false));
	ck_assert_ptr_null(piece("INSERT INTO held VALUES (2)", false, false));
	ck_assert_str_eq(seen(), "");
	ck_assert_ptr_null(piece("INSERT INTO held VALUES (3)", false, true));
	ck_assert_str_eq(seen(), "1 2 3");
	ck_assert_ptr_null(run_text("INSERT INTO held VALUES (4)", NULL));
	ck_assert_str_eq(seen(), "1 2 3 4");
}
END_TEST

START_TEST(a_pooler_holds_it_too)
{
	open_with(&(struct db_options){.url = url, .pooled = true});
	ck_assert_ptr_null(piece("INSERT INTO held VALUES (1)", true, false));
	ck_assert_ptr_null(piece("INSERT INTO held VALUES (2)", false, true));
	ck_assert_str_eq(seen(), "1 2");
}
END_TEST

START_TEST(a_piece_that_fails_undoes_all)
{
	const struct err *err;

	ck_assert_ptr_null(piece("INSERT INTO held VALUES (1)", true, false));
	err = piece("INSERT INTO held VALUES (1)", false, false);
	ck_assert(err && err->kind == ERR_CONFLICT);
	err = piece("INSERT INTO held VALUES (2)", false, true);
	ck_assert(err && err->kind == ERR_DOWN);
	ck_assert_str_eq(seen(), "");
	ck_assert_ptr_null(run_text("INSERT INTO held VALUES (3)", NULL));
	ck_assert_str_eq(seen(), "3");
}
END_TEST

START_TEST(it_can_be_given_up)
{
	db_undo(db); /* nothing is open */
	ck_assert_ptr_null(piece("INSERT INTO held VALUES (1)", true, false));
	db_undo(db);
	ck_assert_ptr_null(run_text("INSERT INTO held VALUES (2)", NULL));
	ck_assert_ptr_null(piece("INSERT INTO held VALUES (3)", true, false));
	ck_assert_ptr_null(run_text("INSERT INTO held VALUES (4)", NULL)); /* does not go on in it */
	ck_assert_str_eq(seen(), "2 4");
}
END_TEST

START_TEST(a_lost_connection_undoes_it)
{
	const struct err *err;

	ck_assert_ptr_null(piece("INSERT INTO held VALUES (1)", true, false));
	pg_script(url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
	    " WHERE application_name = 'db_test' AND state = 'idle in transaction'");
	err = piece("INSERT INTO held VALUES (2)", false, true);
	ck_assert(err && err->kind == ERR_DOWN);
	ck_assert_ptr_nonnull(strstr(err->sentence, "nothing was saved"));
	ck_assert_str_eq(seen(), "");
	err = piece("INSERT INTO held VALUES (2)", false, true);
	ck_assert(err && err->kind == ERR_DOWN);
	ck_assert_ptr_null(piece("INSERT INTO held VALUES (3)", true, false));
	ck_assert_ptr_null(piece("INSERT INTO held VALUES (4)", false, true));
	ck_assert_str_eq(seen(), "3 4");
}
END_TEST

/* Scope and plans are those of the whole transaction; more statements than plans are kept for. */
START_TEST(many_pieces_go_on)
{
	ck_assert_ptr_null(piece("SELECT set_config('app.account_id', 'mine', true)", true, false));
	for (int i = 0; i < 600; i++)
		ck_assert_ptr_null(piece(arena_printf(arena, "INSERT INTO held SELECT %d"
		    " WHERE current_setting('app.account_id') = 'mine'", i), false, false));
	ck_assert_ptr_null(piece("SELECT 1", false, true));
	ck_assert_str_eq(pg_value(url, "SELECT count(*)::text FROM held"), "600");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {nothing_is_seen_before_the_end, a_pooler_holds_it_too,
	    a_piece_that_fails_undoes_all, it_can_be_given_up, a_lost_connection_undoes_it,
	    many_pieces_go_on};

	url = pg_fresh(true);
	return suite_run_between(set_up, kit_tear_down, "db_hold", tests, ARRAY_LEN(tests));
}
