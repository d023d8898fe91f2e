/* version.h: the end of a run: its best prompt becomes a version, or a version gets its score. */
#ifndef RUN_VERSION_H
#define RUN_VERSION_H

#include "run/pipeline.h"

/* Adds the statements that store the version and its step, under the fence. */
void version_create(struct db_tx *tx, struct arena *arena, const struct job *job,
    const struct pipeline *pipeline);
/* The same for a run that scores a version: its score, unless it has one. */
void version_score(struct db_tx *tx, struct arena *arena, const struct job *job,
    const struct pipeline *pipeline);

#endif
