/* budget_test.c: budgets follow the calendar of their zone, are told once, and belong to their
 * account; what a launch is told. What holds while calls are made is tested in tests/run. */
#include "model/budget.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "model/run.h"
#include "world.h"

/* Sets a budget as north's member; its id. */
static const char *set(const char *period, const char *cap_usd, const char *soft_usd)
{
	struct doc *out = doc_object(arena);
	struct budget_new budget = {.account_id = north, .period = period, .cap_usd = cap_usd,
	    .soft_usd = soft_usd};

	ck_assert_fine(budget_set(at_north, &budget, out));
	return doc_text(out, "id");
}

/* A line of north at an instant, SQL. */
static void book(const char *usd, const char *at)
{
	world_value("INSERT INTO assistants (account_id, external_id, name)"
	    " VALUES ('%s', 'desk', 'Desk') ON CONFLICT DO NOTHING", north);
	world_value("INSERT INTO cost_entries (account_id, assistant_id, operation, model,"
	    " input_tokens, output_tokens, cost_usd, timestamp)"
	    " SELECT account_id, id, 'elsewhere', 'm', 1, 1, %s, %s FROM assistants"
	    " WHERE account_id = '%s'", usd, at, north);
}

static const char *state(const char *columns, const char *period, const char *at)
{
	return world_value("SELECT concat_ws(' ', %s) FROM budget_state('%s', NULL, %s) AS s"
	    " WHERE s.period = '%s'", columns, north, at, period);
}

static struct doc *list(struct ctx *ctx, const char *account_id)
{
	struct doc *out = doc_object(arena);
	struct budget_filter filter = {.account_id = account_id, .limit = 50};

	ck_assert_fine(budget_list(ctx, &filter, out));
	return out;
}

static const char *alerts(void)
{
	return world_value("SELECT coalesce(string_agg(threshold || '', ' ' ORDER BY threshold), '')"
	    " || ' / ' || (SELECT count(*) FROM outbox) FROM budget_alerts");
}

START_TEST(a_change_ends_one_and_makes_another)
{
	const char *first = set("month", "5", NULL), *second = set("month", "7.5", "6");
	const struct doc *budgets = doc_get(list(at_north, NULL), "budgets");
	const struct doc *now = doc_at(budgets, 0);

	ck_assert_uint_eq(doc_count(budgets), 1);
	ck_assert_str_ne(first, second);
	ck_assert_str_eq(doc_text(now, "id"), second);
	ck_assert_str_eq(doc_text(now, "cap_usd"), "7.500000000");
	ck_assert_str_eq(doc_text(now, "amount_usd"), "6.000000000");
	ck_assert_str_eq(doc_text(now, "left_usd"), "7.500000000");
	ck_assert_str_eq(doc_text(now, "cap_percent"), "125.0");
	ck_assert_str_eq(doc_text(now, "changed_by"), "north");
	ck_assert_str_eq(world_value("SELECT ended_by FROM budgets WHERE id = '%s'", first), "north");
	ck_assert_fine(budget_remove(at_north, second, doc_object(arena)));
	ck_assert_uint_eq(doc_count(doc_get(list(at_north, NULL), "budgets")), 0);
	ck_assert_err(budget_remove(at_north, second, doc_object(arena)), ERR_MISSING);
	ck_assert_err(budget_remove(at_north, "x", doc_object(arena)), ERR_MISSING);
}
END_TEST

