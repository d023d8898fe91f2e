/* launch.c: the form of a briefing, and the launch of a run from it. */
#include "base/text.h"
#include "base/token.h"
#include "model/account.h"
#include "model/briefing.h"
#include "model/budget.h"
#include "model/list.h"
#include "model/run.h"
#include "web/handlers.h"

#define KEY_MAX 200

/* The first row stands beside the briefing in JSON, the last two in a form only. */
static const struct field fields[] = {
	{.name = "accountId", .kind = FIELD_TEXT, .max = 64, .label = "Account"},
	{.name = "assistantId", .kind = FIELD_TEXT, .required = true, .max = 200,
	 .label = "Assistant id"},
	{.name = "assistant", .kind = FIELD_TEXT, .max = 200, .label = "Assistant name"},
	{.name = "company", .kind = FIELD_TEXT, .required = true, .max = 200, .label = "Company"},
	{.name = "purpose", .kind = FIELD_TEXT, .required = true, .max = 4000, .label = "Purpose"},
	{.name = "audience", .kind = FIELD_TEXT, .max = 2000, .label = "Audience"},
	{.name = "tone", .kind = FIELD_TEXT, .max = 500, .label = "Tone"},
	{.name = "language", .kind = FIELD_TEXT, .max = 100, .label = "Language"},
	{.name = "channels", .kind = FIELD_LINES, .max = 20, .label = "Channels"},
	{.name = "facts", .kind = FIELD_LINES, .max = 200, .label = "Facts"},
	{.name = "rules", .kind = FIELD_LINES, .max = 200, .label = "Rules"},
	{.name = "examples", .kind = FIELD_LINES, .max = 50, .label = "Examples"},
	{.name = "targetScore", .kind = FIELD_INT, .min = 0, .max = 100, .label = "Target score"},
	{.name = "iterationLimit", .kind = FIELD_INT, .min = 0, .max = 10,
	 .label = "Iteration limit"},
	{.name = "model", .kind = FIELD_TEXT, .max = 200, .label = "Model"},
	{.name = "id", .kind = FIELD_TEXT, .max = 100, .label = "Briefing id"},
	{.name = "idempotency_key", .kind = FIELD_TEXT, .max = KEY_MAX, .label = "Form key"},
};

enum { BRIEFING_FIRST = 1, BRIEFING_COUNT = ARRAY_LEN(fields) - 2 };

/* Both lists of wrong fields in one error, so that all are shown at once. Another kind of error
 * goes alone. */
static const struct err *err_join(struct arena *arena, const struct err *first,
    const struct err *second)
{
	struct err_field *list = NULL, **last = &list;
	const struct err *both[] = {first, second};
	struct err *joined;
	int count = 0;

	if (!first || !second || first->kind != ERR_INVALID || second->kind != ERR_INVALID)
		return first ? first : second;
	for (size_t i = 0; i < ARRAY_LEN(both); i++) {
		for (const struct err_field *field = both[i]->fields; field; field = field->next) {
			*last = arena_alloc(arena, sizeof(**last));
			**last = (struct err_field){field->name, field->sentence, NULL};
			last = &(*last)->next;
			count++;
		}
	}
	joined = arena_alloc(arena, sizeof(*joined));
	*joined = (struct err){.kind = ERR_INVALID, .fields = list,
	    .sentence = arena_printf(arena, "%d fields need attention.", count)};
	return joined;
}

static const struct err *field_wrong(struct arena *arena, const char *name, const char *sentence)
{
	struct err_field *field = arena_alloc(arena, sizeof(*field));
	struct err *err = arena_alloc(arena, sizeof(*err));

	*field = (struct err_field){name, sentence, NULL};
	*err = (struct err){.kind = ERR_INVALID,
	    .sentence = "1 field needs attention.", .fields = field};
	return err;
}

static void member_keep(void *top, const char *name, struct doc *value)
{
	if (!text_equal(name, "briefing"))
		doc_set(top, name, value);
}

/* {"accountId": ..., "briefing": {...}} into the same values as the form's flat fields. */
static const struct err *json_read(struct ctx *ctx, const struct request *request,
    struct doc *values)
{
	struct doc *top = doc_object(ctx->arena);
	struct doc *briefing = doc_get(request->body, "briefing");
	const struct err *err, *below;

	if (request->body)
		doc_each(request->body, member_keep, top);
	err = form_read(ctx, top, "/", fields, BRIEFING_FIRST, values);
	if (doc_type(briefing) == DOC_OBJECT)
		below = form_read(ctx, briefing, "/briefing/", fields + BRIEFING_FIRST,
		    BRIEFING_COUNT, values);
	else
		below = field_wrong(ctx->arena, "/briefing", "The briefing must be an object.");
	return err_join(ctx->arena, err, below);
}

/* The account to launch in. A form shows an unknown one beside its field; the API says 404. */
static const struct err *launch_account(struct ctx *ctx, const struct request *request,
    const struct doc *values, const char **account_id)
{
	const struct err *err = account_id_of(ctx, doc_text(values, "accountId"), account_id);

	if (err && err->kind == ERR_MISSING && !request->is_api)
		return field_wrong(ctx->arena, "accountId", err->sentence);
	if (!err && !*account_id)
		return field_wrong(ctx->arena, "accountId", "Account is missing.");
	return err;
}

