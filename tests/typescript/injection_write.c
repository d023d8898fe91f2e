/* injection_write.c: writes injection files for prompts that stand on standard input.
 *
 *	injection_write FOLDER
 *
 * Each prompt is its length in decimal, a line end, its bytes; FOLDER/N.ts becomes the file of the
 * N-th one, from 0. Bytes that are no text to PostgreSQL, a NUL or invalid UTF-8, end the program
 * with status 2: no prompt has them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/injection.h"
#include "base/text.h"

#define PROMPT_MAX (4u << 20)
#define FILE_MAX (32u << 20)
/* Nothing of a title may end its comment. */
#define TITLE "title */ \n\r\x01\xe2\x80\xa8 throw 1;\xe2\x80\xa9 throw 2; `${x}`"

static bool is_text(const char *prompt, size_t len)
{
	uint32_t code = 1;
	while (len > 0 && code != 0) {
		size_t size = text_utf8_next(prompt, len, &code);
		if (size == 0)
			return false;
		prompt += size;
		len -= size;
	}
	return code != 0;
}

static bool file_write(struct arena *arena, const char *folder, size_t number,
    const struct buf *content)
{
	FILE *file = fopen(arena_printf(arena, "%s/%zu.ts", folder, number), "we");
	bool is_good = file && fwrite(content->data, 1, content->len, file) == content->len;
	return file && fclose(file) == 0 && is_good && !content->failed;
}

int main(int argc, char **argv)
{
	size_t len;
	for (size_t number = 0; argc == 2 && scanf("%zu", &len) == 1; number++) {
		struct arena *arena = arena_new();
		char *prompt = arena_alloc(arena, len <= PROMPT_MAX ? len + 1 : 1);
		struct buf *content = buf_new(arena, FILE_MAX);
		if (len > PROMPT_MAX || getchar() != '\n' || fread(prompt, 1, len, stdin) != len)
			return 1;
		if (!is_text(prompt, len))
			return 2;
		injection_write(content, TITLE, prompt);
		if (!file_write(arena, argv[1], number, content))
			return 1;
		arena_free(arena);
	}
	return argc == 2 ? 0 : 1;
}
