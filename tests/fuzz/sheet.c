/* sheet.c: an answer of Google, or of whoever stands in for it: the status is the first byte. */
#include "fuzz.h"

#include "base/doc.h"
#include "run/sheet_values.h"
#include "run/sheet_verdict.h"

#define ANSWER_MAX (1u << 20)

static void judge(struct arena *arena, const struct sheet_reply *reply)
{
	const struct sheet_names names = {.spreadsheet = "id", .tab = "tab"};
	struct sheet_verdict verdict = sheet_judge(arena, reply, &names);
	const char *token;
	int64_t good_ms;

	HOLDS(verdict.end == SHEET_DONE || (verdict.problem != NULL && verdict.wait_ms > 0));
	HOLDS(verdict.end != SHEET_DONE || (reply->status >= 200 && reply->status < 300));
	HOLDS(reply->status < 500 || verdict.end == SHEET_UNCLEAR);
	verdict = sheet_judge_token(arena, reply, 0, 0);
	HOLDS(verdict.end != SHEET_UNCLEAR);
	if (sheet_read_token(arena, reply->body, &token, &good_ms)) {
		HOLDS(good_ms >= 0 && strpbrk(token, " \r\n") == NULL);
	}
}

FUZZ(sheet)
{
	static const long statuses[] = {200, 204, 302, 400, 401, 403, 404, 429, 500, 503};
	struct arena *arena = arena_new();
	struct buf *body = buf_new(arena, ANSWER_MAX);
	struct sheet_reply reply = {.has_left = true, .is_whole = true, .detail = "", .body = body};
	struct doc *answer = NULL;
	bool is_shifted = false;
	size_t count = 0;

	if (size == 0) {
		arena_free(arena);
		return 0;
	}
	reply.status = statuses[data[0] % ARRAY_LEN(statuses)];
	buf_add(body, data + 1, size - 1);
	judge(arena, &reply);
	if (!doc_parse(arena, body->data, body->len, &answer)) {
		(void)sheet_read_range(arena, answer, &is_shifted);
		const char *seen = sheet_seen(arena, answer, 1, &count);

		HOLDS(doc_parse(arena, seen, strlen(seen), &answer) == NULL);
		HOLDS(doc_count(answer) <= count);
	}
	arena_free(arena);
	return 0;
}
