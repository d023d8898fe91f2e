/* call.h: calls to the model provider in flight, all on one libcurl multi handle.
 *
 * A call is a POST whose answer streams in. It ends once, in caller_step or call_abort, which
 * call `done`; call_outcome then has its facts. Memory is the arena given at its start, which must
 * live until then. */
#ifndef RUN_CALL_H
#define RUN_CALL_H

#include <poll.h>

#include "base/conf.h"
#include "run/messages.h"
#include "run/quota.h"
#include "run/retry.h"
#include "run/spool.h"

struct caller;
struct call;

/* Any transfer on the caller's multi handle: the first member of what else belongs to it. */
struct transfer {
	void (*on_ended)(struct transfer *transfer, bool is_good); /* by itself, from caller_step */
	void *easy;
	int code; /* libcurl's, once it has ended by itself */
};

typedef void (*call_done)(void *arg, struct call *call);

/* Settings are read once. ERR_INVALID: the base URL may not be called (http is for this machine
 * only, everything else is https). */
const struct err *caller_new(struct arena *arena, const struct conf *conf, struct caller **out)
    MUST_CHECK;
void caller_free(struct caller *caller);
/* Without a key nothing can be called. */
bool caller_has_key(const struct caller *caller);
/* What tells the key from others without telling it. */
const char *caller_key_name(const struct caller *caller);
/* Sends body, which lives in the arena. */
struct call *call_start(struct caller *caller, struct arena *arena, const struct buf *body,
    call_done done, void *arg);
/* Its answer's bytes go into the file, too, before they are looked at. */
void call_keep(struct call *call, struct spool_file *file);
/* begun is called with the call's arg once the provider has accepted it and its headers are in. */
void call_watch(struct call *call, void (*begun)(void *arg));
/* may_send is asked with the call's arg when there is a connection: if not, nothing is sent. */
void call_guard(struct call *call, bool (*may_send)(void *arg));
/* Ends a call in flight; done is called. */
void call_abort(struct call *call);
/* Moves all calls on and ends those that are over, silent or late. */
void caller_step(struct caller *caller, int64_t now_ms);
/* Waits for the calls, for fds, or at most wait_ms. The array has room for one more. */
void caller_wait(struct caller *caller, struct pollfd *fds, size_t count, int64_t wait_ms);
/* No call turns silent or late before; INT64_MAX: none does. */
int64_t caller_due_ms(const struct caller *caller);

/* Begins a transfer with an easy handle whose options are set. */
void transfer_start(struct caller *caller, struct transfer *transfer, void *easy);
/* Takes it off and frees its handle, ended or not; may be repeated. */
void transfer_end(struct caller *caller, struct transfer *transfer);

/* What an ended call brought, whether it came from the provider or stood in the spool. */
struct outcome {
	struct ending ending;
	const struct answer *answer;
	const char *request_id; /* the provider's, NULL: none */
	int64_t first_byte_ms;  /* -1: no byte came */
	int64_t duration_ms;
};

struct outcome call_outcome(const struct call *call);
const struct answer *call_answer(const struct call *call); /* also while it runs */
const struct quota *call_quota(const struct call *call); /* from the first byte of the body on */

#endif
