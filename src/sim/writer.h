/* writer.h: plausible Markdown prompts, made from the briefing in the request and nothing else. */
#ifndef SIM_WRITER_H
#define SIM_WRITER_H

#include "sim/quality.h"

/* A first draft: it deliberately lacks the sections a first draft usually lacks. */
const char *writer_draft(struct arena *arena, const struct doc *briefing);
/* The whole prompt with sections added for the aspects its findings name (or, where they name
 * none, the next ones missing). briefing may be NULL. */
const char *writer_improve(struct arena *arena, const char *prompt, const char *findings,
    const struct doc *briefing);
/* What is said to a request without a briefing. */
const char *writer_plain(struct arena *arena, const char *question);

#endif
