/* run_test.c: runs: launched once, cancelled, tried again, listed, and the plan's example. */
#include "model/run.h"

#include <string.h>

#include "model/briefing.h"
#include "world.h"

static const struct doc *briefing_of(const char *json)
{
	struct doc *values;

	ck_assert_fine(doc_parse(arena, json, strlen(json), &values));
	return briefing_normalise(at_north, values);
}

static const struct err *launch(struct ctx *ctx, const char *account_id, const char *key,
    const char *company, struct doc *out)
{
	struct run_launch wanted = {
		.account_id = account_id,
		.idempotency_key = key,
		.briefing = briefing_of(arena_printf(arena,
		    "{\"assistantId\": \"desk\", \"company\": \"%s\", \"purpose\": \"Help\"}", company)),
	};

	return run_launch(ctx, &wanted, out);
}

START_TEST(a_launch_makes_assistant_run_and_job)
{
	struct doc *run = doc_object(arena);

	ck_assert_fine(launch(at_north, north, NULL, "Bikes", run));
	ck_assert_str_eq(doc_text(run, "status"), "queued");
	ck_assert_int_eq(strncmp(doc_text(run, "pipeline_id"), "pipeline_", 9), 0);
	ck_assert_str_eq(world_value("SELECT external_id || ' ' || name FROM assistants"),
	    "desk desk");
	ck_assert_str_eq(world_value("SELECT model || ' ' || target_score || ' ' || iteration_limit"
	    " || ' ' || (briefing_data ->> 'company') FROM pipeline_runs"),
	    "claude-sonnet-5 90 3 Bikes");
	ck_assert_str_eq(world_value("SELECT state FROM jobs WHERE pipeline_run_id = '%s'",
	    doc_text(run, "id")), "queued");
	ck_assert_int_eq(strncmp(world_value("SELECT briefing_id FROM pipeline_runs"),
	    "briefing_", 9), 0);
}
END_TEST

START_TEST(a_key_launches_once)
{
	struct doc *first = doc_object(arena);
	struct doc *second = doc_object(arena);
	struct doc *other = doc_object(arena);

	ck_assert_fine(launch(at_north, north, "key", "Bikes", first));
	ck_assert_fine(launch(at_north, north, "key", "Bikes", second));
	ck_assert_str_eq(doc_text(first, "id"), doc_text(second, "id"));
	ck_assert_err(launch(at_north, north, "key", "Boats", doc_object(arena)), ERR_INVALID);
	ck_assert_fine(launch(at_south, south, "key", "Boats", other));
	ck_assert_str_ne(doc_text(first, "id"), doc_text(other, "id"));
	ck_assert_str_eq(world_value("SELECT count(*) FROM pipeline_runs"), "2");
	ck_assert_str_eq(world_value("SELECT count(*) FROM jobs"), "2");
}
END_TEST

START_TEST(without_a_key_each_launch_is_new)
{
	struct doc *first = doc_object(arena);
	struct doc *second = doc_object(arena);

	ck_assert_fine(launch(at_north, north, NULL, "Bikes", first));
	ck_assert_fine(launch(at_north, north, NULL, "Bikes", second));
	ck_assert_str_ne(doc_text(first, "id"), doc_text(second, "id"));
}
END_TEST

START_TEST(nobody_launches_in_another_account)
{
	ck_assert_ptr_nonnull(launch(at_south, north, NULL, "Bikes", doc_object(arena)));
	ck_assert_str_eq(world_value("SELECT count(*) FROM pipeline_runs"), "0");
	ck_assert_fine(launch(operator, north, NULL, "Bikes", doc_object(arena)));
}
END_TEST

START_TEST(a_model_without_a_price_is_refused_by_name)
{
	struct doc *models = doc_array(arena);
	const struct err *err;

	ck_assert_fine(briefing_models(at_north, north, models));
	ck_assert_fine(briefing_check_model(at_north, "claude-sonnet-5", models, "model"));
	err = briefing_check_model(at_north, "gpt-x", models, "model");
	ck_assert_err(err, ERR_INVALID);
	ck_assert_str_eq(err->fields->name, "model");
	ck_assert_ptr_nonnull(strstr(err->fields->sentence, "\"gpt-x\""));
	ck_assert_ptr_nonnull(strstr(err->fields->sentence, "claude-sonnet-5"));
}
END_TEST

START_TEST(a_queued_run_is_cancelled_at_once)
{
	struct world_run run = world_run(north, "pipeline_1");
	struct doc *now = doc_object(arena);

	ck_assert_fine(run_cancel(at_north, run.pipeline_id, now));
	ck_assert_str_eq(doc_text(now, "status"), "cancelled");
	ck_assert_str_eq(world_value("SELECT state FROM jobs"), "done");
	ck_assert_err(run_cancel(at_north, run.pipeline_id, now), ERR_CONFLICT);
}
END_TEST

