/* markdown.c: Markdown of models and people into HTML that can do no harm: no raw HTML, no
 * images, and links only to the web or to paths of ours. */
#include "web/frame.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <md4c-html.h>

#include "base/log.h"

#define SOURCE_BYTES_MAX (1u << 20)
#define PARSER_FLAGS \
	(MD_FLAG_NOHTML | MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS)

static const char anchor[] = "<a href=\"";
static const char image[] = "<img src=\"";
static const char safe_rel[] = " rel=\"noopener noreferrer nofollow\"";

static void collect(const MD_CHAR *text, MD_SIZE len, void *out)
{
	buf_add(out, text, len);
}

/* The renderer has escaped the address; it ends before the closing quote. */
static bool is_safe_url(const char *url, size_t len)
{
	bool is_web = (len > 8 && strncasecmp(url, "https://", 8) == 0) ||
	    (len > 7 && strncasecmp(url, "http://", 7) == 0);
	bool is_local = len > 0 &&
	    (url[0] == '#' || (url[0] == '/' && !(len > 1 && url[1] == '/')));

	return (is_web || is_local) && memchr(url, '\\', len) == NULL;
}

/* Copies a link with its rel; an unsafe one loses its address but stays readable. */
static const char *link_copy(const char *at, struct buf *out)
{
	const char *url = at + strlen(anchor);
	const char *quote = strchr(url, '"');

	if (quote == NULL)
		return at + strlen(at);
	if (is_safe_url(url, (size_t)(quote - url))) {
		buf_add(out, at, (size_t)(quote + 1 - at));
		buf_text(out, safe_rel);
	} else {
		buf_text(out, "<a");
	}
	return quote + 1;
}

/* A remote image would tell its host who reads: its description stands in its place. */
static const char *image_copy(const char *at, struct buf *out)
{
	const char *end = strchr(at, '>');
	const char *alt = strstr(at, "alt=\"");
	const char *quote;

	if (end == NULL)
		return at + strlen(at);
	if (alt == NULL || alt > end)
		return end + 1;
	alt += strlen("alt=\"");
	quote = strchr(alt, '"');
	if (quote == NULL || quote > end)
		return end + 1;
	buf_text(out, "[image: ");
	buf_add(out, alt, (size_t)(quote - alt));
	buf_text(out, "]");
	return end + 1;
}

/* The renderer escapes every < of a text, so these tags can only be its own. */
static void filter(const char *html, struct buf *out)
{
	while (*html != '\0') {
		size_t len = strcspn(html, "<");

		buf_add(out, html, len);
		html += len;
		if (strncmp(html, anchor, strlen(anchor)) == 0) {
			html = link_copy(html, out);
		} else if (strncmp(html, image, strlen(image)) == 0) {
			html = image_copy(html, out);
		} else if (*html == '<') {
			buf_char(out, *html++);
		}
	}
}

char *markdown_html(const char *text)
{
	struct arena *arena = arena_new();
	struct buf *html = buf_new(arena, PAGE_MAX);
	struct buf *safe = buf_new(arena, PAGE_MAX);
	char *result;

	if (strlen(text) > SOURCE_BYTES_MAX ||
	    md_html(text, (MD_SIZE)strlen(text), collect, html, PARSER_FLAGS, 0) != 0 ||
	    html->failed) {
		log_warn("markdown could not be shown");
		buf_reset(html);
	}
	if (html->len > 0)
		filter(html->data, safe);
	result = strdup(safe->len > 0 && !safe->failed ? safe->data : "");
	arena_free(arena);
	return result;
}
