/* diff.c: the difference of two strangers' texts leads from one to the other. The bytes are the old
 * text, a byte 0xff, the new text. */
#include "diff_check.h"

FUZZ(diff)
{
	const char *old = (const char *)data;
	const uint8_t *end = size > 0 ? memchr(data, 0xff, size) : NULL;
	size_t old_len = end ? (size_t)(end - data) : size;
	const char *new = end ? (const char *)end + 1 : old + size;
	size_t new_len = end ? size - old_len - 1 : 0;
	bool is_coarse;

	(void)diff_check(old, old_len, new, new_len, &is_coarse);
	diff_check_words(old, old_len, new, new_len);
	return 0;
}
