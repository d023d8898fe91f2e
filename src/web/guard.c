/* guard.c: the columns of a route's row, left to right, once: what may be sent, and by whom. */
#include "web/frame.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "model/registry_away.h"
#include "model/session.h"

/* "application/json; charset=utf-8" is application/json. */
static bool type_is(const char *content_type, const char *type)
{
	size_t len = strcspn(content_type, "; \t");

	return len == strlen(type) && strncasecmp(content_type, type, len) == 0;
}

static const struct problem *check_body(struct arena *arena, const struct request *request,
    const struct route *row)
{
	const char *type = request->is_api ? "application/json" :
	    "application/x-www-form-urlencoded";

	if (request->content_len > row->body_max)
		return problem_new(arena, 413, row->body_max == 0 ? "No body is expected here." :
		    arena_printf(arena, "At most %zu bytes may be sent here.", row->body_max));
	if (request->content_len > 0 && !type_is(request->content_type, type))
		return problem_new(arena, 415, arena_printf(arena,
		    "Send the body as %s.", type));
	return NULL;
}

static const struct problem *check_accept(struct arena *arena, const struct request *request,
    const struct route *row)
{
	bool has_page = !request->is_api && (row->view != NULL || row->method == WEB_POST);
	bool has_csv = row->method == WEB_GET && tables_exist(row);

	if (request->is_csv_path && !has_csv)
		return problem_new(arena, 404, "There is no table under this address.");
	if ((row->flags & ROUTE_RAW) != 0 || request->accepts_json ||
	    (has_page && request->accepts_html) || (has_csv && request->wants_csv))
		return NULL;
	return problem_new(arena, 406, arena_printf(arena,
	    "This address answers with %sapplication/json%s.", has_page ? "text/html or " : "",
	    has_csv ? " or text/csv" : ""));
}

/* A browser says where a form came from; only our own pages may send one. The scheme is not
 * compared, since the encryption may end in front of nginx. */
static const struct problem *check_origin(struct arena *arena, const struct request *request)
{
	const char *site = request->fetch_site;
	const char *host = request->origin == NULL ? NULL : strstr(request->origin, "://");

	if (site != NULL && !text_equal(site, "same-origin") && !text_equal(site, "none"))
		return problem_new(arena, 403, "The form came from another site.");
	if (request->origin == NULL)
		return NULL;
	if (host == NULL || request->host == NULL || strcasecmp(host + 3, request->host) != 0)
		return problem_new(arena, 403, "The form came from another site.");
	return NULL;
}

const struct problem *guard_enter(struct arena *arena, const struct request *request,
    const struct route *row)
{
	const struct problem *problem = check_accept(arena, request, row);

	if (problem == NULL && request->method == WEB_POST && !request->is_api)
		problem = check_origin(arena, request);
	if (problem == NULL)
		problem = check_body(arena, request, row);
	return problem;
}

/* Looks the session or the bearer up; with neither, the asker is nobody. */
static const struct err *access_find(struct ctx *ctx, const struct request *request,
    stamper stamp_add, const char **stamp)
{
	struct session_look look;
	struct db_rows *rows = NULL;
	const struct err *err;

	if ((request->is_api ? request->bearer : request->session) == NULL)
		return NULL;
	look = request->is_api ? session_look_bearer(ctx, request->bearer, request->remote) :
	    session_look_cookie(ctx, request->session, request->remote);
	if (stamp_add != NULL)
		rows = stamp_add(ctx, request, look.tx);
	err = session_found(ctx, &look);
	if (err == NULL && rows != NULL && db_count(rows) == 1)
		*stamp = db_text(rows, 0, "stamp");
	return err;
}

/* Health and the API's public rows need nobody's name; the sign-in form shows without one. */
static bool is_name_needed(const struct request *request, const struct route *row)
{
	return (row->flags & ROUTE_NO_DB) == 0 && (row->who != WHO_ANYBODY || row->view != NULL);
}

/* The same among the tokens of the registry, only while the database is away. A page that is asked
 * for without a session has not found that out yet. */
static const struct err *access_away(struct ctx *ctx, const struct request *request,
    const struct route *row, const struct err *err)
{
	bool is_asked = (request->is_api ? request->bearer : request->session) != NULL;
	struct registry_claim claim = {.user = request->basic_user, .token = request->basic_token,
	    .address = request->remote};
	int64_t runners;

	if (claim.token == NULL)
		claim.token = request->bearer;
	if ((row->flags & ROUTE_FILES) == 0 || request->wants_csv || claim.token == NULL)
		return err;
	if (!is_asked)
		err = session_ready(ctx, &runners);
	if (err == NULL || err->kind != ERR_DOWN)
		return is_asked ? err : NULL;
	return registry_admit(ctx, &claim) ? NULL : err;
}

const struct problem *guard_stranger(struct arena *arena, const struct request *request)
{
	struct problem *problem = problem_new(arena, 401, request->is_api ?
	    "Send a valid token as Authorization: Bearer TOKEN." : "Sign in to see this page.");

	problem->is_login = true;
	return problem;
}

const struct problem *guard_access(struct ctx *ctx, const struct request *request,
    const struct route *row, const char **stamp)
{
	struct arena *arena = ctx->arena;
	const struct err *err = NULL;

	ctx->asker = request->remote;
	if (request->method == WEB_POST)
		ctx->origin = request->remote;
	if (is_name_needed(request, row))
		err = access_find(ctx, request, request->wants_csv ? NULL : routes_stamper(row),
		    stamp);
	if (ctx->access.role == ROLE_NOBODY)
		err = access_away(ctx, request, row, err);
	/* The sign-in form shows even while the database is away. */
	if (err != NULL && (row->who != WHO_ANYBODY || request->method == WEB_POST))
		return problem_from_err(arena, err, request->method);
	if ((int)ctx->access.role >= (int)row->who)
		return NULL;
	if (ctx->access.role != ROLE_NOBODY)
		return problem_new(arena, 403, arena_printf(arena,
		    "This needs the role %s; yours is %s.", role_name((enum role)row->who),
		    role_name(ctx->access.role)));
	return guard_stranger(arena, request);
}

const struct problem *guard_form(struct ctx *ctx, const struct request *request)
{
	const char *expected = ctx->access.csrf != NULL ? ctx->access.csrf : request->form_token;
	const char *sent = doc_text(request->body, "csrf");

	if (expected == NULL || sent == NULL || !text_equal_secret(expected, sent))
		return problem_new(ctx->arena, 403,
		    "The form has expired. Go back, reload the page and send it again.");
	doc_remove(request->body, "csrf");
	return NULL;
}
