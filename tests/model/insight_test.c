/* insight_test.c: a difference is split exactly, and into what caused it; forecasts, unusual runs
 * and the price of a point are found on known data. */
#include <stdlib.h>

#include "base/money.h"
#include "base/text.h"
#include "db_kit.h"
#include "model/insight.h"
#include "tests/lib/suite.h"

/* Accounts, each for one test. Days are those of UTC, told back from today; "line" and "run" make
 * lines at noon, or now for today. */
static const char seed[] =
    "INSERT INTO accounts (slug, name) SELECT s, s FROM unnest(array['split', 'steady', 'weeks',"
    "  'fresh', 'runs', 'scores', 'quiet']) AS s;"
    "INSERT INTO assistants (account_id, external_id, name)"
    " SELECT a.id, e, e FROM accounts a, unnest(array['bot', 'helper']) AS e;"
    "INSERT INTO model_prices (model, input_pico, output_pico, cache_read_pico,"
    "  cache_write_5m_pico, cache_write_1h_pico, source)"
    " VALUES ('m1', 1000000, 5000000, 100000, 1250000, 2000000, 'test'),"
    "  ('m2', 3000000, 12000000, 300000, 3750000, 6000000, 'test');"
    "CREATE FUNCTION line(slug text, days integer, usd numeric) RETURNS void LANGUAGE sql AS $$"
    " INSERT INTO cost_entries (account_id, assistant_id, operation, model, input_tokens,"
    "  output_tokens, cost_usd, timestamp)"
    " SELECT a.id, t.id, 'chat', 'm1', 1, 1, usd, least(now(), (now() AT TIME ZONE 'UTC')::date"
    "   ::timestamp AT TIME ZONE 'UTC' - make_interval(days => days) + interval '12 hours')"
    " FROM accounts a JOIN assistants t ON t.account_id = a.id AND t.external_id = 'bot'"
    " WHERE a.slug = line.slug $$;"
    "CREATE FUNCTION run(slug text, bot text, name text, hours integer, usd numeric)"
    " RETURNS void LANGUAGE sql AS $$"
    " INSERT INTO pipeline_runs (account_id, assistant_id, pipeline_id, briefing_id, status,"
    "  briefing_data, created_at)"
    " SELECT t.account_id, t.id, run.name, 'b', 'completed', '{}',"
    "  now() - make_interval(hours => hours)"
    " FROM accounts a JOIN assistants t ON t.account_id = a.id AND t.external_id = run.bot"
    " WHERE a.slug = run.slug;"
    " INSERT INTO cost_entries (account_id, assistant_id, pipeline_run_id, operation, model,"
    "  input_tokens, output_tokens, cost_usd, timestamp)"
    " SELECT account_id, assistant_id, id, 'prompt_generation', 'm1', 10, 10, usd, created_at"
    " FROM pipeline_runs WHERE pipeline_id = run.name $$;";

static struct ctx ctx;

static void act_as(enum role role, const char *slug)
{
	const char *id = slug ? arena_strdup(arena, pg_value(url, arena_printf(arena,
	    "SELECT id FROM accounts WHERE slug = '%s'", slug))) : NULL;

	open_with(&(struct db_options){.url = url, .role = "promptbuilder_web"});
	ctx = (struct ctx){.arena = arena, .db = db, .access = {.role = role, .account_id = id}};
}

static struct doc *report_of(const struct cost_query *query)
{
	struct doc *report = doc_object(arena);
	const struct err *err = cost_report(&ctx, query, report, doc_array(arena));

	ck_assert_msg(err == NULL, "%s", err ? err->sentence : "");
	return report;
}

/* Of the last so many days. */
static struct doc *report_of_days(const char *account, int64_t days)
{
	act_as(ROLE_OPERATOR, NULL);
	return report_of(&(struct cost_query){.account = account, .days = days,
	    .default_zone = "UTC", .group = "day"});
}

static int64_t nano_of(const struct doc *object, const char *name)
{
	int64_t nano = -1;

	ck_assert_msg(doc_text(object, name) && money_from_text(doc_text(object, name), &nano),
	    "%s is no exact amount", name);
	return nano;
}

/* ---- The split. ---- */

static struct insight_model model_of(struct insight_usage before, struct insight_usage now)
{
	return (struct insight_model){.name = "m", .output_permille = 5000, .before = before,
	    .now = now};
}

