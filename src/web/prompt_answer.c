/* prompt_answer.c: what is deployed as bytes of an answer, made once for each event. */
#include "web/prompt.h"

#include <string.h>

#include "base/text.h"

#define DOCUMENT_MAX PAGE_MAX
#define UUID_CHARS 36

static void body_make(struct prompt_entry *entry, enum prompt_format format, const char *type,
    const char *bytes)
{
	size_t len = strlen(bytes);
	const char *sum = text_sha256(entry->arena, bytes, len);

	/* The event makes it another answer when the same text is deployed again. */
	entry->bodies[format] = (struct prompt_body){.type = type, .bytes = bytes, .len = len,
	    .etag = arena_printf(entry->arena, "\"%.32s.%s\"", sum, entry->event_id)};
}

static const char *document_text(struct arena *arena, const struct doc *row)
{
	struct doc *doc = doc_object(arena);
	struct buf *out = buf_new(arena, DOCUMENT_MAX);
	struct doc *assistant, *account;
	int64_t number = 0;

	doc_int(row, "version_number", &number);
	doc_set_text(doc, "prompt", doc_text(row, "prompt_content"));
	doc_set_text(doc, "hash", doc_text(row, "prompt_hash"));
	doc_set_text(doc, "version", doc_text(row, "version"));
	doc_set_int(doc, "number", number);
	doc_set_text(doc, "version_id", doc_text(row, "version_id"));
	doc_set_text(doc, "environment", doc_text(row, "environment"));
	doc_set_text(doc, "deployed_at", doc_text(row, "deployed_at"));
	doc_set_text(doc, "event", doc_text(row, "event_id"));
	assistant = doc_add_object(doc, "assistant");
	doc_set_text(assistant, "id", doc_text(row, "assistant_id"));
	doc_set_text(assistant, "external_id", doc_text(row, "external_id"));
	doc_set_text(assistant, "name", doc_text(row, "name"));
	account = doc_add_object(doc, "account");
	doc_set_text(account, "id", doc_text(row, "account_id"));
	doc_set_text(account, "slug", doc_text(row, "account_slug"));
	doc_set_text(account, "name", doc_text(row, "account_name"));
	doc_write(doc, out);
	buf_char(out, '\n');
	return out->failed ? "" : arena_strdup(arena, out->data);
}

static const char *copy(struct prompt_entry *entry, const struct doc *row, const char *name)
{
	const char *text = doc_text(row, name);

	return text == NULL ? NULL : arena_strdup(entry->arena, text);
}

static void headers_make(struct prompt_entry *entry, const struct doc *row)
{
	static const char *const columns[][2] = {
		{"Promptbuilder-Version", "version"},
		{"Promptbuilder-Hash", "prompt_hash"},
		{"Promptbuilder-Environment", "environment"},
		{"Promptbuilder-Deployed-At", "deployed_at"},
		{"Promptbuilder-Source", "source"},
		{"Last-Modified", "modified"},
	};
	struct answer_header *kept = arena_alloc(entry->arena,
	    (ARRAY_LEN(columns) + 1) * sizeof(*kept));

	entry->headers = kept;
	for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
		const char *value = copy(entry, row, columns[i][1]);

		if (value != NULL)
			*kept++ = (struct answer_header){columns[i][0], value};
	}
	*kept = (struct answer_header){NULL, NULL};
}

