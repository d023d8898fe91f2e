/* prompt_store.c: what a worker keeps in memory of deployed prompts and of who may read them. */
#include "web/prompt.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"

#define CONFIRM_MS (10 * 60 * 1000) /* a file learns no more often that it is true */
#define NEVER_MS (INT64_MIN / 2)

/* FNV-1a; 0 stands for an empty place. */
static uint64_t mark_of(const char *text)
{
	uint64_t mark = 14695981039346656037u;

	for (; *text != '\0'; text++)
		mark = (mark ^ (unsigned char)*text) * 1099511628211u;
	return mark == 0 ? 1 : mark;
}

static void entry_clear(struct served *served, struct prompt_entry *entry)
{
	arena_free(entry->arena);
	*entry = (struct prompt_entry){.arena = NULL};
	served->entry_marks[entry - served->entries] = 0;
}

static void grant_clear(struct served *served, struct prompt_grant *grant)
{
	arena_free(grant->arena);
	*grant = (struct prompt_grant){.arena = NULL};
	served->grant_marks[grant - served->grants] = 0;
}

struct prompt_entry *prompt_entry_find(struct served *served, const char *key)
{
	uint64_t mark = mark_of(key);

	for (size_t i = 0; i < PROMPT_ENTRIES; i++) {
		struct prompt_entry *entry = &served->entries[i];

		if (served->entry_marks[i] != mark || strcmp(entry->key, key) != 0)
			continue;
		entry->age.used = ++served->uses;
		return entry;
	}
	return NULL;
}

struct prompt_grant *prompt_grant_find(struct served *served, const char *hash)
{
	uint64_t mark = mark_of(hash);

	for (size_t i = 0; i < PROMPT_GRANTS; i++) {
		struct prompt_grant *grant = &served->grants[i];

		if (served->grant_marks[i] != mark || !text_equal_secret(grant->hash, hash))
			continue;
		grant->age.used = ++served->uses;
		return grant;
	}
	return NULL;
}

/* An empty place, or that of what was used longest ago, made empty. */
static struct prompt_entry *entry_place(struct served *served, const char *key)
{
	struct prompt_entry *place = &served->entries[0];

	for (size_t i = 0; i < PROMPT_ENTRIES; i++)
		if (served->entries[i].age.used < place->age.used)
			place = &served->entries[i];
	entry_clear(served, place);
	place->arena = arena_new();
	place->age.used = ++served->uses;
	served->entry_marks[place - served->entries] = mark_of(key);
	return place;
}

static struct prompt_grant *grant_place(struct served *served, const char *hash)
{
	struct prompt_grant *place = &served->grants[0];

	for (size_t i = 0; i < PROMPT_GRANTS; i++)
		if (served->grants[i].age.used < place->age.used)
			place = &served->grants[i];
	grant_clear(served, place);
	place->arena = arena_new();
	place->age.used = ++served->uses;
	place->hash = arena_strdup(place->arena, hash);
	served->grant_marks[place - served->grants] = mark_of(hash);
	return place;
}

static void age_renew(const struct served *served, struct prompt_age *age)
{
	age->checked_ms = clock_ms();
	age->confirmed_ms = clock_wall_ms();
	age->era = db_is_listening(served->listener) ? served->era : 0;
}

static void age_end(struct prompt_age *age)
{
	age->era = 0;
	age->checked_ms = NEVER_MS;
}

/* Files are found by their names; an account's begin with its id, so that they can go with it. */
static const char *entry_file(struct arena *arena, const char *account_id, const char *key)
{
	return arena_printf(arena, "%s-%s", account_id, text_sha256(arena, key, strlen(key)));
}

static const char *grant_file(struct arena *arena, const char *hash)
{
	return arena_printf(arena, "token-%s", hash);
}

/* An operator's key begins with no account: what is kept for operators is in memory only. */
static bool is_of_account(const char *key)
{
	return *key != '\n';
}

