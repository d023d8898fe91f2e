/* request_test.c: FastCGI parameters as nginx and as hostile clients send them. */
#include "suite.h"

#include <string.h>

#include "web/frame.h"

static struct arena *arena;

#define TOKEN_A "aaaaaaaaaaaaaaaaaaaaaaaa"
#define TOKEN_B "bbbbbbbbbbbbbbbbbbbbbbbb"

/* The status of the problem, 0 for none. */
static int begin(struct request *request, const char *const *params)
{
	const struct problem *problem = request_begin(arena, (char *const *)params, request);

	return problem == NULL ? 0 : problem->status;
}

#define BEGIN(request, ...) begin(request, (const char *const[]){__VA_ARGS__, NULL})

START_TEST(an_ordinary_request)
{
	struct request r;

	ck_assert_int_eq(BEGIN(&r, "REQUEST_METHOD=GET", "DOCUMENT_URI=/costs/acme/",
	    "QUERY_STRING=days=7&x=%20", "X_REQUEST_ID=0123456789abcdef0123456789abcdef",
	    "REMOTE_ADDR=10.0.0.1", "HTTP_AUTHORIZATION=Bearer  secret", "HTTPS=on"), 0);
	ck_assert_int_eq(r.method, WEB_GET);
	ck_assert(!r.head && !r.is_api && !r.wants_json && r.is_https);
	ck_assert_str_eq(r.path, "/costs/acme");
	ck_assert_str_eq(doc_text(r.fields, "days"), "7");
	ck_assert_str_eq(r.id, "0123456789abcdef0123456789abcdef");
	ck_assert_str_eq(r.bearer, "secret");
	ck_assert_ptr_null(r.session);
}
END_TEST

/* "op:to:ken"; one without a colon, with a NUL, and none at all. */
START_TEST(basic_credentials_are_a_name_and_a_token)
{
	static const char *const wrong[] = {"HTTP_AUTHORIZATION=Basic b3A=",
	    "HTTP_AUTHORIZATION=Basic b3AAOng=", "HTTP_AUTHORIZATION=Basic !!!!",
	    "HTTP_AUTHORIZATION=Basic ", "HTTP_AUTHORIZATION=Basic"};
	struct request r;

	ck_assert_int_eq(BEGIN(&r, "REQUEST_METHOD=GET", "DOCUMENT_URI=/",
	    "HTTP_AUTHORIZATION=basic b3A6dG86a2Vu"), 0);
	ck_assert_str_eq(r.basic_user, "op");
	ck_assert_str_eq(r.basic_token, "to:ken");
	ck_assert_ptr_null(r.bearer);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		ck_assert_int_eq(BEGIN(&r, "REQUEST_METHOD=GET", "DOCUMENT_URI=/", wrong[i]), 0);
		ck_assert_msg(r.basic_user == NULL && r.basic_token == NULL, "%s", wrong[i]);
	}
}
END_TEST

START_TEST(the_api_prefix_is_a_whole_word)
{
	struct request r;

	ck_assert_int_eq(BEGIN(&r, "REQUEST_METHOD=HEAD", "DOCUMENT_URI=/api/costs"), 0);
	ck_assert(r.head && r.is_api && r.wants_json);
	ck_assert_str_eq(r.path, "/costs");
	ck_assert_int_eq(BEGIN(&r, "REQUEST_METHOD=GET", "DOCUMENT_URI=/api"), 0);
	ck_assert(r.is_api);
	ck_assert_str_eq(r.path, "/");
	ck_assert_int_eq(BEGIN(&r, "REQUEST_METHOD=GET", "DOCUMENT_URI=/apix"), 0);
	ck_assert(!r.is_api);
}
END_TEST

