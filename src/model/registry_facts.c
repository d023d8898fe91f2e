/* registry_facts.c: what JSON files of the registry say of accounts, assistants, versions. */
#include "model/registry_inner.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "model/version.h"

#define JSON_MAX (64u << 10)
#define SETTINGS_MAX (256u << 10)
#define MESSAGE_MAX 500
#define SCORE_MAX 100

struct doc *registry_json(const struct registry *registry, struct arena *arena, const char *path)
{
	struct doc *doc = NULL;
	struct buf *text;
	const struct err *err;

	if (path == NULL)
		return NULL;
	err = folder_read(arena, registry->folder, path, JSON_MAX, &text);
	if (err == NULL)
		err = doc_parse(arena, text->data, text->len, &doc);
	if (err == NULL && doc_type(doc) != DOC_OBJECT)
		err = err_new(arena, ERR_INVALID, "It is no JSON object.");
	if (err == NULL)
		return doc;
	registry_tell(registry, REGISTRY_REFUSAL, path, err->sentence);
	return NULL;
}

struct doc *registry_fact(const struct doc *facts, const char *name, const char *other)
{
	struct doc *fact = facts == NULL ? NULL : doc_get(facts, name);

	return fact != NULL || facts == NULL || other == NULL ? fact : doc_get(facts, other);
}

const char *registry_line(const struct registry *registry, const struct doc *facts,
    const char *name, const char *path)
{
	const char *line = facts == NULL ? NULL : doc_text(facts, name);

	if (line == NULL || *line == '\0')
		return NULL;
	if (text_is_clean(line, strlen(line)) && text_length(line) <= REGISTRY_NAME_MAX &&
	    strpbrk(line, "\t\r\n") == NULL)
		return line;
	registry_tell(registry, REGISTRY_REFUSAL, path,
	    "A name or time zone in it is no line of at most 200 characters.");
	return NULL;
}

const char *registry_settings(struct arena *arena, const struct doc *facts)
{
	const struct doc *settings = registry_fact(facts, "settings", NULL);
	struct buf *json = buf_new(arena, SETTINGS_MAX);

	if (doc_type(settings) != DOC_OBJECT)
		return NULL;
	doc_write_canonical(settings, json);
	return json->failed ? NULL : json->data;
}

int registry_number(const char *name, const char **rest)
{
	const char *digits = name + (*name == 'v' || *name == 'V');
	size_t len = strspn(digits, "0123456789");
	long number;

	*rest = digits + len;
	if (len == 0 || len > 10)
		return 0;
	number = strtol(digits, NULL, 10);
	return number > INT32_MAX ? 0 : (int)number;
}

int registry_current(const struct doc *facts)
{
	static const char *const names[][2] = {{"current", "deployed"},
	    {"current_version", "currentVersion"}, {"deployed_version", "deployedVersion"}};
	const char *rest, *said = NULL;
	int number;

	for (size_t i = 0; i < ARRAY_LEN(names) && said == NULL; i++) {
		const struct doc *fact = registry_fact(facts, names[i][0], names[i][1]);

		said = doc_type(fact) == DOC_BOOL ? NULL : doc_scalar(fact);
	}
	if (said == NULL)
		return 0;
	number = registry_number(said, &rest);
	return *rest == '\0' ? number : 0;
}

static bool is_marked(const struct doc *facts)
{
	static const char *const names[][2] = {{"deployed", "is_deployed"},
	    {"current", "isCurrent"}, {"isDeployed", "is_current"}};
	bool is_true;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		for (size_t k = 0; k < ARRAY_LEN(names[i]); k++)
			if (doc_bool(facts, names[i][k], &is_true) && is_true)
				return true;
	return text_equal(doc_text(facts, "status"), "deployed");
}

static const char *status_of(const struct doc *facts, bool is_deployed)
{
	const char *status = doc_text(facts, "status");

	for (size_t i = 0; status != NULL && version_statuses[i] != NULL; i++)
		if (text_equal(status, version_statuses[i]))
			return version_statuses[i];
	return is_deployed ? "deployed" : "draft";
}

/* An instant, or the beginning of a day. */
static const char *instant_of(struct arena *arena, const struct doc *facts)
{
	const struct doc *fact = registry_fact(facts, "created_at", "createdAt");
	const char *text = doc_type(fact) == DOC_TEXT ? doc_scalar(fact) : NULL;

	if (text != NULL && text_is_day(text))
		return arena_printf(arena, "%sT00:00:00Z", text);
	return text != NULL && text_is_instant(text) ? text : NULL;
}

/* 0 to 100 with at most two decimals, as a column takes it. */
static const char *score_of(struct arena *arena, const struct doc *facts)
{
	const struct doc *fact = registry_fact(facts, "final_score", "finalScore");
	const char *text = doc_scalar(fact != NULL ? fact : registry_fact(facts, "score", NULL));
	size_t whole = text == NULL ? 0 : strspn(text, "0123456789");
	int64_t number;

	if (whole == 0 || (text[whole] != '\0' && text[whole] != '.') ||
	    (text[whole] == '.' && strspn(text + whole + 1, "0123456789") !=
	    strlen(text + whole + 1)) ||
	    !text_to_int(arena_strndup(arena, text, whole), 0, SCORE_MAX, &number))
		return NULL;
	if (number == SCORE_MAX)
		return "100";
	return arena_printf(arena, "%.*s", (int)whole + 3, text);
}

static const char *iterations_of(const struct doc *facts)
{
	const char *text = doc_scalar(registry_fact(facts, "total_iterations", "totalIterations"));
	int64_t number;

	if (text == NULL)
		text = doc_scalar(registry_fact(facts, "iterations", NULL));
	return text != NULL && text_to_int(text, 1, 1000, &number) ? text : NULL;
}

static const char *message_of(struct arena *arena, const struct doc *facts)
{
	const char *text = doc_text(facts, "message");

	if (text == NULL)
		text = doc_text(facts, "description");
	if (text == NULL)
		text = doc_text(facts, "notes");
	if (text == NULL || !text_is_clean(text, strlen(text)))
		return NULL;
	text = text_trim(arena, text);
	return *text == '\0' ? NULL : text_cut(arena, text, MESSAGE_MAX - 3);
}

void registry_facts_take(const struct registry *registry, struct arena *arena,
    const char *path, struct registry_text *text)
{
	const struct doc *facts = registry_json(registry, arena, path);

	text->status = "draft";
	if (facts == NULL)
		return;
	text->is_marked = is_marked(facts);
	text->status = status_of(facts, text->is_marked);
	text->created_at = instant_of(arena, facts);
	text->score = score_of(arena, facts);
	text->iterations = iterations_of(facts);
	text->message = message_of(arena, facts);
	if (text->created_at == NULL && registry_fact(facts, "created_at", "createdAt") != NULL)
		registry_tell(registry, REGISTRY_NOTE, path, "created_at is no instant such as "
		    "2026-01-21T10:00:00Z; the version gets the time of its import.");
}
