/* score.h: versions made by hand, and runs that only score a version. */
#ifndef MODEL_SCORE_H
#define MODEL_SCORE_H

#include "model/ctx.h"

#define VERSION_BYTES_MAX (1 << 20) /* of a prompt that a hand makes */
#define VERSION_MESSAGE_MAX 500     /* characters */

/* How a version is scored. */
struct score_how {
	const char *model;           /* NULL: PROMPTBUILDER_MODEL */
	const char *idempotency_key; /* NULL: none */
};

/* Queues a run that scores the version; out gets id, pipeline_id and status of the run, and
 * version_id. A key that has been used for the same gives the run it made. ERR_CONFLICT: the
 * version has a score, or a run is about to give it one; ERR_GONE: its text is no longer kept;
 * ERR_BUDGET: nothing is left to spend; ERR_INVALID: the model has no price, or the key was used
 * for something else. */
const struct err *score_launch(struct ctx *ctx, const char *version_id,
    const struct score_how *how, struct doc *out) MUST_CHECK;

struct version_edit {
	const char *parent_id; /* the version that was edited */
	const char *content;   /* valid UTF-8, at most VERSION_BYTES_MAX */
	const char *message;   /* NULL: none */
	bool is_scored;        /* a run that scores it is queued in the same transaction */
	struct score_how how;
};

/* Makes a draft of the same assistant; out gets id, version, status and score_run (or null).
 * ERR_CONFLICT names the version that has this text already; else as score_launch. */
const struct err *version_edit(struct ctx *ctx, const struct version_edit *edit,
    struct doc *out) MUST_CHECK;

#endif
