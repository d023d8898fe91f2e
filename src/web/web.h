/* web.h: the contract between the front and the handlers.
 *
 * A handler is 5-30 lines: it reads the request's pieces and fields, calls the model, fills
 * reply->doc. It never writes output and never sees FastCGI, HDF or escaping. The front sends the
 * document as JSON (under /api, or when JSON is asked for) or as HTML through the row's view. */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include "model/ctx.h"

enum web_method { WEB_GET, WEB_POST }; /* HEAD is answered like GET, without the body */

struct request {
	enum web_method method;
	bool head;
	bool wants_json;      /* prefix /api, or Accept prefers application/json */
	bool wants_text;      /* Accept prefers text/plain to JSON; for downloads to look at */
	bool wants_csv;       /* suffix .csv, or Accept prefers text/csv: where there is a table */
	bool is_api;          /* path began with /api: bearer only */
	const char *path;     /* decoded, without the /api prefix and .csv */
	const char *query;    /* raw */
	const char *piece[4]; /* values of the {pieces} of the pattern, in order */
	const char *id;       /* request id (nginx $request_id, checked) */
	const char *remote;   /* address, for the log and limits */
	const char *agent;    /* what the browser calls itself, cut; NULL: nothing readable */
	const char *server;   /* the web server in front, "nginx/1.22.1"; NULL: it does not say */
	const char *bearer;   /* token of Authorization: Bearer, or NULL */
	const char *basic_user, *basic_token; /* of Authorization: Basic, or NULL; only the
	                                         registry's files know them */
	const char *session;  /* value of the session cookie, or NULL (also when sent twice) */
	const char *origin, *fetch_site, *host, *idempotency_key;
	bool is_https;
	struct doc *body;     /* parsed JSON body, or the form as an object of texts (a repeated
	                         field becomes an array); NULL without a body */
	int64_t rows;         /* of a list, where the query does not say */
	struct doc *fields;   /* query string as an object, likewise; never NULL */
	/* For the frame's own use. */
	const char *form_token;    /* cookie that protects the sign-in form, or NULL */
	const char *flash;         /* cookie with the sentence of the request before, or NULL */
	const char *content_type;  /* "" without one */
	const char *if_none_match; /* or NULL */
	size_t content_len;
	bool accepts_html, accepts_json;
	bool is_csv_path;          /* the suffix was there */
};

struct reply {
	int status;             /* 200 unless set */
	struct doc *doc;        /* the answer; an empty object at the start */
	struct doc *page;       /* for the page only (chart geometry, choices of a form), as
	                           page.<name>; an empty object at the start. A form that is shown
	                           again after an error keeps what the handler has put into doc and
	                           page so far, and gets page.values.<field>,
	                           page.errors.N.{field,sentence} and page.problem, a sentence */
	const char *title;      /* of the page; also its h1 */
	const char *location;   /* set: 303 for a page; a Location header beside 201/202 for JSON */
	const char *view;       /* template to use instead of the row's (a form shown again) */
	const char *flash;      /* sentence shown once on the next page */
	const char *session;    /* set: the new session cookie; "" ends it */
	/* A download or another body that is not the document. */
	const char *raw_type;   /* content type, NULL: the document is sent */
	const char *raw_name;   /* download name: [A-Za-z0-9._-] only */
	const void *raw;
	size_t raw_len;
};

typedef const struct err *(*handler)(struct ctx *ctx, const struct request *request,
    struct reply *reply);

/* Adds a statement that gives the page's `stamp` to the transaction that looks up who asks: with
 * equal stamps the same asker gets the same page. NULL: this request has none. */
typedef struct db_rows *(*stamper)(struct ctx *ctx, const struct request *request,
    struct db_tx *tx);

enum who { WHO_ANYBODY, WHO_VIEWER, WHO_MEMBER, WHO_OPERATOR };

enum route_flag {
	ROUTE_PAGE = 1,    /* answers under / */
	ROUTE_API = 2,     /* answers under /api */
	ROUTE_FORM = 4,    /* carries a form: a failed POST shows `view` again, with the values */
	ROUTE_NO_DB = 8,   /* answers without the database (healthz) */
	ROUTE_FRAGMENT = 16, /* the view is sent without the layout (live parts) */
	ROUTE_RAW = 32,      /* answers a download: Accept is not looked at */
	ROUTE_LIST = 64,     /* the JSON body may be an array */
	ROUTE_FILES = 128,   /* the registry's files answer while the database is away: the handler
	                        looks at ctx->access.is_registry */
	ROUTE_KEPT = 256     /* the handler's document is what is asked for; the worker answers it
	                        out of what it keeps, and looks up who asks (prompt.c) */
};

struct route {
	enum web_method method;
	const char *pattern; /* "/pipeline-runs/{id}" */
	handler handle;
	const char *view;    /* "run": templates/run.cs; NULL: JSON only */
	enum who who;
	unsigned flags;
	size_t body_max;     /* bytes; 0 for GET */
	const char *sentence; /* for `promptbuilder routes` */
};

extern const struct route routes[];
extern const size_t route_count;

/* form.c: input is declared and arrives valid.
 *
 * Text is trimmed, CR LF becomes LF, and an empty text counts as absent. FIELD_EXACT is text that
 * is kept as it is, but that a form's CR LF becomes LF. A form's `csrf` is not a
 * member: the frame has checked it and taken it away. */
enum field_kind {
	FIELD_TEXT, FIELD_LINES, FIELD_INT, FIELD_INTS, FIELD_USD, FIELD_CHOICE, FIELD_DATE,
	FIELD_FLAG, FIELD_EXACT, FIELD_UUID /* an id or cursor that we gave out */
};

struct field {
	const char *name;
	enum field_kind kind;
	bool required;
	int64_t min, max;          /* code points of text, bytes of FIELD_EXACT; value of an
	                              integer or of each of several; items of lines; least
	                              nano-USD of an amount */
	const char *const *choices; /* FIELD_CHOICE: NULL-terminated */
	const char *label;         /* as the user reads it in a message */
};

/* Checks source (a query, form or JSON object) against the table; values gets every valid field
 * under its name (text, int, bool, FIELD_USD as decimal text, FIELD_LINES as an array of texts,
 * which a form sends one per line, FIELD_INTS one of integers, which a form parts by commas; JSON
 * sends arrays). All problems are collected in one ERR_INVALID. prefix is put before each name in
 * a JSON pointer ("/briefing/"); NULL for forms and queries. Unknown members are refused. */
const struct err *form_read(struct ctx *ctx, const struct doc *source, const char *prefix,
    const struct field *fields, size_t count, struct doc *values) MUST_CHECK;
/* The query of a list that form_read has read, "name=value&" for each, for links to its other
 * pages: without the place in it (cursor, offset), and without one more field, unless NULL. */
const char *form_query(struct ctx *ctx, const struct field *fields, size_t count,
    const struct doc *values, const char *without);

#endif
