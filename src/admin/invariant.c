/* invariant.c: what must hold of runs, calls and money whatever died when, and how a breach
 * reads. */
#include "admin/admin.h"

const struct invariant invariants[] = {
	{SQL_INVARIANT_STEPS, false, "I1 each stored step has a successful call behind it"},
	{SQL_INVARIANT_SUMS, false, "I2 what runs and accounts cost is the sum of their lines"},
	{SQL_INVARIANT_BOOKED, false, "I3 each call is booked once"},
	{SQL_INVARIANT_ONCE, false, "I4 no stored answer was asked for again"},
	{SQL_INVARIANT_PLACES, true, "I5 no account has more runs under way than it may"},
	{SQL_INVARIANT_CAPS, false, "I6 no call was opened beyond a cap"},
	{SQL_INVARIANT_CLAIMS, false, "I7 each run is moved by the holder of its claim only"},
	{SQL_INVARIANT_TRANSACTIONS, false, "I8 no runner keeps a transaction open"},
	{SQL_INVARIANT_SCORES, false, "I9 each run that scores a version has given it its score"},
};
const size_t invariant_count = ARRAY_LEN(invariants);

const char *admin_places(struct admin *admin)
{
	return db_int_param(admin->ctx.arena,
	    conf_int(admin->ctx.conf, "PROMPTBUILDER_ACCOUNT_CONCURRENCY"));
}

const char *invariant_breach(struct arena *arena, const struct db_rows *rows, size_t row)
{
	const char *account = db_text(rows, row, "account"), *run = db_text(rows, row, "run");

	return arena_printf(arena, "%s (%s%s%s)", db_text(rows, row, "what"),
	    account != NULL ? arena_printf(arena, "account %s, ", account) : "",
	    run != NULL ? arena_printf(arena, "run %s, ", run) : "",
	    db_text(rows, row, "amounts"));
}
