/* gate.c: buckets, window, latches and the queue of a gate: all bookkeeping, no clock. */
#include "run/gate.h"

#include <string.h>

#include "base/text.h"

#define MILLI 1000
#define SPAN_MS 60000 /* limits are per minute unless the headers show otherwise */
#define SPAN_MIN_MS 1000
#define SPAN_MAX_MS 600000
#define WINDOW_MAX 1000000
#define IDLE_MS 300000     /* what was learned of the pace is old then */
#define SPENT_MS 3600000   /* how often a reached spend limit is tried again */
#define OVERLOADS 5        /* within OVERLOADS_MS, and half of what came back: the breaker opens */
#define OVERLOADS_MS 30000
#define MEAN_SHARE 8

/* Level in thousandths; without a limit it lets everything through. */
struct bucket {
	int64_t limit, level, span_ms, at_ms;
	int64_t rest; /* of the last refill's division: what trickles in is not lost */
};

/* Closed until an instant; then, if it needs a probe, one call at a time tries. */
struct latch {
	int64_t until_ms;
	enum gate_reason reason;
	bool needs_probe, is_probing;
};

struct key {
	struct key *next;
	const char *name;
	struct latch latch;
};

struct gate {
	struct gate *next;
	struct key *key;
	const struct gate_limits *limits;
	const char *model;
	const char *words[GATE_REASON_COUNT];
	struct bucket buckets[GATE_LIMIT_COUNT];
	int64_t reserved[GATE_LIMIT_COUNT]; /* of the calls under way */
	int64_t in_flight, window, moved_ms;
	int64_t mean_output; /* of the last answers; 0: none yet */
	struct latch latch;
	int64_t since_ms, overloads, ends; /* of the breaker */
	int64_t trips;                     /* in a row */
	struct gate_pass *first, **last;   /* the queue */
};

struct gates {
	struct arena *arena;
	struct gate_limits limits;
	struct gate *first;
	struct key *keys;
};

struct gates *gates_new(struct arena *arena, const struct gate_limits *limits)
{
	struct gates *gates = arena_alloc(arena, sizeof(*gates));
	gates->arena = arena;
	gates->limits = *limits;
	return gates;
}

static struct key *find_key(struct gates *gates, const char *name)
{
	struct key *key = gates->keys;
	while (key && !text_equal(key->name, name))
		key = key->next;
	if (key)
		return key;
	key = arena_alloc(gates->arena, sizeof(*key));
	key->name = arena_strdup(gates->arena, name);
	key->next = gates->keys;
	return gates->keys = key;
}

struct gate *gates_find(struct gates *gates, const char *key, const char *model)
{
	struct gate *gate = gates->first;
	while (gate && !(text_equal(gate->model, model) && text_equal(gate->key->name, key)))
		gate = gate->next;
	if (gate)
		return gate;
	gate = arena_alloc(gates->arena, sizeof(*gate));
	gate->key = find_key(gates, key);
	gate->limits = &gates->limits;
	gate->model = arena_strdup(gates->arena, model);
	gate->window = gates->limits.ramp_calls;
	gate->last = &gate->first;
	gate->next = gates->first;
	return gates->first = gate;
}

const char **gate_words(struct gate *gate, enum gate_reason reason)
{
	return &gate->words[reason];
}

/* ---- Buckets. ---- */

static int64_t at_most(int64_t value, int64_t limit)
{
	return value < limit ? value : limit;
}

static void refill(struct bucket *bucket, int64_t now_ms)
{
	if (bucket->limit == 0)
		return;
	int64_t full = bucket->limit * MILLI;
	int64_t passed_ms = at_most(now_ms - bucket->at_ms, bucket->span_ms);
	int64_t more = full * passed_ms + bucket->rest;
	bucket->level = at_most(bucket->level + more / bucket->span_ms, full);
	bucket->rest = more % bucket->span_ms;
	bucket->at_ms = now_ms;
}

/* Until the bucket holds need tokens more than ahead; a need beyond the limit: until it is full. */
static int64_t bucket_wait_ms(const struct bucket *bucket, int64_t need, int64_t ahead)
{
	if (bucket->limit == 0)
		return 0;
	int64_t full = bucket->limit * MILLI;
	int64_t lacking = at_most(need * MILLI, full) + ahead * MILLI - bucket->level;
	return lacking > 0 ? (lacking * bucket->span_ms + full - 1) / full : 0;
}

