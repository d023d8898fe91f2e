/* token.c: 256 random bits as base64url, and the hash under which they are stored. */
#include "base/token.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/log.h"
#include "base/text.h"

#define TOKEN_BYTES 32
#define LEAST_BITS 128
#define LEAST_DISTINCT 8 /* of the characters; a random token that is long enough has more */
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

#define DIGITS "0123456789"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* Thousandths of a bit that each character can hold, by the smallest alphabet that has them all. */
static size_t millibits(const char *token)
{
	static const struct {
		const char *characters;
		size_t millibits;
	} alphabets[] = {
		{DIGITS, 3321}, {DIGITS "abcdef", 4000}, {DIGITS "ABCDEF", 4000},
		{DIGITS "abcdefABCDEF", 4000}, {LOWER, 4700}, {UPPER, 4700},
		{DIGITS LOWER, 5169}, {DIGITS UPPER, 5169},
		{DIGITS LOWER UPPER, 5954},
	};
	size_t len = strlen(token);

	for (size_t i = 0; i < sizeof(alphabets) / sizeof(alphabets[0]); i++)
		if (strspn(token, alphabets[i].characters) == len)
			return alphabets[i].millibits;
	return 6000;
}

static size_t distinct(const char *token)
{
	size_t count = 0;

	for (const char *c = token; *c != '\0'; c++)
		count += memchr(token, *c, (size_t)(c - token)) == NULL;
	return count;
}

const char *token_weakness(struct arena *arena, const char *token)
{
	size_t bits = strlen(token) * millibits(token) / 1000;

	for (const char *c = token; *c != '\0'; c++)
		if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f)
			return "A token is one word of ASCII letters, digits and signs.";
	if (text_is_uuid(token))
		return "A UUID is no secret: at most 122 of its bits are random, not 128.";
	if (bits < LEAST_BITS)
		return arena_printf(arena, "The token is too short: %zu characters of its kind "
		    "hold at most %zu random bits, and %d are needed.", strlen(token), bits,
		    LEAST_BITS);
	if (distinct(token) < LEAST_DISTINCT)
		return "The token repeats a few characters: it is not random.";
	return NULL;
}

const char *token_library(void)
{
	return OpenSSL_version(OPENSSL_VERSION);
}
