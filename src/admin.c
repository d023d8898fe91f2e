/* admin.c: main of promptbuilder, the operator's tool: finds the command, runs it, says how it
 * went. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "admin/admin.h"
#include "base/log.h"
#include "base/text.h"

#ifndef PROMPTBUILDER_VERSION
#define PROMPTBUILDER_VERSION "unknown"
#endif

/* Prints the commands of a noun, or all when it has none. */
static int print_commands(FILE *out, struct arena *arena, const char *noun)
{
	const char *prefix = arena_printf(arena, "%s ", noun);
	bool is_noun = false;

	for (size_t i = 0; i < command_count; i++)
		is_noun |= text_starts_with(commands[i].name, prefix);
	(void)fputs("usage: promptbuilder [--config FILE] COMMAND [OPTIONS]\n\n", out);
	for (size_t i = 0; i < command_count; i++)
		if (!is_noun || text_starts_with(commands[i].name, prefix))
			(void)fprintf(out, "  %-15s %.*s\n", commands[i].name,
			    (int)strcspn(commands[i].help, "\n"), commands[i].help);
	(void)fputs("\n\"promptbuilder COMMAND --help\" tells more. To begin, set DATABASE_URL\n"
	    "and run \"promptbuilder migrate\"; promptbuilder(1) is the manual.\n", out);
	return out == stdout ? EX_OK : EX_USAGE;
}

static int print_help(const struct command *command)
{
	(void)printf("usage: promptbuilder [--config FILE] %s %s\n\n%s\n", command->name,
	    command->usage, command->help);
	return EX_OK;
}

/* The command that the words begin with; *taken gets the number of words of its name. */
static const struct command *find_command(const char **words, size_t count, size_t *taken)
{
	for (size_t i = 0; i < command_count; i++) {
		const char *name = commands[i].name;
		const char *space = strchr(name, ' ');
		size_t len = space == NULL ? strlen(name) : (size_t)(space - name);

		*taken = space == NULL ? 1 : 2;
		if (count >= *taken && strlen(words[0]) == len &&
		    strncmp(words[0], name, len) == 0 &&
		    (space == NULL || strcmp(words[1], space + 1) == 0))
			return &commands[i];
	}
	return NULL;
}

static int exit_status(enum err_kind kind)
{
	static const int status[ERR_KIND_COUNT] = {
		[ERR_INVALID] = EX_DATAERR, [ERR_LOGIN] = EX_NOPERM,
		[ERR_DENIED] = EX_NOPERM, [ERR_MISSING] = EX_NOINPUT,
		[ERR_CONFLICT] = EX_CANTCREAT, [ERR_LIMIT] = EX_TEMPFAIL,
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
	admin->ctx.access = (struct access){.role = ROLE_OPERATOR, .name = "promptbuilder"};
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

	if (count >= 2 && strcmp(words[0], "--config") == 0) {
		config = words[1];
		words += 2;
		count -= 2;
	}
	if (count > 0 && strcmp(words[0], "--version") == 0)
		return printf("promptbuilder %s\n", PROMPTBUILDER_VERSION) > 0 ? EX_OK : EX_IOERR;
	admin.command = find_command(words, count, &taken);
	if (admin.command == NULL)
		return print_commands(
		    count > 0 && text_equal(words[count - 1], "--help") ? stdout : stderr,
		    admin.ctx.arena, count > 0 ? words[0] : "");
	admin.words = words + taken;
	admin.count = count - taken;
	for (size_t i = 0; i < admin.count && strcmp(admin.words[i], "--") != 0; i++)
		if (strcmp(admin.words[i], "--help") == 0)
			return print_help(admin.command);
	status = run_command(&admin, config);
	arena_free(admin.ctx.arena);
	return status;
}
