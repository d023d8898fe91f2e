/* registry.c: the registry's folder and its accounts. */
#include "model/registry_inner.h"

#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "model/account.h"

#define SLUG_MAX 64

/* ---- The folder. ---- */

const struct err *registry_open(struct arena *arena, const char *dir,
    const struct registry_teller *teller, struct registry **registry)
{
	struct registry *made = arena_alloc(arena, sizeof(*made));
	const struct err *err = folder_open(arena, dir, &made->folder);

	if (err != NULL)
		return err;
	if (teller != NULL)
		made->teller = *teller;
	*registry = made;
	return NULL;
}

void registry_configured(struct arena *arena, const struct conf *conf,
    struct registry **registry)
{
	const char *dir = conf == NULL ? NULL : conf_text(conf, "PROMPTBUILDER_ACCOUNTS_DIR");
	const struct err *err = dir == NULL ? NULL : registry_open(arena, dir, NULL, registry);

	if (dir == NULL || err != NULL)
		*registry = NULL;
	if (err != NULL)
		log_warn("the account registry cannot be read", "why", err->sentence);
}

void registry_tell(const struct registry *registry, enum registry_word word, const char *path,
    const char *sentence)
{
	if (registry->teller.tell != NULL)
		registry->teller.tell(registry->teller.arg, word, path, sentence);
}

bool registry_is_hidden(const char *name)
{
	return name[0] == '_' || name[0] == '.';
}

bool registry_is_plain(const struct registry *registry, const char *path, enum folder_kind kind)
{
	if (kind == FOLDER_LINK)
		registry_tell(registry, REGISTRY_REFUSAL, path, "It is a symbolic link; links are "
		    "not followed.");
	if (kind == FOLDER_SPECIAL)
		registry_tell(registry, REGISTRY_REFUSAL, path, "It is neither a file nor a "
		    "folder.");
	return kind == FOLDER_FILE || kind == FOLDER_FOLDER;
}

const char *registry_path(struct arena *arena, const char *folder, const char *name)
{
	return *folder == '\0' ? arena_strdup(arena, name) :
	    arena_printf(arena, "%s/%s", folder, name);
}

/* ---- Places: folders in a folder. ---- */

struct places {
	const struct registry *registry;
	struct arena *arena;
	struct buf *found; /* of struct registry_place */
};

static struct places places_new(const struct registry *registry, struct arena *arena)
{
	return (struct places){registry, arena,
	    buf_new(arena, FOLDER_ENTRIES_MAX * sizeof(struct registry_place))};
}

static void place_add(struct places *places, const char *name, const char *path)
{
	struct registry_place place = {name, path};

	buf_add(places->found, &place, sizeof(place));
}

static struct registry_place *places_end(const struct places *places, size_t *count)
{
	*count = places->found->len / sizeof(struct registry_place);
	return (struct registry_place *)(void *)places->found->data;
}

const struct err *registry_accounts(const struct registry *registry, struct arena *arena,
    struct registry_place **places, size_t *count)
{
	struct places found = places_new(registry, arena);
	struct folder_entry *entries;
	size_t entry_count;
	const struct err *err = folder_list(arena, registry->folder, "", &entries, &entry_count);

	for (size_t i = 0; err == NULL && i < entry_count; i++) {
		const struct folder_entry *entry = &entries[i];

		if (registry_is_hidden(entry->name) ||
		    !registry_is_plain(registry, entry->name, entry->kind))
			continue;
		if (entry->kind == FOLDER_FOLDER)
			place_add(&found, entry->name, entry->name);
		else
			registry_tell(registry, REGISTRY_NOTE, entry->name,
			    "It is no folder of an account.");
	}
	*places = places_end(&found, count);
	return err;
}

/* ---- Slugs. ---- */

/* The name as a slug: what is none of its signs becomes "-". */
static const char *slug_like(struct arena *arena, const char *name)
{
	struct buf *slug = buf_new(arena, SLUG_MAX);

	for (; *name != '\0' && slug->len < SLUG_MAX - 1; name++) {
		char c = *name >= 'A' && *name <= 'Z' ? (char)(*name | 32) : *name;
		bool is_sign = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

		if (is_sign || (slug->len > 0 && (c == '_' || c == '-')))
			buf_char(slug, c);
		else if (slug->len > 0 && slug->data[slug->len - 1] != '-')
			buf_char(slug, '-');
	}
	while (slug->len > 0 && slug->data[slug->len - 1] == '-')
		slug->data[--slug->len] = '\0';
	return slug->data != NULL && account_slug_is_good(slug->data) ? slug->data : NULL;
}

const char *registry_slug_fault(struct arena *arena, const char *name)
{
	const char *slug;

	if (account_slug_is_good(name))
		return NULL;
	slug = slug_like(arena, name);
	return arena_printf(arena, "The folder's name is no slug: 1 to 64 of a-z, 0-9, '-' and "
	    "'_', the first a letter or digit, and neither an id nor \"operator\". %s%s%s",
	    slug == NULL ? "Rename it." : "Rename it to \"", slug == NULL ? "" : slug,
	    slug == NULL ? "" : "\", for example.");
}

