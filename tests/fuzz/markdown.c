/* markdown.c: HTML made of a stranger's Markdown has allowed tags and attributes only, each quoted,
 * and addresses of the web only. */
#include "fuzz.h"

#include <ctype.h>

#include "web/frame.h"

/* A tag, then its attributes; "..." after a name is where its value is checked. */
static const char *const tags[][4] = {
	{"h1"}, {"h2"}, {"h3"}, {"h4"}, {"h5"}, {"h6"}, {"p"}, {"em"}, {"strong"}, {"ul"},
	{"ol", "start"}, {"li", "class"}, {"code", "class"}, {"pre"}, {"blockquote"}, {"hr"},
	{"br"}, {"a", "href", "rel", "title"}, {"table"}, {"thead"}, {"tbody"}, {"tr"},
	{"th", "align"}, {"td", "align"}, {"del"}, {"input", "type", "class"},
};

static bool is_word(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && strncmp(text, word, len) == 0;
}

static const char *const *tag_find(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(tags); i++)
		if (is_word(name, len, tags[i][0]))
			return tags[i];
	return NULL;
}

static void check_value(const char *name, size_t name_len, const char *value, size_t len)
{
	HOLDS(memchr(value, '<', len) == NULL);
	if (is_word(name, name_len, "type"))
		HOLDS(is_word(value, len, "checkbox"));
	if (is_word(name, name_len, "rel"))
		HOLDS(is_word(value, len, "noopener noreferrer nofollow"));
	if (is_word(name, name_len, "href"))
		HOLDS((len > 7 && strncasecmp(value, "http://", 7) == 0) ||
		    (len > 8 && strncasecmp(value, "https://", 8) == 0) || *value == '#' ||
		    (*value == '/' && value[1] != '/' && value[1] != '\\'));
}

/* One attribute, behind its space; returns what follows it. */
static const char *check_attribute(const char *const *tag, const char *at)
{
	size_t len = strspn(at, "abcdefghijklmnopqrstuvwxyz");
	bool is_known = false;
	const char *value = at + len + 2;
	size_t value_len;

	HOLDS(len > 0);
	if (is_word(tag[0], strlen(tag[0]), "input") && at[len] != '=')
		HOLDS(is_word(at, len, "disabled") || is_word(at, len, "checked"));
	if (at[len] != '=')
		return at + len;
	for (size_t i = 1; i < ARRAY_LEN(tags[0]) && tag[i] != NULL; i++)
		is_known |= is_word(at, len, tag[i]);
	HOLDS(is_known && at[len + 1] == '"');
	value_len = strcspn(value, "\"");
	HOLDS(value[value_len] == '"');
	check_value(at, len, value, value_len);
	return value + value_len + 1;
}

/* The tag whose bracket stands at; returns what follows it. */
static const char *check_tag(const char *at)
{
	bool is_end = at[1] == '/';
	const char *name = at + 1 + is_end;
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz123456");
	const char *const *tag = tag_find(name, len);

	HOLDS(tag != NULL);
	at = name + len;
	while (*at == ' ' && !is_end)
		at = check_attribute(tag, at + 1);
	HOLDS(*at == '>');
	return at + 1;
}

FUZZ(markdown)
{
	struct arena *arena = arena_new();
	char *html = markdown_html(fuzz_text(arena, data, size));

	HOLDS(html != NULL);
	for (const char *at = html; *(at += strcspn(at, "<")) != '\0';)
		at = check_tag(at);
	free(html);
	arena_free(arena);
	return 0;
}
