/* import_accounts.c: import accounts: the file-based registry into the database, account by account.
 *
 * An account comes in by one transaction or not at all. It is held open and goes on batch by batch,
 * so that memory does not grow with what the account has. */
#include <stdio.h>
#include <string.h>

#include "admin/admin.h"
#include "admin/import_report.h"
#include "base/clock.h"
#include "base/text.h"

#define BATCH_VERSIONS_MAX 64
#define BATCH_BYTES_MAX (4u << 20)
#define STATUS_FAILED 1

enum { OPTION_DRY, OPTIONS };

struct import {
	struct admin *admin;
	struct ctx ctx;           /* its arena ends with each batch */
	struct registry *registry;
	struct import_report report;
	bool is_open;             /* a piece of the account's transaction has run */
};

/* The account at hand; its texts live in an arena of its own. */
struct account {
	struct arena *arena;
	const char *id;           /* NULL: a dry run, and the database does not have it */
	const char *zone;         /* that the database has, or NULL */
	const char *environment;  /* the first one */
	bool needs_approval;
	bool is_torn;             /* a version has another text in the database */
};

struct assistant {
	struct account *account;
	struct registry_assistant files;
	const char *id;           /* likewise */
	bool has_deployment;
	int64_t deployed;         /* number of the version that the environment has; 0: none */
	int wanted;               /* number of the version to deploy; 0: none */
	const char *wanted_path;  /* NULL: it was refused */
	bool can_deploy;          /* by its status */
};

/* ---- The transaction of an account. ---- */

/* The next piece; of a dry run a transaction that only reads. */
static struct db_tx *piece_new(struct import *import)
{
	struct db_tx *tx = ctx_tx(&import->ctx);

	if (import->is_open)
		db_go_on(tx);
	if (!import->report.is_dry)
		db_hold(tx);
	return tx;
}

static const struct err *piece_run(struct import *import, struct db_tx *tx)
{
	const struct err *err = ctx_run(&import->ctx, tx);

	import->is_open = err == NULL && !import->report.is_dry;
	return err;
}

static const struct err *pieces_commit(struct import *import)
{
	struct db_tx *tx = ctx_tx(&import->ctx);

	if (!import->is_open)
		return NULL;
	db_go_on(tx);
	import->is_open = false;
	return ctx_run(&import->ctx, tx);
}

static void pieces_undo(struct import *import)
{
	db_undo(import->ctx.db);
	import->is_open = false;
}

/* ---- Versions. ---- */

/* The texts of a batch, until their number or size is reached; *count gets how many. *next is the
 * first version that is not read yet. */
static struct registry_text *batch_read(struct import *import, struct assistant *assistant,
    size_t *next, size_t *count)
{
	struct arena *arena = import->ctx.arena;
	struct registry_text *texts = arena_alloc(arena, BATCH_VERSIONS_MAX * sizeof(*texts));
	const struct registry_assistant *files = &assistant->files;
	size_t bytes = 0;

	*count = 0;
	while (*next < files->count && *count < BATCH_VERSIONS_MAX && bytes < BATCH_BYTES_MAX) {
		struct registry_text *text = &texts[*count];

		import->report.versions_read++;
		if (!registry_text(import->registry, arena, &files->versions[(*next)++], text))
			continue;
		bytes += strlen(text->prompt) + strlen(text->injection);
		if (text->number == files->current ||
		    (files->current == 0 && text->is_marked)) {
			assistant->wanted = text->number;
			assistant->wanted_path = arena_strdup(assistant->account->arena,
			    text->path);
			assistant->can_deploy = true;
		}
		(*count)++;
	}
	return texts;
}

/* The database's rows of the numbers of a batch. */
static const struct err *batch_known(struct import *import, const struct assistant *assistant,
    const struct registry_text *texts, size_t count, struct db_rows **known)
{
	struct arena *arena = import->ctx.arena;
	struct db_tx *tx = piece_new(import);
	struct buf *numbers = buf_new(arena, 16 * BATCH_VERSIONS_MAX);

	for (size_t i = 0; i < count; i++)
		db_array_add(numbers, db_int_param(arena, texts[i].number));
	db_array_end(numbers);
	*known = db_add(tx, SQL_REGISTRY_IMPORT_KNOWN, assistant->account->id, assistant->id,
	    numbers->data);
	return piece_run(import, tx);
}