/* ---- One account. ---- */

static bool is_external_id(const char *name)
{
	return text_is_clean(name, strlen(name)) && strpbrk(name, "\t\r\n") == NULL &&
	    text_length(name) <= REGISTRY_NAME_MAX;
}

static void assistant_add(struct places *places, const char *name, const char *path)
{
	const struct registry_place *known;
	size_t count;

	known = places_end(places, &count);
	for (size_t i = 0; i < count; i++) {
		if (!text_equal(known[i].name, name))
			continue;
		registry_tell(places->registry, REGISTRY_REFUSAL, path,
		    arena_printf(places->arena, "The assistant is %s already.", known[i].path));
		return;
	}
	if (is_external_id(name))
		place_add(places, name, path);
	else
		registry_tell(places->registry, REGISTRY_REFUSAL, path, "The folder's name is no "
		    "external id: a line of 1 to 200 characters of UTF-8.");
}

/* All folders in "assistants". */
static const struct err *assistants_scan(struct places *places, const char *folder)
{
	struct folder_entry *entries;
	size_t count;
	const struct err *err = folder_list(places->arena, places->registry->folder, folder,
	    &entries, &count);

	for (size_t i = 0; err == NULL && i < count; i++) {
		const char *path = registry_path(places->arena, folder, entries[i].name);

		if (registry_is_hidden(entries[i].name) ||
		    !registry_is_plain(places->registry, path, entries[i].kind))
			continue;
		if (entries[i].kind == FOLDER_FOLDER)
			assistant_add(places, entries[i].name, path);
		else
			registry_tell(places->registry, REGISTRY_NOTE, path,
			    "It is no folder of an assistant.");
	}
	return err;
}

/* A folder right in the account's is an assistant when it has something of one. */
static bool is_assistant(struct places *places, const char *path)
{
	struct registry quiet = {.folder = places->registry->folder};
	struct registry_assistant assistant;
	const struct registry_place place = {path, path};

	return registry_assistant(&quiet, places->arena, &place, &assistant) == NULL &&
	    (assistant.count > 0 || assistant.has_facts);
}

static void account_entry(struct places *places, const struct folder_entry *entry,
    const char *folder, const char **facts)
{
	const char *path = registry_path(places->arena, folder, entry->name);

	if (registry_is_hidden(entry->name) || text_equal(entry->name, "assistants") ||
	    !registry_is_plain(places->registry, path, entry->kind))
		return;
	if (entry->kind == FOLDER_FOLDER && is_assistant(places, path))
		assistant_add(places, entry->name, path);
	else if (entry->kind == FOLDER_FILE && (text_equal(entry->name, "account.json") ||
	    (*facts == NULL && text_equal(entry->name, "metadata.json"))))
		*facts = path;
	else
		registry_tell(places->registry, REGISTRY_NOTE, path, entry->kind == FOLDER_FILE ?
		    "Nothing is known of such a file." : "Nothing in this folder is a prompt.");
}

static void account_facts(const struct registry *registry, struct arena *arena,
    const char *path, struct registry_account *account)
{
	const struct doc *facts = registry_json(registry, arena, path);
	const char *name = registry_line(registry, facts, "name", path);

	account->name = name != NULL ? name : account->slug;
	account->zone = registry_line(registry, facts, "time_zone", path);
	if (account->zone == NULL)
		account->zone = registry_line(registry, facts, "timeZone", path);
	account->settings = registry_settings(arena, facts);
}

const struct err *registry_account(const struct registry *registry, struct arena *arena,
    const char *slug, struct registry_account *account)
{
	struct places places = places_new(registry, arena);
	struct folder_entry *entries = NULL;
	const char *facts = NULL, *nested = registry_path(arena, slug, "assistants");
	size_t count = 0;
	const struct err *err;

	*account = (struct registry_account){.slug = arena_strdup(arena, slug)};
	if (!account_slug_is_good(slug))
		return err_new(arena, ERR_MISSING, "The registry has no such account.");
	err = folder_list(arena, registry->folder, slug, &entries, &count);
	for (size_t i = 0; err == NULL && i < count; i++)
		if (text_equal(entries[i].name, "assistants") &&
		    registry_is_plain(registry, nested, entries[i].kind))
			err = assistants_scan(&places, nested);
	for (size_t i = 0; err == NULL && i < count; i++)
		account_entry(&places, &entries[i], slug, &facts);
	if (err != NULL)
		return err;
	account_facts(registry, arena, facts, account);
	account->assistants = places_end(&places, &account->count);
	return NULL;
}

const struct registry_place *registry_find(const struct registry_account *account,
    const char *external_id)
{
	for (size_t i = 0; i < account->count; i++)
		if (text_equal(account->assistants[i].name, external_id))
			return &account->assistants[i];
	return NULL;
}
