/* cost_lines_test.c: the lists behind the numbers: every filter finds its lines, whole, in order,
 * page by page, and looks at so many of them at most. */
#include "base/text.h"
#include "db_kit.h"
#include "model/cost.h"
#include "tests/lib/suite.h"

/* 12,000 lines a second apart, three of a rare model: the newest, one in the middle, the oldest;
 * 70 of an assistant that was last used a year before; another account. */
static const char seed[] =
    "INSERT INTO accounts (slug, name, time_zone) VALUES ('big', 'Big', 'Europe/Berlin'),"
    " ('small', 'Small', NULL);"
    "INSERT INTO assistants (account_id, external_id, name)"
    " SELECT a.id, e, e FROM accounts a, unnest(array['bot', 'old']) AS e;"
    "INSERT INTO cost_entries (account_id, assistant_id, operation, model, input_tokens,"
    "  output_tokens, cost_usd, timestamp)"
    " SELECT t.account_id, t.id, (array['prompt_generation', 'prompt_analysis', 'chat'])[1 + n % 3],"
    "  CASE WHEN n IN (1, 6500, 12000) THEN 'rare' ELSE 'common' END, 1, 1, 0.001,"
    "  timestamptz '2026-06-30T22:00:00Z' - make_interval(secs => n)"
    " FROM generate_series(1, 12000) n, assistants t JOIN accounts a ON a.id = t.account_id"
    " WHERE a.slug = 'big' AND t.external_id = 'bot';"
    "INSERT INTO cost_entries (account_id, assistant_id, operation, model, input_tokens,"
    "  output_tokens, cost_usd, timestamp)"
    " SELECT t.account_id, t.id, 'prompt_improvement', 'common', 1, 1, 0.001,"
    "  timestamptz '2025-06-30T22:00:00Z' - make_interval(secs => n)"
    " FROM generate_series(1, 70) n, assistants t WHERE t.external_id = 'old';";

static struct ctx ctx;

static void act_as(enum role role, const char *slug)
{
	const char *id = slug ? arena_strdup(arena, pg_value(url, arena_printf(arena,
	    "SELECT id FROM accounts WHERE slug = '%s'", slug))) : NULL;

	open_with(&(struct db_options){.url = url, .role = "promptbuilder_web"});
	ctx = (struct ctx){.arena = arena, .db = db, .access = {.role = role, .account_id = id}};
}

static struct doc *page_of(const struct cost_page *page)
{
	struct doc *out = doc_object(arena);
	const struct err *err = cost_lines(&ctx, page, out);

	ck_assert_msg(err == NULL, "%s", err ? err->sentence : "");
	return out;
}

/* Reads all pages; the hash of their ids one after the other. */
static const char *walk(struct cost_page page, size_t *pages)
{
	struct buf *ids = buf_new(arena, 4u << 20);

	page.default_zone = "UTC";
	for (*pages = 0; *pages == 0 || page.after; ++*pages) {
		const struct doc *out = page_of(&page);
		const struct doc *lines = doc_get(out, "cost_entries");

		for (size_t i = 0; i < doc_count(lines); i++)
			buf_printf(ids, "%s ", doc_text(doc_at(lines, i), "id"));
		page.after = doc_text(out, "next_cursor");
	}
	return text_sha256(arena, ids->data, ids->len);
}

static const char *ids_of(const char *where)
{
	return pg_value(url, arena_printf(arena, "SELECT encode(sha256(coalesce(string_agg("
	    "e.id || ' ', '' ORDER BY e.timestamp DESC, e.id DESC), '')::bytea), 'hex')"
	    " FROM cost_entries e JOIN accounts a ON a.id = e.account_id"
	    " JOIN assistants t ON t.id = e.assistant_id WHERE %s", where));
}

START_TEST(every_filter_finds_its_lines)
{
	static const struct {
		struct cost_page page;
		const char *where;
	} rows[] = {
		{{.account = "big", .limit = 200}, "a.slug = 'big'"},
		{{.limit = 200}, "true"},
		{{.account = "big", .assistant = "old", .limit = 7}, "a.slug = 'big'"
		 " AND t.external_id = 'old'"},
		{{.assistant = "old", .limit = 9}, "t.external_id = 'old'"},
		{{.account = "big", .model = "rare", .limit = 2}, "e.model = 'rare'"},
		{{.model = "rare", .limit = 1}, "e.model = 'rare'"},
		{{.model = "unknown", .limit = 1}, "false"},
		{{.operation = "prompt_improvement", .limit = 50},
		 "e.operation = 'prompt_improvement'"},
		{{.account = "big", .operation = "other", .limit = 200}, "e.operation = 'chat'"},
		{{.account = "big", .from = "2026-06-30", .to = "2026-06-30", .limit = 200},
		 "a.slug = 'big' AND e.timestamp >= '2026-06-29T22:00:00Z'"
		 " AND e.timestamp < '2026-06-30T22:00:00Z'"},
		{{.account = "big", .from = "2026-06-30", .zone = "UTC", .limit = 200},
		 "e.timestamp >= '2026-06-30'"},
		{{.account = "big", .to = "2026-06-30", .zone = "Asia/Tokyo", .limit = 200,
		  .model = "rare"},
		 "e.model = 'rare' AND e.timestamp < '2026-06-30T15:00:00Z'"},
		{{.account = "big", .assistant = "bot", .model = "common", .operation = "chat",
		  .from = "2026-06-30", .to = "2026-07-01", .limit = 200},
		 "t.external_id = 'bot' AND e.model = 'common' AND e.operation = 'chat'"},
	};

	act_as(ROLE_OPERATOR, NULL);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t pages;

		ck_assert_msg(text_equal(walk(rows[i].page, &pages), ids_of(rows[i].where)),
		    "row %zu: %s", i, rows[i].where);
	}
}
END_TEST

