/* prompt.h: what an assistant's chatbot gets: who asks, and what an environment has. */
#ifndef MODEL_PROMPT_H
#define MODEL_PROMPT_H

#include "model/ctx.h"

struct prompt_ask {
	const char *token_hash;  /* of the asker's bearer token */
	const char *remote;      /* address it comes from */
	const char *assistant;   /* id, or external id within the account */
	const char *account;     /* id or slug; NULL: the asker's own */
	const char *environment; /* NULL: the account's first one */
};

/* Both questions in one round trip. Fills ctx->access, ROLE_NOBODY for a token that is not valid;
 * *left_ms gets how long the token is valid yet, -1 for ever. out gets the row of prompt_get, or
 * stays empty where the asker has no such assistant. */
const struct err *prompt_read(struct ctx *ctx, const struct prompt_ask *ask,
    int64_t *left_ms, struct doc *out) MUST_CHECK;

#endif
