/* writers_test.c: many book at once: nobody waits for ever, and every sum is exact afterwards, also
 * when sums are made anew meanwhile; and ids tell the time. */
#include <libpq-fe.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db_kit.h"
#include "tests/lib/suite.h"

#define WRITERS 16
#define BATCHES 25

/* Two accounts, three assistants each, and few days: everybody meets everybody. Three zones are in
 * use, one of them for one account only. */
static const char seed[] =
    "INSERT INTO accounts (slug, name) VALUES ('acme', 'Acme'), ('globex', 'Globex');"
    "INSERT INTO reporting_zones (zone, is_ready) VALUES ('Europe/Berlin', true);"
    "INSERT INTO reporting_zones (zone, account_id, is_ready)"
    " SELECT 'Asia/Kathmandu', id, true FROM accounts WHERE slug = 'acme';"
    "INSERT INTO assistants (account_id, external_id, name)"
    " SELECT id, 'bot-' || n, 'Bot' FROM accounts, generate_series(1, 3) n;"
    "INSERT INTO pipeline_runs (account_id, assistant_id, pipeline_id, briefing_id, status,"
    "  briefing_data)"
    " SELECT account_id, id, 'pipeline_' || id || n, 'b', 'running', '{}'"
    " FROM assistants, generate_series(1, 4) n;";

/* From one to eight lines of any runs, in any order, in the days around a change of the clock. */
static const char batch[] =
    "INSERT INTO cost_entries (account_id, assistant_id, pipeline_run_id, operation, model,"
    "  input_tokens, output_tokens, cache_read_tokens, cost_usd, timestamp)"
    " SELECT account_id, assistant_id, id, (array['prompt_generation', 'prompt_analysis',"
    "  'prompt_improvement', 'chat'])[1 + floor(random() * 4)], 'm' || floor(random() * 2),"
    "  (random() * 9e4)::int, (random() * 9e3)::int, 7, (random() * 3)::numeric(20, 9),"
    "  timestamptz '2026-03-27' + random() * interval '4 days'"
    " FROM pipeline_runs ORDER BY random() LIMIT 1 + floor(random() * 8)";

/* What sums and totals say, and what the lines say: rows that only one of them has. */
static const char differing[] =
    "SELECT (SELECT count(*) FROM ("
    "  (TABLE folded_cost_sums EXCEPT SELECT s.* FROM reporting_zones z,"
    "    LATERAL cost_sums_of(z.zone, z.account_id, '-infinity', 'infinity') s)"
    "  UNION ALL (SELECT s.* FROM reporting_zones z,"
    "    LATERAL cost_sums_of(z.zone, z.account_id, '-infinity', 'infinity') s"
    "    EXCEPT TABLE folded_cost_sums)) AS d)"
    " + (SELECT count(*) FROM pipeline_runs r JOIN (SELECT pipeline_run_id,"
    "  sum(input_tokens) i, sum(output_tokens) o, sum(cache_read_tokens) c, sum(cost_usd) usd"
    "  FROM cost_entries GROUP BY 1) AS e ON e.pipeline_run_id = r.id"
    "  WHERE (r.total_input_tokens, r.total_output_tokens, r.total_cache_read_tokens,"
    "    r.total_cost_usd) IS DISTINCT FROM (i, o, c, usd))";

static const char striped[] =
    "SELECT (count(*) > 0)::text AS v FROM cost_sums WHERE stripe > 0";

/* A process that runs SQL again and again; it exits with 1 at the first error, a deadlock's, too. */
static pid_t repeat(const char *role, const char *sql, int times)
{
	pid_t pid = fork();
	PGconn *conn;

	if (pid != 0)
		return pid;
	conn = PQconnectdb(url);
	PQsetErrorVerbosity(conn, PQERRORS_TERSE);
	PQclear(PQexec(conn, "SET deadlock_timeout = '100ms'"));
	PQclear(PQexec(conn, arena_printf(arena, "SET ROLE %s", role)));
	for (int i = 0; i < times; i++) {
		PGresult *result = PQexec(conn, sql);

		if (PQresultStatus(result) != PGRES_COMMAND_OK &&
		    PQresultStatus(result) != PGRES_TUPLES_OK) {
			fprintf(stderr, "%s", PQerrorMessage(conn));
			_exit(1);
		}
		PQclear(result);
	}
	PQfinish(conn);
	_exit(0);
}

static void ck_ended_well(pid_t pid)
{
	int status = 0;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "a writer failed");
}

START_TEST(sixteen_writers_on_the_same_keys)
{
	pid_t writers[WRITERS];

	for (size_t i = 0; i < WRITERS; i++)
		writers[i] = repeat("promptbuilder_runner", batch, BATCHES);
	for (size_t i = 0; i < WRITERS; i++)
		ck_ended_well(writers[i]);
	ck_assert_str_eq(value_of("SELECT (count(*) >= 400)::text AS v FROM cost_entries"), "true");
	ck_assert_str_eq(pg_value(url, differing), "0");
	ck_assert_str_eq(value_of("SELECT (sum(changes) >= 400)::text AS v FROM account_marks"), "true");
	/* They did not wait for each other; what each put aside is folded when its days are over. */
	ck_assert_str_eq(value_of(striped), "true");
	pg_script(url, "SET ROLE promptbuilder_runner; SELECT fold_cost_sums()");
	ck_assert_str_eq(value_of(striped), "false");
	ck_assert_str_eq(pg_value(url, differing), "0");
}
END_TEST

