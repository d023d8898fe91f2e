/* injection_parse.c: string and template literals of ECMAScript as the bytes they stand for. */
#include "base/injection_parse.h"

#include <string.h>

#include "base/text.h"

bool module_fail(struct module *module, const char *sentence)
{
	size_t line = 1;

	for (const char *c = module->start; c < module->at; c++)
		line += *c == '\n';
	if (module->fault == NULL)
		module->fault = arena_printf(module->arena, "line %zu: %s", line, sentence);
	return false;
}

/* ---- What stands between. ---- */

static bool starts(const struct module *module, const char *text)
{
	size_t len = strlen(text);

	return (size_t)(module->end - module->at) >= len && memcmp(module->at, text, len) == 0;
}

/* The line or block comment that begins here. */
static bool comment_skip(struct module *module, bool *has_line)
{
	bool is_block = starts(module, "/*");

	if (!is_block && !starts(module, "//"))
		return false;
	module->at += 2;
	while (module->at < module->end && (is_block ? !starts(module, "*/") : *module->at != '\n'))
		*has_line |= *module->at++ == '\n';
	if (is_block && module->at == module->end)
		return module_fail(module, "A comment has no end.");
	module->at += is_block ? 2 : 0;
	return true;
}

bool module_space(struct module *module)
{
	bool has_line = false;

	while (module->at < module->end && module->fault == NULL) {
		if (strchr(" \t\r\n", *module->at) != NULL)
			has_line |= *module->at++ == '\n';
		else if (starts(module, "\xEF\xBB\xBF"))
			module->at += 3;
		else if (!comment_skip(module, &has_line))
			break;
	}
	return has_line;
}

bool module_sign(struct module *module, char sign)
{
	if (module->at == module->end || *module->at != sign)
		return false;
	module->at++;
	(void)module_space(module);
	return true;
}

static size_t name_length(const struct module *module)
{
	static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_$";
	size_t len = 0;

	while (module->at + len < module->end && module->at[len] != '\0' &&
	    (strchr(first, module->at[len]) != NULL ||
	    (len > 0 && strchr("0123456789", module->at[len]) != NULL)))
		len++;
	return len;
}

const char *module_name(struct module *module)
{
	size_t len = name_length(module);
	const char *name;

	if (len == 0)
		return NULL;
	name = arena_strndup(module->arena, module->at, len);
	module->at += len;
	(void)module_space(module);
	return name;
}

bool module_word(struct module *module, const char *word)
{
	if (name_length(module) != strlen(word) || !starts(module, word))
		return false;
	module->at += strlen(word);
	(void)module_space(module);
	return true;
}

/* ---- Literals. ---- */

static void code_add(struct buf *out, uint32_t code)
{
	if (code < 0x80) {
		buf_char(out, (char)code);
	} else if (code < 0x800) {
		buf_char(out, (char)(0xc0 | code >> 6));
		buf_char(out, (char)(0x80 | (code & 0x3f)));
	} else if (code < 0x10000) {
		buf_char(out, (char)(0xe0 | code >> 12));
		buf_char(out, (char)(0x80 | (code >> 6 & 0x3f)));
		buf_char(out, (char)(0x80 | (code & 0x3f)));
	} else {
		buf_char(out, (char)(0xf0 | code >> 18));
		buf_char(out, (char)(0x80 | (code >> 12 & 0x3f)));
		buf_char(out, (char)(0x80 | (code >> 6 & 0x3f)));
		buf_char(out, (char)(0x80 | (code & 0x3f)));
	}
}

/* least to most hexadecimal digits; the number, or UINT32_MAX. */
static uint32_t hex_take(struct module *module, size_t least, size_t most)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	uint32_t value = 0;
	size_t count = 0;

	for (; count < most && module->at < module->end; count++) {
		const char *digit = *module->at == '\0' ? NULL : strchr(digits, *module->at);

		if (digit == NULL)
			break;
		value = value << 4 | (uint32_t)((digit - digits) & 15);
		module->at++;
	}
	return count >= least ? value : UINT32_MAX;
}

