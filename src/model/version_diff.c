/* version_diff.c: the difference of two versions as a document: figures, hunks, lines, words. */
#include "model/version_diff.h"

#include <string.h>

#include "base/diff.h"
#include "base/text.h"
#include "model/version.h"

#define WORDS_EFFORT (DIFF_EFFORT / 2)
#define WORD_BYTES_MAX (1u << 20) /* of lines whose words are compared */
#define PARTS_MAX 50000
/* Lines that have less in common, in percent of their bytes, are not told apart by words. */
#define ALIKE_PERCENT 40

/* ---- Lines. ---- */

struct writer {
	struct arena *arena;
	const struct diff *diff;
	bool is_side;
	int64_t effort;     /* that is left for words */
	size_t bytes_left, parts_left, lines_left;
};

static size_t text_bytes(const struct diff_piece *line)
{
	return line->len - (line->len > 0 && line->text[line->len - 1] == '\n');
}

static size_t kept_bytes(const struct diff_side *side)
{
	size_t bytes = 0;

	for (size_t i = 0; i < side->count; i++)
		bytes += side->pieces[i].is_kept ? side->pieces[i].len : 0;
	return bytes;
}

/* The words of a deleted line and of the one that is in its place; NULL: they have too little in
 * common, or too much has been compared already. */
static struct diff *pair_words(struct writer *writer, size_t old, size_t new)
{
	const struct diff_piece *a = &writer->diff->old.pieces[old];
	const struct diff_piece *b = &writer->diff->new.pieces[new];
	size_t bytes = text_bytes(a) + text_bytes(b);
	struct diff *words;

	if (bytes > writer->bytes_left)
		return NULL;
	writer->bytes_left -= bytes;
	words = arena_alloc(writer->arena, sizeof(*words));
	diff_words(writer->arena, a->text, text_bytes(a), &words->old);
	diff_words(writer->arena, b->text, text_bytes(b), &words->new);
	if (words->old.count + words->new.count > writer->parts_left)
		return NULL;
	diff_compare(words, &writer->effort);
	if ((kept_bytes(&words->old) + kept_bytes(&words->new)) * 100 < bytes * ALIKE_PERCENT)
		return NULL;
	writer->parts_left -= words->old.count + words->new.count;
	return words;
}

/* Neighbouring words of one kind are one part. */
static void parts_add(struct writer *writer, const struct diff_side *words, struct doc *line)
{
	struct doc *parts = doc_add_array(line, "parts");

	for (size_t from = 0, to; from < words->count; from = to) {
		bool is_kept = words->pieces[from].is_kept;
		size_t len = 0;
		struct doc *part = doc_push_object(parts);

		for (to = from; to < words->count && words->pieces[to].is_kept == is_kept; to++)
			len += words->pieces[to].len;
		doc_set_text(part, "text", arena_strndup(writer->arena, words->pieces[from].text,
		    len));
		doc_set_bool(part, "is_changed", !is_kept);
	}
}

/* A place in both sides. */
struct place {
	size_t old, new;
};

enum kind { KEEP, DELETE, INSERT };

static struct doc *line_doc(struct writer *writer, enum kind kind, struct place at,
    const struct diff *words)
{
	static const char *const names[] = {"keep", "delete", "insert"};
	const struct diff_piece *line = kind == INSERT ? &writer->diff->new.pieces[at.new] :
	    &writer->diff->old.pieces[at.old];
	size_t len = text_bytes(line);
	struct doc *doc = doc_object(writer->arena);

	doc_set_text(doc, "kind", names[kind]);
	if (kind != INSERT)
		doc_set_int(doc, "old", (int64_t)at.old + 1);
	if (kind != DELETE)
		doc_set_int(doc, "new", (int64_t)at.new + 1);
	doc_set_text(doc, "text", arena_strndup(writer->arena, line->text, len));
	if (len == line->len)
		doc_set_bool(doc, "no_newline", true);
	if (len > 0 && line->text[len - 1] == '\r')
		doc_set_bool(doc, "is_cr", true);
	if (words)
		parts_add(writer, kind == INSERT ? &words->new : &words->old, doc);
	return doc;
}

