/* assistant.h: assistants: what an account's prompts are made for. */
#ifndef MODEL_ASSISTANT_H
#define MODEL_ASSISTANT_H

#include "model/ctx.h"

/* Newest first: assistants[], next_cursor. account_id NULL: of every account the caller may see;
 * cursor may be NULL. */
const struct err *assistant_list(struct ctx *ctx, const char *account_id, const char *cursor,
    int64_t limit, struct doc *out) MUST_CHECK;
/* By UUID or external id, within an account; ERR_MISSING. One that only the file-based registry has
 * is adopted for operators and members (registry.h). */
const struct err *assistant_get(struct ctx *ctx, const char *account_id, const char *ref,
    struct doc *out) MUST_CHECK;
/* What a new assistant is given. */
struct assistant_new {
	const char *account_id;
	const char *external_id;
	const char *name; /* NULL: the external id */
};
/* A new assistant into out; ERR_CONFLICT when the account has its external id already. */
const struct err *assistant_create(struct ctx *ctx, const struct assistant_new *assistant,
    struct doc *out) MUST_CHECK;
/* The account's assistant of that external id, made now if there is none; a name that it has
 * already stays. */
const struct err *assistant_get_or_create(struct ctx *ctx, const struct assistant_new *assistant,
    struct doc *out) MUST_CHECK;

#endif
