/* gate_test.c: what passes a gate and when, by a clock that the test drives; rate-limit headers. */
#include "suite.h"

#include <stdio.h>
#include <string.h>

#include "run/quota.h"

#define CALLS 40
#define NOTHING_KNOWN {-1, -1, -1}

static struct arena *arena;
static struct gates *gates;
static struct gate *gate;
static struct gate_pass passes[CALLS];
static size_t admitted;

static void setup(void)
{
	static const struct gate_limits limits = {.ramp_calls = 2, .base_ms = 100, .max_ms = 1000};
	arena = arena_new();
	gates = gates_new(arena, &limits);
	gate = gates_find(gates, "key", "model");
	memset(passes, 0, sizeof(passes));
	admitted = 0;
}

static void teardown(void)
{
	arena_free(arena);
}

static void on_admitted(void *owner)
{
	admitted++;
}

static struct gate_wait last_wait;

static bool ask(size_t i, int64_t now_ms)
{
	static const int64_t tokens[2] = {100, 1000};
	return gate_ask(gate, &passes[i], tokens, now_ms, &last_wait);
}

/* Limits of 60 requests a minute, of which so many are left. */
static const struct gate_quota *left(int64_t remaining)
{
	static struct gate_quota quota[GATE_LIMIT_COUNT];
	quota[GATE_REQUESTS] = (struct gate_quota){
		.limit = 60, .remaining = remaining, .full_ms = (60 - remaining) * 1000};
	return quota;
}

static void end(size_t i, enum gate_end how, int64_t wait_ms, int64_t now_ms)
{
	struct gate_report report = {.end = how, .wait_ms = wait_ms, .used = NOTHING_KNOWN};
	gate_left(&passes[i], &report, NULL, now_ms);
}

static void finish(size_t i, int64_t now_ms)
{
	gate_answered(&passes[i], NULL, now_ms);
	end(i, GATE_OTHER, -1, now_ms);
}

static size_t step(int64_t now_ms)
{
	admitted = 0;
	gates_step(gates, now_ms, on_admitted);
	return admitted;
}

/* Two at first; each answer admits one more, so that a full window of answers doubles it. */
START_TEST(ramp)
{
	for (size_t i = 0; i < 20; i++)
		ck_assert_int_eq(ask(i, 0), i < 2);
	ck_assert_int_eq(last_wait.reason, GATE_BY_RAMP);
	ck_assert_int_eq(last_wait.ms, -1);
	ck_assert_int_eq(step(1000), 0);
	ck_assert_int_eq(gates_due_ms(gates, 1000), INT64_MAX);
	for (size_t round = 1, done = 0, window = 2; round < 4; round++, window *= 2) {
		for (size_t i = 0; i < window; i++)
			finish(done++, (int64_t)round * 1000);
		ck_assert_uint_eq(step((int64_t)round * 1000), done + 2 * window <= 20 ? 2 * window
		    : 20 - done);
	}
}
END_TEST

START_TEST(queue_is_first_come_first_served)
{
	for (size_t i = 0; i < 5; i++)
		(void)ask(i, 0);
	gate_drop(&passes[2], 0);
	finish(0, 10);
	ck_assert_uint_eq(step(10), 2);
	ck_assert_int_eq(passes[3].state, PASS_ADMITTED);
	ck_assert_int_eq(passes[4].state, PASS_ADMITTED);
	ck_assert(ask(3, 11));
	gate_drop(&passes[2], 11); /* once more does nothing */
	end(3, GATE_OTHER, -1, 20);
	ck_assert(ask(5, 20) && !ask(6, 20));
	end(5, GATE_OTHER, -1, 30);
	ck_assert(!ask(8, 30)); /* the place is free, and not for a newcomer */
	ck_assert_int_eq(last_wait.ms, -1);
	ck_assert_int_ne(last_wait.reason, GATE_OPEN);
}
END_TEST