static void row_add(struct doc *rows, struct doc *old, struct doc *new)
{
	struct doc *row = doc_push_object(rows);

	if (old)
		doc_set(row, "old", old);
	if (new)
		doc_set(row, "new", new);
}

static bool line_fits(struct writer *writer)
{
	if (writer->lines_left == 0)
		return false;
	writer->lines_left--;
	return true;
}

/* A hunk being written. */
struct hunk_doc {
	struct doc *lines;
	struct doc *rows; /* NULL: none are wanted */
	struct place at;
};

/* Changed lines up to `end`: deleted ones, then inserted ones, each told apart from its like by
 * words. Documents of the inserted ones are made with the deleted ones, so that words are compared
 * once. */
static void block_write(struct writer *writer, struct hunk_doc *hunk, struct place end)
{
	size_t olds = end.old - hunk->at.old, news = end.new - hunk->at.new;
	size_t count = olds > news ? olds : news;
	struct doc *later = doc_array(writer->arena);

	for (size_t i = 0; i < count; i++) {
		struct place at = {hunk->at.old + i, hunk->at.new + i};
		struct doc *old = NULL, *new = NULL;
		const struct diff *words = NULL;

		if (i < olds && i < news && writer->lines_left > 1)
			words = pair_words(writer, at.old, at.new);
		if (i < olds && line_fits(writer))
			old = line_doc(writer, DELETE, at, words);
		if (i < news && line_fits(writer))
			new = line_doc(writer, INSERT, at, words);
		if (!old && !new)
			break;
		if (old)
			doc_push(hunk->lines, old);
		if (new)
			doc_push(later, new);
		if (hunk->rows)
			row_add(hunk->rows, old, new);
	}
	for (size_t i = 0; i < doc_count(later); i++)
		doc_push(hunk->lines, doc_at(later, i));
	hunk->at = end;
}

static void hunk_write(struct writer *writer, const struct diff_hunk *hunk, struct doc *doc)
{
	const struct diff *diff = writer->diff;
	struct place end = {hunk->old_from + hunk->old_count, hunk->new_from + hunk->new_count};
	struct hunk_doc to = {.at = {hunk->old_from, hunk->new_from}};

	doc_set_int(doc, "old_from", (int64_t)hunk->old_from + 1);
	doc_set_int(doc, "old_count", (int64_t)hunk->old_count);
	doc_set_int(doc, "new_from", (int64_t)hunk->new_from + 1);
	doc_set_int(doc, "new_count", (int64_t)hunk->new_count);
	to.lines = doc_add_array(doc, "lines");
	to.rows = writer->is_side ? doc_add_array(doc, "rows") : NULL;
	while (writer->lines_left > 0 && (to.at.old < end.old || to.at.new < end.new)) {
		struct place at = to.at;

		while (at.old < end.old && !diff->old.pieces[at.old].is_kept)
			at.old++;
		while (at.new < end.new && !diff->new.pieces[at.new].is_kept)
			at.new++;
		if (at.old > to.at.old || at.new > to.at.new) {
			block_write(writer, &to, at);
		} else if (line_fits(writer)) {
			struct doc *line = line_doc(writer, KEEP, to.at, NULL);

			doc_push(to.lines, line);
			if (to.rows)
				row_add(to.rows, line, line);
			to.at.old++;
			to.at.new++;
		}
	}
}

static int64_t changed_lines(const struct diff_side *side)
{
	int64_t count = 0;

	for (size_t i = 0; i < side->count; i++)
		count += !side->pieces[i].is_kept;
	return count;
}

