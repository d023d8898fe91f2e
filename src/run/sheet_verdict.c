/* sheet_verdict.c: what an answer of Google means. */
#include "run/sheet_verdict.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

#define SHORTEST_WAIT_MS 1000
#define DOUBLINGS 6
#define LONG_WAIT_MS 600000
/* Nothing but an operator ends these; an order of one is carried out at once. */
#define BLOCKED_WAIT_MS 300000
#define MESSAGE_MAX 300
#define CLOCKS_AGREE_MS 60000
#define TOKEN_BYTES_MAX 4096
#define TOKEN_LONGEST_S 86400
/* A token is not used to its end. */
#define TOKEN_SPARE_S 300

int64_t sheet_wait_ms(int64_t failures)
{
	return failures > DOUBLINGS ? LONG_WAIT_MS : (int64_t)SHORTEST_WAIT_MS << failures;
}

/* The answer as a document; NULL: it is HTML, or nothing that can be read. */
static struct doc *read_body(struct arena *arena, const struct sheet_reply *reply)
{
	struct doc *doc = NULL;
	if (!reply->is_whole || !reply->body || reply->body->len == 0)
		return NULL;
	return doc_parse(arena, reply->body->data, reply->body->len, &doc) ? NULL : doc;
}

/* What Google says of an error; NULL: nothing that can be read. */
static const char *message_of(struct arena *arena, const struct doc *error)
{
	const char *message = doc_text(error, "message");
	return message && text_is_clean(message, strlen(message))
	    ? text_cut(arena, message, MESSAGE_MAX) : NULL;
}

static bool says(const char *message, const char *words)
{
	return message && strcasestr(message, words) != NULL;
}

static struct sheet_verdict failed(enum sheet_end end, int64_t wait_ms, const char *problem)
{
	return (struct sheet_verdict){.end = end, .wait_ms = wait_ms, .problem = problem};
}

static struct sheet_verdict blocked(const char *problem)
{
	return (struct sheet_verdict){.end = SHEET_NOT, .wait_ms = BLOCKED_WAIT_MS,
		.problem = problem, .is_blocked = true};
}

static struct sheet_verdict judge_400(struct arena *arena, const char *message,
    const struct sheet_names *names)
{
	if (says(message, "exceeds grid limits"))
		return (struct sheet_verdict){.end = SHEET_NOT, .is_past_end = true,
			.wait_ms = BLOCKED_WAIT_MS, .problem = "The tab has no such rows."};
	if (says(message, "unable to parse range"))
		return blocked(arena_printf(arena, "The spreadsheet has no tab \"%s\": add one "
		    "of this name, or set GOOGLE_SHEETS_TAB.", names->tab));
	if (says(message, "number of cells"))
		return blocked("The spreadsheet is full: set another one in GOOGLE_SHEETS_ID, or "
		    "take rows out of it.");
	if (says(message, "not supported for this document"))
		return blocked("The document is no Google spreadsheet: save the file as one, and "
		    "set its ID in GOOGLE_SHEETS_ID.");
	return blocked(arena_printf(arena, "Google refuses the request: %s",
	    message ? message : "it does not say why."));
}

static struct sheet_verdict judge_403(struct arena *arena, const char *message,
    const struct sheet_names *names)
{
	if (says(message, "has not been used") || says(message, "is disabled"))
		return blocked("The Google Sheets API is off in the project of the service "
		    "account: enable it in the Google Cloud console.");
	if (says(message, "protected"))
		return blocked(arena_printf(arena, "The tab \"%s\" is protected: let %s edit it.",
		    names->tab, names->address ? names->address : "the service account"));
	return blocked(arena_printf(arena, "The spreadsheet is not shared: share it with %s as "
	    "Editor.", names->address ? names->address : "the service account"));
}

static struct sheet_verdict judge_status(struct arena *arena, const struct sheet_reply *reply,
    const struct sheet_names *names)
{
	const struct doc *error = doc_get(read_body(arena, reply), "error");
	const char *message = message_of(arena, error);
	int64_t wait_ms = sheet_wait_ms(names->failures);
	if (reply->retry_after_ms > wait_ms)
		wait_ms = reply->retry_after_ms;
	switch (reply->status) {
	case 400:
		return judge_400(arena, message, names);
	case 401:
		return (struct sheet_verdict){.end = SHEET_NOT, .is_token_bad = true,
			.wait_ms = wait_ms, .problem = "Google does not accept its own token: the "
			"key may have been deleted, or the account disabled."};
	case 403:
		if (!says(doc_text(error, "status"), "RESOURCE_EXHAUSTED")
		    && !says(message, "quota") && !says(message, "rate limit"))
			return judge_403(arena, message, names);
		break;
	case 404:
		return blocked(arena_printf(arena, "There is no spreadsheet with the ID %s: "
		    "GOOGLE_SHEETS_ID is what its address has between /d/ and /edit.",
		    names->spreadsheet));
	default:
		if (reply->status >= 500)
			return failed(SHEET_UNCLEAR, wait_ms, arena_printf(arena,
			    "Google answered with status %ld.", reply->status));
		if (reply->status != 429)
			return blocked(arena_printf(arena, "Google answered with status %ld%s%s",
			    reply->status, message ? ": " : ".", message ? message : ""));
		break;
	}
	return failed(SHEET_NOT, wait_ms, "Google's quota of requests a minute is used up: rows "
	    "wait for the next one.");
}

