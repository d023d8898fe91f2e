/* err_test.c: an error carries its kind and its sentence; every kind has a name. */
#include "suite.h"

#include <string.h>

#include "base/err.h"

START_TEST(sentence_is_formatted)
{
	struct arena *arena = arena_new();
	const struct err *err = err_new(arena, ERR_LIMIT, "At most %d of %s.", 3, "them");

	ck_assert_int_eq(err->kind, ERR_LIMIT);
	ck_assert_str_eq(err->sentence, "At most 3 of them.");
	ck_assert_ptr_null(err->fields);
	arena_free(arena);
}
END_TEST

START_TEST(kinds_have_different_names)
{
	for (int i = 0; i < ERR_KIND_COUNT; i++) {
		ck_assert_ptr_nonnull(err_kind_name((enum err_kind)i));
		for (int j = 0; j < i; j++)
			ck_assert_str_ne(err_kind_name((enum err_kind)i),
			    err_kind_name((enum err_kind)j));
	}
	ck_assert_str_eq(err_kind_name(ERR_KIND_COUNT), "unknown");
}
END_TEST

int main(void)
{
	const TTest *tests[] = {sentence_is_formatted, kinds_have_different_names};

	return suite_run("err", tests, ARRAY_LEN(tests));
}
