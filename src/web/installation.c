/* installation.c: the operator's page that checks the live installation. */
#include "model/installation.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "web/frame.h"
#include "web/handlers.h"

/* The permission bits of the socket on descriptor 0; -1: it has no name, or we may not look. */
static int socket_mode(void)
{
	struct sockaddr_un address = {0};
	socklen_t len = sizeof(address) - 1;
	struct stat st;

	if (getsockname(0, (struct sockaddr *)&address, &len) != 0 ||
	    address.sun_family != AF_UNIX || address.sun_path[0] == '\0' ||
	    stat(address.sun_path, &st) != 0)
		return -1;
	return (int)(st.st_mode & 07777);
}

const struct err *get_installation(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	const struct installation_seen seen = {
		.is_https = request->is_https,
		.server = request->server,
		.socket_mode = socket_mode(),
		.headers = reply_headers(),
	};
	const struct err *err = form_read(ctx, request->fields, NULL, NULL, 0,
	    doc_object(ctx->arena));

	reply->title = "Installation";
	return err ? err : installation_report(ctx, &seen, reply->doc);
}
