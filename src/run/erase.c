/* erase.c: accounts that an operator has deleted: their texts go, a batch at a time. Runners share
 * the work: who has an account keeps it locked for the batch. */
#include "base/clock.h"
#include "base/log.h"
#include "run/loop.h"

#define POLL_MS 10000

static void on_erased(void *arg, const struct err *err)
{
	struct runner *runner = arg;
	bool is_any = !err && db_count(runner->erase_rows) > 0;

	runner->is_erasing = false;
	if (is_any && db_bool(runner->erase_rows, 0, "is_done"))
		log_info("account erased", "account_id",
		    db_text(runner->erase_rows, 0, "account_id"));
	runner->erase_due_ms = is_any ? 0 : clock_ms() + POLL_MS + runner_jitter_ms(POLL_MS);
}

static bool may_erase(const struct runner *runner)
{
	return runner->is_registered && !runner->is_draining && !runner->is_erasing;
}

void erase_step(struct runner *runner, int64_t now_ms)
{
	struct db_tx *tx;

	if (!may_erase(runner) || now_ms < runner->erase_due_ms)
		return;
	arena_reset(runner->erase_arena);
	tx = db_tx(runner->erase_arena, NULL);
	runner->erase_rows = db_add(tx, SQL_DELETION_STEP, NULL);
	runner->is_erasing = true;
	store_submit(runner->store, tx, on_erased, runner);
}

int64_t erase_due_ms(const struct runner *runner)
{
	return may_erase(runner) ? runner->erase_due_ms : INT64_MAX;
}
