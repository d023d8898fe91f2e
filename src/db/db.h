/* db.h: the only door to PostgreSQL: named statements, one pipelined transaction per batch.
 *
 * A transaction (db_tx) is a list of named statements. db_run sends BEGIN, the scope (role,
 * account, operator, all local to the transaction), the statements and COMMIT in one libpq
 * pipeline with one sync: one round trip. db_start does the same without waiting, for the
 * runner's loop. Statements are prepared at first use on each connection; behind a transaction
 * pooler (port 6543 or DATABASE_POOLED=yes) they travel unnamed.
 *
 * SQLSTATE to kind: 22xxx and 23514 ERR_INVALID, other 23xxx ERR_CONFLICT, 08/57P/53/25006
 * ERR_DOWN, 57014 ERR_LIMIT, PB4xx (raised by our own functions, whose message is the sentence):
 * PB400 INVALID, PB403 DENIED, PB404 MISSING, PB409 CONFLICT, PB410 GONE, PB429 LIMIT; 40xxx
 * (after two more tries) and 55P03 ERR_DOWN; everything else ERR_BUG. The detail is logged once,
 * with the statement's name and the SQLSTATE, never values. */
#ifndef DB_DB_H
#define DB_DB_H

#include "base/doc.h"
#include "base/err.h"
#include "db/statements.h" /* generated from sql/<noun>.sql: enum sql, sql_statements[] */

struct db;
struct db_tx;
struct db_rows; /* the result of one statement; lives in the transaction's arena */

struct db_options {
	const char *url;         /* libpq URI */
	const char *application; /* application_name, "promptbuilder-web" */
	const char *role;        /* role taken on in each transaction; NULL: the login role */
	bool pooled;             /* transaction pooler: no prepared statements, no LISTEN */
	int64_t answer_ms;       /* patience for a transaction, or for a row taken; 0: 2 minutes */
};

/* Who the transaction acts for: row security reads it. */
struct db_scope {
	const char *account_id; /* UUID text or NULL */
	bool is_operator;       /* sees all accounts */
};

/* The settings of a connection as the environment of PostgreSQL's own programs, "PGHOST=...", with
 * a NULL at the end: a password does not belong on a command line. */
const struct err *db_url_environment(struct arena *arena, const char *url,
    const char ***environment) MUST_CHECK;

/* Nothing is connected yet; the first transaction does that. Lives until db_close, which forgets
 * a transaction under way: its done is not called. */
struct db *db_new(const struct db_options *options);
void db_close(struct db *db);

/* An empty transaction in the arena; scope is copied (NULL: no account, no operator). */
struct db_tx *db_tx(struct arena *arena, const struct db_scope *scope);
/* One whose first statement sets the scope itself, and how values are printed. */
struct db_tx *db_tx_unscoped(struct arena *arena);
/* Marks a transaction that may be sent again after a lost connection (reads, idempotent writes). */
void db_repeatable(struct db_tx *tx);
/* Adds a named statement; parameters are text (const char *), NULL is SQL null. A wrong number of
 * them makes db_run fail with ERR_BUG, nothing sent. The text of the parameters must live until
 * the transaction has ended. */
