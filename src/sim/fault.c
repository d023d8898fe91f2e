/* fault.c: reads fault specs and decides which request fails, repeatably. */
#include "sim/fault.h"

#include <string.h>

#include "base/text.h"

#define MILLION INT64_C(1000000)

static const char *const kind_names[FAULT_KIND_COUNT] = {
	[FAULT_NONE] = "none",
	[FAULT_429] = "429",
	[FAULT_429_SPEND_CAP] = "429-spend-cap",
	[FAULT_529] = "529",
	[FAULT_500] = "500",
	[FAULT_504] = "504",
	[FAULT_HTML] = "html",
	[FAULT_CUT] = "cut",
	[FAULT_STALL] = "stall",
	[FAULT_PING_ONLY] = "ping-only",
	[FAULT_DRIP] = "drip",
	[FAULT_ERROR_EVENT] = "error-event",
	[FAULT_NO_STOP] = "no-stop",
	[FAULT_BAD_JSON] = "bad-json",
	[FAULT_BAD_SCHEMA] = "bad-schema",
	[FAULT_TRUNCATED] = "truncated",
	[FAULT_REFUSAL] = "refusal",
	[FAULT_USAGE_LIES] = "usage-lies",
	[FAULT_USAGE_GROWS] = "usage-grows",
	[FAULT_USAGE_HUGE] = "usage-huge",
	[FAULT_WRONG_CONTENT_TYPE] = "wrong-content-type",
	[FAULT_HTML_OK] = "html-ok",
	[FAULT_REDIRECT] = "redirect",
	[FAULT_GZIP] = "gzip",
	[FAULT_RUBBISH] = "rubbish",
	[FAULT_FLOOD_TEXT] = "flood-text",
	[FAULT_FLOOD_LINE] = "flood-line",
	[FAULT_FLOOD_PINGS] = "flood-pings",
	[FAULT_TRICKLE] = "trickle",
	[FAULT_NO_ANSWER] = "no-answer",
	[FAULT_CLOSE] = "close",
	[FAULT_HEADER_FLOOD] = "header-flood",
	[FAULT_HEADER_LINE] = "header-line",
	[FAULT_EARLY_HINTS] = "early-hints",
	[FAULT_EARLY_HINTS_FLOOD] = "early-hints-flood",
};

const char fault_grammar[] =
    "SPEC is KIND[WHEN][,retry-after=SECONDS][,phase=PHASE]\n"
    "  WHEN   :P  with probability P (0 to 1)   @N  the N-th request only\n"
    "         xN  the first N requests          @N-M  from the N-th to the M-th\n"
    "         nothing: every request\n"
    "  PHASE  generation, analysis or improvement: other requests are not counted\n"
    "  KIND   429            rate limit, with retry-after (1 unless given)\n"
    "         429-spend-cap  enforced_spend_limit_reached, without retry-after\n"
    "         529 500 504    overloaded_error, api_error, timeout_error\n"
    "         html           502 with an HTML page, as a proxy answers\n"
    "         cut            connection closed in the middle of the answer\n"
    "         stall          silence in the middle of the answer, for ever\n"
    "         ping-only      nothing but pings after message_start, for ever\n"
    "         drip           the answer arrives a few bytes at a time\n"
    "         error-event    overloaded_error inside a 200 stream\n"
    "         no-stop        the stream ends without message_stop\n"
    "         bad-json       a structured answer that is not JSON\n"
    "         bad-schema     a structured answer that breaks its schema\n"
    "         truncated      half the text, stop_reason max_tokens\n"
    "         refusal        no text, stop_reason refusal\n"
    "         usage-lies     negative token counts\n"
    "         usage-grows    input counts that grow between message_start and message_delta\n"
    "         usage-huge     token counts beyond all measure\n"
    "         wrong-content-type  the right bytes called text/plain\n"
    "         html-ok        200 with an HTML page, as a sign-in page in between answers\n"
    "         redirect       302 to another address\n"
    "         gzip           the answer claims to be compressed\n"
    "         rubbish        an event that is not JSON\n"
    "         flood-text     text without end    flood-line   a line without end\n"
    "         flood-pings    pings without end, as fast as they go\n"
    "         trickle        after message_start a byte now and then, never an event\n"
    "         no-answer      takes the request and says nothing\n"
    "         close          closes the connection instead of an answer\n"
    "         header-flood   header lines without end   header-line  one without end\n"
    "         early-hints    the right answer after some 103 responses\n"
    "         early-hints-flood  103 responses without end\n"
    "  Examples: 429x2,retry-after=1   529:0.3   cut@3   bad-json@1,phase=analysis\n";

const char *fault_name(enum fault_kind kind)
{
	return kind_names[kind];
}

/* "0.25" to parts per million; at most six decimals, between 0 and 1. */
static bool chance_from_text(struct arena *arena, const char *text, int64_t *ppm)
{
	const char *point = strchr(text, '.');
	int64_t whole = 0, part = 0;
	const char *head = point ? arena_strndup(arena, text, (size_t)(point - text)) : text;
	if (*head && !text_to_int(head, 0, 1, &whole))
		return false;
	if (!*head && !point)
		return false;
	if (point) {
		size_t digits = strlen(point + 1);
		if (digits < 1 || digits > 6 || !text_to_int(point + 1, 0, MILLION, &part))
			return false;
		for (; digits < 6; digits++)
			part *= 10;
	}
	*ppm = whole * MILLION + part;
	return *ppm <= MILLION;
}

