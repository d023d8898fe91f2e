/* usage.h: what others report about a call's tokens, read into the disjoint buckets of a line.
 *
 * Nothing is clamped: counts that cannot be true are refused. A refusal names the member, a path
 * below the object read, and says in a sentence what is wrong with it. */
#ifndef MODEL_USAGE_H
#define MODEL_USAGE_H

#include "base/doc.h"
#include "base/money.h"

/* More tokens than any call can have; a count beyond it is not believed. */
#define USAGE_TOKENS_MAX INT64_C(1000000000)

/* Whether this is the usage object of Anthropic's Messages API, whose input_tokens do not include
 * the cached ones. The objects of others have a total, or details of what they include. */
bool usage_is_messages(const struct doc *usage);
/* Reads that object; NULL, or why not. tokens are all zero then. */
const struct err_field *usage_read(struct arena *arena, const struct doc *usage,
    struct money_usage *tokens) MUST_CHECK;

/* Whether an attribute is one that the OpenTelemetry conventions tell tokens by. */
bool usage_is_attribute(const char *name);
/* Reads the tokens of OpenTelemetry GenAI attributes. Their input_tokens include what was read
 * from and written to the cache: both are taken off. Likewise NULL, or why not. */
const struct err_field *usage_read_attributes(struct arena *arena, const struct doc *attributes,
    struct money_usage *tokens) MUST_CHECK;

#endif
