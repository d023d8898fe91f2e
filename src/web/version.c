/* version.c: the pages of prompt versions: list, one, its file, status, approvals, notes. */
#include "model/version.h"

#include <string.h>

#include "base/text.h"
#include "model/account.h"
#include "model/list.h"
#include "web/handlers.h"

#define FILE_STEM_MAX 100

static const struct field list_fields[] = {
	{.name = "accountId", .kind = FIELD_TEXT, .max = 64, .label = "Account"},
	{.name = "assistantId", .kind = FIELD_TEXT, .max = 200, .label = "Assistant"},
	{.name = "run", .kind = FIELD_TEXT, .max = 200, .label = "Run"},
	{.name = "status", .kind = FIELD_CHOICE, .choices = version_statuses, .label = "Status"},
	{.name = "limit", .kind = FIELD_INT, .min = 1, .max = LIST_ROWS_MAX, .label = "Limit"},
	{.name = "cursor", .kind = FIELD_UUID, .label = "The cursor"},
};

static void statuses_offer(struct doc *page)
{
	struct doc *statuses = doc_add_array(page, "statuses");

	for (size_t i = 0; version_statuses[i]; i++)
		doc_push_text(statuses, version_statuses[i]);
}

const struct err *get_versions(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	struct doc *values = doc_object(ctx->arena);
	struct version_filter filter = {.limit = request->rows};
	const struct err *err = form_read(ctx, request->fields, NULL, list_fields,
	    ARRAY_LEN(list_fields), values);

	reply->title = "Prompt versions";
	if (!err)
		err = account_id_of(ctx, doc_text(values, "accountId"), &filter.account_id);
	if (err)
		return err;
	filter.assistant = doc_text(values, "assistantId");
	filter.run = doc_text(values, "run");
	filter.status = doc_text(values, "status");
	filter.cursor = doc_text(values, "cursor");
	doc_int(values, "limit", &filter.limit);
	doc_set(reply->page, "values", values);
	doc_set_text(reply->page, "next_query", form_query(ctx, list_fields,
	    ARRAY_LEN(list_fields), values, NULL));
	doc_set_bool(reply->page, "is_filtered", doc_count(values) > 0);
	statuses_offer(reply->page);
	return version_list(ctx, &filter, reply->doc);
}

const struct err *get_version(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	const struct err *err = version_get(ctx, request->piece[0], reply->doc);

	if (!err)
		reply->title = arena_printf(ctx->arena, "%s of %s",
		    doc_text(reply->doc, "version"),
		    doc_text(doc_get(reply->doc, "assistant"), "name"));
	return err;
}

const struct err *version_changed(struct ctx *ctx, const struct request *request,
    struct reply *reply, const struct err *err)
{
	if (!err)
		reply->location = arena_printf(ctx->arena, "/prompt-versions/%s",
		    doc_text(reply->doc, "id"));
	/* The page with what is there now, and what was refused. */
	else if (!request->is_api && get_version(ctx, request, reply))
		doc_remove(reply->doc, "id");
	return err;
}

/* "assistant-v3.injection.ts" */
static const char *file_name(struct ctx *ctx, const struct doc *version)
{
	const char *assistant = doc_text(doc_get(version, "assistant"), "external_id");

	return text_file_name(ctx->arena, arena_printf(ctx->arena, "%.*s-%s.injection.ts",
	    FILE_STEM_MAX, assistant, doc_text(version, "version")));
}

const struct err *get_version_injection(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	struct doc *version = doc_object(ctx->arena);
	const struct err *err = version_get(ctx, request->piece[0], version);

	if (err)
		return err;
	if (doc_text(version, "pruned_at"))
		return version_gone(ctx, doc_text(version, "pruned_at"));
	reply->raw_type = "application/typescript; charset=utf-8";
	reply->raw_name = file_name(ctx, version);
	reply->raw = doc_text(version, "injection_content");
	reply->raw_len = strlen(reply->raw);
	return NULL;
}

const struct err *post_version_status(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	static const struct field fields[] = {
		{.name = "status", .kind = FIELD_CHOICE, .required = true,
		 .choices = version_statuses, .label = "Status"},
		{.name = "revision", .kind = FIELD_INT, .min = 1, .max = INT32_MAX,
		 .label = "Revision"},
	};
	struct doc *values = doc_object(ctx->arena);
	struct version_move move = {.revision = 0};
	const struct err *err = form_read(ctx, request->body, request->is_api ? "/" : NULL, fields,
	    ARRAY_LEN(fields), values);

	move.status = doc_text(values, "status");
	doc_int(values, "revision", &move.revision);
	if (!err)
		err = version_move(ctx, request->piece[0], &move, reply->doc);
	if (!err)
		reply->flash = arena_printf(ctx->arena, "The version is %s now.", move.status);
	return version_changed(ctx, request, reply, err);
}

const struct err *post_version_approve(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	const struct err *err = version_approve(ctx, request->piece[0], reply->doc);

	reply->flash = "You have approved this version.";
	return version_changed(ctx, request, reply, err);
}

/* ---- Notes. ---- */

const struct err *get_version_notes(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	static const struct field fields[] = {
		{.name = "limit", .kind = FIELD_INT, .min = 1, .max = LIST_ROWS_MAX,
		 .label = "Limit"},
		{.name = "cursor", .kind = FIELD_UUID, .label = "The cursor"},
	};
	struct doc *values = doc_object(ctx->arena);
	int64_t limit = request->rows;
	const struct doc *version;
	const struct err *err = form_read(ctx, request->fields, NULL, fields, ARRAY_LEN(fields),
	    values);

	if (err)
		return err;
	doc_int(values, "limit", &limit);
	err = version_note_list(ctx, request->piece[0], doc_text(values, "cursor"), limit,
	    reply->doc);
	if (err)
		return err;
	version = doc_get(reply->doc, "prompt_version");
	reply->title = arena_printf(ctx->arena, "Notes on %s of %s", doc_text(version, "version"),
	    doc_text(doc_get(version, "assistant"), "name"));
	return NULL;
}

const struct err *post_version_notes(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	static const struct field fields[] = {
		{.name = "note", .kind = FIELD_TEXT, .required = true, .min = 1, .max = 4000,
		 .label = "Note"},
	};
	struct doc *values = doc_object(ctx->arena);
	const char *id = request->piece[0];
	const struct err *err = form_read(ctx, request->body, request->is_api ? "/" : NULL, fields,
	    ARRAY_LEN(fields), values);

	if (!err)
		err = version_note_add(ctx, id, doc_text(values, "note"), reply->doc);
	if (err && !request->is_api && get_version_notes(ctx, request, reply))
		doc_remove(reply->doc, "notes");
	if (err)
		return err;
	reply->status = 201;
	reply->location = arena_printf(ctx->arena, "/prompt-versions/%s/notes", id);
	reply->flash = "The note is added.";
	return NULL;
}
