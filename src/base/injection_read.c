/* injection_read.c: the statements of a module of constants, and which of its texts is the prompt.
 *
 * Whatever else a module says might change what it exports, so only constants, exports of them,
 * imports and types are read; anything else is a fault. */
#include <string.h>

#include "base/injection_parse.h"
#include "base/text.h"

#define BINDINGS_MAX 256
#define DEPTH_MAX 16
#define ROOM_TIMES 4
#define SAY_CONSTANTS \
	"Only constants of plain texts are read; what stands here would have to be run."

struct binding {
	const char *name;
	const char *text;
	bool is_exported;
	bool is_member; /* of an object: no name of the module */
};

struct reading {
	struct module module;
	struct binding bindings[BINDINGS_MAX];
	size_t count;
};

static bool constants_only(struct reading *reading)
{
	return module_fail(&reading->module, SAY_CONSTANTS);
}

static bool bind(struct reading *reading, const struct binding *binding)
{
	if (reading->count == BINDINGS_MAX)
		return module_fail(&reading->module, "There are too many texts.");
	reading->bindings[reading->count++] = *binding;
	return true;
}

static struct binding *binding_find(struct reading *reading, const char *name)
{
	for (size_t i = reading->count; i > 0; i--)
		if (!reading->bindings[i - 1].is_member &&
		    text_equal(reading->bindings[i - 1].name, name))
			return &reading->bindings[i - 1];
	return NULL;
}

/* ---- Types, which are left out. ---- */

/* Up to the "=" behind a type; signs that only expressions have are none of it. */
static bool type_skip(struct reading *reading)
{
	static const char signs[] = "_$.<>[]{}()|&,:;?\"' \t\r\n-";
	struct module *module = &reading->module;
	int depth = 0;

	for (; module->at < module->end; module->at++) {
		char c = *module->at;

		if (c == '=' && module->at[1] == '>')
			module->at++;
		else if (c == '=' && depth <= 0)
			return true;
		else if (strchr("[{(<", c) != NULL)
			depth++;
		else if (strchr("]})>", c) != NULL)
			depth--;
		else if (c == '\0' || (strchr(signs, c) == NULL && !(c >= '0' && c <= '9') &&
		    !((c | 32) >= 'a' && (c | 32) <= 'z')))
			return constants_only(reading);
	}
	return constants_only(reading);
}

/* What follows a value: "as const", "satisfies Name". */
static bool casts_skip(struct reading *reading)
{
	while (module_word(&reading->module, "as") || module_word(&reading->module, "satisfies"))
		if (module_name(&reading->module) == NULL)
			return constants_only(reading);
	return reading->module.fault == NULL;
}

/* ---- Values. ---- */

static bool value_read(struct reading *reading, bool is_exported, int depth, const char **text);

/* The members of an object; those that are texts are bound by their names. */
static bool object_read(struct reading *reading, bool is_exported, int depth)
{
	struct module *module = &reading->module;

	while (!module_sign(module, '}')) {
		struct buf *key = buf_new(module->arena, 256);
		const char *name = module_is_text(module) && module_text(module, key) ? key->data :
		    module_name(module);
		const char *text = NULL;

		if (name == NULL || module->fault != NULL || !module_sign(module, ':') ||
		    !value_read(reading, is_exported, depth + 1, &text))
			return constants_only(reading);
		if (text != NULL &&
		    !bind(reading, &(struct binding){name, text, is_exported, true}))
			return false;
		if (!module_sign(module, ',') && (module->at == module->end || *module->at != '}'))
			return constants_only(reading);
	}
	return true;
}

static bool array_read(struct reading *reading, int depth)
{
	struct module *module = &reading->module;
	const char *text;

	while (!module_sign(module, ']')) {
		if (!value_read(reading, false, depth + 1, &text))
			return false;
		if (!module_sign(module, ',') && (module->at == module->end || *module->at != ']'))
			return constants_only(reading);
	}
	return true;
}

/* Digits and what numbers have between them; the value does not matter. */
static bool number_read(struct reading *reading)
{
	struct module *module = &reading->module;
	const char *from = module->at;

	(void)module_sign(module, '-');
	while (module->at < module->end && ((*module->at >= '0' && *module->at <= '9') ||
	    *module->at == '.' || *module->at == '_'))
		module->at++;
	if (module->at == from)
		return false;
	(void)module_space(module);
	return true;
}

