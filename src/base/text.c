/* text.c: checks and conversions of text that came from outside. */
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "base/log.h"

#define BASE64_MAX 65536

size_t text_utf8_next(const char *text, size_t len, uint32_t *code)
{
	/* The smallest code point of each length: anything less is an overlong form. */
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *bytes = (const unsigned char *)text;
	size_t size;

	if (len == 0)
		return 0;
	size = bytes[0] < 0x80 ? 1 : bytes[0] < 0xc0 ? 0 : bytes[0] < 0xe0 ? 2 :
	    bytes[0] < 0xf0 ? 3 : bytes[0] < 0xf8 ? 4 : 0;
	if (size == 0 || size > len)
		return 0;
	*code = size == 1 ? bytes[0] : bytes[0] & (0xffu >> (size + 1));
	for (size_t i = 1; i < size; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (bytes[i] & 0x3f);
	}
	if (*code < smallest[size] || *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff))
		return 0;
	return size;
}

size_t text_utf8_good(const char *text, size_t len)
{
	uint32_t code = 0;
	size_t good = 0, size;

	while ((size = text_utf8_next(text + good, len - good, &code)) > 0 && code != 0)
		good += size;
	return good;
}

bool text_is_clean(const char *text, size_t len)
{
	uint32_t code = 0;
	size_t size;

	for (; len > 0; text += size, len -= size) {
		size = text_utf8_next(text, len, &code);
		if (size == 0 || (code >= 0x7f && code < 0xa0))
			return false;
		if (code < 0x20 && code != '\t' && code != '\n' && code != '\r')
			return false;
	}
	return true;
}

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

size_t text_length(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += !is_continuation(*text);
	return count;
}

const char *text_cut(struct arena *arena, const char *text, size_t max)
{
	const char *end = text;

	for (; *end != '\0'; end++) {
		if (!is_continuation(*end) && max-- == 0)
			return arena_printf(arena, "%.*s...", (int)(end - text), text);
	}
	return arena_strdup(arena, text);
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

const char *text_trim(struct arena *arena, const char *text)
{
	size_t len;

	while (is_space(*text))
		text++;
	len = strlen(text);
	while (len > 0 && is_space(text[len - 1]))
		len--;
	return arena_strndup(arena, text, len);
}

bool text_to_int(const char *text, int64_t min, int64_t max, int64_t *out)
{
	bool negative = text != NULL && text[0] == '-';
	int64_t value = 0;

	if (text == NULL || text[negative] == '\0')
		return false;
	for (text += negative; *text != '\0'; text++) {
		int digit = *text - '0';

		if (digit < 0 || digit > 9 || __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, negative ? -digit : digit, &value))
			return false;
	}
	if (value < min || value > max)
		return false;
	*out = value;
	return true;
}