/* As the runner would have it. */
static void set_running(const struct world_run *run)
{
	world_value("UPDATE jobs SET state = 'running', epoch = 4,"
	    " runner_id = gen_random_uuid() WHERE pipeline_run_id = '%s'", run->id);
	world_value("UPDATE pipeline_runs SET status = 'running' WHERE id = '%s'", run->id);
}

START_TEST(a_running_run_is_asked_to_stop)
{
	struct world_run run = world_run(north, "pipeline_1");
	struct doc *now = doc_object(arena);

	set_running(&run);
	ck_assert_fine(run_cancel(at_north, run.id, now));
	ck_assert_str_eq(doc_text(now, "status"), "running");
	ck_assert_str_eq(world_value("SELECT state || cancel_requested FROM jobs"), "runningtrue");
	now = doc_object(arena);
	ck_assert_fine(run_progress(at_north, run.id, now));
	ck_assert_str_eq(doc_scalar(doc_get(now, "cancel_requested")), "1");
}
END_TEST

/* A run of the plan's time has no job. */
START_TEST(a_run_without_a_job_is_cancelled_at_once)
{
	struct world_run run = world_run(north, "pipeline_1");
	struct doc *now = doc_object(arena);

	world_value("DELETE FROM jobs");
	world_value("UPDATE pipeline_runs SET status = 'running', started_at = now() - interval '1h'");
	ck_assert_fine(run_cancel(at_north, run.id, now));
	ck_assert_str_eq(doc_text(now, "status"), "cancelled");
	ck_assert_str_eq(world_value("SELECT duration_ms >= 3600000 FROM pipeline_runs"), "t");
}
END_TEST

START_TEST(a_failed_run_is_tried_again)
{
	struct world_run run = world_run(north, "pipeline_1");
	struct doc *now = doc_object(arena);

	world_value("UPDATE jobs SET state = 'done', epoch = 4, crash_claims = 2");
	world_value("UPDATE pipeline_runs SET status = 'failed', error_message = 'Down.'");
	world_value("INSERT INTO pipeline_steps (pipeline_run_id, step_key, step_name, step_order,"
	    " status, output) VALUES ('%s', 'generation', 'prompt_generation', 1, 'completed', 'x'),"
	    " ('%s', 'analysis[1]', 'prompt_analysis', 2, 'failed', NULL)", run.id, run.id);
	ck_assert_fine(run_retry(at_north, run.pipeline_id, now));
	ck_assert_str_eq(doc_text(now, "status"), "queued");
	ck_assert_str_eq(world_value("SELECT state || epoch || crash_claims FROM jobs"), "queued40");
	ck_assert_str_eq(world_value("SELECT string_agg(status, ' ' ORDER BY step_order)"
	    " FROM pipeline_steps"), "completed pending");
	ck_assert_str_eq(world_value("SELECT retry_count || coalesce(error_message, '-')"
	    " FROM pipeline_runs"), "1-");
	ck_assert_err(run_retry(at_north, run.pipeline_id, now), ERR_CONFLICT);
}
END_TEST

/* The recorded usage at 15 and 75 USD per million tokens. */
static struct world_run plan_example(void)
{
	struct world_run run = world_run(north, "pipeline_mkn6mzpyplhrmw");

	world_cost(&run, "prompt_generation", "10451", "2839", "0.369690000");
	world_cost(&run, "prompt_analysis", "3532", "2415", "0.234105000");
	world_cost(&run, "prompt_improvement", "15726", "6120", "0.694890000");
	world_value("UPDATE pipeline_runs SET status = 'completed', duration_ms = 210884,"
	    " completed_at = now()");
	return run;
}

