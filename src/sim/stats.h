/* stats.h: the provider's own count of what it was asked and what it answered. */
#ifndef SIM_STATS_H
#define SIM_STATS_H

#include "sim/usage.h"

struct stats;

/* One create call while it is being answered. */
struct stats_call {
	int64_t serial;
	bool started;       /* its message has begun */
	struct usage usage; /* of the whole answer */
};

struct stats *stats_new(void);
void stats_free(struct stats *stats);
/* Forgets all counts; calls in flight are not counted when they end. */
void stats_reset(struct stats *stats);

/* A create call has come. request is NULL where its body was refused. */
void stats_begin(struct stats *stats, const struct request *request, struct stats_call *call);
/* Under which ids it is answered; message_id may be NULL. */
void stats_name(struct stats *stats, const struct stats_call *call, const char *request_id,
    const char *message_id);
/* The first byte of its message has left. */
void stats_start(struct stats *stats, struct stats_call *call);
/* It is over: outcome is a static word; output_sent the output tokens that left. */
void stats_finish(struct stats *stats, const struct stats_call *call, const char *outcome,
    int64_t output_sent);
void stats_count_tokens(struct stats *stats);

struct doc *stats_doc(struct arena *arena, const struct stats *stats);
/* The last 8,000 create calls, the latest first. */
struct doc *stats_requests_doc(struct arena *arena, const struct stats *stats);

/* What a call ends as when all of its answer has left. */
extern const char stats_completed[];

#endif
