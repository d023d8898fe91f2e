/* bundle.c: writes a folder beside its place and puts it there at the end. */
#include "admin/bundle.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/admin.h"

#define OPEN_FOLDERS_MAX 16
#define HEAD_BYTES 256

struct bundle {
	struct arena *arena;
	const char *path;
	char *partial;    /* where it is written */
	bool is_replaced; /* there is an earlier export at path */
	bool is_done;
};

static int remove_entry(const char *path, const struct stat *stat, int type, struct FTW *place)
{
	(void)remove(path);
	return 0;
}

static void remove_tree(const char *path)
{
	(void)nftw(path, remove_entry, OPEN_FOLDERS_MAX, FTW_DEPTH | FTW_PHYS);
}

static void abandon(void *object)
{
	struct bundle *bundle = object;

	if (!bundle->is_done)
		remove_tree(bundle->partial);
}

static const struct err *system_error(struct arena *arena, const char *path)
{
	return err_new(arena, ERR_DENIED, "%s: %s", path, strerror(errno));
}

/* Whether the folder's manifest says that it is an export. */
static bool is_export(struct arena *arena, const char *path)
{
	const char *manifest = arena_printf(arena, "%s/%s", path, BUNDLE_MANIFEST);
	FILE *file = fopen(manifest, "re");
	char head[HEAD_BYTES] = "";
	bool is_ours = file != NULL && fgets(head, sizeof(head), file) != NULL &&
	    strstr(head, BUNDLE_FORMAT) != NULL;

	if (file != NULL)
		(void)fclose(file);
	return is_ours;
}

/* 0: it is absent; 1: empty; 2: it holds something; -1: it cannot be looked at. */
static int look(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	int found = 1;

	if (dir == NULL)
		return errno == ENOENT ? 0 : -1;
	while (found == 1 && (entry = readdir(dir)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			found = 2;
	(void)closedir(dir);
	return found;
}

static const struct err *place_check(struct bundle *bundle, bool replaces)
{
	int found = look(bundle->path);

	bundle->is_replaced = found == 2;
	if (found < 0)
		return system_error(bundle->arena, bundle->path);
	if (found == 2 && !replaces)
		return err_new(bundle->arena, ERR_CONFLICT, "%s is not empty: name another folder, "
		    "or replace an earlier export with --force", bundle->path);
	if (found == 2 && !is_export(bundle->arena, bundle->path))
		return err_new(bundle->arena, ERR_CONFLICT, "%s holds something else than an "
		    "export: --force replaces exports only", bundle->path);
	return NULL;
}

const struct err *bundle_open(struct arena *arena, const char *path, bool replaces,
    struct bundle **out)
{
	struct bundle *bundle = arena_alloc(arena, sizeof(*bundle));
	char *own = arena_strdup(arena, path);
	const struct err *err;

	for (size_t len = strlen(own); len > 1 && own[len - 1] == '/'; len--)
		own[len - 1] = '\0';
	*bundle = (struct bundle){.arena = arena, .path = own,
	    .partial = admin_temporary(arena, arena_printf(arena, "%s.partial", own))};
	err = place_check(bundle, replaces);
	if (err == NULL && mkdtemp(bundle->partial) == NULL)
		err = system_error(arena, bundle->partial);
	if (err == NULL)
		arena_on_reset(arena, abandon, bundle);
	*out = bundle;
	return err;
}

/* Makes the folders of a path that begins at from. */
static bool make_folders(char *path, size_t from)
{
	for (char *at = path + from; (at = strchr(at, '/')) != NULL; at++) {
		*at = '\0';
		if (mkdir(path, 0700) != 0 && errno != EEXIST)
			return false;
		*at = '/';
	}
	return true;
}

const struct err *bundle_file_open(struct bundle *bundle, struct arena *arena, const char *path,
    struct bundle_file *file)
{
	char *full = arena_printf(arena, "%s/%s", bundle->partial, path);
	int fd = -1;

	*file = (struct bundle_file){.path = path, .digest = digest_new(arena)};
	if (make_folders(full, strlen(bundle->partial) + 1))
		fd = open(full, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	file->file = fd < 0 ? NULL : fdopen(fd, "w");
	return file->file == NULL ? system_error(arena, full) : NULL;
}

/* Whether everything could be written is asked at the end. */
void bundle_file_add(struct bundle_file *file, const char *bytes, size_t len)
{
	(void)fwrite(bytes, 1, len, file->file);
	digest_add(file->digest, bytes, len);
	file->bytes += (int64_t)len;
}

const struct err *bundle_file_close(struct arena *arena, struct bundle_file *file)
{
	bool is_broken = ferror(file->file) != 0;

	is_broken |= fclose(file->file) != 0;
	file->file = NULL;
	if (is_broken)
		return err_new(arena, ERR_DENIED, "%s could not be written; is the disk full?",
		    file->path);
	digest_end(file->digest, file->sha256);
	return NULL;
}

/* One call for all files: the folder gets its name when they are on the disk. */
static bool sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool is_good = fd >= 0 && syncfs(fd) == 0;

	if (fd >= 0)
		(void)close(fd);
	return is_good;
}

const struct err *bundle_commit(struct bundle *bundle)
{
	int failed = 1;

	if (sync_folder(bundle->partial))
		failed = bundle->is_replaced ?
		    renameat2(AT_FDCWD, bundle->partial, AT_FDCWD, bundle->path, RENAME_EXCHANGE) :
		    rename(bundle->partial, bundle->path);
	if (failed)
		return system_error(bundle->arena, bundle->path);
	bundle->is_done = true;
	if (bundle->is_replaced) /* the earlier one is there now */
		remove_tree(bundle->partial);
	return NULL;
}
