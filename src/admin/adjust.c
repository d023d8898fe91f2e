/* adjust.c: cost adjust: a correction by hand, which is a line of its own. */
#include <stdio.h>

#include "admin/admin.h"
#include "base/money.h"
#include "base/text.h"

/* What a line costs now: it must be a call's, and stay at least free. */
static const struct err *line_check(struct admin *admin, const char *id,
    const struct db_rows *line, int64_t nano)
{
	struct arena *arena = admin->ctx.arena;
	int64_t cost_nano, after_nano;

	if (db_count(line) == 0)
		return err_new(arena, ERR_MISSING, "there is no line \"%s\"", id);
	if (text_equal(db_text(line, 0, "kind"), "adjustment"))
		return err_new(arena, ERR_INVALID, "this line is a correction itself: correct the "
		    "call, %s", db_text(line, 0, "corrects_id"));
	if (!money_from_text(db_text(line, 0, "cost_usd"), &cost_nano) ||
	    __builtin_add_overflow(cost_nano, nano, &after_nano))
		return err_new(arena, ERR_INVALID, "the amount is beyond what can be booked");
	if (after_nano < 0)
		return err_new(arena, ERR_INVALID, "the line costs %s USD with its corrections; it "
		    "cannot cost less than nothing", db_text(line, 0, "cost_usd"));
	return NULL;
}

static const struct err *adjust(struct admin *admin, const char *id, int64_t nano,
    const char *reason)
{
	struct arena *arena = admin->ctx.arena;
	struct db_rows *line, *added;
	const struct err *err = admin_run(admin, &line, SQL_ADJUSTMENT_LINE, id);

	if (err == NULL)
		err = line_check(admin, id, line, nano);
	if (err != NULL)
		return err;
	err = admin_run(admin, &added, SQL_ADJUSTMENT_ADD, db_text(line, 0, "account_id"), id,
	    money_text(arena, nano), reason, admin_actor(admin), db_text(line, 0, "number"));
	if (err != NULL && err->kind == ERR_INVALID)
		return err_new(arena, ERR_INVALID, "the amount is beyond what can be booked");
	if (err == NULL && db_count(added) == 0)
		return err_new(arena, ERR_CONFLICT, "the line was corrected in this moment by "
		    "somebody else; look at it and try again");
	if (err == NULL)
		(void)printf("%s\n", db_text(added, 0, "id"));
	return err;
}

const struct err *admin_cost_adjust(struct admin *admin)
{
	enum { AMOUNT, REASON };
	struct option_row options[] = {[AMOUNT] = {.name = "amount"},
	    [REASON] = {.name = "reason"}};
	int64_t nano;
	const struct err *err = option_read(admin, options, ARRAY_LEN(options), 1, 1);

	for (size_t i = 0; err == NULL && i < ARRAY_LEN(options); i++)
		if (options[i].value == NULL)
			err = option_error(admin, "--%s is needed", options[i].name);
	if (err == NULL)
		err = admin_reason(admin, options[REASON].value);
	if (err != NULL)
		return err;
	if (!money_from_text(options[AMOUNT].value, &nano) || nano == 0)
		return err_new(admin->ctx.arena, ERR_INVALID, "--amount: \"%s\" is not an amount "
		    "in USD: a decimal number with at most nine decimals, not 0",
		    options[AMOUNT].value);
	if (!text_is_uuid(option_operand(admin, 0)))
		return err_new(admin->ctx.arena, ERR_MISSING, "there is no line \"%s\"",
		    option_operand(admin, 0));
	return adjust(admin, option_operand(admin, 0), nano, options[REASON].value);
}