/* Writes the file, or tells one with the same content that it is still true. */
static void file_renew(struct served *served, struct prompt_age *age, const char *name,
    const struct doc *doc)
{
	if (doc != NULL)
		prompt_file_save(served, name, doc);
	else if (age->confirmed_ms < age->touched_ms + CONFIRM_MS)
		return;
	else
		prompt_file_confirm(served, name);
	age->touched_ms = age->confirmed_ms;
}

static const char *digest_of(struct arena *arena, const struct doc *row)
{
	struct buf *text = buf_new(arena, 2 * PAGE_MAX);

	doc_write(row, text);
	return text_sha256(arena, text->data, text->len);
}

/* The place of the key with this row in it; *is_new: it had another one before. */
static struct prompt_entry *entry_fill(struct served *served, const char *key,
    const struct doc *row, const char *digest, bool *is_new)
{
	struct prompt_entry *entry = prompt_entry_find(served, key);
	char former[sizeof(entry->former)] = "";

	*is_new = entry == NULL || !text_equal(entry->digest, digest);
	if (!*is_new)
		return entry;
	if (entry != NULL) {
		memcpy(former, entry->event_id, sizeof(former) - 1);
		entry_clear(served, entry);
	}
	entry = entry_place(served, key);
	prompt_entry_make(entry, key, row);
	entry->digest = arena_strdup(entry->arena, digest);
	memcpy(entry->former, former, sizeof(former));
	return entry;
}

struct prompt_entry *prompt_entry_keep(struct served *served, const char *key,
    const struct doc *row)
{
	struct arena *arena = arena_new();
	const char *digest = digest_of(arena, row);
	bool is_new;
	struct prompt_entry *entry = entry_fill(served, key, row, digest, &is_new);

	age_renew(served, &entry->age);
	if (served->folder != NULL && is_of_account(key)) {
		struct doc *file = NULL;

		if (is_new) {
			file = doc_object(arena);
			doc_set_text(file, "key", key);
			doc_set(file, "row", (struct doc *)row);
		}
		file_renew(served, &entry->age, entry_file(arena, entry->account_id, key), file);
	}
	arena_free(arena);
	return entry;
}

static void access_copy(struct arena *arena, const struct access *from, struct access *to)
{
	const char *const texts[] = {from->account_id, from->account_slug, from->account_name,
	    from->name, from->token_id};
	const char **const places[] = {&to->account_id, &to->account_slug, &to->account_name,
	    &to->name, &to->token_id};

	*to = (struct access){.role = from->role};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		*places[i] = texts[i] == NULL ? NULL : arena_strdup(arena, texts[i]);
}

static struct doc *grant_doc(struct arena *arena, const struct prompt_grant *grant)
{
	const struct access *access = &grant->access;
	struct doc *doc = doc_object(arena);

	doc_set_text(doc, "hash", grant->hash);
	doc_set_text(doc, "role", role_name(access->role));
	doc_set_text(doc, "account_id", access->account_id);
	doc_set_text(doc, "account_slug", access->account_slug);
	doc_set_text(doc, "account_name", access->account_name);
	doc_set_text(doc, "name", access->name);
	doc_set_text(doc, "token_id", access->token_id);
	doc_set_int(doc, "until_ms", grant->until_ms);
	return doc;
}

static bool is_same_grant(const struct prompt_grant *grant, const struct access *access,
    int64_t until_ms)
{
	/* The moment is computed from what was left, so it varies a little. */
	return grant->access.role == access->role && (grant->until_ms == until_ms ||
	    (until_ms != INT64_MAX && grant->until_ms != INT64_MAX &&
	    grant->until_ms / CONFIRM_MS == until_ms / CONFIRM_MS)) &&
	    text_equal(grant->access.account_slug, access->account_slug);
}

struct prompt_grant *prompt_grant_keep(struct served *served, const char *hash,
    const struct access *access, int64_t left_ms)
{
	struct arena *arena = arena_new();
	int64_t until_ms = left_ms < 0 ? INT64_MAX : clock_wall_ms() + left_ms;
	struct prompt_grant *grant = prompt_grant_find(served, hash);
	bool is_new = grant == NULL || !is_same_grant(grant, access, until_ms);

	if (is_new) {
		if (grant != NULL)
			grant_clear(served, grant);
		grant = grant_place(served, hash);
		access_copy(grant->arena, access, &grant->access);
	}
	grant->until_ms = until_ms;
	age_renew(served, &grant->age);
	if (served->folder != NULL && access->account_id != NULL)
		file_renew(served, &grant->age, grant_file(arena, hash),
		    is_new ? grant_doc(arena, grant) : NULL);
	arena_free(arena);
	return grant;
}