/* Every part is nothing but one. */
static void ck_only(const struct insight_model *models, size_t count, enum insight_cause cause,
    int64_t nano)
{
	int64_t parts[INSIGHT_CAUSES];

	ck_assert(insight_split(models, count, parts));
	for (size_t i = 0; i < INSIGHT_CAUSES; i++)
		ck_assert_msg(parts[i] == (i == cause ? nano : 0), "cause %zu: %lld", i,
		    (long long)parts[i]);
}

/* 10 runs of 100 input tokens at 1 and 20 output tokens at 5, half of the input from a cache at a
 * tenth: 2,000 - 450. */
static const struct insight_usage usual = {.cost_nano = 1550, .saved_nano = 450, .input = 500,
    .cache_read = 500, .output = 200, .runs = 10, .calls = 50};

START_TEST(each_cause_is_told_from_the_others)
{
	struct insight_usage now = {.cost_nano = 3100, .saved_nano = 900, .input = 1000,
	    .cache_read = 1000, .output = 400, .runs = 20, .calls = 100};
	struct insight_model model = model_of(usual, now);

	ck_only(&model, 1, INSIGHT_VOLUME, 1550);
	model.now.runs = 10;
	ck_only(&model, 1, INSIGHT_TOKENS, 1550);
	/* 100 tokens go from input to output: 400 more; 21.25 less by a cache of the same part. */
	model.now = (struct insight_usage){.cost_nano = 1860, .saved_nano = 540, .input = 400,
	    .cache_read = 500, .output = 300, .runs = 10, .calls = 50};
	ck_only(&model, 1, INSIGHT_OUTPUT, 310);
	model.now = usual;
	model.now.cost_nano *= 3;
	model.now.saved_nano *= 3;
	ck_only(&model, 1, INSIGHT_PRICE, 3100);
	model.now = usual;
	model.now.cost_nano += 450;
	model.now.saved_nano = 0;
	model.now.cache_read = 0;
	model.now.input = 1000;
	ck_only(&model, 1, INSIGHT_CACHE, 450);
}
END_TEST

START_TEST(a_dearer_mix_and_a_new_model_are_the_mix)
{
	struct insight_usage cheap = {.cost_nano = 100, .input = 100, .runs = 1};
	struct insight_usage dear = {.cost_nano = 300, .input = 100, .runs = 1};
	struct insight_usage none = {.cost_nano = 0};
	struct insight_usage twice = {.cost_nano = 600, .input = 200, .runs = 2};
	struct insight_model models[] = {model_of(cheap, none), model_of(dear, twice)};

	ck_only(models, 2, INSIGHT_MODELS, 200);
	models[1].before = none;
	models[0].before = (struct insight_usage){.cost_nano = 200, .input = 200, .runs = 2};
	ck_only(models, 2, INSIGHT_MODELS, 400);
}
END_TEST

START_TEST(costs_without_tokens_are_other)
{
	struct insight_usage credit = {.cost_nano = -70};
	struct insight_usage none = {.cost_nano = 0};
	struct insight_model models[] = {model_of(usual, usual), model_of(none, credit)};

	ck_only(models, 2, INSIGHT_OTHER, -70);
	models[1].before = credit;
	models[1].now = none;
	ck_only(models, 2, INSIGHT_OTHER, 70);
}
END_TEST

START_TEST(without_runs_calls_are_the_volume)
{
	struct insight_model model = model_of(usual, usual);

	model.before.runs = 0;
	model.now = (struct insight_usage){.cost_nano = 3100, .saved_nano = 900, .input = 1000,
	    .cache_read = 1000, .output = 400, .runs = 7, .calls = 100};
	ck_only(&model, 1, INSIGHT_VOLUME, 1550);
}
END_TEST

START_TEST(nothing_to_compare_with_is_said)
{
	int64_t parts[INSIGHT_CAUSES];
	struct insight_usage none = {.cost_nano = 0};
	struct insight_usage huge = {.cost_nano = INT64_MAX, .input = INT64_MAX,
	    .output = INT64_MAX, .runs = 1};
	struct insight_model model = model_of(none, usual);

	ck_assert(!insight_split(&model, 0, parts));
	ck_assert(!insight_split(&model, 1, parts));
	model = model_of(huge, huge);
	ck_assert(!insight_split(&model, 1, parts));
	model = model_of((struct insight_usage){.cost_nano = INT64_MAX, .input = 1},
	    (struct insight_usage){.cost_nano = 1, .input = 2});
	ck_assert(!insight_split(&model, 1, parts));
}
END_TEST

