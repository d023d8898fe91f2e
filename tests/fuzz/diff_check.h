/* diff_check.h: what must hold of the difference of any two texts. */
#ifndef TESTS_FUZZ_DIFF_CHECK_H
#define TESTS_FUZZ_DIFF_CHECK_H

#include "base/buf.h"
#include "base/diff.h"
#include "fuzz.h"

#define DIFF_CHECK_MAX (8u << 20)

static inline void diff_check_side(const struct diff_side *side, const char *text, size_t len)
{
	size_t at = 0;
	for (size_t i = 0; i < side->count; i++) {
		HOLDS(side->pieces[i].text == text + at && side->pieces[i].len > 0);
		at += side->pieces[i].len;
	}
	HOLDS(at == len);
}

/* What is kept is the same on both sides, in the same order. */
static inline void diff_check_kept(const struct diff *diff)
{
	size_t old = 0, new = 0;
	for (;;) {
		while (old < diff->old.count && !diff->old.pieces[old].is_kept)
			old++;
		while (new < diff->new.count && !diff->new.pieces[new].is_kept)
			new++;
		if (old == diff->old.count || new == diff->new.count)
			break;
		const struct diff_piece *a = &diff->old.pieces[old++], *b = &diff->new.pieces[new++];
		HOLDS(a->len == b->len && memcmp(a->text, b->text, a->len) == 0);
	}
	HOLDS(old == diff->old.count && new == diff->new.count);
}

static inline void diff_check_add(struct buf *out, const struct diff_side *side, size_t from,
    size_t count)
{
	HOLDS(from + count <= side->count);
	for (size_t i = from; i < from + count; i++)
		buf_add(out, side->pieces[i].text, side->pieces[i].len);
}

/* The old text with each hunk's old lines replaced by its new ones is the new text; outside of
 * hunks nothing has changed. */
static inline void diff_check_hunks(struct arena *arena, const struct diff *diff, size_t context,
    const char *text, size_t len)
{
	struct diff_hunk *hunks;
	size_t count = diff_hunks(arena, diff, context, &hunks), at = 0;
	struct buf *out = buf_new(arena, DIFF_CHECK_MAX);
	for (size_t i = 0; i < count; i++) {
		HOLDS(hunks[i].old_from >= at && (i == 0 || hunks[i].old_from > at));
		diff_check_add(out, &diff->old, at, hunks[i].old_from - at);
		diff_check_add(out, &diff->new, hunks[i].new_from, hunks[i].new_count);
		at = hunks[i].old_from + hunks[i].old_count;
	}
	diff_check_add(out, &diff->old, at, diff->old.count - at);
	HOLDS(!out->failed && out->len == len && (len == 0 || memcmp(out->data, text, len) == 0));
}

/* Returns how many lines are kept. */
static inline size_t diff_check(const char *old, size_t old_len, const char *new, size_t new_len,
    bool *is_coarse)
{
	struct arena *arena = arena_new();
	struct diff diff = {.is_coarse = false};
	int64_t effort = DIFF_EFFORT;
	size_t kept = 0;
	diff_lines(arena, old, old_len, &diff.old);
	diff_lines(arena, new, new_len, &diff.new);
	diff_check_side(&diff.old, old, old_len);
	diff_check_side(&diff.new, new, new_len);
	diff_compare(&diff, &effort);
	HOLDS(effort >= 0);
	diff_check_kept(&diff);
	diff_check_hunks(arena, &diff, 0, new, new_len);
	diff_check_hunks(arena, &diff, 3, new, new_len);
	diff_check_hunks(arena, &diff, SIZE_MAX, new, new_len);
	for (size_t i = 0; i < diff.old.count; i++)
		kept += diff.old.pieces[i].is_kept;
	*is_coarse = diff.is_coarse;
	arena_free(arena);
	return kept;
}

static inline void diff_check_words(const char *old, size_t old_len, const char *new,
    size_t new_len)
{
	struct arena *arena = arena_new();
	struct diff diff = {.is_coarse = false};
	int64_t effort = DIFF_EFFORT;
	diff_words(arena, old, old_len, &diff.old);
	diff_words(arena, new, new_len, &diff.new);
	diff_check_side(&diff.old, old, old_len);
	diff_check_side(&diff.new, new, new_len);
	diff_compare(&diff, &effort);
	diff_check_kept(&diff);
	arena_free(arena);
}

#endif
