/* doc_test.c: building, strict reading, exact numbers, and writing in both forms. */
#include "suite.h"

#include <stdio.h>
#include <string.h>

#include "base/doc.h"

static struct arena *arena;

static const char *written(const struct doc *doc)
{
	struct buf *buf = buf_new(arena, 100000);

	doc_write(doc, buf);
	ck_assert(!buf->failed);
	return buf->data;
}

static const char *canonical(const struct doc *doc)
{
	struct buf *buf = buf_new(arena, 100000);

	doc_write_canonical(doc, buf);
	ck_assert(!buf->failed);
	return buf->data;
}

static struct doc *parsed(const char *json)
{
	struct doc *doc = NULL;
	const struct err *err = doc_parse(arena, json, strlen(json), &doc);

	ck_assert_msg(err == NULL, "%s: %s", json, err != NULL ? err->sentence : "");
	return doc;
}

START_TEST(a_document_is_built_and_written)
{
	struct doc *doc = doc_object(arena);
	struct doc *list = doc_add_array(doc, "list");

	doc_set_text(doc, "text", "a/b \"q\" \n \u00fc");
	doc_set_text(doc, "none", NULL);
	doc_set_int(doc, "int", INT64_MIN);
	doc_set_bool(doc, "yes", true);
	doc_set_null(doc, "null");
	doc_set_number(doc, "cost", "0.369690000");
	doc_push_text(list, "one");
	doc_push_int(list, 2);
	doc_push_bool(list, false);
	doc_push_null(list);
	doc_push_number(list, "1.50");
	doc_set_int(doc_push_object(list), "n", 1);
	doc_push_int(doc_push_array(list), 3);
	doc_set_int(doc_add_object(doc, "sub"), "m", 4);
	ck_assert_str_eq(written(doc),
	    "{\"list\":[\"one\",2,false,null,1.50,{\"n\":1},[3]],"
	    "\"text\":\"a/b \\\"q\\\" \\n \u00fc\",\"none\":null,\"int\":-9223372036854775808,"
	    "\"yes\":true,\"null\":null,\"cost\":0.369690000,\"sub\":{\"m\":4}}");
	doc_remove(doc, "list");
	doc_remove(doc, "sub");
	doc_remove(doc, "unknown");
	ck_assert_uint_eq(doc_count(doc), 6);
}
END_TEST

START_TEST(a_shared_value_outlives_neither_owner)
{
	struct arena *other = arena_new();
	struct doc *value = doc_object(other);
	struct doc *doc = doc_object(arena);

	doc_set_text(value, "name", "kept");
	doc_set(doc, "first", value);
	doc_push(doc_add_array(doc, "all"), value);
	doc_set(doc, "nothing", NULL);
	arena_free(other);
	ck_assert_str_eq(written(doc),
	    "{\"first\":{\"name\":\"kept\"},\"all\":[{\"name\":\"kept\"}],\"nothing\":null}");
}
END_TEST

START_TEST(getters_want_exactly_their_type)
{
	struct doc *doc = parsed("{\"t\":\"12\","
	    "\"i\":12,\"n\":12.0,\"b\":true,\"z\":null,\"a\":[1]}");
	int64_t number = -1;
	bool yes = false;

	ck_assert_str_eq(doc_text(doc, "t"), "12");
	ck_assert_ptr_null(doc_text(doc, "i"));
	ck_assert_ptr_null(doc_text(doc, "z"));
	ck_assert_ptr_null(doc_text(doc, "unknown"));
	ck_assert(doc_int(doc, "i", &number));
	ck_assert_int_eq(number, 12);
	ck_assert(!doc_int(doc, "t", &number));
	ck_assert(!doc_int(doc, "n", &number));
	ck_assert(!doc_int(doc, "b", &number));
	ck_assert(doc_bool(doc, "b", &yes));
	ck_assert(yes);
	ck_assert(!doc_bool(doc, "i", &yes));
	ck_assert(!doc_bool(doc, "t", &yes));
	ck_assert_ptr_null(doc_get(doc, "z"));
	ck_assert(doc_has(doc, "z"));
	ck_assert(!doc_has(doc, "unknown"));
	ck_assert_ptr_null(doc_get(doc_get(doc, "a"), "t"));
	ck_assert(!doc_has(NULL, "t"));
	ck_assert_ptr_null(doc_at(doc, 0));
	ck_assert_ptr_null(doc_at(doc_get(doc, "a"), 1));
	ck_assert_uint_eq(doc_count(doc_get(doc, "a")), 1);
	ck_assert_uint_eq(doc_count(doc_get(doc, "t")), 0);
	ck_assert_uint_eq(doc_count(NULL), 0);
}
END_TEST

