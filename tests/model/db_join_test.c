/* db_join_test.c: transactions that run as one, and by themselves when that fails: each has its own
 * rows, and statements over arrays run once. */
#include "db_kit.h"
#include "tests/lib/suite.h"

#define MEMBERS 3
#define LOCKS "SELECT count(*)::text AS v FROM pg_locks" \
	" WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
#define HALVES "SELECT count(*)::text AS v FROM pipeline_steps WHERE progress = 50"
static const char *const accounts[MEMBERS] = {
	"00000000-0000-4000-8000-000000000001",
	"00000000-0000-4000-8000-000000000002",
	"00000000-0000-4000-8000-000000000003",
};

/* What a member sees of the locks, which come first, and of the progress, which comes after the
 * second one: the last member has none. */
struct seen {
	struct db_tx *tx;
	struct db_rows *locks, *halves;
};

static struct seen member(size_t i, const char *more)
{
	struct seen seen = {.tx = db_tx(arena, NULL)};

	seen.locks = add_text(seen.tx, LOCKS);
	db_add_element(seen.tx, SQL_FIRST, SQL_CALL_LOCK_BUDGETS, accounts[i]);
	if (i < MEMBERS - 1)
		db_add_element(seen.tx, SQL_AFTER, SQL_STEP_PROGRESS, accounts[i], accounts[i],
		    "50");
	seen.halves = add_text(seen.tx, HALVES);
	if (more)
		add_text(seen.tx, more);
	return seen;
}

static const struct err *join(const struct seen *all, size_t count, bool *is_undone)
{
	struct db_tx *members[MEMBERS];
	struct db_tx *tx;
	const struct err *err;

	for (size_t i = 0; i < count; i++)
		members[i] = all[i].tx;
	tx = db_join(arena, members, count);
	err = db_run(db, tx);
	*is_undone = db_part(tx, members, count);
	return err;
}

static void check(const struct seen *seen, const char *locks, const char *halves)
{
	ck_assert_str_eq(db_text(seen->locks, 0, "v"), locks);
	ck_assert_str_eq(db_text(seen->halves, 0, "v"), halves);
}

static void world(void)
{
	pg_script(url, "TRUNCATE accounts CASCADE;"
	    "INSERT INTO accounts (id, slug, name) SELECT ('00000000-0000-4000-8000-00000000000'"
	    " || n)::uuid, 'a' || n, 'A' FROM generate_series(1, 3) AS n;"
	    "INSERT INTO assistants (account_id, id, external_id, name)"
	    " SELECT id, id, 'bot', 'Bot' FROM accounts;"
	    "INSERT INTO pipeline_runs (account_id, assistant_id, id, pipeline_id, briefing_id, status,"
	    " briefing_data) SELECT id, id, id, 'p' || slug, 'b', 'running', '{}' FROM accounts;"
	    "INSERT INTO pipeline_steps (account_id, pipeline_run_id, id, step_name, step_order,"
	    " step_key, status, progress)"
	    " SELECT id, id, id, 'prompt_analysis', 1, 'a', 'running', 0 FROM accounts");
}

START_TEST(statements_over_arrays_run_once)
{
	bool is_undone;
	struct seen all[MEMBERS];

	world();
	for (size_t i = 0; i < MEMBERS; i++)
		all[i] = member(i, NULL);
	ck_assert_ptr_null(join(all, MEMBERS, &is_undone));
	ck_assert(!is_undone);
	check(&all[0], "3", "0");
	check(&all[1], "3", "0");
	check(&all[2], "3", "2");
}
END_TEST

/* Elements are any text; one whose fence is another runner's changes nothing. */
START_TEST(elements_come_as_they_are)
{
	static const char *const sentences[MEMBERS] = {
		"A \"budget\", {of} 5 \\ NULL,\n", NULL, "not ours"};
	static const char *const epochs[MEMBERS] = {"4", "4", "5"};
	struct db_tx *members[MEMBERS];
	struct db_tx *tx;

	world();
	pg_script(url, "INSERT INTO jobs (account_id, pipeline_run_id, state, epoch, runner_id)"
	    " SELECT id, id, 'running', 4, id FROM accounts");
	for (size_t i = 0; i < MEMBERS; i++) {
		members[i] = db_tx(arena, NULL);
		db_add_element(members[i], SQL_AFTER, SQL_JOB_FINISH, accounts[i], accounts[i],
		    epochs[i], accounts[i], sentences[i] ? "failed" : "completed", sentences[i]);
	}
	tx = db_join(arena, members, MEMBERS);
	ck_assert_ptr_null(db_run(db, tx));
	ck_assert(!db_part(tx, members, MEMBERS));
	ck_assert_str_eq(value_of("SELECT string_agg(r.status || ':' || j.state || ':' ||"
	    " coalesce(r.error_message, '-'), '; ' ORDER BY r.pipeline_id) AS v"
	    " FROM pipeline_runs r JOIN jobs j ON j.pipeline_run_id = r.id"),
	    "failed:done:A \"budget\", {of} 5 \\ NULL,\n; completed:done:-; running:running:-");
}
END_TEST

START_TEST(a_group_of_one)
{
	bool is_undone;
	struct seen one;

	world();
	one = member(0, NULL);
	ck_assert_ptr_null(join(&one, 1, &is_undone));
	check(&one, "1", "0");
	ck_assert_str_eq(value_of(HALVES), "1");
}
END_TEST

START_TEST(each_by_itself_after_a_failure)
{
	bool is_undone;
	struct seen all[MEMBERS];

	world();
	for (size_t i = 0; i < MEMBERS; i++)
		all[i] = member(i, i == 1 ? "SELECT 1 / 0" : NULL);
	ck_assert_ptr_nonnull(join(all, MEMBERS, &is_undone));
	ck_assert(is_undone);
	ck_assert_str_eq(value_of(HALVES), "0");
	ck_assert_ptr_null(db_run(db, all[0].tx));
	ck_assert_ptr_nonnull(db_run(db, all[1].tx));
	ck_assert_ptr_null(db_run(db, all[2].tx));
	check(&all[0], "0", "1"); /* in the order in which it was put together */
	check(&all[2], "0", "1");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		statements_over_arrays_run_once,
		elements_come_as_they_are,
		a_group_of_one,
		each_by_itself_after_a_failure,
	};

	url = pg_fresh(true);
	return suite_run_between(kit_set_up, kit_tear_down, "db_join", tests, ARRAY_LEN(tests));
}
