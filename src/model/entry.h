/* entry.h: calls made elsewhere, read and booked as lines of the ledger.
 *
 * An entry is an object: accountId, assistantId, pipelineRunId, idempotency_key, operation, model,
 * timestamp, the disjoint buckets input_tokens, cache_read_tokens, cache_write_tokens (of which
 * cache_write_1h_tokens) and output_tokens, cost_usd, usage (the provider's own object) or
 * attributes (OpenTelemetry GenAI). Whatever says something twice must say the same. */
#ifndef MODEL_ENTRY_H
#define MODEL_ENTRY_H

#include "model/ctx.h"

#define ENTRY_COUNT_MAX 1000 /* entries of one batch */

/* Entries that are booked together or not at all. */
struct entry_batch;

/* account_id: of the entries that name no account; NULL: each must. An account's own user may
 * name no other one. */
struct entry_batch *entry_batch_new(struct ctx *ctx, const char *account_id);
/* Reads one entry; at most ENTRY_COUNT_MAX may be added. What is wrong is kept until entry_book.
 * place stands in front of each field that is named: "/cost_entries/17/", "line 17, ". */
void entry_add(struct entry_batch *batch, const struct doc *entry, const char *place);
/* In place of an entry that could not even be read. */
void entry_add_broken(struct entry_batch *batch, const char *place, const char *sentence);
size_t entry_count(const struct entry_batch *batch);

/* Sets a field from a cell of a table: a count becomes an integer, usage and attributes are
 * parsed, an empty cell says nothing. false: there is no such field, whatever the cell holds. */
bool entry_set_cell(struct arena *arena, struct doc *entry, const char *name, const char *cell);

/* Books all entries, or none. An entry whose key is booked with the same content is not booked
 * again; with other content it is ERR_CONFLICT. Everything else that is wrong, in any entry, is
 * one ERR_INVALID. Its fields name the first of them. is_dry: all is checked and priced, nothing
 * written. out gets cost_entries (id, idempotency_key, booked, cost_usd, price_status, price_id of
 * each, in order) and totals (booked, repeated, unpriced_calls, cost_usd of what is booked now). */
const struct err *entry_book(struct entry_batch *batch, bool is_dry, struct doc *out) MUST_CHECK;

#endif
