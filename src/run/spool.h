/* spool.h: answers on disk until the database has them: a runner that is killed loses none.
 *
 * PROMPTBUILDER_SPOOL_DIR holds a directory for each runner on this host, named by its lease and
 * locked (flock) while the process lives: a directory whose lock can be had belonged to one that
 * is dead (relic.h). In it is a file for each answer under way, named by its attempt: a line about
 * the attempt, a line about the response, then the body's bytes as they came. Nothing is fsynced:
 * a file outlives the process, not the machine. Files are emptied, set by and used again: ext4
 * looks long for an inode while many were deleted in the last minutes, which took a third of the
 * runner's processor time. An empty file tells nothing.
 *
 * No spool (NULL) and no file (NULL) are fine everywhere: calls then go without. So they do when
 * the disk is full, and the log says so. */
#ifndef RUN_SPOOL_H
#define RUN_SPOOL_H

#include "base/err.h"

struct spool;
struct spool_file;

/* What is known of a response when its body begins. */
struct spool_response {
	int64_t http_status;
	const char *request_id; /* NULL: none */
	int64_t first_byte_ms;
};

/* Makes this runner's directory under path, which is made, too. ERR_INVALID: it cannot be had. On
 * a full disk there is none, and no files are written; others' are still found. */
const struct err *spool_open(struct arena *arena, const char *path, const char *lease_id,
    struct spool **out) MUST_CHECK;
/* The runner has another lease from now on. */
void spool_rename(struct spool *spool, const char *lease_id);
/* Gives the directory up; files that are left stay for the next runner. */
void spool_close(struct spool *spool);
/* The directory of all, and the name of ours. */
int spool_root(const struct spool *spool);
const char *spool_name(const struct spool *spool);

/* Nothing is written before spool_begin. name is a file's name, head a line; both live in arena. */
struct spool_file *spool_file_new(struct spool *spool, struct arena *arena, const char *name,
    const char *head);
void spool_begin(struct spool_file *file, const struct spool_response *response);
void spool_add(struct spool_file *file, const char *bytes, size_t len);
/* No more bytes come; the file stays. */
void spool_end(struct spool_file *file);
/* The database has it. */
void spool_drop(struct spool_file *file);

#endif
