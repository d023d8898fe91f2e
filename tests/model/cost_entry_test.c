/* cost_entry_test.c: a line is explained from the usage to the amount, and only to who may see it. */
#include "base/text.h"
#include "db_kit.h"
#include "model/call.h"
#include "model/cost_entry.h"
#include "tests/lib/suite.h"

#define ACME "00000000-0000-7000-8000-00000000000a"
#define GLOBEX "00000000-0000-7000-8000-00000000000b"
#define RUN "00000000-0000-7000-8000-0000000000c1"
#define RUNNER "00000000-0000-7000-8000-0000000000d1"
#define STEP "00000000-0000-7000-8000-0000000000e1"

static const char seed[] =
    "INSERT INTO accounts (id, slug, name) VALUES ('" ACME "', 'acme', 'Acme'),"
    " ('" GLOBEX "', 'globex', 'Globex');"
    "INSERT INTO assistants (account_id, external_id, name)"
    " SELECT id, 'bot', 'Bot' FROM accounts;"
    "INSERT INTO pipeline_runs (id, account_id, assistant_id, pipeline_id, briefing_id, status,"
    "  briefing_data) SELECT '" RUN "', account_id, id, 'pipeline_1', 'b', 'running', '{}'"
    " FROM assistants WHERE account_id = '" ACME "';"
    "INSERT INTO pipeline_steps (id, account_id, pipeline_run_id, step_name, step_order, step_key,"
    "  status) VALUES ('" STEP "', '" ACME "', '" RUN "', 'prompt_generation', 1, 'generation',"
    "  'running');";

static struct doc *explain_as(enum role role, const char *account_id, const char *id)
{
	struct ctx ctx = {.arena = arena, .access = {.role = role, .account_id = account_id}};
	struct doc *out = doc_object(arena);
	const struct err *err;

	open_with(&(struct db_options){.url = url, .role = "promptbuilder_web"});
	ctx.db = db;
	err = cost_entry_get(&ctx, id, out);
	ck_assert_msg(err == NULL, "%s", err ? err->sentence : "");
	return out;
}

static void ck_hidden(enum role role, const char *account_id, const char *id)
{
	struct ctx ctx = {.arena = arena, .access = {.role = role, .account_id = account_id}};
	const struct err *err;

	open_with(&(struct db_options){.url = url, .role = "promptbuilder_web"});
	ctx.db = db;
	err = cost_entry_get(&ctx, id, doc_object(arena));
	ck_assert_ptr_nonnull(err);
	ck_assert_int_eq(err->kind, ERR_MISSING);
	ck_assert_str_eq(err->sentence, "There is no such line.");
}

/* A call of acme's run that the runner settles; the id of its line. */
static const char *settled(const char *model, struct money_usage usage, const char *usage_json,
    bool is_estimated)
{
	struct fence fence = {.account_id = ACME, .run_id = RUN};
	struct attempt attempt = {.id = arena_strdup(arena, pg_value(url, arena_printf(arena,
	    "INSERT INTO attempts (account_id, pipeline_run_id, pipeline_step_id, number, epoch,"
	    " runner_id, model, request_hash, opened_at) SELECT '" ACME "', '" RUN "', '" STEP "',"
	    " count(*) + 1, 1, '" RUNNER "', '%s', 'h', '2026-11-01' FROM attempts RETURNING id",
	    model)))};
	struct settlement settlement = {.is_billed = true, .is_success = true,
	    .is_estimated = is_estimated, .usage = usage, .usage_json = usage_json,
	    .error_message = is_estimated ? "The stream broke off." : NULL, .first_byte_ms = -1,
	    .message_id = "msg_1", .request_id = "req_1"};
	struct db_tx *tx = db_tx(arena, NULL);
	const struct err *err;

	open_with(&(struct db_options){.url = url, .role = "promptbuilder_runner"});
	call_settle(tx, arena, &fence, &attempt, &settlement);
	err = db_run(db, tx);
	ck_assert_msg(err == NULL, "%s", err ? err->sentence : "");
	return arena_strdup(arena, pg_value(url, arena_printf(arena,
	    "SELECT id FROM cost_entries WHERE attempt_id = '%s'", attempt.id)));
}

/* A line of globex made by SQL: its tokens in and out, and further columns. */
static const char *line_of(const char *tokens, const char *columns, const char *values)
{
	return arena_strdup(arena, pg_value(url, arena_printf(arena, "INSERT INTO cost_entries"
	    " (account_id, assistant_id, operation, model, input_tokens, output_tokens, %s)"
	    " SELECT account_id, id, 'prompt_analysis', 'claude-sonnet-5', %s, %s"
	    " FROM assistants WHERE account_id = '" GLOBEX "' RETURNING id", columns, tokens,
	    values)));
}

static const char *line(const char *columns, const char *values)
{
	return line_of("1000, 100", columns, values);
}

