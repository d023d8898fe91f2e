/* bundle.h: a folder of files that is there whole or not at all, and files read back line by line.
 *
 * What is written goes to a folder beside the one that is wanted and takes its place at the end.
 * Files are 0600, folders 0700; of each file the SHA-256 is known. */
#ifndef ADMIN_BUNDLE_H
#define ADMIN_BUNDLE_H

#include <stdio.h>

#include "base/digest.h"
#include "base/err.h"

/* What every export has, and what it says first. */
#define BUNDLE_MANIFEST "manifest.json"
#define BUNDLE_FORMAT "promptbuilder account export"

struct bundle;

struct bundle_file {
	FILE *file;
	const char *path; /* within the folder */
	struct digest *digest;
	int64_t bytes;
	char sha256[DIGEST_CHARS + 1]; /* when it is closed */
};

/* path must be absent, an empty folder or, with replaces, an earlier export. What is not committed
 * is removed when the arena ends. */
const struct err *bundle_open(struct arena *arena, const char *path, bool replaces,
    struct bundle **out) MUST_CHECK;
/* A new file; the folders on its way are made. It is closed, or the arena's memory ends. */
const struct err *bundle_file_open(struct bundle *bundle, struct arena *arena, const char *path,
    struct bundle_file *file) MUST_CHECK;
void bundle_file_add(struct bundle_file *file, const char *bytes, size_t len);
const struct err *bundle_file_close(struct arena *arena, struct bundle_file *file) MUST_CHECK;
/* Everything is on the disk and has its name. */
const struct err *bundle_commit(struct bundle *bundle) MUST_CHECK;

/* A file that is read. */
struct lines {
	FILE *file;
	const char *path;
	struct digest *digest;
	char *text;  /* of the line that was read, without its end */
	size_t len, room;
	size_t line; /* its number, from 1 */
	const char *fault; /* why there are no more, with file and line; NULL: it is at its end */
	char sha256[DIGEST_CHARS + 1]; /* at its end */
};

/* Opens folder/name; it is closed with the arena's memory. */
const struct err *lines_open(struct arena *arena, const char *folder, const char *name,
    struct lines **out) MUST_CHECK;
bool lines_next(struct lines *lines, struct arena *arena) MUST_CHECK;
/* The SHA-256 of a file of any bytes. */
const struct err *bundle_sha256(struct arena *arena, const char *folder, const char *name,
    char sha256[DIGEST_CHARS + 1]) MUST_CHECK;

#endif