/* What follows "\u": four digits, or some in braces. */
static uint32_t unicode_take(struct module *module)
{
	uint32_t code;

	if (!starts(module, "{"))
		return hex_take(module, 4, 4);
	module->at++;
	code = hex_take(module, 1, 6);
	if (!starts(module, "}"))
		return UINT32_MAX;
	module->at++;
	return code;
}

static bool number_escape(struct module *module, struct buf *out, char kind)
{
	uint32_t code = kind == 'x' ? hex_take(module, 2, 2) : unicode_take(module);

	if (code >= 0xd800 && code < 0xdc00 && starts(module, "\\u")) {
		uint32_t low;

		module->at += 2;
		low = unicode_take(module);
		if (low < 0xdc00 || low > 0xdfff)
			return module_fail(module, "Half of a surrogate pair is no text.");
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
	}
	if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return module_fail(module, "An escape stands for no character of a text.");
	code_add(out, code);
	return true;
}

/* What follows a backslash. */
static bool escape_take(struct module *module, struct buf *out)
{
	static const char names[] = "nrtbfv", values[] = "\n\r\t\b\f\v";
	char kind = *module->at;
	const char *name = kind == '\0' ? NULL : strchr(names, kind);

	if (module->at == module->end)
		return module_fail(module, "A text has no end.");
	if (starts(module, "\xE2\x80\xA8") || starts(module, "\xE2\x80\xA9")) {
		module->at += 3;
		return true;
	}
	if (kind >= '0' && kind <= '9')
		return module_fail(module, "An escape by digits is not read.");
	module->at++;
	if (kind == 'x' || kind == 'u')
		return number_escape(module, out, kind);
	if (kind == '\r' && starts(module, "\n"))
		module->at++;
	if (kind != '\n' && kind != '\r')
		buf_char(out, name != NULL ? values[name - names] : kind);
	return true;
}

/* A line end of a template counts as LF, however it is written. */
static bool plain_take(struct module *module, struct buf *out, char quote)
{
	char c = *module->at;

	if (quote != '`' && (c == '\n' || c == '\r'))
		return module_fail(module, "A text has no end on its line.");
	if (quote == '`' && starts(module, "${"))
		return module_fail(module, "The template puts a value in, which only running it "
		    "would tell.");
	module->at++;
	if (c == '\r') {
		c = '\n';
		module->at += starts(module, "\n");
	}
	buf_char(out, c);
	return true;
}

bool module_is_text(const struct module *module)
{
	return module->at < module->end && *module->at != '\0' &&
	    strchr("\"'`", *module->at) != NULL;
}

bool module_text(struct module *module, struct buf *out)
{
	char quote = *module->at++;
	size_t before = out->len;

	while (module->at < module->end && *module->at != quote && module->fault == NULL) {
		if (*module->at != '\\') {
			(void)plain_take(module, out, quote);
			continue;
		}
		module->at++;
		(void)escape_take(module, out);
	}
	if (module->fault != NULL)
		return false;
	if (module->at == module->end)
		return module_fail(module, "A text has no end.");
	if (out->failed || out->len - before > module->room)
		return module_fail(module, "The texts are too long.");
	module->room -= out->len - before;
	module->at++;
	(void)module_space(module);
	return true;
}

/* ---- White space as trim() takes it away. ---- */

static bool is_white(uint32_t code)
{
	return (code >= 0x09 && code <= 0x0d) || code == 0x20 || code == 0xa0 || code == 0x1680 ||
	    (code >= 0x2000 && code <= 0x200a) || code == 0x2028 || code == 0x2029 ||
	    code == 0x202f || code == 0x205f || code == 0x3000 || code == 0xfeff;
}

const char *module_trim(struct arena *arena, const char *text)
{
	const char *from = NULL, *to = text;
	size_t left = strlen(text), size;
	uint32_t code;

	for (; left > 0 && (size = text_utf8_next(text, left, &code)) > 0; left -= size) {
		if (!is_white(code) && from == NULL)
			from = text;
		text += size;
		if (!is_white(code))
			to = text;
	}
	return from == NULL ? "" : arena_strndup(arena, from, (size_t)(to - from));
}