struct sheet_verdict sheet_judge(struct arena *arena, const struct sheet_reply *reply,
    const struct sheet_names *names)
{
	int64_t wait_ms = sheet_wait_ms(names->failures);
	const struct doc *answer;
	if (reply->is_too_large)
		return failed(SHEET_UNCLEAR, wait_ms, "Google's answer is too large.");
	if (reply->status >= 300)
		return judge_status(arena, reply, names);
	if (reply->status >= 200 && reply->is_whole) {
		answer = read_body(arena, reply);
		return answer ? (struct sheet_verdict){.end = SHEET_DONE, .answer = answer}
		    : failed(SHEET_UNCLEAR, wait_ms, "Google's answer cannot be read.");
	}
	return failed(reply->has_left ? SHEET_UNCLEAR : SHEET_NOT, wait_ms, arena_printf(arena,
	    "Google does not answer: %s.", text_cut(arena, reply->detail, MESSAGE_MAX)));
}

/* ---- Tokens. ---- */

static struct sheet_verdict judge_grant(struct arena *arena, const struct sheet_reply *reply,
    int64_t wall_ms)
{
	const struct doc *doc = read_body(arena, reply);
	const char *code = doc_text(doc, "error");
	const char *message = doc_text(doc, "error_description");
	int64_t apart_ms = reply->date_ms > 0 ? wall_ms - reply->date_ms : 0;
	if (message && !text_is_clean(message, strlen(message)))
		message = NULL;
	if (apart_ms > CLOCKS_AGREE_MS || apart_ms < -CLOCKS_AGREE_MS)
		return blocked(arena_printf(arena, "Google refuses the key's signature because "
		    "this machine's clock is %lld s %s: set it, and keep it set (NTP).",
		    (long long)(apart_ms > 0 ? apart_ms : -apart_ms) / 1000,
		    apart_ms > 0 ? "fast" : "slow"));
	if (says(message, "timeframe") || says(message, "iat"))
		return blocked("Google refuses the key's signature because of its time: set this "
		    "machine's clock, and keep it set (NTP).");
	if (says(code, "invalid_grant") || says(code, "invalid_client")
	    || says(code, "unauthorized_client"))
		return blocked(arena_printf(arena, "Google does not know the key (%s): make a new "
		    "one for the service account, and set it in GOOGLE_APPLICATION_CREDENTIALS.",
		    text_cut(arena, message ? message : code, MESSAGE_MAX)));
	return blocked(arena_printf(arena, "Google gives no token: status %ld%s%s.", reply->status,
	    message ? ", " : "", message ? text_cut(arena, message, MESSAGE_MAX) : ""));
}

struct sheet_verdict sheet_judge_token(struct arena *arena, const struct sheet_reply *reply,
    int64_t failures, int64_t wall_ms)
{
	int64_t wait_ms = sheet_wait_ms(failures), good_ms;
	const char *token;
	if (reply->retry_after_ms > wait_ms)
		wait_ms = reply->retry_after_ms;
	if (reply->status == 429 || reply->status >= 500)
		return failed(SHEET_NOT, wait_ms, arena_printf(arena,
		    "Google gives no token now: status %ld.", reply->status));
	if (reply->status >= 300)
		return judge_grant(arena, reply, wall_ms);
	if (reply->status >= 200 && reply->is_whole) {
		if (sheet_read_token(arena, reply->body, &token, &good_ms))
			return (struct sheet_verdict){.end = SHEET_DONE};
		return failed(SHEET_NOT, wait_ms, "Google's answer has no token.");
	}
	return failed(SHEET_NOT, wait_ms, arena_printf(arena, "Google gives no token: %s.",
	    reply->is_too_large ? "its answer is too large"
	    : text_cut(arena, reply->detail, MESSAGE_MAX)));
}

/* What may stand in a header. */
static bool is_token(const char *text)
{
	size_t len = text ? strlen(text) : 0;
	for (size_t i = 0; i < len; i++) {
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	}
	return len > 0 && len <= TOKEN_BYTES_MAX;
}

bool sheet_read_token(struct arena *arena, const struct buf *body, const char **token,
    int64_t *good_ms)
{
	struct doc *doc = NULL;
	int64_t seconds = 0;
	if (doc_parse(arena, body->data, body->len, &doc))
		return false;
	*token = doc_text(doc, "access_token");
	if (!doc_int(doc, "expires_in", &seconds) || seconds < 1)
		seconds = TOKEN_SPARE_S; /* for a moment */
	if (seconds > TOKEN_LONGEST_S)
		seconds = TOKEN_LONGEST_S;
	*good_ms = (seconds > 2 * TOKEN_SPARE_S ? seconds - TOKEN_SPARE_S : seconds / 2) * 1000;
	return is_token(*token);
}
