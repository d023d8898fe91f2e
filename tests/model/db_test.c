/* db_test.c: the door to PostgreSQL against a real server: transactions, errors, loss, types. */
#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "db/db_inner.h"
#include "pg.h"

#define MISSING_ACCOUNT "00000000-0000-7000-8000-000000000001"

#define PREPARED \
	"SELECT coalesce(string_agg(name, ' ' ORDER BY name), '') AS v" \
	" FROM pg_prepared_statements WHERE name LIKE 'migration%'"

static const char *url;
static struct arena *arena;
static struct db *db;

static struct db *open_with(const struct db_options *options)
{
	db_close(db);
	db = db_new(options);
	return db;
}

static void set_up(void)
{
	arena = arena_new();
	open_with(&(struct db_options){.url = url, .application = "db_test"});
}

static void tear_down(void)
{
	db_close(db);
	db = NULL;
	arena_free(arena);
}

/* Adds SQL that is no named statement; its result is read like any other. */
static struct db_rows *add_text(struct db_tx *tx, const char *text)
{
	struct db_rows *rows = db_append(tx, SQL_SCOPE_LISTEN, NULL, 0);

	rows->text = text;
	return rows;
}

static const struct err *run_text(const char *text, struct db_rows **rows)
{
	struct db_tx *tx = db_tx(arena, NULL);
	struct db_rows *added = add_text(tx, text);

	if (rows)
		*rows = added;
	return db_run(db, tx);
}

static const char *value_of(const char *text)
{
	struct db_rows *rows;

	ck_assert_ptr_null(run_text(text, &rows));
	return db_text(rows, 0, "v");
}

static void ck_kind(const char *text, enum err_kind kind)
{
	const struct err *err = run_text(text, NULL);

	ck_assert_ptr_nonnull(err);
	ck_assert_msg(err->kind == kind, "%s gave %s", text, err_kind_name(err->kind));
	ck_assert_ptr_null(run_text("SELECT 1 AS v", NULL));
}

/* Ends the server's side of our connections. */
static void terminate(void)
{
	pg_value(url, "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
	    " WHERE application_name LIKE 'db_test%' AND datname = current_database()");
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
	ck_kind("INSERT INTO accounts (slug, name) VALUES ('twin', 'a'), ('twin', 'b')", ERR_CONFLICT);
	ck_kind("INSERT INTO accounts (slug, name) VALUES ('nameless', NULL)", ERR_CONFLICT);
	ck_kind("INSERT INTO schema_migrations (number, name, sha256) VALUES (-1, '', '')", ERR_INVALID);
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
		ck_kind(arena_printf(arena, "DO $$ BEGIN RAISE EXCEPTION 'Said so.' USING ERRCODE = '%s';"
		    " END $$", raised[i].state), raised[i].kind);
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

START_TEST(an_idle_loss_is_not_noticed)
{
	ck_assert_str_eq(value_of("SELECT 'a' AS v"), "a");
	terminate();
	ck_assert_str_eq(value_of("SELECT 'b' AS v"), "b");
}
END_TEST

START_TEST(a_loss_under_way)
{
	const char *suicide = "SELECT pg_terminate_backend(pg_backend_pid())::text AS v";
	const struct err *err = run_text(suicide, NULL);

	/* The server says that it was terminated, twice: nothing was saved. */
	ck_assert_int_eq(err->kind, ERR_DOWN);
	ck_assert_str_eq(err->sentence, DB_DOWN);
	ck_assert_str_eq(value_of("SELECT 'c' AS v"), "c");
}
END_TEST

struct end {
	bool is_known;
	const struct err *err;
};

static void keep_end(void *arg, const struct err *err)
{
	*(struct end *)arg = (struct end){true, err};
}

/* Drives the connection as an event loop would. */
static const struct err *step_until(struct end *end)
{
	while (!end->is_known) {
		struct pollfd wait = {0};

		wait.fd = db_fd(db, &wait.events);
		poll(&wait, 1, (int)db_wait_ms(db));
		db_step(db);
	}
	return end->err;
}

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

static const struct err *lose_under_way(bool is_repeatable, struct db_rows **rows)
{
	struct end end = {0};
	struct db_tx *tx;

	ck_assert_ptr_null(run_text("SELECT 1 AS v", NULL));
	tx = db_tx(arena, NULL);
	if (is_repeatable)
		db_repeatable(tx);
	*rows = add_text(tx, "SELECT 'again' AS v FROM pg_sleep(0.1)");
	db_start(db, tx, keep_end, &end);
	ck_assert_int_eq(shutdown(PQsocket(db->conn), SHUT_RDWR), 0);
	return step_until(&end);
}

START_TEST(a_broken_connection_leaves_it_unknown)
{
	struct db_rows *rows;
	const struct err *err = lose_under_way(false, &rows);

	ck_assert_int_eq(err->kind, ERR_DOWN);
	ck_assert_str_eq(err->sentence, DB_LOST);
	ck_assert_ptr_null(lose_under_way(true, &rows));
	ck_assert_str_eq(db_text(rows, 0, "v"), "again");
}
END_TEST

START_TEST(no_server_is_said_at_once)
{
	int64_t start_ms = clock_ms();

	open_with(&(struct db_options){.url = "postgresql:///x?host=/nonexistent"});
	ck_assert_str_eq(run_text("SELECT 1 AS v", NULL)->sentence, DB_DOWN);
	open_with(&(struct db_options){.url = "postgresql://u:%zz@h/x"});
	ck_assert_str_eq(run_text("SELECT 1 AS v", NULL)->sentence, DB_DOWN);
	ck_assert_int_lt(clock_ms() - start_ms, 1000);
}
END_TEST

/* A server that takes connections and says nothing. */
START_TEST(a_silent_server_is_given_up)
{
	char dir[] = "/tmp/db_test.XXXXXX";
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int64_t start_ms = clock_ms();

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/.s.PGSQL.5432", dir);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	open_with(&(struct db_options){.url = arena_printf(arena, "postgresql:///x?host=%s", dir)});
	ck_assert_str_eq(run_text("SELECT 1 AS v", NULL)->sentence, DB_DOWN);
	ck_assert_int_ge(clock_ms() - start_ms, 4900);
	ck_assert_int_lt(clock_ms() - start_ms, 6000);
	close(fd);
	unlink(address.sun_path);
	rmdir(dir);
}
END_TEST

/* Fills the queue of a listening socket: further connections get no answer at all. */
static int open_black_hole(int fds[], size_t count)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t size = sizeof(address);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (size_t i = 0; i < count; i++)
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(fds[0], (struct sockaddr *)&address, size), 0);
	ck_assert_int_eq(listen(fds[0], 0), 0);
	getsockname(fds[0], (struct sockaddr *)&address, &size);
	for (size_t i = 1; i < count; i++)
		if (connect(fds[i], (struct sockaddr *)&address, size))
			ck_assert_int_eq(errno, EINPROGRESS);
	return ntohs(address.sin_port);
}