static uint64_t dice = 88172645463325252u;

/* 0 to most - 1, small ones more often. */
static int64_t roll(int64_t most)
{
	int64_t bound = most;

	for (int i = 0; i < 2; i++) {
		dice ^= dice << 13;
		dice ^= dice >> 7;
		dice ^= dice << 17;
		bound = (int64_t)(dice % (uint64_t)bound) + 1;
	}
	return bound - 1;
}

/* Also without tokens, with costs and savings below zero, with corrections that take tokens. */
static struct insight_usage random_usage(void)
{
	struct insight_usage usage = {
		.cost_nano = roll(900000000000000) - (roll(4) == 0 ? 1000000000 : 0),
		.saved_nano = roll(90000000000000) - 30000000000000,
		.input = roll(900000000000) - (roll(9) == 0 ? 1000000 : 0),
		.cache_read = roll(900000000000),
		.cache_write = roll(9000000000),
		.output = roll(900000000000),
		.runs = roll(900000),
		.calls = roll(9000000),
	};

	if (roll(6) == 0)
		usage = (struct insight_usage){.cost_nano = usage.cost_nano};
	return usage;
}

START_TEST(parts_add_up_for_any_data)
{
	int64_t parts[INSIGHT_CAUSES];
	size_t splits = 0;

	for (size_t round = 0; round < 20000; round++) {
		struct insight_model models[6];
		size_t count = (size_t)roll(6) + 1;
		int64_t difference = 0;

		for (size_t i = 0; i < count; i++) {
			models[i] = model_of(random_usage(), random_usage());
			models[i].output_permille = roll(9000);
			difference += models[i].now.cost_nano - models[i].before.cost_nano;
		}
		if (!insight_split(models, count, parts))
			continue;
		splits++;
		for (size_t i = 0; i < INSIGHT_CAUSES; i++)
			difference -= parts[i];
		ck_assert_int_eq(difference, 0);
	}
	ck_assert_uint_gt(splits, 10000);
}
END_TEST

/* Lines of ten weeks, at any price and with any cache, some of them corrections. */
static const char lines[] =
    "SELECT setseed(0.25);"
    "SELECT run('split', (array['bot', 'helper'])[1 + n % 2], 'split' || n, n * 20, 0.001 * n)"
    " FROM generate_series(1, 80) n;"
    "INSERT INTO cost_entries (account_id, assistant_id, pipeline_run_id, operation, model,"
    "  input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_usd, price_id,"
    "  timestamp)"
    " SELECT r.account_id, r.assistant_id, r.id, 'prompt_analysis', p.model,"
    "  (random() * 9e4)::int, (random() * 9e3)::int, (random() * 9e4)::int,"
    "  (random() * 9e3)::int, (random() * 3)::numeric(20, 9), p.id,"
    "  r.created_at + random() * interval '9 hours'"
    " FROM pipeline_runs r, generate_series(1, 4) n, model_prices p"
    " WHERE r.pipeline_id LIKE 'split%' AND p.source = 'test' AND random() < 0.6;"
    "INSERT INTO cost_entries (account_id, assistant_id, operation, model, input_tokens,"
    "  output_tokens, cost_usd, kind, corrects_id, reason, actor, timestamp)"
    " SELECT account_id, assistant_id, 'prompt_analysis', 'm1', 0, 0, -cost_usd / 3, 'adjustment',"
    "  id, 'test', 'test', timestamp + interval '3 days'"
    " FROM cost_entries WHERE operation = 'prompt_analysis' AND model = 'm2' AND random() < 0.2;";

