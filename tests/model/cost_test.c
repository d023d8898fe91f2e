/* cost_test.c: the ledger adds up, for every filter, zone and reader; and is booked exactly. */
#include <stdlib.h>

#include "base/money.h"
#include "base/text.h"
#include "db_kit.h"
#include "model/cost.h"
#include "tests/lib/suite.h"

#define ACME "00000000-0000-7000-8000-00000000000a"
#define GLOBEX "00000000-0000-7000-8000-00000000000b"
#define BULK "00000000-0000-7000-8000-00000000000c"

/* Two accounts whose calls stand at the edges of Berlin's days, one of them 25 hours long, one 23;
 * beside them 400 calls at odd moments and prices; and an account for the tests that write. */
static const char seed[] =
    "INSERT INTO accounts (id, slug, name) VALUES ('" ACME "', 'acme', 'Acme'),"
    " ('" GLOBEX "', 'globex', 'Globex'), ('" BULK "', 'bulk', 'Bulk');"
    "INSERT INTO assistants (account_id, external_id, name)"
    " SELECT a.id, e, e FROM accounts a, unnest(array['bot', 'helper']) e;"
    "INSERT INTO pipeline_runs (account_id, assistant_id, pipeline_id, briefing_id, status,"
    "  briefing_data, created_at)"
    " SELECT account_id, id, 'pipeline_' || account_id || external_id || n, 'b', 'completed',"
    "  '{}', timestamptz '2026-10-01' + n * interval '1 hour'"
    " FROM assistants, generate_series(1, 5) n;"
    "INSERT INTO cost_entries (account_id, assistant_id, pipeline_run_id, operation, model,"
    "  input_tokens, output_tokens, cost_usd, timestamp, price_status)"
    " SELECT r.account_id, r.assistant_id, r.id, operation, 'm', 10, 1, cost, at::timestamptz,"
    "  priced FROM pipeline_runs r, (VALUES"
    "  ('prompt_generation', 1, '2026-10-24T21:59:59.999Z', 'priced'),"
    "  ('prompt_analysis', 2, '2026-10-24T22:00:00Z', 'priced'),"
    "  ('prompt_improvement', 4, '2026-10-25T22:59:59.999Z', 'priced'),"
    "  ('adjustment', 8, '2026-10-25T23:00:00Z', 'unpriced'),"
    "  ('prompt_generation', 16, '2026-03-28T23:00:00Z', 'priced'),"
    "  ('prompt_generation', 32, '2026-03-29T21:59:59.999Z', 'priced'),"
    "  ('prompt_generation', 64, '2026-03-29T22:00:00Z', 'priced'))"
    "  AS e (operation, cost, at, priced)"
    " WHERE r.pipeline_id = 'pipeline_" ACME "bot1';"
    "SELECT setseed(0.5);"
    "INSERT INTO cost_entries (account_id, assistant_id, pipeline_run_id, operation, model,"
    "  input_tokens, output_tokens, cache_read_tokens, cost_usd, timestamp)"
    " SELECT r.account_id, r.assistant_id, r.id, (array['prompt_generation',"
    "  'prompt_analysis', 'prompt_improvement'])[1 + n % 3], 'model-' || n % 4,"
    "  (random() * 9e4)::int, (random() * 9e3)::int, (random() * 9e3)::int,"
    "  (random() * 3)::numeric(20, 9),"
    "  timestamptz '2026-05-01' + random() * interval '90 days'"
    " FROM pipeline_runs r, generate_series(1, 20) n WHERE r.account_id <> '" BULK "';";

static struct ctx ctx;

static void act_as(enum role role, const char *account_id)
{
	open_with(&(struct db_options){.url = url, .role = "promptbuilder_web"});
	ctx = (struct ctx){.arena = arena, .db = db,
	    .access = {.role = role, .account_id = account_id}};
}

static struct cost_query query_of(const char *from, const char *to, const char *zone)
{
	return (struct cost_query){.days = 30, .from = from, .to = to, .zone = zone,
	    .group = "day"};
}

static struct doc *report_of(const struct cost_query *query)
{
	struct doc *report = doc_object(arena);
	const struct err *err = cost_report(&ctx, query, report, doc_array(arena));

	ck_assert_msg(err == NULL, "%s", err ? err->sentence : "");
	return report;
}

