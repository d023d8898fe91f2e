/* block.c: reads content into blocks, estimates their tokens, finds tagged passages. */
#include "sim/block.h"

#include <string.h>

#include "base/text.h"

#define BLOCK_JSON_MAX (32u << 20)
#define TTL_SHORT_S 300
#define TTL_LONG_S 3600

int64_t block_tokens(const char *text)
{
	return (int64_t)((strlen(text) + 3) / 4);
}

const struct err *block_ttl(struct arena *arena, const char *where, const struct doc *control,
    int64_t *ttl_s)
{
	*ttl_s = 0;
	if (!control)
		return NULL;
	if (!text_equal(doc_text(control, "type"), "ephemeral"))
		return err_new(arena, ERR_INVALID,
		    "%s.cache_control.type: Input should be 'ephemeral'", where);
	const char *ttl = doc_text(control, "ttl");
	if (doc_get(control, "ttl") && !text_equal(ttl, "5m") && !text_equal(ttl, "1h"))
		return err_new(arena, ERR_INVALID,
		    "%s.cache_control.ttl: Input should be '5m' or '1h'", where);
	*ttl_s = text_equal(ttl, "1h") ? TTL_LONG_S : TTL_SHORT_S;
	return NULL;
}

static void blocks_push(struct blocks *blocks, struct arena *arena, const struct block *block)
{
	if (blocks->count == blocks->cap) {
		size_t cap = blocks->cap ? blocks->cap * 2 : 8;
		struct block *list = arena_alloc(arena, cap * sizeof(*list));
		if (blocks->count)
			memcpy(list, blocks->list, blocks->count * sizeof(*list));
		blocks->list = list;
		blocks->cap = cap;
	}
	blocks->list[blocks->count++] = *block;
	blocks->breakpoints += block->ttl_s > 0;
}

/* Adds one object of a content array. */
static const struct err *block_add(struct blocks *blocks, struct arena *arena, const char *role,
    const char *where, const struct doc *object)
{
	const char *type = doc_text(object, "type");
	if (!type)
		return err_new(arena, ERR_INVALID, "%s.type: Field required", where);
	struct block block = {.role = role};
	const struct err *err = block_ttl(arena, where, doc_get(object, "cache_control"),
	    &block.ttl_s);
	if (err)
		return err;
	if (text_equal(type, "text")) {
		block.text = doc_text(object, "text");
		if (!block.text)
			return err_new(arena, ERR_INVALID, "%s.text.text: Field required", where);
		if (!*block.text)
			return err_new(arena, ERR_INVALID,
			    "%s: text content blocks must be non-empty", where);
	} else if (text_equal(role, "system")) {
		return err_new(arena, ERR_INVALID, "%s.type: Input should be 'text'", where);
	} else {
		struct buf *json = buf_new(arena, BLOCK_JSON_MAX);
		doc_write_canonical(object, json);
		block.text = json->data;
	}
	block.tokens = block_tokens(block.text);
	blocks_push(blocks, arena, &block);
	return NULL;
}

const struct err *blocks_add_content(struct blocks *blocks, struct arena *arena, const char *role,
    const char *where, const struct doc *content)
{
	if (doc_type(content) == DOC_TEXT) {
		const char *text = doc_scalar(content);
		if (!*text && !text_equal(role, "system"))
			return err_new(arena, ERR_INVALID, "%s: content must be non-empty", where);
		struct block block = {.role = role, .text = text, .tokens = block_tokens(text)};
		blocks_push(blocks, arena, &block);
		return NULL;
	}
	if (doc_type(content) != DOC_ARRAY)
		return err_new(arena, ERR_INVALID,
		    "%s: Input should be a string or an array", where);
	if (doc_count(content) == 0 && !text_equal(role, "system"))
		return err_new(arena, ERR_INVALID, "%s: content must be non-empty", where);
	for (size_t i = 0; i < doc_count(content); i++) {
		const char *place = arena_printf(arena, "%s.%zu", where, i);
		const struct err *err = block_add(blocks, arena, role, place, doc_at(content, i));
		if (err)
			return err;
	}
	return NULL;
}

static const struct err *automatic_breakpoint(struct blocks *blocks, struct arena *arena,
    int64_t automatic_s)
{
	struct block *last = &blocks->list[blocks->count - 1];
	if (last->ttl_s == automatic_s)
		return NULL;
	if (last->ttl_s)
		return err_new(arena, ERR_INVALID,
		    "cache_control: the last block has a breakpoint with another ttl");
	last->ttl_s = automatic_s;
	blocks->breakpoints++;
	return NULL;
}

const struct err *blocks_finish(struct blocks *blocks, struct arena *arena, int64_t automatic_s)
{
	if (automatic_s && blocks->count) {
		const struct err *err = automatic_breakpoint(blocks, arena, automatic_s);
		if (err)
			return err;
	}
	if (blocks->breakpoints > BLOCK_BREAKPOINT_MAX)
		return err_new(arena, ERR_INVALID,
		    "A maximum of %d blocks with cache_control may be provided. Found %zu.",
		    BLOCK_BREAKPOINT_MAX, blocks->breakpoints);
	bool seen_short = false;
	for (size_t i = 0; i < blocks->count; i++) {
		if (seen_short && blocks->list[i].ttl_s == TTL_LONG_S)
			return err_new(arena, ERR_INVALID,
			    "cache_control: a ttl='1h' block must not come after a ttl='5m' block");
		seen_short |= blocks->list[i].ttl_s == TTL_SHORT_S;
	}
	return NULL;
}

int64_t blocks_tokens(const struct blocks *blocks)
{
	int64_t tokens = 0;
	for (size_t i = 0; i < blocks->count; i++)
		tokens += blocks->list[i].tokens;
	return tokens;
}

/* The first occurrence of mark at the start of a line: instructions that merely speak of a tag
 * stand within a line. */
static const char *find_at_line_start(const char *text, const char *mark)
{
	for (const char *at = strstr(text, mark); at; at = strstr(at + 1, mark)) {
		if (at == text || at[-1] == '\n')
			return at;
	}
	return NULL;
}

static const char *find_last(const char *text, const char *mark)
{
	const char *last = NULL;
	for (const char *at = strstr(text, mark); at; at = strstr(at + 1, mark))
		last = at;
	return last;
}

const char *blocks_tagged(struct arena *arena, const struct blocks *blocks, const char *tag)
{
	const char *open = arena_printf(arena, "<%s>", tag);
	const char *close = arena_printf(arena, "</%s>", tag);
	for (size_t i = blocks->count; i-- > 0;) {
		const char *begin = find_at_line_start(blocks->list[i].text, open);
		const char *end = begin ? find_last(begin, close) : NULL;
		if (end) {
			begin += strlen(open);
			return text_trim(arena, arena_strndup(arena, begin, (size_t)(end - begin)));
		}
	}
	return NULL;
}
