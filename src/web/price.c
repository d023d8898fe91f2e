/* price.c: the prices that calls are charged with, the models that have none, and what a call would
 * cost. */
#include "web/handlers.h"

#include "base/text.h"
#include "model/price.h"

#define TOKENS_MAX 1000000000000

static const char *const tiers[] = {"standard", "batch", NULL};
static const char *const regions[] = {"global", "us", NULL};

static const struct field question_fields[] = {
	{.name = "model", .kind = FIELD_TEXT, .required = true, .max = 200, .label = "Model"},
	{.name = "input_tokens", .kind = FIELD_INT, .max = TOKENS_MAX, .label = "Input tokens"},
	{.name = "cache_read_tokens", .kind = FIELD_INT, .max = TOKENS_MAX,
	 .label = "Cache read tokens"},
	{.name = "cache_write_tokens", .kind = FIELD_INT, .max = TOKENS_MAX,
	 .label = "Cache write tokens"},
	{.name = "cache_write_1h_tokens", .kind = FIELD_INT, .max = TOKENS_MAX,
	 .label = "Cache write tokens kept 1 h"},
	{.name = "output_tokens", .kind = FIELD_INT, .max = TOKENS_MAX, .label = "Output tokens"},
	{.name = "service_tier", .kind = FIELD_CHOICE, .choices = tiers, .label = "Service tier"},
	{.name = "inference_geo", .kind = FIELD_CHOICE, .choices = regions, .label = "Region"},
	{.name = "accountId", .kind = FIELD_TEXT, .max = 64, .label = "Account"},
};
/* Only an operator names an account. */
#define OWN_FIELDS (ARRAY_LEN(question_fields) - 1)

/* The hour's part is in the whole. */
static const struct err *hour_check(struct ctx *ctx, const struct money_usage *usage)
{
	static const struct err_field field = {.name = "cache_write_1h_tokens",
	    .sentence = "Cache write tokens kept 1 h are part of the cache write tokens: there "
	    "cannot be more of them."};
	struct err *err = arena_alloc(ctx->arena, sizeof(*err));

	*err = (struct err){.kind = ERR_INVALID, .sentence = "1 field needs attention.",
	    .fields = &field};
	return usage->cache_write_1h > usage->cache_write ? err : NULL;
}

static const struct err *question_read(struct ctx *ctx, const struct doc *fields,
    struct doc *filter, struct price_question *question)
{
	size_t count = ctx->access.role == ROLE_OPERATOR ? ARRAY_LEN(question_fields) : OWN_FIELDS;
	const struct err *err = form_read(ctx, fields, NULL, question_fields, count, filter);

	if (err)
		return err;
	*question = (struct price_question){
		.account = doc_text(filter, "accountId"),
		.model = doc_text(filter, "model"),
		.is_batch = text_equal(doc_text(filter, "service_tier"), "batch"),
		.is_us = text_equal(doc_text(filter, "inference_geo"), "us"),
	};
	doc_int(filter, "input_tokens", &question->usage.input);
	doc_int(filter, "output_tokens", &question->usage.output);
	doc_int(filter, "cache_read_tokens", &question->usage.cache_read);
	doc_int(filter, "cache_write_tokens", &question->usage.cache_write);
	doc_int(filter, "cache_write_1h_tokens", &question->usage.cache_write_1h);
	return hour_check(ctx, &question->usage);
}

const struct err *get_prices(struct ctx *ctx, const struct request *request, struct reply *reply)
{
	struct doc *filter = doc_add_object(reply->page, "filter");
	struct doc *accounts = doc_add_array(reply->page, "accounts");
	bool has_question = doc_count(request->fields) > 0;
	struct price_question question;
	const struct err *err = NULL;

	reply->title = "Prices";
	if (has_question)
		err = question_read(ctx, request->fields, filter, &question);
	return err ? err : price_list(ctx, has_question ? &question : NULL, reply->doc, accounts);
}
