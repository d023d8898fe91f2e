/* sheet_verdict.h: what an answer of Google means: has it happened, what is wrong, and when may it
 * be tried again. */
#ifndef RUN_SHEET_VERDICT_H
#define RUN_SHEET_VERDICT_H

#include "run/sheet_call.h"

enum sheet_end {
	SHEET_DONE,    /* it has happened */
	SHEET_NOT,     /* it has certainly not happened */
	SHEET_UNCLEAR, /* nobody knows: it may have happened, or happen yet */
};

struct sheet_verdict {
	enum sheet_end end;
	const struct doc *answer; /* of a request to the spreadsheet that has happened */
	const char *problem; /* what is wrong and what to do, for operators; NULL: nothing is */
	int64_t wait_ms;     /* before the next request */
	bool is_blocked;     /* somebody has to do something about it */
	bool is_token_bad;   /* another one may do */
	bool is_past_end;    /* the rows asked for are beyond the last one of the tab */
};

/* Who asks for what, for the sentences. */
struct sheet_names {
	const char *address; /* of the service account; NULL: not known */
	const char *spreadsheet, *tab;
	int64_t failures;    /* in a row, before this answer */
};

/* Of a request to the spreadsheet. */
struct sheet_verdict sheet_judge(struct arena *arena, const struct sheet_reply *reply,
    const struct sheet_names *names);
/* Of a request for a token; wall_ms is this machine's clock. Nothing of the spreadsheet has
 * happened, so SHEET_UNCLEAR does not occur. */
struct sheet_verdict sheet_judge_token(struct arena *arena, const struct sheet_reply *reply,
    int64_t failures, int64_t wall_ms);
/* The token of a good answer and how long it is good; false: there is none. */
bool sheet_read_token(struct arena *arena, const struct buf *body, const char **token,
    int64_t *good_ms);
/* How long to wait after so many failures in a row: 1 s, twice as long each time up to 64 s, then
 * 10 minutes. */
int64_t sheet_wait_ms(int64_t failures);

#endif
