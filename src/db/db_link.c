/* db_link.c: the connection: opened without waiting, watched, closed; and what to poll for. */
#include "db/db_inner.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/log.h"

#define CONNECT_MS 5000 /* for each host of the URL */
#define HOST_DEAD_MS "4000" /* after which libpq tries the next host */
#define PEER_DEAD_MS 30000 /* unacknowledged for so long, an open connection is dead */
#define ANSWER_MS 120000
#define REPLAN_FIRST 256

struct db *db_new(const struct db_options *options)
{
	struct arena *arena = arena_new();
	struct db *db = arena_alloc(arena, sizeof(*db));

	db->arena = arena;
	db->watched = -1;
	db->options = (struct db_options){
		.url = arena_strdup(arena, options->url),
		.application = arena_strdup(arena,
		    options->application ? options->application : "promptbuilder"),
		.role = options->role ? arena_strdup(arena, options->role) : NULL,
		.pooled = options->pooled,
		.answer_ms = options->answer_ms ? options->answer_ms : ANSWER_MS,
	};
	return db;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	db_link_drop(db);
	if (db->listener.arena)
		arena_free(db->listener.arena);
	arena_free(db->arena);
}

static void link_failed(struct db *db, const char *why)
{
	size_t len = strcspn(why, "\n");
	char line[256];

	if (len >= sizeof(line))
		len = sizeof(line) - 1;
	memcpy(line, why, len);
	line[len] = '\0';
	log_warn("no database connection", "application", db->options.application, "why", line);
	db_link_drop(db);
}

/* How many hosts the URL names; 0: it is malformed. libpq's own message about that would quote the
 * broken part, perhaps a password. */
static int count_hosts(const char *url)
{
	PQconninfoOption *parts = PQconninfoParse(url, NULL);
	int count = parts ? 1 : 0;

	for (const PQconninfoOption *part = parts; part && part->keyword; part++) {
		if (strcmp(part->keyword, "host") != 0 || !part->val)
			continue;
		for (const char *c = part->val; *c; c++)
			if (*c == ',')
				count++;
	}
	PQconninfoFree(parts);
	return count;
}

const struct err *db_url_environment(struct arena *arena, const char *url,
    const char ***environment)
{
	PQconninfoOption *parts = PQconninfoParse(url, NULL);
	size_t count = 0;

	if (!parts)
		return err_new(arena, ERR_INVALID, "%s", DB_MALFORMED);
	for (const PQconninfoOption *part = parts; part->keyword; part++)
		count++;
	*environment = arena_alloc(arena, (count + 1) * sizeof(**environment));
	count = 0;
	for (const PQconninfoOption *part = parts; part->keyword; part++)
		if (part->val && part->envvar)
			(*environment)[count++] = arena_printf(arena, "%s=%s", part->envvar,
			    part->val);
	PQconninfoFree(parts);
	return NULL;
}

/* Notices would go to stderr otherwise, past the log. */
static void ignore_notice(void *arg, const PGresult *notice)
{
}

void db_link_open(struct db *db)
{
	/* What stands before dbname may be overridden by the URL, what follows may not. */
	const char *const keys[] = {"fallback_application_name", "keepalives_idle",
	    "keepalives_interval", "keepalives_count", "tcp_user_timeout", "dbname",
	    "client_encoding", NULL};
	const char *const values[] = {db->options.application, "30", "10", "3", HOST_DEAD_MS,
	    db->options.url, "UTF8", NULL};
	int hosts = count_hosts(db->options.url);

	db_link_drop(db);
	if (hosts == 0) {
		link_failed(db, DB_MALFORMED);
		return;
	}
	db->conn = PQconnectStartParams(keys, values, 1);
	if (!db->conn || PQstatus(db->conn) == CONNECTION_BAD) {
		link_failed(db, db->conn ? PQerrorMessage(db->conn) : "out of memory");
		return;
	}
	PQsetNoticeReceiver(db->conn, ignore_notice, NULL);
	db->state = DB_CONNECTING;
	db->connect_wants = PGRES_POLLING_WRITING;
	db->connect_until_ms = clock_ms() + (int64_t)hosts * CONNECT_MS;
}

