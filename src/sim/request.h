/* request.h: a call of the Messages API, checked as strictly as the provider checks it. */
#ifndef SIM_REQUEST_H
#define SIM_REQUEST_H

#include "sim/block.h"
#include "sim/catalog.h"

/* What a request asks for, told from its form alone: a structured answer is an analysis, a
 * request that carries a <prompt> is an improvement, all else a generation. */
enum phase { PHASE_ANY, PHASE_GENERATION, PHASE_ANALYSIS, PHASE_IMPROVEMENT, PHASE_COUNT };

struct request {
	const struct catalog_model *model;
	bool stream;
	int64_t max_tokens;
	struct blocks blocks;
	const struct doc *schema; /* of a structured answer; NULL: free text */
	const struct doc *stop_sequences;
	const char *prefix_salt; /* parts beside the blocks that a cached prefix depends on */
	int64_t overhead_tokens; /* counted for the schema */
	enum phase phase;
};

const char *phase_name(enum phase phase);
/* Only the three phases a request can have. */
bool phase_from_name(const char *name, enum phase *phase);

/* Reads the body of a create (or, with counting, a count_tokens) call. ERR_INVALID and
 * ERR_MISSING (unknown model) carry the provider's kind of sentence. */
const struct err *request_parse(struct arena *arena, const struct doc *body, bool counting,
    struct request *request) MUST_CHECK;
/* All input tokens, cached or not. */
int64_t request_tokens(const struct request *request);

#endif
