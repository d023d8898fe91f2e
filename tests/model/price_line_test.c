/* price_line_test.c: the database and C price a line alike, to the nano-dollar, and as an exact
 * reference does; and the row that prices it is the right one. */
#include <stdlib.h>

#include "base/money.h"
#include "base/text.h"
#include "db_kit.h"
#include "tests/lib/suite.h"

#define ACME "00000000-0000-7000-8000-00000000000a"
#define GLOBEX "00000000-0000-7000-8000-00000000000b"
#define CASES 6000
#define CHUNK 500
#define SEED UINT64_C(88172645463325252)

static uint64_t dice_state;

static uint64_t dice(void)
{
	dice_state ^= dice_state << 13;
	dice_state ^= dice_state >> 7;
	dice_state ^= dice_state << 17;
	return dice_state;
}

/* Small, ordinary, next to a power of ten, at the end of 64 bits, and anything. */
static int64_t odd_number(void)
{
	int64_t ten = 1;

	switch (dice() % 8) {
	case 0:
		return 0;
	case 1:
		return (int64_t)(dice() % 3);
	case 2:
		return INT64_MAX - (int64_t)(dice() % 3);
	case 3:
		for (uint64_t i = dice() % 19; i > 0; i--)
			ten *= 10;
		return ten + (int64_t)(dice() % 3) - (ten > 1);
	case 4:
		return (int64_t)(dice() >> 1 >> dice() % 63);
	default:
		return (int64_t)(dice() % 2000000);
	}
}

struct line {
	struct money_usage usage;
	struct money_rates rates;
	int64_t batch, us, permille;
	bool is_batch, is_us;
};

static int64_t odd_cache_rate(void)
{
	return dice() % 10 == 0 ? MONEY_NO_RATE : odd_number();
}

/* Pairs whose product is whole thousandths. */
static void odd_multipliers(struct line *line)
{
	static const int64_t pairs[][2] = {{1000, 1000}, {500, 1100}, {500, 1000}, {1, 1000},
	    {10000, 10000}, {333, 1000}, {250, 1004}, {1000, 7}};
	size_t pair = dice() % ARRAY_LEN(pairs);

	line->batch = pairs[pair][0];
	line->us = pairs[pair][1];
	line->is_batch = dice() % 2 == 0;
	line->is_us = dice() % 2 == 0;
	line->permille = (line->is_batch ? line->batch : 1000) * (line->is_us ? line->us : 1000)
	    / 1000;
}

static struct line odd_line(void)
{
	struct line line = {
		.usage = {.input = odd_number(), .output = odd_number(), .cache_read = odd_number(),
		    .cache_write = odd_number()},
		.rates = {.input = odd_number(), .output = odd_number(),
		    .cache_read = odd_cache_rate(), .cache_write_5m = odd_cache_rate(),
		    .cache_write_1h = odd_cache_rate()},
	};

	if (line.usage.cache_write > 0)
		line.usage.cache_write_1h = (int64_t)(dice() % (uint64_t)line.usage.cache_write);
	odd_multipliers(&line);
	if (dice() % 4 == 0) { /* a half to be rounded */
		line.usage = (struct money_usage){.input = 1};
		line.rates.input = 1000 * (int64_t)(dice() % 1000000) + 500;
		line.is_batch = line.is_us = false;
		line.permille = 1000;
	} else if (dice() % 3 == 0) { /* one bucket, so that extremes do not always overflow */
		line.usage = (struct money_usage){.output = line.usage.output};
	}
	return line;
}

static const char *rate_text(int64_t rate)
{
	return rate == MONEY_NO_RATE ? "NULL" : db_int_param(arena, rate);
}

