/* script.h: an answer as bytes and the times at which they leave, faults included.
 *
 * Pure bookkeeping: it knows no socket and no clock; the server asks what is due. */
#ifndef SIM_SCRIPT_H
#define SIM_SCRIPT_H

#include "sim/answer.h"

enum script_end {
	SCRIPT_DONE,  /* the answer ends as it should */
	SCRIPT_CUT,   /* the connection is closed in the middle */
	SCRIPT_STALL, /* nothing more, for ever */
	SCRIPT_AGAIN  /* the last piece again and again, for ever */
};

/* The end of one event, and how much of the answer's text has been said by then. */
struct script_mark {
	size_t end;
	size_t text_len;
};

struct script {
	struct buf *bytes;
	struct script_mark *marks;
	size_t mark_count, mark_cap;
	enum script_end end;
	size_t complete_at; /* the answer counts as complete once so much is sent; 0: never */
	size_t text_len;    /* of the whole answer */
	size_t sent;
	bool sized;         /* sent with a content-length, not in chunks */
	bool drip;          /* a few bytes at a time */
	int64_t first_ms;   /* from the request to the first byte */
	int64_t spread_ms;  /* from the first byte to the last */
	int64_t again_ms; /* between two of its last piece */
	int64_t last_again_ms;
};

/* A fixed body that leaves at once. */
struct script *script_body(struct arena *arena, const char *text);
/* An answer in one JSON body. */
struct script *script_message(struct arena *arena, const struct answer *answer,
    enum fault_kind fault);
/* An answer as an event stream. */
struct script *script_stream(struct arena *arena, const struct answer *answer,
    enum fault_kind fault);

#define SCRIPT_ENDED (-1)
#define SCRIPT_BROKEN (-2)

/* Copies what is due elapsed_ms after the request, at most max bytes, into out. 0: nothing yet;
 * *due_ms is then the time of the next byte, INT64_MAX for never. Negative: as named above. */
int64_t script_step(struct script *script, int64_t elapsed_ms, char *out, size_t max,
    int64_t *due_ms);
bool script_complete(const struct script *script);
/* Output tokens of the answer that have left so far, of all. */
int64_t script_output_sent(const struct script *script, int64_t all);

#endif
