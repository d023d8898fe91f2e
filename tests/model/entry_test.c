/* entry_test.c: calls made elsewhere are booked once, exactly, all or none; every refusal. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/money.h"
#include "base/text.h"
#include "model/cost.h"
#include "model/entry.h"
#include "world.h"

/* What every entry needs, for tests about something else; with a key of its own. */
#define CALL(key) "'idempotency_key': '" key "', 'assistantId': 'desk', 'operation': 'chat'," \
    " 'model': 'm-1', 'timestamp': '2026-07-01T12:00:00Z'"
#define TOKENS "'input_tokens': 1000, 'output_tokens': 10"

/* A model that became dearer on 2026-08-01; 1.5 nano-USD a token read from the cache. */
static void prices(void)
{
	world_value("INSERT INTO model_prices (model, valid_from, input_pico, output_pico,"
	    " cache_read_pico, cache_write_5m_pico, cache_write_1h_pico, source) VALUES"
	    " ('m-1', '-infinity', 15000000, 75000000, 1500, 18750000, 30000000, 'test'),"
	    " ('m-1', '2026-08-01T00:00:00Z', 30000000, 150000000, 3000, 1, 1, 'test')");
}

/* JSON with single quotes. */
static const struct doc *json_of(const char *text)
{
	char *json = arena_strdup(arena, text);
	struct doc *doc;

	for (char *c = json; *c != '\0'; c++)
		if (*c == '\'')
			*c = '"';
	ck_assert_fine(doc_parse(arena, json, strlen(json), &doc));
	return doc;
}

/* Books an array of entries; out gets what is told. */
static const struct err *book(struct ctx *ctx, const char *entries, struct doc *out)
{
	struct entry_batch *batch = entry_batch_new(ctx, NULL);
	const struct doc *list = json_of(entries);

	for (size_t i = 0; i < doc_count(list); i++)
		entry_add(batch, doc_at(list, i), arena_printf(arena, "/%zu/", i));
	return entry_book(batch, false, out);
}

static struct doc *booked(struct ctx *ctx, const char *entries)
{
	struct doc *out = doc_object(arena);

	ck_assert_fine(book(ctx, entries, out));
	return out;
}

static const char *entry_text(const struct doc *out, size_t at, const char *name)
{
	return doc_text(doc_at(doc_get(out, "cost_entries"), at), name);
}

static const char *totals_of(const struct doc *out)
{
	return world_json(doc_get(out, "totals"));
}

/* "/0/model: sentence|..." */
static const char *told(const struct err *err)
{
	struct buf *text = buf_new(arena, 1u << 20);

	if (!err)
		return "nothing";
	for (const struct err_field *field = err->fields; field; field = field->next)
		buf_printf(text, "%s%s: %s", text->len > 0 ? "|" : "", field->name,
		    field->sentence);
	return text->len > 0 ? text->data : err->sentence;
}

static void ck_refused(struct ctx *ctx, const char *entries, const char *wanted)
{
	const struct err *err = book(ctx, entries, doc_object(arena));

	ck_assert_err(err, ERR_INVALID);
	ck_assert_str_eq(told(err), wanted);
	ck_assert_str_eq(world_value("SELECT count(*) FROM cost_entries"), "0");
	ck_assert_str_eq(world_value("SELECT count(*) FROM assistants"), "0");
}

/* input, cache read, cache write, of which 1 h, output */
static const char *buckets(const char *key)
{
	return world_value("SELECT concat_ws(' ', input_tokens, cache_read_tokens,"
	    " cache_write_tokens, cache_write_1h_tokens, output_tokens)"
	    " FROM cost_entries WHERE idempotency_key = '%s'", key);
}

START_TEST(a_call_has_the_price_of_its_time)
{
	struct doc *out;

	prices();
	out = booked(at_north, "[{" CALL("a") ", " TOKENS "},"
	    "{'idempotency_key': 'b', 'assistantId': 'desk', 'operation': 'chat', 'model': 'm-1',"
	    " 'timestamp': '2026-08-01T02:00:00+02:00', " TOKENS "},"
	    "{'idempotency_key': 'c', 'assistantId': 'desk', 'operation': 'chat', 'model': 'm-1',"
	    " 'timestamp': '2026-08-01T01:59:59.999+02:00', " TOKENS "}]");
	ck_assert_str_eq(entry_text(out, 0, "cost_usd"), "0.015750000");
	ck_assert_str_eq(entry_text(out, 1, "cost_usd"), "0.031500000");
	ck_assert_str_eq(entry_text(out, 2, "cost_usd"), "0.015750000");
	ck_assert_str_eq(entry_text(out, 1, "price_id"), world_value("SELECT id FROM model_prices"
	    " WHERE model = 'm-1' AND valid_from > '-infinity'"));
	ck_assert_str_eq(totals_of(out), "{\"booked\":3,\"repeated\":0,\"unpriced_calls\":0,"
	    "\"cost_usd\":\"0.063000000\"}");
	ck_assert_str_eq(world_value("SELECT string_agg(cost_usd::text, ' ' ORDER BY"
	    " idempotency_key) FROM cost_entries"), "0.015750000 0.031500000 0.015750000");
}
END_TEST

