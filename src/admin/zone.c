/* zone.c: zone list, add and remove, and account zone: whose midnights part the days. */
#include <stdio.h>
#include <unistd.h>

#include "admin/admin.h"
#include "base/text.h"

const struct err *admin_zone_list(struct admin *admin)
{
	static const char *const columns[] = {"zone", "account", "ready", "sums>"};
	struct db_rows *rows;
	const struct err *err = option_read(admin, NULL, 0, 0, 0);

	if (err == NULL)
		err = admin_run(admin, &rows, SQL_ZONE_LIST);
	if (err == NULL)
		admin_table(rows, columns, ARRAY_LEN(columns));
	return err;
}

static const struct err *zone_check(struct admin *admin, const char *zone)
{
	struct db_rows *rows;
	const struct err *err = admin_run(admin, &rows, SQL_ZONE_KNOWN, zone);

	if (err == NULL && !db_bool(rows, 0, "is_known"))
		err = err_new(admin->ctx.arena, ERR_INVALID,
		    "\"%s\" is not the name of a time zone, such as Europe/Berlin",
		    text_cut(admin->ctx.arena, zone, 64));
	return err;
}

/* A line that is written over while it grows, on a terminal only. */
static void progress(const char *zone, const struct db_rows *months, size_t at)
{
	if (isatty(STDERR_FILENO))
		(void)fprintf(stderr, "\r%s: %zu of %zu months%s", zone, at, db_count(months),
		    at == db_count(months) ? "\n" : "");
}

const struct err *admin_zone_rebuild(struct admin *admin, const char *zone,
    const char *account_id, size_t *count)
{
	struct db_rows *months;
	const struct err *err = admin_run(admin, &months, SQL_ZONE_MONTHS, zone, account_id);

	*count = err == NULL ? db_count(months) : 0;
	for (size_t i = 0; err == NULL && i < *count; i++) {
		struct db_rows *made;

		progress(db_text(months, i, "zone"), months, i);
		err = admin_run(admin, &made, SQL_ZONE_REBUILD, db_text(months, i, "zone"),
		    db_text(months, i, "account_id"), db_text(months, i, "month"));
	}
	if (err == NULL && *count > 0)
		progress(db_text(months, *count - 1, "zone"), months, *count);
	return err;
}

const struct err *admin_zone_use(struct admin *admin, const char *zone, const char *account_id)
{
	struct db_rows *rows;
	size_t months;
	const struct err *err = zone_check(admin, zone);

	if (err == NULL)
		err = admin_run(admin, &rows, SQL_ZONE_IS_READY, zone, account_id);
	if (err != NULL || db_bool(rows, 0, "is_ready"))
		return err;
	err = admin_run(admin, &rows, SQL_ZONE_ADD, zone, account_id);
	if (err == NULL)
		err = admin_zone_rebuild(admin, zone, account_id, &months);
	if (err == NULL)
		err = admin_run(admin, &rows, SQL_ZONE_SET_READY, zone, account_id);
	if (err == NULL)
		(void)printf("the days of %s are kept from now on; %zu months were added up\n",
		    zone, months);
	return err;
}

const struct err *admin_zone_add(struct admin *admin)
{
	struct option_row options[] = {{.name = "account"}};
	const char *account_id;
	const struct err *err = option_read(admin, options, ARRAY_LEN(options), 1, 1);

	if (err == NULL)
		err = admin_account_id(admin, options[0].value, &account_id);
	return err != NULL ? err : admin_zone_use(admin, option_operand(admin, 0), account_id);
}

const struct err *admin_zone_remove(struct admin *admin)
{
	struct option_row options[] = {{.name = "account"}};
	const char *zone = NULL, *account_id;
	struct db_rows *rows;
	const struct err *err = option_read(admin, options, ARRAY_LEN(options), 1, 1);

	if (err == NULL)
		err = admin_account_id(admin, options[0].value, &account_id);
	zone = option_operand(admin, 0);
	if (err == NULL && text_equal(zone, "UTC"))
		err = err_new(admin->ctx.arena, ERR_INVALID, "UTC is always kept");
	if (err == NULL)
		err = admin_run(admin, &rows, SQL_ZONE_REMOVE, zone, account_id);
	if (err == NULL && db_count(rows) == 0)
		err = err_new(admin->ctx.arena, ERR_MISSING, "the zone \"%s\" is not in use there, "
		    "or a budget needs it; \"promptbuilder zone list\" and \"budget list\" tell",
		    zone);
	return err != NULL ? err : admin_run(admin, &rows, SQL_ZONE_FORGET, zone);
}

const struct err *admin_account_zone(struct admin *admin)
{
	const char *account_id, *slug, *zone;
	struct db_rows *rows;
	const struct err *err = option_read(admin, NULL, 0, 2, 2);

	slug = option_operand(admin, 0);
	zone = option_operand(admin, 1);
	if (err == NULL)
		err = admin_open(admin);
	if (err == NULL)
		err = admin_account_id(admin, slug, &account_id);
	if (err == NULL)
		err = admin_zone_use(admin, zone, account_id);
	if (err == NULL)
		err = admin_run(admin, &rows, SQL_ACCOUNT_SET_ZONE, account_id, zone);
	if (err == NULL)
		(void)printf("the pages of %s show days of %s\n", slug, zone);
	return err;
}
