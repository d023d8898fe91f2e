/* admin.h: what the subcommands of the operator's tool share: words, options, database, output.
 *
 * A subcommand is one function: it reads its options and operands, runs statements in the
 * operator's scope and prints. It returns NULL or an error; main turns the error into a sentence
 * on stderr and an exit status of sysexits.h. */
#ifndef ADMIN_ADMIN_H
#define ADMIN_ADMIN_H

#include <stdio.h>

#include "db/migrate.h"
#include "model/ctx.h"

struct admin {
	struct ctx ctx;             /* ctx.db is NULL until admin_open */
	const struct command *command;
	const char **words;         /* what follows the command's name */
	size_t count;
	int status;                 /* exit status; set by doctor and for wrong usage */
};

struct command {
	const char *name;  /* "account add" */
	const struct err *(*run)(struct admin *admin);
	const char *usage; /* options and operands */
	const char *help;  /* a sentence, a newline, details and what to do next */
};

/* The command that the words begin with, or NULL; *taken gets the number of words of its name. */
const struct command *command_find(const char **words, size_t count, size_t *taken);
/* Prints the help of a command; the exit status is 0. */
int command_print(const struct command *command);
/* Prints the commands of a noun, or all when it has none; exit status 0 on stdout, else 64. */
int command_print_all(FILE *out, struct arena *arena, const char *noun);

/* An option is --name VALUE, --name=VALUE or, where it is a flag, --name alone. */
struct option_row {
	const char *name;
	bool is_flag;
	const char *value; /* out: the value, "yes" for a flag, NULL when not given */
};

/* Takes the options out of admin->words, leaving the operands, of which there must be between
 * least and most. */
const struct err *option_read(struct admin *admin, struct option_row *options, size_t count,
    size_t least, size_t most) MUST_CHECK;
/* An error of usage: exit status 64 and the command's synopsis. */
const struct err *option_error(struct admin *admin, const char *format, ...)
    PRINTF_LIKE(2, 3) MUST_CHECK;
/* The operand at index, or NULL. */
const char *option_operand(const struct admin *admin, size_t index);

/* Opens the database of the settings as its owner; the connection is made by the first use. */
const struct err *admin_open(struct admin *admin) MUST_CHECK;
/* A command that only tells a report: as a page of text, or with --json as the document. */
const struct err *admin_tell(struct admin *admin,
    const struct err *(*report)(struct ctx *ctx, struct doc *out),
    void (*print)(struct admin *admin, const struct doc *report)) MUST_CHECK;
/* Runs one statement; rows live in the arena. */
const struct err *admin_query(struct admin *admin, enum sql sql, const char *const *params,
    size_t count, struct db_rows **rows) MUST_CHECK;
