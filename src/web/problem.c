/* problem.c: what can go wrong, as HTTP status and as RFC 9457 problem document: one table. */
#include "web/frame.h"

#include <string.h>

#include "base/text.h"

#define RETRY_SOON_S 5

static const struct problem kinds[] = {
	{.status = 400, .slug = "bad-request", .title = "The request cannot be read"},
	{.status = 401, .slug = "unauthenticated", .title = "Please sign in"},
	{.status = 403, .slug = "forbidden", .title = "This is not allowed"},
	{.status = 403, .slug = "budget-reached", .title = "The budget is used up"},
	{.status = 404, .slug = "not-found", .title = "There is nothing here"},
	{.status = 405, .slug = "method-not-allowed", .title = "This address is asked differently"},
	{.status = 406, .slug = "not-acceptable", .title = "No answer of the kind you accept"},
	{.status = 409, .slug = "conflict", .title = "The present state does not allow this"},
	{.status = 410, .slug = "gone", .title = "This is no longer kept"},
	{.status = 413, .slug = "too-large", .title = "Too much was sent"},
	{.status = 415, .slug = "unsupported-media-type",
	    .title = "This kind of content is not read"},
	{.status = 422, .slug = "validation", .title = "Some fields are not valid"},
	{.status = 429, .slug = "rate-limited", .title = "Too much at once",
	 .retry_after_s = RETRY_SOON_S},
	{.status = 502, .slug = "upstream-provider", .title = "The model provider failed"},
	{.status = 503, .slug = "unavailable", .title = "The database is not available",
	 .retry_after_s = RETRY_SOON_S},
	{.status = 500, .slug = "internal", .title = "Something went wrong here"},
};

static const int err_statuses[] = {
	[ERR_INVALID] = 422,
	[ERR_LOGIN] = 401,
	[ERR_DENIED] = 403,
	[ERR_MISSING] = 404,
	[ERR_GONE] = 410,
	[ERR_CONFLICT] = 409,
	[ERR_LIMIT] = 429,
	[ERR_BUDGET] = 403,
	[ERR_UPSTREAM] = 502,
	[ERR_DOWN] = 503,
	[ERR_BUG] = 500,
};

struct problem *problem_new(struct arena *arena, int status, const char *detail)
{
	struct problem *problem = arena_alloc(arena, sizeof(*problem));
	size_t i = 0;

	while (i < ARRAY_LEN(kinds) - 1 && kinds[i].status != status)
		i++;
	*problem = kinds[i];
	problem->detail = detail;
	return problem;
}

/* The row of another type with the same status. */
static void problem_rename(struct problem *problem, const char *slug)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (text_equal(kinds[i].slug, slug)) {
			problem->slug = slug;
			problem->title = kinds[i].title;
		}
	}
}

const struct problem *problem_from_err(struct arena *arena, const struct err *err,
    enum web_method method)
{
	int status = err_statuses[err->kind];
	struct problem *problem;

	/* A query that cannot be read is a bad address, not a form to fill in again. */
	if (err->kind == ERR_INVALID && method == WEB_GET)
		status = 400;
	problem = problem_new(arena, status, err->sentence);
	if (err->kind == ERR_BUDGET)
		problem_rename(problem, "budget-reached");
	problem->fields = err->fields;
	problem->facts = err->facts;
	if (err->retry_after_s > 0)
		problem->retry_after_s = err->retry_after_s;
	problem->is_login = err->kind == ERR_LOGIN;
	return problem;
}

/* A JSON pointer names a member of the body ("" all of it), anything else a parameter. */
static void field_doc(struct arena *arena, const struct request *request,
    const struct err_field *field, struct doc *errors)
{
	struct doc *entry = doc_push_object(errors);
	bool is_pointer = strchr("/", field->name[0]) != NULL;
	bool is_member = !is_pointer && request->is_api && request->body != NULL;

	doc_set_text(entry, is_pointer || is_member ? "pointer" : "parameter",
	    arena_printf(arena, "%s%s", is_member ? "/" : "", field->name));
	doc_set_text(entry, "detail", field->sentence);
}

static void fact_add(void *doc, const char *name, struct doc *value)
{
	doc_set(doc, name, value);
}

struct doc *problem_doc(struct arena *arena, const struct problem *problem,
    const struct request *request)
{
	struct doc *doc = doc_object(arena);
	struct doc *errors;

	doc_set_text(doc, "type", arena_printf(arena, "/problems/%s", problem->slug));
	doc_set_text(doc, "title", problem->title);
	doc_set_int(doc, "status", problem->status);
	doc_set_text(doc, "detail", problem->detail);
	doc_set_text(doc, "instance", arena_printf(arena, "%s%s",
	    request->is_api ? "/api" : "", request->path));
	doc_set_text(doc, "request_id", request->id);
	if (problem->facts != NULL)
		doc_each(problem->facts, fact_add, doc);
	if (problem->fields == NULL)
		return doc;
	errors = doc_add_array(doc, "errors");
	for (const struct err_field *field = problem->fields; field != NULL; field = field->next)
		field_doc(arena, request, field, errors);
	return doc;
}
