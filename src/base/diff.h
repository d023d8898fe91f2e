/* diff.h: what two texts have in common: by lines, and by words within lines.
 *
 * A shortest difference (Myers, in linear space) within an effort; beyond it a longer one that is
 * right as well and says so. Pieces point into the texts that
 * they are parts of; their order gives the text back, byte for byte. */
#ifndef BASE_DIFF_H
#define BASE_DIFF_H

#include "base/arena.h"

struct diff_piece {
	const char *text; /* not ended by a NUL */
	uint32_t len;
	bool is_kept;     /* the other side has it, too, in this order */
};

struct diff_side {
	struct diff_piece *pieces;
	size_t count;
};

/* The kept pieces of both sides are the same texts in the same order. */
struct diff {
	struct diff_side old, new;
	bool is_coarse; /* the effort did not reach for the shortest difference */
};

/* A stretch of changed lines and the lines around them, as places in both sides. */
struct diff_hunk {
	size_t old_from, old_count;
	size_t new_from, new_count;
};

/* Steps that a text of 1 MB may cost: well under a second. */
#define DIFF_EFFORT INT64_C(20000000)

/* Lines, each with the LF that ends it; len is less than 2^31. */
void diff_lines(struct arena *arena, const char *text, size_t len, struct diff_side *side);
/* Words, spaces and single marks of a line of valid UTF-8. */
void diff_words(struct arena *arena, const char *text, size_t len, struct diff_side *side);
/* Fills is_kept and is_coarse; takes from *effort what it has cost. */
void diff_compare(struct diff *diff, int64_t *effort);
/* The hunks with up to context kept lines around changes; neighbours that touch are one. Their
 * number; *hunks gets them. SIZE_MAX as context: one hunk of everything, unless all is kept. */
size_t diff_hunks(struct arena *arena, const struct diff *diff, size_t context,
    struct diff_hunk **hunks);

#endif
