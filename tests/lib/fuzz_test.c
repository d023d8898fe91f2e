/* fuzz_test.c: every seed and every finding of the fuzzer, fed to its target again. */
#include "suite.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "base/log.h"

#define FILES_MAX 2000
#define BYTES_MAX (1u << 20)

typedef int (*target)(const uint8_t *data, size_t size);

#define TARGET(name) int fuzz_##name(const uint8_t *data, size_t size);
#include "fuzz/targets.h"
#undef TARGET

static const struct {
	const char *name;
	target run;
} targets[] = {
#define TARGET(name) {#name, fuzz_##name},
#include "fuzz/targets.h"
#undef TARGET
};

static struct {
	target run;
	char path[512];
} files[FILES_MAX];
static int file_count;

static void folder_add(const char *kind, size_t index)
{
	const char *source = getenv("srcdir") != NULL ? getenv("srcdir") : ".";
	char folder[256];
	struct dirent **names;
	int count;

	(void)snprintf(folder, sizeof(folder), "%s/tests/fuzz/%s/%s", source, kind,
	    targets[index].name);
	count = scandir(folder, &names, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		if (names[i]->d_name[0] != '.' && file_count < FILES_MAX) {
			files[file_count].run = targets[index].run;
			(void)snprintf(files[file_count++].path, sizeof(files[0].path), "%s/%s",
			    folder, names[i]->d_name);
		}
		free(names[i]);
	}
	if (count >= 0)
		free(names);
}

/* A property that does not hold aborts; Check would tell a number only. */
static const char *fed;

static void on_abort(int signal_number)
{
	if (write(STDERR_FILENO, fed, strlen(fed)) > 0)
		(void)!write(STDERR_FILENO, "\n", 1);
}

START_TEST(a_file_is_fed_again)
{
	FILE *file = fopen(files[_i].path, "rb");
	uint8_t *bytes = malloc(BYTES_MAX);
	size_t size;

	ck_assert_msg(file != NULL && bytes != NULL, "%s cannot be read", files[_i].path);
	size = fread(bytes, 1, BYTES_MAX, file);
	(void)fclose(file);
	/* Its own size, so that a byte read beyond it is seen. */
	bytes = realloc(bytes, size > 0 ? size : 1);
	ck_assert_ptr_nonnull(bytes);
	fed = files[_i].path;
	(void)signal(SIGABRT, on_abort);
	ck_assert_msg(files[_i].run(bytes, size) == 0, "%s", files[_i].path);
	free(bytes);
}
END_TEST

START_TEST(every_target_has_seeds)
{
	for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
		int own = 0;

		for (int k = 0; k < file_count; k++)
			own += files[k].run == targets[i].run;
		ck_assert_msg(own >= 2, "tests/fuzz/seeds/%s has %d files", targets[i].name, own);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fuzz");
	TCase *tcase = tcase_create("fuzz");
	SRunner *runner = srunner_create(suite);
	int failed;

	log_open("fuzz_test", LOG_LEVEL_ERROR);
	for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
		folder_add("seeds", i);
		folder_add("found", i);
	}
	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, every_target_has_seeds);
	tcase_add_loop_test(tcase, a_file_is_fed_again, 0, file_count);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0 ? 1 : 0;
}
