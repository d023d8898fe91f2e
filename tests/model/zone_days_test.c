/* zone_days_test.c: in every zone the days of a year, and any part of them, add up to the lines:
 * over days of 23 and 25 hours, half hours, midnights that do not exist or come twice; from stored
 * sums and from the lines alone. */
#include <stdlib.h>
#include <string.h>

#include "base/money.h"
#include "db_kit.h"
#include "model/cost.h"
#include "tests/lib/suite.h"

/* In 2018: Berlin and New York change at night; Lord Howe by half an hour; Chatham at 02:45;
 * Kathmandu never, at +05:45; Sao Paulo and Tehran skip a midnight; Havana has one twice; Casablanca
 * changes four times. */
static const char *const zones[] = {"UTC", "Europe/Berlin", "America/New_York",
    "Australia/Lord_Howe", "Pacific/Chatham", "Asia/Kathmandu", "America/Sao_Paulo",
    "America/Havana", "Asia/Tehran", "Africa/Casablanca"};

/* A line every hour, and on both sides of each midnight of each zone. */
static const char seed[] =
    "SELECT setseed(0.25);"
    "INSERT INTO accounts (slug, name) VALUES ('acme', 'Acme');"
    "INSERT INTO assistants (account_id, external_id, name)"
    " SELECT id, 'bot', 'Bot' FROM accounts;"
    "INSERT INTO cost_entries (account_id, assistant_id, operation, model, input_tokens,"
    "  output_tokens, cost_usd, timestamp)"
    " SELECT s.account_id, s.id, 'chat', 'm', 1, 1, (random() * 3)::numeric(20, 9), at"
    " FROM assistants s, (SELECT generate_series(timestamptz '2017-12-30Z', '2019-01-02Z',"
    "    '1 hour') AS at"
    "   UNION SELECT (day AT TIME ZONE zone) + edge * interval '1 microsecond'"
    "   FROM unnest(array['Europe/Berlin', 'Australia/Lord_Howe', 'Pacific/Chatham',"
    "     'America/Sao_Paulo', 'America/Havana', 'Asia/Tehran']) AS zone,"
    "   generate_series(timestamp '2017-12-31', '2019-01-01', '1 day') AS day,"
    "   (VALUES (-1), (0)) AS e (edge)) AS t;";

static struct ctx ctx;

static struct doc *report_of(const char *zone, const char *from, const char *to,
    const char *group)
{
	struct cost_query query = {.days = 1, .from = from, .to = to, .zone = zone, .group = group};
	struct doc *report = doc_object(arena);
	const struct err *err;

	ctx = (struct ctx){.arena = arena, .db = db, .access = {.role = ROLE_OPERATOR}};
	err = cost_report(&ctx, &query, report, doc_array(arena));
	ck_assert_msg(err == NULL, "%s: %s", zone, err ? err->sentence : "");
	return report;
}

static int64_t nano_of(const struct doc *object)
{
	int64_t nano = -1;

	ck_assert(money_from_text(doc_text(object, "cost_usd"), &nano));
	return nano;
}

static int64_t total_of(const char *zone, const char *from, const char *to)
{
	return nano_of(doc_get(report_of(zone, from, to, "month"), "totals"));
}

/* Each day is what its lines are, by the clock on the wall. */
static void ck_days(const char *zone)
{
	const struct doc *report = report_of(zone, "2018-01-01", "2018-12-31", "day");
	const struct doc *trend = doc_get(report, "trend");
	struct buf *days = buf_new(arena, 1u << 16);
	int64_t nano = 0;

	ck_assert_uint_eq(doc_count(trend), 365);
	for (size_t i = 0; i < 365; i++) {
		buf_printf(days, "%s ", doc_text(doc_at(trend, i), "cost_usd"));
		nano += nano_of(doc_at(trend, i));
	}
	ck_assert_msg(nano == nano_of(doc_get(report, "totals")), "%s: days do not add up", zone);
	ck_assert_msg(strcmp(days->data, value_of(arena_printf(arena,
	    "SELECT string_agg(cost || ' ', '' ORDER BY day) AS v FROM ("
	    "  SELECT (timestamp AT TIME ZONE '%s')::date AS day, sum(cost_usd) AS cost"
	    "  FROM cost_entries GROUP BY 1) AS d WHERE day BETWEEN '2018-01-01' AND '2018-12-31'",
	    zone))) == 0, "%s: a day is not the sum of its lines", zone);
}

