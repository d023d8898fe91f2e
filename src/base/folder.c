/* folder.c: opens piece by piece, each below the one before and none through a link. */
#include "base/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FLAGS (O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK)
#define CHUNK_BYTES 16384

struct folder {
	int fd;
};

static void folder_close(void *object)
{
	close(((struct folder *)object)->fd);
}

const struct err *folder_open(struct arena *arena, const char *path, struct folder **folder)
{
	struct folder *made = arena_alloc(arena, sizeof(*made));

	made->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (made->fd < 0)
		return err_new(arena, ERR_MISSING, "%s: %s", path, strerror(errno));
	arena_on_reset(arena, folder_close, made);
	*folder = made;
	return NULL;
}

static bool is_step(const char *name, size_t len)
{
	return len > 0 && len <= NAME_MAX && strncmp(name, "..", len) != 0;
}

/* The next piece below fd, which is closed. Nothing but folders and files is opened. */
static int step_open(int fd, const char *name, bool is_last, int flags)
{
	struct stat found;
	int next = -1;

	if (fstatat(fd, name, &found, AT_SYMLINK_NOFOLLOW) != 0)
		next = -1;
	else if (S_ISLNK(found.st_mode) || (is_last && !S_ISDIR(found.st_mode) &&
	    !S_ISREG(found.st_mode)))
		errno = ELOOP;
	else
		next = openat(fd, name, is_last ? FLAGS | flags : FLAGS | O_DIRECTORY);
	flags = errno;
	close(fd);
	errno = flags;
	return next;
}

/* A descriptor of what stands at path; -1 with errno. */
static int path_open(const struct folder *folder, const char *path, int flags)
{
	int fd = openat(folder->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char name[NAME_MAX + 1];

	while (fd >= 0 && *path != '\0') {
		size_t len = strcspn(path, "/");

		if (!is_step(path, len)) {
			close(fd);
			errno = ENOENT;
			return -1;
		}
		memcpy(name, path, len);
		name[len] = '\0';
		path += len + (path[len] == '/');
		fd = step_open(fd, name, *path == '\0', flags);
	}
	return fd;
}

static const struct err *open_error(struct arena *arena, int reason)
{
	if (reason == ENOENT || reason == ENOTDIR)
		return err_new(arena, ERR_MISSING, "It is not there.");
	if (reason == ELOOP)
		return err_new(arena, ERR_INVALID, "It is a link, device, pipe or socket; only "
		    "plain files and folders are read.");
	return err_new(arena, ERR_INVALID, "It cannot be read: %s.", strerror(reason));
}

static enum folder_kind kind_of(int fd, const struct dirent *entry)
{
	struct stat found;

	if (fstatat(fd, entry->d_name, &found, AT_SYMLINK_NOFOLLOW) != 0)
		return FOLDER_SPECIAL;
	return S_ISREG(found.st_mode) ? FOLDER_FILE : S_ISDIR(found.st_mode) ? FOLDER_FOLDER :
	    S_ISLNK(found.st_mode) ? FOLDER_LINK : FOLDER_SPECIAL;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct folder_entry *)a)->name,
	    ((const struct folder_entry *)b)->name);
}

/* The entries of an open folder into a growing array; a chain of them first. */
static const struct err *entries_read(struct arena *arena, DIR *open,
    struct folder_entry **entries, size_t *count)
{
	struct buf *found = buf_new(arena, FOLDER_ENTRIES_MAX * sizeof(struct folder_entry));
	struct dirent *entry;

	while ((entry = readdir(open)) != NULL) {
		struct folder_entry one = {.kind = FOLDER_FILE};

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		one.name = arena_strdup(arena, entry->d_name);
		one.kind = kind_of(dirfd(open), entry);
		buf_add(found, &one, sizeof(one));
	}
	if (found->failed)
		return err_new(arena, ERR_LIMIT, "The folder has more than %d entries.",
		    FOLDER_ENTRIES_MAX);
	*count = found->len / sizeof(struct folder_entry);
	*entries = (struct folder_entry *)(void *)found->data;
	if (*count > 1)
		qsort(*entries, *count, sizeof(**entries), by_name);
	return NULL;
}

const struct err *folder_list(struct arena *arena, const struct folder *folder,
    const char *path, struct folder_entry **entries, size_t *count)
{
	int fd = path_open(folder, path, O_DIRECTORY);
	const struct err *err;
	DIR *open;

	*count = 0;
	if (fd < 0)
		return open_error(arena, errno);
	open = fdopendir(fd);
	if (open == NULL) {
		err = open_error(arena, errno);
		close(fd);
		return err;
	}
	err = entries_read(arena, open, entries, count);
	closedir(open);
	return err;
}

static const struct err *file_open(struct arena *arena, const struct folder *folder,
    const char *path, struct stat *found, int *fd)
{
	*fd = path_open(folder, path, 0);
	if (*fd < 0)
		return open_error(arena, errno);
	if (fstat(*fd, found) == 0 && (S_ISREG(found->st_mode) || *path == '\0'))
		return NULL;
	close(*fd);
	return err_new(arena, ERR_INVALID, "It is no file.");
}

const struct err *folder_read(struct arena *arena, const struct folder *folder,
    const char *path, size_t max, struct buf **out)
{
	struct stat found;
	char part[CHUNK_BYTES];
	ssize_t len = 0;
	int fd;
	const struct err *err = file_open(arena, folder, path, &found, &fd);

	if (err == NULL && !S_ISREG(found.st_mode)) {
		close(fd);
		err = err_new(arena, ERR_INVALID, "It is no file.");
	}
	if (err != NULL)
		return err;
	*out = buf_new(arena, max);
	if (found.st_size >= 0 && (uintmax_t)found.st_size > max)
		(*out)->failed = true;
	while (!(*out)->failed && (len = read(fd, part, sizeof(part))) > 0)
		buf_add(*out, part, (size_t)len);
	if (len < 0)
		err = open_error(arena, errno);
	else if ((*out)->failed)
		err = err_new(arena, ERR_LIMIT, "It has more than %zu bytes.", max);
	close(fd);
	return err;
}

const struct err *folder_stat(struct arena *arena, const struct folder *folder,
    const char *path, struct stat *stat)
{
	int fd;
	const struct err *err = file_open(arena, folder, path, stat, &fd);

	if (err == NULL)
		close(fd);
	return err;
}
