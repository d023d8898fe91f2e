/* sheet_ask.c: the requests of the spreadsheet's writer: for a token, then for what was taken
 * up. */
#include "run/sheet.h"

#include "base/clock.h"
#include "base/service_key.h"
#include "base/text.h"
#include "run/fault.h"
#include "run/sheet_token.h"
#include "run/sheet_values.h"

#define TOKEN_ANSWER_MAX (64u << 10)
#define APPEND_ANSWER_MAX (256u << 10)
#define COLUMN_ANSWER_MAX (32u << 20)
#define ROWS_ANSWER_MAX (16u << 20)

/* Milliseconds that are left: a request that ends later than this after it was taken up might be
 * under way when its rows are looked for. */
static int64_t left_ms(const struct sheets *sheets)
{
	return sheets->taken_ms + sheets->timeout_ms - clock_ms();
}

void sheet_drop_token(struct sheets *sheets)
{
	sheets->token = NULL;
	arena_wipe(sheets->token_arena);
	arena_reset(sheets->token_arena);
}

static void on_answered(void *arg, const struct sheet_reply *reply)
{
	struct runner *runner = arg;
	struct sheets *sheets = runner->sheets;
	const struct sheet_names names = {
		.address = sheets->address,
		.spreadsheet = sheets->spreadsheet,
		.tab = sheets->tab,
		.failures = db_int(sheets->taken.taken, 0, "failures"),
	};
	struct sheet_verdict verdict = sheet_judge(sheets->arena, reply, &names);
	FAULT_POINT("appended");
	sheets->call = NULL;
	if (verdict.is_token_bad)
		sheet_drop_token(sheets);
	sheet_settle(runner, &verdict);
}

static const char *url_of(const struct sheets *sheets, const char *range, const char *query)
{
	return arena_printf(sheets->arena, "%s%s", sheet_url(sheets->arena, sheets->base,
	    sheets->spreadsheet, sheets->tab, range), query);
}

static void fill_request(struct sheets *sheets, struct sheet_request *request)
{
	static const char append[] = ":append?valueInputOption=RAW&insertDataOption=INSERT_ROWS"
	    "&includeValuesInResponse=false";
	const struct sheet_taken *taken = &sheets->taken;
	const char *head = "A1:" SHEET_LAST_COLUMN "1";
	request->content_type = "application/json";
	switch (sheets->kind) {
	case WORK_LOOK:
		request->url = url_of(sheets, "A:A",
		    "?majorDimension=COLUMNS&valueRenderOption=UNFORMATTED_VALUE");
		request->answer_max = COLUMN_ANSWER_MAX;
		break;
	case WORK_COMPARE:
		request->url = url_of(sheets, arena_printf(sheets->arena,
		    "A%lld:" SHEET_LAST_COLUMN "%lld", (long long)sheet_compare_row(sheets),
		    (long long)sheet_compare_row(sheets) + SHEET_COMPARE_ROWS - 1),
		    "?majorDimension=ROWS&valueRenderOption=UNFORMATTED_VALUE");
		request->answer_max = ROWS_ANSWER_MAX;
		break;
	case WORK_TEST:
		request->url = url_of(sheets, head, append);
		request->body = sheet_test_body(sheets->arena,
		    arena_printf(sheets->arena, "test %s", sheet_order_id(sheets)),
		    db_text(taken->order, 0, "date"), db_text(taken->order, 0, "requested_by"),
		    sheets->has_headings);
		request->answer_max = APPEND_ANSWER_MAX;
		break;
	case WORK_APPEND:
		request->url = url_of(sheets, head, append);
		request->body = sheet_body(sheets->arena, taken->rows, sheets->has_headings);
		request->answer_max = APPEND_ANSWER_MAX;
		break;
	}
}

static void ask(struct runner *runner)
{
	struct sheets *sheets = runner->sheets;
	struct sheet_request request = {
		.token = sheets->token,
		.ca_file = sheets->ca_file,
		.connect_ms = sheets->connect_ms,
		.timeout_ms = left_ms(sheets),
	};
	if (request.timeout_ms < sheets->timeout_ms / 2) {
		sheet_settle(runner, &(struct sheet_verdict){.end = SHEET_NOT,
			.wait_ms = SHEET_SPACING_MS, .problem = "This machine is too slow: a "
			"request was given up before it was sent."});
		return;
	}
	fill_request(sheets, &request);
	sheets->call = sheet_call_start(runner->caller, sheets->arena, &request, on_answered,
	    runner);
}

/* ---- Tokens. ---- */

static void on_token(void *arg, const struct sheet_reply *reply)
{
	struct runner *runner = arg;
	struct sheets *sheets = runner->sheets;
	const char *token = NULL;
	int64_t good_ms = 0;
	struct sheet_verdict verdict = sheet_judge_token(sheets->arena, reply,
	    db_int(sheets->taken.taken, 0, "failures"), clock_wall_ms());
	sheets->call = NULL;
	arena_wipe(sheets->arena);
	if (verdict.end != SHEET_DONE
	    || !sheet_read_token(sheets->arena, reply->body, &token, &good_ms)) {
		sheet_settle(runner, &verdict);
		return;
	}
	sheets->token = arena_strdup(sheets->token_arena, token);
	sheets->token_until_ms = clock_ms() + good_ms;
	ask(runner);
}

static void ask_token(struct runner *runner)
{
	struct sheets *sheets = runner->sheets;
	struct service_key key;
	const char *form = NULL;
	const struct err *err = service_key_read(sheets->arena, sheets->key_path, &key);
	arena_wipe(sheets->arena);
	sheet_drop_token(sheets);
	if (!err)
		sheets->address = arena_strdup(runner->arena, key.address);
	if (!err)
		err = sheet_token_form(sheets->arena, &key, clock_wall_ms() / 1000, &form);
	service_key_wipe(&key);
	if (err) {
		sheet_settle(runner, &(struct sheet_verdict){.end = SHEET_NOT, .is_blocked = true,
			.wait_ms = sheet_wait_ms(INT64_MAX), .problem = err->sentence});
		return;
	}
	const struct sheet_request request = {
		.url = key.token_url,
		.content_type = "application/x-www-form-urlencoded",
		.body = form,
		.ca_file = sheets->ca_file,
		.connect_ms = sheets->connect_ms,
		.timeout_ms = left_ms(sheets),
		.answer_max = TOKEN_ANSWER_MAX,
	};
	sheets->call = sheet_call_start(runner->caller, sheets->arena, &request, on_token, runner);
}

void sheet_ask(struct runner *runner)
{
	const struct sheets *sheets = runner->sheets;
	if (sheets->token && clock_ms() < sheets->token_until_ms)
		ask(runner);
	else
		ask_token(runner);
}
