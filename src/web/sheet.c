/* sheet.c: the operator's page of the spreadsheet that ended runs are written to. The web calls
 * nobody: what is wanted of Google is an order for the runners. */
#include "model/sheet.h"

#include <inttypes.h>

#include "web/handlers.h"

static const struct err *report(struct ctx *ctx, struct reply *reply)
{
	reply->title = "Google Sheets";
	return sheet_report(ctx, reply->doc);
}

const struct err *get_sheets(struct ctx *ctx, const struct request *request, struct reply *reply)
{
	return report(ctx, reply);
}

const struct err *get_sheets_progress(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	return report(ctx, reply);
}

static const struct err *order(struct ctx *ctx, const char *kind, struct reply *reply)
{
	const struct err *err = sheet_order(ctx, kind, ctx->access.name);

	reply->status = 202;
	reply->location = "/settings/sheets";
	return err != NULL ? err : report(ctx, reply);
}

const struct err *post_sheets_test(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	reply->flash = "A runner was asked for a test row.";
	return order(ctx, "test", reply);
}

const struct err *post_sheets_compare(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	reply->flash = "A runner was asked for a comparison.";
	return order(ctx, "compare", reply);
}

const struct err *post_sheets_write(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	int64_t rows = 0;
	const struct err *err = sheet_fill(ctx, &rows);

	reply->location = "/settings/sheets";
	reply->flash = arena_printf(ctx->arena, "Rows that are written again: %" PRId64 ".", rows);
	return err != NULL ? err : report(ctx, reply);
}
