/* deployment.h: what an assistant serves in each environment of its account, and who says so. */
#ifndef MODEL_DEPLOYMENT_H
#define MODEL_DEPLOYMENT_H

#include "model/ctx.h"

/* A change of what an environment serves. */
struct deployment_change {
	const char *environment;
	const char *reason;   /* or NULL */
	const char *replaces; /* id of the version that is believed to be there; NULL: none is */
	bool is_checked;      /* another one than that is a conflict */
};

/* Serves version id there, and reads the version (see version_get). ERR_CONFLICT, with what is
 * there now, ERR_GONE, ERR_MISSING; ERR_INVALID: the account has no such environment. */
const struct err *deployment_deploy(struct ctx *ctx, const char *id,
    const struct deployment_change *change, struct doc *out) MUST_CHECK;
/* Serves nothing of assistant id there any more. */
const struct err *deployment_withdraw(struct ctx *ctx, const char *id,
    const struct deployment_change *change, struct doc *out) MUST_CHECK;

struct deployment_filter {
	const char *account_id; /* for an assistant by its external id; else it may be NULL */
	const char *assistant;  /* UUID or external id */
	const char *cursor;     /* id of the last event seen, or NULL */
	int64_t limit;
};

/* An assistant with environments[], prompt_versions[] (the latest ones) and events[], newest
 * first, next_cursor. */
const struct err *deployment_get(struct ctx *ctx, const struct deployment_filter *filter,
    struct doc *out) MUST_CHECK;

struct deployment_rules {
	const struct doc *environments; /* texts, the first one is the preset; NULL: as they are */
	const char *needs_approval;     /* "true", "false"; NULL: as it is */
};

/* The account's rules: id, slug, environments[], needs_approval. ERR_CONFLICT: an environment that
 * is left out serves something; ERR_DENIED: only operators do without approvals again. */
const struct err *deployment_set_rules(struct ctx *ctx, const char *account_id,
    const struct deployment_rules *rules, struct doc *out) MUST_CHECK;

#endif
