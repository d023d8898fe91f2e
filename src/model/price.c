/* price.c: prices read; rows are never edited, and only the operator's tool adds some. */
#include "model/price.h"

const struct err *price_list(struct ctx *ctx, struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *prices;
	struct db_rows *missing;
	const struct err *err;

	db_repeatable(tx);
	prices = db_add(tx, SQL_PRICE_LIST);
	missing = db_add(tx, SQL_PRICE_MISSING);
	err = ctx_run(ctx, tx);
	if (err)
		return err;
	db_rows_doc(prices, doc_add_array(out, "prices"));
	db_rows_doc(missing, doc_add_array(out, "unpriced_models"));
	return NULL;
}
