/* version.c: the last phase: hashes, the injection file, and the new version; no call. */
#include "run/version.h"

#include <string.h>

#include "base/text.h"
#include "base/injection.h"

#define INJECTION_MAX (32 * 1024 * 1024)
#define HASHED_MAX (16 * 1024 * 1024)

const struct phase version_phase = {
	.name = "prompt_version",
	.word = "version",
};

/* Of the canonical form, so that spaces and order of keys do not matter. */
static const char *briefing_hash(struct arena *arena, const char *briefing)
{
	struct doc *doc = NULL;
	struct buf *canonical = buf_new(arena, HASHED_MAX);
	if (doc_parse(arena, briefing, strlen(briefing), &doc))
		buf_text(canonical, briefing);
	else
		doc_write_canonical(doc, canonical);
	return text_sha256(arena, canonical->data, canonical->len);
}

void version_create(struct db_tx *tx, struct arena *arena, const struct job *job,
    const struct pipeline *pipeline)
{
	const struct fence *fence = &job->fence;
	struct buf *injection = buf_new(arena, INJECTION_MAX);
	struct step step;
	int64_t score = 0;
	const char *prompt = pipeline_best(pipeline, &score)->output;
	const char *hash = text_sha256(arena, prompt, strlen(prompt));
	const char *iterations = db_int_param(arena, pipeline_iterations(pipeline));

	injection_write(injection, arena_printf(arena,
	    "Made by promptbuilder in %s; sha256 of the prompt: %s", job->pipeline_id, hash),
	    prompt);
	db_add(tx, SQL_VERSION_CREATE, fence->account_id, fence->run_id, fence->epoch,
	    fence->runner_id, prompt, hash, injection->data, briefing_hash(arena, job->briefing),
	    iterations, db_int_param(arena, score));
	pipeline_next(pipeline, arena, &step);
	step_store(tx, arena, fence, &step.place, arena_printf(arena,
	    "{\"score\": %lld, \"iterations\": %s}", (long long)score, iterations));
}

void version_score(struct db_tx *tx, struct arena *arena, const struct job *job,
    const struct pipeline *pipeline)
{
	const struct fence *fence = &job->fence;
	db_add(tx, SQL_SCORE_STORE, fence->account_id, fence->run_id, fence->epoch,
	    fence->runner_id, db_int_param(arena, pipeline_analysis(pipeline)->score));
}
