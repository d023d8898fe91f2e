/* injection.h: a prompt as a TypeScript module that evaluates to exactly its bytes. */
#ifndef BASE_INJECTION_H
#define BASE_INJECTION_H

#include "base/buf.h"

/* Appends the module. Both are valid UTF-8; title is a line for the comment on top. */
void injection_write(struct buf *out, const char *title, const char *prompt);

#endif
