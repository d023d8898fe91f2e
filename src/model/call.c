/* call.c: opening and settling calls as statements of a transaction. */
#include "model/call.h"

#include "base/log.h"

/* Comes before whatever opens or books: all take their locks in one order. */
static void lock_budgets(struct db_tx *tx, const struct fence *fence)
{
	db_add_element(tx, SQL_FIRST, SQL_CALL_LOCK_BUDGETS, fence->account_id);
}

struct db_rows *call_open(struct db_tx *tx, struct arena *arena, const struct fence *fence,
    const struct call_request *request)
{
	lock_budgets(tx, fence);
	return db_add(tx, SQL_CALL_OPEN, fence->account_id, fence->run_id, fence->epoch,
	    fence->runner_id, request->place.name, db_int_param(arena, request->place.order),
	    request->place.key, request->hash, request->metadata, request->model,
	    db_int_param(arena, request->input_tokens),
	    db_int_param(arena, request->output_tokens));
}

static int64_t nano_of(const struct db_rows *rows, const char *column)
{
	int64_t nano = 0;
	if (!money_from_text(db_text(rows, 0, column), &nano))
		log_error("an amount cannot be read", "column", column);
	return nano;
}

static const char *amount(struct arena *arena, const struct db_rows *rows, const char *column)
{
	return money_short(arena, nano_of(rows, column));
}

static const char *refusal_sentence(struct arena *arena, const struct db_rows *rows)
{
	const char *slug = db_text(rows, 0, "account_slug");
	const char *budget = arena_printf(arena, "The budget of account %s for %s is %s USD", slug,
	    db_text(rows, 0, "period_name"), amount(arena, rows, "cap_usd"));
	if (db_bool(rows, 0, "is_unpriced"))
		return arena_printf(arena, "%s, and the model %s has no full price: under a cap "
		    "nothing is called without one. An operator can set it with \"promptbuilder "
		    "prices set\"; then retry the run.", budget, db_text(rows, 0, "model"));
	const char *figures = arena_printf(arena, "%s; %s is spent, %s reserved, and this call may "
	    "cost up to %s.", budget, amount(arena, rows, "spent_usd"),
	    amount(arena, rows, "reserved_usd"), amount(arena, rows, "worst_usd"));
	if (db_bool(rows, 0, "waits"))
		return arena_printf(arena, "%s It is made when calls in flight are settled.",
		    figures);
	return arena_printf(arena, "%s An operator or a member of %s can raise it under /budgets; "
	    "then retry the run.", figures, slug);
}

bool call_read(struct arena *arena, const struct db_rows *rows, struct attempt *attempt,
    struct refusal *refusal)
{
	if (!db_text(rows, 0, "id")) {
		refusal->budget_id = arena_strdup(arena, db_text(rows, 0, "budget_id"));
		refusal->sentence = refusal_sentence(arena, rows);
		refusal->waits = db_bool(rows, 0, "waits");
		return false;
	}
	attempt->id = arena_strdup(arena, db_text(rows, 0, "id"));
	attempt->step_id = arena_strdup(arena, db_text(rows, 0, "step_id"));
	attempt->tries = db_int(rows, 0, "tries");
	attempt->ceiling = (struct money_rates){
		.input = db_int(rows, 0, "input_pico"), .output = db_int(rows, 0, "output_pico")};
	attempt->worst_nano = nano_of(rows, "worst_usd");
	attempt->is_capped = db_bool(rows, 0, "is_capped");
	return true;
}

bool call_is_too_much(const struct attempt *attempt, const struct money_usage *usage)
{
	struct money_usage worst = {.output = usage->output};
	int64_t cost_nano;
	return attempt->is_capped
	    && (__builtin_add_overflow(usage->input, usage->cache_read, &worst.input)
	        || __builtin_add_overflow(worst.input, usage->cache_write, &worst.input)
	        || !money_cost(&worst, &attempt->ceiling, MONEY_PERMILLE_ONE, &cost_nano)
	        || cost_nano > attempt->worst_nano);
}

static void add_cost(struct db_tx *tx, struct arena *arena, const struct fence *fence,
    const struct attempt *attempt, const struct settlement *settlement)
{
	const struct money_usage *usage = &settlement->usage;
	db_add_element(tx, SQL_AFTER, SQL_COST_CREATE, fence->account_id, attempt->id,
	    db_int_param(arena, usage->input), db_int_param(arena, usage->output),
	    db_int_param(arena, usage->cache_read), db_int_param(arena, usage->cache_write),
	    db_int_param(arena, usage->cache_write_1h));
}

struct db_rows *call_state(struct db_tx *tx, const struct fence *fence,
    const struct attempt *attempt)
{
	return db_add(tx, SQL_CALL_STATE, fence->account_id, attempt->id);
}

struct db_rows *call_complete(struct db_tx *tx, const struct fence *fence,
    const struct attempt *attempt, const char *output, const char *metadata)
{
	return db_add(tx, SQL_STEP_COMPLETE, fence->account_id, attempt->step_id, output, metadata,
	    attempt->id);
}

void call_settle(struct db_tx *tx, struct arena *arena, const struct fence *fence,
    const struct attempt *attempt, const struct settlement *settlement)
{
	lock_budgets(tx, fence);
	db_add_element(tx, SQL_FIRST, SQL_CALL_SETTLE, fence->account_id, attempt->id,
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