static const struct err *err_of(const struct cost_query *query)
{
	return cost_report(&ctx, query, doc_object(arena), doc_array(arena));
}

static int64_t nano_of(const struct doc *object, const char *name)
{
	int64_t nano = -1;

	ck_assert_msg(doc_text(object, name) && money_from_text(doc_text(object, name), &nano),
	    "%s is no exact amount", name);
	return nano;
}

static int64_t int_of(const struct doc *object, const char *name)
{
	int64_t value = -1;

	ck_assert_msg(doc_int(object, name, &value), "%s is no integer", name);
	return value;
}

static const char *total_of(const struct doc *report)
{
	return doc_text(doc_get(report, "totals"), "cost_usd");
}

static void ck_trend(const struct doc *report, const char *const *days)
{
	const struct doc *trend = doc_get(report, "trend");
	size_t count = 0;

	for (; days[2 * count]; count++) {
		const struct doc *entry = doc_at(trend, count);

		ck_assert_str_eq(doc_text(entry, "date"), days[2 * count]);
		ck_assert_str_eq(doc_text(entry, "cost_usd"), days[2 * count + 1]);
	}
	ck_assert_uint_eq(doc_count(trend), count);
}

START_TEST(days_end_at_the_zones_midnight)
{
	struct cost_query query = query_of("2026-10-23", "2026-10-26", "Europe/Berlin");

	act_as(ROLE_MEMBER, ACME);
	ck_trend(report_of(&query), (const char *const[]){"2026-10-23", "0.000000000",
	    "2026-10-24", "1.000000000", "2026-10-25", "6.000000000",
	    "2026-10-26", "8.000000000", NULL});
	query.zone = "UTC";
	ck_trend(report_of(&query), (const char *const[]){"2026-10-23", "0.000000000",
	    "2026-10-24", "3.000000000", "2026-10-25", "12.000000000",
	    "2026-10-26", "0.000000000", NULL});
	query = query_of("2026-03-28", "2026-03-30", "Europe/Berlin");
	ck_trend(report_of(&query), (const char *const[]){"2026-03-28", "0.000000000",
	    "2026-03-29", "48.000000000", "2026-03-30", "64.000000000", NULL});
}
END_TEST

START_TEST(weeks_are_iso_and_months_whole)
{
	struct cost_query query = query_of("2026-10-21", "2026-11-02", "Europe/Berlin");

	act_as(ROLE_MEMBER, ACME);
	query.group = "week";
	ck_trend(report_of(&query), (const char *const[]){"2026-10-19", "7.000000000",
	    "2026-10-26", "8.000000000", "2026-11-02", "0.000000000", NULL});
	query.group = "month";
	ck_trend(report_of(&query), (const char *const[]){"2026-10-01", "15.000000000",
	    "2026-11-01", "0.000000000", NULL});
}
END_TEST

START_TEST(figures_of_a_period_are_exact)
{
	struct cost_query query = query_of("2026-10-25", "2026-10-26", "Europe/Berlin");
	const struct doc *report;
	const struct doc *totals;

	act_as(ROLE_MEMBER, ACME);
	report = report_of(&query);
	totals = doc_get(report, "totals");
	ck_assert_str_eq(total_of(report), "14.000000000");
	ck_assert_str_eq(doc_text(totals, "previous_cost_usd"), "1.000000000");
	ck_assert_str_eq(doc_text(totals, "change_percent"), "1300.0");
	ck_assert_str_eq(doc_text(totals, "other_cost_usd"), "8.000000000");
	ck_assert_int_eq(int_of(totals, "input_tokens"), 30);
	ck_assert_int_eq(int_of(totals, "calls"), 3);
	ck_assert_int_eq(int_of(totals, "runs"), 0); /* its first line stands in March */
	ck_assert_int_eq(int_of(totals, "unpriced_calls"), 1);
	ck_assert_str_eq(doc_text(doc_get(report, "account"), "slug"), "acme");
}
END_TEST

