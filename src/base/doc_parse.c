/* doc_parse.c: a strict reader of JSON that builds a document and says where a fault stands.
 *
 * The library's own parser takes repeated names, single quotes and NaN, and clamps integers that
 * are too large; what comes from outside is read here instead. */
#include "base/doc.h"

#include <string.h>

#include "base/text.h"

#define DEPTH_MAX 16
#define NUMBER_MAX_BYTES 64
#define CONTAINER_ROOM 10

struct reader {
	const char *start;
	const char *at;
	const char *end;
	const char *fault; /* what is wrong at `at`; NULL: nothing so far */
	size_t room;       /* for values that may still come */
	struct buf *name;  /* of the member being read */
	struct buf *text;
};

/* Where a value goes: into an object under a name, or at the end of an array. */
struct place {
	struct doc *parent;
	const char *name; /* NULL: parent is an array */
};

static bool fail(struct reader *r, const char *fault)
{
	if (r->fault == NULL)
		r->fault = fault;
	return false;
}

static void skip_space(struct reader *r)
{
	while (r->at < r->end && strchr(" \t\r\n", *r->at) != NULL && *r->at != '\0')
		r->at++;
}

/* The next character after white space; NUL at the end. */
static char peek(struct reader *r)
{
	skip_space(r);
	return r->at < r->end ? *r->at : '\0';
}

static bool take(struct reader *r, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(r->end - r->at) < len || memcmp(r->at, word, len) != 0)
		return false;
	r->at += len;
	return true;
}

static bool read_hex4(struct reader *r, uint32_t *code)
{
	*code = 0;
	for (int i = 0; i < 4; i++, r->at++) {
		char c = r->at < r->end ? *r->at : '\0';

		if (c >= '0' && c <= '9')
			*code = *code << 4 | (uint32_t)(c - '0');
		else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
			*code = *code << 4 | (uint32_t)((c | 0x20) - 'a' + 10);
		else
			return fail(r, "four hexadecimal digits are missing");
	}
	return true;
}

static void add_utf8(struct buf *buf, uint32_t code)
{
	if (code < 0x80) {
		buf_char(buf, (char)code);
		return;
	}
	if (code < 0x800) {
		buf_char(buf, (char)(0xc0 | code >> 6));
	} else {
		if (code < 0x10000) {
			buf_char(buf, (char)(0xe0 | code >> 12));
		} else {
			buf_char(buf, (char)(0xf0 | code >> 18));
			buf_char(buf, (char)(0x80 | (code >> 12 & 0x3f)));
		}
		buf_char(buf, (char)(0x80 | (code >> 6 & 0x3f)));
	}
	buf_char(buf, (char)(0x80 | (code & 0x3f)));
}

/* What follows \u: one code unit, or a pair of surrogates. */
static bool read_unicode(struct reader *r, struct buf *buf)
{
	uint32_t code, low;

	if (!read_hex4(r, &code))
		return false;
	if (code == 0)
		return fail(r, "text must not contain NUL");
	if (code >= 0xd800 && code <= 0xdfff) {
		if (code >= 0xdc00 || !take(r, "\\u") || !read_hex4(r, &low) || low < 0xdc00 ||
		    low > 0xdfff)
			return fail(r, "half a surrogate pair");
		code = 0x10000 + ((code & 0x3ff) << 10 | (low & 0x3ff));
	}
	add_utf8(buf, code);
	return true;
}

static bool read_escape(struct reader *r, struct buf *buf)
{
	static const char from[] = "\"\\/bfnrt";
	static const char to[] = "\"\\/\b\f\n\r\t";
	const char *found;

	if (take(r, "u"))
		return read_unicode(r, buf);
	found = r->at < r->end && *r->at != '\0' ? strchr(from, *r->at) : NULL;
	if (found == NULL)
		return fail(r, "an unknown escape");
	buf_char(buf, to[found - from]);
	r->at++;
	return true;
}

static bool read_text(struct reader *r, struct buf *buf)
{
	buf_reset(buf);
	if (!take(r, "\""))
		return fail(r, "a quoted text is missing");
	while (!take(r, "\"")) {
		uint32_t code = 0;
		size_t size = text_utf8_next(r->at, (size_t)(r->end - r->at), &code);

		if (size == 0)
			return fail(r, r->at == r->end ? "a text without end" : "not valid UTF-8");
		if (code < 0x20)
			return fail(r, "a control character that is not escaped");
		if (code != '\\') {
			buf_add(buf, r->at, size);
			r->at += size;
			continue;
		}
		r->at++;
		if (!read_escape(r, buf))
			return false;
	}
	return true;
}

static size_t skip_digits(struct reader *r)
{
	const char *first = r->at;

	while (r->at < r->end && *r->at >= '0' && *r->at <= '9')
		r->at++;
	return (size_t)(r->at - first);
}

/* Moves over a number; *whole tells an integer from a decimal. */
static bool skip_number(struct reader *r, bool *whole)
{
	size_t digits;

	take(r, "-");
	if (!take(r, "0") && skip_digits(r) == 0)
		return fail(r, "not a JSON value");
	*whole = true;
	if (take(r, ".")) {
		*whole = false;
		if (skip_digits(r) == 0)
			return fail(r, "a digit is missing");
	}
	if (take(r, "e") || take(r, "E")) {
		*whole = false;
		if (!take(r, "+"))
			take(r, "-");
		digits = skip_digits(r);
		if (digits == 0 || digits > 3)
			return fail(r, "an exponent has one to three digits");
	}
	return true;
}

