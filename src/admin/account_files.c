/* account_files.c: the manifest of an exported account, and its files' lines and hashes. */
#include "admin/account_files.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "admin/bundle.h"
#include "base/text.h"

#define FORMAT_VERSION 1
#define MANIFEST_BYTES_MAX (1u << 20)

const struct account_file *account_file_find(const struct account_files *files, const char *table)
{
	for (size_t i = 0; i < files->count; i++)
		if (text_equal(files->list[i].table, table))
			return &files->list[i];
	return NULL;
}

const struct err *account_files_unfinished(struct arena *arena, int64_t count)
{
	return err_new(arena, ERR_CONFLICT, "%" PRId64 " runs were queued or running when the "
	    "account was exported: two installations would go on with them. Export it again when "
	    "they have ended", count);
}

/* ---- The manifest. ---- */

static const struct err *damaged(struct arena *arena, const char *bundle, const char *what)
{
	return err_new(arena, ERR_INVALID, "%s/%s is damaged: %s", bundle, BUNDLE_MANIFEST, what);
}

static const struct err *manifest_read(struct arena *arena, const char *bundle, struct doc **out)
{
	struct lines *lines;
	const struct err *err = lines_open(arena, bundle, BUNDLE_MANIFEST, &lines);

	if (err != NULL)
		return err_new(arena, ERR_MISSING, "%s is no export of an account: %s", bundle,
		    err->sentence);
	if (!lines_next(lines, arena) || lines->len > MANIFEST_BYTES_MAX)
		return damaged(arena, bundle, "it is empty, cut off or too long");
	err = doc_parse(arena, lines->text, lines->len, out);
	return err != NULL ? damaged(arena, bundle, err->sentence) : NULL;
}

static const struct err *format_check(struct arena *arena, const char *bundle,
    const struct doc *manifest)
{
	int64_t version = 0, unfinished = 0;

	if (!text_equal(doc_text(manifest, "format"), BUNDLE_FORMAT) ||
	    !doc_int(manifest, "format_version", &version))
		return damaged(arena, bundle, "it does not say that it is an export");
	if (version > FORMAT_VERSION)
		return err_new(arena, ERR_CONFLICT, "%s/%s: format_version %" PRId64 " is newer "
		    "than %d, which this version reads: update promptbuilder first", bundle,
		    BUNDLE_MANIFEST, version, FORMAT_VERSION);
	if (doc_int(manifest, "unfinished_runs", &unfinished) && unfinished > 0)
		return account_files_unfinished(arena, unfinished);
	return NULL;
}

/* A file name of ours, or a path of a prompt: nothing that leads out of the bundle. */
static bool is_inside(const char *name)
{
	return name != NULL && name[0] != '\0' && name[0] != '/' && name[0] != '.' &&
	    strstr(name, "/.") == NULL;
}

static const struct err *files_read(struct arena *arena, const struct doc *manifest,
    struct account_files *files)
{
	const struct doc *account = doc_get(manifest, "account"), *tables =
	    doc_get(manifest, "tables");

	files->account_id = doc_text(account, "id");
	files->slug = doc_text(account, "slug");
	files->count = doc_count(tables);
	if (files->account_id == NULL || !text_is_uuid(files->account_id) || files->slug == NULL)
		return damaged(arena, files->bundle, "it names no account");
	if (files->count > ACCOUNT_FILES_MAX)
		return damaged(arena, files->bundle, "it names too many files");
	for (size_t i = 0; i < files->count; i++) {
		const struct doc *entry = doc_at(tables, i);
		struct account_file *file = &files->list[i];
		struct buf *columns = buf_new(arena, MANIFEST_BYTES_MAX);

		doc_write(doc_get(entry, "columns"), columns);
		*file = (struct account_file){.name = doc_text(entry, "file"),
		    .table = doc_text(entry, "table"), .sha256 = doc_text(entry, "sha256"),
		    .columns = columns->data};
		if (!is_inside(file->name) || file->table == NULL || file->sha256 == NULL ||
		    !doc_int(entry, "lines", &file->lines) ||
		    doc_type(doc_get(entry, "columns")) != DOC_ARRAY)
			return damaged(arena, files->bundle, "what it says of a file is no entry");
	}
	if (account_file_find(files, "accounts") == NULL)
		return damaged(arena, files->bundle, "it has no file of the account itself");
	return NULL;
}

/* ---- Files. ---- */

/* What is wrong with a file that is not what the manifest says: the first line that is no object,
 * or their number, or no more than that. */
