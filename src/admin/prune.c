/* prune.c: prune: texts of ended runs before a month are dropped; what they cost stays. */
#include <stdio.h>
#include <unistd.h>

#include "admin/admin.h"

/* The month's first day; an error says what a month is. */
static const struct err *month_read(struct admin *admin, const char *month, const char **first_day)
{
	struct db_rows *rows;
	const struct err *err;

	if (month == NULL)
		return option_error(admin, "--before is needed");
	err = admin_run(admin, &rows, SQL_RETENTION_IS_MONTH, month);
	if (err != NULL && err->kind != ERR_INVALID)
		return err;
	if (err != NULL || !db_bool(rows, 0, "is_month"))
		return err_new(admin->ctx.arena, ERR_INVALID, "--before: \"%s\" is not a month, "
		    "YYYY-MM, up to the present one", month);
	*first_day = db_text(rows, 0, "first_day");
	return NULL;
}

/* Batch after batch, each in a transaction of its own, until there is none left. */
static const struct err *prune_all(struct admin *admin, enum sql sql, const char *what,
    const char *const params[2])
{
	int64_t total = 0;
	struct db_rows *rows;
	const struct err *err;

	do {
		err = admin_run(admin, &rows, sql, params[0], params[1]);
		if (err == NULL)
			total += (int64_t)db_count(rows);
		if (isatty(STDERR_FILENO))
			(void)fprintf(stderr, "\r%s: %lld", what, (long long)total);
	} while (err == NULL && db_count(rows) > 0);
	if (isatty(STDERR_FILENO))
		(void)fputc('\n', stderr);
	if (err == NULL)
		(void)printf("%lld %s lost their texts\n", (long long)total, what);
	return err;
}

static const struct err *prune_show(struct admin *admin, const char *const params[2])
{
	static const char *const columns[] = {"account", "month", "runs>", "versions>", "bytes>"};
	struct db_rows *rows;
	const struct err *err = admin_run(admin, &rows, SQL_RETENTION_MONTHS, params[0], params[1]);

	if (err != NULL)
		return err;
	admin_table(rows, columns, ARRAY_LEN(columns));
	(void)puts("nothing was dropped: --dry-run");
	return NULL;
}

const struct err *admin_prune(struct admin *admin)
{
	struct option_row options[] = {{.name = "before"}, {.name = "account"},
	    {.name = "dry-run", .is_flag = true}};
	const char *params[2] = {NULL, NULL};
	const struct err *err = option_read(admin, options, ARRAY_LEN(options), 0, 0);

	if (err == NULL)
		err = month_read(admin, options[0].value, &params[0]);
	if (err == NULL)
		err = admin_account_id(admin, options[1].value, &params[1]);
	if (err == NULL && options[2].value != NULL)
		return prune_show(admin, params);
	if (err == NULL)
		err = prune_all(admin, SQL_RETENTION_PRUNE_RUNS, "runs", params);
	if (err == NULL)
		err = prune_all(admin, SQL_RETENTION_PRUNE_VERSIONS, "versions", params);
	return err;
}
