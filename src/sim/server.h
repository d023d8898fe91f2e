/* server.h: the HTTP side: one thread, one epoll, any number of slow streams.
 *
 * A stream that waits is a suspended connection with a timer, not a thread. */
#ifndef SIM_SERVER_H
#define SIM_SERVER_H

#include "sim/service.h"

struct server;

/* Listens on address (IPv4 or IPv6, numeric) and port, 0 for any free one. */
const struct err *server_open(struct arena *arena, struct service *service, const char *address,
    int64_t port, struct server **out) MUST_CHECK;
/* "http://127.0.0.1:8080" */
const char *server_url(const struct server *server);
/* Serves until the file descriptor stop becomes readable. */
void server_run(struct server *server, int stop);
/* Ends all connections. */
void server_close(struct server *server);

#endif
