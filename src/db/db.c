/* db.c: transactions, sent as one pipelined batch with one sync point, and their end.
 *
 * A batch is BEGIN, the scope, the statements, COMMIT. After an error the server skips the rest
 * up to the sync point; the batch then ends with a ROLLBACK of its own. */
#include "db/db_inner.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

#define MAX_SENDS 3
/* After so many times as many statements plans are made again: tables grow fastest when young. */
#define REPLAN_FACTOR 2

/* The role is taken on where the login is another one, as an owner's or a test's. */
static void fill_scope(const struct db *db, struct db_tx *tx)
{
	const char *role = db->options.role;
	bool takes_role = role && strcmp(role, PQuser(db->conn)) != 0;
	const char **params = arena_alloc(tx->arena, 3 * sizeof(*params));

	params[0] = tx->scope.account_id;
	params[1] = tx->scope.is_operator ? "on" : "off";
	params[2] = role;
	tx->scoping->sql = takes_role ? SQL_SCOPE_SET_ROLE : SQL_SCOPE_SET;
	tx->scoping->params = params;
	tx->scoping->count = takes_role ? 3 : 2;
	tx->first->next = tx->is_unscoped && !takes_role ? tx->scoping->next : tx->scoping;
}

static bool send_statement(struct db *db, struct db_rows *rows)
{
	const struct sql_statement *statement = &sql_statements[rows->sql];
	const char *text = rows->text ? rows->text : statement->text;
	int count = (int)rows->count;

	rows->is_preparing = false;
	db->sent++;
	/* What is streamed has a plan of its own. */
	if (rows->text || rows->take || db_link_is_pooled(db))
		return PQsendQueryParams(db->conn, text, count, NULL, rows->params, NULL, NULL, 0);
	if (!db->is_prepared[rows->sql]) {
		if (!PQsendPrepare(db->conn, statement->name, text, 0, NULL))
			return false;
		rows->is_preparing = true;
		db->is_prepared[rows->sql] = true;
	}
	return PQsendQueryPrepared(db->conn, statement->name, count, rows->params, NULL, NULL, 0);
}

/* A statement in front of the batch, when the time has come. */
static struct db_rows *with_replan(struct db *db, struct db_rows *rows)
{
	if (db_link_is_pooled(db) || db->sent < db->replan_at)
		return rows;
	db->replan_at *= REPLAN_FACTOR;
	struct db_rows *replan = arena_alloc(db->tx->arena, sizeof(*replan));
	replan->arena = db->tx->arena;
	replan->sql = SQL_SCOPE_REPLAN;
	replan->text = sql_statements[SQL_SCOPE_REPLAN].text;
	replan->next = rows;
	return replan;
}

/* Sends the statements from rows on, and a sync point. false: the connection is of no use. */
static bool send_batch(struct db *db, struct db_rows *rows)
{
	db->awaited = rows = with_replan(db, rows);
	db->state = DB_SENT;
	for (; rows; rows = rows->next)
		if (!send_statement(db, rows))
			return false;
	return PQpipelineSync(db->conn);
}

static void end(struct db *db, const struct err *err)
{
	db->err = err;
	db->is_ended = true;
}

static void end_unreachable(struct db *db)
{
	end(db, db->err ? db->err : err_new(db->tx->arena, ERR_DOWN, "%s", DB_DOWN));
}

/* The connection broke. Without a sync point nothing was saved, and a termination by the
 * administrator that comes as an answer precedes the commit; else nobody knows. */
static void lose(struct db *db, bool is_unsaved)
{
	struct db_tx *tx = db->tx;
	bool is_terminated = strcmp(db->sqlstate, "57P01") == 0;

	db_link_drop(db);
	if (db->is_committed) {
		end(db, NULL);
		return;
	}
	if (db->err && !is_terminated) {
		end(db, db->err);
		return;
	}
	is_unsaved = is_unsaved || is_terminated || tx->is_held;
	if (!is_unsaved)
		db->err = err_new(tx->arena, ERR_DOWN, "%s", tx->is_repeatable ? DB_AWAY : DB_LOST);
	if (tx->sends < MAX_SENDS - 1 && (is_unsaved || tx->is_repeatable))
		db_link_open(db);
	else
		end_unreachable(db);
}

static void send_tx(struct db *db)
{
	struct db_tx *tx = db->tx;

	db->err = NULL;
	db->sqlstate[0] = '\0';
	db->is_committed = db->is_rolling_back = tx->is_undone = false;
	if (!tx->is_closed && !tx->is_held)
		db_append(tx, SQL_SCOPE_COMMIT, NULL, 0);
	tx->is_closed = true;
	tx->sends++;
	fill_scope(db, tx);
	if (!send_batch(db, tx->is_continued ? tx->scoping->next : tx->first))
		lose(db, true);
}

