/* suite.h: runs a list of Check tests as one program. */
#ifndef TESTS_LIB_SUITE_H
#define TESTS_LIB_SUITE_H

#include <check.h>
#include <stdlib.h>

/* Runs a suite; the result is that of main. */
static inline int suite_end(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* Each test forks, so that a crash costs one test only, and starts with setup and
 * ends with teardown (either may be NULL). The result is that of main. */
static inline int suite_run_between(void (*setup)(void), void (*teardown)(void), const char *name,
    const TTest *const *tests, size_t count)
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	for (size_t i = 0; i < count; i++)
		tcase_add_test(tcase, tests[i]);
	return suite_end(suite);
}

static inline int suite_run(const char *name, const TTest *const *tests, size_t count)
{
	return suite_run_between(NULL, NULL, name, tests, count);
}

#endif