START_TEST(nonsense_is_refused)
{
	struct doc *thresholds = doc_array(arena), *out = doc_object(arena);
	struct budget_new budget = {.account_id = north, .period = "month"};

	ck_assert_err(budget_set(at_north, &budget, out), ERR_INVALID);
	budget.cap_usd = "-1";
	ck_assert_err(budget_set(at_north, &budget, out), ERR_INVALID);
	budget.cap_usd = "1";
	budget.soft_usd = "0";
	ck_assert_err(budget_set(at_north, &budget, out), ERR_INVALID);
	budget.soft_usd = NULL;
	budget.thresholds = thresholds;
	ck_assert_fine(budget_set(at_north, &budget, out));
	doc_push_int(thresholds, 0);
	ck_assert_err(budget_set(at_north, &budget, out), ERR_INVALID);
	budget.account_id = south;
	budget.thresholds = NULL;
	ck_assert_err(budget_set(at_north, &budget, out), ERR_MISSING);
	ck_assert_str_eq(world_value("SELECT count(*) FROM budgets WHERE account_id = '%s'", south),
	    "0");
}
END_TEST

/* Berlin's 25 October 2026 has 25 hours, its 29 March 23; weeks begin on Monday. */
START_TEST(periods_follow_the_zone)
{
	static const struct {
		const char *period, *at, *wanted;
	} rows[] = {
		{"day", "2026-10-24T21:59:59Z", "24 October 2026 24 1.000000000"},
		{"day", "2026-10-24T22:00:00Z", "25 October 2026 25 2.000000000"},
		{"day", "2026-10-25T22:59:59Z", "25 October 2026 25 2.000000000"},
		{"day", "2026-10-25T23:00:00Z", "26 October 2026 24 4.000000000"},
		{"day", "2026-03-29T12:00:00Z", "29 March 2026 23 0.000000000"},
		{"week", "2026-10-25T22:59:59Z",
		 "the week from 19 October 2026 169 3.000000000"},
		{"week", "2026-10-25T23:00:00Z",
		 "the week from 26 October 2026 168 12.000000000"},
		{"month", "2026-10-31T22:59:59Z", "October 2026 745 7.000000000"},
		{"month", "2026-10-31T23:00:00Z", "November 2026 720 8.000000000"},
	};

	world_value("UPDATE accounts SET time_zone = 'Europe/Berlin' WHERE id = '%s'", north);
	set("day", "100", NULL);
	set("week", "100", NULL);
	set("month", "100", NULL);
	book("1", "'2026-10-24T21:59:59.999Z'");
	book("2", "'2026-10-24T22:00:00Z'");
	book("4", "'2026-10-25T23:00:00Z'");
	book("8", "'2026-10-31T23:00:00Z'");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ck_assert_str_eq(state("s.period_name, trim_scale(extract(epoch FROM s.ends_at -"
		    " s.starts_at) / 3600), s.spent_usd", rows[i].period,
		    arena_printf(arena, "'%s'", rows[i].at)), rows[i].wanted);
}
END_TEST

START_TEST(a_new_zone_has_the_present_days)
{
	book("1.5", "now()");
	world_value("UPDATE accounts SET time_zone = 'Pacific/Chatham' WHERE id = '%s'", north);
	set("day", "9", NULL);
	set("month", "9", NULL);
	ck_assert_str_eq(state("s.zone, s.spent_usd", "day", "now()"),
	    "Pacific/Chatham 1.500000000");
	book("0.25", "now()");
	ck_assert_str_eq(state("s.spent_usd", "day", "now()"), "1.750000000");
	ck_assert_str_eq(state("s.spent_usd", "month", "now()"), "1.750000000");
	ck_assert_str_eq(world_value("SELECT count(*) FROM reporting_zones"
	    " WHERE zone = 'Pacific/Chatham'"), "1");
}
END_TEST

