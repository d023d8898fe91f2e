/* audit.h: the log of acts: who did what to which object, when and from where.
 *
 * Nothing is written here: triggers and functions of the database add an entry in the transaction
 * of the act; ctx_tx tells them who acts. */
#ifndef MODEL_AUDIT_H
#define MODEL_AUDIT_H

#include "model/ctx.h"

struct audit_filter {
	const char *account_id; /* NULL: of all that the caller may see, and of the installation */
	const char *actor, *action, *object;
	const char *from, *until; /* at or after, and before: days of UTC, or with a time */
	const char *cursor;       /* NULL: from the start */
	int64_t limit;
};
/* Newest first: entries[], next_cursor; and actions[], what the log knows. */
const struct err *audit_list(struct ctx *ctx, const struct audit_filter *filter,
    struct doc *out) MUST_CHECK;

#endif
