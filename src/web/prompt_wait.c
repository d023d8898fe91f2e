/* prompt_wait.c: requests that wait for a deployment while their worker goes on with others, and
 * the connection that tells of deployments. */
#include "web/prompt.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "web/seat.h"

#define CHANNEL "promptbuilder_deployments"
#define POLL_MS 1000      /* who waits is looked at so often while there are no notifications */
#define BATCH 16          /* answers in turn before other requests are looked at */
#define LATER_S 5         /* when whoever found no room may ask again */

struct served *prompt_new(struct web *web, int watch)
{
	struct served *served = calloc(1, sizeof(*served));
	const struct conf *conf = web->conf;

	if (served == NULL)
		arena_out_of_memory(sizeof(*served));
	served->web = web;
	served->watch = watch;
	served->era = 1;
	served->folder = conf_text(conf, "PROMPTBUILDER_CACHE_DIR");
	served->stale_ms = conf_int(conf, "PROMPTBUILDER_STALE_MS");
	served->waiting_max = (size_t)conf_int(conf, "PROMPTBUILDER_WAITING");
	served->waiting = calloc(served->waiting_max + 1, sizeof(*served->waiting));
	if (served->waiting == NULL)
		arena_out_of_memory(served->waiting_max);
	prompt_file_sweep(served, NULL);
	served->swept_ms = clock_ms();
	return served;
}

static bool concerns(const struct seat *seat, const char *id)
{
	const struct prompt_want *want = seat->visit.want;

	return id == NULL || text_equal(id, want->assistant_id) ||
	    text_equal(id, want->account_id) || text_equal(id, want->token_id);
}

/* db_hear. */
static void heard(void *arg, const char *id)
{
	struct served *served = arg;

	prompt_heard(served, id);
	for (size_t i = 0; i < served->waiting_count; i++)
		served->waiting[i]->is_due |= concerns(served->waiting[i], id);
}

/* Nobody pays for a connection that nobody has asked for. What has come is taken in at once: a
 * request never gets what was known to be old when it came. */
void prompt_listen(struct served *served)
{
	if (!served->is_begun) {
		served->is_begun = true;
		served->listener = served->web->listener;
		db_listen(served->listener, CHANNEL);
		db_listen_hear(served->listener, heard, served);
	}
	db_listen_step(served->listener);
}

/* The connection may be another one with each step, and so may its descriptor. */
static void listener_watch(struct served *served)
{
	struct epoll_event event = {.data.ptr = served};
	short events = 0;
	int fd = db_fd(served->listener, &events);

	if (fd < 0)
		return;
	event.events = (uint32_t)events;
	if (epoll_ctl(served->watch, EPOLL_CTL_MOD, fd, &event) != 0 && errno == ENOENT &&
	    epoll_ctl(served->watch, EPOLL_CTL_ADD, fd, &event) != 0)
		log_warn("cannot watch for notifications", "error", "epoll_ctl");
}

static void seat_remove(struct served *served, struct seat *seat)
{
	struct seat *last = served->waiting[--served->waiting_count];

	served->waiting[seat->place] = last;
	last->place = seat->place;
	epoll_ctl(served->watch, EPOLL_CTL_DEL, seat->fcgx.ipcFd, NULL);
}

bool prompt_park(struct served *served, struct seat *seat)
{
	struct epoll_event event = {.events = EPOLLRDHUP, .data.ptr = seat};
	int64_t wait_ms;

	if (!prompt_may_wait(&seat->visit))
		return false;
	if (served->waiting_count >= served->waiting_max ||
	    epoll_ctl(served->watch, EPOLL_CTL_ADD, seat->fcgx.ipcFd, &event) != 0) {
		seat->answer.retry_after_s = LATER_S;
		return false;
	}
	wait_ms = seat->visit.want->wait_ms;
	seat->until_ms = clock_ms() + wait_ms;
	seat->is_due = false;
	seat->place = served->waiting_count;
	served->waiting[served->waiting_count++] = seat;
	return true;
}

void prompt_gone(struct served *served, struct seat *seat)
{
	seat_remove(served, seat);
	seat_leave(seat);
}

/* Looks again; answers where that is another one now, or nothing is left to wait for. */
static void seat_look(struct served *served, struct seat *seat, int64_t slack_ms, bool is_last)
{
	struct visit *visit = &seat->visit;
	const struct problem *problem;

	seat->is_due = false;
	visit->want->slack_ms = slack_ms;
	problem = prompt_look(visit, &seat->answer);
	if (problem == NULL && visit->want->is_same && !is_last)
		return;
	seat_remove(served, seat);
	if (problem != NULL)
		render_problem(visit, problem, &seat->answer);
	seat_answer(seat);
}

/* Without notifications, and after the database could not be asked about one. */
static bool is_polling(const struct served *served)
{
	return served->waiting_count > 0 &&
	    (served->away_until_ms != 0 || !db_is_listening(served->listener));
}

static void poll_begin(struct served *served, int64_t now_ms)
{
	if (!is_polling(served) || now_ms < served->poll_at_ms)
		return;
	served->poll_at_ms = now_ms + POLL_MS;
	for (size_t i = 0; i < served->waiting_count; i++)
		served->waiting[i]->is_due = true;
}

void prompt_step(struct served *served)
{
	int64_t now_ms = clock_ms();
	int done = 0;

	if (now_ms >= served->swept_ms + PROMPT_SWEEP_MS) {
		served->swept_ms = now_ms;
		prompt_file_sweep(served, NULL);
	}
	if (!served->is_begun)
		return;
	db_listen_step(served->listener);
	poll_begin(served, now_ms);
	for (size_t i = served->waiting_count; i > 0 && done < BATCH; i--) {
		struct seat *seat = served->waiting[i - 1];
		bool is_last = now_ms >= seat->until_ms;

		if (!seat->is_due && !is_last)
			continue;
		seat_look(served, seat, is_polling(served) ? POLL_MS : 0, is_last);
		done++;
	}
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

int prompt_wait_ms(struct served *served)
{
	int64_t now_ms = clock_ms();
	int64_t wait_ms;

	if (!served->is_begun)
		return -1;
	listener_watch(served);
	wait_ms = db_wait_ms(served->listener);
	if (is_polling(served))
		wait_ms = earlier(wait_ms, served->poll_at_ms > now_ms ?
		    served->poll_at_ms - now_ms : 0);
	for (size_t i = 0; i < served->waiting_count; i++) {
		const struct seat *seat = served->waiting[i];

		if (seat->is_due || seat->until_ms <= now_ms)
			return 0;
		wait_ms = earlier(wait_ms, seat->until_ms - now_ms);
	}
	return (int)wait_ms;
}

void prompt_free(struct served *served)
{
	while (served->waiting_count > 0)
		seat_look(served, served->waiting[0], POLL_MS, true);
	for (size_t i = 0; i < PROMPT_ENTRIES; i++)
		arena_free(served->entries[i].arena);
	for (size_t i = 0; i < PROMPT_GRANTS; i++)
		arena_free(served->grants[i].arena);
	free(served->waiting);
	free(served);
}
