/* injection_test.c: the literal of injection.ts reads back as exactly the prompt's bytes. */
#include "suite.h"

#include <string.h>

#include "base/doc.h"
#include "base/injection.h"
#include "base/text.h"

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
	const char *fault;
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
	ck_assert_str_eq(injection_read(arena, out->data, out->len, &fault), prompt);
	ck_assert_ptr_null(fault);
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

static const char *fault;

static const char *read_back(const char *source)
{
	return injection_read(arena, source, strlen(source), &fault);
}

/* What node makes of the same modules is the same. */
START_TEST(modules_of_constants_are_read)
{
	static const struct {
		const char *source, *prompt;
	} cases[] = {
		{"export const prompt = 'a';", "a"},
		{"\xEF\xBB\xBF// c\nexport const prompt: string = \"a\" /* x */ + 'b'\n", "ab"},
		{"export const SYSTEM_PROMPT = `a\r\nb\rc\\\nd`;", "a\nb\ncd"},
		{"const p = `x`;\nexport default p;", "x"},
		{"const p = `x`\nexport { p as prompt }\n", "x"},
		{"import type { A } from './a'\nconst t = 'T'\n"
		    "export const miaPrompt: Readonly<A> = (t + \"!\").trim() as const;", "T!"},
		{"export default { version: 3, model: 'm', prompt: `p`, tags: ['a', \"b\"] }", "p"},
		{"const prompt = 'out'; const o = { prompt: 'in' };\nexport default prompt;", "out"},
		{"export const prompt = '\\x41\\u00e9\\u{1F600}\\uD83D\\uDE00\\q\\`';",
		    "A\xC3\xA9\xF0\x9F\x98\x80\xF0\x9F\x98\x80q`"},
		{"export const prompt = `$ {a} \\${b} \xE2\x80\xA8`.trim();", "$ {a} ${b}"},
		{"'use strict';\nexport const title = 't', x = 1;", NULL},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *prompt = read_back(cases[i].source);

		ck_assert_msg((prompt == NULL) == (cases[i].prompt == NULL), "%s: %s",
		    cases[i].source, fault);
		ck_assert((prompt == NULL) == (fault != NULL));
		if (prompt != NULL)
			ck_assert_str_eq(prompt, cases[i].prompt);
	}
}
END_TEST

/* What only running would tell is refused, and so is what is no text. */
START_TEST(everything_else_is_refused)
{
	static const char *const sources[] = {
		"", "export const prompt = `a ${b}`;", "export const prompt = 'a' + f();",
		"export let prompt = 'a';", "export const prompt = 'a'.toUpperCase();",
		"export const prompt = 'a'\n.concat('b');", "export const prompt = 'a'\n`b`;",
		"export const prompt = 'a' in b;", "export const prompt = 'a' /* \n*/ in b;",
		"export const prompt = 'a\nb';", "export const prompt = 'a", "/* a",
		"export const prompt = '\\uD83D';", "export const prompt = '\\0';",
		"export const prompt = '\\07';", "export const prompt = '\\u{110000}';",
		"export const prompt = '\xff';", "export const prompt = f`a`;",
		"export const prompt = 'a'; prompt = 'b';", "export const prompt = 'a' ? 'b' : 'c';",
		"export const prompt = 'a', b = 'c';", "export const prompt = 1 + 'a';",
		"export const version = 'v3';", "export default { ...x, prompt: 'a' };",
		"export default { prompt() { return 'a' } };", "export default () => 'a';",
		"export const aPrompt = 'a'; export const bPrompt = 'b';",
		"export const prompt = [[[[[[[[[[[[[[[[[[[[[[[[[[[['a']]]]]]]]]]]]]]]]]]]]]]]]]]]];",
		"const c = { prompt: 'a' }, d = 'x'; export { c, d };",
		"const a = { prompt: 'x' };\nexport default a;",
	};

	for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
		ck_assert_msg(read_back(sources[i]) == NULL, "%s", sources[i]);
		ck_assert_msg(fault != NULL && strlen(fault) > 10, "%s", sources[i]);
	}
	ck_assert_ptr_null(injection_read(arena, "export const prompt = 'a\0b';", 29, &fault));
	(void)read_back("const a = 'b';\n\nlet c");
	ck_assert_msg(text_starts_with(fault, "line 3: "), "%s", fault);
}
END_TEST

/* Constants that double each other stay within a bound. */
START_TEST(texts_do_not_explode)
{
	struct buf *source = buf_new(arena, 1 << 20);

	buf_text(source, "const a0 = '0123456789abcdef';\n");
	for (int i = 1; i < 64; i++)
		buf_printf(source, "const a%d = a%d + a%d;\n", i, i - 1, i - 1);
	ck_assert_ptr_null(read_back(source->data));
	ck_assert_ptr_nonnull(strstr(fault, "too long"));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {prompts_come_back, every_code_point_below_3000,
		line_separators_are_escaped, title_stays_in_its_line,
		modules_of_constants_are_read, everything_else_is_refused, texts_do_not_explode};
	return suite_run_between(setup, teardown, "injection", tests, ARRAY_LEN(tests));
}
