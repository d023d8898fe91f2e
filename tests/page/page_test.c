/* page_test.c: renders templates with stored documents and compares with stored pages.
 *
 *	page_test [NAME...]
 *
 * tests/page/NAME.json is {"view": "run", "layout": true, "d": {...}, "page": {...}}; the result
 * must be tests/page/NAME.html to the byte. All documents are taken when no name is given; the
 * source tree is $srcdir, else the current folder. view is NAME up to its first '-' unless it is there; layout is
 * false unless it is there. The clock stands at 2026-11-22T12:00:00Z. With UPDATE=1 in the
 * environment the stored pages are written instead. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "view/view.h"
#include "web/frame.h"

#define NOW_MS 1795348800000 /* 2026-11-22T12:00:00Z */
#define FILE_MAX (4u << 20)

struct pages {
	struct arena *arena;
	const char *folder;
	const char *templates;
	bool is_update;
	int count;
	int failed;
};

static void report(struct pages *pages, bool is_good, const char *name, const char *reason)
{
	pages->count++;
	pages->failed += !is_good;
	printf("%s %d - %s%s%s\n", is_good ? "ok" : "not ok", pages->count, name,
	    *reason != '\0' ? ": " : "", reason);
}

/* The whole file; NULL when it cannot be read. */
static struct buf *file_read(struct arena *arena, const char *path)
{
	struct buf *buf = buf_new(arena, FILE_MAX);
	FILE *file = fopen(path, "re");
	char part[4096];
	size_t len;

	if (file == NULL)
		return NULL;
	while ((len = fread(part, 1, sizeof(part), file)) > 0)
		buf_add(buf, part, len);
	fclose(file);
	return buf->failed ? NULL : buf;
}

static bool file_write(const char *path, const struct buf *buf)
{
	FILE *file = fopen(path, "we");
	bool is_good = file != NULL && fwrite(buf->data, 1, buf->len, file) == buf->len;

	return file != NULL && fclose(file) == 0 && is_good;
}

/* A page is easier to compare where it breaks: the first line that differs. */
static const char *difference(struct arena *arena, const char *expected, const char *got)
{
	size_t line = 1;
	size_t start = 0;
	size_t i = 0;

	for (; expected[i] == got[i] && got[i] != '\0'; i++) {
		if (got[i] == '\n') {
			line++;
			start = i + 1;
		}
	}
	return arena_printf(arena, "line %zu\n# expected: %.*s\n# got:      %.*s", line,
	    (int)strcspn(expected + start, "\n"), expected + start,
	    (int)strcspn(got + start, "\n"), got + start);
}

static const char *page_make(struct pages *pages, const char *name, struct buf *out)
{
	struct arena *arena = pages->arena;
	const struct buf *json = file_read(arena,
	    arena_printf(arena, "%s/%s.json", pages->folder, name));
	struct view view = {.directory = pages->templates, .escape = VIEW_HTML};
	struct doc *doc;
	const struct err *err;
	bool has_layout = false;

	if (json == NULL)
		return "its document cannot be read";
	err = doc_parse(arena, json->data, json->len, &doc);
	if (err != NULL)
		return err->sentence;
	view.name = doc_text(doc, "view") != NULL ? doc_text(doc, "view") :
	    arena_strndup(arena, name, strcspn(name, "-"));
	view.name = arena_printf(arena, "%s.cs", view.name);
	if (doc_bool(doc, "layout", &has_layout) && has_layout)
		view.layout = "layout.cs";
	err = view_render(arena, &view, doc_get(doc, "d"), doc_get(doc, "page"), out);
	return err != NULL ? err->sentence : NULL;
}

static void page_check(struct pages *pages, const char *name)
{
	struct arena *arena = pages->arena;
	const char *path = arena_printf(arena, "%s/%s.html", pages->folder, name);
	struct buf *got = buf_new(arena, FILE_MAX);
	const char *problem = page_make(pages, name, got);
	const struct buf *expected;

	if (problem != NULL) {
		report(pages, false, name, problem);
	} else if (pages->is_update) {
		report(pages, file_write(path, got), name, "written");
	} else {
		expected = file_read(arena, path);
		if (expected == NULL)
			report(pages, false, name, "there is no stored page; run with UPDATE=1");
		else if (!text_equal(expected->data, got->data))
			report(pages, false, name, difference(arena, expected->data, got->data));
		else
			report(pages, true, name, "");
	}
	arena_reset(arena);
}

static int is_document(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot != NULL && strcmp(dot, ".json") == 0;
}

static void folder_check(struct pages *pages)
{
	struct dirent **entries;
	int count = scandir(pages->folder, &entries, is_document, alphasort);

	for (int i = 0; i < count; i++) {
		char name[256];

		snprintf(name, sizeof(name), "%.*s", (int)strlen(entries[i]->d_name) - 5,
		    entries[i]->d_name);
		page_check(pages, name);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

int main(int argc, char **argv)
{
	struct pages pages = {.is_update = getenv("UPDATE") != NULL};
	const char *source = getenv("srcdir") != NULL ? getenv("srcdir") : ".";
	struct arena *names = arena_new();

	pages.arena = arena_new();
	pages.folder = arena_printf(names, "%s/tests/page", source);
	pages.templates = arena_printf(names, "%s/templates", source);
	view_use_time(NOW_MS);
	view_use_markdown(markdown_html);
	for (int i = 1; i < argc; i++)
		page_check(&pages, argv[i]);
	if (argc == 1)
		folder_check(&pages);
	printf("1..%d\n", pages.count);
	arena_free(pages.arena);
	arena_free(names);
	return pages.failed > 0 || pages.count == 0 ? 1 : 0;
}
