/* usage.c: the usage object of the Messages API, and the attributes of OpenTelemetry GenAI. */
#include "model/usage.h"

#include <inttypes.h>

#include "base/text.h"

/* open-telemetry/semantic-conventions-genai as of November 2026: cache_creation became
 * cache_write; both are read. */
#define OTEL "gen_ai.usage."
#define OTEL_INPUT OTEL "input_tokens"
#define OTEL_OUTPUT OTEL "output_tokens"
#define OTEL_READ OTEL "cache_read.input_tokens"
#define OTEL_WRITE OTEL "cache_write.input_tokens"
#define OTEL_CREATION OTEL "cache_creation.input_tokens"
#define OTEL_REASONING OTEL "reasoning.output_tokens"

/* A count to read: where from, whether it must be there, where to. */
struct count {
	const struct doc *object;
	const char *path; /* of object, with a slash at its end */
	const char *name;
	bool is_needed;
	int64_t *value;
};

static const struct err_field *fault_new(struct arena *arena, const char *name,
    const char *sentence)
{
	struct err_field *fault = arena_alloc(arena, sizeof(*fault));

	*fault = (struct err_field){name, sentence, NULL};
	return fault;
}

/* Reads the counts, 0 where there is none; the first that is missing or not believed is named. */
static const struct err_field *counts_read(struct arena *arena, const struct count *counts,
    size_t n)
{
	for (const struct count *count = counts; count < counts + n; count++) {
		const char *name = arena_printf(arena, "%s%s", count->path, count->name);

		*count->value = 0;
		if (!doc_get(count->object, count->name)) {
			if (count->is_needed)
				return fault_new(arena, name, "The count is missing.");
		} else if (!doc_int(count->object, count->name, count->value) ||
		    *count->value < 0 || *count->value > USAGE_TOKENS_MAX) {
			return fault_new(arena, name, arena_printf(arena,
			    "The count must be a whole number from 0 to %" PRId64 ".",
			    USAGE_TOKENS_MAX));
		}
	}
	return NULL;
}

bool usage_is_messages(const struct doc *usage)
{
	static const char *const others[] = {"total_tokens", "prompt_tokens",
	    "input_tokens_details", "input_token_details"};

	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (doc_has(usage, others[i]))
			return false;
	return doc_get(usage, "input_tokens") && doc_get(usage, "output_tokens");
}

const struct err_field *usage_read(struct arena *arena, const struct doc *usage,
    struct money_usage *tokens)
{
	const struct doc *split = doc_get(usage, "cache_creation");
	struct money_usage found;
	int64_t short_lived = 0;
	const struct count counts[] = {
		{usage, "", "input_tokens", true, &found.input},
		{usage, "", "output_tokens", true, &found.output},
		{usage, "", "cache_read_input_tokens", false, &found.cache_read},
		{usage, "", "cache_creation_input_tokens", false, &found.cache_write},
		{split, "cache_creation/", "ephemeral_5m_input_tokens", false, &short_lived},
		{split, "cache_creation/", "ephemeral_1h_input_tokens", false,
		 &found.cache_write_1h},
	};
	const struct err_field *fault = counts_read(arena, counts, ARRAY_LEN(counts));

	*tokens = (struct money_usage){0};
	if (fault)
		return fault;
	if (split && doc_type(split) != DOC_OBJECT)
		return fault_new(arena, "cache_creation", "It must be an object.");
	if (!doc_get(usage, "cache_creation_input_tokens"))
		found.cache_write = short_lived + found.cache_write_1h;
	/* A stream tells the split once and the sum again at its end: what it grew by was written
	 * for five minutes. */
	if (short_lived + found.cache_write_1h > found.cache_write)
		return fault_new(arena, "cache_creation",
		    "Its parts are more than cache_creation_input_tokens.");
	*tokens = found;
	return NULL;
}

bool usage_is_attribute(const char *name)
{
	static const char *const names[] = {OTEL_INPUT, OTEL_OUTPUT, OTEL_READ, OTEL_WRITE,
	    OTEL_CREATION, OTEL_REASONING};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (text_equal(name, names[i]))
			return true;
	return false;
}

/* Both spellings of the tokens written to the cache, which must not contradict each other. */
static const struct err_field *written_read(struct arena *arena, const struct doc *attributes,
    int64_t *written)
{
	int64_t old = 0;
	const struct count counts[] = {
		{attributes, "", OTEL_WRITE, false, written},
		{attributes, "", OTEL_CREATION, false, &old},
	};
	const struct err_field *fault = counts_read(arena, counts, ARRAY_LEN(counts));

	if (fault || !doc_get(attributes, OTEL_CREATION))
		return fault;
	if (doc_get(attributes, OTEL_WRITE) && *written != old)
		return fault_new(arena, OTEL_CREATION,
		    "It differs from " OTEL_WRITE ", its newer name.");
	*written = old;
	return NULL;
}

const struct err_field *usage_read_attributes(struct arena *arena, const struct doc *attributes,
    struct money_usage *tokens)
{
	struct money_usage found = {0};
	int64_t included = 0, reasoning = 0;
	const struct count counts[] = {
		{attributes, "", OTEL_INPUT, true, &included},
		{attributes, "", OTEL_OUTPUT, true, &found.output},
		{attributes, "", OTEL_READ, false, &found.cache_read},
		{attributes, "", OTEL_REASONING, false, &reasoning},
	};
	const struct err_field *fault = counts_read(arena, counts, ARRAY_LEN(counts));

	*tokens = (struct money_usage){0};
	if (!fault)
		fault = written_read(arena, attributes, &found.cache_write);
	if (fault)
		return fault;
	found.input = included - found.cache_read - found.cache_write;
	if (found.input < 0)
		return fault_new(arena, OTEL_INPUT, arena_printf(arena, "It includes the tokens "
		    "read from and written to the cache, which are %" PRId64 ", and cannot be "
		    "less.", found.cache_read + found.cache_write));
	if (reasoning > found.output)
		return fault_new(arena, OTEL_REASONING,
		    "It is a part of " OTEL_OUTPUT " and cannot be more.");
	*tokens = found;
	return NULL;
}
