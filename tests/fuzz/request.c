/* request.c: FastCGI parameters, each ended by a NUL; behind an empty one the body. */
#include "fuzz.h"

#include "base/text.h"
#include "web/frame.h"

#define PARAMS_MAX 64

/* Takes the parameters off the front of the bytes; returns where the body begins. */
static size_t params_take(struct arena *arena, const uint8_t *data, size_t size, char **params)
{
	size_t at = 0;

	for (size_t count = 0; at < size && count < PARAMS_MAX; count++) {
		char *param = fuzz_text(arena, data + at, size - at);

		at += strlen(param) + 1;
		if (*param == '\0')
			break;
		params[count] = param;
	}
	return at < size ? at : size;
}

static void check_token(const char *token)
{
	HOLDS(token == NULL || (strlen(token) >= 16 && strlen(token) <= 256 &&
	    strpbrk(token, "; ,\"'\\") == NULL));
}

static void check_request(const struct request *request)
{
	HOLDS(request->path[0] == '/' && text_is_clean(request->path, strlen(request->path)));
	HOLDS(strpbrk(request->path, "\r\n\t") == NULL);
	HOLDS(strlen(request->id) <= 64 && strpbrk(request->id, "\r\n \"=") == NULL);
	HOLDS(doc_type(request->fields) == DOC_OBJECT && request->query != NULL);
	check_token(request->session);
	check_token(request->form_token);
	HOLDS(request->flash == NULL || text_is_clean(request->flash, strlen(request->flash)));
	HOLDS(request->agent == NULL || strpbrk(request->agent, "\r\n\t") == NULL);
	HOLDS(!request->is_api || request->wants_json);
}

FUZZ(request)
{
	struct arena *arena = arena_new();
	char *params[PARAMS_MAX + 1] = {NULL};
	size_t at = params_take(arena, data, size, params);
	struct request request;
	const struct route *row;
	const struct problem *problem = request_begin(arena, params, &request);

	check_request(&request);
	HOLDS(problem == NULL || problem->status == 400 || problem->status == 405);
	if (problem == NULL)
		problem = routes_find(arena, &request, &row);
	if (problem == NULL)
		problem = guard_enter(arena, &request, row);
	if (problem == NULL && size - at <= row->body_max) {
		char *body = arena_strndup(arena, (const char *)data + at, size - at);

		problem = request_body(arena, row, body, size - at, &request);
		HOLDS(problem == NULL || problem->status == 400);
	}
	HOLDS(problem == NULL || (problem->status >= 400 && problem->status < 500));
	arena_free(arena);
	return 0;
}