static bool agrees(const struct doc *line)
{
	bool yes = false;

	ck_assert_msg(doc_bool(line, "agrees", &yes), "%s", doc_text(line, "verdict"));
	return yes;
}

static const char *bucket_of(const struct doc *line, size_t index)
{
	const struct doc *bucket = doc_at(doc_get(doc_get(line, "arithmetic"), "buckets"), index);

	return arena_printf(arena, "%s %s %s=%s %s %s", doc_text(bucket, "bucket"),
	    doc_scalar(doc_get(bucket, "tokens")), doc_text(bucket, "usage_field"),
	    doc_scalar(doc_get(bucket, "usage_tokens")), doc_text(bucket, "usd_per_million"),
	    doc_text(bucket, "product_usd"));
}

START_TEST(a_call_is_explained_from_usage_to_amount)
{
	const struct doc *out = explain_as(ROLE_MEMBER, ACME, settled("claude-sonnet-5",
	    (struct money_usage){1000, 88, 4100, 300, 100}, "{\"input_tokens\": 1000,"
	    "\"output_tokens\": 88, \"cache_read_input_tokens\": 4100,"
	    "\"cache_creation_input_tokens\": 300, \"cache_creation\": {"
	    "\"ephemeral_5m_input_tokens\": 200, \"ephemeral_1h_input_tokens\": 100},"
	    "\"service_tier\": \"standard\", \"inference_geo\": \"us\"}", false));

	ck_assert(agrees(out));
	ck_assert_str_eq(doc_text(out, "cost_usd"), "0.007590000");
	ck_assert_str_eq(bucket_of(out, 0), "input 1000 input_tokens=1000 3 0.003");
	ck_assert_str_eq(bucket_of(out, 1),
	    "cache_read 4100 cache_read_input_tokens=4100 0.3 0.00123");
	ck_assert_str_eq(bucket_of(out, 2),
	    "cache_write_5m 200 cache_creation.ephemeral_5m_input_tokens=200 3.75 0.00075");
	ck_assert_str_eq(bucket_of(out, 3),
	    "cache_write_1h 100 cache_creation.ephemeral_1h_input_tokens=100 6 0.0006");
	ck_assert_str_eq(bucket_of(out, 4), "output 88 output_tokens=88 15 0.00132");
	ck_assert_str_eq(doc_text(doc_get(out, "arithmetic"), "sum_usd"), "0.0069");
	ck_assert_str_eq(doc_text(doc_get(out, "arithmetic"), "multiplier"), "1.1");
	ck_assert_str_eq(doc_text(doc_get(out, "price"), "source"),
	    "provider list price, 2026-08-21");
	ck_assert_str_eq(doc_text(doc_get(out, "price"), "valid_from"), "2026-09-01T00:00:00.000Z");
	ck_assert_str_eq(doc_text(doc_get(out, "call"), "step"), "generation");
	ck_assert_str_eq(doc_text(doc_get(out, "call"), "provider_request_id"), "req_1");
	ck_assert_str_eq(doc_text(doc_get(out, "run"), "pipeline_id"), "pipeline_1");
	ck_assert_str_eq(doc_text(out, "idempotency_key"), doc_text(doc_get(out, "call"), "id"));
}
END_TEST

START_TEST(an_estimate_says_why)
{
	const struct doc *out = explain_as(ROLE_OPERATOR, NULL, settled("claude-sonnet-5",
	    (struct money_usage){.input = 10, .output = 5}, NULL, true));

	ck_assert_str_eq(doc_text(out, "estimate_reason"), "The stream broke off.");
	ck_assert(agrees(out));
}
END_TEST

START_TEST(an_unpriced_call_is_not_free)
{
	const struct doc *out = explain_as(ROLE_MEMBER, ACME,
	    settled("nobody-knows", (struct money_usage){.input = 10}, NULL, false));

	ck_assert_str_eq(doc_text(out, "price_status"), "unpriced");
	ck_assert_ptr_null(doc_get(out, "agrees"));
	ck_assert(text_starts_with(doc_text(out, "verdict"), "No price of this model was known"));
}
END_TEST

START_TEST(a_partial_call_agrees_as_far_as_it_goes)
{
	const struct doc *out = explain_as(ROLE_MEMBER, ACME,
	    settled("claude-2.1", (struct money_usage){.input = 1000, .cache_read = 7}, NULL,
	    false));

	ck_assert_str_eq(doc_text(out, "price_status"), "partial");
	ck_assert_str_eq(doc_text(out, "cost_usd"), "0.008000000");
	ck_assert(agrees(out));
	ck_assert_str_eq(bucket_of(out, 1), "cache_read 7 (null)=(null) (null) (null)");
}
END_TEST

