/* installation.h: is this installation well? One source for the page and for doctor. */
#ifndef MODEL_INSTALLATION_H
#define MODEL_INSTALLATION_H

#include "model/ctx.h"

/* What only the web sees of itself; NULL at the command line. */
struct installation_seen {
	bool is_https;      /* the request came over HTTPS */
	const char *server; /* the web server in front, "nginx/1.22.1"; NULL: it does not say */
	int socket_mode;    /* permission bits of the socket that is listened on; -1: not known */
	const char *headers; /* the security headers of every answer */
};

/* checks[]: check, state (ok, warn, bad), found, remedy (null when ok), link (null: no page);
 * and how many there are of each state. */
const struct err *installation_report(struct ctx *ctx, const struct installation_seen *seen,
    struct doc *out) MUST_CHECK;

#endif