/* The lines as a table of values, numbered from 0. */
static const char *values_of(const struct line *lines, size_t count)
{
	struct buf *sql = buf_new(arena, 8u << 20);

	for (size_t i = 0; i < count; i++) {
		const struct line *line = &lines[i];

		buf_printf(sql, "%s(%zu, %lld::bigint, %lld::bigint, %lld::bigint, %lld::bigint,"
		    " %lld::bigint, %s::bigint, %s::bigint, %s::bigint, %s::bigint, %s::bigint,"
		    " %lld, %lld, %lld, '{%s%s%s}'::jsonb)", i > 0 ? ", " : "", i,
		    (long long)line->usage.input, (long long)line->usage.output,
		    (long long)line->usage.cache_read, (long long)line->usage.cache_write,
		    (long long)line->usage.cache_write_1h, rate_text(line->rates.input),
		    rate_text(line->rates.output), rate_text(line->rates.cache_read),
		    rate_text(line->rates.cache_write_5m), rate_text(line->rates.cache_write_1h),
		    (long long)line->batch, (long long)line->us, (long long)line->permille,
		    line->is_batch ? "\"service_tier\": \"batch\"" : "",
		    line->is_batch && line->is_us ? ", " : "",
		    line->is_us ? "\"inference_geo\": \"us\"" : "");
	}
	ck_assert(!sql->failed);
	return sql->data;
}

#define COLUMNS "(n, input, output, cache_read, cache_write, write_1h, input_pico, output_pico," \
	" cache_read_pico, write_5m_pico, write_1h_pico, batch, us, permille, usage)"

/* A model for each line, and a view of what an exact reference says: it rounds on its own way. */
static void lines_store(const struct line *lines, size_t count)
{
	const struct err *err;

	ck_assert_ptr_null(run_text("DROP TABLE IF EXISTS line", NULL));
	err = run_text(arena_printf(arena, "CREATE TABLE line AS SELECT c.n, 'odd-' || c.n AS model,"
	    " input, output, cache_read, cache_write, write_1h, usage, input_pico, output_pico,"
	    " cache_read_pico, write_5m_pico, write_1h_pico, batch, us,"
	    " (input::numeric * input_pico + output::numeric * output_pico"
	    "  + cache_read::numeric * coalesce(cache_read_pico, 0)"
	    "  + (cache_write - write_1h)::numeric * coalesce(write_5m_pico, 0)"
	    "  + write_1h::numeric * coalesce(write_1h_pico, 0)) * permille * 0.000001 AS exact"
	    " FROM (VALUES %s) AS c " COLUMNS, values_of(lines, count)), NULL);
	ck_assert_msg(err == NULL, "%s", err ? err->sentence : "");
	ck_assert_ptr_null(run_text("ALTER TABLE line ADD COLUMN nano numeric", NULL));
	ck_assert_ptr_null(run_text("UPDATE line SET nano = CASE WHEN exact - trunc(exact) = 0.5"
	    " THEN 2 * round(exact * 0.5) ELSE round(exact) END", NULL));
	ck_assert_ptr_null(run_text("INSERT INTO model_prices (model, valid_from, input_pico,"
	    " output_pico, cache_read_pico, cache_write_5m_pico, cache_write_1h_pico,"
	    " batch_permille, us_permille, source) SELECT model, clock_timestamp(), input_pico,"
	    " output_pico, cache_read_pico, write_5m_pico, write_1h_pico, batch, us, 'odd'"
	    " FROM line", NULL));
}

#define PRICED "SELECT l.n, p.cost_nano::text AS nano, l.nano::text AS reference," \
	" l.exact - trunc(l.exact) = 0.5 AS is_tie, p.price_status, p.rate_permille" \
	" FROM line l CROSS JOIN LATERAL price_line(NULL, l.model, now() + interval '1 minute'," \
	" l.input, l.output, l.cache_read, l.cache_write, l.write_1h, l.usage) AS p "

struct tally {
	int fits, ties, partial, refused;
};

static void ck_line(const struct db_rows *rows, size_t row, const struct line *line,
    struct tally *tally)
{
	const char *reference = db_text(rows, row, "reference");
	int64_t nano = -1;

