/* replay.c: settles what dead runners of this host left in the spool, by the code that settles a
 * live call; then their leases end at once. Until that is done nothing is claimed or reaped. */
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "run/relic.h"
#include "run/spool_call.h"

#define SLOTS 8 /* files at a time */
#define SCAN_MS 5000
#define RETRY_MS 500

/* A file being settled. */
struct slot {
	struct replay *replay;
	struct task *task; /* as that of a live run, but in no list; NULL: free */
	const char *name;
	struct db_rows *state; /* of the attempt, before */
	bool is_storing;
	int64_t due_ms; /* when it is tried again */
};

struct replay {
	struct runner *runner;
	struct arena *arena; /* of the relic */
	struct relic *relic; /* NULL: none */
	struct slot slots[SLOTS];
	bool is_listed; /* all its files have had a slot */
	bool is_expiring;
	int64_t due_ms; /* of the next look for one, or of the next try to end its lease */
	int64_t settled, corrected, known, bad;
};

/* ---- One file. ---- */

static void free_slot(struct slot *slot)
{
	if (!slot->task)
		return;
	task_discard(slot->task);
	slot->task = NULL;
}

static void set_aside(struct slot *slot, const char *reason)
{
	slot->replay->bad++;
	relic_set_aside(slot->replay->relic, slot->name, reason);
	free_slot(slot);
}

static void on_settled(void *arg, const struct err *err);

static void settle(struct slot *slot)
{
	struct task *task = slot->task;
	arena_reset(task->tx_arena);
	struct db_tx *tx = db_tx(task->tx_arena, NULL);
	db_repeatable(tx);
	slot->state = call_state(tx, &task->job.fence, &task->try.attempt);
	try_settle(task, tx);
	slot->is_storing = true;
	slot->due_ms = INT64_MAX;
	store_submit(slot->replay->runner->store, tx, on_settled, slot);
}

/* The database is away: again. Anything else is a fault of ours: an estimate is booked; if that
 * fails, too, people have to look. */
static void settle_failed(struct slot *slot, const struct err *err)
{
	if (err->kind == ERR_DOWN || err->kind == ERR_LIMIT) {
		slot->due_ms = clock_ms() + RETRY_MS + runner_jitter_ms(RETRY_MS);
		return;
	}
	log_error("a spooled answer could not be stored", "run", slot->task->job.pipeline_id,
	    "reason", err->sentence);
	if (slot->task->try.is_dropped) {
		set_aside(slot, err->sentence);
		return;
	}
	try_drop(slot->task, err->sentence);
	settle(slot);
}

static void count_settled(struct slot *slot)
{
	struct replay *replay = slot->replay;
	if (db_count(slot->state) == 0) {
		set_aside(slot, "This database has no such call.");
		return;
	}
	const char *state = db_text(slot->state, 0, "state");
	log_info("spooled answer", "run", slot->task->job.pipeline_id, "attempt",
	    slot->task->try.attempt.id, "was", state);
	if (text_equal(state, "open"))
		replay->settled++;
	else if (text_equal(state, "unknown"))
		replay->corrected++;
	else
		replay->known++;
	relic_drop(replay->relic, slot->name);
	free_slot(slot);
}

static void on_settled(void *arg, const struct err *err)
{
	struct slot *slot = arg;
	slot->is_storing = false;
	if (err)
		settle_failed(slot, err);
	else
		count_settled(slot);
	replay_step(slot->replay->runner, clock_ms());
}

/* Of an answer that is not whole only the tokens are of use. */
static void judge(struct task *task, const struct outcome *outcome)
{
	struct settlement *settlement = &task->try.settlement;
	try_judge(task, outcome);
	if (outcome->ending.end != CALL_RUNNING)
		return;
	settlement->error_type = "runner_lost";
	settlement->error_message = "The runner stopped during this call; the provider may have "
	    "charged for more than had come of the answer.";
}

