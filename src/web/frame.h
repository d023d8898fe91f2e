/* frame.h: what the files of the web frame share. Handlers include web.h only. */
#ifndef WEB_FRAME_H
#define WEB_FRAME_H

#include <stdio.h>

#include "web/web.h"

#define PAGE_MAX (24u << 20) /* bytes of one answer, with a prompt of 1 MB thrice; more is a bug */
#define COOKIE_SESSION "promptbuilder_session"
#define COOKIE_FORM "promptbuilder_form"
#define COOKIE_FLASH "promptbuilder_flash"

/* One worker's world. */
struct web {
	const struct conf *conf;
	struct db *db;
	struct cache *cache;
	struct db *listener;   /* a connection for notifications, opened when it is needed */
	struct served *served;
	const char *templates; /* folder */
	bool is_simulated;     /* the model provider is the simulator */
	bool is_safe;          /* row security is known to hold for this worker's role */
};

/* Why a request was not answered as asked. Steps return NULL when all is well. */
struct problem {
	int status;
	const char *slug;  /* last part of the type, "validation" */
	const char *title; /* fixed per type */
	const char *detail;
	const struct err_field *fields;
	const struct doc *facts; /* further members of the document, or NULL */
	const char *allow; /* for 405 */
	int retry_after_s; /* 0: none */
	bool is_login;     /* a page goes to the sign-in form instead */
};

/* problem.c: from an error of a handler; method tells 400 (a query) from 422 (a body). */
const struct problem *problem_from_err(struct arena *arena, const struct err *err,
    enum web_method method);
/* Of the frame itself: 400, 401, 403, 404, 405, 406, 413, 415 ... */
struct problem *problem_new(struct arena *arena, int status, const char *detail);
/* RFC 9457 document. */
struct doc *problem_doc(struct arena *arena, const struct problem *problem,
    const struct request *request);

/* request.c: everything but the body, out of the FastCGI parameters; what is kept is copied.
 * The request can be used (id, path, wants_json) even when a problem is returned. */
const struct problem *request_begin(struct arena *arena, char *const *params,
    struct request *request) MUST_CHECK;
/* The body, already read; row says what it may be. */
const struct problem *request_body(struct arena *arena, const struct route *row, const char *body,
    size_t len, struct request *request) MUST_CHECK;

/* form.c: application/x-www-form-urlencoded (a body or a query string) to an object of texts.
 * An error is ERR_INVALID and names the field that is not clean UTF-8. */
const struct err *form_parse(struct arena *arena, const char *text, size_t len,
    struct doc **out) MUST_CHECK;

/* routes.c: the row for a request, and the request's pieces; 404 or 405 with Allow. */
const struct problem *routes_find(struct arena *arena, struct request *request,
    const struct route **row) MUST_CHECK;
/* A line for each row: method, pattern, page, api and csv if so, who, sentence; between tabs. */
void routes_print(FILE *out);

/* The row's stamper; NULL: its pages are made anew each time. */
stamper routes_stamper(const struct route *row);

/* guard.c: before the body is read: media types, length, origin. */
const struct problem *guard_enter(struct arena *arena, const struct request *request,
    const struct route *row) MUST_CHECK;
/* Who asks; fills ctx->access, with no more than one round trip, which also gives the page's
 * stamp: NULL for one that cannot be used again. */
const struct problem *guard_access(struct ctx *ctx, const struct request *request,
    const struct route *row, const char **stamp) MUST_CHECK;
/* 401: the asker has to say who that is. */
const struct problem *guard_stranger(struct arena *arena, const struct request *request);
/* After the body: the form's token. */
const struct problem *guard_form(struct ctx *ctx, const struct request *request) MUST_CHECK;

/* Of an array that ends with a NULL name. */
struct answer_header {
	const char *name, *value;
};

/* What goes to the client. Header text is checked when it is written. */
struct answer {
	int status;
	const char *type; /* content type */
	const void *body;
	size_t len;
	const char *etag;     /* of the body; NULL: not known yet */
	const char *location;
	const char *allow;
	const char *download; /* file name */
	bool is_endless;      /* the body follows in parts: neither length nor validator */
	const char *caching;  /* NULL: nobody may keep it */
	const struct answer_header *headers; /* further ones, or NULL */
	int retry_after_s;
	bool is_challenge;    /* 401 of the API: WWW-Authenticate */
	const char *session;  /* new session cookie, "" ends it, NULL leaves it */
	const char *form_token; /* likewise for the other cookies */
	const char *flash;
};

/* One request, from its first byte to its last. */
struct visit {
	struct web *web;
	struct ctx ctx;
	struct request request;
	const struct route *row; /* NULL: none matched */
	struct reply reply;
	const char *stamp;       /* of what is asked for; NULL: none */
	struct download *download; /* of a table as CSV; NULL: something else is asked for */
	struct prompt_want *want; /* of a deployed prompt; NULL: something else is asked for */
	bool is_handled;         /* the handler has been called */
	bool is_cut;             /* a download that had begun could not be ended */
};

/* render.c: a handler's reply as JSON, page, fragment, redirection or download. */
const struct err *render_reply(struct visit *visit, struct answer *answer) MUST_CHECK;
/* A problem as document, as the form shown again, or as a page that helps. It always answers. */
void render_problem(struct visit *visit, const struct problem *problem, struct answer *answer);