	ck_assert_msg(money_cost(&line->usage, &line->rates, line->permille, &nano),
	    "C refuses %s", reference);
	ck_assert_str_eq(db_int_param(arena, nano), reference);
	ck_assert_str_eq(db_text(rows, row, "nano"), reference);
	ck_assert_int_eq(db_int(rows, row, "rate_permille"), line->permille);
	tally->fits++;
	tally->ties += db_bool(rows, row, "is_tie");
	tally->partial += text_equal(db_text(rows, row, "price_status"), "partial");
}

static void ck_refused(const char *number, const struct line *lines, struct tally *tally)
{
	int64_t nano = -7;
	int64_t n = 0;
	const struct line *line;

	ck_assert(text_to_int(number, 0, CHUNK, &n));
	line = &lines[n];
	ck_assert_msg(!money_cost(&line->usage, &line->rates, line->permille, &nano),
	    "C gives %lld", (long long)nano);
	ck_assert_int_eq(nano, -7);
	tally->refused++;
}

/* Overflowing lines are priced one by one, inside a function that turns refusal into a word. */
static void ck_chunk(const struct line *lines, struct tally *tally)
{
	struct db_rows *rows;

	lines_store(lines, CHUNK);
	ck_assert_ptr_null(run_text(PRICED "WHERE l.nano <= 9223372036854775807", &rows));
	for (size_t row = 0; row < db_count(rows); row++)
		ck_line(rows, row, &lines[db_int(rows, row, "n")], tally);
	ck_assert_ptr_null(run_text("SELECT n::text AS n, refusal_of(n) AS refusal FROM line"
	    " WHERE nano > 9223372036854775807", &rows));
	for (size_t row = 0; row < db_count(rows); row++) {
		ck_assert_str_eq(db_text(rows, row, "refusal"), "22003");
		ck_refused(db_text(rows, row, "n"), lines, tally);
	}
}

START_TEST(c_sql_and_reference_agree)
{
	struct line lines[CHUNK];
	struct tally tally = {.fits = 0};

	dice_state = SEED;
	for (int done = 0; done < CASES; done += CHUNK) {
		for (size_t i = 0; i < CHUNK; i++)
			lines[i] = odd_line();
		ck_chunk(lines, &tally);
	}
	ck_assert_int_eq(tally.fits + tally.refused, CASES);
	ck_assert_int_gt(tally.ties, 500);
	ck_assert_int_gt(tally.refused, 500);
	ck_assert_int_gt(tally.partial, 100);
	ck_assert_int_gt(tally.fits, 2000);
}
END_TEST

/* "cost status permille source" of a call of an account (NULL: nobody's). */
static const char *priced(const char *account, const char *model, const char *at,
    const char *tokens, const char *usage)
{
	return value_of(arena_printf(arena, "SELECT l.cost_nano || ' ' || l.price_status || ' ' ||"
	    " l.rate_permille || coalesce(' ' || p.source, '') AS v"
	    " FROM price_line(%s, '%s', '%s', %s, %s) AS l LEFT JOIN model_prices p"
	    " ON p.id = l.price_id", account, model, at, tokens, usage));
}

