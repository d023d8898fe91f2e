/* prompt.c: a deployed prompt for whoever may have it: from memory while that is fresh, from the
 * database, and from what is kept when the database is away. */
#include "web/prompt.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "base/token.h"
#include "model/prompt.h"
#include "model/registry_away.h"
#include "web/handlers.h"

#define RECHECK_MS 60000  /* whatever notifications say, and for the token's note of its use */
#define PATIENCE_MS 2000  /* with a database that does not answer */
#define CONNECT_MS 10000  /* with one that is there: some hosts of its URL may be dead */
/* How long it is left alone then, where something is kept; a listening connection that is dead has
 * been found out by then. */
#define AWAY_MS 6000
#define WAIT_MAX_S 60

static const char *const formats[] = {
	[PROMPT_JSON] = "json", [PROMPT_TEXT] = "text", [PROMPT_TS] = "ts", NULL,
};

static const struct field fields[] = {
	{.name = "accountId", .kind = FIELD_TEXT, .max = 64, .label = "Account"},
	{.name = "environment", .kind = FIELD_TEXT, .max = 64, .label = "Environment"},
	{.name = "format", .kind = FIELD_CHOICE, .choices = formats, .label = "Format"},
	{.name = "wait", .kind = FIELD_INT, .min = 0, .max = WAIT_MAX_S, .label = "Wait"},
};

/* What is found of a request; stale_s is -1 for what is fresh. */
struct found {
	struct prompt_grant *grant;
	struct prompt_entry *entry;
	int64_t stale_s;
};

const struct err *get_assistant_prompt(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	return form_read(ctx, request->fields, NULL, fields, ARRAY_LEN(fields), reply->doc);
}

static enum prompt_format format_of(const struct request *request, const char *name)
{
	for (size_t i = 0; i < PROMPT_FORMATS; i++)
		if (text_equal(name, formats[i]))
			return (enum prompt_format)i;
	return request->wants_text ? PROMPT_TEXT : PROMPT_JSON;
}

static void want_fill(struct visit *visit)
{
	struct prompt_want *want = arena_alloc(visit->ctx.arena, sizeof(*want));
	const struct doc *values = visit->reply.doc;
	int64_t wait_s = 0;

	doc_int(values, "wait", &wait_s);
	*want = (struct prompt_want){
		.hash = token_hash(visit->ctx.arena, visit->request.bearer),
		.assistant = visit->request.piece[0],
		.account = doc_text(values, "accountId"),
		.environment = doc_text(values, "environment"),
		.format = format_of(&visit->request, doc_text(values, "format")),
		.wait_ms = wait_s * 1000,
	};
	visit->want = want;
}

static const struct problem *nothing_there(struct arena *arena)
{
	return problem_new(arena, 404, "There is no deployed prompt of such an assistant.");
}

/* First the account, which nobody can choose; an operator's keys begin with none. */
static const char *key_of(const struct visit *visit, const struct access *access)
{
	const struct prompt_want *want = visit->want;

	return arena_printf(visit->ctx.arena, "%s\n%s\n%s\n%s",
	    access->account_id != NULL ? access->account_id : "",
	    access->account_id != NULL || want->account == NULL ? "" : want->account,
	    want->environment != NULL ? want->environment : "", want->assistant);
}

/* Somebody else's account answers like none; the database need not be asked for that. */
static bool is_foreign(const struct access *access, const char *account)
{
	return access->account_id != NULL && account != NULL &&
	    !text_equal(account, access->account_id) && !text_equal(account, access->account_slug);
}

static bool is_fresh(const struct served *served, const struct prompt_age *age,
    int64_t slack_ms)
{
	int64_t age_ms = clock_ms() - age->checked_ms;

	return age_ms < slack_ms || (age_ms < RECHECK_MS && age->era == served->era &&
	    db_is_listening(served->listener));
}

static bool is_valid(const struct prompt_grant *grant)
{
	return clock_wall_ms() < grant->until_ms;
}

/* A client that has seen something later than what is kept here is not given that: the database is
 * asked. */
static bool is_enough(const struct visit *visit, const struct found *found)
{
	const struct served *served = visit->web->served;
	char event[sizeof(found->entry->former)];

	return found->grant != NULL && found->entry != NULL && is_valid(found->grant) &&
	    is_fresh(served, &found->grant->age, visit->want->slack_ms) &&
	    is_fresh(served, &found->entry->age, visit->want->slack_ms) &&
	    !prompt_tag_is_news(found->entry, visit->request.if_none_match, event);
}

