/* simulator.c: promptbuilder-simulator: a stand-in for the model provider. */
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/signalfd.h>

#include "base/log.h"
#include "sim/options.h"
#include "sim/server.h"

/* A descriptor that becomes readable when we are asked to stop. */
static int stop_signal(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/* A descriptor for each stream: as many as we may have. */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int main(int argc, char **argv)
{
	struct arena *arena = arena_new();
	struct service *service = service_new(arena, 1);
	struct server *server;
	struct options options;
	log_open("promptbuilder-simulator", LOG_LEVEL_INFO);
	options_read(service, argc, argv, &options);
	raise_descriptor_limit();
	int stop = stop_signal();
	const struct err *err = server_open(arena, service, options.address, options.port, &server);
	if (err) {
		fprintf(stderr, "promptbuilder-simulator: %s\n", err->sentence);
		return 1;
	}
	printf("promptbuilder-simulator ready at %s\n", server_url(server));
	fflush(stdout);
	server_run(server, stop);
	server_close(server);
	service_free(service);
	arena_free(arena);
	return 0;
}
