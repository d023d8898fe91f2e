/* generation.c: the phase that writes the first prompt from the briefing. */
#include "base/text.h"
#include "run/pipeline.h"

/* The briefing stands in the stable part already. */
static void fill(struct arena *arena, struct doc *d, const struct pipeline *pipeline)
{
}

static const char *accept(struct arena *arena, const char *text, struct step *step)
{
	step->output = text_trim(arena, text);
	return *step->output ? NULL : "The provider answered with an empty prompt.";
}

const struct phase generation_phase = {
	.name = "prompt_generation",
	.word = "generation",
	.usual_bytes = 6000,
	.fill = fill,
	.accept = accept,
};
