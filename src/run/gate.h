/* gate.h: what the provider lets through, for each key and model.
 *
 * Token buckets fed by its rate-limit headers, a window of calls that opens slowly, a latch that
 * an overload, a rate limit or a spend limit closes. Who may not pass queues, first come first
 * served. Nothing here knows a clock: now_ms is any clock that never goes back. The rules of the
 * buckets are the provider's: refilled continuously, counted per key and model; `remaining` as of
 * the request, `reset` the instant of complete refill. */
#ifndef RUN_GATE_H
#define RUN_GATE_H

#include "base/arena.h"

enum gate_limit { GATE_REQUESTS, GATE_INPUT, GATE_OUTPUT, GATE_LIMIT_COUNT };

/* Why a call waits. */
enum gate_reason {
	GATE_OPEN,
	GATE_BY_REQUESTS, GATE_BY_INPUT, GATE_BY_OUTPUT, /* a bucket is empty */
	GATE_BY_RAMP,     /* enough calls are under way for how little is known */
	GATE_BY_RATE,     /* a 429 said: not before */
	GATE_BY_OVERLOAD, /* the breaker is open */
	GATE_BY_SPEND,    /* the key's spend limit is reached */
	GATE_REASON_COUNT
};

/* What a response says of one limit; limit 0: nothing. */
struct gate_quota {
	int64_t limit, remaining;
	int64_t full_ms; /* until it is full again; 0: not known */
};

struct gate_limits {
	int64_t ramp_calls;      /* at once, through a gate of which nothing is known */
	int64_t base_ms, max_ms; /* of the time that a breaker stays open */
};

struct gates;
struct gate;

enum pass_state { PASS_NONE, PASS_QUEUED, PASS_ADMITTED, PASS_ANSWERED };

/* A call's way through a gate; all zero before its first use. */
struct gate_pass {
	enum pass_state state;
	struct gate *gate;
	struct gate_pass *next, **place; /* in the queue */
	int64_t need[GATE_LIMIT_COUNT];
	bool is_probe, is_key_probe; /* the one call that tries whether it is over */
	void *owner;
};

/* ms is -1 where it depends on what other calls bring. */
struct gate_wait {
	int64_t ms;
	enum gate_reason reason;
};

enum gate_end {
	GATE_OTHER,      /* it says nothing about limits */
	GATE_UNSENT,     /* nothing reached the provider */
	GATE_RATED,      /* 429 */
	GATE_OVERLOADED, /* 529, or its event in a stream */
	GATE_SPENT       /* the key's spend limit */
};

struct gate_report {
	enum gate_end end;
	int64_t wait_ms; /* the provider's wish, -1: none */
	int64_t used[GATE_LIMIT_COUNT]; /* -1: not known */
	uint64_t dice;   /* any random number */
};

struct gates *gates_new(struct arena *arena, const struct gate_limits *limits);
/* The gate of a model under a key, made at its first use. */
struct gate *gates_find(struct gates *gates, const char *key, const char *model);

/* Asks for a call of so many tokens; again for a queued pass: keeps its place. true: it may be
 * opened; false: it is queued, and *wait tells the wait as it looks now. */
bool gate_ask(struct gate *gate, struct gate_pass *pass, const int64_t tokens[2], int64_t now_ms,
    struct gate_wait *wait);
/* A place of the gate where its user keeps the words for a reason, NULL at first. */
const char **gate_words(struct gate *gate, enum gate_reason reason);
/* The provider accepted the call (200) and told its limits; NULL: none. */
void gate_answered(struct gate_pass *pass, const struct gate_quota *quota, int64_t now_ms);
/* The call is over. quota: of a response that was no answer, or NULL. */
void gate_left(struct gate_pass *pass, const struct gate_report *report,
    const struct gate_quota *quota, int64_t now_ms);
/* Gives up a pass in any state, once more or not; nothing was sent under it. */
void gate_drop(struct gate_pass *pass, int64_t now_ms);

/* Lets through whoever may pass now, in order; admitted is called with each owner. */
void gates_step(struct gates *gates, int64_t now_ms, void (*admitted)(void *owner));
/* When time alone lets the next one through; INT64_MAX: it does not. */
int64_t gates_due_ms(const struct gates *gates, int64_t now_ms);

#endif