START_TEST(what_cannot_be_read_is_refused)
{
	struct request r;

	ck_assert_int_eq(BEGIN(&r, "REQUEST_METHOD=GET"), 400);
	ck_assert_str_eq(r.path, "/");
	ck_assert_int_eq(BEGIN(&r, "REQUEST_METHOD=GET", "DOCUMENT_URI=costs"), 400);
	ck_assert_int_eq(BEGIN(&r, "REQUEST_METHOD=GET", "DOCUMENT_URI=/\xff"), 400);
	ck_assert_int_eq(BEGIN(&r, "REQUEST_METHOD=GET", "DOCUMENT_URI=/a\nb"), 400);
	ck_assert_int_eq(BEGIN(&r, "REQUEST_METHOD=BREW", "DOCUMENT_URI=/"), 405);
	ck_assert_int_eq(BEGIN(&r, "DOCUMENT_URI=/"), 405);
	ck_assert_int_eq(BEGIN(&r, "REQUEST_METHOD=GET", "DOCUMENT_URI=/", "QUERY_STRING=a=%"), 400);
}
END_TEST

START_TEST(lengths_are_plain_numbers)
{
	static const char *const bad[] = {"CONTENT_LENGTH=-1", "CONTENT_LENGTH=12abc",
	    "CONTENT_LENGTH=+2", "CONTENT_LENGTH=9223372036854775808", "CONTENT_LENGTH= 1"};
	struct request r;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_int_eq(BEGIN(&r, "REQUEST_METHOD=POST", "DOCUMENT_URI=/",
		    bad[i]), 400);
	ck_assert_int_eq(BEGIN(&r, "REQUEST_METHOD=POST", "DOCUMENT_URI=/", "CONTENT_LENGTH="), 0);
	ck_assert_int_eq(BEGIN(&r, "REQUEST_METHOD=POST", "DOCUMENT_URI=/",
	    "CONTENT_LENGTH=4294967296"), 0);
	ck_assert_uint_eq(r.content_len, 4294967296);
}
END_TEST

START_TEST(a_cookie_counts_once)
{
	struct request r;

	BEGIN(&r, "HTTP_COOKIE=x=1; promptbuilder_session=" TOKEN_A "; y=2");
	ck_assert_str_eq(r.session, TOKEN_A);
	BEGIN(&r, "HTTP_COOKIE=promptbuilder_session=" TOKEN_A ";promptbuilder_session=" TOKEN_B);
	ck_assert_ptr_null(r.session);
	BEGIN(&r, "HTTP_COOKIE=promptbuilder_session=" TOKEN_A,
	    "HTTP_COOKIE=promptbuilder_session=" TOKEN_A);
	ck_assert_ptr_null(r.session);
	BEGIN(&r, "HTTP_COOKIE=xpromptbuilder_session=" TOKEN_A);
	ck_assert_ptr_null(r.session);
	BEGIN(&r, "HTTP_COOKIE=promptbuilder_session=short");
	ck_assert_ptr_null(r.session);
	BEGIN(&r, "HTTP_COOKIE=promptbuilder_session=aaaaaaaaaaaaaaaaaaaaaaaa'--");
	ck_assert_ptr_null(r.session);
}
END_TEST

START_TEST(over_https_the_name_binds_the_host)
{
	struct request r;

	BEGIN(&r, "HTTPS=on", "HTTP_COOKIE=promptbuilder_session=" TOKEN_A);
	ck_assert_ptr_null(r.session);
	BEGIN(&r, "HTTPS=on", "HTTP_COOKIE=__Host-promptbuilder_session=" TOKEN_A
	    "; promptbuilder_session=" TOKEN_B);
	ck_assert_str_eq(r.session, TOKEN_A);
}
END_TEST

START_TEST(accept_decides_the_form)
{
	static const struct {
		const char *accept;
		bool html, json, wants_json;
	} cases[] = {
		{"HTTP_ACCEPT=", true, true, false},
		{"HTTP_ACCEPT=*/*", true, true, false},
		{"HTTP_ACCEPT=text/html,application/xhtml+xml,*/*;q=0.8", true, true, false},
		{"HTTP_ACCEPT=application/json", false, true, true},
		{"HTTP_ACCEPT=application/json, text/html;q=0.9", true, true, true},
		{"HTTP_ACCEPT=text/html;q=0.1, application/*;q=0.05", true, true, false},
		{"HTTP_ACCEPT=application/json;q=0", false, false, false},
		{"HTTP_ACCEPT=image/png", false, false, false},
	};
	struct request r;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		BEGIN(&r, "REQUEST_METHOD=GET", "DOCUMENT_URI=/", cases[i].accept);
		ck_assert_msg(r.accepts_html == cases[i].html && r.accepts_json == cases[i].json &&
		    r.wants_json == cases[i].wants_json, "%s", cases[i].accept);
	}
}
END_TEST