START_TEST(a_wrong_amount_is_told)
{
	const struct doc *out = explain_as(ROLE_MEMBER, GLOBEX, line("cost_usd, price_id",
	    "0.004500001, (SELECT p.id FROM price_at(NULL, 'claude-sonnet-5', now()) AS p)"));

	ck_assert(!agrees(out));
	ck_assert_str_eq(doc_text(out, "verdict"),
	    "The arithmetic gives 0.004500000 USD, but 0.004500001 USD is booked.");
}
END_TEST

START_TEST(amounts_that_are_not_computed_say_so)
{
	ck_assert_str_eq(doc_text(explain_as(ROLE_MEMBER, GLOBEX, line("cost_usd", "7")),
	    "verdict"), "The amount came with the line; no price row stands behind it.");
	ck_assert(text_starts_with(doc_text(explain_as(ROLE_MEMBER, GLOBEX,
	    line("cost_usd, estimated, usage, price_id", "7, true, '{\"booked\": \"reserved\"}',"
	    " (SELECT p.id FROM price_at(NULL, 'claude-sonnet-5', now()) AS p)")), "verdict"),
	    "The runner stopped during this call."));
}
END_TEST

/* A call, priced again, and then credited by hand. */
START_TEST(corrections_are_explained_and_listed)
{
	const char *call = line("cost_usd, price_status, created_at", "0, 'unpriced', '2026-01-01'");
	const char *repriced = line_of("0, 0", "cost_usd, kind, corrects_id, reason, actor, settles_price,"
	    " price_id, created_at", arena_printf(arena, "0.0045, 'adjustment', '%s', 'Late price',"
	    " 'me', true, (SELECT p.id FROM price_at(NULL, 'claude-sonnet-5', now()) AS p),"
	    " '2026-01-02'", call));
	const char *again = line_of("0, 0", "cost_usd, kind, corrects_id, reason, actor, price_id,"
	    " created_at", arena_printf(arena, "-0.0015, 'adjustment', '%s', 'Older price', 'me',"
	    " (SELECT p.id FROM price_at(NULL, 'claude-sonnet-5', '2026-08-01') AS p),"
	    " '2026-01-03'", call));
	const char *by_hand = line_of("0, 0", "cost_usd, kind, corrects_id, reason, actor,"
	    " created_at", arena_printf(arena, "-0.001, 'adjustment', '%s', 'Goodwill', 'you',"
	    " '2026-01-04'", call));
	const struct doc *out;

	out = explain_as(ROLE_MEMBER, GLOBEX, call);
	ck_assert_str_eq(doc_text(out, "effective_cost_usd"), "0.002000000");
	ck_assert_uint_eq(doc_count(doc_get(out, "adjustments")), 3);
	ck_assert_str_eq(doc_text(doc_at(doc_get(out, "adjustments"), 0), "reason"), "Late price");
	ck_assert_str_eq(doc_text(doc_at(doc_get(out, "adjustments"), 2), "actor"), "you");
	out = explain_as(ROLE_MEMBER, GLOBEX, by_hand);
	ck_assert_str_eq(doc_text(out, "corrects_id"), call);
	ck_assert_str_eq(doc_text(out, "verdict"),
	    "A correction made by hand: the amount is as it was given.");
	out = explain_as(ROLE_MEMBER, GLOBEX, repriced);
	ck_assert_str_eq(doc_text(out, "before_usd"), "0.000000000");
	ck_assert(agrees(out));
	out = explain_as(ROLE_MEMBER, GLOBEX, again);
	ck_assert_str_eq(doc_text(out, "before_usd"), "0.004500000");
	ck_assert_str_eq(doc_text(doc_get(out, "arithmetic"), "cost_usd"), "0.003000000");
	ck_assert(agrees(out));
}
END_TEST

START_TEST(a_foreign_line_is_like_an_unknown_one)
{
	const char *id = line("cost_usd", "7");

	explain_as(ROLE_OPERATOR, NULL, id);
	explain_as(ROLE_VIEWER, GLOBEX, id);
	ck_hidden(ROLE_MEMBER, ACME, id);
	ck_hidden(ROLE_MEMBER, ACME, "00000000-0000-7000-8000-0000000000ff");
	ck_hidden(ROLE_OPERATOR, NULL, "00000000-0000-7000-8000-0000000000ff");
	ck_hidden(ROLE_OPERATOR, NULL, "nothing");
	ck_hidden(ROLE_NOBODY, NULL, id);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_call_is_explained_from_usage_to_amount,
		an_estimate_says_why,
		an_unpriced_call_is_not_free,
		a_partial_call_agrees_as_far_as_it_goes,
		a_wrong_amount_is_told,
		amounts_that_are_not_computed_say_so,
		corrections_are_explained_and_listed,
		a_foreign_line_is_like_an_unknown_one,
	};

	url = pg_fresh(true);
	pg_script(url, seed);
	return suite_run_between(kit_set_up, kit_tear_down, "cost_entry", tests, ARRAY_LEN(tests));
}
