/* log_test.c: lines as they arrive on stderr; nothing in a value can forge another line. */
#include "suite.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

static char lines[16384];

/* stderr goes into a nameless file until lines_read. */
static void stderr_catch(void)
{
	FILE *file = tmpfile();

	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(dup2(fileno(file), STDERR_FILENO), 0);
	fclose(file);
}

static void level_open(void)
{
	log_open("promptbuilder-test", LOG_LEVEL_INFO);
}

static void lines_read(void)
{
	ssize_t len = pread(STDERR_FILENO, lines, sizeof(lines) - 1, 0);

	ck_assert_int_ge(len, 0);
	lines[len] = '\0';
}

START_TEST(a_line_has_all_keys)
{
	char pid[32];

	stderr_catch();
	log_info("started", "port", "8080", "path", "/a b");
	lines_read();
	snprintf(pid, sizeof(pid), " pid=%d ", (int)getpid());
	ck_assert_int_eq(strncmp(lines, "ts=20", 5), 0);
	ck_assert_str_eq(strchr(lines, 'Z'), strstr(lines, "Z level=info prog=promptbuilder-test"));
	ck_assert_ptr_nonnull(strstr(lines, pid));
	ck_assert_ptr_nonnull(strstr(lines, " msg=started port=8080 path=\"/a b\"\n"));
}
END_TEST

START_TEST(values_are_escaped)
{
	stderr_catch();
	log_warn("two words", "quote", "a\"b\\c", "lines", "a\nts=forged\r\t", "esc",
	    "\x1b[31m\x7f\xc2\x9b", "bytes", "\xff\xc3", "fine", "Gr\u00fc\u00dfe", "empty", "");
	lines_read();
	ck_assert_ptr_nonnull(strstr(lines, "level=warn"));
	ck_assert_ptr_nonnull(strstr(lines, " msg=\"two words\" quote=\"a\\\"b\\\\c\" "));
	ck_assert_ptr_nonnull(strstr(lines, " lines=\"a\\nts=forged\\u000d\\u0009\" "));
	ck_assert_ptr_nonnull(strstr(lines, " esc=\"\\u001b[31m\\u007f\\u009b\" "));
	ck_assert_ptr_nonnull(
	    strstr(lines, " bytes=\"\\xff\\xc3\" fine=Gr\u00fc\u00dfe empty=\"\"\n"));
	ck_assert_ptr_eq(strchr(lines, '\n'), lines + strlen(lines) - 1);
}
END_TEST

START_TEST(lower_levels_are_silent)
{
	stderr_catch();
	log_open("promptbuilder-test", LOG_LEVEL_WARN);
	log_debug("no");
	log_info("no");
	log_warn("yes");
	log_error("yes");
	lines_read();
	ck_assert_ptr_null(strstr(lines, "no"));
	ck_assert_ptr_nonnull(strstr(lines, "level=warn"));
	ck_assert_ptr_nonnull(strstr(lines, "level=error"));
}
END_TEST

START_TEST(long_lines_are_cut_and_closed)
{
	static char longest[10000];

	for (size_t i = 0; i + 1 < sizeof(longest); i++)
		longest[i] = i % 3 == 0 ? '\n' : 'x';
	stderr_catch();
	log_info("long", "value", longest, "after", "gone");
	log_info("next");
	lines_read();
	ck_assert_int_le(strchr(lines, '\n') - lines, 4096);
	ck_assert_int_eq(strncmp(strchr(lines, '\n') - 1, "\"\nts=", 5), 0);
	ck_assert_ptr_null(strstr(lines, "gone"));
	ck_assert_ptr_nonnull(strstr(lines, "msg=next\n"));
}
END_TEST

START_TEST(a_missing_value_ends_the_line)
{
	const char *nothing = NULL;

	stderr_catch();
	log_info("event", "key", nothing);
	lines_read();
	ck_assert_ptr_nonnull(strstr(lines, " msg=event key=\"\"\n"));
}
END_TEST

START_TEST(the_journal_gets_priorities)
{
	struct stat status;
	char stream[64];

	stderr_catch();
	ck_assert_int_eq(fstat(STDERR_FILENO, &status), 0);
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)status.st_dev,
	    (uintmax_t)status.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_open("promptbuilder-test", LOG_LEVEL_DEBUG);
	log_debug("a");
	log_error("b");
	setenv("JOURNAL_STREAM", "1:1", 1);
	log_open("promptbuilder-test", LOG_LEVEL_DEBUG);
	log_info("c");
	lines_read();
	ck_assert_int_eq(strncmp(lines, "<7>ts=", 6), 0);
	ck_assert_ptr_nonnull(strstr(lines, "\n<3>ts="));
	ck_assert_ptr_nonnull(strstr(lines, "\nts="));
}
END_TEST

START_TEST(levels_have_names)
{
	enum log_level level;

	ck_assert(log_level_from_name("debug", &level));
	ck_assert_int_eq(level, LOG_LEVEL_DEBUG);
	ck_assert(log_level_from_name("error", &level));
	ck_assert_int_eq(level, LOG_LEVEL_ERROR);
	ck_assert(!log_level_from_name("INFO", &level));
	ck_assert(!log_level_from_name("", &level));
	ck_assert(!log_level_from_name(NULL, &level));
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		a_line_has_all_keys,
		values_are_escaped,
		lower_levels_are_silent,
		long_lines_are_cut_and_closed,
		a_missing_value_ends_the_line,
		the_journal_gets_priorities,
		levels_have_names,
	};

	return suite_run_between(level_open, NULL, "log", tests, ARRAY_LEN(tests));
}
