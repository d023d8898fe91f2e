/* view.c: ClearSilver behind one function: document to HDF, templates from one folder, output
 * into a buffer. Trees are built and parsed for each page; there is nothing to invalidate. */
#include "view/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <ClearSilver/ClearSilver.h>

#include "base/log.h"
#include "base/text.h"
#include "view/filter.h"

#define NAME_BYTES_MAX 64
#define TEMPLATE_BYTES_MAX (256 << 10)
#define LAYOUT_VIEW "view" /* what a layout includes */

/* The page being rendered. The library hands no argument to its string functions, so there is
 * one at a time in a process. */
static struct {
	struct arena *arena;
	const struct view *view;
	bool has_started;
	view_html markdown;
} now;

void view_use_markdown(view_html markdown)
{
	now.markdown = markdown;
}

void view_use_time(int64_t wall_ms)
{
	filter_use_time(wall_ms);
}

int64_t view_changes_ms(void)
{
	return filter_changes_ms();
}

/* Ends the library's error; the reason goes to the log. */
static const struct err *fail(const char *doing, NEOERR *problem)
{
	STRING text;

	if (problem == STATUS_OK)
		return NULL;
	string_init(&text);
	nerr_error_string(problem, &text);
	log_error("template failed", "doing", doing, "template", now.view->name, "error",
	    text.buf != NULL ? text.buf : "unknown");
	string_clear(&text);
	nerr_ignore(&problem);
	return err_new(now.arena, ERR_BUG, "The page could not be made.");
}