START_TEST(parts_of_a_report_add_up_to_its_difference)
{
	static const char *const assistants[] = {NULL, "bot", "helper"};
	static const char *const groups[] = {"day", "month"};

	act_as(ROLE_MEMBER, "split");
	for (int64_t days = 1; days < 40; days++) {
		struct cost_query query = {.days = days, .default_zone = "Asia/Kathmandu",
		    .assistant = assistants[days % 3], .group = groups[days % 2]};
		const struct doc *report = report_of(&query);
		const struct doc *totals = doc_get(report, "totals");
		const struct doc *parts = doc_get(doc_get(report, "change"), "parts");
		int64_t difference = nano_of(totals, "cost_usd") -
		    nano_of(totals, "previous_cost_usd");

		if (nano_of(totals, "previous_cost_usd") == 0)
			continue;
		ck_assert_int_eq(nano_of(doc_get(report, "change"), "cost_usd"), difference);
		ck_assert_uint_eq(doc_count(parts), INSIGHT_CAUSES);
		for (size_t i = 0; i < doc_count(parts); i++)
			difference -= nano_of(doc_at(parts, i), "cost_usd");
		ck_assert_int_eq(difference, 0);
	}
}
END_TEST

START_TEST(a_first_period_has_no_cause)
{
	ck_assert(doc_has(report_of_days("fresh", 30), "change"));
	ck_assert_ptr_null(doc_get(report_of_days("fresh", 30), "change"));
}
END_TEST

/* ---- The forecast. ---- */

static int64_t days_left(void)
{
	int64_t days = -1;

	ck_assert(text_to_int(value_of("SELECT (date_trunc('month', now() AT TIME ZONE 'UTC')"
	    " + interval '1 month')::date - 1 - (now() AT TIME ZONE 'UTC')::date AS v"), 0, 31,
	    &days));
	return days;
}

START_TEST(a_steady_month_goes_on)
{
	const struct doc *forecast = doc_get(report_of_days("steady", 7), "forecast");
	/* Three of today's seven dollars are spent. */
	int64_t end = nano_of(forecast, "spent_usd") + (4 + 7 * days_left()) * 1000000000;

	ck_assert_int_eq(nano_of(forecast, "low_usd"), end);
	ck_assert_int_eq(nano_of(forecast, "mid_usd"), end);
	ck_assert_int_eq(nano_of(forecast, "high_usd"), end);
	ck_assert_str_eq(doc_scalar(doc_get(forecast, "weeks")), "4");
	ck_assert_str_eq(doc_text(forecast, "spent_usd"), pg_value(url, "SELECT sum(cost_usd)"
	    " FROM cost_entries e JOIN accounts a ON a.id = e.account_id WHERE a.slug = 'steady'"
	    " AND e.timestamp >= date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'"));
}
END_TEST

/* The last of four weeks cost 1 a day, the one before it 2, then 3 and 4; before, 100. */
START_TEST(the_band_is_that_of_four_weeks)
{
	const struct doc *forecast = doc_get(report_of_days("weeks", 7), "forecast");
	int64_t spent = nano_of(forecast, "spent_usd");
	int64_t days = days_left() + 1;

	ck_assert_int_eq(nano_of(forecast, "low_usd") - spent, days * 1000000000);
	ck_assert_int_eq(nano_of(forecast, "mid_usd") - spent, days * 2500000000);
	ck_assert_int_eq(nano_of(forecast, "high_usd") - spent, days * 4000000000);
}
END_TEST

START_TEST(a_short_history_gives_no_forecast)
{
	const struct doc *report;

	ck_assert_ptr_null(doc_get(report_of_days("quiet", 7), "forecast"));
	ck_assert_ptr_null(doc_get(report_of_days("fresh", 7), "forecast"));
	pg_script(url, "SELECT line('fresh', 14, 1)");
	report = report_of_days("fresh", 7);
	ck_assert_str_eq(doc_scalar(doc_get(doc_get(report, "forecast"), "weeks")), "2");
	/* In a zone of other midnights nothing is kept added up. */
	report = report_of(&(struct cost_query){.account = "steady", .days = 7,
	    .zone = "Asia/Kathmandu", .group = "day"});
	ck_assert(doc_has(report, "forecast"));
	ck_assert_ptr_null(doc_get(report, "forecast"));
}
END_TEST

START_TEST(an_assistant_has_its_own_forecast)
{
	const struct doc *report;

	act_as(ROLE_MEMBER, "steady");
	report = report_of(&(struct cost_query){.assistant = "bot", .days = 7,
	    .default_zone = "UTC", .group = "day"});
	ck_assert_int_eq(nano_of(doc_get(report, "forecast"), "mid_usd"),
	    nano_of(doc_get(report, "forecast"), "spent_usd") +
	    (4 + 7 * days_left()) * 1000000000);
	report = report_of(&(struct cost_query){.assistant = "helper", .days = 7,
	    .default_zone = "UTC", .group = "day"});
	ck_assert_ptr_null(doc_get(report, "forecast"));
}
END_TEST

