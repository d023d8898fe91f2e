/* home.c: the first page: what it costs, what runs, what needs attention. */
#include "web/handlers.h"

#include "model/home.h"
#include "web/chart.h"
#include "web/insight.h"

const struct err *get_home(struct ctx *ctx, const struct request *request, struct reply *reply)
{
	const char *zone = conf_text(ctx->conf, "PROMPTBUILDER_TIME_ZONE");
	const struct err *err = home_get(ctx, zone, reply->doc);

	reply->title = "Home";
	if (!err)
		err = budget_notices_show(ctx, ctx->access.account_id, request, reply);
	if (err || request->wants_json)
		return err;
	chart_costs(ctx->arena, doc_get(reply->doc, "report"), reply->page);
	insight_links(ctx->arena, doc_get(reply->doc, "report"), NULL, reply->page);
	return NULL;
}