static void version_add(struct import *import, struct db_tx *tx,
    const struct assistant *assistant, const struct registry_text *text)
{
	bool is_deployed = text->number == assistant->wanted;
	const char *status = is_deployed || text_equal(text->status, "deployed") ? "final" :
	    text->status;

	import_line(import->report.is_dry ? "would make" : "made", text->path, arena_printf(
	    import->ctx.arena, "version %d, %s", text->number, status));
	import->report.account.versions++;
	if (tx != NULL)
		db_add(tx, SQL_REGISTRY_IMPORT_VERSION, assistant->account->id, assistant->id,
		    db_int_param(import->ctx.arena, text->number), text->prompt, text->hash,
		    text->injection, text->path, status, text->score, text->iterations,
		    text->message, text->created_at, import->ctx.access.name);
}

/* A version that the database has: nothing is done, or the account is. */
static void version_compare(struct import *import, struct assistant *assistant,
    const struct registry_text *text, const struct db_rows *known, size_t row)
{
	const char *status = db_text(known, row, "status");

	if (!text_equal(db_text(known, row, "prompt_hash"), text->hash)) {
		assistant->account->is_torn = true;
		import_refuse(&import->report, text->path, arena_printf(import->ctx.arena,
		    "Version %d is in the database with another text. Give the file another "
		    "number, or take it away.", text->number));
		return;
	}
	import->report.account.same++;
	import_line("same", text->path, arena_printf(import->ctx.arena, "version %d is in, %s",
	    text->number, status));
	if (text->number == assistant->wanted)
		assistant->can_deploy = text_equal(status, "final") ||
		    text_equal(status, "deployed");
}

static void version_take(struct import *import, struct db_tx *tx, struct assistant *assistant,
    const struct registry_text *text, const struct db_rows *known)
{
	for (size_t row = 0; known != NULL && row < db_count(known); row++) {
		if (db_int(known, row, "version_number") == text->number) {
			version_compare(import, assistant, text, known, row);
			return;
		}
	}
	version_add(import, tx, assistant, text);
}

static const struct err *batch_take(struct import *import, struct assistant *assistant,
    size_t *next)
{
	struct db_rows *known = NULL;
	struct db_tx *tx = NULL;
	const struct err *err = NULL;
	size_t count;
	struct registry_text *texts;

	arena_reset(import->ctx.arena);
	texts = batch_read(import, assistant, next, &count);
	if (assistant->id != NULL && count > 0)
		err = batch_known(import, assistant, texts, count, &known);
	if (err != NULL)
		return err;
	if (!import->report.is_dry)
		tx = piece_new(import);
	for (size_t i = 0; i < count; i++)
		version_take(import, tx, assistant, &texts[i], known);
	import_progress(&import->report);
	return tx == NULL ? NULL : piece_run(import, tx);
}

/* ---- What is deployed. ---- */

/* Why the version that the files mark is not deployed; NULL: it can be. */
static const char *deployment_fault(const struct assistant *assistant)
{
	const struct account *account = assistant->account;

	if (assistant->deployed == assistant->wanted)
		return NULL;
	if (assistant->wanted_path == NULL)
		return "The version that is said to be deployed was not taken; nothing is deployed.";
	if (assistant->has_deployment)
		return arena_printf(account->arena, "Version %d is said to be deployed, but %s has "
		    "had another one since; that stays.", assistant->wanted, account->environment);
	if (account->needs_approval)
		return arena_printf(account->arena, "Version %d is said to be deployed, but the "
		    "account wants a second person to approve: approve and deploy it there.",
		    assistant->wanted);
	if (!assistant->can_deploy)
		return arena_printf(account->arena, "Version %d is said to be deployed, but is "
		    "not final in the database: approve and deploy it there.",
		    assistant->wanted);
	return NULL;
}

static const struct err *deploy(struct import *import, const struct assistant *assistant)
{
	const struct account *account = assistant->account;
	const char *fault = assistant->wanted == 0 ? NULL : deployment_fault(assistant);
	struct db_tx *tx;

	if (fault != NULL)
		import_refuse(&import->report, assistant->files.path, fault);
	if (fault != NULL || assistant->wanted == 0 || assistant->deployed == assistant->wanted)
		return NULL;
	import->report.account.deployed++;
	import_line(import->report.is_dry ? "would deploy" : "deployed", assistant->wanted_path,
	    arena_printf(import->ctx.arena, "version %d in %s", assistant->wanted,
	    account->environment));
	if (import->report.is_dry)
		return NULL;
	tx = piece_new(import);
	db_add(tx, SQL_REGISTRY_IMPORT_DEPLOY, account->id, assistant->id, account->environment,
	    db_int_param(import->ctx.arena, assistant->wanted), "As the imported files say.");
	return piece_run(import, tx);
}