/* ---- Runs. ---- */

/* bot's runs cost a dollar and some cents, helper's ten times that. */
static const char runs[] =
    "SELECT run('runs', 'bot', 'usual' || n, 10 + n, 1 + n % 5 * 0.01) FROM generate_series(1, 40) n;"
    "SELECT run('runs', 'helper', 'dear' || n, 10 + n, 10 + n % 5 * 0.1)"
    " FROM generate_series(1, 8) n;"
    "SELECT run('runs', 'bot', 'outlier', 3, 4.182), run('runs', 'bot', 'almost', 4, 1.9),"
    "  run('runs', 'bot', 'long_ago', 2000, 50), run('runs', 'helper', 'young', 2, 99);";

START_TEST(unusual_runs_stand_out_from_their_assistants_past)
{
	const struct doc *unusual = doc_get(report_of_days("runs", 30), "unusual_runs");
	const struct doc *run = doc_at(unusual, 0);

	ck_assert_uint_eq(doc_count(unusual), 1);
	ck_assert_str_eq(doc_text(run, "pipeline_id"), "outlier");
	ck_assert_str_eq(doc_text(run, "assistant_external_id"), "bot");
	ck_assert_str_eq(doc_text(run, "total_cost_usd"), "4.182000000");
	ck_assert_str_eq(doc_text(run, "median_cost_usd"), "1.020000000");
	ck_assert_str_eq(doc_text(run, "times_median"), "4.1");
	ck_assert_str_eq(doc_scalar(doc_get(run, "median_of_runs")), "43");
	/* A tenth completed run makes a past of helper's. */
	pg_script(url, "SELECT run('runs', 'helper', 'tenth', 9, 10)");
	unusual = doc_get(report_of_days("runs", 30), "unusual_runs");
	ck_assert_uint_eq(doc_count(unusual), 2);
	ck_assert_str_eq(doc_text(doc_at(unusual, 0), "pipeline_id"), "young");
	ck_assert_uint_eq(doc_count(doc_get(report_of_days("runs", 200), "unusual_runs")), 3);
}
END_TEST

/* Runs that only score a version: neither unusual nor part of what is usual. */
static const char scorings[] =
    "INSERT INTO prompt_versions (account_id, assistant_id, version, version_number,"
    "  prompt_content, prompt_hash, injection_content, origin)"
    " SELECT account_id, assistant_id, 'v1', 1, 'p', 'h', 'i', 'import' FROM pipeline_runs"
    " WHERE pipeline_id = 'outlier';"
    "SELECT run('runs', 'bot', 'scoring' || n, 2, CASE n WHEN 1 THEN 80 ELSE 0.01 END)"
    " FROM generate_series(1, 60) n;"
    "UPDATE pipeline_runs r SET kind = 'score', prompt_version_id = v.id FROM prompt_versions v"
    " WHERE v.assistant_id = r.assistant_id AND r.pipeline_id LIKE 'scoring%';";

START_TEST(runs_that_score_are_no_measure)
{
	const struct doc *before = doc_get(report_of_days("runs", 30), "totals"), *after, *unusual;

	pg_script(url, scorings);
	after = report_of_days("runs", 30);
	unusual = doc_get(after, "unusual_runs");
	ck_assert_uint_eq(doc_count(unusual), 2);
	ck_assert_str_eq(doc_text(doc_at(unusual, 1), "median_cost_usd"), "1.020000000");
	ck_assert_str_eq(doc_scalar(doc_get(doc_at(unusual, 1), "median_of_runs")), "43");
	after = doc_get(after, "totals");
	ck_assert_str_eq(doc_text(after, "median_run_cost_usd"),
	    doc_text(before, "median_run_cost_usd"));
	ck_assert_str_ne(doc_text(after, "cost_usd"), doc_text(before, "cost_usd"));
}
END_TEST

