/* db_script.c: what runs outside the pipeline, waiting: migration files and their statements. */
#include "db/db_inner.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

static const struct err *connect_waiting(struct db *db, struct arena *arena)
{
	if (db->state == DB_READY)
		db_link_check(db);
	/* On another connection it would be outside its transaction. */
	if (db->state == DB_CLOSED && db->is_long)
		return err_new(arena, ERR_DOWN, "%s", DB_GONE);
	if (db->state == DB_CLOSED)
		db_link_open(db);
	while (db->state == DB_CONNECTING) {
		struct pollfd wait = {0};

		wait.fd = db_fd(db, &wait.events);
		poll(&wait, 1, (int)db_wait_ms(db));
		db_link_step(db);
	}
	return db->state == DB_READY ? NULL : err_new(arena, ERR_DOWN, "%s", DB_DOWN);
}

/* The line of text at which the server's message points; 0: it points nowhere. */
static int line_of(const PGresult *result, const char *text)
{
	const char *field = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
	long characters = field ? strtol(field, NULL, 10) : 0;
	int line = 1;

	if (characters <= 0)
		return 0;
	for (; *text && characters > 1; text++) {
		if (((unsigned char)*text & 0xC0) != 0x80) /* not inside a UTF-8 character */
			characters--;
		if (*text == '\n')
			line++;
	}
	return line;
}

/* The reader is the operator, so the server's own words are the sentence. */
static const struct err *script_error(struct arena *arena, const PGresult *result,
    const char *text)
{
	const struct err *err = db_error(arena, result, "script");
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	int line = line_of(result, text);

	if (!message)
		return err_new(arena, ERR_DOWN, "%s", DB_DOWN);
	if (line == 0)
		return err_new(arena, err->kind, "%s", message);
	return err_new(arena, err->kind, "line %d: %s", line, message);
}

static bool is_good(const PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ||
	    status == PGRES_EMPTY_QUERY;
}

const struct err *db_script(struct db *db, struct arena *arena, const char *sql)
{
	const struct err *err = connect_waiting(db, arena);
	PGresult *result;

	if (err)
		return err;
	PQexitPipelineMode(db->conn);
	result = PQexec(db->conn, sql);
	if (!is_good(result))
		err = script_error(arena, result, sql);
	PQclear(result);
	if (PQstatus(db->conn) == CONNECTION_BAD || !PQenterPipelineMode(db->conn))
		db_link_drop(db);
	return err;
}

const struct err *db_statement(struct db *db, struct arena *arena, enum sql sql,
    const char *const *params, struct db_rows **rows)
{
	const struct sql_statement *statement = &sql_statements[sql];
	const struct err *err = connect_waiting(db, arena);
	PGresult *result;

	if (err)
		return err;
	PQexitPipelineMode(db->conn);
	result = PQexecParams(db->conn, statement->text, statement->params, NULL, params, NULL,
	    NULL, 0);
	if (!is_good(result)) {
		err = script_error(arena, result, statement->text);
		PQclear(result);
	} else {
		struct db_rows *kept = arena_alloc(arena, sizeof(*kept));

		kept->arena = arena;
		kept->sql = sql;
		db_rows_keep(kept, result);
		if (rows)
			*rows = kept;
	}
	if (PQstatus(db->conn) == CONNECTION_BAD || !PQenterPipelineMode(db->conn))
		db_link_drop(db);
	return err;
}

bool db_is_in_transaction(const struct db *db)
{
	return db->conn && PQtransactionStatus(db->conn) == PQTRANS_INTRANS;
}