/* What can be given while nobody confirms it; false: it has been too long. */
static bool is_usable(const struct visit *visit, struct found *found)
{
	const struct served *served = visit->web->served;
	int64_t confirmed_ms, age_ms;

	if (found->grant == NULL || found->entry == NULL || !is_valid(found->grant))
		return false;
	confirmed_ms = found->grant->age.confirmed_ms;
	if (found->entry->age.confirmed_ms < confirmed_ms)
		confirmed_ms = found->entry->age.confirmed_ms;
	age_ms = clock_wall_ms() - confirmed_ms;
	found->stale_s = age_ms > 0 ? age_ms / 1000 : 0;
	return age_ms < served->stale_ms;
}

/* The files of the registry tell those whom they name; they know no ids, and nothing of what comes
 * next. What they do not have may be in the database: nobody is told that it is not there. */
static bool registry_tells(struct visit *visit, struct found *found)
{
	struct arena *arena = visit->ctx.arena;
	struct prompt_want *want = visit->want;
	struct access *access = &visit->ctx.access;
	struct registry_claim claim = {.token = visit->request.bearer,
	    .address = visit->request.remote};
	struct registry_question question = {.assistant = want->assistant,
	    .environment = want->environment};
	struct registry_text text;

	if (!registry_admit(&visit->ctx, &claim))
		return false;
	question.account = access->account_slug != NULL ? access->account_slug : want->account;
	if (question.account == NULL ||
	    (want->account != NULL && !text_equal(want->account, question.account)) ||
	    registry_prompt(arena, visit->ctx.conf, &question, &text) != NULL)
		return false;
	want->wait_ms = 0;
	found->grant = arena_alloc(arena, sizeof(*found->grant));
	found->grant->access = *access;
	found->entry = prompt_entry_of_files(arena, &question, &text);
	return true;
}

/* The one place where the database is away and nothing is known of what is asked for. */
static const struct problem *nothing_known(struct visit *visit, const struct err *err,
    struct found *found)
{
	if (err->kind == ERR_DOWN && registry_tells(visit, found))
		return NULL;
	return problem_from_err(visit->ctx.arena, err, visit->request.method);
}

static const struct problem *answer_kept(struct visit *visit, const struct err *err,
    struct found *found)
{
	struct served *served = visit->web->served;

	if (err->kind == ERR_DOWN) {
		served->away_until_ms = clock_ms() + AWAY_MS;
		db_listen_doubt(served->listener);
	}
	if (found->grant == NULL)
		found->grant = prompt_grant_load(served, visit->want->hash);
	if (found->grant != NULL && is_foreign(&found->grant->access, visit->want->account))
		return nothing_there(visit->ctx.arena);
	if (found->grant != NULL && found->entry == NULL) {
		const char *key = key_of(visit, &found->grant->access);

		found->entry = prompt_entry_find(served, key);
		if (found->entry == NULL)
			found->entry = prompt_entry_load(served, key,
			    found->grant->access.account_id);
	}
	if (is_usable(visit, found))
		return NULL;
	found->entry = NULL;
	return nothing_known(visit, err, found);
}

/* What the database says where it knows no deployment; NULL: it knows one. */
static const struct problem *absence(struct visit *visit, const struct doc *row)
{
	struct arena *arena = visit->ctx.arena;
	const char *sentence;
	bool is_known = false;

	if (doc_count(row) > 0 && doc_bool(row, "is_known", &is_known) && !is_known) {
		sentence = arena_printf(arena, "environment: the account has %s.",
		    doc_text(row, "environments"));
		return problem_from_err(arena, err_of_field(arena, "environment", sentence),
		    WEB_GET);
	}
	return doc_text(row, "event_id") == NULL ? nothing_there(arena) : NULL;
}

static const struct problem *take_row(struct visit *visit, const struct doc *row,
    struct found *found)
{
	struct served *served = visit->web->served;
	const char *key = key_of(visit, &visit->ctx.access);
	const struct problem *problem = absence(visit, row);
	char event[sizeof(found->entry->former)];

	if (is_foreign(&visit->ctx.access, visit->want->account))
		return nothing_there(visit->ctx.arena);
	if (problem != NULL) {
		prompt_entry_drop(served, key);
		return problem;
	}
	found->entry = prompt_entry_keep(served, key, row);
	if (prompt_tag_is_news(found->entry, visit->request.if_none_match, event))
		memcpy(found->entry->former, event, sizeof(event));
	return NULL;
}