START_TEST(the_plans_example_to_the_digit)
{
	static const char expected[] =
	    "{\"pipeline_id\":\"pipeline_mkn6mzpyplhrmw\",\"status\":\"completed\","
	    "\"duration_ms\":210884,\"costs\":{"
	    "\"generation\":{\"input_tokens\":10451,\"output_tokens\":2839,\"cost_usd\":0.3697},"
	    "\"analysis\":{\"input_tokens\":3532,\"output_tokens\":2415,\"cost_usd\":0.2341},"
	    "\"improvement\":{\"input_tokens\":15726,\"output_tokens\":6120,\"cost_usd\":0.6949},"
	    "\"total\":{\"input_tokens\":29709,\"output_tokens\":11374,\"cost_usd\":1.2987}},";
	struct doc *run = doc_object(arena);

	struct world_run example = plan_example();

	world_version(&example, 3, "draft");
	ck_assert_fine(run_get(at_north, example.pipeline_id, run));
	ck_assert_msg(strncmp(world_json(run), expected, strlen(expected)) == 0, "%s",
	    world_json(run));
	ck_assert_str_eq(doc_text(run, "total_cost_usd"), "1.298685000");
	ck_assert_uint_eq(doc_count(doc_get(run, "cost_entries")), 3);
	ck_assert_str_eq(doc_text(doc_at(doc_get(run, "cost_entries"), 0), "cost_usd"),
	    "0.369690000");
	ck_assert_str_eq(doc_text(doc_at(doc_get(run, "prompt_versions"), 0), "version"), "v3");
}
END_TEST

START_TEST(an_empty_run_costs_nothing)
{
	struct world_run run = world_run(north, "pipeline_1");
	struct doc *doc = doc_object(arena);

	ck_assert_fine(run_get(at_north, run.id, doc));
	ck_assert_str_eq(doc_scalar(doc_get(doc_get(doc_get(doc, "costs"), "total"), "cost_usd")),
	    "0.0000");
	ck_assert_uint_eq(doc_count(doc_get(doc, "steps")), 0);
	ck_assert_int_eq(doc_type(doc_get(doc, "prompt_versions")), DOC_ARRAY);
	ck_assert_ptr_null(doc_text(doc, "started_at"));
}
END_TEST

START_TEST(steps_carry_attempts_cost_and_analysis)
{
	struct world_run run = world_run(north, "pipeline_1");
	const char *step_id = world_value("INSERT INTO pipeline_steps (pipeline_run_id, step_key,"
	    " step_name, step_order, status, started_at, output) VALUES ('%s', 'analysis[1]',"
	    " 'prompt_analysis', 2, 'completed', now(), '{\"score\": 81, \"findings\": []}')"
	    " RETURNING id", run.id);
	const char *attempt_id = world_value("INSERT INTO attempts (account_id, pipeline_run_id,"
	    " pipeline_step_id, number, epoch, runner_id, model, state, request_hash, succeeded,"
	    " ended_at) VALUES ('%s', '%s', '%s', 1, 1, gen_random_uuid(), 'm', 'settled', 'h', true,"
	    " now()) RETURNING id", north, run.id, step_id);
	struct doc *doc = doc_object(arena);
	const struct doc *step, *attempt;
	int64_t score;

	world_cost(&run, "prompt_analysis", "10", "20", "0.000000123");
	world_value("UPDATE cost_entries SET pipeline_step_id = '%s', attempt_id = '%s'", step_id,
	    attempt_id);
	ck_assert_fine(run_get(at_north, run.id, doc));
	step = doc_at(doc_get(doc, "steps"), 0);
	ck_assert(doc_int(doc_get(step, "analysis"), "score", &score));
	ck_assert_int_eq(score, 81);
	ck_assert(!doc_has(step, "output"));
	ck_assert_str_eq(doc_text(step, "cost_usd"), "0.000000123");
	attempt = doc_at(doc_get(step, "attempts"), 0);
	ck_assert_str_eq(doc_text(attempt, "id"), attempt_id);
	ck_assert_str_eq(doc_text(attempt, "cost_usd"), "0.000000123");
}
END_TEST

static size_t count_of(struct ctx *ctx, struct run_filter filter)
{
	struct doc *list = doc_object(arena);

	if (filter.limit == 0)
		filter.limit = 50;
	ck_assert_fine(run_list(ctx, &filter, list));
	return doc_count(doc_get(list, "pipeline_runs"));
}

START_TEST(lists_filter)
{
	world_run(north, "pipeline_1");
	world_run(south, "pipeline_2");
	plan_example();
	world_value("UPDATE pipeline_runs SET created_at = '2026-03-05T10:00Z'"
	    " WHERE pipeline_id = 'pipeline_1'");
	world_value("UPDATE pipeline_runs SET status = 'queued' WHERE pipeline_id = 'pipeline_1'");
	ck_assert_uint_eq(count_of(operator, (struct run_filter){0}), 3);
	ck_assert_uint_eq(count_of(operator, (struct run_filter){.account_id = north}), 2);
	ck_assert_uint_eq(count_of(operator, (struct run_filter){.assistant = "desk"}), 3);
	ck_assert_uint_eq(count_of(operator, (struct run_filter){.assistant = "shop"}), 0);
	ck_assert_uint_eq(count_of(at_north, (struct run_filter){.assistant =
	    world_value("SELECT id FROM assistants WHERE account_id = '%s'", north)}), 2);
	ck_assert_uint_eq(count_of(at_north, (struct run_filter){.status = "queued"}), 1);
	ck_assert_uint_eq(count_of(at_north, (struct run_filter){.until = "2026-03-05 24:00:00"}), 1);
	ck_assert_uint_eq(count_of(at_north, (struct run_filter){.from = "2026-03-06"}), 1);
	ck_assert_uint_eq(count_of(at_north, (struct run_filter){.days = 30}), 1);
	ck_assert_uint_eq(count_of(at_north, (struct run_filter){.limit = 1}), 1);
	ck_assert_uint_eq(count_of(at_north, (struct run_filter){.offset = 1}), 1);
}
END_TEST