START_TEST(a_dead_host_is_passed_by)
{
	int fds[4];
	int port = open_black_hole(fds, ARRAY_LEN(fds));
	const char *host = strstr(url, "host=") + strlen("host=");

	open_with(&(struct db_options){.url = arena_printf(arena, "%.*s127.0.0.1,%s&port=%d,5432",
	    (int)(host - url), url, host, port)});
	ck_assert_str_eq(value_of("SELECT 'alive' AS v"), "alive");
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		close(fds[i]);
}
END_TEST

START_TEST(a_late_answer_is_given_up)
{
	open_with(&(struct db_options){.url = url, .answer_ms = 200});
	ck_assert_str_eq(run_text("SELECT 1 AS v FROM pg_sleep(5)", NULL)->sentence, DB_LOST);
	ck_assert_str_eq(value_of("SELECT 'd' AS v"), "d");
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
	    " '{\"a\": [1, \"<\"]}'::jsonb AS tree, '\"s\"'::json AS word, 'null'::jsonb AS null_json,"
	    " '3'::jsonb AS three, E'q\"\\n' AS text"
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

/* Steps the listening connection until it has news; fails after ten seconds. */
static int wait_for_news(void)
{
	int64_t until_ms = clock_ms() + 10000;
	int count = 0;

	while (count == 0 && clock_ms() < until_ms) {
		int64_t wait_ms = db_wait_ms(db);
		struct pollfd wait = {0};

		wait.fd = db_fd(db, &wait.events);
		poll(&wait, 1, wait_ms < 0 || wait_ms > 1000 ? 1000 : (int)wait_ms);
		count = db_listen_step(db);
	}
	return count;
}

START_TEST(notifications_come_and_come_back)
{
	open_with(&(struct db_options){.url = url, .application = "db_test_listen"});
	db_listen(db, "jobs");
	ck_assert_int_eq(wait_for_news(), 1); /* look now: some may have been missed */
	ck_assert(db_is_listening(db));
	ck_assert_int_eq(db_listen_step(db), 0);
	pg_script(url, "NOTIFY jobs; NOTIFY jobs, 'other'; NOTIFY elsewhere");
	ck_assert_int_eq(wait_for_news(), 2);
	terminate();
	ck_assert_int_eq(wait_for_news(), 1);
	ck_assert(db_is_listening(db));
	pg_script(url, "NOTIFY jobs");
	ck_assert_int_eq(wait_for_news(), 1);
}
END_TEST

/* The self-test of an idle listener is due after ten seconds; its clock is set back instead. */
START_TEST(an_idle_listener_is_tested)
{
	open_with(&(struct db_options){.url = url, .application = "db_test_listen"});
	db_listen(db, "jobs");
	wait_for_news();
	db->listener.heard_ms -= DB_TEST_MS;
	ck_assert_int_eq(db_listen_step(db), 0);
	while (db_busy(db))
		db_listen_step(db);
	ck_assert(db_is_listening(db));
	ck_assert_int_gt(db_wait_ms(db), DB_TEST_MS / 2);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("db");
	TCase *tcase = tcase_create("server");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
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
	tcase_add_test(tcase, an_idle_loss_is_not_noticed);
	tcase_add_test(tcase, a_loss_under_way);
	tcase_add_test(tcase, a_loop_is_not_kept_waiting);
	tcase_add_test(tcase, a_broken_connection_leaves_it_unknown);
	tcase_add_test(tcase, no_server_is_said_at_once);
	tcase_add_test(tcase, a_silent_server_is_given_up);
	if (strstr(url, "host=/"))
		tcase_add_test(tcase, a_dead_host_is_passed_by);
	tcase_add_test(tcase, a_late_answer_is_given_up);
	tcase_add_test(tcase, large_batches_flow_both_ways);
	tcase_add_test(tcase, columns_become_documents);
	tcase_add_test(tcase, changed_rows_are_counted);
	tcase_add_test_raise_signal(tcase, a_missing_column_aborts, SIGABRT);
	tcase_add_test(tcase, notifications_come_and_come_back);
	tcase_add_test(tcase, an_idle_listener_is_tested);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	SRunner *runner;
	int failed;

	url = pg_fresh(true);
	runner = srunner_create(make_suite());
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
