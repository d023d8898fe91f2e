/* price_test.c: which prices are shown to whom, and which one is in force. */
#include <check.h>
#include <stdlib.h>

#include "base/text.h"
#include "db_kit.h"
#include "model/price.h"

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

static struct doc *list_as(enum role role, const char *account_id)
{
	struct ctx ctx = {.arena = arena, .access = {.role = role, .account_id = account_id}};
	struct doc *out = doc_object(arena);

	open_with(&(struct db_options){.url = url, .role = "promptbuilder_web"});
	ctx.db = db;
	ck_assert_ptr_null(price_list(&ctx, out));
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

int main(void)
{
	Suite *suite = suite_create("price");
	TCase *prices = tcase_create("prices");
	SRunner *runner;
	int failed;

	url = pg_fresh(true);
	pg_script(url, seed);
	tcase_add_checked_fixture(prices, kit_set_up, kit_tear_down);
	tcase_add_test(prices, the_row_in_force_is_marked);
	tcase_add_test(prices, an_override_is_for_its_account_only);
	tcase_add_test(prices, rates_are_exact);
	tcase_add_test(prices, models_without_a_price_are_counted);
	suite_add_tcase(suite, prices);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
