/* store.c: hands queued transactions to whichever connection is free, those of runs in groups. */
#include "run/store.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

/* While the database is away it is asked now and then, not by everybody who waits for it. */
#define PAUSE_MS 500
#define GROUP_MAX 32
/* The rest of the connections are for what must not wait behind runs: beats and claims. */
static const enum store_kind group_kinds[] = {STORE_CALLS, STORE_CALLS, STORE_ENDS};
#define GROUPS ARRAY_LEN(group_kinds)

struct order {
	struct order *next;
	struct store *store;
	struct db_tx *tx;
	const char *rank; /* in a group */
	store_done done;
	void *arg;
};

struct queue {
	struct order *first, **last;
	size_t count;
};

struct group {
	struct store *store;
	enum store_kind kind;
	struct arena *arena;
	struct db_tx *tx;
	struct order *orders[GROUP_MAX];
	struct db_tx *members[GROUP_MAX];
	size_t count; /* under way; 0: none is */
};

struct store {
	struct db *dbs[STORE_CONNECTIONS];
	struct queue alone, together[STORE_KINDS];
	struct group groups[GROUPS];
	size_t groups_under_way[STORE_KINDS];
	size_t under_way;
	int64_t paused_until_ms;
};

/* ---- Queues. ---- */

static void add_last(struct queue *queue, struct order *order)
{
	order->next = NULL;
	*queue->last = order;
	queue->last = &order->next;
	queue->count++;
}

static struct order *take_first(struct queue *queue)
{
	struct order *order = queue->first;
	if (!order)
		return NULL;
	queue->first = order->next;
	if (!queue->first)
		queue->last = &queue->first;
	queue->count--;
	return order;
}

struct store *store_new(struct arena *arena, const struct db_options *options)
{
	struct store *store = arena_alloc(arena, sizeof(*store));
	for (size_t i = 0; i < STORE_CONNECTIONS; i++)
		store->dbs[i] = db_new(options);
	for (size_t i = 0; i < GROUPS; i++)
		store->groups[i] = (struct group){
			.store = store, .kind = group_kinds[i], .arena = arena_new()};
	for (size_t i = 0; i < STORE_KINDS; i++)
		store->together[i].last = &store->together[i].first;
	store->alone.last = &store->alone.first;
	return store;
}

static void forget(struct queue *queue)
{
	struct order *order;
	while ((order = take_first(queue)) != NULL)
		free(order);
}

void store_close(struct store *store)
{
	for (size_t i = 0; i < STORE_CONNECTIONS; i++)
		db_close(store->dbs[i]);
	for (size_t i = 0; i < GROUPS; i++)
		arena_free(store->groups[i].arena);
	for (size_t i = 0; i < STORE_KINDS; i++)
		forget(&store->together[i]);
	forget(&store->alone);
}

static struct order *order_new(struct store *store, struct db_tx *tx, store_done done, void *arg)
{
	struct order *order = calloc(1, sizeof(*order));
	if (!order)
		arena_out_of_memory(sizeof(*order));
	*order = (struct order){.store = store, .tx = tx, .done = done, .arg = arg};
	return order;
}

void store_submit(struct store *store, struct db_tx *tx, store_done done, void *arg)
{
	add_last(&store->alone, order_new(store, tx, done, arg));
}

void store_submit_grouped(struct store *store, struct db_tx *tx, struct store_place place,
    store_done done, void *arg)
{
	struct order *order = order_new(store, tx, done, arg);
	order->rank = place.rank;
	add_last(&store->together[place.kind], order);
}

/* ---- Ends. ---- */

static void note_outage(struct store *store, const struct err *err)
{
	if (err && err->kind == ERR_DOWN)
		store->paused_until_ms = clock_ms() + PAUSE_MS;
}

static void end_order(void *arg, const struct err *err)
{
	struct order order = *(struct order *)arg;
	free(arg);
	order.store->under_way--;
	note_outage(order.store, err);
	order.done(order.arg, err);
}

/* The group may be used again only when the last done has returned: the error lives in it. */
static void end_group(void *arg, const struct err *err)
{
	struct group *group = arg;
	struct store *store = group->store;
	bool is_undone = db_part(group->tx, group->members, group->count) && group->count > 1;
	if (err && is_undone)
		log_info("a group is undone; each of it by itself", "reason", err->sentence);
	else
		note_outage(store, err);
	store->under_way--;
	store->groups_under_way[group->kind]--;
	for (size_t i = 0; i < group->count; i++) {
		struct order *order = group->orders[i];
		if (err && is_undone) {
			add_last(&store->alone, order);
			continue;
		}
		order->done(order->arg, err);
		free(order);
	}
	group->count = 0;
}

/* ---- Beginnings. ---- */

static void start_order(struct store *store, struct db *db)
{
	struct order *order = take_first(&store->alone);
	store->under_way++;
	db_start(db, order->tx, end_order, order);
}

static int compare_ranks(const void *a, const void *b)
{
	const struct order *const *x = a, *const *y = b;
	return strcmp((*x)->rank, (*y)->rank);
}

static void start_group(struct group *group, struct db *db)
{
	struct queue *queue = &group->store->together[group->kind];
	arena_reset(group->arena);
	while (group->count < GROUP_MAX && queue->first)
		group->orders[group->count++] = take_first(queue);
	qsort(group->orders, group->count, sizeof(group->orders[0]), compare_ranks);
	for (size_t i = 0; i < group->count; i++)
		group->members[i] = group->orders[i]->tx;
	group->tx = db_join(group->arena, group->members, group->count);
	group->store->under_way++;
	group->store->groups_under_way[group->kind]++;
	db_start(db, group->tx, end_group, group);
}

/* Whoever comes while a group is under way waits for the next one, which sets out when that has
 * ended or a full load is together. */
static bool is_due(const struct group *group)
{
	const struct store *store = group->store;
	size_t least = store->groups_under_way[group->kind] > 0 ? GROUP_MAX : 1;
	return group->count == 0 && store->together[group->kind].count >= least;
}

/* Beats and claims go first: they must not wait behind runs. */
static bool start_next(struct store *store, struct db *db)
{
	struct group *group = store->groups;
	while (group < store->groups + GROUPS && !is_due(group))
		group++;
	if (clock_ms() < store->paused_until_ms)
		return false;
	if (store->alone.first)
		start_order(store, db);
	else if (group < store->groups + GROUPS)
		start_group(group, db);
	else
		return false;
	return true;
}

void store_step(struct store *store)
{
	for (size_t i = 0; i < STORE_CONNECTIONS; i++) {
		struct db *db = store->dbs[i];
		db_step(db);
		while (!db_busy(db) && start_next(store, db))
			db_step(db);
	}
}

static bool has_more(const struct store *store)
{
	bool has = store->alone.first != NULL;
	for (size_t i = 0; i < GROUPS; i++)
		has |= is_due(&store->groups[i]);
	return has;
}

int64_t store_due_ms(const struct store *store)
{
	bool is_paused = has_more(store) && store->under_way < STORE_CONNECTIONS;
	return is_paused ? store->paused_until_ms : INT64_MAX;
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
	return has_more(store) || store->under_way > 0;
}
