/* entry.c: batches of entries: what is wrong with them, and their booking, in two transactions.
 *
 * The first one only reads. Should somebody book one of the keys in between, the second one fails
 * as a whole on the unique key, and both are done again. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "model/entry_inner.h"

#define BATCH_BYTES_MAX (64u << 20) /* more than the longest fields of all lines */
#define TRIES_MAX 20 /* each one lost means that another writer went on */

struct entry_batch *entry_batch_new(struct ctx *ctx, const char *account_id)
{
	struct entry_batch *batch = arena_alloc(ctx->arena, sizeof(*batch));

	batch->ctx = ctx;
	batch->account_id = ctx->access.account_id ? ctx->access.account_id : account_id;
	return batch;
}

void entry_complain(struct entry_batch *batch, size_t at, const char *name,
    const char *sentence)
{
	struct arena *arena = batch->ctx->arena;
	const char *place = batch->places[at];
	size_t order = batch->wrong_count++;
	size_t len = strlen(place);

	if (order >= ENTRY_WRONGS_MAX)
		return;
	while (!name && len > 0 && strchr("/, ", place[len - 1]))
		len--;
	name = name ? arena_printf(arena, "%s%s", place, name) : arena_strndup(arena, place, len);
	batch->wrongs[order] = (struct entry_wrong){at, order, {name, sentence, NULL}};
}

void entry_add(struct entry_batch *batch, const struct doc *entry, const char *place)
{
	size_t at = batch->count++;
	size_t wrongs = batch->wrong_count;

	batch->places[at] = place;
	batch->lines[at] = entry_read(batch, at, entry);
	if (batch->wrong_count > wrongs)
		batch->lines[at] = NULL;
}

void entry_add_broken(struct entry_batch *batch, const char *place, const char *sentence)
{
	size_t at = batch->count++;

	batch->places[at] = place;
	entry_complain(batch, at, NULL, sentence);
}

size_t entry_count(const struct entry_batch *batch)
{
	return batch->count;
}

/* ---- What is wrong. ---- */