/* Whoever was there before is counted: the third in the queue waits three seconds. */
START_TEST(bucket_of_requests)
{
	ck_assert(ask(0, 0));
	gate_answered(&passes[0], left(0), 0);
	end(0, GATE_OTHER, -1, 0);
	for (size_t i = 1; i <= 3; i++) {
		ck_assert(!ask(i, 0));
		ck_assert_int_eq(last_wait.reason, GATE_BY_REQUESTS);
		ck_assert_int_eq(last_wait.ms, (int64_t)i * 1000);
	}
	ck_assert_int_eq(gates_due_ms(gates, 0), 1000);
	ck_assert_uint_eq(step(999), 0);
	ck_assert_uint_eq(step(1000), 1);
	ck_assert_uint_eq(step(2999), 1);
	ck_assert_uint_eq(step(3000), 1);
}
END_TEST

/* However often it is looked at, what trickles in is not lost in rounding. */
START_TEST(slow_refill)
{
	static struct gate_quota quota[GATE_LIMIT_COUNT];
	quota[GATE_REQUESTS] = (struct gate_quota){.limit = 1, .remaining = 0, .full_ms = 60000};
	ck_assert(ask(0, 0));
	gate_answered(&passes[0], quota, 0);
	end(0, GATE_OTHER, -1, 0);
	ck_assert(!ask(1, 0));
	for (int64_t now_ms = 1; now_ms < 60000; now_ms += 7)
		ck_assert_uint_eq(step(now_ms), 0);
	ck_assert_uint_eq(step(60000), 1);
}
END_TEST

START_TEST(bucket_of_tokens)
{
	static const struct {
		int64_t input_left, output_left, wait_ms;
		enum gate_reason reason;
	} cases[] = {
		{100, 1000, 0, GATE_OPEN},
		{50, 1000, 3000, GATE_BY_INPUT},      /* 50 of 1,000 a minute are lacking */
		{1000, 500, 3000, GATE_BY_OUTPUT},    /* 500 of 10,000 */
		{40, 0, 6000, GATE_BY_OUTPUT},        /* the longer one */
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct gate_quota quota[GATE_LIMIT_COUNT] = {
			[GATE_INPUT] = {.limit = 1000, .remaining = cases[i].input_left},
			[GATE_OUTPUT] = {.limit = 10000, .remaining = cases[i].output_left},
		};
		struct gate_report report = {.wait_ms = -1, .used = {1, 100, 0}};
		teardown();
		setup();
		ck_assert(ask(0, 0));
		gate_answered(&passes[0], quota, 0);
		gate_left(&passes[0], &report, NULL, 0);
		ck_assert_int_eq(ask(1, 0), cases[i].wait_ms == 0);
		ck_assert_int_eq(last_wait.reason, cases[i].reason);
		ck_assert_int_eq(last_wait.ms, cases[i].wait_ms);
	}
}
END_TEST

/* max_tokens is reserved only until it is known what answers take; what was not used comes back. */
START_TEST(output_that_is_not_used)
{
	struct gate_quota quota[GATE_LIMIT_COUNT] = {
		[GATE_OUTPUT] = {.limit = 1500, .remaining = 1500}};
	struct gate_report report = {.wait_ms = -1, .used = {1, 100, 50}};
	ck_assert(ask(0, 0));
	gate_answered(&passes[0], quota, 0);
	ck_assert(!ask(1, 0));
	ck_assert_int_eq(last_wait.reason, GATE_BY_OUTPUT);
	gate_left(&passes[0], &report, NULL, 0);
	ck_assert_uint_eq(step(0), 1);
	gate_left(&passes[1], &report, NULL, 0);
	ck_assert(ask(2, 0));
	ck_assert_int_eq(passes[2].need[GATE_OUTPUT], 100);
}
END_TEST

/* A call larger than the limit itself goes when the bucket is full. */
START_TEST(need_beyond_the_limit)
{
	struct gate_quota quota[GATE_LIMIT_COUNT] = {[GATE_INPUT] = {.limit = 60, .remaining = 0}};
	ck_assert(ask(0, 0));
	gate_answered(&passes[0], quota, 0);
	end(0, GATE_OTHER, -1, 0);
	ck_assert(!ask(1, 0));
	ck_assert_int_eq(last_wait.ms, 60000);
	ck_assert_uint_eq(step(60000), 1);
}
END_TEST