/* Other days and zones are made anew by two processes, and folded by two, while the others write. */
START_TEST(sums_are_made_anew_while_others_write)
{
	static const char rebuild[] = "SELECT rebuild_cost_sums(z.zone, a.id, '2026-03-01',"
	    " '2026-04-30') FROM reporting_zones z JOIN accounts a ON z.account_id IS NULL"
	    " OR z.account_id = a.id ORDER BY random() LIMIT 1";
	pid_t pids[WRITERS];

	for (size_t i = 0; i < WRITERS; i++)
		pids[i] = i % 8 == 0 ? repeat("postgres", rebuild, BATCHES)
		    : i % 8 == 1 ? repeat("promptbuilder_runner", "SELECT fold_cost_sums()", BATCHES)
		    : repeat("promptbuilder_runner", batch, BATCHES);
	for (size_t i = 0; i < WRITERS; i++)
		ck_ended_well(pids[i]);
	ck_assert_str_eq(pg_value(url, differing), "0");
	pg_script(url, "UPDATE cost_sums SET cost_nano = cost_nano + 1, lines = 0");
	ck_assert_str_ne(pg_value(url, differing), "0");
	pg_script(url, "SELECT rebuild_cost_sums(z.zone, a.id, '2026-03-27', '2026-03-31')"
	    " FROM reporting_zones z JOIN accounts a ON z.account_id IS NULL OR z.account_id = a.id");
	ck_assert_str_eq(pg_value(url, differing), "0");
}
END_TEST

/* What stands in stripes of accounts with a writer is folded the next time. */
START_TEST(folding_leaves_an_account_with_a_writer_alone)
{
	static const char fold[] = "SET ROLE promptbuilder_runner; SELECT fold_cost_sums()";
	static const char accounts[] = "SELECT coalesce(string_agg(DISTINCT a.slug, ' '), '') AS v"
	    " FROM cost_sums s JOIN accounts a ON a.id = s.account_id WHERE s.stripe > 0";
	PGconn *writer = PQconnectdb(url);

	pg_script(url, "INSERT INTO cost_entries (account_id, assistant_id, operation, model,"
	    "  input_tokens, output_tokens, cost_usd, timestamp)"
	    " SELECT account_id, id, 'chat', 'folded', 1, 1, 0.1, '2026-03-28' FROM assistants;"
	    "UPDATE cost_sums SET stripe = 9 WHERE stripe = 0 AND model = 'folded'");
	ck_assert_str_eq(value_of(accounts), "acme globex");
	PQclear(PQexec(writer, "BEGIN"));
	PQclear(PQexec(writer, "INSERT INTO cost_entries (account_id, assistant_id, operation, model,"
	    "  input_tokens, output_tokens, cost_usd) SELECT account_id, id, 'chat', 'm', 1, 1, 0.1"
	    " FROM assistants WHERE account_id = (SELECT id FROM accounts WHERE slug = 'acme')"));
	pg_script(url, fold);
	ck_assert_str_eq(value_of(accounts), "acme");
	PQclear(PQexec(writer, "COMMIT"));
	PQfinish(writer);
	pg_script(url, fold);
	ck_assert_str_eq(value_of(accounts), "");
	ck_assert_str_eq(pg_value(url, differing), "0");
}
END_TEST

/* The first 48 bits of an id are the milliseconds of its making; the version is 7. */
START_TEST(ids_tell_the_time)
{
	ck_assert_str_eq(value_of("WITH made AS ("
	    "  SELECT n, clock_timestamp() AS before, uuid_v7()::text AS id, clock_timestamp() AS after"
	    "  FROM generate_series(1, 5000) n)"
	    " SELECT count(*)::text AS v FROM made, LATERAL (SELECT ('x' || lpad(left(replace("
	    "  id, '-', ''), 12), 16, '0'))::bit(64)::bigint AS ms) AS t"
	    " WHERE ms < floor(extract(epoch FROM before) * 1000) - 1"
	    "  OR ms > floor(extract(epoch FROM after) * 1000) OR substr(id, 15, 1) <> '7'"
	    "  OR substr(id, 20, 1) NOT IN ('8', '9', 'a', 'b')"), "0");
	ck_assert_ptr_null(run_text(batch, NULL));
	ck_assert_str_eq(value_of("SELECT count(*)::text AS v FROM cost_entries, LATERAL (SELECT"
	    "  ('x' || lpad(left(replace(id::text, '-', ''), 12), 16, '0'))::bit(64)::bigint"
	    "  - floor(extract(epoch FROM created_at) * 1000) AS late_ms) AS t"
	    " WHERE late_ms < 0 OR late_ms > 60000"), "0");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("writers");
	TCase *tcase = tcase_create("writers");

	url = pg_fresh(true);
	pg_script(url, seed);
	tcase_add_checked_fixture(tcase, kit_set_up, kit_tear_down);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, sixteen_writers_on_the_same_keys);
	tcase_add_test(tcase, sums_are_made_anew_while_others_write);
	tcase_add_test(tcase, folding_leaves_an_account_with_a_writer_alone);
	tcase_add_test(tcase, ids_tell_the_time);
	suite_add_tcase(suite, tcase);
	return suite_end(suite);
}
