/* audit.c: audit list and audit verify. */
#include <stdio.h>
#include <sysexits.h>

#include "admin/admin.h"
#include "base/text.h"

#define HASH_CHARS 64

const struct err *admin_audit_list(struct admin *admin)
{
	static const char *const columns[] = {"at", "account_slug", "seq>", "actor", "role",
	    "origin", "action", "object", "note"};
	struct option_row options[] = {{.name = "account"}, {.name = "actor"}, {.name = "action"},
	    {.name = "from"}, {.name = "to"}, {.name = "limit"}};
	const char *account_id, *limit;
	struct db_rows *rows;
	const struct err *err = option_read(admin, options, ARRAY_LEN(options), 0, 0);

	if (err == NULL)
		err = admin_day(admin, &options[3]);
	if (err == NULL)
		err = admin_day(admin, &options[4]);
	if (err == NULL)
		err = admin_account_id(admin, options[0].value, &account_id);
	if (err != NULL)
		return err;
	limit = options[5].value != NULL ? options[5].value : "50";
	err = admin_run(admin, &rows, SQL_AUDIT_LIST, account_id, options[1].value,
	    options[2].value, options[3].value, options[4].value, NULL, NULL, limit);
	if (err == NULL)
		admin_table(rows, columns, ARRAY_LEN(columns));
	return err;
}

/* Prints a line about a chain; a fault makes the exit status 1. */
static const struct err *verify_chain(struct admin *admin, const char *account_id,
    const char *name, const char *head)
{
	struct db_rows *rows;
	const struct err *err = admin_run(admin, &rows, SQL_AUDIT_VERIFY, account_id, head);
	const char *fault;

	if (err != NULL)
		return err;
	fault = db_text(rows, 0, "fault");
	if (fault == NULL) {
		(void)printf("ok      %s: %s entries, head %s\n", name,
		    db_text(rows, 0, "entries"), db_text(rows, 0, "head") != NULL ?
		    db_text(rows, 0, "head") : "none");
		return NULL;
	}
	admin->status = 1;
	if (db_text(rows, 0, "fault_id") == NULL)
		(void)printf("BROKEN  %s: %s\n", name, fault);
	else
		(void)printf("BROKEN  %s: entry %s, %s of %s: %s\n", name,
		    db_text(rows, 0, "fault_seq"), db_text(rows, 0, "fault_id"),
		    db_text(rows, 0, "fault_at"), fault);
	return NULL;
}

static const struct err *head_check(struct admin *admin, const struct option_row *options)
{
	const char *head = options[1].value;

	if (head == NULL)
		return NULL;
	if (text_length(head) != HASH_CHARS)
		return option_error(admin, "--head is a SHA-256 of 64 hexadecimal digits, as an "
		    "earlier \"audit verify\" printed it");
	if ((options[0].value == NULL) == (options[2].value == NULL))
		return option_error(admin, "--head needs the chain it is of: --account SLUG or "
		    "--installation");
	return NULL;
}

const struct err *admin_audit_verify(struct admin *admin)
{
	struct option_row options[] = {{.name = "account"}, {.name = "head"},
	    {.name = "installation", .is_flag = true}};
	const char *account_id;
	struct db_rows *chains;
	const struct err *err = option_read(admin, options, ARRAY_LEN(options), 0, 0);

	if (err == NULL)
		err = head_check(admin, options);
	if (err == NULL)
		err = admin_account_id(admin, options[0].value, &account_id);
	if (err == NULL && (account_id != NULL || options[2].value != NULL))
		return verify_chain(admin, account_id, account_id != NULL ? options[0].value :
		    "installation", options[1].value);
	if (err == NULL)
		err = admin_run(admin, &chains, SQL_AUDIT_CHAINS, NULL);
	for (size_t i = 0; err == NULL && i < db_count(chains); i++) {
		const char *slug = db_text(chains, i, "slug");

		err = verify_chain(admin, db_text(chains, i, "account_id"),
		    slug != NULL ? slug : "installation", NULL);
	}
	return err;
}
