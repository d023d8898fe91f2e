/* csv.c: cells of CSV: quoted, and safe from being run as formulas. */
#include "web/csv.h"

#include <string.h>

#include "base/text.h"

/* What a spreadsheet begins to calculate at, also in its full-width form. */
static bool is_formula(const char *text)
{
	static const char *const wide[] = {"\uff1d", "\uff0b", "\uff0d", "\uff20"};

	if (*text != '\0' && strchr("=+-@\t\r\n", *text))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(wide) && *text == *wide[i]; i++)
		if (text_starts_with(text, wide[i]))
			return true;
	return false;
}

static bool is_number(const char *text)
{
	return *text != '\0' && text[strspn(text, "-.0123456789")] == '\0';
}

void csv_cell(struct buf *out, const char *text, bool is_numeric)
{
	size_t len;

	if (text && is_numeric && is_number(text)) {
		buf_text(out, text);
	} else if (text) {
		buf_text(out, is_formula(text) ? "\"'" : "\"");
		for (; *text != '\0'; text += len) {
			len = strcspn(text, "\"");
			buf_add(out, text, len);
			if (text[len] == '"') {
				buf_text(out, "\"\"");
				len++;
			}
		}
		buf_char(out, '"');
	}
	buf_char(out, ',');
}

/* The comma after the last cell makes room. */
void csv_end(struct buf *out)
{
	if (!out->failed)
		out->data[out->len - 1] = '\r';
	buf_char(out, '\n');
}
