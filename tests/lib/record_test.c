/* record_test.c: records of CSV and JSON Lines, what is refused, and where it stands. */
#include "suite.h"

#include <string.h>

#include "base/buf.h"
#include "base/record.h"

static struct arena *arena;

static void set_up(void)
{
	arena = arena_new();
}

static void tear_down(void)
{
	arena_free(arena);
}

/* "1[a|b]3[c]" and the fault, if any, with its line. */
static const char *read_all(const char *text, size_t len, enum record_form form)
{
	struct buf *out = buf_new(arena, 1u << 20);
	FILE *file = fmemopen((void *)text, len, "r");
	struct record_reader *reader = record_reader_new(arena, file);
	struct record record;
	const char *fault;

	while (record_next(reader, form, &record, &fault)) {
		buf_printf(out, "%zu[", record.line);
		for (size_t i = 0; i < record.count; i++)
			buf_printf(out, "%s%s", i > 0 ? "|" : "", record.fields[i]);
		buf_text(out, "]");
	}
	if (fault != NULL)
		buf_printf(out, "%zu: %s", record.line, fault);
	fclose(file);
	return out->data;
}

static void ck_read(enum record_form form, const char *text, const char *wanted)
{
	ck_assert_str_eq(read_all(text, strlen(text), form), wanted);
}

START_TEST(csv_has_quotes_and_either_end_of_line)
{
	ck_read(RECORD_CSV, "a,b\r\nc,d\r\n", "1[a|b]2[c|d]");
	ck_read(RECORD_CSV, "\xef\xbb\xbf" "a,b\nc", "1[a|b]2[c]");
	ck_read(RECORD_CSV, "\"a,\"\"b\"\"\",\"\",c\n", "1[a,\"b\"||c]");
	ck_read(RECORD_CSV, "\"a\r\nb\n\",c\nd\n", "1[a\r\nb\n|c]4[d]");
	ck_read(RECORD_CSV, "\n\r\na,\n,b\n\n", "3[a|]4[|b]");
	ck_read(RECORD_CSV, "a\r", "1[a]");
	ck_read(RECORD_CSV, "\"a\"", "1[a]");
}
END_TEST

START_TEST(csv_faults_are_placed)
{
	ck_read(RECORD_CSV, "a\nb\"c\n", "1[a]2: A quote stands inside a field that is not quoted.");
	ck_read(RECORD_CSV, "a\n\"b\"c\n", "1[a]2: Something follows the closing quote of a field.");
	ck_read(RECORD_CSV, "a\nb,\"c\n\nd", "1[a]2: A quoted field does not end.");
	ck_read(RECORD_CSV, "a\rb\n", "1: A carriage return stands inside the line.");
	ck_assert_str_eq(read_all("a\0b\n", 4, RECORD_CSV), "1: The line holds a NUL byte.");
}
END_TEST

START_TEST(json_lines_are_lines)
{
	ck_read(RECORD_JSONL, "\xef\xbb\xbf{\"a\": \"b,c\"}\r\n\n{}", "1[{\"a\": \"b,c\"}]3[{}]");
	ck_read(RECORD_JSONL, "", "");
	ck_assert_str_eq(read_all("{}\n\0{}", 6, RECORD_JSONL), "1[{}]2: The line holds a NUL byte.");
}
END_TEST

START_TEST(records_have_their_greatest_size)
{
	static char text[3 * RECORD_BYTES_MAX];

	memset(text, 'x', sizeof(text));
	text[RECORD_BYTES_MAX - 1] = '\n';
	ck_assert_uint_eq(strlen(read_all(text, RECORD_BYTES_MAX, RECORD_CSV)),
	    RECORD_BYTES_MAX - 1 + strlen("1[]"));
	text[RECORD_BYTES_MAX - 1] = 'x';
	ck_assert_str_eq(read_all(text, sizeof(text), RECORD_CSV),
	    "1: The line is longer than 64 KiB.");
	ck_assert_str_eq(read_all(text, sizeof(text), RECORD_JSONL),
	    "1: The line is longer than 64 KiB.");
	text[0] = '"';
	ck_assert_str_eq(read_all(text, sizeof(text), RECORD_CSV),
	    "1: The line is longer than 64 KiB.");
	memset(text, ',', RECORD_FIELDS_MAX);
	ck_assert_str_eq(read_all(text, RECORD_FIELDS_MAX, RECORD_CSV),
	    "1: The line has more than 64 fields.");
}
END_TEST

/* A record that lies across the pieces in which the file is read. */
START_TEST(chunks_do_not_show)
{
	struct buf *text = buf_new(arena, 1u << 20);
	struct buf *wanted = buf_new(arena, 1u << 20);

	for (int i = 1; i <= 20000; i++) {
		buf_printf(text, "\"%d\"\"\",%d\r\n", i, 7 * i);
		buf_printf(wanted, "%d[%d\"|%d]", i, i, 7 * i);
	}
	ck_assert_str_eq(read_all(text->data, text->len, RECORD_CSV), wanted->data);
}
END_TEST

START_TEST(the_first_character_tells_the_form)
{
	static const struct {
		const char *text;
		enum record_form form;
	} rows[] = {{"{\"a\":1}\n", RECORD_JSONL}, {"\xef\xbb\xbf\r\n {}", RECORD_JSONL},
	    {"model,operation\n", RECORD_CSV}, {"\"{\",b", RECORD_CSV}, {"\n", RECORD_CSV}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		FILE *file = fmemopen((void *)rows[i].text, strlen(rows[i].text), "r");

		ck_assert_int_eq(record_form_guess(record_reader_new(arena, file)), rows[i].form);
		fclose(file);
	}
}
END_TEST

int main(void)
{
	const TTest *tests[] = {csv_has_quotes_and_either_end_of_line, csv_faults_are_placed,
	    json_lines_are_lines, records_have_their_greatest_size, chunks_do_not_show,
	    the_first_character_tells_the_form};

	return suite_run_between(set_up, tear_down, "record", tests,
	    sizeof(tests) / sizeof(tests[0]));
}
