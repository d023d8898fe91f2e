/* home.h: the first page: what it costs, what runs, what needs attention. */
#ifndef MODEL_HOME_H
#define MODEL_HOME_H

#include "model/ctx.h"

/* Fills costs (today, yesterday, month), runs by state, health, recent_runs and report, the last
 * 30 days by day in zone; the caller's account, or everybody's for an operator. pause, while claims
 * are paused, and for an operator runners: as in runner.h. */
const struct err *home_get(struct ctx *ctx, const char *zone, struct doc *out) MUST_CHECK;

#endif