/* A run counts once, where its first line stands; the median is of whole runs, by their launch. */
START_TEST(runs_are_counted_once)
{
	static const char *const accounts[] = {"acme", "globex", NULL};

	act_as(ROLE_OPERATOR, NULL);
	for (size_t i = 0; i < ARRAY_LEN(accounts); i++) {
		struct cost_query query = query_of("2026-01-01", "2026-12-31", "Europe/Berlin");
		const char *of = arena_printf(arena, "account_id IN (SELECT id FROM accounts"
		    " WHERE slug = '%s' OR '%s' = '')", accounts[i] ? accounts[i] : "",
		    accounts[i] ? accounts[i] : "");
		const struct doc *totals;

		query.account = accounts[i];
		query.group = "month";
		totals = doc_get(report_of(&query), "totals");
		ck_assert_str_eq(doc_scalar(doc_get(totals, "runs")), pg_value(url, arena_printf(arena,
		    "SELECT count(DISTINCT pipeline_run_id) FROM cost_entries WHERE %s", of)));
		ck_assert_str_eq(doc_text(totals, "median_run_cost_usd"), pg_value(url,
		    arena_printf(arena, "SELECT (sum(total_cost_usd) / count(*))::numeric(20, 9)"
		    " FROM (SELECT total_cost_usd, row_number() OVER (ORDER BY total_cost_usd),"
		    " count(*) OVER () FROM pipeline_runs WHERE first_cost_entry_id IS NOT NULL"
		    " AND %s) AS r WHERE row_number IN ((count + 1) / 2, count / 2 + 1)", of)));
	}
}
END_TEST

START_TEST(an_empty_period_is_all_zero)
{
	struct cost_query query = query_of("2020-01-01", "2020-01-31", "UTC");
	const struct doc *report;

	act_as(ROLE_OPERATOR, NULL);
	report = report_of(&query);
	ck_assert_str_eq(total_of(report), "0.000000000");
	ck_assert_ptr_null(doc_get(doc_get(report, "totals"), "median_run_cost_usd"));
	ck_assert_uint_eq(doc_count(doc_get(report, "trend")), 31);
	ck_assert_uint_eq(doc_count(doc_get(report, "by_phase")), 4);
	ck_assert_uint_eq(doc_count(doc_get(report, "by_account")), 0);
	ck_assert_uint_eq(doc_count(doc_get(report, "by_model")), 0);
}
END_TEST

START_TEST(without_dates_the_period_ends_today)
{
	struct cost_query query = query_of(NULL, NULL, "Pacific/Kiritimati");
	const struct doc *report;

	act_as(ROLE_OPERATOR, NULL);
	query.days = 7;
	report = report_of(&query);
	ck_assert_uint_eq(doc_count(doc_get(report, "trend")), 7);
	ck_assert_str_eq(doc_text(report, "to"),
	    value_of("SELECT (now() AT TIME ZONE 'Pacific/Kiritimati')::date::text AS v"));
}
END_TEST

static void ck_list(const struct doc *report, const char *name)
{
	static const char *const counts[] = {"input_tokens", "output_tokens",
	    "cache_read_tokens", "calls"};
	const struct doc *totals = doc_get(report, "totals");
	const struct doc *list = doc_get(report, name);
	int64_t nano = 0;

	for (size_t i = 0; i < doc_count(list); i++)
		nano += nano_of(doc_at(list, i), "cost_usd");
	ck_assert_msg(nano == nano_of(totals, "cost_usd"), "%s does not add up", name);
	for (size_t c = 0; c < ARRAY_LEN(counts); c++) {
		int64_t sum = 0;

		for (size_t i = 0; i < doc_count(list); i++)
			sum += int_of(doc_at(list, i), counts[c]);
		ck_assert_msg(sum == int_of(totals, counts[c]), "%s: %s", name, counts[c]);
	}
}

/* What the report says, the lines say, too. */
static void ck_adds_up(const struct cost_query *query, const char *lines)
{
	static const char *const lists[] = {"by_account", "by_assistant", "by_phase", "by_model",
	    "trend"};
	const struct doc *report = report_of(query);

	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		ck_list(report, lists[i]);
	ck_assert_str_eq(total_of(report), pg_value(url, arena_printf(arena,
	    "SELECT coalesce(sum(cost_usd), 0::numeric(20, 9)) FROM cost_entries e"
	    " JOIN assistants s ON s.id = e.assistant_id WHERE %s"
	    " AND (timestamp AT TIME ZONE '%s')::date BETWEEN '%s' AND '%s'", lines, query->zone,
	    query->from, query->to)));
}

