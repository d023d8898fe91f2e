/* version_diff.c: the page of what differs between two versions of a prompt. */
#include "model/version_diff.h"

#include "base/text.h"
#include "model/version.h"
#include "web/handlers.h"

#define CHOICES_MAX 50 /* versions offered to compare with */
#define CONTEXT_MAX 10000

static const char *const views[] = {"unified", "side", NULL};

static const struct field fields[] = {
	{.name = "against", .kind = FIELD_TEXT, .max = 64, .label = "Against"},
	{.name = "view", .kind = FIELD_CHOICE, .choices = views, .label = "View"},
	{.name = "context", .kind = FIELD_TEXT, .max = 10, .label = "Context"},
};

static bool context_read(const char *text, int64_t *context)
{
	*context = VERSION_DIFF_CONTEXT;
	if (text_equal(text, "all"))
		*context = VERSION_DIFF_CONTEXT_ALL;
	return !text || text_equal(text, "all") || text_to_int(text, 0, CONTEXT_MAX, context);
}

/* What a page offers to compare with. */
static const struct err *choices_fill(struct ctx *ctx, const struct doc *version,
    struct doc *page)
{
	struct version_filter filter = {.limit = CHOICES_MAX,
	    .account_id = doc_text(version, "account_id"),
	    .assistant = doc_text(version, "assistant_id")};

	return version_list(ctx, &filter, page);
}

const struct err *get_version_diff(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	struct doc *values = doc_object(ctx->arena);
	struct version_diff_ask ask = {.id = request->piece[0]};
	const struct doc *version;
	const struct err *err = form_read(ctx, request->fields, NULL, fields, ARRAY_LEN(fields),
	    values);

	if (!err && !context_read(doc_text(values, "context"), &ask.context))
		err = err_new(ctx->arena, ERR_INVALID,
		    "Context must be a whole number from 0 to %d, or all.", CONTEXT_MAX);
	if (err)
		return err;
	ask.against = doc_text(values, "against");
	ask.is_side = text_equal(doc_text(values, "view"), "side");
	err = version_diff(ctx, &ask, reply->doc);
	if (err)
		return err;
	version = doc_get(reply->doc, "version");
	reply->title = arena_printf(ctx->arena, "%s → %s of %s",
	    doc_text(doc_get(reply->doc, "against"), "version"), doc_text(version, "version"),
	    doc_text(version, "assistant_name"));
	doc_set(reply->page, "values", values);
	return request->is_api ? NULL : choices_fill(ctx, version, reply->page);
}