static bool read_number(struct reader *r, struct place place)
{
	const char *first = r->at;
	char text[NUMBER_MAX_BYTES + 1] = "";
	int64_t value;
	bool whole;

	if (!skip_number(r, &whole))
		return false;
	if (r->at - first > NUMBER_MAX_BYTES)
		return fail(r, "a number that is too long");
	memcpy(text, first, (size_t)(r->at - first));
	if (whole && !text_to_int(text, INT64_MIN, INT64_MAX, &value))
		return fail(r, "an integer beyond 64 bits");
	if (whole && place.name != NULL)
		doc_set_int(place.parent, place.name, value);
	else if (whole)
		doc_push_int(place.parent, value);
	else if (place.name != NULL)
		doc_set_number(place.parent, place.name, text);
	else
		doc_push_number(place.parent, text);
	return true;
}

/* true, false and null; anything else must be a number. */
static bool read_word(struct reader *r, struct place place)
{
	bool yes = take(r, "true");

	if (yes || take(r, "false")) {
		if (place.name != NULL)
			doc_set_bool(place.parent, place.name, yes);
		else
			doc_push_bool(place.parent, yes);
	} else if (take(r, "null")) {
		if (place.name != NULL)
			doc_set_null(place.parent, place.name);
		else
			doc_push_null(place.parent);
	} else {
		return read_number(r, place);
	}
	return true;
}

static bool read_object(struct reader *r, struct doc *object, int depth);
static bool read_array(struct reader *r, struct doc *array, int depth);

/* Takes the room of the value that begins with c. */
static bool take_room(struct reader *r, char c)
{
	size_t room = c == '{' || c == '[' ? CONTAINER_ROOM : 1;

	if (room > r->room)
		return fail(r, "more values than may be sent");
	r->room -= room;
	return true;
}

static bool read_value(struct reader *r, struct place place, int depth)
{
	struct doc *child;

	if (!take_room(r, peek(r)))
		return false;
	switch (peek(r)) {
	case '{':
		child = place.name != NULL ? doc_add_object(place.parent, place.name) :
		    doc_push_object(place.parent);
		return read_object(r, child, depth + 1);
	case '[':
		child = place.name != NULL ? doc_add_array(place.parent, place.name) :
		    doc_push_array(place.parent);
		return read_array(r, child, depth + 1);
	case '"':
		if (!read_text(r, r->text))
			return false;
		if (place.name != NULL)
			doc_set_text(place.parent, place.name, r->text->data);
		else
			doc_push_text(place.parent, r->text->data);
		return true;
	default:
		return read_word(r, place);
	}
}

/* Moves over the bracket that opens a container; true when it does not close at once. */
static bool open_container(struct reader *r, char close)
{
	r->at++;
	if (peek(r) != close)
		return true;
	r->at++;
	return false;
}

/* Moves over what follows a value: true for a comma, false for the end or a fault. */
static bool next_value(struct reader *r, char close)
{
	char c = peek(r);

	if (c != ',' && c != close)
		return fail(r, "a comma or a closing bracket is missing");
	r->at++;
	return c == ',';
}

static bool read_object(struct reader *r, struct doc *object, int depth)
{
	if (depth > DEPTH_MAX)
		return fail(r, "nested too deeply");
	if (!open_container(r, '}'))
		return true;
	do {
		skip_space(r);
		if (!read_text(r, r->name))
			return false;
		if (doc_has(object, r->name->data))
			return fail(r, "a name that is already there");
		if (peek(r) != ':')
			return fail(r, "a colon is missing");
		r->at++;
		if (!read_value(r, (struct place){object, r->name->data}, depth))
			return false;
	} while (next_value(r, '}'));
	return r->fault == NULL;
}

static bool read_array(struct reader *r, struct doc *array, int depth)
{
	if (depth > DEPTH_MAX)
		return fail(r, "nested too deeply");
	if (!open_container(r, ']'))
		return true;
	do {
		if (!read_value(r, (struct place){array, NULL}, depth))
			return false;
	} while (next_value(r, ']'));
	return r->fault == NULL;
}

const struct err *doc_parse(struct arena *arena, const char *json, size_t len, struct doc **out)
{
	return doc_parse_within(arena, json, len, SIZE_MAX, out);
}

const struct err *doc_parse_within(struct arena *arena, const char *json, size_t len, size_t room,
    struct doc **out)
{
	struct reader r = {.start = json != NULL ? json : "", .room = room};

	r.at = r.start;
	r.end = r.start + len;
	r.name = buf_new(arena, len);
	r.text = buf_new(arena, len);
	*out = NULL;
	if (peek(&r) == '{') {
		*out = doc_object(arena);
		read_object(&r, *out, 1);
	} else if (peek(&r) == '[') {
		*out = doc_array(arena);
		read_array(&r, *out, 1);
	} else {
		fail(&r, "an object or an array must stand here");
	}
	if (r.fault == NULL && (peek(&r) != '\0' || r.at != r.end))
		fail(&r, "something follows the end");
	if (r.fault == NULL)
		return NULL;
	*out = NULL;
	return err_new(arena, ERR_INVALID, "This is not valid JSON: %s, at byte %zu.", r.fault,
	    (size_t)(r.at - r.start));
}
