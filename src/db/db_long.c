/* db_long.c: transactions of many round trips. */
#include "base/log.h"
#include "db/db_inner.h"

const struct err *db_long_begin(struct db *db, struct arena *arena, enum sql begin,
    const struct db_scope *scope)
{
	const char *params[] = {scope->account_id ? scope->account_id : "",
	    scope->is_operator ? "on" : "off"};
	const struct err *err = db_statement(db, arena, begin, NULL, NULL);

	db->is_long = err == NULL;
	if (!err)
		err = db_statement(db, arena, SQL_SCOPE_SET, params, NULL);
	return err;
}

const struct err *db_long_end(struct db *db, struct arena *arena, const struct err *err)
{
	const struct err *undo;

	if (!err)
		err = db_statement(db, arena, SQL_SCOPE_COMMIT, NULL, NULL);
	/* A lost connection has rolled back by itself. */
	undo = err && db->conn ? db_statement(db, arena, SQL_SCOPE_ROLLBACK, NULL, NULL) : NULL;
	if (undo)
		log_warn("a rollback found no connection");
	db->is_long = false;
	return err;
}