START_TEST(types_and_scalars)
{
	struct doc *doc = parsed("[null,true,false,1,0.10,\"x\",[],{}]");
	static const enum doc_type types[] = {
		DOC_NULL, DOC_BOOL, DOC_BOOL, DOC_INT, DOC_NUMBER, DOC_TEXT, DOC_ARRAY, DOC_OBJECT,
	};
	static const char *const scalars[] = {NULL, "1", "0", "1", "0.10", "x", NULL, NULL};

	ck_assert_uint_eq(doc_count(doc), ARRAY_LEN(types));
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		const char *scalar = doc_scalar(doc_at(doc, i));

		ck_assert_int_eq(doc_type(doc_at(doc, i)), types[i]);
		if (scalars[i] == NULL)
			ck_assert_ptr_null(scalar);
		else
			ck_assert_str_eq(scalar, scalars[i]);
	}
}
END_TEST

static void name_add(void *arg, const char *name, struct doc *value)
{
	buf_printf(arg, "%s%s", name, value == NULL ? "-" : "+");
}

START_TEST(members_are_visited_in_order)
{
	struct buf *buf = buf_new(arena, 100);

	doc_each(parsed("{\"z\":1,\"a\":null,\"m\":[]}"), name_add, buf);
	ck_assert_str_eq(buf->data, "z+a-m+");
	doc_each(parsed("[1]"), name_add, buf);
	doc_each(NULL, name_add, buf);
	ck_assert_str_eq(buf->data, "z+a-m+");
}
END_TEST

START_TEST(valid_json_survives)
{
	static const char *const same[] = {
		"{}", "[]", "[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]", "{\"\":1}",
		"[0,-1,9223372036854775807,-9223372036854775808]",
		"[0.10,-0.0,1e5,1E+05,2.50e-3,123456789012345678901234567890.5]",
		"[\"\u20ac\U0001f600\",\"\\\"\\\\/\\b\\f\\n\\r\\t\\u001f\"]",
		"{\"a\":{\"a\":{\"a\":null}},\"b\":[true,false,null]}",
	};

	for (size_t i = 0; i < ARRAY_LEN(same); i++)
		ck_assert_str_eq(written(parsed(same[i])), same[i]);
	ck_assert_str_eq(written(parsed(" \t\r\n{ \"a\" : [ 1 , 2 ] }\n")), "{\"a\":[1,2]}");
	ck_assert_str_eq(written(parsed("[\"\\u00e9\\u20AC\\ud83d\\ude00\\/\\u0041\"]")),
	    "[\"\u00e9\u20ac\U0001f600/A\"]");
}
END_TEST

START_TEST(invalid_json_is_refused)
{
	static const char *const wrong[] = {
		"", " ", "null", "1", "\"x\"", "true", "{", "[", "]", "{]", "[}", "[1", "[1,",
		"[1,]",
		"[,1]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':1}", "['a']",
		"{1:2}", "{} {}", "[]x", "[] // c", "[/* c */]", "[NaN]", "[Infinity]",
		"[-Infinity]",
		"[True]", "[nul]", "[01]", "[-]", "[+1]", "[.5]", "[1.]", "[1e]", "[1e+]",
		"[1e1000]",
		"[0x10]", "[9223372036854775808]", "[-9223372036854775809]",
		"[18446744073709551616]", "[\"a]", "[\"\n\"]", "[\"\t\"]", "[\"\\x41\"]",
		"[\"\\\"]",
		"[\"\\u12\"]", "[\"\\u123g\"]", "[\"\\u0000\"]", "{\"\\u0000\":1}", "[\"\\ud800\"]",
		"[\"\\udc00\"]", "[\"\\ud800\\u0041\"]", "[\"\\ud800x\"]", "[\"\xff\"]",
		"[\"\xc3\"]", "[\"\xed\xa0\x80\"]", "\xef\xbb\xbf{}", "[\u00a01]",
		"{\"a\":1,\"a\":2}", "{\"a\":null,\"a\":null}", "{\"a\":1,\"\\u0061\":2}",
		"{\"x\":{\"a\":1,\"b\":2,\"a\":3}}", "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]",
		"[1234567890123456789012345678901234567890123456789012345678901234.5]",
	};

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct doc *doc = doc_object(arena);
		const struct err *err = doc_parse(arena, wrong[i], strlen(wrong[i]), &doc);

		ck_assert_msg(err != NULL, "%s", wrong[i]);
		ck_assert_int_eq(err->kind, ERR_INVALID);
		ck_assert_ptr_null(doc);
	}
}
END_TEST

