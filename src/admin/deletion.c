/* deletion.c: account delete: in batches, to the receipt; it may be interrupted and run again. */
#include "model/deletion.h"

#include <stdio.h>
#include <unistd.h>

#include "admin/admin.h"
#include "base/text.h"

#define RECEIPT_MAX (64u << 10)

/* Batch after batch, each in a transaction of its own. */
static const struct err *delete_all(struct admin *admin, const char *id)
{
	struct db_rows *rows;
	const struct err *err;
	bool is_done;

	do {
		err = admin_run(admin, &rows, SQL_DELETION_STEP, id);
		is_done = err != NULL || db_count(rows) == 0 || db_bool(rows, 0, "is_done");
		if (err == NULL && db_count(rows) > 0 && isatty(STDERR_FILENO))
			(void)fprintf(stderr, "\rruns: %s of %s", db_text(rows, 0, "runs_done"),
			    db_text(rows, 0, "runs_total"));
	} while (!is_done);
	if (isatty(STDERR_FILENO))
		(void)fputc('\n', stderr);
	return err;
}

static const struct err *receipt_print(struct admin *admin, const char *id)
{
	struct doc *receipt = doc_object(admin->ctx.arena);
	struct buf *json = buf_new(admin->ctx.arena, RECEIPT_MAX);
	const struct err *err = deletion_get(&admin->ctx, id, receipt);

	if (err != NULL)
		return err;
	doc_write(receipt, json);
	(void)puts(json->data);
	if (!text_equal(doc_text(receipt, "state"), "completed"))
		(void)fputs("a runner is at it at this moment: run it again to see the receipt\n",
		    stderr);
	return NULL;
}

const struct err *admin_account_delete(struct admin *admin)
{
	struct option_row options[] = {{.name = "yes", .is_flag = true},
	    {.name = "pseudonymise", .is_flag = true}};
	struct doc *account = doc_object(admin->ctx.arena);
	const char *id, *slug;
	const struct err *err = option_read(admin, options, ARRAY_LEN(options), 1, 1);

	if (err == NULL)
		err = admin_open(admin);
	if (err == NULL)
		err = deletion_outlook(&admin->ctx, option_operand(admin, 0), account);
	if (err != NULL)
		return err;
	id = doc_text(account, "id");
	slug = doc_text(account, "slug");
	if (options[0].value == NULL && doc_text(account, "deleted_at") == NULL) {
		(void)printf("%s, \"%s\": what would go: texts of runs: %s, prompts: %s, "
		    "assistants: %s, tokens: %s; runs in flight: %s\n"
		    "nothing was deleted: --yes is needed\n", slug, doc_text(account, "name"),
		    doc_scalar(doc_get(account, "runs")), doc_scalar(doc_get(account, "prompts")),
		    doc_scalar(doc_get(account, "assistants")),
		    doc_scalar(doc_get(account, "tokens")),
		    doc_scalar(doc_get(account, "runs_in_flight")));
		return NULL;
	}
	err = deletion_begin(&admin->ctx, id, slug, options[1].value == NULL);
	if (err == NULL)
		err = delete_all(admin, id);
	return err != NULL ? err : receipt_print(admin, id);
}