/* A name of this module, or a word for a value that is no text. */
static bool name_read(struct reading *reading, const char **text)
{
	static const char *const words[] = {"true", "false", "null", "undefined"};
	const struct binding *found;
	const char *name;

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (module_word(&reading->module, words[i]))
			return true;
	name = module_name(&reading->module);
	found = name == NULL ? NULL : binding_find(reading, name);
	if (found == NULL)
		return constants_only(reading);
	*text = found->text;
	return true;
}

static bool primary_read(struct reading *reading, bool is_exported, int depth, const char **text)
{
	struct module *module = &reading->module;
	struct buf *literal;

	*text = NULL;
	if (depth > DEPTH_MAX)
		return constants_only(reading);
	if (module_sign(module, '{'))
		return object_read(reading, is_exported, depth);
	if (module_sign(module, '['))
		return array_read(reading, depth);
	if (module_sign(module, '('))
		return value_read(reading, is_exported, depth + 1, text) &&
		    (module_sign(module, ')') || constants_only(reading));
	if (!module_is_text(module))
		return number_read(reading) || name_read(reading, text);
	literal = buf_new(module->arena, INJECTION_PROMPT_MAX);
	if (!module_text(module, literal))
		return false;
	*text = literal->data;
	return true;
}

/* "text".trim() */
static bool trims_read(struct reading *reading, const char **text)
{
	struct module *module = &reading->module;

	while (*text != NULL && module_sign(module, '.')) {
		if (!module_word(module, "trim") || !module_sign(module, '(') ||
		    !module_sign(module, ')'))
			return constants_only(reading);
		*text = module_trim(module->arena, *text);
	}
	return true;
}

/* A value: *text is NULL when it is no text. Texts are added by "+". */
static bool value_read(struct reading *reading, bool is_exported, int depth, const char **text)
{
	struct module *module = &reading->module;
	const char *more;

	if (!primary_read(reading, is_exported, depth, text) || !trims_read(reading, text))
		return false;
	while (module_sign(module, '+')) {
		size_t len;

		if (*text == NULL || !primary_read(reading, false, depth + 1, &more) ||
		    !trims_read(reading, &more) || more == NULL)
			return constants_only(reading);
		len = strlen(*text) + strlen(more);
		if (len > INJECTION_PROMPT_MAX || len > module->room)
			return module_fail(module, "The texts are too long.");
		module->room -= len;
		*text = arena_printf(module->arena, "%s%s", *text, more);
	}
	return casts_skip(reading);
}

/* ---- Statements. ---- */

/* A semicolon, or a new line that begins with a word. */
static bool statement_end(struct reading *reading)
{
	struct module *module = &reading->module;
	const char *before = module->at;

	if (module->fault != NULL)
		return false;
	if (module->at == module->end || module_sign(module, ';'))
		return true;
	while (before > module->start && strchr(" \t\r/*", before[-1]) != NULL)
		before--;
	if (before > module->start && before[-1] == '\n' &&
	    strchr("cei", *module->at) != NULL)
		return true;
	return constants_only(reading);
}

static bool constant_read(struct reading *reading, bool is_exported)
{
	struct module *module = &reading->module;
	const char *name = module_name(module), *text;

	if (name == NULL || (module_sign(module, ':') && !type_skip(reading)) ||
	    !module_sign(module, '='))
		return constants_only(reading);
	if (!value_read(reading, is_exported, 0, &text))
		return false;
	if (text != NULL && !bind(reading, &(struct binding){name, text, is_exported, false}))
		return false;
	return statement_end(reading);
}

/* {a, b as default} */
static bool names_export(struct reading *reading)
{
	struct module *module = &reading->module;

	while (!module_sign(module, '}')) {
		const char *name = module_name(module), *outside = name;
		const struct binding *found = name == NULL ? NULL : binding_find(reading, name);

		if (name != NULL && module_word(module, "as"))
			outside = module_name(module);
		if (outside == NULL || found == NULL)
			return constants_only(reading);
		if (!bind(reading, &(struct binding){outside, found->text, true, false}))
			return false;
		if (!module_sign(module, ',') && (module->at == module->end || *module->at != '}'))
			return constants_only(reading);
	}
	return statement_end(reading);
}

