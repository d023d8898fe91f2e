/* registry_text.c: the texts of a version: its prompt, its injection file, whether they agree. */
#include "model/registry_inner.h"

#include <string.h>

#include "base/injection.h"
#include "base/text.h"

#define MODULE_MAX (8 * (size_t)REGISTRY_PROMPT_MAX)
#define WHITE " \t\r\n"

static const char *file_text(const struct registry *registry, struct arena *arena,
    const char *path, size_t max)
{
	struct buf *text;
	const struct err *err = folder_read(arena, registry->folder, path, max, &text);
	size_t good = err == NULL ? text_utf8_good(text->data, text->len) : 0;

	if (err == NULL && good < text->len)
		err = err_new(arena, ERR_INVALID, "It is not valid UTF-8, or has a NUL byte, at "
		    "byte %zu.", good);
	if (err == NULL)
		return text->data != NULL ? text->data : "";
	registry_tell(registry, REGISTRY_REFUSAL, path, err->sentence);
	return NULL;
}

/* Equal but for white space at both ends, which editors add and take away. */
static bool is_same(const char *one, const char *two)
{
	size_t one_len, two_len;

	one += strspn(one, WHITE);
	two += strspn(two, WHITE);
	one_len = strlen(one);
	two_len = strlen(two);
	while (one_len > 0 && strchr(WHITE, one[one_len - 1]) != NULL)
		one_len--;
	while (two_len > 0 && strchr(WHITE, two[two_len - 1]) != NULL)
		two_len--;
	return one_len == two_len && memcmp(one, two, one_len) == 0;
}

/* The module and the prompt that it exports; text->prompt is that of the prompt's file, if it has
 * one. What programs run is the module: its prompt counts where they differ in white space. */
static bool module_take(const struct registry *registry, struct arena *arena,
    const char *path, struct registry_text *text)
{
	const char *source = file_text(registry, arena, path, REGISTRY_INJECTION_MAX), *fault;
	const char *prompt;

	if (source == NULL)
		return false;
	prompt = injection_read(arena, source, strlen(source), &fault);
	if (prompt == NULL && text->prompt == NULL) {
		registry_tell(registry, REGISTRY_REFUSAL, path, arena_printf(arena, "Its prompt "
		    "cannot be read without running it: %s Write the prompt into a file beside "
		    "it, such as prompt.md.", fault));
		return false;
	}
	if (prompt == NULL) {
		registry_tell(registry, REGISTRY_REFUSAL, path, arena_printf(arena, "Whether it "
		    "exports the prompt cannot be told without running it: %s The version gets a "
		    "new injection file.", fault));
		return true;
	}
	if (text->prompt != NULL && !is_same(text->prompt, prompt)) {
		registry_tell(registry, REGISTRY_REFUSAL, path, arena_printf(arena, "It exports "
		    "another prompt than %s has. Keep the one that is right.", text->path));
		return false;
	}
	text->prompt = prompt;
	text->injection = source;
	return true;
}

static const char *module_make(struct arena *arena, const struct registry_text *text)
{
	struct buf *module = buf_new(arena, MODULE_MAX);

	injection_write(module, arena_printf(arena, "Made by promptbuilder from %s; sha256 of the "
	    "prompt: %s", text->path, text->hash), text->prompt);
	return module->data;
}

static bool refuse(const struct registry *registry, const char *path, const char *sentence)
{
	registry_tell(registry, REGISTRY_REFUSAL, path, sentence);
	return false;
}

bool registry_text(const struct registry *registry, struct arena *arena,
    const struct registry_version *given, struct registry_text *text)
{
	struct registry_version version = *given;

	*text = (struct registry_text){.number = version.number};
	if (version.twice != NULL)
		return refuse(registry, version.twice, arena_printf(arena, "Version %d is told "
		    "twice, here and beside it; keep one of them.", version.number));
	registry_version_files(registry, arena, &version);
	if (version.prompt == NULL && version.injection == NULL)
		return refuse(registry, version.folder != NULL ? version.folder : version.metadata,
		    "There is neither a prompt nor an injection file.");
	text->path = version.prompt != NULL ? version.prompt : version.injection;
	if (version.prompt != NULL)
		text->prompt = file_text(registry, arena, version.prompt, REGISTRY_PROMPT_MAX);
	if (version.prompt != NULL && text->prompt == NULL)
		return false;
	if (version.injection != NULL && !module_take(registry, arena, version.injection, text))
		return false;
	if (text->prompt == NULL || text->prompt[strspn(text->prompt, WHITE)] == '\0')
		return refuse(registry, text->path, "The prompt is empty.");
	text->hash = text_sha256(arena, text->prompt, strlen(text->prompt));
	if (text->injection == NULL)
		text->injection = module_make(arena, text);
	registry_facts_take(registry, arena, version.metadata, text);
	return true;
}

/* ---- What is delivered. ---- */

/* The version that is said to be deployed, or the last one. */
static const struct registry_version *version_choose(const struct registry *registry,
    const struct registry_assistant *assistant)
{
	for (size_t i = 0; i < assistant->count; i++)
		if (assistant->versions[i].number == assistant->current)
			return &assistant->versions[i];
	if (assistant->current > 0)
		return NULL;
	for (size_t i = assistant->count; i > 0; i--) {
		struct registry_version version = assistant->versions[i - 1];
		struct registry_text facts = {.number = version.number};
		struct arena *passing = arena_new();

		registry_version_files(registry, passing, &version);
		registry_facts_take(registry, passing, version.metadata, &facts);
		arena_free(passing);
		if (facts.is_marked)
			return &assistant->versions[i - 1];
	}
	return assistant->count == 0 ? NULL : &assistant->versions[assistant->count - 1];
}

bool registry_deployed(const struct registry *registry, struct arena *arena,
    const struct registry_assistant *assistant, struct registry_text *text)
{
	const struct registry_version *version = version_choose(registry, assistant);

	return version != NULL && registry_text(registry, arena, version, text);
}

const struct err *registry_prompt(struct arena *arena, const struct conf *conf,
    const struct registry_question *question, struct registry_text *out)
{
	const struct err *missing = err_new(arena, ERR_MISSING, "The registry's files have no "
	    "such prompt.");
	const struct registry_place *place;
	struct registry_assistant assistant;
	struct registry_account account;
	struct registry *registry;

	registry_configured(arena, conf, &registry);
	if (registry == NULL || (question->environment != NULL &&
	    !text_equal(question->environment, REGISTRY_ENVIRONMENT)) ||
	    registry_account(registry, arena, question->account, &account) != NULL)
		return missing;
	place = registry_find(&account, question->assistant);
	if (place == NULL || registry_assistant(registry, arena, place, &assistant) != NULL)
		return missing;
	return registry_deployed(registry, arena, &assistant, out) ? NULL : missing;
}
