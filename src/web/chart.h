/* chart.h: the geometry of the cost chart: whole numbers for a template that draws them. */
#ifndef WEB_CHART_H
#define WEB_CHART_H

#include "base/doc.h"

/* Puts page.chart: size, ticks, columns (a bar each, with its figures), labels, series (the
 * rectangles of a phase), legend, highest. Only is_empty when nothing was spent; only is_too_large
 * when there are more bars than pixels, or one beyond all bounds. report is cost_report's. */
void chart_costs(struct arena *arena, const struct doc *report, struct doc *page);
/* "24 Oct – 22 Nov 2026" for two dates YYYY-MM-DD. */
const char *chart_period(struct arena *arena, const char *from, const char *to);

#endif
