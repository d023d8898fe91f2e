/* version.h: prompt versions: read, and their way from draft to final and archived. */
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

/* What a status is changed to, and the revision that whoever asks has seen; 0: any. */
struct version_move {
	const char *status;
	int64_t revision;
};

/* The statuses of a version, NULL-terminated. */
extern const char *const version_statuses[];

/* Newest first, without texts: prompt_versions[], next_cursor. */
const struct err *version_list(struct ctx *ctx, const struct version_filter *filter,
    struct doc *out) MUST_CHECK;
/* One with its texts, moves[], environments[], approvals[], events[] and notes[]; ERR_MISSING. */
const struct err *version_get(struct ctx *ctx, const char *id, struct doc *out) MUST_CHECK;
/* The error that there is none. */
const struct err *version_missing(struct ctx *ctx) MUST_CHECK;
/* The error of a version whose texts retention dropped at that time (a timestamp's text). */
const struct err *version_gone(struct ctx *ctx, const char *pruned_at) MUST_CHECK;
/* Runs a change of version id, a UUID, and reads it (see version_get). A conflict's facts get
 * `present`: the version's status and revision, and deployed: the version's id by environment. */
const struct err *version_change(struct ctx *ctx, struct db_tx *tx, const char *id,
    struct doc *out) MUST_CHECK;
/* The latest of an assistant (UUID or external id) of an account; ERR_MISSING. */
const struct err *version_latest(struct ctx *ctx, const char *account_id, const char *assistant,
    struct doc *out) MUST_CHECK;
/* Changes the status as version_moves allows and reads the version. "deployed" deploys to the
 * first environment, away from it is a withdrawal from all. ERR_CONFLICT, with what is there now,
 * when the move is not allowed or the revision is another; ERR_GONE when its texts are no longer
 * kept and it would come into use. */
const struct err *version_move(struct ctx *ctx, const char *id, const struct version_move *move,
    struct doc *out) MUST_CHECK;
/* Notes that the caller agrees to the version, and reads it. ERR_DENIED: the caller made it. */
const struct err *version_approve(struct ctx *ctx, const char *id, struct doc *out) MUST_CHECK;
/* The notes on a version, newest first: version, notes[], next_cursor. */
const struct err *version_note_list(struct ctx *ctx, const char *id, const char *cursor,
    int64_t limit, struct doc *out) MUST_CHECK;
/* Adds one: 1 to 4000 characters. */
const struct err *version_note_add(struct ctx *ctx, const char *id, const char *note,
    struct doc *out) MUST_CHECK;

#endif