/* tables.c: a table of a page, and its CSV. */
struct table {
	handler handle;       /* of the page */
	const char *name;     /* as the query has it: table=steps */
	const char *place[4]; /* where its rows stand in the document: {"steps", "attempts"} are the
	                         attempts of all steps */
	const char *columns;  /* members of a row or of what the row stands in, between spaces; '#'
	                         in front: of numbers */
	bool is_list;         /* the page shows a part of it; its CSV has it all, row by row */
};

struct table_choice {
	const struct table *table;
	bool is_first; /* of its page */
	bool has_bom;
};

bool tables_exist(const struct route *row);
/* Reads the table asked for, else the row's first one, and takes `table` and `bom` out of the
 * request's fields. */
const struct err *tables_pick(struct ctx *ctx, struct request *request, const struct route *row,
    struct table_choice *choice) MUST_CHECK;
/* Puts page.csv.<table>, the address of each table's CSV with the filters of this request. */
void tables_link(struct arena *arena, const struct request *request, const struct route *row,
    struct doc *page);

/* download.c: tables as CSV. Before the workers start: how many of them may be busy with lists. */
void download_share(int workers);
/* Which table is asked for; fills visit->download. */
const struct problem *download_begin(struct visit *visit) MUST_CHECK;
/* Where the bytes of a list go; false: the client is gone. */
struct download_sink {
	bool (*send)(void *arg, const char *bytes, size_t len);
	void *arg;
};
/* The rows of a list go to the sink when they come. 429: too many downloads at a time. */
const struct problem *download_stream(struct visit *visit, const struct download_sink *sink)
    MUST_CHECK;
/* Whether the answer has begun, so that no other one can be given. */
bool download_is_open(const struct visit *visit);
/* Sends what is left, unless err came in between. False: the client must see that it is cut. */
bool download_end(struct visit *visit, const struct err *err, struct answer *answer) MUST_CHECK;
/* The table out of the document. */
const struct err *download_render(struct visit *visit, struct answer *answer) MUST_CHECK;

/* cache.c: a worker's own answers; at most 8 MB of them, the least used ones go. */
struct cache *cache_new(void);
void cache_free(struct cache *cache);
/* The answer of an equal request with an equal stamp, if it is still here. Its bytes live until
 * the next call. */
bool cache_find(struct cache *cache, const struct visit *visit, struct answer *answer);
/* Keeps a copy of a good answer to a stamped request. */
void cache_keep(struct cache *cache, const struct visit *visit, struct answer *answer);

/* front.c: before a worker's first answer out of the database: whether row security holds. While
 * the database is away, its own errors tell. */
const struct problem *visit_safe(struct visit *visit) MUST_CHECK;

/* prompt_wait.c: what a worker keeps of deployed prompts, and who waits for them. watch is the
 * epoll descriptor of the worker's loop; the events that are neither the loop's own nor a waiting
 * seat's have the served prompts as their data. */
struct served *prompt_new(struct web *web, int watch);
/* Whoever waits is answered at once. */
void prompt_free(struct served *served);
/* Hears what has come. */
void prompt_listen(struct served *served);
/* To be called after each wait, which lasts no longer than prompt_wait_ms says; -1: for ever. */
void prompt_step(struct served *served);
int prompt_wait_ms(struct served *served);

/* prompt.c: answers a request of a row with ROUTE_KEPT, and who may ask for it. */
const struct problem *prompt_visit(struct visit *visit, struct answer *answer) MUST_CHECK;
/* The asker has what there is, and has said that it would wait for another. */
bool prompt_may_wait(const struct visit *visit);

/* reply.c: the headers that every answer has, security first. */
const char *reply_headers(void);
/* The validator of a body, in quotes. */
const char *reply_etag(struct arena *arena, const void *body, size_t len);
/* Status line, headers and body, ready to be written in one go; 304 where the client has
 * the same bytes already, which changes answer->status. */
void reply_write(struct arena *arena, const struct request *request, struct answer *answer,
    struct buf *out);

/* markdown.c: text of models and people as harmless HTML; memory of malloc, NULL: none left. */
char *markdown_html(const char *text);

/* front.c: whether row security holds for the role of the settings: ERR_DENIED with the reason
 * when not. A database that is away cannot tell: each worker asks again before it answers. */
const struct err *front_check(const struct conf *conf) MUST_CHECK;
/* One worker: answers requests of the listening socket until it is told to stop. */
const struct err *front_run(const struct conf *conf) MUST_CHECK;

/* master.c: keeps count workers alive until SIGTERM; each calls run(arg) in a process of its
 * own. SIGHUP calls reload(arg), then replaces the workers one after the other. */
struct master {
	int count;
	void (*run)(void *arg);
	void (*reload)(void *arg);
	void *arg;
};
/* Returns when all workers have ended. */
void master_run(const struct master *master);

/* listen.c: makes the listening Unix socket (mode 0660) and puts it on descriptor 0; a socket
 * that somebody answers on is refused. path NULL: descriptor 0 must be a listening socket. */
const struct err *listen_open(struct arena *arena, const char *path) MUST_CHECK;

#endif
