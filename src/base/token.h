/* token.h: random secrets and their hashes. */
#ifndef BASE_TOKEN_H
#define BASE_TOKEN_H

#include "base/arena.h"

/* prefix + 43 base64url characters of 256 random bits from getrandom(2). */
const char *token_new(struct arena *arena, const char *prefix);
/* What is stored of a token: lower-case hexadecimal SHA-256. */
const char *token_hash(struct arena *arena, const char *token);
/* Why a token that was not made by token_new could be guessed: fewer than 128 random bits fit into
 * what it looks like. NULL: no reason is seen. */
const char *token_weakness(struct arena *arena, const char *token);
/* Fills bytes from getrandom(2); aborts when the kernel has none to give. */
void token_random(void *bytes, size_t len);
/* Name and version of the library that hashes. */
const char *token_library(void);

#endif
