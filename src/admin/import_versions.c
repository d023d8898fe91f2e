/* import_versions.c: the versions of an assistant, batch by batch, and the deployed one. */
#include "admin/import_accounts.h"

#include <string.h>

#include "base/text.h"

#define BATCH_VERSIONS_MAX 64
#define BATCH_BYTES_MAX (4u << 20)

/* The texts of a batch, until their number or size is reached; *count gets how many. *next is the
 * first version that is not read yet. */
static struct registry_text *batch_read(struct import *import, struct import_assistant *assistant,
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
static const struct err *batch_known(struct import *import,
    const struct import_assistant *assistant, const struct registry_text *texts, size_t count,
    struct db_rows **known)
{
	struct arena *arena = import->ctx.arena;
	struct db_tx *tx = import_piece(import);
	struct buf *numbers = buf_new(arena, 16 * BATCH_VERSIONS_MAX);

	for (size_t i = 0; i < count; i++)
		db_array_add(numbers, db_int_param(arena, texts[i].number));
	db_array_end(numbers);
	*known = db_add(tx, SQL_REGISTRY_IMPORT_KNOWN, assistant->account->id, assistant->id,
	    numbers->data);
	return import_piece_run(import, tx);
}

static void version_add(struct import *import, struct db_tx *tx,
    const struct import_assistant *assistant, const struct registry_text *text)
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
static void version_compare(struct import *import, struct import_assistant *assistant,
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

static void version_take(struct import *import, struct db_tx *tx,
    struct import_assistant *assistant, const struct registry_text *text,
    const struct db_rows *known)
{
	for (size_t row = 0; known != NULL && row < db_count(known); row++) {
		if (db_int(known, row, "version_number") == text->number) {
			version_compare(import, assistant, text, known, row);
			return;
		}
	}
	version_add(import, tx, assistant, text);
}

const struct err *import_batch(struct import *import, struct import_assistant *assistant,
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
		tx = import_piece(import);
	for (size_t i = 0; i < count; i++)
		version_take(import, tx, assistant, &texts[i], known);
	import_progress(&import->report);
	return tx == NULL ? NULL : import_piece_run(import, tx);
}

/* ---- What is deployed. ---- */

/* Why the version that the files mark is not deployed; NULL: it can be. */
static const char *deployment_fault(const struct import_assistant *assistant)
{
	const struct import_account *account = assistant->account;

	if (assistant->deployed == assistant->wanted)
		return NULL;
	if (assistant->wanted_path == NULL)
		return "The version said to be deployed was not taken; nothing is deployed.";
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

const struct err *import_deploy(struct import *import, const struct import_assistant *assistant)
{
	const struct import_account *account = assistant->account;
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
	tx = import_piece(import);
	db_add(tx, SQL_REGISTRY_IMPORT_DEPLOY, account->id, assistant->id, account->environment,
	    db_int_param(import->ctx.arena, assistant->wanted), "As the imported files say.");
	return import_piece_run(import, tx);
}
