/* store.c: hands queued transactions to whichever connection is free. */
#include "run/store.h"

#include <poll.h>
#include <stdlib.h>

#include "base/clock.h"

/* While the database is away it is asked now and then, not by everybody who waits for it. */
#define PAUSE_MS 500

struct order {
	struct order *next;
	struct store *store;
	struct db_tx *tx;
	store_done done;
	void *arg;
};

struct store {
	struct db *dbs[STORE_CONNECTIONS];
	struct order *first, **last;
	size_t under_way;
	int64_t paused_until_ms;
};

struct store *store_new(struct arena *arena, const struct db_options *options)
{
	struct store *store = arena_alloc(arena, sizeof(*store));
	for (size_t i = 0; i < STORE_CONNECTIONS; i++)
		store->dbs[i] = db_new(options);
	store->last = &store->first;
	return store;
}

void store_close(struct store *store)
{
	for (size_t i = 0; i < STORE_CONNECTIONS; i++)
		db_close(store->dbs[i]);
}

void store_submit(struct store *store, struct db_tx *tx, store_done done, void *arg)
{
	struct order *order = calloc(1, sizeof(*order));
	if (!order)
		arena_out_of_memory(sizeof(*order));
	*order = (struct order){.store = store, .tx = tx, .done = done, .arg = arg};
	*store->last = order;
	store->last = &order->next;
}

static void end_order(void *arg, const struct err *err)
{
	struct order order = *(struct order *)arg;
	free(arg);
	order.store->under_way--;
	if (err && err->kind == ERR_DOWN)
		order.store->paused_until_ms = clock_ms() + PAUSE_MS;
	order.done(order.arg, err);
}

/* NULL: nothing to do now. */
static struct order *take_first(struct store *store)
{
	struct order *order = store->first;
	if (!order || clock_ms() < store->paused_until_ms)
		return NULL;
	store->first = order->next;
	if (!store->first)
		store->last = &store->first;
	return order;
}

void store_step(struct store *store)
{
	for (size_t i = 0; i < STORE_CONNECTIONS; i++) {
		struct db *db = store->dbs[i];
		struct order *order;
		db_step(db);
		while (!db_busy(db) && (order = take_first(store)) != NULL) {
			store->under_way++;
			db_start(db, order->tx, end_order, order);
			db_step(db);
		}
	}
}

size_t store_fds(const struct store *store, struct pollfd fds[STORE_CONNECTIONS])
{
	size_t count = 0;
	for (size_t i = 0; i < STORE_CONNECTIONS; i++) {
		short events = 0;
		int fd = db_fd(store->dbs[i], &events);
		if (fd >= 0)
			fds[count++] = (struct pollfd){.fd = fd, .events = events};
	}
	return count;
}

bool store_is_busy(const struct store *store)
{
	return store->first || store->under_way > 0;
}
