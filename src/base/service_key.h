/* service_key.h: the key file of a Google service account. */
#ifndef BASE_SERVICE_KEY_H
#define BASE_SERVICE_KEY_H

#include "base/err.h"

struct service_key {
	const char *address;     /* of the account, client_email */
	const char *key_id;      /* NULL: the file does not say */
	const char *private_key; /* PEM: a secret */
	const char *token_url;   /* where tokens are had */
	bool is_open;            /* everybody on this machine may read the file */
};

/* Reads the file at path (NULL: none is set) into the arena, which the caller wipes: it holds the
 * key then. ERR_INVALID says what is wrong with the file, and what to do. */
const struct err *service_key_read(struct arena *arena, const char *path, struct service_key *key)
    MUST_CHECK;
/* Overwrites the private key; nothing else of it is needed any more. */
void service_key_wipe(struct service_key *key);

#endif
