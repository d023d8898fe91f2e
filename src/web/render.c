/* render.c: what a handler returned, or what went wrong, into bytes: JSON or a page. */
#include "web/frame.h"

#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "base/token.h"
#include "model/session.h"
#include "view/view.h"

#define LAYOUT "layout.cs"
#define ERROR_VIEW "error"

/* Which entry of the navigation a path belongs to; the first prefix that fits. */
static const struct {
	const char *prefix;
	const char *current;
} places[] = {
	{"/costs", "costs"},
	{"/cost-entries", "costs"},
	{"/pipeline-runs/new", "launch"},
	{"/pipeline-runs", "runs"},
	{"/prompt-versions", "prompts"},
	{"/prices", "prices"},
	{"/budgets", "prices"},
	{"/accounts", "accounts"},
	{"/assistants", "assistants"},
	{"/runners", "runners"},
	{"/tokens", "access"},
	{"/sessions", "access"},
	{"/audit", "access"},
	{"/deliveries", "access"},
	{"/installation", "installation"},
};

static const char *place_of(const char *path)
{
	if (text_equal(path, "/"))
		return "home";
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		if (text_starts_with(path, places[i].prefix))
			return places[i].current;
	}
	return "";
}

/* The token that this page's forms carry: the session's, or before one a cookie's. */
static const char *form_token(struct visit *visit, struct answer *answer)
{
	if (visit->ctx.access.csrf != NULL)
		return visit->ctx.access.csrf;
	if (visit->row == NULL || (visit->row->flags & ROUTE_FORM) == 0)
		return NULL;
	if (visit->request.form_token != NULL)
		return visit->request.form_token;
	answer->form_token = token_new(visit->ctx.arena, "");
	return answer->form_token;
}

/* The frame's data, for the layout and for every view. */
static void page_fill(struct visit *visit, const char *title, struct answer *answer)
{
	const struct access *access = &visit->ctx.access;
	const struct request *request = &visit->request;
	struct doc *page = visit->reply.page;

	doc_set_text(page, "title", title);
	doc_set_text(page, "path", request->path);
	doc_set_text(page, "query", request->query);
	doc_set_text(page, "request_id", request->id);
	doc_set_text(page, "current", place_of(request->path));
	doc_set_bool(page, "simulated", visit->web->is_simulated);
	doc_set_bool(page, "signed_in", access->role != ROLE_NOBODY);
	doc_set_bool(page, "is_operator", access->role == ROLE_OPERATOR);
	doc_set_text(page, "role", role_name(access->role));
	doc_set_text(page, "who", access->name);
	doc_set_text(page, "account", access->account_slug);
	doc_set_text(page, "csrf", form_token(visit, answer));
}

static bool is_fragment(const struct visit *visit)
{
	return visit->row != NULL && (visit->row->flags & ROUTE_FRAGMENT) != 0;
}

/* The sentence of the request before is shown by the first whole page, and then forgotten. */
static void flash_show(struct visit *visit, struct answer *answer)
{
	if (visit->request.flash == NULL || is_fragment(visit))
		return;
	doc_set_text(visit->reply.page, "flash", visit->request.flash);
	answer->flash = "";
}

static const struct err *page_send(struct visit *visit, const char *view_name,
    const struct doc *doc, struct answer *answer)
{
	struct arena *arena = visit->ctx.arena;
	struct buf *out = buf_new(arena, PAGE_MAX);
	struct view view = {
		.directory = visit->web->templates,
		.name = arena_printf(arena, "%s.cs", view_name),
		.escape = VIEW_HTML,
		.layout = is_fragment(visit) ? NULL : LAYOUT,
	};
	const struct err *err = view_render(arena, &view, doc, visit->reply.page, out);

	if (err != NULL)
		return err;
	answer->type = "text/html; charset=utf-8";
	answer->body = out->data;
	answer->len = out->len;
	return NULL;
}

static const struct err *json_send(struct arena *arena, const struct doc *doc, const char *type,
    struct answer *answer)
{
	struct buf *out = buf_new(arena, PAGE_MAX);

	doc_write(doc, out);
	buf_char(out, '\n');
	if (out->failed) {
		log_error("document too large");
		return err_new(arena, ERR_BUG, "The answer is too large to be sent.");
	}
	answer->type = type;
	answer->body = out->data;
	answer->len = out->len;
	return NULL;
}

static void redirect(struct visit *visit, const char *location, struct answer *answer)
{
	answer->status = 303;
	answer->location = location;
	answer->type = "text/plain; charset=utf-8";
	answer->body = "";
	answer->flash = visit->reply.flash;
}

static void raw_send(const struct reply *reply, struct answer *answer)
{
	answer->type = reply->raw_type;
	answer->download = reply->raw_name;
	answer->body = reply->raw;
	answer->len = reply->raw_len;
}

const struct err *render_reply(struct visit *visit, struct answer *answer)
{
	struct reply *reply = &visit->reply;
	const struct request *request = &visit->request;
	const char *view = reply->view != NULL ? reply->view : visit->row->view;
	struct arena *arena = visit->ctx.arena;

	*answer = (struct answer){.status = reply->status != 0 ? reply->status : 200};
	answer->session = reply->session;
	if (reply->raw_type != NULL) {
		raw_send(reply, answer);
		return NULL;
	}
	if (reply->location != NULL && !request->wants_json) {
		redirect(visit, reply->location, answer);
		return NULL;
	}
	if (reply->location != NULL)
		answer->location = arena_printf(arena, "%s%s", request->is_api ? "/api" : "",
		    reply->location);
	if (visit->download != NULL)
		return download_render(visit, answer);
	if (request->wants_json || view == NULL)
		return json_send(arena, reply->doc, "application/json", answer);
	page_fill(visit, reply->title, answer);
	tables_link(arena, request, visit->row, reply->page);
	flash_show(visit, answer);
	return page_send(visit, view, reply->doc, answer);
}

