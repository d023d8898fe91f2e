/* cost_entry.c: the page that explains one line of the ledger. */
#include "web/handlers.h"

#include "model/cost_entry.h"

#define USAGE_MAX 65536

/* The usage object as it is stored: templates print text. */
static void usage_show(struct ctx *ctx, const struct doc *line, struct doc *page)
{
	struct buf *json = buf_new(ctx->arena, USAGE_MAX);

	if (!doc_get(line, "usage"))
		return;
	doc_write(doc_get(line, "usage"), json);
	if (!json->failed)
		doc_set_text(page, "usage", json->data);
}

const struct err *get_cost_entry(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	const struct err *err = form_read(ctx, request->fields, NULL, NULL, 0,
	    doc_add_object(reply->page, "filter"));

	reply->title = "Cost entry";
	if (!err)
		err = cost_entry_get(ctx, request->piece[0], reply->doc);
	if (!err && !request->wants_json)
		usage_show(ctx, reply->doc, reply->page);
	return err;
}
