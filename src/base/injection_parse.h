/* injection_parse.h: the words and literals of a TypeScript module, one after the other. */
#ifndef BASE_INJECTION_PARSE_H
#define BASE_INJECTION_PARSE_H

#include "base/injection.h"

struct module {
	struct arena *arena;
	const char *start, *at, *end; /* of the source, valid UTF-8 with a NUL behind it */
	const char *fault;            /* the first one; NULL: none so far */
	size_t room;                  /* bytes that all texts together may still have */
};

/* Notes what is wrong here; always false. */
bool module_fail(struct module *module, const char *sentence);
/* Goes over white space and comments; whether a line ended in between. */
bool module_space(struct module *module);
/* Takes this sign, or word, with what separates it from the next one; false: something else is
 * there, and nothing was taken. */
bool module_sign(struct module *module, char sign);
bool module_word(struct module *module, const char *word);
/* Takes a name, or NULL. */
const char *module_name(struct module *module);
/* Whether a text begins here. */
bool module_is_text(const struct module *module);
/* Appends the text of the literal that begins here. */
bool module_text(struct module *module, struct buf *out);
/* The text without JavaScript's white space at both ends. */
const char *module_trim(struct arena *arena, const char *text);

#endif
