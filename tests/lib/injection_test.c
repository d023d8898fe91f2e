/* injection_test.c: the literal of injection.ts reads back as exactly the prompt's bytes. */
#include "suite.h"

#include <string.h>

#include "base/doc.h"
#include "base/text.h"
#include "base/injection.h"

static struct arena *arena;

static void setup(void)
{
	arena = arena_new();
}

static void teardown(void)
{
	arena_free(arena);
}

static const char head[] = "// title\nexport const prompt: string =\n  ";
static const char tail[] = ";\n\nexport default prompt;\n";

/* A JSON text literal is a TypeScript one, too: a JSON reader takes it back. */
static void check(const char *prompt)
{
	struct buf *out = buf_new(arena, 1 << 20), *json = buf_new(arena, 1 << 20);
	struct doc *doc = NULL;
	injection_write(out, "title", prompt);
	ck_assert(text_starts_with(out->data, head));
	ck_assert_str_eq(out->data + out->len - strlen(tail), tail);
	size_t len = out->len - strlen(head) - strlen(tail);
	const char *literal = out->data + strlen(head);
	ck_assert_ptr_null(memchr(literal, '\n', len));
	ck_assert_ptr_null(memchr(literal, '<', len));
	buf_printf(json, "[%.*s]", (int)len, literal);
	ck_assert_ptr_null(doc_parse(arena, json->data, json->len, &doc));
	ck_assert_str_eq(doc_scalar(doc_at(doc, 0)), prompt);
}

START_TEST(prompts_come_back)
{
	check("");
	check("# Role\n\nYou are \"Mia\" of `Acme` ${company}.\r\n\tC:\\path\\n");
	check("</script><!-- ' \" \\ \x7f \x01\x1f");
	check("gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\x98\x80 \xE2\x80\xA8 \xE2\x80\xA9 \xEF\xBB\xBF");
	check("*/ // ; export default 1\n");
}
END_TEST

START_TEST(every_code_point_below_3000)
{
	struct buf *prompt = buf_new(arena, 1 << 20);
	for (uint32_t code = 1; code < 0x3000; code++) {
		if (code < 0x80) {
			buf_char(prompt, (char)code);
		} else if (code < 0x800) {
			buf_char(prompt, (char)(0xC0 | code >> 6));
			buf_char(prompt, (char)(0x80 | (code & 0x3F)));
		} else {
			buf_char(prompt, (char)(0xE0 | code >> 12));
			buf_char(prompt, (char)(0x80 | (code >> 6 & 0x3F)));
			buf_char(prompt, (char)(0x80 | (code & 0x3F)));
		}
	}
	check(prompt->data);
}
END_TEST

START_TEST(line_separators_are_escaped)
{
	struct buf *out = buf_new(arena, 10000);
	injection_write(out, "title", "\xE2\x80\xA8\xE2\x80\xA9");
	ck_assert_ptr_nonnull(strstr(out->data, "\"\\u2028\\u2029\""));
}
END_TEST

START_TEST(title_stays_in_its_line)
{
	struct buf *out = buf_new(arena, 10000);
	injection_write(out, "a\nb\rc", "x");
	ck_assert(text_starts_with(out->data, "// a b c\nexport "));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {prompts_come_back, every_code_point_below_3000,
		line_separators_are_escaped, title_stays_in_its_line};
	return suite_run_between(setup, teardown, "injection", tests, ARRAY_LEN(tests));
}
