/* db_loss_test.c: lost, silent and absent servers, and notifications that survive them. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "db_kit.h"
#include "tests/lib/suite.h"

/* Ends the server's side of our connections. */
static void terminate(void)
{
	pg_value(url, "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
	    " WHERE application_name LIKE 'db_test%' AND datname = current_database()");
}

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

static void note(void *arg, const char *payload)
{
	buf_printf(arg, "(%s)", payload ? payload : "again");
}

START_TEST(what_notifications_say_is_heard)
{
	struct buf *heard = buf_new(arena, 1000);

	open_with(&(struct db_options){.url = url, .application = "db_test_listen"});
	db_listen(db, "jobs");
	db_listen_hear(db, note, heard);
	wait_for_news();
	pg_script(url, "NOTIFY jobs, 'one'; NOTIFY elsewhere, 'two'; NOTIFY jobs; NOTIFY jobs, 'three'");
	wait_for_news();
	ck_assert_str_eq(heard->data, "(again)(one)()(three)");
	terminate();
	wait_for_news();
	ck_assert_str_eq(heard->data, "(again)(one)()(three)(again)");
}
END_TEST

START_TEST(patience_can_be_short_for_a_while)
{
	int64_t started_ms = clock_ms();
	const struct err *err;

	open_with(&(struct db_options){.url = url, .application = "db_test"});
	db_patience(db, 300);
	err = run_text("SELECT pg_sleep(20)::text AS v", NULL);
	ck_assert_ptr_nonnull(err);
	ck_assert_int_eq(err->kind, ERR_DOWN);
	ck_assert_int_lt(clock_ms() - started_ms, 10000);
	db_patience(db, 0);
	ck_assert_ptr_null(run_text("SELECT pg_sleep(0.5)::text AS v", NULL));
}
END_TEST

/* The self-test of an idle listener is due after ten seconds; its clock is set back instead. */
START_TEST(an_idle_listener_is_tested)
{
	int64_t set_back_ms;

	open_with(&(struct db_options){.url = url, .application = "db_test_listen"});
	db_listen(db, "jobs");
	wait_for_news();
	for (int i = 0; i < 2; i++) {
		if (i == 0)
			db->listener.heard_ms -= DB_TEST_MS;
		else
			db_listen_doubt(db);
		set_back_ms = db->listener.heard_ms;
		ck_assert_int_eq(db_listen_step(db), 0);
		while (db_busy(db))
			db_listen_step(db);
		ck_assert_int_gt(db->listener.heard_ms, set_back_ms);
		ck_assert(db_is_listening(db));
		ck_assert_int_gt(db_wait_ms(db), DB_TEST_MS / 2);
	}
}
END_TEST

/* As behind a pooler that handed the session on: it answers, but does not listen any more. */
START_TEST(a_listener_that_hears_nothing_begins_anew)
{
	open_with(&(struct db_options){.url = url, .application = "db_test_listen"});
	db_listen(db, "jobs");
	wait_for_news();
	db->listener.own = "jobs another"; /* nobody listens there */
	db->listener.heard_ms -= DB_TEST_MS;
	db_listen_step(db);
	while (db_busy(db))
		db_listen_step(db);
	ck_assert_int_gt(db->listener.tested_ms, 0);
	db->listener.tested_ms -= DB_TEST_ANSWER_MS;
	ck_assert_int_eq(db_listen_step(db), 0);
	ck_assert(!db_is_listening(db));
	ck_assert_int_eq(wait_for_news(), 1);
	ck_assert(db_is_listening(db));
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("db_loss");
	TCase *tcase = tcase_create("server");

	tcase_add_checked_fixture(tcase, kit_set_up, kit_tear_down);
	tcase_set_timeout(tcase, 20);
	tcase_add_test(tcase, an_idle_loss_is_not_noticed);
	tcase_add_test(tcase, a_loss_under_way);
	tcase_add_test(tcase, a_broken_connection_leaves_it_unknown);
	tcase_add_test(tcase, no_server_is_said_at_once);
	tcase_add_test(tcase, a_silent_server_is_given_up);
	if (strstr(url, "host=/"))
		tcase_add_test(tcase, a_dead_host_is_passed_by);
	tcase_add_test(tcase, a_late_answer_is_given_up);
	tcase_add_test(tcase, notifications_come_and_come_back);
	tcase_add_test(tcase, what_notifications_say_is_heard);
	tcase_add_test(tcase, patience_can_be_short_for_a_while);
	tcase_add_test(tcase, an_idle_listener_is_tested);
	tcase_add_test(tcase, a_listener_that_hears_nothing_begins_anew);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	url = pg_fresh(true);
	return suite_end(make_suite());
}
