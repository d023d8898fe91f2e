/* session.c: signing in and out. */
#include "model/session.h"

#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "web/handlers.h"

/* Where to go after signing in: a path of ours and nothing else. */
static const char *next_path(const char *next)
{
	if (next == NULL || next[0] != '/' || next[1] == '/' || strlen(next) > 1000)
		return "/";
	if (memmem(next, strcspn(next, "?"), "//", 2) != NULL)
		return "/";
	for (const char *c = next; *c != '\0'; c++) {
		if (*c == '\\' || (unsigned char)*c <= 0x20 || (unsigned char)*c >= 0x7f)
			return "/";
	}
	return next;
}

const struct err *get_session(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	struct doc *values = doc_add_object(reply->page, "values");

	reply->title = "Sign in";
	doc_set_text(values, "next", next_path(doc_text(request->fields, "next")));
	return NULL;
}

const struct err *post_session(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	static const struct field fields[] = {
		{.name = "slug", .kind = FIELD_TEXT, .required = true, .max = 64,
		    .label = "Account"},
		{.name = "token", .kind = FIELD_TEXT, .required = true, .max = 256,
		    .label = "Token"},
		{.name = "next", .kind = FIELD_TEXT, .max = 1000, .label = "Next page"},
	};
	struct doc *values = doc_object(ctx->arena);
	const struct client client = {.address = request->remote, .agent = request->agent};
	const char *before = ctx->access.session_hash;
	const struct err *err;

	reply->title = "Sign in";
	err = form_read(ctx, request->body, NULL, fields, ARRAY_LEN(fields), values);
	if (err == NULL)
		err = session_open(ctx, doc_text(values, "slug"), doc_text(values, "token"),
		    &client, &reply->session);
	if (err != NULL && (err->kind == ERR_LOGIN || err->kind == ERR_LIMIT))
		log_warn("sign-in refused", "id", request->id, "remote", request->remote);
	if (err == NULL && before != NULL)
		err = session_end(ctx, before);
	if (err != NULL)
		return err;
	log_info("signed in", "id", request->id, "remote", request->remote, "who",
	    ctx->access.name);
	reply->location = next_path(doc_text(values, "next"));
	return NULL;
}

const struct err *get_sessions(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	const struct err *err = form_read(ctx, request->fields, NULL, NULL, 0,
	    doc_object(ctx->arena));

	reply->title = "Sessions";
	return err != NULL ? err : session_list(ctx, reply->doc);
}

const struct err *post_sessions_end(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	bool is_own = false;
	const struct err *err = session_end_one(ctx, request->piece[0], &is_own);

	if (err != NULL)
		return err;
	log_info("session ended", "id", request->id, "who", ctx->access.name);
	if (is_own)
		reply->session = "";
	reply->location = is_own ? "/session" : "/sessions";
	reply->flash = is_own ? "You are signed out." : "The session is ended.";
	return NULL;
}

const struct err *post_sessions_end_others(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	int64_t count = 0;
	const struct err *err = session_end_others(ctx, &count);

	if (err != NULL)
		return err;
	log_info("other sessions ended", "id", request->id, "who", ctx->access.name);
	doc_set_int(reply->doc, "ended", count);
	reply->location = "/sessions";
	reply->flash = arena_printf(ctx->arena, "%lld other session%s ended.", (long long)count,
	    count == 1 ? " is" : "s are");
	return NULL;
}

const struct err *post_session_end(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	const struct err *err = session_end(ctx, ctx->access.session_hash);

	if (err != NULL)
		return err;
	reply->session = "";
	reply->location = "/session";
	reply->flash = "You are signed out.";
	return NULL;
}
