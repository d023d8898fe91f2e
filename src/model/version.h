/* version.h: prompt versions: read, and their way from draft to deployed and archived. */
#ifndef MODEL_VERSION_H
#define MODEL_VERSION_H

#include "model/ctx.h"

struct version_filter {
	const char *account_id; /* each may be NULL */
	const char *assistant;  /* UUID or external id */
	const char *run;        /* UUID or pipeline id */
	const char *status;
	const char *cursor;     /* id of the last version seen */
	int64_t limit;
};

/* The statuses of a version, NULL-terminated. */
extern const char *const version_statuses[];

/* Newest first, without texts: prompt_versions[], next_cursor. */
const struct err *version_list(struct ctx *ctx, const struct version_filter *filter,
    struct doc *out) MUST_CHECK;
/* One with its texts; ERR_MISSING. */
const struct err *version_get(struct ctx *ctx, const char *id, struct doc *out) MUST_CHECK;
/* The error of a version whose texts retention dropped at that time (a timestamp's text). */
const struct err *version_gone(struct ctx *ctx, const char *pruned_at) MUST_CHECK;
/* The latest of an assistant (UUID or external id) of an account; ERR_MISSING. */
const struct err *version_latest(struct ctx *ctx, const char *account_id, const char *assistant,
    struct doc *out) MUST_CHECK;
/* Changes the status and reads the version; deployed_at is set for "deployed" and cleared
 * otherwise. ERR_CONFLICT when it has the status already; ERR_GONE when its texts are no longer
 * kept and it would come into use. */
const struct err *version_set_status(struct ctx *ctx, const char *id, const char *status,
    struct doc *out) MUST_CHECK;

#endif