/* A short way from full says little of the pace: the reset is told in whole seconds. */
static void learn_span(struct bucket *bucket, const struct gate_quota *quota)
{
	int64_t used = quota->limit - quota->remaining;
	if (bucket->span_ms == 0)
		bucket->span_ms = SPAN_MS;
	if (quota->full_ms <= 0 || used < quota->limit / 10 || used <= 0)
		return;
	int64_t span_ms = at_most(quota->full_ms, SPAN_MAX_MS) * quota->limit / used;
	bucket->span_ms = span_ms < SPAN_MIN_MS ? SPAN_MIN_MS : at_most(span_ms, SPAN_MAX_MS);
}

/* Reserved, but not in what is told with the answer of this pass: its own output is to come. */
static int64_t pending(const struct gate *gate, const struct gate_pass *pass, int limit)
{
	return gate->reserved[limit] - (limit == GATE_OUTPUT ? 0 : pass->need[limit]);
}

/* What the provider counted may lack calls that are still on their way: while there are others,
 * its word only lowers what we think is left. */
static void learn(struct gate *gate, const struct gate_pass *pass, const struct gate_quota *quota,
    int64_t now_ms)
{
	for (int i = 0; quota && i < GATE_LIMIT_COUNT; i++) {
		struct bucket *bucket = &gate->buckets[i];
		int64_t level = quota[i].remaining * MILLI;
		if (quota[i].limit <= 0)
			continue;
		refill(bucket, now_ms);
		learn_span(bucket, &quota[i]);
		if (bucket->limit == 0 || gate->in_flight <= 1)
			bucket->level = level - pending(gate, pass, i) * MILLI;
		else if (level < bucket->level)
			bucket->level = level;
		bucket->limit = quota[i].limit;
		bucket->at_ms = now_ms;
	}
}

/* ---- Passing. ---- */

static void longer(struct gate_wait *wait, int64_t ms, enum gate_reason reason)
{
	if (ms > wait->ms)
		*wait = (struct gate_wait){.ms = ms, .reason = reason};
}

/* The wait of a call behind others that need what is in ahead. */
static struct gate_wait look(struct gate *gate, const struct gate_pass *pass,
    const int64_t ahead[GATE_LIMIT_COUNT], int64_t now_ms)
{
	struct gate_wait wait = {.ms = 0, .reason = GATE_OPEN};
	struct latch *const latches[] = {&gate->latch, &gate->key->latch};
	for (int i = 0; i < GATE_LIMIT_COUNT; i++) {
		refill(&gate->buckets[i], now_ms);
		longer(&wait, bucket_wait_ms(&gate->buckets[i], pass->need[i], ahead[i]),
		    (enum gate_reason)(GATE_BY_REQUESTS + i));
	}
	for (size_t i = 0; i < ARRAY_LEN(latches); i++)
		longer(&wait, latches[i]->until_ms - now_ms, latches[i]->reason);
	if (wait.ms > 0)
		return wait;
	for (size_t i = 0; i < ARRAY_LEN(latches); i++) {
		if (latches[i]->is_probing)
			return (struct gate_wait){.ms = -1, .reason = latches[i]->reason};
	}
	if (gate->in_flight >= gate->window)
		return (struct gate_wait){.ms = -1, .reason = GATE_BY_RAMP};
	return wait;
}

static void take_probe(struct latch *latch, bool *is_probe)
{
	*is_probe = latch->needs_probe;
	latch->is_probing |= latch->needs_probe;
}

static void admit(struct gate *gate, struct gate_pass *pass, int64_t now_ms)
{
	pass->state = PASS_ADMITTED;
	take_probe(&gate->latch, &pass->is_probe);
	take_probe(&gate->key->latch, &pass->is_key_probe);
	for (int i = 0; i < GATE_LIMIT_COUNT; i++) {
		struct bucket *bucket = &gate->buckets[i];
		if (bucket->limit > 0)
			pass->need[i] = at_most(pass->need[i], bucket->limit);
		bucket->level -= pass->need[i] * MILLI;
		gate->reserved[i] += pass->need[i];
	}
	gate->in_flight++;
	gate->moved_ms = now_ms;
}

