/* db_error.c: what an SQLSTATE means to the user, and what of it goes into the log. */
#include "db/db_inner.h"

#include <string.h>

#include "base/log.h"
#include "base/text.h"

struct meaning {
	const char *sqlstate; /* or its beginning; the first row that fits counts */
	enum err_kind kind;
	const char *sentence; /* NULL: the server's message is one, from our own functions */
};

static const struct meaning meanings[] = {
	{"PB400", ERR_INVALID, NULL},
	{"PB403", ERR_DENIED, NULL},
	{"PB404", ERR_MISSING, NULL},
	{"PB409", ERR_CONFLICT, NULL},
	{"PB410", ERR_GONE, NULL},
	{"PB429", ERR_LIMIT, NULL},
	{"23514", ERR_INVALID, "A value is outside of what is allowed here."},
	{"22", ERR_INVALID, "A value has the wrong form or is out of range."},
	{"23505", ERR_CONFLICT, "This exists already."},
	{"23503", ERR_CONFLICT, "Something this depends on does not exist, or is still in use."},
	{"23", ERR_CONFLICT, "The change does not fit what is stored."},
	{"25006", ERR_DOWN, "The database accepts no changes at present; nothing was saved."},
	{"40", ERR_DOWN, "The database is busy; nothing was saved. Try again in a moment."},
	{"55P03", ERR_DOWN, "The database is busy; nothing was saved. Try again in a moment."},
	{"57014", ERR_LIMIT, "This took too long and was stopped; nothing was saved."},
	{"57P", ERR_DOWN, DB_DOWN},
	{"08", ERR_DOWN, DB_DOWN},
	{"53", ERR_DOWN, DB_DOWN},
	{"", ERR_BUG, DB_OURS},
};

const char *db_sqlstate(const PGresult *result)
{
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	return sqlstate ? sqlstate : "";
}

static const struct meaning *meaning_of(const char *sqlstate)
{
	size_t i = 0;

	while (!text_starts_with(sqlstate, meanings[i].sqlstate))
		i++;
	return &meanings[i];
}

static enum log_level level_of(enum err_kind kind)
{
	if (kind == ERR_BUG)
		return LOG_LEVEL_ERROR;
	return kind == ERR_DOWN || kind == ERR_LIMIT ? LOG_LEVEL_WARN : LOG_LEVEL_INFO;
}

/* Messages about data quote the data; names of constraints do not. */
static const char *safe_detail(const PGresult *result, const char *sqlstate)
{
	const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	bool is_about_data = text_starts_with(sqlstate, "22") || text_starts_with(sqlstate, "23") ||
	    text_starts_with(sqlstate, "P");

	if (constraint)
		return constraint;
	return is_about_data || !message ? "" : message;
}

/* Our own functions name a field in front of their sentence: "environments: a name stands ...". */
static const struct err_field *field_of(struct arena *arena, const char *message)
{
	size_t len = strspn(message, "abcdefghijklmnopqrstuvwxyz_");
	struct err_field *field;
	char *sentence;

	if (len == 0 || !text_starts_with(message + len, ": "))
		return NULL;
	field = arena_alloc(arena, sizeof(*field));
	sentence = arena_strdup(arena, message + len + 2);
	if (*sentence >= 'a' && *sentence <= 'z')
		*sentence = (char)(*sentence - 'a' + 'A');
	*field = (struct err_field){
	    .name = arena_strndup(arena, message, len), .sentence = sentence};
	return field;
}

static const struct err *own_error(struct arena *arena, enum err_kind kind, const char *message)
{
	struct err *err = arena_alloc(arena, sizeof(*err));

	*err = (struct err){.kind = kind, .fields = field_of(arena, message)};
	err->sentence = err->fields ? err->fields->sentence : arena_strdup(arena, message);
	return err;
}

const struct err *db_error(struct arena *arena, const PGresult *result, const char *name)
{
	const char *sqlstate = db_sqlstate(result);
	const struct meaning *meaning = meaning_of(sqlstate);
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	log_line(level_of(meaning->kind), "statement failed", "statement", name, "sqlstate",
	    sqlstate, "detail", safe_detail(result, sqlstate), (char *)NULL);
	if (meaning->sentence)
		return err_new(arena, meaning->kind, "%s", meaning->sentence);
	return own_error(arena, meaning->kind, message ? message : "");
}
