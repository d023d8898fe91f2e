/* catalog.c: the models the simulator serves and what each of them accepts. */
#include "sim/catalog.h"

#include "base/text.h"

#define MILLION INT64_C(1000000)
#define EXTRA_MAX 16

static const struct catalog_model catalog[] = {
	{"claude-opus-5", NULL, "Claude Opus 5", "2026-07-24T00:00:00Z",
	    MILLION, 128000, 512, false, false},
	{"claude-fable-5", NULL, "Claude Fable 5", "2026-06-09T00:00:00Z",
	    MILLION, 128000, 512, false, false},
	{"claude-sonnet-5", NULL, "Claude Sonnet 5", "2026-06-30T00:00:00Z",
	    MILLION, 128000, 1024, false, false},
	{"claude-opus-4-8", NULL, "Claude Opus 4.8", "2026-05-28T00:00:00Z",
	    MILLION, 128000, 1024, false, false},
	{"claude-opus-4-7", NULL, "Claude Opus 4.7", "2026-04-16T00:00:00Z",
	    MILLION, 128000, 2048, false, false},
	{"claude-sonnet-4-6", NULL, "Claude Sonnet 4.6", "2026-02-17T00:00:00Z",
	    MILLION, 64000, 1024, true, false},
	{"claude-opus-4-6", NULL, "Claude Opus 4.6", "2026-02-05T00:00:00Z",
	    MILLION, 128000, 4096, true, false},
	{"claude-opus-4-5-20251101", "claude-opus-4-5", "Claude Opus 4.5", "2025-11-24T00:00:00Z",
	    200000, 64000, 4096, true, true},
	{"claude-haiku-4-5-20251001", "claude-haiku-4-5", "Claude Haiku 4.5",
	    "2025-10-15T00:00:00Z", 200000, 64000, 4096, true, true},
	{"claude-sonnet-4-5-20250929", "claude-sonnet-4-5", "Claude Sonnet 4.5",
	    "2025-09-29T00:00:00Z", 200000, 64000, 1024, true, true},
};

static struct catalog_model extra[EXTRA_MAX];
static size_t extra_count;

static size_t catalog_count(void)
{
	return ARRAY_LEN(catalog) + extra_count;
}

static const struct catalog_model *catalog_at(size_t index)
{
	if (index < ARRAY_LEN(catalog))
		return &catalog[index];
	return &extra[index - ARRAY_LEN(catalog)];
}

const struct catalog_model *catalog_find(const char *id)
{
	for (size_t i = 0; i < catalog_count(); i++) {
		const struct catalog_model *model = catalog_at(i);
		if (text_equal(model->id, id) || (model->alias && text_equal(model->alias, id)))
			return model;
	}
	return NULL;
}

bool catalog_add(const char *id)
{
	if (catalog_find(id))
		return true;
	if (extra_count == EXTRA_MAX)
		return false;
	extra[extra_count++] = (struct catalog_model){.id = id, .name = id,
	    .created_at = "2025-01-01T00:00:00Z", .context_tokens = 200000,
	    .output_tokens = 64000, .cache_min_tokens = 1024, .sampling = true, .prefill = true};
	return true;
}

struct doc *catalog_model_doc(struct arena *arena, const struct catalog_model *model)
{
	struct doc *doc = doc_object(arena);
	doc_set_text(doc, "id", model->id);
	doc_set_text(doc, "type", "model");
	doc_set_text(doc, "display_name", model->name);
	doc_set_text(doc, "created_at", model->created_at);
	doc_set_int(doc, "max_input_tokens", model->context_tokens);
	doc_set_int(doc, "max_tokens", model->output_tokens);
	doc_set_null(doc, "capabilities");
	return doc;
}

/* Where a page begins and ends, as indexes into the catalog. */
static void page_bounds(int64_t limit, const char *after_id, const char *before_id, size_t *first,
    size_t *end)
{
	*first = 0;
	*end = catalog_count();
	for (size_t i = 0; i < catalog_count(); i++) {
		if (after_id && text_equal(catalog_at(i)->id, after_id))
			*first = i + 1;
		if (before_id && text_equal(catalog_at(i)->id, before_id))
			*end = i;
	}
	if (*end < *first)
		*end = *first;
	size_t most = (size_t)limit;
	if (*end - *first <= most)
		return;
	if (before_id && !after_id)
		*first = *end - most;
	else
		*end = *first + most;
}

struct doc *catalog_page_doc(struct arena *arena, int64_t limit, const char *after_id,
    const char *before_id)
{
	size_t first, end;
	page_bounds(limit, after_id, before_id, &first, &end);
	struct doc *doc = doc_object(arena);
	struct doc *data = doc_add_array(doc, "data");
	for (size_t i = first; i < end; i++)
		doc_push(data, catalog_model_doc(arena, catalog_at(i)));
	bool backwards = before_id && !after_id;
	doc_set_bool(doc, "has_more", backwards ? first > 0 : end < catalog_count());
	doc_set_text(doc, "first_id", end > first ? catalog_at(first)->id : NULL);
	doc_set_text(doc, "last_id", end > first ? catalog_at(end - 1)->id : NULL);
	return doc;
}