START_TEST(a_cost_is_rounded_once_half_to_even)
{
	struct doc *out;

	prices();
	out = booked(at_north,
	    "[{" CALL("a") ", 'input_tokens': 0, 'output_tokens': 0, 'cache_read_tokens': 1},"
	    " {" CALL("b") ", 'input_tokens': 0, 'output_tokens': 0, 'cache_read_tokens': 3},"
	    " {" CALL("c") ", 'input_tokens': 1, 'output_tokens': 2, 'cache_read_tokens': 5,"
	    "  'cache_write_tokens': 7, 'cache_write_1h_tokens': 3}]");
	ck_assert_str_eq(entry_text(out, 0, "cost_usd"), "0.000000002");
	ck_assert_str_eq(entry_text(out, 1, "cost_usd"), "0.000000004");
	/* 15 + 150 + 0.0075 + 4 x 18.75 + 3 x 30 micro-USD */
	ck_assert_str_eq(entry_text(out, 2, "cost_usd"), "0.000330008");
}
END_TEST

START_TEST(an_own_price_goes_before_the_list)
{
	prices();
	world_value("INSERT INTO model_prices (account_id, model, input_pico, output_pico,"
	    " cache_read_pico, cache_write_5m_pico, cache_write_1h_pico, source)"
	    " VALUES ('%s', 'm-1', 1000, 0, 0, 0, 0, 'test')", north);
	ck_assert_str_eq(entry_text(booked(at_north, "[{" CALL("a") ", " TOKENS "}]"), 0,
	    "cost_usd"), "0.000001000");
	ck_assert_str_eq(entry_text(booked(at_south, "[{" CALL("a") ", " TOKENS "}]"), 0,
	    "cost_usd"), "0.015750000");
}
END_TEST

START_TEST(a_model_without_a_price_is_unpriced)
{
	struct doc *out = booked(at_north, "[{'idempotency_key': 'a', 'assistantId': 'desk',"
	    " 'operation': 'chat', 'model': 'nobody-knows', " TOKENS "}]");

	ck_assert_str_eq(entry_text(out, 0, "price_status"), "unpriced");
	ck_assert_str_eq(entry_text(out, 0, "cost_usd"), "0.000000000");
	ck_assert_ptr_null(entry_text(out, 0, "price_id"));
	ck_assert_str_eq(totals_of(out), "{\"booked\":1,\"repeated\":0,\"unpriced_calls\":1,"
	    "\"cost_usd\":\"0.000000000\"}");
}
END_TEST

/* Tiers, multipliers and rates that nobody told: whatever the price function knows. */
START_TEST(usage_and_prompt_choose_the_rates)
{
	struct doc *out;

	world_value("INSERT INTO model_prices (model, above_tokens, batch_permille, input_pico,"
	    " output_pico, cache_read_pico, source, recorded_at) SELECT 'm-2', above, 500,"
	    " pico, pico, CASE above WHEN 0 THEN 1000 END, 'test', now()"
	    " FROM (VALUES (0, 1000000), (1000, 2000000)) AS t (above, pico)");
#define CALL_2(key) "'idempotency_key': '" key "', 'assistantId': 'desk', 'operation': 'chat'," \
	    " 'model': 'm-2'"
	out = booked(at_north, "[{" CALL_2("short") ", 'input_tokens': 1000, 'output_tokens': 1},"
	    " {" CALL_2("long") ", 'input_tokens': 1001, 'output_tokens': 1},"
	    " {" CALL_2("batch") ", 'usage': {'input_tokens': 5, 'output_tokens': 4,"
	    " 'service_tier': 'batch'}},"
	    " {" CALL_2("half") ", 'input_tokens': 1, 'output_tokens': 1,"
	    " 'cache_read_tokens': 1000}]");
	ck_assert_str_eq(entry_text(out, 0, "cost_usd"), "0.001001000");
	ck_assert_str_eq(entry_text(out, 1, "cost_usd"), "0.002004000");
	ck_assert_str_eq(entry_text(out, 2, "cost_usd"), "0.000004500");
	ck_assert_str_eq(entry_text(out, 3, "cost_usd"), "0.000004000");
	ck_assert_str_eq(entry_text(out, 3, "price_status"), "partial");
	ck_assert_str_eq(totals_of(out), "{\"booked\":4,\"repeated\":0,\"unpriced_calls\":1,"
	    "\"cost_usd\":\"0.003013500\"}");
	ck_assert_str_eq(world_value("SELECT rate_permille FROM cost_entries"
	    " WHERE idempotency_key = 'batch'"), "500");
}
END_TEST

START_TEST(a_stated_cost_is_booked_as_it_is)
{
	struct doc *out;

	prices();
	out = booked(at_north, "[{" CALL("a") ", " TOKENS ", 'cost_usd': '0.1'},"
	    "{'idempotency_key': 'b', 'assistantId': 'desk', 'operation': 'chat',"
	    " 'model': 'nobody-knows', " TOKENS ", 'cost_usd': '1000000.000000000'}]");
	ck_assert_str_eq(entry_text(out, 0, "cost_usd"), "0.100000000");
	ck_assert_str_eq(entry_text(out, 0, "price_status"), "priced");
	ck_assert_ptr_null(entry_text(out, 0, "price_id"));
	ck_assert_str_eq(entry_text(out, 1, "price_status"), "priced");
	ck_assert_str_eq(world_value("SELECT string_agg(cost_usd || ' ' || price_status ||"
	    " coalesce(price_id::text, ''), ',' ORDER BY idempotency_key) FROM cost_entries"),
	    "0.100000000 priced,1000000.000000000 priced");
}
END_TEST

