/* retry_test.c: each way a call can end: is it billed, is it tried again, what is said. */
#include "suite.h"

#include <string.h>

#include "run/retry.h"

static struct arena *arena;
static struct verdict verdict;

static void setup(void)
{
	arena = arena_new();
}

static void teardown(void)
{
	arena_free(arena);
}

static void judge(struct ending ending)
{
	retry_judge(arena, &ending, &verdict);
}

static struct ending response(int64_t status, const char *type)
{
	return (struct ending){.end = CALL_ANSWERED, .is_sent = true, .http_status = status,
		.error_type = type, .error_message = "why"};
}

START_TEST(statuses)
{
	static const struct {
		int64_t status;
		enum verdict_kind kind;
		bool is_billed;
	} cases[] = {
		{400, VERDICT_FAIL, false}, {401, VERDICT_FAIL, false}, {402, VERDICT_FAIL, false},
		{403, VERDICT_FAIL, false}, {404, VERDICT_FAIL, false}, {413, VERDICT_FAIL, false},
		{422, VERDICT_FAIL, false}, {307, VERDICT_FAIL, false}, {302, VERDICT_FAIL, false}, {408, VERDICT_AGAIN, false},
		{409, VERDICT_AGAIN, false}, {429, VERDICT_AGAIN, false}, {500, VERDICT_AGAIN, true},
		{502, VERDICT_AGAIN, true}, {503, VERDICT_AGAIN, true}, {504, VERDICT_AGAIN, true},
		{529, VERDICT_AGAIN, false},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		judge(response(cases[i].status, NULL));
		ck_assert_int_eq(verdict.kind, cases[i].kind);
		ck_assert_int_eq(verdict.is_billed, cases[i].is_billed);
		ck_assert_ptr_nonnull(verdict.sentence);
	}
}
END_TEST

START_TEST(key_is_named)
{
	judge(response(401, "authentication_error"));
	ck_assert_str_eq(verdict.sentence, "The provider refused the key (authentication_error: why)."
	    " Set ANTHROPIC_API_KEY to a valid key, restart the runner and retry the run.");
}
END_TEST

START_TEST(spend_caps_are_final)
{
	struct ending tier = response(429, "rate_limit_error");
	struct ending own = response(400, "invalid_request_error");
	tier.error_code = "enforced_spend_limit_reached";
	tier.should_retry = "true";
	own.error_message = "You have reached your specified API usage limits. You will regain...";
	judge(tier);
	ck_assert_int_eq(verdict.kind, VERDICT_FAIL);
	ck_assert(verdict.is_capped);
	ck_assert_ptr_nonnull(strstr(verdict.sentence, "spend limit"));
	judge(own);
	ck_assert_int_eq(verdict.kind, VERDICT_FAIL);
	ck_assert_ptr_nonnull(strstr(verdict.sentence, "spend limit"));
}
END_TEST

START_TEST(provider_decides)
{
	struct ending ending = response(500, "api_error");
	ending.should_retry = "false";
	judge(ending);
	ck_assert_int_eq(verdict.kind, VERDICT_FAIL);
	ending = response(400, "invalid_request_error");
	ending.should_retry = "true";
	judge(ending);
	ck_assert_int_eq(verdict.kind, VERDICT_AGAIN);
}
END_TEST

START_TEST(errors_inside_a_stream)
{
	struct ending ending = response(200, "overloaded_error");
	judge(ending);
	ck_assert_int_eq(verdict.kind, VERDICT_AGAIN);
	ck_assert(!verdict.is_billed); /* nothing had begun */
	ending.is_started = true;
	judge(ending);
	ck_assert(verdict.is_billed);
	judge(response(200, "invalid_request_error"));
	ck_assert_int_eq(verdict.kind, VERDICT_FAIL);
	judge(response(200, "never_seen_error"));
	ck_assert_int_eq(verdict.kind, VERDICT_AGAIN);
}
END_TEST

