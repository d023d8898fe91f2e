/* show.c: settings and routes: what this installation is made of. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "admin/admin.h"

#define PATH_MAX_BYTES 4096

const struct err *admin_settings(struct admin *admin)
{
	const struct err *err = option_read(admin, NULL, 0, 0, 0);

	if (err == NULL)
		conf_print(admin->ctx.conf, stdout);
	return err;
}

/* The table belongs to the web program, which is not linked in here: it stands in the same
 * folder and prints the table itself. */
const struct err *admin_routes(struct admin *admin)
{
	const struct err *err = option_read(admin, NULL, 0, 0, 0);
	char path[PATH_MAX_BYTES];
	const char *program;
	ssize_t len;

	if (err != NULL)
		return err;
	len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	path[len < 0 ? 0 : len] = '\0';
	if (strrchr(path, '/') != NULL)
		strrchr(path, '/')[1] = '\0';
	program = arena_printf(admin->ctx.arena, "%spromptbuilder-web", path);
	(void)fflush(stdout);
	(void)execl(program, program, "--routes", (char *)NULL);
	return err_new(admin->ctx.arena, ERR_MISSING, "%s: %s; it belongs beside promptbuilder",
	    program, strerror(errno));
}