static void unqueue(struct gate_pass *pass)
{
	*pass->place = pass->next;
	if (pass->next)
		pass->next->place = pass->place;
	else
		pass->gate->last = pass->place;
}

static void enqueue(struct gate *gate, struct gate_pass *pass)
{
	pass->state = PASS_QUEUED;
	pass->next = NULL;
	pass->place = gate->last;
	*gate->last = pass;
	gate->last = &pass->next;
}

/* max_tokens says little of what an answer takes: twice what the last ones took is enough. */
static int64_t output_need(const struct gate *gate, int64_t most)
{
	return gate->mean_output > 0 ? at_most(most, 2 * gate->mean_output) : most;
}

bool gate_ask(struct gate *gate, struct gate_pass *pass, const int64_t tokens[2], int64_t now_ms,
    struct gate_wait *wait)
{
	int64_t ahead[GATE_LIMIT_COUNT] = {0};
	if (pass->state == PASS_ADMITTED)
		return true;
	if (pass->state == PASS_NONE) {
		pass->gate = gate;
		pass->need[GATE_REQUESTS] = 1;
		pass->need[GATE_INPUT] = tokens[0];
		pass->need[GATE_OUTPUT] = output_need(gate, tokens[1]);
		if (gate->in_flight == 0 && now_ms - gate->moved_ms >= IDLE_MS)
			gate->window = gate->limits->ramp_calls;
		*wait = look(gate, pass, ahead, now_ms);
		if (!gate->first && wait->reason == GATE_OPEN) {
			admit(gate, pass, now_ms);
			return true;
		}
		enqueue(gate, pass);
	}
	for (const struct gate_pass *other = gate->first; other != pass; other = other->next) {
		for (int i = 0; i < GATE_LIMIT_COUNT; i++)
			ahead[i] += other->need[i];
	}
	*wait = look(gate, pass, ahead, now_ms);
	if (wait->reason == GATE_OPEN) /* only those before it are still in the way */
		*wait = (struct gate_wait){.ms = -1, .reason = GATE_BY_RAMP};
	return false;
}

/* ---- What calls bring. ---- */

static void answer_latch(struct latch *latch, bool is_probe)
{
	if (!is_probe)
		return;
	latch->needs_probe = false;
	latch->is_probing = false;
}

void gate_answered(struct gate_pass *pass, const struct gate_quota *quota, int64_t now_ms)
{
	struct gate *gate = pass->gate;
	if (pass->state != PASS_ADMITTED)
		return;
	pass->state = PASS_ANSWERED;
	if (pass->is_probe)
		gate->trips = 0;
	answer_latch(&gate->latch, pass->is_probe);
	answer_latch(&gate->key->latch, pass->is_key_probe);
	gate->ends++;
	if (gate->window < WINDOW_MAX)
		gate->window++; /* a full window of answers doubles it */
	learn(gate, pass, quota, now_ms);
}

static void close_latch(struct latch *latch, enum gate_reason reason, int64_t until_ms)
{
	if (until_ms < latch->until_ms)
		return;
	latch->until_ms = until_ms;
	latch->reason = reason;
}

static void trip(struct gate *gate, uint64_t dice, int64_t now_ms)
{
	int64_t open_ms = gate->limits->base_ms;
	for (int64_t i = 0; i < gate->trips && open_ms < gate->limits->max_ms; i++)
		open_ms *= 2;
	open_ms = at_most(open_ms, gate->limits->max_ms);
	close_latch(&gate->latch, GATE_BY_OVERLOAD,
	    now_ms + open_ms / 2 + (int64_t)(dice % (uint64_t)(open_ms / 2 + 1)));
	gate->latch.needs_probe = true;
	gate->trips++;
	gate->overloads = gate->ends = 0;
}

static void overload(struct gate *gate, bool is_probe, uint64_t dice, int64_t now_ms)
{
	if (now_ms - gate->since_ms > OVERLOADS_MS) {
		gate->since_ms = now_ms;
		gate->overloads = gate->ends = 0;
	}
	gate->overloads++;
	gate->ends++;
	if (is_probe || (gate->overloads >= OVERLOADS && gate->overloads * 2 >= gate->ends))
		trip(gate, dice, now_ms);
}

