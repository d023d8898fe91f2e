/* prompt_file.c: copies on disk, so that a worker started while the database is away delivers.
 *
 * A file is the SHA-256 of a document and the document; its time says when that was last known to
 * be true. Nobody else may read it, and what somebody else could have written is not believed. */
#include "web/prompt.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/text.h"

#define SUM_CHARS 64
#define FILE_MAX (2 * PAGE_MAX)

static int folder_open(struct served *served)
{
	int folder;

	if (served->folder == NULL)
		return -1;
	if (mkdir(served->folder, 0700) != 0 && errno != EEXIST)
		return -1;
	folder = open(served->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return folder;
}

/* Said once, until it works again. */
static void complain(struct served *served, const char *what)
{
	if (served->folder != NULL && !served->has_complained)
		log_warn("answers are not kept on disk", "folder", served->folder, "what", what,
		    "why", strerror(errno));
	served->has_complained = true;
}

/* A reader sees the old file or the new one. What a crash leaves half written has another sum. */
static bool file_put(struct arena *arena, int folder, const char *name, const struct buf *text)
{
	const char *draft = arena_printf(arena, "%s.%d", name, (int)getpid());
	int fd = openat(folder, draft, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool is_written = fd >= 0 && fd_write(fd, text->data, text->len);

	if (fd >= 0 && close(fd) != 0)
		is_written = false;
	if (is_written && renameat(folder, draft, folder, name) == 0)
		return true;
	unlinkat(folder, draft, 0);
	return false;
}

void prompt_file_save(struct served *served, const char *name, const struct doc *doc)
{
	struct arena *arena = arena_new();
	struct buf *json = buf_new(arena, FILE_MAX);
	struct buf *text = buf_new(arena, FILE_MAX);
	int folder = folder_open(served);

	doc_write(doc, json);
	buf_printf(text, "%s\n", text_sha256(arena, json->data, json->len));
	buf_add(text, json->data, json->len);
	if (folder < 0 || text->failed || !file_put(arena, folder, name, text))
		complain(served, name);
	else
		served->has_complained = false;
	if (folder >= 0)
		close(folder);
	arena_free(arena);
}

/* The whole file, if it is ours alone; NULL: it is not, or there is none. */
static struct buf *file_get(struct arena *arena, int folder, const char *name,
    int64_t *confirmed_ms)
{
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct buf *text = buf_new(arena, FILE_MAX);
	struct stat st;
	char part[8192];
	ssize_t got = -1;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	    (st.st_mode & 077) == 0) {
		*confirmed_ms = (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
		while ((got = read(fd, part, sizeof(part))) > 0)
			buf_add(text, part, (size_t)got);
	}
	close(fd);
	return got == 0 && !text->failed ? text : NULL;
}

struct doc *prompt_file_load(struct served *served, struct arena *arena, const char *name,
    int64_t *confirmed_ms)
{
	int folder = folder_open(served);
	struct buf *text = folder < 0 ? NULL : file_get(arena, folder, name, confirmed_ms);
	const struct err *err;
	struct doc *doc = NULL;
	size_t skipped = SUM_CHARS + 1;

	if (folder >= 0)
		close(folder);
	if (text == NULL)
		return NULL;
	if (text->len <= skipped || memcmp(text_sha256(arena, text->data + skipped,
	    text->len - skipped), text->data, SUM_CHARS) != 0) {
		log_warn("a damaged copy is not used", "file", name);
		return NULL;
	}
	err = doc_parse(arena, text->data + skipped, text->len - skipped, &doc);
	return err == NULL ? doc : NULL;
}

void prompt_file_confirm(struct served *served, const char *name)
{
	int folder = folder_open(served);

	if (folder < 0 || utimensat(folder, name, NULL, AT_SYMLINK_NOFOLLOW) != 0)
		complain(served, name);
	if (folder >= 0)
		close(folder);
}

void prompt_file_drop(struct served *served, const char *name)
{
	int folder = folder_open(served);

	if (folder < 0)
		return;
	if (unlinkat(folder, name, 0) != 0 && errno != ENOENT)
		complain(served, name);
	close(folder);
}

/* By the file's time; one that cannot be asked for it goes, too. */
static bool is_too_old(const struct served *served, int folder, const char *name)
{
	struct stat st;
	int64_t oldest_ms = clock_wall_ms() - served->stale_ms - PROMPT_SWEEP_MS;

	return fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
	    (int64_t)st.st_mtim.tv_sec * 1000 < oldest_ms;
}

void prompt_file_sweep(struct served *served, const char *prefix)
{
	int folder = folder_open(served);
	DIR *list = folder < 0 ? NULL : fdopendir(folder);
	const struct dirent *file;

	if (list == NULL) {
		if (folder >= 0)
			close(folder);
		return;
	}
	while ((file = readdir(list)) != NULL) {
		bool goes = prefix != NULL ? text_starts_with(file->d_name, prefix) :
		    is_too_old(served, folder, file->d_name);

		if (file->d_name[0] != '.' && goes)
			unlinkat(folder, file->d_name, 0);
	}
	closedir(list);
}
