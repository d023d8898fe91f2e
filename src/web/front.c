/* front.c: one worker: accepts on the listening socket, walks each request through its steps,
 * writes the whole answer at once and forgets everything about it. */
#include "web/frame.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fcgiapp.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "model/session.h"
#include "view/view.h"

#define LISTENER 0 /* the descriptor that supervisors hand a FastCGI program */
#define HEAP_KEPT (4 << 20)
#define HEAD_MAX (64u << 10)
#define PIECE_SHOWN_MAX 32 /* the shortest token of 128 bits is as long; so is no id of a run */
#define PIECE_BEGINNING 4
#define STATUS_ABANDONED 499 /* in the log only, as nginx calls it */

static volatile sig_atomic_t is_told_to_stop;
/* nginx takes a closed connection for the end of an answer. What can be no record of FastCGI makes
 * it close the client's connection, too, which shows that something is missing. */
static const char no_record[8] = {0};
static volatile sig_atomic_t download_fd = -1; /* where a list goes while it is read; -1: nowhere */

static void on_stop(int signal_number)
{
	is_told_to_stop = 1;
}

/* Out of memory in the middle of a list: what the client has got is not all of it. */
static void on_abort(int signal_number)
{
	if (download_fd >= 0)
		send(download_fd, no_record, sizeof(no_record), MSG_NOSIGNAL);
}

/* The library sets handlers of its own, so this comes after its start. Stop signals are blocked
 * except while waiting in epoll_pwait: no request is ever cut, and none is missed. */
static void signals_set(sigset_t *waiting)
{
	struct sigaction stop = {.sa_handler = on_stop};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct sigaction cut = {.sa_handler = on_abort};
	sigset_t blocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGINT);
	sigprocmask(SIG_BLOCK, &blocked, waiting);
	sigdelset(waiting, SIGTERM);
	sigdelset(waiting, SIGINT);
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGABRT, &cut, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGUSR1, &ignore, NULL);
}

/* Reads exactly what was announced; false: the client went away in the middle. */
static bool body_read(struct arena *arena, FCGX_Stream *in, size_t len, char **body)
{
	size_t got = 0;

	*body = arena_alloc(arena, len + 1);
	while (got < len) {
		int more = FCGX_GetStr(*body + got, (int)(len - got), in);

		if (more <= 0)
			return false;
		got += (size_t)more;
	}
	return true;
}

/* FastCGI's side of a download. */
static bool part_put(void *out, const char *bytes, size_t len)
{
	return FCGX_PutStr(bytes, (int)len, out) == (int)len && FCGX_GetError(out) == 0;
}

/* Which table, and where its rows go. HEAD only wants to know what it would get. */
static const struct problem *visit_download(struct visit *visit, FCGX_Request *fcgx)
{
	struct download_sink sink = {.send = part_put, .arg = fcgx->out};
	const struct problem *problem = download_begin(visit);

	if (problem == NULL && !visit->request.head) {
		download_fd = fcgx->ipcFd;
		problem = download_stream(visit, &sink);
	}
	return problem;
}

/* Before a worker's first answer out of the database. While that is away, its own errors tell. */
static const struct problem *safety_check(struct visit *visit)
{
	const struct err *err;

	if (visit->web->is_safe || (visit->row->flags & ROUTE_NO_DB) != 0)
		return NULL;
	err = session_safe(&visit->ctx);
	visit->web->is_safe = err == NULL;
	if (err == NULL || err->kind != ERR_DENIED)
		return NULL;
	log_error("nothing is served", "error", err->sentence);
	return problem_new(visit->ctx.arena, 503, "promptbuilder is set up in a way that is not "
	    "safe, so it serves nothing. Its operator finds the reason in the log.");
}

/* The library's own copies of what the request has been copied from. */
static void secrets_forget(char **params)
{
	static const char *const names[] = {"HTTP_COOKIE=", "HTTP_AUTHORIZATION="};

	for (; *params != NULL; params++) {
		for (size_t i = 0; i < ARRAY_LEN(names); i++) {
			if (text_starts_with(*params, names[i]))
				explicit_bzero(*params, strlen(*params));
		}
	}
}

