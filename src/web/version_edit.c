/* version_edit.c: the form that makes a version of another one's text, and runs that score one. */
#include "base/text.h"
#include "base/token.h"
#include "model/briefing.h"
#include "model/score.h"
#include "model/version.h"
#include "web/handlers.h"

#define KEY_MAX 200

/* The last row stands in a form only. */
static const struct field edit_fields[] = {
	{.name = "content", .kind = FIELD_EXACT, .required = true, .max = VERSION_BYTES_MAX,
	 .label = "Prompt"},
	{.name = "message", .kind = FIELD_TEXT, .max = VERSION_MESSAGE_MAX, .label = "Message"},
	{.name = "score", .kind = FIELD_FLAG, .label = "Score"},
	{.name = "model", .kind = FIELD_TEXT, .max = 200, .label = "Model"},
	{.name = "idempotency_key", .kind = FIELD_TEXT, .max = KEY_MAX, .label = "Form key"},
};

/* The first row stands in a form only. */
static const struct field score_fields[] = {
	{.name = "idempotency_key", .kind = FIELD_TEXT, .max = KEY_MAX, .label = "Form key"},
	{.name = "model", .kind = FIELD_TEXT, .max = 200, .label = "Model"},
};

static const struct err *how_read(struct ctx *ctx, const struct request *request,
    const struct doc *values, struct score_how *how)
{
	how->model = doc_text(values, "model");
	how->idempotency_key = request->is_api ? request->idempotency_key :
	    doc_text(values, "idempotency_key");
	if (how->idempotency_key && text_length(how->idempotency_key) > KEY_MAX)
		return err_new(ctx->arena, ERR_INVALID,
		    "The Idempotency-Key may have at most %d characters.", KEY_MAX);
	return NULL;
}

/* What the form shows beside its fields. */
static const struct err *form_fill(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	const struct err *err = version_get(ctx, request->piece[0], reply->doc);

	reply->title = "Edit a prompt version";
	if (err)
		return err;
	if (doc_text(reply->doc, "pruned_at"))
		return version_gone(ctx, doc_text(reply->doc, "pruned_at"));
	reply->title = arena_printf(ctx->arena, "Edit %s of %s", doc_text(reply->doc, "version"),
	    doc_text(doc_get(reply->doc, "assistant"), "name"));
	doc_set_text(reply->page, "model", conf_text(ctx->conf, "PROMPTBUILDER_MODEL"));
	doc_set_int(reply->page, "content_max", VERSION_BYTES_MAX);
	return briefing_models(ctx, doc_text(doc_get(reply->doc, "account"), "id"),
	    doc_add_array(reply->page, "models"));
}

const struct err *get_version_edit(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	struct doc *values = doc_add_object(reply->page, "values");
	const struct err *err = form_fill(ctx, request, reply);

	if (err)
		return err;
	doc_set_text(values, "content", doc_text(reply->doc, "prompt_content"));
	doc_set_bool(values, "score", true);
	doc_set_text(values, "idempotency_key", token_new(ctx->arena, "form_"));
	return NULL;
}

const struct err *post_version_edit(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	size_t count = ARRAY_LEN(edit_fields) - (request->is_api ? 1 : 0);
	struct doc *values = doc_object(ctx->arena);
	struct version_edit edit = {.parent_id = request->piece[0]};
	struct doc *made = doc_object(ctx->arena);
	const struct err *err = NULL;

	if (!request->is_api)
		err = form_fill(ctx, request, reply);
	if (!err)
		err = form_read(ctx, request->body, request->is_api ? "/" : NULL, edit_fields,
		    count, values);
	if (!err)
		err = how_read(ctx, request, values, &edit.how);
	if (err)
		return err;
	edit.content = doc_text(values, "content");
	edit.message = doc_text(values, "message");
	doc_bool(values, "score", &edit.is_scored);
	err = version_edit(ctx, &edit, made);
	if (err)
		return err;
	reply->doc = made;
	reply->status = 201;
	reply->location = arena_printf(ctx->arena, "/prompt-versions/%s", doc_text(made, "id"));
	reply->flash = arena_printf(ctx->arena, "%s is made, as a draft%s.",
	    doc_text(made, "version"), edit.is_scored ? "; a run scores it" : "");
	return NULL;
}

const struct err *post_version_score(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	size_t first = request->is_api ? 1 : 0;
	struct doc *values = doc_object(ctx->arena);
	struct score_how how;
	const struct err *err = form_read(ctx, request->body, request->is_api ? "/" : NULL,
	    score_fields + first, ARRAY_LEN(score_fields) - first, values);

	if (!err)
		err = how_read(ctx, request, values, &how);
	if (!err)
		err = score_launch(ctx, request->piece[0], &how, reply->doc);
	if (err)
		return err;
	reply->status = 202;
	reply->location = arena_printf(ctx->arena, "/pipeline-runs/%s",
	    doc_text(reply->doc, "pipeline_id"));
	return NULL;
}
