/* db_test.c: transactions, their scope and errors, and reading results, on a real server. */
#include <signal.h>
#include <string.h>

#include "base/clock.h"
#include "db_kit.h"
#include "tests/lib/suite.h"

#define MISSING_ACCOUNT "00000000-0000-7000-8000-000000000001"
#define PREPARED \
	"SELECT coalesce(string_agg(name, ' ' ORDER BY name), '') AS v" \
	" FROM pg_prepared_statements WHERE name LIKE 'migration%'"

static void ck_kind(const char *text, enum err_kind kind)
{
	const struct err *err = run_text(text, NULL);

	ck_assert_ptr_nonnull(err);
	ck_assert_msg(err->kind == kind, "%s gave %s", text, err_kind_name(err->kind));
	ck_assert_ptr_null(run_text("SELECT 1 AS v", NULL));
}

static void use_prepared_statements(void)
{
	struct db_tx *tx = db_tx(arena, NULL);
	struct db_rows *one = db_add(tx, SQL_MIGRATION_FIND, "1");
	struct db_rows *none = db_add(tx, SQL_MIGRATION_FIND, "9999");
	struct db_rows *null = db_add(tx, SQL_MIGRATION_FIND, NULL);
	struct db_rows *all = db_add(tx, SQL_MIGRATION_LIST);

	ck_assert_ptr_null(db_run(db, tx));
	ck_assert_uint_eq(db_count(one), 1);
	ck_assert_int_eq(db_int(one, 0, "number"), 1);
	ck_assert_uint_eq(db_count(none), 0);
	ck_assert_uint_eq(db_count(null), 0);
	ck_assert_str_eq(db_text(all, 0, "name"), "0001_plan");
}

START_TEST(statements_are_prepared_once)
{
	for (int i = 0; i < 3; i++)
		use_prepared_statements();
	ck_assert_str_eq(value_of(PREPARED), "migration_find migration_list");
}
END_TEST

START_TEST(a_pooler_gets_unnamed_statements)
{
	open_with(&(struct db_options){.url = url, .pooled = true});
	use_prepared_statements();
	ck_assert_str_eq(value_of(PREPARED), "");
	db_listen(db, "jobs");
	ck_assert_int_eq(db_listen_step(db), 0);
	ck_assert(!db_is_listening(db));
}
END_TEST

START_TEST(scope_is_set_and_local)
{
	struct db_scope scope = {.account_id = MISSING_ACCOUNT, .is_operator = true};
	const char *text = "SELECT current_setting('app.account_id') || ' ' ||"
	    " current_setting('app.operator') || ' ' || current_setting('TimeZone') AS v";
	struct db_tx *tx = db_tx(arena, &scope);
	struct db_rows *rows = add_text(tx, text);

	ck_assert_ptr_null(db_run(db, tx));
	ck_assert_str_eq(db_text(rows, 0, "v"), MISSING_ACCOUNT " on UTC");
	ck_assert_str_eq(value_of(text), " off UTC");
	ck_assert_ptr_null(db_script(db, arena, "DO $$ BEGIN"
	    " ASSERT coalesce(current_setting('app.account_id', true), '') = ''; END $$"));
}
END_TEST

START_TEST(role_is_taken_on)
{
	open_with(&(struct db_options){.url = url, .role = "promptbuilder_web"});
	ck_assert_str_eq(value_of("SELECT current_user::text AS v"), "promptbuilder_web");
	ck_kind("CREATE TABLE forbidden (a int)", ERR_BUG);
	open_with(&(struct db_options){.url = url, .role = "postgres"});
	ck_assert_str_eq(value_of("SELECT current_user::text AS v"), "postgres");
	open_with(&(struct db_options){.url = url, .role = "nobody_of_that_name"});
	ck_assert_int_eq(run_text("SELECT 1 AS v", NULL)->kind, ERR_BUG);
}
END_TEST

START_TEST(wrong_parameters_send_nothing)
{
	struct db_tx *tx = db_tx(arena, NULL);

	db_add(tx, SQL_MIGRATION_FIND, "1", "2");
	ck_assert_int_eq(db_run(db, tx)->kind, ERR_BUG);
	ck_assert_int_eq(db->state, DB_CLOSED);
	ck_assert_str_eq(value_of("SELECT 'fine' AS v"), "fine");
}
END_TEST

START_TEST(errors_have_kinds)
{
	ck_kind("SELECT 'x'::int", ERR_INVALID);
	ck_kind("SELECT 1 / 0", ERR_INVALID);
	ck_kind("SELECT no_such_column", ERR_BUG);
	ck_kind("SELEC 1", ERR_BUG);
	ck_kind("INSERT INTO accounts (slug, name) VALUES ('twin', 'a'), ('twin', 'b')",
	    ERR_CONFLICT);
	ck_kind("INSERT INTO accounts (slug, name) VALUES ('nameless', NULL)", ERR_CONFLICT);
	ck_kind("INSERT INTO schema_migrations (number, name, sha256) VALUES (-1, '', '')",
	    ERR_INVALID);
}
END_TEST

