/* folder.h: files below a folder that others may write into.
 *
 * Paths are relative to the folder ("acme/bot/v1", "" the folder itself). No symbolic link below it
 * is ever followed, no device, pipe or socket is opened, and no path leaves it. */
#ifndef BASE_FOLDER_H
#define BASE_FOLDER_H

#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"

#define FOLDER_ENTRIES_MAX 200000

struct folder; /* released with its arena */

enum folder_kind { FOLDER_FILE, FOLDER_FOLDER, FOLDER_LINK, FOLDER_SPECIAL };

struct folder_entry {
	const char *name;
	enum folder_kind kind;
};

/* Opens the folder at path, which may be a link itself. ERR_MISSING with the reason. */
const struct err *folder_open(struct arena *arena, const char *path, struct folder **folder)
    MUST_CHECK;
/* What stands in the folder at path, sorted by the bytes of the names. ERR_MISSING: no such folder;
 * ERR_LIMIT: more than FOLDER_ENTRIES_MAX. */
const struct err *folder_list(struct arena *arena, const struct folder *folder,
    const char *path, struct folder_entry **entries, size_t *count) MUST_CHECK;
/* The whole of a regular file. ERR_MISSING: there is none; ERR_INVALID: it is none or cannot be
 * read; ERR_LIMIT: it has more than max bytes. */
const struct err *folder_read(struct arena *arena, const struct folder *folder,
    const char *path, size_t max, struct buf **out) MUST_CHECK;
/* What fstat tells of the regular file at path, or of the folder itself (""). */
const struct err *folder_stat(struct arena *arena, const struct folder *folder,
    const char *path, struct stat *stat) MUST_CHECK;

#endif