START_TEST(streams)
{
	struct ending ending = {.end = CALL_ANSWERED, .is_sent = true, .http_status = 200,
		.is_started = true, .is_complete = true};
	judge(ending);
	ck_assert_int_eq(verdict.kind, VERDICT_ACCEPT);
	ck_assert(verdict.is_billed);
	ck_assert_ptr_null(verdict.sentence);
	ending.is_complete = false;
	static const struct {
		enum call_end end;
		const char *type;
	} ends[] = {
		{CALL_ANSWERED, "stream_cut"}, {CALL_BROKEN, "connection_lost"},
		{CALL_UNREADABLE, "unreadable"}, {CALL_UNANSWERED, "no_answer"},
		{CALL_SILENT, "silence"}, {CALL_LATE, "timeout"},
	};
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		ending.end = ends[i].end;
		judge(ending);
		ck_assert_int_eq(verdict.kind, VERDICT_AGAIN);
		ck_assert(verdict.is_billed);
		ck_assert_str_eq(verdict.error_type, ends[i].type);
	}
}
END_TEST

START_TEST(unsent_is_free)
{
	judge((struct ending){.end = CALL_BROKEN, .is_untrusted = true, .detail = "SSL"});
	ck_assert(!verdict.is_billed);
	ck_assert_ptr_nonnull(strstr(verdict.sentence, "PROMPTBUILDER_CA_FILE"));
	judge((struct ending){.end = CALL_BROKEN, .detail = "Connection refused"});
	ck_assert_int_eq(verdict.kind, VERDICT_AGAIN);
	ck_assert(!verdict.is_billed);
	ck_assert_str_eq(verdict.error_type, "unreachable");
	ck_assert_ptr_nonnull(strstr(verdict.sentence, "ANTHROPIC_BASE_URL"));
	judge((struct ending){.end = CALL_BROKEN, .is_sent = true, .detail = "reset"});
	ck_assert(verdict.is_billed);
}
END_TEST

START_TEST(backoff_has_full_jitter)
{
	for (int64_t tries = 1; tries < 70; tries++) {
		int64_t limit = tries < 8 ? INT64_C(500) << (tries - 1) : 60000;
		if (limit > 60000)
			limit = 60000;
		ck_assert_int_eq(retry_backoff_ms(500, 60000, tries, (uint64_t)limit), limit);
		ck_assert_int_eq(retry_backoff_ms(500, 60000, tries, (uint64_t)limit + 1), 0);
	}
	ck_assert_int_eq(retry_backoff_ms(500, 60000, 1, 0), 0);
}
END_TEST

START_TEST(retry_after_forms)
{
	ck_assert_int_eq(retry_after_ms(NULL, NULL), -1);
	ck_assert_int_eq(retry_after_ms(NULL, "7"), 7000);
	ck_assert_int_eq(retry_after_ms(NULL, "1.5"), 1500);
	ck_assert_int_eq(retry_after_ms(NULL, "0.0625"), 62);
	ck_assert_int_eq(retry_after_ms(NULL, "0"), 0);
	ck_assert_int_eq(retry_after_ms("250", "7"), 250);
	ck_assert_int_eq(retry_after_ms("x", "7"), 7000);
	ck_assert_int_eq(retry_after_ms(NULL, "99999999999"), RETRY_AFTER_MAX_MS);
	ck_assert_int_eq(retry_after_ms(NULL, "-5"), -1);
	ck_assert_int_eq(retry_after_ms(NULL, "soon"), -1);
	ck_assert_int_eq(retry_after_ms(NULL, "1.2.3"), -1);
	ck_assert_int_eq(retry_after_ms(NULL, ""), -1);
	ck_assert_int_eq(retry_after_ms(NULL, "Thu, 01 Jan 1970 00:00:00 GMT"), 0);
	ck_assert_int_eq(retry_after_ms(NULL, "Fri, 31 Dec 2199 23:59:59 GMT"), RETRY_AFTER_MAX_MS);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {statuses, key_is_named, spend_caps_are_final, provider_decides,
		errors_inside_a_stream, streams, unsent_is_free, backoff_has_full_jitter,
		retry_after_forms};
	return suite_run_between(setup, teardown, "retry", tests, ARRAY_LEN(tests));
}