START_TEST(a_line_keeps_all_that_was_said)
{
	struct world_run run = world_run(north, "pipeline_1");
	struct doc *out;

	prices();
	out = booked(at_north, arena_printf(arena, "[{'idempotency_key': ' key ',"
	    " 'pipelineRunId': 'pipeline_1', 'operation': 'prompt_analysis', 'model': 'm-1',"
	    " 'timestamp': '2026-07-01T12:00:00.123456Z', 'usage': {'input_tokens': 5,"
	    " 'output_tokens': 6, 'service_tier': 'standard', 'cache_read_input_tokens': null}},"
	    " {'idempotency_key': 'by id', 'pipelineRunId': '%s', 'assistantId': 'desk',"
	    " 'operation': 'chat', 'model': 'm-1', 'accountId': 'north', " TOKENS "}]", run.id));
	ck_assert_str_eq(entry_text(out, 0, "idempotency_key"), "key");
	ck_assert_str_eq(world_value("SELECT concat_ws(' ', s.external_id, e.operation, e.model,"
	    " e.timestamp AT TIME ZONE 'UTC', e.kind, e.usage) FROM cost_entries e"
	    " JOIN assistants s ON s.id = e.assistant_id WHERE e.id = '%s'",
	    entry_text(out, 0, "id")), "desk prompt_analysis m-1 2026-07-01 12:00:00.123456 call"
	    " {\"input_tokens\": 5, \"service_tier\": \"standard\", \"output_tokens\": 6,"
	    " \"cache_read_input_tokens\": null}");
	ck_assert_str_eq(world_value("SELECT total_input_tokens || ' ' || (total_cost_usd ="
	    " (SELECT sum(cost_usd) FROM cost_entries)) FROM pipeline_runs"), "1005 true");
	ck_assert_str_eq(world_value("SELECT sum(lines) || ' ' || sum(runs) FROM cost_sums"
	    " WHERE grain = 'account_day'"),
	    "2 1");
}
END_TEST

START_TEST(a_key_is_booked_once)
{
	static const char batch[] = "[{" CALL("a") ", " TOKENS "}, {" CALL("b") ", " TOKENS "},"
	    " {" CALL("a") ", " TOKENS "}]";
	struct doc *first, *again;

	prices();
	first = booked(at_north, batch);
	ck_assert_str_eq(totals_of(first), "{\"booked\":2,\"repeated\":1,\"unpriced_calls\":0,"
	    "\"cost_usd\":\"0.031500000\"}");
	again = booked(at_north, batch);
	ck_assert_str_eq(totals_of(again), "{\"booked\":0,\"repeated\":3,\"unpriced_calls\":0,"
	    "\"cost_usd\":\"0.000000000\"}");
	for (size_t i = 0; i < 3; i++) {
		ck_assert_str_eq(entry_text(again, i, "id"), entry_text(first, i, "id"));
		ck_assert_str_eq(entry_text(again, i, "cost_usd"), "0.015750000");
		ck_assert_str_eq(entry_text(again, i, "price_status"), "priced");
	}
	ck_assert_str_eq(entry_text(first, 0, "id"), entry_text(first, 2, "id"));
	/* The moment of booking, which an entry without a time gets, is no content. */
	booked(at_north, "[{'idempotency_key': 'a', 'assistantId': 'desk', 'operation': 'chat',"
	    " 'model': 'm-1', " TOKENS "}]");
	/* Another account has keys of its own. */
	booked(at_south, "[{" CALL("a") ", 'input_tokens': 1, 'output_tokens': 1}]");
	ck_assert_str_eq(world_value("SELECT count(*) FROM cost_entries"), "3");
}
END_TEST

static void ck_conflict(const char *entries, const char *wanted)
{
	const char *before = world_value("SELECT count(*) FROM cost_entries");
	const struct err *err = book(at_north, entries, doc_object(arena));

	ck_assert_err(err, ERR_CONFLICT);
	ck_assert_str_eq(told(err), wanted);
	ck_assert_str_eq(world_value("SELECT count(*) FROM cost_entries"), before);
}

START_TEST(a_key_stands_for_one_content)
{
	static const char other[] = "idempotency_key: This key stands for another call; what"
	    " differs: ";

	prices();
	booked(at_north, "[{" CALL("a") ", " TOKENS "},"
	    " {" CALL("s") ", " TOKENS ", 'cost_usd': '0.015750000'}]");
	ck_conflict("[{" CALL("new") ", " TOKENS "},"
	    " {" CALL("a") ", 'input_tokens': 1000, 'output_tokens': 11}]",
	    arena_printf(arena, "/1/%soutput_tokens.", other));
	ck_conflict("[{'idempotency_key': 'a', 'assistantId': 'other', 'operation': 'talk',"
	    " 'model': 'm-2', 'timestamp': '2026-07-01T12:00:00.000001Z', 'input_tokens': 1,"
	    " 'output_tokens': 1, 'cache_read_tokens': 1, 'cache_write_tokens': 1,"
	    " 'cache_write_1h_tokens': 1, 'cost_usd': '0', 'usage': {}}]",
	    arena_printf(arena, "/0/%sassistantId, operation, model, timestamp, input_tokens,"
	    " cache_read_tokens, cache_write_tokens, cache_write_1h_tokens, output_tokens,"
	    " cost_usd, usage.", other));
	/* A cost that was computed is not one that was stated, even of the same amount. */
	ck_conflict("[{" CALL("a") ", " TOKENS ", 'cost_usd': '0.015750000'}]",
	    arena_printf(arena, "/0/%scost_usd.", other));
	ck_conflict("[{" CALL("s") ", " TOKENS "}]", arena_printf(arena, "/0/%scost_usd.", other));
	ck_conflict("[{" CALL("b") ", " TOKENS "}, {" CALL("c") ", " TOKENS "},"
	    " {" CALL("b") ", " TOKENS ", 'usage': {}}]",
	    arena_printf(arena, "/2/%susage.", other));
}
END_TEST

