/* briefing.c: checks a briefing that comes from a file, and gives it its stored form. */
#include "model/briefing.h"

#include <string.h>

#include "admin/admin.h"
#include "base/text.h"

#define TEXT_MOST 4000 /* characters */

enum member_kind { MEMBER_TEXT, MEMBER_NAME, MEMBER_LIST, MEMBER_INT };

static const struct member {
	const char *name;
	enum member_kind kind; /* a name must be there */
	int64_t most;          /* of an integer or the items of a list */
} members[] = {
	{"assistantId", MEMBER_NAME, 0}, {"assistant", MEMBER_TEXT, 0},
	{"company", MEMBER_NAME, 0}, {"purpose", MEMBER_NAME, 0},
	{"audience", MEMBER_TEXT, 0}, {"tone", MEMBER_TEXT, 0},
	{"language", MEMBER_TEXT, 0}, {"channels", MEMBER_LIST, 20},
	{"facts", MEMBER_LIST, 200}, {"rules", MEMBER_LIST, 200},
	{"examples", MEMBER_LIST, 50}, {"targetScore", MEMBER_INT, 100},
	{"iterationLimit", MEMBER_INT, 10}, {"model", MEMBER_TEXT, 0},
	{"id", MEMBER_TEXT, 0},
};

/* What is wrong so far. */
struct complaints {
	struct arena *arena;
	struct err_field *list;
	const struct doc *briefing;
};

static void complain(struct complaints *complaints, const char *name, const char *sentence)
{
	struct err_field *field = arena_alloc(complaints->arena, sizeof(*field));

	*field = (struct err_field){name, sentence, complaints->list};
	complaints->list = field;
}

static bool is_text(const struct doc *value)
{
	const char *text = doc_scalar(value);

	return doc_type(value) == DOC_TEXT && text_is_clean(text, strlen(text)) &&
	    text_length(text) <= TEXT_MOST;
}

static bool is_list(const struct doc *value, int64_t most)
{
	if (doc_type(value) != DOC_ARRAY || doc_count(value) > (size_t)most)
		return false;
	for (size_t i = 0; i < doc_count(value); i++)
		if (!is_text(doc_at(value, i)))
			return false;
	return true;
}

static void member_check(struct complaints *complaints, const struct member *member)
{
	const struct doc *value = doc_get(complaints->briefing, member->name);
	int64_t number;

	if (value == NULL) {
		if (member->kind == MEMBER_NAME)
			complain(complaints, member->name, "is missing");
	} else if (member->kind == MEMBER_LIST) {
		if (!is_list(value, member->most))
			complain(complaints, member->name, arena_printf(complaints->arena,
			    "must be an array of at most %d texts", (int)member->most));
	} else if (member->kind == MEMBER_INT) {
		if (!doc_int(complaints->briefing, member->name, &number) || number < 0 ||
		    number > member->most)
			complain(complaints, member->name, arena_printf(complaints->arena,
			    "must be a whole number from 0 to %d", (int)member->most));
	} else if (!is_text(value) || (member->kind == MEMBER_NAME &&
	    text_trim(complaints->arena, doc_scalar(value))[0] == '\0')) {
		complain(complaints, member->name, arena_printf(complaints->arena,
		    "must be text of at most %d characters", TEXT_MOST));
	}
}

static void name_check(void *arg, const char *name, struct doc *value)
{
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		if (strcmp(members[i].name, name) == 0)
			return;
	complain(arg, name, "is not a member of a briefing");
}

const struct err *admin_briefing(struct admin *admin, const char *account_id,
    const struct doc *given, const struct doc **briefing)
{
	struct ctx *ctx = &admin->ctx;
	struct complaints complaints = {.arena = ctx->arena, .briefing = given};
	struct doc *models = doc_array(ctx->arena);
	const struct err *err;
	struct err *wrong;

	doc_each(given, name_check, &complaints);
	for (size_t i = ARRAY_LEN(members); i > 0; i--)
		member_check(&complaints, &members[i - 1]);
	if (complaints.list != NULL) {
		wrong = arena_alloc(ctx->arena, sizeof(*wrong));
		*wrong = (struct err){.kind = ERR_INVALID,
		    .sentence = "the briefing is not valid", .fields = complaints.list};
		return wrong;
	}
	*briefing = briefing_normalise(ctx, given);
	err = briefing_models(ctx, account_id, models);
	if (err != NULL)
		return err;
	return briefing_check_model(ctx, doc_text(*briefing, "model"), models, "model");
}
