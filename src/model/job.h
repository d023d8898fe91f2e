/* job.h: the queue as the runner sees it: leases, claims, and the end of a run.
 *
 * Each function adds its statements to a transaction that the caller runs. The fence names the
 * claim: a statement that changes a run does nothing once the job has passed to somebody else. */
#ifndef MODEL_JOB_H
#define MODEL_JOB_H

#include "db/db.h"

#define JOB_CHANNEL "promptbuilder_jobs"
/* Runners in a row that a job may take down before its run fails. */
#define JOB_CRASH_LIMIT 4

/* All text, ready to be parameters. */
struct fence {
	const char *account_id;
	const char *run_id;
	const char *epoch;
	const char *runner_id;
};

/* A claimed run. */
struct job {
	struct fence fence;
	const char *pipeline_id;
	const char *briefing; /* JSON text */
	const char *scored_prompt; /* the version's text that it scores; NULL: it makes its own */
	const char *model;
	int64_t target_score;
	int64_t iteration_limit;
	bool is_first_claim; /* nobody has worked on it before */
	bool cancel_requested;
};

struct runner_entry {
	const char *id;
	const char *host;
	const char *version;
	int64_t pid;
	int64_t lease_ms;
	bool is_draining;
	bool is_listening; /* hears of new work at once; else it polls */
};

void runner_start(struct db_tx *tx, struct arena *arena, const struct runner_entry *runner);
/* Tells that it lives, and the rest. Row: is_drain_requested. No row afterwards: the lease is lost,
 * and with it every claimed job. */
struct db_rows *runner_beat(struct db_tx *tx, struct arena *arena,
    const struct runner_entry *runner);
/* Takes what lost runners held, 64 jobs and calls at a time; the rows count what was booked and
 * what was freed. */
void runner_reap(struct db_tx *tx, struct arena *arena, const char *runner_id,
    struct db_rows **calls, struct db_rows **jobs);

/* Claims up to limit due jobs, at most account_limit running per account. */
struct db_rows *job_claim(struct db_tx *tx, struct arena *arena, const char *runner_id,
    const char *model, const int64_t limits[2]);
/* After a claim whose commit was not confirmed: what the runner holds besides these runs (an SQL
 * array) goes back into the queue. */
void job_disown(struct db_tx *tx, const char *runner_id, const char *run_ids);
/* Copies a claimed row into the arena. */
void job_read(struct arena *arena, const struct db_rows *rows, size_t row, const char *runner_id,
    struct job *job);
/* Row: is_mine, cancel_requested, is_leased. No row: the run has gone. */
struct db_rows *job_state(struct db_tx *tx, const struct fence *fence);
/* What crashed before does not count any more. */
void job_progress(struct db_tx *tx, const struct fence *fence);
/* Why a run goes back into the queue, and for how long. */
struct wait {
	int64_t ms;
	const char *reason;   /* shown to the user; NULL: none */
	bool is_for_budget;   /* it is tried again as soon as another run of its account ends */
};
/* What claimed runs wait for, while their runner keeps them: JSON array of
 * {account, run, epoch, reason, ms}; without a reason: nothing any more. */
void job_waits(struct db_tx *tx, const char *runner_id, const char *waits);
void job_release(struct db_tx *tx, struct arena *arena, const struct fence *fence,
    const struct wait *wait);
/* status: completed, failed or cancelled; sentence: why, NULL when completed. */
void job_finish(struct db_tx *tx, const struct fence *fence, const char *status,
    const char *sentence);

#endif
