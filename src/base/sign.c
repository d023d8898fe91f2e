/* sign.c: signatures with a private key, by OpenSSL. */
#include "base/sign.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

#define LEAST_BITS 2048

const char *sign_base64url(struct arena *arena, const void *bytes, size_t len)
{
	char *text = arena_alloc(arena, (len + 2) / 3 * 4 + 1);
	int chars = EVP_EncodeBlock((unsigned char *)text, bytes, (int)len);

	while (chars > 0 && text[chars - 1] == '=')
		text[--chars] = '\0';
	for (char *at = text; *at != '\0'; at++)
		*at = *at == '+' ? '-' : *at == '/' ? '_' : *at;
	return text;
}

/* A key under a passphrase is refused, not asked for. */
static int no_passphrase(char *out, int size, int writes, void *arg)
{
	return -1;
}

static EVP_PKEY *key_read(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key;

	if (bio == NULL)
		arena_out_of_memory(0);
	key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
	BIO_free(bio);
	return key;
}

/* The signature's bytes; NULL: OpenSSL has refused. */
static unsigned char *sign(struct arena *arena, EVP_PKEY *key, const char *text, size_t *len)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char *bytes = NULL;

	if (context == NULL)
		arena_out_of_memory(0);
	*len = (size_t)EVP_PKEY_get_size(key);
	if (EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1) {
		bytes = arena_alloc(arena, *len);
		if (EVP_DigestSign(context, bytes, len, (const unsigned char *)text,
		    strlen(text)) != 1)
			bytes = NULL;
	}
	EVP_MD_CTX_free(context);
	return bytes;
}

const struct err *sign_rs256(struct arena *arena, const char *pem, const char *text,
    const char **signature)
{
	EVP_PKEY *key = key_read(pem);
	unsigned char *bytes = NULL;
	size_t len = 0;

	if (key != NULL && EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bits(key) >= LEAST_BITS)
		bytes = sign(arena, key, text, &len);
	EVP_PKEY_free(key);
	ERR_clear_error();
	if (bytes == NULL)
		return err_new(arena, ERR_INVALID, "It is no RSA key of %d bits or more.",
		    LEAST_BITS);
	*signature = sign_base64url(arena, bytes, len);
	return NULL;
}
