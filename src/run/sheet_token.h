/* sheet_token.h: the request that gets a token for a service account's key (RFC 7523). */
#ifndef RUN_SHEET_TOKEN_H
#define RUN_SHEET_TOKEN_H

#include "base/service_key.h"

/* The form that is posted to the key's token_url: an assertion signed with it, good for an hour
 * from now_s (seconds since 1970). ERR_INVALID: the key cannot sign, or its address for tokens may
 * not be called. */
const struct err *sheet_token_form(struct arena *arena, const struct service_key *key,
    int64_t now_s, const char **form) MUST_CHECK;

#endif