static int64_t patience_ms(const struct visit *visit)
{
	bool is_there = db_is_listening(visit->web->served->listener) ||
	    conf_bool(visit->ctx.conf, "DATABASE_POOLED");

	return is_there && !db_is_open(visit->ctx.db) ? CONNECT_MS : PATIENCE_MS;
}

static const struct problem *ask(struct visit *visit, struct found *found)
{
	struct served *served = visit->web->served;
	const struct prompt_want *want = visit->want;
	const struct prompt_ask question = {.token_hash = want->hash,
	    .remote = visit->request.remote, .assistant = want->assistant,
	    .account = want->account, .environment = want->environment};
	struct doc *row = doc_object(visit->ctx.arena);
	const struct problem *problem;
	const struct err *err = NULL;
	int64_t left_ms = -1;

	/* Whoever goes away meanwhile costs little, and must not look like an absent database. */
	db_watch(visit->ctx.db, -1);
	db_patience(visit->ctx.db, patience_ms(visit));
	problem = visit_safe(visit);
	if (problem == NULL)
		err = prompt_read(&visit->ctx, &question, &left_ms, row);
	db_patience(visit->ctx.db, 0);
	if (problem != NULL)
		return problem;
	if (err != NULL)
		return answer_kept(visit, err, found);
	served->away_until_ms = 0;
	if (visit->ctx.access.role == ROLE_NOBODY) {
		prompt_grant_drop(served, want->hash);
		return guard_stranger(visit->ctx.arena, &visit->request);
	}
	found->grant = prompt_grant_keep(served, want->hash, &visit->ctx.access, left_ms);
	return take_row(visit, row, found);
}

/* Who waits has to know later what concerns it. */
static void note(struct visit *visit, const struct found *found)
{
	struct prompt_want *want = visit->want;
	struct arena *arena = visit->ctx.arena;

	if (want->wait_ms == 0 || want->assistant_id != NULL)
		return;
	want->assistant_id = arena_strdup(arena, found->entry->assistant_id);
	want->account_id = arena_strdup(arena, found->entry->account_id);
	want->token_id = arena_strdup(arena, found->grant->access.token_id);
}

static const char *slug_copy(struct arena *arena, const struct prompt_grant *grant)
{
	const char *slug = grant->access.account_slug;

	return slug == NULL ? NULL : arena_strdup(arena, slug);
}

const struct problem *prompt_look(struct visit *visit, struct answer *answer)
{
	struct served *served = visit->web->served;
	const char *if_none_match = visit->request.if_none_match;
	struct found found = {.stale_s = -1};
	const struct problem *problem = NULL;

	found.grant = prompt_grant_find(served, visit->want->hash);
	if (found.grant != NULL && is_foreign(&found.grant->access, visit->want->account))
		found.grant = NULL;
	if (found.grant != NULL)
		found.entry = prompt_entry_find(served, key_of(visit, &found.grant->access));
	if (!is_enough(visit, &found) &&
	    (clock_ms() >= served->away_until_ms || !is_usable(visit, &found))) {
		found.stale_s = -1;
		problem = ask(visit, &found);
	}
	visit->want->is_same = false;
	if (problem != NULL)
		return problem;
	/* For the log; the grant may be forgotten while its request waits. */
	visit->ctx.access = (struct access){.role = found.grant->access.role,
	    .account_slug = slug_copy(visit->ctx.arena, found.grant)};
	note(visit, &found);
	problem = prompt_entry_answer(visit, found.entry, found.stale_s, answer);
	visit->want->is_same = problem == NULL && if_none_match != NULL &&
	    strstr(if_none_match, answer->etag) != NULL;
	return problem;
}

/* The question is a row's document; its answer is the worker's. */
const struct problem *prompt_visit(struct visit *visit, struct answer *answer)
{
	const struct err *err;

	if (visit->request.bearer == NULL)
		return guard_stranger(visit->ctx.arena, &visit->request);
	err = visit->row->handle(&visit->ctx, &visit->request, &visit->reply);
	if (err != NULL)
		return problem_from_err(visit->ctx.arena, err, visit->request.method);
	want_fill(visit);
	prompt_listen(visit->web->served);
	return prompt_look(visit, answer);
}

bool prompt_may_wait(const struct visit *visit)
{
	return visit->want != NULL && visit->want->is_same && visit->want->wait_ms > 0;
}