START_TEST(everything_adds_up)
{
	static const char *const zones[] = {"UTC", "Europe/Berlin", "Asia/Kathmandu",
	    "America/St_Johns"};
	static const char *const groups[] = {"day", "week", "month"};

	act_as(ROLE_OPERATOR, NULL);
	for (size_t i = 0; i < ARRAY_LEN(zones) * ARRAY_LEN(groups); i++) {
		struct cost_query query = query_of("2026-05-10", "2026-07-12", zones[i % 4]);

		query.group = groups[i / 4];
		ck_adds_up(&query, "true");
		query.account = "globex";
		ck_adds_up(&query, "e.account_id = '" GLOBEX "'");
		query.assistant = "bot";
		ck_adds_up(&query, "e.account_id = '" GLOBEX "' AND s.external_id = 'bot'");
		query.account = NULL;
		ck_adds_up(&query, "s.external_id = 'bot'");
	}
}
END_TEST

START_TEST(report_views_and_run_totals_agree)
{
	struct cost_query query = query_of("2026-01-01", "2026-12-31", "UTC");
	const char *total;

	act_as(ROLE_OPERATOR, NULL);
	query.account = ACME;
	total = total_of(report_of(&query));
	ck_assert_str_eq(total, pg_value(url, "SELECT sum(total_cost) FROM"
	    " v_daily_costs_by_account WHERE account_slug = 'acme'"));
	ck_assert_str_eq(total, pg_value(url, "SELECT sum(total_cost) FROM v_costs_by_assistant"
	    " WHERE account_slug = 'acme'"));
	ck_assert_str_eq(total, pg_value(url, "SELECT sum(total_cost) FROM"
	    " v_pipeline_cost_breakdown WHERE account_slug = 'acme'"));
	ck_assert_str_eq(total, pg_value(url, "SELECT sum(total_cost_usd) FROM pipeline_runs"
	    " WHERE account_id = '" ACME "'"));
}
END_TEST

START_TEST(an_account_page_has_the_plans_tables)
{
	struct cost_query query = query_of("2026-10-01", "2026-10-31", "UTC");
	struct doc *out = doc_object(arena);

	act_as(ROLE_MEMBER, ACME);
	query.account = "acme";
	ck_assert_ptr_null(cost_account(&ctx, &query, out));
	ck_assert_uint_eq(doc_count(doc_get(out, "runs")), 10);
	ck_assert_uint_eq(doc_count(doc_get(out, "daily")), 30);
	ck_assert_str_eq(doc_text(doc_at(doc_get(out, "daily"), 0), "date"), "2026-10-25");
	ck_assert_str_eq(doc_text(doc_at(doc_get(out, "daily"), 0), "total_cost_usd"),
	    "12.000000000");
	ck_assert_uint_eq(doc_count(doc_get(out, "assistants")), 2);
}
END_TEST

static void ck_field(const struct err *err, const char *field)
{
	ck_assert_ptr_nonnull(err);
	ck_assert_int_eq(err->kind, ERR_INVALID);
	ck_assert_str_eq(err->fields->name, field);
}

START_TEST(impossible_periods_and_zones_are_named)
{
	static const char *const zones[] = {"Europe/Atlantis", "ABC5", "", "UTC; x", "Foo/Bar5"};
	struct cost_query query = query_of("2026-10-02", "2026-10-01", "UTC");

	act_as(ROLE_OPERATOR, NULL);
	ck_field(err_of(&query), "from");
	query.from = "1900-01-01";
	ck_field(err_of(&query), "from");
	query = query_of("2026-10-01", "2026-10-02", "Etc/GMT+5");
	ck_assert_ptr_null(err_of(&query));
	for (size_t i = 0; i < ARRAY_LEN(zones); i++) {
		query.zone = zones[i];
		ck_field(err_of(&query), "tz");
	}
}
END_TEST

static void ck_missing(const struct err *err)
{
	ck_assert_ptr_nonnull(err);
	ck_assert_int_eq(err->kind, ERR_MISSING);
}

START_TEST(a_made_up_cursor_is_named)
{
	struct cost_page page = {.after = "00000000-0000-7000-8000-00000000000g", .limit = 1};

	act_as(ROLE_OPERATOR, NULL);
	ck_field(cost_lines(&ctx, &page, doc_object(arena)), "cursor");
}
END_TEST

