/* form_test.c: forms as browsers and others send them, and what a table of fields makes of them. */
#include "suite.h"

#include <string.h>

#include "web/frame.h"

static struct ctx ctx;

static const char *const tones[] = {"calm", "bold", NULL};

static const struct field fields[] = {
	{.name = "company", .kind = FIELD_TEXT, .required = true, .min = 2, .max = 5,
	 .label = "Company"},
	{.name = "facts", .kind = FIELD_LINES, .max = 2, .label = "Facts"},
	{.name = "score", .kind = FIELD_INT, .min = 0, .max = 100, .label = "Score"},
	{.name = "tone", .kind = FIELD_CHOICE, .choices = tones, .label = "Tone"},
	{.name = "from", .kind = FIELD_DATE, .label = "From"},
	{.name = "dry", .kind = FIELD_FLAG, .label = "Dry run"},
};

static struct doc *form(const char *text)
{
	struct doc *doc;

	ck_assert_ptr_null(form_parse(ctx.arena, text, strlen(text), &doc));
	return doc;
}

static struct doc *json(const char *text)
{
	struct doc *doc;

	ck_assert_ptr_null(doc_parse(ctx.arena, text, strlen(text), &doc));
	return doc;
}

/* The values as JSON; the fields in error, one after the other, when there are any. */
static const char *read_with(const struct doc *source, const char *prefix,
    const struct field *table, size_t count)
{
	struct doc *values = doc_object(ctx.arena);
	struct buf *buf = buf_new(ctx.arena, 65536);
	const struct err *err = form_read(&ctx, source, prefix, table, count, values);

	if (err == NULL) {
		doc_write(values, buf);
		return buf->data;
	}
	ck_assert_int_eq(err->kind, ERR_INVALID);
	for (const struct err_field *field = err->fields; field != NULL; field = field->next)
		buf_printf(buf, "%s: %s\n", field->name, field->sentence);
	return buf->data;
}

static const char *read_as(const struct doc *source, const char *prefix)
{
	return read_with(source, prefix, fields, ARRAY_LEN(fields));
}

START_TEST(pairs_are_decoded)
{
	struct doc *doc = form("a=1+2%263&b=&c&a=x&d=%C3%A4");

	ck_assert_str_eq(doc_scalar(doc_at(doc_get(doc, "a"), 0)), "1 2&3");
	ck_assert_str_eq(doc_scalar(doc_at(doc_get(doc, "a"), 1)), "x");
	ck_assert_str_eq(doc_text(doc, "b"), "");
	ck_assert_str_eq(doc_text(doc, "c"), "");
	ck_assert_str_eq(doc_text(doc, "d"), "\xc3\xa4");
	ck_assert_uint_eq(doc_count(form("")), 0);
}
END_TEST

START_TEST(broken_pairs_are_named)
{
	static const char *const broken[] = {"a=%", "a=%zz", "a=%ff", "a=%00", "a=\x01", "=1",
	    "%ff=1", "a=%ed%a0%80"};
	struct doc *doc;

	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		const struct err *err = form_parse(ctx.arena, broken[i], strlen(broken[i]), &doc);

		ck_assert_msg(err != NULL && err->kind == ERR_INVALID, "%s", broken[i]);
		if (broken[i][0] == 'a')
			ck_assert_str_eq(err->fields->name, "a");
	}
	ck_assert_ptr_nonnull(form_parse(ctx.arena, "a=1\0&b=2", 8, &doc));
}
END_TEST

START_TEST(endless_forms_are_refused)
{
	struct buf *text = buf_new(ctx.arena, 1u << 16);
	struct doc *doc;

	for (int i = 0; i < 501; i++)
		buf_text(text, "a=1&");
	ck_assert_ptr_nonnull(form_parse(ctx.arena, text->data, text->len, &doc));
}
END_TEST