START_TEST(a_batch_is_booked_whole_or_not_at_all)
{
	prices();
	ck_refused(at_north, "[{" CALL("a") ", " TOKENS "}, {" CALL("b") ", " TOKENS "},"
	    " {" CALL("c") ", 'input_tokens': -1, 'output_tokens': 10}]",
	    "/2/input_tokens: input_tokens must be a whole number from 0 to 1000000000.");
	ck_refused(at_north, "[{" CALL("a") ", " TOKENS "},"
	    " {" CALL("b") ", " TOKENS ", 'pipelineRunId': 'pipeline_none'}]",
	    "/1/pipelineRunId: There is no such run in this account.");
}
END_TEST

/* Entry after entry, whoever found it wrong. */
START_TEST(all_that_is_wrong_is_told_in_order)
{
	const struct err *err = book(at_north, "[{" CALL("a") ", " TOKENS
	    ", 'pipelineRunId': 'none'}, {'model': 5, 'cost_usd': '1e3', 'colour': 1, 'a/b~': 2},"
	    " {" CALL("c") ", " TOKENS "}, 17,"
	    " {'idempotency_key': 'd', 'assistantId': 'desk', 'operation': 'chat',"
	    "  'model': 'm-1', 'timestamp': '2999-01-01T00:00:00Z', " TOKENS "}]",
	    doc_object(arena));

	ck_assert_str_eq(told(err), "/0/pipelineRunId: There is no such run in this account.|"
	    "/1/colour: There is no field \"colour\".|"
	    "/1/a~1b~0: There is no field \"a~1b~0\".|"
	    "/1/assistantId: assistantId is missing: it or pipelineRunId says what the call was"
	    " for.|"
	    "/1/idempotency_key: idempotency_key is missing.|"
	    "/1/operation: operation is missing.|/1/model: model must be a text.|"
	    "/1/cost_usd: cost_usd must be a decimal number from 0 to 1000000 with at most nine"
	    " decimals.|"
	    "/1/input_tokens: input_tokens is missing.|"
	    "/1/output_tokens: output_tokens is missing.|"
	    "/3: An entry must be a JSON object.|"
	    "/4/timestamp: timestamp lies in the future.");
	ck_assert_str_eq(err->sentence, "12 fields need attention.");
}
END_TEST

START_TEST(only_the_first_of_many_faults_are_told)
{
	struct buf *entries = buf_new(arena, 1u << 20);
	const struct err *err;
	size_t count = 0;

	for (int i = 0; i < 100; i++)
		buf_printf(entries, "%s{}", i > 0 ? "," : "[");
	buf_text(entries, "]");
	err = book(at_north, entries->data, doc_object(arena));
	ck_assert_err(err, ERR_INVALID);
	for (const struct err_field *field = err->fields; field; field = field->next)
		count++;
	ck_assert_uint_eq(count, 50);
	ck_assert_str_eq(err->sentence, "600 fields need attention; here are the first 50.");
}
END_TEST

