/* entry_read.c: one entry, checked field by field, into a line. */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "model/entry_inner.h"
#include "model/usage.h"

#define USAGE_BYTES_MAX (16u << 10)
#define CELL_VALUES_MAX 1000
#define USD_MAX INT64_C(1000000)
#define NANO_PER_USD INT64_C(1000000000)

enum entry_kind { ENTRY_TEXT, ENTRY_TOKENS, ENTRY_INSTANT, ENTRY_USD, ENTRY_OBJECT };

static const struct entry_field {
	const char *name;
	enum entry_kind kind;
	size_t max; /* code points of a text */
	bool is_needed;
	const char *attributes[2]; /* of OpenTelemetry, that say it as well */
} fields[] = {
	{"accountId", ENTRY_TEXT, 64, false, {NULL}},
	{"assistantId", ENTRY_TEXT, 200, false, {NULL}},
	{"pipelineRunId", ENTRY_TEXT, 200, false, {NULL}},
	{"idempotency_key", ENTRY_TEXT, 200, true, {"gen_ai.response.id"}},
	{"operation", ENTRY_TEXT, 100, true, {"gen_ai.operation.name"}},
	{"model", ENTRY_TEXT, 200, true, {"gen_ai.response.model", "gen_ai.request.model"}},
	{"timestamp", ENTRY_INSTANT, 0, false, {NULL}},
	{"cost_usd", ENTRY_USD, 0, false, {NULL}},
	{"input_tokens", ENTRY_TOKENS, 0, true, {NULL}},
	{"cache_read_tokens", ENTRY_TOKENS, 0, false, {NULL}},
	{"cache_write_tokens", ENTRY_TOKENS, 0, false, {NULL}},
	{"cache_write_1h_tokens", ENTRY_TOKENS, 0, false, {NULL}},
	{"output_tokens", ENTRY_TOKENS, 0, true, {NULL}},
	{"usage", ENTRY_OBJECT, 0, false, {NULL}},
	{"attributes", ENTRY_OBJECT, 0, false, {NULL}},
};

struct reading {
	struct entry_batch *batch;
	struct arena *arena;
	size_t at;
	const struct doc *entry;
	struct doc *line;
	/* What usage or attributes say of the buckets. */
	const char *source; /* which of the two; NULL: neither */
	struct money_usage said;
	bool is_split_said; /* also how long the cache keeps what was written */
};

static const struct entry_field *field_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (text_equal(fields[i].name, name))
			return &fields[i];
	return NULL;
}

static void complain(struct reading *reading, const char *name, const char *sentence)
{
	entry_complain(reading->batch, reading->at, name, sentence);
}

/* A name from outside as a token of a JSON pointer, fit to be printed. */
static const char *name_token(struct arena *arena, const char *name)
{
	struct buf *token = buf_new(arena, 1024);

	if (!text_is_clean(name, strlen(name)))
		return "?";
	for (const char *c = text_cut(arena, name, 64); *c != '\0'; c++) {
		if (*c == '~' || *c == '/')
			buf_text(token, *c == '~' ? "~0" : "~1");
		else
			buf_char(token, (unsigned char)*c < ' ' ? '?' : *c);
	}
	return token->data;
}

/* ---- Texts, instants, amounts. ---- */

/* The value of a field and where it stands; NULL: nowhere. */
static const struct doc *value_find(struct reading *reading, const struct entry_field *field,
    const char **name)
{
	const struct doc *attributes = doc_get(reading->entry, "attributes");
	const struct doc *value = doc_get(reading->entry, field->name);

	*name = field->name;
	for (size_t i = 0; !value && i < ARRAY_LEN(field->attributes); i++) {
		if (!field->attributes[i])
			break;
		value = doc_get(attributes, field->attributes[i]);
		if (value)
			*name = arena_printf(reading->arena, "attributes/%s",
			    field->attributes[i]);
	}
	return value;
}

/* The field's text, trimmed; NULL when it is absent, empty or wrong. */
static const char *text_read(struct reading *reading, const char *field_name)
{
	const struct entry_field *field = field_find(field_name);
	struct arena *arena = reading->arena;
	const char *name, *text;
	const struct doc *value = value_find(reading, field, &name);

	text = doc_type(value) == DOC_TEXT ? text_trim(arena, doc_scalar(value)) : "";
	if (value && doc_type(value) != DOC_TEXT) {
		complain(reading, name, arena_printf(arena, "%s must be a text.", field->name));
	} else if (*text == '\0') {
		if (field->is_needed)
			complain(reading, name, arena_printf(arena, "%s is missing.",
			    field->name));
	} else if (!text_is_clean(text, strlen(text)) || strpbrk(text, "\t\r\n")) {
		complain(reading, name, arena_printf(arena,
		    "%s has characters that are not allowed.", field->name));
	} else if (field->max > 0 && text_length(text) > field->max) {
		complain(reading, name, arena_printf(arena,
		    "%s may have at most %zu characters.", field->name, field->max));
	} else {
		return text;
	}
	return NULL;
}

