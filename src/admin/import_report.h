/* import_report.h: what an import of accounts says: a line for each thing, and the sums. */
#ifndef ADMIN_IMPORT_REPORT_H
#define ADMIN_IMPORT_REPORT_H

#include "model/registry.h"

/* Of the accounts that are in, or would be. */
struct import_counts {
	int64_t accounts, assistants, versions; /* made */
	int64_t same;                           /* versions that were there */
	int64_t deployed;
};

struct import_report {
	bool is_dry;
	struct import_counts sum, account; /* account: of the one at hand */
	int64_t accounts_read, accounts_undone;
	int64_t versions_read;
	int64_t refused; /* files, folders and wishes that were not taken */
	int64_t said_ms; /* when progress was told last */
};

/* Prints "word  path: sentence"; the sentence may be NULL. Whatever a path holds, it is one line
 * and harmless to a terminal. */
void import_line(const char *word, const char *path, const char *sentence);
/* The same of something that is not taken. */
void import_refuse(struct import_report *report, const char *path, const char *sentence);
/* A teller for the registry's reader; arg is the report. */
void import_tell(void *report, enum registry_word word, const char *path, const char *sentence);
/* A line on stderr, at most each second. */
void import_progress(struct import_report *report);
/* The end of an account: err NULL, it is in; else why nothing of it is. */
void import_account_end(struct import_report *report, const char *slug, const char *sentence);
/* The sums, and what to do next. */
void import_end(const struct import_report *report);

#endif
