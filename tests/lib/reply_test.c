/* reply_test.c: the bytes of an answer: headers, cookies, validators, and what is refused. */
#include "suite.h"

#include <string.h>

#include "web/frame.h"

static struct arena *arena;

static const char *written(const struct request *request, struct answer *answer)
{
	struct buf *out = buf_new(arena, 1u << 20);

	reply_write(arena, request, answer, out);
	return out->data;
}

static void has(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part) != NULL, "no \"%s\" in: %s", part, text);
}

static void has_not(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part) == NULL, "\"%s\" in: %s", part, text);
}

START_TEST(an_ordinary_answer)
{
	struct request request = {.id = "0123456789abcdef"};
	struct answer answer = {.status = 200, .type = "text/plain", .body = "hello", .len = 5};
	const char *text = written(&request, &answer);

	ck_assert_int_eq(strncmp(text, "Status: 200 OK\r\n", 16), 0);
	has(text, "\r\nCache-Control: no-store\r\n");
	has(text, "\r\nX-Request-Id: 0123456789abcdef\r\n");
	has(text, "\r\nContent-Length: 5\r\n");
	has(text, "\r\n\r\nhello");
	has_not(text, "Set-Cookie");
	request.head = true;
	text = written(&request, &answer);
	has(text, "\r\nContent-Length: 5\r\n");
	has_not(text, "hello");
}
END_TEST

START_TEST(an_answer_that_may_be_kept)
{
	static const struct answer_header headers[] = {{"Promptbuilder-Version", "v1"},
	    {"X-Split", "a\r\nSet-Cookie: x=y"}, {NULL, NULL}};
	struct request request = {.id = "-", .if_none_match = "\"abc.def\""};
	struct answer answer = {.status = 200, .type = "text/plain", .body = "hello", .len = 5,
	    .etag = "\"abc.def\"", .caching = "private, no-cache", .headers = headers};
	const char *text = written(&request, &answer);

	ck_assert_int_eq(answer.status, 304);
	has(text, "\r\nCache-Control: private, no-cache\r\n");
	has_not(text, "no-store");
	has(text, "\r\nPromptbuilder-Version: v1\r\n");
	has(text, "\r\nETag: \"abc.def\"\r\n");
	has(text, "\r\nX-Frame-Options: DENY\r\n");
	has_not(text, "X-Split");
	has_not(text, "hello");
}
END_TEST

START_TEST(a_body_that_follows_in_parts)
{
	struct request request = {.id = "-"};
	struct answer answer = {.status = 200, .type = "text/csv", .download = "x.csv",
	    .is_endless = true};
	const char *text = written(&request, &answer);

	has(text, "\r\nContent-Disposition: attachment; filename=\"x.csv\"\r\n");
	has_not(text, "Content-Length");
	has_not(text, "ETag");
	has(text, "\r\n\r\n");
}
END_TEST

START_TEST(cookies_over_http)
{
	struct request request = {.id = "-"};
	struct answer answer = {.status = 303, .type = "text/plain", .body = "",
	    .session = "secret", .flash = "Done; \xc3\xa4."};
	const char *text = written(&request, &answer);

	has_not(text, "Clear-Site-Data");
	has(text, "Set-Cookie: promptbuilder_session=secret; Path=/; HttpOnly; SameSite=Lax; "
	    "Max-Age=7776000\r\n");
	has(text, "Set-Cookie: promptbuilder_flash=Done%3B%20%C3%A4.; Path=/;");
	answer.session = "";
	text = written(&request, &answer);
	has(text, "promptbuilder_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0\r\n");
	has(text, "Clear-Site-Data: \"cache\"\r\n");
}
END_TEST

START_TEST(cookies_over_https)
{
	struct request request = {.id = "-", .is_https = true};
	struct answer answer = {.status = 303, .type = "text/plain", .body = "",
	    .session = "secret", .form_token = "token"};
	const char *text = written(&request, &answer);

	has(text, "Set-Cookie: __Host-promptbuilder_session=secret; Path=/; HttpOnly; "
	    "SameSite=Lax; Max-Age=7776000; Secure\r\n");
	has(text, "Set-Cookie: __Host-promptbuilder_form=token; Path=/; HttpOnly; SameSite=Lax; "
	    "Max-Age=43200; Secure\r\n");
	has(text, "Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n");
	answer.session = "";
	text = written(&request, &answer);
	has(text, "Set-Cookie: __Host-promptbuilder_session=; Path=/; HttpOnly; SameSite=Lax; "
	    "Max-Age=0; Secure\r\n");
	has(text, "Clear-Site-Data: \"cache\"\r\n");
}
END_TEST

START_TEST(headers_cannot_be_split)
{
	struct request request = {.id = "-"};
	struct answer answer = {.status = 303, .type = "text/plain", .body = "",
	    .location = "/x\r\nSet-Cookie: a=b", .download = "a\nb"};
	const char *text = written(&request, &answer);

	has_not(text, "Location");
	has_not(text, "Set-Cookie");
	has_not(text, "Content-Disposition");
}
END_TEST

START_TEST(the_same_bytes_are_not_sent_twice)
{
	struct request request = {.id = "-"};
	struct answer answer = {.status = 200, .type = "text/plain", .body = "hello", .len = 5};
	const char *etag = strstr(written(&request, &answer), "ETag: \"");

	ck_assert_ptr_nonnull(etag);
	request.if_none_match = arena_printf(arena, "\"x\", W/%.34s", etag + strlen("ETag: "));
	has(written(&request, &answer), "Status: 304 Not Modified\r\n");
	ck_assert_int_eq(answer.status, 304);
	answer = (struct answer){.status = 200, .type = "text/plain", .body = "hullo", .len = 5};
	has(written(&request, &answer), "\r\n\r\nhullo");
	request.if_none_match = "*";
	answer = (struct answer){.status = 404, .type = "text/plain", .body = "hello", .len = 5};
	has(written(&request, &answer), "Status: 404 Not Found\r\n");
}
END_TEST

START_TEST(the_rest_is_there_on_demand)
{
	struct request request = {.id = "-"};
	struct answer answer = {.status = 503, .type = "text/plain", .body = "", .allow = "GET",
	    .retry_after_s = 5, .is_challenge = true, .download = "injection.ts"};
	const char *text = written(&request, &answer);

	has(text, "\r\nAllow: GET\r\n");
	has(text, "\r\nRetry-After: 5\r\n");
	has(text, "\r\nWWW-Authenticate: Bearer realm=\"promptbuilder\"");
	has(text, "\r\nContent-Disposition: attachment; filename=\"injection.ts\"\r\n");
	has_not(text, "ETag");
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		an_ordinary_answer,
		an_answer_that_may_be_kept,
		a_body_that_follows_in_parts,
		cookies_over_http,
		cookies_over_https,
		headers_cannot_be_split,
		the_same_bytes_are_not_sent_twice,
		the_rest_is_there_on_demand,
	};
	int result;

	arena = arena_new();
	result = suite_run("reply", tests, ARRAY_LEN(tests));
	arena_free(arena);
	return result;
}
