/* db_tx.c: building a transaction: its frame, its statements and their parameters. */
#include "db/db_inner.h"

#include <inttypes.h>
#include <string.h>

#include "base/log.h"

struct db_rows *db_append(struct db_tx *tx, enum sql sql, const char *const *params, size_t count)
{
	struct db_rows *rows = arena_alloc(tx->arena, sizeof(*rows));
	const char **copy = arena_alloc(tx->arena, (count + 1) * sizeof(*copy));

	if (count > 0)
		memcpy(copy, params, count * sizeof(*copy));
	rows->arena = tx->arena;
	rows->sql = sql;
	rows->params = copy;
	rows->count = count;
	if (tx->last)
		tx->last->next = rows;
	if (tx->last && !tx->is_joined)
		tx->last->own_next = rows;
	if (!tx->last)
		tx->first = rows;
	tx->last = rows;
	return rows;
}

struct db_tx *db_tx(struct arena *arena, const struct db_scope *scope)
{
	struct db_tx *tx = arena_alloc(arena, sizeof(*tx));
	const char *account_id = scope && scope->account_id ? scope->account_id : "";

	tx->arena = arena;
	tx->scope.account_id = arena_strdup(arena, account_id);
	tx->scope.is_operator = scope && scope->is_operator;
	db_append(tx, SQL_SCOPE_BEGIN, NULL, 0);
	tx->scoping = db_append(tx, SQL_SCOPE_SET, NULL, 0);
	return tx;
}

struct db_tx *db_tx_unscoped(struct arena *arena)
{
	struct db_tx *tx = db_tx(arena, NULL);

	tx->is_unscoped = true;
	return tx;
}

void db_repeatable(struct db_tx *tx)
{
	tx->is_repeatable = true;
}

void db_hold(struct db_tx *tx)
{
	tx->is_held = true;
}

void db_go_on(struct db_tx *tx)
{
	tx->is_continued = true;
}

struct db_rows *db_add_params(struct db_tx *tx, enum sql sql, const char *const *params,
    size_t count)
{
	const struct sql_statement *statement = &sql_statements[sql];

	if (count != (size_t)statement->params || sql == SQL_NONE) {
		log_error("wrong number of parameters", "statement", statement->name);
		tx->bug = err_new(tx->arena, ERR_BUG, "%s", DB_OURS);
	}
	return db_append(tx, sql, params, count);
}

void db_stream(struct db_rows *rows, db_taker take, void *arg)
{
	rows->take = take;
	rows->take_arg = arg;
}

const char *db_int_param(struct arena *arena, int64_t value)
{
	return arena_printf(arena, "%" PRId64, value);
}

void db_array_add(struct buf *array, const char *element)
{
	buf_char(array, array->len == 0 ? '{' : ',');
	if (element == NULL) {
		buf_text(array, "NULL");
		return;
	}
	buf_char(array, '"');
	for (; *element != '\0'; element++) {
		if (*element == '"' || *element == '\\')
			buf_char(array, '\\');
		buf_char(array, *element);
	}
	buf_char(array, '"');
}

void db_array_end(struct buf *array)
{
	buf_text(array, array->len == 0 ? "{}" : "}");
}
