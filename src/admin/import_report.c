/* import_report.c: lines and sums of an import of accounts. */
#include "admin/import_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

#define PROGRESS_MS 1000
#define SENTENCE_MAX 1000

/* What is no printable character is written as \xNN. */
static void clean_print(const char *text)
{
	uint32_t code;
	size_t left = strlen(text), size;

	for (; left > 0; text += size, left -= size) {
		size = text_utf8_next(text, left, &code);
		if (size == 0 || code < 0x20 || (code >= 0x7f && code < 0xa0) ||
		    (code >= 0x200e && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069)) {
			size = size == 0 ? 1 : size;
			for (size_t i = 0; i < size; i++)
				(void)printf("\\x%02x", (unsigned char)text[i]);
			continue;
		}
		(void)fwrite(text, 1, size, stdout);
	}
}

void import_line(const char *word, const char *path, const char *sentence)
{
	(void)printf("%-12s ", word);
	clean_print(path);
	if (sentence != NULL) {
		(void)fputs(": ", stdout);
		clean_print(sentence);
	}
	(void)putchar('\n');
}

void import_refuse(struct import_report *report, const char *path, const char *sentence)
{
	report->refused++;
	import_line("refused", path, sentence);
}

void import_tell(void *report, enum registry_word word, const char *path, const char *sentence)
{
	if (word == REGISTRY_REFUSAL)
		import_refuse(report, path, sentence);
	else
		import_line("left", path, sentence);
}

void import_progress(struct import_report *report)
{
	int64_t now_ms = clock_ms();

	if (now_ms - report->said_ms < PROGRESS_MS)
		return;
	report->said_ms = now_ms;
	(void)fprintf(stderr, "promptbuilder: %" PRId64 " accounts, %" PRId64 " versions read, %"
	    PRId64 " made\n", report->accounts_read, report->versions_read,
	    report->is_dry ? 0 : report->sum.versions + report->account.versions);
}

void import_account_end(struct import_report *report, const char *slug, const char *sentence)
{
	struct import_counts *sum = &report->sum;
	const struct import_counts *one = &report->account;

	if (sentence != NULL) {
		report->accounts_undone++;
		import_line("undone", slug, sentence);
	} else {
		sum->accounts += one->accounts;
		sum->assistants += one->assistants;
		sum->versions += one->versions;
		sum->same += one->same;
		sum->deployed += one->deployed;
		import_line(report->is_dry ? "could be in" : "in", slug, NULL);
	}
	(void)fflush(stdout);
	report->account = (struct import_counts){0};
}

/* The last line: counts, and what to do next. */
static void last_line(const struct import_report *report)
{
	if (report->refused == 0 && report->accounts_undone == 0)
		(void)printf("%s %" PRId64 " accounts of the registry%s\n",
		    report->is_dry ? "all can come in:" : "all is in:", report->accounts_read,
		    report->is_dry ? "; run it again without --dry-run" :
		    "; next: promptbuilder token account SLUG, for those that need a token");
	else
		(void)printf("not all %s (accounts undone: %" PRId64 ", refused: %" PRId64 "): "
		    "mend what the lines above say and run the same command again; what is in "
		    "stays as it is\n", report->is_dry ? "can come in" : "is in",
		    report->accounts_undone, report->refused);
}

void import_end(const struct import_report *report)
{
	const char *made = report->is_dry ? "to_make" : "made";

	(void)printf("accounts_%s %" PRId64 "\nassistants_%s %" PRId64 "\nversions_%s %" PRId64
	    "\nversions_same %" PRId64 "\ndeployed %" PRId64 "\naccounts_undone %" PRId64
	    "\nrefused %" PRId64 "\n", made, report->sum.accounts, made, report->sum.assistants,
	    made, report->sum.versions, report->sum.same, report->sum.deployed,
	    report->accounts_undone, report->refused);
	last_line(report);
}
