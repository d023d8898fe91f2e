/* routes.c: an address leads to the row whose pattern it is, with its pieces put in. */
#include "fuzz.h"

#include "base/text.h"
#include "web/frame.h"

/* The pattern with the request's pieces in the place of its names. */
static const char *filled(struct arena *arena, const char *pattern, const struct request *request)
{
	struct buf *path = buf_new(arena, 8192);
	size_t piece = 0;

	while (*pattern != '\0') {
		size_t len = strcspn(pattern, "{");

		buf_add(path, pattern, len);
		pattern += len;
		if (*pattern != '{')
			continue;
		HOLDS(request->piece[piece] != NULL);
		HOLDS(strchr(request->piece[piece], '/') == NULL && *request->piece[piece] != '\0');
		buf_text(path, request->piece[piece++]);
		pattern += strcspn(pattern, "}") + 1;
	}
	return path->data;
}

FUZZ(routes)
{
	struct arena *arena = arena_new();
	const char *uri = fuzz_text(arena, data, size);

	for (int i = 0; i < 4; i++) {
		struct request request;
		const struct route *row = NULL;
		char *params[] = {arena_strdup(arena, i < 2 ? "REQUEST_METHOD=GET" :
		    "REQUEST_METHOD=POST"), arena_printf(arena, "DOCUMENT_URI=%s%s",
		    i % 2 ? "/api" : "", uri), NULL};
		const struct problem *problem = request_begin(arena, params, &request);

		if (problem != NULL)
			continue;
		problem = routes_find(arena, &request, &row);
		HOLDS((problem == NULL) == (row != NULL));
		HOLDS(problem == NULL || problem->status == 404 || problem->status == 405);
		HOLDS(problem == NULL || problem->status == 404 || problem->allow != NULL);
		if (row == NULL)
			continue;
		HOLDS(row->method == request.method);
		HOLDS((row->flags & (request.is_api ? ROUTE_API : ROUTE_PAGE)) != 0);
		HOLDS(strcmp(filled(arena, row->pattern, &request), request.path) == 0);
	}
	arena_free(arena);
	return 0;
}
