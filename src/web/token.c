/* token.c: the pages of tokens: listed, made, looked at, revoked. */
#include "model/token.h"

#include "base/log.h"
#include "base/text.h"
#include "model/account.h"
#include "model/list.h"
#include "web/handlers.h"

static const char *const states[] = {"active", "all", NULL};

static const struct field list_fields[] = {
	{.name = "accountId", .kind = FIELD_TEXT, .max = 64, .label = "Account"},
	{.name = "state", .kind = FIELD_CHOICE, .choices = states, .label = "State"},
	{.name = "limit", .kind = FIELD_INT, .min = 1, .max = LIST_ROWS_MAX, .label = "Limit"},
	{.name = "cursor", .kind = FIELD_UUID, .label = "The cursor"},
};

static const struct field make_fields[] = {
	{.name = "accountId", .kind = FIELD_TEXT, .max = 64, .label = "Account"},
	{.name = "name", .kind = FIELD_TEXT, .required = true, .max = TOKEN_NAME_MAX,
	 .label = "Name"},
	{.name = "role", .kind = FIELD_CHOICE, .required = true, .choices = token_roles,
	 .label = "Role"},
	{.name = "days", .kind = FIELD_INT, .min = 1, .max = TOKEN_DAYS_MAX, .label = "Days"},
};

static const struct err *tokens_show(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	struct doc *values = doc_object(ctx->arena);
	struct token_filter filter = {.limit = request->rows};
	const struct err *err = form_read(ctx, request->fields, NULL, list_fields,
	    ARRAY_LEN(list_fields), values);

	if (err)
		return err;
	filter.cursor = doc_text(values, "cursor");
	filter.is_all = text_equal(doc_text(values, "state"), "all");
	doc_int(values, "limit", &filter.limit);
	err = account_id_of(ctx, doc_text(values, "accountId"), &filter.account_id);
	if (err)
		return err;
	doc_set(reply->page, "filter", values);
	doc_set_bool(reply->page, "is_all", filter.is_all);
	doc_set_text(reply->page, "next_query", arena_printf(ctx->arena, "%s%s%s%s",
	    filter.is_all ? "state=all&" : "", doc_text(values, "accountId") ? "accountId=" : "",
	    doc_text(values, "accountId") ? filter.account_id : "",
	    doc_text(values, "accountId") ? "&" : ""));
	return token_list(ctx, &filter, reply->doc);
}

const struct err *get_tokens(struct ctx *ctx, const struct request *request, struct reply *reply)
{
	reply->title = "Tokens";
	return tokens_show(ctx, request, reply);
}

/* Who belongs to an account means that one unless another is named. */
static const struct err *token_read(struct ctx *ctx, const struct doc *values,
    struct token_wanted *wanted)
{
	*wanted = (struct token_wanted){
		.role = doc_text(values, "role"),
		.name = doc_text(values, "name"),
	};
	doc_int(values, "days", &wanted->days);
	return account_id_of(ctx, doc_text(values, "accountId"), &wanted->account_id);
}

static const struct err *token_made(struct ctx *ctx, const struct request *request,
    struct doc *out)
{
	struct doc *values = doc_object(ctx->arena);
	struct token_wanted wanted;
	const char *secret;
	const struct err *err = form_read(ctx, request->body, request->is_api ? "/" : NULL,
	    make_fields, ARRAY_LEN(make_fields), values);

	if (!err)
		err = token_read(ctx, values, &wanted);
	/* A member who wants an operator is refused for that, not for the account. */
	if (!err && ctx->access.account_id && text_equal(wanted.role, "operator"))
		wanted.account_id = NULL;
	if (!err)
		err = token_make(ctx, &wanted, &secret, out);
	if (err)
		return err;
	doc_set_text(out, "token", secret);
	log_info("token made", "id", request->id, "who", ctx->access.name, "role", wanted.role,
	    "token_id", doc_text(out, "id"));
	return NULL;
}

/* The answer itself has the token, since no page shows it again: there is nowhere to go to. */
const struct err *post_tokens(struct ctx *ctx, const struct request *request, struct reply *reply)
{
	const struct err *err = token_made(ctx, request, reply->doc);

	reply->title = "Tokens";
	/* The form is shown again below the list. */
	if (err && !request->is_api && tokens_show(ctx, request, reply))
		doc_remove(reply->doc, "tokens");
	if (err)
		return err;
	reply->status = 201;
	reply->title = "The new token";
	reply->view = "token_made";
	if (request->wants_json)
		reply->location = arena_printf(ctx->arena, "/tokens/%s",
		    doc_text(reply->doc, "id"));
	return NULL;
}

const struct err *get_token(struct ctx *ctx, const struct request *request, struct reply *reply)
{
	const struct err *err = token_get(ctx, request->piece[0], reply->doc);

	if (err)
		return err;
	reply->title = arena_printf(ctx->arena, "Token %s", doc_text(reply->doc, "name"));
	doc_set_bool(reply->page, "is_own", text_equal(doc_text(reply->doc, "id"),
	    ctx->access.token_id));
	return NULL;
}

const struct err *post_token_revoke(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	const struct err *err = token_revoke(ctx, request->piece[0], reply->doc);

	if (err)
		return err;
	log_info("token revoked", "id", request->id, "who", ctx->access.name, "token_id",
	    doc_text(reply->doc, "id"));
	reply->location = "/tokens";
	reply->flash = arena_printf(ctx->arena,
	    "The token %s is revoked, and its sessions are ended.", doc_text(reply->doc, "name"));
	return NULL;
}
