/* text_test.c: what is accepted from outside, and what is not. */
#include "suite.h"

#include <string.h>

#include "base/digest.h"
#include "base/text.h"

static struct arena *arena;

static bool is_clean(const char *text)
{
	return text_is_clean(text, strlen(text));
}

START_TEST(clean_text_is_utf8_without_controls)
{
	static const char *const wrong[] = {
		"\x01", "\x1b[0m", "\x7f", "\xc2\x85", "\x80", "\xff", "\xc3", "\xc0\x80",
		"\xc1\xbf", "\xe0\x80\x80", "\xe2\x82", "\xed\xa0\x80",
		"\xf0\x80\x80\x80", "\xf4\x90\x80\x80",
		"\xf8\x88\x80\x80\x80", "a\xe2\x82z",
	};

	ck_assert(is_clean(""));
	ck_assert(is_clean("tab\tline\r\n"));
	ck_assert(is_clean("Gr\u00fc\u00dfe \u20ac \U0001f600 \u00a0"));
	ck_assert(!text_is_clean("a\0b", 3));
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		ck_assert_msg(!is_clean(wrong[i]), "case %zu", i);
}
END_TEST

START_TEST(code_points_are_read_one_by_one)
{
	uint32_t code = 0;

	ck_assert_uint_eq(text_utf8_next("", 0, &code), 0);
	ck_assert_uint_eq(text_utf8_next("a", 1, &code), 1);
	ck_assert_uint_eq(code, 'a');
	ck_assert_uint_eq(text_utf8_next("\u20ac", 3, &code), 3);
	ck_assert_uint_eq(code, 0x20ac);
	ck_assert_uint_eq(text_utf8_next("\u20ac", 2, &code), 0);
	ck_assert_uint_eq(text_utf8_next("\U0010ffff", 4, &code), 4);
	ck_assert_uint_eq(code, 0x10ffff);
}
END_TEST

START_TEST(length_and_cut_count_code_points)
{
	ck_assert_uint_eq(text_length(""), 0);
	ck_assert_uint_eq(text_length("a\u20ac\U0001f600"), 3);
	ck_assert_str_eq(text_cut(arena, "a\u20ac\U0001f600", 3), "a\u20ac\U0001f600");
	ck_assert_str_eq(text_cut(arena, "a\u20ac\U0001f600", 2), "a\u20ac...");
	ck_assert_str_eq(text_cut(arena, "abc", 0), "...");
	ck_assert_str_eq(text_cut(arena, "", 0), "");
}
END_TEST

START_TEST(trim_takes_white_space_off_both_ends)
{
	ck_assert_str_eq(text_trim(arena, " \t\r\n a b \v\f\n"), "a b");
	ck_assert_str_eq(text_trim(arena, "   "), "");
	ck_assert_str_eq(text_trim(arena, ""), "");
}
END_TEST

START_TEST(integers_are_read_whole_and_bounded)
{
	static const char *const wrong[] = {
		"", "-", "+1", " 1", "1 ", "1.0", "0x10", "1e3", "9223372036854775808",
		"-9223372036854775809", "99999999999999999999999", "\xd9\xa1",
	};
	int64_t value = 5;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		ck_assert_msg(!text_to_int(wrong[i], INT64_MIN, INT64_MAX, &value), "%s", wrong[i]);
	ck_assert(!text_to_int(NULL, 0, 1, &value));
	ck_assert(!text_to_int("11", 1, 10, &value));
	ck_assert(!text_to_int("0", 1, 10, &value));
	ck_assert_int_eq(value, 5);
	ck_assert(text_to_int("10", 1, 10, &value));
	ck_assert_int_eq(value, 10);
	ck_assert(text_to_int("9223372036854775807", 0, INT64_MAX, &value));
	ck_assert_int_eq(value, INT64_MAX);
	ck_assert(text_to_int("-9223372036854775808", INT64_MIN, 0, &value));
	ck_assert_int_eq(value, INT64_MIN);
	ck_assert(text_to_int("-0", 0, 0, &value));
	ck_assert_int_eq(value, 0);
}
END_TEST

