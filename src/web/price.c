/* price.c: the prices that calls are charged with, and the models that have none. */
#include "web/handlers.h"

#include "model/price.h"

const struct err *get_prices(struct ctx *ctx, const struct request *request, struct reply *reply)
{
	const struct err *err = form_read(ctx, request->fields, NULL, NULL, 0,
	    doc_add_object(reply->page, "filter"));

	reply->title = "Prices";
	return err ? err : price_list(ctx, reply->doc);
}