#define db_add(tx, sql, ...)                                                                      \
	db_add_params(tx, sql, (const char *const[]){NULL, ##__VA_ARGS__} + 1,                     \
	    ARRAY_LEN(((const char *const[]){NULL, ##__VA_ARGS__})) - 1)
struct db_rows *db_add_params(struct db_tx *tx, enum sql sql, const char *const *params,
    size_t count);
/* Where a group runs a statement over arrays. */
enum sql_place {
	SQL_FIRST, /* before everything else */
	SQL_AFTER  /* after the last member that has an element of it */
};
/* Adds a statement whose parameters are arrays, with one element each (NULL is SQL null). Joined
 * transactions run it once, with the elements of all; its rows are nobody's. */
#define db_add_element(tx, place, sql, ...)                                                       \
	db_add_element_params(tx, place, sql, (const char *const[]){__VA_ARGS__},                 \
	    ARRAY_LEN(((const char *const[]){__VA_ARGS__})))
struct db_rows *db_add_element_params(struct db_tx *tx, enum sql_place place, enum sql sql,
    const char *const *params, size_t count);
/* Takes a row that has come; false: no more are wanted, the transaction is abandoned. */
typedef bool (*db_taker)(void *arg, const struct db_rows *rows, size_t row);
/* The rows of this statement go to take one after another and are not kept: afterwards there are
 * none. An error may follow rows that have been taken; they are never given twice. */
void db_stream(struct db_rows *rows, db_taker take, void *arg);
/* Decimal text of an integer, for a parameter. */
const char *db_int_param(struct arena *arena, int64_t value);
/* The text of an array, for a parameter: its elements (NULL is SQL null), then its end, also of one
 * without elements. */
void db_array_add(struct buf *array, const char *element);
void db_array_end(struct buf *array);

/* One transaction of the statements of several that have not run, in turn and without account; they
 * get their rows as if each had run by itself. It is not tried again after a deadlock. */
struct db_tx *db_join(struct arena *arena, struct db_tx *const *members, size_t count);
/* Makes them transactions of their own again, once it has ended. true: it failed and certainly
 * nothing of it has happened, so each may run by itself. */
bool db_part(const struct db_tx *tx, struct db_tx *const *members, size_t count);

/* A transaction that is too large to be held in memory runs in pieces: it stays open after a piece
 * that is held, and the next piece goes on in it. Nothing of it has happened before the piece that
 * is not held has ended; a piece that fails has undone all of it. ERR_DOWN when none is open any
 * more. */
void db_hold(struct db_tx *tx);
void db_go_on(struct db_tx *tx);
/* Gives up the transaction that is open; nothing of it has happened. Whoever runs another one that
 * does not go on in it gives it up, too. */
void db_undo(struct db *db);

/* Sends the transaction and waits for its end. On error nothing of it has happened, except that
 * ERR_DOWN after COMMIT was sent leaves it unknown. */
const struct err *db_run(struct db *db, struct db_tx *tx) MUST_CHECK;

/* A transaction of many round trips, for what does not fit into memory at once: between its begin
 * and its end statements are sent by themselves, and errors have the server's own words. begin is
 * the statement that opens it. Nothing else may run on this connection meanwhile; when it is lost,
 * all further statements fail. The end commits, or rolls back when there is an error already. */
const struct err *db_long_begin(struct db *db, struct arena *arena, enum sql begin,
    const struct db_scope *scope) MUST_CHECK;
const struct err *db_statement(struct db *db, struct arena *arena, enum sql sql,
    const char *const *params, struct db_rows **rows) MUST_CHECK; /* rows may be NULL */
const struct err *db_long_end(struct db *db, struct arena *arena, const struct err *err)
    MUST_CHECK;

/* A socket whose other end wants the answers; -1: nobody in particular. When it hangs up, what
 * db_run waits for is cancelled on the server and fails with ERR_DOWN. For reading only: of a
 * change nobody would know whether it was made. */
void db_watch(struct db *db, int fd);

/* Another patience than that of the options for what is sent from now on; 0: that again. */
void db_patience(struct db *db, int64_t answer_ms);

/* Whether there is a connection, or one that is being made. */
bool db_is_open(const struct db *db);

/* The same without waiting: done is called from db_step when it has ended. One at a time per db. */
typedef void (*db_done)(void *arg, const struct err *err);
void db_start(struct db *db, struct db_tx *tx, db_done done, void *arg);
bool db_busy(const struct db *db);
/* Descriptor to poll, -1 when there is none; *events gets POLLIN and/or POLLOUT. It may change
 * with every step. */
int db_fd(const struct db *db, short *events);
/* How long a poll may wait before db_step (or db_listen_step) is due; -1: no limit. */
int64_t db_wait_ms(const struct db *db);
/* Moves on as far as possible without waiting. Also drives connecting and its time-out. */
void db_step(struct db *db);

/* LISTEN on this connection (a connection of its own); db_listen_step returns how many
 * notifications came in, and one more after each (re)connection, since some may have been missed.
 * It sends a notification to itself every ten seconds and reconnects when that does not come, with
 * back-off, and says so in the log. Behind a transaction pooler it never listens. */
void db_listen(struct db *db, const char *channel);
int db_listen_step(struct db *db);
bool db_is_listening(const struct db *db);
/* Another connection has failed: the next db_listen_step sends the notification that is due. */
void db_listen_doubt(struct db *db);
/* Whether one of them carried a word, or may have, since the last time this was asked. */
bool db_listen_word(struct db *db);
/* From now on db_listen_step gives the payload of each notification to hear, and NULL after each
 * (re)connection. */
typedef void (*db_hear)(void *arg, const char *payload);
void db_listen_hear(struct db *db, db_hear hear, void *arg);

/* Reading results, after success. A column that the statement does not have is a bug: aborts. */
size_t db_count(const struct db_rows *rows);
int64_t db_changed(const struct db_rows *rows); /* rows inserted, updated or deleted */
const char *db_text(const struct db_rows *rows, size_t row, const char *column); /* NULL: null */
int64_t db_int(const struct db_rows *rows, size_t row, const char *column);      /* null: 0 */
bool db_bool(const struct db_rows *rows, size_t row, const char *column);
/* Rows to documents by column type: integers, booleans, numeric as exact text, timestamptz as
 * RFC 3339 UTC with Z and milliseconds, json and jsonb as nested documents, all else text. */
void db_row_doc(const struct db_rows *rows, size_t row, struct doc *object);
void db_rows_doc(const struct db_rows *rows, struct doc *array); /* pushes one object a row */
/* As db_row_doc, without the columns that are null: for rows of several kinds in one result. */
void db_row_doc_set(const struct db_rows *rows, size_t row, struct doc *object);
/* The number of a column. */
int db_column(const struct db_rows *rows, const char *column);
/* What a document has in this place, as text: booleans as true and false; NULL: null. space holds
 * it where it is not the server's text. */
#define DB_CELL_BYTES 32
const char *db_cell(const struct db_rows *rows, size_t row, int column,
    char space[DB_CELL_BYTES]);

/* Runs SQL text of a migration file, several statements, on the owner's connection (migrate.c and
 * tests only). */
const struct err *db_script(struct db *db, struct arena *arena, const char *sql) MUST_CHECK;

#endif
