/* store.h: transactions of the loop: queues in front of a few database connections.
 *
 * Steps of runs commit together: whoever waits while such a group is under way makes up the next
 * one. A group that fails is undone, and each of its transactions runs by itself: an error is only
 * the error of the one that made it. */
#ifndef RUN_STORE_H
#define RUN_STORE_H

#include <poll.h>

#include "db/db.h"

struct store;

/* Descriptors that store_fds may give. */
#define STORE_CONNECTIONS 4

/* err is NULL after a commit, else it lives until done returns; rows are the transaction's. */
typedef void (*store_done)(void *arg, const struct err *err);

struct store *store_new(struct arena *arena, const struct db_options *options);
void store_close(struct store *store);
/* Takes the transaction; done is called once, later, from store_step. */
void store_submit(struct store *store, struct db_tx *tx, store_done done, void *arg);
/* What takes the same locks goes into a group: its members then take them in one order, and groups
 * of different kinds never wait for each other in a circle. */
enum store_kind {
	STORE_CALLS, /* settled: an account's sums, then its budgets; opened: its budgets */
	STORE_ENDS,  /* of runs: an assistant's versions */
	STORE_KINDS
};
struct store_place {
	enum store_kind kind;
	const char *rank; /* the order within a group; lives as long as the transaction */
};
/* The same, perhaps in a group. */
void store_submit_grouped(struct store *store, struct db_tx *tx, struct store_place place,
    store_done done, void *arg);
/* Moves everything on without waiting. */
void store_step(struct store *store);
/* When store_step has something to do that no descriptor tells of; INT64_MAX: nothing. */
int64_t store_due_ms(const struct store *store);
/* Fills fds with what to poll for; returns how many. */
size_t store_fds(const struct store *store, struct pollfd fds[STORE_CONNECTIONS]);
/* Whether anything is under way. */
bool store_is_busy(const struct store *store);

#endif
