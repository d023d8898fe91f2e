/* text.h: checks and conversions of text that came from outside. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/buf.h"

/* Bytes of the code point that starts at text, 1 to 4; 0: not valid UTF-8 within len bytes. */
size_t text_utf8_next(const char *text, size_t len, uint32_t *code);
/* Bytes of the text until what is not valid UTF-8, or a NUL; len: all of it is good. */
size_t text_utf8_good(const char *text, size_t len);
/* Valid UTF-8 without NUL and without control characters but TAB, LF and CR. */
bool text_is_clean(const char *text, size_t len);
/* Code points in valid UTF-8. */
size_t text_length(const char *text);
/* Longest prefix of at most max code points; "..." is added when something was cut. */
const char *text_cut(struct arena *arena, const char *text, size_t max);
/* Text without white space at both ends. */
const char *text_trim(struct arena *arena, const char *text);
/* The whole text as a decimal integer within [min, max]; no sign but '-', no spaces. */
bool text_to_int(const char *text, int64_t min, int64_t max, int64_t *out);
bool text_equal(const char *a, const char *b); /* both may be NULL: NULL equals NULL only */
bool text_starts_with(const char *text, const char *prefix);
/* Compares secrets of equal length without a timing difference. */
bool text_equal_secret(const char *a, const char *b);
/* The text as a file's name: all but letters, digits, '.', '_' and '-' becomes '-', and so does a
 * '.' at its start. */
const char *text_file_name(struct arena *arena, const char *text);
bool text_is_uuid(const char *text);
/* A day of the calendar, "2026-11-22". */
bool text_is_day(const char *text);
/* An instant of RFC 3339 with its offset, "2026-11-22T10:30:00.5+01:00". */
bool text_is_instant(const char *text);
/* A slug: 1-64 of a-z 0-9 '-' '_', first a letter or digit. */
bool text_is_slug(const char *text);
/* Percent-encodes all but RFC 3986 unreserved characters. */
void text_url_encode(struct buf *buf, const char *text);
/* Decodes %XX and, for forms, '+', in place. false: bad escape or %00. *len gets the decoded
 * length. */
bool text_url_decode(char *text, size_t *len, bool form);
/* Decodes base64 of RFC 4648 with its padding; the bytes have a NUL behind them. */
bool text_base64_decode(struct arena *arena, const char *text, char **out, size_t *len);
/* Lower-case hexadecimal SHA-256 of the bytes, 64 characters. */
const char *text_sha256(struct arena *arena, const void *bytes, size_t len);
/* The same of HMAC-SHA256 of a text under a key. */
const char *text_hmac_sha256(struct arena *arena, const char *key, const char *text);

#endif
