/* sheet.h: what the files of the spreadsheet's writer share: sheet.c takes things up, sheet_ask.c
 * asks Google, sheet_settle.c stores what came of it. */
#ifndef RUN_SHEET_H
#define RUN_SHEET_H

#include "model/sheet.h"
#include "run/loop.h"
#include "run/sheet_verdict.h"

#define SHEET_SPACING_MS 1000
#define SHEET_RETRY_MS 2000 /* after an error of the database */
#define SHEET_COMPARE_ROWS 5000

struct sheets {
	const char *spreadsheet; /* NULL: none is set */
	const char *tab, *base, *key_path, *ca_file;
	int64_t timeout_ms, connect_ms, period_ms;

	const char *sheet_id;      /* once it is registered */
	const char *registered_as; /* the runner's id then */
	struct db_rows *registered;
	struct arena *register_arena;

	struct arena *token_arena; /* wiped */
	const char *token;         /* NULL: none */
	int64_t token_until_ms;
	const char *address; /* of the service account; NULL: not known yet */

	/* What is under way: all of it lives in the arena. */
	struct arena *arena;
	bool is_busy;
	struct sheet_taken taken;
	struct sheet_work work;
	enum { WORK_LOOK, WORK_TEST, WORK_COMPARE, WORK_APPEND } kind;
	int64_t taken_ms; /* when it was taken up, at the earliest */
	bool has_headings; /* are sent, too */
	struct sheet_call *call;
	int64_t due_ms;
};

/* sheet_ask.c: sends what was taken up; it ends in sheet_settle. */
void sheet_ask(struct runner *runner);
void sheet_drop_token(struct sheets *sheets);

/* sheet_settle.c: the end of what was taken up. */
void sheet_settle(struct runner *runner, const struct sheet_verdict *verdict);
/* It was not begun: the runner stops. */
void sheet_settle_unbegun(struct runner *runner);
/* Of the order that was taken up: its id, and the row that a comparison goes on with. */
const char *sheet_order_id(const struct sheets *sheets);
int64_t sheet_compare_row(const struct sheets *sheets);

#endif
