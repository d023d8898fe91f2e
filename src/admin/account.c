/* account.c: account add and account list. */
#include "admin/admin.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define NAME_MAX_CHARS 200

const struct err *admin_account_add(struct admin *admin)
{
	const char *slug, *name;
	struct db_rows *rows;
	const struct err *err = option_read(admin, NULL, 0, 1, 2);

	if (err != NULL)
		return err;
	slug = option_operand(admin, 0);
	name = option_operand(admin, 1) != NULL ? option_operand(admin, 1) : slug;
	if (!text_is_slug(slug) || strcmp(slug, "operator") == 0)
		return err_new(admin->ctx.arena, ERR_INVALID, "\"%s\" cannot be a slug: 1 to 64 of "
		    "a-z, 0-9, '-' and '_', first a letter or digit, and not \"operator\"", slug);
	if (!text_is_clean(name, strlen(name)) || text_length(name) > NAME_MAX_CHARS ||
	    text_trim(admin->ctx.arena, name)[0] == '\0')
		return err_new(admin->ctx.arena, ERR_INVALID,
		    "the name must be 1 to %d characters of text", NAME_MAX_CHARS);
	err = admin_run(admin, &rows, SQL_ADMIN_ACCOUNT_ADD, slug, name);
	if (err != NULL)
		return err;
	if (db_count(rows) == 0)
		return err_new(admin->ctx.arena, ERR_CONFLICT, "the account \"%s\" exists already", slug);
	(void)printf("%s\n", db_text(rows, 0, "id"));
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
