/* entry.c: calls made elsewhere arrive: one entry, an array, or {"cost_entries": [...]}. */
#include "model/entry.h"

#include "base/text.h"
#include "web/handlers.h"

/* The entries that were sent, and how a JSON pointer into them begins. */
struct sent {
	const struct doc *entries; /* NULL: the body itself is one */
	const char *place;
};

static const struct err *entries_err(struct arena *arena, const char *name, const char *sentence)
{
	struct err_field *field = arena_alloc(arena, sizeof(*field));
	struct err *err = arena_alloc(arena, sizeof(*err));

	*field = (struct err_field){name, sentence, NULL};
	*err = (struct err){.kind = ERR_INVALID, .sentence = sentence, .fields = field};
	return err;
}

static const struct err *sent_read(struct arena *arena, const struct doc *body,
    struct sent *sent)
{
	const char *name = "/cost_entries";
	size_t count;

	*sent = (struct sent){NULL, "/"};
	if (!body)
		return err_new(arena, ERR_INVALID, "Send an entry, or an array of them.");
	if (doc_type(body) == DOC_ARRAY) {
		*sent = (struct sent){body, "/"};
		name = "";
	} else if (doc_has(body, "cost_entries")) {
		*sent = (struct sent){doc_get(body, "cost_entries"), "/cost_entries/"};
		if (doc_type(sent->entries) != DOC_ARRAY)
			return entries_err(arena, name, "cost_entries must be an array.");
		if (doc_count(body) > 1)
			return entries_err(arena, name,
			    "Nothing else may stand beside cost_entries.");
	} else {
		return NULL;
	}
	count = doc_count(sent->entries);
	if (count == 0 || count > ENTRY_COUNT_MAX)
		return entries_err(arena, name, arena_printf(arena, "From 1 to %d entries may be "
		    "sent at once; there are %zu.", ENTRY_COUNT_MAX, count));
	return NULL;
}

const struct err *post_cost_entries(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	struct entry_batch *batch = entry_batch_new(ctx, NULL);
	struct sent sent;
	const struct err *err = sent_read(ctx->arena, request->body, &sent);

	if (err)
		return err;
	if (!sent.entries)
		entry_add(batch, request->body, sent.place);
	for (size_t i = 0; i < doc_count(sent.entries); i++)
		entry_add(batch, doc_at(sent.entries, i),
		    arena_printf(ctx->arena, "%s%zu/", sent.place, i));
	err = entry_book(batch, false, reply->doc);
	if (err)
		return err;
	reply->status = 201;
	return NULL;
}
