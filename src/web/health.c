/* health.c: for supervisors: does this process answer, and does its database. */
#include "model/session.h"
#include "web/handlers.h"

const struct err *get_healthz(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	doc_set_text(reply->doc, "status", "ok");
	return NULL;
}

const struct err *get_readyz(struct ctx *ctx, const struct request *request, struct reply *reply)
{
	int64_t runners;
	const struct err *err = session_ready(ctx, &runners);

	if (err != NULL)
		return err;
	doc_set_text(reply->doc, "status", "ready");
	doc_set_int(reply->doc, "runners", runners);
	return NULL;
}