/* What the form offers to choose from; the account of an account's user is no choice. */
static const struct err *launch_choices(struct ctx *ctx, struct reply *reply)
{
	const char *account_id = ctx->access.account_id;
	const struct err *err = NULL;

	doc_set_text(reply->page, "model", conf_text(ctx->conf, "PROMPTBUILDER_MODEL"));
	doc_set_int(reply->page, "target_score", BRIEFING_TARGET_PRESET);
	doc_set_int(reply->page, "iteration_limit", BRIEFING_ITERATIONS_PRESET);
	if (!account_id)
		err = account_list(ctx, NULL, LIST_ROWS_MAX, reply->page);
	return err ? err : briefing_models(ctx, account_id, doc_add_array(reply->page, "models"));
}

/* What a run usually costs and what is left to spend, as soon as it is known whose run it is. A
 * wrong account is told of elsewhere. */
static const struct err *launch_outlook(struct ctx *ctx, const struct request *request,
    const struct doc *values, struct reply *reply)
{
	const char *account_id;
	const struct err *err = account_id_of(ctx, doc_text(values, "accountId"), &account_id);

	if (err || !account_id)
		return NULL;
	err = budget_outlook(ctx, account_id, doc_text(values, "assistantId"), reply->doc);
	return err ? err : budget_notices_show(ctx, account_id, request, reply);
}

struct prefilling {
	struct arena *arena;
	struct doc *values;
};

/* Lists as the form has them: an item on each line. */
static void value_copy(void *arg, const char *name, struct doc *value)
{
	struct prefilling *to = arg;
	struct buf *lines;

	if (doc_type(value) != DOC_ARRAY) {
		doc_set(to->values, name, value);
		return;
	}
	lines = buf_new(to->arena, 1u << 20);
	for (size_t i = 0; i < doc_count(value); i++)
		buf_printf(lines, "%s\n", doc_scalar(doc_at(value, i)));
	doc_set_text(to->values, name, lines->data);
}

/* The briefing of an earlier run, to be changed and launched again. */
static const struct err *prefill(struct ctx *ctx, const char *run_ref, struct doc *values)
{
	struct doc *run = doc_object(ctx->arena);
	struct prefilling to = {ctx->arena, values};
	const struct err *err = run_get(ctx, run_ref, run);

	if (err)
		return err;
	doc_each(doc_get(run, "briefing_data"), value_copy, &to);
	doc_set_text(values, "accountId", doc_text(doc_get(run, "account"), "slug"));
	return NULL;
}

const struct err *get_launch(struct ctx *ctx, const struct request *request, struct reply *reply)
{
	static const struct field query[] = {
		{.name = "run", .kind = FIELD_TEXT, .max = 200, .label = "Run"},
		{.name = "accountId", .kind = FIELD_TEXT, .max = 64, .label = "Account"},
		{.name = "assistantId", .kind = FIELD_TEXT, .max = 200, .label = "Assistant"},
	};
	struct doc *values = doc_add_object(reply->page, "values");
	struct doc *asked = doc_object(ctx->arena);
	const struct err *err = form_read(ctx, request->fields, NULL, query, ARRAY_LEN(query),
	    asked);

	reply->title = "Launch a run";
	if (!err)
		err = launch_choices(ctx, reply);
	if (!err && doc_text(asked, "run"))
		err = prefill(ctx, doc_text(asked, "run"), values);
	if (err)
		return err;
	for (size_t i = 1; i < ARRAY_LEN(query); i++)
		if (doc_text(asked, query[i].name))
			doc_set_text(values, query[i].name, doc_text(asked, query[i].name));
	/* Made with the form: sending it twice makes one run. */
	doc_set_text(values, "idempotency_key", token_new(ctx->arena, "form_"));
	return launch_outlook(ctx, request, values, reply);
}

/* Reads and checks everything; launch is complete when there is no error. */
static const struct err *launch_read(struct ctx *ctx, const struct request *request,
    struct doc *values, struct run_launch *launch)
{
	struct doc *models = doc_array(ctx->arena);
	struct doc *briefing;
	const struct err *wrong, *err;

	wrong = request->is_api ? json_read(ctx, request, values) :
	    form_read(ctx, request->body, NULL, fields, ARRAY_LEN(fields), values);
	err = launch_account(ctx, request, values, &launch->account_id);
	wrong = err_join(ctx->arena, wrong, err);
	err = briefing_models(ctx, launch->account_id, models);
	if (err)
		return err;
	briefing = briefing_normalise(ctx, values);
	err = briefing_check_model(ctx, doc_text(briefing, "model"), models,
	    request->is_api ? "/briefing/model" : "model");
	launch->briefing = briefing;
	launch->briefing_id = doc_text(values, "id");
	launch->idempotency_key = request->is_api ? request->idempotency_key :
	    doc_text(values, "idempotency_key");
	if (launch->idempotency_key && text_length(launch->idempotency_key) > KEY_MAX)
		err = err_new(ctx->arena, ERR_INVALID,
		    "The Idempotency-Key may have at most %d characters.", KEY_MAX);
	return err_join(ctx->arena, wrong, err);
}

const struct err *post_run(struct ctx *ctx, const struct request *request, struct reply *reply)
{
	struct doc *values = doc_object(ctx->arena);
	struct run_launch launch = {.account_id = NULL};
	const struct err *err = NULL;

	reply->title = "Launch a run";
	if (!request->is_api)
		err = launch_choices(ctx, reply);
	if (!err)
		err = launch_read(ctx, request, values, &launch);
	if (!err)
		err = run_launch(ctx, &launch, reply->doc);
	/* The form is shown again, with the figures. */
	if (err && !request->is_api && launch_outlook(ctx, request, values, reply))
		doc_remove(reply->doc, "budgets");
	if (err)
		return err;
	reply->status = 202;
	reply->location = arena_printf(ctx->arena, "/pipeline-runs/%s",
	    doc_text(reply->doc, "pipeline_id"));
	return NULL;
}
