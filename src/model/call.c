/* call.c: opening and settling calls as statements of a transaction. */
#include "model/call.h"

struct db_rows *call_open(struct db_tx *tx, struct arena *arena, const struct fence *fence,
    const struct call_request *request)
{
	return db_add(tx, SQL_CALL_OPEN, fence->account_id, fence->run_id, fence->epoch,
	    fence->runner_id, request->place.name, db_int_param(arena, request->place.order),
	    request->place.key, request->hash, request->metadata, request->model,
	    db_int_param(arena, request->input_tokens),
	    db_int_param(arena, request->output_tokens));
}

void call_read(struct arena *arena, const struct db_rows *rows, struct attempt *attempt)
{
	attempt->id = arena_strdup(arena, db_text(rows, 0, "id"));
	attempt->step_id = arena_strdup(arena, db_text(rows, 0, "step_id"));
	attempt->tries = db_int(rows, 0, "tries");
}

static void add_cost(struct db_tx *tx, struct arena *arena, const struct fence *fence,
    const struct attempt *attempt, const struct settlement *settlement)
{
	const struct money_usage *usage = &settlement->usage;
	db_add(tx, SQL_COST_CREATE, fence->account_id, attempt->id,
	    db_int_param(arena, usage->input), db_int_param(arena, usage->output),
	    db_int_param(arena, usage->cache_read), db_int_param(arena, usage->cache_write),
	    db_int_param(arena, usage->cache_write_1h));
}

void call_settle(struct db_tx *tx, struct arena *arena, const struct fence *fence,
    const struct attempt *attempt, const struct settlement *settlement)
{
	db_add(tx, SQL_CALL_SETTLE, fence->account_id, attempt->id,
	    settlement->is_billed ? "settled" : "free", settlement->is_success ? "true" : "false",
	    settlement->is_estimated ? "true" : "false",
	    settlement->http_status ? db_int_param(arena, settlement->http_status) : NULL,
	    settlement->stop_reason, settlement->error_type, settlement->error_message,
	    settlement->message_id, settlement->request_id,
	    settlement->first_byte_ms < 0 ? NULL : db_int_param(arena, settlement->first_byte_ms),
	    db_int_param(arena, settlement->duration_ms), settlement->usage_json);
	if (settlement->is_billed)
		add_cost(tx, arena, fence, attempt, settlement);
}

void call_withdraw(struct db_tx *tx, const struct fence *fence)
{
	db_add(tx, SQL_CALL_WITHDRAW, fence->account_id, fence->run_id, fence->epoch,
	    fence->runner_id);
}
