/* cost_entry.c: one line explained: its sum is made anew and compared with what is booked. */
#include "model/cost_entry.h"

#include "base/text.h"
#include "model/price.h"

/* Where the provider's usage object tells a bucket: a member, or a member of a member. The first
 * that is there counts. */
static const struct {
	const char *bucket, *outer, *member;
} usage_fields[] = {
	{"input", NULL, "input_tokens"},
	{"cache_read", NULL, "cache_read_input_tokens"},
	{"cache_write_5m", "cache_creation", "ephemeral_5m_input_tokens"},
	{"cache_write_5m", NULL, "cache_creation_input_tokens"},
	{"cache_write_1h", "cache_creation", "ephemeral_1h_input_tokens"},
	{"output", NULL, "output_tokens"},
};

static void usage_show(struct arena *arena, const struct doc *usage, struct doc *bucket)
{
	for (size_t i = 0; i < ARRAY_LEN(usage_fields); i++) {
		const char *outer = usage_fields[i].outer;
		const char *member = usage_fields[i].member;
		int64_t tokens;

		if (!text_equal(usage_fields[i].bucket, doc_text(bucket, "bucket")) ||
		    !doc_int(outer ? doc_get(usage, outer) : usage, member, &tokens))
			continue;
		doc_set_text(bucket, "usage_field",
		    outer ? arena_printf(arena, "%s.%s", outer, member) : member);
		doc_set_int(bucket, "usage_tokens", tokens);
		return;
	}
}

/* Why there is nothing to compute; NULL: there is. */
static const char *not_computed(const struct doc *line, const struct db_rows *parts)
{
	bool is_priced = !text_equal(doc_text(line, "price_status"), "unpriced");

	if (db_count(parts) > 0 && db_bool(parts, 0, "is_reserved"))
		return "The runner stopped during this call. The provider may have charged it, so "
		    "the amount that had been reserved is booked until the truth is known.";
	if (db_count(parts) > 0)
		return NULL;
	if (text_equal(doc_text(line, "kind"), "adjustment"))
		return "A correction made by hand: the amount is as it was given.";
	return is_priced ? "The amount came with the line; no price row stands behind it." :
	    "No price of this model was known for that moment. The line counts as unpriced until "
	    "it is repriced; it is not free.";
}

/* The amount that the arithmetic gives, compared with the booked one. */
static void compare(struct arena *arena, const struct db_rows *parts, int64_t nano,
    struct doc *line)
{
	const char *booked = db_text(parts, 0, "cost_usd");
	const char *before = db_text(parts, 0, "before_usd");
	int64_t booked_nano = 0, before_nano = 0, expected_nano = 0;
	bool agrees = money_from_text(booked, &booked_nano) &&
	    money_from_text(before, &before_nano) &&
	    !__builtin_sub_overflow(nano, before_nano, &expected_nano) &&
	    expected_nano == booked_nano;

	doc_set_text(line, "before_usd", before);
	doc_set_bool(line, "agrees", agrees);
	doc_set_text(line, "verdict", agrees ? "The arithmetic gives the booked amount." :
	    arena_printf(arena, "The arithmetic gives %s USD, but %s USD is booked.",
	    money_text(arena, expected_nano), booked));
}

static void explain(struct ctx *ctx, const struct db_rows *parts, struct doc *line)
{
	struct money_usage usage = {
		.input = db_int(parts, 0, "input_tokens"),
		.output = db_int(parts, 0, "output_tokens"),
		.cache_read = db_int(parts, 0, "cache_read_tokens"),
		.cache_write = db_int(parts, 0, "cache_write_tokens"),
		.cache_write_1h = db_int(parts, 0, "cache_write_1h_tokens"),
	};
	struct money_rates rates = price_rates(parts, 0);
	struct doc *arithmetic = doc_object(ctx->arena);
	const struct doc *buckets;
	int64_t nano;

	if (!price_arithmetic(ctx, &usage, &rates, db_int(parts, 0, "rate_permille"),
	    arithmetic)) {
		doc_set_null(line, "arithmetic");
		doc_set_bool(line, "agrees", false);
		doc_set_text(line, "verdict", "The arithmetic has no result within 64 bits.");
		return;
	}
	buckets = doc_get(arithmetic, "buckets");
	for (size_t i = 0; i < doc_count(buckets); i++)
		usage_show(ctx->arena, doc_get(line, "usage"), doc_at(buckets, i));
	doc_set(line, "arithmetic", arithmetic);
	if (money_from_text(doc_text(arithmetic, "cost_usd"), &nano))
		compare(ctx->arena, parts, nano, line);
}

const struct err *cost_entry_get(struct ctx *ctx, const char *id, struct doc *out)
{
	const struct err *missing = err_new(ctx->arena, ERR_MISSING, "There is no such line.");
	struct db_tx *tx = ctx_tx(ctx);
	const struct db_rows *line, *parts;
	const struct err *err;
	const char *reason;

	if (!text_is_uuid(id))
		return missing;
	line = db_add(tx, SQL_COST_ENTRY_GET, id);
	parts = db_add(tx, SQL_COST_ENTRY_PARTS, id);
	err = ctx_read_one(ctx, tx, line, missing, out);
	if (err)
		return err;
	reason = not_computed(out, parts);
	if (reason) {
		doc_set_null(out, "arithmetic");
		doc_set_null(out, "agrees");
		doc_set_text(out, "verdict", reason);
		return NULL;
	}
	explain(ctx, parts, out);
	return NULL;
}