START_TEST(crossing_a_tier_reprices_the_whole_request)
{
	static const char list[] = " provider list price, 2026-08-21";
	static const char former[] = " former list price, as public price files tell it, 2026-11-26";

	/* Cached tokens count for the length; exactly 200,000 is still below the tier. */
	ck_assert_str_eq(priced("NULL", "claude-sonnet-4-6", "2026-03-01",
	    "100000, 10, 50000, 50000, 0", "NULL"), arena_printf(arena, "%d priced 1000%s",
	    100000 * 3000 + 10 * 15000 + 50000 * 300 + 50000 * 3750, former));
	ck_assert_str_eq(priced("NULL", "claude-sonnet-4-6", "2026-03-01",
	    "100001, 10, 50000, 50000, 0", "NULL"), arena_printf(arena, "%d priced 1000%s",
	    100001 * 6000 + 10 * 22500 + 50000 * 600 + 50000 * 7500, former));
	/* The tier ended with its price. */
	ck_assert_str_eq(priced("NULL", "claude-sonnet-4-6", "2026-03-13",
	    "900000, 10, 0, 0, 0", "NULL"), arena_printf(arena, "%lld priced 1000%s",
	    900000LL * 3000 + 10 * 15000, list));
	ck_assert_str_eq(priced("NULL", "claude-haiku-5-5", "2026-10-08", "100001, 0, 0, 0, 0",
	    "NULL"), "50000500 priced 1000 provider documentation of October 2026, to be confirmed");
	ck_assert_str_eq(priced("NULL", "claude-haiku-5-5", "2026-10-06", "1, 0, 0, 0, 0", "NULL"),
	    "0 unpriced 1000");
}
END_TEST

START_TEST(batch_and_region_multiply)
{
	ck_assert_str_eq(priced("NULL", "claude-fable-5-1", "2026-11-01", "0, 0, 1000000, 0, 0",
	    "'{\"inference_geo\": \"us\"}'"),
	    "275000000 priced 1100 provider documentation of October 2026, to be confirmed");
	ck_assert_str_eq(priced("NULL", "claude-sonnet-5", "2026-08-31 23:59:59.999Z",
	    "1000, 100, 0, 0, 0", "'{\"service_tier\": \"batch\", \"inference_geo\": \"us\"}'"),
	    "1650000 priced 550 provider list price, 2026-08-21");
	/* Usage that is no object says nothing. */
	ck_assert_str_eq(priced("NULL", "claude-sonnet-5", "2026-09-01", "1000, 100, 0, 0, 0",
	    "'[\"batch\"]'"), "4500000 priced 1000 provider list price, 2026-08-21");
	ck_assert_ptr_nonnull(run_text("INSERT INTO model_prices (model, input_pico, output_pico,"
	    " source, batch_permille, us_permille) VALUES ('x', 1, 1, 't', 333, 1100)", NULL));
}
END_TEST

START_TEST(a_name_with_a_date_is_of_its_family)
{
	ck_assert_str_eq(priced("NULL", "claude-3-5-haiku-20241022", "2025-01-01",
	    "1000000, 0, 0, 0, 0", "NULL"), "800000000 priced 1000 former list price, as public"
	    " price files tell it, 2026-11-26");
	ck_assert_str_eq(priced("NULL", "claude-3-opus-latest", "2025-01-01", "1, 0, 0, 0, 0",
	    "NULL"), "15000 priced 1000 former list price, as public price files tell it,"
	    " 2026-11-26");
	ck_assert_str_eq(value_of("SELECT string_agg(price_family(m), ' ') AS v FROM unnest(ARRAY["
	    "'claude-opus-4-5-20251101', 'gpt-4o-2024-08-06', 'claude-3-opus-latest',"
	    " 'claude-opus-4-5', 'claude-2.1', 'x-123', 'x-20251101-y', '-latest']) AS m"),
	    "claude-opus-4-5 gpt-4o claude-3-opus claude-opus-4-5 claude-2.1 x-123 x-20251101-y ");
	/* Nothing is guessed from a beginning. */
	ck_assert_str_eq(priced("NULL", "claude-sonnet-5-9", "2026-11-01", "1, 0, 0, 0, 0",
	    "NULL"), "0 unpriced 1000");
}
END_TEST