START_TEST(unknown_names_are_missing)
{
	struct cost_query query = query_of("2026-10-01", "2026-10-02", "UTC");

	act_as(ROLE_OPERATOR, NULL);
	query.account = "nobody";
	ck_missing(err_of(&query));
	query.account = "00000000-0000-7000-8000-0000000000ff";
	ck_missing(err_of(&query));
	query.account = "acme";
	query.assistant = "nobody";
	ck_missing(err_of(&query));
}
END_TEST

START_TEST(an_account_sees_only_its_own)
{
	struct cost_query query = query_of("2026-01-01", "2026-12-31", "UTC");
	struct cost_page page = {.limit = 200, .run = "pipeline_" GLOBEX "bot1"};
	const struct doc *report;
	struct doc *accounts = doc_array(arena);

	act_as(ROLE_MEMBER, ACME);
	report = doc_object(arena);
	ck_assert_ptr_null(cost_report(&ctx, &query, (struct doc *)report, accounts));
	ck_assert_uint_eq(doc_count(accounts), 0);
	ck_assert_uint_eq(doc_count(doc_get(report, "by_account")), 1);
	ck_assert_uint_eq(doc_count(doc_get(report, "by_assistant")), 2);
	query.account = "globex";
	ck_missing(err_of(&query));
	query.account = GLOBEX;
	ck_missing(err_of(&query));
	ck_missing(cost_lines(&ctx, &page, doc_object(arena)));
	page = (struct cost_page){.limit = 200, .account = "globex"};
	ck_missing(cost_lines(&ctx, &page, doc_object(arena)));
}
END_TEST

/* Row security alone, without the account in the statement. */
START_TEST(row_security_hides_other_accounts)
{
	struct doc *out = doc_object(arena);
	struct cost_page page = {.limit = 200};

	act_as(ROLE_MEMBER, GLOBEX);
	ctx.access.account_id = NULL;
	ck_assert_ptr_null(cost_lines(&ctx, &page, out));
	ck_assert_uint_eq(doc_count(doc_get(out, "cost_entries")), 0);
}
END_TEST

START_TEST(lines_of_a_run_page_in_order)
{
	struct cost_page page = {.run = "pipeline_" ACME "bot1", .limit = 4};
	const char *last = "";
	size_t count = 0;
	int64_t nano = 0;

	act_as(ROLE_MEMBER, ACME);
	do {
		struct doc *out = doc_object(arena);
		const struct doc *lines;

		ck_assert_ptr_null(cost_lines(&ctx, &page, out));
		lines = doc_get(out, "cost_entries");
		for (size_t i = 0; i < doc_count(lines); i++, count++) {
			ck_assert_str_le(last, doc_text(doc_at(lines, i), "timestamp"));
			last = doc_text(doc_at(lines, i), "timestamp");
			nano += nano_of(doc_at(lines, i), "cost_usd");
		}
		page.after = doc_text(out, "next_cursor");
	} while (page.after);
	ck_assert_uint_eq(count, 27);
	ck_assert_str_eq(money_text(arena, nano), pg_value(url, "SELECT total_cost_usd FROM"
	    " pipeline_runs WHERE pipeline_id = 'pipeline_" ACME "bot1'"));
}
END_TEST

static const char *run_total(int run)
{
	return arena_strdup(arena, pg_value(url, arena_printf(arena,
	    "SELECT total_input_tokens || ' ' || total_output_tokens || ' ' || total_cost_usd"
	    " FROM pipeline_runs WHERE pipeline_id = 'pipeline_" BULK "bot%d'", run)));
}

