/* retry.h: what the end of a call means: whether it is billed, whether to try again, and when.
 *
 * The one layer of retries. The rules are the provider's: its own advice first (x-should-retry,
 * retry-after), never again after a refusal or a spend limit, full jitter otherwise. */
#ifndef RUN_RETRY_H
#define RUN_RETRY_H

#include "base/arena.h"
#include "run/messages.h"

/* The provider's wait is obeyed up to here. */
#define RETRY_AFTER_MAX_MS INT64_C(3600000)

enum call_end {
	CALL_RUNNING,
	CALL_ANSWERED, /* the response came to its end */
	CALL_BROKEN,   /* connection refused, lost, cut */
	CALL_UNREADABLE, /* an answer that cannot be used: no event stream, rubbish, too long */
	CALL_UNANSWERED, /* it did not begin in time */
	CALL_SILENT,   /* nothing but pings for too long */
	CALL_LATE,     /* beyond the longest time of a call */
	CALL_ABORTED   /* by us: cancelled or stopping */
};

/* The facts of an ended call. Texts may be NULL. */
struct ending {
	enum call_end end;
	bool is_sent;     /* a byte of the request may have reached the provider */
	bool is_started;  /* the answer began */
	bool is_complete; /* and came to its message_stop */
	int64_t http_status; /* 0: none came */
	const char *error_type, *error_code, *error_message; /* the provider's */
	bool is_untrusted;  /* its certificate is no good */
	const char *detail; /* what the connection says */
	const char *should_retry, *retry_after, *retry_after_ms; /* header values */
};

enum verdict_kind {
	VERDICT_ACCEPT,
	VERDICT_AGAIN, /* worth another try */
	VERDICT_FAIL   /* another try would end the same way */
};

struct verdict {
	enum verdict_kind kind;
	bool is_billed;       /* false: provably not billed */
	bool is_capped;       /* the key's spend limit is reached */
	int64_t wait_ms;      /* the provider's wish, -1: none */
	const char *error_type;
	const char *sentence; /* what happened and what to do; NULL when accepted */
};

void retry_judge(struct arena *arena, const struct ending *ending, struct verdict *verdict);
/* Full jitter: 0 to base * 2^(tries - 1), at most max; dice is any random number. */
int64_t retry_backoff_ms(int64_t base_ms, int64_t max_ms, int64_t tries, uint64_t dice);
/* Milliseconds of a retry-after-ms or retry-after header (seconds or a date), at most
 * RETRY_AFTER_MAX_MS; -1: neither says anything usable. */
int64_t retry_after_ms(const char *header_ms, const char *header);
/* What an answer itself tells of its end. */
void retry_read_answer(const struct answer *answer, struct ending *ending);

#endif
