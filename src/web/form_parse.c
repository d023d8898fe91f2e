/* form_parse.c: a form or query as it comes over the wire, as an object of texts. */
#include "web/frame.h"

#include <string.h>

#include "base/text.h"

#define PAIRS_MAX 500

/* A value joins those that came before under its name. */
static void pair_add(struct arena *arena, struct doc *object, const char *name, const char *value)
{
	struct doc *before = doc_get(object, name);
	struct doc *list;

	if (before == NULL) {
		doc_set_text(object, name, value);
		return;
	}
	if (doc_type(before) == DOC_ARRAY) {
		doc_push_text(before, value);
		return;
	}
	list = doc_array(arena);
	doc_push_text(list, doc_scalar(before));
	doc_push_text(list, value);
	doc_set(object, name, list);
}

static const struct err *pair_parse(struct arena *arena, char *pair, struct doc *object)
{
	char *equals = strchr(pair, '=');
	char *value = equals == NULL ? arena_strdup(arena, "") : equals + 1;
	size_t name_len;
	size_t value_len;
	struct err_field *field;
	struct err *err;

	if (equals != NULL)
		*equals = '\0';
	if (!text_url_decode(pair, &name_len, true) || name_len == 0 || name_len > 64 ||
	    !text_is_clean(pair, name_len))
		return err_new(arena, ERR_INVALID, "The name of a field cannot be read.");
	if (text_url_decode(value, &value_len, true) && text_is_clean(value, value_len)) {
		pair_add(arena, object, pair, value);
		return NULL;
	}
	field = arena_alloc(arena, sizeof(*field));
	field->name = pair;
	field->sentence = "The text is not valid UTF-8 or has control characters.";
	err = arena_alloc(arena, sizeof(*err));
	*err = (struct err){.kind = ERR_INVALID, .fields = field,
	    .sentence = arena_printf(arena, "The field \"%s\" cannot be read.", pair)};
	return err;
}

const struct err *form_parse(struct arena *arena, const char *text, size_t len, struct doc **out)
{
	char *rest = arena_strndup(arena, text, len);
	size_t pairs = 0;

	*out = doc_object(arena);
	if (strlen(rest) != len)
		return err_new(arena, ERR_INVALID, "The form holds a NUL byte.");
	while (rest != NULL && *rest != '\0') {
		char *pair = strsep(&rest, "&");
		const struct err *err;

		if (*pair == '\0')
			continue;
		if (++pairs > PAIRS_MAX)
			return err_new(arena, ERR_INVALID, "More than %d fields were sent.",
			    PAIRS_MAX);
		err = pair_parse(arena, pair, *out);
		if (err != NULL)
			return err;
	}
	return NULL;
}