static const struct err *damage_find(struct arena *arena, const char *bundle,
    const struct account_file *file)
{
	struct arena *part = arena_new();
	struct lines *lines;
	const struct err *err = lines_open(part, bundle, file->name, &lines), *fault = NULL;
	struct doc *doc;

	while (err == NULL && fault == NULL && lines_next(lines, part)) {
		struct arena *of_line = arena_new();

		fault = doc_parse(of_line, lines->text, lines->len, &doc);
		if (fault != NULL)
			err = err_new(arena, ERR_INVALID, "%s: line %zu is damaged: %s",
			    lines->path, lines->line, fault->sentence);
		arena_free(of_line);
	}
	if (err == NULL && (int64_t)lines->line != file->lines)
		err = err_new(arena, ERR_INVALID, "%s has %zu lines, but the manifest says %" PRId64
		    ": it is not as it was exported", lines->path, lines->line, file->lines);
	if (err == NULL)
		err = err_new(arena, ERR_INVALID, "%s is not as it was exported: one of its %zu "
		    "lines was changed; its SHA-256 is not that of the manifest", lines->path,
		    lines->line);
	err = err_new(arena, err->kind, "%s", err->sentence);
	arena_free(part);
	return err;
}

static const struct err *file_check(struct arena *arena, const char *bundle,
    const struct account_file *file)
{
	struct lines *lines;
	const struct err *err = lines_open(arena, bundle, file->name, &lines);

	if (err != NULL)
		return err;
	while (lines_next(lines, arena))
		;
	if (lines->fault != NULL)
		return err_new(arena, ERR_INVALID, "%s", lines->fault);
	if ((int64_t)lines->line != file->lines || !text_equal(lines->sha256, file->sha256))
		return damage_find(arena, bundle, file);
	return NULL;
}

/* A line of the list of prompts, "SHA-256, two spaces, path": the file is as it was. */
static const struct err *prompt_check(struct arena *arena, const char *bundle,
    const struct lines *lines)
{
	char sha256[DIGEST_CHARS + 1] = "";
	const char *path = lines->text + DIGEST_CHARS + 2;
	const struct err *err;

	if (lines->len < DIGEST_CHARS + 3 || !is_inside(path))
		return err_new(arena, ERR_INVALID, "%s: line %zu is no SHA-256 with a path",
		    lines->path, lines->line);
	err = bundle_sha256(arena, bundle, path, sha256);
	if (err == NULL && strncmp(sha256, lines->text, DIGEST_CHARS) != 0)
		err = err_new(arena, ERR_INVALID, "%s/%s is not as it was exported: its SHA-256 is "
		    "not that of line %zu of the list", bundle, path, lines->line);
	return err;
}

static const struct err *prompts_check(struct arena *arena, const struct doc *manifest,
    const char *bundle)
{
	const struct doc *entry = doc_get(manifest, "prompts");
	const char *name = doc_text(entry, "file");
	struct arena *part = arena_new();
	const struct err *err = NULL, *fault = NULL;
	struct lines *lines;

	if (!is_inside(name))
		err = damaged(arena, bundle, "it names no list of prompts");
	if (err == NULL)
		err = lines_open(arena, bundle, name, &lines);
	while (err == NULL && fault == NULL && lines_next(lines, arena)) {
		arena_reset(part);
		fault = prompt_check(part, bundle, lines);
	}
	if (err == NULL && fault != NULL)
		err = err_new(arena, fault->kind, "%s", fault->sentence);
	arena_free(part);
	if (err == NULL && lines->fault != NULL)
		err = err_new(arena, ERR_INVALID, "%s", lines->fault);
	if (err == NULL && !text_equal(lines->sha256, doc_text(entry, "sha256")))
		err = err_new(arena, ERR_INVALID, "%s is not as it was exported: its SHA-256 is "
		    "not that of the manifest", lines->path);
	return err;
}

const struct err *account_files_check(struct arena *arena, const char *bundle,
    struct account_files *files)
{
	struct doc *manifest;
	const struct err *err = manifest_read(arena, bundle, &manifest);

	*files = (struct account_files){.bundle = bundle};
	if (err == NULL)
		err = format_check(arena, bundle, manifest);
	if (err == NULL)
		err = files_read(arena, manifest, files);
	for (size_t i = 0; err == NULL && i < files->count; i++)
		err = file_check(arena, bundle, &files->list[i]);
	if (err == NULL)
		err = prompts_check(arena, manifest, bundle);
	return err;
}
