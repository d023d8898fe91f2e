/* call.h: the call ledger: every request to the provider is a row before its first byte is sent,
 * and is settled once.
 *
 * open -> settled (billed, exactly or by estimate) | free (provably not billed) | unknown (its
 * runner was lost); unknown -> settled when the truth arrives late. */
#ifndef MODEL_CALL_H
#define MODEL_CALL_H

#include "base/money.h"
#include "model/step.h"

struct call_request {
	struct step_place place;
	const char *hash;     /* of what is asked, see messages_request */
	const char *metadata; /* of the step, JSON text */
	const char *model;
	int64_t input_tokens; /* it cannot be more, see messages_tokens_max */
	int64_t output_tokens; /* the ceiling */
};

/* An open attempt. */
struct attempt {
	const char *id;
	const char *step_id;
	int64_t tries; /* of this step so far, this one included */
	struct money_rates ceiling; /* the dearest that tokens of input and output can be */
	int64_t worst_nano;         /* reserved: it cannot cost more */
	bool is_capped;             /* a budget counts on that */
};

/* A budget stands in the way of a call. */
struct refusal {
	const char *budget_id;
	const char *sentence; /* the figures, and what to do */
	bool waits;           /* without the calls in flight it would fit */
};

/* How it ended. */
struct settlement {
	bool is_billed; /* false: free */
	bool is_success;
	bool is_estimated;
	int64_t http_status; /* 0: none */
	const char *stop_reason, *error_type, *error_message;
	const char *message_id, *request_id;
	int64_t first_byte_ms; /* -1: no byte came */
	int64_t duration_ms;
	struct money_usage usage;
	const char *usage_json; /* the provider's usage object, NULL: none came */
};

/* One row: opened or refused. None: not ours any more, to be cancelled, or the step is stored
 * already (ask job_state). Until the end of the transaction no other call of an account with a cap
 * is opened. */
struct db_rows *call_open(struct db_tx *tx, struct arena *arena, const struct fence *fence,
    const struct call_request *request);
/* Frees what this claim left open without having sent it. */
void call_withdraw(struct db_tx *tx, const struct fence *fence);
/* Copies the one row of call_open. false: the call is refused. */
bool call_read(struct arena *arena, const struct db_rows *rows, struct attempt *attempt,
    struct refusal *refusal);
/* Whether a budget counts on the worst case and this could cost more than it: then the provider is
 * not believed. Without a cap its word is what it bills. */
bool call_is_too_much(const struct attempt *attempt, const struct money_usage *usage);
/* Row: state. No row: there is no such attempt. */
struct db_rows *call_state(struct db_tx *tx, const struct fence *fence,
    const struct attempt *attempt);
/* Stores a successful attempt's output as that of its step; metadata is JSON text. No row changed:
 * the step has its output already, or another question is asked by now. */
struct db_rows *call_complete(struct db_tx *tx, const struct fence *fence,
    const struct attempt *attempt, const char *output, const char *metadata);
/* Books the end and, when billed, its line; may be repeated. */
void call_settle(struct db_tx *tx, struct arena *arena, const struct fence *fence,
    const struct attempt *attempt, const struct settlement *settlement);

#endif
