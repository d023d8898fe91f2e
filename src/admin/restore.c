/* restore.c: restore: a dump into an empty database, in one transaction, and then all checks.
 *
 * pg_restore makes a script of the dump, which goes to psql through us: what stands before and
 * after it is ours, and when pg_restore fails, psql is killed before it commits. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/tool.h"
#include "base/fd.h"
#include "base/text.h"
#include "db/migrate.h"

#define SCRIPT_BYTES_MAX (64u << 10)
#define LIST_BYTES_MAX (16u << 20)
#define PART_BYTES 65536
#define NAME_BYTES 128
#define TRANSACTION_TIMEOUT_SINCE 170000

struct restore {
	struct admin *admin;
	const char *path;
	const char **environment;
	int64_t version; /* of the server */
	int64_t newest;  /* migration that we know */
	char *list;      /* a file with the parts of the dump that are wanted */
};

/* ---- What the dump has. ---- */

/* What is there before it, and what names the owner of another installation, is not wanted. */
static bool is_wanted(const char *line)
{
	char policy[NAME_BYTES] = "";
	const char *what = strchr(line, ';');

	if (what == NULL || line[0] == ';')
		return false;
	if (sscanf(what, "; %*d %*d POLICY public %*s %127s", policy) == 1)
		return strcmp(policy, "owner") != 0;
	return strstr(what, " DEFAULT ACL ") == NULL &&
	    strstr(what, " COMMENT - SCHEMA ") == NULL &&
	    (strstr(what, " SCHEMA - public ") == NULL || strstr(what, " ACL - ") != NULL);
}

