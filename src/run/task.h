/* task.h: one claimed run in flight: a machine of states, driven by the loop. */
#ifndef RUN_TASK_H
#define RUN_TASK_H

#include "model/call.h"
#include "run/gate.h"
#include "run/loop.h"
#include "run/pipeline.h"
#include "run/retry.h"

/* A longer wait gives the place to another run. */
#define TASK_WAIT_MAX_MS 30000

enum task_state {
	TASK_NEW,
	TASK_LOADING,   /* the stored steps are being read */
	TASK_OPENING,   /* an attempt is being committed */
	TASK_CALLING,   /* the provider answers */
	TASK_SETTLING,  /* the attempt's end and its cost are being committed */
	TASK_WAITING,   /* for the next try */
	TASK_FINISHING, /* the end of the run is being committed */
	TASK_RELEASING, /* the run goes back into the queue */
	TASK_GONE,
	TASK_STATE_COUNT
};

enum task_event {
	TASK_ON_LOAD,    /* the stored steps are to be read (again) */
	TASK_ON_CALL,    /* a call is next */
	TASK_ON_OPEN,    /* the attempt is committed */
	TASK_ON_ENDED,   /* the call is over */
	TASK_ON_WAIT,    /* try again in a while */
	TASK_ON_END,     /* completed, failed or cancelled */
	TASK_ON_RELEASE, /* later, or by another runner */
	TASK_ON_LOST,    /* the run belongs to somebody else now */
	TASK_ON_DONE     /* committed, nothing left to do */
};

/* What a try brought, kept until it is committed. */
struct task_try {
	struct buf *body;
	int64_t request_bytes, output_tokens; /* of the body; the ceiling it asks for */
	struct attempt attempt;
	struct spool_file *file; /* its answer on disk until it is settled; NULL: none */
	struct call *call; /* in flight; NULL otherwise */
	struct verdict verdict;
	struct settlement settlement;
	int percent_sent; /* of the answer, to the database */
	bool is_dropped;  /* what it brought could not be stored */
};

struct task {
	struct task *next, **place;
	struct runner *runner;
	struct arena *arena;    /* of the run */
	struct arena *scratch;  /* of one try: request and answer */
	struct arena *tx_arena; /* of the transaction under way */
	enum task_state state;
	bool is_storing; /* a transaction is under way */
	bool is_unsure;  /* whether the last opening was committed */
	struct job job;
	struct pipeline pipeline;
	struct step step; /* being worked on */
	struct task_try try;
	struct db_rows *rows, *more_rows; /* of the transaction under way */
	int64_t poor_answers; /* of this step: complete, but of no use */
	bool wants_cancel;
	const char *status, *sentence; /* of the run's end, once that is known */
	const char *stopped_by; /* the budget that ended it, or NULL */
	struct wait wait;      /* before the next try */
	const char *told_wait; /* its reason, once the database knows; NULL: it knows of none */
	int64_t told_until_ms;
	struct gate_pass pass; /* for the next call, or the one in flight */
	int64_t late_ms;       /* the run has taken too long */
	bool is_late;
	int64_t due_ms;        /* INT64_MAX: waits for no timer */
};

/* A task that is in no list, and its end; replay has such, too. */
struct task *task_new(struct runner *runner);
void task_discard(struct task *task);
/* Begins work on a claimed row; the runner's list holds the task from now on. */
void task_start(struct runner *runner, const struct db_rows *rows, size_t row);
/* The user wants the run cancelled. */
void task_cancel(struct task *task);
/* The runner stops: a waiting run goes back into the queue; with force a call in flight is
 * given up, too. */
void task_stop(struct task *task, bool force);
/* Sets its timer. */
void task_wake_at(struct task *task, int64_t due_ms);
/* Moves the task on when its timer has come. */
void task_step(struct task *task, int64_t now_ms);
/* Frees a task that is gone. */
void task_free(struct task *task);

/* next.c: what follows. The run ends, with a sentence if it is not completed: */
enum task_event next_end(struct task *task, const char *status, const char *sentence);
/* apart from a failed try; */
enum task_event next_event(struct task *task);
/* after a try that failed and is booked; */
enum task_event next_try(struct task *task);
/* when a budget refuses the call: while only calls in flight are in the way, the place goes to
 * another run, else this one ends; */
enum task_event next_refused(struct task *task, const struct refusal *refusal);
/* for task->wait: a long one gives the place to another run. */
enum task_event next_wait(const struct task *task);

/* try.c: judges an ended call: fills verdict, settlement and, when accepted, the step's output. */
void try_judge(struct task *task, const struct outcome *outcome);
/* Adds what books the try and stores its step; after a success task->rows tells whether it was
 * the first to do so. */
void try_settle(struct task *task, struct db_tx *tx);
/* An attempt that was opened in vain: nothing was sent. */
void try_withdraw(struct task *task);
/* What it brought could not be stored: only an estimate of its cost is left of it. */
void try_drop(struct task *task, const char *reason);

#endif
