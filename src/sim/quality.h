/* quality.h: what a good system prompt contains, and how much of it a text has.
 *
 * One table of aspects serves the writer, who adds sections, and the reviewer, who misses them. */
#ifndef SIM_QUALITY_H
#define SIM_QUALITY_H

#include "base/doc.h"

enum aspect {
	ASPECT_ROLE, ASPECT_AUDIENCE, ASPECT_TONE, ASPECT_LANGUAGE, ASPECT_CHANNELS,
	ASPECT_FACTS, ASPECT_RULES, ASPECT_EXAMPLES, ASPECT_EDGES, ASPECT_ESCALATION,
	ASPECT_PRIVACY, ASPECT_CHECKLIST,
	ASPECT_COUNT
};

#define REVIEW_FINDING_MAX 3

struct finding {
	enum aspect aspect;
	const char *severity;
};

struct review {
	int64_t score; /* 0 to 100 */
	const char *summary;
	struct finding findings[REVIEW_FINDING_MAX]; /* the weightiest first */
	size_t finding_count;
};

const char *aspect_area(enum aspect aspect);       /* "edge cases" */
const char *aspect_heading(enum aspect aspect);    /* "Edge cases" */
const char *aspect_finding(enum aspect aspect);    /* what is missing */
const char *aspect_suggestion(enum aspect aspect); /* what to add */
/* Whether the prompt has a section on it: a heading that names it, with a text below. */
bool aspect_present(const char *prompt, enum aspect aspect);

/* Whether a text, such as a list of findings, names the aspect's area. */
bool aspect_named(const char *text, enum aspect aspect);

/* Judges a prompt. Facts and rules of the briefing (NULL: unknown) that the prompt lost cost
 * points. The same text always gets the same score. */
void quality_review(struct arena *arena, const char *prompt, const struct doc *briefing,
    struct review *review);

#endif
