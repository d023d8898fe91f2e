/* insight.h: what cost pages say in words, and the links to the lines and runs behind numbers. */
#ifndef WEB_INSIGHT_H
#define WEB_INSIGHT_H

#include "base/doc.h"

/* Puts page.query, pieces of addresses: span (the report's days and zone), zone, account and
 * assistant, those of the filter, empty without one. report is cost_report's. */
void insight_links(struct arena *arena, const struct doc *report, const struct doc *filter,
    struct doc *page);
/* Puts page.difference: sign and amount, causes (the weightiest first, as words) and rows (all
 * parts, with a heading); and page.is_cache_loss. */
void insight_words(struct arena *arena, const struct doc *report, struct doc *page);

#endif
