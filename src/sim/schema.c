/* schema.c: walks a JSON schema: refuses what the provider refuses, makes a value that conforms. */
#include "sim/schema.h"

#include <string.h>

#include "base/text.h"

#define DEPTH_MAX 16

/* Keywords the provider's grammar compiler does not take. */
static const char *const refused[] = {
	"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength",
	"maxLength", "maxItems", "uniqueItems", "minProperties", "maxProperties",
	"patternProperties", "oneOf", "not", "if",
};

struct check {
	struct arena *arena;
	int depth;
	const struct err *err;
};

static const struct err *check_node(struct check *check, const struct doc *schema);

static void check_visit(void *arg, const char *name, struct doc *value)
{
	struct check *check = arg;
	if (!check->err)
		check->err = check_node(check, value);
}

static void check_list(struct check *check, const struct doc *list)
{
	for (size_t i = 0; i < doc_count(list); i++)
		check_visit(check, NULL, doc_at(list, i));
}

static const struct err *check_keywords(struct check *check, const struct doc *schema)
{
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		if (doc_get(schema, refused[i]))
			return err_new(check->arena, ERR_INVALID, "output_config.format.schema: "
			    "property '%s' is not supported", refused[i]);
	}
	int64_t least;
	if (doc_int(schema, "minItems", &least) && (least < 0 || least > 1))
		return err_new(check->arena, ERR_INVALID,
		    "output_config.format.schema: 'minItems' must be 0 or 1");
	bool open = true;
	if (text_equal(doc_text(schema, "type"), "object")
	    && (!doc_bool(schema, "additionalProperties", &open) || open))
		return err_new(check->arena, ERR_INVALID, "output_config.format.schema: For "
		    "'object' type, 'additionalProperties' must be explicitly set to false");
	return NULL;
}

static const struct err *check_node(struct check *check, const struct doc *schema)
{
	if (doc_type(schema) != DOC_OBJECT)
		return err_new(check->arena, ERR_INVALID,
		    "output_config.format.schema: a schema must be an object");
	if (++check->depth > DEPTH_MAX)
		return err_new(check->arena, ERR_INVALID,
		    "output_config.format.schema: Schema is too complex for compilation");
	check->err = check_keywords(check, schema);
	doc_each(doc_get(schema, "properties"), check_visit, check);
	doc_each(doc_get(schema, "$defs"), check_visit, check);
	check_list(check, doc_get(schema, "anyOf"));
	check_list(check, doc_get(schema, "allOf"));
	if (doc_get(schema, "items"))
		check_visit(check, NULL, doc_get(schema, "items"));
	check->depth--;
	return check->err;
}

const struct err *schema_check(struct arena *arena, const struct doc *schema)
{
	struct check check = {.arena = arena};
	return check_node(&check, schema);
}

/* Where in the value we are: the member's name, and the finding that an array item shows. */
struct fill {
	struct arena *arena;
	const struct doc *root; /* of the schema, for references */
	const struct review *review;
	const struct finding *finding; /* NULL: outside of findings */
	int depth;
};

/* A value that stands alone, made as the only member of a holder. */
static struct doc *value_text(struct arena *arena, const char *text)
{
	struct doc *holder = doc_object(arena);
	doc_set_text(holder, "v", text);
	return doc_get(holder, "v");
}

static struct doc *value_int(struct arena *arena, int64_t number)
{
	struct doc *holder = doc_object(arena);
	doc_set_int(holder, "v", number);
	return doc_get(holder, "v");
}

static struct doc *value_bool(struct arena *arena, bool truth)
{
	struct doc *holder = doc_object(arena);
	doc_set_bool(holder, "v", truth);
	return doc_get(holder, "v");
}

static bool name_has(const char *name, const char *part)
{
	return name && strstr(name, part);
}

/* Text that suits a member's name. */
static const char *fill_words(const struct fill *fill, const char *name)
{
	const struct finding *finding = fill->finding;
	if (finding && name_has(name, "severity"))
		return finding->severity;
	if (finding && (name_has(name, "area") || name_has(name, "categor")))
		return aspect_area(finding->aspect);
	if (finding && (name_has(name, "suggest") || name_has(name, "recommend")))
		return aspect_suggestion(finding->aspect);
	if (finding)
		return aspect_finding(finding->aspect);
	return fill->review->summary;
}

static const char *fill_format(const char *format)
{
	static const struct {
		const char *format, *sample;
	} samples[] = {
		{"date-time", "2026-01-31T12:00:00Z"}, {"time", "12:00:00Z"},
		{"date", "2026-01-31"}, {"duration", "P1D"}, {"email", "info@example.com"},
		{"hostname", "example.com"},
		{"uri", "https://example.com/"}, {"ipv4", "192.0.2.1"}, {"ipv6", "2001:db8::1"},
		{"uuid", "00000000-0000-4000-8000-000000000000"},
	};
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		if (text_equal(samples[i].format, format))
			return samples[i].sample;
	}
	return NULL;
}

/* The member of an enum that suits the name, else the first. */
static struct doc *fill_enum(const struct fill *fill, const struct doc *list, const char *name)
{
	const char *wanted = fill_words(fill, name);
	for (size_t i = 0; i < doc_count(list); i++) {
		if (doc_type(doc_at(list, i)) == DOC_TEXT
		    && text_equal(doc_scalar(doc_at(list, i)), wanted))
			return doc_at(list, i);
	}
	return doc_at(list, 0);
}

