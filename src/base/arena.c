/* arena.c: a chain of malloc blocks with a moving end, and the list of hooks. */
#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

/* Under AddressSanitizer every allocation is a block of its own, so that it sees each overrun. */
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_BLOCK 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_BLOCK 0
#endif
#endif
#ifndef ARENA_BLOCK
#define ARENA_BLOCK (8 * 1024 - 64)
#endif

struct arena_block {
	struct arena_block *next;
	size_t used;
	size_t size;
	max_align_t data[];
};

struct arena_hook {
	struct arena_hook *next;
	void (*release)(void *);
	void *object;
};

struct arena {
	struct arena_block *blocks; /* the first one is being filled */
	struct arena_hook *hooks;
	bool is_wiped; /* at the next reset */
};

void arena_out_of_memory(size_t size)
{
	char text[24];

	snprintf(text, sizeof(text), "%zu", size);
	log_error("out of memory", "bytes", text);
	abort();
}

struct arena *arena_new(void)
{
	struct arena *arena = calloc(1, sizeof(*arena));

	if (arena == NULL)
		arena_out_of_memory(sizeof(*arena));
	return arena;
}

/* A large block goes behind the first one, whose free end would be lost otherwise. */
static struct arena_block *block_add(struct arena *arena, size_t size)
{
	bool large = size > ARENA_BLOCK;
	size_t block_size = large ? size : ARENA_BLOCK;
	struct arena_block *block;
	struct arena_block **place = &arena->blocks;

	if (size > SIZE_MAX / 2)
		arena_out_of_memory(size);
	block = malloc(sizeof(*block) + block_size);
	if (block == NULL)
		arena_out_of_memory(size);
	block->used = 0;
	block->size = block_size;
	if (large && arena->blocks != NULL)
		place = &arena->blocks->next;
	block->next = *place;
	*place = block;
	return block;
}

/* Where the next object may start in the block. */
static size_t block_start(const struct arena_block *block)
{
	const size_t mask = _Alignof(max_align_t) - 1;

	return (block->used + mask) & ~mask;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct arena_block *block = arena->blocks;
	size_t start = block != NULL ? block_start(block) : 0;
	void *memory;

	if (block == NULL || start > block->size || size > block->size - start) {
		block = block_add(arena, size);
		start = 0;
	}
	memory = (char *)block->data + start;
	block->used = start + size;
	memset(memory, 0, size);
	return memory;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

char *arena_strndup(struct arena *arena, const char *text, size_t len)
{
	char *copy = arena_alloc(arena, len + 1);

	if (len > 0)
		memcpy(copy, text, len);
	return copy;
}

char *arena_vprintf(struct arena *arena, const char *format, va_list args)
{
	va_list again;
	int len;
	char *text;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (len < 0)
		abort();
	text = arena_alloc(arena, (size_t)len + 1);
	vsnprintf(text, (size_t)len + 1, format, args);
	return text;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = arena_vprintf(arena, format, args);
	va_end(args);
	return text;
}

void arena_on_reset(struct arena *arena, void (*release)(void *), void *object)
{
	struct arena_hook *hook = arena_alloc(arena, sizeof(*hook));

	hook->release = release;
	hook->object = object;
	hook->next = arena->hooks;
	arena->hooks = hook;
}

static void free_within(void *arena)
{
	arena_free(arena);
}

struct arena *arena_within(struct arena *arena)
{
	struct arena *within = arena_new();

	arena_on_reset(arena, free_within, within);
	return within;
}

static void hooks_run(struct arena *arena)
{
	while (arena->hooks != NULL) {
		struct arena_hook *hook = arena->hooks;

		arena->hooks = hook->next;
		hook->release(hook->object);
	}
}

void arena_wipe(struct arena *arena)
{
	arena->is_wiped = true;
}

void arena_reset(struct arena *arena)
{
	struct arena_block *block = arena->blocks;
	struct arena_block *kept = NULL;

	hooks_run(arena);
	while (block != NULL) {
		struct arena_block *next = block->next;

		if (arena->is_wiped)
			explicit_bzero(block->data, block->used);
		if (kept == NULL && block->size > 0 && block->size == ARENA_BLOCK) {
			kept = block;
			kept->next = NULL;
			kept->used = 0;
		} else {
			free(block);
		}
		block = next;
	}
	arena->blocks = kept;
	arena->is_wiped = false;
}

void arena_free(struct arena *arena)
{
	if (arena == NULL)
		return;
	arena_reset(arena);
	free(arena->blocks);
	free(arena);
}
