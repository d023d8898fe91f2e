/* lease.c: the runner's life sign, and what dead runners leave behind. */
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "base/token.h"
#include "run/fault.h"
#include "run/loop.h"

#define BEATS_PER_LEASE 6
#define RETRY_MS 500
/* A lease is not trusted to its end: what is begun under it takes a moment. */
#define TRUST_MARGIN_MS 5000
/* After an outage the results at hand are stored before lost jobs are given away. */
#define SETTLE_MS 2000

/* A new UUID for each lease: a lost one never comes back to life. */
static const char *new_id(struct arena *arena)
{
	unsigned char bytes[16];
	struct buf *id = buf_new(arena, 40);
	token_random(bytes, sizeof(bytes));
	bytes[6] = (unsigned char)(0x40 | (bytes[6] & 0x0f));
	bytes[8] = (unsigned char)(0x80 | (bytes[8] & 0x3f));
	for (size_t i = 0; i < sizeof(bytes); i++)
		buf_printf(id, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", bytes[i]);
	return id->data;
}

static const char *host_name(struct arena *arena)
{
	char name[256] = "host";
	(void)gethostname(name, sizeof(name) - 1);
	return arena_strdup(arena, name);
}

const struct err *lease_open(struct runner *runner)
{
	const char *spool = conf_text(runner->conf, "PROMPTBUILDER_SPOOL_DIR");
	runner->lease_arena = arena_new();
	runner->reap_arena = arena_new();
	runner->self = (struct runner_entry){
		.id = new_id(runner->arena),
		.host = host_name(runner->arena),
		.version = PROMPTBUILDER_VERSION,
		.pid = getpid(),
		.lease_ms = runner->limits.lease_ms,
	};
	if (spool)
		return spool_open(runner->arena, spool, runner->self.id, &runner->spool);
	log_warn("PROMPTBUILDER_SPOOL_DIR is not set: an answer that the database cannot take is "
	    "lost if this runner is killed");
	return NULL;
}

/* ---- Registering. ---- */

/* By CLOCK_BOOTTIME, which no wrong wall clock moves and a suspended machine does not stop. */
static void trust(struct runner *runner)
{
	int64_t margin_ms = runner->limits.lease_ms / BEATS_PER_LEASE;
	if (margin_ms > TRUST_MARGIN_MS)
		margin_ms = TRUST_MARGIN_MS;
	runner->trusted_until_ms = runner->beat_sent_ms + runner->limits.lease_ms - margin_ms;
}

bool lease_is_trusted(const struct runner *runner)
{
	return runner->is_registered && clock_ms() < runner->trusted_until_ms;
}

static void on_registered(void *arg, const struct err *err)
{
	struct runner *runner = arg;
	runner->is_beating = false;
	runner->beat_due_ms = clock_ms() + RETRY_MS + runner_jitter_ms(RETRY_MS);
	if (err)
		return;
	runner->is_registered = true;
	trust(runner);
	log_info("registered", "runner", runner->self.id);
	claim_soon(runner);
}

static void enlist(struct runner *runner)
{
	struct db_tx *tx = db_tx(runner->lease_arena, NULL);
	runner->beat_sent_ms = clock_ms();
	runner_start(tx, runner->lease_arena, &runner->self);
	store_submit(runner->store, tx, on_registered, runner);
	FAULT_POINT("enlist");
}

/* ---- The heartbeat. ---- */

struct beat {
	struct runner *runner;
	struct db_rows *rows;
};

/* Runs claimed under the lost lease cannot go on: their fences refuse every step. Calls in
 * flight are finished and booked. */
static void lose_lease(struct runner *runner)
{
	log_warn("the lease ran out; starting anew", "runner", runner->self.id);
	runner->self.id = new_id(runner->arena);
	spool_rename(runner->spool, runner->self.id);
	runner->is_registered = false;
	runner->beat_due_ms = 0;
	runner->reap_due_ms = clock_ms() + SETTLE_MS;
}

static void on_beat(void *arg, const struct err *err)
{
	struct beat *beat = arg;
	struct runner *runner = beat->runner;
	runner->is_beating = false;
	if (err) {
		runner->beat_due_ms = clock_ms() + RETRY_MS;
	} else if (db_count(beat->rows) == 0) {
		lose_lease(runner);
	} else {
		trust(runner);
		runner->is_drain_asked |= db_bool(beat->rows, 0, "is_drain_requested");
	}
}

static void send_beat(struct runner *runner, int64_t now_ms)
{
	struct arena *arena = runner->lease_arena;
	struct beat *beat = arena_alloc(arena, sizeof(*beat));
	struct db_tx *tx = db_tx(arena, NULL);
	db_repeatable(tx);
	beat->runner = runner;
	runner->self.is_draining = runner->is_draining;
	runner->self.is_listening = db_is_listening(runner->listener);
	beat->rows = runner_beat(tx, arena, &runner->self);
	runner->beat_sent_ms = now_ms;
	runner->beat_due_ms = now_ms + runner->limits.lease_ms / BEATS_PER_LEASE;
	store_submit(runner->store, tx, on_beat, beat);
	claim_ask_cancels(runner);
}

/* ---- Reaping. ---- */

struct reap {
	struct runner *runner;
	struct db_rows *calls, *jobs;
};

static void on_reaped(void *arg, const struct err *err)
{
	struct reap *reap = arg;
	struct runner *runner = reap->runner;
	runner->is_reaping = false;
	if (err || db_count(reap->calls) + db_count(reap->jobs) == 0)
		return;
	FAULT_POINT("reaped");
	log_warn("took over from lost runners", "runs",
	    db_int_param(runner->reap_arena, (int64_t)db_count(reap->jobs)), "calls",
	    db_int_param(runner->reap_arena, (int64_t)db_count(reap->calls)));
	runner->reap_due_ms = 0;
	claim_soon(runner);
}

static void reap_lost(struct runner *runner, int64_t now_ms)
{
	arena_reset(runner->reap_arena);
	struct reap *reap = arena_alloc(runner->reap_arena, sizeof(*reap));
	struct db_tx *tx = db_tx(runner->reap_arena, NULL);
	int64_t period_ms = runner->limits.lease_ms / BEATS_PER_LEASE;
	reap->runner = runner;
	runner->is_reaping = true;
	runner->reap_due_ms = now_ms + period_ms + runner_jitter_ms(period_ms / 4 + 1);
	runner_reap(tx, runner->reap_arena, runner->self.id, &reap->calls, &reap->jobs);
	store_submit(runner->store, tx, on_reaped, reap);
	FAULT_POINT("reap");
}

/* ---- From the loop. ---- */

static bool reaps(const struct runner *runner)
{
	return runner->is_registered && !runner->is_beating && !runner->is_reaping
	    && !replay_is_busy(runner);
}

void lease_step(struct runner *runner, int64_t now_ms)
{
	if (!runner->is_beating && now_ms >= runner->beat_due_ms) {
		arena_reset(runner->lease_arena);
		runner->is_beating = true;
		if (runner->is_registered)
			send_beat(runner, now_ms);
		else
			enlist(runner);
	}
	if (reaps(runner) && now_ms >= runner->reap_due_ms)
		reap_lost(runner, now_ms);
}

int64_t lease_due_ms(const struct runner *runner)
{
	int64_t due_ms = runner->is_beating ? INT64_MAX : runner->beat_due_ms;
	if (reaps(runner) && runner->reap_due_ms < due_ms)
		due_ms = runner->reap_due_ms;
	return due_ms;
}

void lease_soon(struct runner *runner)
{
	runner->beat_due_ms = 0;
}

static void on_closed(void *arg, const struct err *err)
{
	struct runner *runner = arg;
	runner->is_registered = false;
	runner->is_beating = false;
}

void lease_close(struct runner *runner)
{
	if (!runner->is_registered || runner->is_beating)
		return;
	arena_reset(runner->lease_arena);
	struct db_tx *tx = db_tx(runner->lease_arena, NULL);
	db_repeatable(tx);
	db_add(tx, SQL_RUNNER_END, runner->self.id);
	runner->is_beating = true;
	store_submit(runner->store, tx, on_closed, runner);
}
