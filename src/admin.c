/* admin.c: main of promptbuilder, the operator's tool: finds the command, runs it, says how it
 * went. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "admin/admin.h"
#include "base/log.h"
#include "base/process.h"
#include "base/text.h"

#ifndef PROMPTBUILDER_VERSION
#define PROMPTBUILDER_VERSION "unknown"
#endif

static int exit_status(enum err_kind kind)
{
	static const int status[ERR_KIND_COUNT] = {
		[ERR_INVALID] = EX_DATAERR, [ERR_LOGIN] = EX_NOPERM,
		[ERR_DENIED] = EX_NOPERM, [ERR_MISSING] = EX_NOINPUT,
		[ERR_GONE] = EX_NOINPUT, [ERR_CONFLICT] = EX_CANTCREAT,
		[ERR_LIMIT] = EX_TEMPFAIL, [ERR_BUDGET] = EX_NOPERM,
		[ERR_UPSTREAM] = EX_UNAVAILABLE, [ERR_DOWN] = EX_UNAVAILABLE,
		[ERR_BUG] = EX_SOFTWARE,
	};

	return status[kind];
}

static int fail(const struct err *err, int status)
{
	(void)fprintf(stderr, "promptbuilder: %s\n", err->sentence);
	for (const struct err_field *field = err->fields; field != NULL; field = field->next)
		(void)fprintf(stderr, "  %s: %s\n", field->name, field->sentence);
	return status != 0 ? status : exit_status(err->kind);
}

static int run_command(struct admin *admin, const char *config)
{
	struct conf *conf;
	const struct err *err = conf_load(admin->ctx.arena, config, &conf);
	enum log_level level = LOG_LEVEL_WARN;

	if (err != NULL)
		return fail(err, EX_CONFIG);
	/* People read this output: the usual level of the daemons would be in their way. */
	(void)log_level_from_name(conf_text(conf, "PROMPTBUILDER_LOG_LEVEL"), &level);
	log_open("promptbuilder", level == LOG_LEVEL_INFO ? LOG_LEVEL_WARN : level);
	admin->ctx.conf = conf;
	admin->ctx.access = (struct access){.role = ROLE_OPERATOR, .name = admin_actor(admin)};
	admin->ctx.origin = admin->ctx.asker = admin_host(admin);
	err = admin->command->run(admin);
	if (admin->ctx.db != NULL)
		db_close(admin->ctx.db);
	if (fflush(stdout) != 0 && err == NULL)
		return EX_IOERR;
	return err != NULL ? fail(err, admin->status) : admin->status;
}

int main(int argc, char **argv)
{
	const char **words = (const char **)argv + 1;
	size_t count = argc > 0 ? (size_t)argc - 1 : 0, taken;
	struct admin admin = {.ctx.arena = arena_new()};
	const char *config = NULL;
	int status;

	process_shut();
	if (count >= 2 && strcmp(words[0], "--config") == 0) {
		config = words[1];
		words += 2;
		count -= 2;
	}
	if (count > 0 && strcmp(words[0], "--version") == 0)
		return printf("promptbuilder %s\n", PROMPTBUILDER_VERSION) > 0 ? EX_OK : EX_IOERR;
	admin.command = command_find(words, count, &taken);
	if (admin.command == NULL)
		return command_print_all(
		    count > 0 && text_equal(words[count - 1], "--help") ? stdout : stderr,
		    admin.ctx.arena, count > 0 ? words[0] : "");
	admin.words = words + taken;
	admin.count = count - taken;
	for (size_t i = 0; i < admin.count && strcmp(admin.words[i], "--") != 0; i++)
		if (strcmp(admin.words[i], "--help") == 0)
			return command_print(admin.command);
	status = run_command(&admin, config);
	arena_free(admin.ctx.arena);
	return status;
}
