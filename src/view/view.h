/* view.h: documents into text through ClearSilver templates; the only place of ClearSilver.
 *
 * The document stands under d., frame data under page.; HDF names come from documents of ours
 * (constant keys), never from users' text. Values in HTML are escaped by default. */
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
};

/* Appends the rendered template to out. page may be NULL. Filters usable in templates:
 * usd2 usd4 usd6 tokens duration percent ago date link lower count (see view.c). */
const struct err *view_render(struct arena *arena, const struct view *view, const struct doc *d,
    const struct doc *page, struct buf *out) MUST_CHECK;

#endif
