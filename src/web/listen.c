/* listen.c: the listening socket on descriptor 0, where FastCGI programs expect it. */
#include "web/frame.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"

#define LISTENER 0
#define BACKLOG 512

static const struct err *refuse(struct arena *arena, const char *path)
{
	return err_new(arena, ERR_CONFLICT, "cannot listen on %s: %s", path, strerror(errno));
}

/* Whether a program answers there; a socket left behind by a dead one refuses connections. */
static bool is_living(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool is_connected = fd >= 0 &&
	    connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0;

	if (fd >= 0)
		close(fd);
	return is_connected || errno == EAGAIN;
}

static const struct err *make_room(struct arena *arena, const struct sockaddr_un *address)
{
	struct stat st;

	if (lstat(address->sun_path, &st) != 0)
		return errno == ENOENT ? NULL : refuse(arena, address->sun_path);
	if (!S_ISSOCK(st.st_mode))
		return err_new(arena, ERR_CONFLICT, "%s is there and is no socket",
		    address->sun_path);
	if (is_living(address))
		return err_new(arena, ERR_CONFLICT, "another program listens on %s",
		    address->sun_path);
	return unlink(address->sun_path) == 0 ? NULL : refuse(arena, address->sun_path);
}

static const struct err *socket_make(struct arena *arena, const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	mode_t before;
	int result;

	if (fd < 0)
		return refuse(arena, address->sun_path);
	/* Only nginx's group may speak to us: whoever can, can stop a worker. */
	before = umask(0117);
	result = bind(fd, (const struct sockaddr *)address, sizeof(*address));
	umask(before);
	if (result != 0 || listen(fd, BACKLOG) != 0 || dup2(fd, LISTENER) < 0) {
		close(fd);
		return refuse(arena, address->sun_path);
	}
	close(fd);
	return NULL;
}

static const struct err *check_listener(struct arena *arena)
{
	int is_listening = 0;
	socklen_t len = sizeof(is_listening);

	if (getsockopt(LISTENER, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &len) != 0 ||
	    !is_listening)
		return err_new(arena, ERR_INVALID,
		    "descriptor 0 is no listening socket; use --socket PATH, "
		    "or start from systemd");
	/* Workers share the socket: the slower one must not hang in accept. */
	if (fcntl(LISTENER, F_SETFL, fcntl(LISTENER, F_GETFL) | O_NONBLOCK) != 0)
		return err_new(arena, ERR_BUG, "cannot use descriptor 0: %s", strerror(errno));
	return NULL;
}

const struct err *listen_open(struct arena *arena, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const struct err *err;

	if (path == NULL)
		return check_listener(arena);
	if (strlen(path) >= sizeof(address.sun_path))
		return err_new(arena, ERR_INVALID,
		    "the path of the socket is longer than %zu bytes",
		    sizeof(address.sun_path) - 1);
	memcpy(address.sun_path, path, strlen(path) + 1);
	err = make_room(arena, &address);
	if (err == NULL)
		err = socket_make(arena, &address);
	return err != NULL ? err : check_listener(arena);
}
