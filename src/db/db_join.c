/* db_join.c: several transactions as one: their statements in turn, and those over arrays once. */
#include <string.h>

#include "db/db_inner.h"

#define ARRAYS_MAX 16
#define SHARED_MAX 8 /* different statements over arrays in one group */
#define ARRAY_BYTES_MAX ((size_t)1024 * 1024)

/* A statement over arrays with the elements of all members. */
struct shared {
	const struct db_rows *like; /* one that has an element of it */
	struct buf *arrays[ARRAYS_MAX];
	struct db_rows *before; /* what it is sent after */
};

struct gathered {
	struct shared shared[SHARED_MAX];
	size_t count;
};

/* The text of an array that is whole. */
static const char *array_text(struct db_tx *tx, struct buf *array)
{
	db_array_end(array);
	if (array->failed)
		tx->bug = err_new(tx->arena, ERR_BUG, "%s", DB_OURS);
	return array->data;
}

struct db_rows *db_add_element_params(struct db_tx *tx, enum sql_place place, enum sql sql,
    const char *const *params, size_t count)
{
	const char **arrays = arena_alloc(tx->arena, (count + 1) * sizeof(*arrays));
	const char **element = arena_alloc(tx->arena, (count + 1) * sizeof(*element));
	struct buf *array = buf_new(tx->arena, ARRAY_BYTES_MAX);
	struct db_rows *rows;

	memcpy(element, params, count * sizeof(*element));
	for (size_t i = 0; i < count; i++) {
		buf_reset(array);
		db_array_add(array, params[i]);
		arrays[i] = arena_strdup(tx->arena, array_text(tx, array));
	}
	rows = db_add_params(tx, sql, arrays, count);
	rows->element = element;
	rows->place = place;
	return rows;
}

/* NULL: it is none that could be shared. */
static struct shared *shared_of(struct arena *arena, struct gathered *gathered,
    const struct db_rows *rows)
{
	struct shared *shared = gathered->shared, *end = shared + gathered->count;

	while (shared < end && shared->like->sql != rows->sql)
		shared++;
	if (shared < end)
		return shared;
	if (!rows->element || rows->count > ARRAYS_MAX || gathered->count == SHARED_MAX)
		return NULL;
	gathered->count++;
	shared->like = rows;
	for (size_t i = 0; i < rows->count; i++)
		shared->arrays[i] = buf_new(arena, ARRAY_BYTES_MAX);
	return shared;
}

/* Leads the chain through a member; its elements go to the statements that are shared. */
static void chain(struct db_tx *tx, struct gathered *gathered, const struct db_tx *member)
{
	struct shared *touched[SHARED_MAX];
	size_t count = 0;

	for (struct db_rows *rows = member->scoping->own_next; rows; rows = rows->own_next) {
		struct shared *shared = shared_of(tx->arena, gathered, rows);

		for (size_t i = 0; shared && i < rows->count; i++)
			db_array_add(shared->arrays[i], rows->element[i]);
		if (shared && count < SHARED_MAX)
			touched[count++] = shared;
		if (shared)
			continue;
		tx->last->next = rows;
		rows->next = NULL;
		tx->last = rows;
	}
	while (count > 0)
		touched[--count]->before = tx->last;
}

static void insert(struct db_tx *tx, const struct shared *shared)
{
	const char *params[ARRAYS_MAX];
	struct db_rows *before = shared->like->place == SQL_FIRST ? tx->scoping : shared->before;
	struct db_rows *next = before->next, *last = tx->last;

	for (size_t i = 0; i < shared->like->count; i++)
		params[i] = array_text(tx, shared->arrays[i]);
	tx->last = before;
	db_append(tx, shared->like->sql, params, shared->like->count);
	tx->last->next = next;
	if (last != before)
		tx->last = last;
}

/* The statements stay their members': only what is sent next is another one. */
struct db_tx *db_join(struct arena *arena, struct db_tx *const *members, size_t count)
{
	struct db_tx *tx = db_tx(arena, NULL);
	struct gathered gathered = {.count = 0};

	tx->is_joined = tx->is_repeatable = true;
	for (size_t i = 0; i < count; i++) {
		chain(tx, &gathered, members[i]);
		tx->is_repeatable &= members[i]->is_repeatable;
		if (members[i]->bug)
			tx->bug = members[i]->bug;
	}
	for (size_t i = gathered.count; i > 0; i--)
		insert(tx, &gathered.shared[i - 1]);
	return tx;
}

bool db_part(const struct db_tx *tx, struct db_tx *const *members, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (struct db_rows *rows = members[i]->scoping; rows; rows = rows->own_next)
			rows->next = rows->own_next;
	return tx->is_undone || tx->bug;
}
