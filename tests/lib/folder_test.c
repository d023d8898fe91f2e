/* folder_test.c: files below a folder, whatever somebody has put there. */
#include "suite.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/folder.h"

static struct arena *arena;
static struct folder *folder;
static char root[64];

static const char *at(const char *name)
{
	return arena_printf(arena, "%s/%s", root, name);
}

static void write_file(const char *name, const char *bytes, size_t len)
{
	FILE *file = fopen(at(name), "we");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(bytes, 1, len, file), len);
	ck_assert_int_eq(fclose(file), 0);
}

static void setup(void)
{
	arena = arena_new();
	strcpy(root, "/tmp/folder_test.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	ck_assert_int_eq(mkdir(at("in"), 0755), 0);
	ck_assert_int_eq(mkdir(at("in/a"), 0755), 0);
	write_file("in/a/text", "hello", 5);
	write_file("out", "secret", 6);
	ck_assert_ptr_null(folder_open(arena, at("in"), &folder));
}

static void teardown(void)
{
	ck_assert_int_eq(system(arena_printf(arena, "rm -r %s", root)), 0);
	arena_free(arena);
}

static enum err_kind read_kind(const char *path)
{
	struct buf *text;
	const struct err *err = folder_read(arena, folder, path, 100, &text);

	ck_assert_msg(err != NULL, "%s was read", path);
	ck_assert(strlen(err->sentence) > 5);
	return err->kind;
}

START_TEST(a_file_is_read_whole)
{
	struct buf *text;
	struct stat found;

	ck_assert_ptr_null(folder_read(arena, folder, "a/text", 5, &text));
	ck_assert_str_eq(text->data, "hello");
	ck_assert_int_eq(folder_read(arena, folder, "a/text", 4, &text)->kind, ERR_LIMIT);
	ck_assert_ptr_null(folder_stat(arena, folder, "a/text", &found));
	ck_assert_int_eq(found.st_size, 5);
	ck_assert_ptr_null(folder_stat(arena, folder, "", &found));
	ck_assert(S_ISDIR(found.st_mode));
}
END_TEST

START_TEST(no_path_leaves_the_folder)
{
	static const char *const paths[] = {"../out", "a/../../out", "..", ".", "./a/text", "/etc/passwd",
	    "a//text", "a/text/x", "none", "a/none"};

	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		ck_assert_int_eq(read_kind(paths[i]), ERR_MISSING);
	ck_assert_int_eq(read_kind(arena_printf(arena, "%0300d", 0)), ERR_MISSING);
	ck_assert_int_eq(read_kind("a"), ERR_INVALID);
	ck_assert_int_eq(read_kind(""), ERR_INVALID);
}
END_TEST

START_TEST(links_and_special_files_are_refused)
{
	struct folder_entry *entries;
	size_t count;

	ck_assert_int_eq(symlink("../out", at("in/file")), 0);
	ck_assert_int_eq(symlink("..", at("in/up")), 0);
	ck_assert_int_eq(symlink("a", at("in/same")), 0);
	ck_assert_int_eq(mkfifo(at("in/pipe"), 0600), 0);
	ck_assert_int_eq(read_kind("file"), ERR_INVALID);
	ck_assert_int_eq(read_kind("up/out"), ERR_INVALID);
	ck_assert_int_eq(read_kind("same/text"), ERR_INVALID);
	ck_assert_int_eq(read_kind("pipe"), ERR_INVALID);
	ck_assert_ptr_nonnull(folder_list(arena, folder, "up", &entries, &count));
	ck_assert_uint_eq(count, 0);
	ck_assert_ptr_null(folder_list(arena, folder, "", &entries, &count));
	ck_assert_uint_eq(count, 5);
	ck_assert_str_eq(entries[0].name, "a");
	ck_assert_int_eq(entries[0].kind, FOLDER_FOLDER);
	ck_assert_str_eq(entries[1].name, "file");
	ck_assert_int_eq(entries[1].kind, FOLDER_LINK);
	ck_assert_int_eq(entries[2].kind, FOLDER_SPECIAL);
	ck_assert_int_eq(entries[4].kind, FOLDER_LINK);
}
END_TEST

START_TEST(a_folder_may_be_a_link_or_missing)
{
	struct folder *other;
	struct folder_entry *entries;
	size_t count;

	ck_assert_int_eq(symlink("in", at("link")), 0);
	ck_assert_ptr_null(folder_open(arena, at("link"), &other));
	ck_assert_ptr_null(folder_list(arena, other, "a", &entries, &count));
	ck_assert_uint_eq(count, 1);
	ck_assert_int_eq(entries[0].kind, FOLDER_FILE);
	ck_assert_int_eq(folder_list(arena, other, "b", &entries, &count)->kind, ERR_MISSING);
	ck_assert_int_eq(folder_open(arena, at("none"), &other)->kind, ERR_MISSING);
	ck_assert_int_eq(folder_open(arena, at("out"), &other)->kind, ERR_MISSING);
}
END_TEST

/* Whatever was opened is closed again. */
START_TEST(no_descriptor_is_left)
{
	struct folder_entry *entries;
	struct buf *text;
	struct stat found;
	size_t count;
	int before = open("/dev/null", O_RDONLY | O_CLOEXEC);

	close(before);
	for (int i = 0; i < 50; i++) {
		ck_assert_ptr_null(folder_read(arena, folder, "a/text", 100, &text));
		ck_assert_ptr_null(folder_list(arena, folder, "a", &entries, &count));
		ck_assert_ptr_null(folder_stat(arena, folder, "a/text", &found));
		ck_assert_ptr_nonnull(folder_stat(arena, folder, "a", &found));
		(void)read_kind("a/none/x");
		(void)read_kind("a");
	}
	ck_assert_int_eq(open("/dev/null", O_RDONLY | O_CLOEXEC), before);
	close(before);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {a_file_is_read_whole, no_path_leaves_the_folder,
	    links_and_special_files_are_refused, a_folder_may_be_a_link_or_missing,
	    no_descriptor_is_left};

	return suite_run_between(setup, teardown, "folder", tests, ARRAY_LEN(tests));
}
