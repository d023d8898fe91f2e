/* price_test.c: which prices are shown to whom, and which one is in force. */
#include "base/text.h"
#include "db_kit.h"
#include "model/price.h"
#include "tests/lib/suite.h"

#define ACME "00000000-0000-7000-8000-00000000000a"
#define GLOBEX "00000000-0000-7000-8000-00000000000b"

/* A model with a past, a present and a future price, and an account's own; calls without one. */
static const char seed[] =
    "INSERT INTO accounts (id, slug, name) VALUES ('" ACME "', 'acme', 'Acme'),"
    " ('" GLOBEX "', 'globex', 'Globex');"
    "INSERT INTO model_prices (account_id, model, valid_from, input_pico, output_pico,"
    "  cache_read_pico, cache_write_5m_pico, cache_write_1h_pico, source)"
    " SELECT account::uuid, 'tested', now() + days * interval '1 day', input, 2 * input, 30000,"
    "  1, 0, 'test' FROM (VALUES"
    "  (NULL, -20, 1000000), (NULL, -10, 1500000), (NULL, 10, 3000000),"
    "  ('" ACME "', -5, 15000000)) AS p (account, days, input);"
    "INSERT INTO assistants (account_id, external_id, name)"
    " VALUES ('" ACME "', 'bot', 'Bot'), ('" GLOBEX "', 'bot', 'Bot');"
    "INSERT INTO pipeline_runs (account_id, assistant_id, pipeline_id, briefing_id, status,"
    "  briefing_data) SELECT account_id, id, 'pipeline_' || account_id, 'b', 'failed', '{}'"
    " FROM assistants;"
    "INSERT INTO cost_entries (account_id, assistant_id, pipeline_run_id, operation, model,"
    "  input_tokens, output_tokens, cost_usd, price_status, timestamp)"
    " SELECT account_id, assistant_id, id, 'prompt_generation', c.model, 1, 1, 0, priced,"
    "  now() - days * interval '1 day' FROM pipeline_runs, (VALUES"
    "  ('new', 'unpriced', 1), ('new', 'unpriced', 2), ('half', 'partial', 3),"
    "  ('old', 'unpriced', 40), ('tested', 'priced', 1)) AS c (model, priced, days);";

static struct doc *accounts;

static const struct err *ask_as(enum role role, const char *account_id,
    const struct price_question *question, struct doc *out)
{
	struct ctx ctx = {.arena = arena, .access = {.role = role, .account_id = account_id}};

	open_with(&(struct db_options){.url = url, .role = "promptbuilder_web"});
	ctx.db = db;
	accounts = doc_array(arena);
	return price_list(&ctx, question, out, accounts);
}

static struct doc *list_as(enum role role, const char *account_id)
{
	struct doc *out = doc_object(arena);

	ck_assert_ptr_null(ask_as(role, account_id, NULL, out));
	return out;
}

/* The rows of the tested model as "rate/state" words, in the list's order. */
static const char *rows_of(const struct doc *out)
{
	const struct doc *prices = doc_get(out, "prices");
	struct buf *text = buf_new(arena, 4096);

	for (size_t i = 0; i < doc_count(prices); i++) {
		const struct doc *row = doc_at(prices, i);
		const char *account = doc_text(row, "account_slug");
		bool is_current = false;
		bool is_future = false;

		if (!text_equal(doc_text(row, "model"), "tested"))
			continue;
		ck_assert(doc_bool(row, "is_current", &is_current));
		ck_assert(doc_bool(row, "is_future", &is_future));
		buf_printf(text, "%s%s %s%s", text->len > 0 ? ", " : "", account ? account : "all",
		    doc_text(row, "input_usd_per_million"),
		    is_current ? " now" : is_future ? " later" : "");
	}
	return text->data;
}

START_TEST(the_row_in_force_is_marked)
{
	ck_assert_str_eq(rows_of(list_as(ROLE_OPERATOR, NULL)),
	    "all 3 later, all 1.5 now, all 1, acme 15 now");
}
END_TEST

START_TEST(an_override_is_for_its_account_only)
{
	ck_assert_str_eq(rows_of(list_as(ROLE_MEMBER, ACME)),
	    "all 3 later, all 1.5 now, all 1, acme 15 now");
	ck_assert_str_eq(rows_of(list_as(ROLE_MEMBER, GLOBEX)),
	    "all 3 later, all 1.5 now, all 1");
}
END_TEST

START_TEST(rates_are_exact)
{
	const struct doc *prices = doc_get(list_as(ROLE_MEMBER, ACME), "prices");
	size_t i = 0;
	int64_t pico = -1;

	while (!text_equal(doc_text(doc_at(prices, i), "model"), "tested"))
		i++;
	ck_assert_str_eq(doc_text(doc_at(prices, i), "cache_read_usd_per_million"), "0.03");
	ck_assert_str_eq(doc_text(doc_at(prices, i), "cache_write_5m_usd_per_million"), "0.000001");
	ck_assert_str_eq(doc_text(doc_at(prices, i), "cache_write_1h_usd_per_million"), "0");
	ck_assert(doc_int(doc_at(prices, i), "input_pico", &pico));
	ck_assert_int_eq(pico, 3000000);
}
END_TEST

/* Models as "name calls" words. */
static const char *missing_of(const struct doc *out)
{
	const struct doc *models = doc_get(out, "unpriced_models");
	struct buf *text = buf_new(arena, 4096);

	for (size_t i = 0; i < doc_count(models); i++)
		buf_printf(text, "%s%s %s", i > 0 ? ", " : "",
		    doc_text(doc_at(models, i), "model"),
		    doc_scalar(doc_get(doc_at(models, i), "calls")));
	return text->data;
}