static bool is_plain_name(const char *name)
{
	size_t len = 0;

	for (; name[len] != '\0'; len++) {
		char c = name[len];

		if (len == NAME_BYTES_MAX || !((c >= 'a' && c <= 'z') || c == '_' || c == '-' ||
		    (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')))
			return false;
	}
	return len > 0;
}

struct copying {
	HDF *parent;
	NEOERR *problem;
};

static void member_copy(void *arg, const char *name, struct doc *value);

static void items_copy(struct copying *into, const struct doc *array)
{
	char name[24];

	for (size_t i = 0; i < doc_count(array); i++) {
		snprintf(name, sizeof(name), "%zu", i);
		member_copy(into, name, doc_at(array, i));
	}
}

/* One member of an object, or item of an array, below into->parent. */
static void member_copy(void *arg, const char *name, struct doc *value)
{
	struct copying *copying = arg;
	struct copying below = {.problem = STATUS_OK};
	enum doc_type type = doc_type(value);

	if (copying->problem != STATUS_OK || !is_plain_name(name) || type == DOC_NULL)
		return;
	if (type != DOC_OBJECT && type != DOC_ARRAY) {
		/* "0" for false would count as there under if:?x */
		if (type != DOC_BOOL || text_equal(doc_scalar(value), "1"))
			copying->problem = hdf_set_value(copying->parent, name, doc_scalar(value));
		return;
	}
	copying->problem = hdf_get_node(copying->parent, name, &below.parent);
	if (copying->problem != STATUS_OK)
		return;
	if (type == DOC_ARRAY)
		items_copy(&below, value);
	else
		doc_each(value, member_copy, &below);
	copying->problem = below.problem;
}

/* The library frees what a string function returns. */
static NEOERR *give(const char *text, char **result)
{
	*result = strdup(text);
	return *result != NULL ? STATUS_OK : nerr_raise(NERR_NOMEM, "no memory for a filter");
}

/* A string function knows only its text: one of these for each row of filters[]. */
#define FILTER(i) \
	static NEOERR *filter_call_##i(const char *text, char **result) \
	{ \
		return give(filters[i].apply(now.arena, text), result); \
	}
FILTER(0) FILTER(1) FILTER(2) FILTER(3) FILTER(4) FILTER(5)
FILTER(6) FILTER(7) FILTER(8) FILTER(9) FILTER(10) FILTER(11) FILTER(12)

static const CSSTRFUNC filter_calls[] = {
	filter_call_0, filter_call_1, filter_call_2, filter_call_3, filter_call_4, filter_call_5,
	filter_call_6, filter_call_7, filter_call_8, filter_call_9, filter_call_10, filter_call_11,
	filter_call_12,
};

static NEOERR *markdown_call(const char *text, char **result)
{
	*result = now.markdown(text);
	return *result != NULL ? STATUS_OK : nerr_raise(NERR_NOMEM, "no memory for markdown");
}

static NEOERR *filters_register(CSPARSE *parse)
{
	NEOERR *problem = STATUS_OK;
	char name[16];

	for (size_t i = 0; i < filter_count && problem == STATUS_OK; i++) {
		snprintf(name, sizeof(name), "%s", filters[i].name);
		problem = cs_register_strfunc(parse, name, filter_calls[i]);
	}
	snprintf(name, sizeof(name), "markdown");
	if (problem == STATUS_OK && now.markdown != NULL)
		problem = cs_register_esc_strfunc(parse, name, markdown_call);
	return problem;
}

/* The text of an open file in memory of malloc, which the library frees; NULL: it cannot be read
 * or is too long. */
static char *file_text(FILE *file)
{
	struct stat st;
	size_t size;
	char *text;

	if (fstat(fileno(file), &st) != 0 || st.st_size > TEMPLATE_BYTES_MAX)
		return NULL;
	size = (size_t)st.st_size;
	text = malloc(size + 1);
	if (text == NULL)
		arena_out_of_memory(size + 1);
	text[fread(text, 1, size, file)] = '\0';
	return text;
}

/* Templates come from the view's folder only; a layout's "view" is the page's own template. */
static NEOERR *template_load(void *arg, HDF *hdf, const char *name, char **text)
{
	const struct view *view = arg;
	char *path;
	FILE *file;

	if (text_equal(name, LAYOUT_VIEW))
		name = view->name;
	if (name[0] == '/' || strstr(name, "..") != NULL)
		return nerr_raise(NERR_NOT_FOUND, "%s", "a template outside its folder");
	path = arena_printf(now.arena, "%s/%s", view->directory, name);
	file = fopen(path, "re");
	if (file == NULL)
		return nerr_raise_errno(NERR_NOT_FOUND, "%s", path);
	*text = file_text(file);
	(void)fclose(file);
	return *text != NULL ? STATUS_OK : nerr_raise(NERR_IO, "%s", path);
}

static NEOERR *output(void *arg, char *text)
{
	buf_text(arg, text);
	return STATUS_OK;
}

static NEOERR *hdf_fill(HDF *hdf, const struct doc *d, const struct doc *page)
{
	struct copying copying = {.parent = hdf, .problem = STATUS_OK};

	member_copy(&copying, "d", (struct doc *)d);
	if (copying.problem == STATUS_OK && page != NULL)
		member_copy(&copying, "page", (struct doc *)page);
	if (copying.problem == STATUS_OK && now.view->escape == VIEW_HTML)
		copying.problem = hdf_set_value(hdf, "Config.VarEscapeMode", "html");
	return copying.problem;
}

static NEOERR *page_make(HDF *hdf, CSPARSE **parse, struct buf *out)
{
	const char *top = now.view->layout != NULL ? now.view->layout : now.view->name;
	NEOERR *problem = cs_init(parse, hdf);

	if (problem != STATUS_OK)
		return problem;
	cs_register_fileload(*parse, (void *)now.view, template_load);
	problem = filters_register(*parse);
	if (problem == STATUS_OK)
		problem = cs_parse_file(*parse, top);
	if (problem == STATUS_OK)
		problem = cs_render(*parse, out, output);
	return problem;
}

static void hdf_release(void *hdf)
{
	HDF *tree = hdf;

	hdf_destroy(&tree);
}

const struct err *view_render(struct arena *arena, const struct view *view, const struct doc *d,
    const struct doc *page, struct buf *out)
{
	HDF *hdf = NULL;
	CSPARSE *parse = NULL;
	const struct err *err;

	now.arena = arena;
	now.view = view;
	if (!now.has_started && (err = fail("starting", nerr_init())) != NULL)
		return err;
	now.has_started = true;
	filter_watch();
	err = fail("starting", hdf_init(&hdf));
	if (err != NULL)
		return err;
	arena_on_reset(arena, hdf_release, hdf);
	err = fail("filling", hdf_fill(hdf, d, page));
	if (err == NULL)
		err = fail("rendering", page_make(hdf, &parse, out));
	cs_destroy(&parse);
	if (err == NULL && out->failed) {
		log_error("page too large", "template", view->name);
		err = err_new(arena, ERR_BUG, "The page is too large to be shown.");
	}
	return err;
}
