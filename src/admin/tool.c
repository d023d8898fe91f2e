/* tool.c: children: a fork, two pipes, and a file for what they complain of. */
#include "admin/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"

#define SAID_BYTES 4096
#define VERSION_BYTES 128
#define NOT_FOUND 127
#define VERSION_UNIT 10000 /* of server_version_num */

/* In the child: never returns. */
NORETURN static void become(const char *const *argv, const char *const *environment, const int *fds)
{
	for (size_t i = 0; environment != NULL && environment[i] != NULL; i++)
		(void)putenv((char *)(uintptr_t)environment[i]);
	(void)setenv("LC_MESSAGES", "C", 1);
	(void)signal(SIGPIPE, SIG_DFL);
	for (int fd = 0; fd < 3; fd++)
		(void)dup2(fds[fd], fd);
	(void)execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(NOT_FOUND);
}

static const struct err *start_error(struct admin *admin, struct tool *tool)
{
	const struct err *err = err_new(admin->ctx.arena, ERR_DOWN, "%s cannot be started: %s",
	    tool->name, strerror(errno));

	if (tool->said != NULL)
		(void)fclose(tool->said);
	tool->said = NULL;
	return err;
}

/* Three files for a child: its input, what it prints, what it complains of. */
static bool files_open(bool takes, int in[2], int out[2], FILE **said)
{
	bool is_open;

	*said = tmpfile();
	in[1] = -1;
	if (takes)
		is_open = pipe2(in, O_CLOEXEC) == 0;
	else
		is_open = (in[0] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;
	return is_open && *said != NULL && pipe2(out, O_CLOEXEC) == 0;
}

const struct err *tool_start(struct admin *admin, const char *const *argv,
    const char *const *environment, bool takes, struct tool *tool)
{
	int in[2], out[2];

	*tool = (struct tool){.name = argv[0], .in = -1, .out = -1};
	if (!files_open(takes, in, out, &tool->said)) /* the program ends with this error */
		return start_error(admin, tool);
	(void)signal(SIGPIPE, SIG_IGN); /* a child that ends early is told by its status */
	(void)fflush(stdout);
	tool->in = in[1];
	tool->out = out[0];
	tool->pid = fork();
	if (tool->pid == 0)
		become(argv, environment, (int[]){in[0], out[1], fileno(tool->said)});
	(void)close(in[0]);
	(void)close(out[1]);
	return tool->pid < 0 ? start_error(admin, tool) : NULL;
}

/* The first line that names an error, or the first one at all. */
static const char *complaint(struct admin *admin, FILE *said)
{
	char text[SAID_BYTES];
	size_t len;
	const char *at;

	rewind(said);
	len = fread(text, 1, sizeof(text) - 1, said);
	text[len] = '\0';
	at = strstr(text, "ERROR:");
	if (at == NULL)
		at = strstr(text, "error:");
	if (at == NULL)
		at = text;
	at = arena_strndup(admin->ctx.arena, at, strcspn(at, "\n"));
	return at[0] != '\0' ? at : "it does not say why";
}

bool tool_end(struct admin *admin, struct tool *tool, const char **said)
{
	int status = -1;

	if (tool->in >= 0)
		(void)close(tool->in);
	while (waitpid(tool->pid, &status, 0) < 0 && errno == EINTR)
		;
	(void)close(tool->out);
	*said = complaint(admin, tool->said);
	(void)fclose(tool->said);
	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_FOUND)
		*said = "it was not found";
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void tool_kill(struct admin *admin, struct tool *tool)
{
	const char *said;

	(void)kill(tool->pid, SIGKILL);
	(void)!tool_end(admin, tool, &said);
}

/* "pg_dump (PostgreSQL) 15.14 (Debian ...)": 15; 0: it is not there. */
static int64_t major_of(struct admin *admin, const char *name)
{
	const char *const argv[] = {name, "--version", NULL};
	char text[VERSION_BYTES] = "";
	const char *number, *said;
	struct tool tool;
	ssize_t len;

	if (tool_start(admin, argv, NULL, false, &tool) != NULL)
		return 0;
	len = read(tool.out, text, sizeof(text) - 1);
	if (!tool_end(admin, &tool, &said) || len <= 0)
		return 0;
	number = strstr(text, ") ");
	return number == NULL ? 0 : strtoll(number + 2, NULL, 10);
}

const struct err *tool_check(struct admin *admin, const char *name, int64_t version)
{
	int64_t major = major_of(admin, name), wanted = version / VERSION_UNIT;
	const char *remedy = arena_printf(admin->ctx.arena, "install the client programs of "
	    "PostgreSQL %" PRId64 " or newer (Debian: apt-get install postgresql-client-%" PRId64
	    ") and see that they are in PATH", wanted, wanted);

	if (major == 0)
		return err_new(admin->ctx.arena, ERR_MISSING, "%s is not there: %s", name, remedy);
	if (major < wanted)
		return err_new(admin->ctx.arena, ERR_CONFLICT, "%s is of version %" PRId64 ", but "
		    "the server is of version %" PRId64 ": %s", name, major, wanted, remedy);
	return NULL;
}
