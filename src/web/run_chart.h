/* run_chart.h: the geometry of a run's bars, in whole numbers for SVG attributes. */
#ifndef WEB_RUN_CHART_H
#define WEB_RUN_CHART_H

#include "base/doc.h"

#define CHART_UNITS 1000 /* width of every bar's box */

/* Fills page: bars[], for each step of the run its place on the time axis {phase, label, x,
 * width}; phases[], time and share of the cost of each phase {key, label, x, width, duration_ms};
 * phase_count of steps started; is_live while the run is queued or running. */
void run_chart(const struct doc *run, struct doc *page);
/* Fills page.bars[]: for each run of a list the shares of its phases, {generation, analysis,
 * improvement} each with x and width; a run that cost nothing has none. */
void run_chart_list(const struct doc *runs, struct doc *page);

#endif