static bool export_read(struct reading *reading)
{
	struct module *module = &reading->module;
	const char *text;

	if (module_word(module, "const"))
		return constant_read(reading, true);
	if (module_sign(module, '{'))
		return names_export(reading);
	if (!module_word(module, "default"))
		return constants_only(reading);
	if (!value_read(reading, true, 0, &text))
		return false;
	if (text != NULL && !bind(reading, &(struct binding){"default", text, true, false}))
		return false;
	return statement_end(reading);
}

/* Other modules cannot change constants of this one. */
static bool import_skip(struct reading *reading)
{
	struct module *module = &reading->module;

	while (module->fault == NULL && !module_is_text(module))
		if (module_name(module) == NULL && !module_sign(module, '{') &&
		    !module_sign(module, '}') && !module_sign(module, ',') &&
		    !module_sign(module, '*'))
			return constants_only(reading);
	return module_text(module, buf_new(module->arena, 4096)) && statement_end(reading);
}

static bool statement_read(struct reading *reading)
{
	struct module *module = &reading->module;

	if (module_sign(module, ';'))
		return true;
	if (module_word(module, "const"))
		return constant_read(reading, false);
	if (module_word(module, "export"))
		return export_read(reading);
	if (module_word(module, "import"))
		return import_skip(reading);
	if (module_is_text(module)) /* "use strict" */
		return module_text(module, buf_new(module->arena, 4096)) && statement_end(reading);
	return constants_only(reading);
}

/* ---- The choice. ---- */

/* "SYSTEM_PROMPT" is "systemprompt"; "*prompt" is any name with that end. */
static bool name_is(struct arena *arena, const char *name, const char *wanted)
{
	struct buf *plain = buf_new(arena, strlen(name) + 1);
	size_t len = strlen(wanted + (*wanted == '*'));

	for (; *name != '\0'; name++)
		if (*name != '_')
			buf_char(plain, (char)(*name >= 'A' && *name <= 'Z' ? *name | 32 : *name));
	if (plain->len < len || (plain->len > len && *wanted != '*'))
		return false;
	return strcmp(plain->data + plain->len - len, wanted + (*wanted == '*')) == 0;
}

/* The text of all exports of that name; *is_torn: there are different ones. */
static const char *exported(const struct reading *reading, const char *wanted, bool *is_torn)
{
	const char *text = NULL;

	for (size_t i = 0; i < reading->count; i++) {
		const struct binding *one = &reading->bindings[i];

		if (!one->is_exported || !name_is(reading->module.arena, one->name, wanted))
			continue;
		*is_torn |= text != NULL && strcmp(text, one->text) != 0;
		text = one->text;
	}
	return text;
}

static const char *prompt_choose(const struct reading *reading, const char **fault)
{
	static const char *const wanted[] = {"prompt", "systemprompt", "promptcontent",
	    "injection", "*prompt", "content", "default"};
	const char *text = NULL;
	bool is_torn = false;

	for (size_t i = 0; i < ARRAY_LEN(wanted) && text == NULL; i++)
		text = exported(reading, wanted[i], &is_torn);
	if (text == NULL)
		*fault = "It exports no text that is called \"prompt\" or is the default.";
	else if (is_torn)
		*fault = "It exports several texts that might be the prompt.";
	return *fault == NULL ? text : NULL;
}

const char *injection_read(struct arena *arena, const char *source, size_t len,
    const char **fault)
{
	struct reading *reading = arena_alloc(arena, sizeof(*reading));

	*fault = NULL;
	if (text_utf8_good(source, len) < len) {
		*fault = "It is not valid UTF-8, or has a NUL byte.";
		return NULL;
	}
	source = arena_strndup(arena, source, len);
	reading->module = (struct module){.arena = arena, .start = source, .at = source,
	    .end = source + len, .room = ROOM_TIMES * (size_t)INJECTION_PROMPT_MAX};
	(void)module_space(&reading->module);
	while (reading->module.at < reading->module.end && reading->module.fault == NULL)
		if (!statement_read(reading))
			break;
	*fault = reading->module.fault;
	return *fault == NULL ? prompt_choose(reading, fault) : NULL;
}
