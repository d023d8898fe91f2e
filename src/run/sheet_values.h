/* sheet_values.h: the rows of a spreadsheet as they are sent and as they come back. */
#ifndef RUN_SHEET_VALUES_H
#define RUN_SHEET_VALUES_H

#include "db/db.h"

#define SHEET_LAST_COLUMN "S"

/* The address of a range of a tab under the API's base ("https://host"), without a query. */
const char *sheet_url(struct arena *arena, const char *base, const char *spreadsheet,
    const char *tab, const char *range);
/* What is appended: headings, too, where the tab is empty; rows are those of SQL_SHEET_ROWS. Text
 * is sent as text and amounts as numbers with all their digits. */
const char *sheet_body(struct arena *arena, const struct db_rows *rows, bool has_headings);
/* The same with one row that only proves that rows can be written. */
const char *sheet_test_body(struct arena *arena, const char *id, const char *date,
    const char *who, bool has_headings);

/* Where an appended batch stands, "'tab'!A2:S4"; NULL: the answer does not say. is_shifted: it does
 * not begin in the first column. */
const char *sheet_read_range(struct arena *arena, const struct doc *answer, bool *is_shifted);
/* Whether as many rows were appended as were sent. */
bool sheet_is_count(const struct doc *answer, size_t sent);

/* Looks for the ids of rows in an answer that has the first column of a tab. The text is that of an
 * array of {id, row}, row 0 where it is not there; *is_empty: the column has nothing in it. */
const char *sheet_find(struct arena *arena, const struct doc *answer, const struct db_rows *rows,
    bool *is_empty);
/* The rows of an answer that has all columns from row first on, as the text of an array of {row,
 * id, amounts}; *count gets how many rows the answer has, empty ones included. */
const char *sheet_seen(struct arena *arena, const struct doc *answer, int64_t first,
    size_t *count);

#endif
