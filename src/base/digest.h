/* digest.h: the SHA-256 of bytes that come in parts. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/arena.h"

#define DIGEST_CHARS 64

struct digest;

/* Lives as long as the arena's memory. */
struct digest *digest_new(struct arena *arena);
void digest_add(struct digest *digest, const void *bytes, size_t len);
/* Its lower-case hexadecimal form; nothing can be added afterwards. */
void digest_end(struct digest *digest, char hex[DIGEST_CHARS + 1]);

#endif