/* A name that is either an id of ours or something else. */
static void name_set(struct reading *reading, const char *text, const char *as_id,
    const char *as_text)
{
	if (text)
		doc_set_text(reading->line, text_is_uuid(text) ? as_id : as_text, text);
}

/* A member's entries are its account's, whether they say so or not. */
static void account_read(struct reading *reading)
{
	const struct access *access = &reading->batch->ctx->access;
	size_t wrongs = reading->batch->wrong_count;
	const char *ref = text_read(reading, "accountId");

	if (ref && access->account_id && !text_equal(ref, access->account_id) &&
	    !text_equal(ref, access->account_slug))
		complain(reading, "accountId", "There is no such account.");
	if (!ref || access->account_id)
		ref = reading->batch->account_id;
	if (!ref && reading->batch->wrong_count == wrongs)
		complain(reading, "accountId", "accountId is missing.");
	name_set(reading, ref, "account_id", "account_slug");
}

static void owner_read(struct reading *reading)
{
	size_t wrongs = reading->batch->wrong_count;
	const char *assistant = text_read(reading, "assistantId");
	const char *run = text_read(reading, "pipelineRunId");

	if (!assistant && !run && reading->batch->wrong_count == wrongs)
		complain(reading, "assistantId",
		    "assistantId is missing: it or pipelineRunId says what the call was for.");
	doc_set_text(reading->line, "assistant", assistant);
	name_set(reading, run, "run_id", "pipeline_id");
}

