/* diff.c: the common pieces of two texts: numbered by sorting, which no choice of lines makes slow,
 * then found by Myers' search from both ends, which needs room for its diagonals only. */
#include "base/diff.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* Steps that a search may take even when the effort is used up: some pieces are passed for them. */
#define STEPS_MIN 256
/* Of what is left of the effort one search takes at most this part. */
#define EFFORT_PARTS 8
/* A diagonal that cannot be reached; adding to it does not make it anything else. */
#define NOWHERE (INT32_MIN / 2)

/* ---- Numbers for pieces: equal texts have equal numbers. ---- */

struct entry {
	uint64_t head; /* the first eight bytes: they decide most comparisons */
	const char *text;
	uint32_t len;
	uint32_t place; /* in old, or behind it in new */
};

static uint64_t head_of(const struct diff_piece *piece)
{
	uint64_t head = 0;
	for (size_t i = 0; i < sizeof(head); i++)
		head = head << 8 | (i < piece->len ? (unsigned char)piece->text[i] : 0);
	return head;
}

static int entry_compare(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	if (a->head != b->head)
		return a->head < b->head ? -1 : 1;
	int order = memcmp(a->text, b->text, a->len < b->len ? a->len : b->len);
	if (order != 0 || a->len == b->len)
		return order;
	return a->len < b->len ? -1 : 1;
}

/* Of one side: what the other one has, too, by number and by its place. */
struct common {
	uint32_t *numbers;
	uint32_t *places;
	size_t count;
};

static void entries_add(struct entry *entries, const struct diff_side *side, size_t first)
{
	for (size_t i = 0; i < side->count; i++) {
		const struct diff_piece *piece = &side->pieces[i];
		entries[first + i] = (struct entry){head_of(piece), piece->text, piece->len,
			(uint32_t)(first + i)};
	}
}

/* Numbers from 1; 0: the other side does not have it. */
static uint32_t *numbers_give(struct arena *arena, const struct diff *diff)
{
	size_t old = diff->old.count, all = old + diff->new.count;
	struct entry *entries = arena_alloc(arena, (all + 1) * sizeof(*entries));
	uint32_t *numbers = arena_alloc(arena, (all + 1) * sizeof(*numbers));
	uint32_t number = 0;
	entries_add(entries, &diff->old, 0);
	entries_add(entries, &diff->new, old);
	qsort(entries, all, sizeof(*entries), entry_compare);
	for (size_t from = 0, to; from < all; from = to) {
		bool is_old = false, is_new = false;
		to = from;
		while (to < all && entry_compare(&entries[from], &entries[to]) == 0) {
			is_old |= entries[to].place < old;
			is_new |= entries[to++].place >= old;
		}
		number++;
		for (size_t i = from; i < to; i++)
			numbers[entries[i].place] = is_old && is_new ? number : 0;
	}
	return numbers;
}

/* What only one side has cannot be kept and need not be searched. */
static void common_pick(struct arena *arena, const uint32_t *numbers, size_t count,
    struct common *common)
{
	common->numbers = arena_alloc(arena, (count + 1) * sizeof(*common->numbers));
	common->places = arena_alloc(arena, (count + 1) * sizeof(*common->places));
	for (size_t i = 0; i < count; i++) {
		if (numbers[i] == 0)
			continue;
		common->numbers[common->count] = numbers[i];
		common->places[common->count++] = (uint32_t)i;
	}
}

/* ---- The search. ---- */

/* How far it is gone from one end of the box: reach[k] is the number of old pieces passed on
 * diagonal k, which is that number minus the number of new ones. */
struct front {
	int32_t *reach;
	int32_t low, high; /* the diagonals in use */
};

/* A part of both sides; its ends are behind its last pieces. */
struct box {
	int32_t old_from, old_to;
	int32_t new_from, new_to;
};

/* A place in a box: pieces passed of both sides. */
struct point {
	int32_t old, new;
};

struct search {
	struct common old, new;
	struct diff *diff;
	struct front fronts[2]; /* from the beginning, and from the end */
	int32_t *room[2];       /* of their reach */
	int64_t *effort;
	int64_t steps;          /* of the search under way */
};

static void keep(struct search *search, int32_t old, int32_t new)
{
	search->diff->old.pieces[search->old.places[old]].is_kept = true;
	search->diff->new.pieces[search->new.places[new]].is_kept = true;
}

static bool same(const struct search *search, int32_t old, int32_t new)
{
	return search->old.numbers[old] == search->new.numbers[new];
}

/* Keeps what both begin and end with. */
static void box_trim(struct search *search, struct box *box)
{
	while (box->old_from < box->old_to && box->new_from < box->new_to
	    && same(search, box->old_from, box->new_from))
		keep(search, box->old_from++, box->new_from++);
	while (box->old_from < box->old_to && box->new_from < box->new_to
	    && same(search, box->old_to - 1, box->new_to - 1))
		keep(search, --box->old_to, --box->new_to);
}

