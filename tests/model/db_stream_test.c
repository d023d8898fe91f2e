/* db_stream_test.c: rows that are taken while they come, and answers that nobody waits for. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "db_kit.h"
#include "tests/lib/suite.h"

#define MANY "100000000"

struct taken {
	int64_t rows;
	int64_t sum;
	int64_t enough;     /* rows, then no more are wanted; 0: all are */
	int64_t kill_after; /* rows, then the server's side ends; 0: never */
};

static bool take(void *arg, const struct db_rows *rows, size_t row)
{
	struct taken *taken = arg;

	ck_assert_uint_lt(row, db_count(rows));
	taken->sum += db_int(rows, row, "v");
	taken->rows++;
	if (taken->rows == taken->kill_after)
		pg_value(url, "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
		    " WHERE application_name LIKE 'db_test%' AND datname = current_database()");
	return taken->rows != taken->enough;
}

static const struct err *stream(const char *text, struct taken *taken)
{
	struct db_tx *tx = db_tx(arena, NULL);
	struct db_rows *before = add_text(tx, "SELECT 'before' AS v");
	struct db_rows *rows = add_text(tx, text);
	struct db_rows *after = add_text(tx, "SELECT 'after' AS v");
	const struct err *err;

	db_stream(rows, take, taken);
	db_repeatable(tx);
	err = db_run(db, tx);
	if (err)
		return err;
	ck_assert_str_eq(db_text(before, 0, "v"), "before");
	ck_assert_uint_eq(db_count(rows), 0);
	ck_assert_str_eq(db_text(after, 0, "v"), "after");
	return NULL;
}

/* On the server; it needs a moment to see that it was left. */
static void ck_nothing_runs(void)
{
	int64_t until_ms = clock_ms() + 5000;

	while (strcmp(pg_value(url, "SELECT count(*) FROM pg_stat_activity WHERE state = 'active'"
	    " AND application_name LIKE 'db_test%' AND datname = current_database()"), "0") != 0)
		ck_assert_int_lt(clock_ms(), until_ms);
	ck_assert_str_eq(value_of("SELECT 'fine' AS v"), "fine");
}

START_TEST(rows_are_taken_one_by_one)
{
	struct taken taken = {0};

	ck_assert_ptr_null(stream("SELECT n AS v FROM generate_series(1, 100000) AS n", &taken));
	ck_assert_int_eq(taken.rows, 100000);
	ck_assert_int_eq(taken.sum, 5000050000);
	taken = (struct taken){0};
	ck_assert_ptr_null(stream("SELECT 1 AS v WHERE false", &taken));
	ck_assert_int_eq(taken.rows, 0);
}
END_TEST

static bool count(void *arg, const struct db_rows *rows, size_t row)
{
	*(int64_t *)arg += db_int(rows, row, "number");
	return true;
}

START_TEST(prepared_statements_stream_too)
{
	for (int i = 0; i < 2; i++) {
		struct db_tx *tx = db_tx(arena, NULL);
		int64_t sum = 0;

		db_stream(db_add(tx, SQL_MIGRATION_FIND, "2"), count, &sum);
		ck_assert_ptr_null(db_run(db, tx));
		ck_assert_int_eq(sum, 2);
	}
}
END_TEST

START_TEST(an_error_after_rows)
{
	struct taken taken = {0};
	const struct err *err = stream("SELECT 6 / (3 - n) AS v FROM generate_series(1, 9) AS n",
	    &taken);

	ck_assert_int_eq(err->kind, ERR_INVALID);
	ck_assert_int_eq(taken.rows, 2);
	ck_assert_int_eq(taken.sum, 9);
	ck_nothing_runs();
}
END_TEST

/* A race that is lost after rows were given away must not give them again. */
START_TEST(rows_are_never_given_twice)
{
	struct taken taken = {0};
	const struct err *err;

	ck_assert_ptr_null(run_text("CREATE FUNCTION race(n integer) RETURNS integer LANGUAGE"
	    " plpgsql AS $$ BEGIN IF n = 3 THEN RAISE EXCEPTION 'x' USING ERRCODE = '40001';"
	    " END IF; RETURN n; END $$", NULL));
	err = stream("SELECT race(n) AS v FROM generate_series(1, 9) AS n", &taken);
	ck_assert_int_eq(err->kind, ERR_DOWN);
	ck_assert_int_eq(taken.rows, 2);
	taken = (struct taken){.kill_after = 1};
	err = stream("SELECT generate_series(1, " MANY ") AS v", &taken);
	ck_assert_int_eq(err->kind, ERR_DOWN);
	ck_assert_int_eq(taken.sum, taken.rows * (taken.rows + 1) / 2);
	ck_nothing_runs();
}
END_TEST

START_TEST(enough_ends_it_at_once)
{
	struct taken taken = {.enough = 10};
	int64_t start_ms = clock_ms();
	const struct err *err = stream("SELECT generate_series(1, " MANY ") AS v",
	    &taken);

	ck_assert_int_eq(err->kind, ERR_DOWN);
	ck_assert_str_eq(err->sentence, DB_ABANDONED);
	ck_assert_int_eq(taken.rows, 10);
	ck_assert_int_lt(clock_ms() - start_ms, 5000);
	ck_nothing_runs();
}
END_TEST

START_TEST(nobody_waits)
{
	int64_t start_ms = clock_ms();
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	db_watch(db, ends[0]);
	/* Whoever waits may have sent something that is not read yet. */
	ck_assert_int_eq(write(ends[1], "x", 1), 1);
	ck_assert_str_eq(value_of("SELECT 'slow' AS v FROM pg_sleep(0.05)"), "slow");
	close(ends[1]);
	ck_assert_str_eq(run_text("SELECT pg_sleep(60)::text AS v", NULL)->sentence, DB_ABANDONED);
	ck_assert_int_lt(clock_ms() - start_ms, 5000);
	db_watch(db, -1);
	close(ends[0]);
	ck_nothing_runs();
}
END_TEST

START_TEST(cells_are_as_in_documents)
{
	struct db_rows *rows;
	char space[DB_CELL_BYTES];

	ck_assert_ptr_null(run_text("SELECT true AS yes, NULL::int AS nothing, 0.100 AS cost,"
	    " '2026-11-23 04:56:21.1239+02'::timestamptz AS at, 'x' AS text", &rows));
	ck_assert_str_eq(db_cell(rows, 0, db_column(rows, "yes"), space), "true");
	ck_assert_ptr_null(db_cell(rows, 0, db_column(rows, "nothing"), space));
	ck_assert_str_eq(db_cell(rows, 0, db_column(rows, "cost"), space), "0.100");
	ck_assert_str_eq(db_cell(rows, 0, db_column(rows, "at"), space),
	    "2026-11-23T02:56:21.123Z");
	ck_assert_str_eq(db_cell(rows, 0, db_column(rows, "text"), space), "x");
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("db_stream");
	TCase *tcase = tcase_create("server");

	tcase_add_checked_fixture(tcase, kit_set_up, kit_tear_down);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, rows_are_taken_one_by_one);
	tcase_add_test(tcase, prepared_statements_stream_too);
	tcase_add_test(tcase, an_error_after_rows);
	tcase_add_test(tcase, rows_are_never_given_twice);
	tcase_add_test(tcase, enough_ends_it_at_once);
	tcase_add_test(tcase, nobody_waits);
	tcase_add_test(tcase, cells_are_as_in_documents);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	url = pg_fresh(true);
	return suite_end(make_suite());
}
