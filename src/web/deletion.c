/* deletion.c: the form that deletes an account, and the receipt. */
#include "model/deletion.h"

#include "base/log.h"
#include "base/text.h"
#include "web/handlers.h"

static const char *const names[] = {"keep", "pseudonymise", NULL};

const struct err *get_account_delete(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	const struct err *err = deletion_outlook(ctx, request->piece[0], reply->doc);

	reply->title = "Delete an account";
	if (!err && doc_text(reply->doc, "deleted_at"))
		return err_new(ctx->arena, ERR_CONFLICT, "The account is deleted already.");
	return err;
}

const struct err *post_account_delete(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	static const struct field fields[] = {
		{.name = "slug", .kind = FIELD_TEXT, .required = true, .max = 64, .label = "Slug"},
		{.name = "name", .kind = FIELD_CHOICE, .choices = names, .label = "Name"},
	};
	struct doc *values = doc_object(ctx->arena), *receipt = doc_object(ctx->arena);
	const struct err *err = deletion_outlook(ctx, request->piece[0], reply->doc);
	const char *id = doc_text(reply->doc, "id");

	reply->title = "Delete an account";
	if (!err)
		err = form_read(ctx, request->body, request->is_api ? "/" : NULL, fields,
		    ARRAY_LEN(fields), values);
	if (!err)
		err = deletion_begin(ctx, id, doc_text(values, "slug"),
		    text_equal(doc_text(values, "name"), "keep"));
	if (!err)
		err = deletion_get(ctx, id, receipt);
	if (err)
		return err;
	log_info("account deleted", "id", request->id, "who", ctx->access.name, "account_id", id);
	reply->doc = receipt;
	reply->status = 202;
	reply->location = arena_printf(ctx->arena, "/accounts/%s/deletion", id);
	reply->flash = "The account is deleted: nobody signs in. A runner drops its texts.";
	return NULL;
}

const struct err *get_account_deletion(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	reply->title = "Deletion of an account";
	return deletion_get(ctx, request->piece[0], reply->doc);
}