void prompt_entry_make(struct prompt_entry *entry, const char *key, const struct doc *row)
{
	struct arena *scratch = arena_new();

	entry->key = arena_strdup(entry->arena, key);
	entry->account_id = copy(entry, row, "account_id");
	entry->assistant_id = copy(entry, row, "assistant_id");
	entry->event_id = copy(entry, row, "event_id");
	entry->environment = copy(entry, row, "environment");
	if (doc_text(row, "prompt_content") == NULL || doc_text(row, "pruned_at") != NULL) {
		entry->withdrawn_at = copy(entry, row,
		    doc_text(row, "pruned_at") != NULL ? "pruned_at" : "deployed_at");
		arena_free(scratch);
		return;
	}
	headers_make(entry, row);
	body_make(entry, PROMPT_JSON, "application/json",
	    arena_strdup(entry->arena, document_text(scratch, row)));
	body_make(entry, PROMPT_TEXT, "text/plain; charset=utf-8",
	    copy(entry, row, "prompt_content"));
	body_make(entry, PROMPT_TS, "application/typescript; charset=utf-8",
	    copy(entry, row, "injection_content"));
	arena_free(scratch);
}

struct prompt_entry *prompt_entry_of_files(struct arena *arena,
    const struct registry_question *question, const struct registry_text *text)
{
	struct prompt_entry *entry = arena_alloc(arena, sizeof(*entry));
	struct doc *row = doc_object(arena);

	entry->arena = arena;
	doc_set_text(row, "account_slug", question->account);
	doc_set_text(row, "external_id", question->assistant);
	doc_set_text(row, "environment", REGISTRY_ENVIRONMENT);
	doc_set_text(row, "event_id", "files");
	doc_set_text(row, "source", "files");
	doc_set_text(row, "version", arena_printf(arena, "v%d", text->number));
	doc_set_int(row, "version_number", text->number);
	doc_set_text(row, "prompt_hash", text->hash);
	doc_set_text(row, "prompt_content", text->prompt);
	doc_set_text(row, "injection_content", text->injection);
	prompt_entry_make(entry, "", row);
	return entry;
}

static const struct problem *withdrawn(struct arena *arena, const struct prompt_entry *entry)
{
	struct doc *facts = doc_object(arena);
	struct problem *problem = problem_new(arena, 410, arena_printf(arena,
	    "The prompt was withdrawn from %s at %s.", entry->environment, entry->withdrawn_at));

	doc_set_text(facts, "environment", entry->environment);
	doc_set_text(facts, "withdrawn_at", entry->withdrawn_at);
	problem->facts = facts;
	return problem;
}

/* The headers of the entry, and how old it is. */
static const struct answer_header *headers_of(struct arena *arena,
    const struct prompt_entry *entry, int64_t stale_s)
{
	size_t count = 0;
	struct answer_header *headers;

	if (stale_s < 0)
		return entry->headers;
	while (entry->headers[count].name != NULL)
		count++;
	headers = arena_alloc(arena, (count + 2) * sizeof(*headers));
	memcpy(headers, entry->headers, count * sizeof(*headers));
	headers[count] = (struct answer_header){"Promptbuilder-Stale",
	    arena_printf(arena, "%lld", (long long)stale_s)};
	return headers;
}

const struct problem *prompt_entry_answer(struct visit *visit,
    const struct prompt_entry *entry, int64_t stale_s, struct answer *answer)
{
	const struct prompt_body *body = &entry->bodies[visit->want->format];

	if (entry->withdrawn_at != NULL)
		return withdrawn(visit->ctx.arena, entry);
	/* Kept by whoever asked, and asked for again each time. */
	*answer = (struct answer){.status = 200, .type = body->type, .etag = body->etag,
	    .body = body->bytes, .len = body->len, .caching = "private, no-cache",
	    .headers = headers_of(visit->ctx.arena, entry, stale_s)};
	return NULL;
}

bool prompt_tag_is_news(const struct prompt_entry *entry, const char *if_none_match,
    char event[UUID_CHARS + 1])
{
	const char *dot = if_none_match == NULL ? NULL : strrchr(if_none_match, '.');

	if (dot == NULL || strlen(dot) < UUID_CHARS + 1 || strstr(if_none_match, entry->event_id))
		return false;
	memcpy(event, dot + 1, UUID_CHARS);
	event[UUID_CHARS] = '\0';
	return text_is_uuid(event) && !text_equal(event, entry->former);
}