START_TEST(comparisons)
{
	ck_assert(text_equal("a", "a"));
	ck_assert(!text_equal("a", "A"));
	ck_assert(text_equal(NULL, NULL));
	ck_assert(!text_equal(NULL, ""));
	ck_assert(text_starts_with("abc", "ab"));
	ck_assert(text_starts_with("abc", ""));
	ck_assert(!text_starts_with("ab", "abc"));
	ck_assert(text_equal_secret("secret", "secret"));
	ck_assert(!text_equal_secret("secret", "secreT"));
	ck_assert(!text_equal_secret("secret", "secrets"));
	ck_assert(!text_equal_secret(NULL, NULL));
}
END_TEST

START_TEST(uuids_and_slugs)
{
	char longest[66];

	ck_assert(text_is_uuid("0190b5a0-7c3e-7f00-8000-0123456789ab"));
	ck_assert(text_is_uuid("0190B5A0-7C3E-7F00-8000-0123456789AB"));
	ck_assert(!text_is_uuid("0190b5a0-7c3e-7f00-8000-0123456789a"));
	ck_assert(!text_is_uuid("0190b5a0-7c3e-7f00-8000-0123456789abc"));
	ck_assert(!text_is_uuid("0190b5a07-c3e-7f00-8000-0123456789ab"));
	ck_assert(!text_is_uuid("0190b5g0-7c3e-7f00-8000-0123456789ab"));
	ck_assert(!text_is_uuid(NULL));
	ck_assert(text_is_slug("a"));
	ck_assert(text_is_slug("9-lives_x"));
	ck_assert(!text_is_slug(""));
	ck_assert(!text_is_slug("-a"));
	ck_assert(!text_is_slug("A"));
	ck_assert(!text_is_slug("a/b"));
	ck_assert(!text_is_slug("a\n"));
	ck_assert(!text_is_slug(NULL));
	memset(longest, 'a', sizeof(longest));
	longest[64] = '\0';
	ck_assert(text_is_slug(longest));
	longest[64] = 'a';
	longest[65] = '\0';
	ck_assert(!text_is_slug(longest));
}
END_TEST

START_TEST(an_instant_has_an_offset)
{
	static const char *const instants[] = {"2026-11-22T10:30:00Z", "2026-11-22t10:30:00.123456z",
	    "2026-11-22T23:59:59+14:59", "2026-11-22T00:00:00.123456789012-00:30"};
	static const char *const no_instants[] = {"", "2026-11-22", "2026-11-22T10:30:00",
	    "2026-11-22T10:30Z", "2026-11-22 10:30:00Z", "2026-11-22T24:00:00Z",
	    "2026-11-22T10:60:00Z", "2026-11-22T10:30:60Z", "2026-11-22T10:30:00.Z",
	    "2026-11-22T10:30:00.1234567890123Z", "2026-11-22T10:30:00+15:00",
	    "2026-11-22T10:30:00+01:60", "2026-11-22T10:30:00+0100", "2026-11-22T10:30:00ZZ",
	    "2026-11-22T10:30:00+01:00Z", "2026-02-30T10:30:00Z"};

	for (size_t i = 0; i < ARRAY_LEN(instants); i++)
		ck_assert_msg(text_is_instant(instants[i]), "%s", instants[i]);
	for (size_t i = 0; i < ARRAY_LEN(no_instants); i++)
		ck_assert_msg(!text_is_instant(no_instants[i]), "%s", no_instants[i]);
}
END_TEST

START_TEST(names_of_files_are_harmless)
{
	ck_assert_str_eq(text_file_name(arena, "costs_2026-10-01.csv"), "costs_2026-10-01.csv");
	ck_assert_str_eq(text_file_name(arena, ".x/..\\y\"\r\n\xc3\xa4;"), "-x-..-y------");
	ck_assert_str_eq(text_file_name(arena, ""), "");
}
END_TEST

START_TEST(url_encoding_and_back)
{
	struct buf *buf = buf_new(arena, 100);
	size_t len;

	text_url_encode(buf, "aZ9-._~ /?&=+%\u00fc");
	ck_assert_str_eq(buf->data, "aZ9-._~%20%2F%3F%26%3D%2B%25%C3%BC");
	ck_assert(text_url_decode(buf->data, &len, true));
	ck_assert_str_eq(buf->data, "aZ9-._~ /?&=+%\u00fc");
	ck_assert_uint_eq(len, strlen(buf->data));
}
END_TEST

