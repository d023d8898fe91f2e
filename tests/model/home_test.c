/* home_test.c: the first page's numbers, with nothing there and with something. */
#include "db_kit.h"
#include "model/home.h"
#include "tests/lib/suite.h"

#define ACME "00000000-0000-7000-8000-00000000000a"
#define GLOBEX "00000000-0000-7000-8000-00000000000b"

/* The same for both accounts: runs of all states, an old one, and calls of today and long ago. */
static const char seed[] =
    "INSERT INTO accounts (id, slug, name) VALUES ('" ACME "', 'acme', 'Acme'),"
    " ('" GLOBEX "', 'globex', 'Globex');"
    "INSERT INTO assistants (account_id, external_id, name)"
    " SELECT id, 'bot', 'Bot' FROM accounts;"
    "INSERT INTO pipeline_runs (account_id, assistant_id, pipeline_id, briefing_id, status,"
    "  briefing_data, created_at)"
    " SELECT account_id, id, 'pipeline_' || account_id || n, 'b', status, '{}',"
    "  now() - hours * interval '1 hour' FROM assistants, (VALUES"
    "  (1, 'queued', 50), (2, 'running', 1), (3, 'completed', 2), (4, 'completed', 3),"
    "  (5, 'failed', 4), (6, 'cancelled', 5), (7, 'failed', 50)) AS r (n, status, hours);"
    "INSERT INTO cost_entries (account_id, assistant_id, pipeline_run_id, operation, model,"
    "  input_tokens, output_tokens, cost_usd, price_status, timestamp)"
    " SELECT r.account_id, assistant_id, r.id, 'prompt_generation', 'm', 1, 1, cost, priced, at"
    " FROM pipeline_runs r, (VALUES (0.000000001, 'priced', now(), 'running'),"
    "  (2, 'partial', now(), 'running'), (4, 'priced', now() - interval '100 days', 'queued'))"
    "  AS e (cost, priced, at, status) WHERE r.status = e.status;";

static const char *empty_url;
static const char *full_url;

static struct doc *home_of(const char *of, enum role role, const char *account_id)
{
	struct ctx ctx = {.arena = arena, .access = {.role = role, .account_id = account_id}};
	struct doc *out = doc_object(arena);

	url = of;
	open_with(&(struct db_options){.url = of, .role = "promptbuilder_web"});
	ctx.db = db;
	ck_assert_ptr_null(home_get(&ctx, "Europe/Berlin", out));
	return out;
}

static bool flag_of(const struct doc *out, const char *name)
{
	bool value = false;

	ck_assert(doc_bool(doc_get(out, "health"), name, &value));
	return value;
}

START_TEST(an_empty_installation_leads_to_the_first_run)
{
	const struct doc *out = home_of(empty_url, ROLE_OPERATOR, NULL);

	ck_assert(!flag_of(out, "has_account"));
	ck_assert(!flag_of(out, "has_run"));
	ck_assert(flag_of(out, "is_runner_silent"));
	ck_assert_str_eq(doc_text(doc_get(out, "costs"), "month_cost_usd"), "0.000000000");
	ck_assert_uint_eq(doc_count(doc_get(out, "recent_runs")), 0);
}
END_TEST

static void ck_counts(const struct doc *out, int64_t times)
{
	static const struct {
		const char *group, *name;
		int64_t count;
	} rows[] = {{"runs", "queued", 1}, {"runs", "running", 1}, {"runs", "completed", 2},
	    {"runs", "failed", 1}, {"runs", "cancelled", 1}, {"health", "unpriced_calls", 1},
	    {"costs", "month_runs", 1}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t count = -1;

		ck_assert(doc_int(doc_get(out, rows[i].group), rows[i].name, &count));
		ck_assert_msg(count == times * rows[i].count, "%s", rows[i].name);
	}
}

START_TEST(an_account_sees_its_own_numbers)
{
	const struct doc *out = home_of(full_url, ROLE_MEMBER, ACME);

	ck_counts(out, 1);
	ck_assert_str_eq(doc_text(doc_get(out, "costs"), "today_cost_usd"), "2.000000001");
	ck_assert_str_eq(doc_text(doc_get(out, "costs"), "month_cost_usd"), "2.000000001");
	ck_assert_str_eq(doc_text(doc_get(doc_get(out, "report"), "totals"), "cost_usd"),
	    "2.000000001");
	ck_assert_uint_eq(doc_count(doc_get(out, "recent_runs")), 7);
}
END_TEST

START_TEST(an_operator_sees_all_of_them)
{
	const struct doc *out = home_of(full_url, ROLE_OPERATOR, NULL);

	ck_counts(out, 2);
	ck_assert_str_eq(doc_text(doc_get(out, "costs"), "today_cost_usd"), "4.000000002");
	ck_assert_uint_eq(doc_count(doc_get(out, "recent_runs")), 10);
}
END_TEST

static void ck_silent(const char *lease_until, bool is_silent)
{
	pg_script(full_url, "DELETE FROM runners");
	pg_script(full_url, arena_printf(arena, "INSERT INTO runners (id, host, pid, version,"
	    " lease_until) VALUES (gen_random_uuid(), 'h', 1, '1', %s)", lease_until));
	ck_assert_msg(flag_of(home_of(full_url, ROLE_MEMBER, ACME), "is_runner_silent") == is_silent,
	    "%s", lease_until);
}

START_TEST(a_runner_is_silent_after_two_minutes)
{
	ck_silent("now() + interval '30 seconds'", false);
	ck_silent("now() - interval '100 seconds'", false);
	ck_silent("now() - interval '130 seconds'", true);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("home");
	TCase *home = tcase_create("home");

	empty_url = url = pg_fresh(true);
	full_url = pg_fresh(true);
	pg_script(full_url, seed);
	tcase_add_checked_fixture(home, kit_set_up, kit_tear_down);
	tcase_add_test(home, an_empty_installation_leads_to_the_first_run);
	tcase_add_test(home, an_account_sees_its_own_numbers);
	tcase_add_test(home, an_operator_sees_all_of_them);
	tcase_add_test(home, a_runner_is_silent_after_two_minutes);
	suite_add_tcase(suite, home);
	return suite_end(suite);
}
