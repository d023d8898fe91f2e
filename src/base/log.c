/* log.c: builds each line in a fixed buffer, without the heap, and writes it in one go. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

#define LINE_MAX_BYTES 4096 /* PIPE_BUF: lines of several processes never mix */

static const struct {
	const char *name;
	const char *priority; /* of syslog, as journald reads it */
} levels[] = {
	[LOG_LEVEL_DEBUG] = {"debug", "<7>"},
	[LOG_LEVEL_INFO] = {"info", "<6>"},
	[LOG_LEVEL_WARN] = {"warn", "<4>"},
	[LOG_LEVEL_ERROR] = {"error", "<3>"},
};

static const char *log_program = "promptbuilder";
static enum log_level log_lowest = LOG_LEVEL_INFO;
static bool log_to_journal;

/* Two bytes at the end are kept free for a closing quote and the line feed. */
struct line {
	char text[LINE_MAX_BYTES];
	size_t len;
	unsigned pairs;
	bool full;
};

/* $JOURNAL_STREAM may be inherited by a process whose stderr goes elsewhere: compare. */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	struct stat status;
	char here[64];

	if (stream == NULL || fstat(STDERR_FILENO, &status) != 0)
		return false;
	snprintf(here, sizeof(here), "%ju:%ju", (uintmax_t)status.st_dev,
	    (uintmax_t)status.st_ino);
	return strcmp(stream, here) == 0;
}

void log_open(const char *program, enum log_level lowest)
{
	log_program = program;
	log_lowest = lowest;
	log_to_journal = stderr_is_journal();
}

bool log_level_from_name(const char *name, enum log_level *level)
{
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		if (text_equal(name, levels[i].name)) {
			*level = (enum log_level)i;
			return true;
		}
	}
	return false;
}

/* All of the bytes or, from the first time that they do not fit, nothing any more. */
static void line_add(struct line *line, const char *bytes, size_t len)
{
	if (line->full || len > sizeof(line->text) - 2 - line->len) {
		line->full = true;
		return;
	}
	memcpy(line->text + line->len, bytes, len);
	line->len += len;
}

static void line_text(struct line *line, const char *text)
{
	line_add(line, text, strlen(text));
}

/* Adds one code point, or one byte that is none, escaped where it could forge or hide text. */
static size_t line_escaped(struct line *line, const char *text, size_t len)
{
	uint32_t code = 0;
	size_t size = text_utf8_next(text, len, &code);
	char escape[8];

	if (size == 0) {
		snprintf(escape, sizeof(escape), "\\x%02x", (unsigned char)*text);
		line_text(line, escape);
		return 1;
	}
	if (code == '\n')
		line_text(line, "\\n");
	else if (code == '"' || code == '\\') {
		line_add(line, "\\", 1);
		line_add(line, text, 1);
	} else if (code < 0x20 || (code >= 0x7f && code < 0xa0)) {
		snprintf(escape, sizeof(escape), "\\u%04x", (unsigned)code);
		line_text(line, escape);
	} else {
		line_add(line, text, size);
	}
	return size;
}

/* Short text that logfmt takes without quotes. */
static bool is_plain(const char *value)
{
	size_t len = strlen(value);

	if (len == 0 || len > 256 || !text_is_clean(value, len))
		return false;
	return strpbrk(value, " =\"\\\t\r\n") == NULL;
}

static void line_pair(struct line *line, const char *key, const char *value)
{
	line_text(line, line->pairs++ > 0 ? " " : "");
	line_text(line, key);
	line_add(line, "=", 1);
	if (is_plain(value)) {
		line_text(line, value);
		return;
	}
	line_add(line, "\"", 1);
	for (size_t left = strlen(value); left > 0 && !line->full;) {
		size_t size = line_escaped(line, value, left);

		value += size;
		left -= size;
	}
	line->text[line->len++] = '"';
}

static void line_start(struct line *line, enum log_level level)
{
	struct timespec now;
	struct tm utc;
	char second[32];
	char stamp[48];
	char pid[16];

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	strftime(second, sizeof(second), "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(stamp, sizeof(stamp), "%s.%03ldZ", second, now.tv_nsec / 1000000);
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	if (log_to_journal)
		line_text(line, levels[level].priority);
	line_pair(line, "ts", stamp);
	line_pair(line, "level", levels[level].name);
	line_pair(line, "prog", log_program);
	line_pair(line, "pid", pid);
}

void log_line(enum log_level level, const char *msg, ...)
{
	struct line line = {.len = 0};
	const char *key;
	va_list pairs;

	if (level < log_lowest)
		return;
	line_start(&line, level);
	line_pair(&line, "msg", msg);
	va_start(pairs, msg);
	while (!line.full && (key = va_arg(pairs, const char *)) != NULL) {
		const char *value = va_arg(pairs, const char *);

		line_pair(&line, key, value != NULL ? value : "");
		if (value == NULL)
			break; /* this may have been the end of the list */
	}
	va_end(pairs);
	line.text[line.len++] = '\n';
	/* Nobody is left to tell when even stderr fails. */
	if (write(STDERR_FILENO, line.text, line.len) < 0)
		return;
}
