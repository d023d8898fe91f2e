/* pipeline.c: the order of the phases and the rule that ends the loop. */
#include "run/pipeline.h"

static const struct step *last_of(const struct pipeline *pipeline, const struct phase *a,
    const struct phase *b)
{
	for (size_t i = pipeline->count; i-- > 0;) {
		const struct step *step = &pipeline->steps[i];
		if (step->phase == a || step->phase == b)
			return step;
	}
	return NULL;
}

const char *pipeline_prompt(const struct pipeline *pipeline)
{
	const struct step *step = last_of(pipeline, &generation_phase, &improvement_phase);
	return step ? step->output : pipeline->scored;
}

const struct step *pipeline_analysis(const struct pipeline *pipeline)
{
	return last_of(pipeline, &analysis_phase, &analysis_phase);
}

int64_t pipeline_iterations(const struct pipeline *pipeline)
{
	const struct step *analysis = pipeline_analysis(pipeline);
	return analysis ? analysis->number : 0;
}

/* A prompt is followed by its analysis. */
const struct step *pipeline_best(const struct pipeline *pipeline, int64_t *score)
{
	const struct step *best = NULL;
	for (size_t i = 1; i < pipeline->count; i++) {
		const struct step *step = &pipeline->steps[i];
		if (step->phase == &analysis_phase && (!best || step->score > *score)) {
			best = step - 1;
			*score = step->score;
		}
	}
	return best;
}

/* The analysis before the latest one, which stands two steps earlier. */
static bool gained(const struct pipeline *pipeline)
{
	const struct step *latest = &pipeline->steps[pipeline->count - 1];
	return latest->number == 1 || latest->score > (latest - 2)->score;
}

static bool goes_on(const struct pipeline *pipeline)
{
	const struct step *latest = &pipeline->steps[pipeline->count - 1];
	int64_t improvements = latest->number - 1;
	return !pipeline->scored && latest->score < pipeline->target_score
	    && improvements < pipeline->iteration_limit && gained(pipeline);
}

void pipeline_next(const struct pipeline *pipeline, struct arena *arena, struct step *next)
{
	const struct step *latest = pipeline->count ? &pipeline->steps[pipeline->count - 1] : NULL;
	*next = (struct step){
		.phase = pipeline->scored ? &analysis_phase : &generation_phase, .number = 1};
	if (latest && latest->phase == &analysis_phase) {
		next->phase = goes_on(pipeline) ? &improvement_phase : &version_phase;
		next->number = latest->number;
	} else if (latest) {
		next->phase = &analysis_phase;
		next->number = pipeline_iterations(pipeline) + 1;
	}
	next->place = (struct step_place){
		.key = next->phase->is_numbered
		    ? arena_printf(arena, "%s[%lld]", next->phase->word, (long long)next->number)
		    : next->phase->word,
		.name = next->phase->name,
		.order = (int64_t)pipeline->count + 1,
	};
}

void pipeline_add(struct pipeline *pipeline, const struct step *step)
{
	if (pipeline->count < PIPELINE_STEPS_MAX)
		pipeline->steps[pipeline->count++] = *step;
}
