/* injection.c: writes injection.ts: a string literal that is safe whatever the prompt contains. */
#include "base/injection.h"

#include <string.h>

#include "base/text.h"

/* Escapes what would end the literal, a line of it, or an HTML script element around it. */
static void write_code(struct buf *out, uint32_t code, const char *bytes, size_t len)
{
	if (code == '\n')
		buf_text(out, "\\n");
	else if (code == '"' || code == '\\')
		buf_printf(out, "\\%c", (char)code);
	else if (code < 0x20 || code == '<' || (code >= 0x7f && code < 0xa0) || code == 0x2028
	    || code == 0x2029 || code == 0xfeff)
		buf_printf(out, "\\u%04x", (unsigned)code);
	else
		buf_add(out, bytes, len);
}

static void write_literal(struct buf *out, const char *text, size_t len)
{
	uint32_t code;
	buf_char(out, '"');
	while (len > 0) {
		size_t size = text_utf8_next(text, len, &code);
		if (size == 0)
			break;
		write_code(out, code, text, size);
		text += size;
		len -= size;
	}
	buf_char(out, '"');
}

/* A comment ends at its line: the title keeps no control characters and no line ends of Unicode. */
static void write_comment(struct buf *out, const char *title)
{
	size_t len = strlen(title), size;
	uint32_t code;
	buf_text(out, "// ");
	for (; (size = text_utf8_next(title, len, &code)) > 0; title += size, len -= size) {
		if (code < 0x20 || code == 0x2028 || code == 0x2029)
			buf_char(out, ' ');
		else
			buf_add(out, title, size);
	}
	buf_char(out, '\n');
}

void injection_write(struct buf *out, const char *title, const char *prompt)
{
	write_comment(out, title);
	buf_text(out, "export const prompt: string =\n  ");
	write_literal(out, prompt, strlen(prompt));
	buf_text(out, ";\n\nexport default prompt;\n");
}