/* They change no stamp. */
START_TEST(runs_count_from_their_first_line_on)
{
	pg_script(url, "INSERT INTO pipeline_runs (account_id, assistant_id, pipeline_id,"
	    " briefing_id, status, briefing_data) SELECT account_id, assistant_id, pipeline_id || n,"
	    " 'b', 'queued', '{}' FROM pipeline_runs, generate_series(1, 200) n"
	    " WHERE pipeline_id IN ('outlier', 'young')");
	ck_assert_uint_eq(doc_count(doc_get(report_of_days("runs", 30), "unusual_runs")), 2);
}
END_TEST

/* Two runs: 60 -> 75 -> 90 and 70 -> 65, with a call that was made twice. */
static const char scores[] =
    "SELECT run('scores', 'bot', 'better', 5, 1), run('scores', 'bot', 'worse', 4, 1),"
    "  run('scores', 'helper', 'failed', 3, 1);"
    "UPDATE pipeline_runs SET status = 'failed' WHERE pipeline_id = 'failed';"
    "WITH made AS ("
    " INSERT INTO pipeline_steps (account_id, pipeline_run_id, step_name, step_order, step_key,"
    "  status, metadata)"
    " SELECT r.account_id, r.id, 'prompt_' || s.word, s.place, s.word || '[' || s.n || ']',"
    "  'completed', CASE WHEN s.score IS NULL THEN '{}' ELSE jsonb_build_object('score', s.score) END"
    " FROM pipeline_runs r JOIN (VALUES"
    "  ('better', 'analysis', 1, 2, 60), ('better', 'improvement', 1, 3, NULL),"
    "  ('better', 'analysis', 2, 4, 75), ('better', 'improvement', 2, 5, NULL),"
    "  ('better', 'analysis', 3, 6, 90), ('worse', 'analysis', 1, 2, 70),"
    "  ('worse', 'improvement', 1, 3, NULL), ('worse', 'analysis', 2, 4, 65),"
    "  ('failed', 'analysis', 1, 2, 1), ('failed', 'improvement', 1, 3, NULL),"
    "  ('failed', 'analysis', 2, 4, 99)) AS s (run, word, n, place, score)"
    "  ON s.run = r.pipeline_id"
    " RETURNING account_id, pipeline_run_id, id, step_name, step_order)"
    "INSERT INTO cost_entries (account_id, assistant_id, pipeline_run_id, pipeline_step_id,"
    "  operation, model, input_tokens, output_tokens, cost_usd)"
    " SELECT m.account_id, r.assistant_id, r.id, m.id, m.step_name, 'm1', 1, 1, m.step_order"
    " FROM made m JOIN pipeline_runs r ON r.id = m.pipeline_run_id,"
    "  generate_series(1, CASE m.step_order WHEN 6 THEN 2 ELSE 1 END);";