START_TEST(raised_errors_speak_for_themselves)
{
	static const struct { const char *state; enum err_kind kind; } raised[] = {
		{"PB400", ERR_INVALID}, {"PB403", ERR_DENIED}, {"PB404", ERR_MISSING},
		{"PB409", ERR_CONFLICT}, {"PB429", ERR_LIMIT}, {"57014", ERR_LIMIT},
		{"55P03", ERR_DOWN}, {"25006", ERR_DOWN}, {"53100", ERR_DOWN}, {"40001", ERR_DOWN},
		{"P0001", ERR_BUG},
	};

	for (size_t i = 0; i < ARRAY_LEN(raised); i++)
		ck_kind(arena_printf(arena, "DO $$ BEGIN RAISE EXCEPTION 'Said so.'"
		    " USING ERRCODE = '%s'; END $$", raised[i].state), raised[i].kind);
	ck_assert_str_eq(run_text("DO $$ BEGIN RAISE EXCEPTION 'No such run.'"
	    " USING ERRCODE = 'PB404'; END $$", NULL)->sentence, "No such run.");
}
END_TEST

START_TEST(an_error_undoes_the_whole)
{
	struct db_tx *tx = db_tx(arena, NULL);

	add_text(tx, "CREATE TABLE undone (a int)");
	db_add(tx, SQL_MIGRATION_FIND, "not a number");
	db_add(tx, SQL_MIGRATION_LIST);
	ck_assert_int_eq(db_run(db, tx)->kind, ERR_INVALID);
	ck_assert_str_eq(pg_value(url, "SELECT to_regclass('undone')"), "");
	ck_assert_int_eq(PQtransactionStatus(db->conn), PQTRANS_IDLE);
	/* The list's prepare was skipped with the rest; it must be made up for. */
	tx = db_tx(arena, NULL);
	db_add(tx, SQL_MIGRATION_LIST);
	ck_assert_ptr_null(db_run(db, tx));
}
END_TEST

START_TEST(a_failing_commit_is_an_error)
{
	struct db_tx *tx = db_tx(arena, NULL);

	add_text(tx, "CREATE TEMPORARY TABLE late (a int UNIQUE DEFERRABLE INITIALLY DEFERRED)");
	add_text(tx, "INSERT INTO late VALUES (1), (1)");
	ck_assert_int_eq(db_run(db, tx)->kind, ERR_CONFLICT);
}
END_TEST

START_TEST(a_changed_result_type_is_prepared_again)
{
	for (int i = 0; i < 2; i++) {
		struct db_tx *tx = db_tx(arena, NULL);
		struct db_rows *all = db_add(tx, SQL_MIGRATION_LIST);

		ck_assert_ptr_null(db_run(db, tx));
		ck_assert_uint_gt(db_count(all), 0);
		pg_script(url, i ? "ALTER TABLE schema_migrations ALTER name TYPE text"
		                 : "ALTER TABLE schema_migrations ALTER name TYPE varchar(99)");
	}
	ck_assert_ptr_null(db_script(db, arena, "DEALLOCATE ALL"));
	use_prepared_statements();
}
END_TEST

/* A sequence counts on although the transactions around it are undone. */
START_TEST(a_lost_race_is_run_again)
{
	ck_assert_ptr_null(run_text("CREATE SEQUENCE tries", NULL));
	ck_assert_ptr_null(run_text("DO $$ BEGIN IF nextval('tries') < 3 THEN"
	    " RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END IF; END $$", NULL));
	ck_assert_str_eq(value_of("SELECT last_value::text AS v FROM tries"), "3");
}
END_TEST

START_TEST(a_loop_is_not_kept_waiting)
{
	struct end end = {0};
	struct db_tx *tx = db_tx(arena, NULL);
	struct db_rows *rows = add_text(tx, "SELECT 'slow' AS v FROM pg_sleep(0.3)");
	int64_t start_ms = clock_ms();

	db_start(db, tx, keep_end, &end);
	db_step(db);
	ck_assert_int_lt(clock_ms() - start_ms, 250);
	ck_assert(db_busy(db) && !end.is_known);
	ck_assert_ptr_null(step_until(&end));
	ck_assert(!db_busy(db));
	ck_assert_str_eq(db_text(rows, 0, "v"), "slow");
}
END_TEST