START_TEST(thresholds_are_told_once)
{
	set("month", "10", NULL);
	book("4.999999999", "now()");
	ck_assert_str_eq(alerts(), " / 0");
	book("0.000000001", "now()");
	ck_assert_str_eq(alerts(), "50 / 1");
	book("6", "now()");
	ck_assert_str_eq(alerts(), "50 80 100 / 3");
	book("1", "now()");
	ck_assert_str_eq(alerts(), "50 80 100 / 3");
	ck_assert_str_eq(world_value("SELECT string_agg(concat_ws(' ', kind,"
	    " payload -> 'threshold_percent', payload ->> 'spent_usd', payload ->> 'spent_percent',"
	    " payload -> 'account' ->> 'slug'), ', ' ORDER BY payload -> 'threshold_percent')"
	    " FROM outbox"),
	    "budget.threshold 50 5.000000000 50.0 north, budget.threshold 80 11.000000000 110.0"
	    " north, budget.threshold 100 11.000000000 110.0 north");
	/* What was told stands for a period: the next one tells again. */
	world_value("UPDATE budget_alerts SET subject = '2020-01-01'");
	book("0.1", "now()");
	ck_assert_str_eq(alerts(), "50 50 80 80 100 100 / 6");
}
END_TEST

START_TEST(what_is_passed_already_is_not_news)
{
	book("9", "now()");
	set("month", "10", NULL);
	ck_assert_str_eq(alerts(), "50 80 / 0");
	book("1", "now()");
	ck_assert_str_eq(alerts(), "50 80 100 / 1");
	set("month", "20", NULL);
	book("6", "now()");
	ck_assert_str_eq(world_value("SELECT string_agg(payload ->> 'threshold_percent', ' '"
	    " ORDER BY created_at) FROM outbox"), "100 80");
}
END_TEST

START_TEST(a_run_is_told_of_by_itself)
{
	struct world_run first = world_run(north, "pipeline_1"), second = world_run(north,
	    "pipeline_2");

	set("run", NULL, "2");
	world_cost(&first, "prompt_generation", "1", "1", "1.5");
	world_cost(&second, "prompt_generation", "1", "1", "1.5");
	ck_assert_str_eq(alerts(), " / 0");
	world_cost(&first, "prompt_analysis", "1", "1", "0.5");
	world_cost(&first, "prompt_analysis", "1", "1", "0.5");
	ck_assert_str_eq(alerts(), "100 / 1");
	ck_assert_str_eq(world_value("SELECT payload ->> 'pipeline_run_id' FROM outbox"), first.id);
}
END_TEST

START_TEST(nobody_sees_or_changes_another_accounts)
{
	const char *id = set("month", "5", NULL);

	ck_assert_uint_eq(doc_count(doc_get(list(at_south, NULL), "budgets")), 0);
	ck_assert_uint_eq(doc_count(doc_get(list(at_south, north), "budgets")), 0);
	ck_assert_err(budget_remove(at_south, id, doc_object(arena)), ERR_MISSING);
	ck_assert_uint_eq(doc_count(doc_get(list(operator, NULL), "budgets")), 1);
}
END_TEST

/* The web sets budgets and nothing else; the runner changes none. */
START_TEST(roles_may_do_their_part_only)
{
	static const char *const forbidden[][2] = {
		{"promptbuilder_web", "UPDATE budgets SET cap_usd = NULL"},
		{"promptbuilder_web", "DELETE FROM budgets"},
		{"promptbuilder_web", "DELETE FROM budget_alerts"},
		{"promptbuilder_web", "INSERT INTO outbox (account_id, kind, payload)"
		 " SELECT id, 'x', '{}' FROM accounts"},
		{"promptbuilder_web", "SELECT lock_budgets(NULL)"},
		{"promptbuilder_runner", "UPDATE budgets SET ended_at = now()"},
		{"promptbuilder_runner", "DELETE FROM budget_alerts"},
		{"promptbuilder_runner", "UPDATE outbox SET payload = '{}'"},
		{"promptbuilder_runner", "DELETE FROM outbox"},
	};

	set("month", "5", NULL);
	for (size_t i = 0; i < ARRAY_LEN(forbidden); i++)
		ck_assert_str_eq(world_value("CREATE OR REPLACE FUNCTION pg_temp.may() RETURNS text"
		    " LANGUAGE plpgsql AS $$ BEGIN SET LOCAL ROLE %s;"
		    " PERFORM set_config('app.operator', 'on', true); EXECUTE %s;"
		    " RETURN 'allowed'; EXCEPTION WHEN insufficient_privilege THEN"
		    " RETURN 'refused'; END $$; SELECT pg_temp.may()", forbidden[i][0],
		    arena_printf(arena, "$q$%s$q$", forbidden[i][1])), "refused");
}
END_TEST

