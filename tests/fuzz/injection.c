/* injection.c: injection files: a prompt that is read out of one is a text; one that is written into
 * one, and one in a template, is read back as it was. */
#include "fuzz.h"

#include "base/injection.h"
#include "base/text.h"

#define MODULE_MAX (16u << 20)

static bool is_text(const char *text, size_t len)
{
	return text_utf8_good(text, len) == len;
}

static void comes_back(struct arena *arena, const struct buf *module, const char *prompt)
{
	const char *fault, *again = injection_read(arena, module->data, module->len, &fault);

	HOLDS(!module->failed);
	HOLDS(again != NULL && fault == NULL);
	HOLDS(strcmp(again, prompt) == 0);
}

/* As people write it: a template with its three special signs escaped. */
static void template_check(struct arena *arena, const char *prompt)
{
	struct buf *module = buf_new(arena, MODULE_MAX);

	buf_text(module, "export default {prompt: `");
	for (const char *c = prompt; *c != '\0'; c++) {
		if (strchr("`$\\", *c) != NULL)
			buf_char(module, '\\');
		if (*c == '\r')
			buf_text(module, "\\x0D");
		else
			buf_char(module, *c);
	}
	buf_text(module, "`}");
	comes_back(arena, module, prompt);
}

FUZZ(injection)
{
	struct arena *arena = arena_new();
	const char *fault, *prompt = injection_read(arena, (const char *)data, size, &fault);

	HOLDS((prompt == NULL) == (fault != NULL));
	if (prompt != NULL) {
		HOLDS(is_text(prompt, strlen(prompt)));
		HOLDS(strlen(prompt) <= INJECTION_PROMPT_MAX);
	}
	if (is_text((const char *)data, size) && size < INJECTION_PROMPT_MAX) {
		struct buf *module = buf_new(arena, MODULE_MAX);

		prompt = fuzz_text(arena, data, size);
		injection_write(module, "fuzz", prompt);
		comes_back(arena, module, prompt);
		template_check(arena, prompt);
	}
	arena_free(arena);
	return 0;
}
