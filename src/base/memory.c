/* memory.c: no allocation of the process fails: where memory is gone, the process ends.
 *
 * Our own code aborts then, but libraries do not: tried one allocation after the other, they gave
 * half pages, wrong hashes and thus "please sign in", and "the database is away". These three stand
 * in front of the C library's for all of them. A sanitizer brings its own. */
#if defined(__SANITIZE_ADDRESS__)
#define MEMORY_IS_WATCHED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MEMORY_IS_WATCHED
#endif
#endif

#ifndef MEMORY_IS_WATCHED
#include <dlfcn.h>
#include <stdlib.h>

#include "base/arena.h"

static struct {
	void *(*malloc)(size_t size);
	void *(*calloc)(size_t count, size_t size);
	void *(*realloc)(void *memory, size_t size);
	bool is_gone;
} memory;

/* POSIX has function pointers go through an object pointer's bytes. */
static void find(const char *name, void *place)
{
	*(void **)place = dlsym(RTLD_NEXT, name);
	if (*(void **)place == NULL)
		abort();
}

static void open_memory(void)
{
	if (memory.realloc != NULL)
		return;
	find("malloc", &memory.malloc);
	find("calloc", &memory.calloc);
	find("realloc", &memory.realloc);
}

/* Logging may ask for memory, too. */
static void *checked(void *block, size_t size)
{
	if (block != NULL || size == 0)
		return block;
	if (memory.is_gone)
		abort();
	memory.is_gone = true;
	arena_out_of_memory(size);
}

void *malloc(size_t size)
{
	open_memory();
	return checked(memory.malloc(size), size);
}

void *calloc(size_t count, size_t size)
{
	open_memory();
	return checked(memory.calloc(count, size), count > 0 ? size : 0);
}

void *realloc(void *block, size_t size)
{
	open_memory();
	return checked(memory.realloc(block, size), size);
}
#endif
