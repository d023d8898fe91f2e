/* spool.c: this runner's directory and the files of its calls. */
#include "run/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/doc.h"
#include "base/fd.h"
#include "base/log.h"

#define RESPONSE_MAX 2048
/* A full disk is told once in a while, not with every call. */
#define COMPLAIN_MS INT64_C(600000)

struct spool {
	struct arena *arena;
	const char *path;
	const char *name; /* of our directory in it: the lease */
	int root;
	int dir; /* -1: there was no room for it */
	size_t spares; /* empty files "spare.0" and on; see spool.h */
	int64_t complain_due_ms;
};

struct spool_file {
	struct spool *spool;
	const char *name, *head;
	int fd;
	bool has_begun; /* there is a file */
};

/* ---- The directory. ---- */

static bool is_full(int error)
{
	return error == ENOSPC || error == EDQUOT || error == EROFS;
}

static int open_directory(int at, const char *name)
{
	return openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Others look at names that are leases only: under this one nobody takes the lock before us. */
static int make_locked(const struct spool *spool)
{
	const char *making = arena_printf(spool->arena, ".%s", spool->name);
	if (mkdirat(spool->root, making, 0700) != 0)
		return -1;
	int dir = open_directory(spool->root, making);
	if (dir >= 0 && flock(dir, LOCK_EX | LOCK_NB) == 0
	    && renameat(spool->root, making, spool->root, spool->name) == 0)
		return dir;
	int error = errno;
	if (dir >= 0)
		(void)close(dir);
	(void)unlinkat(spool->root, making, AT_REMOVEDIR);
	errno = error;
	return -1;
}

/* What stands in the spool is believed. */
static bool is_private(int root)
{
	struct stat facts;
	return fstat(root, &facts) == 0 && facts.st_uid == geteuid()
	    && !(facts.st_mode & (S_IWGRP | S_IWOTH));
}

static const struct err *no_spool(struct arena *arena, const char *path)
{
	int error = errno;
	if (!is_full(error))
		return err_new(arena, ERR_INVALID, "PROMPTBUILDER_SPOOL_DIR: %s cannot be used: "
		    "%s. Name a local directory that this user may write to.", path,
		    strerror(error));
	log_error("there is no room for the spool: an answer that the database cannot take is "
	    "lost if this runner is killed; free space in PROMPTBUILDER_SPOOL_DIR and restart the "
	    "runner", "path", path, "reason", strerror(error));
	return NULL;
}

const struct err *spool_open(struct arena *arena, const char *path, const char *lease_id,
    struct spool **out)
{
	struct spool *spool = arena_alloc(arena, sizeof(*spool));
	*out = NULL;
	*spool = (struct spool){
		.arena = arena, .path = path, .name = arena_strdup(arena, lease_id)};
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return no_spool(arena, path);
	spool->root = open_directory(AT_FDCWD, path);
	if (spool->root < 0)
		return no_spool(arena, path);
	if (!is_private(spool->root)) {
		(void)close(spool->root);
		return err_new(arena, ERR_INVALID, "PROMPTBUILDER_SPOOL_DIR: %s must belong to "
		    "this user, and nobody else may write to it.", path);
	}
	spool->dir = make_locked(spool);
	const struct err *err = spool->dir < 0 ? no_spool(arena, path) : NULL;
	if (err)
		(void)close(spool->root);
	else
		*out = spool;
	return err;
}

struct spare_name {
	char text[32];
};

static struct spare_name spare_name(size_t place)
{
	struct spare_name name;
	(void)snprintf(name.text, sizeof(name.text), "spare.%zu", place);
	return name;
}

void spool_rename(struct spool *spool, const char *lease_id)
{
	if (!spool || spool->dir < 0)
		return;
	const char *name = arena_strdup(spool->arena, lease_id);
	if (renameat(spool->root, spool->name, spool->root, name) == 0)
		spool->name = name;
	else
		log_warn("the spool keeps the name of an old lease", "reason", strerror(errno));
}

void spool_close(struct spool *spool)
{
	if (!spool)
		return;
	if (spool->dir >= 0) {
		while (spool->spares > 0)
			(void)unlinkat(spool->dir, spare_name(--spool->spares).text, 0);
		(void)unlinkat(spool->root, spool->name, AT_REMOVEDIR); /* unless it has files */
		(void)close(spool->dir);
	}
	(void)close(spool->root);
}

int spool_root(const struct spool *spool)
{
	return spool->root;
}

const char *spool_name(const struct spool *spool)
{
	return spool->name;
}

/* ---- The files. ---- */

struct spool_file *spool_file_new(struct spool *spool, struct arena *arena, const char *name,
    const char *head)
{
	if (!spool || spool->dir < 0)
		return NULL;
	struct spool_file *file = arena_alloc(arena, sizeof(*file));
	*file = (struct spool_file){.spool = spool, .name = name, .head = head, .fd = -1};
	return file;
}

/* A file with a hole would tell what is not true; its room is of use to others. */
static void give_up(struct spool_file *file, int error)
{
	struct spool *spool = file->spool;
	spool_drop(file);
	if (clock_ms() < spool->complain_due_ms)
		return;
	spool->complain_due_ms = clock_ms() + COMPLAIN_MS;
	log_error("the spool cannot be written: calls go on, but an answer that the database "
	    "cannot take is lost if this runner is killed; free space in PROMPTBUILDER_SPOOL_DIR",
	    "path", spool->path, "reason", strerror(error));
}

void spool_add(struct spool_file *file, const char *bytes, size_t len)
{
	if (file && file->fd >= 0 && !fd_write(file->fd, bytes, len))
		give_up(file, errno);
}

/* Both lines in one write: a file has them whole. */
static void write_head(struct spool_file *file, const struct spool_response *response)
{
	struct arena *arena = arena_new(); /* the call's own would keep it for minutes */
	struct doc *line = doc_object(arena);
	struct buf *head = buf_new(arena, strlen(file->head) + RESPONSE_MAX);
	doc_set_int(line, "http_status", response->http_status);
	doc_set_text(line, "request_id", response->request_id);
	doc_set_int(line, "first_byte_ms", response->first_byte_ms);
	doc_set_int(line, "begun_ms", clock_wall_ms() - response->first_byte_ms);
	buf_text(head, file->head);
	buf_char(head, '\n');
	doc_write(line, head);
	buf_char(head, '\n');
	spool_add(file, head->data, head->len);
	arena_free(arena);
}

/* A spare file under the name, or none yet. */
static void take_spare(struct spool *spool, const char *name)
{
	if (spool->spares > 0)
		(void)renameat(spool->dir, spare_name(--spool->spares).text, spool->dir, name);
}

/* Emptied before it is renamed: whatever a kill leaves tells nothing. */
static bool make_spare(struct spool *spool, const char *name)
{
	int fd = openat(spool->dir, name, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0)
		return false;
	(void)close(fd);
	if (renameat(spool->dir, name, spool->dir, spare_name(spool->spares).text) != 0)
		return false;
	spool->spares++;
	return true;
}

void spool_begin(struct spool_file *file, const struct spool_response *response)
{
	if (!file)
		return;
	take_spare(file->spool, file->name);
	file->fd = openat(file->spool->dir, file->name,
	    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (file->fd < 0) {
		give_up(file, errno);
		return;
	}
	file->has_begun = true;
	write_head(file, response);
}

void spool_end(struct spool_file *file)
{
	if (!file || file->fd < 0)
		return;
	(void)close(file->fd);
	file->fd = -1;
}

void spool_drop(struct spool_file *file)
{
	spool_end(file);
	if (file && file->has_begun && !make_spare(file->spool, file->name))
		(void)unlinkat(file->spool->dir, file->name, 0);
	if (file)
		file->has_begun = false;
}
