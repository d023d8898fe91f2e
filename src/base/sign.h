/* sign.h: signatures with a private key. */
#ifndef BASE_SIGN_H
#define BASE_SIGN_H

#include "base/err.h"

/* base64url of the bytes, without padding. */
const char *sign_base64url(struct arena *arena, const void *bytes, size_t len);
/* RS256 (RSASSA-PKCS1-v1_5 with SHA-256) of the text under a private key in PEM, as base64url.
 * ERR_INVALID: this is no RSA key of 2048 bits or more. */
const struct err *sign_rs256(struct arena *arena, const char *pem, const char *text,
    const char **signature) MUST_CHECK;

#endif
