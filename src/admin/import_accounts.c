/* import_accounts.c: import accounts: the file-based registry into the database, one by one.
 *
 * An account comes in by one transaction or not at all. It is held open and goes on batch by batch,
 * so that memory does not grow with what the account has. */
#include "admin/import_accounts.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"

#define STATUS_FAILED 1

enum { OPTION_DRY, OPTIONS };

/* ---- The transaction of an account. ---- */

/* The next piece; of a dry run a transaction that only reads. */
struct db_tx *import_piece(struct import *import)
{
	struct db_tx *tx = ctx_tx(&import->ctx);

	if (import->is_open)
		db_go_on(tx);
	if (!import->report.is_dry)
		db_hold(tx);
	return tx;
}

const struct err *import_piece_run(struct import *import, struct db_tx *tx)
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

/* ---- Assistants. ---- */

static const struct err *assistant_make(struct import *import, struct import_assistant *assistant)
{
	const struct import_account *account = assistant->account;
	const struct registry_assistant *files = &assistant->files;
	struct db_rows *added = NULL, *found;
	struct db_tx *tx = import_piece(import);
	const struct err *err;

	if (!import->report.is_dry) {
		added = db_add(tx, SQL_REGISTRY_ASSISTANT_ADD, account->id, files->external_id,
		    files->name, files->settings);
		db_add(tx, SQL_REGISTRY_IMPORT_NUMBERS, account->id, files->external_id);
	}
	found = db_add(tx, SQL_REGISTRY_IMPORT_ASSISTANT, account->id, files->external_id,
	    account->environment);
	err = import_piece_run(import, tx);
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

static const struct err *assistant_import(struct import *import, struct import_account *account,
    const struct registry_place *place)
{
	struct import_assistant assistant = {.account = account};
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
		err = import_batch(import, &assistant, &next);
	if (err == NULL)
		err = import_deploy(import, &assistant);
	arena_free(arena);
	return err;
}

/* ---- Accounts. ---- */

static const struct err *account_make(struct import *import,
    const struct registry_account *files, struct import_account *account)
{
	struct db_tx *tx = import_piece(import);
	struct db_rows *added = NULL, *found, *deleted;
	const struct err *err;

	if (!import->report.is_dry) {
		db_add(tx, SQL_REGISTRY_IMPORT_LOCK, files->slug);
		added = db_add(tx, SQL_REGISTRY_ACCOUNT_ADD, files->slug, files->name,
		    files->settings);
	}
	found = db_add(tx, SQL_REGISTRY_IMPORT_ACCOUNT, files->slug);
	deleted = db_add(tx, SQL_REGISTRY_IMPORT_DELETED, files->slug);
	err = import_piece_run(import, tx);
	if (err != NULL)
		return err;
	if (db_count(found) == 0 ? db_bool(deleted, 0, "was_deleted") :
	    db_bool(found, 0, "is_deleted"))
		return err_new(account->arena, ERR_CONFLICT, "The account was deleted. Take its "
		    "folder out of the registry.");
	if (added != NULL ? db_count(added) > 0 : db_count(found) == 0) {
		import->report.account.accounts++;
		import_line(import->report.is_dry ? "would make" : "made", files->slug, "account");
	}
	account->environment = REGISTRY_ENVIRONMENT;
	if (db_count(found) == 0)
		return NULL;
	account->id = arena_strdup(account->arena, db_text(found, 0, "id"));
	account->environment = arena_strdup(account->arena, db_text(found, 0, "environment"));
	account->needs_approval = db_bool(found, 0, "needs_approval");
	account->zone = db_text(found, 0, "time_zone") == NULL ? NULL :
	    arena_strdup(account->arena, db_text(found, 0, "time_zone"));
	return NULL;
}

/* An account without a zone gets the one of its files, after it is in. */
static const struct err *zone_take(struct import *import, const struct registry_account *files,
    const struct import_account *account)
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
    const struct registry_account *files, struct import_account *account)
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
	struct import_account account = {.arena = arena_new()};
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
	import->ctx.arena = arena_within(admin->ctx.arena);
	import->report.is_dry = options[OPTION_DRY].value != NULL;
	import->report.said_ms = clock_ms();
	return import_run(import);
}