static void names_read(struct reading *reading)
{
	static const char *const names[] = {"idempotency_key", "operation", "model"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		doc_set_text(reading->line, names[i], text_read(reading, names[i]));
}

static void instant_read(struct reading *reading)
{
	const char *text = text_read(reading, "timestamp");

	if (!text)
		return;
	if (!text_is_instant(text))
		complain(reading, "timestamp", "timestamp must be an instant of RFC 3339, like "
		    "2026-11-22T10:30:00Z.");
	else if (strcmp(text, "2000") < 0)
		complain(reading, "timestamp", "timestamp must not be before the year 2000.");
	else
		doc_set_text(reading->line, "timestamp", text);
}

static void cost_read(struct reading *reading)
{
	const char *text = text_read(reading, "cost_usd");
	int64_t nano;

	if (!text)
		return;
	if (!money_from_text(text, &nano) || nano < 0 || nano > USD_MAX * NANO_PER_USD)
		complain(reading, "cost_usd", arena_printf(reading->arena, "cost_usd must be a "
		    "decimal number from 0 to %" PRId64 " with at most nine decimals.",
		    USD_MAX));
	else
		doc_set_text(reading->line, "cost_usd", money_text(reading->arena, nano));
}

/* ---- Buckets. ---- */

/* Keeps the counts of the conventions as the raw usage; one that is not known could be a bucket
 * of tokens that would be lost. */
static void attribute_keep(void *arg, const char *name, struct doc *value)
{
	struct reading *reading = arg;

	if (usage_is_attribute(name))
		doc_set(doc_get(reading->line, "usage"), name, value);
	else if (text_starts_with(name, "gen_ai.usage."))
		complain(reading, arena_printf(reading->arena, "attributes/%s",
		    name_token(reading->arena, name)),
		    "This is no usage attribute of the present conventions.");
}

static const struct err_field *attributes_read(struct reading *reading,
    const struct doc *attributes)
{
	reading->source = "attributes";
	doc_add_object(reading->line, "usage");
	doc_each(attributes, attribute_keep, reading);
	return usage_read_attributes(reading->arena, attributes, &reading->said);
}

static const struct err_field *raw_read(struct reading *reading, struct doc *usage)
{
	struct buf *json = buf_new(reading->arena, USAGE_BYTES_MAX);

	doc_write(usage, json);
	if (json->failed)
		complain(reading, "usage", arena_printf(reading->arena,
		    "usage may have at most %u bytes.", USAGE_BYTES_MAX));
	doc_set(reading->line, "usage", usage);
	if (!usage_is_messages(usage))
		return NULL;
	reading->source = "usage";
	reading->is_split_said = doc_get(usage, "cache_creation") != NULL;
	return usage_read(reading->arena, usage, &reading->said);
}

/* What usage or attributes say; false: it cannot be true, and the buckets are not looked at. */
static bool source_read(struct reading *reading)
{
	struct doc *usage = doc_get(reading->entry, "usage");
	const struct doc *attributes = doc_get(reading->entry, "attributes");
	const struct err_field *fault = NULL;
	const char *name = usage ? "usage" : "attributes";

	if (!usage && !attributes)
		return true;
	if (usage && attributes)
		complain(reading, "attributes", "Either usage or attributes may be there.");
	else if (doc_type(usage ? usage : attributes) != DOC_OBJECT)
		complain(reading, name, arena_printf(reading->arena, "%s must be a JSON object.",
		    name));
	else
		fault = usage ? raw_read(reading, usage) : attributes_read(reading, attributes);
	if (fault)
		complain(reading, arena_printf(reading->arena, "%s/%s", name, fault->name),
		    fault->sentence);
	return !fault;
}

/* A bucket as the entry gives it, which must be what its source says. */
static int64_t bucket_read(struct reading *reading, const char *name, const int64_t *said)
{
	const struct doc *value = doc_get(reading->entry, name);
	struct arena *arena = reading->arena;
	int64_t given = said ? *said : 0;

	if (!value && !said && field_find(name)->is_needed)
		complain(reading, name, arena_printf(arena, doc_get(reading->entry, "usage") ?
		    "%s is missing; it cannot be read from usage of this form." :
		    "%s is missing.", name));
	if (!value)
		return given;
	if (!doc_int(reading->entry, name, &given) || given < 0 || given > USAGE_TOKENS_MAX)
		complain(reading, name, arena_printf(arena,
		    "%s must be a whole number from 0 to %" PRId64 ".", name, USAGE_TOKENS_MAX));
	else if (said && given != *said)
		complain(reading, name, arena_printf(arena, "%s is %" PRId64 ", but %s says %"
		    PRId64 ".", name, given, reading->source, *said));
	return given;
}

static void buckets_read(struct reading *reading)
{
	bool is_said = reading->source != NULL;
	const struct money_usage *said = &reading->said;
	const struct {
		const char *name;
		const int64_t *said;
	} buckets[] = {
		{"input_tokens", is_said ? &said->input : NULL},
		{"output_tokens", is_said ? &said->output : NULL},
		{"cache_read_tokens", is_said ? &said->cache_read : NULL},
		{"cache_write_tokens", is_said ? &said->cache_write : NULL},
		{"cache_write_1h_tokens", reading->is_split_said ? &said->cache_write_1h : NULL},
	};
	int64_t values[ARRAY_LEN(buckets)];

	for (size_t i = 0; i < ARRAY_LEN(buckets); i++) {
		values[i] = bucket_read(reading, buckets[i].name, buckets[i].said);
		doc_set_int(reading->line, buckets[i].name, values[i]);
	}
	if (values[4] > values[3])
		complain(reading, buckets[4].name, "cache_write_1h_tokens is a part of "
		    "cache_write_tokens and cannot be more.");
}

/* ---- The whole. ---- */

static void member_check(void *arg, const char *name, struct doc *value)
{
	struct reading *reading = arg;
	const char *token = name_token(reading->arena, name);

	if (!field_find(name))
		complain(reading, token, arena_printf(reading->arena,
		    "There is no field \"%s\".", token));
}

struct doc *entry_read(struct entry_batch *batch, size_t at, const struct doc *entry)
{
	struct reading reading = {.batch = batch, .arena = batch->ctx->arena, .at = at,
	    .entry = entry, .line = doc_object(batch->ctx->arena)};

	if (doc_type(entry) != DOC_OBJECT) {
		complain(&reading, NULL, "An entry must be a JSON object.");
		return reading.line;
	}
	doc_each(entry, member_check, &reading);
	account_read(&reading);
	owner_read(&reading);
	names_read(&reading);
	instant_read(&reading);
	cost_read(&reading);
	if (source_read(&reading))
		buckets_read(&reading);
	doc_set_int(reading.line, "n", (int64_t)at);
	return reading.line;
}

bool entry_set_cell(struct arena *arena, struct doc *entry, const char *name, const char *cell)
{
	const struct entry_field *field = field_find(name);
	const char *text = text_trim(arena, cell);
	struct doc *object;
	int64_t tokens;

	if (!field)
		return false;
	if (*text == '\0')
		return true;
	if (field->kind == ENTRY_TOKENS && text_to_int(text, INT64_MIN, INT64_MAX, &tokens))
		doc_set_int(entry, name, tokens);
	else if (field->kind == ENTRY_OBJECT &&
	    !doc_parse_within(arena, text, strlen(text), CELL_VALUES_MAX, &object))
		doc_set(entry, name, object);
	else
		doc_set_text(entry, name, text);
	return true;
}