/* The word of an early answer is older than calls that are on their way. */
START_TEST(old_news)
{
	ck_assert(ask(0, 0) && ask(1, 0));
	gate_answered(&passes[0], left(2), 0); /* of the two, one is not counted in it */
	ck_assert(ask(2, 0));
	gate_answered(&passes[1], left(2), 0); /* nor is the third in this */
	ck_assert(!ask(3, 0));
	ck_assert_int_eq(last_wait.reason, GATE_BY_REQUESTS);
}
END_TEST

START_TEST(retry_after)
{
	ck_assert(ask(0, 0) && ask(1, 0) && !ask(2, 0));
	finish(0, 0);
	end(1, GATE_RATED, 5000, 0);
	ck_assert(!ask(3, 0));
	ck_assert_int_eq(last_wait.reason, GATE_BY_RATE);
	ck_assert_int_eq(last_wait.ms, 5000);
	ck_assert_int_eq(gates_due_ms(gates, 0), 5000);
	ck_assert_uint_eq(step(4999), 0);
	ck_assert_uint_eq(step(5000), 2);
	ck_assert(!ask(4, 5000)); /* it opens slowly again */
	ck_assert_int_eq(last_wait.reason, GATE_BY_RAMP);
}
END_TEST

/* Lets five calls through one after the other that end so; the breaker opens with the fifth. */
static void overload_five(int64_t now_ms)
{
	for (size_t i = 0; i < 5; i++) {
		ck_assert(ask(i, now_ms));
		end(i, GATE_OVERLOADED, -1, now_ms);
	}
}

START_TEST(breaker)
{
	overload_five(0);
	ck_assert(!ask(5, 0) && !ask(6, 0));
	ck_assert_int_eq(last_wait.reason, GATE_BY_OVERLOAD);
	ck_assert_int_eq(last_wait.ms, 50); /* 100 ms, with all of the jitter against it */
	ck_assert_uint_eq(step(49), 0);
	ck_assert_uint_eq(step(50), 1); /* a probe, alone */
	ck_assert_uint_eq(step(5000), 0);
	end(5, GATE_OVERLOADED, -1, 5000);
	ck_assert_int_eq(gates_due_ms(gates, 5000), 5100); /* twice as long */
	ck_assert_uint_eq(step(5100), 1);
	end(6, GATE_UNSENT, -1, 5200); /* says nothing: the next one is the probe */
	ck_assert(ask(7, 5200));
	ck_assert(!ask(8, 5200));
	ck_assert_int_eq(last_wait.ms, -1);
	gate_answered(&passes[7], NULL, 5300);
	ck_assert_uint_eq(step(5300), 1);
	ck_assert(ask(9, 5300));
}
END_TEST

START_TEST(breaker_is_bounded)
{
	overload_five(0);
	int64_t now_ms = 0;
	for (size_t i = 5; i < CALLS; i++) {
		ck_assert(!ask(i, now_ms));
		ck_assert_int_le(last_wait.ms, 1000);
		now_ms += last_wait.ms;
		ck_assert_uint_eq(step(now_ms), 1);
		end(i, GATE_OVERLOADED, -1, now_ms);
	}
}
END_TEST

START_TEST(overloads_here_and_there)
{
	for (size_t i = 0; i < 30; i++) {
		ck_assert(ask(i, 0));
		if (i % 3 == 0)
			end(i, GATE_OVERLOADED, -1, 0);
		else
			finish(i, 0);
	}
	for (size_t i = 30; i < CALLS; i++) { /* and one a minute */
		int64_t now_ms = (int64_t)i * 60000;
		ck_assert(ask(i, now_ms));
		end(i, GATE_OVERLOADED, -1, now_ms);
	}
}
END_TEST