START_TEST(fields_are_checked)
{
	static const struct {
		const char *field, *wanted;
	} rows[] = {
		{"'timestamp': '2026-07-01 12:00:00Z'", "timestamp: timestamp must be an instant of"
		 " RFC 3339, like 2026-11-22T10:30:00Z."},
		{"'timestamp': '2026-07-01T12:00:00'", "timestamp: timestamp must be an instant of"
		 " RFC 3339, like 2026-11-22T10:30:00Z."},
		{"'timestamp': '2026-02-29T12:00:00Z'", "timestamp: timestamp must be an instant of"
		 " RFC 3339, like 2026-11-22T10:30:00Z."},
		{"'timestamp': 1767225600", "timestamp: timestamp must be a text."},
		{"'timestamp': '1999-12-31T23:59:59Z'", "timestamp: timestamp must not be before the"
		 " year 2000."},
		{"'cost_usd': 0.1", "cost_usd: cost_usd must be a text."},
		{"'cost_usd': '-1'", "cost_usd: cost_usd must be a decimal number from 0 to 1000000"
		 " with at most nine decimals."},
		{"'cost_usd': '0.0000000001'", "cost_usd: cost_usd must be a decimal number from 0 to"
		 " 1000000 with at most nine decimals."},
		{"'cost_usd': '1000000.000000001'", "cost_usd: cost_usd must be a decimal number from"
		 " 0 to 1000000 with at most nine decimals."},
		{"'cache_read_tokens': 1.5", "cache_read_tokens: cache_read_tokens must be a whole"
		 " number from 0 to 1000000000."},
		{"'cache_read_tokens': '5'", "cache_read_tokens: cache_read_tokens must be a whole"
		 " number from 0 to 1000000000."},
		{"'cache_read_tokens': 1000000001", "cache_read_tokens: cache_read_tokens must be a"
		 " whole number from 0 to 1000000000."},
		{"'cache_write_tokens': 5, 'cache_write_1h_tokens': 6",
		 "cache_write_1h_tokens: cache_write_1h_tokens is a part of cache_write_tokens and"
		 " cannot be more."},
		{"'pipelineRunId': 'a\\tb'",
		 "pipelineRunId: pipelineRunId has characters that are not allowed."},
		{"'accountId': 7", "accountId: accountId must be a text."},
		{"'usage': 7", "usage: usage must be a JSON object."},
		{"'usage': {}, 'attributes': {}",
		 "attributes: Either usage or attributes may be there."},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct doc *entry = json_of(arena_printf(arena, "{'idempotency_key': 'a',"
		    " 'assistantId': 'desk', 'operation': 'chat', 'model': 'm-1', " TOKENS
		    ", %s}", rows[i].field));
		struct entry_batch *batch = entry_batch_new(at_north, NULL);

		entry_add(batch, entry, "");
		ck_assert_str_eq(told(entry_book(batch, false, doc_object(arena))),
		    rows[i].wanted);
	}
	ck_assert_str_eq(world_value("SELECT count(*) FROM cost_entries"), "0");
}
END_TEST

START_TEST(a_text_has_its_greatest_length)
{
	char key[202];

	memset(key, 'k', 200);
	key[200] = '\0';
	booked(at_north, arena_printf(arena, "[{'idempotency_key': '%s', 'assistantId': 'desk',"
	    " 'operation': 'chat', 'model': 'm-1', " TOKENS "}]", key));
	key[200] = 'k';
	key[201] = '\0';
	ck_assert_str_eq(told(book(at_north, arena_printf(arena, "[{'idempotency_key': '%s',"
	    " 'assistantId': 'desk', 'operation': 'chat', 'model': 'm-1', " TOKENS "}]", key),
	    doc_object(arena))),
	    "/0/idempotency_key: idempotency_key may have at most 200 characters.");
}
END_TEST

/* A foreign name is answered like one that nobody has. */
START_TEST(nobody_books_for_another_account)
{
	struct world_run run = world_run(south, "pipeline_south");
	static const char missing_run[] = "/0/pipelineRunId: There is no such run in this account.";
	static const char missing[] = "/0/accountId: There is no such account.";
	static const char *const accounts[] = {"south", "nobody",
	    "01900000-0000-7000-8000-00000000000b", "01900000-0000-7000-8000-0000000000ff"};
	const char *runs[] = {"pipeline_south", run.id, "pipeline_none",
	    "01900000-0000-7000-8000-0000000000ff"};

	for (size_t i = 0; i < 4; i++) {
		ck_assert_str_eq(told(book(at_north, arena_printf(arena, "[{" CALL("a") ", "
		    TOKENS ", 'accountId': '%s'}]", accounts[i]), doc_object(arena))), missing);
		ck_assert_str_eq(told(book(at_north, arena_printf(arena, "[{" CALL("a") ", "
		    TOKENS ", 'pipelineRunId': '%s'}]", runs[i]), doc_object(arena))),
		    missing_run);
	}
	ck_assert_str_eq(told(book(operator, "[{" CALL("a") ", " TOKENS
	    ", 'accountId': 'nobody'}]", doc_object(arena))), missing);
	ck_assert_str_eq(told(book(operator, "[{" CALL("a") ", " TOKENS "}]", doc_object(arena))),
	    "/0/accountId: accountId is missing.");
	ck_assert_str_eq(told(book(at_south, "[{'idempotency_key': 'a', 'assistantId': 'other',"
	    " 'pipelineRunId': 'pipeline_south', 'operation': 'chat', 'model': 'm-1', " TOKENS
	    "}]", doc_object(arena))), "/0/assistantId: The run is one of another assistant.");
	ck_assert_str_eq(world_value("SELECT count(*) FROM cost_entries"), "0");
}
END_TEST

START_TEST(an_operator_books_for_all)
{
	booked(operator, "[{" CALL("a") ", " TOKENS ", 'accountId': 'north'},"
	    " {" CALL("a") ", " TOKENS ", 'accountId': 'south'}]");
	ck_assert_str_eq(world_value("SELECT string_agg(a.slug || ' ' || s.external_id, ', '"
	    " ORDER BY a.slug) FROM cost_entries e JOIN accounts a ON a.id = e.account_id"
	    " JOIN assistants s ON s.account_id = a.id AND s.id = e.assistant_id"),
	    "north desk, south desk");
}
END_TEST

