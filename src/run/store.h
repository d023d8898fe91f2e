/* store.h: transactions of the loop: a queue in front of a few database connections. */
#ifndef RUN_STORE_H
#define RUN_STORE_H

#include <poll.h>

#include "db/db.h"

struct store;

/* Descriptors that store_fds may give. */
#define STORE_CONNECTIONS 4

/* err is NULL after a commit; it and all rows live in the transaction's arena. */
typedef void (*store_done)(void *arg, const struct err *err);

struct store *store_new(struct arena *arena, const struct db_options *options);
void store_close(struct store *store);
/* Takes the transaction; done is called once, later, from store_step. */
void store_submit(struct store *store, struct db_tx *tx, store_done done, void *arg);
/* Moves everything on without waiting. */
void store_step(struct store *store);
/* Fills fds with what to poll for; returns how many. */
size_t store_fds(const struct store *store, struct pollfd fds[STORE_CONNECTIONS]);
/* Whether anything is under way. */
bool store_is_busy(const struct store *store);

#endif
