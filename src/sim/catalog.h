/* catalog.h: the models the simulator serves and what each of them accepts. */
#ifndef SIM_CATALOG_H
#define SIM_CATALOG_H

#include "base/doc.h"

struct catalog_model {
	const char *id;
	const char *alias; /* NULL: none */
	const char *name;
	const char *created_at;
	int64_t context_tokens;
	int64_t output_tokens;
	int64_t cache_min_tokens; /* a shorter prefix is silently not cached */
	bool sampling;            /* temperature, top_p and top_k may differ from their defaults */
	bool prefill;             /* the last message may be the assistant's */
};

/* By id or alias; NULL: not served. */
const struct catalog_model *catalog_find(const char *id);
/* Serves one more id, with the traits of an ordinary model; id must outlive the process. false:
 * no room. */
bool catalog_add(const char *id);
/* The provider's model object. */
struct doc *catalog_model_doc(struct arena *arena, const struct catalog_model *model);
/* One page of the list: at most limit models after (or before) an id; either may be NULL. */
struct doc *catalog_page_doc(struct arena *arena, int64_t limit, const char *after_id,
    const char *before_id);

#endif
