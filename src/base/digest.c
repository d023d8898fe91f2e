/* digest.c: SHA-256 in parts, by OpenSSL. */
#include "base/digest.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

#define DIGEST_BYTES (DIGEST_CHARS / 2)

struct digest {
	EVP_MD_CTX *ctx;
};

static void check(int is_good)
{
	if (is_good)
		return;
	log_error("SHA-256 cannot be had");
	abort();
}

static void release(void *ctx)
{
	EVP_MD_CTX_free(ctx);
}

struct digest *digest_new(struct arena *arena)
{
	struct digest *digest = arena_alloc(arena, sizeof(*digest));

	digest->ctx = EVP_MD_CTX_new();
	check(digest->ctx != NULL && EVP_DigestInit_ex(digest->ctx, EVP_sha256(), NULL));
	arena_on_reset(arena, release, digest->ctx);
	return digest;
}

void digest_add(struct digest *digest, const void *bytes, size_t len)
{
	check(EVP_DigestUpdate(digest->ctx, bytes, len));
}

void digest_end(struct digest *digest, char hex[DIGEST_CHARS + 1])
{
	unsigned char bytes[DIGEST_BYTES];

	check(EVP_DigestFinal_ex(digest->ctx, bytes, NULL));
	for (size_t i = 0; i < DIGEST_BYTES; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
}
