/* server.c: libmicrohttpd driven from our own loop, in step with our own timers. */
#include "sim/server.h"

#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "sim/timer.h"

#define BODY_MAX (32u << 20)
#define CONNECTION_MAX 4096
#define BACKLOG 1024
/* The library does not watch a suspended connection: so often we look whether its client left. */
#define LOOK_MS 250

struct server {
	struct service *service;
	struct MHD_Daemon *daemon;
	struct timers timers;
	const char *url;
	bool closing;
};

/* One request on its way from its first header to the end of its reply. */
struct exchange {
	struct timer timer; /* first: the heap hands it back */
	struct server *server;
	struct MHD_Connection *connection;
	struct call call;
	struct reply reply;
	struct buf *body;
	bool answered; /* reply is filled */
	bool is_raw_sent;
	bool begun;    /* its first byte has left */
	bool gone;     /* the client left, or we close */
	int64_t wanted_ms; /* what it waits for; the timer may come earlier, to look */
};

static enum MHD_Result add_header(struct MHD_Response *response, const char *name,
    const char *value)
{
	return MHD_add_response_header(response, name, value);
}

/* Suspends the connection until due_ms. */
static void exchange_wait(struct exchange *exchange, int64_t due_ms)
{
	int64_t look_ms = clock_ms() + LOOK_MS;
	exchange->wanted_ms = due_ms;
	timer_set(&exchange->server->timers, &exchange->timer,
	    due_ms < look_ms ? due_ms : look_ms);
	MHD_suspend_connection(exchange->connection);
}

static int socket_of(const struct exchange *exchange)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(exchange->connection,
	    MHD_CONNECTION_INFO_CONNECTION_FD);
	return info->connect_fd;
}

