/* registry_test.c: the reader of the file-based registry, adoption, and who its files let in. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/token.h"
#include "model/account.h"
#include "model/assistant.h"
#include "model/registry_away.h"
#include "world.h"

#define TOKEN "pbv_0123456789abcdefghijklmnopqrstuvwxyz-ABCDEF"

static char root[64];
static struct registry *registry;
static struct buf *told; /* "refusal path: sentence\n" */

static void tell(void *arg, enum registry_word word, const char *path, const char *sentence)
{
	buf_printf(told, "%s %s: %s\n", word == REGISTRY_REFUSAL ? "refusal" : "note", path,
	    sentence);
}

/* A registry of the test, which is that of the setting. */
static void registry_make(void)
{
	strcpy(root, "/tmp/registry_test.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	ck_assert_int_eq(chmod(root, 0755), 0);
	ck_assert_ptr_null(conf_set((struct conf *)(uintptr_t)operator->conf,
	    "PROMPTBUILDER_ACCOUNTS_DIR", root));
	ck_assert_ptr_null(conf_set((struct conf *)(uintptr_t)at_north->conf,
	    "PROMPTBUILDER_ACCOUNTS_DIR", root));
	told = buf_new(arena, 1 << 20);
	ck_assert_fine(registry_open(arena, root, &(struct registry_teller){tell, NULL}, &registry));
}

static void registry_remove(void)
{
	ck_assert_int_eq(system(arena_printf(arena, "rm -r %s", root)), 0);
}

/* A file with the folders above it. */
static void put(const char *path, const char *text)
{
	char *whole = arena_printf(arena, "%s/%s", root, path);
	FILE *file;

	for (char *slash = whole + strlen(root); (slash = strchr(slash + 1, '/')) != NULL;) {
		*slash = '\0';
		(void)mkdir(whole, 0755);
		*slash = '/';
	}
	file = fopen(whole, "we");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

static struct registry_assistant assistant_of(const char *slug, const char *external_id)
{
	struct registry_account account;
	struct registry_assistant assistant;
	const struct registry_place *place;

	ck_assert_fine(registry_account(registry, arena, slug, &account));
	place = registry_find(&account, external_id);
	ck_assert_ptr_nonnull(place);
	ck_assert_fine(registry_assistant(registry, arena, place, &assistant));
	return assistant;
}

/* "1 2 3": the numbers of its versions. */
static const char *numbers_of(const struct registry_assistant *assistant)
{
	struct buf *numbers = buf_new(arena, 10000);

	for (size_t i = 0; i < assistant->count; i++)
		buf_printf(numbers, "%s%d", i == 0 ? "" : " ", assistant->versions[i].number);
	return numbers->data != NULL ? numbers->data : "";
}

START_TEST(every_name_of_a_version_is_known)
{
	static const char *const names[] = {"v1/prompt.md", "version-2/prompt.txt", "versions/v3.md",
	    "prompts/prompt-v4.md", "prompt_v5.md", "v6.prompt.md", "injection-v7.ts",
	    "v8.injection.ts", "v9.ts", "v010/injection.ts", "prompt.v11.md", "version12/v12.md"};
	struct registry_assistant assistant;

	registry_make();
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		put(arena_printf(arena, "acme/bot/%s", names[i]),
		    "export const prompt = 'x';");
	put("acme/bot/versions/deeper/v13.md", "not looked at");
	put("acme/bot/V14.md", "not looked at");
	assistant = assistant_of("acme", "bot");
	ck_assert_str_eq(numbers_of(&assistant), "1 2 3 4 5 6 7 8 9 10 11 12");
	for (size_t i = 0; i < assistant.count; i++) {
		struct registry_text text;

		ck_assert_msg(registry_text(registry, arena, &assistant.versions[i], &text), "%s",
		    told->data);
		ck_assert_int_eq(text.number, (int)i + 1);
	}
	ck_assert_ptr_nonnull(strstr(told->data, "note acme/bot/versions/deeper: "));
	ck_assert_ptr_nonnull(strstr(told->data, "note acme/bot/V14.md: "));
	registry_remove();
}
END_TEST

START_TEST(facts_are_taken_when_they_are_right)
{
	static const struct {
		const char *json, *created_at, *score, *status, *message;
		bool is_marked;
	} cases[] = {
		{"{}", NULL, NULL, "draft", NULL, false},
		{"{\"createdAt\": \"2026-01-21\", \"finalScore\": 87, \"current\": true,"
		    " \"notes\": \" n \"}", "2026-01-21T00:00:00Z", "87", "deployed", "n", true},
		{"{\"created_at\": \"2026-01-21T10:00:00+02:00\", \"score\": \"87.129\","
		    " \"status\": \"archived\", \"deployed\": false}", "2026-01-21T10:00:00+02:00",
		    "87.12", "archived", NULL, false},
		{"{\"created_at\": 5, \"score\": 100.5, \"status\": \"odd\", \"message\": 5}", NULL,
		    "100", "draft", NULL, false},
		{"{\"score\": 101, \"status\": \"deployed\"}", NULL, NULL, "deployed", NULL, true},
		{"{\"score\": -1}", NULL, NULL, "draft", NULL, false},
		{"{\"score\": \"1e2\"}", NULL, NULL, "draft", NULL, false},
		{"[]", NULL, NULL, "draft", NULL, false},
		{"{\"status\": \"final\"", NULL, NULL, "draft", NULL, false},
	};

	registry_make();
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct registry_assistant assistant;
		struct registry_text text;

		put("acme/bot/v1.md", "# One");
		put("acme/bot/v1.json", cases[i].json);
		assistant = assistant_of("acme", "bot");
		ck_assert(registry_text(registry, arena, &assistant.versions[0], &text));
		ck_assert_msg((text.created_at == NULL) == (cases[i].created_at == NULL) &&
		    (text.score == NULL) == (cases[i].score == NULL) &&
		    (text.message == NULL) == (cases[i].message == NULL), "%s", cases[i].json);
		if (text.created_at != NULL)
			ck_assert_str_eq(text.created_at, cases[i].created_at);
		if (text.score != NULL)
			ck_assert_str_eq(text.score, cases[i].score);
		if (text.message != NULL)
			ck_assert_str_eq(text.message, cases[i].message);
		ck_assert_str_eq(text.status, cases[i].status);
		ck_assert(text.is_marked == cases[i].is_marked);
	}
	registry_remove();
}
END_TEST

/* The prompt that the delivery asks for; "" when there is none. */
static const char *delivered(const char *account, const char *assistant, const char *environment)
{
	struct registry_question question = {account, assistant, environment};
	struct registry_text text;
	const struct err *err = registry_prompt(arena, operator->conf, &question, &text);

	if (err == NULL)
		return text.prompt;
	ck_assert_int_eq(err->kind, ERR_MISSING);
	return "";
}

START_TEST(the_deployed_version_is_delivered)
{
	registry_make();
	put("acme/bot/v1.md", "one");
	put("acme/bot/v2/prompt.md", "two");
	put("acme/bot/v2/injection.ts", "export const prompt = `two`;");
	put("acme/bot/v3.md", "three");
	ck_assert_str_eq(delivered("acme", "bot", NULL), "three");
	put("acme/bot/v1.json", "{\"deployed\": true}");
	ck_assert_str_eq(delivered("acme", "bot", "production"), "one");
	put("acme/bot/v2/metadata.json", "{\"deployed\": true}");
	ck_assert_str_eq(delivered("acme", "bot", NULL), "two");
	put("acme/bot/assistant.json", "{\"current\": \"v3\"}");
	ck_assert_str_eq(delivered("acme", "bot", NULL), "three");
	put("acme/bot/assistant.json", "{\"currentVersion\": 9}");
	ck_assert_str_eq(delivered("acme", "bot", NULL), "");
	put("acme/bot/assistant.json", "{}");
	ck_assert_str_eq(delivered("acme", "bot", "staging"), "");
	ck_assert_str_eq(delivered("acme", "none", NULL), "");
	ck_assert_str_eq(delivered("none", "bot", NULL), "");
	ck_assert_str_eq(delivered("../acme", "bot", NULL), "");
	ck_assert_str_eq(delivered("acme", "../bot", NULL), "");
	registry_remove();
	ck_assert_str_eq(delivered("acme", "bot", NULL), "");
}
END_TEST

START_TEST(operators_adopt_and_others_do_not)
{
	struct doc *doc = doc_object(arena);
	const char *id;

	registry_make();
	put("files/bot/v1.md", "one");
	put("files/account.json", "{\"name\": \"Of files\", \"settings\": {\"a\": 1}}");
	put("north/desk/assistant.json", "{\"name\": \"The desk\"}");
	ck_assert_err(account_get(at_north, "files", doc), ERR_MISSING);
	ck_assert_err(account_id_of(at_north, "files", &id), ERR_MISSING);
	ck_assert_str_eq(world_value("SELECT count(*) FROM accounts"), "2");
	ck_assert_fine(account_id_of(operator, "files", &id));
	ck_assert_str_eq(world_value("SELECT name || settings || (SELECT count(*) FROM assistants s"
	    " WHERE s.account_id = a.id) FROM accounts a WHERE slug = 'files'"),
	    "Of files{\"a\": 1}1");
	ck_assert_fine(account_get(operator, "files", doc));
	ck_assert_str_eq(doc_text(doc, "id"), id);
	ck_assert_err(account_get(operator, "none", doc), ERR_MISSING);
	ck_assert_err(assistant_get(at_north, north, "none", doc), ERR_MISSING);
	at_north->access.role = ROLE_VIEWER;
	ck_assert_err(assistant_get(at_north, north, "desk", doc), ERR_MISSING);
	at_north->access.role = ROLE_MEMBER;
	ck_assert_err(assistant_get(at_north, south, "desk", doc), ERR_MISSING);
	ck_assert_fine(assistant_get(at_north, north, "desk", doc));
	ck_assert_str_eq(doc_text(doc, "name"), "The desk");
	registry_remove();
}
END_TEST

static bool admits(const char *user, const char *token)
{
	struct registry_claim claim = {user, token, "127.0.0.1"};

	operator->access = (struct access){.role = ROLE_NOBODY};
	return registry_admit(operator, &claim);
}

static const char *found(bool wanted)
{
	bool is_good;
	const char *sentence = registry_found(operator, &is_good);

	ck_assert_msg(is_good == wanted, "%s", sentence);
	return sentence;
}

START_TEST(an_installation_is_told_of_its_registry)
{
	const char *file;

	ck_assert_ptr_null(found(true));
	registry_make();
	file = arena_printf(arena, "%s/_tokens", root);
	ck_assert_ptr_nonnull(strstr(found(true), "without _tokens"));
	put("_tokens", "");
	ck_assert_int_eq(chmod(file, 0600), 0);
	ck_assert_ptr_nonnull(strstr(found(true), "tokens in _tokens"));
	ck_assert_int_eq(chmod(file, 0644), 0);
	ck_assert_ptr_nonnull(strstr(found(false), "others may not read it"));
	ck_assert_int_eq(unlink(file), 0);
	ck_assert_int_eq(symlink("/etc/passwd", file), 0);
	ck_assert_ptr_nonnull(strstr(found(false), "does not count"));
	registry_remove();
	ck_assert_ptr_nonnull(strstr(found(false), "No such file"));
}
END_TEST

START_TEST(tokens_of_the_registry_only_view)
{
	const char *file, *hash;

	registry_make();
	hash = token_hash(arena, TOKEN);
	file = arena_printf(arena, "%s/_tokens", root);
	ck_assert(!admits(NULL, TOKEN));
	put("_tokens", arena_printf(arena, "# who\n\nacme %s\r\n", hash));
	ck_assert_int_eq(chmod(file, 0600), 0);
	ck_assert(admits(NULL, TOKEN));
	ck_assert_int_eq(operator->access.role, ROLE_VIEWER);
	ck_assert(operator->access.is_registry);
	ck_assert_str_eq(operator->access.account_slug, "acme");
	ck_assert_ptr_null(operator->access.account_id);
	ck_assert(admits("acme", TOKEN));
	ck_assert(!admits("operator", TOKEN));
	ck_assert(!admits(NULL, TOKEN "x"));
	ck_assert(!admits(NULL, ""));
	put("_tokens", arena_printf(arena, "operator\t%s 9000-01-01", hash));
	ck_assert(admits(NULL, TOKEN));
	ck_assert_int_eq(operator->access.role, ROLE_VIEWER);
	ck_assert_ptr_null(operator->access.account_slug);
	put("_tokens", arena_printf(arena, "operator %s 2020-01-01\noperator %s soon\n#a %s\n%s\n",
	    hash, hash, hash, hash));
	ck_assert(!admits(NULL, TOKEN));
	put("_tokens", arena_printf(arena, "a %s\n", token_hash(arena, "password")));
	ck_assert(!admits(NULL, "password"));
	put("_tokens", arena_printf(arena, "acme %s\n", hash));
	ck_assert_int_eq(chmod(file, 0604), 0);
	ck_assert(!admits(NULL, TOKEN));
	ck_assert_int_eq(chmod(file, 0620), 0);
	ck_assert(!admits(NULL, TOKEN));
	ck_assert_int_eq(chmod(file, 0640), 0);
	ck_assert(admits(NULL, TOKEN));
	ck_assert_int_eq(chmod(root, 0775), 0);
	ck_assert(!admits(NULL, TOKEN));
	registry_remove();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {every_name_of_a_version_is_known,
	    facts_are_taken_when_they_are_right, the_deployed_version_is_delivered,
	    operators_adopt_and_others_do_not, tokens_of_the_registry_only_view,
	    an_installation_is_told_of_its_registry};

	return world_main("registry", tests, ARRAY_LEN(tests));
}
