/* prompt.h: the question of a step, from the templates in templates/prompts. */
#ifndef RUN_PROMPT_H
#define RUN_PROMPT_H

#include "run/pipeline.h"

struct prompt_source {
	const char *templates; /* the directory */
	const char *model;
	const char *briefing; /* JSON text */
	int64_t max_tokens;
};

struct prompt {
	struct buf *body;
	const char *hash; /* of what is asked */
};

/* Makes the request of a step, in the arena. */
const struct err *prompt_ask(struct arena *arena, const struct prompt_source *source,
    const struct pipeline *pipeline, const struct step *step, struct prompt *prompt) MUST_CHECK;

#endif
