/* doc.c: documents over json-c: building, reading and writing. Reading JSON is doc_parse.c. */
#include "base/doc.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#define WRITE_FLAGS (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)

/* A struct doc is a json_object by another name, so that nobody outside sees the library. The
 * library wants it writable even for reading. */
static struct json_object *node_of(const struct doc *doc)
{
	return (struct json_object *)doc;
}

/* The library gives NULL only when memory is gone. */
static struct json_object *node_new(struct json_object *node)
{
	if (node == NULL)
		arena_out_of_memory(0);
	return node;
}

static void node_release(void *node)
{
	json_object_put(node);
}

static struct doc *root_new(struct arena *arena, struct json_object *node)
{
	arena_on_reset(arena, node_release, node_new(node));
	return (struct doc *)node;
}

/* The member takes over the caller's reference to node; NULL is the JSON null. */
static struct doc *member_add(struct doc *object, const char *name, struct json_object *node)
{
	if (json_object_object_add(node_of(object), name, node) != 0)
		arena_out_of_memory(0);
	return (struct doc *)node;
}

static struct doc *element_add(struct doc *array, struct json_object *node)
{
	if (json_object_array_add(node_of(array), node) != 0)
		arena_out_of_memory(0);
	return (struct doc *)node;
}

static struct json_object *text_node(const char *text)
{
	return text != NULL ? node_new(json_object_new_string(text)) : NULL;
}

/* The library's own form of a parsed number: the value is never looked at, the text is kept. */
static struct json_object *number_node(const char *decimal)
{
	return node_new(json_object_new_double_s(0, decimal));
}

struct doc *doc_object(struct arena *arena)
{
	return root_new(arena, json_object_new_object());
}

struct doc *doc_array(struct arena *arena)
{
	return root_new(arena, json_object_new_array());
}

struct doc *doc_add_object(struct doc *object, const char *name)
{
	return member_add(object, name, node_new(json_object_new_object()));
}

struct doc *doc_add_array(struct doc *object, const char *name)
{
	return member_add(object, name, node_new(json_object_new_array()));
}

void doc_set_text(struct doc *object, const char *name, const char *text)
{
	member_add(object, name, text_node(text));
}

void doc_set_int(struct doc *object, const char *name, int64_t value)
{
	member_add(object, name, node_new(json_object_new_int64(value)));
}

void doc_set_bool(struct doc *object, const char *name, bool value)
{
	member_add(object, name, node_new(json_object_new_boolean(value)));
}

void doc_set_null(struct doc *object, const char *name)
{
	member_add(object, name, NULL);
}

void doc_set_number(struct doc *object, const char *name, const char *decimal)
{
	member_add(object, name, number_node(decimal));
}

void doc_set(struct doc *object, const char *name, struct doc *value)
{
	member_add(object, name, json_object_get(node_of(value)));
}

struct doc *doc_push_object(struct doc *array)
{
	return element_add(array, node_new(json_object_new_object()));
}

struct doc *doc_push_array(struct doc *array)
{
	return element_add(array, node_new(json_object_new_array()));
}

void doc_push_text(struct doc *array, const char *text)
{
	element_add(array, text_node(text));
}

void doc_push_int(struct doc *array, int64_t value)
{
	element_add(array, node_new(json_object_new_int64(value)));
}

void doc_push_bool(struct doc *array, bool value)
{
	element_add(array, node_new(json_object_new_boolean(value)));
}

void doc_push_null(struct doc *array)
{
	element_add(array, NULL);
}

void doc_push_number(struct doc *array, const char *decimal)
{
	element_add(array, number_node(decimal));
}

void doc_push(struct doc *array, struct doc *value)
{
	element_add(array, json_object_get(node_of(value)));
}

void doc_remove(struct doc *object, const char *name)
{
	json_object_object_del(node_of(object), name);
}

enum doc_type doc_type(const struct doc *doc)
{
	switch (json_object_get_type(node_of(doc))) {
	case json_type_boolean:
		return DOC_BOOL;
	case json_type_int:
		return DOC_INT;
	case json_type_double:
		return DOC_NUMBER;
	case json_type_string:
		return DOC_TEXT;
	case json_type_array:
		return DOC_ARRAY;
	case json_type_object:
		return DOC_OBJECT;
	case json_type_null:
		break;
	}
	return DOC_NULL;
}

struct doc *doc_get(const struct doc *object, const char *name)
{
	struct json_object *node = NULL;

