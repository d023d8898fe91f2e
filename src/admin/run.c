/* run.c: run launch, show, list, cancel and retry. */
#include "model/run.h"

#include <stdio.h>

#include "admin/admin.h"
#include "base/text.h"

#define BRIEFING_FILE_MAX (1u << 20)

/* The file is the briefing itself, or what the API takes: {"briefing": {...}}. */
static const struct err *briefing_read_file(struct admin *admin, const char *path,
    struct doc **briefing)
{
	struct buf *text;
	struct doc *inner;
	const struct err *err = admin_read_file(admin, path, BRIEFING_FILE_MAX, &text);

	if (err == NULL)
		err = doc_parse(admin->ctx.arena, text->data, text->len, briefing);
	if (err != NULL)
		return err;
	inner = doc_get(*briefing, "briefing");
	if (inner != NULL)
		*briefing = inner;
	return NULL;
}

const struct err *admin_run_launch(struct admin *admin)
{
	struct option_row options[] = {{.name = "account"}, {.name = "idempotency-key"}};
	struct run_launch launch = {0};
	struct doc *briefing, *out = doc_object(admin->ctx.arena);
	const struct err *err = option_read(admin, options, ARRAY_LEN(options), 1, 1);

	if (err == NULL && options[0].value == NULL)
		err = option_error(admin, "--account is needed");
	if (err == NULL)
		err = briefing_read_file(admin, option_operand(admin, 0), &briefing);
	if (err == NULL)
		err = admin_account_id(admin, options[0].value, &launch.account_id);
	if (err == NULL)
		err = admin_briefing(admin, launch.account_id, briefing, &launch.briefing);
	if (err != NULL)
		return err;
	launch.briefing_id = doc_text(briefing, "id");
	launch.idempotency_key = options[1].value;
	err = run_launch(&admin->ctx, &launch, out);
	if (err != NULL)
		return err;
	(void)printf("%s\n", doc_text(out, "pipeline_id"));
	(void)fprintf(stderr, "next: promptbuilder run show %s\n", doc_text(out, "pipeline_id"));
	return NULL;
}

const struct err *admin_run_show(struct admin *admin)
{
	static const char *const lines[] = {"pipeline_id", "id", "account", "assistant", "model",
	    "status", "error_message", "waiting_for", "waiting_until", "target_score",
	    "iteration_limit", "retry_count",
	    "launched_at", "completed_at", "duration_ms", "total_input_tokens",
	    "total_output_tokens", "total_cache_read_tokens", "total_cache_write_tokens",
	    "total_cost_usd"};
	static const char *const columns[] = {"step", "status", "duration_ms>", "score>",
	    "input_tokens>", "output_tokens>", "cost_usd>"};
	struct db_rows *run, *steps;
	const struct err *err = option_read(admin, NULL, 0, 1, 1);

	if (err == NULL)
		err = admin_run(admin, &run, SQL_ADMIN_RUN_SHOW, option_operand(admin, 0));
	if (err != NULL)
		return err;
	if (db_count(run) == 0)
		return err_new(admin->ctx.arena, ERR_MISSING, "there is no run \"%s\"; "
		    "\"promptbuilder run list\" shows the latest", option_operand(admin, 0));
	err = admin_run(admin, &steps, SQL_ADMIN_RUN_STEPS, db_text(run, 0, "account_id"),
	    db_text(run, 0, "id"));
	if (err != NULL)
		return err;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		if (db_text(run, 0, lines[i]) != NULL)
			(void)printf("%-25s %s\n", lines[i], db_text(run, 0, lines[i]));
	(void)putchar('\n');
	admin_table(steps, columns, ARRAY_LEN(columns));
	return NULL;
}

const struct err *admin_run_list(struct admin *admin)
{
	static const char *const columns[] = {"pipeline_id", "account", "assistant", "status",
	    "launched", "duration_ms>", "input_tokens>", "output_tokens>", "cost_usd>"};
	struct option_row options[] = {{.name = "account"}, {.name = "status"}, {.name = "limit"}};
	struct db_rows *rows;
	const char *limit;
	int64_t count;
	const struct err *err = option_read(admin, options, ARRAY_LEN(options), 0, 0);

	if (err != NULL)
		return err;
	limit = options[2].value != NULL ? options[2].value : "20";
	if (!text_to_int(limit, 1, 10000, &count))
		return option_error(admin, "--limit is a number from 1 to 10000");
	err = admin_run(admin, &rows, SQL_ADMIN_RUN_LIST, options[0].value, options[1].value,
	    limit);
	if (err != NULL)
		return err;
	admin_table(rows, columns, ARRAY_LEN(columns));
	return NULL;
}

/* Runs change on the run that the operand names, and prints what it has become. */
static const struct err *run_change(struct admin *admin,
    const struct err *(*change)(struct ctx *ctx, const char *ref, struct doc *out))
{
	struct doc *out = doc_object(admin->ctx.arena);
	const struct err *err = option_read(admin, NULL, 0, 1, 1);

	if (err == NULL)
		err = admin_open(admin);
	if (err == NULL)
		err = change(&admin->ctx, option_operand(admin, 0), out);
	if (err != NULL)
		return err;
	(void)printf("%s %s\n", doc_text(out, "pipeline_id"), doc_text(out, "status"));
	return NULL;
}

const struct err *admin_run_cancel(struct admin *admin)
{
	return run_change(admin, run_cancel);
}

const struct err *admin_run_retry(struct admin *admin)
{
	return run_change(admin, run_retry);
}
