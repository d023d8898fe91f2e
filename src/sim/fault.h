/* fault.h: failures on demand: what is to go wrong, and for which request.
 *
 * A spec is KIND[:PROBABILITY | @N | @N-M | xCOUNT][,retry-after=SECONDS][,phase=PHASE]. Each
 * request is shown to every spec in order; the first that fires wins. */
#ifndef SIM_FAULT_H
#define SIM_FAULT_H

#include "base/doc.h"
#include "sim/request.h"

enum fault_kind {
	FAULT_NONE,
	FAULT_429, FAULT_429_SPEND_CAP, FAULT_529, FAULT_500, FAULT_504, FAULT_HTML,
	FAULT_CUT, FAULT_STALL, FAULT_PING_ONLY, FAULT_DRIP, FAULT_ERROR_EVENT, FAULT_NO_STOP,
	FAULT_BAD_JSON, FAULT_BAD_SCHEMA, FAULT_TRUNCATED, FAULT_REFUSAL, FAULT_USAGE_LIES,
	FAULT_USAGE_GROWS, FAULT_USAGE_HUGE, FAULT_WRONG_CONTENT_TYPE, FAULT_HTML_OK,
	FAULT_REDIRECT, FAULT_GZIP, FAULT_RUBBISH, FAULT_FLOOD_TEXT, FAULT_FLOOD_LINE,
	FAULT_FLOOD_PINGS, FAULT_TRICKLE, FAULT_NO_ANSWER, FAULT_CLOSE, FAULT_HEADER_FLOOD,
	FAULT_HEADER_LINE, FAULT_EARLY_HINTS, FAULT_EARLY_HINTS_FLOOD,
	FAULT_KIND_COUNT
};

enum fault_when { FAULT_ALWAYS, FAULT_CHANCE, FAULT_NTH, FAULT_FIRST };

#define FAULT_NO_RETRY_AFTER (-1)

struct fault {
	enum fault_kind kind;
	enum fault_when when;
	int64_t number;        /* parts per million, n or count, as `when` says */
	int64_t last;          /* of a range that begins with n */
	int64_t retry_after_s; /* FAULT_NO_RETRY_AFTER: not given */
	enum phase phase;      /* PHASE_ANY: every request */
	int64_t seen;          /* requests shown to this spec */
	int64_t fired;
	const char *spec;
};

#define FAULT_MAX 32

struct faults {
	struct fault list[FAULT_MAX];
	size_t count;
	uint64_t dice; /* state of the random numbers; a seed makes runs repeat */
};

/* The accepted grammar and kinds, for --help. */
extern const char fault_grammar[];

const char *fault_name(enum fault_kind kind);
/* The spec is copied into the arena. ERR_INVALID names what is wrong. */
const struct err *fault_parse(struct arena *arena, const char *spec, struct fault *fault)
    MUST_CHECK;
/* Adds a spec to the list. */
const struct err *faults_add(struct faults *faults, struct arena *arena, const char *spec)
    MUST_CHECK;
/* Shows a request to every spec; the fault to play, or NULL. */
const struct fault *faults_draw(struct faults *faults, enum phase phase);
/* Every spec with its counts. */
struct doc *faults_doc(struct arena *arena, const struct faults *faults);

#endif