/* ---- Assistants. ---- */

static const struct err *assistant_make(struct import *import, struct assistant *assistant)
{
	const struct account *account = assistant->account;
	const struct registry_assistant *files = &assistant->files;
	struct db_rows *added = NULL, *found;
	struct db_tx *tx = piece_new(import);
	const struct err *err;

	if (!import->report.is_dry) {
		added = db_add(tx, SQL_REGISTRY_ASSISTANT_ADD, account->id, files->external_id,
		    files->name, files->settings);
		db_add(tx, SQL_REGISTRY_IMPORT_NUMBERS, account->id, files->external_id);
	}
	found = db_add(tx, SQL_REGISTRY_IMPORT_ASSISTANT, account->id, files->external_id,
	    account->environment);
	err = piece_run(import, tx);
	if (err != NULL)
		return err;
	if (added != NULL ? db_count(added) > 0 : db_count(found) == 0) {
		import->report.account.assistants++;
		import_line(import->report.is_dry ? "would make" : "made", files->path,
		    "assistant");
	}
	if (db_count(found) == 0)
		return NULL;
	assistant->id = arena_strdup(account->arena, db_text(found, 0, "id"));
	assistant->has_deployment = db_bool(found, 0, "has_deployment");
	assistant->deployed = db_int(found, 0, "deployed_number");
	return NULL;
}

static const struct err *assistant_import(struct import *import, struct account *account,
    const struct registry_place *place)
{
	struct assistant assistant = {.account = account};
	struct arena *arena = arena_new(); /* of its files' names, of which there may be many */
	size_t next = 0;
	const struct err *err;

	arena_reset(import->ctx.arena);
	err = registry_assistant(import->registry, arena, place, &assistant.files);
	if (err != NULL) {
		import_refuse(&import->report, place->path, err->sentence);
		arena_free(arena);
		return NULL;
	}
	assistant.wanted = assistant.files.current;
	err = assistant_make(import, &assistant);
	while (err == NULL && next < assistant.files.count)
		err = batch_take(import, &assistant, &next);
	if (err == NULL)
		err = deploy(import, &assistant);
	arena_free(arena);
	return err;
}

/* ---- Accounts. ---- */

static const struct err *account_make(struct import *import,
    const struct registry_account *files, struct account *account)
{
	struct db_tx *tx = piece_new(import);
	struct db_rows *added = NULL, *found;
	const struct err *err;

	if (!import->report.is_dry) {
		db_add(tx, SQL_REGISTRY_IMPORT_LOCK, files->slug);
		added = db_add(tx, SQL_REGISTRY_ACCOUNT_ADD, files->slug, files->name,
		    files->settings);
	}
	found = db_add(tx, SQL_REGISTRY_IMPORT_ACCOUNT, files->slug);
	err = piece_run(import, tx);
	if (err != NULL)
		return err;
	if (added != NULL ? db_count(added) > 0 : db_count(found) == 0) {
		import->report.account.accounts++;
		import_line(import->report.is_dry ? "would make" : "made", files->slug, "account");
	}
	account->environment = REGISTRY_ENVIRONMENT;
	if (db_count(found) == 0)
		return NULL;
	if (db_bool(found, 0, "is_deleted"))
		return err_new(account->arena, ERR_CONFLICT, "The account was deleted. Take its "
		    "folder out of the registry.");
	account->id = arena_strdup(account->arena, db_text(found, 0, "id"));
	account->environment = arena_strdup(account->arena, db_text(found, 0, "environment"));
	account->needs_approval = db_bool(found, 0, "needs_approval");
	account->zone = db_text(found, 0, "time_zone") == NULL ? NULL :
	    arena_strdup(account->arena, db_text(found, 0, "time_zone"));
	return NULL;
}

