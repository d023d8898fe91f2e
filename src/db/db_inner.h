/* db_inner.h: what the files of this folder share: the connection, its state, the statements.
 *
 * db_link.c owns the connection, db_tx.c builds, db_join.c puts several together, db.c is the
 * pipeline, db_error.c the meaning of errors, db_rows.c results, db_listen.c notifications,
 * db_script.c what runs outside the pipeline, db_long.c transactions of it. */
#ifndef DB_DB_INNER_H
#define DB_DB_INNER_H

#include <libpq-fe.h>

#include "db/db.h"

enum db_state {
	DB_CLOSED,
	DB_CONNECTING,
	DB_READY, /* connected, nothing under way */
	DB_SENT   /* a batch has been sent, its sync point has not come back */
};

/* One statement of a transaction and, later, its result. */
struct db_rows {
	struct arena *arena;
	enum sql sql;
	const char *text; /* sent in place of the named statement's, unprepared; mostly NULL */
	const char *const *params;
	size_t count;
	enum sql_place place; /* of the statement of a group that its element goes to */
	const char *const *element; /* one for each parameter; NULL: a statement of its own */
	bool is_preparing; /* its first result belongs to the prepare before it */
	PGresult *result;
	db_taker take; /* of its rows, while they come; NULL: they are kept */
	void *take_arg;
	struct db_rows *next, *own_next; /* what is sent next; what was added next */
};

struct db_tx {
	struct arena *arena;
	struct db_scope scope;
	struct db_rows *first, *scoping, *last;
	bool is_unscoped; /* the scope is sent only where the role must be taken on */
	bool is_closed; /* the commit has been added */
	bool is_repeatable;
	bool is_joined; /* of several, see db_join */
	bool is_held;      /* the transaction stays open after it, see db_hold */
	bool is_continued; /* it goes on in the one that is open */
	bool is_undone; /* it failed, and the server said so */
	int sends;
	const struct err *bug; /* found while statements were added */
};

struct db_listener {
	const char *channel; /* NULL: not a listening connection */
	const char *own;     /* the channel of its tests, nobody else's */
	int64_t tested_ms;   /* when a test was sent that has not come back; 0: none */
	struct arena *arena;
	bool is_on;
	bool was_on;
	bool look_now;
	bool has_word; /* a notification had a payload */
	db_hear hear;  /* NULL: nobody wants to know them */
	void *hear_arg;
	int64_t retry_ms; /* when to connect again */
	int64_t backoff_ms;
	int64_t heard_ms; /* last sign of life */
};

struct db {
	struct arena *arena; /* options */
	struct db_options options;
	int64_t patience_ms; /* 0: that of the options */
	enum db_state state;
	PGconn *conn;
	PostgresPollingStatusType connect_wants;
	int64_t connect_until_ms;
	bool wants_write;
	bool is_prepared[SQL_COUNT];
	int64_t sent, replan_at;   /* statements on this connection; when its plans are made anew */

	struct db_tx *tx; /* under way; NULL: none */
	db_done done;
	void *arg;
	int64_t until_ms;
	struct db_rows *awaited;   /* whose result comes next; NULL: the sync point */
	bool is_committed;
	bool is_rolling_back;
	bool is_unwanted;          /* a taker wants no more */
	bool is_long;              /* a transaction of many round trips is open */
	int watched;               /* socket of whoever waits for the answer; -1: none */
	bool is_ended;             /* db_step is to call done */
	const struct err *err;
	char sqlstate[6];          /* of err, "" when there was none */

	struct db_listener listener;
};

/* An idle listening connection is tried this often. */
#define DB_TEST_MS 10000
#define DB_TEST_ANSWER_MS 5000

#define DB_DOWN "The database is not reachable; nothing was saved. Try again in a moment."
#define DB_LOST \
	"The connection to the database was lost; whether the change was saved is not known. " \
	"Look before trying again."

#define DB_GONE "The connection to the database was lost; nothing was saved."
#define DB_AWAY "The database is not reachable. Try again in a moment."
#define DB_ABANDONED "Nobody waits for the answer any more; it was given up."
#define DB_MALFORMED "the database URL is malformed; is its password percent-encoded?"
#define DB_OURS "Something went wrong on our side; nothing was saved."

/* db_link.c. Opens: DB_CONNECTING, or DB_CLOSED when that is impossible (logged). */
void db_link_open(struct db *db);
/* Moves a connection in DB_CONNECTING on: to DB_READY, or to DB_CLOSED (logged). */
void db_link_step(struct db *db);
/* Closes; what was prepared is forgotten. */
void db_link_drop(struct db *db);
/* Takes in what came unasked on an idle connection; drops it when the server has gone. */
void db_link_check(struct db *db);
bool db_link_is_pooled(const struct db *db);
/* Whether a transaction is open on an idle connection. */
bool db_link_is_held(const struct db *db);

/* db_tx.c. Adds a statement without checks. */
struct db_rows *db_append(struct db_tx *tx, enum sql sql, const char *const *params, size_t count);

/* db_error.c. The error of a failed result, logged; name is the statement's. */
const struct err *db_error(struct arena *arena, const PGresult *result, const char *name);
/* SQLSTATE of a failed result, "" when it has none. */
const char *db_sqlstate(const PGresult *result);

/* db_rows.c. The result is released with the arena. */
void db_rows_keep(struct db_rows *rows, PGresult *result);

/* db_script.c. Whether a transaction that db_statement began is still open. */
bool db_is_in_transaction(const struct db *db);

#endif
