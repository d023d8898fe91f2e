/* option.c: the words of a command line: options by name, and the operands that remain. */
#include "admin/admin.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

const struct err *option_error(struct admin *admin, const char *format, ...)
{
	const char *sentence;
	va_list args;

	va_start(args, format);
	sentence = arena_vprintf(admin->ctx.arena, format, args);
	va_end(args);
	admin->status = EX_USAGE;
	return err_new(admin->ctx.arena, ERR_INVALID, "%s\nusage: promptbuilder %s %s", sentence,
	    admin->command->name, admin->command->usage);
}

const char *option_operand(const struct admin *admin, size_t index)
{
	return index < admin->count ? admin->words[index] : NULL;
}

/* The option a word names; *value gets what follows '=', or NULL. */
static struct option_row *option_find(struct option_row *options, size_t count, const char *word,
    const char **value)
{
	const char *name = word + 2;
	const char *equals = strchr(name, '=');
	size_t len = equals == NULL ? strlen(name) : (size_t)(equals - name);

	*value = equals == NULL ? NULL : equals + 1;
	for (size_t i = 0; i < count; i++)
		if (strlen(options[i].name) == len && strncmp(options[i].name, name, len) == 0)
			return &options[i];
	return NULL;
}

/* Reads the option at words[*at] and steps over the words it took. */
static const struct err *option_take(struct admin *admin, struct option_row *options,
    size_t count, size_t *at)
{
	const char *word = admin->words[(*at)++];
	const char *value;
	struct option_row *option = option_find(options, count, word, &value);

	if (option == NULL)
		return option_error(admin, "unknown option %s", word);
	if (option->is_flag && value != NULL)
		return option_error(admin, "--%s takes no value", option->name);
	if (option->is_flag)
		value = "yes";
	else if (value == NULL && *at < admin->count)
		value = admin->words[(*at)++];
	if (value == NULL)
		return option_error(admin, "--%s needs a value", option->name);
	option->value = value;
	return NULL;
}

const struct err *option_read(struct admin *admin, struct option_row *options, size_t count,
    size_t least, size_t most)
{
	size_t operands = 0;
	bool are_over = false;

	for (size_t at = 0; at < admin->count;) {
		const char *word = admin->words[at];

		if (!are_over && strcmp(word, "--") == 0) {
			are_over = true;
			at++;
		} else if (!are_over && strncmp(word, "--", 2) == 0) {
			const struct err *err = option_take(admin, options, count, &at);

			if (err != NULL)
				return err;
		} else {
			admin->words[operands++] = word;
			at++;
		}
	}
	admin->count = operands;
	if (operands < least)
		return option_error(admin, "an operand is missing");
	if (operands > most)
		return option_error(admin, "\"%s\" is one operand too many", admin->words[most]);
	return NULL;
}