	if (doc_type(object) == DOC_OBJECT)
		json_object_object_get_ex(node_of(object), name, &node);
	return (struct doc *)node;
}

bool doc_has(const struct doc *object, const char *name)
{
	return doc_type(object) == DOC_OBJECT &&
	    json_object_object_get_ex(node_of(object), name, NULL);
}

const char *doc_text(const struct doc *object, const char *name)
{
	const struct doc *value = doc_get(object, name);

	return doc_type(value) == DOC_TEXT ? json_object_get_string(node_of(value)) : NULL;
}

bool doc_int(const struct doc *object, const char *name, int64_t *value)
{
	const struct doc *member = doc_get(object, name);

	if (doc_type(member) != DOC_INT)
		return false;
	*value = json_object_get_int64(node_of(member));
	return true;
}

bool doc_bool(const struct doc *object, const char *name, bool *value)
{
	const struct doc *member = doc_get(object, name);

	if (doc_type(member) != DOC_BOOL)
		return false;
	*value = json_object_get_boolean(node_of(member));
	return true;
}

const char *doc_scalar(const struct doc *doc)
{
	switch (doc_type(doc)) {
	case DOC_TEXT:
	case DOC_INT:
	case DOC_NUMBER:
		return json_object_get_string(node_of(doc));
	case DOC_BOOL:
		return json_object_get_boolean(node_of(doc)) ? "1" : "0";
	case DOC_NULL:
	case DOC_ARRAY:
	case DOC_OBJECT:
		break;
	}
	return NULL;
}

size_t doc_count(const struct doc *array_or_object)
{
	switch (doc_type(array_or_object)) {
	case DOC_ARRAY:
		return json_object_array_length(node_of(array_or_object));
	case DOC_OBJECT:
		return (size_t)json_object_object_length(node_of(array_or_object));
	default:
		return 0;
	}
}

struct doc *doc_at(const struct doc *array, size_t index)
{
	if (doc_type(array) != DOC_ARRAY)
		return NULL;
	return (struct doc *)json_object_array_get_idx(node_of(array), index);
}

void doc_each(const struct doc *object,
    void (*visit)(void *arg, const char *name, struct doc *value), void *arg)
{
	if (doc_type(object) != DOC_OBJECT)
		return;
	json_object_object_foreach(node_of(object), name, value)
		visit(arg, name, (struct doc *)value);
}

void doc_write(const struct doc *doc, struct buf *buf)
{
	size_t len;
	const char *text = json_object_to_json_string_length(node_of(doc), WRITE_FLAGS, &len);

	if (text == NULL)
		arena_out_of_memory(0);
	buf_add(buf, text, len);
}

struct name_list {
	const char **names;
	size_t count;
};

static void name_collect(void *arg, const char *name, struct doc *value)
{
	struct name_list *list = arg;

	list->names[list->count++] = name;
}

static int name_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Quoted and escaped by the library, like any other text. */
static void name_write(const char *name, struct buf *buf)
{
	struct json_object *node = text_node(name);

	doc_write((struct doc *)node, buf);
	json_object_put(node);
	buf_char(buf, ':');
}

static void object_write_sorted(const struct doc *object, struct buf *buf)
{
	struct name_list list = {.count = 0};

	list.names = calloc(doc_count(object) + 1, sizeof(list.names[0]));
	if (list.names == NULL)
		arena_out_of_memory(doc_count(object));
	doc_each(object, name_collect, &list);
	qsort(list.names, list.count, sizeof(list.names[0]), name_compare);
	buf_char(buf, '{');
	for (size_t i = 0; i < list.count; i++) {
		if (i > 0)
			buf_char(buf, ',');
		name_write(list.names[i], buf);
		doc_write_canonical(doc_get(object, list.names[i]), buf);
	}
	buf_char(buf, '}');
	free(list.names);
}

void doc_write_canonical(const struct doc *doc, struct buf *buf)
{
	size_t count = doc_count(doc);

	if (doc_type(doc) == DOC_OBJECT) {
		object_write_sorted(doc, buf);
	} else if (doc_type(doc) == DOC_ARRAY) {
		buf_char(buf, '[');
		for (size_t i = 0; i < count; i++) {
			if (i > 0)
				buf_char(buf, ',');
			doc_write_canonical(doc_at(doc, i), buf);
		}
		buf_char(buf, ']');
	} else {
		doc_write(doc, buf);
	}
}
