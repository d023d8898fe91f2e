/* usage.c: token counts as JSON, and recorded counts read from a file. */
#include "sim/usage.h"

#include "base/text.h"

int64_t usage_cache_write(const struct usage *usage)
{
	return usage->cache_write_5m + usage->cache_write_1h;
}

void usage_add(struct usage *sum, const struct usage *usage)
{
	sum->input += usage->input;
	sum->cache_read += usage->cache_read;
	sum->cache_write_5m += usage->cache_write_5m;
	sum->cache_write_1h += usage->cache_write_1h;
	sum->output += usage->output;
}

struct doc *usage_delta_doc(struct arena *arena, const struct usage *usage)
{
	struct doc *doc = doc_object(arena);
	doc_set_int(doc, "input_tokens", usage->input);
	doc_set_int(doc, "cache_creation_input_tokens", usage_cache_write(usage));
	doc_set_int(doc, "cache_read_input_tokens", usage->cache_read);
	doc_set_int(doc, "output_tokens", usage->output);
	return doc;
}

struct doc *usage_doc(struct arena *arena, const struct usage *usage)
{
	struct doc *doc = usage_delta_doc(arena, usage);
	struct doc *split = doc_add_object(doc, "cache_creation");
	doc_set_int(split, "ephemeral_5m_input_tokens", usage->cache_write_5m);
	doc_set_int(split, "ephemeral_1h_input_tokens", usage->cache_write_1h);
	struct doc *details = doc_add_object(doc, "output_tokens_details");
	doc_set_int(details, "thinking_tokens", 0);
	doc_set_null(doc, "server_tool_use");
	doc_set_text(doc, "service_tier", "standard");
	doc_set_text(doc, "inference_geo", "global");
	return doc;
}

/* An optional count; absent stays 0. */
static bool read_count(const struct doc *doc, const char *name, int64_t *value)
{
	return !doc_get(doc, name) || (doc_int(doc, name, value) && *value >= 0);
}

static bool usage_read(const struct doc *doc, struct usage *usage)
{
	int64_t write = 0;
	const struct doc *split = doc_get(doc, "cache_creation");
	*usage = (struct usage){0};
	if (!read_count(doc, "input_tokens", &usage->input)
	    || !read_count(doc, "output_tokens", &usage->output)
	    || !read_count(doc, "cache_read_input_tokens", &usage->cache_read)
	    || !read_count(doc, "cache_creation_input_tokens", &write))
		return false;
	if (split && !read_count(split, "ephemeral_1h_input_tokens", &usage->cache_write_1h))
		return false;
	usage->cache_write_5m = write - usage->cache_write_1h;
	return usage->cache_write_5m >= 0;
}

/* The usages of one phase: an object, or an array of them. */
static const struct err *phase_read(struct arena *arena, const struct doc *doc, enum phase phase,
    struct recorded *recorded)
{
	bool is_array = doc_type(doc) == DOC_ARRAY;
	size_t count = is_array ? doc_count(doc) : 1;
	struct usage *usages = arena_alloc(arena, count * sizeof(*usages));

	for (size_t i = 0; i < count; i++) {
		if (!usage_read(is_array ? doc_at(doc, i) : doc, &usages[i]))
			return err_new(arena, ERR_INVALID, "%s: counts must be integers from 0, "
			    "and cache_creation_input_tokens the sum of its parts.",
			    phase_name(phase));
	}
	recorded->usages[phase] = usages;
	recorded->usage_count[phase] = count;
	return NULL;
}

const struct err *recorded_read(struct arena *arena, const struct doc *doc,
    struct recorded *recorded)
{
	*recorded = (struct recorded){0};
	for (int phase = PHASE_ANY + 1; phase < PHASE_COUNT; phase++) {
		const struct doc *usages = doc_get(doc, phase_name((enum phase)phase));
		const struct err *err = usages ?
		    phase_read(arena, usages, (enum phase)phase, recorded) : NULL;
		if (err)
			return err;
	}
	recorded->scores = doc_get(doc, "scores");
	if (recorded->scores && doc_type(recorded->scores) != DOC_ARRAY)
		return err_new(arena, ERR_INVALID, "scores: not an array.");
	for (size_t i = 0; i < doc_count(recorded->scores); i++) {
		if (doc_type(doc_at(recorded->scores, i)) != DOC_INT)
			return err_new(arena, ERR_INVALID, "scores: not an array of integers.");
	}
	return NULL;
}

bool recorded_next_usage(struct recorded *recorded, enum phase phase, struct usage *usage)
{
	size_t count = recorded->usage_count[phase];
	if (count == 0)
		return false;
	*usage = recorded->usages[phase][recorded->next_usage[phase]++ % count];
	return true;
}

bool recorded_next_score(struct recorded *recorded, int64_t *score)
{
	size_t count = doc_count(recorded->scores);
	if (count == 0)
		return false;
	const struct doc *next = doc_at(recorded->scores, recorded->next_score++ % count);
	return text_to_int(doc_scalar(next), INT32_MIN, INT32_MAX, score);
}
