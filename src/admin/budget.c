/* budget.c: budget list, set and remove. */
#include "model/budget.h"

#include <stdio.h>
#include <string.h>

#include "admin/admin.h"
#include "base/money.h"
#include "base/text.h"

#define ROWS_MAX "10000"

const struct err *admin_budget_list(struct admin *admin)
{
	static const char *const columns[] = {"id", "account_slug", "period", "period_name", "tz",
	    "cap_usd>", "soft_usd>", "thresholds", "spent_usd>", "reserved_usd>", "left_usd>",
	    "state", "changed_by"};
	struct option_row options[] = {{.name = "account"}};
	struct db_rows *rows;
	const char *account_id = NULL;
	const struct err *err = option_read(admin, options, ARRAY_LEN(options), 0, 0);

	if (err == NULL)
		err = admin_account_id(admin, options[0].value, &account_id);
	if (err == NULL)
		err = admin_run(admin, &rows, SQL_BUDGET_LIST, account_id, NULL, NULL, ROWS_MAX);
	if (err != NULL)
		return err;
	admin_table(rows, columns, ARRAY_LEN(columns));
	return NULL;
}

static const struct err *period_check(struct admin *admin, const char *period)
{
	for (const char *const *known = budget_periods; *known != NULL; known++)
		if (text_equal(*known, period))
			return NULL;
	return option_error(admin, "--period is month, week, day or run");
}

static const struct err *usd_check(struct admin *admin, const struct option_row *option)
{
	int64_t nano;

	if (option->value == NULL || (money_from_text(option->value, &nano) && nano >= 0))
		return NULL;
	return option_error(admin, "--%s is an amount in USD such as 5 or 0.25", option->name);
}

/* "50,80": an array of texts, which budget_set checks. */
static struct doc *thresholds_split(struct admin *admin, const char *text)
{
	struct doc *thresholds = doc_array(admin->ctx.arena);

	while (text != NULL && *text != '\0') {
		size_t len = strcspn(text, ",");

		doc_push_text(thresholds, arena_strndup(admin->ctx.arena, text, len));
		text += len + (text[len] == ',');
	}
	return thresholds;
}

const struct err *admin_budget_set(struct admin *admin)
{
	struct option_row options[] = {{.name = "account"}, {.name = "period"}, {.name = "cap"},
	    {.name = "soft"}, {.name = "thresholds"}};
	struct budget_new budget;
	struct doc *out = doc_object(admin->ctx.arena);
	const struct err *err = option_read(admin, options, ARRAY_LEN(options), 0, 0);

	if (err == NULL && options[0].value == NULL)
		err = option_error(admin, "--account is needed");
	if (err == NULL)
		err = period_check(admin, options[1].value);
	for (size_t i = 2; err == NULL && i < 4; i++)
		err = usd_check(admin, &options[i]);
	if (err != NULL)
		return err;
	budget = (struct budget_new){.period = options[1].value, .cap_usd = options[2].value,
	    .soft_usd = options[3].value};
	if (options[4].value != NULL)
		budget.thresholds = thresholds_split(admin, options[4].value);
	err = admin_account_id(admin, options[0].value, &budget.account_id);
	if (err == NULL)
		err = budget_set(&admin->ctx, &budget, out);
	if (err == NULL)
		(void)printf("%s\n", doc_text(out, "id"));
	return err;
}

const struct err *admin_budget_remove(struct admin *admin)
{
	struct doc *out = doc_object(admin->ctx.arena);
	const struct err *err = option_read(admin, NULL, 0, 1, 1);

	if (err == NULL)
		err = admin_open(admin);
	if (err == NULL)
		err = budget_remove(&admin->ctx, option_operand(admin, 0), out);
	return err;
}
