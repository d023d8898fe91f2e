/* bundle_read.c: files of a folder read line by line, with what they add up to. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "admin/bundle.h"

#define PART_BYTES 65536

static void lines_close(void *object)
{
	struct lines *lines = object;

	free(lines->text);
	(void)fclose(lines->file);
}

static const struct err *missing(struct arena *arena, const char *path)
{
	return err_new(arena, ERR_MISSING, "%s: %s", path, strerror(errno));
}

const struct err *lines_open(struct arena *arena, const char *folder, const char *name,
    struct lines **out)
{
	struct lines *lines = arena_alloc(arena, sizeof(*lines));

	lines->path = arena_printf(arena, "%s/%s", folder, name);
	lines->file = fopen(lines->path, "re");
	if (lines->file == NULL)
		return missing(arena, lines->path);
	arena_on_reset(arena, lines_close, lines);
	lines->digest = digest_new(arena);
	*out = lines;
	return NULL;
}

bool lines_next(struct lines *lines, struct arena *arena)
{
	ssize_t len;

	if (lines->fault != NULL || lines->sha256[0] != '\0')
		return false;
	len = getline(&lines->text, &lines->room, lines->file);
	if (len < 0) {
		if (ferror(lines->file))
			lines->fault = arena_printf(arena, "%s: line %zu cannot be read",
			    lines->path, lines->line + 1);
		digest_end(lines->digest, lines->sha256);
		return false;
	}
	digest_add(lines->digest, lines->text, (size_t)len);
	lines->line++;
	lines->len = (size_t)len - 1;
	if (lines->text[lines->len] != '\n')
		lines->fault = arena_printf(arena, "%s: line %zu is cut off: it has no end",
		    lines->path, lines->line);
	lines->text[lines->len] = '\0';
	if (lines->fault == NULL && strlen(lines->text) != lines->len)
		lines->fault = arena_printf(arena, "%s: line %zu is no text: it has a NUL",
		    lines->path, lines->line);
	return lines->fault == NULL;
}

const struct err *bundle_sha256(struct arena *arena, const char *folder, const char *name,
    char sha256[DIGEST_CHARS + 1])
{
	const char *path = arena_printf(arena, "%s/%s", folder, name);
	FILE *file = fopen(path, "re");
	struct digest *digest = digest_new(arena);
	char part[PART_BYTES];
	bool is_broken;
	size_t len;

	if (file == NULL)
		return missing(arena, path);
	while ((len = fread(part, 1, sizeof(part), file)) > 0)
		digest_add(digest, part, len);
	is_broken = ferror(file) != 0;
	(void)fclose(file);
	digest_end(digest, sha256);
	return is_broken ? err_new(arena, ERR_MISSING, "%s cannot be read", path) : NULL;
}
