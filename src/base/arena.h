/* arena.h: memory of one request, step or command; it all dies in one place.
 *
 * Invariant: memory from arena_alloc is zeroed and aligned for any type; it lives until
 * arena_reset or arena_free. Nothing here returns NULL: out of memory is logged and aborts. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>

#include "base/base.h"

struct arena;

struct arena *arena_new(void);
/* One that is freed at the next reset or free of another. */
struct arena *arena_within(struct arena *arena);
void *arena_alloc(struct arena *arena, size_t size);
char *arena_strdup(struct arena *arena, const char *text);
/* Copies len bytes and adds a NUL. */
char *arena_strndup(struct arena *arena, const char *text, size_t len);
char *arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);
char *arena_vprintf(struct arena *arena, const char *format, va_list args) PRINTF_LIKE(2, 0);
/* Runs release(object) at the next reset or free, the latest hook first. */
void arena_on_reset(struct arena *arena, void (*release)(void *), void *object);
/* What is in this arena until its next reset is overwritten there: it holds a token. */
void arena_wipe(struct arena *arena);
/* Runs the hooks and forgets all memory, keeping one block for the next use. */
void arena_reset(struct arena *arena);
/* Runs the hooks and gives everything back; NULL is fine. */
void arena_free(struct arena *arena);
/* Logs the size that could not be had and aborts; for the other owners of heap memory. */
NORETURN void arena_out_of_memory(size_t size);

#endif
