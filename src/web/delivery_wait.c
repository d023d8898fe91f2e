/* delivery_wait.c: requests that wait for a deployment while their worker goes on with others, and
 * the connection that tells of deployments. */
#include "web/delivery.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "web/seat.h"

#define CHANNEL "promptbuilder_deployments"
#define POLL_MS 1000      /* who waits is looked at so often while there are no notifications */
#define HOUR_MS (3600 * 1000)
#define BATCH 16          /* answers in turn before other requests are looked at */
#define LATER_S 5         /* when whoever found no room may ask again */

struct delivery *delivery_new(struct web *web, int watch)
{
	struct delivery *delivery = calloc(1, sizeof(*delivery));
	const struct conf *conf = web->conf;

	if (delivery == NULL)
		arena_out_of_memory(sizeof(*delivery));
	delivery->web = web;
	delivery->watch = watch;
	delivery->era = 1;
	delivery->folder = conf_text(conf, "PROMPTBUILDER_CACHE_DIR");
	delivery->stale_ms = conf_int(conf, "PROMPTBUILDER_STALE_MS");
	delivery->waiting_max = (size_t)conf_int(conf, "PROMPTBUILDER_WAITING");
	delivery->waiting = calloc(delivery->waiting_max + 1, sizeof(*delivery->waiting));
	if (delivery->waiting == NULL)
		arena_out_of_memory(delivery->waiting_max);
	delivery_file_sweep(delivery, NULL);
	delivery->swept_ms = clock_ms();
	return delivery;
}

static bool concerns(const struct seat *seat, const char *id)
{
	const struct delivery_want *want = seat->visit.want;

	return id == NULL || text_equal(id, want->assistant_id) ||
	    text_equal(id, want->account_id) || text_equal(id, want->token_id);
}

/* db_hear. */
static void heard(void *arg, const char *id)
{
	struct delivery *delivery = arg;

	delivery_heard(delivery, id);
	for (size_t i = 0; i < delivery->waiting_count; i++)
		delivery->waiting[i]->is_due |= concerns(delivery->waiting[i], id);
}

/* Nobody pays for a connection that nobody has asked for. What has come is taken in at once: a
 * request never gets what was known to be old when it came. */
void delivery_listen(struct delivery *delivery)
{
	if (!delivery->is_begun) {
		delivery->is_begun = true;
		delivery->listener = delivery->web->listener;
		db_listen(delivery->listener, CHANNEL);
		db_listen_hear(delivery->listener, heard, delivery);
	}
	db_listen_step(delivery->listener);
}

/* The connection may be another one with each step, and so may its descriptor. */
static void listener_watch(struct delivery *delivery)
{
	struct epoll_event event = {.data.ptr = delivery};
	short events = 0;
	int fd = db_fd(delivery->listener, &events);

	if (fd < 0)
		return;
	event.events = (uint32_t)events;
	if (epoll_ctl(delivery->watch, EPOLL_CTL_MOD, fd, &event) != 0 && errno == ENOENT &&
	    epoll_ctl(delivery->watch, EPOLL_CTL_ADD, fd, &event) != 0)
		log_warn("cannot watch for notifications", "error", "epoll_ctl");
}

static void seat_remove(struct delivery *delivery, struct seat *seat)
{
	struct seat *last = delivery->waiting[--delivery->waiting_count];

	delivery->waiting[seat->place] = last;
	last->place = seat->place;
	epoll_ctl(delivery->watch, EPOLL_CTL_DEL, seat->fcgx.ipcFd, NULL);
}

bool delivery_park(struct delivery *delivery, struct seat *seat)
{
	struct epoll_event event = {.events = EPOLLRDHUP, .data.ptr = seat};
	int64_t wait_ms;

	if (!delivery_may_wait(&seat->visit))
		return false;
	if (delivery->waiting_count >= delivery->waiting_max ||
	    epoll_ctl(delivery->watch, EPOLL_CTL_ADD, seat->fcgx.ipcFd, &event) != 0) {
		seat->answer.retry_after_s = LATER_S;
		return false;
	}
	wait_ms = seat->visit.want->wait_ms;
	seat->until_ms = clock_ms() + wait_ms;
	seat->is_due = false;
	seat->place = delivery->waiting_count;
	delivery->waiting[delivery->waiting_count++] = seat;
	return true;
}

void delivery_gone(struct delivery *delivery, struct seat *seat)
{
	seat_remove(delivery, seat);
	seat_leave(seat);
}

/* Looks again; answers where that is another one now, or nothing is left to wait for. */
static void seat_look(struct delivery *delivery, struct seat *seat, int64_t slack_ms, bool is_last)
{
	struct visit *visit = &seat->visit;
	const struct problem *problem;

	seat->is_due = false;
	visit->want->slack_ms = slack_ms;
	problem = delivery_look(visit, &seat->answer);
	if (problem == NULL && visit->want->is_same && !is_last)
		return;
	seat_remove(delivery, seat);
	if (problem != NULL)
		render_problem(visit, problem, &seat->answer);
	seat_answer(seat);
}

/* Without notifications, and after the database could not be asked about one. */
static bool is_polling(const struct delivery *delivery)
{
	return delivery->waiting_count > 0 &&
	    (delivery->away_until_ms != 0 || !db_is_listening(delivery->listener));
}

static void poll_begin(struct delivery *delivery, int64_t now_ms)
{
	if (!is_polling(delivery) || now_ms < delivery->poll_at_ms)
		return;
	delivery->poll_at_ms = now_ms + POLL_MS;
	for (size_t i = 0; i < delivery->waiting_count; i++)
		delivery->waiting[i]->is_due = true;
}

void delivery_step(struct delivery *delivery)
{
	int64_t now_ms = clock_ms();
	int done = 0;

	if (now_ms >= delivery->swept_ms + HOUR_MS) {
		delivery->swept_ms = now_ms;
		delivery_file_sweep(delivery, NULL);
	}
	if (!delivery->is_begun)
		return;
	db_listen_step(delivery->listener);
	poll_begin(delivery, now_ms);
	for (size_t i = delivery->waiting_count; i > 0 && done < BATCH; i--) {
		struct seat *seat = delivery->waiting[i - 1];
		bool is_last = now_ms >= seat->until_ms;

		if (!seat->is_due && !is_last)
			continue;
		seat_look(delivery, seat, is_polling(delivery) ? POLL_MS : 0, is_last);
		done++;
	}
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

int delivery_wait_ms(struct delivery *delivery)
{
	int64_t now_ms = clock_ms();
	int64_t wait_ms;

	if (!delivery->is_begun)
		return -1;
	listener_watch(delivery);
	wait_ms = db_wait_ms(delivery->listener);
	if (is_polling(delivery))
		wait_ms = earlier(wait_ms, delivery->poll_at_ms > now_ms ?
		    delivery->poll_at_ms - now_ms : 0);
	for (size_t i = 0; i < delivery->waiting_count; i++) {
		const struct seat *seat = delivery->waiting[i];

		if (seat->is_due || seat->until_ms <= now_ms)
			return 0;
		wait_ms = earlier(wait_ms, seat->until_ms - now_ms);
	}
	return (int)wait_ms;
}

void delivery_free(struct delivery *delivery)
{
	while (delivery->waiting_count > 0)
		seat_look(delivery, delivery->waiting[0], POLL_MS, true);
	for (size_t i = 0; i < DELIVERY_ENTRIES; i++)
		arena_free(delivery->entries[i].arena);
	for (size_t i = 0; i < DELIVERY_GRANTS; i++)
		arena_free(delivery->grants[i].arena);
	free(delivery->waiting);
	free(delivery);
}