START_TEST(a_page_looks_at_so_many_lines)
{
	struct cost_page page = {.account = "big", .model = "rare", .limit = 50,
	    .default_zone = "UTC"};
	const struct doc *out;
	size_t pages;

	act_as(ROLE_MEMBER, "big");
	out = page_of(&page);
	ck_assert_uint_eq(doc_count(doc_get(out, "cost_entries")), 1);
	ck_assert_ptr_nonnull(doc_text(out, "next_cursor"));
	walk(page, &pages);
	ck_assert_uint_eq(pages, 3);
	page.model = "common";
	ck_assert_uint_eq(doc_count(doc_get(page_of(&page), "cost_entries")), 50);
}
END_TEST

START_TEST(days_without_such_lines_are_passed_over)
{
	struct cost_page page = {.account = "big", .assistant = "old", .limit = 60,
	    .default_zone = "UTC"};
	size_t pages;

	act_as(ROLE_MEMBER, "big");
	ck_assert_uint_eq(doc_count(doc_get(page_of(&page), "cost_entries")), 60);
	walk(page, &pages);
	ck_assert_uint_eq(pages, 2);
	page.model = "rare";
	ck_assert_uint_eq(doc_count(doc_get(page_of(&page), "cost_entries")), 0);
	ck_assert_ptr_null(doc_text(page_of(&page), "next_cursor"));
}
END_TEST

START_TEST(others_lines_stay_hidden)
{
	struct cost_page page = {.model = "rare", .limit = 50, .default_zone = "UTC"};

	act_as(ROLE_VIEWER, "small");
	ck_assert_uint_eq(doc_count(doc_get(page_of(&page), "cost_entries")), 0);
	page = (struct cost_page){.assistant = "old", .limit = 200, .default_zone = "UTC"};
	ck_assert_uint_eq(doc_count(doc_get(page_of(&page), "cost_entries")), 70);
}
END_TEST

START_TEST(impossible_filters_are_named)
{
	static const struct {
		struct cost_page page;
		const char *field; /* NULL: there is no such thing */
	} rows[] = {
		{{.from = "2026-06-30", .to = "2026-06-29"}, "from"},
		{{.zone = "ABC5"}, "tz"},
		{{.zone = "Europe/Atlantis"}, "tz"},
		{{.zone = "Europe/Atlantis", .from = "2026-06-30"}, "tz"},
		{{.run = "pipeline_1", .model = "m"}, "runId"},
		{{.model = "m", .after = "2026-99-01T00:00:00Z_"
		  "00000000-0000-7000-8000-000000000000"}, "cursor"},
		{{.assistant = "nobody"}, NULL},
		{{.account = "nobody", .model = "m"}, NULL},
	};

	act_as(ROLE_OPERATOR, NULL);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct cost_page page = rows[i].page;
		const struct err *err;

		page.limit = 50;
		page.default_zone = "UTC";
		err = cost_lines(&ctx, &page, doc_object(arena));
		ck_assert_ptr_nonnull(err);
		ck_assert_int_eq(err->kind, rows[i].field ? ERR_INVALID : ERR_MISSING);
		if (rows[i].field)
			ck_assert_str_eq(err->fields->name, rows[i].field);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cost lines");
	TCase *lines = tcase_create("lines");

	url = pg_fresh(true);
	pg_script(url, seed);
	pg_script(url, "VACUUM ANALYZE cost_entries, cost_sums");
	tcase_set_timeout(lines, 60);
	tcase_add_checked_fixture(lines, kit_set_up, kit_tear_down);
	tcase_add_test(lines, every_filter_finds_its_lines);
	tcase_add_test(lines, a_page_looks_at_so_many_lines);
	tcase_add_test(lines, days_without_such_lines_are_passed_over);
	tcase_add_test(lines, others_lines_stay_hidden);
	tcase_add_test(lines, impossible_filters_are_named);
	suite_add_tcase(suite, lines);
	return suite_end(suite);
}