/* Secrets are never sent back. */
static bool is_secret(const char *name)
{
	return text_equal(name, "token") || text_equal(name, "csrf");
}

/* What was typed, name by name, so that a page can give it back. */
static void typed_add(void *arg, const char *name, struct doc *value)
{
	const char *text = doc_scalar(value);
	struct doc *entry;

	for (size_t i = 0; doc_type(value) == DOC_ARRAY && i < doc_count(value); i++)
		typed_add(arg, name, doc_at(value, i));
	if (is_secret(name) || text == NULL || *text == '\0')
		return;
	entry = doc_push_object(arg);
	doc_set_text(entry, "name", name);
	doc_set_text(entry, "value", text);
}

static void value_add(void *arg, const char *name, struct doc *value)
{
	if (!is_secret(name))
		doc_set(arg, name, value);
}

/* The view of the form again, with all messages and with everything that was typed. */
static const struct err *form_again(struct visit *visit, const struct problem *problem,
    struct answer *answer)
{
	struct reply *reply = &visit->reply;
	struct doc *values = doc_add_object(reply->page, "values");
	struct doc *errors = doc_add_array(reply->page, "errors");
	const char *view = reply->view != NULL ? reply->view : visit->row->view;

	if (visit->request.body != NULL)
		doc_each(visit->request.body, value_add, values);
	for (const struct err_field *field = problem->fields; field != NULL; field = field->next) {
		struct doc *entry = doc_push_object(errors);

		doc_set_text(entry, "field", field->name);
		doc_set_text(entry, "sentence", field->sentence);
	}
	doc_set_text(reply->page, "problem", problem->detail);
	page_fill(visit, reply->title != NULL ? reply->title : problem->title, answer);
	return page_send(visit, view, reply->doc, answer);
}

/* An unknown address has no row that says who may ask; its page still knows who is signed in. */
static void access_late(struct visit *visit, const struct problem *problem)
{
	const struct request *request = &visit->request;
	const struct err *err;

	if (visit->row != NULL || request->session == NULL || problem->status == 503)
		return;
	err = session_find(&visit->ctx, request->session, request->remote);
	if (err != NULL)
		log_debug("error page without a session", "error", err->sentence);
}

static const struct err *error_page(struct visit *visit, const struct problem *problem,
    struct answer *answer)
{
	struct doc *doc = problem_doc(visit->ctx.arena, problem, &visit->request);

	access_late(visit, problem);
	visit->reply.page = doc_object(visit->ctx.arena);
	if (visit->request.body != NULL)
		doc_each(visit->request.body, typed_add,
		    doc_add_array(visit->reply.page, "typed"));
	page_fill(visit, problem->title, answer);
	return page_send(visit, ERROR_VIEW, doc, answer);
}

static void sign_in_first(struct visit *visit, struct answer *answer)
{
	const struct request *request = &visit->request;
	struct buf *next = buf_new(visit->ctx.arena, 16384);

	buf_text(next, "/session");
	if (request->method == WEB_GET && !text_equal(request->path, "/")) {
		buf_text(next, "?next=");
		text_url_encode(next, arena_printf(visit->ctx.arena, "%s%s%s", request->path,
		    *request->query != '\0' ? "?" : "", request->query));
	}
	redirect(visit, next->failed ? "/session" : next->data, answer);
}

/* Only a form's own POST can be shown again, and only after its handler has had a say; but not
 * where the object of the address is not there. */
static bool is_form_kept(const struct visit *visit, const struct problem *problem)
{
	if (problem->status == 404 && visit->request.piece[0] != NULL)
		return false;
	return visit->is_handled && visit->row->view != NULL &&
	    (visit->row->flags & ROUTE_FORM) != 0 && visit->request.method == WEB_POST;
}

/* A page that asks for a sign-in goes there at once, unless typed text would be lost. */
static bool is_sent_to_sign_in(const struct visit *visit, const struct problem *problem)
{
	return problem->is_login && !visit->is_handled &&
	    (visit->request.method == WEB_GET || (visit->row->flags & ROUTE_FORM) == 0);
}

static void problem_head(const struct visit *visit, const struct problem *problem,
    struct answer *answer)
{
	*answer = (struct answer){
		.status = problem->status,
		.allow = problem->allow,
		.retry_after_s = problem->retry_after_s,
		.is_challenge = problem->is_login && visit->request.is_api,
	};
}

/* Addresses for programs, such as /healthz: no page is made for them, not even of an error. */
static bool is_json_only(const struct visit *visit)
{
	return visit->row != NULL && visit->row->view == NULL &&
	    visit->request.method == WEB_GET && (visit->row->flags & ROUTE_RAW) == 0;
}

void render_problem(struct visit *visit, const struct problem *problem, struct answer *answer)
{
	static const char last_resort[] = "Something went wrong here. Please try again.\n";
	struct arena *arena = visit->ctx.arena;
	const struct err *err;

	problem_head(visit, problem, answer);
	if (visit->request.wants_json || is_json_only(visit)) {
		err = json_send(arena, problem_doc(arena, problem, &visit->request),
		    "application/problem+json", answer);
	} else if (is_sent_to_sign_in(visit, problem)) {
		sign_in_first(visit, answer);
		return;
	} else if (is_form_kept(visit, problem)) {
		err = form_again(visit, problem, answer);
	} else {
		err = error_page(visit, problem, answer);
	}
	if (err == NULL)
		return;
	answer->status = 500;
	answer->type = "text/plain; charset=utf-8";
	answer->body = last_resort;
	answer->len = strlen(last_resort);
}