START_TEST(buckets_are_read_from_usage)
{
	booked(at_north, "[{" CALL("all") ", 'usage': {'input_tokens': 12, 'output_tokens': 88,"
	    " 'cache_creation_input_tokens': 30, 'cache_read_input_tokens': 4100,"
	    " 'cache_creation': {'ephemeral_5m_input_tokens': 10,"
	    " 'ephemeral_1h_input_tokens': 20}, 'service_tier': 'standard'}},"
	    " {" CALL("short") ", 'usage': {'input_tokens': 1, 'output_tokens': 2}},"
	    " {" CALL("both") ", 'input_tokens': 1, 'cache_write_tokens': 9,"
	    " 'cache_write_1h_tokens': 4, 'usage': {'input_tokens': 1, 'output_tokens': 2,"
	    " 'cache_creation_input_tokens': 9}},"
	    /* Prices of others are not known by their own counts. */
	    " {" CALL("else") ", 'input_tokens': 60, 'cache_read_tokens': 40,"
	    " 'output_tokens': 5, 'usage': {'input_tokens': 100, 'output_tokens': 5,"
	    " 'input_tokens_details': {'cached_tokens': 40}, 'total_tokens': 105}}]");
	ck_assert_str_eq(buckets("all"), "12 4100 30 20 88");
	ck_assert_str_eq(buckets("short"), "1 0 0 0 2");
	ck_assert_str_eq(buckets("both"), "1 0 9 4 2");
	ck_assert_str_eq(buckets("else"), "60 40 0 0 5");
}
END_TEST