/* A round has every second diagonal: those beside the ones of the round before. */
static void front_widen(struct front *front, int32_t olds, int32_t news)
{
	if (front->low > -news)
		front->reach[--front->low - 1] = NOWHERE;
	else
		front->low++;
	if (front->high < olds)
		front->reach[++front->high + 1] = NOWHERE;
	else
		front->high--;
}

/* From a place on a diagonal along equal pieces, as far as they go. */
static int32_t follow(struct search *search, const struct box *box, bool is_back,
    struct point at)
{
	int32_t olds = box->old_to - box->old_from, news = box->new_to - box->new_from;
	int32_t start = at.old;
	while (at.old < olds && at.new < news
	    && (is_back ? same(search, box->old_to - 1 - at.old, box->new_to - 1 - at.new)
	        : same(search, box->old_from + at.old, box->new_from + at.new))) {
		at.old++;
		at.new++;
	}
	search->steps += 1 + at.old - start;
	return at.old;
}

/* One round from one end. true: it has met the other front, on a shortest way, at *point (counted
 * from the end it comes from). */
static bool front_advance(struct search *search, const struct box *box, bool is_back,
    struct point *point)
{
	int32_t olds = box->old_to - box->old_from, news = box->new_to - box->new_from;
	int32_t delta = olds - news;
	bool may_meet = (delta & 1) != is_back;
	struct front *front = &search->fronts[is_back], *other = &search->fronts[!is_back];
	front_widen(front, olds, news);
	for (int32_t k = front->high; k >= front->low; k -= 2) {
		int32_t x = front->reach[k - 1] + 1;
		if (x < front->reach[k + 1])
			x = front->reach[k + 1];
		front->reach[k] = NOWHERE;
		if (x < 0 || x > olds || x - k > news)
			continue;
		x = follow(search, box, is_back, (struct point){x, x - k});
		front->reach[k] = x;
		*point = (struct point){x, x - k};
		if (may_meet && other->low <= delta - k && delta - k <= other->high
		    && x + other->reach[delta - k] >= olds)
			return true;
	}
	return false;
}

/* The place that a front has come farthest to. */
static struct point front_best(const struct front *front)
{
	struct point best = {0, 0};
	for (int32_t k = front->high; k >= front->low; k -= 2) {
		int32_t x = front->reach[k];
		if (x >= 0 && 2 * x - k > best.old + best.new)
			best = (struct point){x, x - k};
	}
	return best;
}

static void fronts_begin(struct search *search, const struct box *box)
{
	for (size_t i = 0; i < ARRAY_LEN(search->fronts); i++) {
		search->fronts[i] = (struct front){
			.reach = search->room[i] + (box->new_to - box->new_from) + 1};
		search->fronts[i].reach[0] = 0; /* the box is trimmed: there it goes no further */
	}
}

/* Where the fronts have not met: the place that one of them has come farther to. */
static bool pick_best(const struct search *search, struct point *point)
{
	struct point back = front_best(&search->fronts[1]);
	*point = front_best(&search->fronts[0]);
	if (back.old + back.new <= point->old + point->new)
		return false;
	*point = back;
	return true;
}

/* A place within the box, not at its ends, that a good way leads through, from the beginning. The
 * box is trimmed and has pieces of both sides. */
static struct point box_split(struct search *search, const struct box *box)
{
	int64_t allowed = *search->effort / EFFORT_PARTS;
	struct point point = {0, 0};
	bool is_met = false, is_back = true;
	search->steps = 0;
	fronts_begin(search, box);
	while (!is_met && !(is_back && search->steps > allowed && search->steps > STEPS_MIN)) {
		is_back = !is_back;
		is_met = front_advance(search, box, is_back, &point);
	}
	*search->effort -= search->steps < *search->effort ? search->steps : *search->effort;
	if (!is_met) {
		search->diff->is_coarse = true;
		is_back = pick_best(search, &point);
	}
	if (is_back)
		point = (struct point){box->old_to - box->old_from - point.old,
			box->new_to - box->new_from - point.new};
	return point;
}

static int32_t box_size(const struct box *box)
{
	return box->old_to - box->old_from + box->new_to - box->new_from;
}

/* The smaller part calls itself, the larger one goes on: it never goes deep. */
static void box_compare(struct search *search, struct box box)
{
	for (;;) {
		box_trim(search, &box);
		if (box.old_from == box.old_to || box.new_from == box.new_to)
			return;
		struct point at = box_split(search, &box);
		struct box first = box, second = box;
		first.old_to = second.old_from = box.old_from + at.old;
		first.new_to = second.new_from = box.new_from + at.new;
		bool is_first = box_size(&first) < box_size(&second);
		box_compare(search, is_first ? first : second);
		box = is_first ? second : first;
	}
}