START_TEST(url_decoding)
{
	static const char *const wrong[] = {"%", "%1", "%g0", "%0g", "a%00b", "%%20"};
	char form[] = "a+b%2b";
	char path[] = "a+b%2B";
	size_t len;

	ck_assert(text_url_decode(form, &len, true));
	ck_assert_str_eq(form, "a b+");
	ck_assert_uint_eq(len, 4);
	ck_assert(text_url_decode(path, &len, false));
	ck_assert_str_eq(path, "a+b+");
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		ck_assert_msg(!text_url_decode(arena_strdup(arena, wrong[i]), &len, true), "%s",
		    wrong[i]);
}
END_TEST

START_TEST(sha256_in_parts_is_that_of_the_whole)
{
	static const char text[] = "The quick brown fox jumps over the lazy dog";

	for (size_t first = 0; first < sizeof(text) - 1; first++) {
		struct digest *digest = digest_new(arena);
		char hex[DIGEST_CHARS + 1];

		digest_add(digest, text, first);
		digest_add(digest, text + first, sizeof(text) - 1 - first);
		digest_end(digest, hex);
		ck_assert_str_eq(hex, text_sha256(arena, text, sizeof(text) - 1));
	}
}
END_TEST

START_TEST(sha256_is_hexadecimal)
{
	ck_assert_str_eq(text_sha256(arena, "", 0),
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	ck_assert_str_eq(text_sha256(arena, "abc", 3),
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
END_TEST

START_TEST(a_day_is_one_of_the_calendar)
{
	static const char *const days[] = {"2026-11-22", "2024-02-29", "2000-02-29", "0001-01-01"};
	static const char *const none[] = {"", "2026-02-29", "1900-02-29", "2026-13-01",
	    "2026-00-01", "2026-04-31", "2026-4-30", "22-11-2026", "2026/11/22", "2026-11-2x",
	    "yesterday!", "2026-11-22 ", "-026-11-22"};

	for (size_t i = 0; i < ARRAY_LEN(days); i++)
		ck_assert_msg(text_is_day(days[i]), "%s", days[i]);
	for (size_t i = 0; i < ARRAY_LEN(none); i++)
		ck_assert_msg(!text_is_day(none[i]), "%s", none[i]);
}
END_TEST

START_TEST(hmac_is_that_of_rfc_4231)
{
	ck_assert_str_eq(text_hmac_sha256(arena, "Jefe", "what do ya want for nothing?"),
	    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}
END_TEST

START_TEST(base64_is_that_of_rfc_4648)
{
	static const struct {
		const char *text, *bytes;
	} cases[] = {{"Zg==", "f"}, {"Zm8=", "fo"}, {"Zm9v", "foo"}, {"b3A6YTpi", "op:a:b"},
	    {"", NULL}, {"Zg=", NULL}, {"Zg", NULL}, {"Zm9v\n", NULL}, {"Zm 9", NULL},
	    {"Z===", NULL}, {"====", NULL}, {"Zg==Zg==", NULL}, {"Zm-_", NULL}};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char *out;
		size_t len;
		bool is_good = text_base64_decode(arena, cases[i].text, &out, &len);

		ck_assert_msg(is_good == (cases[i].bytes != NULL), "%s", cases[i].text);
		if (is_good)
			ck_assert_str_eq(out, cases[i].bytes);
		if (is_good)
			ck_assert_uint_eq(len, strlen(cases[i].bytes));
	}
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		a_day_is_one_of_the_calendar,
		clean_text_is_utf8_without_controls,
		code_points_are_read_one_by_one,
		length_and_cut_count_code_points,
		trim_takes_white_space_off_both_ends,
		integers_are_read_whole_and_bounded,
		comparisons,
		uuids_and_slugs,
		an_instant_has_an_offset,
		names_of_files_are_harmless,
		url_encoding_and_back,
		url_decoding,
		sha256_is_hexadecimal,
		sha256_in_parts_is_that_of_the_whole,
		hmac_is_that_of_rfc_4231,
		base64_is_that_of_rfc_4648,
	};
	int result;

	arena = arena_new();
	result = suite_run("text", tests, ARRAY_LEN(tests));
	arena_free(arena);
	return result;
}
