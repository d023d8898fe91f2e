/* delivery.h: events for the webhook as people see them. */
#ifndef MODEL_DELIVERY_H
#define MODEL_DELIVERY_H

#include "model/ctx.h"

struct delivery_filter {
	const char *account_id; /* each may be NULL */
	const char *state;
	const char *cursor; /* id of the last event seen */
	int64_t limit;
};

/* The states of an event, NULL-terminated. */
extern const char *const delivery_states[];

/* Newest first: deliveries[], next_cursor. */
const struct err *delivery_list(struct ctx *ctx, const struct delivery_filter *filter,
    struct doc *out) MUST_CHECK;
/* One with its payload (text of a JSON document) and its tries[], the last one first. */
const struct err *delivery_get(struct ctx *ctx, const char *id, struct doc *out) MUST_CHECK;
/* Makes it due now, whatever became of it; it is tried for a day again. Reads it. */
const struct err *delivery_resend(struct ctx *ctx, const char *id, struct doc *out) MUST_CHECK;

#endif