/* The server was of another mind, but nothing was saved: is it worth another try? */
static bool sends_again(struct db *db)
{
	static const char *const stale[] = {"0A000", "26000", "42P05"};
	bool is_race = strncmp(db->sqlstate, "40", 2) == 0;
	bool is_stale = false;

	for (size_t i = 0; i < ARRAY_LEN(stale); i++)
		if (strcmp(db->sqlstate, stale[i]) == 0)
			is_stale = true;
	if (is_race)
		return db->tx->sends < MAX_SENDS && !db->tx->is_joined;
	if (!is_stale || db->tx->sends > 1)
		return false;
	/* What was prepared no longer fits the schema, or belongs to someone else's connection. */
	db_link_drop(db);
	return true;
}

static void roll_back(struct db *db)
{
	struct db_tx *undo = arena_alloc(db->tx->arena, sizeof(*undo));

	undo->arena = db->tx->arena;
	db->is_rolling_back = true;
	if (!send_batch(db, db_append(undo, SQL_SCOPE_ROLLBACK, NULL, 0)))
		lose(db, true);
}

/* The sync point has come back. */
static void batch_ended(struct db *db)
{
	db->state = DB_READY;
	if (db_link_is_held(db) && db->tx->is_held && !db->err) {
		end(db, NULL);
		return;
	}
	if (PQtransactionStatus(db->conn) != PQTRANS_IDLE && !db->is_rolling_back) {
		roll_back(db);
		return;
	}
	if (PQtransactionStatus(db->conn) != PQTRANS_IDLE)
		db_link_drop(db);
	if (!db->err && !db->is_committed) {
		log_error("a commit was answered by a rollback");
		db->err = err_new(db->tx->arena, ERR_BUG, "%s", DB_OURS);
	}
	db->tx->is_undone = db->err != NULL;
	if (!db->err || !sends_again(db))
		end(db, db->err);
	else if (db->state == DB_READY)
		send_tx(db);
	else
		db_link_open(db);
}

static void fail(struct db *db, struct db_rows *rows, const PGresult *result)
{
	bool is_ours = rows == db->tx->first || rows == db->tx->scoping;

	if (db->err || db_sqlstate(result)[0] == '\0')
		return; /* without an SQLSTATE it is libpq's word for a lost connection */
	memcpy(db->sqlstate, db_sqlstate(result), sizeof(db->sqlstate) - 1);
	db->err = db_error(db->tx->arena, result, sql_statements[rows->sql].name);
	if (is_ours && db->err->kind != ERR_DOWN)
		db->err = err_new(db->tx->arena, ERR_BUG, "%s", DB_OURS);
}

/* A failed transaction answers a commit with the tag of a rollback, and no error. */
static bool is_commit(PGresult *result)
{
	return strcmp(PQcmdStatus(result), sql_statements[SQL_SCOPE_COMMIT].text) == 0;
}

static int64_t patience_ms(const struct db *db)
{
	return db->patience_ms ? db->patience_ms : db->options.answer_ms;
}

/* Rows that have been given away cannot be taken back: nothing is sent again. */
static void give_rows(struct db *db, struct db_rows *rows, PGresult *result)
{
	int count = PQntuples(result);

	db->tx->sends = MAX_SENDS;
	rows->result = result;
	for (int row = 0; row < count && !db->is_unwanted; row++)
		db->is_unwanted = !rows->take(rows->take_arg, rows, (size_t)row);
	db->until_ms = clock_ms() + patience_ms(db);
	rows->result = NULL;
	PQclear(result);
}

static void take_result(struct db *db, struct db_rows *rows, PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);
	bool is_good = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;

	if (status == PGRES_SINGLE_TUPLE) {
		give_rows(db, rows, result);
		return;
	}
	if (is_good && !rows->is_preparing) {
		db_rows_keep(rows, result);
		if (rows->sql == SQL_SCOPE_COMMIT)
			db->is_committed = is_commit(result);
		return;
	}
	if (!is_good && rows->is_preparing)
		db->is_prepared[rows->sql] = false;
	if (!is_good && status != PGRES_PIPELINE_ABORTED)
		fail(db, rows, result);
	PQclear(result);
}

/* A NULL result ends a command: of a prepare, or of the statement itself. */
static void next_awaited(struct db *db)
{
	if (db->awaited->is_preparing)
		db->awaited->is_preparing = false;
	else
		db->awaited = db->awaited->next;
	if (db->awaited && db->awaited->take && !db->awaited->is_preparing)
		PQsetSingleRowMode(db->conn);
}

