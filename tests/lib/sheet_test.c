/* sheet_test.c: what Google's answers mean, what is read of a spreadsheet, and the signature that a
 * token is asked with. */
#include "suite.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

#include "base/doc.h"
#include "base/sign.h"
#include "run/sheet_token.h"
#include "run/sheet_values.h"
#include "run/sheet_verdict.h"

static struct arena *arena;

static void setup(void)
{
	arena = arena_new();
}

static void teardown(void)
{
	arena_free(arena);
}

static struct sheet_reply reply_of(long status, const char *text)
{
	struct buf *body = buf_new(arena, 4096);

	buf_text(body, text);
	return (struct sheet_reply){.status = status, .has_left = true, .is_whole = true,
		.detail = "Timeout was reached", .body = body, .retry_after_ms = -1};
}

static const struct sheet_names names = {.address = "w@p.example", .spreadsheet = "id",
	.tab = "costs"};

START_TEST(answers_say_whether_it_has_happened)
{
	static const struct {
		long status;
		const char *body;
		enum sheet_end end;
		const char *words;
	} rows[] = {
		{200, "{\"updates\":{}}", SHEET_DONE, NULL},
		{200, "<html>", SHEET_UNCLEAR, "cannot be read"},
		{200, "", SHEET_UNCLEAR, "cannot be read"},
		{302, "", SHEET_NOT, "status 302"},
		{400, "{\"error\":{\"message\":\"Unable to parse range: x\"}}", SHEET_NOT,
		 "no tab \"costs\""},
		{400, "{\"error\":{\"message\":\"increase the number of cells in the workbook\"}}",
		 SHEET_NOT, "full"},
		{400, "{\"error\":[]}", SHEET_NOT, "does not say why"},
		{401, "", SHEET_NOT, "own token"},
		{403, "<html>", SHEET_NOT, "share it with w@p.example as Editor"},
		{403, "{\"error\":{\"message\":\"Sheets API has not been used in project 1\"}}",
		 SHEET_NOT, "enable it"},
		{403, "{\"error\":{\"message\":\"Quota exceeded\"}}", SHEET_NOT, "quota"},
		{404, "", SHEET_NOT, "the ID id"},
		{429, "<html>", SHEET_NOT, "quota"},
		{500, "", SHEET_UNCLEAR, "status 500"},
		{503, "{}", SHEET_UNCLEAR, "status 503"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct sheet_reply reply = reply_of(rows[i].status, rows[i].body);
		struct sheet_verdict verdict = sheet_judge(arena, &reply, &names);

		ck_assert_msg(verdict.end == rows[i].end, "row %zu: end %d", i, (int)verdict.end);
		ck_assert_msg(!rows[i].words == !verdict.problem && (!rows[i].words ||
		    strstr(verdict.problem, rows[i].words)), "row %zu: %s", i, verdict.problem);
	}
}
END_TEST

START_TEST(what_was_never_sent_has_not_happened)
{
	struct sheet_reply reply = reply_of(0, "");

	reply.is_whole = false;
	ck_assert_int_eq(sheet_judge(arena, &reply, &names).end, SHEET_UNCLEAR);
	reply.has_left = false;
	ck_assert_int_eq(sheet_judge(arena, &reply, &names).end, SHEET_NOT);
	reply = reply_of(200, "{}");
	reply.is_whole = false; /* cut in the middle */
	ck_assert_int_eq(sheet_judge(arena, &reply, &names).end, SHEET_UNCLEAR);
}
END_TEST

START_TEST(waits_grow_and_google_may_ask_for_more)
{
	struct sheet_reply reply = reply_of(429, "");

	ck_assert_int_eq(sheet_wait_ms(0), 1000);
	ck_assert_int_eq(sheet_wait_ms(6), 64000);
	ck_assert_int_eq(sheet_wait_ms(7), 600000);
	ck_assert_int_eq(sheet_wait_ms(INT64_MAX), 600000);
	reply.retry_after_ms = 90000;
	ck_assert_int_eq(sheet_judge(arena, &reply, &names).wait_ms, 90000);
}
END_TEST

START_TEST(a_wrong_clock_is_named)
{
	struct sheet_reply reply = reply_of(400, "{\"error\":\"invalid_grant\","
	    "\"error_description\":\"Invalid JWT\"}");

	reply.date_ms = 1000000000000;
	ck_assert(strstr(sheet_judge_token(arena, &reply, 0, 1000000300000).problem,
	    "clock is 300 s fast"));
	ck_assert(strstr(sheet_judge_token(arena, &reply, 0, 999999700000).problem,
	    "clock is 300 s slow"));
	ck_assert(strstr(sheet_judge_token(arena, &reply, 0, 1000000000000).problem,
	    "make a new one"));
	reply = reply_of(200, "{\"access_token\":\"a b\",\"expires_in\":3599}");
	ck_assert(strstr(sheet_judge_token(arena, &reply, 0, 0).problem, "no token"));
}
END_TEST

START_TEST(tokens_are_not_used_to_their_end)
{
	struct sheet_reply reply = reply_of(200, "{\"access_token\":\"ya29.x\",\"expires_in\":3599}");
	const char *token;
	int64_t good_ms;

	ck_assert(sheet_read_token(arena, reply.body, &token, &good_ms));
	ck_assert_str_eq(token, "ya29.x");
	ck_assert_int_eq(good_ms, 3299000);
	reply = reply_of(200, "{\"access_token\":\"ya29.x\",\"expires_in\":60}");
	ck_assert(sheet_read_token(arena, reply.body, &token, &good_ms));
	ck_assert_int_eq(good_ms, 30000);
}
END_TEST

START_TEST(names_of_tabs_are_quoted)
{
	ck_assert_str_eq(sheet_url(arena, "https://h", "a/b", "Bob's & co", "A1:S1"),
	    "https://h/v4/spreadsheets/a%2Fb/values/%27Bob%27%27s%20%26%20co%27%21A1%3AS1");
}
END_TEST

static struct doc *parse(const char *json)
{
	struct doc *doc = NULL;

	ck_assert(doc_parse(arena, json, strlen(json), &doc) == NULL);
	return doc;
}

START_TEST(ranges_tell_where_rows_are)
{
	bool is_shifted = false;

	ck_assert_str_eq(sheet_read_range(arena, parse("{\"updates\":{\"updatedRange\":"
	    "\"'a!b'!A7:S9\",\"updatedRows\":3}}"), &is_shifted), "'a!b'!A7:S9");
	ck_assert(!is_shifted);
	ck_assert(sheet_read_range(arena, parse("{\"updates\":{\"updatedRange\":\"x!AB7:AT9\"}}"),
	    &is_shifted));
	ck_assert(is_shifted);
	ck_assert(!sheet_read_range(arena, parse("{\"updates\":7}"), &is_shifted));
	ck_assert(sheet_is_count(parse("{\"updates\":{\"updatedRows\":3}}"), 3));
	ck_assert(!sheet_is_count(parse("{\"updates\":{\"updatedRows\":2}}"), 3));
}
END_TEST

START_TEST(amounts_are_read_exactly_or_not_at_all)
{
	size_t count = 0;
	const char *seen = sheet_seen(arena, parse("{\"values\":["
	    "[\"id\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"input tokens\"],"
	    "[],"
	    "[\"p\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",5,6,7,8,1e-9,0.1,0,0.1234567891,\"x\","
	    "\"0.100000001\"],"
	    "[\"\",\"=1+1\"],7]}"), 1, &count);

	ck_assert_int_eq((int)count, 5);
	ck_assert_str_eq(seen, "[{\"row\":3,\"id\":\"p\",\"amounts\":[\"5.000000000\","
	    "\"6.000000000\",\"7.000000000\",\"8.000000000\",\"0.000000001\",\"0.100000000\","
	    "\"0.000000000\",null,null,\"0.100000001\"]},{\"row\":4,\"id\":\"(no id)\",\"amounts\":"
	    "[null,null,null,null,null,null,null,null,null,null]}]");
}
END_TEST

/* A new key, and its private part as a key file has it. */
static EVP_PKEY *new_key(unsigned bits, const char **pem)
{
	EVP_PKEY *key = EVP_RSA_gen(bits);
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long len;

	ck_assert(key && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL));
	len = BIO_get_mem_data(bio, &text);
	*pem = arena_strndup(arena, text, (size_t)len);
	BIO_free(bio);
	return key;
}

