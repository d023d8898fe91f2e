/* service_key.c: reads the key file of a Google service account. */
#include "base/service_key.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/doc.h"
#include "base/text.h"

#define FILE_BYTES_MAX (16u << 10) /* a key file has 2 KB */
#define ADDRESS_MAX 320
#define OTHERS_MAY 0007
#define TOKEN_URL "https://oauth2.googleapis.com/token"

static const struct err *file_read(struct arena *arena, const char *path, char **text,
    size_t *len, bool *is_open)
{
	FILE *file = fopen(path, "re");
	struct stat st;
	bool is_bad;

	if (file == NULL)
		return err_new(arena, ERR_INVALID, "The key file %s cannot be opened: %s.", path,
		    strerror(errno));
	*text = arena_alloc(arena, FILE_BYTES_MAX + 1);
	is_bad = fstat(fileno(file), &st) != 0 || !S_ISREG(st.st_mode);
	*len = is_bad ? 0 : fread(*text, 1, FILE_BYTES_MAX + 1, file);
	is_bad |= ferror(file) != 0;
	(void)fclose(file);
	if (is_bad)
		return err_new(arena, ERR_INVALID, "The key file %s cannot be read.", path);
	*is_open = (st.st_mode & OTHERS_MAY) != 0;
	return NULL;
}

static bool is_whole(const struct doc *doc, const struct service_key *key)
{
	return text_equal(doc_text(doc, "type"), "service_account") && key->address != NULL &&
	    strchr(key->address, '@') != NULL && strlen(key->address) <= ADDRESS_MAX &&
	    key->private_key != NULL;
}

const struct err *service_key_read(struct arena *arena, const char *path, struct service_key *key)
{
	struct doc *doc = NULL;
	const struct err *err;
	size_t len = 0;
	char *text = NULL;

	*key = (struct service_key){.address = NULL};
	if (path == NULL)
		return err_new(arena, ERR_INVALID, "GOOGLE_APPLICATION_CREDENTIALS is not set: it "
		    "names the JSON key file of a service account.");
	err = file_read(arena, path, &text, &len, &key->is_open);
	if (err != NULL)
		return err;
	if (len <= FILE_BYTES_MAX && doc_parse(arena, text, len, &doc) == NULL) {
		key->address = doc_text(doc, "client_email");
		key->key_id = doc_text(doc, "private_key_id");
		key->private_key = doc_text(doc, "private_key");
		key->token_url = doc_text(doc, "token_uri");
		if (key->token_url == NULL)
			key->token_url = TOKEN_URL;
	}
	if (!is_whole(doc, key))
		return err_new(arena, ERR_INVALID, "%s is not the key file of a service account: "
		    "make one in the Google Cloud console, under the account's Keys, type JSON.",
		    path);
	return NULL;
}

void service_key_wipe(struct service_key *key)
{
	/* The text is the document's own, which is ours. */
	if (key->private_key != NULL)
		explicit_bzero((void *)(uintptr_t)key->private_key, strlen(key->private_key));
	key->private_key = NULL;
}
