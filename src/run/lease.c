/* lease.c: the runner's life sign, and what dead runners leave behind. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "base/token.h"
#include "run/loop.h"

#define BEATS_PER_LEASE 6
#define RETRY_MS 500
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

static const char *read_line(struct arena *arena, const char *path)
{
	char line[128] = "";
	FILE *file = fopen(path, "re");
	if (file) {
		if (!fgets(line, sizeof(line), file))
			line[0] = '\0';
		(void)fclose(file);
	}
	return text_trim(arena, line);
}

/* Names the machine, its boot and its process namespace: where all agree, a process id says
 * whether a runner lives. */
static const char *host_name(struct arena *arena)
{
	char name[256] = "host", space[64] = "";
	(void)gethostname(name, sizeof(name) - 1);
	if (readlink("/proc/self/ns/pid", space, sizeof(space) - 1) < 0)
		space[0] = '\0';
	return arena_printf(arena, "%s %s %s", name,
	    read_line(arena, "/proc/sys/kernel/random/boot_id"), space);
}

void lease_open(struct runner *runner)
{
	runner->lease_arena = arena_new();
	runner->reap_arena = arena_new();
	runner->self = (struct runner_entry){
		.id = new_id(runner->arena),
		.host = host_name(runner->arena),
		.version = PROMPTBUILDER_VERSION,
		.pid = getpid(),
		.lease_ms = runner->limits.lease_ms,
	};
}

/* ---- Registering; neighbours that are known to be dead lose their lease at once. ---- */

struct neighbours {
	struct runner *runner;
	struct db_rows *rows;
};

static bool is_dead(int64_t pid)
{
	return pid == getpid() || (kill((pid_t)pid, 0) != 0 && errno == ESRCH);
}

static void on_expired(void *arg, const struct err *err)
{
	struct runner *runner = arg;
	runner->is_beating = false;
	runner->reap_due_ms = 0;
}

static void expire_dead(struct runner *runner, const struct db_rows *rows)
{
	arena_reset(runner->reap_arena);
	struct db_tx *tx = db_tx(runner->reap_arena, NULL);
	bool has_found = false;
	for (size_t i = 0; i < db_count(rows); i++) {
		const char *id = db_text(rows, i, "id");
		if (text_equal(id, runner->self.id) || !is_dead(db_int(rows, i, "pid")))
			continue;
		has_found = true;
		db_add(tx, SQL_RUNNER_EXPIRE, arena_strdup(runner->reap_arena, id));
	}
	if (!has_found)
		return;
	runner->is_beating = true;
	store_submit(runner->store, tx, on_expired, runner);
}

static void on_registered(void *arg, const struct err *err)
{
	struct neighbours *found = arg;
	struct runner *runner = found->runner;
	runner->is_beating = false;
	runner->beat_due_ms = clock_ms() + RETRY_MS + runner_jitter_ms(RETRY_MS);
	if (err)
		return;
	runner->is_registered = true;
	log_info("registered", "runner", runner->self.id);
	claim_soon(runner);
	if (!runner->is_reaping)
		expire_dead(runner, found->rows);
}

static void enlist(struct runner *runner)
{
	struct arena *arena = runner->lease_arena;
	struct neighbours *found = arena_alloc(arena, sizeof(*found));
	struct db_tx *tx = db_tx(arena, NULL);
	found->runner = runner;
	runner_start(tx, arena, &runner->self);
	found->rows = db_add(tx, SQL_RUNNER_NEIGHBOURS, runner->self.host);
	store_submit(runner->store, tx, on_registered, found);
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
	runner->is_registered = false;
	runner->beat_due_ms = 0;
	runner->reap_due_ms = clock_ms() + SETTLE_MS;
}

static void on_beat(void *arg, const struct err *err)
{
	struct beat *beat = arg;
	struct runner *runner = beat->runner;
	runner->is_beating = false;
	if (err)
		runner->beat_due_ms = clock_ms() + RETRY_MS;
	else if (db_count(beat->rows) == 0)
		lose_lease(runner);
}

static void send_beat(struct runner *runner, int64_t now_ms)
{
	struct arena *arena = runner->lease_arena;
	struct beat *beat = arena_alloc(arena, sizeof(*beat));
	struct db_tx *tx = db_tx(arena, NULL);
	db_repeatable(tx);
	beat->runner = runner;
	beat->rows = runner_beat(tx, arena, &runner->self, runner->is_draining);
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
}

/* ---- From the loop. ---- */

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
	if (runner->is_registered && !runner->is_beating && !runner->is_reaping
	    && now_ms >= runner->reap_due_ms)
		reap_lost(runner, now_ms);
}

int64_t lease_due_ms(const struct runner *runner)
{
	int64_t due_ms = runner->is_beating ? INT64_MAX : runner->beat_due_ms;
	if (runner->is_registered && !runner->is_beating && !runner->is_reaping
	    && runner->reap_due_ms < due_ms)
		due_ms = runner->reap_due_ms;
	return due_ms;
}

void lease_drain(struct runner *runner)
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