/* An account without a zone gets the one of its files, after it is in. */
static const struct err *zone_take(struct import *import, const struct registry_account *files,
    const struct account *account)
{
	struct db_rows *rows;
	const struct err *err;

	if (files->zone == NULL || account->zone != NULL || text_equal(files->zone, "UTC"))
		return NULL;
	import_line(import->report.is_dry ? "would set" : "set", files->slug, arena_printf(
	    account->arena, "time zone %s", files->zone));
	if (import->report.is_dry)
		return NULL;
	err = admin_zone_use(import->admin, files->zone, account->id);
	if (err == NULL)
		err = admin_run(import->admin, &rows, SQL_ACCOUNT_SET_ZONE, account->id,
		    files->zone);
	if (err == NULL || err->kind != ERR_INVALID)
		return err;
	import_refuse(&import->report, files->slug, err->sentence);
	return NULL;
}

static const struct err *account_take(struct import *import,
    const struct registry_account *files, struct account *account)
{
	const struct err *err;

	arena_reset(import->ctx.arena);
	err = account_make(import, files, account);
	for (size_t i = 0; err == NULL && i < files->count; i++)
		err = assistant_import(import, account, &files->assistants[i]);
	if (err == NULL && account->is_torn)
		err = err_new(account->arena, ERR_CONFLICT, "A version of it has another text in "
		    "the database.");
	if (err == NULL)
		err = pieces_commit(import);
	else
		pieces_undo(import);
	return err;
}

/* Whether it is this account that cannot come in, and not all of them. */
static bool is_of_account(const struct err *err)
{
	return err->kind == ERR_CONFLICT || err->kind == ERR_INVALID || err->kind == ERR_LIMIT ||
	    err->kind == ERR_MISSING || err->kind == ERR_DENIED;
}

static const struct err *account_import(struct import *import, const char *slug)
{
	struct account account = {.arena = arena_new()};
	struct registry_account files;
	const char *fault = registry_slug_fault(account.arena, slug);
	const struct err *err = NULL;

	import->report.accounts_read++;
	if (fault == NULL)
		err = registry_account(import->registry, account.arena, slug, &files);
	if (fault == NULL && err == NULL)
		err = account_take(import, &files, &account);
	if (err != NULL && is_of_account(err))
		fault = err->sentence;
	if (fault != NULL || err == NULL)
		import_account_end(&import->report, slug, fault);
	if (fault == NULL && err == NULL)
		err = zone_take(import, &files, &account);
	else if (fault == NULL)
		err = err_new(import->admin->ctx.arena, err->kind, "%s: %s\nNothing of this "
		    "account is made; those before it are in. To go on, run the same command "
		    "again.", slug, err->sentence);
	arena_free(account.arena);
	return fault != NULL ? NULL : err;
}

/* ---- The command. ---- */

static void arena_release(void *arena)
{
	arena_free(arena);
}

static const struct err *import_run(struct import *import)
{
	struct arena *arena = import->admin->ctx.arena;
	struct registry_place *places;
	size_t count;
	const struct err *err = registry_accounts(import->registry, arena, &places, &count);

	for (size_t i = 0; err == NULL && i < count; i++)
		err = account_import(import, places[i].name);
	if (err != NULL)
		return err;
	import_end(&import->report);
	if (import->report.refused > 0 || import->report.accounts_undone > 0)
		import->admin->status = STATUS_FAILED;
	return NULL;
}

const struct err *admin_import_accounts(struct admin *admin)
{
	struct option_row options[OPTIONS] = {
		[OPTION_DRY] = {.name = "dry-run", .is_flag = true},
	};
	struct import *import = arena_alloc(admin->ctx.arena, sizeof(*import));
	struct registry_teller teller = {import_tell, &import->report};
	const struct err *err = option_read(admin, options, OPTIONS, 0, 1);
	const char *dir = option_operand(admin, 0);

	if (err != NULL)
		return err;
	if (dir == NULL)
		dir = conf_text(admin->ctx.conf, "PROMPTBUILDER_ACCOUNTS_DIR");
	if (dir == NULL)
		return option_error(admin, "name the folder, or set PROMPTBUILDER_ACCOUNTS_DIR");
	err = registry_open(admin->ctx.arena, dir, &teller, &import->registry);
	if (err == NULL)
		err = admin_open(admin);
	if (err != NULL)
		return err;
	import->admin = admin;
	import->ctx = admin->ctx;
	import->ctx.arena = arena_new();
	arena_on_reset(admin->ctx.arena, arena_release, import->ctx.arena);
	import->report.is_dry = options[OPTION_DRY].value != NULL;
	import->report.said_ms = clock_ms();
	return import_run(import);
}
