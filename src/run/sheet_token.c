/* sheet_token.c: an assertion, signed with a service account's key, to get a token for. */
#include "run/sheet_token.h"

#include <string.h>

#include "base/doc.h"
#include "base/sign.h"
#include "base/text.h"
#include "run/address.h"

#define SCOPE "https://www.googleapis.com/auth/spreadsheets"
#define GRANT "urn:ietf:params:oauth:grant-type:jwt-bearer"
#define LIFE_S 3600
#define PART_MAX 4096
#define FORM_MAX 16384

static const char *encode(struct arena *arena, const struct doc *part)
{
	struct buf *json = buf_new(arena, PART_MAX);
	doc_write(part, json);
	return sign_base64url(arena, json->data, json->len);
}

/* Header and claims, as they are signed. */
static const char *unsigned_assertion(struct arena *arena, const struct service_key *key,
    int64_t now_s)
{
	struct doc *header = doc_object(arena), *claims = doc_object(arena);
	doc_set_text(header, "alg", "RS256");
	doc_set_text(header, "typ", "JWT");
	if (key->key_id)
		doc_set_text(header, "kid", key->key_id);
	doc_set_text(claims, "iss", key->address);
	doc_set_text(claims, "scope", SCOPE);
	doc_set_text(claims, "aud", key->token_url);
	doc_set_int(claims, "iat", now_s);
	doc_set_int(claims, "exp", now_s + LIFE_S);
	return arena_printf(arena, "%s.%s", encode(arena, header), encode(arena, claims));
}

const struct err *sheet_token_form(struct arena *arena, const struct service_key *key,
    int64_t now_s, const char **form)
{
	struct buf *text = buf_new(arena, FORM_MAX);
	struct address address;
	const char *assertion = unsigned_assertion(arena, key, now_s), *signature = NULL;
	const struct err *err = address_read(arena, "token_uri of the key file", key->token_url,
	    &address);
	if (!err)
		err = sign_rs256(arena, key->private_key, assertion, &signature);
	if (err)
		return err_new(arena, ERR_INVALID, "The key file in "
		    "GOOGLE_APPLICATION_CREDENTIALS cannot be used: %s", err->sentence);
	buf_text(text, "grant_type=");
	text_url_encode(text, GRANT);
	buf_printf(text, "&assertion=%s.%s", assertion, signature);
	*form = text->data;
	return NULL;
}
