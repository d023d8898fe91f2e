/* registry_away.c: tokens of the registry's own, and documents out of its files. */
#include "model/registry_away.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "base/token.h"
#include "model/registry_inner.h"

#define TOKENS "_tokens"
#define TOKENS_MAX (64u << 10)
#define FIELDS_MAX 3
#define HASH_CHARS 64
#define LIST_MAX 500
#define WHITE " \t\r"

/* ---- Who is let in. ---- */

static bool is_ours(const struct stat *found)
{
	return (found->st_uid == 0 || found->st_uid == geteuid()) && (found->st_mode & 022) == 0;
}

/* Why what the file says cannot be trusted; NULL: it can. */
static const char *tokens_fault(struct arena *arena, const struct registry *registry)
{
	struct stat folder, file;
	const struct err *err = folder_stat(arena, registry->folder, TOKENS, &file);

	if (err == NULL)
		err = folder_stat(arena, registry->folder, "", &folder);
	if (err != NULL)
		return err->sentence;
	if (!is_ours(&folder))
		return "The registry's folder must belong to root or to this service's user, and "
		    "only its owner may write it.";
	if (!is_ours(&file) || (file.st_mode & 04) != 0)
		return "It must belong to root or to this service's user; only its owner may write "
		    "it, and others may not read it.";
	return NULL;
}

static const char *today(struct arena *arena)
{
	time_t now = (time_t)(clock_wall_ms() / 1000);
	char day[16] = "9999-99-99";
	struct tm utc;

	if (gmtime_r(&now, &utc) != NULL)
		(void)strftime(day, sizeof(day), "%Y-%m-%d", &utc);
	return arena_strdup(arena, day);
}

/* "who sha256 [last-day]" in *line, which goes on to the next one; false at the end. Fields that a
 * line does not have are "". */
static bool line_next(struct arena *arena, const char **line, const char *fields[FIELDS_MAX])
{
	const char *at = *line, *end = at + strcspn(at, "\n");

	if (*at == '\0')
		return false;
	for (size_t i = 0; i < FIELDS_MAX; i++) {
		size_t len;

		at += strspn(at, WHITE);
		len = strcspn(at, WHITE "\n");
		fields[i] = arena_strndup(arena, at, len);
		at += len;
	}
	*line = end + (*end == '\n');
	return true;
}

static bool is_good_line(const char *const fields[FIELDS_MAX], const char *day)
{
	bool is_last_day = fields[2][0] != '\0';

	return fields[0][0] != '#' && strlen(fields[1]) == HASH_CHARS &&
	    (!is_last_day || (text_is_day(fields[2]) && strcmp(day, fields[2]) <= 0));
}

/* Whose the token is; NULL: nobody's. Every line is compared, whichever fits. */
static const char *token_owner(struct arena *arena, const char *lines,
    const struct registry_claim *claim)
{
	const char *hash = token_hash(arena, claim->token), *day = today(arena), *owner = NULL;
	const char *fields[FIELDS_MAX];

	while (line_next(arena, &lines, fields)) {
		bool is_it = is_good_line(fields, day) && text_equal_secret(fields[1], hash);

		if (is_it && (claim->user == NULL || text_equal(claim->user, fields[0])))
			owner = fields[0];
	}
	return owner;
}

bool registry_admit(struct ctx *ctx, const struct registry_claim *claim)
{
	struct arena *arena = ctx->arena;
	struct registry *registry = NULL;
	const char *fault, *owner;
	struct buf *lines;

	registry_configured(arena, ctx->conf, &registry);
	if (registry == NULL || token_weakness(arena, claim->token) != NULL)
		return false;
	fault = tokens_fault(arena, registry);
	if (fault != NULL) {
		log_warn("no token of the registry is taken", "file", TOKENS, "why", fault);
		return false;
	}
	if (folder_read(arena, registry->folder, TOKENS, TOKENS_MAX, &lines) != NULL ||
	    lines->data == NULL)
		return false;
	owner = token_owner(arena, lines->data, claim);
	if (owner == NULL)
		return false;
	ctx->access = (struct access){.role = ROLE_VIEWER, .is_registry = true,
	    .name = "the registry's files",
	    .account_slug = text_equal(owner, "operator") ? NULL : owner};
	log_warn("the database is away: the registry's files answer", "to", owner, "remote",
	    claim->address);
	return true;
}