START_TEST(the_order_of_rows_is_account_name_date_recording)
{
	ck_assert_ptr_null(run_text("INSERT INTO model_prices (account_id, model, valid_from,"
	    " valid_to, recorded_at, input_pico, output_pico, source) SELECT account::uuid, model,"
	    " \"from\"::timestamptz, \"to\"::timestamptz, recorded::timestamptz, 1000, 1000, source"
	    " FROM (VALUES"
	    " (NULL, 'm', '-infinity', 'infinity', '2026-01-01', 'list'),"
	    " (NULL, 'm', '-infinity', 'infinity', '2026-01-02', 'corrected'),"
	    " (NULL, 'm', '2026-02-01', 'infinity', '2026-01-01', 'newer'),"
	    " (NULL, 'm-20260101', '-infinity', '2026-04-01', '2026-01-01', 'snapshot'),"
	    " ('" ACME "', 'm', '2026-03-01', '2026-05-01', '2026-01-01', 'own'))"
	    " AS p (account, model, \"from\", \"to\", recorded, source)", NULL));
#define SOURCE(account, model, at) strrchr(priced(account, model, at, "1, 0, 0, 0, 0", "NULL"), ' ')
	ck_assert_str_eq(SOURCE("NULL", "m", "2026-01-15"), " corrected");
	ck_assert_str_eq(SOURCE("NULL", "m", "2026-02-01"), " newer");
	ck_assert_str_eq(SOURCE("NULL", "m-20260101", "2026-02-15"), " snapshot");
	ck_assert_str_eq(SOURCE("NULL", "m-20260101", "2026-04-01"), " newer");
	ck_assert_str_eq(SOURCE("NULL", "m-20260707", "2026-01-15"), " corrected");
	ck_assert_str_eq(SOURCE("'" ACME "'", "m-20260101", "2026-03-15"), " own");
	ck_assert_str_eq(SOURCE("'" ACME "'", "m", "2026-05-01"), " newer");
	ck_assert_str_eq(SOURCE("'" GLOBEX "'", "m", "2026-03-15"), " newer");
}
END_TEST

/* The list says 5 and 25; the plan's run was charged 15 and 75: by account, or by date. */
START_TEST(the_plans_example_can_be_expressed)
{
	static const char tokens[] = "10451, 2839, 0, 0, 0";
	static const char insert[] = "INSERT INTO model_prices (account_id, model, valid_from,"
	    " valid_to, input_pico, output_pico, source) VALUES (%s, 'claude-opus-4-5-20251101',"
	    " %s, 15000000, 75000000, 'contract')";

	ck_assert_str_eq(priced("'" ACME "'", "claude-opus-4-5-20251101", "2026-01-20", tokens,
	    "NULL"), "123230000 priced 1000 provider list price, 2026-08-21");
	ck_assert_ptr_null(run_text(arena_printf(arena, insert, "'" ACME "'",
	    "'-infinity', 'infinity'"), NULL));
	ck_assert_str_eq(priced("'" ACME "'", "claude-opus-4-5-20251101", "2026-01-20", tokens,
	    "NULL"), "369690000 priced 1000 contract");
	ck_assert_str_eq(priced("'" GLOBEX "'", "claude-opus-4-5-20251101", "2026-01-20", tokens,
	    "NULL"), "123230000 priced 1000 provider list price, 2026-08-21");
	ck_assert_ptr_null(run_text(arena_printf(arena, insert, "NULL",
	    "'2025-11-01', '2026-02-01'"), NULL));
	ck_assert_str_eq(priced("'" GLOBEX "'", "claude-opus-4-5-20251101", "2026-01-20", tokens,
	    "NULL"), "369690000 priced 1000 contract");
	ck_assert_str_eq(priced("'" GLOBEX "'", "claude-opus-4-5-20251101", "2026-02-01", tokens,
	    "NULL"), "123230000 priced 1000 provider list price, 2026-08-21");
}
END_TEST