START_TEST(bytes_count_not_the_terminator)
{
	struct doc *doc;

	ck_assert_ptr_null(doc_parse(arena, "[1]garbage", 3, &doc));
	ck_assert_ptr_nonnull(doc_parse(arena, "[1]\0", 4, &doc));
	ck_assert_ptr_nonnull(doc_parse(arena, "[\"a\0b\"]", 7, &doc));
	ck_assert_ptr_nonnull(doc_parse(arena, "[1]", 2, &doc));
	ck_assert_ptr_nonnull(doc_parse(arena, "[\"\u20ac\"]", 4, &doc));
	ck_assert_ptr_nonnull(doc_parse(arena, NULL, 0, &doc));
}
END_TEST

START_TEST(every_cut_of_a_document_is_refused)
{
	static const char whole[] =
	    "{\"a\":[1,-2.5e3,\"\\u20ac\\ud83d\\ude00\xc3\xbc\",true,null]}";

	for (size_t len = 0; len + 1 < sizeof(whole); len++) {
		/* A copy of exactly this length lets the sanitizer see a read beyond it. */
		char *copy = malloc(len + 1);
		struct doc *doc;

		memcpy(copy, whole, len);
		copy = realloc(copy, len > 0 ? len : 1);
		ck_assert_ptr_nonnull(doc_parse(arena, copy, len, &doc));
		free(copy);
	}
}
END_TEST

START_TEST(the_error_says_what_and_where)
{
	struct doc *doc;
	const struct err *err = doc_parse(arena, "{\"ab\":1,\"ab\":2}", 15, &doc);

	ck_assert_str_eq(err->sentence,
	    "This is not valid JSON: a name that is already there, at byte 12.");
	err = doc_parse(arena, "[1,x]", 5, &doc);
	ck_assert_str_eq(err->sentence, "This is not valid JSON: not a JSON value, at byte 3.");
}
END_TEST

START_TEST(room_is_for_so_many_values)
{
	struct doc *doc;
	const struct err *err;

	ck_assert_ptr_null(doc_parse_within(arena, "[1,{\"a\":2}]", 11, 12, &doc));
	err = doc_parse_within(arena, "[1,{\"a\":2}]", 11, 11, &doc);
	ck_assert_ptr_nonnull(err);
	ck_assert_str_eq(err->sentence,
	    "This is not valid JSON: more values than may be sent, at byte 8.");
	ck_assert_ptr_nonnull(doc_parse_within(arena, "[[]]", 4, 9, &doc));
}
END_TEST

START_TEST(canonical_form_is_sorted_and_tight)
{
	struct doc *doc = parsed("{ \"b\" : [ 1 , { \"z\" : 1.50 , \"\\\"\" : null } ],"
	    "\"a\":\"x/y\",\"B\":{}, \"\u00fc\":true }");

	ck_assert_str_eq(canonical(doc),
	    "{\"B\":{},\"a\":\"x/y\",\"b\":[1,{\"\\\"\":null,\"z\":1.50}],\"\u00fc\":true}");
	ck_assert_str_eq(canonical(parsed(canonical(doc))), canonical(doc));
	ck_assert_str_eq(canonical(parsed("[]")), "[]");
	ck_assert_str_eq(canonical(NULL), "null");
}
END_TEST

START_TEST(many_members_stay_fast)
{
	struct buf *buf = buf_new(arena, 10000000);
	struct doc *doc;

	buf_char(buf, '{');
	for (int i = 0; i < 50000; i++)
		buf_printf(buf, "%s\"k%d\":%d", i > 0 ? "," : "", i, i);
	buf_char(buf, '}');
	ck_assert_ptr_null(doc_parse(arena, buf->data, buf->len, &doc));
	ck_assert_uint_eq(doc_count(doc), 50000);
}
END_TEST

START_TEST(a_full_buffer_is_reported)
{
	struct buf *buf = buf_new(arena, 5);

	doc_write(parsed("[1,2,3]"), buf);
	ck_assert(buf->failed);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		a_document_is_built_and_written,
		a_shared_value_outlives_neither_owner,
		getters_want_exactly_their_type,
		types_and_scalars,
		members_are_visited_in_order,
		valid_json_survives,
		invalid_json_is_refused,
		bytes_count_not_the_terminator,
		every_cut_of_a_document_is_refused,
		the_error_says_what_and_where,
		room_is_for_so_many_values,
		canonical_form_is_sorted_and_tight,
		many_members_stay_fast,
		a_full_buffer_is_reported,
	};
	int result;

	arena = arena_new();
	result = suite_run("doc", tests, ARRAY_LEN(tests));
	arena_free(arena);
	return result;
}