START_TEST(the_suffix_or_accept_ask_for_csv)
{
	static const struct {
		const char *uri, *accept, *path;
		bool wants_csv;
	} cases[] = {
		{"DOCUMENT_URI=/costs.csv", "HTTP_ACCEPT=text/html", "/costs", true},
		{"DOCUMENT_URI=/api/costs/acme.csv", "HTTP_ACCEPT=", "/costs/acme", true},
		{"DOCUMENT_URI=/.csv", "HTTP_ACCEPT=", "/", true},
		{"DOCUMENT_URI=/costs.csv/", "HTTP_ACCEPT=", "/costs", true},
		{"DOCUMENT_URI=/costs/.csv", "HTTP_ACCEPT=", "/costs/", true},
		{"DOCUMENT_URI=/costscsv", "HTTP_ACCEPT=", "/costscsv", false},
		{"DOCUMENT_URI=/costs.csvx", "HTTP_ACCEPT=", "/costs.csvx", false},
		{"DOCUMENT_URI=/api/costs", "HTTP_ACCEPT=text/csv", "/costs", true},
		{"DOCUMENT_URI=/api/costs", "HTTP_ACCEPT=text/csv, text/html", "/costs", true},
		{"DOCUMENT_URI=/api/costs", "HTTP_ACCEPT=text/csv, application/json", "/costs", false},
		{"DOCUMENT_URI=/costs", "HTTP_ACCEPT=text/csv, */*;q=0.5", "/costs", true},
		{"DOCUMENT_URI=/costs", "HTTP_ACCEPT=text/html, text/csv", "/costs", false},
		{"DOCUMENT_URI=/costs", "HTTP_ACCEPT=*/*", "/costs", false},
		{"DOCUMENT_URI=/costs", "HTTP_ACCEPT=", "/costs", false},
	};
	struct request r;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		BEGIN(&r, "REQUEST_METHOD=GET", cases[i].uri, cases[i].accept);
		ck_assert_str_eq(r.path, cases[i].path);
		ck_assert_msg(r.wants_csv == cases[i].wants_csv, "%s, %s", cases[i].uri,
		    cases[i].accept);
	}
}
END_TEST

START_TEST(strange_ids_are_not_repeated)
{
	struct request r;

	BEGIN(&r, "X_REQUEST_ID=short");
	ck_assert_str_eq(r.id, "-");
	BEGIN(&r, "X_REQUEST_ID=0123456789abcdef\r\nX: y");
	ck_assert_str_eq(r.id, "-");
}
END_TEST

START_TEST(bodies_are_objects)
{
	struct route row = {.flags = ROUTE_API};
	struct request r = {.is_api = true};

	ck_assert_ptr_null(request_body(arena, &row, "", 0, &r));
	ck_assert_ptr_null(r.body);
	ck_assert_ptr_null(request_body(arena, &row, "{\"a\":1}", 7, &r));
	ck_assert_int_eq(request_body(arena, &row, "[1]", 3, &r)->status, 400);
	ck_assert_int_eq(request_body(arena, &row, "{\"a\":1", 6, &r)->status, 400);
	ck_assert_int_eq(request_body(arena, &row, "{\"a\":1,\"a\":2}", 13, &r)->status, 400);
	row.flags |= ROUTE_LIST;
	ck_assert_ptr_null(request_body(arena, &row, "[1]", 3, &r));
	r.is_api = false;
	ck_assert_ptr_null(request_body(arena, &row, "a=b", 3, &r));
	ck_assert_str_eq(doc_text(r.body, "a"), "b");
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		an_ordinary_request, basic_credentials_are_a_name_and_a_token,
		the_api_prefix_is_a_whole_word,
		what_cannot_be_read_is_refused,
		lengths_are_plain_numbers,
		a_cookie_counts_once,
		over_https_the_name_binds_the_host,
		accept_decides_the_form,
		the_suffix_or_accept_ask_for_csv,
		strange_ids_are_not_repeated,
		bodies_are_objects,
	};
	int result;

	arena = arena_new();
	result = suite_run("request", tests, ARRAY_LEN(tests));
	arena_free(arena);
	return result;
}
