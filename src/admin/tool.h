/* tool.h: PostgreSQL's own programs as children: started, told where the database is, ended. */
#ifndef ADMIN_TOOL_H
#define ADMIN_TOOL_H

#include <stdio.h>
#include <sys/types.h>

#include "admin/admin.h"

struct tool {
	const char *name;
	pid_t pid;
	int in;     /* its standard input, -1: none */
	int out;    /* its standard output; it ends when the program does */
	FILE *said; /* its standard error */
};

/* Starts argv[0], found in PATH. environment may be NULL. takes: it reads what is written to in. */
const struct err *tool_start(struct admin *admin, const char *const *argv,
    const char *const *environment, bool takes, struct tool *tool) MUST_CHECK;
/* Closes its input and waits for its end; *said gets the line that says what is wrong. false: it
 * failed. */
bool tool_end(struct admin *admin, struct tool *tool, const char **said) MUST_CHECK;
/* Ends it at once. */
void tool_kill(struct admin *admin, struct tool *tool);
/* An error that says what to install, unless the program is there and knows servers of this version
 * (of server_version_num). */
const struct err *tool_check(struct admin *admin, const char *name, int64_t version) MUST_CHECK;

#endif
