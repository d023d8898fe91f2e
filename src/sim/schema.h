/* schema.h: structured answers: is a JSON schema acceptable, and a value that conforms to it. */
#ifndef SIM_SCHEMA_H
#define SIM_SCHEMA_H

#include "base/doc.h"
#include "sim/quality.h"

/* Refuses what the provider refuses: open objects, ranges, lengths, unknown keywords. */
const struct err *schema_check(struct arena *arena, const struct doc *schema) MUST_CHECK;
/* A value that conforms to a checked schema, as JSON. Members called score, summary and findings
 * get the review's contents where their types allow. */
void schema_fill(struct arena *arena, const struct doc *schema, const struct review *review,
    struct buf *json);

#endif
