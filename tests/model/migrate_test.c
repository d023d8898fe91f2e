/* migrate_test.c: fresh, adopted, half-made and concurrent databases, and broken migrations. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "db/migrate.h"
#include "pg.h"
#include "tests/lib/suite.h"

static const char *fresh_url, *plan_url, *part_url, *race_url, *own_url;
static struct arena *arena;
static struct db *db;
static struct migrate_report report;
static char directory[] = "/tmp/migrate_test.XXXXXX";

static void set_up(void)
{
	arena = arena_new();
}

static void tear_down(void)
{
	db_close(db);
	db = NULL;
	arena_free(arena);
}

static const struct err *migrate_at(const char *url, const char *from, bool dry_run)
{
	db_close(db);
	db = db_new(&(struct db_options){.url = url, .application = "migrate_test"});
	return migrate(db, arena, from, dry_run, &report);
}

static const char *read_plan(void)
{
	FILE *file = fopen(arena_printf(arena, "%s/0001_plan.sql", pg_migrations()), "re");
	struct buf *buf = buf_new(arena, 1 << 20);
	char piece[4096];
	size_t len;

	ck_assert_ptr_nonnull(file);
	while ((len = fread(piece, 1, sizeof(piece), file)) > 0)
		buf_add(buf, piece, len);
	fclose(file);
	return buf->data;
}

static void write_migration(const char *name, const char *sql)
{
	FILE *file = fopen(arena_printf(arena, "%s/%s", directory, name), "we");

	ck_assert_ptr_nonnull(file);
	fputs(sql, file);
	fclose(file);
}

static void remove_migrations(void)
{
	static const char *const names[] = {"0001_a.sql", "0002_b.sql", "0003_c.sql", "0004_d.sql",
	    "b.sql"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		unlink(arena_printf(arena, "%s/%s", directory, names[i]));
}

START_TEST(a_fresh_database_gets_all)
{
	ck_assert_ptr_null(migrate_at(fresh_url, pg_migrations(), true));
	ck_assert_int_eq(report.applied + report.already, 0);
	ck_assert_int_gt(report.pending, 1);
	ck_assert_ptr_nonnull(strstr(report.lines, "0001_plan  pending\n"));
	ck_assert_str_eq(pg_value(fresh_url, "SELECT to_regclass('schema_migrations')"), "");

	ck_assert_ptr_null(migrate_at(fresh_url, pg_migrations(), false));
	ck_assert_int_gt(report.applied, 1);
	ck_assert(!report.adopted);
	ck_assert_str_eq(pg_value(fresh_url, "SELECT count(*) FROM schema_migrations"),
	    arena_printf(arena, "%d", report.applied));

	int applied = report.applied;
	ck_assert_ptr_null(migrate_at(fresh_url, pg_migrations(), false));
	ck_assert_int_eq(report.applied, 0);
	ck_assert_int_eq(report.already, applied);
	ck_assert_ptr_null(migrate_at(fresh_url, pg_migrations(), true));
	ck_assert_int_eq(report.pending, 0);
	ck_assert_ptr_nonnull(strstr(report.lines, "0001_plan  applied 20"));
}
END_TEST

START_TEST(the_plans_database_is_adopted)
{
	pg_script(plan_url, read_plan());
	pg_script(plan_url, "INSERT INTO accounts (slug, name, mermaid_token_hash)"
	    " VALUES ('kept', 'Kept', 'hash')");
	pg_script(plan_url, "INSERT INTO assistants (account_id, external_id, name)"
	    " SELECT id, 'desk', 'Desk' FROM accounts;"
	    "INSERT INTO pipeline_runs (account_id, assistant_id, pipeline_id, briefing_id, status,"
	    " briefing_data) SELECT account_id, id, 'p' || n, 'b', 'completed', '{}'"
	    " FROM assistants, generate_series(1, 3) AS n;"
	    "INSERT INTO prompt_versions (account_id, assistant_id, pipeline_run_id, version,"
	    " version_number, prompt_content, prompt_hash, injection_content, briefing_hash, status)"
	    " SELECT account_id, assistant_id, id, pipeline_id, right(pipeline_id, 1)::integer, 'P', 'h',"
	    " 'x', 'b', CASE WHEN pipeline_id < 'p3' THEN 'deployed' END FROM pipeline_runs;");
	ck_assert_ptr_null(migrate_at(plan_url, pg_migrations(), true));
	ck_assert(report.adopted);
	ck_assert_int_eq(report.already, 1);

	ck_assert_ptr_null(migrate_at(plan_url, pg_migrations(), false));
	ck_assert(report.adopted);
	ck_assert_int_eq(report.already, 1);
	ck_assert_int_gt(report.applied, 0);
	ck_assert_str_eq(pg_value(plan_url, "SELECT string_agg(status, ' ' ORDER BY version_number)"
	    " FROM prompt_versions"), "final deployed draft");
	ck_assert_str_eq(pg_value(plan_url, "SELECT d.environment || ' ' || v.version || ' ' || e.kind"
	    " FROM deployments d JOIN prompt_versions v ON v.id = d.prompt_version_id"
	    " JOIN deployment_events e ON e.id = d.event_id"), "production p2 deploy");
	ck_assert_str_eq(pg_value(plan_url, "SELECT name FROM accounts"), "Kept");
	ck_assert_str_eq(pg_value(plan_url, "SELECT t.name || t.role FROM access_tokens t"
	    " JOIN accounts a ON a.id = t.account_id AND a.mermaid_token_hash = t.token_hash"),
	    "Keptmember");

	ck_assert_ptr_null(migrate_at(plan_url, pg_migrations(), false));
	ck_assert(!report.adopted);
}
END_TEST

START_TEST(a_half_made_database_is_refused)
{
	const struct err *err;

	pg_script(part_url, "CREATE TABLE accounts (id int); CREATE TABLE assistants (id int)");
	err = migrate_at(part_url, pg_migrations(), false);
	ck_assert_ptr_nonnull(err);
	ck_assert_int_eq(err->kind, ERR_CONFLICT);
	ck_assert_ptr_nonnull(strstr(err->sentence, "cost_entries, pipeline_runs"));
	ck_assert_str_eq(pg_value(part_url, "SELECT to_regclass('schema_migrations')"), "");
}
END_TEST

/* Two programs start at once: each migration is applied by one of them. */
START_TEST(migrators_do_not_collide)
{
	pid_t child = fork();
	const struct err *err = migrate_at(race_url, pg_migrations(), false);
	int status = 0;

	if (child == 0)
		_exit(err ? 1 : report.applied ? 0 : 2);
	ck_assert_ptr_null(err);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) != 1);
	ck_assert_str_eq(pg_value(race_url, "SELECT count(*) FROM schema_migrations"),
	    arena_printf(arena, "%d", report.applied + report.already));
}
END_TEST