START_TEST(assertions_are_signed)
{
	const char *pem, *form = NULL;
	EVP_PKEY *key = new_key(2048, &pem);
	struct service_key service = {.address = "w@p.example", .key_id = "k", .private_key = pem,
		.token_url = "https://oauth2.googleapis.com/token"};
	const char *signature = NULL;
	unsigned char bytes[256 + 3];
	char padded[348] = "";
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	ck_assert(sign_rs256(arena, pem, "text", &signature) == NULL);
	ck_assert_int_eq((int)strlen(signature), 342);
	for (size_t i = 0; i < 342; i++)
		padded[i] = signature[i] == '-' ? '+' : signature[i] == '_' ? '/' : signature[i];
	strcat(padded, "==");
	ck_assert_int_eq(EVP_DecodeBlock(bytes, (unsigned char *)padded, 344), 258);
	ck_assert(EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1);
	ck_assert(EVP_DigestVerify(context, bytes, 256, (const unsigned char *)"text", 4) == 1);
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
	ck_assert(sheet_token_form(arena, &service, 1000, &form) == NULL);
	ck_assert(strstr(form, "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&"
	    "assertion=eyJ"));
	service.token_url = "http://oauth2.googleapis.com/token";
	ck_assert(sheet_token_form(arena, &service, 1000, &form) != NULL);
}
END_TEST

START_TEST(other_keys_are_refused)
{
	const char *pem, *signature = NULL;

	EVP_PKEY_free(new_key(1024, &pem));
	ck_assert(sign_rs256(arena, pem, "text", &signature) != NULL);
	ck_assert(sign_rs256(arena, "", "text", &signature) != NULL);
	ck_assert(sign_rs256(arena, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
	    "text", &signature) != NULL);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		answers_say_whether_it_has_happened,
		what_was_never_sent_has_not_happened,
		waits_grow_and_google_may_ask_for_more,
		a_wrong_clock_is_named,
		tokens_are_not_used_to_their_end,
		names_of_tabs_are_quoted,
		ranges_tell_where_rows_are,
		amounts_are_read_exactly_or_not_at_all,
		assertions_are_signed,
		other_keys_are_refused,
	};

	return suite_run_between(setup, teardown, "sheet", tests, ARRAY_LEN(tests));
}
