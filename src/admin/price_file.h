/* price_file.h: the two forms of price files that people publish, read into rows.
 *
 * Dated: a list of providers with their models, each with one price or several with the day they
 * begin, in USD per million tokens. Undated: an object of models in USD per token. A number stays
 * the decimal text it is until it is whole pico-USD. */
#ifndef ADMIN_PRICE_FILE_H
#define ADMIN_PRICE_FILE_H

#include "base/doc.h"

struct price_wanted {
	const char *provider;
	const char *pattern; /* of the shell, for a name of the model; NULL: all */
};

struct price_file {
	bool is_dated;
	struct doc *rows;    /* entry, model, valid_from (a day; null: ever), above_tokens, rates */
	struct doc *skipped; /* model, reason */
};

/* ERR_INVALID: neither form, an unknown provider, or nothing that matches. */
const struct err *price_file_read(struct arena *arena, const struct doc *file,
    const struct price_wanted *wanted, struct price_file *out) MUST_CHECK;

#endif