START_TEST(an_unknown_rate_makes_a_line_partial_and_a_free_one_does_not)
{
	ck_assert_str_eq(priced("NULL", "claude-2.1", "2024-01-01", "1000, 1, 0, 0, 0", "NULL"),
	    "8024000 priced 1000 former list price, as public price files tell it, 2026-11-26");
	ck_assert_str_eq(priced("NULL", "claude-2.1", "2024-01-01", "1000, 1, 1, 0, 0", "NULL"),
	    "8024000 partial 1000 former list price, as public price files tell it, 2026-11-26");
	ck_assert_ptr_null(run_text("INSERT INTO model_prices (model, input_pico, output_pico,"
	    " cache_read_pico, cache_write_5m_pico, source)"
	    " VALUES ('free', 0, 0, 0, 7000, 'gift')", NULL));
	ck_assert_str_eq(priced("NULL", "free", "2026-01-01", "1000, 1, 5, 0, 0", "NULL"),
	    "0 priced 1000 gift");
	ck_assert_str_eq(priced("NULL", "free", "2026-01-01", "0, 0, 0, 3, 0", "NULL"),
	    "21 priced 1000 gift");
	ck_assert_str_eq(priced("NULL", "free", "2026-01-01", "0, 0, 0, 3, 1", "NULL"),
	    "14 partial 1000 gift");
	ck_assert_str_eq(priced("NULL", "nobody", "2026-01-01", "5, 5, 0, 0, 0", "NULL"),
	    "0 unpriced 1000");
}
END_TEST

/* Dearest tier, dearest kind of input, dearer region. */
START_TEST(a_ceiling_covers_every_tier)
{
	ck_assert_str_eq(value_of("SELECT trim_scale(input_pico) || ' ' || trim_scale(output_pico)"
	    " AS v FROM price_ceiling(NULL, 'claude-sonnet-4-6', '2026-01-01')"),
	    "13200000 24750000");
	ck_assert_str_eq(value_of("SELECT trim_scale(input_pico) || ' ' || trim_scale(output_pico)"
	    " AS v FROM price_ceiling(NULL, 'claude-sonnet-4-6', '2026-04-01')"),
	    "6600000 16500000");
	ck_assert_str_eq(value_of("SELECT count(*)::text AS v"
	    " FROM price_ceiling(NULL, 'nobody', now())"), "0");
}
END_TEST

START_TEST(a_price_is_never_changed)
{
	const struct err *err;

	ck_assert_ptr_null(run_text("INSERT INTO accounts (id, slug, name) VALUES"
	    " ('00000000-0000-7000-8000-00000000000c', 'gone', 'Gone')", NULL));
	ck_assert_ptr_null(run_text("INSERT INTO model_prices (account_id, model, input_pico,"
	    " output_pico, source) VALUES"
	    " ('00000000-0000-7000-8000-00000000000c', 'kept', 1, 1, 't')", NULL));
	err = run_text("UPDATE model_prices SET input_pico = 2 WHERE model = 'kept'", NULL);
	ck_assert_ptr_nonnull(err);
	ck_assert_int_eq(err->kind, ERR_CONFLICT);
	ck_assert_str_eq(err->sentence, "A price is never changed or deleted: record a newer one,"
	    " which takes over from its first instant.");
	err = run_text("DELETE FROM model_prices WHERE model = 'kept'", NULL);
	ck_assert_ptr_nonnull(err);
	ck_assert_ptr_null(run_text("DELETE FROM accounts WHERE slug = 'gone'", NULL));
	ck_assert_str_eq(value_of("SELECT count(*)::text AS v FROM model_prices"
	    " WHERE model = 'kept'"), "0");
}
END_TEST

