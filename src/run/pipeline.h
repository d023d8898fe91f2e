/* pipeline.h: what a run does next, told from what is done.
 *
 * generation, analysis[1], then improvement[k] and analysis[k+1] until the target score, no more
 * gain, or the iteration limit; last a version of the best prompt. A run that scores a text that is
 * there already is one analysis[1]. */
#ifndef RUN_PIPELINE_H
#define RUN_PIPELINE_H

#include "model/step.h"
#include "run/messages.h"

/* generation, 11 analyses, 10 improvements, version. */
#define PIPELINE_STEPS_MAX 23

struct pipeline;
struct step;

/* What is particular to a phase: one file each. */
struct phase {
	const char *name;     /* "prompt_generation" */
	const char *word;     /* "generation": step key and template */
	bool is_numbered;     /* generation and version happen once */
	bool is_structured;   /* the answer is JSON of the phase's schema */
	size_t usual_bytes;   /* of an answer, to show progress by */
	struct doc *(*schema)(struct arena *arena);
	/* Data of the phase's template, beside the briefing. */
	void (*fill)(struct arena *arena, struct doc *d, const struct pipeline *pipeline);
	/* Takes the answer's text as the step's output. A sentence: why it is no good. */
	const char *(*accept)(struct arena *arena, const char *text, struct step *step);
};

extern const struct phase generation_phase, analysis_phase, improvement_phase, version_phase;

struct step {
	const struct phase *phase;
	int64_t number; /* k, from 1 */
	struct step_place place;
	const char *output;
	int64_t score; /* of an analysis */
};

struct pipeline {
	int64_t target_score;
	int64_t iteration_limit;
	const char *scored; /* the text to score; NULL: the run writes its own */
	struct step steps[PIPELINE_STEPS_MAX]; /* done, in order */
	size_t count;
};

/* The next step, without output; version_phase when nothing is left to call. */
void pipeline_next(const struct pipeline *pipeline, struct arena *arena, struct step *next);
/* Adds a done step. */
void pipeline_add(struct pipeline *pipeline, const struct step *step);
/* The latest prompt's text; NULL: none yet. */
const char *pipeline_prompt(const struct pipeline *pipeline);
/* The latest analysis; NULL: none yet. */
const struct step *pipeline_analysis(const struct pipeline *pipeline);
/* The prompt with the best score, the earliest of equals; *score gets it. */
const struct step *pipeline_best(const struct pipeline *pipeline, int64_t *score);
/* Prompts that were made and scored. */
int64_t pipeline_iterations(const struct pipeline *pipeline);

#endif
