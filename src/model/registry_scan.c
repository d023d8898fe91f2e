/* registry_scan.c: the folder of an assistant: which of its files is what of which version. */
#include "model/registry_inner.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum kind { KIND_NONE, KIND_FOLDER, KIND_PROMPT, KIND_INJECTION, KIND_METADATA, KIND_FACTS };

/* What was found: a file, or a folder, of a version. */
struct piece {
	int number;
	enum kind kind;
	const char *path;
};

struct scan {
	const struct registry *registry;
	struct arena *arena;
	struct buf *pieces; /* of struct piece */
	struct piece plain[KIND_FACTS + 1]; /* files without a number, by kind */
};

/* Names around a number: "v3.md". */
static const struct {
	const char *before, *after;
	enum kind kind;
} forms[] = {
	{"", "", KIND_FOLDER},
	{"version-", "", KIND_FOLDER},
	{"version_", "", KIND_FOLDER},
	{"version", "", KIND_FOLDER},
	{"", ".md", KIND_PROMPT},
	{"", ".txt", KIND_PROMPT},
	{"", ".prompt.md", KIND_PROMPT},
	{"prompt-", ".md", KIND_PROMPT},
	{"prompt_", ".md", KIND_PROMPT},
	{"prompt.", ".md", KIND_PROMPT},
	{"", ".ts", KIND_INJECTION},
	{"", ".injection.ts", KIND_INJECTION},
	{"injection-", ".ts", KIND_INJECTION},
	{"injection_", ".ts", KIND_INJECTION},
	{"injection.", ".ts", KIND_INJECTION},
	{"", ".json", KIND_METADATA},
	{"", ".metadata.json", KIND_METADATA},
	{"metadata-", ".json", KIND_METADATA},
	{"metadata_", ".json", KIND_METADATA},
};

/* Names without one. */
static const struct {
	const char *name;
	enum kind kind;
} names[] = {
	{"prompt.md", KIND_PROMPT},
	{"prompt.txt", KIND_PROMPT},
	{"injection.ts", KIND_INJECTION},
	{"metadata.json", KIND_METADATA},
	{"assistant.json", KIND_FACTS},
	{"version.json", KIND_METADATA},
};

static enum kind kind_of_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i].name, name) == 0)
			return names[i].kind;
	return KIND_NONE;
}

/* The kind of a name with a number; a number without "v" counts only behind a word. */
static enum kind kind_of_form(const char *name, bool is_folder, int *number)
{
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		size_t len = strlen(forms[i].before);
		const char *rest;

		if ((forms[i].kind == KIND_FOLDER) != is_folder ||
		    strncmp(name, forms[i].before, len) != 0 || (len == 0 && *name != 'v'))
			continue;
		*number = registry_number(name + len, &rest);
		if (*number > 0 && strcmp(rest, forms[i].after) == 0)
			return forms[i].kind;
	}
	return KIND_NONE;
}

static bool is_container(const char *name)
{
	return text_equal(name, "versions") || text_equal(name, "prompts");
}

static void scan_folder(struct scan *scan, const char *folder, bool is_inner);

static void piece_found(struct scan *scan, const struct folder_entry *entry, const char *path,
    bool is_inner)
{
	bool is_folder = entry->kind == FOLDER_FOLDER;
	struct piece piece = {.path = path};

	piece.kind = kind_of_form(entry->name, is_folder, &piece.number);
	if (piece.kind != KIND_NONE) {
		buf_add(scan->pieces, &piece, sizeof(piece));
		return;
	}
	if (!is_folder)
		piece.kind = kind_of_name(entry->name);
	if (piece.kind != KIND_NONE && scan->plain[piece.kind].path == NULL)
		scan->plain[piece.kind] = piece;
	else if (is_folder && !is_inner && is_container(entry->name))
		scan_folder(scan, path, true);
	else
		registry_tell(scan->registry, REGISTRY_NOTE, path, is_folder ?
		    "It is no folder of a version." : piece.kind == KIND_NONE ?
		    "Nothing is known of such a file." : "There is another file for this.");
}

static void scan_folder(struct scan *scan, const char *folder, bool is_inner)
{
	struct folder_entry *entries = NULL;
	size_t count = 0;
	const struct err *err = folder_list(scan->arena, scan->registry->folder, folder, &entries,
	    &count);

	if (err != NULL)
		registry_tell(scan->registry, REGISTRY_REFUSAL, folder, err->sentence);
	for (size_t i = 0; i < count; i++) {
		const char *path = registry_path(scan->arena, folder, entries[i].name);

		if (!registry_is_hidden(entries[i].name) &&
		    registry_is_plain(scan->registry, path, entries[i].kind))
			piece_found(scan, &entries[i], path, is_inner);
	}
}

