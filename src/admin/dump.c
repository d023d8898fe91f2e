/* dump.c: dump: the whole installation in one file, by pg_dump. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/tool.h"
#include "base/text.h"

#define PROGRESS_MS 1000

static const struct err *file_error(struct admin *admin, const char *path)
{
	return err_new(admin->ctx.arena, ERR_DENIED, "%s: %s", path, strerror(errno));
}

static int64_t size_of(const char *path)
{
	struct stat stat_of;

	return stat(path, &stat_of) == 0 ? (int64_t)stat_of.st_size : 0;
}

/* Says how far it is until the program ends. */
static void watch(const struct tool *tool, const char *path)
{
	struct pollfd end = {.fd = tool->out, .events = POLLIN};

	while (poll(&end, 1, PROGRESS_MS) == 0)
		(void)fprintf(stderr, "promptbuilder: %" PRId64 " bytes\n", size_of(path));
}

static const struct err *dump_run(struct admin *admin, const char *path)
{
	/* Forced row security holds for the owner, too: its own policy lets it see all rows. */
	const char *const argv[] = {"pg_dump", "--format=custom", "--schema=public",
	    "--enable-row-security", "--no-password",
	    arena_printf(admin->ctx.arena, "--file=%s", path), NULL};
	const char *url, *said;
	const char **environment;
	struct tool tool;
	const struct err *err = conf_database_url(admin->ctx.arena, admin->ctx.conf, &url);

	if (err == NULL)
		err = db_url_environment(admin->ctx.arena, url, &environment);
	if (err == NULL)
		err = tool_start(admin, argv, environment, false, &tool);
	if (err != NULL)
		return err;
	watch(&tool, path);
	if (!tool_end(admin, &tool, &said))
		return err_new(admin->ctx.arena, ERR_DOWN,
		    "pg_dump failed, nothing was written: %s", said);
	return NULL;
}

/* On the disk, then under its name. */
static const struct err *dump_place(struct admin *admin, int fd, const char *partial,
    const char *path, bool replaces)
{
	int failed = fsync(fd);

	if (failed == 0)
		failed = replaces ? rename(partial, path) : link(partial, path);
	if (failed != 0)
		return file_error(admin, path);
	if (!replaces)
		(void)unlink(partial);
	return NULL;
}

static const struct err *dump_write(struct admin *admin, const char *path, bool replaces)
{
	char *partial = admin_temporary(admin->ctx.arena,
	    arena_printf(admin->ctx.arena, "%s.partial", path));
	const struct err *err;
	int fd;

	if (!replaces && access(path, F_OK) == 0)
		return err_new(admin->ctx.arena, ERR_CONFLICT, "%s is there already: name another "
		    "file, or replace it with --force", path);
	fd = mkstemp(partial); /* for nobody else */
	if (fd < 0)
		return file_error(admin, partial);
	err = dump_run(admin, partial);
	if (err == NULL)
		err = dump_place(admin, fd, partial, path, replaces);
	(void)close(fd);
	if (err != NULL)
		(void)unlink(partial);
	return err;
}

const struct err *admin_dump(struct admin *admin)
{
	struct option_row options[] = {{.name = "force", .is_flag = true}};
	const struct err *err = option_read(admin, options, ARRAY_LEN(options), 1, 1);
	const char *path = option_operand(admin, 0);
	struct db_rows *rows, *schema;

	if (err == NULL)
		err = admin_run(admin, &rows, SQL_DUMP_SOURCE);
	if (err == NULL && db_text(rows, 0, "blind") != NULL)
		err = err_new(admin->ctx.arena, ERR_DENIED, "this user does not see all rows of "
		    "%s: DATABASE_URL must be the owner's", db_text(rows, 0, "blind"));
	if (err == NULL)
		err = tool_check(admin, "pg_dump", db_int(rows, 0, "version"));
	if (err == NULL)
		err = admin_run(admin, &schema, SQL_DUMP_SCHEMA);
	if (err == NULL)
		err = dump_write(admin, path, options[0].value != NULL);
	if (err != NULL)
		return err;
	(void)printf("bytes %" PRId64 "\nschema %s\n", size_of(path), db_text(schema, 0, "schema"));
	(void)fprintf(stderr, "the whole installation is in %s, with hashes of tokens and all "
	    "texts: keep it where nobody else reads it\n"
	    "next, with DATABASE_URL of an empty database: promptbuilder restore %s\n", path,
	    path);
	return NULL;
}