/* Whether the client has closed its side; a reply has nobody left to read it then. */
static bool client_left(const struct exchange *exchange)
{
	char byte;
	ssize_t n = recv(socket_of(exchange), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	return n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

/* Breaks the reply off. The library closes such a connection only after another event on it,
 * which the shutdown brings; the client sees the end at once. */
static ssize_t exchange_break(struct exchange *exchange)
{
	shutdown(socket_of(exchange), SHUT_RDWR);
	return MHD_CONTENT_READER_END_WITH_ERROR;
}

/* Gives the library the next bytes of a reply. */
static ssize_t exchange_read(void *cls, uint64_t pos, char *out, size_t max)
{
	struct exchange *exchange = cls;
	int64_t due_ms;
	if (exchange->gone)
		return exchange_break(exchange);
	int64_t elapsed_ms = clock_ms() - exchange->call.now_ms;
	int64_t n = script_step(exchange->reply.script, elapsed_ms, out, max, &due_ms);
	if (n == SCRIPT_ENDED)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (n == SCRIPT_BROKEN)
		return exchange_break(exchange);
	if (n == 0) {
		exchange_wait(exchange,
		    due_ms == INT64_MAX ? INT64_MAX : exchange->call.now_ms + due_ms);
		return 0;
	}
	if (!exchange->begun) {
		exchange->begun = true;
		service_begin(exchange->server->service, &exchange->reply);
	}
	return (ssize_t)n;
}

static enum MHD_Result exchange_send(struct exchange *exchange)
{
	struct reply *reply = &exchange->reply;
	uint64_t size = reply->script->sized ? reply->script->bytes->len : MHD_SIZE_UNKNOWN;
	struct MHD_Response *response = MHD_create_response_from_callback(size, 16384,
	    exchange_read, exchange, NULL);
	if (!response)
		return MHD_NO;
	enum MHD_Result result = add_header(response, "content-type", reply->content_type);
	for (size_t i = 0; i < reply->header_count && result == MHD_YES; i++)
		result = add_header(response, reply->headers[i].name, reply->headers[i].value);
	if (result == MHD_YES)
		result = MHD_queue_response(exchange->connection, reply->status, response);
	MHD_destroy_response(response);
	return result;
}

/* Sends what comes before the reply, past the library. false: the reply itself is due. */
static bool exchange_send_raw(struct exchange *exchange, enum MHD_Result *result)
{
	const struct reply *reply = &exchange->reply;
	if (!reply->raw || (exchange->is_raw_sent && reply->raw_end == RAW_ANSWER))
		return false;
	if (!exchange->is_raw_sent)
		(void)!send(socket_of(exchange), reply->raw->data, reply->raw->len, MSG_NOSIGNAL);
	exchange->is_raw_sent = true;
	if (reply->raw_end == RAW_ANSWER)
		return false;
	*result = reply->raw_end == RAW_CLOSE || exchange->gone ? MHD_NO : MHD_YES;
	if (*result == MHD_YES)
		exchange_wait(exchange, INT64_MAX);
	return true;
}

static const char *header_of(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static const char *query_of(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, name);
}

static const char *key_of(struct MHD_Connection *connection)
{
	const char *key = header_of(connection, "x-api-key");
	const char *bearer = header_of(connection, "authorization");
	if (!key && bearer && text_starts_with(bearer, "Bearer "))
		key = bearer + strlen("Bearer ");
	return key;
}

static struct exchange *exchange_new(struct server *server, struct MHD_Connection *connection,
    const char *method, const char *path)
{
	struct arena *arena = arena_new();
	struct exchange *exchange = arena_alloc(arena, sizeof(*exchange));
	exchange->server = server;
	exchange->connection = connection;
	exchange->body = buf_new(arena, BODY_MAX);
	exchange->call = (struct call){
	    .arena = arena,
	    .method = arena_strdup(arena, method),
	    .path = arena_strdup(arena, path),
	    .api_key = key_of(connection),
	    .version = header_of(connection, "anthropic-version"),
	    .content_type = header_of(connection, "content-type"),
	    .fault = header_of(connection, "x-simulator-fault"),
	    .limit = query_of(connection, "limit"),
	    .after_id = query_of(connection, "after_id"),
	    .before_id = query_of(connection, "before_id"),
	    .body = exchange->body,
	};
	return exchange;
}

/* The library's entry: once with the head, once for each part of the body, once at its end, and
 * again when the connection is resumed before its reply began. */
static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *data, size_t *size, void **state)
{
	struct exchange *exchange = *state;
	if (!exchange) {
		*state = exchange_new(cls, connection, method, url);
		return MHD_YES;
	}
	if (*size > 0) {
		buf_add(exchange->body, data, *size);
		*size = 0;
		return MHD_YES;
	}
	if (!exchange->answered) {
		exchange->answered = true;
		exchange->call.now_ms = clock_ms();
		service_answer(exchange->server->service, &exchange->call, &exchange->reply);
	}
	int64_t begins_ms = exchange->call.now_ms + exchange->reply.script->first_ms;
	if (!exchange->gone && clock_ms() < begins_ms) {
		exchange_wait(exchange, begins_ms);
		return MHD_YES;
	}
	enum MHD_Result result;
	return exchange_send_raw(exchange, &result) ? result : exchange_send(exchange);
}

static void on_end(void *cls, struct MHD_Connection *connection, void **state,
    enum MHD_RequestTerminationCode why)
{
	struct exchange *exchange = *state;
	if (!exchange)
		return;
	*state = NULL;
	if (exchange->answered)
		service_end(exchange->server->service, &exchange->reply);
	timer_clear(&exchange->server->timers, &exchange->timer);
	arena_free(exchange->call.arena);
}

/* Wakes what is due; tells how long nothing more is. */
static int fire_timers(struct server *server)
{
	struct timer *timer;
	bool resumed = false;
	int64_t now_ms = clock_ms();
	while ((timer = timers_first(&server->timers)) && timer->due_ms <= now_ms) {
		struct exchange *exchange = (struct exchange *)timer;
		exchange->gone |= server->closing || client_left(exchange);
		if (exchange->gone || exchange->wanted_ms <= now_ms) {
			timer_clear(&server->timers, timer);
			MHD_resume_connection(exchange->connection);
			resumed = true;
			continue;
		}
		int64_t look_ms = now_ms + LOOK_MS;
		timer_set(&server->timers, timer,
		    exchange->wanted_ms < look_ms ? exchange->wanted_ms : look_ms);
	}
	/* The library takes up a resumed connection only when it runs again. */
	if (resumed)
		return 0;
	return timer ? (int)(timer->due_ms - now_ms) : -1;
}

void server_run(struct server *server, int stop)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(server->daemon,
	    MHD_DAEMON_INFO_EPOLL_FD);
	struct pollfd fds[] = {
		{.fd = stop, .events = POLLIN},
		{.fd = info->epoll_fd, .events = POLLIN},
	};
	while (!(fds[0].revents & POLLIN)) {
		MHD_UNSIGNED_LONG_LONG library_ms;
		MHD_run(server->daemon);
		int wait_ms = fire_timers(server);
		if (MHD_get_timeout(server->daemon, &library_ms) == MHD_YES
		    && (wait_ms < 0 || library_ms < (MHD_UNSIGNED_LONG_LONG)wait_ms))
			wait_ms = (int)library_ms;
		if (poll(fds, ARRAY_LEN(fds), wait_ms) < 0 && errno != EINTR)
			log_error("poll failed", "error", strerror(errno));
	}
}