/* Everything before the handler; what it returns is why the handler is not called. */
static const struct problem *visit_enter(struct visit *visit, FCGX_Request *fcgx, bool *is_gone)
{
	struct arena *arena = visit->ctx.arena;
	struct request *request = &visit->request;
	const struct problem *problem = request_begin(arena, fcgx->envp, request);
	char *body = NULL;

	secrets_forget(fcgx->envp);
	db_watch(visit->ctx.db, request->method == WEB_GET ? fcgx->ipcFd : -1);
	if (problem == NULL)
		problem = routes_find(arena, request, &visit->row);
	if (problem == NULL)
		problem = guard_enter(arena, request, visit->row);
	if (problem == NULL)
		problem = safety_check(visit);
	if (problem != NULL)
		return problem;
	if (!body_read(arena, fcgx->in, request->content_len, &body)) {
		*is_gone = true;
		return problem_new(arena, 400, "The body ended early.");
	}
	/* Nobody's JSON is read before it is known whose it is; a form is shown again even then. */
	if (request->is_api)
		problem = guard_access(&visit->ctx, request, visit->row, &visit->stamp);
	if (problem == NULL)
		problem = request_body(arena, visit->row, body, request->content_len, request);
	if (problem == NULL && !request->is_api)
		problem = guard_access(&visit->ctx, request, visit->row, &visit->stamp);
	if (problem == NULL && request->method == WEB_POST && !request->is_api)
		problem = guard_form(&visit->ctx, request);
	if (problem == NULL && request->wants_csv && tables_exist(visit->row))
		problem = visit_download(visit, fcgx);
	return problem;
}

static void visit_answer(struct visit *visit, const struct problem *problem,
    struct answer *answer)
{
	struct arena *arena = visit->ctx.arena;
	const struct err *err = NULL;

	if (problem == NULL) {
		visit->is_handled = true;
		err = visit->row->handle(&visit->ctx, &visit->request, &visit->reply);
		if (download_is_open(visit)) {
			visit->is_cut = !download_end(visit, err, answer);
			return;
		}
		if (err != NULL)
			problem = problem_from_err(arena, err, visit->request.method);
	}
	if (problem == NULL) {
		err = render_reply(visit, answer);
		if (err == NULL) {
			cache_keep(visit->web->cache, visit, answer);
			return;
		}
		problem = problem_from_err(arena, err, visit->request.method);
		visit->is_handled = false; /* the form's own page may be what failed */
	}
	render_problem(visit, problem, answer);
}

/* The path for the log. Somebody may have pasted a token into the address: of a piece that is as
 * long as one and no id of ours only the beginning is kept. */
static const char *path_shown(struct arena *arena, const char *path)
{
	struct buf *shown = buf_new(arena, strlen(path) + 1);

	while (*path != '\0') {
		size_t len = strcspn(path, "/");
		const char *piece = arena_strndup(arena, path, len);
		bool is_long = len >= PIECE_SHOWN_MAX && !text_is_uuid(piece);

		buf_printf(shown, "%.*s%s", is_long ? PIECE_BEGINNING : (int)len, piece,
		    is_long ? "..." : "");
		path += len;
		if (*path == '/')
			buf_char(shown, *path++);
	}
	return shown->data;
}

static void visit_log(const struct visit *visit, const struct answer *answer, int64_t started_ms)
{
	static const char *const methods[] = {[WEB_GET] = "GET", [WEB_POST] = "POST"};
	const struct request *request = &visit->request;
	struct arena *arena = visit->ctx.arena;
	bool is_probe = text_equal(request->path, "/healthz") ||
	    text_equal(request->path, "/readyz");
	const char *who = visit->ctx.access.account_slug != NULL ?
	    visit->ctx.access.account_slug : role_name(visit->ctx.access.role);

	log_line(is_probe ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO, "request", "method",
	    request->head ? "HEAD" : methods[request->method], "path",
	    arena_printf(arena, "%s%s%s", request->is_api ? "/api" : "",
	    path_shown(arena, request->path),
	    request->is_csv_path ? ".csv" : ""),
	    "status", arena_printf(arena, "%d", answer->status),
	    "bytes", arena_printf(arena, "%zu", answer->len),
	    "dur_ms", arena_printf(arena, "%lld", (long long)(clock_ms() - started_ms)),
	    "who", who, "remote", request->remote, "req_id", request->id, (char *)NULL);
}

static bool is_hung_up(FCGX_Request *fcgx)
{
	struct pollfd other = {.fd = fcgx->ipcFd, .events = POLLRDHUP};

	return poll(&other, 1, 0) > 0;
}

