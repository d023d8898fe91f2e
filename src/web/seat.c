/* seat.c: requests of FastCGI from acceptance to end: the answer, the line in the log. */
#include "web/seat.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

#define HEAD_MAX (64u << 10)
#define PIECE_SHOWN_MAX 32 /* the shortest token of 128 bits is as long; so is no id of a run */
#define PIECE_BEGINNING 4
#define STATUS_ABANDONED 499 /* in the log only, as nginx calls it */

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

/* What has been answered, in one go. */
static void seat_write(struct seat *seat)
{
	struct buf *out = buf_new(seat->arena, PAGE_MAX + HEAD_MAX);

	reply_write(seat->arena, &seat->visit.request, &seat->answer, out);
	/* A client that is gone is told nothing; its change, if any, stays made. */
	FCGX_PutStr(out->data, (int)out->len, seat->fcgx.out);
	/* Whatever happens from here on, nobody waits for the rest of an answer. */
	FCGX_FFlush(seat->fcgx.out);
}

static void seat_log(struct seat *seat)
{
	if ((seat->answer.status >= 500 || seat->visit.is_cut) && is_hung_up(&seat->fcgx))
		seat->answer.status = STATUS_ABANDONED;
	visit_log(&seat->visit, &seat->answer, seat->started_ms);
}

bool seat_cut_short(int fd)
{
	static const char no_record[8] = {0};

	return send(fd, no_record, sizeof(no_record), MSG_NOSIGNAL) >= 0;
}

static void connection_cut(FCGX_Request *fcgx)
{
	if (!seat_cut_short(fcgx->ipcFd))
		log_debug("the connection was closed already", "error", strerror(errno));
	FCGX_Free(fcgx, 1);
}

/* Seats that nobody has, for the next requests. */
static struct seat *seats_free;

struct seat *seat_take(void)
{
	struct seat *seat = seats_free;

	if (seat != NULL) {
		seats_free = seat->next;
		return seat;
	}
	seat = calloc(1, sizeof(*seat));
	if (seat == NULL)
		arena_out_of_memory(sizeof(*seat));
	seat->arena = arena_new();
	if (FCGX_InitRequest(&seat->fcgx, LISTENER, 0) != 0) {
		log_error("cannot start FastCGI");
		exit(EXIT_FAILURE);
	}
	return seat;
}

void seat_give(struct seat *seat)
{
	arena_reset(seat->arena);
	seat->next = seats_free;
	seats_free = seat;
}

void seats_end(void)
{
	while (seats_free != NULL) {
		struct seat *seat = seats_free;

		seats_free = seat->next;
		FCGX_Free(&seat->fcgx, 1);
		arena_free(seat->arena);
		free(seat);
	}
}

void seat_answer(struct seat *seat)
{
	if (!download_is_open(&seat->visit))
		seat_write(seat);
	seat_log(seat);
	if (seat->visit.is_cut)
		connection_cut(&seat->fcgx);
	else
		FCGX_Finish_r(&seat->fcgx);
	seat_give(seat);
}

void seat_leave(struct seat *seat)
{
	seat->answer = (struct answer){.status = STATUS_ABANDONED};
	visit_log(&seat->visit, &seat->answer, seat->started_ms);
	FCGX_Free(&seat->fcgx, 1);
	seat_give(seat);
}

void seat_drop(struct seat *seat)
{
	seat_log(seat);
	FCGX_Finish_r(&seat->fcgx);
	seat_give(seat);
}
