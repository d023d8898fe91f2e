/* injection.h: a prompt as a TypeScript module that evaluates to exactly its bytes, and back. */
#ifndef BASE_INJECTION_H
#define BASE_INJECTION_H

#include "base/buf.h"

#define INJECTION_PROMPT_MAX (1u << 20) /* bytes of a prompt that is read out of a module */

/* Appends the module. Both are valid UTF-8; title is a line for the comment on top. */
void injection_write(struct buf *out, const char *title, const char *prompt);

/* The prompt that a module exports, without running it: that is certain only of one made of
 * constants whose values are literals. Of several exported texts it is that of "prompt",
 * "systemPrompt", "promptContent", "injection", "...Prompt", "content" or the default, in whatever
 * letters, also as a member of an exported object. NULL, and *fault a sentence with the
 * line, when it cannot be told; the prompt lives in the arena and is valid UTF-8 without NUL. */
const char *injection_read(struct arena *arena, const char *source, size_t len,
    const char **fault) MUST_CHECK;

#endif