static void take_report(struct gate *gate, bool is_probe, const struct gate_report *report,
    int64_t now_ms)
{
	struct latch *key = &gate->key->latch;
	int64_t wait_ms = report->wait_ms >= 0 ? report->wait_ms : gate->limits->base_ms;
	switch (report->end) {
	case GATE_RATED:
		close_latch(&gate->latch, GATE_BY_RATE, now_ms + wait_ms);
		gate->window = gate->limits->ramp_calls;
		break;
	case GATE_OVERLOADED:
		overload(gate, is_probe, report->dice, now_ms);
		if (gate->latch.needs_probe)
			gate->window = gate->limits->ramp_calls;
		if (report->wait_ms > 0)
			close_latch(&gate->latch, GATE_BY_OVERLOAD, now_ms + report->wait_ms);
		break;
	case GATE_SPENT:
		close_latch(key, GATE_BY_SPEND, now_ms + SPENT_MS);
		key->needs_probe = true;
		break;
	default:
		break;
	}
}

/* What was reserved and not used is there again. */
static void give_back(struct gate_pass *pass, const int64_t used[GATE_LIMIT_COUNT])
{
	struct gate *gate = pass->gate;
	for (int i = 0; i < GATE_LIMIT_COUNT; i++) {
		struct bucket *bucket = &gate->buckets[i];
		int64_t took = used[i] >= 0 ? used[i] : pass->need[i];
		gate->reserved[i] -= pass->need[i];
		if (bucket->limit > 0)
			bucket->level = at_most(bucket->level + (pass->need[i] - took) * MILLI,
			    bucket->limit * MILLI);
	}
	gate->in_flight--;
	if (pass->is_probe)
		gate->latch.is_probing = false;
	if (pass->is_key_probe)
		gate->key->latch.is_probing = false;
}

void gate_left(struct gate_pass *pass, const struct gate_report *report,
    const struct gate_quota *quota, int64_t now_ms)
{
	static const int64_t nothing[GATE_LIMIT_COUNT] = {0};
	struct gate *gate = pass->gate;
	int64_t output = report->used[GATE_OUTPUT];
	if (pass->state != PASS_ADMITTED && pass->state != PASS_ANSWERED)
		return;
	if (pass->state == PASS_ADMITTED)
		learn(gate, pass, quota, now_ms);
	if (output > 0 && gate->mean_output > 0)
		gate->mean_output += (output - gate->mean_output) / MEAN_SHARE;
	else if (output > 0)
		gate->mean_output = output;
	give_back(pass, report->end == GATE_UNSENT ? nothing : report->used);
	take_report(gate, pass->is_probe, report, now_ms);
	gate->moved_ms = now_ms;
	pass->state = PASS_NONE;
}

void gate_drop(struct gate_pass *pass, int64_t now_ms)
{
	static const struct gate_report unsent = {.end = GATE_UNSENT};
	if (pass->state == PASS_QUEUED)
		unqueue(pass);
	else if (pass->state != PASS_NONE)
		gate_left(pass, &unsent, NULL, now_ms);
	pass->state = PASS_NONE;
}

/* ---- The queues. ---- */

static bool may_pass(struct gate *gate, int64_t now_ms, struct gate_wait *wait)
{
	static const int64_t nobody[GATE_LIMIT_COUNT] = {0};
	if (!gate->first)
		return false;
	*wait = look(gate, gate->first, nobody, now_ms);
	return wait->reason == GATE_OPEN;
}

void gates_step(struct gates *gates, int64_t now_ms, void (*admitted)(void *owner))
{
	struct gate_wait wait;
	for (struct gate *gate = gates->first; gate; gate = gate->next) {
		while (may_pass(gate, now_ms, &wait)) {
			struct gate_pass *pass = gate->first;
			unqueue(pass);
			admit(gate, pass, now_ms);
			admitted(pass->owner);
		}
	}
}

int64_t gates_due_ms(const struct gates *gates, int64_t now_ms)
{
	int64_t due_ms = INT64_MAX;
	for (struct gate *gate = gates->first; gate; gate = gate->next) {
		struct gate_wait wait = {.ms = -1};
		if (may_pass(gate, now_ms, &wait))
			return now_ms;
		if (gate->first && wait.ms >= 0 && now_ms + wait.ms < due_ms)
			due_ms = now_ms + wait.ms;
	}
	return due_ms;
}