/* More in both directions than sockets hold: whoever only wrote or only read would hang. */
START_TEST(large_batches_flow_both_ways)
{
	struct db_tx *tx = db_tx(arena, NULL);
	size_t size = 1 << 20;
	char *text = arena_alloc(arena, size + 1);
	const char *param = text;
	struct db_rows *rows[30];

	memset(text, 'x', size);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		rows[i] = db_append(tx, SQL_SCOPE_LISTEN, &param, 1);
		rows[i]->text = "SELECT $1::text AS v";
	}
	ck_assert_ptr_null(db_run(db, tx));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ck_assert_uint_eq(strlen(db_text(rows[i], 0, "v")), size);
}
END_TEST

START_TEST(columns_become_documents)
{
	struct db_rows *rows;
	struct doc *array = doc_array(arena);
	struct buf *json = buf_new(arena, 4096);

	ck_assert_ptr_null(run_text(
	    "SELECT 7::smallint AS small, -5 AS int, 9007199254740993 AS big, true AS yes,"
	    " false AS no, 0.369690000 AS cost, 'NaN'::numeric AS nan, NULL::int AS nothing,"
	    " '2026-11-23 04:56:21.1239+02'::timestamptz AS at, '2026-01-02 00:00Z'::timestamptz AS"
	    " whole, 'infinity'::timestamptz AS never, '2026-11-23'::date AS day,"
	    " '{\"a\": [1, \"<\"]}'::jsonb AS tree, '\"s\"'::json AS word,"
	    " 'null'::jsonb AS null_json, '3'::jsonb AS three, E'q\"\\n' AS text"
	    " UNION ALL SELECT 1, 2, 3, false, true, 4, 5, 6, NULL, NULL, NULL, NULL, NULL, NULL,"
	    " NULL, NULL, ''", &rows));
	db_rows_doc(rows, array);
	ck_assert_uint_eq(doc_count(array), 2);
	doc_write(doc_at(array, 0), json);
	ck_assert_str_eq(json->data,
	    "{\"small\":7,\"int\":-5,\"big\":9007199254740993,\"yes\":true,\"no\":false,"
	    "\"cost\":0.369690000,\"nan\":\"NaN\",\"nothing\":null,"
	    "\"at\":\"2026-11-23T02:56:21.123Z\",\"whole\":\"2026-01-02T00:00:00.000Z\","
	    "\"never\":\"infinity\",\"day\":\"2026-11-23\",\"tree\":{\"a\":[1,\"<\"]},"
	    "\"word\":\"s\",\"null_json\":null,\"three\":3,\"text\":\"q\\\"\\n\"}");
	ck_assert_int_eq(db_int(rows, 0, "big"), 9007199254740993);
	ck_assert(db_bool(rows, 0, "yes") && !db_bool(rows, 0, "no"));
	ck_assert_ptr_null(db_text(rows, 0, "nothing"));
	ck_assert_int_eq(db_int(rows, 0, "nothing"), 0);
}
END_TEST

START_TEST(changed_rows_are_counted)
{
	struct db_rows *rows;

	ck_assert_ptr_null(run_text("CREATE TABLE counted AS SELECT 1 AS a UNION SELECT 2", NULL));
	ck_assert_ptr_null(run_text("UPDATE counted SET a = a + 1", &rows));
	ck_assert_int_eq(db_changed(rows), 2);
	ck_assert_uint_eq(db_count(rows), 0);
}
END_TEST

START_TEST(a_missing_column_aborts)
{
	struct db_rows *rows;

	ck_assert_ptr_null(run_text("SELECT 1 AS v", &rows));
	db_text(rows, 0, "w");
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("db");
	TCase *tcase = tcase_create("server");

	tcase_add_checked_fixture(tcase, kit_set_up, kit_tear_down);
	tcase_set_timeout(tcase, 20);
	tcase_add_test(tcase, statements_are_prepared_once);
	tcase_add_test(tcase, a_pooler_gets_unnamed_statements);
	tcase_add_test(tcase, scope_is_set_and_local);
	tcase_add_test(tcase, role_is_taken_on);
	tcase_add_test(tcase, wrong_parameters_send_nothing);
	tcase_add_test(tcase, errors_have_kinds);
	tcase_add_test(tcase, raised_errors_speak_for_themselves);
	tcase_add_test(tcase, an_error_undoes_the_whole);
	tcase_add_test(tcase, a_failing_commit_is_an_error);
	tcase_add_test(tcase, a_changed_result_type_is_prepared_again);
	tcase_add_test(tcase, a_lost_race_is_run_again);
	tcase_add_test(tcase, a_loop_is_not_kept_waiting);
	tcase_add_test(tcase, large_batches_flow_both_ways);
	tcase_add_test(tcase, columns_become_documents);
	tcase_add_test(tcase, changed_rows_are_counted);
	tcase_add_test_raise_signal(tcase, a_missing_column_aborts, SIGABRT);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	url = pg_fresh(true);
	return suite_end(make_suite());
}
