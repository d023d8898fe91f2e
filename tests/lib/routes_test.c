/* routes_test.c: the table of addresses: what matches, what does not, and that it is complete. */
#include "suite.h"

#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "web/frame.h"

static struct arena *arena;

static const struct route *find(struct request *request, enum web_method method,
    const char *path, int *status)
{
	const struct route *row;
	const struct problem *problem;

	request->method = method;
	request->path = path;
	problem = routes_find(arena, request, &row);
	*status = problem == NULL ? 200 : problem->status;
	return row;
}

START_TEST(pieces_are_taken_out)
{
	struct request request = {.is_api = false};
	int status;
	const struct route *row = find(&request, WEB_POST, "/pipeline-runs/pipeline_x/cancel",
	    &status);

	ck_assert_int_eq(status, 200);
	ck_assert_str_eq(row->pattern, "/pipeline-runs/{id}/cancel");
	ck_assert_str_eq(request.piece[0], "pipeline_x");
	row = find(&request, WEB_GET, "/pipeline-runs/new", &status);
	ck_assert_str_eq(row->pattern, "/pipeline-runs/new");
	row = find(&request, WEB_GET, "/pipeline-runs/newer", &status);
	ck_assert_str_eq(row->pattern, "/pipeline-runs/{id}");
}
END_TEST

START_TEST(what_is_not_there)
{
	struct request request = {.is_api = false};
	int status;

	ck_assert_ptr_null(find(&request, WEB_GET, "/pipeline-runs/", &status));
	ck_assert_int_eq(status, 404);
	ck_assert_ptr_null(find(&request, WEB_GET, "/pipeline-runs/a/b/c", &status));
	ck_assert_int_eq(status, 404);
	ck_assert_ptr_null(find(&request, WEB_GET, "/session/end", &status));
	ck_assert_int_eq(status, 405);
	ck_assert_ptr_null(find(&request, WEB_POST, "/costs", &status));
	ck_assert_int_eq(status, 405);
	request.is_api = true;
	ck_assert_ptr_null(find(&request, WEB_POST, "/session", &status));
	ck_assert_int_eq(status, 404);
}
END_TEST

START_TEST(rows_are_complete)
{
	const char *source = getenv("srcdir") != NULL ? getenv("srcdir") : ".";

	for (size_t i = 0; i < route_count; i++) {
		const struct route *row = &routes[i];

		ck_assert(row->pattern[0] == '/' && row->handle != NULL && row->sentence != NULL);
		ck_assert((row->flags & (ROUTE_PAGE | ROUTE_API)) != 0);
		ck_assert_msg((row->method == WEB_POST) == (row->body_max > 0), "%s", row->pattern);
		if (row->view != NULL)
			ck_assert_msg(access(arena_printf(arena, "%s/templates/%s.cs", source,
			    row->view), R_OK) == 0, "%s has no template", row->view);
		for (size_t k = 0; k < i; k++)
			ck_assert_msg(row->method != routes[k].method ||
			    !text_equal(row->pattern, routes[k].pattern), "%s twice", row->pattern);
	}
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		pieces_are_taken_out,
		what_is_not_there,
		rows_are_complete,
	};
	int result;

	arena = arena_new();
	result = suite_run("routes", tests, ARRAY_LEN(tests));
	arena_free(arena);
	return result;
}
