/* answer.h: what the simulated model says to a request, and what it counts for it. */
#ifndef SIM_ANSWER_H
#define SIM_ANSWER_H

#include "sim/fault.h"
#include "sim/usage.h"

struct answer {
	const char *id;
	const char *model;
	const char *text; /* empty: no content block */
	const char *stop_reason;
	const char *stop_sequence; /* NULL: none */
	bool refused;
	struct usage usage; /* the truth; faults change only what is shown */
};

/* Fills text and stop reason from the request and the fault; recorded scores come first. */
void answer_write(struct arena *arena, const struct request *request, enum fault_kind fault,
    struct recorded *recorded, struct answer *answer);
/* The message object, complete. */
struct doc *answer_message(struct arena *arena, const struct answer *answer,
    const struct usage *shown);
/* The message object of a message_start: no content, no stop reason. */
struct doc *answer_opening(struct arena *arena, const struct answer *answer,
    const struct usage *shown);
/* The message_delta event. */
struct doc *answer_closing(struct arena *arena, const struct answer *answer,
    const struct usage *shown);

#endif