/* One key, all models; another key is not concerned. */
START_TEST(spend_limit)
{
	static const int64_t tokens[2] = {1, 1};
	struct gate *other = gates_find(gates, "key", "other model");
	struct gate *foreign = gates_find(gates, "other key", "model");
	ck_assert_ptr_eq(gates_find(gates, "key", "model"), gate);
	ck_assert(ask(0, 0));
	end(0, GATE_SPENT, -1, 0);
	ck_assert(gate_ask(foreign, &passes[1], tokens, 0, &last_wait));
	ck_assert(!gate_ask(other, &passes[2], tokens, 0, &last_wait));
	ck_assert_int_eq(last_wait.reason, GATE_BY_SPEND);
	ck_assert_int_eq(last_wait.ms, 3600000);
	ck_assert(!ask(3, 0));
	ck_assert_uint_eq(step(3600000), 1); /* one call tries, of whatever model */
	size_t probe = passes[2].state == PASS_ADMITTED ? 2 : 3;
	gate_answered(&passes[probe], NULL, 3600001);
	ck_assert_uint_eq(step(3600001), 1);
}
END_TEST

START_TEST(idle_gates_are_unknown_again)
{
	for (size_t i = 0; i < 10; i++) {
		ck_assert(ask(i, 0));
		finish(i, 0);
	}
	ck_assert(ask(10, 1000) && ask(11, 1000) && ask(12, 1000));
	finish(10, 1000);
	finish(11, 1000);
	finish(12, 1000);
	ck_assert(ask(13, 400000) && ask(14, 400000));
	ck_assert(!ask(15, 400000));
}
END_TEST

static void header(struct quota *quota, const char *line)
{
	quota_header(quota, line, strlen(line));
}

START_TEST(headers)
{
	static const char *const lines[] = {
		"Date: Tue, 14 Nov 2023 22:13:20 GMT\r\n", /* 1700000000 */
		"anthropic-ratelimit-requests-limit: 50\r\n",
		"Anthropic-Ratelimit-Requests-Remaining: 10\r\n",
		"anthropic-ratelimit-requests-reset: 2023-11-14T22:14:08Z\r\n",
		"anthropic-ratelimit-input-tokens-limit: 1000\r\n", /* nothing remaining is told */
		"anthropic-ratelimit-output-tokens-limit: 100\r\n",
		"anthropic-ratelimit-output-tokens-remaining: 101\r\n", /* cannot be */
		"anthropic-ratelimit-output-tokens-reset: soon\r\n",
	};
	static const struct {
		int64_t wall_ms, full_ms;
	} clocks[] = {
		{1700000000000, 48000},
		{1700000000900, 47100},  /* the date has whole seconds: our clock is finer */
		{1600000000000, 48000},  /* our clock is wrong */
		{1800000000000, 48000},
	};
	for (size_t i = 0; i < ARRAY_LEN(clocks); i++) {
		struct quota quota = {0};
		for (size_t k = 0; k < ARRAY_LEN(lines); k++)
			header(&quota, lines[k]);
		quota_finish(&quota, clocks[i].wall_ms);
		ck_assert_int_eq(quota.limits[GATE_REQUESTS].limit, 50);
		ck_assert_int_eq(quota.limits[GATE_REQUESTS].remaining, 10);
		ck_assert_int_eq(quota.limits[GATE_REQUESTS].full_ms, clocks[i].full_ms);
		ck_assert_int_eq(quota.limits[GATE_INPUT].limit, 0);
		ck_assert_int_eq(quota.limits[GATE_OUTPUT].limit, 0);
	}
}
END_TEST

START_TEST(instants)
{
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = {
		{"2023-11-14T22:13:20Z", 1700000000000}, {"2023-11-14T22:13:20.25Z", 1700000000250},
		{"2023-11-14T23:13:20+01:00", 1700000000000}, {"2023-11-14T22:13:20", 0}, {"", 0},
		{"2023-11-14T20:43:20.123456-01:30", 1700000000123},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct quota quota = {0};
		header(&quota, arena_printf(arena, "anthropic-ratelimit-requests-reset: %s\r\n",
		    cases[i].text));
		ck_assert_int_eq(quota.reset_ms[GATE_REQUESTS], cases[i].ms);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		ramp, queue_is_first_come_first_served, bucket_of_requests, slow_refill,
		bucket_of_tokens, output_that_is_not_used, need_beyond_the_limit, old_news,
		retry_after, breaker, breaker_is_bounded, overloads_here_and_there, spend_limit,
		idle_gates_are_unknown_again, headers, instants,
	};
	return suite_run_between(setup, teardown, "gate", tests, ARRAY_LEN(tests));
}