/* The longest kind that begins text; its length in *len. */
static enum fault_kind kind_from_text(const char *text, size_t *len)
{
	enum fault_kind best = FAULT_NONE;
	*len = 0;
	for (int kind = FAULT_NONE + 1; kind < FAULT_KIND_COUNT; kind++) {
		size_t name_len = strlen(kind_names[kind]);
		if (name_len > *len && text_starts_with(text, kind_names[kind])) {
			best = (enum fault_kind)kind;
			*len = name_len;
		}
	}
	return best;
}

/* "3" or "3-20". */
static bool range_from_text(struct arena *arena, const char *text, struct fault *fault)
{
	const char *dash = strchr(text, '-');
	const char *first = dash ? arena_strndup(arena, text, (size_t)(dash - text)) : text;
	if (!text_to_int(first, 1, INT32_MAX, &fault->number))
		return false;
	fault->last = fault->number;
	return !dash || text_to_int(dash + 1, fault->number, INT32_MAX, &fault->last);
}

static bool when_from_text(struct arena *arena, const char *text, struct fault *fault)
{
	switch (*text) {
	case '\0':
		fault->when = FAULT_ALWAYS;
		return true;
	case ':':
		fault->when = FAULT_CHANCE;
		return chance_from_text(arena, text + 1, &fault->number);
	case '@':
		fault->when = FAULT_NTH;
		return range_from_text(arena, text + 1, fault);
	case 'x':
		fault->when = FAULT_FIRST;
		return text_to_int(text + 1, 1, INT32_MAX, &fault->number);
	default:
		return false;
	}
}

static bool option_read(const char *option, struct fault *fault)
{
	if (text_starts_with(option, "retry-after="))
		return text_to_int(option + strlen("retry-after="), 0, 86400,
		    &fault->retry_after_s);
	if (text_starts_with(option, "phase="))
		return phase_from_name(option + strlen("phase="), &fault->phase);
	return false;
}

const struct err *fault_parse(struct arena *arena, const char *spec, struct fault *fault)
{
	*fault = (struct fault){.retry_after_s = FAULT_NO_RETRY_AFTER, .phase = PHASE_ANY,
	    .spec = arena_strdup(arena, spec)};
	char *rest = arena_strdup(arena, spec);
	size_t kind_len;
	char *options = strchr(rest, ',');
	if (options)
		*options++ = '\0';
	fault->kind = kind_from_text(rest, &kind_len);
	if (fault->kind == FAULT_NONE)
		return err_new(arena, ERR_INVALID, "Unknown fault \"%s\".",
		    text_cut(arena, spec, 60));
	if (!when_from_text(arena, rest + kind_len, fault))
		return err_new(arena, ERR_INVALID,
		    "Fault \"%s\": after the kind comes :PROBABILITY, @N, @N-M, xCOUNT or nothing.",
		    text_cut(arena, spec, 60));
	while (options) {
		char *next = strchr(options, ',');
		if (next)
			*next++ = '\0';
		if (!option_read(options, fault))
			return err_new(arena, ERR_INVALID,
			    "Fault \"%s\": unknown or wrong option \"%s\".",
			    text_cut(arena, spec, 60), text_cut(arena, options, 40));
		options = next;
	}
	return NULL;
}

const struct err *faults_add(struct faults *faults, struct arena *arena, const char *spec)
{
	if (faults->count == FAULT_MAX)
		return err_new(arena, ERR_LIMIT, "At most %d faults.", FAULT_MAX);
	const struct err *err = fault_parse(arena, spec, &faults->list[faults->count]);
	if (!err)
		faults->count++;
	return err;
}

/* A number below one million: splitmix64, which any seed suits. */
static int64_t dice_roll(uint64_t *state)
{
	*state += UINT64_C(0x9E3779B97F4A7C15);
	uint64_t mix = *state;
	mix = (mix ^ (mix >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	mix = (mix ^ (mix >> 27)) * UINT64_C(0x94D049BB133111EB);
	return (int64_t)((mix ^ (mix >> 31)) % (uint64_t)MILLION);
}

static bool fault_fires(struct fault *fault, uint64_t *dice)
{
	fault->seen++;
	switch (fault->when) {
	case FAULT_CHANCE:
		return dice_roll(dice) < fault->number;
	case FAULT_NTH:
		return fault->seen >= fault->number && fault->seen <= fault->last;
	case FAULT_FIRST:
		return fault->fired < fault->number;
	default:
		return true;
	}
}

const struct fault *faults_draw(struct faults *faults, enum phase phase)
{
	struct fault *drawn = NULL;
	for (size_t i = 0; i < faults->count; i++) {
		struct fault *fault = &faults->list[i];
		if (fault->phase != PHASE_ANY && fault->phase != phase)
			continue;
		/* Later specs still count the request, so that @N means the N-th of all. */
		if (fault_fires(fault, &faults->dice) && !drawn)
			drawn = fault;
	}
	if (drawn)
		drawn->fired++;
	return drawn;
}

struct doc *faults_doc(struct arena *arena, const struct faults *faults)
{
	struct doc *doc = doc_object(arena);
	struct doc *list = doc_add_array(doc, "faults");
	for (size_t i = 0; i < faults->count; i++) {
		struct doc *row = doc_push_object(list);
		doc_set_text(row, "spec", faults->list[i].spec);
		doc_set_int(row, "seen", faults->list[i].seen);
		doc_set_int(row, "fired", faults->list[i].fired);
	}
	return doc;
}