void diff_compare(struct diff *diff, int64_t *effort)
{
	struct arena *own = arena_new();
	struct search search = {.diff = diff, .effort = effort};
	const uint32_t *numbers = numbers_give(own, diff);
	common_pick(own, numbers, diff->old.count, &search.old);
	common_pick(own, numbers + diff->old.count, diff->new.count, &search.new);
	for (size_t i = 0; i < ARRAY_LEN(search.room); i++)
		search.room[i] = arena_alloc(own,
		    (search.old.count + search.new.count + 4) * sizeof(*search.room[i]));
	diff->is_coarse = false;
	box_compare(&search, (struct box){0, (int32_t)search.old.count, 0,
		(int32_t)search.new.count});
	arena_free(own);
}

/* ---- Pieces. ---- */

static void piece_add(struct diff_side *side, const char *text, size_t len)
{
	side->pieces[side->count++] = (struct diff_piece){text, (uint32_t)len, false};
}

void diff_lines(struct arena *arena, const char *text, size_t len, struct diff_side *side)
{
	size_t count = 1;
	for (size_t i = 0; i < len; i++)
		count += text[i] == '\n';
	*side = (struct diff_side){arena_alloc(arena, count * sizeof(*side->pieces)), 0};
	while (len > 0) {
		const char *end = memchr(text, '\n', len);
		size_t size = end ? (size_t)(end + 1 - text) : len;
		piece_add(side, text, size);
		text += size;
		len -= size;
	}
}

/* What stands together in a piece; of marks, and of scripts that write no spaces, each alone. */
enum script { ALONE, SPACE, WORD };

#define FIRST_WITHOUT_SPACES 0x2e80

static enum script script_of(uint32_t code)
{
	if (code == ' ' || code == '\t')
		return SPACE;
	if ((code >= '0' && code <= '9') || (code >= 'a' && code <= 'z')
	    || (code >= 'A' && code <= 'Z') || code == '_'
	    || (code >= 0xc0 && code < FIRST_WITHOUT_SPACES))
		return WORD;
	return ALONE;
}

void diff_words(struct arena *arena, const char *text, size_t len, struct diff_side *side)
{
	*side = (struct diff_side){arena_alloc(arena, (len + 1) * sizeof(*side->pieces)), 0};
	enum script last = ALONE;
	while (len > 0) {
		uint32_t code = 0;
		size_t size = text_utf8_next(text, len, &code);
		enum script script = script_of(code);
		if (size == 0)
			size = 1; /* no valid UTF-8 */
		if (script != ALONE && script == last)
			side->pieces[side->count - 1].len += (uint32_t)size;
		else
			piece_add(side, text, size);
		last = script;
		text += size;
		len -= size;
	}
}

/* ---- Hunks. ---- */

/* Passes the changed lines at a place; false: there are none. */
static bool pass_changes(const struct diff *diff, size_t *old, size_t *new)
{
	size_t before = *old + *new;
	while (*old < diff->old.count && !diff->old.pieces[*old].is_kept)
		(*old)++;
	while (*new < diff->new.count && !diff->new.pieces[*new].is_kept)
		(*new)++;
	return *old + *new > before;
}

static size_t pass_kept(const struct diff *diff, size_t *old, size_t *new)
{
	size_t count = 0;
	while (*old < diff->old.count && *new < diff->new.count
	    && diff->old.pieces[*old].is_kept && diff->new.pieces[*new].is_kept) {
		(*old)++;
		(*new)++;
		count++;
	}
	return count;
}

static size_t count_changes(const struct diff *diff)
{
	size_t old = 0, new = 0, count = 0;
	do
		(void)pass_kept(diff, &old, &new);
	while (pass_changes(diff, &old, &new) && ++count);
	return count;
}

static size_t at_most(size_t count, size_t max)
{
	return count < max ? count : max;
}

size_t diff_hunks(struct arena *arena, const struct diff *diff, size_t context,
    struct diff_hunk **hunks)
{
	struct diff_hunk *last = NULL;
	size_t old = 0, new = 0, count = 0;
	*hunks = arena_alloc(arena, (count_changes(diff) + 1) * sizeof(**hunks));
	for (;;) {
		size_t kept = pass_kept(diff, &old, &new);
		size_t old_from = old - at_most(kept, context);
		size_t new_from = new - at_most(kept, context);
		if (last) {
			last->old_count += at_most(kept, context);
			last->new_count += at_most(kept, context);
		}
		if (!pass_changes(diff, &old, &new))
			return count;
		if (!last || last->old_from + last->old_count < old_from) {
			last = &(*hunks)[count++];
			*last = (struct diff_hunk){.old_from = old_from, .new_from = new_from};
		}
		last->old_count = old - last->old_from;
		last->new_count = new - last->new_from;
	}
}
