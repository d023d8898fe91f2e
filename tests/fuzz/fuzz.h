/* fuzz.h: what feeds strangers' bytes to a reader of ours, and what must hold for each of them.
 *
 * A target is a file of this folder: FUZZ(name) { ... return 0; }. fuzzer.c drives it with libFuzzer,
 * tests/lib/fuzz_test.c with the files of seeds/<name> and found/<name>. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define FUZZ(name)                                                                                 \
	int fuzz_##name(const uint8_t *data, size_t size);                                         \
	int fuzz_##name(const uint8_t *data, size_t size)

/* Ends the process where the claim is wrong: for both drivers that is a crash. */
#define HOLDS(claim)                                                                               \
	do {                                                                                       \
		if (!(claim)) {                                                                    \
			(void)fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__,    \
			    #claim);                                                               \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* The bytes as a text that ends at the first NUL, in a block of its own size. */
static inline char *fuzz_text(struct arena *arena, const uint8_t *data, size_t size)
{
	return arena_strndup(arena, (const char *)data, strnlen((const char *)data, size));
}

#endif
