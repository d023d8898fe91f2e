/* cookies.c: Cookie headers, each ended by a NUL; the first byte tells HTTPS. A cookie counts only
 * when its name stands there once; here that is counted another way. */
#include "fuzz.h"

#include <ctype.h>

#include "web/frame.h"

#define HEADERS_MAX 8

struct found {
	size_t count;
	const char *value;
};

/* Counts NAME=VALUE among what stands between semicolons. */
static void count(struct arena *arena, const char *header, const char *name, struct found *found)
{
	char *rest = arena_strdup(arena, header);
	char *pair;

	while ((pair = strsep(&rest, ";")) != NULL) {
		char *equals;

		pair += strspn(pair, " \t");
		equals = strchr(pair, '=');
		if (equals == NULL || (size_t)(equals - pair) != strlen(name) ||
		    strncmp(pair, name, strlen(name)) != 0)
			continue;
		found->count++;
		found->value = equals + 1;
	}
}

static bool is_token(const char *text)
{
	size_t len = 0;

	for (; text[len] != '\0'; len++) {
		unsigned char c = (unsigned char)text[len];

		if (c >= 128 || (!isalnum(c) && strchr("-_.%", c) == NULL))
			return false;
	}
	return len >= 16 && len <= 256;
}

FUZZ(cookies)
{
	struct arena *arena = arena_new();
	char *params[HEADERS_MAX + 2] = {NULL};
	bool is_https = size > 0 && (data[0] & 1) != 0;
	const char *name = is_https ? "__Host-" COOKIE_SESSION : COOKIE_SESSION;
	struct found found = {0};
	struct request request;
	size_t used = 0;

	for (size_t at = 1; at < size && used < HEADERS_MAX;) {
		const char *header = fuzz_text(arena, data + at, size - at);

		at += strlen(header) + 1;
		count(arena, header, name, &found);
		params[used++] = arena_printf(arena, "HTTP_COOKIE=%s", header);
	}
	params[used] = is_https ? arena_strdup(arena, "HTTPS=on") : NULL;
	/* Without an address it is refused, but its cookies have been read. */
	HOLDS(request_begin(arena, params, &request) != NULL);
	if (found.count == 1 && is_token(found.value))
		HOLDS(request.session != NULL && strcmp(request.session, found.value) == 0);
	else
		HOLDS(request.session == NULL);
	arena_free(arena);
	return 0;
}
