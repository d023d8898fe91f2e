/* options.h: the command line of promptbuilder-simulator. */
#ifndef SIM_OPTIONS_H
#define SIM_OPTIONS_H

#include "sim/service.h"

struct options {
	const char *address;
	int64_t port; /* 0: any free one */
};

/* Reads the options into the service and *options. --help and --version end the program, and so
 * does a wrong option, with a sentence and status 2. */
void options_read(struct service *service, int argc, char **argv, struct options *options);

#endif