/* Reads every result that has come in. true: up to the sync point. */
static bool drain(struct db *db)
{
	while (!db->is_unwanted && !PQisBusy(db->conn)) {
		PGresult *result = PQgetResult(db->conn);
		bool is_sync = PQresultStatus(result) == PGRES_PIPELINE_SYNC;

		if (!result && db->awaited) {
			next_awaited(db);
		} else if (result && db->awaited && !is_sync) {
			take_result(db, db->awaited, result);
		} else {
			PQclear(result);
			return is_sync;
		}
		if (PQstatus(db->conn) == CONNECTION_BAD)
			return false;
	}
	return false;
}

/* The server stops working on it at once. The connection goes, too: a cancellation that came late
 * would hit the next transaction. */
static void abandon(struct db *db)
{
	PGcancel *cancel = db->state == DB_SENT ? PQgetCancel(db->conn) : NULL;
	char why[256];

	if (cancel && !PQcancel(cancel, why, sizeof(why)))
		log_warn("a statement could not be cancelled", "why", why);
	PQfreeCancel(cancel);
	db_link_drop(db);
	end(db, err_new(db->tx->arena, ERR_DOWN, "%s", DB_ABANDONED));
}

static void receive(struct db *db)
{
	bool is_alive = PQconsumeInput(db->conn);
	int unsent = PQflush(db->conn);

	db->wants_write = unsent > 0;
	if (drain(db))
		batch_ended(db);
	else if (db->is_unwanted)
		abandon(db);
	else if (!is_alive || unsent < 0 || PQstatus(db->conn) == CONNECTION_BAD)
		lose(db, false);
}

static void give_up(struct db *db)
{
	bool is_sent = db->state == DB_SENT;

	log_warn("the database did not answer in time", "application", db->options.application);
	db_link_drop(db);
	if (is_sent && !db->err && !db->is_committed)
		db->err = err_new(db->tx->arena, ERR_DOWN, "%s", DB_LOST);
	if (db->is_committed)
		end(db, NULL);
	else
		end_unreachable(db);
}

static void advance(struct db *db)
{
	if (db->state == DB_CONNECTING)
		db_link_step(db);
	if (!db->tx || db->is_ended)
		return;
	if (db->state == DB_READY)
		send_tx(db);
	if (db->state == DB_SENT)
		receive(db);
	if (db->is_ended)
		return;
	if (db->state == DB_CLOSED)
		end_unreachable(db);
	else if (clock_ms() >= db->until_ms)
		give_up(db);
}

void db_start(struct db *db, struct db_tx *tx, db_done done, void *arg)
{
	if (db->tx) {
		log_error("a transaction was started while another is under way");
		abort();
	}
	db->tx = tx;
	db->done = done;
	db->arg = arg;
	db->err = NULL;
	db->is_ended = db->is_unwanted = false;
	db->until_ms = clock_ms() + patience_ms(db);
	tx->sends = 0;
	if (tx->bug) {
		end(db, tx->bug);
		return;
	}
	if (db->state == DB_READY)
		db_link_check(db);
	if (tx->is_continued) {
		tx->sends = MAX_SENDS; /* what came before cannot be sent again */
		if (!db_link_is_held(db)) {
			end(db, err_new(tx->arena, ERR_DOWN, "%s", DB_DOWN));
			return;
		}
	} else {
		db_undo(db);
	}
	if (db->state == DB_CLOSED)
		db_link_open(db);
	advance(db);
}

void db_undo(struct db *db)
{
	if (db_link_is_held(db))
		db_link_drop(db);
}

void db_patience(struct db *db, int64_t answer_ms)
{
	db->patience_ms = answer_ms;
}

bool db_is_open(const struct db *db)
{
	return db->state != DB_CLOSED;
}

void db_watch(struct db *db, int fd)
{
	db->watched = fd;
}

bool db_busy(const struct db *db)
{
	return db->tx != NULL;
}

void db_step(struct db *db)
{
	const struct err *err;

	advance(db);
	if (!db->is_ended)
		return;
	err = db->err;
	db->tx = NULL;
	db->is_ended = false;
	db->done(db->arg, err);
}

struct outcome {
	bool is_known;
	const struct err *err;
};

static void keep_outcome(void *arg, const struct err *err)
{
	*(struct outcome *)arg = (struct outcome){true, err};
}

const struct err *db_run(struct db *db, struct db_tx *tx)
{
	struct outcome outcome = {0};

	db_start(db, tx, keep_outcome, &outcome);
	for (db_step(db); !outcome.is_known; db_step(db)) {
		struct pollfd waits[] = {{0}, {.fd = db->watched, .events = POLLRDHUP}};

		waits[0].fd = db_fd(db, &waits[0].events);
		poll(waits, ARRAY_LEN(waits), (int)db_wait_ms(db));
		if (waits[1].revents)
			abandon(db);
	}
	return outcome.err;
}
