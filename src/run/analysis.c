/* analysis.c: the phase that scores a prompt; its answer is JSON, checked and never trusted. */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "run/pipeline.h"

#define OUTPUT_MAX (1024 * 1024)
#define FINDING_MAX 50

static const char *const severities[] = {"low", "medium", "high"};
static const char *const texts[] = {"severity", "area", "finding", "suggestion"};

/* ---- The schema that is asked for. ---- */

static struct doc *add_object(struct doc *schema, const char *const *required, size_t count)
{
	doc_set_text(schema, "type", "object");
	doc_set_bool(schema, "additionalProperties", false);
	struct doc *list = doc_add_array(schema, "required");
	for (size_t i = 0; i < count; i++)
		doc_push_text(list, required[i]);
	return doc_add_object(schema, "properties");
}

static struct doc *add_property(struct doc *properties, const char *name, const char *type,
    const char *description)
{
	struct doc *property = doc_add_object(properties, name);
	doc_set_text(property, "type", type);
	doc_set_text(property, "description", description);
	return property;
}

static struct doc *schema(struct arena *arena)
{
	static const char *const required[] = {"score", "summary", "findings"};
	struct doc *root = doc_object(arena);
	struct doc *properties = add_object(root, required, ARRAY_LEN(required));
	add_property(properties, "score", "integer", "Quality from 0 to 100.");
	add_property(properties, "summary", "string", "The verdict in one or two sentences.");
	struct doc *findings = add_property(properties, "findings", "array",
	    "What to improve, the weightiest first; empty when nothing is left.");

	struct doc *item = add_object(doc_add_object(findings, "items"), texts, ARRAY_LEN(texts));
	struct doc *severity = add_property(item, "severity", "string", "Weight of the finding.");
	struct doc *choices = doc_add_array(severity, "enum");
	for (size_t i = 0; i < ARRAY_LEN(severities); i++)
		doc_push_text(choices, severities[i]);
	add_property(item, "area", "string", "Part of the prompt, in a few words.");
	add_property(item, "finding", "string", "What is wrong or missing.");
	add_property(item, "suggestion", "string", "What to write instead.");
	return root;
}

/* ---- The answer. ---- */

/* Some answers spell the choice in another case. */
static const char *read_severity(const struct doc *finding)
{
	const char *given = doc_text(finding, "severity");
	for (size_t i = 0; given && i < ARRAY_LEN(severities); i++) {
		size_t len = 0;
		while (given[len] && tolower((unsigned char)given[len]) == severities[i][len])
			len++;
		if (!given[len] && !severities[i][len])
			return severities[i];
	}
	return NULL;
}

static bool copy_finding(const struct doc *from, struct doc *findings)
{
	const char *severity = read_severity(from);
	if (!severity || doc_count(from) != ARRAY_LEN(texts))
		return false;
	struct doc *finding = doc_push_object(findings);
	doc_set_text(finding, texts[0], severity);
	for (size_t i = 1; i < ARRAY_LEN(texts); i++) {
		if (!doc_text(from, texts[i]))
			return false;
		doc_set_text(finding, texts[i], doc_text(from, texts[i]));
	}
	return true;
}

static const char *accept(struct arena *arena, const char *text, struct step *step)
{
	struct doc *answer = NULL;
	const char *trimmed = text_trim(arena, text);
	if (doc_parse(arena, trimmed, strlen(trimmed), &answer))
		return "The provider's analysis is not valid JSON.";
	const struct doc *findings = doc_get(answer, "findings");
	const char *summary = doc_text(answer, "summary");
	if (!doc_int(answer, "score", &step->score) || step->score < 0 || step->score > 100)
		return "The provider's analysis has no score from 0 to 100.";
	if (!summary || doc_type(findings) != DOC_ARRAY || doc_count(answer) != 3)
		return "The provider's analysis does not follow its schema.";
	struct doc *kept = doc_object(arena);
	doc_set_int(kept, "score", step->score);
	doc_set_text(kept, "summary", summary);
	struct doc *list = doc_add_array(kept, "findings");
	for (size_t i = 0; i < doc_count(findings) && i < FINDING_MAX; i++) {
		if (!copy_finding(doc_at(findings, i), list))
			return "A finding of the provider's analysis does not follow its schema.";
	}
	struct buf *output = buf_new(arena, OUTPUT_MAX);
	doc_write(kept, output);
	step->output = output->data;
	return output->failed ? "The provider's analysis is too long." : NULL;
}

static void fill(struct arena *arena, struct doc *d, const struct pipeline *pipeline)
{
	doc_set_text(d, "prompt", pipeline_prompt(pipeline));
}

const struct phase analysis_phase = {
	.name = "prompt_analysis",
	.word = "analysis",
	.is_numbered = true,
	.is_structured = true,
	.usual_bytes = 1500,
	.schema = schema,
	.fill = fill,
	.accept = accept,
};
