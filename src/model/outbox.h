/* outbox.h: events on their way out, written in the transaction of what they tell of.
 *
 * A sender takes an event for a while; until then nobody else does. Delivered at least once: the
 * receiver knows a repeated one by its id. */
#ifndef MODEL_OUTBOX_H
#define MODEL_OUTBOX_H

#include "db/db.h"

/* An event that was taken: all text. */
struct outbox_event {
	const char *account_id;
	const char *id;
	const char *attempts; /* tries, this one included: tells a late sender from the next one */
	const char *body;     /* JSON: id, type, created_at, data */
};

/* How the try of an event ended. */
struct outbox_try {
	const char *error; /* NULL: it was accepted */
	int64_t status;    /* of the answer; 0: none came */
	int64_t duration_ms;
};

/* Rows: up to limit due events, taken for lease_ms. */
struct db_rows *outbox_claim(struct db_tx *tx, struct arena *arena, int64_t lease_ms,
    int64_t limit);
/* Gives up what is a day old; what ended more than keep_ms ago goes. */
void outbox_tidy(struct db_tx *tx, struct arena *arena, int64_t keep_ms);
/* Copies a claimed row. */
void outbox_read(struct arena *arena, const struct db_rows *rows, size_t row,
    struct outbox_event *event);
/* The end of a try: delivered, or due again after a while. */
void outbox_settle(struct db_tx *tx, struct arena *arena, const struct outbox_event *event,
    const struct outbox_try *end);

#endif
