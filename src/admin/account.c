/* account.c: account add and account list. */
#include "admin/admin.h"

#include <stdio.h>

#include "model/account.h"

const struct err *admin_account_add(struct admin *admin)
{
	struct doc *account = doc_object(admin->ctx.arena);
	const struct err *err = option_read(admin, NULL, 0, 1, 2);
	const char *slug = option_operand(admin, 0), *name = option_operand(admin, 1);

	if (err == NULL)
		err = admin_open(admin);
	if (err == NULL)
		err = account_create(&admin->ctx, slug, name != NULL ? name : slug, account);
	if (err != NULL)
		return err;
	(void)printf("%s\n", doc_text(account, "id"));
	(void)fprintf(stderr, "next: promptbuilder token account %s\n", slug);
	return NULL;
}

const struct err *admin_account_list(struct admin *admin)
{
	static const char *const columns[] = {"slug", "name", "has_token", "assistants>", "runs>",
	    "total_cost_usd>", "created_at"};
	struct db_rows *rows;
	const struct err *err = option_read(admin, NULL, 0, 0, 0);

	if (err == NULL)
		err = admin_run(admin, &rows, SQL_ADMIN_ACCOUNT_LIST);
	if (err != NULL)
		return err;
	admin_table(rows, columns, ARRAY_LEN(columns));
	return NULL;
}
