/* relic.c: finds the directories of dead runners and takes their files out. */
#include "run/relic.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"

struct relic {
	int root;
	DIR *dir; /* holds the lock */
	const char *id;
};

/* A new stream over a directory; the descriptor that was given stays as it is. */
static DIR *list(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir && fd >= 0)
		(void)close(fd);
	return dir;
}

/* NULL: its runner lives, or somebody else was first. */
static DIR *lock(int root, const char *name)
{
	DIR *dir = list(root, name);
	if (!dir || flock(dirfd(dir), LOCK_EX | LOCK_NB) == 0)
		return dir;
	(void)closedir(dir);
	return NULL;
}

struct relic *relic_take(const struct spool *spool, struct arena *arena)
{
	struct relic *relic = NULL;
	DIR *all = spool ? list(spool_root(spool), ".") : NULL;
	struct dirent *entry;
	while (all && !relic && (entry = readdir(all)) != NULL) {
		if (!text_is_uuid(entry->d_name) || text_equal(entry->d_name, spool_name(spool)))
			continue;
		DIR *dir = lock(spool_root(spool), entry->d_name);
		if (!dir)
			continue;
		relic = arena_alloc(arena, sizeof(*relic));
		*relic = (struct relic){.root = spool_root(spool), .dir = dir,
			.id = arena_strdup(arena, entry->d_name)};
	}
	if (all)
		(void)closedir(all);
	return relic;
}

const char *relic_id(const struct relic *relic)
{
	return relic->id;
}

static bool is_empty(const struct relic *relic, const char *name)
{
	struct stat facts;
	return fstatat(dirfd(relic->dir), name, &facts, AT_SYMLINK_NOFOLLOW) == 0
	    && S_ISREG(facts.st_mode) && facts.st_size == 0;
}

const char *relic_next(struct relic *relic, struct arena *arena)
{
	struct dirent *entry;
	while ((entry = readdir(relic->dir)) != NULL) {
		if (text_equal(entry->d_name, ".") || text_equal(entry->d_name, ".."))
			continue;
		if (!is_empty(relic, entry->d_name))
			return arena_strdup(arena, entry->d_name);
		relic_drop(relic, entry->d_name);
	}
	return NULL;
}

int relic_open(const struct relic *relic, const char *name)
{
	struct stat facts;
	int fd = openat(dirfd(relic->dir), name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || (fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode)))
		return fd;
	(void)close(fd);
	return -1;
}

void relic_drop(const struct relic *relic, const char *name)
{
	(void)unlinkat(dirfd(relic->dir), name, 0);
}

void relic_set_aside(const struct relic *relic, const char *name, const char *reason)
{
	char path[NAME_MAX + 1] = "";
	size_t room = sizeof(path) - strlen(relic->id) - sizeof("..bad");
	(void)snprintf(path, sizeof(path), "%s.%.*s.bad", relic->id, (int)room, name);
	bool is_moved = renameat(dirfd(relic->dir), name, relic->root, path) == 0;
	log_error(is_moved ? "a file of the spool was set aside: look at it, then delete it"
	    : "a file of the spool can neither be used nor set aside: delete it by hand",
	    "file", is_moved ? path : name, "reason", reason);
}

bool relic_release(struct relic *relic)
{
	bool is_gone = unlinkat(relic->root, relic->id, AT_REMOVEDIR) == 0;
	(void)closedir(relic->dir);
	return is_gone;
}