static void diff_write(struct arena *arena, const struct diff *diff,
    const struct version_diff_ask *ask, struct doc *out)
{
	struct writer writer = {.arena = arena, .diff = diff, .is_side = ask->is_side,
	    .effort = WORDS_EFFORT, .bytes_left = WORD_BYTES_MAX, .parts_left = PARTS_MAX,
	    .lines_left = VERSION_DIFF_LINES_MAX};
	size_t context = ask->context > (int64_t)diff->old.count ? SIZE_MAX / 2 :
	    (size_t)ask->context;
	struct diff_hunk *hunks;
	size_t count = diff_hunks(arena, diff, context, &hunks);
	int64_t inserted = changed_lines(&diff->new), lines = inserted;
	struct doc *list;

	for (size_t i = 0; i < count; i++)
		lines += (int64_t)hunks[i].old_count;
	doc_set_int(out, "lines_deleted", changed_lines(&diff->old));
	doc_set_int(out, "lines_inserted", inserted);
	list = doc_add_array(out, "hunks");
	for (size_t i = 0; i < count && writer.lines_left > 0; i++)
		hunk_write(&writer, &hunks[i], doc_push_object(list));
	doc_set_bool(out, "is_coarse", diff->is_coarse);
	doc_set_bool(out, "is_cut", lines > VERSION_DIFF_LINES_MAX);
}

/* ---- The two versions. ---- */

static struct doc *side_doc(struct ctx *ctx, const struct db_rows *rows, size_t row)
{
	static const char *const elsewhere[] = {"prompt_content", "score_difference",
	    "cost_difference_usd", "character_difference"};
	struct doc *side = doc_object(ctx->arena);

	db_row_doc(rows, row, side);
	for (size_t i = 0; i < ARRAY_LEN(elsewhere); i++)
		doc_remove(side, elsewhere[i]);
	return side;
}

static void effect_fill(const struct db_rows *rows, struct doc *out)
{
	struct doc *effect = doc_add_object(out, "effect");

	doc_set_text(effect, "score_difference", db_text(rows, 0, "score_difference"));
	doc_set_text(effect, "cost_difference_usd", db_text(rows, 0, "cost_difference_usd"));
	doc_set_int(effect, "character_difference", db_int(rows, 0, "character_difference"));
}

static const struct err *pair_problem(struct ctx *ctx, const struct db_rows *rows,
    const struct version_diff_ask *ask)
{
	if (db_count(rows) == 0)
		return version_missing(ctx);
	if (db_count(rows) == 1 && ask->against)
		return err_new(ctx->arena, ERR_MISSING,
		    "The assistant has no such version to compare %s with.",
		    db_text(rows, 0, "version"));
	if (db_count(rows) == 1)
		return err_new(ctx->arena, ERR_MISSING, "%s is the first version of its assistant: "
		    "there is none before it to compare it with.", db_text(rows, 0, "version"));
	for (size_t row = 0; row < 2; row++)
		if (db_text(rows, row, "pruned_at"))
			return version_gone(ctx, db_text(rows, row, "pruned_at"));
	return NULL;
}

const struct err *version_diff(struct ctx *ctx, const struct version_diff_ask *ask,
    struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);
	struct diff diff = {.is_coarse = false};
	int64_t effort = DIFF_EFFORT;
	const struct db_rows *rows;
	const char *old, *new;
	const struct err *err;

	if (!text_is_uuid(ask->id))
		return version_missing(ctx);
	rows = db_add(tx, SQL_VERSION_PAIR, ask->id, ask->against);
	db_repeatable(tx);
	err = ctx_run(ctx, tx);
	if (!err)
		err = pair_problem(ctx, rows, ask);
	if (err)
		return err;
	new = db_text(rows, 0, "prompt_content");
	old = db_text(rows, 1, "prompt_content");
	doc_set(out, "version", side_doc(ctx, rows, 0));
	doc_set(out, "against", side_doc(ctx, rows, 1));
	effect_fill(rows, out);
	doc_set_bool(out, "is_equal", strcmp(old, new) == 0);
	diff_lines(ctx->arena, old, strlen(old), &diff.old);
	diff_lines(ctx->arena, new, strlen(new), &diff.new);
	diff_compare(&diff, &effort);
	diff_write(ctx->arena, &diff, ask, out);
	return NULL;
}
