/* token.c: 256 random bits as base64url, and the hash under which they are stored. */
#include "base/token.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/log.h"
#include "base/text.h"

#define TOKEN_BYTES 32
#define TOKEN_CHARS 43 /* 256 bits, six a character */

void token_random(void *bytes, size_t len)
{
	unsigned char *at = bytes;

	while (len > 0) {
		ssize_t got = getrandom(at, len, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			log_error("getrandom failed", "error", strerror(errno));
			abort();
		}
		at += got;
		len -= (size_t)got;
	}
}

const char *token_new(struct arena *arena, const char *prefix)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	unsigned char bytes[TOKEN_BYTES + 1] = {0}; /* the spare byte fills up the last character */
	char text[TOKEN_CHARS + 1] = "";
	const char *token;

	token_random(bytes, TOKEN_BYTES);
	for (size_t i = 0; i < TOKEN_CHARS; i++) {
		size_t bit = i * 6;
		unsigned pair = (unsigned)bytes[bit / 8] << 8 | bytes[bit / 8 + 1];

		text[i] = digits[pair >> (10 - bit % 8) & 63];
	}
	token = arena_printf(arena, "%s%s", prefix, text);
	explicit_bzero(bytes, sizeof(bytes));
	explicit_bzero(text, sizeof(text));
	return token;
}

const char *token_hash(struct arena *arena, const char *token)
{
	return text_sha256(arena, token, strlen(token));
}