static void begin(struct slot *slot)
{
	struct replay *replay = slot->replay;
	const char *problem = "It is no file that this user can read.";
	struct outcome outcome;
	slot->task = task_new(replay->runner);
	int fd = relic_open(replay->relic, slot->name);
	if (fd >= 0) {
		problem = spool_call_read(slot->task, fd, &outcome);
		(void)close(fd);
	}
	if (!problem && !text_equal(slot->task->try.attempt.id, slot->name))
		problem = "Its name is not that of its call.";
	if (problem) {
		set_aside(slot, problem);
		return;
	}
	judge(slot->task, &outcome);
	settle(slot);
}

/* Moves a slot on; whether it is at work. */
static bool step_slot(struct slot *slot, int64_t now_ms)
{
	struct replay *replay = slot->replay;
	while (!slot->task && !replay->is_listed && !replay->runner->is_draining) {
		slot->name = relic_next(replay->relic, replay->arena);
		if (slot->name)
			begin(slot);
		else
			replay->is_listed = true;
	}
	if (slot->task && !slot->is_storing && now_ms >= slot->due_ms)
		settle(slot);
	return slot->task != NULL;
}

/* ---- One dead runner. ---- */

static void take_next(struct replay *replay)
{
	arena_reset(replay->arena);
	replay->relic = relic_take(replay->runner->spool, replay->arena);
	replay->is_listed = false;
	replay->settled = replay->corrected = replay->known = replay->bad = 0;
	replay->due_ms = replay->relic ? 0 : clock_ms() + SCAN_MS;
}

static void on_expired(void *arg, const struct err *err)
{
	struct replay *replay = arg;
	struct runner *runner = replay->runner;
	replay->is_expiring = false;
	if (err) {
		replay->due_ms = clock_ms() + RETRY_MS;
		return;
	}
	struct arena *arena = replay->arena;
	log_warn("a runner of this host is dead; its spool is settled", "runner",
	    relic_id(replay->relic), "settled", db_int_param(arena, replay->settled), "corrected",
	    db_int_param(arena, replay->corrected), "known", db_int_param(arena, replay->known),
	    "bad", db_int_param(arena, replay->bad));
	bool is_gone = relic_release(replay->relic);
	replay->relic = NULL;
	replay->due_ms = clock_ms() + SCAN_MS;
	runner->reap_due_ms = 0;
	if (is_gone)
		take_next(replay);
	replay_step(runner, clock_ms());
	claim_soon(runner);
}

static void expire(struct replay *replay)
{
	struct db_tx *tx = db_tx(replay->arena, NULL);
	db_repeatable(tx);
	db_add(tx, SQL_RUNNER_EXPIRE, relic_id(replay->relic));
	replay->is_expiring = true;
	store_submit(replay->runner->store, tx, on_expired, replay);
}

/* ---- From the loop. ---- */

void replay_open(struct runner *runner)
{
	struct replay *replay = arena_alloc(runner->arena, sizeof(*replay));
	runner->replay = replay;
	replay->runner = runner;
	replay->arena = arena_new();
	for (size_t i = 0; i < SLOTS; i++)
		replay->slots[i].replay = replay;
	take_next(replay);
}

void replay_close(struct runner *runner)
{
	struct replay *replay = runner->replay;
	for (size_t i = 0; i < SLOTS; i++)
		free_slot(&replay->slots[i]);
	if (replay->relic)
		(void)relic_release(replay->relic);
	arena_free(replay->arena);
}

bool replay_is_busy(const struct runner *runner)
{
	return runner->replay->relic != NULL;
}

void replay_step(struct runner *runner, int64_t now_ms)
{
	struct replay *replay = runner->replay;
	bool is_busy = false;
	if (!replay->relic && now_ms >= replay->due_ms && !runner->is_draining)
		take_next(replay);
	if (!replay->relic)
		return;
	for (size_t i = 0; i < SLOTS; i++)
		is_busy |= step_slot(&replay->slots[i], now_ms);
	if (!is_busy && replay->is_listed && !replay->is_expiring && now_ms >= replay->due_ms)
		expire(replay);
}
