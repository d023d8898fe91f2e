/* process.c: no core files, no readers of memory; datagrams to the supervisor. */
#include "base/process.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"

#define USEC_PER_MS 1000

/* The leak checker of AddressSanitizer reads the process that it checks. */
#if defined(__SANITIZE_ADDRESS__)
#define IS_READ_BY_CHECKER true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_READ_BY_CHECKER true
#endif
#endif
#ifndef IS_READ_BY_CHECKER
#define IS_READ_BY_CHECKER false
#endif

static int64_t alive_due_ms;

void process_shut(void)
{
	const struct rlimit none = {0};

	if (setrlimit(RLIMIT_CORE, &none) != 0 ||
	    (!IS_READ_BY_CHECKER && prctl(PR_SET_DUMPABLE, 0) != 0))
		log_warn("memory can be read from outside", "error", strerror(errno));
}

/* The address of the supervisor's socket: a path, or an abstract name after an at sign. */
static socklen_t supervisor_find(struct sockaddr_un *address)
{
	const char *name = getenv("NOTIFY_SOCKET");
	size_t len = name != NULL ? strlen(name) : 0;

	if (len < 2 || len >= sizeof(address->sun_path) || (*name != '/' && *name != '@'))
		return 0;
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(address->sun_path, name, len);
	if (*name == '@')
		address->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

static void tell(const char *state)
{
	struct sockaddr_un address;
	socklen_t len = supervisor_find(&address);
	int fd;

	if (len == 0)
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT,
	    (const struct sockaddr *)&address, len) < 0)
		log_warn("the supervisor cannot be told", "error", strerror(errno));
	if (fd >= 0)
		close(fd);
}

void process_ready(void)
{
	tell("READY=1");
}

/* systemd tells an old order from a new one by the time. */
void process_reloading(void)
{
	struct timespec now;
	char state[64];

	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%lld",
	    (long long)now.tv_sec * 1000 * USEC_PER_MS + now.tv_nsec / 1000);
	tell(state);
}

void process_stopping(void)
{
	tell("STOPPING=1");
}

/* Half the supervisor's patience, in milliseconds; 0: it does not ask, or asks another process. */
static int64_t alive_period_ms(void)
{
	const char *pid = getenv("WATCHDOG_PID");
	int64_t asked_pid = 0;
	int64_t usec = 0;

	if (pid != NULL && (!text_to_int(pid, 1, INT32_MAX, &asked_pid) || asked_pid != getpid()))
		return 0;
	if (!text_to_int(getenv("WATCHDOG_USEC"), 2 * USEC_PER_MS, INT64_MAX, &usec))
		return 0;
	return usec / USEC_PER_MS / 2;
}

int64_t process_alive(int64_t now_ms)
{
	int64_t period_ms = alive_period_ms();

	if (period_ms == 0)
		return -1;
	if (now_ms >= alive_due_ms) {
		tell("WATCHDOG=1");
		alive_due_ms = now_ms + period_ms;
	}
	return alive_due_ms - now_ms;
}
