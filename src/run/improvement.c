/* improvement.c: the phase that rewrites a prompt by the findings of its analysis. */
#include <string.h>

#include "base/text.h"
#include "run/pipeline.h"

#define FINDINGS_MAX (1024 * 1024)

/* The analysis was checked when it was stored. */
static const char *findings_json(struct arena *arena, const char *analysis)
{
	struct buf *json = buf_new(arena, FINDINGS_MAX);
	struct doc *doc = NULL;
	if (doc_parse(arena, analysis, strlen(analysis), &doc) || !doc_get(doc, "findings"))
		return "[]";
	doc_write(doc_get(doc, "findings"), json);
	return json->data;
}

static void fill(struct arena *arena, struct doc *d, const struct pipeline *pipeline)
{
	const struct step *analysis = pipeline_analysis(pipeline);
	doc_set_text(d, "prompt", pipeline_prompt(pipeline));
	doc_set_int(d, "score", analysis->score);
	doc_set_int(d, "target_score", pipeline->target_score);
	doc_set_text(d, "findings", findings_json(arena, analysis->output));
}

static const char *accept(struct arena *arena, const char *text, struct step *step)
{
	step->output = text_trim(arena, text);
	return *step->output ? NULL : "The provider answered with an empty prompt.";
}

const struct phase improvement_phase = {
	.name = "prompt_improvement",
	.word = "improvement",
	.is_numbered = true,
	.usual_bytes = 7000,
	.fill = fill,
	.accept = accept,
};