#define admin_run(admin, rows, sql, ...)                                                           \
	admin_query(admin, sql, (const char *const[]){NULL, ##__VA_ARGS__} + 1,                    \
	    ARRAY_LEN(((const char *const[]){NULL, ##__VA_ARGS__})) - 1, rows)
/* A value of a report for print: any scalar as text, or otherwise. */
const char *admin_text(const struct doc *report, const char *name, const char *otherwise);
/* A file of the installed data (share/promptbuilder), or of PROMPTBUILDER_DATA_DIR. */
const char *admin_data(struct admin *admin, const char *name);
/* The whole of a file, "-" for standard input, at most max bytes. */
const struct err *admin_read_file(struct admin *admin, const char *path, size_t max,
    struct buf **out) MUST_CHECK;
/* Prints rows as an aligned table under a header; a column whose name ends in '>' is aligned to
 * the right. */
void admin_table(const struct db_rows *rows, const char *const *columns, size_t count);
/* The account of a slug: an error that says where to find the known ones, or its id; with no slug
 * (NULL) no id. It opens the database, too. */
const struct err *admin_account_id(struct admin *admin, const char *slug, const char **id)
    MUST_CHECK;

/* The name of a file that is not there yet, for mkstemp and mkdtemp: path and six characters. */
char *admin_temporary(struct arena *arena, const char *path);

/* Whom a correction names as its maker: the user of this machine. */
const char *admin_actor(struct admin *admin);
/* The name of this machine. */
const char *admin_host(struct admin *admin);
/* An option that is a day, if it was given. */
const struct err *admin_day(struct admin *admin, const struct option_row *option) MUST_CHECK;
/* A reason of a correction: one to 500 characters of clean text. */
const struct err *admin_reason(struct admin *admin, const char *reason) MUST_CHECK;

/* The stored form of a briefing from a file, for an account: checked, all problems at once. */
const struct err *admin_briefing(struct admin *admin, const char *account_id,
    const struct doc *given, const struct doc **briefing) MUST_CHECK;

/* Puts a zone in use for an account, or (NULL) for all, and makes its sums; nothing when it is. */
const struct err *admin_zone_use(struct admin *admin, const char *zone, const char *account_id)
    MUST_CHECK;
/* Makes the sums of a zone and an account anew (NULL: of all), month by month, while others write;
 * count gets the months. */
const struct err *admin_zone_rebuild(struct admin *admin, const char *zone,
    const char *account_id, size_t *count) MUST_CHECK;
/* The same, compared only: a sentence about the first sum that differs from its lines, or NULL. */
const struct err *admin_ledger_differs(struct admin *admin, const char *zone,
    const char *account_id, size_t *count, const char **sentence) MUST_CHECK;

/* What must hold; needs_places: its parameter is admin_places, how many runs of an account may be
 * under way. */
struct invariant {
	enum sql sql;
	bool needs_places;
	const char *holds;
};
extern const struct invariant invariants[];
extern const size_t invariant_count;
const char *admin_places(struct admin *admin);
/* A row that breaks one, as a sentence without its end. */
const char *invariant_breach(struct arena *arena, const struct db_rows *rows, size_t row);

/* Doctor's findings about what the database holds, not about what runs now. */
const struct err *admin_doctor_data(struct admin *admin) MUST_CHECK;

/* The subcommands. */
const struct err *admin_migrate(struct admin *admin);
const struct err *admin_doctor(struct admin *admin);
const struct err *admin_settings(struct admin *admin);
const struct err *admin_routes(struct admin *admin);

const struct err *admin_account_add(struct admin *admin);
const struct err *admin_account_list(struct admin *admin);
const struct err *admin_account_set(struct admin *admin);
const struct err *admin_account_deployment(struct admin *admin);
const struct err *admin_account_zone(struct admin *admin);
const struct err *admin_account_delete(struct admin *admin);
const struct err *admin_account_export(struct admin *admin);
const struct err *admin_account_import(struct admin *admin);

const struct err *admin_zone_list(struct admin *admin);
const struct err *admin_zone_add(struct admin *admin);
const struct err *admin_zone_remove(struct admin *admin);

const struct err *admin_ledger_verify(struct admin *admin);
const struct err *admin_ledger_rebuild(struct admin *admin);

const struct err *admin_token_create(struct admin *admin);
const struct err *admin_token_list(struct admin *admin);
const struct err *admin_token_revoke(struct admin *admin);
const struct err *admin_token_account(struct admin *admin);
const struct err *admin_token_operator(struct admin *admin);
const struct err *admin_token_viewer(struct admin *admin);
const struct err *admin_token_import(struct admin *admin);

const struct err *admin_price_list(struct admin *admin);
const struct err *admin_price_set(struct admin *admin);
const struct err *admin_price_import(struct admin *admin);
const struct err *admin_price_diff(struct admin *admin);
const struct err *admin_price_reprice(struct admin *admin);

const struct err *admin_cost_adjust(struct admin *admin);

const struct err *admin_import_accounts(struct admin *admin);
const struct err *admin_import_costs(struct admin *admin);

const struct err *admin_budget_list(struct admin *admin);
const struct err *admin_budget_set(struct admin *admin);
const struct err *admin_budget_remove(struct admin *admin);

const struct err *admin_run_launch(struct admin *admin);
const struct err *admin_run_show(struct admin *admin);
const struct err *admin_run_list(struct admin *admin);
const struct err *admin_run_cancel(struct admin *admin);
const struct err *admin_run_retry(struct admin *admin);

const struct err *admin_runner_status(struct admin *admin);
const struct err *admin_runner_drain(struct admin *admin);
const struct err *admin_runner_pause(struct admin *admin);
const struct err *admin_runner_resume(struct admin *admin);

const struct err *admin_sheets_status(struct admin *admin);
const struct err *admin_sheets_test(struct admin *admin);
const struct err *admin_sheets_compare(struct admin *admin);
const struct err *admin_sheets_backfill(struct admin *admin);
const struct err *admin_sheets_off(struct admin *admin);

const struct err *admin_audit_list(struct admin *admin);
const struct err *admin_audit_verify(struct admin *admin);

const struct err *admin_prune(struct admin *admin);

const struct err *admin_dump(struct admin *admin);
const struct err *admin_restore(struct admin *admin);

const struct err *admin_demo_load(struct admin *admin);

#endif
