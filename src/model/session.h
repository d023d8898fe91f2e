/* session.h: who asks: signing in with slug and token, sessions of browsers, bearers of the API.
 *
 * Only hashes are stored; what is handed out here is never seen again. */
#ifndef MODEL_SESSION_H
#define MODEL_SESSION_H

#include "model/ctx.h"

/* Where a request comes from. */
struct client {
	const char *address; /* as text; what is none counts as one address of its own */
	const char *agent;   /* what the browser calls itself, or NULL */
};

/* Signs in and fills ctx->access; *id gets the secret of the new session, for the cookie.
 * ERR_LOGIN, with one and the same sentence, for an unknown slug and for a wrong token; ERR_LIMIT
 * for a network (an IPv4 address, a /64 of IPv6) that has to wait after failures. */
const struct err *session_open(struct ctx *ctx, const char *slug, const char *token,
    const struct client *client, const char **id) MUST_CHECK;
/* Fills ctx->access from a session's secret; ROLE_NOBODY when there is no such session (any
 * more). */
const struct err *session_find(struct ctx *ctx, const char *id, const char *address) MUST_CHECK;
/* The same in two steps, also for a bearer token, so that more statements may ride along in
 * look.tx: they see what the asker may see. */
struct session_look {
	struct db_tx *tx;
	struct db_rows *rows;
	const char *hash; /* of the session; NULL: it is a bearer's */
};
struct session_look session_look_cookie(struct ctx *ctx, const char *id, const char *address);
struct session_look session_look_bearer(struct ctx *ctx, const char *token, const char *address);
/* Runs look->tx and fills ctx->access. */
const struct err *session_found(struct ctx *ctx, const struct session_look *look) MUST_CHECK;
/* Ends the session of that hash (access.session_hash); one that is gone already is fine. */
const struct err *session_end(struct ctx *ctx, const char *session_hash) MUST_CHECK;
/* The sessions of the asker's token, seen last first, into out: sessions[] with is_current. */
const struct err *session_list(struct ctx *ctx, struct doc *out) MUST_CHECK;
/* Ends one of them; *is_own tells that it is the one that asks. ERR_MISSING: it is no such. */
const struct err *session_end_one(struct ctx *ctx, const char *id, bool *is_own) MUST_CHECK;
/* Ends all of them but the one that asks; *count gets how many. */
const struct err *session_end_others(struct ctx *ctx, int64_t *count) MUST_CHECK;
/* Whether row security holds for the role that statements run as: ERR_DENIED with the reason when
 * not, which must be logged, not shown. */
const struct err *session_safe(struct ctx *ctx) MUST_CHECK;
/* Asks the database whether it can answer; *runners gets how many live runners it knows. */
const struct err *session_ready(struct ctx *ctx, int64_t *runners) MUST_CHECK;

#endif