START_TEST(usage_that_contradicts_is_refused)
{
	static const struct {
		const char *fields, *wanted;
	} rows[] = {
		{"'output_tokens': 7, 'usage': {'input_tokens': 1, 'output_tokens': 6}",
		 "/0/output_tokens: output_tokens is 7, but usage says 6."},
		{"'cache_read_tokens': 7, 'usage': {'input_tokens': 1, 'output_tokens': 6}",
		 "/0/cache_read_tokens: cache_read_tokens is 7, but usage says 0."},
		{"'usage': {'input_tokens': 1, 'output_tokens': 6, 'cache_creation_input_tokens': 5,"
		 " 'cache_creation': {'ephemeral_5m_input_tokens': 3,"
		 " 'ephemeral_1h_input_tokens': 3}}",
		 "/0/usage/cache_creation: Its parts are more than cache_creation_input_tokens."},
		{"'usage': {'input_tokens': 1, 'output_tokens': -6}",
		 "/0/usage/output_tokens: The count must be a whole number from 0 to 1000000000."},
		{"'usage': {'prompt_tokens': 1, 'completion_tokens': 6, 'total_tokens': 7}",
		 "/0/input_tokens: input_tokens is missing; it cannot be read from usage of this"
		 " form.|/0/output_tokens: output_tokens is missing; it cannot be read from usage of"
		 " this form."},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ck_refused(at_north, arena_printf(arena, "[{" CALL("a") ", %s}]", rows[i].fields),
		    rows[i].wanted);
	ck_refused(at_north, arena_printf(arena, "[{" CALL("a") ", " TOKENS ", 'usage': {'x':"
	    " '%*s'}}]", 17000, ""), "/0/usage: usage may have at most 16384 bytes.");
}
END_TEST

#define OTEL(key) "{'idempotency_key': '" key "', 'assistantId': 'desk', 'attributes': {" \
    " 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm-1'"

START_TEST(included_cache_tokens_are_taken_off)
{
	struct doc *out;

	prices();
	out = booked(at_north, "[" OTEL("cached") ", 'gen_ai.usage.input_tokens': 4142,"
	    " 'gen_ai.usage.cache_read.input_tokens': 4100,"
	    " 'gen_ai.usage.cache_creation.input_tokens': 30, 'gen_ai.usage.output_tokens': 88,"
	    " 'gen_ai.usage.reasoning.output_tokens': 80}},"
	    OTEL("plain") ", 'gen_ai.usage.input_tokens': 7, 'gen_ai.usage.output_tokens': 8,"
	    " 'server.address': 'api.example', 'gen_ai.response.model': 'm-1-2026'}},"
	    OTEL("written") ", 'gen_ai.usage.input_tokens': 30, 'gen_ai.usage.output_tokens': 8,"
	    " 'gen_ai.usage.cache_write.input_tokens': 30}, 'cache_write_1h_tokens': 10},"
	    "{'assistantId': 'desk', 'attributes': {'gen_ai.operation.name': 'chat',"
	    " 'gen_ai.request.model': 'm-1', 'gen_ai.response.id': 'msg_1',"
	    " 'gen_ai.usage.input_tokens': 1, 'gen_ai.usage.output_tokens': 1}}]");
	ck_assert_str_eq(buckets("cached"), "12 4100 30 0 88");
	ck_assert_str_eq(buckets("plain"), "7 0 0 0 8");
	ck_assert_str_eq(buckets("written"), "0 0 30 10 8");
	ck_assert_str_eq(buckets("msg_1"), "1 0 0 0 1");
	ck_assert_str_eq(entry_text(out, 3, "idempotency_key"), "msg_1");
	ck_assert_str_eq(world_value("SELECT model || ' ' || operation || ' ' || usage"
	    " FROM cost_entries WHERE idempotency_key = 'plain'"), "m-1-2026 chat"
	    " {\"gen_ai.usage.input_tokens\": 7, \"gen_ai.usage.output_tokens\": 8}");
}
END_TEST

START_TEST(attributes_that_cannot_be_are_refused)
{
	static const struct {
		const char *attributes, *wanted;
	} rows[] = {
		{"'gen_ai.usage.input_tokens': 50, 'gen_ai.usage.output_tokens': 1,"
		 " 'gen_ai.usage.cache_read.input_tokens': 40,"
		 " 'gen_ai.usage.cache_write.input_tokens': 11}",
		 "/0/attributes/gen_ai.usage.input_tokens: It includes the tokens read from and"
		 " written to the cache, which are 51, and cannot be less."},
		{"'gen_ai.usage.input_tokens': 50, 'gen_ai.usage.output_tokens': 1,"
		 " 'gen_ai.usage.cache_creation.input_tokens': 4,"
		 " 'gen_ai.usage.cache_write.input_tokens': 5}",
		 "/0/attributes/gen_ai.usage.cache_creation.input_tokens: It differs from"
		 " gen_ai.usage.cache_write.input_tokens, its newer name."},
		{"'gen_ai.usage.input_tokens': 50, 'gen_ai.usage.output_tokens': 1,"
		 " 'gen_ai.usage.reasoning.output_tokens': 2}",
		 "/0/attributes/gen_ai.usage.reasoning.output_tokens: It is a part of"
		 " gen_ai.usage.output_tokens and cannot be more."},
		{"'gen_ai.usage.input_tokens': 50}",
		 "/0/attributes/gen_ai.usage.output_tokens: The count is missing."},
		{"'gen_ai.usage.input_tokens': '50', 'gen_ai.usage.output_tokens': 1}",
		 "/0/attributes/gen_ai.usage.input_tokens: The count must be a whole number from 0 to"
		 " 1000000000."},
		{"'gen_ai.usage.input_tokens': 5, 'gen_ai.usage.output_tokens': 1,"
		 " 'gen_ai.usage.cache_read_input_tokens': 4}",
		 "/0/attributes/gen_ai.usage.cache_read_input_tokens: This is no usage attribute of"
		 " the present conventions."},
		{"'gen_ai.usage.input_tokens': 5, 'gen_ai.usage.output_tokens': 1},"
		 " 'input_tokens': 6",
		 "/0/input_tokens: input_tokens is 6, but attributes says 5."},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ck_refused(at_north, arena_printf(arena, "[" OTEL("a") ", %s}]",
		    rows[i].attributes), rows[i].wanted);
	ck_refused(at_north, "[{'assistantId': 'desk', 'attributes': {'gen_ai.response.id': 7,"
	    " 'gen_ai.request.model': 'm-1', 'gen_ai.usage.input_tokens': 5,"
	    " 'gen_ai.usage.output_tokens': 1}}]",
	    "/0/attributes/gen_ai.response.id: idempotency_key must be a text.|"
	    "/0/operation: operation is missing.");
}
END_TEST

START_TEST(a_dry_run_writes_nothing)
{
	struct entry_batch *batch = entry_batch_new(at_north, NULL);
	struct doc *out = doc_object(arena);

	prices();
	entry_add(batch, json_of("{" CALL("a") ", " TOKENS "}"), "/");
	ck_assert_fine(entry_book(batch, true, out));
	ck_assert_str_eq(totals_of(out), "{\"booked\":1,\"repeated\":0,\"unpriced_calls\":0,"
	    "\"cost_usd\":\"0.015750000\"}");
	ck_assert_ptr_null(entry_text(out, 0, "id"));
	ck_assert_str_eq(world_value("SELECT (SELECT count(*) FROM cost_entries)"
	    " + (SELECT count(*) FROM assistants)"), "0");
}
END_TEST

static unsigned chance(unsigned below)
{
	static uint64_t state = 88172645463325252u;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state % below);
}

/* 300 calls at odd moments and of odd sizes, some of models without a price. */
static const char *odd_entries(void)
{
	static const char *const models[] = {"m-1", "m-1", "claude-opus-5", "nobody-knows"};
	struct buf *json = buf_new(arena, 1u << 20);

	for (int i = 0; i < 300; i++)
		buf_printf(json, "%s{'idempotency_key': 'k%d', 'assistantId': 'bot-%d',"
		    " 'operation': '%s', 'model': '%s', 'timestamp':"
		    " '2026-%02u-%02uT%02u:%02u:%02u.%03u+0%u:30', 'input_tokens': %u,"
		    " 'output_tokens': %u, 'cache_read_tokens': %u, 'cache_write_tokens': %u,"
		    " 'cache_write_1h_tokens': %u}", i > 0 ? "," : "[", i, i % 3,
		    i % 2 ? "chat" : "prompt_generation", models[i % 4], 5 + chance(6),
		    1 + chance(28), chance(24), chance(60), chance(60), chance(1000), chance(10),
		    chance(1000000), chance(100000), chance(1000000), 500 + chance(100000),
		    chance(500));
	buf_text(json, "]");
	return json->data;
}

START_TEST(what_is_booked_adds_up)
{
	struct cost_query query = {.from = "2026-05-01", .to = "2026-11-30", .zone = "UTC",
	    .group = "day"};
	struct doc *out, *report = doc_object(arena);
	const char *total;
	int64_t sum = 0;

	prices();
	out = booked(at_north, odd_entries());
	for (size_t i = 0; i < 300; i++) {
		int64_t nano = -1;

		ck_assert(money_from_text(entry_text(out, i, "cost_usd"), &nano));
		sum += nano;
	}
	total = doc_text(doc_get(out, "totals"), "cost_usd");
	ck_assert_str_eq(money_text(arena, sum), total);
	ck_assert_fine(cost_report(at_north, &query, report, doc_array(arena)));
	ck_assert_str_eq(doc_text(doc_get(report, "totals"), "cost_usd"), total);
	ck_assert_str_eq(world_value("SELECT sum(total_cost) FROM v_daily_costs_by_account"),
	    total);
	/* The same by the rates, in PostgreSQL's numbers, each rounded half to even. */
	ck_assert_str_eq(world_value("SELECT sum(CASE WHEN nano %% 1 = 0.5 THEN"
	    " 2 * round(nano / 2) ELSE round(nano) END * 0.000000001)::text FROM ("
	    "SELECT (e.input_tokens * p.input_pico::numeric + e.output_tokens * p.output_pico"
	    " + e.cache_read_tokens * p.cache_read_pico + (e.cache_write_tokens -"
	    " e.cache_write_1h_tokens) * p.cache_write_5m_pico + e.cache_write_1h_tokens *"
	    " p.cache_write_1h_pico) / 1000 AS nano FROM cost_entries e JOIN model_prices p"
	    " ON p.id = e.price_id AND p.valid_from <= e.timestamp AND e.timestamp < p.valid_to)"
	    " AS c"), total);
	ck_assert_str_eq(world_value("SELECT count(*) FROM cost_entries WHERE price_status ="
	    " 'unpriced' AND cost_usd = 0 AND model = 'nobody-knows'"), "75");
}
END_TEST

/* One of several writers: sends the entries in batches, each writer in another order. */
static void write_all(int writer, const struct doc *list)
{
	struct db_options options = {.application = "entry_test", .role = "promptbuilder_web",
	    .url = url};
	struct ctx ctx = *at_north;
	size_t count = doc_count(list);

	ctx.arena = arena_new();
	ctx.db = db_new(&options);
	for (size_t start = 0; start < count; start += 20) {
		struct entry_batch *batch = entry_batch_new(&ctx, NULL);
		const struct err *err;

		for (size_t i = start; i < start + 20; i++)
			entry_add(batch, doc_at(list, (i * (size_t)(2 * writer + 1) +
			    (size_t)writer) % count), "/");
		err = entry_book(batch, false, doc_object(ctx.arena));
		if (err)
			_exit(err->kind + 1);
	}
	_exit(0);
}

START_TEST(writers_of_the_same_keys_book_each_once)
{
	const struct doc *list;
	int status = 0;

	prices();
	/* 300 has no factor 7, 11 or 13: each writer sends all of them. */
	list = json_of(odd_entries());
	for (int i = 0; i < 4; i++)
		if (fork() == 0)
			write_all((const int[]){0, 3, 5, 6}[i], list);
	for (int i = 0; i < 4; i++) {
		ck_assert(wait(&status) > 0);
		ck_assert_int_eq(status, 0);
	}
	ck_assert_str_eq(world_value("SELECT count(*) || ' ' || count(DISTINCT idempotency_key)"
	    " || ' ' || (SELECT sum(lines) FROM cost_sums WHERE grain ="
	    " 'account_day') FROM cost_entries"), "300 300 300");
}
END_TEST

START_TEST(cells_become_fields)
{
	struct doc *entry = doc_object(arena);
	static const char *const cells[][2] = {{"model", " m-1 "}, {"input_tokens", "12"},
	    {"output_tokens", "many"}, {"usage", "{\"input_tokens\":1}"}, {"attributes", "[1"},
	    {"cost_usd", "0.1"}, {"timestamp", ""}};

	for (size_t i = 0; i < ARRAY_LEN(cells); i++)
		ck_assert(entry_set_cell(arena, entry, cells[i][0], cells[i][1]));
	ck_assert(!entry_set_cell(arena, entry, "colour", ""));
	ck_assert_str_eq(world_json(entry), "{\"model\":\"m-1\",\"input_tokens\":12,"
	    "\"output_tokens\":\"many\",\"usage\":{\"input_tokens\":1},\"attributes\":\"[1\","
	    "\"cost_usd\":\"0.1\"}");
}
END_TEST

int main(void)
{
	const TTest *tests[] = {a_call_has_the_price_of_its_time,
	    a_cost_is_rounded_once_half_to_even, an_own_price_goes_before_the_list,
	    a_model_without_a_price_is_unpriced,
	    usage_and_prompt_choose_the_rates, a_stated_cost_is_booked_as_it_is,
	    a_line_keeps_all_that_was_said, a_key_is_booked_once, a_key_stands_for_one_content,
	    a_batch_is_booked_whole_or_not_at_all, all_that_is_wrong_is_told_in_order,
	    only_the_first_of_many_faults_are_told, fields_are_checked,
	    a_text_has_its_greatest_length, nobody_books_for_another_account,
	    an_operator_books_for_all, buckets_are_read_from_usage,
	    usage_that_contradicts_is_refused, included_cache_tokens_are_taken_off,
	    attributes_that_cannot_be_are_refused, a_dry_run_writes_nothing,
	    what_is_booked_adds_up, writers_of_the_same_keys_book_each_once,
	    cells_become_fields};

	return world_main("entry", tests, ARRAY_LEN(tests));
}
