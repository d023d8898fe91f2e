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

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "model/session.h"
#include "view/view.h"
#include "web/seat.h"

#define HEAP_KEPT (4 << 20)
#define EVENTS 16
#define APPLICATION "promptbuilder-web"

static volatile sig_atomic_t is_told_to_stop;
static volatile sig_atomic_t download_fd = -1; /* where a list goes while it is read; -1: nowhere */

static void on_stop(int signal_number)
{
	is_told_to_stop = 1;
}

/* Out of memory in the middle of a list: what the client has got is not all of it. */
static void on_abort(int signal_number)
{
	if (download_fd >= 0)
		seat_cut_short(download_fd);
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

const struct problem *visit_safe(struct visit *visit)
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

/* It finds out by itself who asks, mostly without the database. */
static bool is_prompt(const struct visit *visit)
{
	return visit->row != NULL && (visit->row->flags & ROUTE_KEPT) != 0;
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
	if (problem == NULL && !is_prompt(visit))
		problem = visit_safe(visit);
	if (problem != NULL)
		return problem;
	if (!body_read(arena, fcgx->in, request->content_len, &body)) {
		*is_gone = true;
		return problem_new(arena, 400, "The body ended early.");
	}
	if (is_prompt(visit))
		return NULL;
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

/* Finds the answer, unless the client goes away before it has said what it wants. */
static bool seat_work(struct web *web, struct seat *seat)
{
	struct visit *visit = &seat->visit;
	struct arena *arena = seat->arena;
	const struct problem *problem;
	bool is_gone = false;

	*visit = (struct visit){
		.web = web,
		.ctx = {.arena = arena, .db = web->db, .conf = web->conf},
		.reply = {.doc = doc_object(arena), .page = doc_object(arena)},
	};
	seat->answer = (struct answer){.status = 400};
	seat->started_ms = clock_ms();
	problem = visit_enter(visit, &seat->fcgx, &is_gone);
	if (is_gone)
		return false;
	if (problem == NULL && is_prompt(visit)) {
		problem = prompt_visit(visit, &seat->answer);
		if (problem == NULL)
			return true;
	}
	if (problem != NULL || !cache_find(web->cache, visit, &seat->answer))
		visit_answer(visit, problem, &seat->answer);
	return true;
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

/* One request; it may keep its seat for a while. */
static void seat_serve(struct web *web)
{
	struct seat *seat = seat_take();

	/* Another worker may have been quicker: then there is nothing to accept. */
	if (FCGX_Accept_r(&seat->fcgx) < 0)
		seat_give(seat);
	else if (!seat_work(web, seat))
		seat_drop(seat);
	else if (!prompt_park(web->served, seat))
		seat_answer(seat);
	download_fd = -1;
}

static void serve_until_stopped(struct web *web, int watch)
{
	struct epoll_event events[EVENTS];
	sigset_t waiting;

	if (FCGX_Init() != 0) {
		log_error("cannot start FastCGI");
		exit(EXIT_FAILURE);
	}
	signals_set(&waiting);
	while (!is_told_to_stop) {
		int count = epoll_pwait(watch, events, EVENTS, prompt_wait_ms(web->served),
		    &waiting);
		bool has_come = false;

		if (count < 0 && errno != EINTR) {
			log_error("waiting failed", "error", strerror(errno));
			break;
		}
		for (int i = 0; i < count; i++) {
			if (events[i].data.ptr == NULL)
				has_come = true;
			else if (events[i].data.ptr != web->served)
				prompt_gone(web->served, events[i].data.ptr);
		}
		prompt_step(web->served);
		if (has_come && !is_told_to_stop)
			seat_serve(web);
	}
}

/* Nothing is connected yet. */
static const struct err *database_new(struct arena *arena, const struct conf *conf,
    const char *application, struct db **db)
{
	struct db_options options = {.application = application,
	    .role = "promptbuilder_web", .pooled = conf_bool(conf, "DATABASE_POOLED")};
	const struct err *err = conf_database_url(arena, conf, &options.url);

	if (err == NULL)
		*db = db_new(&options);
	return err;
}

/* With an error the arena is left: its sentence lives there. */
const struct err *front_check(const struct conf *conf)
{
	struct ctx ctx = {.arena = arena_new(), .conf = conf};
	const struct err *err = database_new(ctx.arena, conf, APPLICATION, &ctx.db);

	if (err != NULL)
		return err;
	err = session_safe(&ctx);
	db_close(ctx.db);
	if (err != NULL && err->kind == ERR_DENIED)
		return err;
	arena_free(ctx.arena);
	return NULL;
}

/* The connection to the database is made here, in the worker: none is ever inherited. */
const struct err *front_run(const struct conf *conf)
{
	struct arena *arena = arena_new();
	struct web web = {.conf = conf,
	    .is_simulated = conf_bool(conf, "PROMPTBUILDER_SIMULATED")};
	const struct err *err = database_new(arena, conf, APPLICATION, &web.db);
	int watch = listener_watch();

	if (err == NULL)
		err = database_new(arena, conf, APPLICATION "-listener", &web.listener);
	if (err != NULL)
		return err;
	web.templates = arena_printf(arena, "%s/templates",
	    conf_text(conf, "PROMPTBUILDER_DATA_DIR"));
	web.cache = cache_new();
	web.served = prompt_new(&web, watch);
	/* What one page gives back, the next one takes: the system need not see it in between. */
	mallopt(M_TRIM_THRESHOLD, HEAP_KEPT);
	mallopt(M_MMAP_THRESHOLD, HEAP_KEPT);
	view_use_markdown(markdown_html);
	serve_until_stopped(&web, watch);
	prompt_free(web.served);
	seats_end();
	cache_free(web.cache);
	db_close(web.listener);
	db_close(web.db);
	close(watch);
	arena_free(arena);
	return NULL;
}
