/* view.h: documents into text through ClearSilver templates; the only place of ClearSilver.
 *
 * The document stands under d., frame data under page.; HDF names come from documents of ours
 * (constant keys), never from users' text: a member whose name is not letters, digits, '_' or '-'
 * is left out. A true boolean is "1"; false, null and absent members do not exist; an array's
 * items are named 0, 1, 2 ... Values in HTML are escaped by default. */
#ifndef VIEW_VIEW_H
#define VIEW_VIEW_H

#include "base/doc.h"

enum view_escape {
	VIEW_HTML, /* pages: every variable is escaped */
	VIEW_PLAIN /* prompts sent to the model: text as it is */
};

struct view {
	const char *directory; /* of templates */
	const char *name;      /* file below it, with ".cs" */
	enum view_escape escape;
	const char *layout;    /* template around it, whose include!"view" is name; NULL: none */
};

/* Appends the rendered template to out. page may be NULL. Filters usable in templates, each of
 * one value: usd2 usd4 usd6 tokens count duration percent ago date moment link lower
 * encoded, and markdown (see filter.c). */
const struct err *view_render(struct arena *arena, const struct view *view, const struct doc *d,
    const struct doc *page, struct buf *out) MUST_CHECK;

/* The one filter whose result is HTML and not escaped again: markdown(). It returns text of
 * malloc, or NULL when memory is gone. Without one, markdown() is an unknown function. */
typedef char *(*view_html)(const char *text);
void view_use_markdown(view_html markdown);

/* Fixes the time that ago() counts from, for tests; 0: the wall clock. */
void view_use_time(int64_t wall_ms);

/* When, by the wall clock in milliseconds, the text rendered last would read differently by
 * itself, for the times in it; INT64_MAX: never. */
int64_t view_changes_ms(void);

#endif
