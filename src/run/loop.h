/* loop.h: the runner process: one thread, one loop over database, provider, timers and signals. */
#ifndef RUN_LOOP_H
#define RUN_LOOP_H

#include "model/job.h"
#include "run/call.h"
#include "run/spool.h"
#include "run/store.h"

struct task;

/* Limits and waits, from the settings. */
struct runner_limits {
	int64_t runs;             /* in flight */
	int64_t runs_per_account;
	int64_t lease_ms, drain_ms;
	int64_t call_tries, retry_base_ms, retry_max_ms;
	int64_t output_tokens;
	int64_t run_ms; /* longest time of a run in our hands */
};

struct runner {
	struct arena *arena;
	const struct conf *conf;
	struct store *store;
	struct caller *caller;
	struct spool *spool; /* NULL: none */
	struct gates *gates; /* admit.c */
	struct db *listener;
	const char *templates;
	struct runner_limits limits;
	struct runner_entry self;

	struct task *tasks;
	size_t task_count;
	int64_t tasks_due_ms; /* no task has to be stepped or freed before */
	struct arena *prompt_arena; /* of the rendering of one prompt */
	bool is_draining; /* no claims, no new calls */

	/* lease.c */
	struct arena *lease_arena, *reap_arena;
	bool is_registered, is_beating, is_reaping;
	bool is_drain_asked; /* by an operator */
	int64_t beat_due_ms, reap_due_ms;
	int64_t beat_sent_ms, trusted_until_ms;
	/* replay.c */
	struct replay *replay;
	/* claim.c */
	struct arena *claim_arena, *cancel_arena;
	bool is_claiming, claims_again, is_work_likely, is_asking, asks_again;
	bool is_claim_unsure; /* a claim may have been committed that brought no rows */
	int64_t claim_due_ms;
	/* webhook.c */
	struct webhook *webhook;
	/* sheet.c */
	struct sheets *sheets;
	/* erase.c */
	struct arena *erase_arena;
	struct db_rows *erase_rows;
	bool is_erasing;
	int64_t erase_due_ms;
	/* progress.c */
	struct arena *progress_arena, *wait_arena;
	bool is_reporting, is_telling;
	int64_t report_due_ms;
};

/* Runs until it is told to stop; the exit status of the process. */
int runner_run(struct arena *arena, const struct conf *conf);
/* 0 to range - 1 milliseconds, at random: peers must not act in the same instant. */
int64_t runner_jitter_ms(int64_t range_ms);

/* lease.c: the runner's row and the heartbeat; the jobs of dead runners. ERR_INVALID: its
 * directory in the spool cannot be had. */
const struct err *lease_open(struct runner *runner) MUST_CHECK;
void lease_step(struct runner *runner, int64_t now_ms);
int64_t lease_due_ms(const struct runner *runner);
/* A heartbeat is due at once: there is something to tell, or to be told. */
void lease_soon(struct runner *runner);
/* Whether the lease surely holds: from the start of the last good heartbeat to shortly before its
 * end. Otherwise nothing is claimed, no call is opened and none is sent; what was sent goes on. */
bool lease_is_trusted(const struct runner *runner);
/* Gives the lease back; the last thing a runner does. */
void lease_close(struct runner *runner);

/* replay.c: what dead runners of this host left in the spool: settled first, then their leases end.
 * While it is busy nothing is claimed or reaped. */
void replay_open(struct runner *runner);
void replay_close(struct runner *runner);
void replay_step(struct runner *runner, int64_t now_ms);
bool replay_is_busy(const struct runner *runner);

/* claim.c: new work, and the wish to cancel work. */
void claim_soon(struct runner *runner);
/* A notification came in: there may be work, or a cancellation. */
void claim_notified(struct runner *runner);
void claim_step(struct runner *runner, int64_t now_ms);
/* Which of our runs are to be cancelled? */
void claim_ask_cancels(struct runner *runner);

/* webhook.c: takes events out of the outbox and posts them to the operator's webhook, if one is
 * set. ERR_INVALID: its address may not be called, or nothing is there to sign with. */
const struct err *webhook_open(struct runner *runner) MUST_CHECK;
void webhook_close(struct runner *runner);
/* There may be events. */
void webhook_notified(struct runner *runner);
void webhook_step(struct runner *runner, int64_t now_ms);
int64_t webhook_due_ms(const struct runner *runner);
/* Whether a delivery is under way: it lasts PROMPTBUILDER_WEBHOOK_TIMEOUT_MS at most. */
bool webhook_is_busy(const struct runner *runner);

/* sheet.c: writes ended runs to a Google spreadsheet, if one is set. ERR_INVALID: its address may
 * not be called. */
const struct err *sheet_open(struct runner *runner) MUST_CHECK;
void sheet_close(struct runner *runner);
void sheet_step(struct runner *runner, int64_t now_ms);
int64_t sheet_due_ms(const struct runner *runner);
/* There may be an order. */
void sheet_soon(struct runner *runner);
/* Whether something is under way: a request lasts GOOGLE_SHEETS_TIMEOUT_MS at most. */
bool sheet_is_busy(const struct runner *runner);
/* Gives a request up; its rows will be looked for. */
void sheet_abort(struct runner *runner);

/* erase.c: drops the texts of accounts that are deleted. */
void erase_step(struct runner *runner, int64_t now_ms);
int64_t erase_due_ms(const struct runner *runner);

/* progress.c: how far the steps in flight are and what waiting runs wait for, in one statement
 * each for all. */
void progress_step(struct runner *runner, int64_t now_ms);

#endif