/* One story on one database, whose steps need each other. */
START_TEST(broken_migrations_leave_nothing)
{
	const struct err *err;

	write_migration("0001_a.sql", "CREATE TABLE a (x int);\n");
	write_migration("0002_b.sql", "CREATE TABLE b (x int);\nCREATE TABLE b (y int);\n");
	err = migrate_at(own_url, directory, false);
	ck_assert_str_eq(err->sentence,
	    "Migration 0002_b was not applied: relation \"b\" already exists");
	ck_assert_str_eq(pg_value(own_url, "SELECT to_regclass('b')"), "");
	ck_assert_str_eq(pg_value(own_url, "SELECT string_agg(name, ' ') FROM schema_migrations"),
	    "0001_a");

	write_migration("0002_b.sql", "CREATE TABLE b (x int);\n\nCREATE TABLE c (x no_type);\n");
	err = migrate_at(own_url, directory, false);
	ck_assert_str_eq(err->sentence,
	    "Migration 0002_b was not applied: line 3: type \"no_type\" does not exist");

	write_migration("0002_b.sql", "CREATE TABLE b (x int);\nCOMMIT;\n");
	err = migrate_at(own_url, directory, false);
	ck_assert_ptr_nonnull(strstr(err->sentence, "ended the transaction"));
	pg_script(own_url, "DROP TABLE b");

	write_migration("0002_b.sql", "CREATE TABLE b (x int);\n");
	ck_assert_ptr_null(migrate_at(own_url, directory, false));
	ck_assert_int_eq(report.applied, 1);

	write_migration("0001_a.sql", "CREATE TABLE a (x bigint);\n");
	err = migrate_at(own_url, directory, true);
	ck_assert_int_eq(err->kind, ERR_CONFLICT);
	ck_assert_ptr_nonnull(strstr(err->sentence, "0001_a was applied as another text"));

	write_migration("0001_a.sql", "CREATE TABLE a (x int);\n");
	unlink(arena_printf(arena, "%s/0002_b.sql", directory));
	err = migrate_at(own_url, directory, false);
	ck_assert_ptr_nonnull(strstr(err->sentence, "0002_b, which this installation does not"));
	remove_migrations();
}
END_TEST

START_TEST(names_are_checked)
{
	const struct err *err = migrate_at(own_url, directory, true);

	ck_assert_ptr_nonnull(strstr(err->sentence, "holds no migrations"));
	write_migration("b.sql", "SELECT 1;");
	err = migrate_at(own_url, directory, true);
	ck_assert_ptr_nonnull(strstr(err->sentence, "is not named NNNN_name.sql"));
	remove_migrations();
	write_migration("0001_a.sql", "SELECT 1;");
	write_migration("0003_c.sql", "SELECT 1;");
	err = migrate_at(own_url, directory, true);
	ck_assert_ptr_nonnull(strstr(err->sentence, "number 0002 is expected here"));
	remove_migrations();
	err = migrate_at(own_url, "/nonexistent", true);
	ck_assert_int_eq(err->kind, ERR_INVALID);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("migrate");
	TCase *tcase = tcase_create("database");
	int failed;

	pg_lock();
	fresh_url = pg_fresh(false);
	plan_url = pg_fresh(false);
	part_url = pg_fresh(false);
	race_url = pg_fresh(false);
	own_url = pg_fresh(false);
	if (!mkdtemp(directory))
		return EXIT_FAILURE;
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_set_timeout(tcase, 20);
	tcase_add_test(tcase, a_fresh_database_gets_all);
	tcase_add_test(tcase, the_plans_database_is_adopted);
	tcase_add_test(tcase, a_half_made_database_is_refused);
	tcase_add_test(tcase, migrators_do_not_collide);
	tcase_add_test(tcase, broken_migrations_leave_nothing);
	tcase_add_test(tcase, names_are_checked);
	suite_add_tcase(suite, tcase);
	failed = suite_end(suite);
	rmdir(directory);
	return failed;
}