const char *registry_found(struct ctx *ctx, bool *is_good)
{
	const char *dir = conf_text(ctx->conf, "PROMPTBUILDER_ACCOUNTS_DIR"), *fault;
	struct registry *registry;
	struct stat file;
	const struct err *err = dir == NULL ? NULL :
	    registry_open(ctx->arena, dir, NULL, &registry);

	*is_good = err == NULL;
	if (dir == NULL || err != NULL)
		return err != NULL ? err->sentence : NULL;
	err = folder_stat(ctx->arena, registry->folder, TOKENS, &file);
	if (err != NULL && err->kind == ERR_MISSING)
		return "readable; without " TOKENS ", nobody reads it while the database is away";
	fault = tokens_fault(ctx->arena, registry);
	*is_good = fault == NULL;
	return fault != NULL ? arena_printf(ctx->arena, TOKENS " does not count: %s", fault) :
	    "readable; tokens in " TOKENS " read it while the database is away";
}

/* ---- What they tell. ---- */

static bool may_see(const struct ctx *ctx, const char *slug)
{
	return ctx->access.account_slug == NULL || text_equal(ctx->access.account_slug, slug);
}

static void source_set(struct doc *out)
{
	doc_set_text(out, "source", "files");
	doc_set_text(out, "note", "The database is away: this comes from the files of the "
	    "registry, and may be older than what the database has.");
}

const struct err *registry_list(struct ctx *ctx, struct doc *out)
{
	struct doc *accounts = doc_add_array(out, "accounts");
	struct registry *registry = NULL;
	struct registry_place *places;
	size_t count = 0;
	const struct err *err;

	source_set(out);
	registry_configured(ctx->arena, ctx->conf, &registry);
	err = registry == NULL ? err_new(ctx->arena, ERR_DOWN, "The database is not reachable.") :
	    registry_accounts(registry, ctx->arena, &places, &count);
	for (size_t i = 0; err == NULL && i < count && doc_count(accounts) < LIST_MAX; i++) {
		struct registry_account account;
		struct doc *row;

		if (!may_see(ctx, places[i].name) || registry_account(registry, ctx->arena,
		    places[i].name, &account) != NULL)
			continue;
		row = doc_push_object(accounts);
		doc_set_text(row, "slug", account.slug);
		doc_set_text(row, "name", account.name);
		doc_set_int(row, "assistant_count", (int64_t)account.count);
	}
	doc_set_bool(out, "is_cut", doc_count(accounts) == LIST_MAX);
	return err;
}

static void assistant_doc(struct ctx *ctx, const struct registry *registry,
    const struct registry_account *account, size_t index, struct doc *row)
{
	struct registry_assistant assistant;
	struct registry_text text;

	doc_set_text(row, "external_id", account->assistants[index].name);
	if (registry_assistant(registry, ctx->arena, &account->assistants[index], &assistant) !=
	    NULL)
		return;
	doc_set_text(row, "name", assistant.name);
	doc_set_int(row, "version_count", (int64_t)assistant.count);
	if (!registry_deployed(registry, ctx->arena, &assistant, &text))
		return;
	doc_set_text(row, "version", arena_printf(ctx->arena, "v%d", text.number));
	doc_set_text(row, "prompt_hash", text.hash);
}

const struct err *registry_show(struct ctx *ctx, const char *slug, struct doc *out)
{
	const struct err *missing = err_new(ctx->arena, ERR_MISSING, "There is no account \"%s\" "
	    "in the registry's files.", text_cut(ctx->arena, slug, 64));
	struct registry *registry = NULL;
	struct registry_account account;
	struct doc *assistants;

	registry_configured(ctx->arena, ctx->conf, &registry);
	if (registry == NULL || !may_see(ctx, slug) ||
	    registry_account(registry, ctx->arena, slug, &account) != NULL)
		return missing;
	source_set(out);
	doc_set_text(out, "slug", account.slug);
	doc_set_text(out, "name", account.name);
	doc_set_text(out, "time_zone", account.zone);
	assistants = doc_add_array(out, "assistants");
	for (size_t i = 0; i < account.count && i < LIST_MAX; i++)
		assistant_doc(ctx, registry, &account, i, doc_push_object(assistants));
	doc_set_bool(out, "is_cut", account.count > LIST_MAX);
	return NULL;
}