START_TEST(good_values_arrive_typed)
{
	ck_assert_str_eq(read_as(form("company=+Acme%0D%0A&facts=one%0D%0A%0D%0A+two&score=85&"
	    "tone=bold&from=2024-02-29&dry=on"), NULL),
	    "{\"company\":\"Acme\",\"facts\":[\"one\",\"two\"],\"score\":85,\"tone\":\"bold\","
	    "\"from\":\"2024-02-29\",\"dry\":true}");
	ck_assert_str_eq(read_as(json("{\"company\":\"Acme\",\"facts\":[\"one\",\"two\"],"
	    "\"score\":85,\"dry\":false,\"tone\":null}"), "/briefing/"),
	    "{\"company\":\"Acme\",\"facts\":[\"one\",\"two\"],\"score\":85,\"dry\":false}");
	ck_assert_str_eq(read_as(json("{\"company\":\"Acme\",\"facts\":\"one\\ntwo\"}"), "/"),
	    "{\"company\":\"Acme\",\"facts\":[\"one\",\"two\"]}");
}
END_TEST

START_TEST(all_problems_are_told_at_once)
{
	ck_assert_str_eq(read_as(form("company=+&facts=1%0A2%0A3&score=101&tone=loud&"
	    "from=2023-02-29&dry=perhaps&extra=1"), NULL),
	    "company: Company is missing.\n"
	    "facts: Facts may have at most 2 lines; there are 3.\n"
	    "score: Score must be a whole number from 0 to 100.\n"
	    "tone: Tone must be one of: calm, bold.\n"
	    "from: From must be a date like 2026-11-22.\n"
	    "dry: Dry run must be yes or no.\n"
	    "extra: There is no field \"extra\".\n");
}
END_TEST

START_TEST(json_is_read_strictly)
{
	ck_assert_str_eq(read_as(json("{\"company\":12,\"facts\":[1],\"score\":\"x\",\"dry\":1.5}"),
	    "/briefing/"),
	    "/briefing/company: Company must be a text.\n"
	    "/briefing/facts: Facts must be a text.\n"
	    "/briefing/score: Score must be a whole number from 0 to 100.\n"
	    "/briefing/dry: Dry run must be a text.\n");
	ck_assert_str_eq(read_as(json("{\"company\":[\"Acme\"]}"), "/"),
	    "/company: Company must be a text.\n");
}
END_TEST

START_TEST(lengths_are_code_points)
{
	ck_assert_str_eq(read_as(form("company=%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4"), NULL),
	    "{\"company\":\"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\"}");
	ck_assert_str_eq(read_as(form("company=abcdef"), NULL),
	    "company: Company may have at most 5 characters; there are 6.\n");
	ck_assert_str_eq(read_as(form("company=a"), NULL),
	    "company: Company needs at least 2 characters.\n");
	ck_assert_str_eq(read_as(form("company=ab&company=cd"), NULL),
	    "company: Company is there more than once.\n");
	ck_assert_str_eq(read_as(NULL, NULL), "company: Company is missing.\n");
}
END_TEST

static const char *read_amounts(const struct doc *source)
{
	static const struct field amounts[] = {
		{.name = "cap", .kind = FIELD_USD, .label = "Cap"},
		{.name = "soft", .kind = FIELD_USD, .min = 1, .label = "Soft"},
		{.name = "percents", .kind = FIELD_INTS, .min = 1, .max = 1000, .label = "Percents"},
	};

	return read_with(source, "/", amounts, ARRAY_LEN(amounts));
}

