/* briefing.c: a briefing's stored form, and the models it may ask for. */
#include "model/briefing.h"

#include "base/text.h"

static const char *const text_keys[] = {"company", "purpose", "audience", "tone", "language"};
static const char *const list_keys[] = {"channels", "facts", "rules", "examples"};

static void int_or(struct doc *out, const struct doc *values, const char *key, int64_t preset)
{
	int64_t value = preset;

	if (!doc_int(values, key, &value))
		value = preset;
	doc_set_int(out, key, value);
}

static const char *text_or(const struct doc *values, const char *key, const char *preset)
{
	const char *text = doc_text(values, key);

	return text ? text : preset;
}

struct doc *briefing_normalise(struct ctx *ctx, const struct doc *values)
{
	struct doc *out = doc_object(ctx->arena);
	const char *external_id = doc_text(values, "assistantId");

	doc_set_text(out, "assistantId", external_id);
	doc_set_text(out, "assistant", text_or(values, "assistant", external_id));
	for (size_t i = 0; i < ARRAY_LEN(text_keys); i++)
		if (doc_text(values, text_keys[i]))
			doc_set_text(out, text_keys[i], doc_text(values, text_keys[i]));
	for (size_t i = 0; i < ARRAY_LEN(list_keys); i++)
		if (doc_count(doc_get(values, list_keys[i])) > 0)
			doc_set(out, list_keys[i], doc_get(values, list_keys[i]));
	int_or(out, values, "targetScore", BRIEFING_TARGET_PRESET);
	int_or(out, values, "iterationLimit", BRIEFING_ITERATIONS_PRESET);
	doc_set_text(out, "model",
	    text_or(values, "model", conf_text(ctx->conf, "PROMPTBUILDER_MODEL")));
	return out;
}

const struct err *briefing_models(struct ctx *ctx, const char *account_id, struct doc *models)
{
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *rows = db_add(tx, SQL_RUN_MODELS, account_id);
	const struct err *err;

	db_repeatable(tx);
	err = ctx_run(ctx, tx);
	if (err)
		return err;
	for (size_t row = 0; row < db_count(rows); row++)
		doc_push_text(models, db_text(rows, row, "model"));
	return NULL;
}

const struct err *briefing_check_model(struct ctx *ctx, const char *model,
    const struct doc *models, const char *field)
{
	struct buf *known = buf_new(ctx->arena, 16384);
	struct err_field *problem;
	struct err *err;

	for (size_t i = 0; i < doc_count(models); i++) {
		const char *name = doc_scalar(doc_at(models, i));

		if (text_equal(name, model))
			return NULL;
		buf_printf(known, "%s%s", i > 0 ? ", " : "", name);
	}
	problem = arena_alloc(ctx->arena, sizeof(*problem));
	problem->name = field;
	problem->sentence = arena_printf(ctx->arena,
	    "There is no price for the model \"%s\". %s%s.", model ? model : "",
	    known->len > 0 ? "Models with a price: " : "No model has a price", known->data);
	err = arena_alloc(ctx->arena, sizeof(*err));
	*err = (struct err){.kind = ERR_INVALID,
	    .sentence = "1 field needs attention.", .fields = problem};
	return err;
}