/* PQconnectPoll must only be called when the socket is ready, else it would wait. */
static bool socket_is_ready(const struct db *db)
{
	bool writes = db->connect_wants == PGRES_POLLING_WRITING;
	struct pollfd ready = {.fd = PQsocket(db->conn), .events = writes ? POLLOUT : POLLIN};

	return poll(&ready, 1, 0) > 0;
}

static void connected(struct db *db)
{
	unsigned dead_ms = PEER_DEAD_MS;

	if (!PQenterPipelineMode(db->conn) || PQsetnonblocking(db->conn, 1)) {
		link_failed(db, PQerrorMessage(db->conn));
		return;
	}
	/* A local socket knows no such option, and needs none. */
	setsockopt(PQsocket(db->conn), IPPROTO_TCP, TCP_USER_TIMEOUT, &dead_ms, sizeof(dead_ms));
	db->state = DB_READY;
	db->sent = 0;
	db->replan_at = REPLAN_FIRST;
}

void db_link_step(struct db *db)
{
	while (socket_is_ready(db)) {
		db->connect_wants = PQconnectPoll(db->conn);
		if (db->connect_wants == PGRES_POLLING_FAILED) {
			link_failed(db, PQerrorMessage(db->conn));
			return;
		}
		if (db->connect_wants == PGRES_POLLING_OK) {
			connected(db);
			return;
		}
	}
	if (clock_ms() >= db->connect_until_ms)
		link_failed(db, "no answer in time");
}

void db_link_drop(struct db *db)
{
	PQfinish(db->conn);
	db->conn = NULL;
	db->state = DB_CLOSED;
	db->wants_write = false;
	db->listener.is_on = false;
	memset(db->is_prepared, 0, sizeof(db->is_prepared));
}

void db_link_check(struct db *db)
{
	struct pollfd input = {.fd = PQsocket(db->conn), .events = POLLIN};

	while (poll(&input, 1, 0) > 0) {
		if (PQconsumeInput(db->conn) && PQstatus(db->conn) == CONNECTION_OK)
			continue;
		log_info("the database closed an idle connection", "application",
		    db->options.application);
		db_link_drop(db);
		return;
	}
}

bool db_link_is_pooled(const struct db *db)
{
	const char *port = db->conn ? PQport(db->conn) : NULL;

	return db->options.pooled || (port && strcmp(port, "6543") == 0);
}

bool db_link_is_held(const struct db *db)
{
	return db->state == DB_READY && PQtransactionStatus(db->conn) == PQTRANS_INTRANS;
}

int db_fd(const struct db *db, short *events)
{
	bool is_listening = db->state == DB_READY && db->listener.channel;

	*events = POLLIN;
	if (db->state == DB_CONNECTING && db->connect_wants == PGRES_POLLING_WRITING)
		*events = POLLOUT;
	else if (db->state == DB_SENT && db->wants_write)
		*events = POLLIN | POLLOUT;
	else if (db->state == DB_CLOSED || (db->state == DB_READY && !is_listening))
		return -1;
	return PQsocket(db->conn);
}

int64_t db_wait_ms(const struct db *db)
{
	const struct db_listener *listener = &db->listener;
	int64_t until_ms = INT64_MAX;
	int64_t now_ms = clock_ms();

	if (db->is_ended)
		return 0;
	if (db->tx)
		until_ms = db->until_ms;
	else if (listener->channel && !listener->is_on)
		until_ms = listener->retry_ms;
	else if (listener->channel)
		until_ms = listener->tested_ms ? listener->tested_ms + DB_TEST_ANSWER_MS
		    : listener->heard_ms + DB_TEST_MS;
	if (db->state == DB_CONNECTING && db->connect_until_ms < until_ms)
		until_ms = db->connect_until_ms;
	if (until_ms == INT64_MAX)
		return -1;
	return until_ms > now_ms ? until_ms - now_ms : 0;
}
