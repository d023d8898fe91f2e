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
	const char *before = ctx->access.session_hash;
	const struct err *err;

	reply->title = "Sign in";
	err = form_read(ctx, request->body, NULL, fields, ARRAY_LEN(fields), values);
	if (err == NULL)
		err = session_open(ctx, doc_text(values, "slug"), doc_text(values, "token"),
		    &reply->session);
	if (err != NULL && err->kind == ERR_LOGIN)
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
