/* sheet_call.h: one request to Google, and what came back. */
#ifndef RUN_SHEET_CALL_H
#define RUN_SHEET_CALL_H

#include "run/call.h"

struct sheet_request {
	const char *url;
	const char *token;        /* bearer; NULL: none */
	const char *content_type; /* of the body */
	const char *body;         /* NULL: it is a GET */
	const char *ca_file;      /* beside the system's authorities; NULL: none */
	int64_t connect_ms, timeout_ms; /* of connecting, of the whole */
	size_t answer_max;        /* bytes; a longer answer is cut off and counts as none */
};

struct sheet_reply {
	long status;            /* 0: none came */
	bool has_left;          /* some of the request may have reached the server */
	bool is_whole;          /* the answer is */
	bool is_too_large;
	const char *detail;     /* why it is not whole, for operators */
	const struct buf *body;
	int64_t retry_after_ms; /* -1: not said */
	int64_t date_ms;        /* the server's clock, since 1970; 0: not said */
};

struct sheet_call;
typedef void (*sheet_call_done)(void *arg, const struct sheet_reply *reply);

/* Everything lives in the arena until done has been called, or sheet_call_end. */
struct sheet_call *sheet_call_start(struct caller *caller, struct arena *arena,
    const struct sheet_request *request, sheet_call_done done, void *arg);
/* Ends it; done is not called. */
void sheet_call_end(struct sheet_call *call);

#endif