START_TEST(exact_text_is_kept)
{
	static const struct field exact[] = {
		{.name = "text", .kind = FIELD_EXACT, .required = true, .max = 8, .label = "Text"},
	};

	/* A browser sends CR LF where there was LF; a program sends what it means. */
	ck_assert_str_eq(read_with(form("text=%0D%0A+a%0D%0A%0D%0A"), NULL, exact, 1),
	    "{\"text\":\"\\n a\\n\\n\"}");
	ck_assert_str_eq(read_with(json("{\"text\": \"\\r\\n a \"}"), "/", exact, 1),
	    "{\"text\":\"\\r\\n a \"}");
	ck_assert_str_eq(read_with(json("{\"text\": \" \\n\"}"), "/", exact, 1), "/text: Text is missing.\n");
	/* Bytes count. */
	ck_assert_str_eq(read_with(form("text=%C3%BC%C3%BC%C3%BC%C3%BC"), NULL, exact, 1),
	    "{\"text\":\"üüüü\"}");
	ck_assert_str_eq(read_with(form("text=%C3%BC%C3%BC%C3%BC%C3%BC1"), NULL, exact, 1),
	    "text: Text may have at most 8 bytes; there are 9.\n");
	ck_assert_str_eq(read_with(json("{\"text\": \"a\\u0001\"}"), "/", exact, 1),
	    "/text: Text has characters that are not allowed.\n");
}
END_TEST

START_TEST(cursors_are_ours)
{
	static const struct field cursor[] = {
		{.name = "cursor", .kind = FIELD_UUID, .label = "The cursor"},
	};
	static const char *const wrong[] = {"1", "01933000-0000-7000-8000-0000000000c",
	    "01933000-0000-7000-8000-0000000000cx", "' OR 1=1"};

	ck_assert_str_eq(read_with(json("{\"cursor\":\"01933000-0000-7000-8000-0000000000c1\"}"),
	    NULL, cursor, 1), "{\"cursor\":\"01933000-0000-7000-8000-0000000000c1\"}");
	ck_assert_str_eq(read_with(form("cursor="), NULL, cursor, 1), "{}");
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct doc *source = doc_object(ctx.arena);

		doc_set_text(source, "cursor", wrong[i]);
		ck_assert_str_eq(read_with(source, NULL, cursor, 1),
		    "cursor: The cursor is not one of ours.\n");
	}
}
END_TEST

START_TEST(amounts_are_exact_and_numbers_bounded)
{
	static const char *const wrong[] = {"-1", "1e3", "0.0000000001", "9000000000.000000001",
	    "1,5", "NaN"};

	ck_assert_str_eq(read_amounts(json("{\"cap\":0.100000001,\"soft\":\"9000000000\","
	    "\"percents\":[50,1000]}")),
	    "{\"cap\":\"0.100000001\",\"soft\":\"9000000000\",\"percents\":[50,1000]}");
	ck_assert_str_eq(read_amounts(form("cap=0&percents=80,+50")),
	    "{\"cap\":\"0\",\"percents\":[80,50]}");
	ck_assert_str_eq(read_amounts(json("{\"percents\":[]}")), "{\"percents\":[]}");
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		ck_assert_str_eq(read_amounts(json(arena_printf(ctx.arena, "{\"cap\":\"%s\"}",
		    wrong[i]))), "/cap: Cap must be an amount in USD such as 25 or 0.50.\n");
	ck_assert_str_eq(read_amounts(json("{\"soft\":0,\"percents\":\"1,2,3,4,5,6,7,8,9,10,11\"}")),
	    "/soft: Soft must be an amount in USD such as 25 or 0.50, more than nothing.\n"
	    "/percents: Percents must be at most 10 whole numbers from 1 to 1000.\n");
	ck_assert_str_eq(read_amounts(json("{\"cap\":{},\"percents\":[0]}")),
	    "/cap: Cap must be a text.\n"
	    "/percents: Percents must be at most 10 whole numbers from 1 to 1000.\n");
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		pairs_are_decoded,
		cursors_are_ours,
		broken_pairs_are_named,
		endless_forms_are_refused,
		good_values_arrive_typed,
		all_problems_are_told_at_once,
		json_is_read_strictly,
		lengths_are_code_points,
		exact_text_is_kept, amounts_are_exact_and_numbers_bounded,
	};
	int result;

	ctx.arena = arena_new();
	result = suite_run("form", tests, ARRAY_LEN(tests));
	arena_free(ctx.arena);
	return result;
}