static const struct err *list_write(struct restore *restore, char *list)
{
	struct arena *arena = restore->admin->ctx.arena;
	char *rest = list;
	const char *line;
	int fd;
	FILE *file;

	restore->list = admin_temporary(arena, arena_printf(arena, "%s/promptbuilder-restore",
	    getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp"));
	fd = mkstemp(restore->list);
	file = fd < 0 ? NULL : fdopen(fd, "w");
	if (file == NULL)
		return err_new(arena, ERR_DENIED, "%s: %s", restore->list, strerror(errno));
	while ((line = strsep(&rest, "\n")) != NULL)
		if (is_wanted(line))
			(void)fprintf(file, "%s\n", line);
	if (fclose(file) != 0)
		return err_new(arena, ERR_DENIED, "%s could not be written", restore->list);
	return NULL;
}

static const struct err *list_read(struct restore *restore)
{
	struct admin *admin = restore->admin;
	const char *const argv[] = {"pg_restore", "--list", restore->path, NULL};
	struct buf *list = buf_new(admin->ctx.arena, LIST_BYTES_MAX);
	char part[PART_BYTES];
	struct tool tool;
	const char *said;
	const struct err *err = tool_start(admin, argv, NULL, false, &tool);
	ssize_t len;

	if (err != NULL)
		return err;
	while ((len = read(tool.out, part, sizeof(part))) > 0)
		buf_add(list, part, (size_t)len);
	if (!tool_end(admin, &tool, &said))
		return err_new(admin->ctx.arena, ERR_INVALID, "%s is no dump, or is damaged: %s",
		    restore->path, said);
	if (strstr(list->data, " TABLE DATA public schema_migrations ") == NULL)
		return err_new(admin->ctx.arena, ERR_INVALID,
		    "%s is a dump of something else than promptbuilder", restore->path);
	return list_write(restore, list->data);
}

/* ---- The script. ---- */

static const struct err *own_script(struct restore *restore, const char *name, int fd)
{
	struct admin *admin = restore->admin;
	struct buf *script;
	const struct err *err = admin_read_file(admin, admin_data(admin, name), SCRIPT_BYTES_MAX,
	    &script);

	/* Whether it was taken is seen by the end of psql. */
	if (err == NULL)
		(void)fd_write(fd, script->data, script->len);
	return err;
}

/* A newer pg_restore sets what an older server does not know. */
static void settle_head(const struct restore *restore, char *head, size_t len)
{
	static const char setting[] = "SET transaction_timeout = 0;";
	char *at = memmem(head, len, setting, sizeof(setting) - 1);

	if (at != NULL && restore->version < TRANSACTION_TIMEOUT_SINCE)
		memset(at, ' ', sizeof(setting) - 1);
}

/* The dump as a script into psql's input. */
static const struct err *dump_script(struct restore *restore, int fd)
{
	struct admin *admin = restore->admin;
	const char *const argv[] = {"pg_restore", "--no-owner", "--file=-",
	    arena_printf(admin->ctx.arena, "--use-list=%s", restore->list), restore->path, NULL};
	char part[PART_BYTES];
	struct tool tool;
	const char *said;
	bool is_taken = true, is_head = true;
	const struct err *err = tool_start(admin, argv, NULL, false, &tool);
	ssize_t len;

	if (err != NULL)
		return err;
	while (is_taken && (len = read(tool.out, part, sizeof(part))) > 0) {
		if (is_head)
			settle_head(restore, part, (size_t)len);
		is_head = false;
		is_taken = fd_write(fd, part, (size_t)len);
	}
	if (!is_taken) {
		tool_kill(admin, &tool); /* psql has ended, and says why */
		return NULL;
	}
	if (!tool_end(admin, &tool, &said))
		return err_new(admin->ctx.arena, ERR_INVALID,
		    "%s is damaged, nothing was restored: %s", restore->path, said);
	return NULL;
}

static const struct err *script_run(struct restore *restore)
{
	static const char *const argv[] = {"psql", "--no-psqlrc", "--quiet", "--no-password",
	    "--set=ON_ERROR_STOP=1", "--single-transaction", "--output=/dev/null", "--file=-",
	    NULL};
	struct admin *admin = restore->admin;
	const char *number = arena_printf(admin->ctx.arena, "\\set newest %" PRId64 "\n",
	    restore->newest);
	struct tool psql;
	const char *said;
	const struct err *err = tool_start(admin, argv, restore->environment, true, &psql);

	if (err != NULL)
		return err;
	err = own_script(restore, "sql/restore/before.sql", psql.in);
	if (err == NULL)
		err = dump_script(restore, psql.in);
	if (err == NULL) {
		(void)fd_write(psql.in, number, strlen(number));
		err = own_script(restore, "sql/restore/after.sql", psql.in);
	}
	if (err != NULL) {
		tool_kill(admin, &psql);
		return err;
	}
	if (!tool_end(admin, &psql, &said))
		return err_new(admin->ctx.arena, ERR_CONFLICT, "nothing was restored: %s", said);
	return NULL;
}

/* ---- Before and after. ---- */

static const struct err *target_check(struct restore *restore)
{
	struct admin *admin = restore->admin;
	struct migrate_report report = {0};
	struct db_rows *rows;
	const char *url;
	const struct err *err = admin_run(admin, &rows, SQL_DUMP_TARGET);

	if (err != NULL)
		return err;
	restore->version = db_int(rows, 0, "version");
	if (db_int(rows, 0, "objects") > 0)
		return err_new(admin->ctx.arena, ERR_CONFLICT, "the database \"%s\" is not empty, "
		    "it has %s for one: a dump is restored into an empty database; make one "
		    "and name it in DATABASE_URL", db_text(rows, 0, "name"),
		    db_text(rows, 0, "object"));
	err = migrate(admin->ctx.db, admin->ctx.arena, admin_data(admin, "sql/migrations"), true,
	    &report);
	restore->newest = report.pending;
	if (err == NULL)
		err = tool_check(admin, "pg_restore", restore->version);
	if (err == NULL)
		err = tool_check(admin, "psql", restore->version);
	if (err == NULL)
		err = conf_database_url(admin->ctx.arena, admin->ctx.conf, &url);
	if (err == NULL)
		err = db_url_environment(admin->ctx.arena, url, &restore->environment);
	return err;
}

static const struct err *result_check(struct admin *admin)
{
	struct migrate_report report = {0};
	const struct err *err = migrate(admin->ctx.db, admin->ctx.arena,
	    admin_data(admin, "sql/migrations"), false, &report);
	int status;

	if (err != NULL)
		return err;
	(void)printf("restored; migrations applied now: %d\n", report.applied);
	err = admin_doctor_data(admin);
	status = admin->status;
	admin->count = 0;
	if (err == NULL)
		err = admin_audit_verify(admin);
	if (status != 0)
		admin->status = status;
	(void)fputs("next: start the programs here, and no longer where the dump comes from; where "
	    "they sign in with passwords, give promptbuilder_web and promptbuilder_runner theirs; "
	    "then promptbuilder doctor\n", stderr);
	return err;
}

const struct err *admin_restore(struct admin *admin)
{
	const struct err *err = option_read(admin, NULL, 0, 1, 1);
	struct restore restore = {.admin = admin, .path = option_operand(admin, 0)};

	if (err == NULL && access(restore.path, R_OK) != 0)
		err = err_new(admin->ctx.arena, ERR_MISSING, "%s: %s", restore.path,
		    strerror(errno));
	if (err == NULL)
		err = target_check(&restore);
	if (err == NULL)
		err = list_read(&restore);
	if (err == NULL)
		err = script_run(&restore);
	if (restore.list != NULL)
		(void)unlink(restore.list);
	return err != NULL ? err : result_check(admin);
}
