/* version_diff.h: two versions of one assistant: what differs, and what that did. */
#ifndef MODEL_VERSION_DIFF_H
#define MODEL_VERSION_DIFF_H

#include "model/ctx.h"

#define VERSION_DIFF_CONTEXT 3          /* lines around changes */
#define VERSION_DIFF_CONTEXT_ALL INT64_MAX
#define VERSION_DIFF_LINES_MAX 10000    /* of all hunks; what follows is left out */

struct version_diff_ask {
	const char *id;
	const char *against; /* id or name ("v3") of another one of the assistant; NULL: the one
	                        it was made from, else the one before it */
	int64_t context;
	bool is_side;        /* hunks have rows, too: old and new lines side by side */
};

/* version and against, each with score, cost and size; effect, the differences as exact decimals;
 * is_equal, is_coarse (beyond the effort for the shortest difference), is_cut (beyond
 * VERSION_DIFF_LINES_MAX), lines_deleted, lines_inserted; hunks[] with lines[]: kind (keep, delete,
 * insert), old and new number, text without its LF, no_newline if it had none, is_cr if it ends in
 * a CR, and parts[] where words of it changed. ERR_MISSING: no such version, or none to compare
 * with; ERR_GONE: a text is no longer kept. */
const struct err *version_diff(struct ctx *ctx, const struct version_diff_ask *ask,
    struct doc *out) MUST_CHECK;

#endif