static int wrong_compare(const void *a, const void *b)
{
	const struct entry_wrong *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* The first of what is wrong, entry by entry, as one error; NULL: nothing is. */
static const struct err *wrongs_err(struct entry_batch *batch, enum err_kind kind)
{
	struct arena *arena = batch->ctx->arena;
	size_t count = batch->wrong_count;
	size_t told = count < ENTRY_WRONGS_MAX ? count : ENTRY_WRONGS_MAX;
	struct err *err;

	if (count == 0)
		return NULL;
	qsort(batch->wrongs, told, sizeof(batch->wrongs[0]), wrong_compare);
	for (size_t i = 1; i < told; i++)
		batch->wrongs[i - 1].field.next = &batch->wrongs[i].field;
	err = arena_alloc(arena, sizeof(*err));
	err->kind = kind;
	err->fields = &batch->wrongs[0].field;
	if (kind == ERR_CONFLICT)
		err->sentence = "A key stands for another call already.";
	else if (count > told)
		err->sentence = arena_printf(arena, "%zu fields need attention; here are the "
		    "first %zu.", count, told);
	else
		err->sentence = arena_printf(arena, "%zu %s attention.", count,
		    count == 1 ? "field needs" : "fields need");
	return err;
}

/* What the database finds wrong with a line. */
static void row_check(struct entry_batch *batch, const struct db_rows *rows, size_t row)
{
	static const struct {
		const char *column, *field, *sentence;
	} checks[] = {
		{"is_account_unknown", "accountId", "There is no such account."},
		{"is_run_unknown", "pipelineRunId", "There is no such run in this account."},
		{"is_run_of_another", "assistantId", "The run is one of another assistant."},
		{"is_future", "timestamp", "timestamp lies in the future."},
	};
	size_t at = (size_t)db_int(rows, row, "n");

	for (size_t i = 0; i < ARRAY_LEN(checks); i++)
		if (db_bool(rows, row, checks[i].column))
			entry_complain(batch, at, checks[i].field, checks[i].sentence);
}

/* A key that stands for a call with other content. */
static void row_check_key(struct entry_batch *batch, const struct db_rows *rows, size_t row)
{
	const char *differs = db_text(rows, row, "differs");

	if (differs && *differs != '\0')
		entry_complain(batch, (size_t)db_int(rows, row, "n"), "idempotency_key",
		    arena_printf(batch->ctx->arena, "This key stands for another call; what "
		    "differs: %s.", differs));
}

/* ---- Booking. ---- */

static const char *lines_json(struct entry_batch *batch, const struct doc *lines)
{
	struct buf *json = buf_new(batch->ctx->arena, BATCH_BYTES_MAX);

	doc_write(lines, json);
	return json->data;
}

/* Asks what the lines mean; rows are those of the lines that could be read. */
static const struct err *batch_check(struct entry_batch *batch, struct db_rows **rows)
{
	struct doc *lines = doc_array(batch->ctx->arena);
	struct db_tx *tx = ctx_tx(batch->ctx);
	const struct err *err;
	size_t wrongs;

	for (size_t i = 0; i < batch->count; i++)
		if (batch->lines[i])
			doc_push(lines, batch->lines[i]);
	db_add(tx, SQL_ENTRY_PLAN_ANEW);
	*rows = db_add(tx, SQL_ENTRY_CHECK, lines_json(batch, lines));
	db_repeatable(tx);
	err = ctx_run(batch->ctx, tx);
	if (err)
		return err;
	for (size_t row = 0; row < db_count(*rows); row++)
		row_check(batch, *rows, row);
	wrongs = batch->wrong_count;
	for (size_t row = 0; row < db_count(*rows); row++)
		row_check_key(batch, *rows, row);
	return wrongs_err(batch, wrongs > 0 ? ERR_INVALID : ERR_CONFLICT);
}

/* Whether the line of a checked row is to be booked: its key stands for nothing yet. */
static bool row_is_new(const struct db_rows *checked, size_t row)
{
	return !db_text(checked, row, "id") &&
	    db_int(checked, row, "first_n") == db_int(checked, row, "n");
}

/* The new lines, with what the check found out about them; *has_new_assistant as it says. */
static struct doc *new_lines(struct entry_batch *batch, const struct db_rows *checked,
    bool *has_new_assistant)
{
	static const char *const found[] = {"account_id", "run_id", "assistant"};
	struct doc *lines = doc_array(batch->ctx->arena);

	*has_new_assistant = false;
	for (size_t row = 0; row < db_count(checked); row++) {
		struct doc *line = batch->lines[row];

		if (!row_is_new(checked, row))
			continue;
		for (size_t i = 0; i < ARRAY_LEN(found); i++)
			doc_set_text(line, found[i], db_text(checked, row, found[i]));
		*has_new_assistant |= db_bool(checked, row, "is_assistant_new");
		doc_push(lines, line);
	}
	return lines;
}

/* Books the new lines; booked gets a row for each, in order, and is NULL when there is none. */
static const struct err *batch_book(struct entry_batch *batch, const struct db_rows *checked,
    bool is_dry, struct db_rows **booked)
{
	struct db_tx *tx = ctx_tx(batch->ctx);
	bool has_new_assistant;
	struct doc *lines = new_lines(batch, checked, &has_new_assistant);
	const char *json = lines_json(batch, lines);

	*booked = NULL;
	if (doc_count(lines) == 0)
		return NULL;
	if (has_new_assistant && !is_dry)
		db_add(tx, SQL_ENTRY_ASSISTANTS, json);
	db_add(tx, SQL_ENTRY_PLAN_ANEW);
	*booked = db_add(tx, SQL_ENTRY_BOOK, json, is_dry ? "true" : "false");
	/* Sent again after it has happened, it finds its keys taken, and its lines booked. */
	db_repeatable(tx);
	return ctx_run(batch->ctx, tx);
}

/* The row of a booked line, or of the line that its key was booked with before. */
struct result {
	const struct db_rows *rows;
	size_t row;
	bool is_booked;
};

static void result_doc(const struct entry_batch *batch, size_t at, const struct result *result,
    struct doc *entry)
{
	static const char *const names[] = {"cost_usd", "price_status", "price_id"};

	doc_set_text(entry, "id", db_text(result->rows, result->row, "id"));
	doc_set_text(entry, "idempotency_key", doc_text(batch->lines[at], "idempotency_key"));
	doc_set_bool(entry, "booked", result->is_booked);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		doc_set_text(entry, names[i], db_text(result->rows, result->row, names[i]));
}

/* Tells what became of each entry. */
static void results_fill(const struct entry_batch *batch, const struct db_rows *checked,
    const struct db_rows *booked, struct doc *out)
{
	struct result *results = arena_alloc(batch->ctx->arena,
	    (batch->count + 1) * sizeof(*results));
	struct doc *entries = doc_add_array(out, "cost_entries");
	struct doc *totals = doc_add_object(out, "totals");
	size_t taken = 0;
	int64_t unpriced = 0;

	for (size_t row = 0; row < batch->count; row++) {
		if (row_is_new(checked, row)) {
			results[row] = (struct result){booked, taken++, true};
			unpriced += !text_equal(db_text(booked, results[row].row, "price_status"),
			    "priced");
		} else if (db_text(checked, row, "id")) {
			results[row] = (struct result){checked, row, false};
		} else {
			results[row] = results[db_int(checked, row, "first_n")];
			results[row].is_booked = false;
		}
		result_doc(batch, row, &results[row], doc_push_object(entries));
	}
	doc_set_int(totals, "booked", (int64_t)taken);
	doc_set_int(totals, "repeated", (int64_t)(batch->count - taken));
	doc_set_int(totals, "unpriced_calls", unpriced);
	doc_set_text(totals, "cost_usd", taken > 0 ? db_text(booked, 0, "total_usd") :
	    "0.000000000");
}

const struct err *entry_book(struct entry_batch *batch, bool is_dry, struct doc *out)
{
	struct db_rows *checked, *booked;
	const struct err *err = NULL;

	for (int tries = 0; tries < TRIES_MAX; tries++) {
		err = batch_check(batch, &checked);
		if (err)
			return err;
		err = batch_book(batch, checked, is_dry, &booked);
		if (!err)
			results_fill(batch, checked, booked, out);
		if (!err || err->kind != ERR_CONFLICT)
			return err;
	}
	return err;
}
