/* account.c: account add, account list, account set and account deployment. */
#include "admin/admin.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "model/account.h"
#include "model/deployment.h"

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
	    "total_cost_usd>",
	    "weight>", "max_running>", "created_at", "deleted_at"};
	struct db_rows *rows;
	const struct err *err = option_read(admin, NULL, 0, 0, 0);

	if (err == NULL)
		err = admin_run(admin, &rows, SQL_ADMIN_ACCOUNT_LIST);
	if (err != NULL)
		return err;
	admin_table(rows, columns, ARRAY_LEN(columns));
	return NULL;
}

static const struct err *number_check(struct admin *admin, const struct option_row *option,
    int64_t least, int64_t most)
{
	int64_t number;

	if (option->value == NULL || text_to_int(option->value, least, most, &number))
		return NULL;
	return option_error(admin, "--%s is a whole number from %lld to %lld", option->name,
	    (long long)least, (long long)most);
}

const struct err *admin_account_set(struct admin *admin)
{
	struct option_row options[] = {{.name = "weight"}, {.name = "max-running"}};
	const struct err *err = option_read(admin, options, ARRAY_LEN(options), 1, 1);
	const char *slug = option_operand(admin, 0), *account_id, *limit;
	bool is_default = text_equal(options[1].value, "default");
	struct db_rows *rows;

	if (is_default)
		options[1].value = NULL;
	if (err == NULL && options[0].value == NULL && options[1].value == NULL && !is_default)
		err = option_error(admin, "--weight or --max-running is needed");
	if (err == NULL)
		err = number_check(admin, &options[0], 1, 1000);
	if (err == NULL)
		err = number_check(admin, &options[1], 0, 100000);
	if (err == NULL)
		err = admin_open(admin);
	if (err == NULL)
		err = admin_account_id(admin, slug, &account_id);
	if (err == NULL)
		err = admin_run(admin, &rows, SQL_ACCOUNT_SET_SHARE, account_id, options[0].value,
		    options[1].value, is_default ? "true" : "false");
	if (err != NULL)
		return err;
	limit = db_text(rows, 0, "max_running");
	(void)printf("%s: weight %s, at most %s running\n", slug, db_text(rows, 0, "weight"),
	    limit != NULL ? limit : "as many as the runners' setting");
	return NULL;
}

/* "production,staging" */
static const struct doc *names_split(struct arena *arena, const char *text)
{
	struct doc *names = doc_array(arena);

	while (*text != '\0') {
		size_t len = strcspn(text, ",");

		doc_push_text(names, arena_strndup(arena, text, len));
		text += len + (text[len] == ',' ? 1 : 0);
	}
	return names;
}

static void print_rules(const char *slug, const struct doc *account)
{
	const struct doc *names = doc_get(account, "environments");
	bool needs_approval = false;

	(void)doc_bool(account, "needs_approval", &needs_approval);
	(void)printf("%s: environments", slug);
	for (size_t i = 0; i < doc_count(names); i++)
		(void)printf(" %s", doc_scalar(doc_at(names, i)));
	(void)printf("; an approval is %s\n", needs_approval ? "needed" : "not needed");
}

const struct err *admin_account_deployment(struct admin *admin)
{
	struct option_row options[] = {{.name = "environments"}, {.name = "needs-approval"}};
	const struct err *err = option_read(admin, options, ARRAY_LEN(options), 1, 1);
	const char *slug = option_operand(admin, 0), *account_id, *approval;
	struct doc *account = doc_object(admin->ctx.arena);
	struct deployment_rules rules = {.environments = NULL};

	approval = options[1].value;
	if (err == NULL && approval != NULL && !text_equal(approval, "yes") &&
	    !text_equal(approval, "no"))
		err = option_error(admin, "--needs-approval is yes or no");
	if (err == NULL)
		err = admin_open(admin);
	if (err == NULL)
		err = admin_account_id(admin, slug, &account_id);
	if (err != NULL)
		return err;
	if (options[0].value != NULL)
		rules.environments = names_split(admin->ctx.arena, options[0].value);
	if (approval != NULL)
		rules.needs_approval = text_equal(approval, "yes") ? "true" : "false";
	err = deployment_set_rules(&admin->ctx, account_id, &rules, account);
	if (err == NULL)
		print_rules(slug, account);
	return err;
}