static void ck_iteration(const struct doc *iteration, const char *const *expected)
{
	static const char *const names[] = {"iteration", "runs", "score_before", "score_after",
	    "points", "cost_usd"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		ck_assert_str_eq(doc_scalar(doc_get(iteration, names[i])), expected[i]);
}

START_TEST(a_point_of_score_has_a_price)
{
	const struct doc *iterations = doc_get(report_of_days("scores", 30), "iterations");

	ck_assert_uint_eq(doc_count(iterations), 2);
	ck_iteration(doc_at(iterations, 0), (const char *const[]){"1", "2", "65.0", "70.0", "10",
	    "14.000000000"});
	ck_assert_str_eq(doc_text(doc_at(iterations, 0), "point_cost_usd"), "1.400000000");
	ck_iteration(doc_at(iterations, 1), (const char *const[]){"2", "1", "75.0", "90.0", "15",
	    "17.000000000"});
	ck_assert_str_eq(doc_text(doc_at(iterations, 1), "point_cost_usd"), "1.133333333");
	pg_script(url, "UPDATE pipeline_steps SET metadata = '{\"score\": 40}'"
	    " WHERE metadata ->> 'score' = '75'");
	iterations = doc_get(report_of_days("scores", 30), "iterations");
	ck_assert(doc_has(doc_at(iterations, 0), "point_cost_usd"));
	ck_assert_ptr_null(doc_get(doc_at(iterations, 0), "point_cost_usd"));
}
END_TEST

START_TEST(others_runs_stay_hidden)
{
	const struct doc *report;

	act_as(ROLE_VIEWER, "quiet");
	report = report_of(&(struct cost_query){.days = 90, .default_zone = "UTC", .group = "day"});
	ck_assert_uint_eq(doc_count(doc_get(report, "unusual_runs")), 0);
	ck_assert_uint_eq(doc_count(doc_get(report, "iterations")), 0);
	ck_assert_ptr_null(doc_get(report, "forecast"));
}
END_TEST

/* ---- The stamp. ---- */

static const char *stamp(const char *account)
{
	struct db_tx *tx;
	struct db_rows *rows;

	act_as(ROLE_OPERATOR, NULL);
	tx = ctx_tx(&ctx);
	rows = cost_stamp(tx, account);
	ck_assert_ptr_null(ctx_run(&ctx, tx));
	return arena_strdup(arena, db_text(rows, 0, "stamp"));
}

static void ck_stamps(const char *sql)
{
	const char *all = stamp(NULL);
	const char *one = stamp("scores");

	pg_script(url, sql);
	ck_assert_msg(!text_equal(all, stamp(NULL)), "all: %s", sql);
	ck_assert_msg(!text_equal(one, stamp("scores")), "one: %s", sql);
}

START_TEST(what_is_shown_changes_the_stamp)
{
	pg_script(url, "SELECT run('scores', 'bot', 'late', 999, 1);"
	    "SELECT run('scores', 'bot', 'later' || n, 998, 1) FROM generate_series(1, 12) n;"
	    "UPDATE pipeline_runs SET status = 'running' WHERE pipeline_id = 'late'");
	ck_stamps("UPDATE pipeline_runs SET status = 'completed' WHERE pipeline_id = 'late'");
	ck_stamps("INSERT INTO model_prices (model, input_pico, output_pico, cache_read_pico,"
	    " cache_write_5m_pico, cache_write_1h_pico, source) VALUES ('m3', 1, 1, 1, 1, 1, 'test')");
	ck_stamps("INSERT INTO reporting_zones (zone) VALUES ('Asia/Tokyo')");
	ck_stamps("UPDATE reporting_zones SET is_ready = true WHERE zone = 'Asia/Tokyo'");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("insight");
	TCase *split = tcase_create("split");
	TCase *told = tcase_create("told");

	url = pg_fresh(true);
	pg_script(url, seed);
	pg_script(url, lines);
	pg_script(url, "SELECT line('steady', n, CASE n WHEN 0 THEN 3 ELSE 7 END)"
	    " FROM generate_series(0, 60) n");
	pg_script(url, "SELECT line('weeks', n, CASE WHEN n > 28 THEN 100 ELSE (n + 6) / 7 END)"
	    " FROM generate_series(1, 60) n");
	pg_script(url, "SELECT line('fresh', 13, 1)");
	pg_script(url, runs);
	pg_script(url, scores);
	tcase_set_timeout(told, 60);
	tcase_add_checked_fixture(told, kit_set_up, kit_tear_down);
	tcase_add_test(split, each_cause_is_told_from_the_others);
	tcase_add_test(split, a_dearer_mix_and_a_new_model_are_the_mix);
	tcase_add_test(split, costs_without_tokens_are_other);
	tcase_add_test(split, without_runs_calls_are_the_volume);
	tcase_add_test(split, nothing_to_compare_with_is_said);
	tcase_add_test(split, parts_add_up_for_any_data);
	tcase_add_test(told, parts_of_a_report_add_up_to_its_difference);
	tcase_add_test(told, a_first_period_has_no_cause);
	tcase_add_test(told, a_steady_month_goes_on);
	tcase_add_test(told, the_band_is_that_of_four_weeks);
	tcase_add_test(told, a_short_history_gives_no_forecast);
	tcase_add_test(told, an_assistant_has_its_own_forecast);
	tcase_add_test(told, unusual_runs_stand_out_from_their_assistants_past);
	tcase_add_test(told, runs_that_score_are_no_measure);
	tcase_add_test(told, runs_count_from_their_first_line_on);
	tcase_add_test(told, a_point_of_score_has_a_price);
	tcase_add_test(told, others_runs_stay_hidden);
	tcase_add_test(told, what_is_shown_changes_the_stamp);
	suite_add_tcase(suite, split);
	suite_add_tcase(suite, told);
	return suite_end(suite);
}