/* Days of the year that begin or end with a change of the clocks, the same a week later, and two
 * more: with the week before and the week from each. */
static struct db_rows *cuts_of(const char *zone)
{
	struct db_rows *rows;

	ck_assert_ptr_null(run_text(arena_printf(arena,
	    "SELECT (d.day - 7)::text AS week_before, (d.day - 1)::text AS eve,"
	    "  d.day::text AS day, (d.day + 6)::text AS last"
	    " FROM generate_series(timestamp '2018-01-10', '2018-12-20', '1 day') AS at,"
	    "  (VALUES (0), (7)) AS w (days), LATERAL (SELECT at::date + w.days AS day) AS d"
	    " WHERE at = '2018-07-01' OR (at AT TIME ZONE '%1$s') + interval '1 day'"
	    "   <> ((at + interval '1 day') AT TIME ZONE '%1$s')"
	    "  OR ((at - interval '1 day') AT TIME ZONE '%1$s') + interval '1 day'"
	    "   <> (at AT TIME ZONE '%1$s')", zone), &rows));
	return rows;
}

/* Two weeks cut in two, and the week before as the next one's report tells it. */
static void ck_cut(const char *zone, const struct db_rows *cuts, size_t row)
{
	const char *day = db_text(cuts, row, "day");
	const char *last = db_text(cuts, row, "last");
	const struct doc *week = doc_get(report_of(zone, day, last, "day"), "totals");
	int64_t before = total_of(zone, db_text(cuts, row, "week_before"),
	    db_text(cuts, row, "eve"));
	int64_t previous = -1;

	ck_assert_msg(before + nano_of(week) == total_of(zone, db_text(cuts, row, "week_before"),
	    last), "%s: cut at %s", zone, day);
	ck_assert(money_from_text(doc_text(week, "previous_cost_usd"), &previous));
	ck_assert_msg(previous == before, "%s: the week before %s", zone, day);
}

/* The weeks around each change, and the year by weeks and months. */
static void ck_parts(const char *zone)
{
	static const char *const groups[] = {"week", "month"};
	const struct db_rows *cuts = cuts_of(zone);

	ck_assert_uint_gt(db_count(cuts), 0);
	for (size_t i = 0; i < db_count(cuts); i++)
		ck_cut(zone, cuts, i);
	for (size_t g = 0; g < ARRAY_LEN(groups); g++) {
		const struct doc *year = report_of(zone, "2018-01-01", "2018-12-31", groups[g]);
		const struct doc *trend = doc_get(year, "trend");
		int64_t nano = 0;

		for (size_t i = 0; i < doc_count(trend); i++)
			nano += nano_of(doc_at(trend, i));
		ck_assert_msg(nano == nano_of(doc_get(year, "totals")), "%s: by %s", zone, groups[g]);
	}
}

/* Only UTC has sums: all other days are made of the lines. */
START_TEST(days_made_of_lines)
{
	ck_days(zones[_i]);
	ck_parts(zones[_i]);
}
END_TEST

START_TEST(days_that_are_stored)
{
	ck_assert_ptr_null(run_text(arena_printf(arena, "INSERT INTO reporting_zones (zone, is_ready)"
	    " VALUES ('%s', true) ON CONFLICT DO NOTHING", zones[_i]), NULL));
	ck_assert_ptr_null(run_text(arena_printf(arena, "SELECT rebuild_cost_sums('%s', id,"
	    " '2017-12-01', '2019-01-31') FROM accounts", zones[_i]), NULL));
	ck_days(zones[_i]);
	ck_parts(zones[_i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("zone days");
	TCase *tcase = tcase_create("zones");

	url = pg_fresh(true);
	pg_script(url, seed);
	tcase_add_checked_fixture(tcase, kit_set_up, kit_tear_down);
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, days_made_of_lines, 0, ARRAY_LEN(zones));
	tcase_add_loop_test(tcase, days_that_are_stored, 0, ARRAY_LEN(zones));
	suite_add_tcase(suite, tcase);
	return suite_end(suite);
}