/* The totals come from the new lines: however many a run has, none of them is read again. */
START_TEST(a_line_costs_the_same_however_many_there_are)
{
	struct db_tx *tx = db_tx(arena, NULL);
	struct db_rows *read;

	open_with(&(struct db_options){.url = url, .role = "promptbuilder_runner"});
	ck_assert_ptr_null(run_text("INSERT INTO cost_entries (account_id, assistant_id,"
	    " pipeline_run_id, operation, model, input_tokens, output_tokens, cost_usd)"
	    " SELECT account_id, assistant_id, id, 'prompt_generation', 'm', 10451, 2839, 0.36969"
	    " FROM pipeline_runs, generate_series(1, 500)"
	    " WHERE pipeline_id = 'pipeline_" BULK "bot4'", NULL));
	open_with(&(struct db_options){.url = url});
	add_text(tx, "INSERT INTO cost_entries (account_id, assistant_id, pipeline_run_id,"
	    " operation, model, input_tokens, output_tokens, cost_usd)"
	    " SELECT account_id, assistant_id, id, 'prompt_analysis', 'm', 1, 1, 1"
	    " FROM pipeline_runs WHERE pipeline_id = 'pipeline_" BULK "bot4'");
	read = add_text(tx, "SELECT seq_tup_read + idx_tup_fetch AS v"
	    " FROM pg_stat_xact_user_tables WHERE relname = 'cost_entries'");
	ck_assert_ptr_null(db_run(db, tx));
	ck_assert_str_eq(db_text(read, 0, "v"), "0");
	ck_assert_str_eq(run_total(4), "5225501 1419501 185.845000000");
}
END_TEST

/* Whoever works as the web or the runner adds lines of its own account, and changes none. */
START_TEST(the_ledger_is_only_added_to)
{
	static const char *const roles[] = {"promptbuilder_web", "promptbuilder_runner"};
	static const char *const forbidden[] = {"UPDATE cost_entries SET cost_usd = 0",
	    "DELETE FROM cost_entries", "TRUNCATE cost_entries", "UPDATE cost_days SET lines = 0",
	    "INSERT INTO cost_days SELECT * FROM cost_days", "DELETE FROM account_marks"};
	struct db_tx *tx;

	for (size_t role = 0; role < ARRAY_LEN(roles); role++) {
		for (size_t i = 0; i < ARRAY_LEN(forbidden); i++) {
			open_with(&(struct db_options){.url = url, .role = roles[role]});
			ck_assert_msg(run_text(forbidden[i], NULL) != NULL, "%s: %s", roles[role],
			    forbidden[i]);
		}
	}
	act_as(ROLE_MEMBER, ACME);
	tx = ctx_tx(&ctx);
	add_text(tx, "INSERT INTO cost_entries (account_id, assistant_id, operation, model,"
	    " input_tokens, output_tokens, cost_usd)"
	    " SELECT '" BULK "', '" BULK "', 'prompt_analysis', 'm', 1, 1, 1");
	ck_assert_ptr_nonnull(ctx_run(&ctx, tx));
	ck_assert_str_eq(pg_value(url, "SELECT count(*) FROM cost_entries WHERE account_id = '" BULK
	    "' AND pipeline_run_id IS NULL"), "0");
}
END_TEST

static void add_reports(TCase *reports)
{
	tcase_add_test(reports, days_end_at_the_zones_midnight);
	tcase_add_test(reports, weeks_are_iso_and_months_whole);
	tcase_add_test(reports, figures_of_a_period_are_exact);
	tcase_add_test(reports, runs_are_counted_once);
	tcase_add_test(reports, an_empty_period_is_all_zero);
	tcase_add_test(reports, without_dates_the_period_ends_today);
	tcase_add_test(reports, everything_adds_up);
	tcase_add_test(reports, report_views_and_run_totals_agree);
	tcase_add_test(reports, an_account_page_has_the_plans_tables);
	tcase_add_test(reports, impossible_periods_and_zones_are_named);
	tcase_add_test(reports, a_made_up_cursor_is_named);
	tcase_add_test(reports, unknown_names_are_missing);
	tcase_add_test(reports, an_account_sees_only_its_own);
	tcase_add_test(reports, row_security_hides_other_accounts);
	tcase_add_test(reports, lines_of_a_run_page_in_order);
}

static void add_bookings(TCase *bookings)
{
	tcase_add_test(bookings, a_line_costs_the_same_however_many_there_are);
	tcase_add_test(bookings, the_ledger_is_only_added_to);
}

int main(void)
{
	Suite *suite = suite_create("cost");
	TCase *reports = tcase_create("reports");
	TCase *bookings = tcase_create("bookings");

	url = pg_fresh(true);
	pg_script(url, seed);
	tcase_set_timeout(reports, 60);
	tcase_add_checked_fixture(reports, kit_set_up, kit_tear_down);
	tcase_add_checked_fixture(bookings, kit_set_up, kit_tear_down);
	add_reports(reports);
	add_bookings(bookings);
	suite_add_tcase(suite, reports);
	suite_add_tcase(suite, bookings);
	return suite_end(suite);
}
