/* csv.h: lines of CSV as RFC 4180 has them, harmless when a spreadsheet opens them. */
#ifndef WEB_CSV_H
#define WEB_CSV_H

#include "base/buf.h"

/* Adds a cell. Text is quoted, and what a spreadsheet would take for a formula gets an apostrophe
 * in front; a number in a numeric column stands as it is. NULL: an empty cell without quotes. */
void csv_cell(struct buf *out, const char *text, bool is_numeric);
/* Ends the line; it has one cell or more. */
void csv_end(struct buf *out);

#endif