bool text_equal(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool text_starts_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool text_equal_secret(const char *a, const char *b)
{
	size_t len;

	if (a == NULL || b == NULL)
		return false;
	len = strlen(a);
	return strlen(b) == len && CRYPTO_memcmp(a, b, len) == 0;
}

/* The value of a hexadecimal digit, -1 for anything else. */
static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

const char *text_file_name(struct arena *arena, const char *text)
{
	static const char allowed[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	char *name = arena_strdup(arena, text);

	for (char *c = name; *c != '\0'; c++)
		if (!strchr(allowed, *c))
			*c = '-';
	if (name[0] == '.')
		name[0] = '-';
	return name;
}

bool text_is_uuid(const char *text)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	if (text == NULL || strlen(text) != sizeof(form) - 1)
		return false;
	for (size_t i = 0; form[i] != '\0'; i++) {
		if (form[i] == '-' ? text[i] != '-' : hex_value(text[i]) < 0)
			return false;
	}
	return true;
}

#define FRACTION_DIGITS_MAX 12

/* Whether text begins like form, in which 0 stands for a digit and T also for t. */
static bool has_form(const char *text, const char *form)
{
	for (; *form != '\0'; form++, text++) {
		if (*form == '0' ? *text < '0' || *text > '9' :
		    *text != *form && !(*form == 'T' && *text == 't'))
			return false;
	}
	return true;
}

/* The number of the first two digits. */
static int two_digits(const char *text)
{
	return (text[0] - '0') * 10 + text[1] - '0';
}

static bool begins_with_date(const char *text)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year, month, day;
	bool is_leap;

	if (!has_form(text, "0000-00-00"))
		return false;
	year = two_digits(text) * 100 + two_digits(text + 2);
	month = two_digits(text + 5);
	day = two_digits(text + 8);
	is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return year > 0 && month >= 1 && month <= 12 && day >= 1 &&
	    day <= days[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

bool text_is_day(const char *text)
{
	return begins_with_date(text) && text[10] == '\0';
}

bool text_is_instant(const char *text)
{
	if (!begins_with_date(text) || !has_form(text + 10, "T00:00:00"))
		return false;
	if (two_digits(text + 11) > 23 || two_digits(text + 14) > 59 || two_digits(text + 17) > 59)
		return false;
	text += 19;
	if (has_form(text, ".0")) {
		size_t digits = strspn(text + 1, "0123456789");

		if (digits > FRACTION_DIGITS_MAX)
			return false;
		text += 1 + digits;
	}
	if (*text == 'Z' || *text == 'z')
		return text[1] == '\0';
	return (has_form(text, "+00:00") || has_form(text, "-00:00")) && text[6] == '\0' &&
	    two_digits(text + 1) <= 14 && two_digits(text + 4) <= 59;
}

static bool is_lower_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool text_is_slug(const char *text)
{
	size_t len = 0;

	if (text == NULL || !is_lower_or_digit(text[0]))
		return false;
	while (is_lower_or_digit(text[len]) || text[len] == '-' || text[len] == '_')
		len++;
	return text[len] == '\0' && len <= 64;
}

static bool is_unreserved(char c)
{
	return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') ||
	    (c != '\0' && strchr("-._~", c) != NULL);
}

void text_url_encode(struct buf *buf, const char *text)
{
	for (; *text != '\0'; text++) {
		if (is_unreserved(*text))
			buf_char(buf, *text);
		else
			buf_printf(buf, "%%%02X", (unsigned char)*text);
	}
}

bool text_url_decode(char *text, size_t *len, bool form)
{
	char *to = text;

	for (const char *from = text; *from != '\0'; from++) {
		char c = *from;

		if (c == '%') {
			int high = hex_value(from[1]);
			int low = high < 0 ? -1 : hex_value(from[2]);

			if (low < 0 || high + low == 0)
				return false;
			c = (char)(high << 4 | low);
			from += 2;
		} else if (c == '+' && form) {
			c = ' ';
		}
		*to++ = c;
	}
	*to = '\0';
	*len = (size_t)(to - text);
	return true;
}

static const char *hex_of(struct arena *arena, const unsigned char hash[SHA256_DIGEST_LENGTH])
{
	char *hex = arena_alloc(arena, 2 * SHA256_DIGEST_LENGTH + 1);

	for (size_t i = 0; i < SHA256_DIGEST_LENGTH; i++) {
		hex[2 * i] = "0123456789abcdef"[hash[i] >> 4];
		hex[2 * i + 1] = "0123456789abcdef"[hash[i] & 15];
	}
	return hex;
}

/* The library found no algorithm: hashes are keys and passwords, and a wrong one is none. */
NORETURN static void hash_failed(void)
{
	log_error("the cryptographic library cannot hash");
	abort();
}

bool text_base64_decode(struct arena *arena, const char *text, char **out, size_t *len)
{
	size_t size = strlen(text), padding = 0;
	int got;

	while (padding < 2 && padding < size && text[size - 1 - padding] == '=')
		padding++;
	/* The library would go over white space, and take '=' anywhere. */
	if (size == 0 || size % 4 != 0 || size > BASE64_MAX ||
	    strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") !=
	    size - padding)
		return false;
	*out = arena_alloc(arena, size / 4 * 3 + 1);
	got = EVP_DecodeBlock((unsigned char *)*out, (const unsigned char *)text, (int)size);
	if (got < 0)
		return false;
	*len = (size_t)got - padding;
	(*out)[*len] = '\0';
	return true;
}

const char *text_sha256(struct arena *arena, const void *bytes, size_t len)
{
	unsigned char hash[SHA256_DIGEST_LENGTH];

	if (SHA256(bytes, len, hash) == NULL)
		hash_failed();
	return hex_of(arena, hash);
}

const char *text_hmac_sha256(struct arena *arena, const char *key, const char *text)
{
	unsigned char hash[SHA256_DIGEST_LENGTH];

	if (HMAC(EVP_sha256(), key, (int)strlen(key), (const unsigned char *)text, strlen(text),
	    hash, NULL) == NULL)
		hash_failed();
	return hex_of(arena, hash);
}