START_TEST(a_proposal_is_last_month_and_a_half)
{
	static const struct {
		const char *spent, *wanted;
	} rows[] = {
		{"4.6", "6.9"}, {"10", "15"}, {"0.0421", "0.064"}, {"701", "1100"},
		{"0.000000001", "0.0000000015"}, {"0", NULL},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		world_value("TRUNCATE cost_entries, cost_sums CASCADE");
		book(rows[i].spent, "date_trunc('month', now(), 'UTC') - interval '1 second'");
		book("999", "date_trunc('month', now(), 'UTC')");
		if (rows[i].wanted)
			ck_assert_str_eq(doc_text(list(at_north, north), "proposal_usd"),
			    rows[i].wanted);
		else
			ck_assert_ptr_null(doc_text(list(at_north, north), "proposal_usd"));
	}
}
END_TEST

START_TEST(a_quote_is_of_completed_runs)
{
	struct doc *out = doc_object(arena);
	const struct doc *quote;

	world_run(north, "pipeline_0");
	world_value("INSERT INTO pipeline_runs (account_id, assistant_id, pipeline_id, briefing_id,"
	    " status, briefing_data) SELECT account_id, assistant_id, 'pipeline_' || n, 'b',"
	    " CASE n WHEN 20 THEN 'failed' ELSE 'completed' END, '{}'"
	    " FROM pipeline_runs, generate_series(1, 20) n");
	world_value("INSERT INTO cost_entries (account_id, assistant_id, pipeline_run_id, operation,"
	    " model, input_tokens, output_tokens, cost_usd)"
	    " SELECT account_id, assistant_id, id, operation, 'm', 1, 1,"
	    " coalesce(cost, substr(pipeline_id, 10)::numeric) FROM pipeline_runs,"
	    " (VALUES ('prompt_generation', NULL), ('prompt_analysis', 0.5),"
	    " ('prompt_analysis', 0.5)) AS c (operation, cost)");
	ck_assert_fine(budget_outlook(at_north, north, "desk", out));
	quote = doc_get(out, "quote");
	ck_assert_str_eq(world_json(quote), "{\"runs\":19,\"p50_usd\":\"11.000000000\","
	    "\"p95_usd\":\"20.000000000\",\"phases\":[{\"phase\":\"generation\","
	    "\"p50_usd\":\"10.000000000\",\"p95_usd\":\"19.000000000\"},{\"phase\":\"analysis\","
	    "\"p50_usd\":\"1.000000000\",\"p95_usd\":\"1.000000000\"},"
	    "{\"phase\":\"improvement\",\"p50_usd\":\"0.000000000\",\"p95_usd\":\"0.000000000\"}]}");
	/* Runs that only score a version say nothing of what others cost. */
	world_value("WITH version AS (INSERT INTO prompt_versions (account_id, assistant_id, version,"
	    "  version_number, prompt_content, prompt_hash, injection_content, origin)"
	    " SELECT account_id, id, 'v1', 1, 'p', 'h', 'i', 'import' FROM assistants"
	    " RETURNING account_id, assistant_id, id)"
	    " INSERT INTO pipeline_runs (account_id, assistant_id, pipeline_id, briefing_id, status,"
	    "  briefing_data, kind, prompt_version_id)"
	    " SELECT account_id, assistant_id, 'scoring_' || n, 'b', 'completed', '{}', 'score', id"
	    " FROM version, generate_series(1, 50) n");
	out = doc_object(arena);
	ck_assert_fine(budget_outlook(at_north, north, "desk", out));
	ck_assert_str_eq(doc_scalar(doc_get(doc_get(out, "quote"), "runs")), "19");
	out = doc_object(arena);
	ck_assert_fine(budget_outlook(at_north, north, NULL, out));
	ck_assert_str_eq(doc_text(doc_get(out, "quote"), "p50_usd"), "11.000000000");
	out = doc_object(arena);
	ck_assert_fine(budget_outlook(at_north, north, "unknown", out));
	ck_assert_ptr_null(doc_get(out, "quote"));
}
END_TEST