static int by_number(const void *a, const void *b)
{
	const struct piece *one = a, *two = b;

	if (one->number != two->number)
		return one->number < two->number ? -1 : 1;
	return one->kind != two->kind ? (int)one->kind - (int)two->kind :
	    strcmp(one->path, two->path);
}

static void piece_put(struct registry_version *version, const struct piece *piece)
{
	const char **place = piece->kind == KIND_FOLDER ? &version->folder :
	    piece->kind == KIND_PROMPT ? &version->prompt :
	    piece->kind == KIND_INJECTION ? &version->injection : &version->metadata;

	if (*place != NULL || (version->folder != NULL && piece->kind != KIND_FOLDER))
		version->twice = piece->path;
	else
		*place = piece->path;
}

/* Pieces of one number become one version. */
static void versions_make(struct scan *scan, struct registry_assistant *assistant)
{
	struct piece *pieces = (struct piece *)(void *)scan->pieces->data;
	size_t count = scan->pieces->len / sizeof(*pieces);

	if (count == 0)
		return;
	qsort(pieces, count, sizeof(*pieces), by_number);
	assistant->versions = arena_alloc(scan->arena, count * sizeof(*assistant->versions));
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || pieces[i].number != pieces[i - 1].number)
			assistant->versions[assistant->count++].number = pieces[i].number;
		piece_put(&assistant->versions[assistant->count - 1], &pieces[i]);
	}
}

static bool has_number(const struct scan *scan, int number)
{
	const struct piece *pieces = (const struct piece *)(const void *)scan->pieces->data;

	for (size_t i = 0; i < scan->pieces->len / sizeof(*pieces); i++)
		if (pieces[i].number == number && pieces[i].kind != KIND_METADATA)
			return true;
	return false;
}

/* prompt.md and injection.ts right in the folder are version 1, where nothing else is. */
static void plain_take(struct scan *scan)
{
	bool is_taken = has_number(scan, 1), has_text = false;

	for (enum kind kind = KIND_PROMPT; kind <= KIND_INJECTION; kind++) {
		struct piece *piece = &scan->plain[kind];

		if (piece->path == NULL)
			continue;
		piece->number = 1;
		has_text = true;
		if (is_taken)
			registry_tell(scan->registry, REGISTRY_REFUSAL, piece->path, "It has no "
			    "number, and there is another version 1. Name it for its version, "
			    "such as prompt-v2.md.");
		else
			buf_add(scan->pieces, piece, sizeof(*piece));
	}
	/* Such a version has its metadata in the assistant's file. */
	if (has_text && !is_taken && scan->plain[KIND_METADATA].path != NULL) {
		scan->plain[KIND_METADATA].number = 1;
		buf_add(scan->pieces, &scan->plain[KIND_METADATA], sizeof(struct piece));
	}
}

const struct err *registry_assistant(const struct registry *registry, struct arena *arena,
    const struct registry_place *place, struct registry_assistant *assistant)
{
	struct scan scan = {.registry = registry, .arena = arena,
	    .pieces = buf_new(arena, 2 * FOLDER_ENTRIES_MAX * sizeof(struct piece))};
	const char *path;
	const struct doc *facts;
	const char *name;

	*assistant = (struct registry_assistant){.external_id = place->name, .path = place->path,
	    .name = place->name};
	scan_folder(&scan, place->path, false);
	plain_take(&scan);
	if (scan.pieces->failed)
		return err_new(arena, ERR_LIMIT, "The assistant has too many files.");
	versions_make(&scan, assistant);
	path = scan.plain[KIND_FACTS].path != NULL ? scan.plain[KIND_FACTS].path :
	    scan.plain[KIND_METADATA].path;
	facts = registry_json(registry, arena, path);
	name = registry_line(registry, facts, "name", path);
	if (name != NULL)
		assistant->name = name;
	assistant->has_facts = path != NULL;
	assistant->settings = registry_settings(arena, facts);
	assistant->current = registry_current(facts);
	return NULL;
}

void registry_version_files(const struct registry *registry, struct arena *arena,
    struct registry_version *version)
{
	struct scan scan = {.registry = registry, .arena = arena,
	    .pieces = buf_new(arena, FOLDER_ENTRIES_MAX * sizeof(struct piece))};
	const struct piece *pieces;

	if (version->folder == NULL)
		return;
	scan_folder(&scan, version->folder, true);
	pieces = (const struct piece *)(const void *)scan.pieces->data;
	for (size_t i = 0; i < scan.pieces->len / sizeof(*pieces); i++) {
		struct piece *plain = &scan.plain[pieces[i].kind];

		if (pieces[i].number == version->number && plain->path == NULL)
			*plain = pieces[i];
		else
			registry_tell(registry, REGISTRY_NOTE, pieces[i].path,
			    "It is no file of this version.");
	}
	version->prompt = scan.plain[KIND_PROMPT].path;
	version->injection = scan.plain[KIND_INJECTION].path;
	version->metadata = scan.plain[KIND_METADATA].path;
}