/* Every run once, in order, though all were made in the same instant. */
START_TEST(pages_by_cursor_miss_nothing)
{
	const char *cursor = NULL;
	struct buf *seen = buf_new(arena, 1000);

	for (int i = 0; i < 7; i++)
		world_run(north, arena_printf(arena, "pipeline_%d", i));
	world_value("UPDATE pipeline_runs SET created_at = '2026-03-05'");
	do {
		struct doc *page = doc_object(arena);
		struct run_filter filter = {.limit = 3, .cursor = cursor};

		ck_assert_fine(run_list(at_north, &filter, page));
		for (size_t i = 0; i < doc_count(doc_get(page, "pipeline_runs")); i++)
			buf_text(seen, doc_text(doc_at(doc_get(page, "pipeline_runs"), i),
			    "pipeline_id") + strlen("pipeline_"));
		cursor = doc_text(page, "next_cursor");
	} while (cursor);
	ck_assert_str_eq(seen->data, "6543210");
}
END_TEST

START_TEST(a_whole_list_carries_lines_and_steps)
{
	struct run_filter filter = {.limit = 50};
	struct doc *lean = doc_object(arena);
	struct doc *whole = doc_object(arena);
	const struct doc *run;

	plan_example();
	ck_assert_fine(run_list(at_north, &filter, lean));
	run = doc_at(doc_get(lean, "pipeline_runs"), 0);
	ck_assert_ptr_null(doc_get(run, "cost_entries"));
	ck_assert_str_eq(doc_text(run, "generation_cost"), "0.369690000");
	filter.is_whole = true;
	ck_assert_fine(run_list(at_north, &filter, whole));
	run = doc_at(doc_get(whole, "pipeline_runs"), 0);
	ck_assert_uint_eq(doc_count(doc_get(run, "cost_entries")), 3);
	ck_assert_int_eq(doc_type(doc_get(run, "pipeline_steps")), DOC_ARRAY);
	ck_assert_str_eq(doc_text(doc_get(run, "briefing_data"), "company"), "Bikes");
	ck_assert_str_eq(doc_scalar(doc_get(doc_get(whole, "counts"), "completed")), "1");
}
END_TEST

START_TEST(another_account_sees_and_changes_nothing)
{
	struct world_run run = plan_example();
	struct doc *doc = doc_object(arena);

	ck_assert_err(run_get(at_south, run.id, doc), ERR_MISSING);
	ck_assert_err(run_get(at_south, run.pipeline_id, doc), ERR_MISSING);
	ck_assert_err(run_progress(at_south, run.id, doc), ERR_MISSING);
	ck_assert_err(run_cancel(at_south, run.id, doc), ERR_MISSING);
	ck_assert_err(run_retry(at_south, run.id, doc), ERR_MISSING);
	ck_assert_uint_eq(count_of(at_south, (struct run_filter){0}), 0);
	ck_assert_uint_eq(count_of(at_south, (struct run_filter){.account_id = north}), 0);
	ck_assert_uint_eq(count_of(at_south, (struct run_filter){.cursor = run.id}), 0);
	ck_assert_err(run_get(operator, "no-run", doc), ERR_MISSING);
	ck_assert_fine(run_get(operator, run.id, doc));
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		a_launch_makes_assistant_run_and_job, a_key_launches_once,
		without_a_key_each_launch_is_new, nobody_launches_in_another_account,
		a_model_without_a_price_is_refused_by_name, a_queued_run_is_cancelled_at_once,
		a_running_run_is_asked_to_stop, a_run_without_a_job_is_cancelled_at_once,
		a_failed_run_is_tried_again, the_plans_example_to_the_digit,
		an_empty_run_costs_nothing, steps_carry_attempts_cost_and_analysis, lists_filter,
		pages_by_cursor_miss_nothing, a_whole_list_carries_lines_and_steps,
		another_account_sees_and_changes_nothing,
	};

	return world_main("run", tests, ARRAY_LEN(tests));
}