static const struct err *launch(const char *key, struct doc *out)
{
	struct doc *briefing = doc_object(arena);
	struct run_launch launch = {.account_id = north, .briefing = briefing,
	    .idempotency_key = key};

	doc_set_text(briefing, "assistantId", "desk");
	doc_set_text(briefing, "assistant", "Desk");
	doc_set_text(briefing, "model", "claude-sonnet-5");
	doc_set_int(briefing, "targetScore", 90);
	doc_set_int(briefing, "iterationLimit", 3);
	return run_launch(at_north, &launch, out);
}

START_TEST(nothing_left_launches_nothing)
{
	struct doc *first = doc_object(arena), *again = doc_object(arena);
	const struct err *err;

	ck_assert_fine(launch("key", first));
	book("4.61", "now()");
	set("month", "4.61", NULL);
	err = launch(NULL, doc_object(arena));
	ck_assert_err(err, ERR_BUDGET);
	ck_assert_ptr_nonnull(strstr(err->sentence, "4.61 USD, and 4.61 is spent: nothing is left"));
	ck_assert_str_eq(doc_text(err->facts, "limit_usd"), "4.610000000");
	ck_assert_str_eq(doc_text(err->facts, "spent_usd"), "4.610000000");
	ck_assert_ptr_nonnull(doc_text(err->facts, "resets_at"));
	ck_assert_fine(launch("key", again));
	ck_assert_str_eq(doc_text(first, "id"), doc_text(again, "id"));
	set("month", "4.610000001", NULL);
	ck_assert_fine(launch(NULL, doc_object(arena)));
	set("run", "0", NULL);
	ck_assert_err(launch(NULL, doc_object(arena)), ERR_BUDGET);
}
END_TEST

static size_t notices(struct ctx *ctx, const char *account_id)
{
	struct doc *list = doc_array(arena);

	ck_assert_fine(budget_notices(ctx, account_id, list));
	return doc_count(list);
}

START_TEST(pages_are_told_of_the_present_period)
{
	set("month", "10", NULL);
	ck_assert_uint_eq(notices(at_north, north), 0);
	book("5", "now()");
	ck_assert_uint_eq(notices(at_north, north), 1);
	ck_assert_uint_eq(notices(operator, NULL), 1);
	ck_assert_uint_eq(notices(at_south, south), 0);
	ck_assert_uint_eq(notices(at_south, NULL), 0);
	world_value("UPDATE budget_alerts SET subject = '2020-01-01'");
	ck_assert_uint_eq(notices(at_north, north), 0);
	set("month", "10", NULL);
	ck_assert_uint_eq(notices(at_north, north), 1);
	set("month", NULL, "100");
	ck_assert_uint_eq(notices(at_north, north), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_change_ends_one_and_makes_another,
		nonsense_is_refused,
		periods_follow_the_zone,
		a_new_zone_has_the_present_days,
		thresholds_are_told_once,
		what_is_passed_already_is_not_news,
		a_run_is_told_of_by_itself,
		nobody_sees_or_changes_another_accounts,
		roles_may_do_their_part_only,
		a_proposal_is_last_month_and_a_half,
		a_quote_is_of_completed_runs,
		nothing_left_launches_nothing,
		pages_are_told_of_the_present_period,
	};

	return world_main("budget", tests, ARRAY_LEN(tests));
}