/* A listening socket and, in *url, the address it really has; -1 with errno. */
static int listen_on(struct arena *arena, const char *address, const char *port, const char **url)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV};
	struct addrinfo *info = NULL;
	if (getaddrinfo(address, port, &hints, &info)) {
		errno = EADDRNOTAVAIL;
		return -1;
	}
	int one = 1;
	struct sockaddr_storage bound;
	socklen_t len = sizeof(bound);
	char shown[16];
	int fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one))
	    || bind(fd, info->ai_addr, info->ai_addrlen) || listen(fd, BACKLOG)
	    || getsockname(fd, (struct sockaddr *)&bound, &len)
	    || getnameinfo((struct sockaddr *)&bound, len, NULL, 0, shown, sizeof(shown),
	        NI_NUMERICSERV))) {
		int saved = errno;
		close(fd);
		errno = saved;
		fd = -1;
	}
	if (fd >= 0)
		*url = arena_printf(arena, info->ai_family == AF_INET6 ? "http://[%s]:%s"
		    : "http://%s:%s", address, shown);
	freeaddrinfo(info);
	return fd;
}

const struct err *server_open(struct arena *arena, struct service *service, const char *address,
    int64_t port, struct server **out)
{
	struct server *server = arena_alloc(arena, sizeof(*server));
	const char *port_text = arena_printf(arena, "%lld", (long long)port);
	int fd = listen_on(arena, address, port_text, &server->url);
	if (fd < 0)
		return err_new(arena, ERR_DOWN, "Cannot listen on %s port %s: %s.", address,
		    port_text, strerror(errno));
	server->service = service;
	server->daemon = MHD_start_daemon(
	    MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TURBO, 0, NULL, NULL,
	    on_request, server, MHD_OPTION_LISTEN_SOCKET, fd,
	    MHD_OPTION_NOTIFY_COMPLETED, on_end, server,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTION_MAX, MHD_OPTION_END);
	if (!server->daemon) {
		close(fd);
		return err_new(arena, ERR_BUG, "The HTTP library does not start.");
	}
	*out = server;
	return NULL;
}

const char *server_url(const struct server *server)
{
	return server->url;
}

void server_close(struct server *server)
{
	struct timer *timer;
	server->closing = true;
	/* The library must have no suspended connection when it stops. */
	while ((timer = timers_first(&server->timers))) {
		struct exchange *exchange = (struct exchange *)timer;
		exchange->gone = true;
		timer_clear(&server->timers, timer);
		MHD_resume_connection(exchange->connection);
	}
	MHD_run(server->daemon);
	MHD_stop_daemon(server->daemon);
	timers_free(&server->timers);
}