void prompt_entry_drop(struct served *served, const char *key)
{
	struct prompt_entry *entry = prompt_entry_find(served, key);
	struct arena *arena = arena_new();
	const char *account_id = arena_strndup(arena, key, strcspn(key, "\n"));

	if (entry != NULL)
		entry_clear(served, entry);
	if (is_of_account(key))
		prompt_file_drop(served, entry_file(arena, account_id, key));
	arena_free(arena);
}

void prompt_grant_drop(struct served *served, const char *hash)
{
	struct prompt_grant *grant = prompt_grant_find(served, hash);
	struct arena *arena = arena_new();

	prompt_file_drop(served, grant_file(arena, hash));
	if (grant != NULL)
		grant_clear(served, grant);
	arena_free(arena);
}

/* An assistant's answers are old, and stay for when the database is away; an account's and what a
 * token may do are forgotten: the account may be deleted, the token revoked. */
void prompt_heard(struct served *served, const char *id)
{
	if (id == NULL) {
		served->era++;
		served->away_until_ms = 0;
		return;
	}
	for (size_t i = 0; i < PROMPT_ENTRIES; i++) {
		struct prompt_entry *entry = &served->entries[i];

		if (text_equal(entry->assistant_id, id))
			age_end(&entry->age);
		else if (text_equal(entry->account_id, id))
			entry_clear(served, entry);
	}
	for (size_t i = 0; i < PROMPT_GRANTS; i++) {
		struct prompt_grant *grant = &served->grants[i];

		if (grant->arena != NULL && (text_equal(grant->access.token_id, id) ||
		    text_equal(grant->access.account_id, id)))
			prompt_grant_drop(served, grant->hash);
	}
	if (text_is_uuid(id))
		prompt_file_sweep(served, id);
}

struct prompt_entry *prompt_entry_load(struct served *served, const char *key,
    const char *account_id)
{
	struct arena *arena = arena_new();
	int64_t confirmed_ms = 0;
	struct doc *file = is_of_account(key) ? prompt_file_load(served, arena,
	    entry_file(arena, account_id, key), &confirmed_ms) : NULL;
	struct prompt_entry *entry = NULL;
	bool is_new;

	if (file != NULL && text_equal(doc_text(file, "key"), key) &&
	    text_equal(doc_text(doc_get(file, "row"), "account_id"), account_id)) {
		struct doc *row = doc_get(file, "row");

		entry = entry_fill(served, key, row, digest_of(arena, row), &is_new);
		age_end(&entry->age);
		entry->age.confirmed_ms = entry->age.touched_ms = confirmed_ms;
	}
	arena_free(arena);
	return entry;
}

struct prompt_grant *prompt_grant_load(struct served *served, const char *hash)
{
	struct arena *arena = arena_new();
	int64_t confirmed_ms = 0, until_ms = 0;
	struct doc *file = prompt_file_load(served, arena, grant_file(arena, hash),
	    &confirmed_ms);
	struct prompt_grant *grant = NULL;

	if (file != NULL && text_equal(doc_text(file, "hash"), hash) &&
	    doc_int(file, "until_ms", &until_ms)) {
		struct access access = {
			.role = role_from_name(doc_text(file, "role")),
			.account_id = doc_text(file, "account_id"),
			.account_slug = doc_text(file, "account_slug"),
			.account_name = doc_text(file, "account_name"),
			.name = doc_text(file, "name"),
			.token_id = doc_text(file, "token_id"),
		};

		grant = grant_place(served, hash);
		access_copy(grant->arena, &access, &grant->access);
		grant->until_ms = until_ms;
		age_end(&grant->age);
		grant->age.confirmed_ms = grant->age.touched_ms = confirmed_ms;
	}
	arena_free(arena);
	return grant;
}
