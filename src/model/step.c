/* step.c: reading and storing steps as statements of a transaction. */
#include "model/step.h"

struct db_rows *step_list(struct db_tx *tx, const struct fence *fence)
{
	return db_add(tx, SQL_STEP_LIST, fence->account_id, fence->run_id);
}

void step_store(struct db_tx *tx, struct arena *arena, const struct fence *fence,
    const struct step_place *place, const char *metadata)
{
	db_add(tx, SQL_STEP_STORE, fence->account_id, fence->run_id, fence->epoch,
	    fence->runner_id, place->name, db_int_param(arena, place->order), place->key, metadata);
}

void step_progress(struct db_tx *tx, const char *accounts, const char *steps,
    const char *percents)
{
	db_add(tx, SQL_STEP_PROGRESS, accounts, steps, percents);
}