START_TEST(models_without_a_price_are_counted)
{
	ck_assert_str_eq(missing_of(list_as(ROLE_OPERATOR, NULL)), "new 4, half 2");
	ck_assert_str_eq(missing_of(list_as(ROLE_MEMBER, ACME)), "new 2, half 1");
}
END_TEST

/* The buckets as "tokens*rate=product" words, then sum, factor, exact and rounded amount. */
static const char *arithmetic_of(const struct doc *out)
{
	const struct doc *arithmetic = doc_get(doc_get(out, "quote"), "arithmetic");
	const struct doc *buckets = doc_get(arithmetic, "buckets");
	struct buf *text = buf_new(arena, 4096);

	for (size_t i = 0; i < doc_count(buckets); i++) {
		const struct doc *bucket = doc_at(buckets, i);
		const char *rate = doc_text(bucket, "usd_per_million");
		const char *product = doc_text(bucket, "product_usd");

		buf_printf(text, "%s*%s=%s ", doc_scalar(doc_get(bucket, "tokens")),
		    rate ? rate : "?", product ? product : "?");
	}
	buf_printf(text, "%s %s %s %s", doc_text(arithmetic, "sum_usd"),
	    doc_text(arithmetic, "multiplier"), doc_text(arithmetic, "exact_usd"),
	    doc_text(arithmetic, "cost_usd"));
	return text->data;
}

START_TEST(a_question_is_answered_with_the_arithmetic)
{
	struct price_question question = {.model = "tested", .usage = {1000, 3, 7, 5, 2}};
	struct doc *out = doc_object(arena);

	ck_assert_ptr_null(ask_as(ROLE_OPERATOR, NULL, &question, out));
	ck_assert_str_eq(arithmetic_of(out), "1000*1.5=0.0015 7*0.03=0.00000021 3*0.000001="
	    "0.000000000003 2*0=0 3*3=0.000009 0.001509210003 1 0.001509210003 0.001509210");
	ck_assert_str_eq(doc_text(doc_get(doc_get(out, "quote"), "price"), "source"), "test");
	ck_assert_uint_eq(doc_count(accounts), 2);
	question.account = "acme";
	ck_assert_ptr_null(ask_as(ROLE_OPERATOR, NULL, &question, out));
	ck_assert_str_eq(doc_text(doc_get(doc_get(out, "quote"), "price"), "account_slug"), "acme");
	question.account = NULL;
	ck_assert_ptr_null(ask_as(ROLE_MEMBER, ACME, &question, out));
	ck_assert_str_eq(doc_text(doc_get(doc_get(out, "quote"), "price"), "account_slug"), "acme");
	ck_assert_uint_eq(doc_count(accounts), 0);
}
END_TEST

START_TEST(batch_and_region_are_factors_of_the_answer)
{
	struct price_question question = {.model = "claude-fable-5", .usage = {.input = 1},
	    .is_batch = true, .is_us = true};
	struct doc *out = doc_object(arena);

	ck_assert_ptr_null(ask_as(ROLE_MEMBER, GLOBEX, &question, out));
	ck_assert_str_eq(arithmetic_of(out), "1*10=0.00001 0*1=0 0*12.5=0 0*20=0 0*50=0 0.00001"
	    " 0.55 0.0000055 0.000005500");
}
END_TEST

START_TEST(questions_without_an_answer_say_why)
{
	struct price_question question = {.model = "new", .usage = {.input = 1}};
	struct doc *out = doc_object(arena);
	const struct err *err;

	ck_assert_ptr_null(ask_as(ROLE_OPERATOR, NULL, &question, out));
	ck_assert_str_eq(doc_text(doc_get(out, "quote"), "price_status"), "unpriced");
	ck_assert_ptr_null(doc_get(doc_get(out, "quote"), "arithmetic"));
	question = (struct price_question){.model = "claude-2", .usage = {.cache_read = 5}};
	ck_assert_ptr_null(ask_as(ROLE_OPERATOR, NULL, &question, out));
	ck_assert_str_eq(doc_text(doc_get(out, "quote"), "price_status"), "partial");
	question.account = "nobody";
	err = ask_as(ROLE_OPERATOR, NULL, &question, out);
	ck_assert_ptr_nonnull(err);
	ck_assert_int_eq(err->kind, ERR_MISSING);
	question = (struct price_question){.model = "tested", .usage = {.input = INT64_MAX}};
	err = ask_as(ROLE_OPERATOR, NULL, &question, out);
	ck_assert_ptr_nonnull(err);
	ck_assert_str_eq(err->sentence, "These are more tokens than can be priced.");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("price");
	TCase *prices = tcase_create("prices");

	url = pg_fresh(true);
	pg_script(url, seed);
	tcase_add_checked_fixture(prices, kit_set_up, kit_tear_down);
	tcase_add_test(prices, the_row_in_force_is_marked);
	tcase_add_test(prices, an_override_is_for_its_account_only);
	tcase_add_test(prices, rates_are_exact);
	tcase_add_test(prices, models_without_a_price_are_counted);
	tcase_add_test(prices, a_question_is_answered_with_the_arithmetic);
	tcase_add_test(prices, batch_and_region_are_factors_of_the_answer);
	tcase_add_test(prices, questions_without_an_answer_say_why);
	suite_add_tcase(suite, prices);
	return suite_end(suite);
}