/* False: the answer could not be given to its end. */
static bool visit_serve(struct web *web, struct arena *arena, FCGX_Request *fcgx)
{
	struct visit visit = {
		.web = web,
		.ctx = {.arena = arena, .db = web->db, .conf = web->conf},
		.reply = {.doc = doc_object(arena), .page = doc_object(arena)},
	};
	struct answer answer = {.status = 400};
	int64_t started_ms = clock_ms();
	bool is_gone = false;
	const struct problem *problem = visit_enter(&visit, fcgx, &is_gone);
	struct buf *out;

	if (!is_gone) {
		if (problem != NULL || !cache_find(web->cache, &visit, &answer))
			visit_answer(&visit, problem, &answer);
	}
	if (!is_gone && !download_is_open(&visit)) {
		out = buf_new(arena, PAGE_MAX + HEAD_MAX);
		reply_write(arena, &visit.request, &answer, out);
		/* A client that is gone is told nothing; its change, if any, stays made. */
		FCGX_PutStr(out->data, (int)out->len, fcgx->out);
		/* Whatever happens from here on, nobody waits for the rest of an answer. */
		FCGX_FFlush(fcgx->out);
	}
	if ((answer.status >= 500 || visit.is_cut) && is_hung_up(fcgx))
		answer.status = STATUS_ABANDONED;
	visit_log(&visit, &answer, started_ms);
	return !visit.is_cut;
}

static void connection_cut(FCGX_Request *fcgx)
{
	if (send(fcgx->ipcFd, no_record, sizeof(no_record), MSG_NOSIGNAL) < 0)
		log_debug("the connection was closed already", "error", strerror(errno));
	FCGX_Free(fcgx, 1);
}

/* Each request wakes one of the workers that wait for it, not all of them. */
static int listener_watch(void)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLEXCLUSIVE};
	int watch = epoll_create1(EPOLL_CLOEXEC);

	if (watch < 0 || epoll_ctl(watch, EPOLL_CTL_ADD, LISTENER, &event) != 0) {
		log_error("cannot watch the socket", "error", strerror(errno));
		exit(EXIT_FAILURE);
	}
	return watch;
}

static void serve_until_stopped(struct web *web)
{
	struct arena *arena = arena_new();
	struct epoll_event event;
	FCGX_Request fcgx;
	sigset_t waiting;
	int watch = listener_watch();

	if (FCGX_Init() != 0 || FCGX_InitRequest(&fcgx, LISTENER, 0) != 0) {
		log_error("cannot start FastCGI");
		exit(EXIT_FAILURE);
	}
	signals_set(&waiting);
	while (!is_told_to_stop) {
		if (epoll_pwait(watch, &event, 1, -1, &waiting) < 0 && errno != EINTR) {
			log_error("waiting failed", "error", strerror(errno));
			break;
		}
		/* Another worker may have been quicker: then there is nothing to accept. */
		if (is_told_to_stop || FCGX_Accept_r(&fcgx) < 0)
			continue;
		if (visit_serve(web, arena, &fcgx))
			FCGX_Finish_r(&fcgx);
		else
			connection_cut(&fcgx);
		download_fd = -1;
		arena_reset(arena);
	}
	FCGX_Free(&fcgx, 1);
	close(watch);
	arena_free(arena);
}

/* Nothing is connected yet. */
static const struct err *database_new(struct arena *arena, const struct conf *conf,
    struct db **db)
{
	struct db_options options = {.application = "promptbuilder-web",
	    .role = "promptbuilder_web", .pooled = conf_bool(conf, "DATABASE_POOLED")};
	const struct err *err = conf_database_url(arena, conf, &options.url);

	if (err == NULL)
		*db = db_new(&options);
	return err;
}

/* The arena is left: the error's sentence lives there. */
const struct err *front_check(const struct conf *conf)
{
	struct ctx ctx = {.arena = arena_new(), .conf = conf};
	const struct err *err = database_new(ctx.arena, conf, &ctx.db);

	if (err != NULL)
		return err;
	err = session_safe(&ctx);
	db_close(ctx.db);
	return err != NULL && err->kind == ERR_DENIED ? err : NULL;
}

/* The connection to the database is made here, in the worker: none is ever inherited. */
const struct err *front_run(const struct conf *conf)
{
	struct arena *arena = arena_new();
	struct web web = {.conf = conf,
	    .is_simulated = conf_bool(conf, "PROMPTBUILDER_SIMULATED")};
	const struct err *err = database_new(arena, conf, &web.db);

	if (err != NULL)
		return err;
	web.templates = arena_printf(arena, "%s/templates",
	    conf_text(conf, "PROMPTBUILDER_DATA_DIR"));
	web.cache = cache_new();
	/* What one page gives back, the next one takes: the system need not see it in between. */
	mallopt(M_TRIM_THRESHOLD, HEAP_KEPT);
	mallopt(M_MMAP_THRESHOLD, HEAP_KEPT);
	view_use_markdown(markdown_html);
	serve_until_stopped(&web);
	cache_free(web.cache);
	db_close(web.db);
	arena_free(arena);
	return NULL;
}