static struct doc *fill_value(struct fill *fill, const struct doc *schema, const char *name);

struct members {
	struct fill *fill;
	struct doc *object;
	const struct doc *required;
	bool want_required; /* required members come first */
};

static bool list_has(const struct doc *list, const char *text)
{
	for (size_t i = 0; i < doc_count(list); i++) {
		if (doc_type(doc_at(list, i)) == DOC_TEXT
		    && text_equal(doc_scalar(doc_at(list, i)), text))
			return true;
	}
	return false;
}

static void member_fill(void *arg, const char *name, struct doc *schema)
{
	struct members *members = arg;
	if (list_has(members->required, name) != members->want_required)
		return;
	struct doc *value = fill_value(members->fill, schema, name);
	if (value)
		doc_set(members->object, name, value);
	else if (members->want_required)
		doc_set_null(members->object, name);
}

static struct doc *fill_object(struct fill *fill, const struct doc *schema)
{
	struct doc *object = doc_object(fill->arena);
	struct members members = {.fill = fill, .object = object,
	    .required = doc_get(schema, "required"), .want_required = true};
	doc_each(doc_get(schema, "properties"), member_fill, &members);
	members.want_required = false;
	doc_each(doc_get(schema, "properties"), member_fill, &members);
	return object;
}

/* One item, or one for each finding where the array is named so. */
static struct doc *fill_array(struct fill *fill, const struct doc *schema, const char *name)
{
	struct doc *array = doc_array(fill->arena);
	const struct doc *items = doc_get(schema, "items");
	bool findings = name_has(name, "finding") || name_has(name, "issue");
	size_t count = findings ? fill->review->finding_count : 1;
	int64_t least = 0;
	if (count == 0 && doc_int(schema, "minItems", &least))
		count = (size_t)least;
	for (size_t i = 0; items && i < count; i++) {
		const struct finding *outer = fill->finding;
		if (findings && i < fill->review->finding_count)
			fill->finding = &fill->review->findings[i];
		struct doc *value = fill_value(fill, items, name);
		if (value)
			doc_push(array, value);
		fill->finding = outer;
	}
	return array;
}

/* Follows a reference of the form #/$defs/name. */
static const struct doc *resolve(const struct fill *fill, const struct doc *schema)
{
	const char *ref = doc_text(schema, "$ref");
	if (!ref || !text_starts_with(ref, "#/$defs/"))
		return schema;
	return doc_get(doc_get(fill->root, "$defs"), ref + strlen("#/$defs/"));
}

/* The type to make, of one or of a list of allowed ones. */
static const char *type_of(const struct doc *schema)
{
	const struct doc *type = doc_get(schema, "type");
	for (size_t i = 0; doc_type(type) == DOC_ARRAY && i < doc_count(type); i++) {
		const struct doc *one = doc_at(type, i);
		if (doc_type(one) == DOC_TEXT && !text_equal(doc_scalar(one), "null"))
			return doc_scalar(one);
	}
	if (doc_type(type) == DOC_TEXT)
		return doc_scalar(type);
	return doc_get(schema, "properties") ? "object" : "string";
}

static struct doc *fill_typed(struct fill *fill, const struct doc *schema, const char *name)
{
	const char *type = type_of(schema);
	if (text_equal(type, "object"))
		return fill_object(fill, schema);
	if (text_equal(type, "array"))
		return fill_array(fill, schema, name);
	if (text_equal(type, "integer") || text_equal(type, "number"))
		return value_int(fill->arena, name_has(name, "score") ? fill->review->score : 1);
	if (text_equal(type, "boolean"))
		return value_bool(fill->arena, true);
	if (text_equal(type, "null"))
		return NULL;
	const char *sample = fill_format(doc_text(schema, "format"));
	return value_text(fill->arena, sample ? sample : fill_words(fill, name));
}

/* NULL stands for JSON null. */
static struct doc *fill_value(struct fill *fill, const struct doc *schema, const char *name)
{
	if (fill->depth == DEPTH_MAX)
		return NULL;
	fill->depth++;
	schema = resolve(fill, schema);
	struct doc *value;
	if (doc_get(schema, "const"))
		value = doc_get(schema, "const");
	else if (doc_count(doc_get(schema, "enum")) > 0)
		value = fill_enum(fill, doc_get(schema, "enum"), name);
	else if (doc_count(doc_get(schema, "anyOf")) > 0)
		value = fill_value(fill, doc_at(doc_get(schema, "anyOf"), 0), name);
	else if (doc_count(doc_get(schema, "allOf")) > 0)
		value = fill_value(fill, doc_at(doc_get(schema, "allOf"), 0), name);
	else
		value = fill_typed(fill, schema, name);
	fill->depth--;
	return value;
}

void schema_fill(struct arena *arena, const struct doc *schema, const struct review *review,
    struct buf *json)
{
	struct fill fill = {.arena = arena, .root = schema, .review = review};
	struct doc *value = fill_value(&fill, schema, NULL);
	if (value)
		doc_write(value, json);
	else
		buf_text(json, "null");
}
