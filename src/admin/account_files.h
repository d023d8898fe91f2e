/* account_files.h: the files of an exported account, held against their manifest. */
#ifndef ADMIN_ACCOUNT_FILES_H
#define ADMIN_ACCOUNT_FILES_H

#include "base/doc.h"

#define ACCOUNT_FILES_MAX 64

struct account_file {
	const char *name, *table, *sha256;
	const char *columns; /* a JSON array of names */
	int64_t lines;
};

struct account_files {
	const char *bundle;
	const char *account_id, *slug;
	size_t count;
	struct account_file list[ACCOUNT_FILES_MAX];
};

/* Reads the manifest and every file that it names; a sentence says which file, and where it can be
 * told which line, is not as it was exported. */
const struct err *account_files_check(struct arena *arena, const char *bundle,
    struct account_files *files) MUST_CHECK;
/* The file of a table; NULL: there is none. */
const struct account_file *account_file_find(const struct account_files *files,
    const char *table);
/* Why runs that are under way are not imported. */
const struct err *account_files_unfinished(struct arena *arena, int64_t count) MUST_CHECK;

#endif
