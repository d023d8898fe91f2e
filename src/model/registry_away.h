/* registry_away.h: what the registry's files tell while the database is away, and to whom.
 *
 * A session or token cannot be checked then. The operator may keep a file "_tokens" in the
 * registry: SHA-256 sums of tokens that read the registry's files, and nothing else, in that time.
 * Without it nobody is let in. */
#ifndef MODEL_REGISTRY_AWAY_H
#define MODEL_REGISTRY_AWAY_H

#include "model/registry.h"

struct registry_claim {
	const char *user;    /* slug or "operator", which must be the token's; NULL: not said */
	const char *token;
	const char *address; /* of whoever asks, for the log */
};

/* Looks the token up in "_tokens" and fills ctx->access: a viewer with is_registry, with the slug
 * of an account or, for an operator's, none. The file counts only where nobody but root and this
 * user could have written it and the folder, and others cannot read it. The caller knows that the
 * database is away. */
bool registry_admit(struct ctx *ctx, const struct registry_claim *claim) MUST_CHECK;
/* For the checks of an installation: what is found of the registry; *is_good false: something is to
 * be done about it. NULL: none is set. */
const char *registry_found(struct ctx *ctx, bool *is_good);
/* The accounts that the asker may see: accounts[], source, is_cut. */
const struct err *registry_list(struct ctx *ctx, struct doc *out) MUST_CHECK;
/* One of them with its assistants, and what is deployed of each; ERR_MISSING. */
const struct err *registry_show(struct ctx *ctx, const char *slug, struct doc *out) MUST_CHECK;

#endif
