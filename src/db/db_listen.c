/* db_listen.c: a connection that listens: subscribes, counts, tests itself, comes back. */
#include "db/db_inner.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/token.h"

#define BACKOFF_MIN_MS 500
#define BACKOFF_MAX_MS 30000

void db_listen(struct db *db, const char *channel)
{
	uint64_t number;

	if (db->options.pooled) {
		log_info("no notifications behind a transaction pooler; work is polled for");
		return;
	}
	db->listener.arena = arena_new();
	db->listener.channel = arena_strdup(db->arena, channel);
	token_random(&number, sizeof(number));
	db->listener.own = arena_printf(db->arena, "%s %" PRIx64, channel, number);
	db->listener.backoff_ms = BACKOFF_MIN_MS;
	db->options.answer_ms = DB_TEST_ANSWER_MS;
}

bool db_is_listening(const struct db *db)
{
	return db->listener.is_on;
}

bool db_listen_word(struct db *db)
{
	bool has_word = db->listener.has_word;

	db->listener.has_word = false;
	return has_word;
}

void db_listen_doubt(struct db *db)
{
	struct db_listener *listener = &db->listener;

	if (listener->is_on && !listener->tested_ms)
		listener->heard_ms = clock_ms() - DB_TEST_MS;
}

void db_listen_hear(struct db *db, db_hear hear, void *arg)
{
	db->listener.hear = hear;
	db->listener.hear_arg = arg;
}

static void told(struct db_listener *listener, const char *payload)
{
	if (listener->hear)
		listener->hear(listener->hear_arg, payload);
}

/* The statement with our channel's name, quoted, in place of its own. */
static const char *listen_text(struct arena *arena, const char *channel)
{
	const char *text = sql_statements[SQL_SCOPE_LISTEN].text;
	const char *place = strchr(text, '"');

	return arena_printf(arena, "%.*s\"%s\"", (int)(place - text), text, channel);
}

static void listening_failed(struct db *db)
{
	struct db_listener *listener = &db->listener;

	if (listener->was_on)
		log_warn("notifications are lost", "channel", listener->channel);
	listener->was_on = false;
	/* A little spread: several runners must not come back in the same millisecond. */
	listener->retry_ms = clock_ms() + listener->backoff_ms + getpid() % BACKOFF_MIN_MS;
	listener->backoff_ms *= 2;
	if (listener->backoff_ms > BACKOFF_MAX_MS)
		listener->backoff_ms = BACKOFF_MAX_MS;
}

static void listening_began(void *arg, const struct err *err)
{
	struct db *db = arg;
	struct db_listener *listener = &db->listener;

	if (!err && db_link_is_pooled(db)) {
		log_warn("no notifications behind a transaction pooler; work is polled for");
		listener->channel = NULL;
		db_link_drop(db);
	} else if (err) {
		listening_failed(db);
	} else {
		log_info("listening", "channel", listener->channel);
		listener->is_on = listener->was_on = listener->look_now = true;
		listener->backoff_ms = BACKOFF_MIN_MS;
		listener->heard_ms = clock_ms();
		listener->tested_ms = 0;
	}
}

/* A notification to oneself precedes the end of its transaction, but may be read a moment later. */
static void tested(void *arg, const struct err *err)
{
}

static void add_listen(struct db *db, struct db_tx *tx, const char *channel)
{
	db_append(tx, SQL_SCOPE_LISTEN, NULL, 0)->text =
	    listen_text(db->listener.arena, channel);
}

static void begin_listening(struct db *db)
{
	struct db_listener *listener = &db->listener;
	struct db_tx *tx;

	arena_reset(listener->arena);
	tx = db_tx(listener->arena, NULL);
	add_listen(db, tx, listener->channel);
	add_listen(db, tx, listener->own);
	db_start(db, tx, listening_began, db);
}

static void begin_test(struct db *db)
{
	struct db_listener *listener = &db->listener;
	struct db_tx *tx;

	arena_reset(listener->arena);
	tx = db_tx(listener->arena, NULL);
	db_add(tx, SQL_SCOPE_NOTIFY, listener->own);
	listener->tested_ms = clock_ms();
	db_start(db, tx, tested, db);
}

/* What the present moment asks for, when nothing is under way. */
static void begin_due(struct db *db)
{
	struct db_listener *listener = &db->listener;
	int64_t now_ms = clock_ms();

	if (db->state == DB_READY)
		db_link_check(db);
	if (listener->is_on && listener->tested_ms
	    && now_ms >= listener->tested_ms + DB_TEST_ANSWER_MS)
		db_link_drop(db); /* whoever answers there, it is not who listens */
	if (!listener->is_on && listener->was_on)
		listening_failed(db);
	if (!listener->is_on && now_ms >= listener->retry_ms)
		begin_listening(db);
	else if (listener->is_on && !listener->tested_ms
	    && now_ms >= listener->heard_ms + DB_TEST_MS)
		begin_test(db);
}

static int take_notifications(struct db *db)
{
	struct db_listener *listener = &db->listener;
	PGnotify *notify;
	int count = 0;

	while ((notify = PQnotifies(db->conn))) {
		if (strcmp(notify->relname, listener->own) == 0) {
			listener->tested_ms = 0;
			listener->heard_ms = clock_ms();
		} else {
			count++;
			listener->has_word |= *notify->extra != '\0';
			told(listener, notify->extra);
		}
		PQfreemem(notify);
	}
	return count;
}

int db_listen_step(struct db *db)
{
	struct db_listener *listener = &db->listener;
	int count = 0;

	if (!listener->channel)
		return 0;
	if (!db_busy(db))
		begin_due(db);
	db_step(db);
	if (listener->look_now) {
		count++;
		told(listener, NULL);
	}
	if (listener->is_on)
		count += take_notifications(db);
	listener->has_word |= listener->look_now;
	listener->look_now = false;
	return count;
}
