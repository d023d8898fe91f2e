/* ledger.c: ledger verify and rebuild: the kept sums beside the lines they are made of. */
#include <stdio.h>

#include "admin/admin.h"

/* Options of both: which zone and whose sums; NULL: all. */
static const struct err *ledger_open(struct admin *admin, const char **zone,
    const char **account_id)
{
	struct option_row options[] = {{.name = "zone"}, {.name = "account"}};
	const struct err *err = option_read(admin, options, ARRAY_LEN(options), 0, 0);

	*zone = options[0].value;
	*account_id = NULL;
	if (err == NULL)
		err = admin_account_id(admin, options[1].value, account_id);
	return err;
}

static const char *difference(struct arena *arena, const struct db_rows *sum, const char *slug,
    const char *zone)
{
	return arena_printf(arena, "the %s of %s, account %s, zone %s, model \"%s\", has %s USD of "
	    "%s lines; its lines add up to %s USD of %s: run \"promptbuilder ledger rebuild\"",
	    db_text(sum, 0, "grain"), db_text(sum, 0, "day"), slug, zone,
	    db_text(sum, 0, "model"), db_text(sum, 0, "stored_usd"),
	    db_text(sum, 0, "stored_lines"), db_text(sum, 0, "lines_usd"),
	    db_text(sum, 0, "lines"));
}

const struct err *admin_ledger_differs(struct admin *admin, const char *zone,
    const char *account_id, size_t *count, const char **sentence)
{
	struct db_rows *months, *sum;
	const struct err *err = admin_run(admin, &months, SQL_ZONE_MONTHS, zone, account_id);

	*sentence = NULL;
	*count = err == NULL ? db_count(months) : 0;
	for (size_t i = 0; err == NULL && *sentence == NULL && i < *count; i++) {
		err = admin_run(admin, &sum, SQL_ZONE_DIFFERENCE, db_text(months, i, "zone"),
		    db_text(months, i, "account_id"), db_text(months, i, "month"));
		if (err == NULL && db_count(sum) > 0)
			*sentence = difference(admin->ctx.arena, sum, db_text(months, i, "slug"),
			    db_text(months, i, "zone"));
	}
	return err;
}

const struct err *admin_ledger_verify(struct admin *admin)
{
	const char *zone, *account_id, *sentence;
	size_t months;
	const struct err *err = ledger_open(admin, &zone, &account_id);

	if (err == NULL)
		err = admin_ledger_differs(admin, zone, account_id, &months, &sentence);
	if (err == NULL && sentence != NULL)
		err = err_new(admin->ctx.arena, ERR_BUG, "%s", sentence);
	if (err == NULL)
		(void)printf("%zu months agree with their lines\n", months);
	return err;
}

const struct err *admin_ledger_rebuild(struct admin *admin)
{
	const char *zone, *account_id;
	size_t months;
	const struct err *err = ledger_open(admin, &zone, &account_id);

	if (err == NULL)
		err = admin_zone_rebuild(admin, zone, account_id, &months);
	if (err == NULL)
		(void)printf("%zu months were added up anew\n", months);
	return err;
}