/* What the provider's page says on some days, in USD per million. */
START_TEST(the_shipped_list_has_its_dates)
{
	static const char *const facts[][3] = {
		{"claude-sonnet-5", "2026-08-31 23:59:59Z", "2 10 0.2 2.5 4"},
		{"claude-sonnet-5", "2026-09-01 00:00:00Z", "3 15 0.3 3.75 6"},
		{"claude-opus-4-1-20250805", "2026-01-01", "15 75 1.5 18.75 30"},
		{"claude-opus-4-20250514", "2026-01-01", "15 75 1.5 18.75 30"},
		{"claude-opus-4-5-20251101", "2026-03-01", "5 25 0.5 6.25 10"},
		{"claude-opus-4-6", "2026-01-01", "5 25 0.5 6.25 10"},
		{"claude-haiku-4-5", "2026-01-01", "1 5 0.1 1.25 2"},
		{"claude-3-haiku-20240307", "2025-01-01", "0.25 1.25 0.03 0.3 0.5"},
		{"claude-opus-5-5", "2026-11-01", "4 20 0.2 5 8"},
		{"claude-haiku-5-5", "2026-10-07", "0.1 0.5 0.01 0.125 0.2"},
		{"claude-mythos-5-1", "2026-11-01", "10 50 0.25 12.5 20"},
	};

	for (size_t i = 0; i < ARRAY_LEN(facts); i++)
		ck_assert_str_eq(value_of(arena_printf(arena, "SELECT concat_ws(' ',"
		    " usd_per_million(input_pico), usd_per_million(output_pico),"
		    " usd_per_million(cache_read_pico), usd_per_million(cache_write_5m_pico),"
		    " usd_per_million(cache_write_1h_pico)) AS v"
		    " FROM price_at(NULL, '%s', '%s')", facts[i][0], facts[i][1])), facts[i][2]);
	ck_assert_str_eq(value_of("SELECT string_agg(DISTINCT model, ' ' ORDER BY model) AS v"
	    " FROM model_prices WHERE above_tokens > 0"), "claude-haiku-5-5 claude-opus-4-6"
	    " claude-sonnet-4 claude-sonnet-4-0 claude-sonnet-4-5 claude-sonnet-4-5-20250929"
	    " claude-sonnet-4-6");
	/* Batch and region are known wherever the provider has them. */
	ck_assert_str_eq(value_of("SELECT string_agg(DISTINCT batch_permille || ' ' || us_permille,"
	    " ', ') AS v FROM model_prices WHERE model ~ '^claude-[a-z]+-(4-[678]|5)'"),
	    "500 1100");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		c_sql_and_reference_agree,
		crossing_a_tier_reprices_the_whole_request,
		batch_and_region_multiply,
		a_name_with_a_date_is_of_its_family,
		the_order_of_rows_is_account_name_date_recording,
		the_plans_example_can_be_expressed,
		an_unknown_rate_makes_a_line_partial_and_a_free_one_does_not,
		a_ceiling_covers_every_tier,
		a_price_is_never_changed,
		the_shipped_list_has_its_dates,
	};
	Suite *suite = suite_create("price_line");
	TCase *lines = tcase_create("lines");

	url = pg_fresh(true);
	pg_script(url, "INSERT INTO accounts (id, slug, name) VALUES ('" ACME "', 'acme', 'Acme'),"
	    " ('" GLOBEX "', 'globex', 'Globex');"
	    "CREATE FUNCTION refusal_of(p_n integer) RETURNS text LANGUAGE plpgsql AS $$"
	    "BEGIN PERFORM p.cost_nano FROM line l CROSS JOIN LATERAL price_line(NULL, l.model,"
	    " now() + interval '1 minute', l.input, l.output, l.cache_read, l.cache_write,"
	    " l.write_1h, l.usage) AS p WHERE l.n = p_n; RETURN 'none';"
	    "EXCEPTION WHEN others THEN RETURN SQLSTATE; END $$");
	tcase_add_checked_fixture(lines, kit_set_up, kit_tear_down);
	tcase_set_timeout(lines, 60);
	for (size_t i = 0; i < ARRAY_LEN(tests); i++)
		tcase_add_test(lines, tests[i]);
	suite_add_tcase(suite, lines);
	return suite_end(suite);
}
