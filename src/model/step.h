/* step.h: steps of a run: a stable key, and a result that is stored once. */
#ifndef MODEL_STEP_H
#define MODEL_STEP_H

#include "model/job.h"

/* Where a step stands in its run. */
struct step_place {
	const char *key;  /* "analysis[2]" */
	const char *name; /* "prompt_analysis": also the operation of its cost entries */
	int64_t order;    /* 1, 2, 3, ... */
};

/* Rows: id, step_key, status, request_hash, output, metadata; in order. */
struct db_rows *step_list(struct db_tx *tx, const struct fence *fence);
/* A step without a call, completed at once; metadata is JSON text. */
void step_store(struct db_tx *tx, struct arena *arena, const struct fence *fence,
    const struct step_place *place, const char *metadata);
/* Arrays in the database's notation: "{...}". */
void step_progress(struct db_tx *tx, const char *accounts, const char *steps,
    const char *percents);

#endif
